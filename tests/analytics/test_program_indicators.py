"""Program indicators as DHIS2 means them: analysis types, aggregation, limits, and the newest value."""

import pytest

from smittesporing import periods
from smittesporing.analytics import query
from smittesporing.expression.nodes import ExpressionError
from smittesporing.metadata import exchange, store
from smittesporing.metadata.incoming import Manner
from smittesporing.tracker import projection
from smittesporing.uid import new_uid
from tests.tracker.conftest import World

JANUARY, FEBRUARY = periods.parse("202201"), periods.parse("202202")
AFTER, BEFORE = "AFTER_START_OF_REPORTING_PERIOD", "BEFORE_END_OF_REPORTING_PERIOD"


@pytest.fixture(scope="module")
def codes(metadata):
    """Texts with codes of the Norwegian programme in place of identifiers."""

    def run(text):
        for code in sorted(CODES, key=len, reverse=True):
            text = text.replace(code, metadata.uid(code))
        return text

    return run


CODES = (
    "ST_CONTACT_EXPOSURE", "ST_CONTACT_FOLLOW_UP", "ST_MINUTES", "ST_DISTANCE_M", "ST_CATEGORY",
    "ST_TOLD_AT", "ST_HEALTH_STATUS", "ST_SEX", "ST_FIRST_CONTACT", "ST_INDOORS",
)  # fmt: skip


@pytest.fixture
def tromso_contacts(world, pool):
    """Three contacts: one with two exposures and a planned call, one cancelled, one with two enrollments."""
    here = world("tracer", "5501")
    with here.work() as work:
        if work.conn.execute("select count(*) as n from tracker.enrollment").fetchone()["n"]:
            return here

    def exposure(day, **values):
        return here.event("ST_CONTACT_EXPOSURE", values, occurredAt=day)

    first = here.enrollment(
        "ST_CONTACT",
        enrolledAt="2022-01-05",
        events=[
            exposure("2022-01-10", ST_MINUTES="30", ST_CATEGORY="HOUSEHOLD", ST_INDOORS="true"),
            # the newest event leaves minutes out: its newest value is still 30 (decision 14)
            exposure("2022-01-15", ST_CATEGORY="OTHER_CLOSE"),
            here.event("ST_CONTACT_FOLLOW_UP", {}, status="SCHEDULE", occurredAt=None, scheduledAt="2022-01-19"),
        ],
    )  # fmt: skip
    second = here.enrollment(
        "ST_CONTACT",
        enrolledAt="2021-12-20",
        status="CANCELLED",
        events=[exposure("2021-12-19", ST_MINUTES="10", ST_CATEGORY="HOUSEHOLD")],
    )
    third = here.enrollment(
        "ST_CONTACT",
        enrolledAt="2022-01-18",
        events=[
            exposure(
                "2022-01-17",
                ST_MINUTES="60",
                ST_CATEGORY="NOT_CONTACT",
                ST_FIRST_CONTACT="2022-01-16",
            )
        ],
    )
    done = here.enrollment(
        "ST_CONTACT", enrolledAt="2022-01-02", status="COMPLETED", completedAt="2022-01-12"
    )
    people = [
        here.person(values={"ST_SEX": "FEMALE"}, enrollments=[first]),
        here.person(values={"ST_SEX": "MALE"}, enrollments=[second]),
        here.person(values={"ST_SEX": "MALE"}, enrollments=[third, done]),
    ]
    report = here.send({"trackedEntities": people})
    assert [p.code for p in report.errors] == []
    return here


@pytest.fixture
def ask(tromso_contacts, pool, settings, units, codes):
    """`ask(expression, filter, …)` → the figure of such an indicator in Tromsø for a period."""
    here = tromso_contacts

    def run(expression, filter_="", *, kind="EVENT", by="COUNT", limits=(), period=JANUARY):
        uid = new_uid()
        body = {
            "id": uid,
            "name": f"Prøve {uid}",
            "shortName": f"Prøve {uid}",
            "program": {"id": here.uid("ST_CONTACT")},
            "expression": codes(expression),
            "filter": codes(filter_),
            "analyticsType": kind,
            "aggregationType": by,
            "analyticsPeriodBoundaries": [
                {
                    "boundaryTarget": codes(target),
                    "analyticsPeriodBoundaryType": type_,
                    **({"offsetPeriods": more[0], "offsetPeriodType": more[1]} if more else {}),
                }
                for target, type_, *more in limits
            ],
        }
        with pool.connection() as conn:
            assert exchange.import_metadata(conn, {"programIndicators": [body]}, None, Manner()).ok
            projection.rebuild(conn)
        with pool.connection() as conn:
            world = World(pool, settings, store.current(conn), units, here.reach, "5501")
        with world.work() as work:
            cells = query.count(work, [uid], [units.by_code["5501"].id], [period])
        return cells[0].value if cells else None

    return run


MINUTES, CATEGORY = "#{ST_CONTACT_EXPOSURE.ST_MINUTES}", "#{ST_CONTACT_EXPOSURE.ST_CATEGORY}"


def test_events_are_counted_without_those_only_planned(ask):
    assert ask("V{event_count}") == 3
    assert ask("V{event_count}", period=FEBRUARY) is None


