"""What each operator of DHIS2's `filter` language means: a test of one value.

A test is made once from the text that stands in the filter and then asked of many values; a list is
measured by its length. Called by filters.py.
"""

from __future__ import annotations

import operator as compare
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

Json = Any
Test = Callable[[Json], bool]

_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_NO_LETTER: Final = re.compile(r"[\W_]+")
WITHOUT_VALUE: Final = frozenset(("null", "!null", "empty", "!empty"))


def text_of(value: Json) -> str | None:
    """The value as a filter sees it: a reference is its id; None when it is no single value."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Mapping) and "id" in value:
        return str(value["id"])
    return None


def number_of(text: str) -> float | None:
    """The number the text states, or None."""
    try:
        return float(text)
    except ValueError:
        return None


def is_moment(text: str) -> bool:
    """Whether the text begins with a day, as DHIS2 writes dates and moments."""
    return _MOMENT.match(text) is not None


def padded(moment: str) -> str:
    """A day or a moment as a moment to the millisecond: a day stands for its first."""
    return (moment + "-01-01T00:00:00.000"[len(moment) - 4 :])[:23] if len(moment) < 23 else moment


def _same(wanted: str) -> Test:
    moment = padded(wanted) if is_moment(wanted) else None
    number, folded = number_of(wanted), wanted.lower()

    def test(value: Json) -> bool:
        if isinstance(value, str):
            if value == wanted:
                return True
            return moment is not None and is_moment(value) and padded(value) == moment
        if isinstance(value, bool):
            return folded == ("true" if value else "false")
        if isinstance(value, int | float):
            return number == float(value)
        if isinstance(value, list | tuple):
            return str(len(value)) == wanted
        return text_of(value) == wanted

    return test


def _ordering(compares: Callable[[Any, Any], bool]) -> Callable[[str], Test]:
    def make(wanted: str) -> Test:
        limit = number_of(wanted)

        def test(value: Json) -> bool:
            if isinstance(value, list | tuple):
                return limit is not None and compares(len(value), limit)
            if isinstance(value, bool) or value is None:
                return False
            if isinstance(value, int | float):
                return limit is not None and compares(float(value), limit)
            text = text_of(value)
            if text is None:
                return False
            if is_moment(text):
                return compares(padded(text), padded(wanted))
            return compares(text, wanted)

        return test

    return make


def _like(holds: Callable[[str, str], bool], *, folded: bool) -> Callable[[str], Test]:
    def make(wanted: str) -> Test:
        part = wanted.casefold() if folded else wanted

        def test(value: Json) -> bool:
            text = text_of(value)
            return text is not None and holds(text.casefold() if folded else text, part)

        return test

    return make


def _token(wanted: str) -> Test:
    words = [word for word in _NO_LETTER.split(wanted.casefold()) if word]

    def test(value: Json) -> bool:
        if not isinstance(value, str):
            return False
        folded = value.casefold()
        return all(word in folded for word in words)

    return test


def values_in(wanted: str) -> list[str]:
    """The values between the brackets of `in`."""
    inside = wanted.strip().removeprefix("[").removesuffix("]")
    return [part.strip() for part in inside.split(",")]


def _one_of(wanted: str) -> Test:
    texts = frozenset(values_in(wanted))
    tests = [_same(text) for text in texts]

    def test(value: Json) -> bool:
        if isinstance(value, str):
            return value in texts
        if isinstance(value, Mapping):
            return text_of(value) in texts
        return any(same(value) for same in tests)

    return test


def _not(make: Callable[[str], Test]) -> Callable[[str], Test]:
    def made(wanted: str) -> Test:
        test = make(wanted)
        return lambda value: value is not None and not test(value)

    return made


def _null(wanted: str) -> Test:
    return lambda value: value is None


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
        # DHIS2 takes these two for upper and lower case alike, whatever the names suggest.
        "startsWith": _like(str.startswith, folded=True),
        "endsWith": _like(str.endswith, folded=True),
    }
    for prefix, folded in (("", False), ("i", True)):
        made[f"{prefix}like"] = _like(_within, folded=folded)
        made[f"${prefix}like"] = _like(str.startswith, folded=folded)
        made[f"{prefix}like$"] = _like(str.endswith, folded=folded)
    for name in [name for name in made if name not in ("null", "empty")]:
        made[f"!{name}"] = _not(made[name])
    made["!null"] = lambda wanted: lambda value: value is not None
    made["!empty"] = lambda wanted: lambda value: not _empty("")(value)
    made["ne"] = made["neq"] = made["!eq"]
    return made


OPERATORS: Final = _operators()
