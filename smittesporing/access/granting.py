"""Who may make, change and see which users: nobody gives by one door what another door refuses her.

The pages ask users.may_grant for one of our roles in one org unit; here the same question is asked for
what DHIS2's API gives: user roles with authorities, and org units to capture in. Called by
metadata/accounts.py and the users endpoints (decision record 0027).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from smittesporing.access import authorities, users
from smittesporing.access.accounts import Account
from smittesporing.access.org_units import OrgUnits
from smittesporing.access.reach import CLIENT, PEOPLE_ROLES, Reach

NATIONAL_ROLES = ("ks", "fhi", "superuser")


@dataclass(frozen=True)
class Holding:
    """What a user holds, or is to hold: our roles by org unit, and user roles with authorities."""

    roles: frozenset[tuple[str, int]]
    user_roles: frozenset[str]
    authorities: frozenset[str]


def manages_users(reach: Reach) -> bool:
    """Whether she may make users at all, somewhere."""
    return (
        reach.may("administer") or reach.may("agreements") or authorities.holds(reach, "F_USER_ADD")
    )


def sees_users(reach: Reach) -> bool:
    """Whether the list of users is for her; others find colleagues by userLookup."""
    return manages_users(reach) or reach.may("metadata") or authorities.holds(reach, "F_USER_VIEW")


def may_give(reach: Reach, units: OrgUnits, role: str, unit: int) -> bool:
    """Whether she may give one of our roles in that org unit.

    Shape   As on the pages, and by the API also to a bydel or team of her own kommune, which is less.
            To work as a client in a unit is given by its administrator, or by a client who captures
            there herself and has F_USER_ADD.
    """
    if users.may_grant(reach, unit, role):
        return True
    place = units.by_id.get(unit)
    if place is None or role not in (*PEOPLE_ROLES, CLIENT):
        return False
    if reach.may("administer") and reach.working_in in place.ancestors:
        return True
    return role == CLIENT and unit in reach.write and authorities.holds(reach, "F_USER_ADD")


def may_pass_on(reach: Reach, given: Iterable[str]) -> bool:
    """Whether a user role with these authorities is hers to give.

    Shape   An administrator also passes on what the roles she may give amount to.
    """
    local = authorities.stated(("people", "export")) if reach.may("administer") else []
    return authorities.may_pass_on(reach, frozenset(given).difference(local))


def may_hold(reach: Reach, units: OrgUnits, holding: Holding) -> bool:
    """Whether she could give all of it herself; asked before anything of a user is changed.

    Whoever sets a password or wakes an account holds what the account holds.
    """
    return may_pass_on(reach, holding.authorities) and all(
        may_give(reach, units, role, unit) for role, unit in holding.roles
    )


def manages(reach: Reach, units: OrgUnits, account: Account) -> bool:
    """Whether this user is hers to change."""
    if not manages_users(reach):
        return False
    holding = Holding(
        frozenset(account.roles), frozenset(account.user_roles), frozenset(account.authorities)
    )
    mine = (
        account.created_by == reach.user
        or _is_placeless_client(reach, account)
        or any(place in units.by_id and within(reach, units, place) for _, place in account.roles)
    )
    return reach.superuser or (mine and may_hold(reach, units, holding))


def sees(reach: Reach, units: OrgUnits, account: Account) -> bool:
    """Whether this user is on the list of users that she reads.

    Shape   KS and superusers see all; others those of their own kommune or units, those they have
            made, and themselves. A client who makes users and writes configuration also sees clients
            without org units who hold no more than she does.
    """
    if reach.superuser or reach.may("agreements") or account.uid in (reach.user, ""):
        return True
    if account.created_by == reach.user or _is_placeless_client(reach, account):
        return True
    return any(within(reach, units, place) for _, place in account.roles)


def _is_placeless_client(reach: Reach, account: Account) -> bool:
    # Groups open configuration, so who has such an account's password must write it anyway.
    return (
        not account.roles
        and authorities.holds(reach, "F_USER_ADD")
        and reach.may("metadata")
        and may_pass_on(reach, account.authorities)
    )


def within(reach: Reach, units: OrgUnits, unit: int) -> bool:
    """Whether the org unit is within what she administers or captures in."""
    place = units.by_id.get(unit)
    if place is None:
        return False
    if reach.superuser or reach.may("agreements"):
        return True
    if reach.may("administer"):
        return reach.working_in in place.ancestors
    return unit in reach.write