def test_sums_averages_and_extremes_of_events(ask):
    assert ask(MINUTES, by="SUM") == 90
    assert ask(MINUTES, f"d2:hasValue({MINUTES})", by="AVERAGE") == 45
    assert ask(MINUTES, f"d2:hasValue({MINUTES})", by="MAX") == 60
    assert ask(MINUTES, f"d2:hasValue({MINUTES})", by="MIN") == 30


def test_a_missing_number_is_zero_in_an_expression_and_nothing_in_a_filter(ask):
    assert ask(MINUTES, by="AVERAGE") == 30  # 30, missing as 0, and 60
    assert ask("V{event_count}", f"{MINUTES} < 100") == 2


def test_enrollments_and_people_are_counted_once(ask):
    assert ask("V{enrollment_count}", kind="ENROLLMENT") == 3
    assert ask("V{tei_count}", kind="ENROLLMENT") == 2
    assert ask("V{tei_count}", "A{ST_SEX} == 'FEMALE'") == 1


def test_cancelled_enrollments_count_unless_left_out(ask):
    december = periods.parse("202112")
    assert ask("V{enrollment_count}", kind="ENROLLMENT", period=december) == 1
    assert (
        ask(
            "V{enrollment_count}",
            "V{enrollment_status} != 'CANCELLED'",
            kind="ENROLLMENT",
            period=december,
        )
        is None
    )


def test_an_enrollment_reads_the_newest_value_that_is_not_missing(ask):
    assert ask("V{enrollment_count}", f"{MINUTES} == 30", kind="ENROLLMENT") == 1
    assert ask("V{enrollment_count}", f"{CATEGORY} == 'OTHER_CLOSE'", kind="ENROLLMENT") == 1
    assert ask("V{enrollment_count}", f"{CATEGORY} == 'HOUSEHOLD'", kind="ENROLLMENT") is None
    assert (
        ask(
            "V{enrollment_count}",
            f"d2:countIfValue({CATEGORY}, 'HOUSEHOLD') > 0",
            kind="ENROLLMENT",
        )
        == 1
    )


def test_event_dates_choose_which_events_an_enrollment_reads(ask):
    week = periods.parse("2022W2")  # 10–16 January
    limits = [("EVENT_DATE", BEFORE), ("ENROLLMENT_DATE", BEFORE)]
    count = f"d2:count({CATEGORY})"
    assert ask(count, kind="ENROLLMENT", by="SUM", limits=limits, period=week) == 3
    assert (
        ask(count, kind="ENROLLMENT", by="SUM", limits=limits, period=periods.parse("2022W1")) == 1
    )


def test_limits_move_by_periods(ask):
    limits = [("ENROLLMENT_DATE", AFTER, -1, "Monthly"), ("ENROLLMENT_DATE", BEFORE, -1, "Monthly")]
    assert ask("V{enrollment_count}", kind="ENROLLMENT", limits=limits) == 1  # December's
    started = [("ENROLLMENT_DATE", "BEFORE_START_OF_REPORTING_PERIOD")]
    assert ask("V{enrollment_count}", kind="ENROLLMENT", limits=started, period=FEBRUARY) == 4
    later = [("ENROLLMENT_DATE", "AFTER_END_OF_REPORTING_PERIOD")]
    assert (
        ask("V{enrollment_count}", kind="ENROLLMENT", limits=later, period=periods.parse("202112"))
        == 3
    )


def test_limits_look_at_data_elements_and_stages(ask):
    target = "#{ST_CONTACT_EXPOSURE.ST_FIRST_CONTACT}"
    assert (
        ask("V{enrollment_count}", kind="ENROLLMENT", limits=[(target, AFTER), (target, BEFORE)])
        == 1
    )
    stage = "PS_EVENTDATE:ST_CONTACT_EXPOSURE"
    assert (
        ask("V{enrollment_count}", kind="ENROLLMENT", limits=[(stage, AFTER), (stage, BEFORE)]) == 2
    )


def test_conditions_and_dates_in_expressions(ask):
    assert ask(f"d2:condition('{MINUTES} > 15', 1, 0)", by="SUM") == 2
    assert ask("d2:daysBetween(V{enrollment_date}, V{event_date})", by="SUM") == 5 + 10 - 1
    assert (
        ask("V{event_count}", "d2:daysBetween(V{analytics_period_start}, V{event_date}) == 9") == 1
    )
    assert ask("V{event_count}", "#{ST_CONTACT_EXPOSURE.ST_INDOORS} == 1") == 1
    assert ask("V{event_count}", "V{program_stage_name} == 'x'") is None


def test_several_periods_of_different_length_are_answered_at_once(tromso_contacts, units):
    here = tromso_contacts
    spans = [JANUARY, periods.parse("2022"), periods.parse("2022W3")]
    with here.work() as work:
        cells = query.count(work, ["ST_PI_CONTACTS"], [units.by_code["5501"].id], spans)
    # only the first contact has a verdict of close contact and no cancelled enrollment
    assert {c.period: c.value for c in cells} == {"202201": 1, "2022": 1}


def test_an_indicator_that_names_what_its_program_lacks_is_refused(ask):
    with pytest.raises(ExpressionError):
        ask("V{event_count}", "#{ST_CONTACT_EXPOSURE.ST_HEALTH_STATUS} == 'FEVER'")
