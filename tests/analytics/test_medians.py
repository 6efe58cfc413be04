"""The median of what an indicator averages: live, and of no figure beyond one's reach."""

from smittesporing import periods
from smittesporing.analytics import query

WEEK = periods.parse("2022W2")
CODE = "ST_PI_DAYS_TO_FIRST_CALL"


def a_case(world, first_call):
    interview = {
        "ST_CASE_STATUS": "CONFIRMED",
        "ST_COUNT_DATE": "2022-01-12",
        "ST_REPORT_DATE": "2022-01-12",
        "ST_ONSET_DATE": "2022-01-10",
        "ST_FIRST_CALL_DATE": first_call,
    }
    event = world.event("ST_INDEX_INTERVIEW", interview, occurredAt="2022-01-12")
    return world.person(
        values={"ST_RESIDENCE": world.kommune}, enrollments=[world.enrollment(events=[event])]
    )


def test_one_late_call_does_not_move_the_median(world, units):
    here = world("tracer", "5501")
    days = ("2022-01-11", "2022-01-12", "2022-01-19")  # after one, two and nine days
    report = here.send({"trackedEntities": [a_case(here, day) for day in days]})
    assert [p.code for p in report.errors] == []
    unit = units.by_code["5501"].id
    with here.work() as work:
        (median,) = query.count(work, [CODE], [unit], [WEEK], [CODE])
        (average,) = query.count(work, [CODE], [unit], [WEEK])
    assert (median.value, average.value) == (2.0, 4.0)
    with world("tracer", "5503").work() as work:
        assert query.count(work, [CODE], [unit], [WEEK], [CODE]) == ()
