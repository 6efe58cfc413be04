"""A real site for browser tests: the service, ID-porten and registers on loopback, Chromium in front.

`site` starts everything on the test file's own database with the users of SITE_USERS; `visit(username)`
signs that user in by ID-porten's page and gives a browser page. Skipped with a sentence where there is no
Chromium, unless SMITTESPORING_BROWSER_REQUIRED says that skipping is a failure (CI does).
"""

import dataclasses
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from sandbox.people import Person
from sandbox.register import a_number
from sandbox.running import free_socket, started
from smittesporing import database
from smittesporing.access import org_units, users
from smittesporing.settings import Settings
from smittesporing.web.app import NormalPaths, make_app
from tests.conftest import ROOT, user_with

SCREENSHOTS = Path(os.environ.get("SMITTESPORING_SCREENSHOTS", ROOT / "tests/browser/screenshots"))
SITE_USERS = {
    "tracer": ("tracer", "5501", "Tone Sporer"),
    "leader": ("team_leader", "5501", "Liv Leder"),
    "doctor": ("kommuneoverlege", "5501", "Dagny Lege"),
    "admin": ("administrator", "5501", "Arne Admin"),
    "neighbour": ("tracer", "5532", "Nils Nabo"),
    "neighbour-doctor": ("kommuneoverlege", "5532", "Nora Lege"),
    "ks": ("ks", "NO", "Kari Kommune"),
    "fhi": ("fhi", "NO", "Finn Folkehelse"),
}


@dataclass(frozen=True)
class Site:
    """The running site: its address, settings, and who can sign in (username → national number)."""

    url: str
    settings: Settings
    numbers: dict[str, str]


@pytest.fixture(scope="module")
def site(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The service and the sandbox on free ports of loopback, on this test file's database."""
    numbers = {name: a_number(1 + at, 5, 1980, 100 + at) for at, name in enumerate(SITE_USERS)}
    with database.connect(settings.database_url) as connection:
        for name, (role, kommune, called) in SITE_USERS.items():
            first, last = called.split()
            if users.by_username(connection, name) is None:
                users.add(connection, settings, username=name, first_name=first, surname=last,
                          national_number=numbers[name])  # fmt: skip
            user_with(connection, settings, role, kommune, name)
        admin = users.by_username(connection, "api") or users.add(
            connection, settings, username="api", first_name="A", surname="Pi", password="district"
        )
        root = org_units.current(connection).root
        users.grant(connection, admin.uid, root.id, "superuser")
        connection.commit()
    bound = free_socket()
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    people = tuple(Person(name, SITE_USERS[name][2], number) for name, number in numbers.items())
    with started(people, url) as sandbox:
        key = tmp_path_factory.mktemp("client") / "client.jwk"
        key.write_text(json.dumps(sandbox.client_key.as_dict(private=True)))
        chosen = dataclasses.replace(
            settings,
            base_url=url,
            issuer=sandbox.sandbox.issuer,
            client_id=sandbox.client_id,
            client_key=str(key),
            register_url=sandbox.sandbox.register_url,
            register_token_url=sandbox.sandbox.register_token_url,
        )
        app = make_app(chosen, pool_size=6)
        with _service(app, bound):
            yield Site(url, chosen, numbers)


def _service(app, bound):  # type: ignore[no-untyped-def]
    """The service with its lifespan: pools and the background thread."""
    import contextlib
    import threading
    import time

    import uvicorn

    @contextlib.contextmanager
    def run() -> Iterator[None]:
        config = uvicorn.Config(
            NormalPaths(app), log_level="warning", access_log=False, lifespan="on"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + 20
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        try:
            yield
        finally:
            server.should_exit = True
            thread.join(15)
            bound.close()

    return run()


@pytest.fixture
def visit(site: Site, browser: Browser) -> Iterator[Callable[..., Page]]:
    """`visit("tracer")` → a page signed in as that user, at the address where sign-in ended."""
    contexts = []

    def go(
        username: str | None, *, width: int = 1440, height: int = 1000, dark: bool = False
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale="nb-NO",
            color_scheme="dark" if dark else "light",
            base_url=site.url,
        )
        contexts.append(context)
        context.set_default_timeout(8000)
        page = context.new_page()
        if username is not None:
            sign_in(page, SITE_USERS[username][2])
        return page

    yield go
    for context in contexts:
        context.close()


def sign_in(page: Page, name: str) -> None:
    """Through the front door: the service's sign-in page, then ID-porten's list of people."""
    page.goto("/logg-inn")
    if "/idporten" not in page.url:
        page.get_by_role("link", name="ID-porten").or_(
            page.get_by_role("button", name="ID-porten")
        ).first.click()
    page.get_by_role("button", name=name).click()
    page.wait_for_url(lambda url: "/idporten" not in url)


def screenshot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong on the page, as `rule: element` lines; empty when nothing is."""
    page.evaluate(axe_source())
    found = page.evaluate(
        """async () => (await axe.run(document, {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa']}))
             .violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.target.join(' ')))"""
    )
    return list(found)


def axe_source() -> str:
    built = ROOT / "smittesporing/web/pages/static/built"
    for place in (
        built / "dev/axe.min.js",
        ROOT / "smittesporing/web/frontend/node_modules/axe-core/axe.min.js",
    ):
        if place.exists():
            return place.read_text("utf-8")
    raise AssertionError("axe.min.js is not built: run ./dev build")


def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window; 0 when it reflows as it must."""
    return int(
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )


def sign_in_with(page: Page, number: str) -> None:
    """Through ID-porten with a synthetic number that stands in no list."""
    page.goto("/logg-inn")
    page.get_by_role("link", name="ID-porten").or_(
        page.get_by_role("button", name="ID-porten")
    ).first.click()
    page.get_by_label("Syntetisk fødselsnummer").fill(number)
    page.get_by_role("button", name="Logg inn med nummeret").click()
    page.wait_for_url(lambda url: "/idporten" not in url)
