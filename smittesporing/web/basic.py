"""Basic authentication and personal access tokens, for machines on the API.

Argon2 is slow on purpose, so a pair that was right is remembered for a minute, as a keyed hash, in this
process only, and only while the stored password is the one it fitted. Sets no cookie and starts no
session. Called by app.py.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import threading
import time

from starlette.requests import Request

from smittesporing.access import accounts, tokens, users
from smittesporing.access.reach import Reach, reach_for
from smittesporing.database import Connection
from smittesporing.problems import Refused

REMEMBERED_SECONDS = 60.0
LONGEST = 1000
WRONG_AT_MOST, WRONG_WITHIN = 10, 300.0
ENTRIES = 1000


class Memory:
    """Pairs that were right lately, and how often a name was tried wrongly. Safe for threads."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._right: dict[bytes, tuple[str, str, float]] = {}
        self._wrong: dict[str, list[float]] = {}
        self._lock = threading.Lock()
        # Two at a time: a burst of passwords must not take every core from the tracers.
        self.slow = threading.BoundedSemaphore(2)

    def digest(self, username: str, password: str) -> bytes:
        pair = f"{username}\0{password}".encode()
        return hmac.new(self._key, pair, hashlib.sha256).digest()

    def right(self, digest: bytes) -> tuple[str, str] | None:
        """The user, and the stored hash that the password fitted."""
        with self._lock:
            user, kept, until = self._right.get(digest, ("", "", 0.0))
            return (user, kept) if until > time.monotonic() else None

    def remember(self, digest: bytes, user: str, kept: str) -> None:
        with self._lock:
            if len(self._right) >= ENTRIES:
                self._right.clear()
            self._right[digest] = (user, kept, time.monotonic() + REMEMBERED_SECONDS)

    def forget(self) -> None:
        with self._lock:
            self._right.clear()
            self._wrong.clear()

    def too_often(self, name: str) -> bool:
        with self._lock:
            since = time.monotonic() - WRONG_WITHIN
            tried = [moment for moment in self._wrong.get(name, ()) if moment > since]
            return len(tried) >= WRONG_AT_MOST

    def wrong(self, name: str) -> None:
        with self._lock:
            if len(self._wrong) >= ENTRIES:
                self._wrong.clear()
            since = time.monotonic() - WRONG_WITHIN
            kept = [moment for moment in self._wrong.get(name, ()) if moment > since]
            self._wrong[name] = [*kept, time.monotonic()][-WRONG_AT_MOST:]


MEMORY = Memory()


def reach_of(request: Request) -> Reach | None:
    """The reach of the user whose name and password, or token, the request carries; None when wrong.

    Roles are read anew each time. A name that was tried wrongly too often is refused with T013 until
    five minutes have passed, except for a pair that was right within the last minute; so is an address
    that tries tokens.
    """
    header = request.headers.get("authorization", "")
    pair, token = credentials(header), bearer(header)
    if pair is None and token is None:
        return None
    with request.app.state.pool.connection() as connection:
        user = user_of(connection, *pair) if pair else _token_user(connection, request, token or "")
        reach = reach_for(connection, user) if user else None
        if reach is not None:
            accounts.note_login(connection, reach.user)
        return reach


def user_of(connection: Connection, username: str, password: str) -> str | None:
    """The uid of the user with that name and password."""
    digest = MEMORY.digest(username, password)
    known = MEMORY.right(digest)
    if known is not None and _still(connection, *known):
        return known[0]
    name = username.lower()
    if MEMORY.too_often(name):
        raise Refused("T013", status=429)
    with MEMORY.slow:
        found = users.by_password(connection, username, password)
    if found is None:
        MEMORY.wrong(name)
        return None
    user, kept = found
    MEMORY.remember(digest, user.uid, kept)
    return user.uid


def _still(connection: Connection, user: str, kept: str) -> bool:
    row = connection.execute(
        "select 1 from access.user_account where uid = %s and password = %s", (user, kept)
    ).fetchone()
    return row is not None


def _token_user(connection: Connection, request: Request, token: str) -> str | None:
    address = request.client.host if request.client else ""
    tried = f"token from {address}"
    if MEMORY.too_often(tried):
        raise Refused("T013", status=429)
    referrer = request.headers.get("referer", "")
    user = tokens.user_of(connection, token, address, request.method, referrer)
    if user is None:
        MEMORY.wrong(tried)
    return user


def bearer(header: str) -> str | None:
    """The personal access token in an Authorization header, or None for anything else."""
    kind, _, rest = header.partition(" ")
    return rest.strip() if kind.lower() == "apitoken" and len(rest) <= LONGEST else None


def credentials(header: str) -> tuple[str, str] | None:
    """The name and password in an Authorization header, or None for anything else."""
    kind, _, rest = header.partition(" ")
    if kind.lower() != "basic" or len(rest) > LONGEST:
        return None
    try:
        text = base64.b64decode(rest.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    name, colon, password = text.partition(":")
    return (name, password) if colon and name and "\0" not in text else None
