"""What an object needs around it to stand elsewhere: the package that DHIS2's own exports make of it.

Follows the links DHIS2 follows for programs, data sets, category combos, option sets, dashboards and groups of
data elements, and no others: a package brings the questions of a form, never org units or users. Called
by web/api/metadata_export.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from smittesporing.metadata.forms import reference
from smittesporing.metadata.kinds import EMBEDDED, KINDS, kind_pointed_at
from smittesporing.metadata.snapshot import Body, Metadata

# Kinds a package can be made of.
ROOTS = ("programs", "dataSets", "categoryCombos", "optionSets", "dashboards", "dataElementGroups")

# Properties whose objects come along, by the kind that holds them; lists of others' references too.
FOLLOWED: dict[str, tuple[str, ...]] = {
    "programs": (
        *("categoryCombo", "dataEntryForm", "trackedEntityType", "notificationTemplates"),
        *("programStages", "programTrackedEntityAttributes", "programIndicators"),
        *("programSections", "programRuleVariables"),
    ),
    "programStages": (
        *("notificationTemplates", "programStageDataElements", "programStageSections"),
        "dataEntryForm",
    ),
    "programStageSections": ("programIndicators",),
    "programRules": ("programRuleActions",),
    "programRuleActions": (
        *("dataElement", "trackedEntityAttribute", "programIndicator", "programStageSection"),
        *("programStage", "option", "optionGroup", "notificationTemplate"),
    ),
    "programRuleVariables": ("trackedEntityAttribute", "dataElement", "programStage"),
    "programIndicators": ("legendSets",),
    "programNotificationTemplates": ("recipientProgramAttribute", "recipientDataElement"),
    "trackedEntityTypes": ("trackedEntityTypeAttributes",),
    "trackedEntityAttributes": ("optionSet", "legendSets"),
    "dataElements": ("categoryCombo", "optionSet", "commentOptionSet", "legendSets"),
    "dataElementGroups": ("dataElements",),
    "optionSets": ("options",),
    "optionGroups": ("options",),
    "dataSets": (
        *("dataSetElements", "sections", "indicators", "dataEntryForm", "legendSets"),
        *("categoryCombo", "compulsoryDataElementOperands"),
    ),
    "sections": ("greyedFields", "indicators", "dataElements"),
    "indicators": ("indicatorType", "legendSets"),
    "categoryCombos": ("categories", "categoryOptionCombos"),
    "categories": ("categoryOptions",),
    "categoryOptionCombos": ("categoryOptions",),
    "dashboards": ("dashboardItems",),
    "reports": ("visualization",),
}
# Links inside embedded rows that are followed.
_IN_ROWS = frozenset(
    (
        *("dataElement", "trackedEntityAttribute", "categoryCombo", "categoryOptionCombo"),
        *("visualization", "eventVisualization", "map", "reports", "resources"),
    )
)


def package(metadata: Metadata, plural: str, uid: str) -> dict[str, list[Body]]:
    """The object and what must come along, by kind, each once and in order of dependency."""
    found: dict[tuple[str, str], Body] = {}
    waiting = [(plural, uid)]
    while waiting:
        key = waiting.pop()
        body = metadata.get(*key)
        if key in found or body is None:
            continue
        found[key] = body
        waiting += _needed(metadata, key[0], body)
    return {
        each: bodies
        for each in KINDS
        if (bodies := [body for (kind, _), body in found.items() if kind == each])
    }


def _needed(metadata: Metadata, plural: str, body: Body) -> Iterator[tuple[str, str]]:
    for row in body.get("attributeValues") or ():
        if isinstance(row, Mapping) and (attribute := reference(row, "attribute")):
            yield "attributes", attribute
    for name in FOLLOWED.get(plural, ()):
        yield from _pointed(name, body.get(name))
    if plural == "programs":
        # A program does not list its rules; they point at it.
        for uid, rule in metadata.of("programRules").items():
            if reference(rule, "program") == body["id"]:
                yield "programRules", uid


def _pointed(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if name in EMBEDDED:
        for row in value if isinstance(value, list) else (value,):
            if isinstance(row, Mapping):
                for below, each in row.items():
                    if below in _IN_ROWS:
                        yield from _pointed(below, each)
        return
    kind = kind_pointed_at(name)
    if kind is not None:
        for each in value if isinstance(value, list) else (value,):
            if isinstance(each, Mapping) and isinstance(each.get("id"), str):
                yield kind.plural, each["id"]
