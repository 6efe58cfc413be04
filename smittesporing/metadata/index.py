"""Lists over one snapshot that answering needs and no object holds: in order, and seen from below.

Made when first asked for and kept as long as the snapshot is. Called by web/api/world.py.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from typing import Any, Final

from smittesporing.metadata.kinds import INVERSES, Inverse
from smittesporing.metadata.sharing import Sharing, Viewer, sharing
from smittesporing.metadata.snapshot import Body, Metadata

# Lists that an object shows and other objects hold, beside those of kinds.toml.
_SEEN_FROM_BELOW: Final = tuple(
    Inverse(*each)
    for each in (
        ("organisationUnits", "programs", "programs", "organisationUnits"),
        ("organisationUnits", "dataSets", "dataSets", "organisationUnits"),
        (
            *("organisationUnits", "organisationUnitGroups"),
            *("organisationUnitGroups", "organisationUnits"),
        ),
        ("indicators", "dataSets", "dataSets", "indicators"),
        ("indicatorGroups", "groupSets", "indicatorGroupSets", "indicatorGroups"),
        ("categoryOptions", "categoryOptionGroups", "categoryOptionGroups", "categoryOptions"),
        ("categoryOptionGroups", "groupSets", "categoryOptionGroupSets", "categoryOptionGroups"),
        ("validationRules", "validationRuleGroups", "validationRuleGroups", "validationRules"),
        ("predictors", "predictorGroups", "predictorGroups", "predictors"),
        ("userGroups", "managedByGroups", "userGroups", "managedGroups"),
    )
)
_FROM_BELOW: Final = {
    (each.parent, each.collection): each for each in (*_SEEN_FROM_BELOW, *INVERSES)
}
_VIEWERS_KEPT: Final = 64
_kept: weakref.WeakKeyDictionary[Metadata, Index] = weakref.WeakKeyDictionary()


class Index:
    """What can be known once for all who ask, and once for each who asks."""

    def __init__(self, metadata: Metadata) -> None:
        self._metadata = weakref.ref(metadata)
        self._below: dict[tuple[str, str], Mapping[str, list[Body]]] = {}
        self._ordered: dict[str, tuple[Body, ...]] = {}
        self._readable: dict[tuple[Any, ...], tuple[Body, ...]] = {}
        self._sharing: dict[tuple[str, str], Sharing] = {}
        self._carried: dict[str, frozenset[str]] = {}

    @property
    def metadata(self) -> Metadata:
        # Held weakly: the index is kept by its snapshot, and must not keep it in turn.
        found = self._metadata()
        assert found is not None, "an index outlives no snapshot"
        return found

    def held_below(self, parent: str, collection: str, uid: str) -> list[Body] | None:
        """References to those that hold the object in a list of theirs; None for no such list."""
        key = (parent, collection)
        if key not in _FROM_BELOW:
            return None
        if key not in self._below:
            self._below[key] = self._seen_from_below(_FROM_BELOW[key])
        return self._below[key].get(uid, [])

    def _seen_from_below(self, inverse: Inverse) -> Mapping[str, list[Body]]:
        found: dict[str, list[Body]] = {}
        for uid, body in self.metadata.of(inverse.child).items():
            pointed = body.get(inverse.through)
            for each in pointed if isinstance(pointed, list) else (pointed,):
                if isinstance(each, Mapping) and "id" in each:
                    found.setdefault(str(each["id"]), []).append({"id": uid})
        return found

    def ordered(self, plural: str) -> tuple[Body, ...]:
        """All objects of the kind by name and then id, as lists show them unless told otherwise."""
        if plural not in self._ordered:
            self._ordered[plural] = tuple(
                sorted(self.metadata.of(plural).values(), key=name_and_id)
            )
        return self._ordered[plural]

    def readable(self, plural: str, viewer: Viewer) -> tuple[Body, ...]:
        """Those of the ordered objects that sharing lets the viewer see."""
        if "ALL" in viewer.authorities:
            return self.ordered(plural)
        key = (plural, viewer.user, viewer.groups)
        if key not in self._readable:
            if len(self._readable) >= _VIEWERS_KEPT * 64:
                self._readable.clear()
            self._readable[key] = tuple(
                body for body in self.ordered(plural) if self.sharing(plural, body).reads(viewer)
            )
        return self._readable[key]

    def sharing(self, plural: str, body: Mapping[str, Any]) -> Sharing:
        """The object's sharing, read once."""
        key = (plural, str(body.get("id")))
        found = self._sharing.get(key)
        if found is None or self.metadata.get(*key) is not body:
            found = sharing(body)
            if self.metadata.get(*key) is body:
                self._sharing[key] = found
        return found

    def carried(self, plural: str) -> frozenset[str]:
        """Every property that some object of the kind has stored."""
        if plural not in self._carried:
            bodies = self.metadata.of(plural).values()
            self._carried[plural] = frozenset(name for body in bodies for name in body)
        return self._carried[plural]


def inverse_of(parent: str, collection: str) -> Inverse | None:
    """Who holds the list that objects of the kind show under this name; None when they do."""
    return _FROM_BELOW.get((parent, collection))


def name_and_id(body: Mapping[str, Any]) -> tuple[str, str]:
    """Where an object stands among others unless an order is asked for."""
    return str(body.get("name", "")).casefold(), str(body.get("id"))


def index_of(metadata: Metadata) -> Index:
    """The snapshot's index."""
    found = _kept.get(metadata)
    if found is None:
        found = _kept[metadata] = Index(metadata)
    return found
