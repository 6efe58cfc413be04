"""`migrate`: bring the database to this version and install the shipped tables.

Runs as the owner's role; the service's own role owns nothing. The runner is dbmate, from its wheel.
"""

import argparse
import base64
import os
import subprocess
import sys
from pathlib import Path

from psycopg import sql

from smittesporing import database
from smittesporing.access import org_units
from smittesporing.access.work import pads
from smittesporing.metadata import install
from smittesporing.tracker import projection

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="smittesporing migrate", description=__doc__)
    parser.parse_args(arguments)
    url = os.environ.get("SMITTESPORING_OWNER_URL", "")
    if not url:
        print(
            "SMITTESPORING_OWNER_URL is not set: migrations run as the owner's role.",
            file=sys.stderr,
        )
        return 2
    migrate(url, base64.b64decode(os.environ["SMITTESPORING_CONTEXT_KEY"]))
    return 0


def migrate(owner_url: str, context_key: bytes) -> None:
    """Apply what is missing, then install the key of the verified context, org units and configuration.

    Safe to repeat: a second run changes nothing.
    """
    dbmate(owner_url)
    with database.connect(owner_url) as connection:
        database.check(connection)
        inner, outer = pads(context_key)
        connection.execute(
            """insert into app_private.context_key (inner_pad, outer_pad) values (%s, %s)
               on conflict (only_one) do update
                 set inner_pad = excluded.inner_pad, outer_pad = excluded.outer_pad""",
            (inner, outer),
        )
        org_units.install(connection)
        install_configuration(connection)


def install_configuration(connection: database.Connection) -> None:
    """The shipped forms, rules and indicators, and the projection tables that follow from them."""
    written = install.install(connection)
    if written.created or written.updated or written.deleted:
        projection.rebuild(connection)


def dbmate(owner_url: str) -> None:
    """Apply the plain SQL files that this database has not seen."""
    program = Path(sys.executable).parent / "dbmate"
    done = subprocess.run(
        [str(program), "--no-dump-schema", "--wait=false", f"--migrations-dir={MIGRATIONS}",
         "--migrations-table=public.schema_migrations", "migrate"],
        env={**os.environ, "DATABASE_URL": dbmate_url(owner_url)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"migration failed: {done.stderr.strip()[-2000:]}")


def dbmate_url(url: str) -> str:
    """The same address in dbmate's words: a socket folder is a parameter there, and TLS is off on it."""
    head, _, tail = url.partition("@")
    host, _, name = tail.partition("/")
    if "%2F" not in host:
        return url
    return f"{head}@/{name}?socket={host.replace('%2F', '/')}&sslmode=disable"


def create_database(admin_url: str, name: str, owner: str) -> bool:
    """Create the database when it is missing; true when it was made now."""
    with database.connect(admin_url, autocommit=True) as connection:
        if connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
            return False
        connection.execute(
            sql.SQL("create database {} owner {} encoding 'UTF8'").format(
                sql.Identifier(name), sql.Identifier(owner)
            )
        )
        return True
