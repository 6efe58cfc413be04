"""Maintenance, data items and the profile of org units: addresses beside the kinds themselves."""

import pytest

INDICATOR = {
    "indicatorTypes": [{"id": "upkeepType1", "name": "Upkeep type", "factor": 1}],
    "indicators": [
        {"id": "upkeepIndi1", "name": "Upkeep share", "shortName": "Share", "code": "UPKEEP",
         "numerator": "1", "denominator": "1", "indicatorType": {"id": "upkeepType1"}},
    ],
    "dataElements": [
        {"id": "upkeepElem1", "name": "Upkeep sum", "shortName": "Upkeep sum", "valueType": "NUMBER",
         "domainType": "AGGREGATE", "aggregationType": "SUM"},
        {"id": "upkeepElem2", "name": "Upkeep file", "shortName": "Upkeep file",
         "valueType": "FILE_RESOURCE", "domainType": "AGGREGATE", "aggregationType": "NONE"},
    ],
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def package(ask):
    assert ask("POST", "metadata", by="admin", json=INDICATOR).status_code == 200


def items(read, query):
    return read(f"dataItems?{query}")["dataItems"]


def test_data_items_of_several_kinds_stand_in_one_list(read, uid):
    answer = read("dataItems?filter=displayName:ilike:upkeep&order=name:asc")
    assert answer["pager"] == {"page": 1, "total": 2, "pageSize": 50, "pageCount": 1}
    assert answer["dataItems"][0] == {
        "id": "upkeepIndi1", "code": "UPKEEP", "name": "Upkeep share", "displayName": "Upkeep share",
        "shortName": "Share", "displayShortName": "Share", "dimensionItemType": "INDICATOR",
        "valueType": "NUMBER", "simplifiedValueType": "NUMBER",
    }  # fmt: skip
    assert answer["dataItems"][1]["dimensionItemType"] == "DATA_ELEMENT"
    of_program = items(read, f"filter=programId:eq:{uid('ST_INDEX')}&paging=false")
    kinds = {each["dimensionItemType"] for each in of_program}
    assert kinds == {"PROGRAM_INDICATOR", "PROGRAM_DATA_ELEMENT", "PROGRAM_ATTRIBUTE"}
    name = read(f"programs/{uid('ST_INDEX')}?fields=name")["name"]
    for each in of_program:
        own = each["dimensionItemType"] == "PROGRAM_INDICATOR"
        assert own or (each["name"].startswith(name) and each["id"].startswith(uid("ST_INDEX")))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("filter=dimensionItemType:eq:INDICATOR&filter=name:ilike:SHARE", ["upkeepIndi1"]),
        ("filter=dimensionItemType:in:[INDICATOR,DATA_SET]&filter=id:eq:upkeepElem1", []),
        ("filter=identifiable:token:upkeep sum", ["upkeepElem1"]),
        ("filter=id:eq:upkeepIndi1&filter=id:eq:upkeepElem1&rootJunction=OR&order=name:desc",
         ["upkeepElem1", "upkeepIndi1"]),
        ("filter=valueType:eq:COORDINATE&filter=name:ilike:upkeep", []),
    ],
)  # fmt: skip
def test_data_items_are_asked_for_in_their_own_language(read, query, found):
    assert [each["id"] for each in items(read, query)] == found


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("filter=dimensionItemType:in:[SMELL]", "E2016"),
        ("filter=valueType:eq:SMELL", "E2016"),
        ("filter=colour:eq:red", "E2034"),
        ("filter=name:eq:Upkeep", "E2035"),
        ("filter=name:near:Upkeep", "E2035"),
        ("filter=name", "E2014"),
        ("order=colour:asc", "E2037"),
    ],
)
def test_what_data_items_are_not_asked_is_refused_by_code(ask, query, code):
    answer = ask("GET", f"dataItems?{query}", by="admin")
    assert (answer.status_code, answer.json()["errorCode"]) == (409, code)


