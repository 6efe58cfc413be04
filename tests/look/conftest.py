"""The gallery on a port of its own, and one headless Chromium for the tests in this folder."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page

from smittesporing.web.frontend import build
from tests.look.gallery import app

AXE = build.BUILT / "dev" / "axe.min.js"


@pytest.fixture(scope="session")
def gallery() -> Iterator[str]:
    """The gallery's address."""
    build.build()
    config = uvicorn.Config(app(), host="127.0.0.1", port=0, log_level="error", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 10
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(5)


@pytest.fixture(scope="session")
def chromium(browser: Browser) -> Browser:
    """The run's one headless Chromium."""
    return browser


@pytest.fixture
def look(gallery: str, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open the gallery: `look(width=320, color_scheme="dark")`. A console error fails the test."""
    contexts = []
    errors: list[str] = []

    def open_page(width: int = 1440, path: str = "/", **options: Any) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, locale="nb-NO", **options
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda said: errors.append(said.text) if "Content Security" in said.text else None,
        )
        page.goto(gallery + path)
        page.wait_for_selector(".island-map svg a")
        page.wait_for_selector(".island-epicurve svg a")
        page.wait_for_selector(".island-chain svg a")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def pictures() -> Path | None:
    """Where to leave screenshots, when somebody asked for them."""
    folder = os.environ.get("SMITTESPORING_SCREENSHOTS")
    return Path(folder) if folder else None
