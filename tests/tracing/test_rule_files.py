"""The rules' files: complete blocks, no gap, no overlap; a fault names its file and rule."""

from datetime import datetime
from textwrap import dedent

import pytest

from smittesporing.tracing import rule_files, rulebook
from smittesporing.tracing.days import OSLO
from smittesporing.tracing.people import Jurisdiction

COUNTRY = Jurisdiction()


def block(**changes):
    """One complete rule as TOML, changed as asked; None takes a key out."""
    values = {
        "id": '"t.one"',
        "topic": '"isolation"',
        "line": '"everybody"',
        "from": "2021-01-01",
        "force": '"duty"',
        "certainty": '"sourced"',
        "title": '"Isolasjon"',
        "sentence": '"Ti døgn."',
        "citation": '{ title = "En side", url = "https://example.org/" }',
        **changes,
    }
    return "[[rule]]\n" + "\n".join(f"{k} = {v}" for k, v in values.items() if v is not None)


def fault_of(tmp_path, *blocks):
    file = tmp_path / "some_rules.toml"
    file.write_text("\n\n".join(dedent(text) for text in blocks), encoding="utf-8")
    with pytest.raises(rule_files.RuleFileError) as error:
        rule_files.read([file])
    return str(error.value)


def test_shipped_rules_load_and_have_a_source_each():
    book = rulebook.load()
    assert len(book.rules) > 100
    assert all(rule.citation.url.startswith("http") and rule.sentence for rule in book.rules)


def test_a_gap_is_refused_and_named(tmp_path):
    fault = fault_of(
        tmp_path,
        block(until="2021-02-01"),
        block(id='"t.two"', **{"from": "2021-03-01"}),
    )
    assert "some_rules.toml, t.two: a gap, since t.one stops at 1. februar 2021." in fault


def test_a_line_that_just_stops_is_a_gap(tmp_path):
    assert "some_rules.toml, t.one: a gap after" in fault_of(tmp_path, block(until="2021-02-01"))


def test_an_overlap_is_refused_and_named(tmp_path):
    fault = fault_of(
        tmp_path,
        block(until="2021-04-01"),
        block(id='"t.two"', **{"from": "2021-03-01"}),
    )
    assert "some_rules.toml, t.two: overlaps t.one at 1. mars 2021." in fault


def test_two_rules_of_one_line_from_the_same_moment_overlap(tmp_path):
    fault = fault_of(tmp_path, block(), block(id='"t.two"'))
    assert "some_rules.toml, t.two: overlaps t.one" in fault


def test_an_id_is_used_once(tmp_path):
    fault = fault_of(tmp_path, block(), block(**{"from": "2021-03-01"}))
    assert "some_rules.toml, t.one: the id is used" in fault


def test_two_lines_with_the_same_rank_overlap(tmp_path):
    fault = fault_of(tmp_path, block(), block(id='"t.two"', line='"children"'))
    assert "some_rules.toml, t.two: overlaps line everybody, which has the same rank." in fault


def test_a_topic_must_answer_for_every_category(tmp_path):
    fault = fault_of(
        tmp_path, block(topic='"quarantine"', line='"household"', who='{ category = "HOUSEHOLD" }')
    )
    assert "some_rules.toml, t.one: a gap, no rule for every OTHER_CLOSE" in fault


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"citation": None}, "'citation' is missing."),
        ({"citation": '{ title = "Uten adresse" }'}, "'citation' needs a title and a url."),
        ({"from": '"2021-01-01"'}, "'from' and 'until' must be a date"),
        ({"force": '"law"'}, "'force' must be duty or advice."),
        ({"certainty": '"sure"'}, "'sure' is not a valid Certainty"),
        ({"who": "{ shoe_size = 44 }"}, "unknown condition 'shoe_size'."),
        ({"day": "10"}, "unknown key 'day'."),
        ({"until": "2020-01-01"}, "'until' must be later than 'from'."),
        ({"measure": '[{ kind = "ISOLATION", days = -1 }]'}, "'days' must be a whole number"),
        ({"measure": '[{ kind = "ISOLATION", weeks = 1 }]'}, "unknown key 'weeks' in a measure."),
        ({"measure": '[{ kind = "HOUSE_ARREST" }]'}, "'HOUSE_ARREST' is not a valid MeasureKind"),
        ({"ends": "true", "measure": '[{ kind = "ISOLATION" }]'}, "lays no measures on anybody"),
    ],
)
def test_a_bad_block_is_named_with_what_is_wrong(tmp_path, changes, says):
    fault = fault_of(tmp_path, block(**changes))
    assert fault.startswith("some_rules.toml, t.one: ")
    assert says in fault


