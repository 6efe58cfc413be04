"""Option sets: the closed lists that answers are chosen from.

Knows nothing of the questions that use them. A closed option (attribute ST_CLOSED) keeps its word for what
was answered and is no longer offered. Built by snapshot.py; read wherever a code is checked or shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

# The code of the custom attribute that says an option is closed.
CLOSED = "ST_CLOSED"


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: `code` is what records hold, `name` is what people read."""

    uid: str
    code: str
    name: str
    sort_order: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class OptionSet:
    """A list of choices in the order they are shown; codes within it are unique.

    Shape   `options` are those offered; `names` and `closed` also tell of what is no longer offered.
    """

    uid: str
    code: str | None
    name: str
    value_type: str
    options: tuple[Option, ...]
    version: int = 0
    names: Mapping[str, str] = field(default_factory=dict, repr=False)
    closed: tuple[Option, ...] = ()

    def has(self, code: str) -> bool:
        """Whether the code is one of the choices; upper and lower case count as different."""
        return code in self.names

    def name_of(self, code: str) -> str | None:
        """What people read for this code, or None when the set lacks it."""
        return self.names.get(code)

    def choices(self, chosen: str) -> tuple[Option, ...]:
        """What is offered to one who has chosen this; several codes are parted by commas."""
        codes = chosen.split(",")
        return (*self.options, *(option for option in self.closed if option.code in codes))


def is_closed(option: Mapping[str, Any], marker: str) -> bool:
    """Whether the option carries the attribute with this uid, and it says yes."""
    return any(
        isinstance(each, Mapping)
        and isinstance(each.get("attribute"), Mapping)
        and each["attribute"].get("id") == marker
        and each.get("value") == "true"
        for each in (option.get("attributeValues") or ())
    )


def option_set(
    body: Mapping[str, Any], options: Iterable[Mapping[str, Any]], marker: str = ""
) -> OptionSet:
    """The option set a DHIS2 object and its options describe; `marker` is the uid of ST_CLOSED.

    Shape   Options are put in order of sortOrder; a code that occurs twice keeps its first name.
    """
    options = list(options)
    shut = {str(each["id"]) for each in options if marker and is_closed(each, marker)}
    ordered = sorted(
        (
            Option(
                uid=str(each["id"]),
                code=str(each.get("code") or each.get("name") or ""),
                name=str(each.get("name") or each.get("code") or ""),
                sort_order=int(each.get("sortOrder") or 0),
            )
            for each in options
        ),
        key=lambda option: option.sort_order,
    )
    names: dict[str, str] = {}
    for option in ordered:
        names.setdefault(option.code, option.name)
    return OptionSet(
        uid=str(body["id"]),
        code=body.get("code"),
        name=str(body.get("name", "")),
        value_type=str(body.get("valueType", "TEXT")),
        options=tuple(option for option in ordered if option.uid not in shut),
        closed=tuple(option for option in ordered if option.uid in shut),
        version=int(body.get("version") or 0),
        names=names,
    )
