"""What a program's rules say about one enrollment or event: their effects, in the order they come.

Puts metadata's rules and a situation's values into `expression`; a rule that fails, fails alone. What
an effect leads to is not decided here: the importer refuses and assigns (`programrules`), pages hide
and warn. The day is handed in.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from smittesporing.expression.evaluate import Context, Variable, evaluate
from smittesporing.expression.nodes import ExpressionError, Kind, Mode, Node
from smittesporing.expression.parse import parse
from smittesporing.expression.values import as_text, as_truth
from smittesporing.metadata.options import OptionSet
from smittesporing.metadata.programs import (
    Program,
    ProgramRule,
    ProgramRuleAction,
    ProgramRuleVariable,
)
from smittesporing.metadata.snapshot import Metadata
from smittesporing.tracker.records import UNHELD

NUMERIC = frozenset(
    [
        "NUMBER",
        "UNIT_INTERVAL",
        "PERCENTAGE",
        "INTEGER",
        "INTEGER_POSITIVE",
        "INTEGER_NEGATIVE",
        "INTEGER_ZERO_OR_POSITIVE",
    ]
)


def kind_of(value_type: str) -> Kind:
    """How an expression sees a value type."""
    if value_type in NUMERIC:
        return Kind.NUMBER
    if value_type in ("BOOLEAN", "TRUE_ONLY"):
        return Kind.BOOLEAN
    return Kind.DATE if value_type in ("DATE", "DATETIME", "AGE") else Kind.TEXT


@dataclass(frozen=True, slots=True)
class Happened:
    """An event as rules see it."""

    event: str
    stage: str
    status: str
    org_unit: str
    occurred_at: datetime | None
    scheduled_at: datetime | None
    created_at: datetime | None
    completed_at: datetime | None
    data: Mapping[str, str]

    @property
    def order(self) -> tuple[float, float, str]:
        """Newest last: by occurrence, then by creation."""
        at = self.occurred_at.timestamp() if self.occurred_at else 0.0
        return (at, self.created_at.timestamp() if self.created_at else float("inf"), self.event)


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything rules may ask about. `current` is None when the enrollment itself is judged."""

    metadata: Metadata
    program: Program
    today: date
    attributes: Mapping[str, str]
    enrollment: str = ""
    enrollment_status: str = ""
    enrolled_at: datetime | None = None
    incident_at: datetime | None = None
    org_unit: str = ""
    org_unit_code: str = ""
    events: tuple[Happened, ...] = ()  # without `current`
    current: Happened | None = None
    roles: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Effect:
    """One action of a rule whose condition holds; `data` is what its expression gave, as text."""

    action: ProgramRuleAction
    rule: ProgramRule
    data: str | None


@dataclass(frozen=True, slots=True)
class _Compiled:
    rule: ProgramRule
    condition: Node
    actions: tuple[tuple[ProgramRuleAction, Node | None], ...]


@lru_cache(maxsize=2048)
def _compiled(
    rules: tuple[ProgramRule, ...], kinds: frozenset[str], here: str | None, own: bool
) -> tuple[_Compiled, ...]:
    """The rules that may act here, parsed; one that cannot be read is left out.

    here    the stage of the event that is judged, None for the enrollment
    own     only actions on what is judged: attributes for an enrollment, the rest for an event.
            Assigning is kept, since later rules see what was assigned.
    """
    found = []
    for rule in rules:
        actions = [
            action
            for action in rule.actions
            if action.type in kinds and (not own or action.type == "ASSIGN" or _acts(action, here))
        ]
        if not actions or rule.stage not in (None, here):
            continue
        try:
            condition = parse(rule.condition or "true", Mode.RULE_ENGINE_CONDITION)
            parsed = tuple(
                (one, parse(one.data, Mode.RULE_ENGINE_ACTION) if one.data.strip() else None)
                for one in actions
            )
        except ExpressionError:
            continue
        found.append(_Compiled(rule, condition, parsed))
    return tuple(found)


def _acts(action: ProgramRuleAction, here: str | None) -> bool:
    """Whether the action is about an enrollment (here is None) or about an event."""
    if here is None:
        return action.element is None
    return action.attribute is None or action.element is not None


def has_rules(metadata: Metadata, program: str, here: str | None, kinds: frozenset[str]) -> bool:
    """Whether it is worth describing the situation at all."""
    return bool(_compiled(metadata.program_rules.get(program, ()), kinds, here, True))


def effects(situation: Situation, kinds: frozenset[str], *, own: bool = False) -> Iterator[Effect]:
    """The effects of these kinds of action, lowest priority first; what is assigned, later rules see.

    `own` leaves out what is about attributes when an event is judged, and the other way round.
    """
    here = situation.current.stage if situation.current else None
    program = situation.metadata.program_rules.get(situation.program.uid, ())
    rules = _compiled(program, kinds, here, own)
    values = _Values(situation)
    context = Context(
        values=values,
        environment=_environment(situation),
        constants=situation.metadata.constants,
        roles=situation.roles,
        groups=situation.groups,
        rules=True,
    )
    for compiled in rules:
        try:
            if as_truth(evaluate(compiled.condition, context)) is not True:
                continue
        except ExpressionError:
            continue
        for action, data in compiled.actions:
            try:
                text = as_text(evaluate(data, context)) if data is not None else None
            except ExpressionError:
                continue
            if action.type == "ASSIGN":
                values.assign(action, text)
            yield Effect(action, compiled.rule, text)


