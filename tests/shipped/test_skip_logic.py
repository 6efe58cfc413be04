"""The rules of the forms can be read, and say what a tracer would expect."""

import json
from datetime import date

import pytest

from smittesporing.expression.evaluate import Context, Variable, evaluate
from smittesporing.expression.nodes import Kind, Mode
from smittesporing.expression.parse import parse
from smittesporing.metadata.shipped import build
from smittesporing.metadata.shipped.naming import kinds

SHIPPED = [json.loads(path.read_text("utf-8")) for path in sorted(build.HERE.glob("*.json"))]
ALL = {kind: rows for payload in SHIPPED for kind, rows in payload.items()}
TABLES = build.tables()
TYPES = {
    row["code"]: row["valueType"]
    for kind in ("dataElements", "trackedEntityAttributes")
    for row in ALL[kind]
}
KINDS = {
    "DATE": Kind.DATE,
    "BOOLEAN": Kind.BOOLEAN,
    "TRUE_ONLY": Kind.BOOLEAN,
    "NUMBER": Kind.NUMBER,
    "INTEGER_ZERO_OR_POSITIVE": Kind.NUMBER,
}


def rule_holds(name: str, **answers: str) -> bool:
    """Whether the rule of that name holds on 20 January 2022 for these answers, the rest empty."""
    rule = next(rule for rule in TABLES["rules"] if rule["name"] == name)
    node = parse(rule["when"], Mode.RULE_ENGINE_CONDITION)
    known = [*kinds(TABLES), "NEWEST_ST_TEST_DATE", "NEWEST_ST_TEST_RESULT"]
    values = {
        code: Variable(
            KINDS.get(TYPES.get(code.removeprefix("NEWEST_"), "TEXT"), Kind.TEXT),
            answers.get(code.removeprefix("ST_").lower()),
        )
        for code in known
    }
    today = Variable(Kind.DATE, date(2022, 1, 20).isoformat())
    status = Variable(Kind.TEXT, "ACTIVE")
    environment = {"current_date": today, "event_status": status, "event_date": today}
    return evaluate(node, Context(values=values, environment=environment)) is True


@pytest.mark.parametrize(
    ("kind", "key", "mode"),
    [
        ("programRules", "condition", Mode.RULE_ENGINE_CONDITION),
        ("programRuleActions", "data", Mode.RULE_ENGINE_ACTION),
        ("programIndicators", "expression", Mode.PROGRAM_INDICATOR_EXPRESSION),
        ("programIndicators", "filter", Mode.PROGRAM_INDICATOR_FILTER),
        ("indicators", "numerator", Mode.INDICATOR_EXPRESSION),
        ("indicators", "denominator", Mode.INDICATOR_EXPRESSION),
    ],
)
def test_every_expression_can_be_read(kind: str, key: str, mode: Mode) -> None:
    texts = [row[key] for row in ALL[kind] if key in row]
    assert texts
    for text in texts:
        parse(text, mode)


@pytest.mark.parametrize(
    ("rule", "answers", "holds"),
    [
        ("Symptomstart bare med symptomer", {}, True),
        ("Symptomstart bare med symptomer", {"symptoms": "false"}, True),
        ("Symptomstart bare med symptomer", {"symptoms": "true"}, False),
        ("Symptomstart må fylles ut", {}, False),
        ("Symptomstart må fylles ut", {"symptoms": "true"}, True),
        ("Symptomstart i fremtiden", {"onset_date": "2022-01-20"}, False),
        ("Symptomstart i fremtiden", {"onset_date": "2022-01-21"}, True),
        (
            "Symptomstart lenge etter prøven",
            {"onset_date": "2022-01-15", "newest_st_test_date": "2022-01-01"},
            False,
        ),
        (
            "Symptomstart lenge etter prøven",
            {"onset_date": "2022-01-16", "newest_st_test_date": "2022-01-01"},
            True,
        ),
        ("Land bare ved smitte i utlandet", {"infected_where_kind": "COUNTRY"}, False),
        ("Land bare ved smitte i utlandet", {}, True),
        ("Kommune bare ved smitte et annet sted i landet", {"infected_where_kind": "BYDEL"}, False),
        ("Foresatt bare for barn under 16 år", {"birth_date": "2006-01-21"}, False),
        ("Foresatt bare for barn under 16 år", {"birth_date": "2006-01-20"}, True),
        ("Foresatt bare for barn under 16 år", {"age": "9"}, False),
        ("Foresatt bare for barn under 16 år", {}, True),
        ("Sykehus bare for innlagte", {"health_status": "HOSPITAL"}, False),
        ("Sykehus bare for innlagte", {}, True),
        ("Dødsdato bare for døde", {"health_status": "DEAD"}, False),
        ("Siste kontakt ikke mens kontakten pågår", {"contact_ongoing": "true"}, True),
        ("Siste kontakt ikke mens kontakten pågår", {}, False),
        (
            "Kontakt før fødsel",
            {"last_contact": "2022-01-10", "birth_date": "2022-01-11"},
            True,
        ),
        (
            "Kontakt før fødsel",
            {"last_contact": "2022-01-11", "birth_date": "2022-01-11"},
            False,
        ),
        ("Avstand og varighet ikke for dem som bor sammen", {"relation": "COLLEAGUE"}, False),
        ("Beskyttet adresse lagres ikke", {"protection": "STRICT"}, True),
        ("Beskyttet adresse lagres ikke", {"protection": "NONE"}, False),
        ("Begrunnelse bare for vedtak og unntak", {"measure_state": "EXEMPT"}, False),
        ("Begrunnelse bare for vedtak og unntak", {"measure_state": "CONFIRMED"}, True),
        (
            "Statistikkdato fra positiv prøve",
            {"newest_st_test_date": "2022-01-18", "newest_st_test_result": "POSITIVE"},
            True,
        ),
        ("Statistikkdato fra meldt dato", {"report_date": "2022-01-19"}, True),
        (
            "Statistikkdato fra meldt dato",
            {"report_date": "2022-01-19", "count_date": "2022-01-18"},
            False,
        ),
    ],
)
def test_a_rule_holds_when_a_tracer_would_say_so(
    rule: str, answers: dict[str, str], holds: bool
) -> None:
    assert rule_holds(rule, **answers) is holds
