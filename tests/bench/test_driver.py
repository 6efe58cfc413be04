"""The driver against the real service, small: its package is taken in and every operation answers right."""

import itertools

import msgspec
import pytest

from bench import driver, generate, model
from bench.driver import Plan, Server
from smittesporing.access import passwords
from smittesporing.web.routes import every_route
from tests.conftest import user_with

KOMMUNE, PASSWORD = "0301", "only in this test"
ONCE = Plan((1, 2), 3, 1, 0)


@pytest.fixture(scope="module")
def servers(serve, owner_url, settings):
    """The service as a superuser and as a tracer of Oslo meet it."""
    from smittesporing import database

    with database.connect(owner_url, autocommit=True) as connection:
        for role, number in (("superuser", "NO"), ("tracer", KOMMUNE)):
            made = user_with(connection, settings, role, number, f"bench-{role}")
            connection.execute(
                "update access.user_account set password = %s where uid = %s",
                (passwords.hashed(PASSWORD), made.user),
            )
    url = str(serve(list(every_route())).base_url)
    return Server(url, "bench-superuser", PASSWORD), Server(url, "bench-tracer", PASSWORD)


@pytest.fixture(scope="module")
def loaded(servers):
    """A small wave in the service, and those of it who live in the tracer's kommune."""
    admin, _ = servers
    units = driver.install(admin)
    chains = list(generate.chains(1, 300))
    figures = []
    driver.load(admin, chains, units, 2, 200, figures.append)
    assert [one.errors for one in figures] == [0]
    there = [person for chain in chains for person in chain if person.kommune == KOMMUNE]
    assert there
    return units, there


def test_the_package_is_taken_in_and_a_second_time_changes_nothing(servers, loaded):
    admin, _ = servers
    units, _ = loaded
    package = model.package(sorted(units[one.number] for one in model.kommuner()))
    answer = admin.client.post("/api/metadata", content=msgspec.json.encode(package)).json()
    stats = (answer.get("response") or answer)["stats"]
    assert (stats["created"], stats["deleted"]) == (0, 0)


def test_every_operation_is_answered_rightly(servers, loaded):
    admin, tracer = servers
    units, there = loaded
    numbers = itertools.count(generate.FIRST_EXTRA)
    figures = []
    show = figures.append
    driver.search_exact(tracer, there, ONCE, show)
    driver.working_list(tracer, units[KOMMUNE], there, ONCE, show)
    driver.open_dashboard(tracer, there, ONCE, show)
    driver.register_contact(tracer, units, KOMMUNE, there, numbers, ONCE, show)
    driver.bulk_import(admin, units, (50, 500), (1, 2), 1, numbers, ONCE, show)
    assert [(one.operation, one.variant, one.errors) for one in figures if one.errors] == []
    assert {one.operation for one in figures} == {"1", "2", "3", "5", "8"}
    assert admin.faults == tracer.faults == []


def test_rules_run_on_import(servers, loaded):
    """One rule refuses; another fills in what was not sent: the figures are of imports with rules."""
    admin, tracer = servers
    units, there = loaded
    event = generate.event_uid(there[0], 1)
    shown = tracer.get(f"tracker/events/{event}")
    values = {one["dataElement"]: one["value"] for one in shown["dataValues"]}
    assert values[model.D["fever"]] in ("true", "false")
    person = generate.Person(5_999_999, KOMMUNE, generate.FIRST_DAY, 0, True, 1)
    body = msgspec.json.decode(generate.payload([person], units).body)
    visit = body["trackedEntities"][0]["enrollments"][0]["events"][1]
    visit["dataValues"] = [{"dataElement": model.D["temperature"], "value": "46"}]
    answer = admin.client.post("/api/tracker?async=false", content=msgspec.json.encode(body))
    assert answer.status_code == 409
    assert answer.json()["validationReport"]["errorReports"][0]["errorCode"] == "E1300"


def test_a_wrong_answer_is_an_error(servers, loaded):
    """The list is asked with an expectation that does not hold, and the figure says so."""
    _, tracer = servers
    units, there = loaded
    figures = []
    elsewhere = next(number for number in units if number != KOMMUNE)
    driver.working_list(tracer, units[elsewhere], there, ONCE, figures.append)
    assert figures[0].errors == figures[0].requests
