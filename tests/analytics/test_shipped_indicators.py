"""Every shipped indicator gives what its hand-written query gives, by week and month, kommune and Norge.

The records are made by chance (a fixed seed) and go through the importer as three kommuner's work.
"""

import random
from datetime import date, timedelta

import pytest

from smittesporing import periods
from smittesporing.analytics import query
from smittesporing.metadata.shipped import build
from tests.shipped.checks import checks

TODAY = date(2022, 1, 20)
KOMMUNER = ("5501", "0301", "4601")


@pytest.fixture(scope="module")
def settings_of_options():
    return build.tables()["options"]


def pick(chance: random.Random, *choices: str) -> str | None:
    return chance.choice([*choices, None])


def present(values: dict[str, str | None]) -> dict[str, str]:
    return {code: value for code, value in values.items() if value is not None}


def a_day(chance: random.Random) -> str:
    return (TODAY - timedelta(days=chance.randrange(0, 50))).isoformat()


def a_case(world, chance: random.Random, settings: list[str]):
    day = a_day(chance)
    interview = {
        "ST_DISEASE": pick(chance, "COVID19", "COVID19", "MERS"),
        "ST_CASE_STATUS": pick(chance, "CONFIRMED", "CONFIRMED", "CONFIRMED", "SUSPECTED"),
        "ST_REPORT_DATE": day,
        "ST_COUNT_DATE": day,
        "ST_KNOWN_CONTACT": pick(chance, "YES", "YES", "NO"),
        "ST_EXPOSURE_SETTING": pick(chance, *settings),
        "ST_COMMON_SOURCE": pick(chance, "true", "true", "false"),
        "ST_INFECTED_WHERE_KIND": pick(
            chance, "UNKNOWN", "COUNTRY", "CONTINENT", "KOMMUNE", "BYDEL", "REGISTERING"
        ),
        "ST_WAS_IN_QUARANTINE": pick(chance, "YES", "NO"),
        "ST_FIRST_CALL_DATE": pick(chance, a_day(chance)),
        "ST_ONSET_DATE": pick(chance, a_day(chance)),
        "ST_REGISTERED_BY_MISTAKE": chance.choice(["true"] + [None] * 9),
    }
    events = [world.event("ST_INDEX_INTERVIEW", present(interview), occurredAt=day)]
    for _ in range(chance.randrange(3)):
        health = {"ST_HEALTH_STATUS": chance.choice(["HOSPITAL", "FEVER", "DEAD", "NO_SYMPTOMS"])}
        events.append(world.event("ST_INDEX_FOLLOW_UP", health, occurredAt=a_day(chance)))
    events += [a_measure(world, chance, "ST_INDEX_MEASURE", "ISOLATION")] * chance.randrange(2)
    residence = {"ST_RESIDENCE": chance.choice([*KOMMUNER, "030101", "ABROAD", "UNKNOWN"])}
    program = world.enrollment(enrolledAt=day, occurredAt=day, events=events)
    if chance.random() < 0.1:
        program["status"] = "CANCELLED"
    return world.person(values=residence, enrollments=[program])


def a_measure(world, chance: random.Random, stage: str, *kinds: str):
    begins = a_day(chance)
    values = {
        "ST_MEASURE_KIND": chance.choice(kinds),
        "ST_MEASURE_FROM": begins,
        "ST_MEASURE_STATE": chance.choice(["CONFIRMED", "DECIDED", "PROPOSED"]),
        "ST_MEASURE_EARLIEST_END": pick(
            chance, (TODAY + timedelta(days=3)).isoformat(), a_day(chance)
        ),
        "ST_MEASURE_ENDED_ON": chance.choice([None, None, a_day(chance)]),
    }
    return world.event(stage, present(values), occurredAt=begins)


def a_contact(world, chance: random.Random):
    day = a_day(chance)
    events = [
        world.event(
            "ST_CONTACT_EXPOSURE",
            present({"ST_CATEGORY": pick(chance, "HOUSEHOLD", "OTHER_CLOSE", "NOT_CONTACT")}),
            occurredAt=day,
        )
        for _ in range(chance.randrange(1, 3))
    ]
    kinds = ("INFECTION_QUARANTINE", "WAITING_QUARANTINE", "DUTY_TO_TEST")
    events += [a_measure(world, chance, "ST_CONTACT_MEASURE", *kinds)] * chance.randrange(2)
    program = world.enrollment("ST_CONTACT", enrolledAt=day, occurredAt=day, events=events)
    return world.person(enrollments=[program])


@pytest.fixture
def outbreak(world, pool, settings_of_options):
    """Some ninety people of three kommuner, imported once a file."""
    chance = random.Random(20220120)
    settings = list(settings_of_options["EXPOSURE_SETTING"]["options"])
    for kommune in KOMMUNER:
        here = world("tracer", kommune)
        with here.work() as work:
            done = work.conn.execute("select count(*) as n from tracker.enrollment").fetchone()["n"]
        if not done:
            people = [a_case(here, chance, settings) for _ in range(25)]
            people += [a_contact(here, chance) for _ in range(10)]
            report = here.send({"trackedEntities": people})
            assert [p.code for p in report.errors] == []
    return world("superuser", "NO")


PERIODS: tuple[str, ...] = (
    "2021W52",
    "2022W1",
    "2022W2",
    "2022W3",
    "202112",
    "202201",
    "LAST_4_WEEKS",
)


@pytest.mark.parametrize("asked", PERIODS)
def test_each_indicator_agrees_with_its_check_query(outbreak, owner, units, metadata, asked):
    wanted = checks()
    spans = periods.expand(asked, TODAY)
    places = [units.by_code[code] for code in ("NO", *KOMMUNER)]
    with outbreak.work() as work:
        cells = query.count(work, list(wanted), [unit.id for unit in places], spans)
    found = {(c.indicator, c.org_unit, c.period): c.value for c in cells}
    differ = []
    for code, text in wanted.items():
        for unit in places:
            for span in spans:
                values = {
                    "first": span.start,
                    "last": span.end,
                    "today": TODAY,
                    "place": None if unit.code == "NO" else unit.code,
                    "owner": None if unit.code == "NO" else unit.id,
                }
                row = owner.execute(text, values).fetchone()
                expected = next(iter(row.values()))
                got = found.get((metadata.uid(code), unit.id, span.id))
                if code.endswith("_NOW") and span.end < TODAY:
                    continue  # what is in force "now" has no figure for a period that is over
                if round(float(expected or 0), 4) != round(got or 0, 4):
                    differ.append((code, unit.code, span.id, expected, got))
    assert differ == []


def test_there_was_something_to_count(outbreak, units):
    with outbreak.work() as work:
        span = periods.expand("LAST_12_WEEKS", TODAY) + periods.expand("THIS_WEEK", TODAY)
        for code in (
            "ST_PI_CASES",
            "ST_PI_CONTACTS",
            "ST_PI_ISOLATIONS_NOW",
            "ST_PI_QUARANTINES_NOW",
        ):
            assert sum(c.value for c in query.count(work, [code], [units.root.id], span)) > 3
