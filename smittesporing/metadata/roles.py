"""Our roles in DHIS2's words: user roles and the authorities its clients ask for.

What a role may do is access/reach.py's; this only translates, so that a client that asks for a
user's roles finds objects behind the identifiers. Called by install.py and the web room.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from smittesporing.access.reach import ACTIONS, ROLE_NAMES
from smittesporing.uid import derived_uid

# DHIS2's authorities by our actions; those without a counterpart stand for nothing in DHIS2.
AUTHORITIES: dict[str, tuple[str, ...]] = {
    "people": ("F_VIEW_EVENT_ANALYTICS", "F_UNCOMPLETE_EVENT", "M_dhis-web-capture"),
    "export": ("M_dhis-web-event-reports",),
    "metadata": ("F_METADATA_IMPORT", "F_METADATA_EXPORT", "M_dhis-web-maintenance"),
    "administer": ("F_USER_VIEW", "F_USER_ADD_WITHIN_MANAGED_GROUP"),
    "ALL": ("ALL",),
}


def role_uid(role: str) -> str:
    """The identifier that one of our roles has as a DHIS2 user role."""
    return derived_uid("ST", "userRoles", role)


def authorities(actions: Iterable[str]) -> list[str]:
    """The DHIS2 authorities that these actions amount to, sorted."""
    return sorted({name for action in actions for name in AUTHORITIES.get(action, ())})


def user_roles() -> list[dict[str, Any]]:
    """Our roles as DHIS2 objects, readable by all who sign in."""
    return [
        {
            "id": role_uid(role),
            "code": f"ST_ROLE_{role.upper()}",
            "name": name[0].upper() + name[1:],
            "authorities": authorities(ACTIONS[role]),
            "sharing": {"public": "r-------"},
        }
        for role, name in ROLE_NAMES.items()
    ]
