"""The service's own OpenAPI document: served, sound, and saying what the route table says."""

import re

import pytest
import schemathesis

from smittesporing.metadata.kinds import KINDS
from smittesporing.web.api.openapi import document_of
from smittesporing.web.api.openapi_schemas import component_of, components
from smittesporing.web.routes import every_route


@pytest.fixture(scope="module")
def made():
    return document_of(every_route())


def operations(document):
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for each in node.values():
            yield from references(each)
    elif isinstance(node, list):
        for each in node:
            yield from references(each)


@pytest.mark.parametrize("path", ["openapi.json", "openapi", "42/openapi.json"])
def test_the_document_is_served_to_whoever_is_signed_in(ask, client, path):
    answer = ask("GET", path)
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.1")
    assert client.get(f"/api/{path}").status_code == 401


def test_the_document_is_sound_openapi(made):
    schemathesis.openapi.from_dict(made).validate()
    known = {f"#/components/schemas/{name}" for name in made["components"]["schemas"]}
    assert set(references(made)) - known == set()


def test_each_route_of_the_api_is_one_operation_with_its_own_name(made):
    declared = sum(len(each.methods) for each in every_route() if each.path.startswith("/api"))
    found = operations(made)
    assert len(found) == declared
    assert len({operation["operationId"] for *_, operation in found}) == declared


def test_each_name_in_the_braces_of_a_path_is_a_parameter(made):
    for path, method, operation in operations(made):
        named = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path)), (method, path)


def test_no_parameter_stands_twice(made):
    for path, method, operation in operations(made):
        named = [(p["name"], p["in"]) for p in operation.get("parameters", ())]
        assert len(named) == len(set(named)), (method, path)


def test_only_what_the_guard_lets_everybody_into_takes_no_credentials(made):
    public = {path for path, _, operation in operations(made) if "security" not in operation}
    assert public == {"/api/ping", "/api/system/ping", "/api/loginConfig"}


def test_the_generic_addresses_name_every_kind(made):
    for method in ("get", "post"):
        parameters = made["paths"]["/api/{type}"][method]["parameters"]
        assert parameters[0]["schema"]["enum"] == list(KINDS)
    assert {component_of(kind) for kind in KINDS.values()} <= components().keys()
    listing = components()["Listing"]["properties"]
    assert listing.keys() == {"pager", *KINDS}


def test_what_is_sent_to_the_tracker_is_described_by_what_decodes_it(made):
    bundle = made["components"]["schemas"]["TrackerBundle"]["properties"]
    assert list(bundle) == ["trackedEntities", "enrollments", "events", "relationships"]
    event = made["components"]["schemas"]["Event"]["properties"]
    assert {"dataValues", "occurredAt", "orgUnit"} <= event.keys()


def test_a_client_that_follows_the_front_address_stays_at_the_service(client):
    machine = client.get("/", headers={"accept": "*/*"}, follow_redirects=True)
    assert (machine.status_code, machine.url.path) == (200, "/")
    person = client.get("/", headers={"accept": "text/html,*/*"})
    assert (person.status_code, person.headers["location"]) == (303, "/logg-inn")
