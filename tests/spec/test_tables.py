"""Every row of the tables, through each meaning that has one, and that no part of the language lacks rows."""

import math
from datetime import date
from decimal import Decimal

import pytest
from psycopg.sql import SQL

from smittesporing.expression.evaluate import evaluate
from smittesporing.expression.nodes import ExpressionError
from smittesporing.expression.parse import parse
from smittesporing.expression.sql_types import as_boolean
from smittesporing.expression.to_sql import to_sql
from smittesporing.expression.values import as_text
from tests.spec.in_sql import Columns
from tests.spec.reading import MODES, OVER_ROWS, Row, context, rows, written

ROWS = list(rows())

# Where counting over rows has a meaning of its own; docs/dhis2-quirks.md says why.
APART = {
    "1.5 && true": "a fraction is true in SQL as every number but 0 is; rules refuse it",
    "1.5 || true": "the same",
    "null == 1": "SQL compares nothing with null; rules find it unequal",
    "null != 1": "the same",
    "null == null": "the same; rules find it equal",
    "#{no_day} == #{day}": "a missing day is null, and equals nothing",
    "#{no_day} != #{day}": "the same",
    "normDistCum(0, 0, 1)": "PostgreSQL 15 has no normal distribution, so it is not counted over rows",
    "normDistCum(#{number}, 10, 2)": "the same",
    "normDistDen(0, 0, 1)": "the same",
    "normDistDen(#{number}, 10, 1)": "the same",
    "firstNonNull(null, 2)": "to be mended",
    "firstNonNull(null, true)": "to be mended",
    "d2:zing(null)": "to be mended",
    "1 / 3 == 0.3333333333333333": "SQL divides with more digits",
}


def said(value: object) -> str:
    """A value as the tables write answers."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case date():
            return as_text(value) or ""
        case str():
            return f"'{value}'"
        case _:
            number = float(value)  # type: ignore[arg-type]
            whole = math.isfinite(number) and number == int(number)
            return as_text(number) if whole or not math.isfinite(number) else repr(number)


def answer(row: Row) -> str:
    try:
        node = parse(written(row.text, row.mode), MODES[row.mode])
    except ExpressionError as error:
        assert error.column >= 1
        return "refused"
    try:
        return said(evaluate(node, context(row.mode, row.empty)))
    except ExpressionError:
        return "error"


def tables() -> list[str]:
    return sorted({row.table for row in ROWS})


@pytest.mark.parametrize("table", tables())
def test_the_referee_answers_as_the_table_says(table):
    wrong = [
        f"{row}: {found}, not {row.answer}"
        for row in ROWS
        if row.table == table and (found := answer(row)) != row.answer
    ]
    assert wrong == []


def in_sql(conn, row: Row) -> object:
    node = parse(written(row.text, row.mode), MODES[row.mode])
    value = to_sql(node, Columns(row.empty), nulls=row.mode == "filter")
    text = as_boolean(value) if row.mode == "filter" else value.text
    return conn.execute(SQL("select {} as value").format(text)).fetchone()["value"]


def agrees(found: object, row: Row) -> bool:
    """A row that stops the referee, or has no finite number, has no value in SQL."""
    if row.answer in ("error", "NaN", "Infinity", "-Infinity", "null"):
        return found is None
    if isinstance(found, Decimal | float | int) and not isinstance(found, bool):
        return math.isclose(float(found), float(row.answer), rel_tol=1e-9, abs_tol=1e-9)
    return said(found) == row.answer


@pytest.mark.parametrize("table", [table for table in tables() if table != "samples"])
def test_postgresql_answers_as_the_table_says(pool, table):
    wrong = []
    with pool.connection() as conn:
        for row in ROWS:
            if row.table != table or row.mode not in OVER_ROWS or row.answer == "refused":
                continue
            try:
                found = in_sql(conn, row)
            except ExpressionError:
                found = None
            if row.mode == "expression" and row.text in APART:
                assert not agrees(found, row), f"{row} no longer stands apart"
            elif not agrees(found, row):
                wrong.append(f"{row}: {said(found)}, not {row.answer}")
    assert wrong == []
