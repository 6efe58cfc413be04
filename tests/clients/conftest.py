"""DHIS2's Python clients in an environment of their own, run as their users run them."""

import fcntl
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.bodies import contact
from tests.api.conftest import PASSWORD, ask, client, serve, uid, unit

__all__ = ["ask", "client", "serve", "uid", "unit"]

ROOT = Path(__file__).parent.parent.parent
SCRIPTS = Path(__file__).parent / "scripts"


@pytest.fixture(scope="session")
def client_python():
    """The Python that has the clients, made by `./dev clients` on first use."""
    # Several test processes may ask at once.
    with (ROOT / ".venv-clients.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(
            [sys.executable, str(ROOT / "dev"), "clients"],
            capture_output=True, text=True, timeout=900, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return ROOT / ".venv-clients" / "bin" / "python"


@pytest.fixture(scope="module")
def run(client_python, client, ask):
    """`run("with_dhis2_py", "read", by="admin")` → what the script answered."""

    def ran(script, action, *words, by="admin", password=PASSWORD):
        url = str(client.base_url).rstrip("/")
        command = [
            str(client_python),
            str(SCRIPTS / f"{script}.py"),
            action,
            url,
            f"odd-{by}",
            password,
        ]
        done = subprocess.run(
            [*command, *words], capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-6000:]
        return json.loads(done.stdout.splitlines()[-1])

    return ran


@pytest.fixture(scope="module")
def registered(ask, uid, unit):
    """Five contacts in Tromsø, by the tracer: their payloads."""
    bodies = [contact(uid, unit) for _ in range(5)]
    for body in bodies:
        answer = ask("POST", "tracker?async=false", json=body)
        assert answer.status_code == 200, answer.text
    return [body["trackedEntities"][0] for body in bodies]
