"""`setup-database`: print the SQL that prepares a PostgreSQL server of one's own, and the settings to give.

Prints, never runs: a managed server's administrator reads it first.
"""

import argparse
import base64
import secrets

from smittesporing.postgres import APP, COUNTER, OWNER, role_statements


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="smittesporing setup-database", description=__doc__)
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", default="5432")
    parser.add_argument("--database", default="smittesporing")
    chosen = parser.parse_args(arguments)
    passwords = {role: secrets.token_urlsafe(24) for role in (OWNER, APP, COUNTER)}
    print("-- Run as the server's administrator.")
    for statement in role_statements(passwords):
        print(statement + ";")
    print(f"create database {chosen.database} owner {OWNER} encoding 'UTF8' template template0;")
    print("\n# Settings of the service; keep them where only it can read them.")
    place = f"{chosen.host}:{chosen.port}/{chosen.database}"
    print(f"SMITTESPORING_OWNER_URL=postgresql://{OWNER}:{passwords[OWNER]}@{place}")
    print(f"SMITTESPORING_DATABASE_URL=postgresql://{APP}:{passwords[APP]}@{place}")
    print(f"SMITTESPORING_COUNTER_URL=postgresql://{COUNTER}:{passwords[COUNTER]}@{place}")
    for key in ("CONTEXT_KEY", "FIELD_KEY"):
        print(f"SMITTESPORING_{key}={base64.b64encode(secrets.token_bytes(32)).decode()}")
    return 0
