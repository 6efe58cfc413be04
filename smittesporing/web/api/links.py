"""Lists that an object shows and other objects hold: written through those others.

DHIS2 lets a client write `options` on an option set or `programs` on an org unit; we keep each such
link once, where kinds.toml says it lives. This file turns the one into the other. Called by
objects.py and membership.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from smittesporing.metadata.incoming import is_list, own
from smittesporing.metadata.index import inverse_of
from smittesporing.metadata.kinds import INVERSES, Inverse, Kind
from smittesporing.metadata.schema import SCHEMAS
from smittesporing.metadata.snapshot import Body
from smittesporing.web.api.world import MetadataWorld

Payload = dict[str, list[Body]]

# Of these a whole object without the list has none; of others it says nothing, lest an object read
# with few fields and written back leave its parts without a home.
_EMPTY_WHEN_ABSENT = frozenset((("optionSets", "options"),))
# Of these the list's order is the order of its members.
_IN_ORDER = frozenset(("options",))


class Missing(ValueError):
    """A list names an object that is not there."""

    def __init__(self, collection: str, plural: str, uid: str) -> None:
        super().__init__(uid)
        self.collection, self.plural, self.uid = collection, plural, uid


def uids_in(value: Any) -> list[str]:
    """The ids of a list of references, each once; what is no reference is passed over."""
    listed = value if isinstance(value, list) else ()
    found = (each.get("id") for each in listed if isinstance(each, Mapping))
    return list(dict.fromkeys(uid for uid in found if isinstance(uid, str) and uid))


def payload(world: MetadataWorld, kind: Kind, body: Body, known: Body | None) -> Payload:
    """The object as it is to be imported, with those others that its lists change.

    Errors  `Missing` when a list names an object that is not there.
    """
    made: Payload = {kind.plural: [body]}
    for inverse in INVERSES:
        if inverse.parent != kind.plural or inverse.collection not in SCHEMAS[kind.plural].owned:
            continue
        stated = inverse.collection in body
        if not stated and (kind.plural, inverse.collection) not in _EMPTY_WHEN_ABSENT:
            continue
        held = uids_in((known or {}).get(inverse.collection))
        wanted = uids_in(body.get(inverse.collection))
        changed = relinked(world, inverse, str(body["id"]), wanted, held)
        if changed:
            made.setdefault(inverse.child, []).extend(changed)
    return made


def relinked(
    world: MetadataWorld, inverse: Inverse, parent: str, wanted: list[str], held: Iterable[str]
) -> list[Body]:
    """The children as they are once the parent's list is exactly `wanted`; unchanged ones left out.

    Errors  `Missing` when a wanted child is not there.
    """
    changed: list[Body] = []
    for place, uid in enumerate(wanted, start=1):
        child = world.stored(inverse.child, uid)
        if child is None:
            raise Missing(inverse.collection, inverse.child, uid)
        linked = _with(child, inverse, parent)
        if inverse.child in _IN_ORDER:
            linked = {**linked, "sortOrder": place}
        if linked != child:
            changed.append(own(inverse.child, linked))
    for uid in held:
        child = world.stored(inverse.child, uid)
        if child is not None and uid not in wanted:
            changed.append(own(inverse.child, _without(child, inverse, parent)))
    return changed


def members(world: MetadataWorld, kind: Kind, body: Body, collection: str) -> list[str]:
    """The ids now in the list."""
    if collection in body:
        return uids_in(body[collection])
    if (kind.plural, collection) == ("userRoles", "users"):
        return uids_in(world.holders(str(body["id"])))
    return uids_in(world.index.held_below(kind.plural, collection, str(body["id"])))


def with_members(
    world: MetadataWorld, kind: Kind, body: Body, collection: str, wanted: list[str]
) -> Payload:
    """What to import so that the object's list holds these and no others."""
    inverse = inverse_of(kind.plural, collection)
    if inverse is None:
        listed = [{"id": uid} for uid in wanted]
        return {kind.plural: [{**own(kind.plural, body), collection: listed}]}
    held = members(world, kind, body, collection)
    changed = relinked(world, inverse, str(body["id"]), wanted, held)
    return {inverse.child: changed} if changed else {}


def _with(child: Body, inverse: Inverse, parent: str) -> Body:
    if not is_list(inverse.through):
        return {**child, inverse.through: {"id": parent}}
    listed = uids_in(child.get(inverse.through))
    if parent in listed:
        return child
    return {**child, inverse.through: [{"id": uid} for uid in (*listed, parent)]}


def _without(child: Body, inverse: Inverse, parent: str) -> Body:
    if not is_list(inverse.through):
        return {name: value for name, value in child.items() if name != inverse.through}
    listed = uids_in(child.get(inverse.through))
    return {**child, inverse.through: [{"id": uid} for uid in listed if uid != parent]}
