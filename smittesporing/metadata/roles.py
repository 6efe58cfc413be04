"""Our roles in DHIS2's words: user roles and the authorities its clients ask for.

What a role may do is access/reach.py's; this only translates, so that a client that asks for a
user's roles finds objects behind the identifiers. Called by install.py, exchange.py, accounts.py and
the web room.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smittesporing.access.authorities import may_pass_on, stated
from smittesporing.access.reach import ACTIONS, CLIENT, ROLE_NAMES, Reach
from smittesporing.metadata.report import Refusal
from smittesporing.uid import derived_uid

SHIPPED = "ST_ROLE_"


def role_uid(role: str) -> str:
    """The identifier that one of our roles has as a DHIS2 user role."""
    return derived_uid("ST", "userRoles", role)


def ours(uid: str) -> str | None:
    """Which of our roles the user role stands for; None for a user role of DHIS2's own kind."""
    return _BY_UID.get(uid)


def user_roles() -> list[dict[str, Any]]:
    """Our roles as DHIS2 objects, readable by all who sign in."""
    return [
        {
            "id": role_uid(role),
            "code": f"{SHIPPED}{role.upper()}",
            "name": name[0].upper() + name[1:],
            "authorities": stated(ACTIONS[role]),
            "sharing": {"public": "r-------"},
        }
        for role, name in ROLE_NAMES.items()
        if role != CLIENT
    ]


def settle(body: Mapping[str, Any], known: Mapping[str, Any] | None, reach: Reach) -> list[Refusal]:
    """Why she may not write this user role: it is one of ours, or gives more than she holds.

    Shape   Both what the role carried and what it is to carry must be hers to pass on, as changing a
            role changes everybody who has it.
    """
    role = ours(str(body.get("id")))
    if role is not None:
        same = sorted(body.get("authorities") or ()) == stated(ACTIONS[role])
        return [] if same else [Refusal("E3001", (reach.username, str(body.get("id"))))]
    listed = [*(body.get("authorities") or ()), *((known or {}).get("authorities") or ())]
    if not may_pass_on(reach, [str(each) for each in listed]):
        return [Refusal("E3032", (reach.username, str(body.get("id"))), "authorities")]
    return []


_BY_UID = {role_uid(role): role for role in ROLE_NAMES if role != CLIENT}
