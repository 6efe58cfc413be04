"""Nothing a user writes reaches SQL as text, and no expression grows past its size or stops a statement."""

import ast
from pathlib import Path

import pytest

from smittesporing import database
from smittesporing.analytics import plan
from smittesporing.analytics.indicator import Indicator
from smittesporing.analytics.question import Place, Question
from smittesporing.expression import to_sql
from smittesporing.expression.nodes import ExpressionError
from smittesporing.metadata.indicators import Boundary
from tests.analytics.test_indicators_agree import PAIRS, PERIODS, an_indicator
from tests.expression.little_program import (
    CONSTANTS,
    SHAPE,
    STAGES,
    TODAY,
    load,
    make_tables,
    program,
    records,
)

ROOT = Path(to_sql.__file__).parent.parent
NUMBER, TEXT = f"#{{{STAGES[0]}.Number00001}}", f"#{{{STAGES[0]}.Text0000001}}"
HOSTILE = [
    "'; drop table x; --", "\\'; drop table x; --", "') or true --", "%s %(x)s %", "{} {0} {x}", "$1 $$ $a$",
    'a"b', "a''b", "\\\\", "/* */", "\\u0027 or 1=1 --", "E\\'x", "ﬀ'", "\\n\\t",
]  # fmt: skip


@pytest.fixture(scope="module")
def tables(pool, owner_url):
    with pool.connection() as conn:
        make_tables(conn)
    with database.connect(owner_url, autocommit=True) as conn:
        load(conn, records(7))
        yield conn


def count(
    conn, expression="V{enrollment_count}", filter_="", limits=(), field=None, aggregation="SUM"
):
    body = an_indicator("ENROLLMENT", aggregation, expression, filter_, limits, field)
    question = Question(tuple(PERIODS[2:3]), PAIRS, TODAY, CONSTANTS)
    statement = plan.counting([Indicator(body, Place())], program(), SHAPE, question)
    return statement.as_string(conn), conn.execute(statement).fetchall()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_only_ever_a_value(tables, text):
    quoted = text.replace("'", "\\'") if "\\'" not in text else text
    written = f"{TEXT} == '{quoted}' || d2:countIfValue({TEXT}, '{quoted}') > 0 || contains({TEXT}, '{quoted}')"
    statement, rows = count(tables, filter_=written)
    assert rows == []
    assert "drop table" not in statement.replace("'; drop table x; --", "").replace(
        "''; drop table x; --", ""
    )


@pytest.mark.parametrize(
    "target",
    ["CUSTOM", "EVENT_DATE; drop table x", "#{x}", "A{abcdefghijk}", "PS_EVENTDATE:abcdefghijk",
     "p.first) or (true", ""],
)  # fmt: skip
def test_a_hostile_limit_is_refused(tables, target):
    with pytest.raises(ExpressionError):
        count(tables, limits=(Boundary(target, "AFTER_START_OF_REPORTING_PERIOD", 0, None),))


@pytest.mark.parametrize(
    "limit",
    [
        Boundary("ENROLLMENT_DATE", "AFTER_START_OF_REPORTING_PERIOD; --", 0, None),
        Boundary(
            "ENROLLMENT_DATE", "AFTER_START_OF_REPORTING_PERIOD", 1, "1 day'; drop table x; --"
        ),
    ],
    ids=["type", "offset"],
)
def test_a_limit_of_an_unknown_kind_is_refused(tables, limit):
    with pytest.raises(ExpressionError):
        count(tables, limits=(limit,))


@pytest.mark.parametrize("field", ["x' or true --", "abcdefghijk", "REGISTRATION"])
def test_an_unknown_org_unit_field_is_refused(tables, field):
    with pytest.raises(ExpressionError):
        count(tables, field=field)


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800"])
def test_a_text_that_no_database_holds_is_refused_with_a_sentence(tables, text):
    with pytest.raises(ExpressionError):
        count(tables, filter_=f"{TEXT} == '{text}'")


@pytest.mark.parametrize(
    "expression",
    [
        f"{NUMBER} ^ 1000000000", f"(-{NUMBER} - 1) ^ 0.5", "0 ^ (-1)", f"{NUMBER} / 0", f"{NUMBER} % 0", "log(0 - 1)",
        f"log10({NUMBER} - {NUMBER})", "1e300 * 1e300 * 1e300", f"{NUMBER} ^ {NUMBER} ^ {NUMBER} ^ 99", "10 ^ 300 ^ 2",
    ],
)  # fmt: skip
def test_no_number_stops_the_statement(tables, expression):
    count(tables, expression)


def test_sql_grows_with_the_expression_and_not_faster(tables):
    def nested(depth):
        text = NUMBER
        for _ in range(depth):
            day = f"if(({text}) ^ 2 == '1', V{{event_date}}, V{{current_date}})"
            text = f"log(d2:monthsBetween('2020-01-01', {day}))"
        return text

    sizes = [len(count(tables, nested(depth))[0]) for depth in (5, 10, 20)]
    assert sizes[2] - sizes[1] < 3 * (sizes[1] - sizes[0])


def test_a_long_sum_is_counted_and_an_endless_one_refused(tables):
    _, rows = count(tables, " + ".join([NUMBER] * 900))
    assert rows
    with pytest.raises(ExpressionError):
        count(tables, " + ".join(["1"] * 5000))
    with pytest.raises(ExpressionError):
        count(tables, "", " == ".join(["1"] * 200))


@pytest.mark.parametrize(
    ("expression", "aggregation"),
    [(f"sum({NUMBER})", "SUM"), (f"sum({NUMBER}) + {NUMBER}", "CUSTOM"), (f"d2:count({NUMBER})", "CUSTOM"),
     (f"sum(sum({NUMBER}))", "CUSTOM"), (NUMBER, "NONE")],
)  # fmt: skip
def test_sums_of_sums_and_rows_without_a_sum_are_refused(tables, expression, aggregation):
    with pytest.raises(ExpressionError):
        count(tables, expression, aggregation=aggregation)


def test_sql_is_composed_of_words_in_the_code_and_nothing_else():
    """`SQL(…)` and `fill(…)` take literals, or names declared as LiteralString, which mypy checks."""
    offences = []
    for path in [*(ROOT / "analytics").glob("*.py"), *(ROOT / "expression").glob("*sql*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("SQL", "fill")
                and any(
                    isinstance(part, ast.JoinedStr | ast.BinOp) for part in ast.walk(node.args[0])
                )
            ):
                offences.append(f"{path.name}:{node.lineno}")
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "execute"
                and node.args
                and isinstance(node.args[0], ast.JoinedStr)
            ):
                offences.append(f"{path.name}:{node.lineno}")
    assert offences == []
