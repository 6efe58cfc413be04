"""The only file that opens PostgreSQL.

Pools, single connections and the checks a server must pass before it is used. Knows no table.
Called by the doors (cli, web) and by tests; rooms get a connection handed to them.
"""

from typing import Any

import msgspec
import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import set_json_loads
from psycopg_pool import ConnectionPool

# Records are mostly jsonb; msgspec reads it five times as fast as the standard library.
set_json_loads(msgspec.json.decode)

Row = dict[str, Any]
Connection = psycopg.Connection[Row]
Pool = ConnectionPool[Connection]

# Interactive work stops here; a stuck statement must not hold a tracer's page.
STATEMENT_TIMEOUT = "15s"
OLDEST_SERVER = 150000


class Unfit(Exception):
    """The server lacks something the service needs; the text says what and how to get it."""


def _prepare(connection: Connection) -> None:
    connection.execute(f"set statement_timeout = '{STATEMENT_TIMEOUT}'")
    connection.execute("set time zone 'Europe/Oslo'")
    connection.commit()


def open_pool(url: str, size: int = 8) -> Pool:
    """A pool of connections whose rows are dictionaries; the caller closes it."""
    return ConnectionPool(
        url,
        connection_class=Connection,
        kwargs={"row_factory": dict_row},
        min_size=1,
        max_size=size,
        configure=_prepare,
        timeout=10,
        open=True,
    )


def connect(url: str, *, autocommit: bool = False) -> Connection:
    """One connection, for commands and tests."""
    return psycopg.connect(url, row_factory=dict_row, autocommit=autocommit)


def check(connection: Connection) -> None:
    """Nothing when the server will do.

    Errors  `Unfit` with one sentence: too old, not UTF-8, or lower('ÆØÅ') does not work (decision 19).
    """
    version = connection.info.server_version
    if version < OLDEST_SERVER:
        raise Unfit(f"PostgreSQL 15 or newer is needed; this server is {version // 10000}.")
    row = connection.execute(
        "select current_setting('server_encoding') as encoding, lower('ÆØÅ') as lowered"
    ).fetchone()
    if row is None or row["encoding"] != "UTF8":
        raise Unfit("The database must be created with encoding UTF8.")
    if row["lowered"] != "æøå":
        raise Unfit(
            "lower('ÆØÅ') does not give æøå: create the database with locale C.UTF-8 or nb_NO.UTF-8."
        )
