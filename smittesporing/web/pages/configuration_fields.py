"""One field of one object of the configuration: which may be edited, how it is read and written, and its sentence.

A field keeps itself in the draft as it is typed. Its colleagues' newer value is told, never written over.
Called through web/routes.py; the object's page asks `fields_of` for what to draw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from smittesporing.metadata import draft, uses, wording
from smittesporing.metadata.forms import reference
from smittesporing.metadata.snapshot import Body
from smittesporing.metadata.wording import Said
from smittesporing.problems import Refused
from smittesporing.web.pages import render
from smittesporing.web.pages.configuration_desk import Desk, desk_of, seen_of
from smittesporing.web.pages.configuration_words import (
    fault_words,
    property_word,
    value_word,
)
from smittesporing.web.pages.words import OSLO, _
from smittesporing.web.working import work_of

LONGEST = 20_000
Change = Callable[[Body], None]


@dataclass(frozen=True)
class Field:
    """One field as the page draws it. Controls: text, textarea, number, select, expression."""

    name: str
    label: str
    control: str
    value: str = ""
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = False
    seen: str = ""


@dataclass(frozen=True)
class Rule:
    """How a property is edited; `choices` names the values or the kind that may be chosen."""

    control: str = "text"
    help: str = ""
    choices: tuple[str, ...] = ()
    of: str = ""
    required: bool = False


_TEXT, _LONG = Rule(), Rule("textarea")
_NAMED = {"name": Rule(required=True), "description": _LONG}
_QUESTION = {
    "name": Rule(required=True, help="Brukes i lister, tabeller og regler."),
    "formName": Rule(help="Spørsmålet slik det står i skjemaet og kan leses høyt."),
    "description": Rule("textarea", help="Hjelpetekst under spørsmålet."),
}
_HOW = ("COUNT", "SUM", "AVERAGE", "MEDIAN", "MIN", "MAX", "CUSTOM", "NONE")
EDITABLE: dict[str, dict[str, Rule]] = {
    "programs": _NAMED,
    "programStages": {**_NAMED, "executionDateLabel": _TEXT},
    "dataElements": _QUESTION,
    "trackedEntityAttributes": _QUESTION,
    "optionSets": _NAMED,
    "options": {"name": Rule(required=True)},
    "optionGroups": _NAMED,
    "programStageSections": {"name": Rule(required=True)},
    "programSections": {"name": Rule(required=True)},
    "constants": {**_NAMED, "value": Rule("number", required=True)},
    "programRules": {
        "name": Rule(required=True),
        "condition": Rule("expression", required=True),
        "programStage": Rule("select", of="programStages", help="Tomt betyr alle skjemaene i programmet."),
        "priority": Rule("number", help="Lavest først. Tomt betyr sist."),
        "description": _LONG,
    },
    "programRuleActions": {
        "content": _LONG,
        "data": Rule("expression"),
    },
    "programIndicators": {
        "name": Rule(required=True),
        "description": Rule("textarea", help="Hva tallet betyr, for den som leser det."),
        "analyticsType": Rule("select", choices=("EVENT", "ENROLLMENT"), required=True),
        "expression": Rule("expression", required=True),
        "aggregationType": Rule("select", choices=_HOW, required=True),
        "filter": Rule("expression"),
        "decimals": Rule("number"),
    },
    "indicators": {
        "name": Rule(required=True),
        "description": _LONG,
        "numerator": Rule("expression", required=True),
        "numeratorDescription": _TEXT,
        "denominator": Rule("expression", required=True),
        "denominatorDescription": _TEXT,
        "indicatorType": Rule("select", of="indicatorTypes", required=True),
        "decimals": Rule("number"),
    },
}  # fmt: skip
_REFERENCES = frozenset(("programStage", "indicatorType"))


# Drawing -------------------------------------------------------------------------------------------------


def fields_of(desk: Desk, plural: str, body: Body) -> list[Field]:
    """The fields that may be edited, in order, with what the draft holds."""
    rules = EDITABLE.get(plural, _NAMED)
    return [field_of(desk, plural, body, name, rule) for name, rule in rules.items()]


def field_of(desk: Desk, plural: str, body: Body, name: str, rule: Rule) -> Field:
    return Field(
        name,
        property_word(name),
        rule.control,
        value_of(name, body),
        _(rule.help) if rule.help else "",
        tuple(_choices(desk, plural, body, rule)),
        rule.required,
        str(desk.seen),
    )


def _choices(desk: Desk, plural: str, body: Body, rule: Rule) -> list[tuple[str, str]]:
    if rule.of == "programStages":
        program = desk.metadata.programs.get(reference(body, "program") or "")
        return [(stage.uid, stage.name) for stage in program.stages] if program else []
    if rule.of:
        return [
            (uid, str(each.get("name")))
            for uid, each in desk.metadata.of(rule.of).items()
            if desk.visible(rule.of, each)
        ]
    return [(value, value_word(value)) for value in rule.choices]


# Reading and writing -------------------------------------------------------------------------------------


def value_of(name: str, body: Mapping[str, Any]) -> str:
    """The property as the field's text."""
    if name in _REFERENCES:
        return reference(body, name) or ""
    value = body.get(name)
    if value is None:
        return ""
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)


