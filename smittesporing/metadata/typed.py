"""A posted object's plain values made what their types say: "true" is true, "7" is 7, as DHIS2 reads JSON.

Clients of DHIS2 write numbers and yes/no as texts, also in the rows inside an object; what is kept,
counted and compared must not depend on who wrote it. Called by normalise.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from smittesporing.metadata.schema import SCHEMAS, leads_to

_TEXTS = frozenset(("TEXT", "IDENTIFIER", "URL", "EMAIL", "PHONENUMBER", "COLOR"))
_WORDS = {"true": True, "false": False}


def typed(plural: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The object, or the row, with each plain value in its type.

    Shape   A number or yes/no written as an empty text is left out, as if it were not stated.
    Errors  ValueError naming the property whose value is none of its type.
    """
    found: dict[str, Any] = {}
    properties = SCHEMAS[plural].properties
    for name, value in body.items():
        stated = properties.get(name)
        if stated is None:
            found[name] = value
            continue
        below = leads_to(plural, name)
        if below is not None and not SCHEMAS[below].has_address:
            found[name] = _rows(below, value)
        elif isinstance(value, list) and stated.collection:
            found[name] = [_plain(name, stated.item or "", each) for each in value]
        else:
            plain = _plain(name, stated.type, value)
            if plain is not None:
                found[name] = plain
    return found


def _rows(plural: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_rows(plural, each) for each in value]
    return typed(plural, value) if isinstance(value, Mapping) else value


def _plain(name: str, kind: str, value: Any) -> Any:
    """The value in its type; None for an empty text where a number or yes/no should stand."""
    if kind == "BOOLEAN":
        return _truth(name, value)
    if kind in ("INTEGER", "NUMBER"):
        return _number(name, kind, value)
    if kind == "DATE":
        return _moment(name, value)
    if kind in _TEXTS and isinstance(value, bool | int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value


def _moment(name: str, value: Any) -> str | None:
    """A day or moment as text; a number is milliseconds since 1970. What a text says is not asked here."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name} is not a date")
    try:
        at = datetime.fromtimestamp(value / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        raise ValueError(f"{name} is not a date") from None
    return at.strftime("%Y-%m-%dT%H:%M:%S.000")


def _truth(name: str, value: Any) -> bool | None:
    if isinstance(value, str):
        text = value.strip().lower()
        if text == "":
            return None
        if text in _WORDS:
            return _WORDS[text]
    elif isinstance(value, int):
        return bool(value)
    raise ValueError(f"{name} is neither true nor false")


def _number(name: str, kind: str, value: Any) -> int | float | None:
    if isinstance(value, str) and value.strip() == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{name} is not a number")
    try:
        number = float(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError(f"{name} is not a number") from None
    whole = kind == "INTEGER" or (isinstance(value, str) and float(number).is_integer())
    return int(number) if whole else number
