"""Who may see and change a piece of configuration, and the data collected with it.

DHIS2 writes this as strings of eight characters: `rw` for the object, `rw` for the data, four
unused. Says nothing about which people's records are within reach: that is access/reach.py.
Called by the views, by store.py and by the web room.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

ACCESS_LENGTH = 8
# What of `sharing`, and of the older lists, says who may do what.
_SAYS_WHO = ("public", "users", "userGroups")
_SAID_WHO = ("publicAccess", "userAccesses", "userGroupAccesses")
PRIVATE = "--------"
PUBLIC_METADATA = "rw------"


class Viewer(Protocol):
    """What sharing needs to know of a user; access.reach.Reach is one."""

    @property
    def user(self) -> str: ...
    @property
    def authorities(self) -> frozenset[str]: ...
    @property
    def groups(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Sharing:
    """The access strings of one object: for everyone, for named users and for user groups."""

    public: str
    owner: str | None
    users: Mapping[str, str]
    groups: Mapping[str, str]

    @staticmethod
    def stated_in(body: Mapping[str, Any]) -> bool:
        """Whether the object says who may do what: everybody, or a user or group alone."""
        stated = body.get("sharing")
        new = isinstance(stated, Mapping) and any(stated.get(name) for name in _SAYS_WHO)
        return new or any(body.get(name) for name in _SAID_WHO)

    def _grants(self, viewer: Viewer, place: int, letter: str) -> bool:
        if "ALL" in viewer.authorities:
            return True
        if self.public[place : place + 1] == letter:
            return True
        own = self.users.get(viewer.user, "")
        if own[place : place + 1] == letter:
            return True
        return any(
            self.groups.get(group, "")[place : place + 1] == letter for group in viewer.groups
        )

    def _owns(self, viewer: Viewer) -> bool:
        return self.owner is not None and self.owner == viewer.user

    def reads(self, viewer: Viewer) -> bool:
        """May the viewer see the object itself?"""
        return self._owns(viewer) or self._grants(viewer, 0, "r")

    def changes(self, viewer: Viewer) -> bool:
        """May the viewer change the object itself (her authorities are asked apart)?"""
        return self._owns(viewer) or self._grants(viewer, 1, "w")

    def data_read(self, viewer: Viewer) -> bool:
        """May the viewer read data collected with the object?"""
        return self._grants(viewer, 2, "r") or self._grants(viewer, 3, "w")

    def data_write(self, viewer: Viewer) -> bool:
        """May the viewer write data with the object?"""
        return self._grants(viewer, 3, "w")


OPEN = Sharing(public="rwrw----", owner=None, users={}, groups={})


def sharing(body: Mapping[str, Any]) -> Sharing:
    """The sharing a DHIS2 object carries.

    Shape   `sharing` wins over the legacy `publicAccess`, `userAccesses`, `userGroupAccesses`.
    Missing An object with neither is private to its owner and to those with ALL.
    """
    stated = body.get("sharing")
    if isinstance(stated, Mapping) and any(stated.get(name) for name in _SAYS_WHO):
        return Sharing(
            public=str(stated.get("public") or body.get("publicAccess") or PRIVATE),
            owner=stated.get("owner"),
            users=_access_by_id(stated.get("users")),
            groups=_access_by_id(stated.get("userGroups")),
        )
    owner = stated.get("owner") if isinstance(stated, Mapping) else None
    return Sharing(
        public=str(body.get("publicAccess") or PRIVATE),
        owner=owner or _id(body.get("user") or body.get("createdBy")),
        users=_access_by_id(body.get("userAccesses")),
        groups=_access_by_id(body.get("userGroupAccesses")),
    )


def is_access(access: str) -> bool:
    """Whether the text is an access string: rw for the object, rw for its data, four unused."""
    places = zip(access, "rwrw----", strict=False)
    return len(access) == ACCESS_LENGTH and all(sign in ("-", letter) for sign, letter in places)


def without_data(access: str) -> str:
    """The access string without the part about data."""
    return f"{access[:2]}--{access[4:]}"


def as_json(given: Sharing) -> dict[str, Any]:
    """The `sharing` object that DHIS2 2.36 and later read and write."""
    return {
        "owner": given.owner,
        "external": False,
        "public": given.public,
        "users": {uid: {"id": uid, "access": access} for uid, access in given.users.items()},
        "userGroups": {uid: {"id": uid, "access": access} for uid, access in given.groups.items()},
    }


def _id(value: Any) -> str | None:
    return value.get("id") if isinstance(value, Mapping) else None


def _access_by_id(value: Any) -> dict[str, str]:
    if isinstance(value, Mapping):
        return {
            str(uid): str(entry.get("access", "")) if isinstance(entry, Mapping) else str(entry)
            for uid, entry in value.items()
        }
    if isinstance(value, list):
        return {
            str(entry.get("id") or entry.get("userUid") or entry.get("userGroupUid")): str(
                entry.get("access", "")
            )
            for entry in value
            if isinstance(entry, Mapping)
        }
    return {}
