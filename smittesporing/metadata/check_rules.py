"""What must hold for program rules before they are kept: variables with a source, actions with an aim.

The demands and their codes are those of DHIS2 2.42; a rule may name variables that do not exist,
as packages do, and fails alone when it runs. Called by exchange.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from smittesporing.metadata.forms import reference
from smittesporing.metadata.report import Refusal

Body = dict[str, Any]
Objects = Mapping[str, Mapping[str, Body]]

# Whole words of the name, as spaces part them.
_FORBIDDEN = re.compile(r"(?:^|\s)(and|or|not)(?:\s|$)")
_NEWEST_OF_STAGE = "DATAELEMENT_NEWEST_EVENT_PROGRAM_STAGE"
_ABOUT_A_QUESTION = frozenset(
    ("HIDEFIELD", "SETMANDATORYFIELD", "HIDEOPTION", "SHOWOPTIONGROUP", "HIDEOPTIONGROUP")
)
_TYPES = _ABOUT_A_QUESTION | {
    *("DISPLAYTEXT", "DISPLAYKEYVALUEPAIR", "HIDESECTION", "HIDEPROGRAMSTAGE", "ASSIGN"),
    *("SHOWWARNING", "WARNINGONCOMPLETE", "SHOWERROR", "ERRORONCOMPLETE", "CREATEEVENT"),
    *("SENDMESSAGE", "SCHEDULEMESSAGE", "SCHEDULEEVENT"),
}


def variable(given: Mapping[str, Any], body: Body) -> Iterator[Refusal]:
    """What a program rule variable lacks; `given` is as it was posted, where null differs from absent."""
    name = str(body.get("name"))
    source = str(body.get("programRuleVariableSourceType") or "")
    if _FORBIDDEN.search(name):
        yield Refusal("E4052", (name,), "name")
    if not source:
        yield Refusal("E4090", (name,), "programRuleVariableSourceType")
    if source.startswith("DATAELEMENT_") and not reference(body, "dataElement"):
        yield Refusal("E4059", (name, source), "dataElement")
    if source == _NEWEST_OF_STAGE and not reference(body, "programStage"):
        yield Refusal("E4091", (name, source), "programStage")
    if source == "TEI_ATTRIBUTE" and not reference(body, "trackedEntityAttribute"):
        yield Refusal("E4089", (name, source), "trackedEntityAttribute")
    if source == "CALCULATED_VALUE" and given.get("valueType", "") is None:
        yield Refusal("E4092", (name, source), "valueType")


# What an action of this kind must name: property, kind, code when it is missing, when it is unknown.
_SECTION = ("programStageSection", "programStageSections", "E4036", "E4037")
_STAGE = ("programStage", "programStages", "E4038", "E4039")
_GROUP = ("optionGroup", "optionGroups", "E4042", "E4043")
_TEMPLATE = ("notificationTemplate", "programNotificationTemplates", "E4035", "E4034")
_NEEDED = {
    "HIDESECTION": _SECTION,
    "HIDEPROGRAMSTAGE": _STAGE,
    "HIDEOPTION": ("option", "options", "E4040", "E4041"),
    "SHOWOPTIONGROUP": _GROUP,
    "HIDEOPTIONGROUP": _GROUP,
    "SENDMESSAGE": _TEMPLATE,
    "SCHEDULEMESSAGE": _TEMPLATE,
}
_NOT_WITH_OPTION = ("programStage", "optionGroup", "programStageSection")


class Actions:
    """The picture after an import, asked action by action."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def refusals(self, body: Body) -> Iterator[Refusal]:
        """What the action lacks for what it does, or names that its program has not."""
        type_ = str(body.get("programRuleActionType") or "")
        rule = self._objects["programRules"].get(reference(body, "programRule") or "")
        if not type_ or rule is None:
            return
        name = str(rule.get("name"))
        if type_ not in _TYPES:
            yield Refusal("E4033", (type_, name), "programRuleActionType")
            return
        if type_ in _ABOUT_A_QUESTION:
            yield from self._question(body, reference(rule, "program") or "", name)
        if type_ == "ASSIGN" and not _names_a_question(body) and not body.get("content"):
            yield Refusal("E4050", (name,))
        needed = _NEEDED.get(type_)
        if needed is not None:
            property_, plural, missing, unknown = needed
            uid = reference(body, property_)
            if property_ == "notificationTemplate":
                uid = uid or body.get("templateUid")
            if not uid:
                yield Refusal(missing, (name,), property_)
            elif uid not in self._objects[plural]:
                yield Refusal(unknown, (str(uid), name), property_)
        if type_ == "HIDEOPTION" and any(reference(body, other) for other in _NOT_WITH_OPTION):
            yield Refusal("E4058", (name, type_))

    def _question(self, body: Body, program: str, name: str) -> Iterator[Refusal]:
        element = reference(body, "dataElement")
        attribute = reference(body, "trackedEntityAttribute")
        if not element and not attribute:
            yield Refusal("E4044", (name,), "dataElement")
        elif element:
            if element not in self._objects["dataElements"]:
                yield Refusal("E4045", (element, name), "dataElement")
            elif element not in self._asked.get(program, ()):
                yield Refusal("E4047", (element, name), "dataElement")
        elif attribute not in self._objects["trackedEntityAttributes"]:
            yield Refusal("E4046", (str(attribute), name), "trackedEntityAttribute")
        elif attribute not in self._attributes.get(program, ()):
            yield Refusal("E4048", (str(attribute), name), "trackedEntityAttribute")

    @cached_property
    def _asked(self) -> dict[str, set[str]]:
        """The data elements that each program's stages ask for."""
        found: dict[str, set[str]] = {}
        for stage in self._objects["programStages"].values():
            asked = found.setdefault(reference(stage, "program") or "", set())
            asked |= _rows(stage, "programStageDataElements", "dataElement")
        return found

    @cached_property
    def _attributes(self) -> dict[str, set[str]]:
        """The attributes of each program."""
        return {
            uid: _rows(program, "programTrackedEntityAttributes", "trackedEntityAttribute")
            for uid, program in self._objects["programs"].items()
        }


def _names_a_question(body: Body) -> bool:
    return bool(reference(body, "dataElement") or reference(body, "trackedEntityAttribute"))


def _rows(body: Body, name: str, through: str) -> set[str]:
    rows = body.get(name)
    return {
        uid
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, Mapping) and (uid := reference(row, through))
    }
