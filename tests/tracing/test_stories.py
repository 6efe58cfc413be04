"""FHI's rules, told as stories on each side of every date that has a source."""

from datetime import date, timedelta

import pytest

from smittesporing.tracing import rulebook
from smittesporing.tracing.people import Certainty
from tests.tracing.story import answer, moment, sides, stories

SIDES = sides()


@pytest.mark.parametrize("side", SIDES, ids=str)
def test_story(side):
    found = answer(side)
    assert found["says"] == side.part["says"]
    if "rule" in side.part:
        assert side.part["rule"] in found["rules"]


def test_every_sourced_date_has_a_story_on_each_side():
    told = [
        (story["rules"], moment(story["before"]["at"]), moment(story["after"]["at"]))
        for _, story in stories()
    ]
    missing = [
        rule.id
        for rule in rulebook.load().rules
        if rule.certainty is Certainty.SOURCED
        and not any(
            rule.id in rules
            and rule.from_ - timedelta(days=1) <= before < rule.from_
            and rule.from_ <= after < rule.from_ + timedelta(days=1)
            for rules, before, after in told
        )
    ]
    assert missing == []


def test_every_story_names_rules_that_exist_and_a_source_they_carry():
    book = rulebook.load()
    for file, story in stories():
        for rule_id in story["rules"]:
            rule = rulebook.by_id(book, rule_id)
            assert rule is not None, f"{file}: {rule_id}"
        urls = {rulebook.by_id(book, rule_id).citation.url for rule_id in story["rules"]}
        assert story["source"] in urls, f"{file}: {story['title']}"


def test_both_sides_of_a_story_differ_in_words_or_in_rule():
    same = [
        story["title"]
        for _, story in stories()
        if story["before"]["says"] == story["after"]["says"]
        and story["before"].get("rule") == story["after"].get("rule")
    ]
    assert same == []


def test_rules_that_reach_into_running_measures_have_a_life_that_goes_through_the_change():
    reached = ("2020-05-07", "2020-05-11", "2021-09-25", "2022-01-26", "2022-02-01")
    lives: dict[str, list] = {}
    for side in SIDES:
        if side.name.startswith("step"):
            lives.setdefault(side.story["title"], []).append(side.at)
    for day in reached:
        change = moment(date.fromisoformat(day))
        assert any(
            min(ats) < change + timedelta(days=1) and max(ats) >= change for ats in lives.values()
        ), day
