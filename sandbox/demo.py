"""The demo: one command that starts everything, shows progress, and stops everything.

Embedded PostgreSQL, migrations, shipped configuration, synthetic people, the sandbox (ID-porten and
registers) and the service, in that order; stopped in the reverse order. Not in the wheel: production has
no default account and no shifted clock. `python -m sandbox.demo run COMMAND` runs one of the product's
commands against the demo's database.
"""

import argparse
import base64
import contextlib
import ctypes
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from smittesporing import postgres
from smittesporing.cli.migrate import create_database, migrate
from smittesporing.settings import OSLO

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "smittesporing"
FIRST_DAYS = {"2022-01": date(2022, 1, 20), "2020-11": date(2020, 11, 16)}
START_SECONDS = 60


class Stopped(Exception):
    """Somebody asked the demo to stop."""


def say(text: str) -> None:
    print(text, flush=True)


def kept_settings(data: Path, exercise: str) -> dict[str, Any]:
    """What this data folder was made with, so that a second start goes on where the first stopped."""
    file = data / "demo.json"
    if file.exists():
        return dict(json.loads(file.read_text()))
    today = datetime.now(OSLO).date()
    made = {
        "exercise": exercise,
        "first_day": FIRST_DAYS[exercise].isoformat(),
        "shift_days": (FIRST_DAYS[exercise] - today).days,
        "context_key": base64.b64encode(secrets.token_bytes(32)).decode(),
        "field_key": base64.b64encode(secrets.token_bytes(32)).decode(),
        "password": secrets.token_urlsafe(9),
    }
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        json.dump(made, out)
    return made


def service_environment(
    server: postgres.Server, kept: dict[str, Any], port: int, sandbox_port: int, data: Path
) -> dict[str, str]:
    """The settings of the service, as an operator would give them."""
    sandbox = f"http://127.0.0.1:{sandbox_port}"
    return {
        "SMITTESPORING_OWNER_URL": server.url(postgres.OWNER, DATABASE),
        "SMITTESPORING_DATABASE_URL": server.url(postgres.APP, DATABASE),
        "SMITTESPORING_COUNTER_URL": server.url(postgres.COUNTER, DATABASE),
        "SMITTESPORING_CONTEXT_KEY": kept["context_key"],
        "SMITTESPORING_FIELD_KEY": kept["field_key"],
        "SMITTESPORING_BASE_URL": f"http://127.0.0.1:{port}",
        "SMITTESPORING_ISSUER": f"{sandbox}/idporten",
        "SMITTESPORING_CLIENT_ID": "smittesporing",
        "SMITTESPORING_CLIENT_KEY": str(data / "sandbox" / "client.jwk"),
        "SMITTESPORING_REGISTER_URL": f"{sandbox}/fiks",
        "SMITTESPORING_REGISTER_TOKEN_URL": f"{sandbox}/maskinporten/token",
        "SMITTESPORING_EXERCISE": "1",
        "SMITTESPORING_CLOCK_SHIFT_SECONDS": str(kept["shift_days"] * 86400),
    }


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    os.setpgid(0, 0)


