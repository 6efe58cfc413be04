"""What outsiders may see: nothing from which a count of one to four can be worked out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smittesporing.analytics.small_numbers import THRESHOLD, Sum, over_places, settle, withheld
from tests.analytics.attacker import ranges

# Norge 1; fylker 10 and 20; kommuner 11–14 and 21–22.
PARENTS = {1: None, 10: 1, 20: 1, 11: 10, 12: 10, 13: 10, 14: 10, 21: 20, 22: 20}


def summed(kommuner: dict[int, int]) -> dict[int, int]:
    values = dict(kommuner)
    for unit, value in kommuner.items():
        fylke = PARENTS[unit]
        values[fylke] = values.get(fylke, 0) + value
        values[1] = values.get(1, 0) + value
    return {unit: value for unit, value in values.items() if value}


def settled(values, former):
    return settle(values, former, over_places(values, PARENTS))


@pytest.mark.parametrize(
    ("kommuner", "hidden"),
    [
        ({}, set()),
        ({11: 9, 12: 7}, set()),
        # one small cell: the smallest neighbour goes with it
        ({11: 9, 12: 2, 13: 7}, {12, 13}),
        # two small ones of together five need no third
        ({11: 9, 12: 2, 13: 3}, {12, 13}),
        # two ones are two ones: a third must go
        ({11: 9, 12: 1, 13: 1}, {11, 12, 13}),
        # alone in its fylke: then the fylke's figure goes, and the other's with one of its parts
        ({11: 3, 21: 30, 22: 40}, {10, 11, 20, 21}),
        # nothing else in Norge: the whole column is withheld
        ({11: 3}, {1, 10, 11}),
    ],
)
def test_a_small_count_and_what_would_give_it_away_are_withheld(kommuner, hidden):
    values = summed(kommuner)
    assert withheld(values, over_places(values, PARENTS)) == hidden


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from([11, 12, 13, 14, 21, 22]), st.integers(0, 30)))
def test_no_shown_sum_leaves_fewer_than_two_parts_or_fewer_than_five_people(kommuner):
    values = summed(kommuner)
    hidden = withheld(values, over_places(values, PARENTS))
    assert all(value >= THRESHOLD for unit, value in values.items() if unit not in hidden)
    for parent in (1, 10, 20):
        parts = [u for u, above in PARENTS.items() if above == parent and values.get(u)]
        gone = [values[u] for u in parts if u in hidden]
        if gone and parent in values and parent not in hidden:
            assert len(gone) > 1 and sum(gone) >= THRESHOLD


def test_a_figure_that_moves_by_one_waits():
    former = {11: 9, 12: 20, 10: 29, 1: 29}
    now = summed({11: 10, 12: 20})
    assert settled(now, former) == former


def test_a_step_that_the_sum_would_give_away_waits_too():
    # 12 moves by ten and 11 by one: with 10's new sum and 12's new figure, 11's step would be known.
    former = {11: 9, 12: 20, 10: 29, 1: 29}
    found = settled(summed({11: 10, 12: 30}), former)
    shown = {unit: figure for unit, figure in found.items() if figure != former[unit]}
    assert 11 not in shown and not {10, 12} <= set(shown)


def test_steps_of_five_are_published():
    former = {11: 9, 12: 20, 10: 29, 1: 29}
    assert settled(summed({11: 15, 12: 26}), former) == {11: 15, 12: 26, 10: 41, 1: 41}


def test_a_count_that_falls_below_five_is_withheld_and_one_that_falls_away_becomes_zero():
    assert settled(summed({11: 3}), {11: 9, 10: 9, 1: 9}) == {11: None, 10: None, 1: None}
    assert settled({}, {11: 9, 10: 9, 1: 9}) == {11: 0, 10: 0, 1: 0}


def test_what_was_never_published_is_published_as_it_is():
    assert settled(summed({11: 9}), {}) == {11: 9, 10: 9, 1: 9}


# Three kommuner in two fylker, by indicator: all cases, four settings that make them up, those with known
# contact and those among them by setting, as the shipped indicators are.
SETTINGS = ("HOME", "WORK", "SCHOOL", "UNKNOWN")
INDICATORS = ("CASES", *SETTINGS, "SETTING_KNOWN", "CONTACT", *(f"CONTACT_{s}" for s in SETTINGS))
BREAKDOWNS = (
    Sum("CASES", SETTINGS),
    Sum("CASES", ("SETTING_KNOWN", "UNKNOWN")),
    Sum("SETTING_KNOWN", SETTINGS[:-1]),
    Sum("CASES", ("CONTACT",), whole=False),
    Sum("CONTACT", tuple(f"CONTACT_{s}" for s in SETTINGS)),
    *(Sum(s, (f"CONTACT_{s}",), whole=False) for s in SETTINGS),
)


def tabled(kommuner):
    """(indicator, unit) → count, from (with known contact, without) by kommune and setting."""
    by_indicator = {name: {} for name in INDICATORS}
    for (unit, setting), (known, others) in kommuner.items():
        for name, number in (
            (setting, known + others),
            ("CASES", known + others),
            ("SETTING_KNOWN", 0 if setting == "UNKNOWN" else known + others),
            ("CONTACT", known),
            (f"CONTACT_{setting}", known),
        ):
            by_indicator[name][unit] = by_indicator[name].get(unit, 0) + number
    return {(n, u): v for n, units in by_indicator.items() for u, v in summed(units).items()}


def sums_of(values):
    places = [
        Sum((name, each.total), tuple((name, part) for part in each.parts), each.whole)
        for name in INDICATORS
        for each in over_places({u: v for (n, u), v in values.items() if n == name}, PARENTS)
    ]
    parts = [
        Sum((each.total, unit), tuple((part, unit) for part in each.parts), each.whole)
        for each in BREAKDOWNS
        for unit in PARENTS
    ]
    return [*places, *parts]


PEOPLE = st.tuples(st.integers(0, 9), st.integers(0, 9))
CELLS = st.sampled_from([(unit, s) for unit in (11, 12, 13, 21, 22) for s in SETTINGS])


@settings(max_examples=20, deadline=None)
@given(st.dictionaries(CELLS, PEOPLE, min_size=3))
def test_nobody_works_out_a_count_of_one_to_four_from_all_that_is_shown(kommuner):
    values = tabled(kommuner)
    sums = sums_of(values)
    hidden = withheld(values, sums)
    shown = {cell: None if cell in hidden else value for cell, value in values.items()}
    for cell, (least, most) in ranges(shown, sums).items():
        assert most - least > 0.9 or least < 0.5 or least > THRESHOLD - 0.5, (cell, least)
