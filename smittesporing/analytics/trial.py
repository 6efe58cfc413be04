"""An indicator tried on made-up rows: how many it counts, and which, before anybody's data are counted by it.

Rows are made from what the expressions themselves ask about, by a seed, so that the same trial gives the same
rows. Reads no record and no database; the meaning is `evaluate`'s, the referee of the real count. Called by
the configuration's pages.
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from smittesporing.expression.evaluate import Context, Variable, evaluate
from smittesporing.expression.nodes import ExpressionError, Item, Kind, Mode, Node, items, walk
from smittesporing.expression.nodes import Number as NumberNode
from smittesporing.expression.nodes import Text as TextNode
from smittesporing.expression.parse import parse
from smittesporing.expression.values import as_number, as_truth
from smittesporing.metadata.forms import Attribute, DataElement
from smittesporing.metadata.indicators import Boundary, ProgramIndicator
from smittesporing.metadata.snapshot import Metadata
from smittesporing.periods import Period

DAYS = 14
NOT_HELD = frozenset(("SCHEDULE", "OVERDUE", "SKIPPED"))
_NUMBERS = ("NUMBER", "INTEGER", "PERCENTAGE", "UNIT_INTERVAL")
_STEPS = {"Daily": 1, "Weekly": 7, "BiWeekly": 14}
_MONTHS = {"Monthly": 1, "BiMonthly": 2, "Quarterly": 3, "SixMonthly": 6, "Yearly": 12}
_ONE = frozenset(("V{event_count}", "V{enrollment_count}", "V{tei_count}", "V{org_unit_count}"))


@dataclass(frozen=True)
class Row:
    """One made-up record: values by item as it is written, dates by name, and its status."""

    values: Mapping[str, str | None]
    dates: Mapping[str, date]
    status: str


@dataclass(frozen=True)
class Outcome:
    """What an indicator makes of the rows; `counted` says which of them it takes in."""

    value: float | None = None
    counted: tuple[bool, ...] = ()
    fault: ExpressionError | None = None


@dataclass(frozen=True)
class Compiled:
    """An indicator with its trees."""

    indicator: ProgramIndicator
    expression: Node
    filter: Node | None
    targets: Mapping[str, Node] = field(default_factory=dict)

    def nodes(self) -> Iterable[Node]:
        yield self.expression
        if self.filter is not None:
            yield self.filter
        yield from self.targets.values()


def compiled(indicator: ProgramIndicator) -> Compiled:
    """Errors  `ExpressionError` when a text of the indicator cannot be read."""
    text = indicator.filter.strip()
    return Compiled(
        indicator,
        parse(indicator.expression.strip(), Mode.PROGRAM_INDICATOR_EXPRESSION),
        parse(text, Mode.PROGRAM_INDICATOR_FILTER) if text else None,
        {
            boundary.target: parse(boundary.target, Mode.PROGRAM_INDICATOR_FILTER)
            for boundary in indicator.boundaries
            if boundary.target.startswith(("#", "A{", "PS_EVENTDATE"))
        },
    )


def made_up(
    metadata: Metadata, asked: Sequence[Compiled], today: date, count: int, seed: int
) -> list[Row]:
    """Rows that differ in what these indicators ask about; values that they name come more often."""
    nodes = [node for one in asked for node in one.nodes()]
    wanted = list(dict.fromkeys(item for node in nodes for item in items(node)))
    texts = {node.value for tree in nodes for node in walk(tree) if isinstance(node, TextNode)}
    numbers = {node.value for tree in nodes for node in walk(tree) if isinstance(node, NumberNode)}
    pools = {
        item.written: _pool(metadata, item, texts, numbers)
        for item in wanted
        if item.sign in ("#", "A")
    }
    # Not for secrets: the same seed must give the same rows.
    chance = random.Random(seed)  # noqa: S311
    rows = []
    for _ in range(count):
        day = _day(chance, today)
        dates = {
            "EVENT_DATE": day,
            "SCHEDULED_DATE": day,
            "ENROLLMENT_DATE": day - timedelta(days=chance.randrange(0, 4)),
            "INCIDENT_DATE": day - timedelta(days=chance.randrange(0, 6)),
        }
        values = {written: _chosen(chance, pool, today, day) for written, pool in pools.items()}
        status = chance.choices(("ACTIVE", "COMPLETED", "CANCELLED", "SCHEDULE"), (10, 6, 1, 1))[0]
        rows.append(Row(values, dates, status))
    return rows


def window(today: date) -> Period:
    """The fortnight that a trial counts."""
    return Period("", "", today - timedelta(days=DAYS - 1), today)


def tried(metadata: Metadata, one: Compiled, rows: Sequence[Row], today: date) -> Outcome:
    """The figure over the fortnight that ends today; a fault when a row cannot be judged."""
    first, last = window(today).start, today
    counted, values = [], []
    try:
        for row in rows:
            takes = _within(metadata, one, row, first, last) and _filtered(
                metadata, one, row, first, last
            )
            counted.append(takes)
            if takes:
                values.append(_value(metadata, one, row, first, last))
    except ExpressionError as fault:
        return Outcome(fault=fault)
    return Outcome(_aggregated(one.indicator, values), tuple(counted))


# Rows ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Pool:
    kind: str
    values: tuple[str, ...] = ()


def question_of(metadata: Metadata, item: Item) -> DataElement | Attribute | None:
    """The question an item asks for the answer of."""
    if item.sign == "A":
        return metadata.attributes.get(item.name)
    return metadata.data_elements.get(item.parts[-1])


def _pool(metadata: Metadata, item: Item, texts: Iterable[str], numbers: Iterable[float]) -> _Pool:
    asked = question_of(metadata, item)
    kind = asked.value_type if asked else "TEXT"
    if asked and asked.option_set:
        named = [code for code in asked.option_set.names if code in set(texts)]
        others = [each.code for each in asked.option_set.options if each.code not in named][:3]
        return _Pool("CHOICE", (*named, *named, *others))
    if kind in ("BOOLEAN", "TRUE_ONLY"):
        return _Pool("TICK" if kind == "TRUE_ONLY" else "CHOICE", ("true", "false"))
    if kind in ("DATE", "DATETIME", "AGE"):
        return _Pool("BIRTH" if kind == "AGE" or "BIRTH" in str(asked and asked.code) else "DATE")
    if kind.startswith(_NUMBERS):
        near = {n + step for n in numbers for step in (-1, 0, 1) if n + step >= 0}
        return _Pool("CHOICE", tuple(f"{n:g}" for n in sorted(near | {0.0, 1.0, 5.0, 20.0})))
    return _Pool("CHOICE", tuple(sorted({*texts, "A", "B"}))[:12])


def _chosen(chance: random.Random, pool: _Pool, today: date, day: date) -> str | None:
    if chance.random() < (0.8 if pool.kind == "TICK" else 0.2):
        return None
    if pool.kind == "TICK":
        return "true"
    if pool.kind == "DATE":
        return (day + timedelta(days=chance.randrange(-5, 6))).isoformat()
    if pool.kind == "BIRTH":
        return (today - timedelta(days=chance.randrange(0, 90 * 365))).isoformat()
    return chance.choice(pool.values) if pool.values else None


def _day(chance: random.Random, today: date) -> date:
    return today - timedelta(days=chance.randrange(-2, 24))


# Judging -------------------------------------------------------------------------------------------------


def _context(
    metadata: Metadata, one: Compiled, row: Row, first: date, last: date, nulls: bool
) -> Context:
    hidden = not _window(one.indicator, row, first, last)
    values: dict[str, Variable] = {}
    for written, value in row.values.items():
        shown = None if hidden and written.startswith("#") else value
        name = written[written.index("{") + 1 : -1]
        seen = (shown,) if shown else ()
        values[name] = Variable(_kind(metadata, name), shown, seen, row.dates["EVENT_DATE"])
    for node in one.nodes():
        for item in items(node):
            if item.sign == "PS_EVENTDATE":
                values[item.written] = Variable(Kind.DATE, row.dates["EVENT_DATE"].isoformat())
    dates = {
        "event_date": row.dates["EVENT_DATE"],
        "execution_date": row.dates["EVENT_DATE"],
        "due_date": row.dates["SCHEDULED_DATE"],
        "scheduled_date": row.dates["SCHEDULED_DATE"],
        "enrollment_date": row.dates["ENROLLMENT_DATE"],
        "incident_date": row.dates["INCIDENT_DATE"],
        "creation_date": row.dates["EVENT_DATE"],
        "sync_date": row.dates["EVENT_DATE"],
        "completed_date": row.dates["EVENT_DATE"],
        "current_date": last,
        "analytics_period_start": first,
        "analytics_period_end": last,
    }
    here = {name: Variable(Kind.DATE, day.isoformat()) for name, day in dates.items()}
    status = "ACTIVE" if row.status in NOT_HELD else row.status
    here |= {
        "enrollment_status": Variable(Kind.TEXT, status),
        "event_status": Variable(Kind.TEXT, row.status),
        "program_stage_name": Variable(Kind.TEXT, ""),
        "program_stage_id": Variable(Kind.TEXT, ""),
    }
    counts = ("event_count", "enrollment_count", "tei_count", "org_unit_count", "value_count")
    here |= {name: Variable(Kind.NUMBER, "1") for name in counts}
    return Context(values, here, metadata.constants, nulls=nulls)


def _kind(metadata: Metadata, name: str) -> Kind:
    uid = name.rpartition(".")[2]
    asked = metadata.data_elements.get(uid) or metadata.attributes.get(uid)
    kind = asked.value_type if asked else "TEXT"
    if kind.startswith(_NUMBERS):
        return Kind.NUMBER
    if kind in ("BOOLEAN", "TRUE_ONLY"):
        return Kind.BOOLEAN
    return Kind.DATE if kind in ("DATE", "DATETIME", "AGE") else Kind.TEXT


def _filtered(metadata: Metadata, one: Compiled, row: Row, first: date, last: date) -> bool:
    if one.filter is None:
        return True
    context = _context(metadata, one, row, first, last, True)
    return as_truth(evaluate(one.filter, context), 1) is True


def _value(metadata: Metadata, one: Compiled, row: Row, first: date, last: date) -> float | None:
    if one.indicator.expression.replace(" ", "") in _ONE:
        return 1.0
    context = _context(metadata, one, row, first, last, False)
    return as_number(evaluate(one.expression, context), 1)


def _within(metadata: Metadata, one: Compiled, row: Row, first: date, last: date) -> bool:
    """Whether the row lies within the limits, and has happened."""
    indicator = one.indicator
    per_event = indicator.analytics_type == "EVENT"
    planned = any(each.target == "SCHEDULED_DATE" for each in indicator.boundaries)
    if per_event and not planned and row.status in NOT_HELD:
        return False
    default = "EVENT_DATE" if per_event else "ENROLLMENT_DATE"
    if not indicator.boundaries:
        return first <= row.dates[default] <= last
    for boundary in indicator.boundaries:
        if not per_event and boundary.target == "EVENT_DATE":
            continue
        day = row.dates.get(boundary.target)
        if day is None and boundary.target in one.targets:
            context = _context(metadata, one, row, first, last, True)
            found = evaluate(one.targets[boundary.target], context)
            day = found if isinstance(found, date) else None
        if day is None or not _holds(boundary, day, first, last):
            return False
    return True


def _window(indicator: ProgramIndicator, row: Row, first: date, last: date) -> bool:
    """On enrollments, limits on the event's day choose which events are read."""
    if indicator.analytics_type == "EVENT":
        return True
    return all(
        _holds(each, row.dates["EVENT_DATE"], first, last)
        for each in indicator.boundaries
        if each.target == "EVENT_DATE"
    )


