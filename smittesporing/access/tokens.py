"""Personal access tokens: a password for one machine, with an end and, if wanted, narrow limits.

The form is DHIS2's: `d2pat_`, 32 letters and digits, and their CRC-32 in ten figures, so that a token
in the wrong place is recognised and a mistyped one is refused before the database is asked. Shown
once; kept as its hash. Called by web/basic.py and web/api/tokens.py.
"""

import hashlib
import ipaddress
import secrets
import string
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from smittesporing.access import org_units
from smittesporing.database import Connection
from smittesporing.uid import new_uid

PREFIX, LENGTH = "d2pat_", 32
_SIGNS = string.ascii_letters + string.digits
LIFE = timedelta(days=30)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")


@dataclass(frozen=True)
class Token:
    """One token, without its secret."""

    uid: str
    user_uid: str
    code: str | None
    name: str | None
    expires_at: datetime
    addresses: tuple[str, ...]
    methods: tuple[str, ...]
    referrers: tuple[str, ...]
    created: datetime | None = None
    last_updated: datetime | None = None


@dataclass(frozen=True)
class Limits:
    """Where a token may be used from, for what, and on which page; nothing stated is no limit."""

    addresses: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    referrers: tuple[str, ...] = ()


_COLUMNS = """uid, user_uid, code, name, expires_at, addresses, methods, referrers, created,
    last_updated"""


def new_secret() -> str:
    """A fresh token; 190 bits are drawn."""
    code = "".join(secrets.choice(_SIGNS) for _ in range(LENGTH))
    return f"{PREFIX}{code}{zlib.crc32(code.encode()):010d}"


def is_token(text: str) -> bool:
    """Whether the text has the form of a token and its checksum fits."""
    code, check = text[len(PREFIX) : len(PREFIX) + LENGTH], text[len(PREFIX) + LENGTH :]
    if not text.startswith(PREFIX) or len(check) != 10 or not (code + check).isalnum():
        return False
    return text.isascii() and f"{zlib.crc32(code.encode()):010d}" == check


def make(
    connection: Connection,
    user: str,
    limits: Limits,
    expires_at: datetime | None,
    code: str | None = None,
    name: str | None = None,
) -> tuple[Token, str]:
    """A new token of this user, and the secret that is shown now and never again."""
    secret = new_secret()
    row = connection.execute(
        f"""insert into access.api_token
              (uid, user_uid, hash, code, name, expires_at, addresses, methods, referrers)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s) returning {_COLUMNS}""",  # noqa: S608
        (
            new_uid(),
            user,
            _hash(secret),
            code,
            name,
            expires_at or datetime.now(UTC) + LIFE,
            list(limits.addresses),
            list(limits.methods),
            list(limits.referrers),
        ),
    ).fetchone()
    assert row is not None
    token = _token(row)
    org_units.note(connection, user, None, "token.made", {"uid": token.uid})
    return token, secret


def change(connection: Connection, token: Token, limits: Limits, expires_at: datetime) -> None:
    """Other limits or another end; the secret stays."""
    connection.execute(
        """update access.api_token set addresses = %s, methods = %s, referrers = %s,
                  expires_at = %s, last_updated = now() where uid = %s""",
        (
            list(limits.addresses),
            list(limits.methods),
            list(limits.referrers),
            expires_at,
            token.uid,
        ),
    )


def remove(connection: Connection, token: Token) -> None:
    connection.execute("delete from access.api_token where uid = %s", (token.uid,))
    org_units.note(connection, token.user_uid, None, "token.removed", {"uid": token.uid})


def of_user(connection: Connection, user: str) -> list[Token]:
    """A user's tokens, oldest first."""
    rows = connection.execute(
        f"select {_COLUMNS} from access.api_token where user_uid = %s order by created, uid",  # noqa: S608
        (user,),
    ).fetchall()
    return [_token(row) for row in rows]


def user_of(
    connection: Connection, secret: str, address: str, method: str, referrer: str
) -> str | None:
    """The uid of the user whose token this is, if it may be used here, now, for this."""
    if not is_token(secret):
        return None
    row = connection.execute(
        f"""select {_COLUMNS} from access.api_token
             where hash = %s and expires_at > now()""",  # noqa: S608
        (_hash(secret),),
    ).fetchone()
    if row is None:
        return None
    token = _token(row)
    if token.addresses and not _within(address, token.addresses):
        return None
    if token.methods and method not in token.methods:
        return None
    if token.referrers and not any(
        referrer == each or referrer.startswith(each.rstrip("/") + "/") for each in token.referrers
    ):
        return None
    connection.execute(
        """update access.api_token set used_at = now()
            where uid = %s and (used_at is null or used_at < now() - interval '1 hour')""",
        (token.uid,),
    )
    return token.user_uid


def _within(address: str, allowed: tuple[str, ...]) -> bool:
    try:
        found = ipaddress.ip_address(address)
        return any(found in ipaddress.ip_network(each, strict=False) for each in allowed)
    except ValueError:
        return False


def _hash(secret: str) -> bytes:
    # Nobody guesses 190 bits, so a plain hash keeps it, and finds it.
    return hashlib.sha256(secret.encode()).digest()


def _token(row: dict[str, Any]) -> Token:
    lists = {name: tuple(row[name]) for name in ("addresses", "methods", "referrers")}
    return Token(**{**row, **lists})
