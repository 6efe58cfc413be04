"""WHO's COVID-19 package: names compared with codes give nothing, codes count.

The package compares options by name where its data holds codes (MALE is not 'Male'); DHIS2 then counts
zero, and so do we.
"""

import json

import pytest

from smittesporing import periods
from smittesporing.analytics import query
from smittesporing.metadata import store
from smittesporing.tracker.importer import importing
from smittesporing.tracker.report import Options
from tests.analytics.whos_package import PERSON, PROGRAM, install
from tests.tracker.conftest import World

EXAMINATION, RESULT, OUTCOME = "LpWNjNGvCO5", "dDHkBd3X8Ce", "iVfs6Jyp7I8"
SEX, BORN = "oindugucx72", "NI0QRzJvQ0k"
WEEK, MONTH = periods.parse("2022W2"), periods.parse("202201")


@pytest.fixture(scope="module")
def package(shared):
    return json.loads((shared / "data/dhis2/C19_CS-2.37/metadata.json").read_text())


@pytest.fixture
def who(package, metadata, pool, settings, units, as_role):
    """The package imported and open to a superuser in Tromsø, with three people; once a file."""
    install(pool, package, units, ["5501"])
    reach = as_role("superuser", "NO")
    with pool.connection() as conn:
        world = World(pool, settings, store.current(conn), units, reach, "5501")
    with world.work() as work:
        if not work.conn.execute("select count(*) as n from tracker.enrollment").fetchone()["n"]:
            sent = {"trackedEntities": list(people(world.org_unit))}
            report = importing(work, sent, Options())
            assert [p.code for p in report.errors] == []
    return world


def people(org_unit):
    yield person(org_unit, "FEMALE", "1980-05-01", ["NEGATIVE", "POSITIVE"], "DEATH")
    yield person(org_unit, "MALE", "2019-05-01", ["POSITIVE"], "HEALTHY")
    yield person(org_unit, "MALE", None, ["INCONCLUSIVE"], None)


def person(org_unit, sex, born, results, outcome):
    def event(stage, values, day):
        return {
            "programStage": stage,
            "orgUnit": org_unit,
            "occurredAt": day,
            "status": "ACTIVE",
            "dataValues": [{"dataElement": de, "value": v} for de, v in values.items()],
        }

    examined = event(EXAMINATION, {"PFXeJV8d7ja": "2022-01-12", "CUbZcLm9LyN": "YES"}, "2022-01-12")
    events = [examined]
    for number, result in enumerate(results):
        day = f"2022-01-{13 + number}"
        events.append(event(RESULT, {"ovY6E8BSdto": result, "Cl2I1H6Y3oj": day}, day))
    if outcome:
        events.append(event(OUTCOME, {"bOYWVEBaWy6": outcome}, "2022-01-18"))
    attributes = [{"attribute": SEX, "value": sex}]
    if born:
        attributes.append({"attribute": BORN, "value": born})
    return {
        "trackedEntityType": PERSON,
        "orgUnit": org_unit,
        "attributes": attributes,
        "enrollments": [
            {
                "program": PROGRAM,
                "orgUnit": org_unit,
                "status": "ACTIVE",
                "enrolledAt": "2022-01-12",
                "occurredAt": "2022-01-11",
                "events": events,
            }
        ],
    }


def by_filter(package, text):
    return next(
        b["id"] for b in package["programIndicators"] if (b.get("filter") or "").strip() == text
    )


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        ("#{LpWNjNGvCO5.CUbZcLm9LyN} == 'YES'", 3),
        ("(d2:countIfValue(#{dDHkBd3X8Ce.ovY6E8BSdto}, 'POSITIVE') > 0)", 2),
        ("d2:hasValue(#{dDHkBd3X8Ce.ovY6E8BSdto})", 3),
        ("#{dDHkBd3X8Ce.ovY6E8BSdto}  == 'POSITIVE'", 2),
        ("d2:countIfValue(#{dDHkBd3X8Ce.ovY6E8BSdto}, 'POSITIVE')  == 0", 1),
        ("#{iVfs6Jyp7I8.bOYWVEBaWy6} == 'DEATH'", 1),
        ("#{iVfs6Jyp7I8.bOYWVEBaWy6} == 'HEALTHY'", 1),
        (
            "#{iVfs6Jyp7I8.bOYWVEBaWy6} == 'Healthy'  ||  #{iVfs6Jyp7I8.bOYWVEBaWy6}  == 'RECOVERED'",
            None,
        ),
        ("A{oindugucx72}=='female'", None),
        (
            "d2:yearsBetween(A{NI0QRzJvQ0k}, V{enrollment_date}) >= 0 &&  "
            "d2:yearsBetween(A{NI0QRzJvQ0k}, V{enrollment_date}) < 5 && A{oindugucx72} == 'Male'  && "
            "d2:countIfValue(#{dDHkBd3X8Ce.ovY6E8BSdto}, 'NEGATIVE')  ==  0",
            None,
        ),
    ],
)
def test_codes_count_and_names_do_not(who, package, filter_, expected):
    uid = by_filter(package, filter_)
    tromso = who.units.by_code["5501"].id
    with who.work() as work:
        cells = query.count(work, [uid], [tromso], [MONTH])
    assert (cells[0].value if cells else None) == expected


def test_case_fatality_is_a_share_of_counts_and_absent_without_any(who, package):
    tromso = who.units.by_code["5501"].id
    with who.work() as work:
        uids = [body["id"] for body in package["indicators"]]
        assert query.count(work, uids, [tromso], [MONTH]) == ()
