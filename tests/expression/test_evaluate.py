"""The plain meaning, as a table: expression and answer, on one set of values."""

from datetime import date

import pytest

from smittesporing.expression.evaluate import Context, Variable, evaluate
from smittesporing.expression.nodes import ExpressionError, Kind, Mode
from smittesporing.expression.parse import parse
from smittesporing.expression.values import as_text

VALUES = {
    "age": Variable(Kind.NUMBER, "42", ("42", "-3", "0"), date(2022, 1, 20)),
    "temp": Variable(Kind.NUMBER, "38.5", ("38.5",)),
    "name": Variable(Kind.TEXT, "Kari", ("Kari", "Ola", "Kari")),
    "empty": Variable(Kind.TEXT),
    "no_number": Variable(Kind.NUMBER),
    "no_date": Variable(Kind.DATE),
    "no_truth": Variable(Kind.BOOLEAN),
    "fever": Variable(Kind.BOOLEAN, "true", ("true", "false")),
    "born": Variable(Kind.DATE, "1980-02-29", ("1980-02-29",)),
    "kinds": Variable(Kind.TEXT, "ASTHMA,HEART"),
    "result": Variable(Kind.TEXT, "POSITIVE", ("POSITIVE", "NEGATIVE", "POSITIVE")),
}
CONTEXT = Context(
    values=VALUES,
    environment={
        "current_date": Variable(Kind.DATE, "2022-01-20"),
        "event_date": Variable(Kind.DATE, "2022-01-18"),
        "event_status": Variable(Kind.TEXT, "ACTIVE"),
    },
    constants={"pi": 3.14},
    roles=frozenset({"tracer"}),
    groups=frozenset({"g1"}),
    org_unit_groups=frozenset({"city"}),
)

ROWS = [
    # arithmetic
    ("1 + 2 * 3", 7.0),
    ("0.1 + 0.2", 0.3),
    ("7 / 2", 3.5),
    ("-7 % 3", -1.0),
    ("2 ^ 10", 1024.0),
    ("-2 ^ 2", -4.0),
    ("#{age} - '2'", 40.0),
    ("C{pi} * 2", 6.28),
    # comparison
    ("#{age} == 42", True),
    ("#{age} == '42.0'", True),
    ("#{name} == 'kari'", False),
    ("#{name} != 'kari'", True),
    ("#{name} == 5", False),
    ("#{age} >= 42 && #{age} < 43", True),
    ("#{fever} == true", True),
    ("#{fever} == 'true'", True),
    ("#{fever}", True),
    ("#{born} < V{event_date}", True),
    ("'a' < 'b'", True),
    ("#{age} != 'x'", True),
    # what has no value takes the default of its type
    ("#{empty} == ''", True),
    ("#{no_number} == 0", True),
    ("!#{no_truth}", True),
    ("#{no_number} + 1", 1.0),
    # logic
    ("true or #{nothing} == 1", True),
    ("false and #{nothing} == 1", False),
    ("not false", True),
    # values present
    ("d2:hasValue('name')", True),
    ("d2:hasValue(#{empty})", False),
    ("d2:hasValue('nothing')", False),
    ("d2:hasValue(V{event_date})", True),
    ("isNull(#{no_date})", True),
    ("isNotNull(#{age})", True),
    ("firstNonNull(#{no_date}, #{born})", date(1980, 2, 29)),
    # several values
    ("d2:count(#{name})", 3.0),
    ("d2:countIfValue(#{result}, 'POSITIVE')", 2.0),
    ("d2:countIfValue(#{result}, 'Positive')", 0.0),
    ("d2:countIfZeroPos(#{age})", 2.0),
    ("d2:maxValue('age')", 42.0),
    ("d2:minValue('age')", -3.0),
    ("d2:lastEventDate('age')", date(2022, 1, 20)),
    # dates
    ("d2:daysBetween('2022-01-10', V{event_date})", 8.0),
    ("d2:daysBetween(V{event_date}, '2022-01-10')", -8.0),
    ("d2:weeksBetween('2022-01-01', '2022-01-20')", 2.0),
    ("d2:monthsBetween('2022-01-31', '2022-02-28')", 0.0),
    ("d2:yearsBetween(#{born}, V{current_date})", 41.0),
    ("d2:yearsBetween('1980-01-20', V{current_date})", 42.0),
    ("d2:minutesBetween('2022-01-01T10:00:00', '2022-01-01T10:30:30')", 30.5),
    ("d2:addDays('2022-01-20', 10)", date(2022, 1, 30)),
    # numbers
    ("d2:ceil(1.2)", 2.0),
    ("d2:floor(-1.2)", -2.0),
    ("d2:round(2.5)", 3.0),
    ("d2:round(-2.5)", -3.0),
    ("d2:round(3.14159, 2)", 3.14),
    ("d2:modulus(17, 5)", 2.0),
    ("d2:oizp(0)", 1.0),
    ("d2:oizp(-1)", 0.0),
    ("d2:zing(-4)", 0.0),
    ("d2:zpvc(1, -1, 0)", 2.0),
    ("greatest(1, 5, 3)", 5.0),
    ("least(4, 2)", 2.0),
    ("log10(100)", 2.0),
    ("removeZeros(0)", None),
    # texts
    ("d2:concatenate('a', #{age}, ' ', #{temp})", "a42 38.5"),
    ("d2:left('oslo', 2)", "os"),
    ("d2:right('oslo', 9)", "oslo"),
    ("d2:length(#{empty})", 0.0),
    ("d2:split('a-b-c', '-', 1)", "b"),
    ("d2:split('a-b', '-', 7)", ""),
    ("d2:substring('tromsø', 2, 4)", "om"),
    (r"d2:validatePattern('5501', '\d{4}')", True),
    ("contains(#{name}, 'ar')", True),
    ("d2:containsItems(#{kinds}, 'HEART')", True),
    ("d2:containsItems(#{kinds}, 'EAR')", False),
    # choices and people
    ("if(#{age} > 18, 'adult', 'child')", "adult"),
    ("d2:condition('#{age} > 18', 1, 2)", 1.0),
    ("d2:hasUserRole('tracer')", True),
    ("d2:inUserGroup('g2')", False),
    ("d2:inOrgUnitGroup('city')", True),
]


