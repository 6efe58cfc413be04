"""DHIS2's `filter` and `order` languages for metadata: which objects an answer holds, in what order.

Each `path:operator:value` is parsed to a condition and compiled to a predicate over objects;
references on the path are followed through the same `Shape` and `World` that `fields` uses. What the
operators mean stands in operators.py. Tracker's filters are another language and live with tracker.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Final

from smittesporing.metadata.fields import MISSING, Json, Shape, World
from smittesporing.metadata.operators import OPERATORS, WITHOUT_VALUE

Predicate = Callable[[Mapping[str, Json]], bool]
_Read = Callable[[Any, Mapping[str, Json]], list[Json]]
_Plan = Callable[[Any, Mapping[str, Json]], bool]

# What DHIS2 looks through for `identifiable:`.
IDENTIFIABLE: Final = ("id", "code", "name", "shortName")
# Where a comma in a `filter` parameter begins the next filter, and is no part of a value.
_NEXT: Final = re.compile(r",(?=[a-zA-Z0-9.]+:[!$a-zA-Z]{2,11}(?::|,|$))")


class Refusal(ValueError):
    """A filter that cannot be answered; the message is fit for the asker."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter, taken apart; value is None for operators without one."""

    path: tuple[str, ...]
    operator: str
    value: str | None


def split(text: str) -> list[str]:
    """The filters of one parameter: they may stand in a row with commas between.

    Shape   A comma within [brackets], or one that no filter follows, belongs to the value.
    """
    parts: list[str] = []
    start = 0
    for found in _NEXT.finditer(text):
        before = text[start : found.start()]
        if before.count("[") <= before.count("]"):
            parts.append(before)
            start = found.end()
    return [part for part in (*parts, text[start:]) if part.strip()]


def parse(text: str) -> Condition:
    """The condition one filter states; only the first two colons separate.

    Errors  `Refusal` when the operator is missing or unknown, or has no value where it needs one.
    """
    path, _, rest = text.strip().partition(":")
    name, has_value, value = rest.partition(":")
    steps = tuple(part.strip() for part in path.split("."))
    if not all(steps) or not name:
        raise Refusal(f"Invalid filter: {text}")
    if name not in OPERATORS:
        raise Refusal(f"`{name}` is not a valid operator.")
    if name in WITHOUT_VALUE:
        return Condition(steps, name, None)
    if not has_value:
        raise Refusal(f"Filter `{text}` has no value.")
    if name in ("in", "!in") and not _is_list(value):
        raise Refusal(f"Invalid argument `{value}` for {name} operator.")
    return Condition(steps, name, value)


def _is_list(value: str) -> bool:
    inside = value.strip()
    return inside.startswith("[") and inside.endswith("]") and len(inside) > 2


def matching(
    conditions: Sequence[Condition],
    world: World,
    kind: str,
    *,
    any_of: bool = False,
    query: str = "",
) -> Predicate:
    """The predicate that holds for objects of the kind meeting all conditions (or any of them).

    Shape   `query` is asked beside the conditions, always: the id or code itself, or a part of the
            name.
    """
    return partial(_planned(tuple(conditions), world.shape, kind, any_of, query), world)


@lru_cache(maxsize=1024)
def _planned(
    conditions: tuple[Condition, ...], shape: Shape, kind: str, any_of: bool, query: str
) -> _Plan:
    tests = [_predicate(condition, shape, kind) for condition in conditions]
    asked = (("id", "eq"), ("code", "eq"), ("name", "ilike")) if query else ()
    found = [_predicate(Condition((name,), how, query), shape, kind) for name, how in asked]
    join = any if any_of and tests else all

    def holds(world: Any, body: Mapping[str, Json]) -> bool:
        if found and not any(test(world, body) for test in found):
            return False
        return join(test(world, body) for test in tests)

    return holds


def ordered(
    bodies: Iterable[Mapping[str, Json]], orders: Sequence[str], world: World, kind: str
) -> list[Mapping[str, Json]]:
    """The objects sorted by `name:asc` and the like; the first order weighs most.

    Shape   Directions are asc, desc, iasc and idesc (i: upper and lower case alike); objects that
            lack the property come last ascending, first descending, as in PostgreSQL. Beneath all
            orders: by name, then id.
    """
    found = sorted(bodies, key=lambda body: (str(body.get("name", "")).casefold(), body["id"]))
    for text in reversed(orders):
        path, _, direction = text.strip().partition(":")
        if not path:
            continue
        way = direction.strip().lower() or "asc"
        found.sort(key=_sort_key(path, way, world, kind), reverse=way.endswith("desc"))
    return found


def _sort_key(path: str, way: str, world: World, kind: str) -> Callable[[Mapping[str, Json]], Any]:
    read = _reader(tuple(path.split(".")), world.shape, kind)
    folded = way.startswith("i")

    def key(body: Mapping[str, Json]) -> Any:
        value = next(iter(read(world, body)), None)
        if value is None or value is MISSING:
            return (2, 0.0, "")
        if isinstance(value, bool | int | float):
            return (0, float(value), "")
        return (1, 0.0, str(value).casefold() if folded else str(value))

    return key


def _predicate(condition: Condition, shape: Shape, kind: str) -> _Plan:
    test = OPERATORS[condition.operator](condition.value or "")
    if condition.path == ("identifiable",):
        getters = [shape.getter(kind, name) for name in IDENTIFIABLE]
        return lambda world, body: any(test(get(world, body)) for get in getters)
    absent = condition.operator in WITHOUT_VALUE
    read = _reader(condition.path, shape, kind)

    def holds(world: Any, body: Mapping[str, Json]) -> bool:
        values = read(world, body)
        if not values:
            return test(None) if absent else False
        return any(test(value) for value in values)

    return holds


def _reader(path: tuple[str, ...], shape: Shape, kind: str) -> _Read:
    """How the values at the end of the path are read; through a list there is one per member."""
    steps = []
    here = kind
    for name in path:
        steps.append((shape.getter(here, name), here))
        here = shape.below(here, name)
    first, last = steps[0][0], len(steps) - 1
    # Who it is shared with stands by identifier, and counts as a list.
    members = path in (("sharing", "users"), ("sharing", "userGroups"))

    def read(world: Any, body: Mapping[str, Json]) -> list[Json]:
        value = first(world, body)
        at = [] if value is MISSING else [value]
        for get, kind_here in steps[1:]:
            reached = []
            for value in at:
                for each in value if isinstance(value, list | tuple) else (value,):
                    if isinstance(each, Mapping):
                        found = get(world, world.whole(kind_here, each))
                        if found is not MISSING:
                            reached.append(found)
            at = reached
        if members and at and isinstance(at[0], Mapping):
            at = [list(at[0].values())]
        return at

    if last == 0:
        return lambda world, body: _single(first(world, body))
    return read


def _single(value: Json) -> list[Json]:
    return [] if value is MISSING else [value]
