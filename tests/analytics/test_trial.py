"""An indicator tried on made-up rows: the same meaning as the real count, and the same rows for the same seed."""

from dataclasses import replace
from datetime import date

import pytest

from smittesporing.analytics import trial
from smittesporing.analytics.trial import Row
from smittesporing.metadata import store
from smittesporing.metadata.indicators import Boundary

TODAY = date(2022, 1, 20)
STARTS, ENDS = "AFTER_START_OF_REPORTING_PERIOD", "BEFORE_END_OF_REPORTING_PERIOD"


@pytest.fixture(scope="module")
def metadata(pool):
    with pool.connection() as connection:
        return store.current(connection)


@pytest.fixture
def indicator(metadata):
    """`indicator(expression, filter, …)` → an indicator of index cases, compiled."""
    like = metadata.program_indicators[metadata.by_code("programIndicators", "ST_PI_CASES")["id"]]

    def make(expression="V{event_count}", filter_="", by="COUNT", kind="EVENT", limits=()):
        changed = replace(
            like,
            expression=expression,
            filter=filter_,
            aggregation_type=by,
            analytics_type=kind,
            boundaries=tuple(limits),
        )
        return trial.compiled(changed)

    return make


def row(day, status="ACTIVE", **values):
    dates = dict.fromkeys(
        ("EVENT_DATE", "SCHEDULED_DATE", "ENROLLMENT_DATE", "INCIDENT_DATE"),
        date.fromisoformat(day),
    )
    return Row(values, dates, status)


def figure(metadata, one, *rows):
    return trial.tried(metadata, one, rows, TODAY).value


def test_only_the_fortnight_counts_and_what_is_planned_does_not(metadata, indicator):
    rows = [row("2022-01-07"), row("2022-01-20"), row("2022-01-06"), row("2022-01-21")]
    assert figure(metadata, indicator(), *rows, row("2022-01-10", "SCHEDULE")) == 2


@pytest.mark.parametrize(
    ("offset", "unit", "counted"),
    [
        (0, None, [True, True, False]),
        (-1, "Weekly", [True, True, True]),
        (7, "Daily", [False, True, False]),
        (1, "Monthly", [False] * 3),
    ],
)
def test_limits_are_moved_by_periods(metadata, indicator, offset, unit, counted):
    one = indicator(limits=[Boundary("EVENT_DATE", STARTS, offset, unit)])
    rows = [row("2022-01-07"), row("2022-01-14"), row("2022-01-01")]
    assert list(trial.tried(metadata, one, rows, TODAY).counted) == counted


@pytest.mark.parametrize(
    ("by", "value"), [("SUM", 90), ("AVERAGE", 30), ("MAX", 60), ("MIN", 10), ("MEDIAN", 20)]
)
def test_numbers_are_aggregated(metadata, indicator, by, value):
    minutes = f"#{{{metadata.uid('ST_CONTACT_EXPOSURE')}.{metadata.uid('ST_MINUTES')}}}"
    one = indicator(minutes, f"d2:hasValue({minutes})", by)
    rows = [row("2022-01-10", **{minutes: text}) for text in ("10", "20", "60")]
    assert figure(metadata, one, *rows, row("2022-01-10", **{minutes: None})) == value


def test_a_filter_without_a_value_takes_nothing_in(metadata, indicator):
    status = f"#{{{metadata.uid('ST_INDEX_INTERVIEW')}.{metadata.uid('ST_CASE_STATUS')}}}"
    one = indicator(filter_=f"{status} == 'CONFIRMED'")
    rows = [row("2022-01-10", **{status: text}) for text in ("CONFIRMED", "SUSPECTED", None)]
    assert figure(metadata, one, *rows) == 1


def test_on_enrollments_limits_on_the_events_day_choose_what_is_read(metadata, indicator):
    status = f"#{{{metadata.uid('ST_INDEX_INTERVIEW')}.{metadata.uid('ST_CASE_STATUS')}}}"
    limits = [Boundary("EVENT_DATE", ENDS, 0, None), Boundary("ENROLLMENT_DATE", STARTS, 0, None)]
    one = indicator(
        "V{enrollment_count}", f"d2:hasValue({status})", kind="ENROLLMENT", limits=limits
    )
    early, late = (
        row("2022-01-10", **{status: "CONFIRMED"}),
        row("2022-01-25", **{status: "CONFIRMED"}),
    )
    assert list(trial.tried(metadata, one, [early, late], TODAY).counted) == [True, False]


def test_the_same_seed_gives_the_same_rows_and_another_gives_others(metadata, indicator):
    status = f"#{{{metadata.uid('ST_INDEX_INTERVIEW')}.{metadata.uid('ST_CASE_STATUS')}}}"
    one = indicator(filter_=f"{status} == 'CONFIRMED'")
    rows = trial.made_up(metadata, [one], TODAY, 200, 1)
    assert rows == trial.made_up(metadata, [one], TODAY, 200, 1)
    assert rows != trial.made_up(metadata, [one], TODAY, 200, 2)
    counted = trial.tried(metadata, one, rows, TODAY).counted
    assert 10 < sum(counted) < 190, "both sides of a filter are among the rows"


def test_every_shipped_indicator_can_be_tried_and_most_count_something(metadata):
    found = {}
    for uid, indicator in metadata.program_indicators.items():
        one = trial.compiled(indicator)
        rows = trial.made_up(metadata, [one], TODAY, 200, 1)
        outcome = trial.tried(metadata, one, rows, TODAY)
        assert outcome.fault is None, (indicator.code, outcome.fault)
        found[uid] = any(outcome.counted)
    assert sum(found.values()) > len(found) * 0.6
