"""All 109 indicators of WHO's package, counted by SQL and in plain Python over the same generated records.

For days, weeks and months, in two kommuner and the country. Those that compare names with codes give what
DHIS2 gives: nothing, where the answer is a code.
"""

import json

import pytest

from smittesporing import periods
from smittesporing.analytics import query
from smittesporing.metadata import store
from smittesporing.tracker.importer import importing
from smittesporing.tracker.report import Options
from tests.analytics.referee import figures, stored
from tests.analytics.whos_package import PROGRAM, generated, install
from tests.tracker.conftest import World

PEOPLE = 120
PERIODS = [periods.parse(text) for text in ("20220112", "2022W1", "2022W2", "202112", "202201")]
KOMMUNER = ["5501", "0301"]


@pytest.fixture(scope="module")
def package(shared):
    return json.loads((shared / "data/dhis2/C19_CS-2.37/metadata.json").read_text())


@pytest.fixture
def world(package, metadata, pool, settings, units, as_role):
    install(pool, package, units, KOMMUNER)
    reach = as_role("superuser", "NO")
    with pool.connection() as conn:
        return World(pool, settings, store.current(conn), units, reach, "5501")


@pytest.fixture
def records(world, owner, units):
    """The generated people as they were stored."""
    found = stored(owner, PROGRAM)
    if not found:
        sent = generated(world.metadata, [units.by_code[k].uid for k in KOMMUNER], PEOPLE)
        with world.work() as work:
            report = importing(work, sent, Options(skip_rules=True))
            assert [p.code for p in report.errors] == []
        found = stored(owner, PROGRAM)
    assert len(found) == PEOPLE
    return found


@pytest.fixture(scope="module")
def kept():
    """What both meanings said, found once."""
    return {}


@pytest.fixture
def both(world, records, package, units, kept):
    """Every figure by (indicator, unit, period), by SQL and by the referee."""
    if not kept:
        asked = {units.by_code[k].id: {units.by_code[k].id} for k in KOMMUNER}
        asked[units.root.id] = set(units.by_id)
        uids = [body["id"] for body in package["programIndicators"]]
        with world.work() as work:
            cells = query.count(work, uids, list(asked), PERIODS)
            today = work.clock.today()
        kept["counted"] = {(c.indicator, c.org_unit, c.period): c.value for c in cells}
        program, indicators = world.metadata.programs[PROGRAM], world.metadata.program_indicators
        kept["plain"] = {
            (uid, unit, period.id): value
            for uid in uids
            for period in PERIODS
            for unit, value in figures(
                indicators[uid], program, records, asked, period, today
            ).items()
        }
    return kept["counted"], kept["plain"]


def test_both_meanings_of_all_109_indicators_agree(both, package):
    counted, plain = both
    assert len(package["programIndicators"]) == 109
    assert {key: round(value, 9) for key, value in counted.items()} == {
        key: round(value, 9) for key, value in plain.items()
    }
    assert len(plain) > 150  # it has something to disagree about


def test_indicators_that_compare_names_with_codes_give_nothing(both, package):
    counted, _ = both
    named = [
        body["id"]
        for body in package["programIndicators"]
        if "'Male'" in (body.get("filter") or "") or "'Death'" in (body.get("filter") or "")
    ]
    assert len(named) > 40
    assert [key for key in counted if key[0] in named] == []
    coded = [b["id"] for b in package["programIndicators"] if "'DEATH'" in (b.get("filter") or "")]
    assert {key[0] for key in counted} & set(coded)
