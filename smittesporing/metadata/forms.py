"""The questions: data elements, attributes of a person, and the sections that order them.

A question knows its value type and its choices; it does not know who answered. Checking a value
against its type is the tracker's work. Built by snapshot.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from smittesporing.metadata.options import OptionSet

NUMERIC_TYPES = frozenset(
    (
        "NUMBER",
        "UNIT_INTERVAL",
        "PERCENTAGE",
        "INTEGER",
        "INTEGER_POSITIVE",
        "INTEGER_NEGATIVE",
        "INTEGER_ZERO_OR_POSITIVE",
    )
)
VALUE_TYPES = NUMERIC_TYPES | {
    "TEXT",
    "LONG_TEXT",
    "MULTI_TEXT",
    "LETTER",
    "PHONE_NUMBER",
    "EMAIL",
    "BOOLEAN",
    "TRUE_ONLY",
    "DATE",
    "DATETIME",
    "TIME",
    "TRACKER_ASSOCIATE",
    "USERNAME",
    "COORDINATE",
    "ORGANISATION_UNIT",
    "REFERENCE",
    "AGE",
    "URL",
    "FILE_RESOURCE",
    "IMAGE",
    "GEOJSON",
}
DATE_TYPES = frozenset(("DATE", "DATETIME", "AGE"))


@dataclass(frozen=True, slots=True, eq=False)
class DataElement:
    """A question asked in an event."""

    uid: str
    code: str | None
    name: str
    form_name: str
    description: str
    value_type: str
    option_set: OptionSet | None
    aggregation_type: str
    domain: str = "TRACKER"
    zero_is_significant: bool = False

    def __post_init__(self) -> None:
        if self.value_type not in VALUE_TYPES:
            raise ValueError(f"data element {self.uid} has unknown value type {self.value_type!r}")


@dataclass(frozen=True, slots=True, eq=False)
class Attribute:
    """A question about the person (or cluster) herself: a tracked entity attribute."""

    uid: str
    code: str | None
    name: str
    form_name: str
    description: str
    value_type: str
    option_set: OptionSet | None
    unique: bool
    orgunit_scope: bool
    confidential: bool
    generated: bool
    pattern: str
    inherit: bool
    min_characters_to_search: int = 0
    blocked_search_operators: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.value_type not in VALUE_TYPES:
            raise ValueError(f"attribute {self.uid} has unknown value type {self.value_type!r}")


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """A heading and the questions under it, in order: uids of data elements or attributes."""

    uid: str
    name: str
    description: str
    sort_order: int
    questions: tuple[str, ...]


def data_element(body: Mapping[str, Any], option_sets: Mapping[str, OptionSet]) -> DataElement:
    """The data element a DHIS2 object describes; ValueError when its value type is unknown."""
    name = str(body.get("name", ""))
    return DataElement(
        uid=str(body["id"]),
        code=body.get("code"),
        name=name,
        form_name=str(body.get("formName") or name),
        description=str(body.get("description") or ""),
        value_type=str(body.get("valueType", "TEXT")),
        option_set=option_sets.get(reference(body, "optionSet") or ""),
        aggregation_type=str(body.get("aggregationType") or "NONE"),
        domain=str(body.get("domainType") or "AGGREGATE"),
        zero_is_significant=bool(body.get("zeroIsSignificant")),
    )


def attribute(body: Mapping[str, Any], option_sets: Mapping[str, OptionSet]) -> Attribute:
    """The attribute a DHIS2 object describes; ValueError when its value type is unknown."""
    name = str(body.get("name", ""))
    return Attribute(
        uid=str(body["id"]),
        code=body.get("code"),
        name=name,
        form_name=str(body.get("formName") or name),
        description=str(body.get("description") or ""),
        value_type=str(body.get("valueType", "TEXT")),
        option_set=option_sets.get(reference(body, "optionSet") or ""),
        unique=bool(body.get("unique")),
        orgunit_scope=bool(body.get("orgunitScope")),
        confidential=bool(body.get("confidential")),
        generated=bool(body.get("generated")),
        pattern=str(body.get("pattern") or ""),
        inherit=bool(body.get("inherit")),
        min_characters_to_search=int(body.get("minCharactersToSearch") or 0),
        blocked_search_operators=frozenset(body.get("blockedSearchOperators") or ()),
    )


def section(body: Mapping[str, Any], questions: str) -> Section:
    """The section a DHIS2 object describes; `questions` names its list of references."""
    return Section(
        uid=str(body["id"]),
        name=str(body.get("name", "")),
        description=str(body.get("description") or ""),
        sort_order=int(body.get("sortOrder") or 0),
        questions=references(body, questions),
    )


def reference(body: Mapping[str, Any], name: str) -> str | None:
    """The uid that a property such as `{"program": {"id": …}}` points at, or None."""
    value = body.get(name)
    if isinstance(value, Mapping):
        uid = value.get("id")
        return str(uid) if uid else None
    return None


def references(body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The uids that a list such as `{"programs": [{"id": …}, …]}` points at, in order."""
    value = body.get(name)
    if not isinstance(value, list):
        return ()
    return tuple(str(each["id"]) for each in value if isinstance(each, Mapping) and each.get("id"))
