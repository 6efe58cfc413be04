"""What differs between two forms of an object, property by property in words.

Lists are told by what came, went or moved; references by name. Called by the object's page, the versions and
the draft.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from smittesporing.expression.nodes import Item, Mode, items
from smittesporing.metadata import uses, versions, wording
from smittesporing.metadata.kinds import kind_pointed_at
from smittesporing.metadata.snapshot import Body
from smittesporing.web.pages.configuration_desk import Desk
from smittesporing.web.pages.configuration_words import (
    ACTIONS,
    TARGETS,
    boundary_words,
    property_word,
    value_word,
)
from smittesporing.web.pages.words import _, listed

MOST = 12


@dataclass(frozen=True)
class Line:
    """One property: its word, how it was and is; `said` are sentences where the values are long or lists."""

    word: str
    before: str = ""
    now: str = ""
    said: tuple[str, ...] = ()


def differences(desk: Desk, plural: str, before: Body | None, after: Body | None) -> list[Line]:
    """Every property that differs, in words."""
    old, new = before or {}, after or {}
    return [
        line_of(desk, plural, name, old, new)
        for name in versions.differing(old, new)
        if name != "id"
    ]


def line_of(desk: Desk, plural: str, name: str, old: Body, new: Body) -> Line:
    word = property_word(name)
    was, now = old.get(name), new.get(name)
    if name in uses.EXPRESSIONS.get(plural, {}):
        return Line(word, value_word(was), value_word(now), _spoken(desk, plural, name, old, new))
    if name == "analyticsPeriodBoundaries":
        return Line(word, limits(desk, old), limits(desk, new))
    if name == "attributeValues":
        return Line(word, said=_attributes(desk, was, now))
    rows = {
        "programStageDataElements": ("dataElement", "dataElements"),
        "programTrackedEntityAttributes": ("trackedEntityAttribute", "trackedEntityAttributes"),
        "trackedEntityTypeAttributes": ("trackedEntityAttribute", "trackedEntityAttributes"),
    }.get(name)
    if rows:
        return Line(word, said=_rows(desk, rows, was, now))
    kind = kind_pointed_at(name)
    if kind is not None and (isinstance(was, list) or isinstance(now, list)):
        if kind.plural == "organisationUnits":
            return Line(word, _count(was), _count(now))
        return Line(word, said=_lists(desk, kind.plural, was, now))
    if kind is not None:
        return Line(word, _named(desk, kind.plural, was), _named(desk, kind.plural, now))
    if name == "programRuleActionType":
        return Line(word, _does(was), _does(now))
    if isinstance(was, dict | list) or isinstance(now, dict | list):
        return Line(word, said=_inside(was, now))
    return Line(word, value_word(was), value_word(now))


def _does(kind: Any) -> str:
    """What an action does, as its list of choices says it."""
    return _(ACTIONS[kind][0]) if kind in ACTIONS else value_word(kind)


def limits(desk: Desk, body: Mapping[str, Any]) -> str:
    """The limits of an indicator in words; a dash for none."""
    words = [
        boundary_words(each, target_word(desk, str(each.get("boundaryTarget") or "")))
        for each in body.get("analyticsPeriodBoundaries") or ()
        if isinstance(each, Mapping)
    ]
    return "; ".join(words) or "–"


def target_word(desk: Desk, target: str) -> str:
    """What a limit looks at: a fixed date, or a question's name."""
    if target in TARGETS:
        return _(TARGETS[target])
    tree = uses.read(target, Mode.PROGRAM_INDICATOR_FILTER)
    found: list[Item] = list(items(tree)) if tree is not None else []
    name = (
        wording.namer(desk.metadata, Mode.PROGRAM_INDICATOR_FILTER, None)(found[0])
        if found
        else None
    )
    return f"«{name}»" if name else target


def _spoken(desk: Desk, plural: str, name: str, old: Body, new: Body) -> tuple[str, ...]:
    mode = uses.EXPRESSIONS[plural][name]
    program = uses.program_of(desk.metadata, plural, new or old)
    sentences = [
        wording.said(desk.metadata, str(each.get(name) or ""), mode, program).sentence
        for each in (old, new)
    ]
    heads = (_("Før:"), _("Nå:"))
    return tuple(f"{head} {said}." for head, said in zip(heads, sentences, strict=True) if said)


def _named(desk: Desk, plural: str, value: Any) -> str:
    uid = value.get("id") if isinstance(value, Mapping) else None
    return desk.name(plural, str(uid)) if uid else "–"


