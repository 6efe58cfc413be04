"""The objects of a payload on their way in: read, identified, their references made into ids.

Packages differ in which side of a link they write and in what they call things; after this file
there is one form. Refuses only what cannot be read. Called by exchange.py and withdraw.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from smittesporing.metadata.kinds import INVERSES, KINDS, ORDER, kind_pointed_at
from smittesporing.metadata.normalise import WITH_IDS, Body, normalised
from smittesporing.metadata.report import ObjectReport, Refusal, Report
from smittesporing.metadata.snapshot import Metadata
from smittesporing.uid import new_uid

CREATE_OR_UPDATE = "CREATE_AND_UPDATE"
STRATEGIES = frozenset((CREATE_OR_UPDATE, "CREATE", "UPDATE", "DELETE"))


@dataclass(frozen=True, slots=True)
class Manner:
    """How an import is to be done; the names and defaults are DHIS2's.

    Shape   only_changes leaves an object that would not change alone and counts it as ignored;
            in_use answers whether records exist that a deletion would orphan.
    """

    mode: str = "COMMIT"
    strategy: str = CREATE_OR_UPDATE
    atomic: str = "ALL"
    identifier: str = "UID"
    skip_sharing: bool = False
    only_changes: bool = False
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
    apart = _rows_apart(payload)
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
                whole = _with_rows(given, apart)
                item = Item(plural, index, given, normalised(plural, whole))
            except (ValueError, TypeError) as error:
                item = Item(plural, index, given, {"id": str(given.get("id", ""))})
                item.refusals.append(Refusal("E4027", (str(error),)))
            _identify(item, before, manner)
            items.append(item)
    codes = {
        (item.plural, str(item.body["code"])): item.uid for item in items if item.body.get("code")
    }
    for item in items:
        _resolve(item.body, before, codes)
    return items


def _rows_apart(payload: Mapping[str, Any]) -> dict[str, dict[str, Mapping[str, Any]]]:
    """The rows that exports before 2.34 hold beside the stages and programs they belong to."""
    return {
        name: {
            str(row["id"]): row for row in payload[name] if isinstance(row, Mapping) and "id" in row
        }
        for name in WITH_IDS
        if isinstance(payload.get(name), list)
    }


def _with_rows(
    given: Mapping[str, Any], apart: Mapping[str, Mapping[str, Mapping[str, Any]]]
) -> Mapping[str, Any]:
    """The object with such rows back in their place, where it has only their ids."""
    filled: dict[str, Any] = {}
    for name, rows in apart.items():
        listed = given.get(name)
        if isinstance(listed, list):
            filled[name] = [
                {**rows.get(str(row.get("id")), {}), **row} if isinstance(row, Mapping) else row
                for row in listed
            ]
    return {**given, **filled} if filled else given


def _identify(item: Item, before: Metadata, manner: Manner) -> None:
    code = item.body.get("code")
    if code and (manner.identifier == "CODE" or (manner.identifier == "AUTO")):
        known = before.by_code(item.plural, str(code))
        if known and (manner.identifier == "CODE" or not before.get(item.plural, item.uid)):
            item.body["id"] = known["id"]
    if not item.body.get("id"):
        item.body["id"] = new_uid()


def _resolve(value: Any, before: Metadata, codes: Mapping[tuple[str, str], str]) -> None:
    """Give references that came as codes their ids, in place."""
    if isinstance(value, list):
        for each in value:
            _resolve(each, before, codes)
    elif isinstance(value, dict):
        for name, below in value.items():
            kind = kind_pointed_at(name)
            for each in below if isinstance(below, list) else (below,):
                if kind and isinstance(each, dict) and "id" not in each and each.get("code"):
                    known = before.by_code(kind.plural, each["code"])
                    uid = codes.get((kind.plural, each["code"])) or (known and known["id"])
                    if uid:
                        each["id"] = uid
                        each.pop("code", None)
                        each.pop("name", None)
            if kind is None:
                _resolve(below, before, codes)


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


def report(items: list[Item]) -> Report:
    """What became of the objects; status ERROR when any was refused."""
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
        "ERROR" if any(item.refusals for item in items) else "OK",
    )
