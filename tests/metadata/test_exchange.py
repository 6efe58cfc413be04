"""Metadata in and out of a real database."""

import json

import pytest

from smittesporing.access import org_units
from smittesporing.metadata import exchange, places, store
from smittesporing.metadata.incoming import Manner
from smittesporing.problems import Refused
from tests.metadata.conftest import codes, option, option_set


@pytest.fixture(scope="session")
def package(shared):
    text = (shared / "data/dhis2/C19_CS-2.37/metadata.json").read_text(encoding="utf-8")
    return json.loads(text)


def test_package_from_who_imports_and_a_second_time_creates_nothing(connection, admin, package):
    first = exchange.import_metadata(connection, package, admin)
    assert (first.status, codes(first)) == ("OK", [])
    assert first.stats.updated == 4, "the default category objects stand already"
    before = store.current(connection)
    second = exchange.import_metadata(connection, package, admin)
    after = store.current(connection)
    assert second.status == "OK"
    assert (second.stats.created, second.stats.deleted) == (0, 0)
    assert second.stats.total == first.stats.total
    assert {kind: len(before.of(kind)) for kind in package} == {
        kind: len(after.of(kind)) for kind in package
    }
    program, sex = "uYjxkTbwRNf", "WDUwjiW2rGH"
    assert after.programs[program].version == before.programs[program].version + 1
    assert after.option_sets[sex].version == before.option_sets[sex].version + 1


def test_package_from_who_reads_as_programs(connection, admin, package):
    exchange.import_metadata(connection, package, admin)
    metadata = store.current(connection)
    program = metadata.programs["uYjxkTbwRNf"]
    assert [len(stage.elements) for stage in program.stages] == [48, 6, 4, 5]
    assert len(program.attributes) == 14
    assert program.tracked_entity_type is not None
    assert metadata.option_sets["WDUwjiW2rGH"].names == {"FEMALE": "Female", "MALE": "Male"}
    assert len(metadata.program_indicators) >= 109
    assert sum(len(rules) for rules in metadata.program_rules.values()) >= 24
    assert all(rule.actions for rule in metadata.program_rules[program.uid])


def test_legacy_and_computed_properties_are_dropped_and_the_rest_survives(connection, admin):
    given = option_set(
        attributeValues=[],
        favorite=True,
        displayName="Never kept",
        access={"read": True},
        publicAccess="r-------",
        userGroupAccesses=[{"id": "group000001", "access": "rw------"}],
        ourOwnWord="dropped",
        description="kept",
    )
    group = {"id": "group000001", "name": "Group"}
    exchange.import_metadata(connection, {"optionSets": [given], "userGroups": [group]}, admin)
    body = store.current(connection).get("optionSets", "optSetAAAA1")
    assert body["description"] == "kept"
    assert not {"favorite", "displayName", "access", "publicAccess", "ourOwnWord"} & body.keys()
    assert body["sharing"]["public"] == "r-------"
    assert body["sharing"]["userGroups"]["group000001"]["access"] == "rw------"


