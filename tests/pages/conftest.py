"""Pages asked for without a browser: the real service on loopback, and a client signed in as a role.

The session row is written here, as tests of sign-in itself stand in tests/web.
"""

import dataclasses
import hashlib
import secrets
from collections.abc import Callable, Iterator

import httpx
import pytest

from sandbox.running import free_socket, running
from smittesporing.access.reach import Reach
from smittesporing.database import Pool
from smittesporing.metadata import store
from smittesporing.settings import Settings
from smittesporing.web import session
from smittesporing.web.app import NormalPaths, make_app


class Browser:
    """A client signed in as one user; its posts carry her token. `client` is without that help."""

    def __init__(self, url: str, pool: Pool, reach: Reach) -> None:
        secret = secrets.token_urlsafe(32)
        with pool.connection() as connection:
            connection.execute(
                """insert into web.session (id_hash, user_uid, issuer, sid, acr, auth_time, working_in,
                                            role, expires_at)
                   values (%s, %s, 'test', %s, 'high', now(), %s, %s, now() + interval '1 hour')""",
                (
                    hashlib.sha256(b"session|" + secret.encode()).digest(),
                    reach.user,
                    secret[:8],
                    reach.working_in,
                    reach.role,
                ),
            )
        self.client = httpx.Client(base_url=url, cookies={"smittesporing": secret}, trust_env=False)
        self.csrf = session.csrf_of(secret)
        self.reach = reach

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def post(self, path: str, **fields: str | list[str]) -> httpx.Response:
        return self.client.post(path, data={"csrf": self.csrf, **fields})


@pytest.fixture(scope="module")
def service_url(settings: Settings) -> Iterator[str]:
    """The address of the service on this test file's database."""
    bound = free_socket()
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    app = make_app(dataclasses.replace(settings, base_url=url), pool_size=3)
    with running(NormalPaths(app), bound, lifespan=True):  # type: ignore[arg-type]
        yield url


@pytest.fixture
def browse_as(service_url: str, pool: Pool) -> Iterator[Callable[[Reach], Browser]]:
    """`browse_as(reach)` → a client signed in as that user, where she works."""
    opened: list[Browser] = []

    def make(reach: Reach) -> Browser:
        opened.append(Browser(service_url, pool, reach))
        return opened[-1]

    yield make
    for browser in opened:
        browser.client.close()


@pytest.fixture
def browse(browse_as, as_role):  # type: ignore[no-untyped-def]
    """`browse("tracer", "5501")` → a client signed in as such a user, made when missing."""
    return lambda role, kommune, username="": browse_as(as_role(role, kommune, username))


@pytest.fixture
def ks(browse, pool):  # type: ignore[no-untyped-def]
    """KS' product owner, with an empty draft before and after."""

    def empty():
        with pool.connection() as connection:
            connection.execute("delete from metadata.draft")

    empty()
    yield browse("ks", "NO")
    empty()


@pytest.fixture
def uid(pool):  # type: ignore[no-untyped-def]
    """`uid("ST_PI_CASES")` → the identifier behind a code."""

    def find(code):
        with pool.connection() as connection:
            metadata = store.current(connection)
        for plural in ("programIndicators", "indicators", "attributes"):
            body = metadata.by_code(plural, code)
            if body:
                return body["id"]
        return metadata.uid(code)

    return find
