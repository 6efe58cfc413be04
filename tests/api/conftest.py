"""A real server on a port of its own, for tests of the API, and the whole service for odd requests."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import httpx
import msgspec
import pytest
import uvicorn

from smittesporing import database, postgres
from smittesporing.access import org_units, passwords
from smittesporing.metadata import store
from smittesporing.settings import Settings
from smittesporing.uid import new_uid
from smittesporing.web import basic
from smittesporing.web.app import NormalPaths, make_app
from smittesporing.web.routes import every_route
from tests.api.accounts import PASSWORD as MADE
from tests.api.bodies import contact
from tests.api.package_aggregate import aggregate
from tests.api.package_old import old_tracker
from tests.conftest import _url, user_with

PASSWORD = "a password for odd requests"


@contextmanager
def serving(settings: Settings, routes: object) -> Iterator[httpx.Client]:
    """An httpx client whose base is a server with these routes and settings."""
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
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        yield client
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def serve(settings: Settings) -> Iterator[object]:
    """`serve(routes)` → an httpx client whose base is a server with these routes, until the end."""
    with ExitStack() as stack:
        yield lambda routes: stack.enter_context(serving(settings, routes))


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
    return contact(uid, unit)


FULL = "importReportMode=FULL"


@pytest.fixture
def post(ask):
    """`post(body, query)` → (status, body of the answer) of an import by a superuser."""

    def posted(body, query=FULL, **more):
        content = {"content": body} if isinstance(body, bytes) else {"json": body}
        answer = ask("POST", f"metadata?{query}", by="admin", **content, **more)
        return answer.status_code, answer.json()

    return posted


@pytest.fixture
def read(ask):
    def got(path, by="admin"):
        answer = ask("GET", path, by=by)
        assert answer.status_code == 200, (path, answer.text[:500])
        return answer.json()

    return got


def refused(body):
    """What a metadata report refuses: (class, uid, code, sentence)."""
    return [
        (report["klass"].rpartition(".")[2], each["uid"], error["errorCode"], error["message"])
        for report in body["response"]["typeReports"]
        for each in report["objectReports"]
        for error in each["errorReports"]
    ]


@pytest.fixture(scope="module")
def old(ask):
    answer = ask("POST", f"metadata?{FULL}", by="admin", json=old_tracker())
    assert refused(answer.json()) == []
    assert answer.status_code == 200
    return answer.json()["response"]


@pytest.fixture(scope="module")
def sums(ask):
    answer = ask("POST", f"metadata?{FULL}", by="admin", json=aggregate())
    assert refused(answer.json()) == []
    assert answer.status_code == 200
    return answer.json()["response"]


@pytest.fixture(scope="module")
def by(ask, client, owner_url, settings):
    """`by(name, method, path, …)` as admin (superuser), tracer, administrator or ks."""
    with database.connect(owner_url, autocommit=True) as connection:
        for name, role, place in (
            ("administrator", "administrator", "5501"),
            ("neighbour", "administrator", "5503"),
            ("ks", "ks", "NO"),
        ):
            made = user_with(connection, settings, role, place, f"by-{name}")
            connection.execute(
                "update access.user_account set password = %s where uid = %s",
                (passwords.hashed(MADE), made.user),
            )

    def asked(name, method, path, **more):
        if name in ("admin", "tracer"):
            return ask(method, path, by=name, **more)
        auth = (name, MADE) if name.startswith("u-") else (f"by-{name}", MADE)
        return client.request(method, f"/api/{path}", auth=auth, **more)

    return asked


@pytest.fixture(scope="module")
def units(pool):
    with pool.connection() as connection:
        return org_units.current(connection)


@pytest.fixture(scope="module")
def colleague(ask, client):
    """`colleague(method, path, …)` as a client with DHIS2 user roles and no authority."""
    role, uid = new_uid(), new_uid()
    ask("POST", "userRoles", by="admin", json={"id": role, "name": role, "authorities": []})
    body = {"id": uid, "username": f"ds-{uid}", "firstName": "A", "surname": "B",
            "password": MADE, "userRoles": [{"id": role}]}  # fmt: skip
    assert ask("POST", "users", by="admin", json=body).status_code == 201

    def asked(method, path, **more):
        return client.request(method, f"/api/{path}", auth=(body["username"], MADE), **more)

    return asked


@pytest.fixture(scope="module")
def elsewhere(server, settings):
    """`(method, path, …)` asked of a second, new installation, by its own superuser."""
    name = f"test_{os.getpid()}_elsewhere"
    with database.connect(_url("postgres", "postgres"), autocommit=True) as admin:
        admin.execute(f"create database {name} template template_test")
    there = replace(
        settings,
        database_url=_url(postgres.APP, name),
        counter_url=_url(postgres.COUNTER, name),
    )
    with database.connect(_url(postgres.OWNER, name), autocommit=True) as connection:
        made = user_with(connection, there, "superuser", "NO", "their-admin")
        connection.execute(
            "update access.user_account set password = %s where uid = %s",
            (passwords.hashed(PASSWORD), made.user),
        )
    store.drop_cache()
    with serving(there, list(every_route())) as client:
        yield lambda method, path, **more: client.request(
            method, f"/api/{path}", auth=("their-admin", PASSWORD), timeout=120, **more
        )
    store.drop_cache()
    with database.connect(_url("postgres", "postgres"), autocommit=True) as admin:
        admin.execute(f"drop database {name} with (force)")
