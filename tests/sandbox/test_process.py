"""`python -m sandbox` as a process: answers, keeps its keys, stops on SIGTERM."""

import json
import signal
import stat
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import httpx
import pytest

from sandbox.residents import residents
from sandbox.running import free_socket

ROOT = Path(__file__).parent.parent.parent


def a_free_port() -> int:
    with free_socket() as bound:
        return int(bound.getsockname()[1])


def start(folder: Path, port: int) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "sandbox", "--port", str(port), "--data", str(folder)]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def keys_when_up(port: int) -> object:
    deadline = time.monotonic() + 20
    while True:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/idporten/jwks.json", trust_env=False).json()
        except httpx.HTTPError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_it_starts_stops_on_sigterm_and_keeps_its_keys(tmp_path: Path) -> None:
    port, seen = a_free_port(), []
    for _ in range(2):
        process = start(tmp_path / "state", port)
        try:
            seen.append(keys_when_up(port))
        finally:
            process.send_signal(signal.SIGTERM)
            output, _ = process.communicate(timeout=10)
        assert process.returncode in (0, -signal.SIGTERM)
        assert f"http://127.0.0.1:{port}" in output
    assert seen[0] == seen[1]
    key = tmp_path / "state" / "client.jwk"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert json.loads(key.read_text())["kty"] == "RSA"
    assert '"d"' not in json.dumps(seen)


def test_the_demos_people_are_in_the_register() -> None:
    users = ROOT / "examples" / "users.toml"
    if not users.exists():
        pytest.skip("the demo's users are not here")
    found = residents(date(2022, 1, 20), users)
    assert len(found) > 100
    assert any(person.grade == "strengtFortrolig" for person in found.values())