def test_parent_that_lists_its_children_gives_them_their_reference_and_order(connection, admin):
    payload = {
        "optionSets": [option_set(options=[{"id": "optionBBBB1"}, {"id": "optionAAAA1"}])],
        "options": [option("optionAAAA1", "A"), option("optionBBBB1", "B")],
    }
    assert exchange.import_metadata(connection, payload, admin).ok
    assert list(store.current(connection).option_sets["optSetAAAA1"].names) == ["B", "A"]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"optionSets": [{"id": "optSetAAAA1", "valueType": "TEXT"}]}, ["E4000"]),
        ({"optionSets": [option_set("not a uid")]}, ["E4014"]),
        ({"optionSets": ["text"]}, ["E4027"]),
        ({"optionSets": [option_set(version="many")]}, ["E4027"]),
        ({"options": [option("optionAAAA1", "A", optionSet={"id": "nothingHere"})]}, ["E5002"]),
        ({"options": [option("optionAAAA1", "A", optionSet={"id": 7})]}, ["E4027"]),
        (
            {"optionSets": [option_set(code="X"), option_set("optSetBBBB1", code="X")]},
            ["E5003"],
        ),
        ({"optionSets": [option_set(), option_set(name="Again")]}, ["E5004"]),
        ({"optionSets": [option_set(code="X" * 51)]}, ["E4001"]),
        ({"categoryCombos": [{"id": "catCombo001", "name": "default"}]}, ["E5003"]),
        (
            {
                "dataElements": [
                    {
                        "id": "dataElemen1",
                        "name": "N",
                        "shortName": "N",
                        "valueType": "SMELL",
                        "domainType": "TRACKER",
                        "aggregationType": "NONE",
                    }
                ]
            },
            ["E4027"],
        ),
        (
            {
                "programRuleVariables": [
                    {
                        "id": "variable001",
                        "name": "this or that",
                        "program": {"id": "program0001"},
                        "programRuleVariableSourceType": "CALCULATED_VALUE",
                    }
                ]
            },
            ["E4052", "E5002"],
        ),
        (
            {"programStages": [{"id": "stage000001", "name": "S", "programStageDataElements": 4}]},
            ["E4027"],
        ),
        ({"organisationUnits": [{"id": "orgUnit0001", "name": "New"}]}, ["E4000"]),
    ],
)
def test_what_cannot_stand_is_refused_by_code(connection, admin, payload, expected):
    report = exchange.import_metadata(connection, payload, admin)
    assert report.status == "ERROR"
    assert sorted(set(codes(report))) == expected
    assert report.stats.created == 0


def test_one_refusal_leaves_everything_as_it_was_unless_each_may_stand_alone(connection, admin):
    payload = {
        "optionSets": [option_set(), {"id": "optSetBBBB1", "valueType": "TEXT"}],
        "options": [option("optionBBBB1", "B", optionSet={"id": "optSetBBBB1"})],
    }
    all_or_nothing = exchange.import_metadata(connection, payload, admin)
    assert all_or_nothing.stats.as_json() == {
        "created": 0,
        "updated": 0,
        "deleted": 0,
        "ignored": 3,
        "total": 3,
    }
    assert store.current(connection).get("optionSets", "optSetAAAA1") is None
    each = exchange.import_metadata(connection, payload, admin, Manner(atomic="NONE"))
    assert (each.status, each.stats.created, each.stats.ignored) == ("WARNING", 1, 2)
    assert codes(each) == ["E4000", "E5002"], "the option falls with the set it belongs to"


def test_validation_alone_writes_nothing(connection, admin):
    payload = {"optionSets": [option_set()]}
    report = exchange.import_metadata(connection, payload, admin, Manner(mode="VALIDATE"))
    assert (report.status, report.stats.created) == ("OK", 1)
    assert store.current(connection).get("optionSets", "optSetAAAA1") is None


@pytest.mark.parametrize(
    ("strategy", "code"), [("UPDATE", "E5001"), ("DELETE", "E5001"), ("CREATE", None)]
)
def test_strategy_on_what_is_not_there(connection, admin, strategy, code):
    payload = {"optionSets": [option_set()]}
    report = exchange.import_metadata(connection, payload, admin, Manner(strategy=strategy))
    assert codes(report) == ([code] if code else [])


def test_changed_option_raises_the_version_clients_cache_its_set_by(connection, admin):
    set_, one = option_set(version=4), option("optionAAAA1", "A", optionSet={"id": "optSetAAAA1"})
    exchange.import_metadata(connection, {"optionSets": [set_], "options": [one]}, admin)
    exchange.import_metadata(connection, {"options": [{**one, "name": "New"}]}, admin)
    assert store.current(connection).option_sets["optSetAAAA1"].version == 5


