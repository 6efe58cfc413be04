"""DHIS2's `filter` and `order` languages for metadata: which objects an answer holds, in what order.

Each `path:operator:value` is parsed to a condition and compiled to a predicate over dictionaries;
references on the path are followed through the same `World` that `fields` uses. Tracker's filters
are another language and live with tracker.
"""

from __future__ import annotations

import operator as compare
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smittesporing.metadata.fields import MISSING, Json, World

Predicate = Callable[[Mapping[str, Json]], bool]
Test = Callable[[Json], bool]

# What DHIS2 looks through for `identifiable:` and for `query=`.
IDENTIFIABLE = ("id", "code", "name", "shortName")


class Refusal(ValueError):
    """A filter that cannot be answered; the message is fit for the asker."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter, taken apart; value is None for operators without one."""

    path: tuple[str, ...]
    operator: str
    value: str | None


def parse(text: str) -> Condition:
    """The condition a `filter` parameter states; only the first two colons separate.

    Errors  `Refusal` when the operator is missing or unknown, or has no value where it needs one.
    """
    path, _, rest = text.strip().partition(":")
    name, has_value, value = rest.partition(":")
    if not path or not name:
        raise Refusal(f"Invalid filter: {text}")
    if name not in OPERATORS:
        raise Refusal(f"`{name}` is not a valid operator.")
    if name in _WITHOUT_VALUE:
        return Condition(tuple(path.split(".")), name, None)
    if not has_value:
        raise Refusal(f"Filter `{text}` has no value.")
    return Condition(tuple(path.split(".")), name, value)


def matching(
    conditions: Sequence[Condition],
    world: World,
    kind: str,
    *,
    any_of: bool = False,
    query: str = "",
) -> Predicate:
    """The predicate that holds for objects of the kind meeting all conditions (or any of them).

    Shape   `query` is asked of id, code and name beside the conditions, always.
    """
    tests = [_predicate(condition, world, kind) for condition in conditions]
    asked = _predicate(Condition(("identifiable",), "token", query), world, kind) if query else None

    def holds(body: Mapping[str, Json]) -> bool:
        if asked is not None and not asked(body):
            return False
        if not tests:
            return True
        return (any if any_of else all)(test(body) for test in tests)

    return holds


def ordered(
    bodies: Iterable[Mapping[str, Json]], orders: Sequence[str], world: World, kind: str
) -> list[Mapping[str, Json]]:
    """The objects sorted by `name:asc` and the like; the first order weighs most.

    Shape   Directions are asc, desc, iasc and idesc (i: upper and lower case alike); objects that
            lack the property come first ascending. Without orders: by name, then id.
    """
    found = sorted(bodies, key=lambda body: (str(body.get("name", "")).casefold(), body["id"]))
    for text in reversed(orders):
        path, _, direction = text.partition(":")
        if not path:
            continue
        way = direction.lower() or "asc"
        folded = way.startswith("i")

        def key(body: Mapping[str, Json], path: str = path, folded: bool = folded) -> Any:
            value = next(iter(_reached(body, tuple(path.split(".")), world, kind)), None)
            if isinstance(value, bool | int | float):
                return (1, float(value), "")
            if value is None or value is MISSING:
                return (0, 0.0, "")
            return (2, 0.0, str(value).casefold() if folded else str(value))

        found.sort(key=key, reverse=way.endswith("desc"))
    return found


def _predicate(condition: Condition, world: World, kind: str) -> Predicate:
    test = OPERATORS[condition.operator](condition.value or "")
    if condition.path == ("identifiable",):
        return lambda body: any(test(body.get(name)) for name in IDENTIFIABLE)
    absent = condition.operator in ("null", "!null", "empty")

    def holds(body: Mapping[str, Json]) -> bool:
        values = _reached(body, condition.path, world, kind)
        if not values:
            return test(None) if absent else False
        return any(test(value) for value in values)

    return holds


def _reached(
    body: Mapping[str, Json], path: tuple[str, ...], world: World, kind: str
) -> list[Json]:
    """The values at the end of the path; through a list there is one for each of its members."""
    at: list[tuple[str, Json]] = [(kind, body)]
    for place, name in enumerate(path):
        reached: list[tuple[str, Json]] = []
        for here, value in at:
            if not isinstance(value, Mapping):
                continue
            found = world.value(here, world.whole(here, value) if place else value, name)
            if found is MISSING:
                continue
            below = world.below(here, name)
            if isinstance(found, list | tuple) and place < len(path) - 1:
                reached.extend((below, each) for each in found)
            else:
                reached.append((below, found))
        at = reached
    return [value for _, value in at]


