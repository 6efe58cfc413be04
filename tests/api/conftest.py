"""A real server on a port of its own, for tests of the API, and the whole service for odd requests."""

import threading
import time
from collections.abc import Iterator

import httpx
import msgspec
import pytest
import uvicorn

from smittesporing import database
from smittesporing.access import org_units, passwords
from smittesporing.metadata import store
from smittesporing.settings import Settings
from smittesporing.uid import new_uid
from smittesporing.web import basic
from smittesporing.web.app import NormalPaths, make_app
from smittesporing.web.routes import every_route
from tests.conftest import user_with

PASSWORD = "a password for odd requests"


@pytest.fixture(scope="module")
def serve(settings: Settings) -> Iterator[object]:
    """`serve(routes)` → an httpx client whose base is a server with these routes, until the end."""
    stops = []

    def start(routes: object) -> httpx.Client:
        # The pairs remembered are those of another test file's users.
        basic.MEMORY.forget()
        app = NormalPaths(make_app(settings, routes=routes, raise_faults=False))
        server = uvicorn.Server(
            uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", ws="none")
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        deadline = time.monotonic() + 20
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        assert server.started, "the server did not start"
        port = server.servers[0].sockets[0].getsockname()[1]
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)

        def stop() -> None:
            client.close()
            server.should_exit = True
            thread.join(10)

        stops.append(stop)
        return client

    yield start
    for stop in stops:
        stop()


@pytest.fixture(scope="module")
def client(serve):
    return serve(list(every_route()))


@pytest.fixture(scope="module")
def ask(client, owner_url, settings):
    """`ask(method, path, …)` as a tracer of Tromsø; `by="admin"` as a superuser."""
    with database.connect(owner_url, autocommit=True) as connection:
        for name, role, place in (
            ("odd-admin", "superuser", "NO"),
            ("odd-tracer", "tracer", "5501"),
        ):
            made = user_with(connection, settings, role, place, name)
            connection.execute(
                "update access.user_account set password = %s where uid = %s",
                (passwords.hashed(PASSWORD), made.user),
            )

    def asked(method, path, by="tracer", **more):
        more.setdefault("timeout", 120)
        return client.request(method, f"/api/{path}", auth=(f"odd-{by}", PASSWORD), **more)

    return asked


@pytest.fixture(scope="module")
def uid(ask, pool):
    with pool.connection() as connection:
        return store.current(connection).uid


@pytest.fixture(scope="module")
def unit(pool):
    with pool.connection() as connection:
        return org_units.current(connection).by_code["5501"].uid


@pytest.fixture
def send(ask):
    """`send(body)` → the answer to an import that is waited for; a dict is sent as JSON."""

    def sent(body, by="tracer", query="async=false", **headers):
        if not isinstance(body, bytes):
            body = msgspec.json.encode(body)
        return ask("POST", f"tracker?{query}", by=by, content=body, headers=headers)

    return sent


@pytest.fixture
def whole(uid, unit):
    """A payload that is right: a person, exposed to nobody yet, with an enrollment and an event."""
    return {
        "trackedEntities": [
            {
                "trackedEntity": new_uid(),
                "trackedEntityType": uid("ST_PERSON"),
                "orgUnit": unit,
                "attributes": [
                    {"attribute": uid("ST_GIVEN_NAME"), "value": "Berit"},
                    {"attribute": uid("ST_FAMILY_NAME"), "value": "Prøvesen"},
                    {"attribute": uid("ST_BIRTH_DATE"), "value": "2010-05-17"},
                ],
                "enrollments": [
                    {
                        "enrollment": new_uid(),
                        "program": uid("ST_CONTACT"),
                        "orgUnit": unit,
                        "enrolledAt": "2022-01-12",
                        "occurredAt": "2022-01-11",
                        "events": [
                            {
                                "event": new_uid(),
                                "programStage": uid("ST_CONTACT_EXPOSURE"),
                                "orgUnit": unit,
                                "occurredAt": "2022-01-11",
                                "dataValues": [
                                    {"dataElement": uid("ST_LAST_CONTACT"), "value": "2022-01-11"}
                                ],
                            }
                        ],
                    }
                ],
            }
        ],
        "relationships": [],
    }
