"""Configuration taken away, in a real database."""

from smittesporing.metadata import exchange, store
from smittesporing.metadata.incoming import Manner
from tests.metadata.conftest import codes, option, option_set


def test_delete_takes_the_parts_along_but_not_what_others_use(connection, admin):
    element = {
        "id": "dataElemen1",
        "name": "Question",
        "shortName": "Question",
        "valueType": "TEXT",
        "domainType": "TRACKER",
        "aggregationType": "NONE",
        "optionSet": {"id": "optSetAAAA1"},
    }
    payload = {
        "optionSets": [option_set()],
        "options": [option("optionAAAA1", "A", optionSet={"id": "optSetAAAA1"})],
        "dataElements": [element],
    }
    assert exchange.import_metadata(connection, payload, admin).ok
    gone = Manner(strategy="DELETE")
    used = exchange.import_metadata(connection, {"optionSets": [option_set()]}, admin, gone)
    assert codes(used) == ["E4030"]
    both = {"optionSets": payload["optionSets"], "dataElements": payload["dataElements"]}
    report = exchange.import_metadata(connection, both, admin, gone)
    assert (report.status, report.stats.deleted) == ("OK", 2)
    assert store.current(connection).get("options", "optionAAAA1") is None


def test_what_is_deleted_leaves_its_groups_and_dashboards(connection, admin):
    drawing = {"id": "visualizat1", "name": "V", "type": "COLUMN"}
    payload = {
        "optionSets": [option_set()],
        "options": [option("optionAAAA1", "A", optionSet={"id": "optSetAAAA1"})],
        "optionGroups": [{"id": "optGroup001", "name": "G", "options": [{"id": "optionAAAA1"}]}],
        "visualizations": [drawing],
        "dashboards": [
            {"id": "dashboardA1", "name": "D", "dashboardItems": [{"visualization": drawing}]}
        ],
    }
    assert codes(exchange.import_metadata(connection, payload, admin)) == []
    gone = {"optionSets": payload["optionSets"], "visualizations": [drawing]}
    report = exchange.import_metadata(connection, gone, admin, Manner(strategy="DELETE"))
    assert (codes(report), report.stats.deleted) == ([], 2)
    after = store.current(connection)
    assert after.get("optionGroups", "optGroup001")["options"] == []
    assert after.get("dashboards", "dashboardA1")["dashboardItems"] == []


def test_program_takes_along_what_is_about_it_alone(connection, admin):
    ends = {"relationshipEntity": "PROGRAM_INSTANCE", "program": {"id": "programAAA1"}}
    payload = {
        "programs": [
            {"id": "programAAA1", "name": "P", "shortName": "P"}
            | {"programType": "WITHOUT_REGISTRATION"}
        ],
        "programStages": [{"id": "stageAAAAA1", "name": "S", "program": {"id": "programAAA1"}}],
        "relationshipTypes": [
            {"id": "relTypeAAA1", "name": "R", "fromConstraint": ends, "toConstraint": ends}
        ],
        "eventFilters": [{"id": "filterAAAA1", "name": "F", "program": {"id": "programAAA1"}}],
    }
    assert codes(exchange.import_metadata(connection, payload, admin)) == []
    made = store.current(connection).get("programs", "programAAA1")
    assert made["categoryCombo"] == {"id": "bjDvmb4bfuf"}, "the default one where none is stated"
    gone = {"programs": payload["programs"]}
    report = exchange.import_metadata(connection, gone, admin, Manner(strategy="DELETE"))
    assert (codes(report), report.stats.deleted) == ([], 1)
    after = store.current(connection)
    assert not any(after.get(plural, each[0]["id"]) for plural, each in payload.items())


def test_shipped_programme_is_not_taken_away(connection, admin):
    program = store.current(connection).uid("ST_INDEX")
    payload = {"programs": [{"id": program}]}
    report = exchange.import_metadata(connection, payload, admin, Manner(strategy="DELETE"))
    assert codes(report) == ["E4030"]
