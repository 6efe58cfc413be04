"""What a program indicator counts, in plain Python: rows, limits, filter, expression, aggregate.

The referee of plan.py. Reads the records as they are stored, not the projections; slow, and meant to be.
"""

import statistics
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from smittesporing.database import Connection
from smittesporing.expression.nodes import Call, Item, Mode, Node, items
from smittesporing.expression.parse import parse
from smittesporing.expression.values import Value
from smittesporing.metadata.indicators import Boundary, ProgramIndicator
from smittesporing.metadata.programs import Program
from smittesporing.periods import Period
from smittesporing.settings import OSLO
from tests.analytics.records import NOT_HELD, Asked, Enrollment, Event, Row, lies_within
from tests.expression.row_meaning import meaning

_OF_EVENTS = ("EVENT_DATE", "SCHEDULED_DATE")


def figures(
    body: ProgramIndicator,
    program: Program,
    enrollments: Sequence[Enrollment],
    places: Mapping[int, Collection[int]],
    period: Period,
    today: date,
    constants: Mapping[str, float] | None = None,
) -> dict[int, float]:
    """The indicator's figures in that period by place; those where no row counts are left out."""
    per_event = body.analytics_type == "EVENT"
    limits = body.boundaries or tuple(
        Boundary("EVENT_DATE" if per_event else "ENROLLMENT_DATE", f"{end}_OF_REPORTING_PERIOD", 0, None)
        for end in ("AFTER_START", "BEFORE_END")
    )  # fmt: skip
    window = [b for b in body.boundaries if b.target in _OF_EVENTS]
    asked = Asked(program, period, today, constants or {}, window)
    expression = parse(body.expression.strip(), Mode.PROGRAM_INDICATOR_EXPRESSION)
    rows = [
        row
        for one in enrollments
        for event in (one.events if per_event else [None])
        for row in [Row(asked, one, event, items(expression))]
        if _counts(body, row, limits)
    ]
    found: dict[int, float] = {}
    for place, members in places.items():
        here = [row for row in rows if _place(body, row) in members]
        total = _total(body, expression, here) if here else None
        if total is not None:
            found[place] = total
    return found


def _place(body: ProgramIndicator, row: Row) -> int:
    if row.event is None or body.org_unit_field == "ENROLLMENT":
        return row.enrollment.org_unit
    return row.event.org_unit


def _counts(body: ProgramIndicator, row: Row, limits: Sequence[Boundary]) -> bool:
    if row.event is not None:
        planned = any(b.target == "SCHEDULED_DATE" for b in limits)
        if not planned and row.event.status in NOT_HELD:
            return False
    for target in {b.target for b in limits}:
        ours = [b for b in limits if b.target == target]
        if row.event is None and target in _OF_EVENTS:
            continue  # which events are read, not which enrollments count
        if target.startswith("PS_EVENTDATE:"):
            stage = target.partition(":")[2]
            moments = [e.occurred for e in row.enrollment.events if e.stage == stage and e.held]
            if not any(lies_within(moment, ours, row.asked.period) for moment in moments):
                return False
        elif not lies_within(_target(row, target), ours, row.asked.period):
            return False
    if not body.filter:
        return True
    tree = parse(body.filter, Mode.PROGRAM_INDICATOR_FILTER)
    inner = Row(row.asked, row.enrollment, row.event, items(tree))
    return meaning(tree, inner, nulls=True) in (True, 1.0)


def _target(row: Row, target: str) -> date | None:
    match target:
        case "EVENT_DATE":
            return row.event and row.event.occurred
        case "SCHEDULED_DATE":
            return row.event and row.event.scheduled
        case "ENROLLMENT_DATE":
            return row.enrollment.enrolled
        case "INCIDENT_DATE":
            return row.enrollment.incident
    value = meaning(parse(target, Mode.PROGRAM_INDICATOR_FILTER), row, nulls=True)
    if isinstance(value, str):
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            return None
    return value if isinstance(value, date) else None


def _total(body: ProgramIndicator, expression: Node, rows: Sequence[Row]) -> float | None:
    kind = {
        "DEFAULT": "AVERAGE", "LAST_IN_PERIOD_AVERAGE_ORG_UNIT": "AVERAGE", "AVERAGE_SUM_ORG_UNIT": "SUM",
        "LAST_IN_PERIOD": "SUM", "MAX_SUM_ORG_UNIT": "SUM", "MIN_SUM_ORG_UNIT": "SUM",
    }.get(body.aggregation_type, body.aggregation_type)  # fmt: skip
    if kind == "CUSTOM":
        return _number(meaning(expression, _Cell(rows), nulls=False))
    distinct = _distinct(expression, rows)
    if distinct is not None:
        return distinct
    values = [meaning(expression, row, nulls=False) for row in rows]
    if kind == "COUNT":
        events = body.analytics_type == "ENROLLMENT" and expression == Item("V", ("event_count",))
        return sum(map(_number, values)) if events else float(sum(v is not None for v in values))
    if kind.startswith(("FIRST", "LAST")):
        return _of_one_row(kind, rows, values)
    return _AGGREGATES[kind]([n for v in values if (n := _number(v)) is not None])


