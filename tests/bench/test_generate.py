"""The benchmark's people: the same for the same seed, shaped as a wave is, and nobody real."""

from itertools import islice

import msgspec
import pytest

from bench import generate, model
from bench.measure import Run, figure, percentile, run_once
from smittesporing.uid import is_uid

UNITS = {one.number: model.uid("unit", one.number) for one in model.kommuner()}
PERSONS = 20_000


@pytest.fixture(scope="module")
def chains():
    return list(generate.chains(1, PERSONS))


def everybody(chains):
    return [person for chain in chains for person in chain]


def test_the_same_seed_gives_the_same_wave_and_another_seed_another():
    one, again, other = (list(generate.chains(seed, 500)) for seed in (7, 7, 8))
    assert one == again
    assert one != other


def test_there_are_exactly_as_many_people_as_asked_for(chains):
    numbers = [person.number for person in everybody(chains)]
    assert numbers == list(range(PERSONS))


def test_everybody_has_an_enrollment_four_events_and_nine_of_ten_a_source(chains):
    people = everybody(chains)
    assert sum(1 + person.follow_ups for person in people) / PERSONS == pytest.approx(4, abs=0.05)
    linked = sum(person.source is not None for person in people)
    assert linked / PERSONS == pytest.approx(0.9, abs=0.03)


def test_contacts_of_a_case_have_mean_four_and_a_few_cases_have_very_many(chains):
    counts = {person.number: 0 for person in everybody(chains) if person.is_case}
    for person in everybody(chains):
        if person.source is not None:
            counts[person.source] += 1
    values = list(counts.values())
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / len(values)
    assert mean == pytest.approx(4, rel=0.08)
    assert mean**2 / (variance - mean) == pytest.approx(0.5, rel=0.2)
    assert max(values) > 40


def test_chains_reach_ten_generations_and_no_further(chains):
    assert max(person.depth for person in everybody(chains)) <= 10
    assert any(person.depth >= 7 for person in everybody(chains))


def test_a_source_stands_before_those_she_exposed_one_generation_above(chains):
    for chain in chains:
        place = {person.number: person for person in chain}
        for person in chain:
            if person.source is not None:
                assert person.source < person.number
                assert place[person.source].depth == person.depth - 1


def test_the_largest_kommune_has_about_an_eighth_of_all(chains):
    counts: dict[str, int] = {}
    for person in everybody(chains):
        counts[person.kommune] = counts.get(person.kommune, 0) + 1
    largest = max(counts, key=lambda number: counts[number])
    assert largest == "0301"
    assert counts[largest] / PERSONS == pytest.approx(0.13, abs=0.02)


def test_no_number_could_be_a_person_s_and_none_is_given_twice():
    numbers = [*range(0, 200_000, 7), *range(5_999_000, 6_001_000)]
    ids = [generate.national_id(number) for number in numbers]
    assert len(set(ids)) == len(ids)
    assert {len(one) for one in ids} == {11}
    assert {int(one[2:4]) for one in ids} <= set(range(81, 93))
    phones = [generate.phone(number) for number in numbers]
    assert len(set(phones)) == len(phones)
    assert all(len(one) == 11 and one.startswith("+471") for one in phones)


def test_the_month_of_a_birth_date_is_that_of_the_number():
    for number in (0, 29, 1_000, 123_456):
        born, written = generate.birth_date(number), generate.national_id(number)
        assert f"{born.day:02}{born.month + 80:02}{born.year % 100:02}" == written[:6]


@pytest.mark.parametrize("batch", [50, 500, 2_000])
def test_payloads_are_full_and_hold_as_many_objects_as_they_say(chains, batch):
    made = list(islice(generate.payloads(iter(chains), batch, UNITS), 5))
    for one in made:
        body = msgspec.json.decode(one.body)
        people = body["trackedEntities"]
        objects = len(people) + len(body["relationships"])
        objects += sum(1 + len(p["enrollments"][0]["events"]) for p in people)
        assert objects == one.objects <= batch
        assert objects > batch - 8
        assert all(is_uid(person["trackedEntity"]) for person in people)


@pytest.mark.parametrize("batch", [50, 500, 2_000])
def test_operation_one_has_exactly_the_objects_it_is_named_by(batch):
    people = generate.cases_with_contacts(1, batch, "0301")
    assert generate.payload(people, UNITS).objects == batch
    assert len({person.number for person in people}) == len(people)


# What is measured --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100)])
def test_a_percentile_is_a_time_that_was_measured(share, expected):
    assert percentile([float(value) for value in range(1, 101)], share) == expected


def test_a_wrong_answer_and_a_fault_count_as_errors_and_end_nothing():
    def fault() -> bool:
        raise OSError

    run = run_once([[(lambda: True, 2), (lambda: False, 3), (fault, 5)]] * 2)
    assert (len(run.times), run.errors, run.entities) == (6, 4, 20)


def test_the_median_run_is_reported_with_how_far_the_others_lay():
    runs = [Run((p95,), 1.0, 0, 100) for p95 in (9.0, 1.0, 5.0)]
    found = figure("1", "load", 1, runs, 0.0)
    assert (found.p95, found.p95_low, found.p95_high) == (5.0, 1.0, 9.0)
    assert found.entities_per_second == 100
