"""What clients of DHIS2 write otherwise than it stands in the books, and DHIS2 takes all the same."""

import pytest

from tests.api.conftest import refused

ELEMENT = {
    "id": "sentDataEl1", "name": "Sent", "shortName": "Sent", "valueType": "NUMBER",
    "domainType": "TRACKER", "aggregationType": "NONE", "zeroIsSignificant": "true",
}  # fmt: skip
STAGE = {
    "id": "sentStage01", "name": "Sent stage", "program": {"id": "sentProgrm1"},
    "minDaysFromStart": "7", "repeatable": "TRUE", "description": 2022,
    "programStageDataElements": [
        {"id": "sentRowInS1", "dataElement": {"id": "sentDataEl1"}, "compulsory": "true"},
        {"id": "sentRowInS1", "dataElement": {"id": "sentDataEl1"}, "sortOrder": 2},
    ],
}  # fmt: skip
PROGRAM = {
    "id": "sentProgrm1", "name": "Sent program", "shortName": "Sent program",
    "programType": "WITHOUT_REGISTRATION", "onlyEnrollOnce": "false", "expiryDays": "",
    "programStages": [{"id": "sentStage01"}],
}  # fmt: skip
PACKAGE = {"dataElements": [ELEMENT], "programStages": [STAGE], "programs": [PROGRAM]}


@pytest.fixture(scope="module")
def sent(ask):
    answer = ask("POST", "metadata?importReportMode=FULL", by="admin", json=PACKAGE)
    assert refused(answer.json()) == []


def test_numbers_and_yes_or_no_written_as_texts_are_kept_as_what_they_are(sent, read):
    assert read("dataElements/sentDataEl1")["zeroIsSignificant"] is True
    stage = read("programStages/sentStage01?fields=:all,programStageDataElements[compulsory]")
    assert (stage["minDaysFromStart"], stage["repeatable"]) == (7, True)
    assert stage["description"] == "2022"
    assert stage["programStageDataElements"] == [{"compulsory": True}]
    program = read("programs/sentProgrm1")
    assert (program["onlyEnrollOnce"], program.get("expiryDays", 0)) == (False, 0)
    found = read("dataElements?filter=zeroIsSignificant:eq:true&filter=id:eq:sentDataEl1")
    assert [each["id"] for each in found["dataElements"]] == ["sentDataEl1"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("repeatable", "perhaps"), ("repeatable", 1.5), ("minDaysFromStart", "seven"),
     ("minDaysFromStart", True), ("minDaysFromStart", [7])],
)  # fmt: skip
def test_what_is_no_value_of_its_type_is_refused(sent, post, name, value):
    status, answer = post({"programStages": [{**STAGE, name: value}]})
    assert status == 409
    assert [code for _, _, code, _ in refused(answer)] == ["E4027"]


def test_a_question_that_a_form_lists_twice_stands_in_it_once(sent, read):
    rows = read("programStages/sentStage01?fields=programStageDataElements[id,sortOrder]")
    assert rows["programStageDataElements"] == [{"id": "sentRowInS1", "sortOrder": 1}]


def test_a_reference_listed_twice_is_held_once(sent, post, read):
    group = {
        "id": "sentGroup01", "name": "Sent group", "shortName": "Sent group",
        "dataElements": [{"id": "sentDataEl1"}, {"id": "sentDataEl1", "code": "x"}],
    }  # fmt: skip
    assert post({"dataElementGroups": [group]})[0] == 200
    kept = read("dataElementGroups/sentGroup01?fields=dataElements[id]")
    assert kept == {"dataElements": [{"id": "sentDataEl1"}]}


@pytest.mark.parametrize(
    "words",
    ["atomicMode=OBJECT", "identifier=NAME", "importReportMode=ODD", "mergeMode=ODD",
     "flushMode=ODD", "preheatMode=ODD", "userOverrideMode=ODD"],
)  # fmt: skip
def test_a_word_that_says_how_to_import_and_is_not_known_is_the_default(sent, post, words):
    assert post(PACKAGE, words)[0] == 200


@pytest.mark.parametrize("words", ["importMode=TRIAL", "importStrategy=REMOVE"])
def test_a_word_that_would_write_where_nobody_meant_to_is_refused(sent, post, words):
    assert post(PACKAGE, words)[0] == 400


