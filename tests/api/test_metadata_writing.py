"""Single objects of configuration: made, changed and removed over HTTP, with DHIS2's reports."""

import gzip
import json

import pytest

from smittesporing.metadata.kinds import KINDS
from smittesporing.uid import new_uid
from tests.api.making import JSON_PATCH, element, group, made, members, patch


@pytest.fixture(scope="module")
def admin(ask):
    return lambda method, path, **more: ask(method, path, by="admin", **more)


@pytest.fixture(scope="module")
def tracer(ask):
    return ask


def test_created_object_is_answered_with_its_address_and_what_a_client_reads(admin):
    answer = admin("POST", "optionSets", json={"name": f"Made {new_uid()}", "valueType": "TEXT"})
    body = answer.json()
    assert (answer.status_code, body["status"], body["httpStatus"]) == (201, "OK", "Created")
    assert body["response"] == {
        "responseType": "ObjectReport",
        "uid": body["response"]["uid"],
        "klass": "org.hisp.dhis.option.OptionSet",
        "errorReports": [],
    }
    assert answer.headers["location"].endswith(f"/api/optionSets/{body['response']['uid']}")


def test_refused_object_is_a_conflict_and_its_report_tells_the_code_and_the_property(admin):
    answer = admin("POST", "dataElements", json={"name": "No type"})
    response = answer.json()["response"]
    assert (answer.status_code, answer.json()["status"]) == (409, "ERROR")
    assert response["responseType"] == "ObjectReport"
    assert {"E4000"} == {each["errorCode"] for each in response["errorReports"]}
    assert "valueType" in {each.get("errorProperty") for each in response["errorReports"]}


@pytest.mark.parametrize(
    ("method", "path", "media_type"),
    [
        ("POST", "optionSets", "application/xml"),
        ("PUT", "optionSets/{uid}", "text/plain"),
        ("PATCH", "optionSets/{uid}", "application/json"),
        ("PATCH", "optionSets/{uid}", "application/merge-patch+json"),
    ],
)
def test_body_of_another_type_is_not_read(admin, method, path, media_type):
    uid = made(admin, "optionSets", valueType="TEXT")
    answer = admin(
        method, path.format(uid=uid), content=b"[]", headers={"content-type": media_type}
    )
    assert (answer.status_code, answer.json()["httpStatusCode"]) == (415, 415)


def test_parameters_of_an_import_are_taken_with_a_single_object(admin):
    uid = made(admin, "optionSets", name="Kept", valueType="TEXT")
    query = "mergeMode=REPLACE&importReportMode=ERRORS_NOT_OWNER&skipSharing=true"
    body = {"name": "Changed", "valueType": "TEXT"}
    assert (
        admin("PUT", f"optionSets/{uid}?{query}&importMode=VALIDATE", json=body).status_code == 200
    )
    assert admin("GET", f"optionSets/{uid}").json()["name"] == "Kept"
    assert admin("PUT", f"optionSets/{uid}?{query}", json=body).status_code == 200
    assert admin("GET", f"optionSets/{uid}").json()["name"] == "Changed"
    assert admin("PUT", f"optionSets/{uid}?importMode=PERHAPS", json=body).status_code == 400


def test_gzipped_object_is_unpacked(admin):
    content = gzip.compress(
        json.dumps({"name": f"Packed {new_uid()}", "valueType": "TEXT"}).encode()
    )
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    assert admin("POST", "optionSets", content=content, headers=headers).status_code == 201


def test_user_without_the_authority_may_neither_make_nor_change_nor_remove(admin, tracer):
    uid = made(admin, "optionSets", valueType="TEXT")
    body = {"name": "Mine", "valueType": "TEXT"}
    assert tracer("POST", "optionSets", json=body).status_code == 403
    for method, path, more in (
        ("PUT", f"optionSets/{uid}", {"json": body}),
        ("PATCH", f"optionSets/{uid}", {"json": [], "headers": JSON_PATCH}),
        ("DELETE", f"optionSets/{uid}", {}),
        ("PUT", f"optionSets/{uid}/translations", {"json": {"translations": []}}),
        ("PUT", f"optionSets/{uid}/sharing", {"json": {}}),
        ("POST", f"optionSets/{uid}/options", {"json": {}}),
        ("DELETE", f"optionSets/{uid}/options/aaaaaaaaaa1", {}),
        ("PATCH", f"optionSets/{uid}/name", {"json": {"name": "Mine"}}),
    ):
        assert tracer(method, path, **more).status_code == 403, (method, path)