def test_missing_category_option_combos_are_made_when_asked_for(ask, post, read, pool):
    package = {
        "categoryOptions": [{"id": "upkeepOptn1", "name": "Upkeep option"}],
        "categories": [
            {"id": "upkeepCate1", "name": "Upkeep category", "dataDimensionType": "DISAGGREGATION",
             "categoryOptions": [{"id": "upkeepOptn1"}]},
        ],
        "categoryCombos": [
            {"id": "upkeepComb1", "name": "Upkeep combo", "dataDimensionType": "DISAGGREGATION",
             "categories": [{"id": "upkeepCate1"}]},
        ],
    }  # fmt: skip
    assert post(package)[0] == 200
    path = "categoryOptionCombos?fields=id&filter=categoryCombo.id:eq:upkeepComb1"
    (made,) = read(path)["categoryOptionCombos"]
    assert ask("DELETE", f"categoryOptionCombos/{made['id']}", by="admin").status_code == 200
    assert read(path)["categoryOptionCombos"] == []
    for way in (
        "maintenance/categoryOptionComboUpdate",
        "maintenance?categoryOptionComboUpdate=true",
    ):
        assert ask("POST", way, by="admin", json={}).status_code == 204
        assert read(path)["categoryOptionCombos"] == [made]
    assert ask("DELETE", f"categoryOptionCombos/{made['id']}", by="admin").status_code == 200
    of_one = "maintenance/categoryOptionComboUpdate/categoryCombo"
    assert ask("POST", f"{of_one}/bjDvmb4bfuf", by="admin").status_code == 200
    assert read(path)["categoryOptionCombos"] == []
    answer = ask("POST", f"{of_one}/upkeepComb1", by="admin")
    assert (answer.status_code, answer.json()["message"]) == (200, "Import was successful.")
    assert read(path)["categoryOptionCombos"] == [made]
    answer = ask("POST", f"{of_one}/upkeepCombX", by="admin").json()
    assert (answer["httpStatusCode"], answer["message"]) == (
        409, "CategoryCombo does not exist: upkeepCombX",
    )  # fmt: skip
    assert ask("POST", f"{of_one}/upkeepComb1").status_code == 403


def test_housekeeping_is_for_who_has_the_authority(ask):
    assert ask("PUT", "maintenance?softDeletedEventRemoval=true", by="admin").status_code == 204
    assert ask("PUT", "maintenance/cacheClear", by="admin").status_code == 204
    assert ask("PUT", "maintenance/everything", by="admin").status_code == 404
    assert ask("PUT", "maintenance/cacheClear").status_code == 403


def test_the_profile_chooses_what_a_card_of_an_org_unit_shows(ask, post, read):
    package = {
        "attributes": [
            {"id": "upkeepAttr1", "name": "Number of doors", "valueType": "TEXT",
             "organisationUnitAttribute": True},
        ],
        "organisationUnits": [
            {"id": "upkeepUnit1", "name": "Upkeep hall", "shortName": "Hall",
             "openingDate": "2020-01-01", "geometry": {"type": "Point", "coordinates": [10.5, 60.5]},
             "attributeValues": [{"attribute": {"id": "upkeepAttr1"}, "value": "4"}]},
        ],
        "organisationUnitGroups": [
            {"id": "upkeepGrou1", "name": "Halls", "shortName": "Halls",
             "organisationUnits": [{"id": "upkeepUnit1"}]},
        ],
        "organisationUnitGroupSets": [
            {"id": "upkeepGset1", "name": "Buildings", "shortName": "Buildings",
             "organisationUnitGroups": [{"id": "upkeepGrou1"}]},
        ],
    }  # fmt: skip
    assert post(package)[0] == 200
    nothing = {"attributes": [], "groupSets": [], "dataItems": []}
    assert read("organisationUnitProfile") == nothing
    wanted = {
        "attributes": ["upkeepAttr1"],
        "groupSets": ["upkeepGset1"],
        "dataItems": ["upkeepElem1"],
    }
    assert ask("POST", "organisationUnitProfile", json=wanted).status_code == 403
    assert ask("POST", "organisationUnitProfile", by="admin", json=wanted).status_code == 200
    assert read("organisationUnitProfile") == wanted
    card = read("organisationUnitProfile/upkeepUnit1/data")
    assert card["info"]["name"] == "Upkeep hall"
    assert (card["info"]["longitude"], card["info"]["latitude"]) == (10.5, 60.5)
    assert card["attributes"] == [{"id": "upkeepAttr1", "label": "Number of doors", "value": "4"}]
    assert card["groupSets"] == [{"id": "upkeepGset1", "label": "Buildings", "value": "Halls"}]
    wrong = {"attributes": ["nothingHere"]}
    answer = ask("POST", "organisationUnitProfile", by="admin", json=wrong)
    assert (answer.status_code, answer.json()["errorCode"]) == (409, "E4014")
    answer = ask("GET", "organisationUnitProfile/nothingHere/data", by="admin")
    assert (answer.status_code, answer.json()["errorCode"]) == (409, "E1102")