@pytest.mark.parametrize(
    ("listed", "places"),
    [("AB", (7, 2)), ("BA", (None, None)), ("AB", (2, 2)), ("BA", (None, 1)), ("AB", (1, 5))],
)
def test_options_stand_in_the_order_of_their_sets_list(post, read, listed, places):
    uids = [f"sentOption{letter}" for letter in listed]
    options = [
        {"id": f"sentOption{letter}", "code": letter, "name": letter,
         "optionSet": {"id": "sentSet0001"}, "sortOrder": place}
        for letter, place in zip("AB", places, strict=True)
    ]  # fmt: skip
    options_set = {
        "id": "sentSet0001", "name": "Sent set", "valueType": "TEXT",
        "options": [{"id": uid} for uid in uids],
    }  # fmt: skip
    assert post({"options": options, "optionSets": [options_set]})[0] == 200
    kept = read("optionSets/sentSet0001?fields=options[id]")["options"]
    assert [each["id"] for each in kept] == uids


def test_a_set_put_with_its_options_the_other_way_round_has_them_so(ask, read):
    kept = read("optionSets/sentSet0001")
    turned = {**kept, "options": kept["options"][::-1]}
    assert ask("PUT", "optionSets/sentSet0001", by="admin", json=turned).status_code == 200
    assert read("optionSets/sentSet0001?fields=options[id]")["options"] == turned["options"]


def test_a_stage_that_belongs_to_no_program_is_refused(sent, post, read):
    status, answer = post({"programStages": [{"id": "sentStage02", "name": "Astray"}]})
    assert (status, [code for _, _, code, _ in refused(answer)]) == (409, ["E4053"])
    left_out = {name: value for name, value in STAGE.items() if name != "program"}
    assert post({"programStages": [left_out]})[0] == 200
    assert read("programStages/sentStage01")["program"]["id"] == "sentProgrm1"


def test_a_maker_that_is_no_user_is_passed_over(post, read):
    body = {"id": "sentSet0002", "name": "Made", "valueType": "TEXT", "createdBy": "somebody"}
    assert post({"optionSets": [body]})[0] == 200
    assert read("optionSets/sentSet0002?fields=createdBy[username]") == {
        "createdBy": {"username": "odd-admin"}
    }


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        ('{"type":"Polygon"}', ["E6004"]),
        ("59.9, 10.7", ["E6004"]),
        ('{"type":"Polygon","coordinates":[[[100,0],[101,0],[101,1],[100,0]]]}', []),
        ('{"type":"Feature","geometry":{"type":"Point","coordinates":[10.7,59.9]}}', []),
        ('{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null}]}', []),
    ],
)
def test_a_custom_attribute_of_shapes_holds_geojson(post, value, codes):
    attribute = {
        "id": "sentShape01", "name": "Shape", "valueType": "GEOJSON", "optionSetAttribute": True,
    }  # fmt: skip
    held = [{"attribute": {"id": "sentShape01"}, "value": value}]
    body = {"id": "sentSet0003", "name": "Shaped", "valueType": "TEXT", "attributeValues": held}
    _, answer = post({"attributes": [attribute], "optionSets": [body]})
    assert [code for _, _, code, _ in refused(answer)] == codes


@pytest.mark.parametrize(
    "address", ["dataElements?", "dataElements/sentDataEl1?", "metadata?dataElements=true&"]
)
def test_asked_without_defaults_nothing_points_at_them(sent, read, address):
    default = "bjDvmb4bfuf"
    assert default in str(read(f"{address}fields=id,categoryCombo"))
    assert default not in str(read(f"{address}fields=id,categoryCombo&defaults=EXCLUDE"))


def test_a_list_of_events_says_again_what_stands_on_its_axes(sent, ask, read):
    dates, period = "2021-07-21_2021-08-01", "eventDate"
    body = {
        "id": "sentEvents1", "name": "Listed", "type": "LINE_LIST", "program": {"id": "sentProgrm1"},
        "columns": [
            {"dimension": period, "items": [{"id": dates}], "program": {"id": "sentProgrm1"}},
            {"dimension": "sentDataEl1", "repetition": {"indexes": [1, 0, -1]}},
        ],
        "sorting": [{"dimension": period, "direction": "ASC"},
                    {"dimension": period, "direction": "DESC"}],
    }  # fmt: skip
    assert ask("POST", "eventVisualizations", by="admin", json=body).status_code == 201
    kept = read("eventVisualizations/sentEvents1")
    assert kept["simpleDimensions"] == [
        {"parent": "COLUMN", "dimension": period, "program": "sentProgrm1", "values": [dates]}
    ]
    assert kept["repetitions"] == [
        {"parent": "COLUMN", "dimension": "sentDataEl1", "indexes": [1, 0, -1]}
    ]
    assert kept["sorting"] == [{"dimension": period, "direction": "ASC"}]