def _holds(boundary: Boundary, day: date, first: date, last: date) -> bool:
    at_end = "_END_" in boundary.type
    bound = _moved(last if at_end else first, boundary)
    if at_end:
        bound += timedelta(days=1)
    return day >= bound if boundary.type.startswith("AFTER") else day < bound


def _moved(day: date, boundary: Boundary) -> date:
    unit = boundary.offset_type or "Daily"
    if unit in _MONTHS:
        months = day.year * 12 + day.month - 1 + boundary.offset * _MONTHS[unit]
        year, month = divmod(months, 12)
        following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
        longest = (following - timedelta(days=1)).day
        return date(year, month + 1, min(day.day, longest))
    return day + timedelta(days=boundary.offset * _STEPS.get(unit, 1))


def _aggregated(indicator: ProgramIndicator, values: Sequence[float | None]) -> float | None:
    numbers = [n for n in values if n is not None and math.isfinite(n)]
    kind = indicator.aggregation_type
    if kind == "COUNT" or indicator.expression.replace(" ", "") in _ONE:
        return float(len(numbers))
    if not numbers:
        return None
    match kind:
        case "AVERAGE":
            return statistics.fmean(numbers)
        case "MEDIAN":
            return statistics.median(numbers)
        case "MIN":
            return min(numbers)
        case "MAX":
            return max(numbers)
        case _:
            return math.fsum(numbers)
