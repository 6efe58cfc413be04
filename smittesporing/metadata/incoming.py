"""The objects of a payload on their way in: read, identified, their references made into ids.

Packages differ in which side of a link they write and in what they call things; after this file
there is one form. Refuses only what cannot be read. Called by exchange.py and withdraw.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from smittesporing.metadata.kinds import EMBEDDED, INVERSES, KINDS, ORDER, kind_pointed_at
from smittesporing.metadata.legacy import modern
from smittesporing.metadata.normalise import Body, normalised
from smittesporing.metadata.report import ObjectReport, Refusal, Report
from smittesporing.metadata.snapshot import Metadata
from smittesporing.uid import new_uid

CREATE_OR_UPDATE = "CREATE_AND_UPDATE"
STRATEGIES = frozenset((CREATE_OR_UPDATE, "CREATE", "UPDATE", "DELETE"))


# Lists of children that the parent states and the child holds.
_LISTED: dict[str, tuple[str, ...]] = {
    plural: tuple(each.collection for each in INVERSES if each.parent == plural) for plural in KINDS
}
# Below these names nothing is a reference, whatever it is called.
_NO_REFERENCES = frozenset(("sharing", "translations", "geometry", "style", "access"))


@dataclass(frozen=True, slots=True)
class Manner:
    """How an import is to be done; the names and defaults are DHIS2's.

    Shape   only_changes leaves an object that would not change alone and counts it as ignored;
            in_use answers whether records exist that a deletion would orphan; override is the user
            in whose name new objects are made.
    """

    mode: str = "COMMIT"
    strategy: str = CREATE_OR_UPDATE
    atomic: str = "ALL"
    identifier: str = "UID"
    skip_sharing: bool = False
    skip_translation: bool = False
    skip_validation: bool = False
    only_changes: bool = False
    override: str | None = None
    in_use: Callable[[str, str], bool] = field(default=lambda plural, uid: False)


@dataclass(slots=True)
class Item:
    """One object of the payload on its way in."""

    plural: str
    index: int
    given: Mapping[str, Any]
    body: Body
    known: Body | None = None
    fate: str = "ignored"
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def uid(self) -> str:
        return str(self.body.get("id"))


def read(payload: Mapping[str, Any], before: Metadata, manner: Manner) -> list[Item]:
    """Every object of a known kind in the payload, in order of dependency."""
    items: list[Item] = []
    payload = modern(payload)
    for plural in sorted((key for key in payload if key in KINDS), key=ORDER.__getitem__):
        entries = payload[plural]
        if not isinstance(entries, list):
            continue
        for index, given in enumerate(entries):
            if not isinstance(given, Mapping):
                refused = Refusal("E4027", (f"{plural}[{index}] is not an object",))
                items.append(Item(plural, index, {}, {"id": ""}, refusals=[refused]))
                continue
            try:
                item = Item(plural, index, given, normalised(plural, given))
            except (ValueError, TypeError, OverflowError) as error:
                item = Item(plural, index, given, {"id": str(given.get("id", ""))})
                item.refusals.append(Refusal("E4027", (str(error),)))
            items.append(item)
    renamed = {}
    for item in items:
        stated = item.body.get("id")
        _identify(item, before, manner)
        if stated and stated != item.body["id"]:
            renamed[item.plural, str(stated)] = str(item.body["id"])
    codes = {
        (item.plural, str(item.body["code"])): item.uid for item in items if item.body.get("code")
    }
    for item in items:
        _resolve(item.body, before, codes, renamed)
        listed = {
            name: [dict(row) if isinstance(row, Mapping) else row for row in item.given[name]]
            for name in _LISTED[item.plural]
            if isinstance(item.given.get(name), list)
        }
        if listed:
            _resolve(listed, before, codes, renamed)
            item.given = {**item.given, **listed}
    return items


def _identify(item: Item, before: Metadata, manner: Manner) -> None:
    code = item.body.get("code")
    if code and (manner.identifier == "CODE" or (manner.identifier == "AUTO")):
        known = before.by_code(item.plural, str(code))
        if known and (manner.identifier == "CODE" or not before.get(item.plural, item.uid)):
            item.body["id"] = known["id"]
    if not item.body.get("id"):
        item.body["id"] = new_uid()


def _resolve(
    value: Any,
    before: Metadata,
    codes: Mapping[tuple[str, str], str],
    renamed: Mapping[tuple[str, str], str],
) -> None:
    """Give references the id of what they mean: by its code, or as it is identified here; in place."""
    if isinstance(value, list):
        for each in value:
            _resolve(each, before, codes, renamed)
    elif isinstance(value, dict):
        for name, below in value.items():
            if name in _NO_REFERENCES:
                continue
            kind = kind_pointed_at(name)
            if kind is None or name in EMBEDDED:
                # Rows inside an object, and those of a drawing, refer to others as well.
                _resolve(below, before, codes, renamed)
                continue
            for each in below if isinstance(below, list) else (below,):
                if not isinstance(each, dict):
                    continue
                if "id" not in each and isinstance(each.get("code"), str):
                    known = before.by_code(kind.plural, each["code"])
                    uid = codes.get((kind.plural, each["code"])) or (known and known["id"])
                    if uid:
                        each["id"] = uid
                        each.pop("code", None)
                        each.pop("name", None)
                elif renamed and (kind.plural, str(each.get("id"))) in renamed:
                    each["id"] = renamed[kind.plural, each["id"]]


def fill_in(items: list[Item]) -> None:
    """Where only the parent's list tells which children it has, tell the children.

    Packages differ in which side they write; we keep the child's reference.
    """
    by_uid = {(item.plural, item.uid): item for item in items}
    for inverse in INVERSES:
        for parent in items:
            listed = parent.given.get(inverse.collection) if parent.plural == inverse.parent else 0
            if not isinstance(listed, list):
                continue
            for place, each in enumerate(listed, start=1):
                uid = each.get("id") if isinstance(each, Mapping) else None
                child = by_uid.get((inverse.child, str(uid)))
                if child is None:
                    continue
                held = child.body.get(inverse.through)
                if held is None and not is_list(inverse.through):
                    child.body[inverse.through] = {"id": parent.uid}
                elif is_list(inverse.through):
                    held = child.body.setdefault(inverse.through, [])
                    if isinstance(held, list) and {"id": parent.uid} not in held:
                        held.append({"id": parent.uid})
                if inverse.child == "options":
                    child.body.setdefault("sortOrder", place)


def is_list(through: str) -> bool:
    """Whether a child holds a list of references under this name, not a single one."""
    return through in KINDS


def own(plural: str, body: Body) -> Body:
    """The object as it is stored: without lists computed from others and the time of change."""
    computed = {each.collection for each in INVERSES if each.parent == plural} | {"lastUpdated"}
    return {name: value for name, value in body.items() if name not in computed}


def report(items: list[Item], manner: Manner) -> Report:
    """What became of the objects.

    Shape   status is OK when none was refused; with some refused ERROR, or WARNING where each
            stands alone and the others were taken.
    """
    refused = any(item.refusals for item in items)
    return Report(
        tuple(
            ObjectReport(
                item.plural,
                item.uid,
                item.index,
                str(item.body.get("name", "")),
                item.fate,
                tuple(item.refusals),
            )
            for item in items
        ),
        "OK" if not refused else "ERROR" if manner.atomic == "ALL" else "WARNING",
    )
