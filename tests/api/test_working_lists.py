"""Working lists, which DHIS2's Capture app saves for the one who works: made, changed, shared, removed."""

import pytest

from smittesporing import database
from smittesporing.access import passwords
from tests.api.conftest import PASSWORD
from tests.conftest import user_with


@pytest.fixture(scope="module")
def colleague(ask, owner_url, settings):
    """The uid of another tracer, who asks as `by="colleague"`."""
    with database.connect(owner_url, autocommit=True) as connection:
        made = user_with(connection, settings, "tracer", "5501", "odd-colleague")
        connection.execute(
            "update access.user_account set password = %s where uid = %s",
            (passwords.hashed(PASSWORD), made.user),
        )
    return made.user


@pytest.fixture(scope="module")
def lists(uid):
    """A sound body of each kind of working list."""
    program = {"id": uid("ST_CONTACT")}
    stage = {"id": uid("ST_CONTACT_EXPOSURE")}
    criteria = {"order": "createdAt:desc", "displayColumnOrder": ["createdAt"]}
    return {
        "trackedEntityInstanceFilters": {
            "program": program,
            "entityQueryCriteria": {**criteria, "enrollmentStatus": "ACTIVE"},
        },
        "programStageWorkingLists": {
            "program": program,
            "programStage": stage,
            "programStageQueryCriteria": {**criteria, "eventStatus": "SCHEDULE"},
        },
        "eventFilters": {
            "program": program["id"],
            "programStage": stage["id"],
            "eventQueryCriteria": {**criteria, "status": "ACTIVE", "dataFilters": []},
        },
    }


KINDS = ("trackedEntityInstanceFilters", "programStageWorkingLists", "eventFilters")


@pytest.mark.parametrize("plural", KINDS)
def test_tracer_saves_a_list_of_her_own_and_nobody_else_sees_it(ask, colleague, lists, plural):
    answer = ask("POST", plural, json={"name": f"Mine {plural}", **lists[plural]})
    assert answer.status_code == 201, answer.text
    path = f"{plural}/{answer.json()['response']['uid']}"
    shown = ask("GET", f"{path}?fields=access,sharing,name").json()
    assert (shown["access"]["update"], shown["sharing"]["public"]) == (True, "--------")
    assert ask("GET", path, by="colleague").status_code == 404
    assert ask("DELETE", path, by="colleague").status_code == 404
    body = {**ask("GET", path).json(), "name": "Renamed"}
    assert ask("PUT", path, json=body).status_code == 200
    assert ask("GET", path).json()["name"] == "Renamed"
    assert ask("DELETE", path).status_code == 200
    assert ask("GET", path).status_code == 404


def test_list_is_shared_with_colleagues_and_never_with_everybody(ask, colleague, lists):
    plural = "trackedEntityInstanceFilters"
    body = {"name": "Ours", "sharing": {"public": "rw------"}, **lists[plural]}
    made = ask("POST", plural, json=body).json()["response"]["uid"]
    address = f"sharing?type=trackedEntityInstanceFilter&id={made}"
    assert ask("GET", address).json()["meta"]["allowPublicAccess"] is False
    row = {"id": colleague, "access": "r-------"}
    stated = {"object": {"publicAccess": "rw------", "userAccesses": [row]}}
    assert ask("POST", address, json=stated).status_code == 200
    assert ask("GET", address).json()["object"]["publicAccess"] == "--------"
    seen = ask("GET", f"{plural}/{made}?fields=access", by="colleague").json()["access"]
    assert (seen["read"], seen["update"]) == (True, False)
    assert ask("DELETE", f"{plural}/{made}", by="colleague").status_code == 403
    renamed = ask("PUT", f"{plural}/{made}", by="colleague", json={"name": "Hers"})
    assert renamed.status_code == 403


def test_nothing_else_comes_along_with_a_list(ask, lists):
    package = {
        "eventFilters": [{"id": "eventFilt01", "name": "X", **lists["eventFilters"]}],
        "constants": [{"name": "C", "shortName": "C", "value": 1}],
    }
    assert ask("POST", "metadata", json=package).status_code == 403
    del package["constants"]
    assert ask("POST", "metadata", json=package).status_code == 200


def test_lists_of_a_program_are_found(ask, lists):
    plural = "trackedEntityInstanceFilters"
    program = lists[plural]["program"]["id"]
    made = ask("POST", plural, json={"name": "Found", **lists[plural]}).json()["response"]["uid"]
    fields = "id,displayName,sortOrder,entityQueryCriteria,access[*]"
    found = ask("GET", f"{plural}?filter=program.id:eq:{program}&fields={fields}").json()[plural]
    [own] = [each for each in found if each["id"] == made]
    assert own["entityQueryCriteria"]["enrollmentStatus"] == "ACTIVE"
    query = f"eventFilters?filter=program:eq:{program}&fields=id,program"
    assert ask("GET", query).status_code == 200
