"""Measures in force day by day: when each begins to count, and when it no longer does."""

from datetime import date

import pytest

from smittesporing.analytics import in_force

DAYS = tuple(date(2022, 1, day) for day in (9, 10, 15, 16, 20))
ISOLATION = in_force.Measures("ST_INDEX_MEASURE", ("ISOLATION",), True)
QUARANTINE = in_force.Measures("ST_CONTACT_MEASURE", ("INFECTION_QUARANTINE",), False)


@pytest.fixture
def measured(tromso):
    """Save one measure of a new person; answer with the counts in force on DAYS, before and after."""

    def counts(asked):
        with tromso.work() as work:
            unit = tromso.units.by_code["5501"].id
            return [day.count for day in in_force.in_force(work, [asked], unit, DAYS)[0]]

    def run(asked, **values):
        before = counts(asked)
        given = {
            "ST_MEASURE_KIND": asked.kinds[0],
            "ST_MEASURE_STATE": "CONFIRMED",
            "ST_MEASURE_FROM": "2022-01-10",
            "ST_MEASURE_EARLIEST_END": "2022-01-15",
            **values,
        }
        event = tromso.event(asked.stage, {k: v for k, v in given.items() if v})
        program = "ST_INDEX" if asked is ISOLATION else "ST_CONTACT"
        report = tromso.send(
            {
                "trackedEntities": [
                    tromso.person(enrollments=[tromso.enrollment(program, events=[event])])
                ]
            }
        )
        assert [problem.code for problem in report.errors] == []
        return [after - then for after, then in zip(counts(asked), before, strict=True)]

    return run


@pytest.mark.parametrize(
    ("asked", "values", "counts"),
    [
        (ISOLATION, {}, [0, 1, 1, 1, 1]),  # lasts until somebody ends it
        (ISOLATION, {"ST_MEASURE_STATE": "PROPOSED"}, [0, 0, 0, 0, 0]),
        (ISOLATION, {"ST_MEASURE_STATE": "EXEMPT"}, [0, 0, 0, 0, 0]),
        (ISOLATION, {"ST_MEASURE_KIND": "SYMPTOM_WATCH"}, [0, 0, 0, 0, 0]),
        (
            ISOLATION,
            {"ST_MEASURE_STATE": "ENDED", "ST_MEASURE_ENDED_ON": "2022-01-16"},
            [0, 1, 1, 0, 0],
        ),
        (ISOLATION, {"ST_MEASURE_STATE": "ENDED"}, [0, 0, 0, 0, 0]),
        (QUARANTINE, {}, [0, 1, 1, 0, 0]),  # its last day is with it, the day after is not
        (QUARANTINE, {"ST_MEASURE_EARLIEST_END": ""}, [0, 1, 1, 1, 1]),
        (
            QUARANTINE,
            {"ST_MEASURE_STATE": "ENDED", "ST_MEASURE_ENDED_ON": "2022-01-15"},
            [0, 1, 0, 0, 0],
        ),
    ],
)
def test_a_measure_counts_from_its_first_day_to_its_end(measured, asked, values, counts):
    assert measured(asked, **values) == counts


def test_the_neighbour_counts_none_of_them(world):
    next_door = world("tracer", "5532")
    unit = next_door.units.by_code["5501"].id
    with next_door.work() as work:
        found = in_force.in_force(work, [ISOLATION, QUARANTINE], unit, DAYS)
    assert [day.count for row in found for day in row] == [0] * 2 * len(DAYS)
