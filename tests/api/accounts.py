"""Users as DHIS2's clients send them, for tests that make some."""

from smittesporing.uid import new_uid

PASSWORD = "Sommer-i-nord-9"
JSON_PATCH = {"content-type": "application/json-patch+json"}


def role_with(by, *authorities):
    """A user role with these authorities, made by the superuser; its uid."""
    uid = new_uid()
    body = {"id": uid, "name": f"Role {uid}", "authorities": list(authorities)}
    answer = by("admin", "POST", "userRoles", json=body)
    assert answer.status_code == 201, answer.text
    return uid


def a_user(role="", units=(), **more):
    uid = new_uid()
    body = {
        "id": uid,
        "username": f"u-{uid}",
        "firstName": "Kari",
        "surname": "Prøve",
        "password": PASSWORD,
        "userRoles": [{"id": role}] if role else [],
        "organisationUnits": [{"id": unit} for unit in units],
    }
    return {**body, **more}


def codes(answer):
    return {each["errorCode"] for each in answer.json()["response"]["errorReports"]}


def import_codes(answer):
    """What the report of a whole import, as a PUT of a user has it, refuses."""
    (one,) = answer.json()["response"]["typeReports"]
    return {each["errorCode"] for report in one["objectReports"] for each in report["errorReports"]}
