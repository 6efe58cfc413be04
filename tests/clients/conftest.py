"""DHIS2's Python clients in an environment of their own, run as their users run them."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.bodies import contact
from tests.api.conftest import PASSWORD, ask, client, serve, uid, unit

__all__ = ["ask", "client", "serve", "uid", "unit"]

ROOT = Path(__file__).parent.parent.parent
SCRIPTS = Path(__file__).parent / "scripts"


def made(python, *words):
    """Make an environment with `./dev clients`, started by this Python; several may ask at once."""
    with (ROOT / ".venv-clients.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(
            [python, str(ROOT / "dev"), "clients", *words],
            capture_output=True, text=True, timeout=900, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def client_python():
    """The Python that has dhis2.py, dhis2-client and pydhis2."""
    made(sys.executable)
    return ROOT / ".venv-clients" / "bin" / "python"


@pytest.fixture(scope="session")
def newer_python():
    """The Python that has dhis2w-client, where a Python is new enough for it."""
    sentence = "dhis2w-client needs Python 3.13 or newer (SMITTESPORING_PYTHON_313 may name one)"
    named = os.environ.get("SMITTESPORING_PYTHON_313")
    for python in filter(None, (named, "python3.14", "python3.13", sys.executable)):
        asked = [python, "-c", "import sys; sys.exit(sys.version_info < (3, 13))"]
        # A name may be found and lead nowhere.
        if shutil.which(python) and not subprocess.run(asked, capture_output=True).returncode:
            made(python, "dhis2w")
            return ROOT / ".venv-dhis2w" / "bin" / "python"
    pytest.skip(sentence)


@pytest.fixture(scope="module")
def run(client, ask, request):
    """`run("with_dhis2_py", "read", by="admin")` → what the script answered."""

    def ran(script, action, *words, by="admin", password=PASSWORD):
        newer = script == "with_dhis2w"
        python = request.getfixturevalue("newer_python" if newer else "client_python")
        url = str(client.base_url).rstrip("/")
        command = [str(python), str(SCRIPTS / f"{script}.py"), action, url, f"odd-{by}", password]
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
