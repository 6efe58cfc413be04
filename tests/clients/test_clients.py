"""dhis2.py, dhis2-client and pydhis2 against a server, as their users run them."""

import json

import pytest

from smittesporing.metadata.kinds import KINDS
from smittesporing.uid import new_uid

DHIS2_PY, DHIS2_CLIENT, PYDHIS2 = "with_dhis2_py", "with_dhis2_client", "with_pydhis2"
CASES = "uYjxkTbwRNf"
ACCESS, CAPTURE = "DoYehxUvmwT", "k8Fk0kuhOeK"


@pytest.fixture(scope="module")
def tracer(ask):
    return ask("GET", "me?fields=id").json()["id"]


# Every client: connect, and read each kind through to its end ------------------------------------------


def test_dhis2_py_reads_every_kind_page_by_page(run):
    read = run(DHIS2_PY, "read")
    assert read["number"] == 42
    assert read["pages"].keys() == KINDS.keys()
    assert all(size == 25 for pages in read["pages"].values() for size in pages[:-1])
    assert len(read["pages"]["organisationUnits"]) > 10
    assert sum(read["pages"]["programs"]) == 3


def test_dhis2_client_reads_every_kind_page_by_page(run):
    read = run(DHIS2_CLIENT, "read", by="tracer")
    assert (read["version"][:4], read["me"]) == ("2.42", "odd-tracer")
    # A tracer finds colleagues by userLookup, not by the list of all.
    assert read["closed"] == {"users": 403}
    assert read["counts"].keys() == KINDS.keys() - {"users"}
    assert read["counts"]["organisationUnits"] > 350


def test_pydhis2_reads_every_kind_page_by_page(run):
    read = run(PYDHIS2, "read")
    assert read["version"].startswith("2.42")
    assert read["counts"].keys() == KINDS.keys()
    assert read["counts"]["programs"] == 3


# dhis2.py ----------------------------------------------------------------------------------------------


def test_dhis2_py_posts_changes_and_removes_objects(run):
    assert run(DHIS2_PY, "in_parts") == {
        "statuses": ["OK"] * 3,
        "changed": "Dhis2pyOpta",
        "name": "Changed",
        "left": 4,
        "removed": ["OK"] * 5,
    }


def test_whos_package_is_seen_by_its_access_group_and_by_nobody_else(run, shared, ask, tracer):
    path = shared / "data/dhis2/C19_CS-2.37/metadata.json"
    package = json.loads(path.read_text("utf-8"))
    # Kinds that share nothing by themselves go with what they belong to; these are the package's own.
    own = {
        kind: {
            each["id"]
            for each in package[kind]
            if each["sharing"].get("public", "--------") == "--------"
        }
        for kind in ("programs", "programStages", "dataElements", "programIndicators")
    }
    posted = run(DHIS2_PY, "post", str(path))
    assert posted["status"] == "OK"
    assert posted["stats"]["created"] > 600

    before = run(DHIS2_PY, "seen", CASES, by="tracer")
    assert before["program"] == 404
    for kind, uids in own.items():
        assert uids.isdisjoint(before[kind]), kind

    run(DHIS2_PY, "group", ACCESS, tracer, "in")
    after = run(DHIS2_PY, "seen", CASES, by="tracer")
    assert after["program"]["access"]["read"]
    assert after["program"]["access"]["data"] == {"read": True, "write": False}
    for kind, uids in own.items():
        assert uids <= set(after[kind]), kind

    run(DHIS2_PY, "group", ACCESS, tracer, "out")
    assert run(DHIS2_PY, "seen", CASES, by="tracer") == before


def test_dhis2_py_reads_records_page_by_page(run, uid, unit, registered):
    person = registered[0]["trackedEntity"]
    read = run(DHIS2_PY, "records", uid("ST_CONTACT"), unit, person, by="tracer")
    assert read == {"pages": [2, 2, 1], "relationships": [0]}


def test_dhis2_py_reads_figures_as_json_and_as_text(run, uid, registered):
    read = run(DHIS2_PY, "counted", uid("ST_PI_CASES"), by="tracer")
    assert read["headers"] == ["dx", "pe", "ou", "value"]
    assert read["csv"].count(",") == 3


