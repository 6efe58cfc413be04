"""Metadata objects as the API shows them: references followed, access and display names computed.

Answers the questions that `fields` and `filter` ask (metadata.fields.World) for one user and one
snapshot. Writes nothing. Called by collections.py, metadata.py and system.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from smittesporing.access.reach import Reach
from smittesporing.metadata import exchange
from smittesporing.metadata.fields import MISSING
from smittesporing.metadata.filters import Refusal
from smittesporing.metadata.kinds import (
    COMMON_PROPERTIES,
    DEFAULT_UIDS,
    EMBEDDED,
    INVERSES,
    KINDS,
    Kind,
    kind_pointed_at,
)
from smittesporing.metadata.sharing import Sharing, sharing
from smittesporing.metadata.snapshot import Body, Metadata
from smittesporing.uid import is_uid

IDENTIFIABLE = ("id", "name", "code", "created", "lastUpdated", "lastUpdatedBy")
NAMEABLE = (*IDENTIFIABLE, "shortName", "description")
_COMPUTED_ON_ALL = (
    *("displayName", "access", "href", "favorite", "favorites", "translations"),
    *("attributeValues", "user"),
)
# Below these names nothing is a reference, whatever it is called.
_PLAIN = frozenset(("sharing", "access", "style", "geometry", "translations", "settings", "plain"))
_INVERSE = {
    plural: frozenset(each.collection for each in INVERSES if each.parent == plural)
    for plural in KINDS
}
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


class MetadataWorld:
    """All metadata as one user sees it.

    Shape   users gives accounts by uid; locale is the language of display names, None for the
            language they were written in; everything else comes from the snapshot.
    """

    def __init__(
        self,
        metadata: Metadata,
        reach: Reach,
        base_url: str,
        users: Callable[[], Mapping[str, Body]],
        locale: str | None = None,
    ) -> None:
        self.metadata = metadata
        self.reach = reach
        self.base_url = base_url
        self.users = users
        self.locale = locale

    def objects(self, kind: Kind) -> Iterable[Body]:
        """The objects of the kind that the user may see."""
        accounts = self.users() if kind.plural == "users" else {}
        found = {**self.metadata.of(kind.plural), **accounts}
        if not kind.shareable or self.reach.superuser:
            return list(found.values())
        return [body for body in found.values() if sharing(body).reads(self.reach)]

    def one(self, kind: Kind, uid: str) -> Body | None:
        """The object, or None when it is not there or not for this user to see."""
        body = self.metadata.get(kind.plural, uid)
        if body is None and kind.plural == "users":
            body = self.users().get(uid)
        if body is None or not kind.shareable or self.reach.superuser:
            return body
        return body if sharing(body).reads(self.reach) else None

    def knows(self, kind: Kind, path: tuple[str, ...]) -> bool:
        """Whether the path names something that objects of the kind can have."""
        head, rest = path[0], path[1:]
        known = (
            head in COMMON_PROPERTIES
            or head in kind.properties
            or head in ("identifiable", "publicAccess")
            or is_uid(head)
            or (head.startswith("display") and len(head) > 7)
            or any(head in body for body in self.metadata.of(kind.plural).values())
        )
        if not known or not rest:
            return known
        below = KINDS.get(self.below(kind.plural, head))
        return below is None or self.knows(below, rest)

    def check_path(self, kind: Kind, path: tuple[str, ...]) -> None:
        """Errors  `filters.Refusal` when the path names nothing of the kind."""
        if not self.knows(kind, path):
            raise Refusal(f"Unknown path property: {'.'.join(path)}")

    def preset(self, kind: str, name: str, body: Mapping[str, Any]) -> Iterable[str]:
        if name == "identifiable":
            return IDENTIFIABLE
        if name == "nameable":
            return NAMEABLE
        if name in ("owner", "persisted"):
            owned = KINDS[kind].owner if kind in KINDS else frozenset()
            return [each for each in body if each not in _INVERSE.get(kind, ()) or each in owned]
        every = dict.fromkeys(body)
        if kind in KINDS:
            every |= dict.fromkeys(_COMPUTED_ON_ALL)
            for base in ("shortName", "description", "formName"):
                if base in body or base in KINDS[kind].properties:
                    every[f"display{base[0].upper()}{base[1:]}"] = None
        if name == "simple":
            return [each for each in every if self._is_simple(kind, body, each)]
        return every

    def value(self, kind: str, body: Mapping[str, Any], name: str) -> Any:
        if name in body and name not in ("createdBy", "lastUpdatedBy"):
            return body[name]
        if kind in KINDS:
            computed = _COMPUTED.get(name)
            if computed is not None:
                return computed(self, KINDS[kind], body)
        if name.startswith("display") and len(name) > 7:
            return self._display(body, name[7].lower() + name[8:])
        if kind in KINDS and is_uid(name):
            for each in body.get("attributeValues") or ():
                if each.get("attribute", {}).get("id") == name:
                    return each.get("value", MISSING)
        return MISSING

    def below(self, kind: str, name: str) -> str:
        if kind in _PLAIN:
            return "plain"
        if name in EMBEDDED:
            return name
        pointed = kind_pointed_at(name)
        return pointed.plural if pointed else name

    def whole(self, kind: str, value: Mapping[str, Any]) -> Mapping[str, Any]:
        if kind not in KINDS or "id" not in value:
            return value
        found = self.metadata.get(kind, str(value["id"]))
        if found is None and kind == "users":
            found = self.users().get(str(value["id"]))
        return found if found is not None else value

    def _is_simple(self, kind: str, body: Mapping[str, Any], name: str) -> bool:
        return isinstance(self.value(kind, body, name), str | int | float | bool)

    def _display(self, body: Mapping[str, Any], base: str) -> Any:
        if self.locale:
            wanted = _CAPITAL.sub("_", base).upper()
            language = self.locale.split("_")[0]
            for locale in (self.locale, language):
                for each in body.get("translations") or ():
                    if each.get("property") == wanted and each.get("locale") == locale:
                        return each.get("value")
        if base in body:
            return body[base]
        # DHIS2 falls back on the name where a form or short name is not given.
        if base in ("formName", "shortName") and "name" in body:
            return self._display(body, "name")
        return MISSING

    def access(self, kind: Kind, body: Mapping[str, Any]) -> Body:
        """What the user may do with the object and, where that is shared apart, its data."""
        given = sharing(body) if kind.shareable else None
        writes = exchange.may_write(self.reach)
        changes = writes and (given is None or given.changes(self.reach))
        access: Body = {
            "read": given is None or given.reads(self.reach),
            "update": changes,
            "delete": changes,
            "write": changes,
            "manage": changes,
            "externalize": False,
        }
        if kind.data_shareable and given is not None:
            access["data"] = {
                "read": given.data_read(self.reach),
                "write": given.data_write(self.reach),
            }
        return access

    def person(self, body: Mapping[str, Any], name: str) -> Any:
        """Who made or last changed an object: id, name and username where the account is known."""
        value = body.get(name)
        if not isinstance(value, Mapping) or "id" not in value:
            return MISSING
        account = self.whole("users", value)
        known = ("id", "code", "name", "username")
        shown = {key: account[key] for key in known if key in account}
        if "name" in shown:
            shown["displayName"] = shown["name"]
        return shown


def _accesses(given: Mapping[str, str]) -> list[Body]:
    return [{"id": uid, "access": access} for uid, access in given.items()]


def _shared(read: Callable[[Sharing], Any]) -> Callable[[MetadataWorld, Kind, Any], Any]:
    return lambda world, kind, body: read(sharing(body)) if kind.shareable else MISSING


_COMPUTED: dict[str, Callable[[MetadataWorld, Kind, Mapping[str, Any]], Any]] = {
    "access": lambda world, kind, body: world.access(kind, body),
    "href": lambda world, kind, body: f"{world.base_url}/api/{kind.plural}/{body['id']}",
    "createdBy": lambda world, kind, body: world.person(body, "createdBy"),
    "user": lambda world, kind, body: world.person(body, "createdBy"),
    "lastUpdatedBy": lambda world, kind, body: world.person(body, "lastUpdatedBy"),
    "favorite": lambda world, kind, body: False,
    "favorites": lambda world, kind, body: [],
    "translations": lambda world, kind, body: [],
    "attributeValues": lambda world, kind, body: [],
    "externalAccess": lambda world, kind, body: False,
    "publicAccess": _shared(lambda given: given.public),
    "userAccesses": _shared(lambda given: _accesses(given.users)),
    "userGroupAccesses": _shared(lambda given: _accesses(given.groups)),
    "optionSetValue": lambda world, kind, body: (
        bool(body.get("optionSet")) if "optionSetValue" in kind.properties else MISSING
    ),
    "legendSet": lambda world, kind, body: (body.get("legendSets") or [MISSING])[0],
    "registration": lambda world, kind, body: _programs(
        kind, body.get("programType") == "WITH_REGISTRATION"
    ),
    "withoutRegistration": lambda world, kind, body: _programs(
        kind, body.get("programType") == "WITHOUT_REGISTRATION"
    ),
    "isDefault": lambda world, kind, body: body["id"] in DEFAULT_UIDS,
    "dimensionItem": lambda world, kind, body: body["id"],
    "programs": lambda world, kind, body: (
        [
            {"id": program.uid}
            for program in world.metadata.programs.values()
            if program.serves(str(body["id"]))
        ]
        if kind.plural == "organisationUnits"
        else MISSING
    ),
    "organisationUnitGroups": lambda world, kind, body: (
        [
            {"id": uid}
            for uid, group in world.metadata.of("organisationUnitGroups").items()
            if {"id": body["id"]} in group.get("organisationUnits", [])
        ]
        if kind.plural == "organisationUnits"
        else MISSING
    ),
}


def _programs(kind: Kind, value: bool) -> Any:
    return value if kind.plural == "programs" else MISSING
