"""Metadata objects as the API shows them: what one user may see, and the references between them.

Answers the questions that `fields` and `filter` ask (metadata.fields.World) for one user and one
snapshot; how properties are read stands in shape.py. Writes nothing. Called by collections.py,
metadata.py and system.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from smittesporing.access.reach import Reach
from smittesporing.metadata import exchange, paths
from smittesporing.metadata.filters import Condition, Refusal
from smittesporing.metadata.index import Index, index_of, name_and_id
from smittesporing.metadata.kinds import KINDS, Kind
from smittesporing.metadata.sharing import Sharing
from smittesporing.metadata.snapshot import Body, Metadata
from smittesporing.web.api import computed
from smittesporing.web.api.shape import SHAPE, MetadataShape

# How many references one answer follows: far more than any client asks for, and done in seconds.
MOST_FOLLOWED: Final = 300_000


class MetadataWorld:
    """All metadata as one user sees it.

    Shape   users gives accounts by uid; locale is the language of display names, None for the
            language they were written in; everything else comes from the snapshot.
    """

    shape: MetadataShape = SHAPE

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
        self.base_url: str = base_url
        self.users = users
        self.locale = locale
        self.index: Index = index_of(metadata)
        self._followed = 0
        self._holders: dict[str, list[Body]] | None = None

    def objects(self, kind: Kind) -> Iterable[Body]:
        """The objects of the kind that the user may see, by name."""
        if kind.plural == "users":
            found = {**self.metadata.of("users"), **self.users()}
            return sorted(found.values(), key=name_and_id)
        if not kind.shareable:
            return self.index.ordered(kind.plural)
        return self.index.readable(kind.plural, self.reach)

    def one(self, kind: Kind, uid: str) -> Body | None:
        """The object, or None when it is not there or not for this user to see."""
        body = self.stored(kind.plural, uid)
        if body is None or not kind.shareable or self.reach.superuser:
            return body
        return body if self.sharing(kind.plural, body).reads(self.reach) else None

    def stored(self, plural: str, uid: str) -> Body | None:
        """The object wherever it is kept, whether or not she may see it."""
        body = self.metadata.get(plural, uid)
        return self.users().get(uid) if body is None and plural == "users" else body

    def holders(self, role: str) -> list[Body]:
        """References to the users who have the user role, of those she reads as users."""
        if self._holders is None:
            self._holders = {}
            for uid, body in self.users().items():
                for each in body.get("userRoles") or ():
                    self._holders.setdefault(str(each["id"]), []).append({"id": uid})
        return self._holders.get(role, [])

    def sharing(self, plural: str, body: Mapping[str, Any]) -> Sharing:
        """The object's sharing."""
        return self.index.sharing(plural, body)

    def knows(self, kind: Kind, path: tuple[str, ...]) -> bool:
        """Whether the path names something that objects of the kind can have."""
        try:
            self.check_path(kind, path)
        except Refusal:
            return False
        return True

    def check_path(self, kind: Kind, path: tuple[str, ...]) -> None:
        """Errors  `filters.Refusal` when the path names nothing of the kind."""
        paths.reached(path, kind.plural, SHAPE, self._carries)

    def check(self, kind: Kind, condition: Condition) -> None:
        """Errors  `filters.Refusal` when path or value are none of the kind's."""
        found = paths.reached(condition.path, kind.plural, SHAPE, self._carries)
        paths.check_value(condition, found)

    def _carries(self, plural: str, name: str) -> bool:
        if plural not in KINDS:
            return True
        return name in KINDS[plural].properties or name in self.index.carried(plural)

    def whole(self, kind: str, value: Mapping[str, Any]) -> Mapping[str, Any]:
        """The object that a reference points at.

        Errors  `filters.Refusal` when one answer follows too many: lists within lists multiply.
        """
        if kind not in KINDS or "id" not in value:
            return value
        self._followed += 1
        if self._followed > MOST_FOLLOWED:
            raise Refusal("The answer would follow too many references; ask for fewer at a time.")
        found = self.stored(kind, str(value["id"]))
        return found if found is not None else value

    def access(self, kind: Kind, body: Mapping[str, Any]) -> Body:
        """What the user may do with the object and, where that is shared apart, its data."""
        given = self.sharing(kind.plural, body) if kind.shareable else None
        writes = exchange.may_write(self.reach, kind.plural)
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
        return computed.person(self, body, name)