def _distinct(expression: Node, rows: Sequence[Row]) -> float | None:
    match expression:
        case Item("V", ("enrollment_count",)):
            return float(len({row.enrollment.uid for row in rows}))
        case Item("V", ("tei_count",)):
            return float(len({row.enrollment.person for row in rows}))
        case Item("V", ("org_unit_count",)):
            return float(len({(row.event or row.enrollment).org_unit for row in rows}))
    return None


def _of_one_row(kind: str, rows: Sequence[Row], values: Sequence[object]) -> float | None:
    """The value of one row of each org unit: the newest for LAST, the oldest for FIRST."""
    found: dict[int, list[tuple[datetime, datetime, str, float]]] = {}
    for row, value in zip(rows, values, strict=True):
        record, number = row.event or row.enrollment, _number(value)
        when = row.event.occurred if row.event else row.enrollment.enrolled
        if number is not None:
            assert when is not None
            one = (when, record.created, record.uid, number)
            found.setdefault(record.org_unit, []).append(one)
    most = max if kind.startswith("LAST") else min
    numbers = [most(ours)[3] for ours in found.values()]
    return _AGGREGATES["AVERAGE" if kind.endswith("AVERAGE_ORG_UNIT") else "SUM"](numbers)


class _Cell(Row):
    """All rows of a cell, for an expression that adds them up itself."""

    def __init__(self, rows: Sequence[Row]) -> None:
        super().__init__(rows[0].asked, rows[0].enrollment, rows[0].event)
        self.rows = rows

    def aggregate(self, call: Call) -> Value:
        (inner,) = call.arguments
        found = _distinct(inner, self.rows) if call.function == "count" else None
        if found is not None:
            return found
        values = [meaning(inner, row, nulls=False) for row in self.rows]
        if call.function == "count":
            return float(sum(v is not None for v in values))
        kind = {"avg": "AVERAGE"}.get(call.function, call.function.upper())
        return _AGGREGATES[kind]([n for v in values if (n := _number(v)) is not None])


def _number(value: object) -> float | None:
    if isinstance(value, bool | int | float):
        return float(value)
    try:
        return float(str(value)) if value else None
    except ValueError:
        return None


_AGGREGATES = {
    "SUM": lambda n: sum(n) if n else None,
    "AVERAGE": lambda n: statistics.fmean(n) if n else None,
    "MIN": lambda n: min(n, default=None),
    "MAX": lambda n: max(n, default=None),
    "STDDEV": lambda n: statistics.stdev(n) if len(n) > 1 else None,
    "VARIANCE": lambda n: statistics.variance(n) if len(n) > 1 else None,
}


def stored(owner: Connection, program: str) -> list[Enrollment]:
    """All enrollments of a program as they are stored, whoever owns them."""
    events: dict[str, list[Event]] = {}
    for row in owner.execute(
        "select * from tracker.event where program = %s and not deleted", (program,)
    ).fetchall():
        events.setdefault(row["enrollment"], []).append(_event(row))
    links: dict[str, list[str]] = {}
    for row in owner.execute(
        "select tracked_entity, type from tracker.relationship_end "
        "where not deleted and enrollment is null and event is null"
    ).fetchall():
        links.setdefault(row["tracked_entity"], []).append(row["type"])
    people = {
        row["tracked_entity"]: row["attributes"]
        for row in owner.execute("select tracked_entity, attributes from tracker.tracked_entity").fetchall()
    }  # fmt: skip
    return [
        Enrollment(
            uid=row["enrollment"],
            person=row["tracked_entity"],
            org_unit=row["org_unit"],
            status=row["status"],
            enrolled=_wall(row["enrolled_at"]) or datetime(1, 1, 1),
            incident=_wall(row["occurred_at"]),
            attributes=_values(people[row["tracked_entity"]]),
            events=events.get(row["enrollment"], []),
            relationships=links.get(row["tracked_entity"], []),
        )
        for row in owner.execute(
            "select * from tracker.enrollment where program = %s and not deleted", (program,)
        ).fetchall()
    ]


def _event(row: Mapping[str, object]) -> Event:
    return Event(
        uid=row["event"],
        stage=row["program_stage"],
        status=row["status"],
        occurred=_wall(row["occurred_at"]),
        org_unit=row["org_unit"],
        values=_values(row["data"]),
        scheduled=_wall(row["scheduled_at"]),
        completed=_wall(row["completed_at"]),
        created=_wall(row["created_at"]),
    )


def _values(data: Mapping[str, Mapping[str, object]]) -> dict[str, str]:
    return {uid: str(one["value"]) for uid, one in data.items() if one.get("value") is not None}


def _wall(moment: datetime | None) -> datetime | None:
    return moment and moment.astimezone(OSLO).replace(tzinfo=None)
