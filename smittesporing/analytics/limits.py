"""An indicator's limits (DHIS2's analyticsPeriodBoundaries) as conditions on the rows of its statement.

`p` is the reporting period in the statement: p.first and p.last, both included. Called by plan.py.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import LiteralString

from psycopg.sql import SQL, Composable, Literal

from smittesporing.analytics.columns import RowColumns
from smittesporing.analytics.structure import local
from smittesporing.expression.nodes import ExpressionError, Item, Mode
from smittesporing.expression.parse import parse
from smittesporing.expression.sql_types import as_day, fill
from smittesporing.expression.to_sql import to_sql
from smittesporing.metadata.indicators import Boundary
from smittesporing.periods import Period

# On enrollments, and inside an event's own enrollment, these choose which events are read.
OF_EVENTS = ("EVENT_DATE", "SCHEDULED_DATE")
_STAGE = "PS_EVENTDATE:"
_TYPES = tuple(
    f"{side}_{end}_OF_REPORTING_PERIOD" for side in ("AFTER", "BEFORE") for end in ("START", "END")
)
_DATE_TRUNC: dict[str, LiteralString] = {
    "Daily": "day",
    "Weekly": "week",
    "Monthly": "month",
    "Quarterly": "quarter",
    "Yearly": "year",
}
_OFFSETS: dict[str, LiteralString] = {
    "Daily": "1 day",
    "Weekly": "7 days",
    "BiWeekly": "14 days",
    "Monthly": "1 month",
    "BiMonthly": "2 months",
    "Quarterly": "3 months",
    "SixMonthly": "6 months",
    "Yearly": "1 year",
    "Financial": "1 year",
}


def of(boundaries: Sequence[Boundary], per_event: bool) -> tuple[Boundary, ...]:
    """The indicator's limits, or DHIS2's own when it has none: the period of the event or the enrollment."""
    for one in boundaries:
        if one.type not in _TYPES:
            raise ExpressionError(1, "A limit must be before or after an end of the period.")
        if one.target == "CUSTOM":
            raise ExpressionError(
                1, "A limit of one's own must name a date: #{…}, A{…} or a stage."
            )
    if boundaries:
        return tuple(boundaries)
    target = "EVENT_DATE" if per_event else "ENROLLMENT_DATE"
    return tuple(Boundary(target, type_, 0, None) for type_ in (_TYPES[0], _TYPES[3]))


def items_of(boundaries: Iterable[Boundary]) -> tuple[Item, ...]:
    """The data elements and attributes that the limits name."""
    named = [b.target for b in boundaries if b.target.startswith(("#", "A"))]
    return tuple(item for text in named if isinstance(item := _parsed(text), Item))


def window(boundaries: Iterable[Boundary]) -> list[Composable]:
    """Which events of an enrollment are read, as conditions on `v`."""
    dates = {"EVENT_DATE": SQL("v.occurred_at"), "SCHEDULED_DATE": SQL("v.scheduled_at")}
    return [_limit(b, dates[b.target], True) for b in boundaries if b.target in OF_EVENTS]


def plain(boundaries: Sequence[Boundary], periods: Sequence[Period]) -> str | None:
    """The target when the limits are just "within the period" and all periods are of one plain type."""
    kinds = {p.kind for p in periods}
    targets = {b.target for b in boundaries}
    fits = (
        sorted(b.type for b in boundaries) == [_TYPES[0], _TYPES[3]]
        and len(targets) == 1
        and not any(b.offset for b in boundaries)
        and len(kinds) == 1
        and kinds <= set(_DATE_TRUNC)
    )
    target = next(iter(targets), "")
    return target if fits and not target.startswith(_STAGE) else None


def within_one(target: str, columns: RowColumns, periods: Sequence[Period]) -> Composable:
    """Rows to periods by an equality, which is far quicker than by comparing both ends."""
    date, moment = _target(target, columns)
    first = Literal(min(p.start for p in periods).isoformat())
    last = Literal(max(p.end for p in periods).isoformat())
    wall = local(date) if moment else fill("{}::timestamp", date)
    unit = Literal(_DATE_TRUNC[periods[0].kind])
    return SQL(" and ").join(
        [
            _compare(date, moment, ">=", fill("{}::date", first)),
            _compare(date, moment, "<", fill("({}::date + 1)", last)),
            fill("date_trunc({}, {})::date = p.first", unit, wall),
        ]
    )


def within(boundaries: Sequence[Boundary], columns: RowColumns) -> list[Composable]:
    """The limits as conditions on a row and `p`."""
    found: list[Composable] = []
    ordered = sorted(boundaries, key=lambda b: b.target)
    for target, group in groupby(ordered, key=lambda b: b.target):
        if target.startswith(_STAGE):
            # One event of the stage must lie within all its limits.
            limits = [_limit(b, SQL("v.occurred_at"), True) for b in group]
            item = _parsed(target)
            assert isinstance(item, Item)
            found.append(columns.has_event(item, limits))
        else:
            date, moment = _target(target, columns)
            found += [_limit(b, date, moment) for b in group]
    return found


def _parsed(target: str) -> object:
    return parse(target, Mode.PROGRAM_INDICATOR_FILTER)


def _target(target: str, columns: RowColumns) -> tuple[Composable, bool]:
    """The date that a limit looks at, and whether it is a moment rather than a day."""
    fixed = columns.dates.get(target)
    if fixed is not None:
        return fixed, True
    if target in OF_EVENTS:
        raise ExpressionError(1, f"An enrollment has no {target}.")
    node = parse(target, Mode.PROGRAM_INDICATOR_FILTER)
    return as_day(to_sql(node, columns, nulls=True), 1), False


def _limit(boundary: Boundary, target: Composable, moment: bool) -> Composable:
    """One limit. An end is taken as the day after, and moved as that day: 28 February's end is 1 March."""
    at_end = "_END_" in boundary.type
    day: Composable = SQL("(p.last + 1)") if at_end else SQL("p.first")
    if boundary.offset:
        kind = boundary.offset_type or "Daily"
        plain_kind = next((k for k in sorted(_OFFSETS, reverse=True) if kind.startswith(k)), None)
        if plain_kind is None:
            raise ExpressionError(1, "The offset of a limit has an unknown period type.")
        day = fill(
            "({} + {} * interval {})::date",
            day, Literal(boundary.offset), Literal(_OFFSETS[plain_kind]),
        )  # fmt: skip
    return _compare(target, moment, ">=" if boundary.type.startswith("AFTER") else "<", day)


def _compare(target: Composable, moment: bool, sign: LiteralString, day: Composable) -> Composable:
    if moment:
        day = fill("({}::timestamp at time zone 'Europe/Oslo')", day)
    return fill("({} {} {})", target, SQL(sign), day)