@pytest.mark.parametrize("content", [b"[[rule", b"\xff\xfe\x00"])
def test_a_file_that_is_no_toml_is_named(tmp_path, content):
    file = tmp_path / "broken.toml"
    file.write_bytes(content)
    with pytest.raises(rule_files.RuleFileError, match=r"broken\.toml: not readable as TOML"):
        rule_files.read([file])


STRICTER = """
[[rule]]
id = "5501.quarantine.other.2022-01-17"
topic = "quarantine"
line = "other"
rank = 90
jurisdiction = "5501"
from = 2022-01-17
until = 2022-01-24
who = { category = "OTHER_CLOSE" }
force = "duty"
certainty = "sourced"
title = "Lokal forskrift"
sentence = "Fem døgn karantene også for øvrige nærkontakter."
citation = { title = "Lokal forskrift", url = "https://example.org/forskrift" }
[[rule.measure]]
kind = "INFECTION_QUARANTINE"
days = 5
"""


def test_a_kommune_may_be_stricter_while_its_own_rule_lasts(tmp_path):
    file = tmp_path / "local.toml"
    file.write_text(STRICTER, encoding="utf-8")
    book = rulebook.with_local(rulebook.load(), [file])
    noon = datetime(2022, 1, 20, 12, tzinfo=OSLO)

    def rule(where, at):
        found = rulebook.the_rule(book, "quarantine", "other", at, "COVID19", where)
        return found.id if found else None

    assert rule(Jurisdiction("5501"), noon) == "5501.quarantine.other.2022-01-17"
    assert rule(Jurisdiction("5503"), noon) == "covid19.quarantine.other.2022-01-13"
    after = datetime(2022, 1, 24, tzinfo=OSLO)
    assert rule(Jurisdiction("5501"), after) == "covid19.quarantine.other.2022-01-13"


def test_a_kommune_may_not_be_milder(tmp_path):
    file = tmp_path / "local.toml"
    milder = STRICTER.replace('"other"', '"household"').replace("OTHER_CLOSE", "HOUSEHOLD")
    file.write_text(milder.replace("rank = 90", "rank = 80"), encoding="utf-8")
    with pytest.raises(rule_files.RuleFileError, match=r"local.toml, 5501.*: milder than covid19"):
        rulebook.with_local(rulebook.load(), [file])


def test_a_disease_without_rulebook_has_no_rule_in_force():
    at = datetime(2022, 1, 20, tzinfo=OSLO)
    assert rulebook.in_force(rulebook.load(), "quarantine", at, "MERS", COUNTRY) == ()


def test_rules_change_at_their_hour():
    book = rulebook.load()

    def household(hour, minute):
        at = datetime(2022, 2, 1, hour, minute, tzinfo=OSLO)
        return rulebook.the_rule(book, "quarantine", "household", at, "COVID19", COUNTRY).id

    assert household(22, 59) == "covid19.quarantine.household.2022-01-26"
    assert household(23, 0) == "covid19.quarantine.household.2022-02-01"


def test_the_first_line_asked_is_the_one_with_the_lowest_rank():
    at = datetime(2022, 1, 20, tzinfo=OSLO)
    lines = [
        r.line for r in rulebook.in_force(rulebook.load(), "quarantine", at, "COVID19", COUNTRY)
    ]
    assert lines == ["immune", "booster_household", "household", "other"]


def test_uncertain_dates_are_marked():
    book = rulebook.load()
    assert rulebook.by_id(book, "covid19.quarantine.household.2020-05-07").uncertain_date
    assert not rulebook.by_id(book, "covid19.quarantine.household.2021-12-15").uncertain_date