@contextlib.contextmanager
def part(
    name: str, words: list[str], more: dict[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """One process of the demo, ended by id when the block ends."""
    with open(log, "ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            env={**os.environ, **more},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            preexec_fn=_die_with_parent,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"{url} did not start; the last words stand in {log}.")
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url, timeout=2, trust_env=False).status_code < 500:
                return
        time.sleep(0.1)
    raise SystemExit(f"{url} did not answer within {START_SECONDS} s; see {log}.")


def free(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def demo(chosen: argparse.Namespace) -> int:
    data: Path = chosen.data
    sandbox_port = chosen.port + 1
    for port in (chosen.port, sandbox_port):
        if not free(port):
            raise SystemExit(
                f"Port {port} is in use. Choose another with --port (two ports are needed)."
            )
    data.mkdir(parents=True, exist_ok=True)
    kept = kept_settings(data, chosen.exercise)
    say("Starting PostgreSQL …")
    with contextlib.ExitStack() as parts:
        server = parts.enter_context(postgres.running(data))
        create_database(server.url("postgres", "postgres"), DATABASE, postgres.OWNER)
        more = service_environment(server, kept, chosen.port, sandbox_port, data)
        os.environ.update(more)
        say("Bringing the database to this version …")
        migrate(more["SMITTESPORING_OWNER_URL"], base64.b64decode(kept["context_key"]))
        from sandbox import seed

        wanted = not chosen.empty and not (data / "seeded").exists()
        if wanted:
            say("Loading the synthetic outbreak …")
        first_day = date.fromisoformat(kept["first_day"])
        users = seed.load(kept["password"], first_day if wanted else None, say)
        if wanted:
            (data / "seeded").write_text("")
        say("Starting ID-porten and the registers (sandbox) …")
        log = data / "sandbox.log"
        words = ["sandbox", "--port", str(sandbox_port), "--data", str(data / "sandbox")]
        words += ["--service", more["SMITTESPORING_BASE_URL"], "--first-day", kept["first_day"]]
        process = parts.enter_context(part("sandbox", words, more, log))
        wait_for(f"{more['SMITTESPORING_ISSUER']}/.well-known/openid-configuration", process, log)
        say("Starting the service …")
        log = data / "service.log"
        words = ["smittesporing", "serve", "--port", str(chosen.port)]
        service = parts.enter_context(part("service", words, more, log))
        wait_for(f"{more['SMITTESPORING_BASE_URL']}/", service, log)
        say("")
        say("Sign in by ID-porten with one of these, or use the user name and password in the API:")
        for line in users:
            say(f"  {line}")
        say(f"  password for all of them: {kept['password']}   API only: admin / district")
        say("")
        today = date.fromisoformat(kept["first_day"])
        elapsed = datetime.now(OSLO).date() + timedelta(days=kept["shift_days"]) - today
        say(f"Exercise: today is {today + elapsed}. All people are synthetic. Stop with Ctrl-C.")
        say(f"Ready: {more['SMITTESPORING_BASE_URL']}")
        while True:
            time.sleep(0.5)
            for name, each in (
                ("service", service),
                ("sandbox", process),
                ("PostgreSQL", server.process),
            ):
                if each.poll() is not None:
                    raise SystemExit(f"{name} has stopped; see the logs in {data}.")


def run_command(words: list[str], data: Path) -> int:
    """One of the product's commands against the demo's database, which may be running or not."""
    kept = kept_settings(data, "2022-01")
    passwords = json.loads((data / "secrets.json").read_text())
    socket = postgres._socket_folder(data, postgres._system_user())
    process: subprocess.Popen[bytes] = subprocess.Popen(["true"])
    process.wait()
    server = postgres.Server(socket, passwords, process)
    more = service_environment(server, kept, 8080, 8081, data)
    return subprocess.run([sys.executable, "-m", "smittesporing", *words], env={**os.environ, **more},
                          check=False).returncode  # fmt: skip


def _stop(number: int, frame: object) -> None:
    raise Stopped


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=8080, help="the service's port; the sandbox takes the next"
    )
    parser.add_argument("--data", type=Path, default=None, help="the folder where all state lives")
    parser.add_argument(
        "--empty", action="store_true", help="configuration and org units, no people"
    )
    parser.add_argument("--exercise", choices=sorted(FIRST_DAYS), default="2022-01")
    words = sys.argv[1:]
    if words[:1] == ["run"]:
        data = postgres.default_data(ROOT)
        rest = words[1:]
        if "--data" in rest:
            place = rest.index("--data")
            data = Path(rest[place + 1])
            rest = rest[:place] + rest[place + 2 :]
        return run_command(rest, data)
    chosen = parser.parse_args(words)
    chosen.data = (chosen.data or postgres.default_data(ROOT)).resolve()
    signal.signal(signal.SIGTERM, _stop)
    try:
        return demo(chosen)
    except (Stopped, KeyboardInterrupt):
        say("Stopped.")
        return 0
    except postgres.CannotStart as reason:
        print(reason, file=sys.stderr)
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
