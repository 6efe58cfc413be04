"""Whose figures one gets: live within one's reach, published and suppressed beyond it, nothing else."""

from datetime import timedelta

import psycopg
import pytest

from smittesporing import periods
from smittesporing.analytics import published, query
from smittesporing.problems import Refused
from smittesporing.settings import FixedClock
from tests.conftest import TODAY

WEEK = periods.containing("Weekly", TODAY.date())


def case(world, kommune):
    interview = {
        "ST_DISEASE": "COVID19",
        "ST_CASE_STATUS": "CONFIRMED",
        "ST_REPORT_DATE": "2022-01-19",
        "ST_COUNT_DATE": "2022-01-19",
    }
    event = world.event("ST_INDEX_INTERVIEW", interview, occurredAt="2022-01-19")
    program = world.enrollment(enrolledAt="2022-01-19", occurredAt="2022-01-19", events=[event])
    return world.person(values={"ST_RESIDENCE": kommune}, enrollments=[program])


def add_cases(world, number):
    people = {"trackedEntities": [case(world, world.kommune) for _ in range(number)]}
    report = world.send(people)
    assert [p.code for p in report.errors] == []
    return report


def figure(world, kommune, *, code="ST_PI_CASES"):
    unit = world.units.by_code[kommune].id
    with world.work() as work:
        cells = query.count(work, [code], [unit], [WEEK])
    return cells[0] if cells else None


@pytest.fixture
def publish(pool, counter_pool):
    def run(hours=0):
        with counter_pool.connection() as counter, pool.connection() as conn:
            return published.publish(counter, conn, TODAY + timedelta(hours=hours), TODAY.date())

    return run


def test_a_case_is_counted_live_at_home_and_published_for_the_neighbour(world, publish, units):
    here, next_door = world("tracer", "5501"), world("tracer", "5503")
    add_cases(here, 3)
    assert figure(here, "5501").value == 3
    assert figure(next_door, "5501") is None  # nothing is published yet
    publish()
    withheld = figure(next_door, "5501")
    assert withheld.value is None and withheld.withheld and withheld.published_at == TODAY
    assert figure(next_door, "NO").value is None  # the only figure in Norge would be Tromsø's

    add_cases(here, 4)
    assert figure(here, "5501").value == 7
    assert figure(next_door, "5501").withheld  # until the next publication
    publish(1)
    assert figure(next_door, "5501").value == 7

    add_cases(here, 1)
    publish(2)
    assert figure(here, "5501").value == 8
    assert figure(next_door, "5501").value == 7  # one more person would show who was saved


def test_the_list_behind_a_figure_is_as_long_as_the_figure(world, units):
    here, next_door = world("tracer", "5501"), world("tracer", "5503")
    unit = units.by_code["5501"].id
    with here.work() as work:
        listed = query.behind(work, "ST_PI_CASES", unit, WEEK)
    assert len(listed) == figure(here, "5501").value
    with next_door.work() as work, pytest.raises(Refused):
        query.behind(work, "ST_PI_CASES", unit, WEEK)


def test_the_neighbour_reads_no_row_of_the_projection(world):
    here, next_door = world("tracer", "5501"), world("tracer", "5503")
    table = f'projection."enrollment_{here.uid("ST_INDEX")}"'
    with here.work() as work:
        assert work.conn.execute(f"select count(*) as n from {table}").fetchone()["n"] > 0
    with next_door.work() as work:
        assert work.conn.execute(f"select count(*) as n from {table}").fetchone()["n"] == 0


def test_the_service_cannot_write_projections_nor_read_them_without_a_context(world, pool):
    table = f'projection."enrollment_{world().uid("ST_INDEX")}"'
    with pool.connection() as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(f"select count(*) from {table}")
    with world().work() as work, pytest.raises(psycopg.errors.InsufficientPrivilege):
        work.conn.execute(f"delete from {table}")


def test_the_counter_reads_projections_and_no_record(counter_pool):
    with counter_pool.connection() as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute("select count(*) from tracker.event")


def test_shares_of_withheld_counts_are_withheld(world, publish):
    next_door = world("tracer", "5503")
    share = figure(next_door, "5501", code="ST_IND_KNOWN_CONTACT")
    assert share is None or share.value is not None or share.withheld


def test_fhi_sees_published_figures_only(world, publish):
    publish(3)
    fhi = world("fhi", "NO")
    assert figure(fhi, "5501").published_at is not None
    with fhi.work() as work:
        table = f'projection."enrollment_{fhi.uid("ST_INDEX")}"'
        assert work.conn.execute(f"select count(*) as n from {table}").fetchone()["n"] == 0


def test_the_hour_is_published_once(pool, counter_pool):
    clock = FixedClock(at=TODAY + timedelta(hours=9, minutes=20))
    first = published.publish_when_due(pool, counter_pool, clock)
    assert first is not None and first.at == TODAY + timedelta(hours=9)
    assert published.publish_when_due(pool, counter_pool, clock) is None


def test_a_case_from_a_former_kommune_counts_in_todays(world):
    karlsoy = world("tracer", "5534")
    before = figure(karlsoy, "5534")
    assert before is None
    report = karlsoy.send({"trackedEntities": [case(karlsoy, "1936"), case(karlsoy, "0000")]})
    assert [p.code for p in report.errors] == []
    assert figure(karlsoy, "5534").value == 1  # 1936 Karlsøy is 5534 today; 0000 is no kommune
