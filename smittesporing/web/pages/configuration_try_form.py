"""A form tried with made-up answers: which questions it asks, and what the rules say of the answers.

Asks the same rules as the importer and the tracer's page (tracker/rules.py), once for the draft and once for
what is published. Keeps nothing. Called by configuration_try.py.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from smittesporing.expression.nodes import Item, Mode, items
from smittesporing.metadata import uses
from smittesporing.metadata.forms import NUMERIC_TYPES, Attribute, DataElement
from smittesporing.metadata.programs import Program, Stage
from smittesporing.metadata.snapshot import Metadata
from smittesporing.problems import Refused
from smittesporing.tracing.casebook.interview import Question
from smittesporing.tracker.rules import Happened, Situation, effects
from smittesporing.web.pages import forms
from smittesporing.web.pages.configuration_desk import Desk
from smittesporing.web.pages.configuration_words import ACTIONS
from smittesporing.web.pages.words import OSLO, _

_KINDS = frozenset(ACTIONS)
_WITH_TEXT = frozenset(
    ("SHOWWARNING", "SHOWERROR", "WARNINGONCOMPLETE", "ERRORONCOMPLETE", "DISPLAYTEXT")
)


@dataclass(frozen=True)
class Place:
    """A part of the trial: a part of the form, or what the rules look at elsewhere."""

    uid: str
    name: str
    questions: tuple[DataElement | Attribute, ...]
    stage: str = ""


@dataclass(frozen=True)
class Trial:
    """The form as the draft has it, with everything its rules ask about."""

    program: Program
    stage: Stage
    places: tuple[Place, ...]

    @property
    def questions(self) -> dict[str, DataElement | Attribute]:
        return {one.uid: one for place in self.places for one in place.questions}


@dataclass(frozen=True)
class Drawn:
    """A part with its fields."""

    uid: str
    name: str
    hidden: bool
    fields: tuple[forms.Field, ...]


@dataclass(frozen=True)
class Said:
    """One thing a rule does with these answers; `where` says whether draft and published agree."""

    target: str
    type: str
    words: str
    rule: str
    rule_uid: str
    where: str  # "both", "draft", "published"


@dataclass(frozen=True)
class Outcome:
    """What the rules make of the answers."""

    said: tuple[Said, ...]
    hidden: frozenset[str]
    required: frozenset[str]
    warnings: Mapping[str, str]
    answered: int


def trial_of(desk: Desk, stage: str) -> Trial:
    """The form of the stage. Errors  T003 when it is not in a program."""
    here = desk.metadata.stages.get(stage)
    program = desk.metadata.programs.get(here.program) if here else None
    if here is None or program is None:
        raise Refused("T003", status=404)
    placed: list[Place] = []
    for section in here.sections:
        asked = [here.elements_by_uid.get(uid) for uid in section.questions]
        placed.append(Place(section.uid, section.name, tuple(one.element for one in asked if one)))
    if not here.sections:
        placed.append(Place("", here.name, tuple(one.element for one in here.elements)))
    return Trial(program, here, (*placed, *_elsewhere(desk.metadata, program, here)))


def _elsewhere(metadata: Metadata, program: Program, stage: Stage) -> list[Place]:
    """What the rules of this form look at outside it: the person's profile, other forms."""
    named = _named(metadata, program, stage)
    variables = [v for v in metadata.program_rule_variables.get(program.uid, ()) if v.name in named]
    attributes = [metadata.attributes.get(v.attribute or "") for v in variables]
    person = [asked for asked in attributes if asked is not None]
    found = []
    if person:
        found.append(Place("person", _("Om personen"), tuple(dict.fromkeys(person))))
    for other in program.stages:
        if other.uid == stage.uid:
            continue
        asked = [
            other.elements_by_uid[v.element].element
            for v in variables
            if v.element
            and v.element in other.elements_by_uid
            and v.element not in stage.elements_by_uid
            and v.stage in (None, other.uid)
        ]
        if asked:
            name = _("Fra skjemaet «%(name)s»", name=other.name)
            found.append(Place(f"fra-{other.uid}", name, tuple(dict.fromkeys(asked)), other.uid))
    return found


