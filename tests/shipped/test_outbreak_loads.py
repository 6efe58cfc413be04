"""The demo's outbreak goes through the importer whole, rules and all, and is counted."""

from collections import Counter
from datetime import date

import pytest

from examples.outbreak.build import WORKING, outbreak
from sandbox import seed
from smittesporing.metadata.shipped.naming import uid
from smittesporing.tracker.importer import importing
from tests.shipped.checks import checks
from tests.tracker.conftest import metadata, tromso, units, world

__all__ = ["metadata", "tromso", "units", "world"]
TODAY = date(2022, 1, 20)


@pytest.fixture(scope="module")
def made():
    return outbreak(TODAY)


def test_every_record_is_accepted(world, owner, settings, units, made):
    lines = seed.everybody(owner, settings, "a password of the test")
    assert len(lines) == len(seed.users_of_file())
    names = {
        row["username"]: row["uid"]
        for row in owner.execute("select username, uid from access.user_account").fetchall()
    }
    here = world("superuser", "NO")
    warnings: Counter[str] = Counter()
    with here.work() as work:
        placed = outbreak(TODAY, lambda number: units.by_code[number].uid)
        for payload in placed.payloads:
            report = importing(work, seed._assigned(payload, names))
            assert [(p.code, p.args) for p in report.errors] == []
            warnings.update(p.code for p in report.warnings)
    # A contact with symptoms is told to be tested; two people have a protected address.
    assert set(warnings) == {"E1300"} and sum(warnings.values()) < 20
    query = "select count(*) as n from tracker.tracked_entity"
    assert owner.execute(query).fetchone()["n"] == sum(
        len(payload.get("trackedEntities", [])) for payload in made.payloads
    )


def test_the_figures_of_the_three_kommuner_are_those_of_the_records(owner, units, made):
    wanted = Counter(
        enrollment["orgUnit"]
        for payload in made.payloads
        for entity in payload.get("trackedEntities", [])
        for enrollment in entity["enrollments"]
        for event in enrollment["events"]
        for row in event["dataValues"]
        if row == {"dataElement": uid("dataElements", "ST_CASE_STATUS"), "value": "CONFIRMED"}
    )
    for kommune in WORKING:
        values = {"first": date(2021, 11, 1), "last": TODAY, "today": TODAY}
        values |= {"place": kommune, "owner": None}
        row = owner.execute(checks()["ST_PI_CASES"], values).fetchone()
        counted = next(iter(row.values()))
        # Those of a protected address or another residence are counted elsewhere.
        assert 0 <= abs(wanted[kommune] - counted) <= 3