# dhis2-client ------------------------------------------------------------------------------------------


def test_dhis2_client_reads_users_for_who_may_see_them(run):
    read = run(DHIS2_CLIENT, "people")
    assert {"odd-admin", "odd-tracer"} <= set(read["names"])
    assert read["one"] == {"id": read["uid"], "username": "odd-tracer"}


def test_dhis2_client_reads_the_tree_of_org_units(run, unit):
    read = run(DHIS2_CLIENT, "units", unit, by="tracer")
    assert read["one"] == unit
    assert read["tree"] == ["children", "displayName", "id", "level"]


def test_dhis2_client_reads_org_units_as_geojson(run, unit):
    everything = run(DHIS2_CLIENT, "shapes", unit, by="tracer")
    assert everything.pop("one") == "Feature"
    assert set(everything.values()) == {"FeatureCollection"}


def test_dhis2_client_makes_changes_and_removes_a_data_element(run):
    assert run(DHIS2_CLIENT, "elements") == {
        "statuses": ["OK"] * 4,
        "held": {"shortName": "changed", "code": "D2C"},
        "found": True,
        "gone": 404,
    }


def test_dhis2_client_reads_and_sets_sharing(run, uid):
    read = run(DHIS2_CLIENT, "shared", uid("ST_CONTACT"))
    assert read["opened"] == "r-r-----"
    assert read["own"] == ["rwrw----"]


def test_dhis2_client_reads_figures(run, uid, registered):
    read = run(DHIS2_CLIENT, "counted", uid("ST_PI_CASES"), by="tracer")
    assert read["headers"] == ["dx", "pe", "ou", "value"]


def test_dhis2_client_signs_in_with_a_personal_access_token(run, ask, client):
    made = ask("POST", "apiTokens", json={}).json()["response"]
    url = str(client.base_url).rstrip("/")
    # The script also has a wrong password, which a token makes needless.
    read = run(DHIS2_CLIENT, "tokened", url, made["key"], by="tracer", password="another")
    assert read["username"] == "odd-tracer"
    assert ask("DELETE", f"apiTokens/{made['uid']}").status_code == 200


def test_dhis2_client_is_told_of_a_wrong_password(run):
    assert run(DHIS2_CLIENT, "refused", password="another") == {"status": 401}


# pydhis2 -----------------------------------------------------------------------------------------------


def test_pydhis2_exports_everything_and_imports_a_package(run):
    assert {"programs", "options", "programRules"} <= set(run(PYDHIS2, "exported")["kinds"])
    assert run(PYDHIS2, "imported") == {"tried": "OK", "there": 0, "done": "OK", "removed": "OK"}


def test_pydhis2_reads_records(run, uid, unit, registered):
    person = registered[0]
    event = person["enrollments"][0]["events"][0]["event"]
    read = run(
        PYDHIS2, "records", uid("ST_CONTACT"), unit, person["trackedEntity"], event, by="tracer"
    )
    people = {each["trackedEntity"] for each in registered}
    assert (set(read["people"]), read["total"]) == (people, 5)
    assert event in read["events"]
    assert (read["one"], read["happened"]) == (person["trackedEntity"], event)


def test_pydhis2_sends_an_event_without_waiting(run, uid, unit, registered):
    event = {
        "event": new_uid(),
        "program": uid("ST_CONTACT"),
        "programStage": uid("ST_CONTACT_EXPOSURE"),
        "enrollment": registered[0]["enrollments"][0]["enrollment"],
        "orgUnit": unit,
        "occurredAt": "2022-01-12",
        "status": "ACTIVE",
        "dataValues": [{"dataElement": uid("ST_LAST_CONTACT"), "value": "2022-01-12"}],
    }
    sent = run(PYDHIS2, "registered", json.dumps(event), by="tracer")
    assert sent == {"type": "TrackerJob", "created": 1}


def test_pydhis2_reads_figures_into_a_frame(run, uid, registered):
    read = run(PYDHIS2, "counted", uid("ST_PI_CASES"), by="tracer")
    assert read["headers"] == ["dx", "ou", "pe", "value"]


def test_pydhis2_is_told_of_what_is_not_there(run):
    assert run(PYDHIS2, "missing") == {"status": 404}
