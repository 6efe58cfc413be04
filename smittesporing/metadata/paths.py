"""Whether a filter names something that objects of a kind have, and a value of that thing's type.

Called by web/api/world.py before a filter is asked of any object.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from smittesporing.metadata.fields import Shape
from smittesporing.metadata.filters import Condition, Refusal
from smittesporing.metadata.operators import WITHOUT_VALUE, number_of, values_in
from smittesporing.metadata.schema import SCHEMAS, Property
from smittesporing.uid import is_uid

# Older words for sharing and names for what is computed, which schemas no longer state.
_LEGACY: Final = frozenset(
    ("publicAccess", "externalAccess", "userAccesses", "userGroupAccesses", "isDefault", "user")
)
_MOMENT: Final = re.compile(
    r"\d{4}(-\d{2}(-\d{2}([T ]\d{2}(:?\d{2}(:?\d{2}([.,]\d{1,9})?)?)?(Z|[+-]\d{2}:?\d{2})?)?)?)?"
)


def reached(
    path: tuple[str, ...], plural: str, shape: Shape, carries: Callable[[str, str], bool]
) -> Property | None:
    """The property at the path's end, or None where no schema describes it.

    Shape   carries answers whether some object of a kind has stored a property no schema knows.
    Errors  `Refusal` when the path names nothing.
    """
    if path == ("identifiable",):
        return None
    here, found = plural, None
    for place, name in enumerate(path):
        schema = SCHEMAS.get(here)
        last = place == len(path) - 1
        if schema is None:
            return None
        found = schema.properties.get(name)
        if found is None and not (
            name in _LEGACY
            or (last and is_uid(name))
            or (
                name.startswith("display") and f"{name[7:8].lower()}{name[8:]}" in schema.properties
            )
            or carries(here, name)
        ):
            raise Refusal(f"Unknown path property: {'.'.join(path)}")
        if found is not None and found.simple and not last:
            raise Refusal(f"`{name}` is a plain value, so nothing can be asked below it.")
        here = shape.below(here, name)
    return found


def check_value(condition: Condition, at: Property | None) -> None:
    """Errors  `Refusal` when the filter's value cannot be one of the property it is compared with."""
    if at is None or at.collection or condition.operator in WITHOUT_VALUE:
        return
    value = condition.value or ""
    values = values_in(value) if condition.operator in ("in", "!in") else [value]
    for each in values:
        if not _fits(each, at):
            known = f", which is one of {', '.join(at.constants)}" if at.constants else ""
            raise Refusal(f"Unable to parse `{each}` as {at.name}{known}.")


def _fits(value: str, at: Property) -> bool:
    if at.type == "INTEGER":
        return re.fullmatch(r"[+-]?\d{1,18}", value) is not None
    if at.type == "NUMBER":
        return number_of(value) is not None
    if at.type == "DATE":
        return _MOMENT.fullmatch(value) is not None
    return not at.constants or value in at.constants
