"""Who infected whom, on small chains and on Korea's in 2015."""

import csv
from datetime import date

import pytest

from smittesporing.tracing import chains
from smittesporing.tracing.chains import ChainPerson, SourceLink
from tests.conftest import SHARED

LINKS = [SourceLink(*pair) for pair in ("ab", "ac", "bd", "cd", "ef")]


def test_numbers_infected_count_each_infected_once_per_source():
    assert chains.infected_by([*LINKS, SourceLink("a", "b")]) == {"a": 2, "b": 1, "c": 1, "e": 1}


def test_a_proposed_source_is_drawn_and_never_counted():
    links = [SourceLink("a", "b", "POSSIBLE", proposed=True)]
    assert chains.infected_by(links) == {}
    assert chains.chain_of("a", links) == {"a"}
    assert chains.chain_of("a", links, proposed=True) == {"a", "b"}


def test_generations_count_from_those_without_a_source():
    assert chains.generations(LINKS) == {"a": 0, "b": 1, "c": 1, "d": 2, "e": 0, "f": 1}


def test_a_circle_gets_generations_and_is_pointed_out():
    links = [SourceLink(*pair) for pair in ("ab", "bc", "ca", "xy")]
    assert chains.generations(links) == {"a": 0, "b": 1, "c": 2, "x": 0, "y": 1}
    assert chains.in_cycles(links) == {"a", "b", "c"}


def test_a_chain_is_everybody_it_hangs_together_with():
    assert chains.chain_of("b", LINKS) == {"a", "b", "c", "d"}
    assert chains.infected_from("b", LINKS) == {"b", "d"}
    assert chains.sources_of("d", LINKS) == {"a", "b", "c", "d"}
    assert chains.chain_of("alone", LINKS) == {"alone"}


def day(number):
    return date(2022, 1, number)


PEOPLE = [
    ChainPerson("a", day(6), "Bursdag"),
    ChainPerson("b", day(11), "Bursdag"),
    ChainPerson("c", day(11), "Bursdag"),
    ChainPerson("d", None, "Skole"),
    ChainPerson("e", day(9), "Skole"),
]


def test_a_picture_has_days_across_and_places_down():
    picture = chains.layout(PEOPLE, LINKS)
    placed = {p.uid: (p.day, p.lane, p.row, p.guessed, p.generation) for p in picture.people}
    assert placed == {
        "a": (day(6), 0, 0, False, 0),
        "b": (day(11), 0, 0, False, 1),
        "c": (day(11), 0, 1, False, 1),
        "d": (day(12), 1, 0, True, 2),
        "e": (day(9), 1, 0, False, 0),
    }
    assert picture.lanes == (("Bursdag", 2), ("Skole", 1))
    assert (picture.first, picture.last) == (day(6), day(12))
    assert [(e.source, e.infected, e.days) for e in picture.edges] == [
        ("a", "b", 5),
        ("a", "c", 5),
        ("b", "d", None),
        ("c", "d", None),
    ]


def test_lanes_may_be_generations():
    picture = chains.layout(PEOPLE, LINKS, lanes="generation")
    assert [name for name, _ in picture.lanes] == ["Generasjon 0", "Generasjon 1", "Generasjon 2"]


def test_a_registered_link_hides_the_proposed_one_between_the_same_two():
    links = [SourceLink("a", "b", "POSSIBLE", proposed=True), SourceLink("a", "b")]
    (edge,) = chains.layout(PEOPLE, links).edges
    assert not edge.dotted


def test_an_empty_chain_is_an_empty_picture():
    assert chains.layout([], []).people == ()


def test_intervals_need_both_days():
    assert sorted(chains.onset_intervals(PEOPLE, LINKS)) == [5, 5]


@pytest.fixture
def korea():
    folder = SHARED / "data" / "mers_korea_2015"
    if not folder.exists():
        pytest.skip(f"The Korean data are not at {folder}; set SMITTESPORING_SHARED.")
    with (folder / "contacts.csv").open(encoding="utf-8") as file:
        return [SourceLink(row["from"], row["to"]) for row in csv.DictReader(file)]


def test_the_three_in_korea_with_most_infected_are_38_26_and_21(korea):
    assert len(korea) == 98
    assert sorted(chains.infected_by(korea).values(), reverse=True)[:3] == [38, 26, 21]
    assert chains.in_cycles(korea) == frozenset()
    assert max(chains.generations(korea).values()) >= 2
