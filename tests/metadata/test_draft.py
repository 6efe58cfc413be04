"""The one draft: written property by property, checked as a whole, published as the next version."""

import pytest

from smittesporing.metadata import draft, exchange, publishing, store, versions
from smittesporing.metadata.incoming import own
from smittesporing.problems import Refused

SET = "optSetDDDD1"
KEY = ("optionSets", SET)


@pytest.fixture
def connection(pool, as_role):
    with pool.connection() as opened:
        body = {"id": SET, "name": "Farger", "description": "Før", "valueType": "TEXT"}
        assert exchange.import_metadata(opened, {"optionSets": [body]}, None).ok
        opened.execute("delete from metadata.draft")
        opened.commit()
        yield opened
        opened.rollback()


@pytest.fixture
def ks(as_role):
    return as_role("ks", "NO")


@pytest.fixture
def other(as_role):
    return as_role("ks", "NO", "ks-two")


def put(connection, reach, value, name="name", seen=None):
    def change(body):
        body[name] = value

    return draft.write(
        connection, reach, "optionSets", SET, name, change,
        value=lambda body: body.get(name, ""), seen=seen,
    )  # fmt: skip


def named(connection):
    return store.current(connection).get("optionSets", SET)["name"]


def test_a_change_stays_in_the_draft_and_only_the_drafts_picture_shows_it(connection, ks):
    put(connection, ks, "Nyanser")
    assert named(connection) == "Farger"
    assert draft.picture(connection).get("optionSets", SET)["name"] == "Nyanser"


def test_writing_it_back_as_it_was_leaves_no_draft(connection, ks):
    put(connection, ks, "Nyanser")
    put(connection, ks, "Farger")
    assert draft.entries(connection) == {}


def test_two_who_write_in_the_same_property_are_told_and_in_different_ones_are_not(
    connection, ks, other
):
    seen = draft.now_seen(connection)
    put(connection, ks, "Nyanser", seen=seen)
    found = put(connection, other, "Kulører", seen=seen)
    assert isinstance(found, draft.Theirs)
    assert (found.value, found.by) == ("Nyanser", "ks NO")
    assert isinstance(put(connection, other, "Etter", "description", seen), draft.Kept)
    assert isinstance(put(connection, other, "Kulører", seen=found.seen), draft.Kept)
    assert draft.picture(connection).get("optionSets", SET)["name"] == "Kulører"


def test_publishing_makes_the_next_version_with_maker_and_note_and_empties_the_draft(
    connection, ks
):
    before = versions.newest(connection)
    put(connection, ks, "Nyanser")
    number, _ = publishing.publish(connection, ks, "Nytt navn, etter ønske fra Tromsø")
    assert number == before + 1
    made = versions.version(connection, number)
    assert (made.origin, made.by, made.note, made.changed) == (
        "published", ks.user, "Nytt navn, etter ønske fra Tromsø", 1,
    )  # fmt: skip
    assert (named(connection), draft.entries(connection)) == ("Nyanser", {})


def test_publishing_without_a_note_is_refused(connection, ks):
    put(connection, ks, "Nyanser")
    with pytest.raises(Refused):
        publishing.publish(connection, ks, "  ")


def test_a_draft_that_does_not_hold_is_refused_and_stays(connection, ks):
    put(connection, ks, "", "name")
    assert not publishing.checked(connection, ks, draft.entries(connection)).ok
    number, reports = publishing.publish(connection, ks, "Tomt navn")
    assert number == 0 and not reports[0].ok
    assert draft.entries(connection).keys() == {KEY}


def test_nobody_without_the_action_writes_in_the_draft(connection, as_role):
    for role, place in (("tracer", "5501"), ("administrator", "5501"), ("fhi", "NO")):
        with pytest.raises(Refused):
            put(connection, as_role(role, place), "Nyanser")


def test_what_came_by_the_api_meanwhile_is_taken_in_where_it_does_not_cross(connection, ks):
    put(connection, ks, "Nyanser")
    changed = {**own("optionSets", store.current(connection).get(*KEY)), "description": "Etter"}
    exchange.import_metadata(connection, {"optionSets": [changed]}, None)
    assert draft.crossings(connection, draft.entries(connection)) == []
    publishing.publish(connection, ks, "Begge deler")
    after = store.current(connection).get("optionSets", SET)
    assert (after["name"], after["description"]) == ("Nyanser", "Etter")


@pytest.mark.parametrize(("ours", "name"), [(("name",), "Nyanser"), ((), "Lukter")])
def test_where_it_crosses_both_are_shown_and_publishing_waits_for_a_choice(
    connection, ks, ours, name
):
    put(connection, ks, "Nyanser")
    put(connection, ks, "Utkast", "description")
    changed = {**own("optionSets", store.current(connection).get(*KEY)), "name": "Lukter"}
    exchange.import_metadata(connection, {"optionSets": [changed]}, None)
    (crossing,) = draft.crossings(connection, draft.entries(connection))
    assert (crossing.name, crossing.draft, crossing.newer) == ("name", "Nyanser", "Lukter")
    with pytest.raises(Refused):
        publishing.publish(connection, ks, "For tidlig")
    draft.settle(connection, ks, KEY, ours)
    publishing.publish(connection, ks, "Valgt")
    after = store.current(connection).get("optionSets", SET)
    assert (after["name"], after["description"]) == (name, "Utkast")


def test_an_object_is_added_and_taken_away_by_publishing(connection, ks):
    option = {"id": "optionDDDD1", "code": "R", "name": "Rød", "optionSet": {"id": SET}}
    draft.add(connection, ks, "options", option)
    publishing.publish(connection, ks, "Rød kommer til")
    assert store.current(connection).option_sets[SET].names == {"R": "Rød"}
    draft.remove(connection, ks, "options", "optionDDDD1")
    assert draft.picture(connection).option_sets[SET].names == {}
    publishing.publish(connection, ks, "Rød går ut")
    assert store.current(connection).option_sets[SET].names == {}


def test_what_only_the_draft_has_is_gone_at_once_when_taken_away(connection, ks):
    option = {"id": "optionDDDD2", "code": "G", "name": "Grønn", "optionSet": {"id": SET}}
    draft.add(connection, ks, "options", option)
    draft.remove(connection, ks, "options", "optionDDDD2")
    assert draft.entries(connection) == {}
