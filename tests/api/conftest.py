"""A real server on a port of its own, for tests of the API."""

import threading
import time
from collections.abc import Iterator

import httpx
import pytest
import uvicorn

from smittesporing.settings import Settings
from smittesporing.web.app import NormalPaths, make_app


@pytest.fixture(scope="module")
def serve(settings: Settings) -> Iterator[object]:
    """`serve(routes)` → an httpx client whose base is a server with these routes, until the end."""
    stops = []

    def start(routes: object) -> httpx.Client:
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
