"""A tracer of the neighbouring kommune finds nothing: by SQL as the service's role, by the API, by pages.

Each wall is tried with the other off. The demo's own outbreak is the data, so every kind of record is there.
"""

import re
from datetime import date

import psycopg
import pytest
from psycopg import sql

from sandbox import seed
from smittesporing.access import org_units, users
from smittesporing.access.reach import reach_for
from smittesporing.access.work import Work, signed_context
from smittesporing.tracker import read
from tests.conftest import user_with

TABLES = ("tracked_entity", "enrollment", "event", "relationship_end", "note", "history",
          "program_owner", "transfer")  # fmt: skip


@pytest.fixture(scope="module")
def outbreak(pool, settings):
    with pool.connection() as connection:
        seed.everybody(connection, settings, "not-a-secret-in-a-test")
    seed.outbreak(pool, settings, date(2022, 1, 20), lambda line: None)


@pytest.fixture(scope="module")
def stranger(pool, settings, outbreak):
    """A tracer in Vadsø, where nobody of the outbreak is followed up."""
    with pool.connection() as connection:
        return user_with(connection, settings, "tracer", "5607")


def in_context(connection, settings, reach):
    context = signed_context(settings.context_key, reach)
    connection.execute(sql.SQL("set local app.ctx = {}").format(sql.Literal(context)))


@pytest.mark.parametrize("table", TABLES)
def test_the_second_wall_alone_gives_a_stranger_no_row(pool, settings, stranger, table):
    with pool.connection() as connection, connection.transaction():
        in_context(connection, settings, stranger)
        row = connection.execute(f"select count(*) as n from tracker.{table}").fetchone()
    assert row["n"] == 0


def test_the_second_wall_hides_every_projection_too(pool, settings, stranger, owner):
    names = [
        row["tablename"]
        for row in owner.execute(
            """select tablename from pg_tables where schemaname = 'projection'
                and (tablename like 'event\\_%' or tablename like 'enrollment\\_%'
                     or tablename = 'relationship')"""
        ).fetchall()
    ]
    assert len(names) > 10
    with pool.connection() as connection, connection.transaction():
        in_context(connection, settings, stranger)
        for name in names:
            query = sql.SQL("select count(*) as n from projection.{}").format(sql.Identifier(name))
            assert connection.execute(query).fetchone()["n"] == 0, name


@pytest.mark.parametrize(
    "table", ["tracked_entity", "enrollment", "event", "relationship_end", "history"]
)
def test_without_a_context_there_is_an_error_and_no_row(pool, outbreak, table):
    with pool.connection() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f"select * from tracker.{table} limit 1")


def test_the_first_wall_alone_gives_a_stranger_nobody(pool, settings, stranger):
    """Row-level security is opened by the context of a superuser; the reach predicate still holds."""
    with pool.connection() as connection:
        admin = users.by_username(connection, "admin")
        root = org_units.current(connection).root
        everywhere = reach_for(connection, admin.uid, root.id)
        in_context(connection, settings, everywhere)
        rows = connection.execute("select tracked_entity from tracker.tracked_entity").fetchall()
        assert len(rows) > 300
        narrow = Work(connection, stranger, settings, "test")
        assert read.people(narrow, [row["tracked_entity"] for row in rows]) == {}
        assert read.enrollments_where(narrow, program="anything") == []


def test_a_tracer_sees_her_own_kommune_and_only_that(pool, settings, outbreak):
    with pool.connection() as connection, connection.transaction():
        tracer = users.by_username(connection, "sporer.balsfjord")
        reach = reach_for(connection, tracer.uid)
        in_context(connection, settings, reach)
        owners = connection.execute("select distinct owner from tracker.enrollment").fetchall()
    assert [row["owner"] for row in owners] == [5532]


def test_the_services_role_owns_nothing_and_bypasses_nothing(owner):
    row = owner.execute(
        """select (select count(*) from pg_class c join pg_roles r on r.oid = c.relowner
                    where r.rolname in ('smittesporing_app', 'smittesporing_counter')) as owned,
                  (select bool_or(rolbypassrls or rolsuper) from pg_roles
                    where rolname in ('smittesporing_app', 'smittesporing_counter')) as bypass"""
    ).fetchone()
    assert row == {"owned": 0, "bypass": False}


def test_row_level_security_is_forced_on_every_table_with_people(owner):
    rows = owner.execute(
        """select n.nspname || '.' || c.relname as name from pg_class c
             join pg_namespace n on n.oid = c.relnamespace
             join pg_attribute a on a.attrelid = c.oid and a.attname = 'tracked_entity' and a.attnum > 0
            where c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity)
              and n.nspname not in ('pg_catalog', 'information_schema')"""
    ).fetchall()
    assert [row["name"] for row in rows] == []


def test_history_can_be_written_and_never_rewritten(pool, owner):
    rows = owner.execute(
        """select privilege_type from information_schema.role_table_grants
            where grantee = 'smittesporing_app' and table_schema = 'tracker' and table_name = 'history'"""
    ).fetchall()
    assert {row["privilege_type"] for row in rows} == {"INSERT", "SELECT"}


def test_no_national_number_stands_in_the_clear_anywhere(owner, outbreak):
    """Every text column of every table is searched for the outbreak's synthetic numbers."""
    columns = owner.execute(
        """select table_schema as s, table_name as t, column_name as c
             from information_schema.columns
            where table_schema in ('tracker', 'projection', 'access', 'web', 'analytics', 'casebook')
              and data_type in ('text', 'jsonb', 'ARRAY')"""
    ).fetchall()
    number = re.compile(r"(?<![0-9])[0-3][0-9](8[1-9]|9[0-2])[0-9]{7}(?![0-9])")
    found = []
    for column in columns:
        query = sql.SQL("select {c}::text as v from {s}.{t} where {c} is not null").format(
            c=sql.Identifier(column["c"]),
            s=sql.Identifier(column["s"]),
            t=sql.Identifier(column["t"]),
        )
        for row in owner.execute(query):
            if number.search(row["v"]):
                found.append(f"{column['s']}.{column['t']}.{column['c']}")
                break
    assert found == []
