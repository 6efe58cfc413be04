"""Whoever takes every published figure through the API and subtracts works out no count of one to four."""

import random
from datetime import date

import pytest

from smittesporing import periods
from smittesporing.analytics import published, query
from smittesporing.analytics.small_numbers import Sum
from smittesporing.metadata import store
from smittesporing.web.api.analytics import analytics
from smittesporing.web.routes import get
from tests.analytics.attacker import ranges
from tests.api.conftest import serve
from tests.api.test_metadata import PASSWORD, people
from tests.conftest import TODAY

__all__ = ["people", "serve"]
WEEK = periods.parse("2022W2")
CASES = {"5501": 22, "5503": 9, "5532": 3, "5601": 6, "5603": 7, "0301": 30}
SETTINGS = ("HOUSEHOLD", "HOUSEHOLD", "HOUSEHOLD", "WORKPLACE", "SCHOOL", "TRAVEL", "UNKNOWN", "")


def a_case(world, chance):
    interview = {
        "ST_CASE_STATUS": "CONFIRMED",
        "ST_REPORT_DATE": "2022-01-12",
        "ST_COUNT_DATE": "2022-01-12",
        "ST_EXPOSURE_SETTING": chance.choice(SETTINGS),
        "ST_KNOWN_CONTACT": chance.choice(("YES", "YES", "YES", "NO")),
        "ST_COMMON_SOURCE": chance.choice(("true", "false")),
        "ST_INFECTED_WHERE_KIND": chance.choice(("COUNTRY", "KOMMUNE", "REGISTERING", "")),
        "ST_WAS_IN_QUARANTINE": chance.choice(("YES", "YES", "NO")),
    }
    answers = {code: value for code, value in interview.items() if value}
    event = world.event("ST_INDEX_INTERVIEW", answers, occurredAt="2022-01-12")
    lives = chance.choice((*(world.kommune,) * 12, "ABROAD"))
    return world.person(
        values={"ST_RESIDENCE": lives}, enrollments=[world.enrollment(events=[event])]
    )


@pytest.fixture
def registered(world, people, pool, counter_pool):
    chance = random.Random(20220112)
    for kommune, number in CASES.items():
        here = world("tracer", kommune, f"registrar{kommune}")
        report = here.send({"trackedEntities": [a_case(here, chance) for _ in range(number)]})
        assert [p.code for p in report.errors] == []
    with counter_pool.connection() as counter, pool.connection() as conn:
        published.publish(counter, conn, TODAY, date(2022, 1, 20))
    return here


def sums_of(metadata, units, indicators):
    grid = [unit for level in (1, 2, 3) for unit in units.level(level)]
    below = {unit.id: [u.id for u in grid if u.parent == unit.id] for unit in grid}
    for indicator in indicators:
        for unit in grid:
            if below[unit.id]:
                parts = tuple((indicator, part) for part in below[unit.id])
                yield Sum((indicator, unit.id), parts, whole=unit.level != 1)
    for each in published.breakdowns_of(metadata, indicators):
        for unit in grid:
            parts = tuple((part, unit.id) for part in each.parts)
            yield Sum((each.total, unit.id), parts, each.whole)


def test_no_count_of_one_to_four_can_be_worked_out(serve, registered, world, pool, units):
    # Started when all is registered: a service publishes in its first round, and then not for an hour.
    server = serve([get("/api/analytics", analytics, "analytics", "api", "published", "none")])
    with pool.connection() as conn:
        metadata = store.current(conn)
    indicators = [
        uid
        for uid in published.published_indicators(metadata)
        if not metadata.get("programIndicators", uid)["code"].endswith("_NOW")
    ]
    ids = [unit.id for level in (1, 2, 3) for unit in units.level(level)]
    with world("superuser", "NO", "boss").work() as work:
        truth = {
            (c.indicator, c.org_unit): c.value for c in query.count(work, indicators, ids, [WEEK])
        }
    with world("ks", "NO", "reader").work() as work:
        cells = query.count(work, indicators, ids, [WEEK])
    shown = {(c.indicator, c.org_unit): c.value for c in cells}
    answer = server.get(
        "/api/analytics",
        params=[
            ("dimension", "dx:" + ";".join(indicators)),
            ("dimension", f"pe:{WEEK.id}"),
            ("dimension", "ou:LEVEL-1;LEVEL-2;LEVEL-3"),
        ],
        auth=("outsider", PASSWORD),
    )
    assert answer.status_code == 200, answer.text
    taken = {(dx, units.by_uid[ou].id): float(value) for dx, _, ou, value in answer.json()["rows"]}
    assert taken == {cell: figure for cell, figure in shown.items() if figure is not None}
    odd = {cell: (truth[cell], figure) for cell, figure in taken.items() if truth[cell] != figure}
    assert odd == {}, "what is published is true"
    assert {cell: figure for cell, figure in taken.items() if figure < 5} == {}, "and never small"

    sums = [
        each
        for each in sums_of(metadata, units, indicators)
        if any(cell in shown for cell in (each.total, *each.parts))
    ]
    for cell, (least, most) in ranges(shown, sums).items():
        assert most - least > 0.9 or least < 0.5 or least > 4.5, (cell, least)
    # What is worth knowing is still there: the cases of all but the smallest places.
    cases = metadata.by_code("programIndicators", "ST_PI_CASES")["id"]
    assert taken[cases, units.root.id] == sum(CASES.values())
    assert (cases, units.by_code["0301"].id) in taken
