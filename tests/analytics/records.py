"""Records as plain values, and what they are as the rows of an indicator: written anew, without SQL.

The referee of columns.py and lookups.py; see referee.py for whole indicators.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from smittesporing.expression.nodes import Call, Item
from smittesporing.expression.values import Value
from smittesporing.metadata.indicators import Boundary
from smittesporing.metadata.programs import Program
from smittesporing.periods import Period

NOT_HELD = ("SCHEDULE", "OVERDUE", "SKIPPED")
_NUMBER = re.compile(r"[-+]?(\d{1,30}(\.\d*)?|\.\d+)([eE][-+]?\d{1,2})?", re.ASCII)
_NUMERIC = ("NUMBER", "PERCENTAGE", "UNIT_INTERVAL")
_LONG_AGO = datetime(1, 1, 1)


@dataclass(frozen=True)
class Event:
    """Moments are Norwegian wall time."""

    uid: str
    stage: str
    status: str
    occurred: datetime | None
    org_unit: int
    values: Mapping[str, str] = field(default_factory=dict)
    scheduled: datetime | None = None
    completed: datetime | None = None
    created: datetime = datetime(2022, 1, 20, 12)

    @property
    def held(self) -> bool:
        return self.status not in NOT_HELD


@dataclass(frozen=True)
class Enrollment:
    uid: str
    person: str
    org_unit: int
    status: str
    enrolled: datetime
    incident: datetime | None
    attributes: Mapping[str, str] = field(default_factory=dict)
    events: Sequence[Event] = ()
    relationships: Sequence[str] = ()
    created: datetime = datetime(2022, 1, 20, 12)


@dataclass(frozen=True)
class Asked:
    """What is the same for all rows of one question."""

    program: Program
    period: Period
    today: date
    constants: Mapping[str, float] = field(default_factory=dict)
    window: Sequence[Boundary] = ()


def typed(text: str | None, value_type: str) -> Value:
    """A stored text as its type; None when there is none or it does not fit."""
    if not text:
        return None
    if value_type in ("BOOLEAN", "TRUE_ONLY"):
        return {"true": True, "1": True, "false": False, "0": False}.get(text)
    if value_type in _NUMERIC or value_type.startswith("INTEGER"):
        return float(text) if _NUMBER.fullmatch(text) else None
    try:
        if value_type in ("DATE", "AGE"):
            return date.fromisoformat(text[:10])
        if value_type == "DATETIME":
            return datetime.fromisoformat(text)
    except ValueError:
        return None
    return text


def kind_of(value_type: str) -> str:
    if value_type in ("BOOLEAN", "TRUE_ONLY"):
        return "BOOLEAN"
    if value_type in _NUMERIC or value_type.startswith("INTEGER"):
        return "NUMBER"
    return "DATE" if value_type in ("DATE", "AGE", "DATETIME") else "TEXT"


def limit(boundary: Boundary, period: Period) -> datetime:
    """The moment of a limit: the end of a period is the day after it, before it is moved."""
    day = period.end + timedelta(days=1) if "_END_" in boundary.type else period.start
    count = boundary.offset
    match boundary.offset_type if count else None:
        case None | "Daily":
            day += timedelta(days=count)
        case "Weekly":
            day += timedelta(weeks=count)
        case kind:
            months = {"Monthly": 1, "BiMonthly": 2, "Quarterly": 3, "SixMonthly": 6, "Yearly": 12}
            number = day.year * 12 + day.month - 1 + count * months[kind]
            year, month = number // 12, number % 12 + 1
            last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
            day = date(year, month, min(day.day, last))
    return datetime(day.year, day.month, day.day)


def lies_within(moment: date | None, boundaries: Sequence[Boundary], period: Period) -> bool:
    if moment is None:
        return False
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)
    return all(
        moment >= limit(b, period) if b.type.startswith("AFTER") else moment < limit(b, period)
        for b in boundaries
    )


class Row:
    """An enrollment, or with `event` one of its events, as what the items of an expression name."""

    def __init__(
        self, asked: Asked, enrollment: Enrollment, event: Event | None, used: Sequence[Item] = ()
    ) -> None:
        self.asked, self.enrollment, self.event, self.used = asked, enrollment, event, used

    def _type(self, item: Item) -> str:
        if item.sign == "A":
            return self.asked.program.attributes_by_uid[item.name].attribute.value_type
        stage = self.asked.program.stage(item.parts[0])
        assert stage is not None
        return stage.elements_by_uid[item.parts[1]].element.value_type

    def kind(self, item: Item) -> str:
        if item.sign == "C":
            return "NUMBER"
        return "DATE" if item.sign == "PS_EVENTDATE" else kind_of(self._type(item))

    def events(self, stage: str | None) -> list[Event]:
        """The events that are read, newest first."""
        window = self.asked.window
        planned = any(b.target == "SCHEDULED_DATE" for b in window)
        found = [
            e
            for e in self.enrollment.events
            if stage in (None, e.stage)
            and (planned or e.held)
            and all(
                lies_within(e.occurred if b.target == "EVENT_DATE" else e.scheduled, [b], self.asked.period)
                for b in window
            )
        ]  # fmt: skip
        return sorted(
            found,
            key=lambda e: (e.occurred is not None, e.occurred or _LONG_AGO, e.created, e.uid),
            reverse=True,
        )

    def values(self, item: Item) -> list[Value]:
        if item.sign == "PS_EVENTDATE":
            found: list[Value] = [e.occurred for e in self.events(item.parts[0])]
        else:
            type_ = self._type(item)
            found = [typed(e.values.get(item.parts[1]), type_) for e in self.events(item.parts[0])]
        return [value for value in found if value is not None]

    def value(self, item: Item) -> Value:
        match item.sign:
            case "C":
                return self.asked.constants[item.name]
            case "A":
                return typed(self.enrollment.attributes.get(item.name), self._type(item))
        if self.event is not None:
            if item.sign == "PS_EVENTDATE":
                return self.event.occurred
            if self.event.stage != item.parts[0]:
                return None
            return typed(self.event.values.get(item.parts[1]), self._type(item))
        values = self.values(item)
        if item.sign == "PS_EVENTDATE":
            return max((v for v in values if isinstance(v, datetime)), default=None)
        offset = int(item.modifiers[-1].argument or "0") if item.modifiers else 0
        chosen = values[::-1][offset - 1 :] if offset > 0 else values[-offset:]
        return next(iter(chosen), None)

    def extreme(self, item: Item, function: str) -> Value:
        if self.event is not None:
            return self.value(item)
        values = self.values(item)
        if self.kind(item) != "DATE":
            values = [
                typed(str(v).lower() if isinstance(v, bool) else str(v), "NUMBER") for v in values
            ]
            values = [v for v in values if v is not None]
        most = max if function == "max" else min
        return most(values, default=None)  # type: ignore[type-var]

    def relationships(self, type_uid: str | None) -> int:
        return sum(type_uid in (None, one) for one in self.enrollment.relationships)

    def aggregate(self, call: Call) -> Value:
        raise AssertionError(f"{call.function} of one row")

    def variable(self, item: Item) -> Value:
        period, event = self.asked.period, self.event
        match item.name:
            case "current_date":
                return self.asked.today
            case "analytics_period_start":
                return period.start
            case "analytics_period_end":
                return period.end
            case "enrollment_date":
                return self.enrollment.enrolled
            case "incident_date":
                return self.enrollment.incident
            case "enrollment_status":
                return self.enrollment.status
            case "enrollment_count" | "tei_count" | "org_unit_count":
                return 1.0
            case "sync_date":
                return None
            case "value_count":
                return float(sum(self.value(i) is not None for i in self._counted())) or None
            case "zero_pos_value_count":
                numbers = [self.value(i) for i in self._counted() if self.kind(i) == "NUMBER"]
                return float(sum(isinstance(n, float) and n >= 0 for n in numbers)) or None
            case "event_count" if event is None:
                return float(sum(e.status in ("ACTIVE", "COMPLETED") for e in self.events(None)))
            case "event_count":
                return 1.0 if event.status in ("ACTIVE", "COMPLETED") else None
            case "scheduled_event_count":
                return 1.0 if event is not None and event.status == "SCHEDULE" else None
            case "program_stage_id":
                return "" if event is None else event.stage
            case "program_stage_name":
                stage = event and self.asked.program.stage(event.stage)
                return stage.name if stage else ""
        read = {
            "event_date": lambda e: e.occurred,
            "execution_date": lambda e: e.occurred,
            "due_date": lambda e: e.scheduled,
            "scheduled_date": lambda e: e.scheduled,
            "completed_date": lambda e: e.completed,
            "creation_date": lambda e: e.created,
            "event_status": lambda e: e.status,
        }[item.name]
        events = [event] if event is not None else self.events(None)
        return next((value for e in events if (value := read(e)) is not None), None)

    def _counted(self) -> list[Item]:
        return [i for i in self.used if i.sign in ("#", "A")]
