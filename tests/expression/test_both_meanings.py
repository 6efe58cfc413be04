"""One table, both meanings: what `evaluate` says of a row, PostgreSQL says of the composed statement.

The row is one enrollment: `n` number, `t` text, `b` truth, `d` date; those with a 0 have no value; `many`
has three events.
"""

import math
from datetime import date

import pytest
from psycopg.sql import SQL, Identifier, Literal

from smittesporing.expression.evaluate import Context, Variable, evaluate
from smittesporing.expression.nodes import ExpressionError, Kind, Mode
from smittesporing.expression.parse import parse
from smittesporing.expression.sql_types import Sql, as_boolean
from smittesporing.expression.to_sql import to_sql
from smittesporing.expression.values import as_truth

STAGE = "Stage000001"
NAMES = {
    "n": ("Number00001", Kind.NUMBER, "numeric", "7.5"),
    "n0": ("Number00000", Kind.NUMBER, "numeric", None),
    "t": ("Text0000001", Kind.TEXT, "text", "POSITIVE"),
    "t0": ("Text0000000", Kind.TEXT, "text", None),
    "digits": ("Digits00001", Kind.TEXT, "text", "12"),
    "b": ("Boolean0001", Kind.BOOLEAN, "boolean", "true"),
    "b0": ("Boolean0000", Kind.BOOLEAN, "boolean", None),
    "d": ("Date0000001", Kind.DATE, "date", "2022-01-20"),
    "d0": ("Date0000000", Kind.DATE, "date", None),
    "many": ("Many0000001", Kind.NUMBER, "numeric", "3"),
}
EVENTS = {"Many0000001": ("3", "-1", "0"), "Text0000001": ("POSITIVE", "NEGATIVE", "POSITIVE")}
KINDS = {uid: (kind, type_) for uid, kind, type_, _ in NAMES.values()}


def named(text: str) -> str:
    """`#n` stands for the item of that name, so that the table can be read."""
    for name in sorted(NAMES, key=len, reverse=True):
        text = text.replace(f"#{name} ", f"#{{{STAGE}.{NAMES[name][0]}}} ")
        text = text.replace(f"#{name},", f"#{{{STAGE}.{NAMES[name][0]}}},")
        text = text.replace(f"#{name})", f"#{{{STAGE}.{NAMES[name][0]}}})")
    return text


class Row:
    """The columns of a statement over one row of literals."""

    def value(self, item):
        if item.sign == "C":
            return Sql(Literal(2.5), Kind.NUMBER)
        uid = item.parts[1]
        return Sql(Identifier("r", uid), KINDS[uid][0])

    def variable(self, item):
        return Sql(SQL("date '2022-01-10'"), Kind.DATE)

    def over_events(self, item, aggregate):
        uid = item.parts[1]
        kind, type_ = KINDS[uid]
        rows = SQL(", ").join(
            SQL("({}::" + type_ + ")").format(Literal(v)) for v in EVENTS.get(uid, ())
        )
        if uid not in EVENTS:
            rows = SQL("(null::" + type_ + ")")
        return SQL("(select {} from (values {}) as v(value) where value is not null)").format(
            aggregate(Sql(Identifier("v", "value"), kind)), rows
        )

    def extreme(self, item, function):
        kind, _ = KINDS[item.parts[1]]
        found = self.over_events(item, lambda v: SQL(function + "({})").format(v.text))
        return Sql(found, kind)

    def relationships(self, type_uid):
        return SQL("2")

    def once(self, piece):
        return piece

    def counted(self, item):
        return None


def context(nulls: bool) -> Context:
    values = {
        f"{STAGE}.{uid}": Variable(kind, value, EVENTS.get(uid, ()), None)
        for uid, kind, _, value in NAMES.values()
    }
    variables = {"enrollment_date": Variable(Kind.DATE, "2022-01-10")}
    return Context(
        values, variables, {"Const000001": 2.5}, relationships={"Type0000001": 2}, nulls=nulls
    )


def in_sql(conn, tree, nulls):
    columns = SQL(", ").join(
        SQL("{}::" + type_ + " as {}").format(Literal(value), Identifier(uid))
        for uid, _, type_, value in NAMES.values()
    )
    value = to_sql(tree, Row(), nulls=nulls)
    found = as_boolean(value) if nulls else value.text
    row = conn.execute(
        SQL("select {} as value from (select {}) r").format(found, columns)
    ).fetchone()
    return row["value"]


