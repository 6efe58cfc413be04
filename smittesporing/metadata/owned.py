"""Lists that DHIS2 lets the parent own and we keep as the child's reference: options, stages, sections, actions.

A payload may state the list alone: children that stand already follow it, and one that names nobody is a
dangling reference. Called by exchange.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from smittesporing.metadata.check import called
from smittesporing.metadata.forms import reference
from smittesporing.metadata.incoming import Item, is_list, own
from smittesporing.metadata.kinds import INVERSES, KINDS, Inverse
from smittesporing.metadata.report import Refusal
from smittesporing.metadata.snapshot import Metadata

Body = dict[str, Any]
_OWNED: dict[str, tuple[Inverse, ...]] = {
    plural: tuple(
        each
        for each in INVERSES
        if each.parent == plural and each.collection in kind.owner and not is_list(each.through)
    )
    for plural, kind in KINDS.items()
}

_OPTIONS = next(each for each in _OWNED["optionSets"] if each.child == "options")


def number(items: Iterable[Item], before: Metadata) -> None:
    """Give options that state no place the one they had, else one after the others of their set."""
    options = [item for item in items if item.plural == "options"]
    last: dict[str, int] = {}
    for body in (*before.of("options").values(), *(item.body for item in options)):
        holder, place = reference(body, "optionSet") or "", body.get("sortOrder")
        if isinstance(place, int):
            last[holder] = max(last.get(holder, 0), place)
    for item in options:
        if item.body.get("sortOrder") is not None:
            continue
        holder = reference(item.body, "optionSet") or ""
        had = (item.known or {}).get("sortOrder")
        if had is None or reference(item.known or {}, "optionSet") != holder:
            last[holder] = had = last.get(holder, 0) + 1
        item.body["sortOrder"] = had


def unknown(item: Item, objects: Mapping[str, Mapping[str, Body]]) -> Iterator[Refusal]:
    """The children that the object lists and nobody knows."""
    for inverse in _OWNED[item.plural]:
        for uid in _listed(item, inverse):
            if uid not in objects[inverse.child]:
                kind = KINDS[inverse.child]
                args = (uid, kind.klass.rpartition(".")[2], called(KINDS[item.plural], item.body))
                yield Refusal(
                    "E5002", (*args, inverse.collection), inverse.collection, about=inverse.child
                )


def homeless(item: Item) -> Iterator[Refusal]:
    """A stage belongs to a program: the one it names, one that lists it, or the one it had."""
    if item.plural == "programStages" and not reference(item.body, "program"):
        had = reference(item.known or {}, "program")
        if had:
            item.body["program"] = {"id": had}
        else:
            yield Refusal("E4053", (item.uid,), "program", about="programs")


def order_options(items: list[Item], before: Metadata) -> None:
    """Where a set's list puts its options otherwise than they say themselves, the list has its way."""
    arrived = {item.uid: item.body for item in items if item.plural == "options"}
    for item in items:
        if item.plural == "optionSets":
            listed = _listed(item, _OPTIONS)
            if _is_reordered(listed, arrived, before):
                for place, uid in enumerate(listed, start=1):
                    if uid in arrived:
                        arrived[uid]["sortOrder"] = place


def _is_reordered(listed: list[str], arrived: Mapping[str, Body], before: Metadata) -> bool:
    """Whether the options of a list, by what they say of their place, do not stand in its order."""
    known = before.of("options")
    bodies = (arrived.get(uid) or known.get(uid) or {} for uid in listed)
    places = [place if isinstance(place := body.get("sortOrder"), int) else 0 for body in bodies]
    return any(one >= next_one for one, next_one in pairwise(places))


def moved(written: Iterable[Item], before: Metadata) -> dict[tuple[str, str], Body]:
    """The children that stand already and, not being in the payload themselves, follow a parent's list.

    Shape   A listed child comes to its new parent, the first that lists it; an option that its set lists no
            more leaves it, unless another set takes it, and those it lists stand in the order of the list.
    """
    items = list(written)
    arrived = {(item.plural, item.uid) for item in items}
    options = {item.uid: item.body for item in items if item.plural == "options"}
    come: dict[tuple[str, str], Body] = {}
    gone: dict[tuple[str, str], Body] = {}
    for item in items:
        for inverse in _OWNED[item.plural]:
            if not isinstance(item.given.get(inverse.collection), list):
                continue
            listed = _listed(item, inverse)
            anew = inverse.child == "options" and _is_reordered(listed, options, before)
            for place, uid in enumerate(listed, start=1):
                child = before.get(inverse.child, uid)
                if child is None or (inverse.child, uid) in arrived:
                    continue
                comes = reference(child, inverse.through) != item.uid
                if comes or (anew and child.get("sortOrder") != place):
                    body = {**own(inverse.child, child), inverse.through: {"id": item.uid}}
                    if inverse.child == "options":
                        body["sortOrder"] = place
                    come.setdefault((inverse.child, uid), body)
            if inverse.child == "options":
                gone |= _left(item, set(listed), arrived, before)
    return gone | come


def _left(
    item: Item, listed: set[str], arrived: set[tuple[str, str]], before: Metadata
) -> dict[tuple[str, str], Body]:
    left = {}
    for uid, child in before.of("options").items():
        listed_no_more = reference(child, "optionSet") == item.uid and uid not in listed
        if listed_no_more and ("options", uid) not in arrived:
            body = own("options", child)
            left["options", uid] = {name: body[name] for name in body if name != "optionSet"}
    return left


def _listed(item: Item, inverse: Inverse) -> list[str]:
    listed = item.given.get(inverse.collection)
    return [
        str(each["id"])
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, Mapping) and each.get("id")
    ]
