"""A program rule: its condition and what it does, with the whole rule as Norwegian sentences beside.

Changes go to the draft. Called through web/routes.py and by the object's page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.expression.nodes import Mode
from smittesporing.metadata import draft, wording
from smittesporing.metadata.forms import reference
from smittesporing.metadata.snapshot import Body, Metadata
from smittesporing.problems import Refused
from smittesporing.uid import new_uid
from smittesporing.web.pages.configuration_again import again
from smittesporing.web.pages.configuration_desk import Desk, desk_of
from smittesporing.web.pages.configuration_fields import (
    EDITABLE,
    Field,
    Sentence,
    field_of,
    sentence_of,
)
from smittesporing.web.pages.configuration_names import nameless, names_of
from smittesporing.web.pages.configuration_words import ACTIONS, kind_word
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of

RULE, ACTION = "programRules", "programRuleActions"
# Properties that say what an action acts on, each with its kind.
TARGETS = {
    "dataElement": "dataElements",
    "trackedEntityAttribute": "trackedEntityAttributes",
    "programStageSection": "programStageSections",
    "programStage": "programStages",
}
# What one chooses among here; the others come by import and are shown as they are.
CHOSEN = (
    *("HIDEFIELD", "HIDESECTION", "SETMANDATORYFIELD", "SHOWWARNING", "SHOWERROR"),
    *("WARNINGONCOMPLETE", "ERRORONCOMPLETE", "ASSIGN"),
)
_WITH_TEXT = frozenset(
    ("SHOWWARNING", "SHOWERROR", "WARNINGONCOMPLETE", "ERRORONCOMPLETE", "DISPLAYTEXT")
)
_WITH_DATA = _WITH_TEXT | {"ASSIGN", "DISPLAYKEYVALUEPAIR"}


@dataclass(frozen=True)
class Act:
    """One action as the page draws it."""

    uid: str
    type: str
    target: str
    fields: tuple[Field, ...]
    sentence: Sentence | None
    drafted: str
    known: bool


def middle(desk: Desk, body: Body) -> dict[str, Any]:
    program = reference(body, "program") or ""
    return {
        "acts": [act_of(desk, key[1]) for key in actions_of(desk, str(body["id"]))],
        "types": [(each, _(ACTIONS[each][0])) for each in CHOSEN],
        "targets": targets_of(desk, program),
        "names": names_of(desk.metadata, program),
        "nameless": nameless(desk.metadata, program),
        "names_open": False,
        "seen": str(desk.seen),
    }


def actions_of(desk: Desk, rule: str) -> list[tuple[str, str]]:
    """The rule's actions."""
    return [
        (ACTION, uid)
        for uid, each in desk.metadata.of(ACTION).items()
        if reference(each, "programRule") == rule
    ]


def act_of(desk: Desk, uid: str) -> Act:
    body = desk.metadata.get(ACTION, uid) or {}
    kind = str(body.get("programRuleActionType") or "")
    rules = EDITABLE[ACTION]
    fields = []
    if kind in _WITH_TEXT or body.get("content"):
        fields.append(field_of(desk, ACTION, body, "content", rules["content"]))
    if kind in _WITH_DATA or body.get("data"):
        fields.append(field_of(desk, ACTION, body, "data", rules["data"]))
    return Act(
        uid,
        kind,
        target_of(body),
        tuple(fields),
        sentence_of(desk, ACTION, body, "data", str(body.get("data") or "")),
        desk.drafted(ACTION, uid),
        kind in CHOSEN,
    )


def target_of(body: Mapping[str, Any]) -> str:
    """`dataElement:uid`, or what the action acts on otherwise; "" for nothing."""
    for name in TARGETS:
        uid = reference(body, name)
        if uid:
            return f"{name}:{uid}"
    return ""


def targets_of(desk: Desk, program: str) -> list[tuple[str, str]]:
    """What an action of this program may act on: questions, opinions about the person, parts of forms."""
    here = desk.metadata.programs.get(program)
    if here is None:
        return []
    found: dict[str, str] = {}
    for one in here.attributes:
        found[f"trackedEntityAttribute:{one.attribute.uid}"] = one.attribute.name
    for stage in here.stages:
        for asked in stage.elements:
            found[f"dataElement:{asked.element.uid}"] = asked.element.name
        for section in stage.sections:
            word = kind_word("programStageSections").lower()
            found[f"programStageSection:{section.uid}"] = f"{stage.name}: {section.name} ({word})"
    return sorted(found.items(), key=lambda pair: pair[1].lower())


