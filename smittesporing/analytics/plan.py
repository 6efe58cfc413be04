"""One program indicator becomes one statement over the projections.

Composes from psycopg.sql objects only; executes nothing and knows no user. The statement answers
(period, unit, value) for all asked periods and units at once. Called by query.py and published.py.
"""

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from smittesporing.analytics.columns import EnrollmentColumns, EventColumns, RowColumns
from smittesporing.analytics.question import FOLLOWED_UP_BY, RESIDENCE, Place, Question
from smittesporing.analytics.structure import NOT_HELD, Structure, local
from smittesporing.expression.nodes import ExpressionError, Item, Mode, Node, items
from smittesporing.expression.parse import parse
from smittesporing.expression.sql_types import as_boolean, as_day, as_numeric
from smittesporing.expression.to_sql import to_sql
from smittesporing.metadata.indicators import Boundary, ProgramIndicator
from smittesporing.metadata.programs import Program
from smittesporing.periods import Period
from smittesporing.uid import is_uid

NORGE = 1  # access.org_unit.id of the root
_DATE_TRUNC = {
    "Daily": "day",
    "Weekly": "week",
    "Monthly": "month",
    "Quarterly": "quarter",
    "Yearly": "year",
}
_INTERVALS = {
    "Daily": "1 day",
    "Weekly": "7 days",
    "BiWeekly": "14 days",
    "Monthly": "1 month",
    "BiMonthly": "2 months",
    "Quarterly": "3 months",
    "SixMonthly": "6 months",
    "Yearly": "1 year",
}
_AGGREGATES = {
    "COUNT": "count({})",
    "SUM": "sum({})",
    "AVERAGE": "avg({})",
    "MEDIAN": "percentile_cont(0.5) within group (order by {})",
    "MIN": "min({})",
    "MAX": "max({})",
    "STDDEV": "stddev_samp({})",
    "VARIANCE": "var_samp({})",
    "CUSTOM": "{}",
    "DEFAULT": "sum({})",
    "NONE": "sum({})",
}
_DISTINCT = {
    "V{enrollment_count}": "enrollment",
    "V{event_count}": "event",
    "V{tei_count}": "tracked_entity",
    "V{org_unit_count}": "org_unit",
}


def counting(
    indicator: ProgramIndicator,
    program: Program,
    shape: Structure,
    place: Place,
    question: Question,
) -> Composed:
    """The statement that gives (period, unit, value), one row per cell that has any data.

    Errors  `ExpressionError` when the indicator names what its program does not have.
    """
    rows = _Rows(indicator, program, shape, place, question)
    return SQL(
        "/* indicator {} */ select p.id as period, u.unit, {} as value from {} where {} group by 1, 2"
    ).format(_named(indicator), rows.aggregate(), rows.tables(), rows.condition())


def behind(
    indicator: ProgramIndicator,
    program: Program,
    shape: Structure,
    place: Place,
    question: Question,
) -> Composed:
    """The statement that lists the people and enrollments that a count counts."""
    rows = _Rows(indicator, program, shape, place, question)
    return SQL(
        "/* behind {} */ select distinct {}, {} from {} where {} order by 1, 2"
    ).format(
        _named(indicator), rows.key("tracked_entity"), rows.key("enrollment"),
        rows.tables(), rows.condition(),
    )  # fmt: skip


def _named(indicator: ProgramIndicator) -> SQL:
    """The indicator's uid for the statement's comment, where nothing else may stand."""
    if not is_uid(indicator.uid):
        raise ExpressionError(1, "The indicator has no proper identifier.")
    return SQL(indicator.uid)


