"""What outsiders may see: nothing from which a count of one to four can be worked out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smittesporing.analytics.small_numbers import THRESHOLD, settle, withheld

# Norge 1; fylker 10 and 20; kommuner 11–14 and 21–22.
PARENTS = {1: None, 10: 1, 20: 1, 11: 10, 12: 10, 13: 10, 14: 10, 21: 20, 22: 20}


def summed(kommuner: dict[int, int]) -> dict[int, int]:
    values = dict(kommuner)
    for unit, value in kommuner.items():
        fylke = PARENTS[unit]
        values[fylke] = values.get(fylke, 0) + value
        values[1] = values.get(1, 0) + value
    return {unit: value for unit, value in values.items() if value}


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
        # alone in its fylke: then the fylke's figure goes, and the other fylke's with it
        ({11: 3, 21: 30, 22: 40}, {10, 11, 20}),
        # nothing else in Norge: the whole column is withheld
        ({11: 3}, {1, 10, 11}),
    ],
)
def test_a_small_count_and_what_would_give_it_away_are_withheld(kommuner, hidden):
    assert withheld(summed(kommuner), PARENTS) == hidden


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from([11, 12, 13, 14, 21, 22]), st.integers(0, 30)))
def test_no_shown_sum_leaves_fewer_than_two_parts_or_fewer_than_five_people(kommuner):
    values = summed(kommuner)
    hidden = withheld(values, PARENTS)
    assert all(value >= THRESHOLD for unit, value in values.items() if unit not in hidden)
    for parent in (1, 10, 20):
        parts = [u for u, above in PARENTS.items() if above == parent and values.get(u)]
        gone = [values[u] for u in parts if u in hidden]
        if gone and parent in values and parent not in hidden:
            assert len(gone) > 1 and sum(gone) >= THRESHOLD


def test_a_figure_that_moves_by_one_waits():
    former = {11: 9, 12: 20, 10: 29, 1: 29}
    now = summed({11: 10, 12: 20})
    assert settle(now, former, PARENTS) == former


def test_a_step_that_the_sum_would_give_away_waits_too():
    # 12 moves by ten and 11 by one: with 10's new sum and 12's new figure, 11's step would be known.
    former = {11: 9, 12: 20, 10: 29, 1: 29}
    settled = settle(summed({11: 10, 12: 30}), former, PARENTS)
    shown = {unit: figure for unit, figure in settled.items() if figure != former[unit]}
    assert 11 not in shown and not {10, 12} <= set(shown)


def test_steps_of_five_are_published():
    former = {11: 9, 12: 20, 10: 29, 1: 29}
    assert settle(summed({11: 15, 12: 26}), former, PARENTS) == {11: 15, 12: 26, 10: 41, 1: 41}


def test_a_count_that_falls_below_five_is_withheld_and_one_that_falls_away_becomes_zero():
    assert settle(summed({11: 3}), {11: 9, 10: 9, 1: 9}, PARENTS) == {11: None, 10: None, 1: None}
    assert settle({}, {11: 9, 10: 9, 1: 9}, PARENTS) == {11: 0, 10: 0, 1: 0}


def test_what_was_never_published_is_published_as_it_is():
    assert settle(summed({11: 9}), {}, PARENTS) == {11: 9, 10: 9, 1: 9}
