"""The one way to a connection that can read people: a transaction with a verified context and a log.

`work` opens a transaction, signs the context that row-level security verifies (decision 6) and, with the
first person seen, writes the log's request row in the same transaction: no log row, no data
(decision 17). Called by the web room and by commands; rooms below receive a `Work`.
"""

import hashlib
import hmac
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from psycopg import sql

from smittesporing.access.reach import Reach
from smittesporing.database import Connection, Pool
from smittesporing.settings import Clock, Settings

CONTEXT_SECONDS = 30


@dataclass
class Work:
    """One transaction of one user: its connection, what she may, and the log of whom she was shown."""

    conn: Connection
    reach: Reach
    settings: Settings
    action: str
    reason: str = ""
    digest: str = ""
    glass: tuple[str, ...] = ()
    request: UUID | None = field(default=None)
    shown: int = 0

    @property
    def clock(self) -> Clock:
        return self.settings.clock

    def renew(self) -> None:
        """Sign the context anew; long work calls it, since a context lives for 30 seconds."""
        context = signed_context(self.settings.context_key, self.reach, self.glass)
        self.conn.execute(sql.SQL("set local app.ctx = {}").format(sql.Literal(context)))

    def saw(self, tracked_entities: Iterable[str]) -> None:
        """Log that these people were shown, in this transaction; the same person once a request."""
        uids = sorted(set(tracked_entities))
        if not uids:
            return
        if self.request is None:
            self.request = uuid4()
            self.conn.execute(
                """insert into access.log_request
                     (request, user_uid, role, working_in, action, reason, digest)
                   values (%s, %s, %s, %s, %s, %s, %s)""",
                (
                    self.request,
                    self.reach.user,
                    self.reach.role,
                    self.reach.working_in,
                    self.action,
                    self.reason,
                    self.digest,
                ),
            )
        self.conn.execute(
            """insert into access.log_person (tracked_entity, request, working_in)
               select uid, %s, %s from unnest(string_to_array(%s, ',')) as uid
               on conflict do nothing""",
            (self.request, self.reach.working_in, ",".join(uids)),
        )
        self.shown += len(uids)


def signed_context(key: bytes, reach: Reach, glass: tuple[str, ...] = ()) -> str:
    """expiry|user|working in|read ids|write ids|glass uids|HMAC, as app_private.verified() reads it."""
    body = "|".join(
        (
            str(int(time.time()) + CONTEXT_SECONDS),
            reach.user,
            "" if reach.working_in is None else str(reach.working_in),
            ",".join(map(str, reach.read)),
            ",".join(map(str, reach.write)),
            ",".join(glass),
        )
    )
    return body + "|" + hmac.new(key, body.encode(), hashlib.sha256).hexdigest()


def pads(key: bytes) -> tuple[bytes, bytes]:
    """The inner and outer pads of HMAC-SHA256, as app_private.context_key keeps them."""
    padded = key.ljust(64, b"\0")
    return bytes(b ^ 0x36 for b in padded), bytes(b ^ 0x5C for b in padded)


@contextmanager
def work(
    pool: Pool,
    reach: Reach,
    settings: Settings,
    *,
    action: str,
    reason: str = "",
    digest: str = "",
    glass: tuple[str, ...] = (),
) -> Iterator[Work]:
    """A transaction within one's reach: committed when the block ends, rolled back when it raises."""
    with pool.connection() as connection, connection.transaction():
        here = Work(connection, reach, settings, action, reason, digest, glass)
        here.renew()
        yield here
