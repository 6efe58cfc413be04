"""Indicators: numerator over denominator, of program indicators, program data, groups, constants and each other."""

import pytest

from smittesporing import periods
from smittesporing.analytics import query, ratios
from smittesporing.expression.nodes import ExpressionError
from smittesporing.metadata import exchange, store
from smittesporing.metadata.incoming import Manner
from smittesporing.tracker import projection
from smittesporing.uid import new_uid
from tests.expression.little_program import PROGRAM, little_metadata
from tests.tracker.conftest import World

JANUARY = periods.parse("202201")
TYPE, PERCENT, CONSTANT, GROUP, PI, DECEMBER_PI = (new_uid() for _ in range(6))


@pytest.fixture
def here(world, pool, settings, units, metadata):
    """Tromsø in January: two cases with two and four days to the first call, one in December; a group of two units."""
    here = world("tracer", "5501")
    with here.work() as work:
        if work.conn.execute("select count(*) as n from tracker.enrollment").fetchone()["n"]:
            return here
    for enrolled, minutes in (("2021-12-10", "15"), ("2022-01-05", "30"), ("2022-01-06", "60")):
        event = here.event("ST_CONTACT_EXPOSURE", {"ST_MINUTES": minutes}, occurredAt=enrolled)
        enrollment = here.enrollment("ST_CONTACT", enrolledAt=enrolled, events=[event])
        report = here.send({"trackedEntities": [here.person(enrollments=[enrollment])]})
        assert [p.code for p in report.errors] == []
    counted = {
        "id": PI,
        "name": "Prøvens nærkontakter",
        "shortName": "Prøvens nærkontakter",
        "program": {"id": here.uid("ST_CONTACT")},
        "expression": "V{enrollment_count}",
        "analyticsType": "ENROLLMENT",
        "aggregationType": "COUNT",
    }
    members = [{"id": units.by_code[code].uid} for code in ("5501", "0301")]
    sent = {
        "indicatorTypes": [
            {"id": TYPE, "name": "Prøvens tall", "factor": 1},
            {"id": PERCENT, "name": "Prøvens prosent", "factor": 100},
        ],
        "constants": [{"id": CONSTANT, "name": "Prøvens fire", "value": 4}],
        "organisationUnitGroups": [
            {"id": GROUP, "name": "Prøvens to", "organisationUnits": members}
        ],
        "programIndicators": [counted],
    }
    with pool.connection() as conn:
        report = exchange.import_metadata(conn, sent, None, Manner())
        assert [one for one in report.objects if one.refusals] == []
        projection.rebuild(conn)
    return here


@pytest.fixture
def ask(here, pool, settings, units):
    def run(numerator, denominator="1", *, period=JANUARY, unit="5501", type_=TYPE, **more):
        uid = new_uid()
        body = {
            "id": uid, "name": uid, "shortName": uid, "indicatorType": {"id": type_},
            "numerator": numerator, "denominator": denominator, **more,
        }  # fmt: skip
        with pool.connection() as conn:
            report = exchange.import_metadata(conn, {"indicators": [body]}, None, Manner())
            assert report.ok
        with pool.connection() as conn:
            world = World(pool, settings, store.current(conn), units, here.reach, "5501")
        with world.work() as work:
            cells = query.count(work, [uid], [units.by_code[unit].id], [period])
        return cells[0].value if cells else None

    run.uid = here.uid
    return run


def test_program_indicators_are_set_against_each_other(ask):
    assert ask(f"I{{{PI}}} * 3", f"I{{{PI}}} + 2") == 1.5
    assert ask(f"I{{{PI}}}", f"I{{{PI}}}", type_=PERCENT) == 100


def test_program_data_are_counted_when_they_have_no_aggregation_type_of_their_own(ask):
    program, minutes = ask.uid("ST_CONTACT"), ask.uid("ST_MINUTES")
    assert ask(f"D{{{program}.{minutes}}} * 10", f"I{{{PI}}}") == 10


def test_program_data_add_up_as_their_own_aggregation_type_says():
    part = ratios.part(little_metadata(), f"{PROGRAM}.Number00001")
    assert (part.aggregation_type, part.analytics_type) == ("SUM", "EVENT")
    assert part.expression == "firstNonNull(#{Stage000001.Number00001}, #{Stage000002.Number00001})"
    text = ratios.part(little_metadata(), f"{PROGRAM}.Text0000001")
    assert (text.aggregation_type, text.expression) == ("COUNT", "1")
    assert ratios.part(little_metadata(), f"{PROGRAM}.Missing0001") is None


def test_constants_groups_and_days_of_the_period(ask):
    assert ask(f"I{{{PI}}} * C{{{CONSTANT}}}") == 8
    assert ask(f"I{{{PI}}}", f"OUG{{{GROUP}}}") == 2  # one of the group's two lies in Tromsø
    assert ask(f"I{{{PI}}} * [days]") == 62


def test_an_annualized_figure_is_scaled_to_a_year(ask):
    assert ask(f"I{{{PI}}}", "1", annualized=True) == pytest.approx(2 * 365 / 31)


def test_an_indicator_of_indicators_and_of_the_period_before(ask, pool):
    inner = new_uid()
    with pool.connection() as conn:
        body = {
            "id": inner, "name": inner, "shortName": inner, "indicatorType": {"id": TYPE},
            "numerator": f"I{{{PI}}} * 10", "denominator": "2",
        }  # fmt: skip
        assert exchange.import_metadata(conn, {"indicators": [body]}, None, Manner()).ok
    assert ask(f"N{{{inner}}} + 1") == 11
    assert ask(f"I{{{PI}}} - I{{{PI}}}.periodOffset(-1)") == 1


def test_without_data_there_is_no_figure_and_nothing_is_divided_by_zero(ask):
    november = periods.parse("202111")
    assert ask(f"I{{{PI}}}", period=november) is None
    assert ask(f"I{{{PI}}}", "0") is None
    assert ask("#{Element0001} + 5", f"I{{{PI}}}") == 2.5  # no aggregate data are kept: zero


def test_an_indicator_of_itself_is_refused(ask, pool):
    uid = new_uid()
    with pool.connection() as conn:
        body = {
            "id": uid, "name": uid, "shortName": uid, "indicatorType": {"id": TYPE},
            "numerator": f"N{{{uid}}}", "denominator": "1",
        }  # fmt: skip
        exchange.import_metadata(conn, {"indicators": [body]}, None, Manner())
    with pytest.raises(ExpressionError):
        ask(f"N{{{uid}}}")