def rule_words(desk: Desk, metadata: Metadata, rule: str) -> list[str]:
    """The rule as sentences: «Når …:» and then what it does."""
    body = metadata.get(RULE, rule)
    if body is None:
        return []
    program = reference(body, "program")
    condition = wording.said(
        metadata, str(body.get("condition") or ""), Mode.RULE_ENGINE_CONDITION, program
    )
    does = []
    for each in metadata.of(ACTION).values():
        if reference(each, "programRule") != rule:
            continue
        does.append(action_words(metadata, each, program))
    head = _("Når %(condition)s:", condition=condition.sentence) if condition.sentence else ""
    return [head, *does] if head else does


def action_words(metadata: Metadata, body: Body, program: str | None) -> str:
    """«Symptomstart» skjules; «Prøvedato» får advarselen «…»."""
    kind = str(body.get("programRuleActionType") or "")
    name, _colon, uid = target_of(body).partition(":")
    target = metadata.get(TARGETS[name], uid) if name else None
    verb = _(ACTIONS[kind][1]) if kind in ACTIONS else kind
    words = f"«{(target or {}).get('name')}» {verb}" if target else verb
    data = wording.said(metadata, str(body.get("data") or ""), Mode.RULE_ENGINE_ACTION, program)
    content = str(body.get("content") or "") if kind in _WITH_TEXT else ""
    tail = [f"«{content}»" if content else "", data.sentence]
    return " ".join([words, *(each for each in tail if each)])


# Writing -------------------------------------------------------------------------------------------------


def _split(desk: Desk, program: str, text: str) -> tuple[str, str]:
    """The property and uid of a chosen target. Errors  T003 for one that is not among the choices."""
    if text not in {value for value, _word in targets_of(desk, program)}:
        raise Refused("T003", status=404)
    name, _colon, uid = text.partition(":")
    return name, uid


def act(request: Request) -> Response:
    """A new action (`ny`), another kind or target of one, or one away."""
    uid, action = request.path_params["uid"], request.path_params["action"]
    form = request.state.form
    with work_of(request, "configuration.edit") as work:
        desk = desk_of(work)
        body = desk.body(RULE, uid)
        program = reference(body, "program") or ""
        if action != "ny" and (ACTION, action) not in actions_of(desk, uid):
            raise Refused("T003", status=404)
        if str(form.get("gjor", "")) == "fjern" and action != "ny":
            draft.remove(work.conn, work.reach, ACTION, action)
        else:
            kind = str(form.get("type", ""))
            if kind not in CHOSEN:
                raise Refused("T003", status=404)
            name, target = _split(desk, program, str(form.get("mal", "")))
            if (kind == "HIDESECTION") != (name == "programStageSection"):
                return again(
                    request, RULE, uid,
                    problem=_("Velg en del av skjemaet når en del skal skjules, ellers et spørsmål."),
                )  # fmt: skip
            if action == "ny":
                _add(desk, uid, kind, name, target)
            else:
                _turn(desk, action, kind, name, target)
    return again(request, RULE, uid)


def _add(desk: Desk, rule: str, kind: str, name: str, target: str) -> None:
    made: Body = {
        "id": new_uid(),
        "programRule": {"id": rule},
        "programRuleActionType": kind,
        "evaluationTime": "ALWAYS",
        "evaluationEnvironments": ["WEB", "ANDROID"],
        name: {"id": target},
    }
    draft.add(desk.conn, desk.reach, ACTION, made)


def _turn(desk: Desk, action: str, kind: str, name: str, target: str) -> None:
    def change(body: Body) -> None:
        for other in TARGETS:
            body.pop(other, None)
        body["programRuleActionType"] = kind
        body[name] = {"id": target}

    draft.write(desk.conn, desk.reach, ACTION, action, "what", change)