def test_options_that_stand_follow_the_list_of_their_set(connection, admin):
    loose = {"options": [option("optionAAAA1", "A"), option("optionBBBB1", "B")]}
    assert exchange.import_metadata(connection, loose, admin).ok
    both = {"optionSets": [option_set(options=[{"id": "optionBBBB1"}, {"id": "optionAAAA1"}])]}
    assert codes(exchange.import_metadata(connection, both, admin)) == []
    assert list(store.current(connection).option_sets["optSetAAAA1"].names) == ["B", "A"]
    one = {"optionSets": [option_set(options=[{"id": "optionAAAA1"}])]}
    assert exchange.import_metadata(connection, one, admin).ok
    assert list(store.current(connection).option_sets["optSetAAAA1"].names) == ["A"]
    unsaid = {"optionSets": [option_set()]}
    assert exchange.import_metadata(connection, unsaid, admin).ok
    assert list(store.current(connection).option_sets["optSetAAAA1"].names) == ["A"]
    other = option_set("optSetBBBB1", options=[{"id": "optionAAAA1"}, {"id": "optionBBBB1"}])
    shared = {"optionSets": [option_set(options=[{"id": "optionBBBB1"}]), other]}
    assert exchange.import_metadata(connection, shared, admin).ok
    sets = store.current(connection).option_sets
    assert [list(sets[uid].names) for uid in ("optSetAAAA1", "optSetBBBB1")] == [["B"], ["A"]]
    nobody = {"optionSets": [option_set(options=[{"id": "optionCCCC1"}])]}
    assert codes(exchange.import_metadata(connection, nobody, admin)) == ["E5002"]


def test_program_keeps_its_org_units_when_its_package_comes_again(connection, admin, package):
    exchange.import_metadata(connection, package, admin)
    unit = next(iter(store.current(connection).of("organisationUnits")))
    program = dict(store.current(connection).get("programs", "uYjxkTbwRNf"))
    program["organisationUnits"] = [{"id": unit}]
    assert exchange.import_metadata(connection, {"programs": [program]}, admin).ok
    exchange.import_metadata(connection, package, admin)
    assert store.current(connection).programs["uYjxkTbwRNf"].serves(unit)


def test_what_is_exported_imports_again_unchanged(connection, admin, package):
    exchange.import_metadata(connection, package, admin)
    before = store.current(connection)
    report = exchange.import_metadata(
        connection, exchange.export_metadata(before), admin, Manner(only_changes=True)
    )
    changed = [(each.plural, each.uid) for each in report.objects if each.fate != "ignored"]
    assert (report.status, changed) == ("OK", [])


def test_tracer_may_not_write_configuration(connection, as_role):
    with pytest.raises(Refused):
        exchange.import_metadata(
            connection, {"optionSets": [option_set()]}, as_role("tracer", "5501")
        )


def test_transaction_that_rolls_back_leaves_no_picture_behind(pool, admin):
    with pool.connection() as opened:
        exchange.import_metadata(opened, {"optionSets": [option_set()]}, admin)
        assert store.current(opened).get("optionSets", "optSetAAAA1")
        opened.rollback()
    with pool.connection() as opened:
        # Another process writes next, and gets the number that was rolled back.
        store.put(opened, [store.Row("optionSets", option_set("optSetBBBB1"))])
        store.touch(opened)
    with pool.connection() as opened:
        sets = store.current(opened).of("optionSets")
        assert "optSetAAAA1" not in sets
        assert "optSetBBBB1" in sets


def test_bydel_and_its_team_are_added_below_a_kommune_and_may_enroll_at_once(connection, admin):
    units = store.current(connection).of("organisationUnits")
    kommune = next(uid for uid, body in units.items() if body.get("code") == "5501")
    opened = {"openingDate": "2020-01-01"}
    bydel = {"id": "bydelAAAAA1", "name": "Bydel", "shortName": "B", "parent": {"id": kommune}}
    team = {"id": "teamAAAAAA1", "name": "Lag", "shortName": "L", "parent": {"id": bydel["id"]}}
    payload = {"organisationUnits": [{**team, **opened}, {**bydel, **opened}]}
    report = exchange.import_metadata(connection, payload, admin)
    assert (codes(report), report.stats.created) == ([], 2)
    added = store.current(connection).get("organisationUnits", team["id"])
    assert added["path"].endswith(f"{kommune}/{bydel['id']}/{team['id']}")
    again = exchange.import_metadata(connection, payload, admin)
    assert (again.status, again.stats.updated) == ("OK", 2)
    assigned = places.assign_like_parent(connection, bydel["id"])
    metadata = store.current(connection)
    assert assigned >= 3
    assert metadata.programs[metadata.uid("ST_INDEX")].serves(bydel["id"])


