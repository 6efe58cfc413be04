"""The names by which a program's rules speak of its questions: which there are, and one more.

Changes go to the draft. Called through web/routes.py and by the rule's page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata import draft
from smittesporing.metadata.forms import reference
from smittesporing.metadata.snapshot import Body, Metadata
from smittesporing.problems import Refused
from smittesporing.uid import new_uid
from smittesporing.web.pages.configuration_again import again
from smittesporing.web.pages.configuration_desk import Desk, desk_of
from smittesporing.web.working import work_of

RULE, VARIABLE = "programRules", "programRuleVariables"
# What DHIS2 lets a name be made of.
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.]+")


@dataclass(frozen=True)
class Name:
    """A name that the rule may use, what it stands for, and its codes when it has a list."""

    written: str
    name: str
    codes: tuple[tuple[str, str], ...]


def names_of(metadata: Metadata, program: str) -> list[Name]:
    """The names that the program's rules may use."""
    found = []
    for variable in metadata.program_rule_variables.get(program, ()):
        uid = variable.element or variable.attribute or ""
        asked = metadata.data_elements.get(uid) or metadata.attributes.get(uid)
        sign = "A" if variable.attribute else "#"
        options = asked.option_set.options if asked and asked.option_set else ()
        codes = tuple(
            (option.code if variable.use_code else option.name, option.name)
            for option in options[:30]
        )
        name = asked.name if asked else variable.name
        found.append(Name(f"{sign}{{{variable.name}}}", name, codes))
    return sorted(found, key=lambda each: each.name.lower())


def nameless(metadata: Metadata, program: str) -> list[tuple[str, str]]:
    """The program's questions that its rules cannot speak of yet: (identifier, name) by name."""
    here = metadata.programs.get(program)
    if here is None:
        return []
    found = {one.attribute.uid: one.attribute.name for one in here.attributes}
    for stage in here.stages:
        found |= {asked.element.uid: asked.element.name for asked in stage.elements}
    for variable in metadata.program_rule_variables.get(program, ()):
        found.pop(variable.element or variable.attribute or "", None)
    return sorted(found.items(), key=lambda pair: pair[1].lower())


def add(request: Request) -> Response:
    """A name for one of the program's questions: its code, and the newest answer given in the program."""
    uid = request.path_params["uid"]
    question = str(request.state.form.get("sporsmal", ""))
    with work_of(request, "configuration.edit") as work:
        desk = desk_of(work)
        program = reference(desk.body(RULE, uid), "program") or ""
        if question not in dict(nameless(desk.metadata, program)):
            raise Refused("T003", status=404)
        draft.add(work.conn, work.reach, VARIABLE, _named(desk, program, question))
    return again(request, RULE, uid, names_open=True)


def _named(desk: Desk, program: str, question: str) -> Body:
    element = desk.metadata.get("dataElements", question)
    asked = element or desk.metadata.get("trackedEntityAttributes", question) or {}
    stem = _NOT_IN_NAMES.sub("_", str(asked.get("code") or asked.get("name") or question))
    taken = {
        str(each.get("name"))
        for each in desk.metadata.of(VARIABLE).values()
        if reference(each, "program") == program
    }
    name, number = stem, 2
    while name in taken:
        name, number = f"{stem}_{number}", number + 1
    about: Body = (
        {
            "programRuleVariableSourceType": "DATAELEMENT_NEWEST_EVENT_PROGRAM",
            "dataElement": {"id": question},
        }
        if element
        else {
            "programRuleVariableSourceType": "TEI_ATTRIBUTE",
            "trackedEntityAttribute": {"id": question},
        }
    )
    return {
        "id": new_uid(),
        "name": name,
        "program": {"id": program},
        "valueType": asked.get("valueType", "TEXT"),
        "useCodeForOptionSet": True,
        **about,
    }
