"""Aggregation types: what the values of an indicator's rows add up to in one cell.

As DHIS2 has them for program indicators: types that speak of org units or of the last in a period fall
back to the sum or the mean there, and so here. Composes SQL only; called by plan.py.
"""

from collections.abc import Sequence
from typing import LiteralString

from psycopg.sql import SQL, Composable, Identifier, Literal

from smittesporing.analytics.columns import RowColumns
from smittesporing.analytics.indicator import Indicator
from smittesporing.expression.nodes import ExpressionError, Item, items
from smittesporing.expression.sql_types import as_numeric, fill
from smittesporing.expression.to_sql import to_aggregate_sql, to_sql

# What the rows of a statement carry beside their values.
KEYS = ("tracked_entity", "enrollment", "org_unit")
# {0} is the value, {1} whether the row counts.
_AGGREGATES: dict[str, LiteralString] = {
    "COUNT": "count({0}) filter (where {1})",
    "SUM": "sum({0}) filter (where {1})",
    "AVERAGE": "avg({0}) filter (where {1})",
    "MEDIAN": "percentile_cont(0.5) within group (order by {0}) filter (where {1})",
    "MIN": "min({0}) filter (where {1})",
    "MAX": "max({0}) filter (where {1})",
    "STDDEV": "stddev_samp({0}) filter (where {1})",
    "VARIANCE": "var_samp({0}) filter (where {1})",
}
_FALL_BACK = {
    "DEFAULT": "AVERAGE",
    "LAST_IN_PERIOD_AVERAGE_ORG_UNIT": "AVERAGE",
    "AVERAGE_SUM_ORG_UNIT": "SUM",
    "LAST_IN_PERIOD": "SUM",
    "MAX_SUM_ORG_UNIT": "SUM",
    "MIN_SUM_ORG_UNIT": "SUM",
}
# One row of each org unit, and what is made of those.
_OF_ONE_ROW: dict[str, tuple[LiteralString, LiteralString]] = {
    "FIRST": ("asc", "sum({})"),
    "FIRST_AVERAGE_ORG_UNIT": ("asc", "avg({})"),
    "LAST": ("desc", "sum({})"),
    "LAST_AVERAGE_ORG_UNIT": ("desc", "avg({})"),
}


def of(
    indicator: Indicator, columns: RowColumns, number: int
) -> tuple[Composable, Composable | None]:
    """The total over rows `r`, where f0, f1, … say which count, and the row's value, v0, v1, …, if it needs one.

    Errors  `ExpressionError` for aggregation types that have no meaning here.
    """
    counts = Identifier("r", f"f{number}")
    body = indicator.body
    expression = indicator.expression
    key = indicator.counted_by
    if key is not None:
        once = key == "enrollment" and not indicator.per_event
        distinct = SQL("count(*)") if once else fill("count(distinct {})", Identifier("r", key))
        return fill("{} filter (where {})", distinct, counts), None
    kind = _FALL_BACK.get(body.aggregation_type, body.aggregation_type)
    if expression == Item("V", ("event_count",)) and kind == "COUNT" and not indicator.per_event:
        kind = "SUM"  # the events of the enrollments, not the enrollments
    template = _AGGREGATES.get(kind)
    if template is None:
        raise ExpressionError(
            1, f"Aggregation {kind} says of no way to add up the rows of an indicator."
        )
    reading = columns.reading(items(expression))
    value = to_sql(expression, reading, nulls=False)
    counted = value.text if kind == "COUNT" else as_numeric(value, 1)
    return fill(template, Identifier("r", f"v{number}"), counts), counted


def alone(indicator: Indicator, columns: RowColumns) -> tuple[Composable, Composable]:
    """The total of an indicator that stands alone, and what its rows are grouped by beside period and unit."""
    if indicator.body.aggregation_type == "CUSTOM":
        reading = columns.reading(items(indicator.expression))
        value = to_aggregate_sql(indicator.expression, reading, SQL("true"))
        return as_numeric(value, 1), SQL("p.first, p.last")
    order, _ = _OF_ONE_ROW[indicator.body.aggregation_type]
    reading = columns.reading(items(indicator.expression))
    value = to_sql(indicator.expression, reading, nulls=False)
    when = columns.dates["EVENT_DATE" if indicator.per_event else "ENROLLMENT_DATE"]
    key = Identifier(columns.alias, "event" if indicator.per_event else "enrollment")
    made = Identifier(columns.alias, "created_at")
    one = fill(
        "(array_agg({0} order by {1} {4}, {2} {4}, {3} {4}) filter (where {0} is not null))[1]",
        as_numeric(value, 1), when, made, key, SQL(order),
    )  # fmt: skip
    return one, Identifier(columns.alias, "org_unit")


def one_statement(
    indicator: Indicator, total: Composable, more: Composable, rows: Composable
) -> Composable:
    """(indicator, period, unit, value) of an indicator that stands alone; `rows` are from and where."""
    cells = fill(
        "select p.id as period, u.unit, {} as value {} group by 1, 2, {}", total, rows, more
    )
    outer: LiteralString = "max({})"  # each cell is one row already
    if indicator.body.aggregation_type in _OF_ONE_ROW:
        outer = _OF_ONE_ROW[indicator.body.aggregation_type][1]
    return fill(
        "select {} as indicator, c.period, c.unit, ({})::numeric as value from ({}) c group by 2, 3",
        Literal(indicator.body.uid), fill(outer, SQL("c.value")), cells,
    )  # fmt: skip


def many(rows: Composable, totals: Sequence[tuple[str, Composable]]) -> Composable:
    """(indicator, period, unit, value) of a group: one pass over its rows, then a row per cell with data."""
    sums, cells = [], []
    for at, (uid, total) in enumerate(totals):
        # Zero of some is a figure, nothing of none is not.
        some = fill("bool_or({})", Identifier("r", f"f{at}"))
        sums.append(
            fill("{} as {}, {} as {}", total, Identifier(f"t{at}"), some, Identifier(f"n{at}"))
        )
        figure, counted = Identifier("g", f"t{at}"), Identifier("g", f"n{at}")
        cells.append(fill("({}::text, {}::numeric, {})", Literal(uid), figure, counted))
    return fill(
        "select x.indicator, g.period, g.unit, x.value from "
        "(select r.period, r.unit, {} from ({}) r group by 1, 2) g "
        "cross join lateral (values {}) x(indicator, value, counted) where x.counted",
        SQL(", ").join(sums), rows, SQL(", ").join(cells),
    )  # fmt: skip