def test_no_unit_is_added_where_the_register_rules(connection, admin, as_role):
    units = store.current(connection).of("organisationUnits")
    norge = next(uid for uid, body in units.items() if body["level"] == 1)
    fylke = next(uid for uid, body in units.items() if body["level"] == 2)
    unit = {"id": "fylkeAAAAA1", "name": "F", "shortName": "F", "openingDate": "2020-01-01"}
    for parent, who, expected in (
        ({"id": norge}, admin, "T005"),
        ({"id": fylke}, admin, "T005"),
        ({"id": "fylkeAAAAA1"}, admin, "E5002"),
        (None, as_role("ks", "NO"), "E3000"),
    ):
        payload = {"organisationUnits": [{**unit, "parent": parent}]}
        assert codes(exchange.import_metadata(connection, payload, who)) == [expected]


def test_a_superuser_plants_a_tree_beside_norways(connection, admin):
    unit = {"id": "rootAAAAAA1", "name": "Test", "shortName": "T", "openingDate": "2020-01-01"}
    below = {**unit, "id": "leafAAAAAA1", "name": "Leaf", "parent": {"id": unit["id"]}}
    report = exchange.import_metadata(connection, {"organisationUnits": [below, unit]}, admin)
    assert codes(report) == []
    found = org_units.current(connection)
    assert found.by_uid["leafAAAAAA1"].path == "/rootAAAAAA1/leafAAAAAA1"
    assert len(found.level(1)) == 1


def test_official_unit_comes_along_unchanged_and_is_refused_when_changed(connection, admin):
    units = store.current(connection).of("organisationUnits")
    kommune = next(body for body in units.values() if body.get("code") == "5501")
    same = exchange.import_metadata(connection, {"organisationUnits": [kommune]}, admin)
    assert (same.status, same.stats.updated) == ("OK", 1)
    for change in ({"name": "X"}, {"code": "9999"}, {"parent": {"id": "elsewhere01"}}):
        payload = {"organisationUnits": [{**kommune, **change}]}
        assert "T005" in codes(exchange.import_metadata(connection, payload, admin))


def test_writer_changes_only_what_sharing_lets_her(connection, admin, as_role):
    ks = as_role("ks", "NO")
    closed = option_set(sharing={"public": "r-------", "owner": admin.user})
    exchange.import_metadata(connection, {"optionSets": [closed]}, admin)
    payload = {"optionSets": [option_set(name="Mine now")]}
    assert codes(exchange.import_metadata(connection, payload, ks)) == ["E3001"]
    gone = Manner(strategy="DELETE")
    assert codes(exchange.import_metadata(connection, payload, ks, gone)) == ["E3002"]


def test_rows_that_old_exports_hold_apart_are_put_back(connection, admin):
    element = next(iter(store.current(connection).of("dataElements")))
    program = store.current(connection).uid("ST_INDEX")
    row = {"id": "psdeAAAAAA1", "dataElement": {"id": element}, "compulsory": True}
    stage = {
        "id": "stageAAAAA1",
        "name": "Old",
        "program": {"id": program},
        "programStageDataElements": [{"id": row["id"]}],
    }
    payload = {"programStages": [stage], "programStageDataElements": [row]}
    assert codes(exchange.import_metadata(connection, payload, admin)) == []
    read = store.current(connection).stages[stage["id"]]
    assert [(each.element.uid, each.compulsory) for each in read.elements] == [(element, True)]


def test_references_by_code_find_what_they_name(connection, admin):
    payload = {
        "optionSets": [option_set(code="SET")],
        "options": [option("optionAAAA1", "A", optionSet={"code": "SET"})],
    }
    assert exchange.import_metadata(connection, payload, admin).ok
    assert store.current(connection).option_sets["optSetAAAA1"].has("A")