def test_json_patch_reaches_lists_that_were_never_stored(admin):
    one = element(admin)
    uid = group(admin)
    answer = patch(
        admin,
        f"dataElementGroups/{uid}",
        {"op": "add", "path": "/dataElements/-", "value": {"id": one}},
        {"op": "add", "path": "/translations/-",
         "value": {"property": "NAME", "locale": "nb", "value": "Gruppe"}},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert members(admin, f"dataElementGroups/{uid}", "dataElements") == [one]
    assert admin("GET", f"dataElementGroups/{uid}?locale=nb").json()["displayName"] == "Gruppe"
    answer = patch(
        admin,
        f"dataElementGroups/{uid}",
        {"op": "remove-by-id", "path": "/dataElements", "id": one},
    )
    assert members(admin, f"dataElementGroups/{uid}", "dataElements") == []


def test_json_patch_changes_an_option_set_through_its_options(admin):
    colours = made(admin, "optionSets", valueType="TEXT")
    red = made(admin, "options", name="Red", code="RED")
    operation = {"op": "add", "path": "/options/-", "value": {"id": red}}
    assert patch(admin, f"optionSets/{colours}", operation).status_code == 200
    assert members(admin, f"optionSets/{colours}", "options") == [red]


def test_json_patch_keeps_the_identifier(admin):
    uid = made(admin, "optionSets", valueType="TEXT")
    answer = patch(admin, f"optionSets/{uid}", {"op": "replace", "path": "/id", "value": new_uid()})
    assert answer.status_code == 200
    assert admin("GET", f"optionSets/{uid}").status_code == 200


def test_one_property_is_patched_by_its_address(admin):
    path = f"dataElements/{element(admin)}"
    assert admin("PATCH", f"{path}/formName", json={"formName": "Ask"}).status_code == 204
    assert admin("GET", path).json()["formName"] == "Ask"
    assert admin("PATCH", f"{path}/displayName", json={"displayName": "X"}).status_code == 403
    assert admin("PATCH", f"{path}/nonsense", json={}).status_code == 404


def test_head_is_answered_like_get_without_a_body(admin):
    answer = admin("HEAD", "optionSets.json")
    assert (answer.status_code, answer.content) == (200, b"")
    assert admin("HEAD", "optionSets/nothingHere").status_code == 404


def test_long_answer_is_packed_for_those_who_can_unpack_it(admin):
    path = "options?pageSize=200&fields=*"
    plain = admin("GET", path, headers={"accept-encoding": "identity"})
    packed = admin("GET", path, headers={"accept-encoding": "br, gzip;q=0.5"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in packed.headers["vary"]
    assert packed.json() == plain.json()
    assert int(packed.headers["content-length"]) < len(plain.content) / 3
    refused = admin("GET", path, headers={"accept-encoding": "gzip;q=0"})
    assert "content-encoding" not in refused.headers
    short = admin("GET", "options?pageSize=1", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in short.headers


@pytest.mark.parametrize("plural", sorted(KINDS.keys() - {"users", "organisationUnits"}))
def test_what_is_read_of_an_object_can_be_written_back(admin, plural):
    for listed in admin("GET", f"{plural}?pageSize=2&fields=id").json()[plural]:
        path = f"{plural}/{listed['id']}"
        before = admin("GET", path).json()
        answer = admin("PUT", path, json=before)
        assert answer.status_code == 200, answer.text
        after = admin("GET", path).json()
        moved = {"lastUpdated", "lastUpdatedBy", "version", "createdBy", "user"}
        assert {name: before.get(name) for name in before.keys() - moved} == {
            name: after.get(name) for name in after.keys() - moved
        }


def test_list_taken_away_by_a_patch_is_a_list_of_nothing(admin):
    colours = made(admin, "optionSets", valueType="TEXT")
    made(admin, "options", name="Red", code="RED", optionSet={"id": colours})
    operation = {"op": "remove", "path": "/options"}
    assert patch(admin, f"optionSets/{colours}", operation).status_code == 200
    assert members(admin, f"optionSets/{colours}", "options") == []
