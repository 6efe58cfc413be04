"""What parses, what is refused and where, and that nothing crashes the parser."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smittesporing.expression.nodes import (
    Binary,
    Call,
    ExpressionError,
    Item,
    Mode,
    Number,
    Text,
    Unary,
    items,
    walk,
)
from smittesporing.expression.parse import DEEPEST, parse

CONDITION = Mode.RULE_ENGINE_CONDITION
ACTION = Mode.RULE_ENGINE_ACTION
INDICATOR = Mode.PROGRAM_INDICATOR_EXPRESSION
FILTER = Mode.PROGRAM_INDICATOR_FILTER
SHARED = Path(
    os.environ.get("SMITTESPORING_SHARED", Path(__file__).parent.parent.parent.parent / "shared")
)


def test_operators_bind_as_in_dhis2():
    one, two, three = Number(1), Number(2), Number(3)
    assert parse("1 + 2 * 3", ACTION) == Binary("+", one, Binary("*", two, three))
    assert parse("1 - 2 - 3", ACTION) == Binary("-", Binary("-", one, two), three)
    assert parse("1 ^ 2 ^ 3", ACTION) == Binary("^", Binary("^", one, two), three)
    assert parse("1 ^ -2", ACTION) == Binary("^", one, Unary("-", two))
    assert parse("-1 ^ 2", ACTION) == Unary("-", Binary("^", one, two))
    assert parse("-1 * 2", ACTION) == Binary("*", Unary("-", one), two)
    assert parse("1 < 2 == true", ACTION).operator == "=="
    assert parse("true || false && 1 == 2", ACTION).operator == "||"
    assert parse("not true and false", ACTION).operator == "&&"
    with pytest.raises(ExpressionError, match="unlike is written !="):
        parse("1 <> 2", ACTION)


def test_rules_give_each_sign_a_rank_of_its_own_as_dhis2s_rule_engine_does():
    one, two, three = Number(1), Number(2), Number(3)
    in_rules = Binary("-", one, Binary("+", two, three))
    assert parse("1 - 2 + 3", ACTION) == in_rules
    assert parse("1 - 2 + 3", INDICATOR) == Binary("+", Binary("-", one, two), three)
    assert parse("1 / 2 * 3", ACTION) == Binary("/", one, Binary("*", two, three))


def test_a_modifier_narrows_every_item_before_it():
    both = items(
        parse("(#{Abcdefghij0} + #{Abcdefghij1}).periodOffset(-1)", Mode.INDICATOR_EXPRESSION)
    )
    assert [item.modifiers[0].argument for item in both] == ["-1", "-1"]


def test_texts_take_both_quotes_and_escapes():
    assert parse(r"'it\'s'", ACTION) == Text("it's")
    assert parse("\"say 'hi'\"", ACTION) == Text("say 'hi'")
    assert parse(r"'\u00e6\n'", ACTION) == Text("æ\n")


def test_comments_and_line_breaks_are_space():
    assert parse("1 /* one */ +\n\t2", ACTION) == parse("1+2", ACTION)


def test_items_keep_their_parts():
    assert parse("#{LpWNjNGvCO5.CUbZcLm9LyN}", INDICATOR) == Item(
        "#", ("LpWNjNGvCO5", "CUbZcLm9LyN")
    )
    assert parse("#{a name. with dots}", ACTION) == Item("#", ("a name. with dots",))
    assert parse("PS_EVENTDATE:LpWNjNGvCO5", INDICATOR) == Item("PS_EVENTDATE", ("LpWNjNGvCO5",))
    item = parse("#{LpWNjNGvCO5.CUbZcLm9LyN}.stageOffset(-1)", INDICATOR)
    assert item.modifiers[0].argument == "-1"


def test_hasvalue_takes_a_name_in_quotes_or_an_item():
    quoted, braced = parse("d2:hasValue('a')", CONDITION), parse("d2:hasValue( #{a} )", CONDITION)
    assert isinstance(quoted, Call) and quoted == braced


def test_conditions_in_quotes_are_parsed_too():
    assert parse("d2:condition('#{a} > 1', 2, 3)", ACTION).arguments[0] == parse("#{a} > 1", ACTION)
    inner = parse("d2:countIfCondition(#{LpWNjNGvCO5.CUbZcLm9LyN}, '< 5')", INDICATOR).arguments[1]
    assert inner == parse("#{LpWNjNGvCO5.CUbZcLm9LyN} < 5", INDICATOR)


@pytest.mark.parametrize(
    ("text", "mode", "column"),
    [
        ("", CONDITION, 1),
        ("1 +", CONDITION, 4),
        ("1 2", CONDITION, 3),
        ("(1", CONDITION, 3),
        ("#{a", CONDITION, 1),
        ("'a", CONDITION, 1),
        ("1 & 2", CONDITION, 3),
        ("/* 1", CONDITION, 5),
        ("#{}", CONDITION, 1),
        ("V{nothing}", CONDITION, 1),
        ("V{analytics_period_start}", CONDITION, 1),
        ("I{LpWNjNGvCO5}", CONDITION, 1),
        ("d2:none(1)", CONDITION, 1),
        ("d2:relationshipCount()", CONDITION, 1),
        ("d2:daysBetween(V{event_date})", CONDITION, 29),
        ("d2:oizp(1, 2)", CONDITION, 12),
        ("d2:count(1)", CONDITION, 10),
        ("d2:condition('1 <', 2, 3)", CONDITION, 18),
        ("#{a}", INDICATOR, 1),
        ("d2:addDays(V{event_date}, 1)", INDICATOR, 1),
        ("V{environment}", FILTER, 1),
        ("#{LpWNjNGvCO5}.stageOffset(1)", Mode.INDICATOR_EXPRESSION, 16),
    ],
)
def test_refusals_give_the_column(text: str, mode: Mode, column: int):
    with pytest.raises(ExpressionError) as refused:
        parse(text, mode)
    assert refused.value.column == column
    assert refused.value.message.endswith(".")


def test_depth_and_length_end_in_a_sentence():
    for text in ("(" * 10_000, "!" * 10_000 + "true", "1" + "+1" * 60_000, "if(true," * 5_000):
        with pytest.raises(ExpressionError):
            parse(text, ACTION)
    assert parse("(" * (DEEPEST - 5) + "1" + ")" * (DEEPEST - 5), ACTION) == Number(1)


def test_a_long_chain_is_walked_without_recursion():
    assert sum(isinstance(n, Number) for n in walk(parse("1" + "+1" * 9_000, ACTION))) == 9_001


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.text("#{}AV.'\"()+-*/!&|=<>,1d2: ", max_size=60))
def test_any_text_parses_or_is_refused(text: str):
    for mode in (CONDITION, INDICATOR, Mode.INDICATOR_EXPRESSION):
        try:
            parse(text, mode)
        except ExpressionError as refused:
            assert 1 <= refused.column <= len(text) + 1


def test_whos_covid_package_parses():
    package = json.loads((SHARED / "data/dhis2/C19_CS-2.37/metadata.json").read_text())
    for rule in package["programRules"]:
        parse(rule["condition"], CONDITION)
    for action in package["programRuleActions"]:
        if action.get("data"):
            parse(action["data"], ACTION)
    for indicator in package["programIndicators"]:
        parse(indicator["expression"], INDICATOR)
        if indicator.get("filter"):
            assert items(parse(indicator["filter"], FILTER))
    for indicator in package["indicators"]:
        parse(indicator["numerator"], Mode.INDICATOR_EXPRESSION)
        parse(indicator["denominator"], Mode.INDICATOR_EXPRESSION)
    assert (len(package["programRules"]), len(package["programIndicators"])) == (24, 109)
