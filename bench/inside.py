"""Where the service's time goes: statements and milliseconds of each operation, and the import's profile.

Runs the application in this process, so that its statements can be counted and its import profiled.
Says nothing about speed for users: `./dev bench` does. Run as `./dev bench inside`.
"""

import argparse
import base64
import cProfile
import itertools
import pstats
import re
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import uvicorn

from bench import driver, generate
from bench.driver import Plan, Server
from bench.own_server import ADMIN, TRACER, two_users
from sandbox.demo import DATABASE, service_environment
from smittesporing import database, postgres, settings
from smittesporing.access.reach import reach_for
from smittesporing.access.work import work
from smittesporing.cli.migrate import create_database, migrate
from smittesporing.tracing.casebook import decide
from smittesporing.tracker.importer import importing
from smittesporing.web.app import NormalPaths, make_app

KOMMUNE = "0301"
Execute = Callable[..., Any]


class Counted:
    """Every statement that psycopg sends while it is switched on: its first words and its time."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, float]] = []
        self._execute: Execute = psycopg.Cursor.execute
        self._thread = threading.Lock()

    def __enter__(self) -> "Counted":
        plain = self._execute

        def execute(cursor: Any, query: Any, *rest: Any, **more: Any) -> Any:
            began = time.perf_counter()
            try:
                return plain(cursor, query, *rest, **more)
            finally:
                words = query if isinstance(query, str) else query.as_string(cursor)
                with self._thread:
                    spent = (time.perf_counter() - began) * 1000
                    self.seen.append((re.sub(r"\s+", " ", words).strip()[:76], spent))

        psycopg.Cursor.execute = execute  # type: ignore[method-assign, assignment]
        return self

    def __exit__(self, *fault: object) -> None:
        psycopg.Cursor.execute = self._execute  # type: ignore[method-assign]


def inside(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev bench inside", description=__doc__)
    parser.add_argument("--persons", type=int, default=2_000)
    parser.add_argument("--lines", type=int, default=25, help="of the profile")
    parser.add_argument("--statements", action="store_true", help="print each statement")
    chosen = parser.parse_args(words)
    folder = Path(tempfile.mkdtemp(prefix="smittesporing-inside-"))
    folder.chmod(0o755)
    try:
        with _application(folder) as (admin, tracer, made):
            _look(chosen, admin, tracer, made)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


@contextmanager
def _application(folder: Path) -> Iterator[tuple[Server, Server, settings.Settings]]:
    kept: dict[str, Any] = {
        "context_key": base64.b64encode(secrets.token_bytes(32)).decode(),
        "field_key": base64.b64encode(secrets.token_bytes(32)).decode(),
        "shift_days": 0,
    }
    with postgres.running(folder) as server:
        create_database(server.url("postgres", "postgres"), DATABASE, postgres.OWNER)
        more = service_environment(server, kept, 1, 2, folder) | {"SMITTESPORING_ISSUER": ""}
        migrate(more["SMITTESPORING_OWNER_URL"], base64.b64decode(kept["context_key"]))
        made = settings.from_environment(more)
        with database.connect(more["SMITTESPORING_OWNER_URL"]) as connection:
            two_users(connection, made, KOMMUNE, "only here")
        app = uvicorn.Server(
            uvicorn.Config(NormalPaths(make_app(made)), port=0, log_level="warning", ws="none")
        )
        thread = threading.Thread(target=app.run, daemon=True)
        thread.start()
        try:
            while not app.started:
                time.sleep(0.02)
            port = app.servers[0].sockets[0].getsockname()[1]
            url = f"http://127.0.0.1:{port}"
            yield Server(url, ADMIN, "only here"), Server(url, TRACER, "only here"), made
        finally:
            app.should_exit = True
            thread.join(10)


def _look(
    chosen: argparse.Namespace, admin: Server, tracer: Server, made: settings.Settings
) -> None:
    units = driver.install(admin)
    chains = list(generate.chains(1, chosen.persons))
    there = [one for chain in chains for one in chain if one.kommune == KOMMUNE]
    driver.load(admin, chains, units, 1, 500, lambda one: None)
    once = Plan((1,), 1, 1, 0)

    def ask(name: str, act: Callable[[Plan], None]) -> None:
        act(once)
        with Counted() as counted:
            began = time.perf_counter()
            act(once)
            spent = (time.perf_counter() - began) * 1000
        in_sql = sum(each for _, each in counted.seen)
        print(f"{name:<26}{len(counted.seen):>4} statements {in_sql:>7.1f} of {spent:.1f} ms")
        if chosen.statements:
            for words, each in counted.seen:
                print(f"    {each:7.2f} ms  {words}")

    numbers = itertools.count(generate.FIRST_EXTRA)

    def quiet(one: object) -> None:
        return None

    ask("2 register a contact",
        lambda plan: driver.register_contact(tracer, units, KOMMUNE, there, numbers, plan, quiet))  # fmt: skip
    ask("3 search, four searches", lambda plan: driver.search_exact(tracer, there, plan, quiet))
    ask("5 list, newest first",
        lambda plan: driver.working_list(tracer, units[KOMMUNE], there, plan, quiet))  # fmt: skip
    ask("8 open, set of 4", lambda plan: driver.open_dashboard(tracer, there, plan, quiet))
    _import(chosen, made, units)


def _import(chosen: argparse.Namespace, made: settings.Settings, units: dict[str, str]) -> None:
    """The import of 500 objects as the API does it, without the network: counted, then profiled."""
    pool = database.open_pool(made.database_url, 2)
    with pool.connection() as connection:
        row = connection.execute(
            "select uid from access.user_account where username = %s", (ADMIN,)
        ).fetchone()
        assert row is not None
        reach = reach_for(connection, row["uid"])
    assert reach is not None
    number = generate.FIRST_EXTRA - 500_000

    def once() -> float:
        nonlocal number
        people = generate.cases_with_contacts(number, 500, KOMMUNE)
        number += len(people)
        body = generate.payload(people, units).body
        began = time.perf_counter()
        with work(pool, reach, made, action="bench") as here:
            report = importing(here, body)
            decide.after_import(here, report)
        assert report.ok, report.errors[:3]
        return time.perf_counter() - began

    for _ in range(3):
        once()
    best = min(once() for _ in range(5))
    with Counted() as counted:
        once()
    in_sql = sum(each for _, each in counted.seen)
    print(
        f"1 import of 500 objects   {len(counted.seen):>4} statements {in_sql:>7.1f} of "
        f"{best * 1000:.1f} ms: {500 / best:.0f} entities/s in one process"
    )
    for words, each in counted.seen:
        if chosen.statements or each > 5:
            print(f"    {each:7.2f} ms  {words}")
    profile = cProfile.Profile()
    profile.enable()
    once()
    profile.disable()
    pstats.Stats(profile).sort_stats("tottime").print_stats(chosen.lines)
    pool.close()
