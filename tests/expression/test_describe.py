"""Sentences that a tracer can read, in Norwegian and in English, of everything the language holds."""

import re

import pytest

from smittesporing.expression.describe import describe
from smittesporing.expression.describe_whole import (
    Count,
    Effect,
    Limit,
    describe_indicator,
    describe_rule,
)
from smittesporing.expression.functions import FUNCTIONS, ITEMS, MODIFIERS, VARIABLES
from smittesporing.expression.nodes import Call, Item, Kind, Mode, Modifier, Number, Text
from smittesporing.expression.parse import parse

NAMES = {"age": "Alder", "result": "Prøvesvar"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("#{age} >= 18 && #{age} < 65", "«Alder» er minst 18 og «Alder» er mindre enn 65"),
        ("!d2:hasValue('result')", "ikke («Prøvesvar» er fylt ut)"),
        ("#{result} == '' || d2:count(#{result}) > 1",
         "«Prøvesvar» er lik tom eller antall verdier av («Prøvesvar») er større enn 1"),
        ("d2:daysBetween(V{enrollment_date}, V{event_date}) < 0",
         "antall dager mellom registreringsdatoen og hendelsesdatoen er mindre enn 0"),
        ("(#{age} + 1) * 2.5", "(«Alder» + 1) × 2,5"),
        ("if(#{age} > 17, 'voksen', 'barn')", "«voksen» hvis «Alder» er større enn 17, ellers «barn»"),
        ("#{unknown}", "#{unknown}"),
    ],
)  # fmt: skip
def test_expressions_read_as_norwegian(text: str, sentence: str):
    tree = parse(text, Mode.RULE_ENGINE_ACTION)
    assert describe(tree, lambda item: NAMES.get(item.name)) == sentence


LANGUAGES = ["nb", "en"]
# What no reader should meet: names of the code, identifiers, and words in capitals.
CODE = re.compile(r"d2:|(?!GS1)\b[A-Z]{2,}|[a-z]_[a-z]|[#ACVIDNR]\{|\b[a-z]+[A-Z]|orgUnit\.")


def sample(kind: Kind):
    match kind:
        case Kind.VARIABLE | Kind.DATE:
            return Item("#", ("age",))
        case Kind.TEXT | Kind.NAME:
            return Text("tekst")
        case Kind.CONDITION | Kind.BOOLEAN:
            return parse("#{age} > 1", Mode.RULE_ENGINE_CONDITION)
        case _:
            return Number(2)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_is_spoken_without_its_code_name(name, language):
    function = FUNCTIONS[name]
    tree = Call(name, tuple(sample(kind) for kind in function.arguments))
    said = describe(tree, lambda item: "Alder", language)
    assert said and not CODE.search(said), said
    if function.optional:
        fewer = Call(name, tree.arguments[: function.fewest])
        assert not CODE.search(describe(fewer, lambda item: "Alder", language))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_every_variable_has_a_name_in_both_languages(name, language):
    said = describe(Item("V", (name,)), lambda item: None, language)
    assert said and not CODE.search(said), said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_item_operator_and_modifier_is_spoken(language):
    for sign in ITEMS:
        name = {"V": "event_date", "[": "days"}.get(sign, "abcdefghijk")
        said = describe(Item(sign, (name,)), lambda item: "Alder", language)
        assert not CODE.search(said), said
    for modifier in MODIFIERS:
        for argument in (
            ("SUM", "LAST_AVERAGE_ORG_UNIT") if modifier == "aggregationType" else ("-1", "0", "2")
        ):
            item = Item("I", ("abcdefghijk",), (Modifier(modifier, argument),))
            said = describe(item, lambda item: "Alder", language)
            assert not CODE.search(said), said
    for sign in ("&&", "||", "==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%", "^"):
        tree = parse(f"!(#{{age}} {sign} -1)", Mode.RULE_ENGINE_CONDITION)
        assert "«Alder»" in describe(tree, lambda item: "Alder", language)


def test_expressions_read_as_english():
    tree = parse(
        "d2:hasValue(#{age}) && (#{age} < 0.5 || #{age} == '')", Mode.RULE_ENGINE_CONDITION
    )
    said = describe(tree, lambda item: "Age", "en")
    assert said == "«Age» has a value and («Age» is less than 0.5 or «Age» is empty)"


def test_a_whole_rule_says_what_it_does_and_when():
    condition = parse("#{age} < 18", Mode.RULE_ENGINE_CONDITION)
    effects = [
        Effect("HIDEFIELD", "Arbeidssted"),
        Effect("ASSIGN", "Verge", data=parse("'ja'", Mode.RULE_ENGINE_ACTION)),
        Effect("SHOWWARNING", content="Ring verge"),
    ]
    assert describe_rule(condition, effects, lambda item: "Alder") == (
        "Hvis «Alder» er mindre enn 18: skjul «Arbeidssted»; sett «Verge» til «ja»; advar «Ring verge»."
    )
    assert (
        describe_rule(None, effects[:1], lambda item: "Alder", "en")
        == "Always: hide «Arbeidssted»."
    )


def test_a_whole_indicator_says_what_is_counted_where_of_which_and_when():
    expression = parse("V{enrollment_count}", Mode.PROGRAM_INDICATOR_EXPRESSION)
    which = parse("A{abcdefghijk} == 'FEMALE'", Mode.PROGRAM_INDICATOR_FILTER)
    onset = parse("#{abcdefghijk.abcdefghijk}", Mode.PROGRAM_INDICATOR_FILTER)
    both = ("AFTER_START_OF_REPORTING_PERIOD", "BEFORE_END_OF_REPORTING_PERIOD")
    limits = [
        *(Limit(onset, end) for end in both),
        Limit("ENROLLMENT_DATE", both[0], -2, "Monthly"),
    ]
    names = {"#": "Debut", "A": "Kjønn"}
    count = Count("Smitte", False, "COUNT", expression, which, limits)
    assert describe_indicator(count, lambda item: names.get(item.sign)) == (
        "Antall registreringer i «Smitte» der «Kjønn» er lik «FEMALE», når «Debut» ligger i perioden og "
        "registreringsdatoen er fra og med periodens første dag (flyttet 2 måneder tilbake)."
    )
    mean = Count("Smitte", True, "AVERAGE", onset)
    assert describe_indicator(mean, lambda item: names.get(item.sign), "en") == (
        "The mean of «Debut» over the events in «Smitte», when the event date lies in the period."
    )
