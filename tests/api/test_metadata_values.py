"""Values held to the bounds of DHIS2's schemas, at each door that writes configuration."""

import pytest

ELEMENT = {
    "name": "Bounded", "shortName": "Bounded", "valueType": "TEXT", "domainType": "TRACKER",
    "aggregationType": "NONE",
}  # fmt: skip
UNIT = {"name": "Bounded", "shortName": "Bounded", "openingDate": "2020-01-01"}
LEVEL = {"name": "Bounded", "level": 9}


@pytest.mark.parametrize(
    ("kind", "whole", "spoiled", "code"),
    [
        ("dataElements", ELEMENT, {"shortName": "x" * 51}, "E4001"),
        ("dataElements", ELEMENT, {"formName": "x" * 231}, "E4001"),
        ("dataElements", ELEMENT, {"formName": "x"}, "E4002"),
        ("dataElements", ELEMENT, {"url": "on the shelf"}, "E4004"),
        ("organisationUnits", UNIT, {"shortName": "x" * 51}, "E4001"),
        ("organisationUnits", UNIT, {"email": "nobody"}, "E4003"),
        ("organisationUnits", UNIT, {"closedDate": "2019-12-31"}, "E4013"),
        ("organisationUnitLevels", LEVEL, {"level": 1000}, "E4008"),
        ("maps", {"name": "Bounded"}, {"latitude": 90.5}, "E4008"),
    ],
)
def test_a_value_outside_its_bounds_is_refused_by_code(ask, kind, whole, spoiled, code):
    answer = ask("POST", kind, by="admin", json={**whole, **spoiled})
    assert answer.status_code == 409, answer.text
    codes = [each["errorCode"] for each in answer.json()["response"]["errorReports"]]
    assert codes == [code]


def test_values_at_their_bounds_are_taken_and_an_empty_text_is_nothing(ask):
    body = {**ELEMENT, "shortName": "x" * 50, "formName": "", "url": "https://example.org/a"}
    answer = ask("POST", "dataElements", by="admin", json=body)
    assert answer.status_code == 201, answer.text
    body = {**UNIT, "email": "team@example.org", "closedDate": "2020-01-01"}
    assert ask("POST", "organisationUnits", by="admin", json=body).status_code == 201


def test_translations_that_cannot_be_kept_are_a_warning(ask, read):
    uid = read("me?fields=id")["id"]
    given = {"translations": [{"property": "NAME", "locale": "nb", "value": "x"}]}
    answer = ask("PUT", f"users/{uid}/translations", by="admin", json=given)
    assert (answer.status_code, answer.json()["status"]) == (409, "WARNING")
    assert answer.json()["response"]["errorReports"][0]["errorCode"] == "E1107"


def test_sharing_that_cannot_be_read_is_refused_with_a_type_report(ask, uid):
    element = uid("ST_DISEASE")
    answer = ask("PUT", f"dataElements/{element}/sharing", by="admin", json={"public": "everybody"})
    report = answer.json()["response"]
    assert (answer.status_code, report["responseType"]) == (409, "TypeReport")
    assert report["objectReports"][0]["errorReports"][0]["errorCode"] == "E3015"


def test_filters_ask_how_many_an_object_is_shared_with(ask, read):
    me = read("me?fields=id")["id"]
    body = {**ELEMENT, "name": "Counted", "shortName": "Counted", "code": "COUNTED"}
    uid = ask("POST", "dataElements", by="admin", json=body).json()["response"]["uid"]

    def found(condition):
        query = f"fields=id&filter=code:eq:COUNTED&filter=sharing.users:{condition}"
        return [each["id"] for each in read(f"dataElements?{query}")["dataElements"]]

    assert (found("empty"), found("eq:0"), found("gt:0")) == ([uid], [uid], [])
    shared = {"public": "rw------", "users": {me: {"id": me, "access": "rw------"}}}
    answer = ask("PUT", f"dataElements/{uid}/sharing", by="admin", json=shared)
    assert answer.status_code == 204
    assert (found("empty"), found("gt:0"), found("lt:2"), found("eq:2")) == ([], [uid], [uid], [])
