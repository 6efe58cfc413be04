"""What must hold for each plain value of an object by itself: length, form and size.

The bounds are those of DHIS2's schemas (schemas.toml). Called by check.py, places.py and the API's
schemas.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from smittesporing.metadata.report import Refusal
from smittesporing.metadata.schema import SCHEMAS, Property

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_COLOR = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")


def _is_url(text: str) -> bool:
    return text.startswith(("http://", "https://"))


# What a text of the type looks like, and the code of one that does not.
_FORMS: dict[str, tuple[Callable[[str], object], str]] = {
    "EMAIL": (_EMAIL.fullmatch, "E4003"),
    "URL": (_is_url, "E4004"),
    "COLOR": (_COLOR.fullmatch, "E4006"),
}


def values(plural: str, body: Mapping[str, Any]) -> Iterator[Refusal]:
    """The values that are too long, too short, too large, or not what they are to look like.

    Shape   Only what the kind itself holds is looked at; an empty text is nothing, as in DHIS2.
    """
    for name, stated in SCHEMAS[plural].properties.items():
        value = body.get(name)
        # What an identifier looks like is asked apart, for all kinds alike.
        if value is None or name == "id" or not (stated.owner and stated.writable):
            continue
        if isinstance(value, str):
            yield from _text(name, stated, value)
        elif isinstance(value, int | float) and stated.type in ("INTEGER", "NUMBER"):
            yield from _number(name, stated, value)


def _text(name: str, stated: Property, value: str) -> Iterator[Refusal]:
    if not value or stated.type in ("INTEGER", "NUMBER"):
        return
    if stated.most is not None and len(value) > stated.most:
        yield Refusal("E4001", (name, f"{stated.most:.0f}", str(len(value))), name)
        return
    if stated.least is not None and len(value) < stated.least:
        yield Refusal("E4002", (name, f"{stated.least:.0f}", str(len(value))), name)
    looks, code = _FORMS.get(stated.type, (bool, ""))
    if not looks(value):
        yield Refusal(code, (name, value), name)


def _number(name: str, stated: Property, value: float) -> Iterator[Refusal]:
    least = stated.least if stated.least is not None else value
    most = stated.most if stated.most is not None else value
    if not least <= value <= most:
        yield Refusal("E4008", (name, f"{least:g}", f"{most:g}", f"{value:g}"), name)
