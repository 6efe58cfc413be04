"""What tests of records share: the Norwegian configuration installed, and payloads to build on."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from smittesporing.access import org_units
from smittesporing.access.work import Work, work
from smittesporing.metadata import install, store
from smittesporing.tracker.importer import importing
from smittesporing.tracker.report import Options


@pytest.fixture(scope="module")
def metadata(pool):
    """The snapshot after the shipped configuration is installed."""
    with pool.connection() as connection:
        install.install(connection)
    with pool.connection() as connection:
        return store.current(connection)


@pytest.fixture(scope="module")
def units(pool):
    with pool.connection() as connection:
        return org_units.current(connection)


class World:
    """Short ways to build payloads for one user in one kommune, and to import them."""

    def __init__(self, pool, settings, metadata, units, reach, kommune):
        self.pool, self.settings, self.metadata, self.units = pool, settings, metadata, units
        self.reach, self.kommune = reach, kommune
        self.org_unit = units.by_code[kommune].uid

    @contextmanager
    def work(self, **options) -> Iterator[Work]:
        with work(self.pool, self.reach, self.settings, action="test", **options) as here:
            yield here

    def send(self, payload, **options):
        with self.work() as here:
            return importing(here, payload, Options(**options))

    def uid(self, code):
        return self.metadata.uid(code)

    def attributes(self, **values):
        return [{"attribute": self.uid(code), "value": v} for code, v in values.items()]

    def data(self, **values):
        return [{"dataElement": self.uid(code), "value": v} for code, v in values.items()]

    def person(self, **more):
        values = {"ST_GIVEN_NAME": "Kari", "ST_FAMILY_NAME": "Testesen", **more.pop("values", {})}
        return {
            "trackedEntityType": self.uid("ST_PERSON"),
            "orgUnit": self.org_unit,
            "attributes": self.attributes(**values),
            **more,
        }

    def enrollment(self, program="ST_INDEX", **more):
        return {
            "program": self.uid(program),
            "orgUnit": self.org_unit,
            "enrolledAt": "2022-01-10",
            "occurredAt": "2022-01-09",
            **more,
        }

    def event(self, stage, values=None, **more):
        return {
            "programStage": self.uid(stage),
            "orgUnit": self.org_unit,
            "occurredAt": "2022-01-10",
            "dataValues": self.data(**(values or {})),
            **more,
        }

    def link(self, type_, from_, to, **more):
        def end(kind, uid):
            return {kind: {kind: uid}}

        return {
            "relationshipType": self.uid(type_),
            "from": end(*from_),
            "to": end(*to),
            **more,
        }


@pytest.fixture
def world(pool, settings, metadata, units, as_role):
    """`world("tracer", "5501")` → a `World` for such a user."""

    def make(role="tracer", kommune="5501", username=""):
        return World(pool, settings, metadata, units, as_role(role, kommune, username), kommune)

    return make


@pytest.fixture
def tromso(world):
    return world("tracer", "5501")


def codes(report):
    """The error codes of a report, in order."""
    return [problem.code for problem in report.errors]