def _named(metadata: Metadata, program: Program, stage: Stage) -> set[str]:
    """The names that rules which may act in the form use."""
    found: set[str] = set()
    for rule in metadata.program_rules.get(program.uid, ()):
        if rule.stage not in (None, stage.uid):
            continue
        if not any(
            action.element in stage.elements_by_uid
            or action.stage_section
            or action.attribute is None
            for action in rule.actions
        ):
            continue
        texts = [(rule.condition, Mode.RULE_ENGINE_CONDITION)]
        texts += [(action.data, Mode.RULE_ENGINE_ACTION) for action in rule.actions]
        for text, mode in texts:
            tree = uses.read(text, mode)
            for item in items(tree) if tree is not None else ():
                if isinstance(item, Item) and item.sign in ("#", "A"):
                    found.add(item.name)
    return found


# Answers -------------------------------------------------------------------------------------------------


def typed(trial: Trial, form: Any) -> dict[str, str]:
    """The answers of the form, by question; nothing else is looked at."""
    found = {}
    for uid in trial.questions:
        given = [str(value) for value in form.getlist(uid)]
        text = ",".join(value for value in given if value)[:2000]
        if text:
            found[uid] = text
    return found


def made_up(trial: Trial, today: date, seed: int) -> dict[str, str]:
    """Answers that fit the questions, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 (no secret: the same seed gives the same answers)
    found = {}
    for uid, asked in trial.questions.items():
        value = _answer(chance, asked, today)
        if value and chance.random() < 0.85:
            found[uid] = value
    return found


def _answer(chance: random.Random, asked: DataElement | Attribute, today: date) -> str:
    kind = asked.value_type
    if asked.option_set and asked.option_set.options:
        return chance.choice(asked.option_set.options).code
    if kind == "BOOLEAN":
        return chance.choice(("true", "false"))
    if kind == "TRUE_ONLY":
        return "true"
    if kind == "AGE" or "BIRTH" in (asked.code or ""):
        return (today - timedelta(days=chance.randrange(365, 80 * 365))).isoformat()
    if kind in ("DATE", "DATETIME"):
        day = (today - timedelta(days=chance.randrange(0, 14))).isoformat()
        return day if kind == "DATE" else f"{day}T12:00"
    if kind in NUMERIC_TYPES:
        return str(chance.randrange(1, 60))
    if kind in ("TEXT", "LONG_TEXT") and asked.option_set is None:
        return _("Eksempel")
    if kind == "PHONE_NUMBER":
        return "99990001"
    return ""


# Judging -------------------------------------------------------------------------------------------------


def judged(desk: Desk, trial: Trial, answers: Mapping[str, str]) -> Outcome:
    """What the rules say of the answers, in the draft and as published."""
    drafted = _effects(desk, desk.metadata, trial, answers)
    published = _effects(desk, desk.published, trial, answers)
    said = []
    for key, one in {**drafted, **published}.items():
        where = "both" if key in drafted and key in published else "draft"
        if key not in drafted:
            where = "published"
        said.append(Said(one.target, one.type, one.words, one.rule, one.rule_uid, where))
    here = [one for one in drafted.values() if one.target]
    return Outcome(
        tuple(sorted(said, key=lambda one: (one.where == "both", one.rule.lower(), one.words))),
        frozenset(one.target for one in here if one.type in ("HIDEFIELD", "HIDESECTION")),
        frozenset(one.target for one in here if one.type == "SETMANDATORYFIELD"),
        {one.target: one.words for one in here if one.type in _WITH_TEXT},
        len(answers),
    )


def _effects(
    desk: Desk, metadata: Metadata, trial: Trial, answers: Mapping[str, str]
) -> dict[tuple[str, ...], Said]:
    program = metadata.programs.get(trial.program.uid)
    if program is None or program.stage(trial.stage.uid) is None:
        return {}
    found: dict[tuple[str, ...], Said] = {}
    for effect in effects(_situation(desk, metadata, program, trial, answers), _KINDS):
        action = effect.action
        question = action.element or action.attribute
        if question and question not in trial.questions:
            continue  # about another form, which is tried by itself
        target = action.element or action.attribute or action.stage_section or action.stage or ""
        words = _words(metadata, target, action.type, action.content, effect.data)
        key = (effect.rule.uid, action.type, target, words)
        found[key] = Said(target, action.type, words, effect.rule.name, effect.rule.uid, "")
    return found


def _words(metadata: Metadata, target: str, kind: str, content: str, data: str | None) -> str:
    name = ""
    for plural in (
        "dataElements",
        "trackedEntityAttributes",
        "programStageSections",
        "programStages",
    ):
        body = metadata.get(plural, target)
        if body is not None:
            name = f"«{body.get('name')}» "
            break
    verb = ACTIONS.get(kind, ("", kind))[1]
    text = content if kind in _WITH_TEXT else ""
    tail = " ".join(part for part in (text, data or "") if part)
    return f"{name}{verb}" + (f" «{tail}»" if tail else "")


def _situation(
    desk: Desk,
    metadata: Metadata,
    program: Program,
    trial: Trial,
    answers: Mapping[str, str],
) -> Situation:
    today = desk.work.clock.today()
    noon = datetime(today.year, today.month, today.day, 12, tzinfo=OSLO)
    in_form = set(trial.stage.elements_by_uid)
    events = tuple(
        Happened(
            event=place.uid,
            stage=place.stage,
            status="ACTIVE",
            org_unit="",
            occurred_at=noon - timedelta(days=1),
            scheduled_at=None,
            created_at=noon - timedelta(days=1),
            completed_at=None,
            data={one.uid: answers[one.uid] for one in place.questions if one.uid in answers},
        )
        for place in trial.places
        if place.stage
    )
    current = Happened(
        event="",
        stage=trial.stage.uid,
        status="ACTIVE",
        org_unit="",
        occurred_at=noon,
        scheduled_at=None,
        created_at=noon,
        completed_at=None,
        data={uid: value for uid, value in answers.items() if uid in in_form},
    )
    return Situation(
        metadata=metadata,
        program=program,
        today=today,
        attributes={u: v for u, v in answers.items() if u in metadata.attributes},
        enrollment_status="ACTIVE",
        enrolled_at=noon,
        incident_at=noon,
        events=events,
        current=current,
        roles=frozenset(("tracer",)),
        groups=frozenset(),
    )


# Drawing -------------------------------------------------------------------------------------------------


def drawn(desk: Desk, trial: Trial, answers: Mapping[str, str], outcome: Outcome) -> list[Drawn]:
    """The parts with their fields, as the rules leave them."""
    return [
        Drawn(
            place.uid,
            place.name,
            place.uid in outcome.hidden,
            tuple(_field(one, answers.get(one.uid, ""), outcome) for one in place.questions),
        )
        for place in trial.places
        if place.questions
    ]


def _field(asked: DataElement | Attribute, value: str, outcome: Outcome) -> forms.Field:
    options = asked.option_set.choices(value) if asked.option_set else ()
    choices = tuple((one.code, one.name) for one in options)
    several = asked.value_type == "MULTI_TEXT"
    question = Question(
        code=asked.uid,
        uid=asked.uid,
        name=asked.name,
        ask=asked.form_name,
        help=asked.description if asked.description != asked.form_name else "",
        value_type=asked.value_type,
        options=choices,
        several=several,
        value=value,
        hidden=asked.uid in outcome.hidden,
        required=asked.uid in outcome.required,
        warning=outcome.warnings.get(asked.uid, ""),
        on_person=isinstance(asked, Attribute),
    )
    control = forms.CONTROLS.get(asked.value_type, "text")
    if several:
        control = "checkboxes"
    elif choices:
        control = "buttons" if len(choices) <= forms.FEW else "select"
    elif asked.value_type in NUMERIC_TYPES:
        control = "number"
    return forms.Field(question, control, choices)


def state_of(trial: Trial, outcome: Outcome) -> dict[str, dict[str, object]]:
    """What the browser hides, demands and warns of."""
    fields: dict[str, dict[str, object]] = {
        place.uid: {"hidden": place.uid in outcome.hidden} for place in trial.places if place.uid
    }
    for uid in trial.questions:
        fields[uid] = {
            "hidden": uid in outcome.hidden,
            "required": uid in outcome.required,
            "warning": outcome.warnings.get(uid, ""),
        }
    return fields