class _Rows:
    """The rows of one indicator: their tables, which of them count, and what they add up to."""

    def __init__(
        self,
        indicator: ProgramIndicator,
        program: Program,
        shape: Structure,
        place: Place,
        question: Question,
    ) -> None:
        self.indicator, self.program, self.shape = indicator, program, shape
        self.place, self.question = place, question
        self.expression = parse(indicator.expression.strip(), Mode.PROGRAM_INDICATOR_EXPRESSION)
        self.filter: Node | None = None
        if indicator.filter.strip():
            self.filter = parse(indicator.filter.strip(), Mode.PROGRAM_INDICATOR_FILTER)
        self.per_event = indicator.analytics_type == "EVENT"
        default = Boundary("EVENT_DATE" if self.per_event else "ENROLLMENT_DATE", "", 0, None)
        self.boundaries = indicator.boundaries or _both_ends(default)
        # On enrollments, event-date limits choose which events are read, not which enrollments count.
        inner = (
            () if self.per_event else tuple(b for b in self.boundaries if b.target == "EVENT_DATE")
        )
        self.columns: RowColumns
        if self.per_event:
            self.columns = EventColumns(program, shape, question, self._items())
        else:
            window = [_limit(b, SQL("v.occurred_at"), True) for b in inner]
            self.columns = EnrollmentColumns(program, shape, question, window)
        self.outer = tuple(b for b in self.boundaries if b not in inner)

    def _items(self) -> tuple[Item, ...]:
        nodes = [self.expression, *([self.filter] if self.filter else [])]
        targets = [b.target for b in self.boundaries if b.target.startswith(("#", "A"))]
        nodes += [parse(t, Mode.PROGRAM_INDICATOR_FILTER) for t in targets]
        return tuple(dict.fromkeys(item for node in nodes for item in items(node)))

    def key(self, name: str) -> Composable:
        return Identifier(self.columns.alias, name)

    def aggregate(self) -> Composable:
        counted = self.indicator.expression.replace(" ", "")
        if counted in _DISTINCT:
            name = _DISTINCT[counted]
            if not self.per_event and name in ("enrollment", "event"):
                return SQL("count(*)")
            return SQL("count(distinct {})").format(self.key(name))
        template = _AGGREGATES.get(self.indicator.aggregation_type)
        if template is None:
            raise ExpressionError(
                1, f"Aggregation {self.indicator.aggregation_type} cannot be counted."
            )
        value = to_sql(self.expression, self.columns, nulls=False)
        return SQL(template).format(as_numeric(value, 1))

    def tables(self) -> Composable:
        parts = [self.columns.base()]
        if self.place.kind == RESIDENCE:
            home = self.columns.attribute(self.place.column)
            parts.append(SQL("left join projection.home on home.number = left({}, 4)").format(home))
        parts.append(SQL("join {} on {}").format(self._periods(), self._within()))
        parts.append(SQL("join {} on u.org_unit = {}").format(self._units(), self._where()))
        return SQL(" ").join(parts)

    def condition(self) -> Composable:
        parts: list[Composable] = [SQL("true")]
        if self.question.owners is not None:
            owners = Literal(list(self.question.owners))
            parts.append(SQL("{} = any ({}::int[])").format(self.key("owner"), owners))
        if self.per_event and not any(b.target == "SCHEDULED_DATE" for b in self.boundaries):
            parts.append(SQL("{} not in {}").format(self.key("status"), NOT_HELD))
        if self.filter is not None:
            parts.append(as_boolean(to_sql(self.filter, self.columns, nulls=True)))
        return SQL(" and ").join(parts)

    def _where(self) -> Composable:
        if self.place.kind == RESIDENCE:
            # Without a kommune of residence (abroad, unknown, Svalbard) a person counts in Norge only.
            return SQL("coalesce(home.id, {})").format(Literal(NORGE))
        return self.key("owner" if self.place.kind == FOLLOWED_UP_BY else "org_unit")

    def _units(self) -> Composable:
        own, asked = zip(*self.question.units, strict=True) if self.question.units else ((), ())
        return SQL("unnest({}::int[], {}::int[]) as u(org_unit, unit)").format(
            Literal(list(own)), Literal(list(asked))
        )

    def _periods(self) -> Composable:
        rows = [
            SQL("({}, {}::date, {}::date)").format(
                Literal(p.id), Literal(p.start.isoformat()), Literal(p.end.isoformat())
            )
            for p in self.question.periods
        ]
        return SQL("(values {}) as p(id, first, last)").format(SQL(", ").join(rows))

    def _within(self) -> Composable:
        """Which rows belong to which period; an equality where it can be, which is far quicker."""
        found: list[Composable] = []
        plain = self._same_target()
        if plain is not None:
            target, moment = self._target(plain)
            days = [day for p in self.question.periods for day in (p.start, p.end)]
            whole = Period("", "", min(days), max(days))
            found += [
                _compare(target, moment, ">=", Literal(whole.start.isoformat())),
                _compare(target, moment, "<", Literal((whole.end).isoformat()), plus=1),
            ]
            unit = _DATE_TRUNC[self.question.periods[0].kind]
            wall = local(target) if moment else SQL("{}::timestamp").format(target)
            found.append(SQL("date_trunc({}, {})::date = p.first").format(Literal(unit), wall))
            return SQL(" and ").join(found)
        for boundary in self.outer:
            target, moment = self._target(boundary.target)
            found.append(_limit(boundary, target, moment))
        return SQL(" and ").join(found) if found else SQL("true")

    def _same_target(self) -> str | None:
        """The target when the limits are just "within the period" and all periods are of one plain type."""
        kinds = {p.kind for p in self.question.periods}
        targets = {b.target for b in self.outer}
        types = sorted(b.type for b in self.outer)
        plain = (
            types == sorted(("AFTER_START_OF_REPORTING_PERIOD", "BEFORE_END_OF_REPORTING_PERIOD"))
            and len(targets) == 1
            and not any(b.offset for b in self.outer)
            and len(kinds) == 1
            and kinds <= set(_DATE_TRUNC)
        )
        return next(iter(targets)) if plain else None

    def _target(self, target: str) -> tuple[Composable, bool]:
        """The date that a limit looks at, and whether it is a moment rather than a day."""
        fixed = self.columns.dates.get(target)
        if fixed is not None:
            return fixed, True
        node = parse(target, Mode.PROGRAM_INDICATOR_FILTER)
        return as_day(to_sql(node, self.columns, nulls=True), 1), False


def _both_ends(boundary: Boundary) -> tuple[Boundary, ...]:
    ends = ("AFTER_START_OF_REPORTING_PERIOD", "BEFORE_END_OF_REPORTING_PERIOD")
    return tuple(Boundary(boundary.target, end, 0, None) for end in ends)


def _limit(boundary: Boundary, target: Composable, moment: bool) -> Composable:
    """One limit. Ends are taken as the day after: BEFORE an end is < , AFTER an end is >= that day."""
    after = boundary.type.startswith("AFTER")
    end = "_END_" in boundary.type
    bound: Composable = SQL("p.last") if end else SQL("p.first")
    if boundary.offset:
        step = _INTERVALS.get(boundary.offset_type or "", "1 day")
        bound = SQL("({} + {} * interval {})::date").format(
            bound, Literal(boundary.offset), Literal(step)
        )
    return _compare(target, moment, ">=" if after else "<", bound, plus=1 if end else 0)


def _compare(
    target: Composable, moment: bool, sign: str, day: Composable, plus: int = 0
) -> Composable:
    bound = SQL("({}::date + {})").format(day, SQL(str(plus)))
    if moment:
        bound = SQL("({}::timestamp at time zone 'Europe/Oslo')").format(bound)
    return SQL(f"{{}} {sign} {{}}").format(target, bound)
