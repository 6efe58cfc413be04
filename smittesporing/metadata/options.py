"""Option sets: the closed lists that answers are chosen from.

Knows nothing of the questions that use them. Built by snapshot.py; read wherever a code is
checked or shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: `code` is what records hold, `name` is what people read."""

    uid: str
    code: str
    name: str
    sort_order: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class OptionSet:
    """A list of choices in the order they are shown; codes within it are unique."""

    uid: str
    code: str | None
    name: str
    value_type: str
    options: tuple[Option, ...]
    version: int = 0
    names: Mapping[str, str] = field(default_factory=dict, repr=False)

    def has(self, code: str) -> bool:
        """Whether the code is one of the choices; upper and lower case count as different."""
        return code in self.names

    def name_of(self, code: str) -> str | None:
        """What people read for this code, or None when the set lacks it."""
        return self.names.get(code)


def option_set(body: Mapping[str, Any], options: Iterable[Mapping[str, Any]]) -> OptionSet:
    """The option set a DHIS2 object and its options describe.

    Shape   Options are put in order of sortOrder; a code that occurs twice keeps its first name.
    """
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
        options=tuple(ordered),
        version=int(body.get("version") or 0),
        names=names,
    )
