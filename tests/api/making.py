"""Objects of configuration made over HTTP, for the tests of the API."""

from smittesporing.uid import new_uid

JSON_PATCH = {"content-type": "application/json-patch+json"}


def made(admin, plural, **body):
    """A new object's uid."""
    body.setdefault("name", f"{plural} {new_uid()}")
    answer = admin("POST", plural, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["response"]["uid"]


def element(admin, **more):
    name = f"Element {new_uid()}"
    sound = {"valueType": "TEXT", "domainType": "TRACKER", "aggregationType": "NONE"}
    return made(admin, "dataElements", **{"name": name, "shortName": name, **sound, **more})


def group(admin, *members):
    name = f"Group {new_uid()}"
    listed = [{"id": uid} for uid in members]
    return made(admin, "dataElementGroups", name=name, shortName=name, dataElements=listed)


def patch(admin, path, *operations, **more):
    return admin("PATCH", path, json=list(operations), headers=JSON_PATCH, **more)


def members(admin, path, name):
    return [each["id"] for each in admin("GET", path).json()[name]]
