"""Our actions in DHIS2's authorities, and who may hand on which.

What a role may do is reach.py's; a route asks for an action or for an authority by its own name. Called
by granting.py, by metadata/roles.py and by the API.
"""

from collections.abc import Iterable

from smittesporing.access.reach import ACTIONS, CLIENT, Reach

# DHIS2's authorities by our actions; those without a counterpart stand for nothing in DHIS2.
AUTHORITIES: dict[str, tuple[str, ...]] = {
    "people": ("F_VIEW_EVENT_ANALYTICS", "F_UNCOMPLETE_EVENT", "M_dhis-web-capture"),
    "export": ("M_dhis-web-event-reports",),
    "metadata": (
        *("F_METADATA_IMPORT", "F_METADATA_EXPORT", "F_METADATA_MANAGE", "F_SYSTEM_SETTING"),
        *("M_dhis-web-maintenance", "M_dhis-web-settings", "M_dhis-web-app-management"),
        *("M_dhis-web-datastore", "M_dhis-web-user"),
    ),
    "agreements": ("F_USER_VIEW", "F_USER_ADD_WITHIN_MANAGED_GROUP", "M_dhis-web-user"),
    "administer": (
        *("F_USER_VIEW", "F_USER_ADD_WITHIN_MANAGED_GROUP", "M_dhis-web-user"),
        *("F_ORGANISATIONUNIT_ADD", "F_ORGANISATIONUNIT_DELETE", "F_ORGANISATIONUNIT_MOVE"),
        *("F_ORGANISATION_UNIT_SPLIT", "F_ORGANISATION_UNIT_MERGE"),
    ),
    "ALL": ("ALL",),
}
_ACTIONS = frozenset().union(*ACTIONS.values()) - {"ALL"}
# Whoever may write configuration may let others write the same kinds of it, never users or org units.
_OF_KINDS = ("_PUBLIC_ADD", "_PRIVATE_ADD", "_EXTERNAL", "_ADD", "_DELETE", "_MANAGEMENT")
_NOT_KINDS = ("F_USER", "F_ORGANISATION", "F_TEI", "F_ENROLLMENT", "F_TRACKED_ENTITY_MERGE")


def stated(held: Iterable[str]) -> list[str]:
    """The DHIS2 authorities that these actions and authorities amount to, sorted."""
    held = frozenset(held)
    named = {name for action in held for name in AUTHORITIES.get(action, ())}
    return sorted(named | {name for name in held - _ACTIONS if name})


def of(reach: Reach) -> list[str]:
    """Her DHIS2 authorities. A client has those of her user roles and no more."""
    return stated(reach.authorities - _ACTIONS if reach.role == CLIENT else reach.authorities)


def holds(reach: Reach, *any_of: str) -> bool:
    """Whether she has one of the authorities, by a user role or by what her own role amounts to."""
    return reach.superuser or not frozenset(of(reach)).isdisjoint(any_of)


def may_pass_on(reach: Reach, authorities: Iterable[str]) -> bool:
    """Whether she holds all of these, so that a user role with them raises nobody above her.

    Shape   Authorities for DHIS2's own apps (`M_…`) open nothing here and are anybody's to give.
    """
    if reach.superuser:
        return True
    held = frozenset(of(reach))
    return all(
        not name
        or name in held
        or name.startswith("M_")
        or (reach.may("metadata") and name.endswith(_OF_KINDS) and not name.startswith(_NOT_KINDS))
        for name in authorities
    )
