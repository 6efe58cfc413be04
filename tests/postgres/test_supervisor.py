"""The embedded server's supervisor: what survives a kill, what is refused, what is left behind."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from smittesporing import postgres

SUPERVISOR = """
import sys, time
from pathlib import Path
from smittesporing import postgres
with postgres.running(Path(sys.argv[1])) as server:
    print(server.process.pid, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="smittesporing-supervisor-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder / "data"


def write_until_killed(server: postgres.Server) -> int:
    """Acknowledged rows up to the moment the server is killed in the middle of the writing."""
    acknowledged = 0
    with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as connection:
        connection.execute("create table if not exists kept (n int)")
        for number in range(2000):
            if number == 300:
                server.process.send_signal(signal.SIGKILL)
            try:
                connection.execute("insert into kept values (%s)", (number,))
            except psycopg.Error:
                break
            acknowledged += 1
    return acknowledged


def test_a_killed_server_has_every_acknowledged_write_after_the_next_start(data):
    with postgres.running(data) as server:
        acknowledged = write_until_killed(server)
    assert 300 <= acknowledged < 2000
    with (
        postgres.running(data) as server,
        psycopg.connect(server.url("postgres", "postgres")) as connection,
    ):
        row = connection.execute("select count(*) from kept").fetchone()
    assert row is not None and row[0] >= acknowledged


def test_a_killed_supervisor_leaves_nothing_that_stops_the_next_start(data):
    child = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(data)], stdout=subprocess.PIPE, cwd=Path.cwd()
    )
    assert child.stdout is not None
    pid = int(child.stdout.readline())
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    with (
        postgres.running(data) as server,
        psycopg.connect(server.url("postgres", "postgres")) as connection,
    ):
        assert connection.execute("select 1").fetchone() == (1,)
        assert server.process.pid != pid


def test_a_second_start_on_the_same_folder_is_refused_in_one_sentence(data):
    with (
        postgres.running(data),
        pytest.raises(postgres.CannotStart, match="already runs"),
        postgres.running(data),
    ):
        pass


def test_the_server_listens_on_a_private_socket_only(data):
    with postgres.running(data) as server:
        assert server.socket.stat().st_mode & 0o077 == 0
        with psycopg.connect(server.url("postgres", "postgres")) as connection:
            row = connection.execute("show listen_addresses").fetchone()
        assert row == ("",)
        wrong = server.url("postgres", "postgres").replace(server.passwords["postgres"], "wrong")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to a user of its own")
def test_a_folder_the_servers_user_may_not_enter_is_refused_with_what_to_do(data):
    data.mkdir()
    data.parent.chmod(0o700)
    with pytest.raises(postgres.CannotStart, match="--data"), postgres.running(data):
        pass
    data.parent.chmod(0o755)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to a user of its own")
def test_binaries_in_a_closed_folder_are_copied_beside_the_data(data, monkeypatch):
    monkeypatch.setattr(postgres, "reachable", lambda path, user: "site-packages" not in str(path))
    started = time.monotonic()
    with (
        postgres.running(data) as server,
        psycopg.connect(server.url("postgres", "postgres")) as connection,
    ):
        assert connection.execute("select 1").fetchone() == (1,)
    assert (data / "postgres-binaries" / "bin" / "postgres").exists()
    assert time.monotonic() - started < 60
