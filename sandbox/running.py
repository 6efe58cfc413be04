"""Run the stand-ins inside this process, on loopback, for as long as a test needs them."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from joserfc.jwk import RSAKey
from starlette.applications import Starlette

from sandbox.app import Sandbox, build
from sandbox.clients import client_of_service
from sandbox.keys import new_key
from sandbox.people import Person

CLIENT_ID = "smittesporing"


@dataclass(frozen=True)
class Started:
    """Running stand-ins, and the private key that the client registered with them."""

    sandbox: Sandbox
    client_id: str
    client_key: RSAKey


def free_socket(port: int = 0) -> socket.socket:
    """A listening loopback socket; port 0 takes any that is free."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    bound.listen(128)
    return bound


@contextmanager
def running(app: Starlette, bound: socket.socket, *, lifespan: bool = False) -> Iterator[None]:
    """The application answers on the socket inside the block, and is stopped after it."""
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, lifespan="on" if lifespan else "off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.005)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)
        bound.close()


@contextmanager
def started(
    people: tuple[Person, ...] = (),
    service: str = "http://127.0.0.1:8080",
    without_agreement: frozenset[str] = frozenset(),
    client_id: str = CLIENT_ID,
) -> Iterator[Started]:
    """All stand-ins on a free port, with one client registered for the service at that address."""
    bound, key = free_socket(), new_key()
    client = client_of_service(client_id, service, {"keys": [key.as_dict(private=False)]})
    origin = f"http://127.0.0.1:{bound.getsockname()[1]}"
    sandbox = build(origin, (client,), people, without_agreement=without_agreement)
    with running(sandbox.app, bound):
        yield Started(sandbox, client_id, key)