@pytest.mark.parametrize(("text", "answer"), ROWS)
def test_rule_expressions_give_their_value(text: str, answer: object):
    found = evaluate(parse(text, Mode.RULE_ENGINE_ACTION), CONTEXT)
    assert found == answer and type(found) is type(answer)


@pytest.mark.parametrize(
    "text",
    [
        "#{nothing} == 1",
        "A{nothing}",
        "C{nothing}",
        "#{name} + 1",
        "#{name} < 1",
        "d2:daysBetween(#{no_date}, V{event_date})",
        "d2:daysBetween('yesterday', V{event_date})",
        "d2:zScoreHFA(1, 2, 'M')",
        "d2:left('a', 1.5)",
        "d2:validatePattern('a', '(')",
        "null + 1",
    ],
)
def test_what_has_no_value_fails_with_a_column(text: str):
    with pytest.raises(ExpressionError) as refused:
        evaluate(parse(text, Mode.RULE_ENGINE_ACTION), CONTEXT)
    assert refused.value.column >= 1


def test_a_filter_keeps_what_is_missing_as_null():
    stage = "LpWNjNGvCO5.CUbZcLm9LyN"
    tree = parse(f"#{{{stage}}} > 0", Mode.PROGRAM_INDICATOR_FILTER)
    missing = {stage: Variable(Kind.NUMBER)}
    assert evaluate(tree, Context(missing, nulls=True)) is None
    assert evaluate(tree, Context(missing)) is False


def test_relationships_are_counted_by_type():
    context = Context(relationships={"ipjUWSTPKFt": 2, "other": 1})
    assert (
        evaluate(parse("d2:relationshipCount()", Mode.PROGRAM_INDICATOR_EXPRESSION), context) == 3
    )
    named = parse("d2:relationshipCount('ipjUWSTPKFt')", Mode.PROGRAM_INDICATOR_EXPRESSION)
    assert evaluate(named, context) == 2


def test_whole_numbers_are_stored_without_a_fraction():
    assert [as_text(v) for v in (3.0, 2.5, True, date(2022, 1, 20), None)] == [
        "3",
        "2.5",
        "true",
        "2022-01-20",
        None,
    ]


def test_a_chain_of_thousands_is_summed():
    assert evaluate(parse("1" + "+1" * 9_000, Mode.RULE_ENGINE_ACTION), Context()) == 9_001
