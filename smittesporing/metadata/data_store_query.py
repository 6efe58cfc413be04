"""What of a data store's entries is asked for: DHIS2's `fields`, `filter`, `order` over plain JSON.

Pure: texts are read once into values, and values asked of each entry. Called by web/api/data_store.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

DEEPEST = 5
_NAME = re.compile(r"[^,\[\]()~\s]+")
_HOIST = re.compile(r"~hoist(?:\(([^()\[\],\s]+)\))?")
ROOT, KEY = ".", "_"


class Unreadable(ValueError):
    """The text is no field, filter or order; the message says where."""


@dataclass(frozen=True)
class Field:
    """One value to take out: where it lies, and under which names it is shown."""

    path: tuple[str, ...]
    shown: tuple[str, ...]


def fields(text: str) -> list[Field]:
    """`a,b[c,d]~hoist(x)` as a list; `.` is the whole value, shown as `value`."""
    found: list[Field] = []
    rest = text.strip()
    place = _fields(rest, 0, (), found)
    if place != len(rest):
        raise Unreadable(f"fields cannot be read from place {place}")
    return found


def _fields(text: str, place: int, above: tuple[str, ...], found: list[Field]) -> int:
    if len(above) > DEEPEST:
        raise Unreadable("fields go too deep")
    while place < len(text):
        while place < len(text) and text[place] in ", ":
            place += 1
        name = _NAME.match(text, place)
        if name is None:
            return place
        place = name.end()
        stated = name.group()
        path = above if stated == ROOT and not above else (*above, *stated.split("."))
        shown = path or ("value",)
        hoisted = _HOIST.match(text, place)
        if hoisted is not None:
            place = hoisted.end()
            shown = tuple((hoisted.group(1) or path[-1]).split("."))
        if place < len(text) and text[place] in "[(":
            closing = "]" if text[place] == "[" else ")"
            place = _fields(text, place + 1, path, found)
            if place >= len(text) or text[place] != closing:
                raise Unreadable(f"fields miss a {closing}")
            place += 1
        else:
            found.append(Field(path, shown))
    return place


_ABSENT = object()


def at(value: Any, path: Sequence[str]) -> Any:
    """What lies at the path; None where nothing does."""
    found = _at(value, path)
    return None if found is _ABSENT else found


def _at(value: Any, path: Sequence[str]) -> Any:
    for step in path:
        if isinstance(value, dict):
            value = value.get(step, _ABSENT)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return _ABSENT
    return value


def with_part(value: Any, steps: Sequence[str], part: Any, roll: int | None) -> Any:
    """The value with another part at the path; with `roll`, the part last in the list that is there.

    Shape   A list keeps the newest `roll`. What is no list is replaced; at a path where nothing is, a
            list begins.
    """
    if not steps:
        if roll is None or not isinstance(value, list):
            return part
        return [*value, part][-roll:]
    step, rest = steps[0], steps[1:]
    if isinstance(value, list) and step.isdecimal():
        listed, place = list(value), min(int(step), len(value))
        below = listed[place] if place < len(listed) else None
        listed[place : place + 1] = [_part(below, rest, part, roll)]
        return listed
    holder = dict(value) if isinstance(value, dict) else {}
    holder[step] = _part(holder.get(step), rest, part, roll)
    return holder


def _part(below: Any, rest: Sequence[str], part: Any, roll: int | None) -> Any:
    if not rest and roll is not None and below is None:
        return [part]
    return with_part(below, rest, part, roll)


def shown(key: str, value: Any, wanted: Sequence[Field]) -> dict[str, Any] | None:
    """The entry as an object with its key and these values; None when not one of them is there."""
    answer: dict[str, Any] = {"key": key}
    some = not wanted
    for each in wanted:
        found = at(value, each.path)
        some = some or found is not None
        holder = answer
        for name in each.shown[:-1]:
            below = holder.setdefault(name, {})
            if not isinstance(below, dict):
                below = holder[name] = {}
            holder = below
        holder[each.shown[-1]] = found
    return answer if some else None


Holds = Callable[[str, Any], bool]


def condition(text: str) -> Holds:
    """`path:operator[:value]` as a question to an entry. Errors  `Unreadable`."""
    path, colon, rest = text.partition(":")
    operator, _, stated = rest.partition(":")
    if not colon or not path:
        raise Unreadable(f"filter {text!r} has no operator")
    steps = steps_of(path)

    def value_at(key: str, value: Any) -> Any:
        return key if path == KEY else _at(value, steps)

    if operator in ("null", "!null"):
        return lambda key, value: (
            (value_at(key, value) is None)
            if operator == "null"
            else value_at(key, value) not in (None, _ABSENT)
        )
    if operator in ("empty", "!empty"):
        wanted = operator == "empty"
        return lambda key, value: _is_empty(value_at(key, value)) is wanted
    if operator in ("in", "!in"):
        within = [each.strip() for each in stated.strip("[]").split(",")]
        return lambda key, value: (_text(value_at(key, value)) in within) is (operator == "in")
    test = _test(operator, stated)
    return lambda key, value: test(value_at(key, value))


def steps_of(path: str) -> tuple[str, ...]:
    """`a.b[0].c` as steps; the root is none."""
    if path == ROOT:
        return ()
    steps = tuple(part for part in re.sub(r"\[(\d+)\]", r".\1", path).split(".") if part)
    if len(steps) > DEEPEST + 1:
        raise Unreadable(f"path {path!r} goes too deep")
    return steps


def _is_empty(value: Any) -> bool:
    return value in ("", [], {}) and not isinstance(value, bool)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value in (None, _ABSENT) else str(value)


_COMPARED: dict[str, Callable[[int], bool]] = {
    "lt": lambda sign: sign < 0,
    "le": lambda sign: sign <= 0,
    "gt": lambda sign: sign > 0,
    "ge": lambda sign: sign >= 0,
}
_EQUAL = {"eq": True, "!eq": False, "ne": False, "neq": False}


def _test(operator: str, stated: str) -> Callable[[Any], bool]:
    wanted = _literal(stated)
    if operator in _EQUAL:
        return lambda value: (_sign(value, wanted) == 0) is _EQUAL[operator]
    if operator in _COMPARED:

        def compared(value: Any) -> bool:
            sign = _sign(value, wanted)
            return sign is not None and _COMPARED[operator](sign)

        return compared
    return _likeness(operator, _text(wanted))


def _literal(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1]
    try:
        return float(text)
    except ValueError:
        return text


def _sign(value: Any, wanted: Any) -> int | None:
    """-1, 0 or 1 as the value is less, equal or more; None where the two do not compare."""
    if isinstance(wanted, bool):
        return int(value) - int(wanted) if isinstance(value, bool) else None
    if isinstance(wanted, float):
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return (value > wanted) - (value < wanted)
    return (value > wanted) - (value < wanted) if isinstance(value, str) else None


_NAMED = {"startswith": "$ilike", "endswith": "ilike$"}


def _likeness(operator: str, pattern: str) -> Callable[[Any], bool]:
    wanted = not operator.startswith("!")
    plain = operator.removeprefix("!")
    plain = _NAMED.get(plain, plain)
    starts, ends = plain.startswith("$"), plain.endswith("$")
    word = plain.strip("$")
    if word not in ("like", "ilike"):
        raise Unreadable(f"operator {operator!r} is unknown")
    flags = re.DOTALL | (re.IGNORECASE if word == "ilike" else 0)
    body = ".*".join(".".join(map(re.escape, part.split("?"))) for part in pattern.split("*"))
    found = re.compile(("" if starts else ".*") + body + ("" if ends else ".*"), flags)
    return lambda value: (found.fullmatch(_text(value)) is not None) is wanted


def in_order(text: str) -> Callable[[list[tuple[str, Any]]], list[tuple[str, Any]]]:
    """`path[:direction]` as a way to order (key, value) pairs; entries without the value come last.

    Errors  `Unreadable` for an unknown direction.
    """
    path, _, direction = text.partition(":")
    direction = direction or "asc"
    if direction not in ("asc", "desc", "iasc", "idesc", "nasc", "ndesc"):
        raise Unreadable(f"order {direction!r} is unknown")
    steps = () if path == KEY else steps_of(path)
    numeric, down = direction.startswith("n"), direction.endswith("desc")

    def rank(pair: tuple[str, Any]) -> Any:
        found = pair[0] if path == KEY else _at(pair[1], steps)
        if numeric:
            is_number = isinstance(found, int | float) and not isinstance(found, bool)
            return float(found) if is_number else None
        if found in (None, _ABSENT):
            return None
        return _text(found).lower() if direction.startswith("i") else _text(found)

    def compare(one: tuple[str, Any], other: tuple[str, Any]) -> int:
        first, second = rank(one), rank(other)
        if first is None or second is None:
            return (first is None) - (second is None)
        sign = int(first > second) - int(first < second)
        return -sign if down else sign

    return lambda pairs: sorted(pairs, key=cmp_to_key(compare))


def chosen(
    pairs: Sequence[tuple[str, Any]], conditions: Sequence[Holds], *, any_of: bool
) -> Iterator[tuple[str, Any]]:
    """The entries for which all, or any, of the conditions hold."""
    gather = any if any_of else all
    return (pair for pair in pairs if not conditions or gather(each(*pair) for each in conditions))