class _Values(dict[str, Variable]):
    """The program's rule variables by name, found when first asked for."""

    def __init__(self, situation: Situation) -> None:
        super().__init__()
        self._situation = situation
        variables = situation.metadata.program_rule_variables.get(situation.program.uid, ())
        self._variables = {variable.name: variable for variable in variables}
        self._assigned: dict[str, str | None] = {}
        past = [event for event in situation.events if event.status not in UNHELD]
        current = situation.current
        if current is not None and current.status not in UNHELD:
            past.append(current)
        self._newest_first = sorted(past, key=lambda event: event.order, reverse=True)

    def get(self, key: str, default: Variable | None = None) -> Variable | None:  # type: ignore[override]
        if key not in self:
            variable = self._variables.get(key)
            if variable is None:
                return default
            self[key] = self._found(variable)
        return self[key]

    def assign(self, action: ProgramRuleAction, text: str | None) -> None:
        """Let later rules see what this action assigned: as a text, with no earlier values."""
        uid = action.element or action.attribute
        if uid:
            self._assigned[uid] = text
        name = action.content.strip()
        if name[:2] in ("#{", "A{") and name.endswith("}"):
            self[name[2:-1]] = Variable(Kind.TEXT, text)
        for variable in self._variables.values():
            if uid and uid in (variable.element, variable.attribute):
                self.pop(variable.name, None)

    def _found(self, variable: ProgramRuleVariable) -> Variable:
        metadata = self._situation.metadata
        if variable.source == "CALCULATED_VALUE":
            return Variable(kind_of(variable.value_type))
        uid = variable.attribute or variable.element or ""
        if uid in self._assigned:
            return Variable(Kind.TEXT, self._assigned[uid] or None)
        question = metadata.attributes.get(uid) or metadata.data_elements.get(uid)
        if question is None:
            return Variable(Kind.TEXT)
        names = None if variable.use_code else question.option_set
        kind = kind_of(question.value_type) if names is None else Kind.TEXT
        if variable.source == "TEI_ATTRIBUTE":
            value = self._situation.attributes.get(uid)
            return self._alone(kind, value, names, self._situation.today)
        current = self._situation.current
        if variable.source == "DATAELEMENT_CURRENT_EVENT":
            value = current.data.get(uid) if current else None
            at = current.occurred_at.date() if current and current.occurred_at else None
            return self._alone(kind, value, names, at)
        events = self._newest_first
        if variable.source == "DATAELEMENT_NEWEST_EVENT_PROGRAM_STAGE":
            events = [event for event in events if event.stage == variable.stage]
        held = [(event, value) for event in events if (value := event.data.get(uid))]
        shown = held
        if variable.source == "DATAELEMENT_PREVIOUS_EVENT":
            shown = [one for one in held if current is not None and one[0].order < current.order]
        if not shown:
            return Variable(kind)
        # Counting goes through values as they are stored, whatever the variable itself compares.
        event, value = shown[0]
        day = event.occurred_at.date() if event.occurred_at else None
        return Variable(kind, _shown(value, names), tuple(each for _, each in held), day)

    def _alone(
        self, kind: Kind, value: str | None, names: OptionSet | None, at: date | None
    ) -> Variable:
        """A variable with one value at the most."""
        if not value:
            return Variable(kind)
        text = _shown(value, names)
        return Variable(kind, text, (text,), at)


def _shown(value: str, names: OptionSet | None) -> str:
    """The option's name where the variable compares names, else the value."""
    return value if names is None else names.name_of(value) or value


def _day(at: datetime | None) -> str | None:
    return at.date().isoformat() if at else None


def _environment(situation: Situation) -> dict[str, Variable]:
    current = situation.current
    stage = situation.metadata.stages.get(current.stage) if current else None
    dates = {
        "current_date": situation.today.isoformat(),
        "enrollment_date": _day(situation.enrolled_at),
        "incident_date": _day(situation.incident_at),
        "event_date": _day(current.occurred_at) if current else None,
        "execution_date": _day(current.occurred_at) if current else None,
        "due_date": _day(current.scheduled_at) if current else None,
        "scheduled_date": _day(current.scheduled_at) if current else None,
        "completed_date": _day(current.completed_at) if current else None,
        "creation_date": _day(current.created_at) if current else None,
    }
    texts = {
        "environment": "Server",
        "program_name": situation.program.name,
        "enrollment_id": situation.enrollment,
        "enrollment_status": situation.enrollment_status,
        "org_unit": situation.org_unit,
        "orgunit_code": situation.org_unit_code,
        "event_id": current.event if current else None,
        "event_status": current.status if current else None,
        "program_stage_id": current.stage if current else None,
        "program_stage_name": stage.name if stage else None,
    }
    counts = {
        "event_count": len(situation.events) + (current is not None),
        "enrollment_count": 1,
        "tei_count": 1,
    }
    given = [(name, Kind.DATE, text) for name, text in dates.items()]
    given += [(name, Kind.TEXT, text) for name, text in texts.items()]
    given += [(name, Kind.NUMBER, str(count)) for name, count in counts.items()]
    return {
        name: Variable(kind, text, () if text is None else (text,), situation.today)
        for name, kind, text in given
    }
