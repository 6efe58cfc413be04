"""Program rules as the views see them: DHIS2 objects made into frozen rules, actions, variables.

The shapes stand in programs.py beside the programs they belong to; nothing is evaluated here. Called
by snapshot.py and check.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from smittesporing.metadata.forms import reference
from smittesporing.metadata.programs import ProgramRule, ProgramRuleAction, ProgramRuleVariable


def program_rule(body: Mapping[str, Any], actions: Iterable[Mapping[str, Any]]) -> ProgramRule:
    """The rule a DHIS2 object and its actions describe."""
    return ProgramRule(
        uid=str(body["id"]),
        code=body.get("code"),
        name=str(body.get("name", "")),
        program=reference(body, "program") or "",
        stage=reference(body, "programStage"),
        condition=str(body.get("condition") or ""),
        priority=body.get("priority"),
        actions=tuple(_action(each) for each in actions),
    )


def program_rule_variable(body: Mapping[str, Any]) -> ProgramRuleVariable:
    """The variable a DHIS2 object describes."""
    return ProgramRuleVariable(
        uid=str(body["id"]),
        name=str(body.get("name", "")),
        program=reference(body, "program") or "",
        source=str(body.get("programRuleVariableSourceType") or "DATAELEMENT_CURRENT_EVENT"),
        element=reference(body, "dataElement"),
        attribute=reference(body, "trackedEntityAttribute"),
        stage=reference(body, "programStage"),
        use_code=bool(body.get("useCodeForOptionSet")),
        value_type=str(body.get("valueType") or "TEXT"),
    )


def _action(body: Mapping[str, Any]) -> ProgramRuleAction:
    return ProgramRuleAction(
        uid=str(body["id"]),
        type=str(body.get("programRuleActionType") or ""),
        content=str(body.get("content") or ""),
        data=str(body.get("data") or ""),
        location=body.get("location"),
        element=reference(body, "dataElement"),
        attribute=reference(body, "trackedEntityAttribute") or reference(body, "attribute"),
        stage=reference(body, "programStage"),
        stage_section=reference(body, "programStageSection"),
        option=reference(body, "option"),
        option_group=reference(body, "optionGroup"),
        template=reference(body, "notificationTemplate") or body.get("templateUid"),
        evaluation_time=str(body.get("evaluationTime") or "ALWAYS"),
        priority=body.get("priority"),
    )
