"""What administrators may change, what they may not, and what the list of changes says afterwards."""

from datetime import date

import pytest

from smittesporing.access import administration, agreements, org_units, users
from smittesporing.access.reach import reach_for
from smittesporing.problems import Refused


@pytest.fixture
def db(pool):
    with pool.connection() as connection:
        yield connection


def a_user(db, settings, name):
    return users.by_username(db, name) or users.add(
        db, settings, username=name, first_name=name, surname="Prøve"
    )


def test_an_administrator_gets_in_before_activation_to_walk_the_road_and_no_further(db, settings):
    user = a_user(db, settings, "early-admin")
    users.grant(db, user.uid, 5540, "administrator")
    users.grant(db, user.uid, 5540, "tracer")
    reach = reach_for(db, user.uid)
    assert reach is not None
    assert (reach.role, reach.authorities) == ("administrator", frozenset({"administer"}))
    assert (reach.read, reach.write) == ((), ())


def test_an_administrator_of_a_kommune_not_in_use_sees_nobody_where_she_traces_elsewhere(
    db, settings, as_role
):
    reach = as_role("tracer", "5501", "both")
    users.grant(db, reach.user, 5542, "administrator")
    there = reach_for(db, reach.user, 5542, "administrator")
    assert there is not None and (there.read, there.write) == ((), ())
    assert reach_for(db, reach.user, 5501, "tracer").write == (5501,)


def test_ks_and_fhi_at_norge_work_whatever_kommuner_have_done(db, settings):
    for role in ("ks", "fhi"):
        user = a_user(db, settings, f"national-{role}")
        users.grant(db, user.uid, org_units.current(db).root.id, role)
        assert reach_for(db, user.uid).may("published")


def test_the_roads_of_all_kommuner_agree_with_each_kommunes_own(db, as_role):
    as_role("administrator", "5501")
    roads = administration.roads(db)
    assert len(roads) == 357
    tromso = next(road for road in roads if road.unit.code == "5501")
    assert list(tromso.steps) == agreements.road(db, 5501)
    assert tromso.missing is None
    assert next(road for road in roads if road.unit.code == "0301").missing == 0


def test_a_team_is_renamed_and_kartverkets_units_are_not(db, as_role):
    reach = as_role("administrator", "5501")
    team = org_units.add(db, 5501, "Team nord", reach.user)
    assert administration.rename(db, reach, team.id, "  Team   øst ").name == "Team øst"
    with pytest.raises(Refused, match="T005"):
        administration.rename(db, reach, 5501, "Noe annet")
    with pytest.raises(Refused, match="T010"):
        administration.rename(db, reach, team.id, "   ")
    said = administration.changes(db, reach)[0]
    assert (said.what, said.detail["from"], said.detail["to"]) == (
        "org_unit.renamed",
        "Team nord",
        "Team øst",
    )


def test_a_neighbours_administrator_neither_renames_nor_reads_what_was_done(db, as_role):
    team = org_units.add(db, 5501, "Team vest", as_role("administrator", "5501").user)
    neighbour = as_role("administrator", "5532")
    with pytest.raises(Refused, match="T003"):
        administration.rename(db, neighbour, team.id, "Vårt")
    with pytest.raises(Refused, match="T003"):
        administration.choose_options(db, neighbour, 5501, {"A"}, {"A"})
    assert all(change.org_unit == 5532 for change in administration.changes(db, neighbour))


def test_a_tracer_renames_nothing(db, as_role):
    team = org_units.add(db, 5501, "Team sør", as_role("administrator", "5501").user)
    with pytest.raises(Refused, match="T003"):
        administration.rename(db, as_role("tracer", "5501"), team.id, "Mitt")


def test_options_are_chosen_dropped_and_noted_and_unknown_ones_left_out(db, as_role):
    reach = as_role("administrator", "5501")
    known = {"TEST", "OTHER"}
    assert administration.choose_options(db, reach, 5501, {"TEST", "MADE_UP"}, known) == {"TEST"}
    assert administration.options_of(db, 5501) == {"TEST"}
    assert administration.choose_options(db, reach, 5501, {"OTHER"}, known) == {"OTHER"}
    assert administration.changes(db, reach)[0].detail == {"chosen": ["OTHER"], "dropped": ["TEST"]}


def test_an_option_a_later_rulebook_no_longer_knows_stays_as_it_was(db, as_role):
    reach = as_role("administrator", "5501")
    administration.choose_options(db, reach, 5501, {"OLD"}, {"OLD", "TEST", "OTHER"})
    administration.choose_options(db, reach, 5501, {"TEST"}, {"TEST"})
    assert administration.options_of(db, 5501) == {"OLD", "TEST"}


def test_the_last_administrator_stays_until_another_has_the_role(db, settings, as_role):
    first = as_role("administrator", "5518", "first")
    with pytest.raises(Refused, match="T014"):
        administration.change_roles(db, first, first.user, 5518, set(), {"administrator"})
    second = a_user(db, settings, "second")
    administration.change_roles(db, first, second.uid, 5518, {"administrator"}, set())
    administration.change_roles(db, first, first.user, 5518, set(), {"administrator"})
    assert reach_for(db, first.user) is None


@pytest.mark.parametrize("role", ["ks", "fhi", "superuser"])
def test_no_administrator_gives_a_national_role(db, settings, as_role, role):
    user = a_user(db, settings, "climber")
    with pytest.raises(Refused, match="T002"):
        administration.change_roles(
            db, as_role("administrator", "5501"), user.uid, 5501, {role}, set()
        )


def test_an_administrator_gives_no_role_in_another_kommune(db, settings, as_role):
    user = a_user(db, settings, "neighbourly")
    with pytest.raises(Refused, match="T002"):
        administration.change_roles(
            db, as_role("administrator", "5501"), user.uid, 5532, {"tracer"}, set()
        )


def test_ks_reads_of_agreements_and_appointments_but_not_who_traces(db, settings, as_role):
    ks = as_role("ks", "NO")
    agreements.register(db, ks, 5514, date(2020, 5, 4), None)
    user = a_user(db, settings, "seen-by-ks")
    users.grant(db, user.uid, 5514, "administrator", ks.user)
    users.grant(db, user.uid, 5514, "tracer", ks.user)
    said = [(c.what, c.detail.get("role")) for c in administration.changes(db, ks, 5514)]
    assert said == [("role.granted", "administrator"), ("agreement.registered", None)]
