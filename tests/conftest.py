"""What tests share: a real PostgreSQL, a database per test file, settings and users to work as.

One server is started for the whole run (by the controller when the run is spread over workers), in a
temporary folder, with durability off. A template database is migrated once; each test file that asks for
`pool` gets a copy of its own.
"""

import atexit
import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from smittesporing import database, postgres
from smittesporing.access import org_units, users
from smittesporing.access.reach import Reach, reach_for
from smittesporing.cli.migrate import create_database, migrate
from smittesporing.database import Connection, Pool
from smittesporing.settings import OSLO, FixedClock, Settings

ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("SMITTESPORING_SHARED", str(ROOT.parent / "shared")))
CONTEXT_KEY = bytes(range(32))
FIELD_KEY = bytes(range(32, 64))
TODAY = datetime(2022, 1, 20, 12, 0, tzinfo=OSLO)
_VARIABLE = "SMITTESPORING_TEST_SERVER"


def _start() -> None:
    """Start the server and migrate the template; remembered in the environment for workers."""
    if os.environ.get(_VARIABLE):
        return
    folder = Path(tempfile.mkdtemp(prefix="smittesporing-test-"))
    folder.chmod(0o755)
    stack = contextlib.ExitStack()
    server = stack.enter_context(postgres.running(folder, fast_and_unsafe=True))
    atexit.register(lambda: shutil.rmtree(folder, ignore_errors=True))
    atexit.register(stack.close)
    create_database(server.url("postgres", "postgres"), "template_test", postgres.OWNER)
    owner = server.url(postgres.OWNER, "template_test")
    with database.connect(server.url("postgres", "template_test"), autocommit=True) as admin:
        admin.execute("create extension if not exists pg_trgm")
    migrate(owner, CONTEXT_KEY)
    os.environ[_VARIABLE] = json.dumps(
        {"socket": str(server.socket), "passwords": server.passwords, "pid": server.process.pid}
    )


def pytest_configure(config: pytest.Config) -> None:
    spread = bool(getattr(config.option, "numprocesses", None))
    if spread and not hasattr(config, "workerinput"):
        _start()


def _url(role: str, name: str) -> str:
    kept = json.loads(os.environ[_VARIABLE])
    folder = kept["socket"].replace("/", "%2F")
    return f"postgresql://{role}:{kept['passwords'][role]}@{folder}/{name}"


@pytest.fixture(scope="session")
def server() -> Iterator[None]:
    _start()
    yield


@pytest.fixture(scope="module")
def database_name(server: None, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of this test file's own, copied from the migrated template."""
    name = f"test_{os.getpid()}_{abs(hash(request.node.nodeid)) % 10**10}"
    with database.connect(_url("postgres", "postgres"), autocommit=True) as admin:
        admin.execute(f"create database {name} template template_test")
    yield name
    with database.connect(_url("postgres", "postgres"), autocommit=True) as admin:
        admin.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="module")
def owner_url(database_name: str) -> str:
    return _url(postgres.OWNER, database_name)


@pytest.fixture(scope="module")
def settings(database_name: str) -> Settings:
    """An exercise that stands still at noon on 20 January 2022."""
    return Settings(
        database_url=_url(postgres.APP, database_name),
        counter_url=_url(postgres.COUNTER, database_name),
        context_key=CONTEXT_KEY,
        field_key=FIELD_KEY,
        base_url="http://127.0.0.1:8080",
        issuer="",
        client_id="smittesporing",
        client_key="",
        register_url="",
        register_token_url="",
        exercise=True,
        clock=FixedClock(at=TODAY),
    )


@pytest.fixture(scope="module")
def pool(settings: Settings) -> Iterator[Pool]:
    """Connections as the service's own role, which owns nothing."""
    opened = database.open_pool(settings.database_url, 6)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def counter_pool(settings: Settings) -> Iterator[Pool]:
    opened = database.open_pool(settings.counter_url, 2)
    yield opened
    opened.close()


@pytest.fixture
def owner(owner_url: str) -> Iterator[Connection]:
    """One connection as the owner's role, for setting the scene."""
    with database.connect(owner_url, autocommit=True) as connection:
        yield connection


def user_with(
    connection: Connection, settings: Settings, role: str, kommune: str, username: str = ""
) -> Reach:
    """A user with that role there, in an activated kommune, and her reach."""
    unit = org_units.current(connection).by_code[kommune]
    name = username or f"{role}-{kommune}"
    user = users.by_username(connection, name) or users.add(
        connection, settings, username=name, first_name=role, surname=kommune
    )
    if unit.level == org_units.KOMMUNE_LEVEL:
        connection.execute(
            """insert into access.agreement
                 (org_unit, ssa_l_signed_on, annex_signed_on, activated_at, activated_by)
               values (%s, '2020-05-01', '2020-05-01', now(), %s) on conflict do nothing""",
            (unit.id, user.uid),
        )
    users.grant(connection, user.uid, unit.id, role)
    reach = reach_for(connection, user.uid, unit.id, role)
    assert reach is not None
    return reach


@pytest.fixture
def as_role(pool: Pool, settings: Settings):  # type: ignore[no-untyped-def]
    """`as_role("tracer", "5501")` → the reach of such a user, made when missing."""

    def make(role: str, kommune: str, username: str = "") -> Reach:
        with pool.connection() as connection:
            return user_with(connection, settings, role, kommune, username)

    return make


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real data; tests that need it are skipped where it is missing."""
    if not SHARED.exists():
        pytest.skip(f"the shared data folder is not at {SHARED} (set SMITTESPORING_SHARED)")
    return SHARED


ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
             "--disable-background-networking", "--disable-component-update"]  # fmt: skip


def chromium() -> str | None:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    return None


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = chromium()
    if program is None:
        sentence = "No Chromium here: on Debian `apt-get install chromium`, then run again."
        if os.environ.get("SMITTESPORING_BROWSER_REQUIRED"):
            pytest.fail(sentence)
        pytest.skip(sentence)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield opened
        opened.close()
