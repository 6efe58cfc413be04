"""Several objects of a kind made one: what referred to a source refers to the target.

Says what would change; web/api/merging.py asks who may and lets the import write it. An org unit is no
configuration and is merged by access/local_units.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smittesporing.metadata.incoming import own
from smittesporing.metadata.kinds import KINDS, kind_pointed_at
from smittesporing.metadata.normalise import WITH_IDS
from smittesporing.metadata.report import Refusal
from smittesporing.metadata.snapshot import Body, Metadata
from smittesporing.metadata.withdraw import SHIPPED

# What may be merged → the authority it takes. DHIS2 2.42's list.
MERGED: dict[str, str] = {
    "indicators": "F_INDICATOR_MERGE",
    "indicatorTypes": "F_INDICATOR_TYPE_MERGE",
    "dataElements": "F_DATA_ELEMENT_MERGE",
    "categoryOptions": "F_CATEGORY_OPTION_MERGE",
    "categoryOptionCombos": "F_CATEGORY_OPTION_COMBO_MERGE",
}
# Of these data values exist in DHIS2, and the request must say what becomes of them.
WITH_DATA = frozenset(("dataElements", "categoryOptionCombos"))
# Lists of its own that the target takes over from the sources.
_UNITED = {
    "categoryOptions": ("organisationUnits",),
    "categoryOptionCombos": ("categoryOptions",),
}
# What must be alike: property → code.
_ALIKE = {"dataElements": {"valueType": "E1550", "domainType": "E1551"}}
# Texts that name nothing but the object itself.
_WORDS = frozenset(("id", "code", "name", "shortName", "formName", "description", "created"))
_APART = frozenset(("sharing", "translations", "attributeValues", "style", "geometry"))


@dataclass(frozen=True)
class Wish:
    """What is asked for: these sources into that target."""

    plural: str
    sources: tuple[str, ...]
    target: str | None


def refusals(wish: Wish, metadata: Metadata, in_use: Mapping[str, bool]) -> Iterator[Refusal]:
    """Why it cannot be done: who is missing, who is both, and what is not alike.

    Shape   in_use says of each source whether records hold it: their values would lose their question.
    """
    called = KINDS[wish.plural].klass.rpartition(".")[2]
    bodies = metadata.of(wish.plural)
    if not wish.sources:
        yield Refusal("E1530", (called,), "sources")
    for uid in wish.sources:
        if uid not in bodies:
            yield Refusal("E1533", ("Source", called, uid), "sources")
    if wish.target is None:
        yield Refusal("E1531", (called,), "target")
        return
    if wish.target not in bodies:
        yield Refusal("E1533", ("Target", called, wish.target), "target")
    if wish.target in wish.sources:
        yield Refusal("E1532", (called,), "target")
    there = [bodies[uid] for uid in wish.sources if uid in bodies]
    for name, code in _ALIKE.get(wish.plural, {}).items():
        wanted = bodies.get(wish.target, {}).get(name)
        others = sorted({str(each.get(name)) for each in there} - {str(wanted)})
        if wanted is not None and others:
            yield Refusal(code, (str(wanted), ", ".join(others)), name)
    for body in there:
        if str(body.get("code", "")).startswith(SHIPPED):
            yield Refusal("E4030", ("the Norwegian programme",), "sources")
        elif in_use.get(body["id"]):
            yield Refusal("E4030", ("records",), "sources")


def crowded(wish: Wish, metadata: Metadata) -> str | None:
    """The uid of a form that asks for two of them, which would then ask the same question twice."""
    members = {*wish.sources, wish.target}
    for plural in ("programs", "programStages", "trackedEntityTypes"):
        for uid, body in metadata.of(plural).items():
            for rows, through in WITH_IDS.items():
                named = [(row.get(through) or {}).get("id") for row in body.get(rows) or ()]
                if through == KINDS[wish.plural].singular and len(members & set(named)) > 1:
                    return uid
    return None


def changed(wish: Wish, metadata: Metadata) -> dict[str, list[Body]]:
    """Every object that names a source, as it is with the target in its place."""
    turn = _Turn(wish)
    found: dict[str, list[Body]] = {}
    for plural in KINDS:
        if plural in ("organisationUnits", "users"):
            continue
        for uid, kept in metadata.of(plural).items():
            if plural == wish.plural and uid in wish.sources:
                continue
            body = own(plural, kept)
            after = {name: turn.value(name, value) for name, value in body.items()}
            if plural == wish.plural and uid == wish.target:
                after |= _united(wish, metadata, body)
            if after != body:
                found.setdefault(plural, []).append(after)
    return found


def _united(wish: Wish, metadata: Metadata, target: Body) -> Body:
    bodies = metadata.of(wish.plural)
    lists = {}
    for name in _UNITED.get(wish.plural, ()):
        rows = [
            each
            for body in (target, *(bodies[uid] for uid in wish.sources))
            for each in body.get(name) or ()
        ]
        lists[name] = list({each["id"]: each for each in rows}.values())
    return {name: rows for name, rows in lists.items() if rows}


class _Turn:
    """The target where a source stood, in references and inside expressions."""

    def __init__(self, wish: Wish) -> None:
        self._wish, self._target = wish, str(wish.target)
        self._named = re.compile(rf"\b(?:{'|'.join(map(re.escape, wish.sources))})\b")

    def value(self, name: str, value: Any) -> Any:
        if name in _APART:
            return value
        if isinstance(value, list):
            turned = [self.value(name, each) for each in value]
            return value if turned == value else _once(turned)
        if isinstance(value, dict):
            kind = kind_pointed_at(name)
            if kind is not None and kind.plural == self._wish.plural:
                return {"id": self._target} if value.get("id") in self._wish.sources else value
            return {key: self.value(key, each) for key, each in value.items()}
        if isinstance(value, str) and name not in _WORDS:
            return self._named.sub(self._target, value)
        return value


def _once(rows: Sequence[Any]) -> list[Any]:
    return list({repr(row): row for row in rows}.values())