def _text(value: Json) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, Mapping) and "id" in value:
        return str(value["id"])
    return None


def _same(wanted: str) -> Test:
    def test(value: Json) -> bool:
        if isinstance(value, list | tuple):
            return str(len(value)) == wanted
        if isinstance(value, bool):
            return wanted.lower() == ("true" if value else "false")
        if isinstance(value, int | float):
            return _number(wanted) == float(value)
        text = _text(value)
        return text == wanted or (text is not None and _is_moment(text) and _moments(text, wanted))

    return test


def _is_moment(text: str) -> bool:
    return len(text) >= 10 and text[4:5] == "-" and text[7:8] == "-"


def _moments(text: str, wanted: str) -> bool:
    # A day stands for its first moment, as DHIS2 reads it.
    return _is_moment(wanted) and _padded(text) == _padded(wanted)


def _padded(moment: str) -> str:
    return (moment + "-01-01T00:00:00.000"[len(moment) - 4 :])[:23] if len(moment) < 23 else moment


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _ordering(compares: Callable[[Any, Any], bool]) -> Callable[[str], Test]:
    def make(wanted: str) -> Test:
        limit = _number(wanted)

        def test(value: Json) -> bool:
            if isinstance(value, list | tuple):
                return limit is not None and compares(len(value), limit)
            if isinstance(value, bool) or value is None:
                return False
            if isinstance(value, int | float):
                return limit is not None and compares(float(value), limit)
            text = _text(value)
            if text is None:
                return False
            if _is_moment(text):
                return compares(_padded(text), _padded(wanted))
            return compares(text, wanted)

        return test

    return make


def _like(holds: Callable[[str, str], bool], *, folded: bool) -> Callable[[str], Test]:
    def make(wanted: str) -> Test:
        part = wanted.casefold() if folded else wanted

        def test(value: Json) -> bool:
            text = _text(value)
            return text is not None and holds(text.casefold() if folded else text, part)

        return test

    return make


def _token(wanted: str) -> Test:
    words = wanted.casefold().split()
    return lambda value: isinstance(value, str) and all(word in value.casefold() for word in words)


def _one_of(wanted: str) -> Test:
    inside = wanted.strip().removeprefix("[").removesuffix("]")
    tests = [_same(part.strip()) for part in inside.split(",")]
    texts = frozenset(part.strip() for part in inside.split(","))

    def test(value: Json) -> bool:
        if isinstance(value, str):
            return value in texts
        return any(same(value) for same in tests)

    return test


def _not(make: Callable[[str], Test]) -> Callable[[str], Test]:
    def made(wanted: str) -> Test:
        test = make(wanted)
        return lambda value: value is not None and not test(value)

    return made


def _null(wanted: str) -> Test:
    return lambda value: value is None or value is MISSING


def _empty(wanted: str) -> Test:
    return lambda value: value is None or (isinstance(value, list | tuple | str) and not value)


def _within(text: str, part: str) -> bool:
    return part in text


def _operators() -> dict[str, Callable[[str], Test]]:
    made: dict[str, Callable[[str], Test]] = {
        "eq": _same,
        "ieq": _like(compare.eq, folded=True),
        "gt": _ordering(compare.gt),
        "ge": _ordering(compare.ge),
        "gte": _ordering(compare.ge),
        "lt": _ordering(compare.lt),
        "le": _ordering(compare.le),
        "lte": _ordering(compare.le),
        "in": _one_of,
        "token": _token,
        "null": _null,
        "empty": _empty,
        "startsWith": _like(str.startswith, folded=False),
        "endsWith": _like(str.endswith, folded=False),
    }
    for prefix, folded in (("", False), ("i", True)):
        made[f"{prefix}like"] = _like(_within, folded=folded)
        made[f"${prefix}like"] = _like(str.startswith, folded=folded)
        made[f"{prefix}like$"] = _like(str.endswith, folded=folded)
    for name in [name for name in made if name not in ("null", "ieq")]:
        made[f"!{name}"] = _not(made[name])
    made["!null"] = lambda wanted: lambda value: value is not None
    made["ne"] = made["neq"] = made["!eq"]
    return made


OPERATORS = _operators()
_WITHOUT_VALUE = frozenset(("null", "!null", "empty", "!empty"))
