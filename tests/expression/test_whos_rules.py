"""The 24 rules, 109 program indicators and 3 indicators of WHO's package are read, spoken and evaluated."""

import json
import random
import re
from datetime import date

import pytest

from smittesporing.expression.describe import describe
from smittesporing.expression.describe_whole import (
    Count,
    Effect,
    Limit,
    describe_indicator,
    describe_rule,
)
from smittesporing.expression.evaluate import Context, Variable, evaluate
from smittesporing.expression.nodes import ExpressionError, Kind, Mode
from smittesporing.expression.parse import parse
from smittesporing.expression.values import as_truth
from smittesporing.metadata.indicators import program_indicator

WRITTEN = re.compile(r"d2:|[#AVI]\{|&&|\|\||==|_OF_|PERIOD")
# Rules whose expressions name a variable that their program does not have: they fail alone.
UNKNOWN = {"#{SymptomsDate}", "A{dateofbirth}", "#{labdiag}"}


@pytest.fixture(scope="module")
def package(shared):
    return json.loads((shared / "data/dhis2/C19_CS-2.37/metadata.json").read_text())


@pytest.fixture(scope="module")
def named(package):
    """The name of an item: by identifiers for indicators, by variable for rules."""
    names = {
        one["id"]: one["name"]
        for plural in ("dataElements", "trackedEntityAttributes", "programStages", "programIndicators")
        for one in package[plural]
    }  # fmt: skip
    for one in package["programRuleVariables"]:
        about = one.get("dataElement") or one.get("trackedEntityAttribute") or {}
        names[one["name"]] = names.get(about.get("id"), one["name"])
    return lambda item: names.get(item.parts[-1]) or "ukjent"


@pytest.mark.parametrize("language", ["nb", "en"])
def test_all_rules_are_spoken_whole(package, named, language):
    actions = {one["id"]: one for one in package["programRuleActions"]}
    assert len(package["programRules"]) == 24
    for rule in package["programRules"]:
        effects = []
        for one in (actions[each["id"]] for each in rule["programRuleActions"]):
            data = one.get("data")
            tree = parse(data, Mode.RULE_ENGINE_ACTION) if data else None
            effects.append(
                Effect(one["programRuleActionType"], "felt", one.get("content") or "", tree)
            )
        condition = parse(rule["condition"], Mode.RULE_ENGINE_CONDITION)
        said = describe_rule(condition, effects, named, language)
        assert said.endswith(".") and not WRITTEN.search(said), said


@pytest.mark.parametrize("language", ["nb", "en"])
def test_all_indicators_are_spoken_whole(package, named, language):
    assert len(package["programIndicators"]) == 109
    for body in map(program_indicator, package["programIndicators"]):
        limits = [Limit(_target(b.target), b.type, b.offset) for b in body.boundaries]
        expression = parse(body.expression.strip(), Mode.PROGRAM_INDICATOR_EXPRESSION)
        which = parse(body.filter, Mode.PROGRAM_INDICATOR_FILTER) if body.filter else None
        count = Count(
            "Smitte",
            body.analytics_type == "EVENT",
            body.aggregation_type,
            expression,
            which,
            limits,
        )
        said = describe_indicator(count, named, language)
        assert said.endswith(".") and not WRITTEN.search(said), said
    for one in package["indicators"]:
        for side in ("numerator", "denominator"):
            tree = parse(one[side], Mode.INDICATOR_EXPRESSION)
            assert not WRITTEN.search(describe(tree, named, language))


def _target(text):
    return parse(text, Mode.PROGRAM_INDICATOR_FILTER) if text.startswith(("#", "A")) else text


@pytest.mark.parametrize("seed", range(20))
def test_all_rules_evaluate_and_those_with_unknown_variables_fail_alone(package, seed):
    """One random form: each condition is true or false; an action fails only for a variable nobody has."""
    draw = random.Random(seed)
    actions = {one["id"]: one for one in package["programRuleActions"]}
    types = {
        one["id"]: one["valueType"]
        for plural in ("dataElements", "trackedEntityAttributes")
        for one in package[plural]
    }
    environment = {
        "event_date": Variable(Kind.DATE, "2022-01-12"),
        "enrollment_date": Variable(Kind.DATE, draw.choice(["2022-01-10", "2022-01-14"])),
        "current_date": Variable(Kind.DATE, date(2022, 1, 20).isoformat()),
    }
    for rule in package["programRules"]:
        values = {
            one["name"]: _variable(draw, types, one)
            for one in package["programRuleVariables"]
            if one["program"]["id"] == rule["program"]["id"]
        }
        context = Context(values, environment)
        condition = evaluate(parse(rule["condition"], Mode.RULE_ENGINE_CONDITION), context)
        assert as_truth(condition) in (True, False), rule["name"]
        for each in rule["programRuleActions"]:
            data = actions[each["id"]].get("data")
            if not data:
                continue
            try:
                evaluate(parse(data, Mode.RULE_ENGINE_ACTION), context)
            except ExpressionError:
                born = values.get("DATE_OF_BIRTH")
                assert any(name in data for name in UNKNOWN) or (born and not born.value), data


def _variable(draw, types, one):
    about = one.get("dataElement") or one.get("trackedEntityAttribute") or {}
    kind = {"DATE": Kind.DATE, "NUMBER": Kind.NUMBER, "INTEGER_ZERO_OR_POSITIVE": Kind.NUMBER}.get(
        types.get(about.get("id"), "TEXT"), Kind.TEXT
    )
    value = {
        Kind.DATE: draw.choice(["1980-02-29", "2021-12-31"]),
        Kind.NUMBER: draw.choice(["0", "37.5"]),
    }.get(kind, draw.choice(["YES", "NO", "DEATH", "MALE"]))
    return Variable(kind, draw.choice([value, value, None]))