def change_to(name: str, rule: Rule, text: str) -> Change:
    """What writes this text. Errors  T010 with a sentence for the field when it is not of the right form."""
    label = property_word(name)
    text = text.replace("\r\n", "\n").strip()
    if rule.required and not text:
        raise Refused("T010", label, _("Feltet må fylles ut."), status=422)
    if len(text) > LONGEST:
        raise Refused("T010", label, _("Teksten er for lang."), status=422)
    value: Any = text or None
    if rule.control == "number" and text:
        value = _number(name, text)
    elif name in _REFERENCES and text:
        value = {"id": text}
    elif rule.choices and text and text not in rule.choices:
        raise Refused("T010", label, _("Velg fra listen."), status=422)

    def change(body: Body) -> None:
        if value is None:
            body.pop(name, None)
        else:
            body[name] = value
        if name == "name" and "shortName" in body:
            body["shortName"] = text[:50]

    return change


def _number(name: str, text: str) -> int | float:
    try:
        number = float(text.replace(",", ".").replace("\N{NO-BREAK SPACE}", ""))
    except ValueError:
        number = float("nan")
    if number != number or abs(number) > 1e12:
        raise Refused("T010", property_word(name), _("Skriv et tall."), status=422)
    if name in ("priority", "decimals"):
        if number != int(number) or not 0 <= number < 10_000:
            raise Refused(
                "T010", property_word(name), _("Skriv et helt tall fra null."), status=422
            )
        return int(number)
    return int(number) if number == int(number) else number


def save(request: Request) -> Response:
    """Keep one field in the draft: 200 with what was seen, 409 with a colleague's value, 422 with a sentence."""
    plural, uid = request.path_params["plural"], request.path_params["uid"]
    form = request.state.form
    rules = EDITABLE.get(plural, _NAMED)
    names = [name for name in rules if name in form]
    try:
        with work_of(request, "configuration.edit") as work:
            desk = desk_of(work)
            desk.body(plural, uid)
            if len(names) != 1:
                raise Refused("T010", "", _("Feltet er ukjent. Last siden på nytt."), status=422)
            name = names[0]
            rule = rules[name]
            change = change_to(name, rule, str(form[name]))
            if rule.of and form[name]:
                allowed = [
                    value for value, _word in _choices(desk, plural, desk.body(plural, uid), rule)
                ]
                if str(form[name]) not in allowed:
                    raise Refused("T010", property_word(name), _("Velg fra listen."), status=422)
            kept = draft.write(
                work.conn, work.reach, plural, uid, name, change,
                value=lambda body: value_of(name, body), seen=seen_of(request),
            )  # fmt: skip
            return answered(kept, name, word=lambda value: value)
    except Refused as refusal:
        return refused(refusal)


def answered(
    kept: draft.Kept | draft.Theirs, name: str, word: Callable[[str], str] = lambda value: value
) -> Response:
    """The answer that autosave.ts understands."""
    if isinstance(kept, draft.Theirs):
        body = {
            "version": kept.seen,
            "value": kept.value,
            "word": word(kept.value) or _("ingenting"),
            "by": kept.by,
        }
        return JSONResponse(body, 409)
    return JSONResponse({"version": kept.seen, "at": datetime.now(OSLO).strftime("%H.%M")})


def refused(refusal: Refused) -> Response:
    """A refusal as the field's sentence; what is not found, or not hers to do, is answered by the guard."""
    if refusal.status in (403, 404):
        raise refusal
    args = refusal.problem.args
    sentence = args[1] if refusal.problem.code == "T010" and len(args) > 1 else ""
    return JSONResponse({"error": sentence or refusal.problem.sentence}, 422)


# The Norwegian sentence ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sentence:
    """An expression in words, or its fault with the place marked: text before, at and after it."""

    name: str
    label: str
    words: str = ""
    fault: str = ""
    column: int = 0
    before: str = ""
    at: str = ""
    after: str = ""


def sentence_of(desk: Desk, plural: str, body: Body, name: str, text: str) -> Sentence:
    """The sentence of one expression of an object."""
    mode = uses.EXPRESSIONS[plural][name]
    program = uses.program_of(desk.metadata, plural, body)
    return spoken(name, text, wording.said(desk.metadata, text, mode, program))


def spoken(name: str, text: str, said: Said) -> Sentence:
    label = property_word(name)
    if not said.column:
        return Sentence(name, label, said.sentence)
    at = min(said.column - 1, len(text))
    end = at + (len(said.unknown) or 1)
    fault = (
        _("Programmet har ikke %(name)s. Se etter skrivefeil, eller velg et navn som finnes.", name=said.unknown)
        if said.unknown
        else fault_words(said.fault)
    )  # fmt: skip
    start = max(0, at - 60)
    before = ("…" if start else "") + text[start:at]
    after = text[end : end + 60] + ("…" if len(text) > end + 60 else "")
    return Sentence(
        name,
        label,
        "",
        fault,
        said.column,
        before,
        text[at:end].strip() or "\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}",
        after,
    )


def sentences_of(desk: Desk, plural: str, body: Body) -> list[Sentence]:
    """The sentences of all expressions of an object that has any."""
    return [
        sentence_of(desk, plural, body, name, str(body.get(name) or ""))
        for name in uses.EXPRESSIONS.get(plural, {})
    ]


def say(request: Request) -> Response:
    """The sentence of what is being typed; nothing is kept."""
    plural, uid = request.path_params["plural"], request.path_params["uid"]
    form = request.state.form
    with work_of(request, "configuration.read") as work:
        desk = desk_of(work)
        body = desk.body(plural, uid)
        names = [name for name in uses.EXPRESSIONS.get(plural, {}) if name in form]
        if len(names) != 1:
            raise Refused("T003", status=404)
        text = str(form[names[0]])[:LONGEST]
        sentence = sentence_of(desk, plural, body, names[0], text)
        return render.part(request, "configuration/sentence.html", sentence=sentence)