def _count(value: Any) -> str:
    return str(len(value)) if isinstance(value, list) else "0"


def _ids(value: Any) -> list[str]:
    return [str(each["id"]) for each in value or () if isinstance(each, Mapping) and each.get("id")]


def _lists(desk: Desk, plural: str, was: Any, now: Any) -> tuple[str, ...]:
    old, new = _ids(was), _ids(now)
    return _moved(
        [desk.name(plural, uid) for uid in new if uid not in old],
        [desk.name(plural, uid) for uid in old if uid not in new],
        [uid for uid in old if uid in new] != [uid for uid in new if uid in old],
    )


def _rows(desk: Desk, through: tuple[str, str], was: Any, now: Any) -> tuple[str, ...]:
    name, plural = through

    def by_uid(rows: Any) -> dict[str, Mapping[str, Any]]:
        return {
            str(row[name]["id"]): row
            for row in rows or ()
            if isinstance(row, Mapping) and isinstance(row.get(name), Mapping)
        }

    old, new = by_uid(was), by_uid(now)
    said = list(
        _moved(
            [desk.name(plural, uid) for uid in new if uid not in old],
            [desk.name(plural, uid) for uid in old if uid not in new],
            _sorted(old, new) != _sorted(new, old),
        )
    )
    for uid in new:
        if uid not in old:
            continue
        for key in ("compulsory", "mandatory"):
            if bool(old[uid].get(key)) != bool(new[uid].get(key)):
                must = _("må fylles ut") if new[uid].get(key) else _("kan stå tomt")
                said.append(f"«{desk.name(plural, uid)}» {must}")
        for key in sorted(old[uid].keys() | new[uid].keys()):
            if key in ("compulsory", "mandatory", "sortOrder", "id", name):
                continue
            if old[uid].get(key) != new[uid].get(key):
                said.append(
                    f"«{desk.name(plural, uid)}»: {property_word(key)} "
                    f"{value_word(old[uid].get(key))} → {value_word(new[uid].get(key))}"
                )
    return _at_most(said)


def _sorted(
    rows: Mapping[str, Mapping[str, Any]], others: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    kept = [uid for uid in rows if uid in others]
    return sorted(kept, key=lambda uid: int(rows[uid].get("sortOrder") or 0))


def _moved(came: list[str], went: list[str], order: bool) -> tuple[str, ...]:
    said = []
    if came:
        said.append(_("lagt til: %(names)s", names=listed([f"«{n}»" for n in came[:MOST]])))
    if went:
        said.append(_("tatt bort: %(names)s", names=listed([f"«{n}»" for n in went[:MOST]])))
    if order:
        said.append(_("rekkefølgen er endret"))
    return tuple(said)


def _attributes(desk: Desk, was: Any, now: Any) -> tuple[str, ...]:
    """Our own properties by name: «Lukket svar: – → ja»."""

    def by_name(rows: Any) -> dict[str, str]:
        return {
            desk.name("attributes", str(row["attribute"].get("id"))): str(row.get("value") or "")
            for row in rows or ()
            if isinstance(row, Mapping) and isinstance(row.get("attribute"), Mapping)
        }

    old, new = by_name(was), by_name(now)
    plain = {"true": _("ja"), "false": _("nei")}
    return tuple(
        f"{name}: {value_word(plain.get(old.get(name, ''), old.get(name)))} → "
        f"{value_word(plain.get(new.get(name, ''), new.get(name)))}"
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    )


def _inside(was: Any, now: Any) -> tuple[str, ...]:
    """Two values that have parts, told part by part."""
    old, new = _flat(was), _flat(now)
    said = [
        f"{key}: {value_word(old.get(key))} → {value_word(new.get(key))}"
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    ]
    return _at_most(said)


def _flat(value: Any, at: str = "") -> dict[str, Any]:
    if isinstance(value, Mapping):
        found: dict[str, Any] = {}
        for key, each in value.items():
            found |= _flat(each, f"{at}.{key}" if at else str(key))
        return found
    if isinstance(value, list):
        found = {}
        for place, each in enumerate(value, start=1):
            found |= _flat(each, f"{at}.{place}" if at else str(place))
        return found
    if isinstance(value, str | int | float | bool) or value is None:
        return {at or "–": value}
    return {at or "–": msgspec.json.encode(value).decode()}


def _at_most(said: list[str]) -> tuple[str, ...]:
    if len(said) <= MOST:
        return tuple(said)
    return (*said[:MOST], _("og %(n)s til", n=len(said) - MOST))