FILTERS = [
    "#n > 5", "#n >= 7.5", "#n < 5", "#n == 7.5", "#n != 7.5", "#n == '7.5'", "#n == 'x'", "#n != 'x'",
    "#n0 > 0", "#n0 == 0", "#n0 != 0", "!(#n0 > 0)",
    "#t == 'POSITIVE'", "#t == 'Positive'", "#t != 'Positive'", "#t0 == ''", "#t0 != 'x'", "#t < 'Q'",
    "#digits == 12", "#digits > 5", "#t == 5", "#t != 5",
    "#b == true", "#b == 'true'", "#b == 1", "#b == false", "#b ", "#b0 == true", "#b0 == 0",
    "#d == '2022-01-20'", "#d > '2022-01-19'", "#d <= V{enrollment_date}", "#d0 > '2022-01-01'",
    "d2:hasValue(#n)", "d2:hasValue(#n0)", "d2:hasValue(#t0) == false", "!d2:hasValue(#d0)",
    "#n > 5 && #t == 'POSITIVE'", "#n > 9 || #t == 'POSITIVE'", "#n0 > 1 || #n > 1", "#n0 > 1 && #n > 1",
    "d2:countIfValue(#t, 'POSITIVE') == 2", "d2:countIfValue(#t, 'positive') > 0",
    "d2:countIfCondition(#many, '>= 0') == 2", "d2:count(#many) == 3", "d2:count(#n0) == 0",
    "d2:daysBetween(V{enrollment_date}, #d) == 10", "d2:daysBetween(V{enrollment_date}, #d0) >= 0",
    "d2:yearsBetween('1980-01-21', #d) == 41", "d2:yearsBetween('1980-01-20', #d) == 42",
    "d2:monthsBetween('2021-12-31', #d) == 0", "d2:weeksBetween('2022-01-01', #d) == 2",
    "contains(#t, 'SIT')", "containsItems(#t, 'POSITIVE')", "isNull(#n0)", "isNotNull(#n0)",
    "not #b ", "#n ^ 2 > 56", "#n % 2 == 1.5",
]  # fmt: skip

EXPRESSIONS = [
    "#n + 1", "#n0 + 1", "#n * 2 - 1", "#n / 2", "-#n + 1", "7 % 4", "2 ^ 3", "#digits + 1", "#b + 1",
    "C{Const000001} * 2", "if(#n > 5, 1, 2)", "if(#n0 > 5, 1, 2)", "d2:condition('#n > 5', 1, 2)",
    "d2:oizp(#n)", "d2:oizp(-1)", "d2:zing(-#n )", "d2:zing(#n)", "d2:zpvc(#n, -1, 0)",
    "d2:count(#many)", "d2:countIfZeroPos(#many)", "d2:maxValue(#many)", "d2:minValue(#many)",
    "d2:countIfValue(#many, 3)", "d2:relationshipCount('Type0000001')", "greatest(#n, 9)", "least(#n, 9)",
    "d2:daysBetween('2022-01-01', #d)", "d2:weeksBetween(#d, '2022-01-01')",
    "d2:monthsBetween(#d, '2021-10-21')", "d2:minutesBetween('2022-01-20', #d)", "log10(100)", "removeZeros(#n)",
]  # fmt: skip


@pytest.fixture(scope="module")
def conn(pool):
    with pool.connection() as connection:
        yield connection


@pytest.mark.parametrize("text", FILTERS)
def test_filters_agree(conn, text):
    tree = parse(named(text), Mode.PROGRAM_INDICATOR_FILTER)
    try:
        plain = as_truth(evaluate(tree, context(nulls=True)))
    except ExpressionError:
        plain = None  # a missing date stops the referee; SQL says null; both leave the row out
    assert (in_sql(conn, tree, True) is True) == (plain is True)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_expressions_agree(conn, text):
    tree = parse(named(text), Mode.PROGRAM_INDICATOR_EXPRESSION)
    plain = evaluate(tree, context(nulls=False))
    assert math.isclose(float(in_sql(conn, tree, False)), float(plain), abs_tol=1e-9)


def test_a_text_never_becomes_sql(conn):
    tree = parse(
        r"""#{Stage000001.Text0000001} == "'; drop table x; --%s" """, Mode.PROGRAM_INDICATOR_FILTER
    )
    assert in_sql(conn, tree, True) is False


def test_one_count_divided_by_another_is_a_whole_number_unless_a_number_was_written(conn):
    def counted(text):
        tree = parse(named(text), Mode.PROGRAM_INDICATOR_EXPRESSION)
        return float(in_sql(conn, tree, False))

    assert counted("d2:countIfValue(#many, 3) / d2:count(#many)") == 0
    assert counted("-d2:count(#many) / d2:countIfValue(#t, 'POSITIVE')") == -1
    assert counted("d2:countIfValue(#many, 3) * 1.0 / d2:count(#many)") == pytest.approx(1 / 3)
    assert counted("d2:daysBetween('2022-01-01', #d) / d2:count(#many)") == 6
    assert counted("#many / 2") == 1.5


def test_missing_dates_give_no_number_in_either(conn):
    tree = parse(named("d2:daysBetween(#d0, #d)"), Mode.PROGRAM_INDICATOR_EXPRESSION)
    assert in_sql(conn, tree, False) is None
    with pytest.raises(ExpressionError):
        evaluate(tree, context(nulls=False))
    assert date(2022, 1, 20) == evaluate(
        parse(named("firstNonNull(#d0, #d)"), Mode.PROGRAM_INDICATOR_EXPRESSION), context(False)
    )
