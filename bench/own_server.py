"""A service of our own to measure: embedded PostgreSQL, durable, and `serve` in processes of its own.

Everything lives in one folder, answers on 127.0.0.1 only, and is stopped by its process id when the
block ends. Uses the demo's starter for the parts. Called by `__main__`.
"""

import base64
import contextlib
import os
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from sandbox.demo import DATABASE, free, part, service_environment, wait_for
from smittesporing import database, postgres, settings
from smittesporing.access import org_units, users
from smittesporing.cli.migrate import create_database, migrate
from smittesporing.database import Connection

ADMIN, TRACER = "bench-admin", "bench-tracer"
SAMPLE_SECONDS = 2.0


@dataclass(frozen=True)
class Own:
    """The service as it runs: where, whose passwords, and how to look at its database."""

    url: str
    password: str
    admin_url: str
    processes: "Watch"

    def tidy(self) -> None:
        """What PostgreSQL's own background work would do in time, done before reading is measured."""
        with database.connect(self.admin_url, autocommit=True) as connection:
            connection.execute("vacuum analyze")

    def conditions(self) -> dict[str, object]:
        """The server's version and settings that decide speed and durability, and its size."""
        names = ("server_version", "synchronous_commit", "fsync", "shared_buffers", "jit")
        with database.connect(self.admin_url) as connection:
            found = {name: connection.execute(f"show {name}").fetchone() for name in names}
            size = connection.execute("select pg_database_size(current_database()) as size")
            bytes_ = size.fetchone()
        assert bytes_ is not None
        shown = {name: next(iter(row.values())) for name, row in found.items() if row}
        return {**shown, "database_mb": round(bytes_["size"] / 1e6)}


@dataclass
class Watch:
    """Memory and processor time of a process and everything it started, sampled while it runs."""

    root: int
    highest: dict[int, float] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Watch":
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(SAMPLE_SECONDS):
            now = self.memory()
            if sum(now.values()) > sum(self.highest.values()):
                self.highest = now

    def memory(self) -> dict[int, float]:
        """PSS in megabytes (10^6 bytes) by process id: shared pages are counted once in the sum."""
        return {pid: _pss(pid) for pid in self.family()}

    def cpu(self) -> float:
        """Seconds of processor time that the processes have used."""
        return sum(_cpu(pid) for pid in self.family())

    def family(self) -> list[int]:
        parents: dict[int, int] = {}
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                with contextlib.suppress(OSError):
                    text = (folder / "stat").read_text().rsplit(")", 1)[1].split()
                    parents[int(folder.name)] = int(text[1])
        found = [self.root]
        for pid in found:
            found += [child for child, parent in parents.items() if parent == pid]
        return found


def _pss(pid: int) -> float:
    with contextlib.suppress(OSError):
        for text in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if text.startswith("Pss:"):
                return int(text.split()[1]) * 1024 / 1e6
    return 0.0


def _cpu(pid: int) -> float:
    with contextlib.suppress(OSError):
        text = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(text[11]) + int(text[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


@contextlib.contextmanager
def own_server(data: Path, port: int, processes: int, kommune: str) -> Iterator[Own]:
    """The service on an empty database, with a superuser and a tracer of one kommune."""
    if not free(port):
        raise SystemExit(f"Port {port} is in use. Choose another with --port.")
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(0o755)
    kept: dict[str, Any] = {
        "context_key": base64.b64encode(secrets.token_bytes(32)).decode(),
        "field_key": base64.b64encode(secrets.token_bytes(32)).decode(),
        "shift_days": 0,
    }
    password = secrets.token_urlsafe(12)
    with contextlib.ExitStack() as parts:
        server = parts.enter_context(postgres.running(data))
        create_database(server.url("postgres", "postgres"), DATABASE, postgres.OWNER)
        more = service_environment(server, kept, port, port + 1, data)
        # Nobody signs in by ID-porten here, so there is no sandbox to find.
        more["SMITTESPORING_ISSUER"] = ""
        migrate(more["SMITTESPORING_OWNER_URL"], base64.b64decode(kept["context_key"]))
        chosen = settings.from_environment(more)
        with database.connect(more["SMITTESPORING_OWNER_URL"]) as connection:
            two_users(connection, chosen, kommune, password)
        log = data / "service.log"
        words = ["smittesporing", "serve", "--port", str(port), "--processes", str(processes)]
        process = parts.enter_context(part("service", words, more, log))
        wait_for(f"{more['SMITTESPORING_BASE_URL']}/api/ping", process, log)
        watch = parts.enter_context(Watch(process.pid))
        url = more["SMITTESPORING_BASE_URL"]
        yield Own(url, password, server.url("postgres", DATABASE), watch)


def two_users(
    connection: Connection, chosen: settings.Settings, kommune: str, password: str
) -> None:
    """A superuser for loading, and a tracer who sees one kommune."""
    units = org_units.current(connection)
    for name, unit, role in (
        (ADMIN, units.root.id, "superuser"),
        (TRACER, units.by_code[kommune].id, "tracer"),
    ):
        user = users.add(
            connection, chosen, username=name, first_name="Bench", surname=role, password=password
        )
        users.grant(connection, user.uid, unit, role)
    connection.execute(
        """insert into access.agreement
             (org_unit, ssa_l_signed_on, annex_signed_on, activated_at, activated_by)
           values (%s, '2020-05-11', '2020-05-11', now(), %s)""",
        (units.by_code[kommune].id, user.uid),
    )
