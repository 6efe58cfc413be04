"""Random whole indicators, counted by SQL and in plain Python: rows, limits, filter, expression, aggregate.

Every limit, target, offset and aggregation type that DHIS2 has a meaning for, over the random records of
tests/expression/agreement.py, in groups that share a statement and alone.
"""

import math
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as effort
from hypothesis import strategies as st
from psycopg.sql import SQL

from smittesporing import database, periods
from smittesporing.analytics import plan
from smittesporing.analytics.indicator import Indicator
from smittesporing.analytics.question import Place, Question
from smittesporing.expression.nodes import ExpressionError
from smittesporing.metadata.indicators import Boundary, ProgramIndicator
from smittesporing.metadata.sharing import sharing
from smittesporing.uid import new_uid
from tests.analytics.referee import figures
from tests.expression.agreement import expressions
from tests.expression.little_program import (
    CONSTANTS,
    PROGRAM,
    SHAPE,
    STAGES,
    TODAY,
    UNITS,
    load,
    make_tables,
    program,
    records,
)
from tests.expression.row_meaning import Undecided

PERIODS = [
    periods.parse(text) for text in ("20220131", "2022W2", "202201", "202112", "2022", "2020Q1")
]
PLACES = {1: set(UNITS), UNITS[0]: {UNITS[0]}}
PAIRS = tuple((below, unit) for unit, members in PLACES.items() for below in sorted(members))
TYPES = [f"{a}_{b}_OF_REPORTING_PERIOD" for a in ("AFTER", "BEFORE") for b in ("START", "END")]
TARGETS = [
    "EVENT_DATE", "ENROLLMENT_DATE", "INCIDENT_DATE", "SCHEDULED_DATE", f"#{{{STAGES[0]}.Date0000001}}",
    f"#{{{STAGES[1]}.Moment00001}}", "A{AttrBorn001}", f"PS_EVENTDATE:{STAGES[0]}", f"PS_EVENTDATE:{STAGES[1]}",
]  # fmt: skip
AGGREGATIONS = [
    "COUNT", "SUM", "AVERAGE", "MIN", "MAX", "STDDEV", "VARIANCE", "FIRST", "LAST", "FIRST_AVERAGE_ORG_UNIT",
    "LAST_AVERAGE_ORG_UNIT", "DEFAULT", "LAST_IN_PERIOD", "LAST_IN_PERIOD_AVERAGE_ORG_UNIT",
    "AVERAGE_SUM_ORG_UNIT", "MAX_SUM_ORG_UNIT", "MIN_SUM_ORG_UNIT",
]  # fmt: skip
COUNTS = ["V{enrollment_count}", "V{tei_count}", "V{org_unit_count}", "V{event_count}"]

_BOUNDARY = st.builds(
    Boundary,
    st.sampled_from(TARGETS),
    st.sampled_from(TYPES),
    st.sampled_from([0, 0, 0, -1, 2]),
    st.sampled_from(["Daily", "Weekly", "Monthly", "Quarterly", "Yearly"]),
)
_WHOLE = st.sampled_from(TARGETS).map(
    lambda t: (Boundary(t, TYPES[0], 0, None), Boundary(t, TYPES[3], 0, None))
)
_LIMITS = st.one_of(st.just(()), _WHOLE, st.lists(_BOUNDARY, min_size=1, max_size=3).map(tuple))
_FILTER = st.one_of(st.just(""), expressions("BOOLEAN", 1), expressions("BOOLEAN", 2))
_OWN = st.builds(
    "{}({}) {} {}({})".format,
    st.sampled_from(["sum", "avg", "max", "min"]),
    expressions("NUMBER", 1),
    st.sampled_from(["+", "-", "*", "/"]),
    st.sampled_from(["sum", "count"]),
    st.one_of(expressions("NUMBER", 1), st.sampled_from(COUNTS[:3])),
)


def an_indicator(type_, aggregation, expression, filter_, limits, field) -> ProgramIndicator:
    return ProgramIndicator(
        uid=new_uid(), code=None, name="", short_name="", description="", program=PROGRAM,
        expression=expression, filter=filter_, aggregation_type=aggregation, analytics_type=type_, decimals=None,
        display_in_form=False, boundaries=limits, org_unit_field=field, sharing=sharing({}),
    )  # fmt: skip


_KIND = st.sampled_from(["EVENT", "ENROLLMENT"])
_FIELD = st.sampled_from([None, None, None, "ENROLLMENT"])
INDICATORS = st.one_of(
    st.builds(an_indicator, _KIND, st.sampled_from(AGGREGATIONS), expressions("NUMBER", 2), _FILTER, _LIMITS, _FIELD),
    st.builds(an_indicator, _KIND, st.just("COUNT"), st.sampled_from(COUNTS), _FILTER, _LIMITS, _FIELD),
    st.builds(an_indicator, _KIND, st.just("CUSTOM"), _OWN, _FILTER, _LIMITS, _FIELD),
)  # fmt: skip


@pytest.fixture(scope="module")
def tables(pool, owner_url):
    with pool.connection() as conn:
        make_tables(conn)
    with database.connect(owner_url, autocommit=True) as conn:
        yield conn


def counted(conn, bodies, asked):
    """What SQL says, all at once: indicators that read the same rows in one statement, as the service does."""
    groups: dict[object, list[Indicator]] = {}
    for body in bodies:
        one = Indicator(body, Place())
        groups.setdefault(one.rows, []).append(one)
    question = Question(tuple(asked), PAIRS, TODAY, CONSTANTS)
    statements = [plan.counting(group, program(), SHAPE, question) for group in groups.values()]
    rows = conn.execute(SQL(" union all ").join(statements)).fetchall()
    return {
        (row["indicator"], row["unit"], row["period"]): float(row["value"])
        for row in rows
        if row["value"] is not None
    }


def _near(found, expected):
    return found.keys() == expected.keys() and all(
        math.isclose(found[unit], value, rel_tol=1e-6, abs_tol=1e-6)
        for unit, value in expected.items()
    )


def _said(body):
    limits = [(b.target, b.type, b.offset, b.offset_type) for b in body.boundaries]
    return body.analytics_type, body.aggregation_type, body.expression, body.filter, limits


@pytest.mark.parametrize("number", range(12))
def test_random_indicators_count_the_same_in_both_meanings(tables, number):
    made = records(1000 + number, 40)
    load(tables, made)

    @seed(number)
    @effort(max_examples=2, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(st.lists(INDICATORS, min_size=12, max_size=12), _WHOLE)
    def compare(bodies, whole):
        # A few share their rows, so that groups are counted too.
        bodies = [*bodies[:8], *(replace(b, boundaries=whole) for b in bodies[8:])]
        got = counted(tables, bodies, PERIODS)
        for body in bodies:
            for period in PERIODS:
                try:
                    expected = figures(body, program(), made, PLACES, period, TODAY, CONSTANTS)
                except Undecided:
                    continue
                found = {
                    u: got[body.uid, u, period.id]
                    for u in PLACES
                    if (body.uid, u, period.id) in got
                }
                assert _near(found, expected), (_said(body), period.id, found, expected)

    compare()


@pytest.mark.parametrize("aggregation", ["NONE", "DISABLED", "PERCENTILE"])
def test_an_aggregation_without_a_meaning_is_refused_with_a_sentence(tables, aggregation):
    body = an_indicator("EVENT", aggregation, f"#{{{STAGES[0]}.Number00001}}", "", (), None)
    with pytest.raises(ExpressionError):
        counted(tables, [body], PERIODS)
