"""What is wrong with an expression whatever the data say, and what only the data can tell."""

import pytest

from smittesporing.expression.check import check, kind
from smittesporing.expression.nodes import Kind, Mode
from smittesporing.expression.parse import parse

CONDITION, ACTION = Mode.RULE_ENGINE_CONDITION, Mode.RULE_ENGINE_ACTION
EXPRESSION, FILTER = Mode.PROGRAM_INDICATOR_EXPRESSION, Mode.PROGRAM_INDICATOR_FILTER
KINDS = {"number": Kind.NUMBER, "text": Kind.TEXT, "truth": Kind.BOOLEAN, "day": Kind.DATE}


def known(item):
    return KINDS.get(item.name)


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("#{number} > 5", CONDITION),
        ("#{anything}", CONDITION),
        ("#{text} + 1", ACTION),
        ("'7' + 1", ACTION),
        ("d2:daysBetween('2022-01-20', #{day}) > 1", CONDITION),
        ("d2:concatenate(#{number}, #{day})", ACTION),
        ("#{number} && true", CONDITION),
        ("if(#{truth}, 1, #{anything})", EXPRESSION),
        ("V{event_count}", EXPRESSION),
        ("null", CONDITION),
        ("1 + 1 == 2", FILTER),
        ("#{Abcdefghij0} * 2", Mode.PREDICTOR_GENERATOR_EXPRESSION),
    ],
)
def test_what_may_be_right_is_let_be(text, mode):
    if mode in (EXPRESSION, FILTER):
        text = text.replace("#{truth}", "true").replace("#{anything}", "2")
    assert check(parse(text, mode), mode, known) is None


@pytest.mark.parametrize(
    ("text", "mode", "column"),
    [
        ("1 + 1", CONDITION, 1),
        ("'yes'", CONDITION, 1),
        ("V{event_date}", CONDITION, 1),
        ("'a' + 1", ACTION, 1),
        ("1 + 'a'", ACTION, 5),
        ("d2:ceil('x')", ACTION, 9),
        ("#{day} * 2", ACTION, 1),
        ("d2:daysBetween(true, #{day})", ACTION, 16),
        ("d2:addDays('tomorrow', 1)", ACTION, 12),
        ("!1.5", CONDITION, 2),
        ("#{day} && true", CONDITION, 1),
        ("V{event_status}", EXPRESSION, 1),
        ("V{event_count}", FILTER, 1),
        ("1 == 1", Mode.INDICATOR_EXPRESSION, 1),
        ("1 + 1", Mode.PREDICTOR_SKIP_TEST, 1),
    ],
)
def test_what_can_never_be_right_is_found_where_it_stands(text, mode, column):
    fault = check(parse(text, mode), mode, known)
    assert fault is not None and fault.column == column and fault.message.endswith(".")


def test_a_choice_has_the_type_of_its_alternatives():
    assert kind(parse("if(true, 1, null)", EXPRESSION), known) is Kind.NUMBER
    assert kind(parse("d2:condition('true', #{text}, #{number})", ACTION), known) is Kind.MIXED
