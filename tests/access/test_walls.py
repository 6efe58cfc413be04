"""The verified context and the locked register: the second wall, tried as the application's role."""

import psycopg
import pytest

from smittesporing.access import agreements, log, org_units, users
from smittesporing.access.reach import reach_for
from smittesporing.access.work import signed_context, work
from smittesporing.problems import Refused


def test_norway_has_15_fylker_and_357_kommuner(pool):
    with pool.connection() as connection:
        units = org_units.current(connection)
    assert (len(units.level(2)), len(units.level(3))) == (15, 357)
    assert units.by_code["5501"].name.startswith("Tromsø")
    assert units.descendants(units.by_code["55"].id)[:1] == (5501,)


def test_the_scope_of_a_signed_context_is_the_users_own(pool, settings, as_role):
    reach = as_role("tracer", "5501")
    with work(pool, reach, settings, action="test") as here:
        row = here.conn.execute("select app.scope() as scope, app.acting() as acting").fetchone()
    assert row == {"scope": [5501], "acting": reach.user}


@pytest.mark.parametrize(
    "change",
    [
        lambda ctx: ctx.replace("|5501|", "|301|", 1),
        lambda ctx: ctx[:-1] + ("0" if ctx[-1] != "0" else "1"),
        lambda ctx: "9999999999" + ctx[10:],
        lambda ctx: "",
        lambda ctx: "nonsense",
    ],
)
def test_a_forged_context_yields_an_error_and_no_rows(pool, settings, as_role, change):
    forged = change(signed_context(settings.context_key, as_role("tracer", "5501")))
    with pool.connection() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("select set_config('app.ctx', %s, true)", (forged,))
        connection.execute("select app.scope()")


def test_the_context_key_cannot_be_read_by_the_service(pool):
    with pool.connection() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("select * from app_private.context_key")


def test_kommuner_of_kartverket_cannot_be_changed_by_sql_either(pool):
    with pool.connection() as connection, pytest.raises(psycopg.errors.RaiseException):
        connection.execute("update access.org_unit set name = 'X' where code = '5501'")


def test_an_administrator_adds_a_team_below_her_kommune_only(pool, as_role):
    reach = as_role("administrator", "5501")
    with pool.connection() as connection:
        team = org_units.add(connection, 5501, "Team sør", reach.user)
        assert (team.kommune, team.level, team.official) == (5501, 4, False)
        assert team.id in org_units.current(connection).descendants(5501)
        with pytest.raises(Refused, match="T005"):
            org_units.add(connection, org_units.current(connection).root.id, "X", reach.user)


@pytest.mark.parametrize(
    ("number", "today", "candidates"),
    [
        ("5501", "5501", 0),
        ("5401", "5501", 0),
        ("1902", "5501", 0),
        ("1507", "1508", 0),
        ("0220", "3203", 0),
    ],
)
def test_former_numbers_lead_to_the_kommune_of_today(pool, number, today, candidates):
    with pool.connection() as connection:
        found = org_units.resolve_number(connection, number)
    assert found.unit is not None and found.unit.code == today
    assert len(found.candidates) == candidates


def test_nobody_gets_in_before_the_kommune_is_activated(pool, settings):
    with pool.connection() as connection:
        tracer = users.add(connection, settings, username="early", first_name="a", surname="b")
        users.grant(connection, tracer.uid, 5534, "tracer")
        assert reach_for(connection, tracer.uid) is None
        assert [step.done for step in agreements.road(connection, 5534)] == [False] * 4


def test_ks_registers_and_the_administrator_activates(pool, settings, as_role):
    ks = as_role("ks", "NO")
    with pool.connection() as connection:
        admin = users.add(connection, settings, username="adm-5536", first_name="a", surname="b")
        with pytest.raises(Refused, match="T002"):
            agreements.activate(connection, admin.uid, 5536)
        users.grant(connection, admin.uid, 5536, "administrator", ks.user)
        with pytest.raises(Refused, match="T004"):
            agreements.activate(connection, admin.uid, 5536)
        from datetime import date

        agreements.register(connection, ks, 5536, date(2020, 5, 4), date(2020, 5, 5))
        assert agreements.is_active(agreements.activate(connection, admin.uid, 5536))
        assert all(step.done for step in agreements.road(connection, 5536))


def test_a_changed_row_of_the_log_is_found_by_its_seal(pool, settings, as_role, owner):
    reach = as_role("tracer", "5501")
    with work(pool, reach, settings, action="person.read", reason="test") as here:
        here.saw(["aaaaaaaaaa1", "aaaaaaaaaa2"])
    with pool.connection() as connection:
        assert log.seal(connection) >= 1
        assert log.broken(connection) == []
    owner.execute("update access.log_request set reason = 'changed' where reason = 'test'")
    with pool.connection() as connection:
        assert len(log.broken(connection)) == 1


def test_a_neighbour_does_not_read_who_looked(pool, settings, as_role):
    with work(pool, as_role("tracer", "5501"), settings, action="person.read") as here:
        here.saw(["bbbbbbbbbb1"])
        assert len(log.looks(here, "bbbbbbbbbb1")) == 1
    with work(pool, as_role("tracer", "5532"), settings, action="person.read") as here:
        assert log.looks(here, "bbbbbbbbbb1") == []
