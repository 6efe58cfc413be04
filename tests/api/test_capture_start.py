"""What DHIS2's Capture app asks for when it starts, word by word, on WHO's package and our own.

The `fields` are Capture's (dhis2/capture-app, metaDataStoreLoaders), with its own missing commas.
"""

import pytest

from smittesporing import database
from smittesporing.access import passwords
from smittesporing.metadata.fields import parse
from tests.api.conftest import PASSWORD
from tests.api.shapes import faults, keys_below
from tests.conftest import user_with

CASES, CONTACTS = "uYjxkTbwRNf", "DM9n1bUw8W8"
GROUP = "k8Fk0kuhOeK"
CONSTRAINT = (
    "[relationshipEntity,trackerDataView,trackedEntityType[id,name],program[id,name],"
    "programStage[id,name,program[id]]]"
)
PROGRAMS = (
    "id,displayName,displayShortName,description,programType,style,displayFrontPageList,"
    "displayIncidentDateLabel,displayEnrollmentDateLabel,minAttributesRequiredToSearch,"
    "useFirstStageDuringRegistration,onlyEnrollOnce,featureType,selectEnrollmentDatesInFuture,"
    "selectIncidentDatesInFutureaccessLevel,expiryPeriodType,expiryDays,dataEntryForm[id,htmlCode],"
    "displayIncidentDate,access[*],trackedEntityType[id],"
    "categoryCombo[id,displayName,isDefault,categories[id,displayName]],userRoles[id,displayName],"
    "programStages[id,access,autoGenerateEvent,openAfterEnrollment,hideDueDate,"
    "allowGenerateNextVisit,remindCompleted,repeatable,generatedByEnrollmentDate,reportDateToUse,"
    "blockEntryForm,minDaysFromStart,name,displayName,description,displayExecutionDateLabel,"
    "displayDueDateLabel,formType,featureType,validationStrategy,enableUserAssignment,style,"
    "dataEntryForm[id,htmlCode]"
    "programStageSections[id,displayName,displayDescription,sortOrder,dataElements[id]],"
    "programStageDataElements[compulsory,displayInReports,renderOptionsAsRadio,allowFutureDate,"
    "renderType[*],dataElement[id]]]"
    "programSections[id, displayDescription, displayFormName, sortOrder, trackedEntityAttributes],"
    "programTrackedEntityAttributes[trackedEntityAttribute[id],displayInList,searchable,mandatory,"
    "renderOptionsAsRadio,allowFutureDate]"
)
RULES = (
    "id,displayName,condition,description,program[id],programStage[id],priority,"
    "programRuleActions[id,content,displayContent,location,data,priority,programRuleActionType,"
    "programStageSection[id],dataElement[id],trackedEntityAttribute[id],programStage[id],"
    "optionGroup[id],option[id],legendSet[id]]"
)
OURS = f"program.id:in:[{CASES},{CONTACTS}]"
# (kind, filters, fields, whether the package has any)
CALLS = [
    ("constants", [], "id,displayName,value", False),
    ("organisationUnitLevels", ["level:gt:1"], "id,displayName,level", False),
    (
        "relationshipTypes",
        [],
        f"id,displayName,bidirectional,fromToName,toFromName,fromConstraint{CONSTRAINT},"
        f"toConstraint{CONSTRAINT},access[*],referral",
        False,
    ),
    ("organisationUnitGroups", [], "id,name,code,organisationUnits[id]", False),
    (
        "trackedEntityTypes",
        [],
        "id, trackedEntityTypeAttributes[trackedEntityAttribute[optionSet[id,version]]]",
        True,
    ),
    (
        "trackedEntityTypes",
        ["id:in:[MCPQUTHX1Ze]"],
        "id,access,displayName,displayTrackedEntityTypesLabel,minAttributesRequiredToSearch,"
        "featureType,trackedEntityTypeAttributes[trackedEntityAttribute[id],displayInList,mandatory,"
        "searchable],translations[property,locale,value]",
        True,
    ),
    (
        "programs",
        [],
        "id,version,programTrackedEntityAttributes[trackedEntityAttribute[id,optionSet[id,version]]],"
        "programStages[id,programStageDataElements[dataElement[id,optionSet[id,version]]]]",
        True,
    ),
    ("programs", [f"id:in:[{CASES},{CONTACTS}]"], PROGRAMS, True),
    ("programRules", [OURS], RULES, True),
    (
        "programRuleVariables",
        [OURS],
        "id,displayName,programRuleVariableSourceType,valueType,program[id],programStage[id],"
        "dataElement[id],trackedEntityAttribute[id],useCodeForOptionSet",
        True,
    ),
    (
        "programIndicators",
        ["displayInForm:eq:true", OURS],
        "id,name,displayName,style,expression,description,filter,program[id]",
        False,
    ),
    (
        "dataElements",
        ["id:in:[ovY6E8BSdto,bOYWVEBaWy6,PFXeJV8d7ja]"],
        "id,displayName,code,displayShortName,displayFormName,valueType,translations[*],description,"
        "url,optionSetValue,style,optionSet[id]",
        True,
    ),
    (
        "trackedEntityAttributes",
        ["id:in:[sB1IHYu2xQT,oindugucx72,HAZ7VQ730yn]"],
        "id,displayName,displayShortName,displayFormName,description,valueType,optionSetValue,unique,"
        "orgunitScope,pattern,code,attributeValues,inherit,translations[property,locale,value],"
        "optionSet[id],minCharactersToSearch,preferredSearchOperator,blockedSearchOperators",
        True,
    ),
    (
        "optionSets",
        ["id:in:[WDUwjiW2rGH]"],
        "id,displayName,code,attributeValues,version,valueType,"
        "options[id,displayName,attributeValues,code,style, translations]",
        True,
    ),
    ("optionGroups", ["optionSet.id:in:[WDUwjiW2rGH]"], "id,displayName,options[id],optionSet[id]", False),
    (
        "categoryOptions",
        ["categories.id:in:[GLevLNI9wkl]", "access.data.read:in:[true]"],
        "id,displayName,startDate,endDate,categories~pluck,organisationUnits~pluck,"
        "access[data[write]]",
        False,
    ),
    ("legendSets", [], "id,displayName,legends[id,startValue,endValue,color]", True),
]  # fmt: skip
NAMES = [f"{plural}-{place}" for place, (plural, *_) in enumerate(CALLS)]


@pytest.fixture(scope="module")
def package(ask, owner_url, settings, shared):
    """WHO's package for a tracer in its group; `by="outsider"` is a tracer in none."""
    body = (shared / "data/dhis2/C19_CS-2.37/metadata.json").read_bytes()
    assert ask("POST", "metadata", by="admin", content=body).status_code == 200
    with database.connect(owner_url, autocommit=True) as connection:
        made = user_with(connection, settings, "tracer", "5501", "odd-outsider")
        connection.execute(
            "update access.user_account set password = %s where uid = %s",
            (passwords.hashed(PASSWORD), made.user),
        )
    member = ask("GET", "me").json()["id"]
    answer = ask("POST", f"userGroups/{GROUP}/users/{member}", by="admin")
    assert answer.status_code == 200, answer.text


def called(ask, plural, filters, fields, by="tracer", **more):
    params = [("fields", fields), *(("filter", each) for each in filters), *more.items()]
    answer = ask("GET", f"{plural}.json", by=by, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("call", CALLS, ids=NAMES)
def test_call_is_answered_with_what_was_asked_for_and_of_the_right_types(ask, package, call):
    plural, filters, fields, in_package = call
    body = called(ask, plural, filters, fields, pageSize=500, page=1)
    assert body["pager"]["page"] == 1
    assert bool(body[plural]) or not in_package
    wanted = {entry.name for entry in parse(fields)}
    for each in body[plural]:
        assert each.keys() <= wanted
        assert each["id"]
        assert faults(plural, each) == []


@pytest.mark.parametrize("call", CALLS, ids=NAMES)
def test_user_in_no_group_of_the_package_sees_no_more_than_is_public(ask, package, call):
    plural, filters, fields, _ = call
    seen = called(ask, plural, filters, f"{fields},publicAccess", by="outsider", paging="false")
    members = called(ask, plural, filters, fields, paging="false")[plural]
    assert {each["id"] for each in seen[plural]} <= {each["id"] for each in members}
    assert all(each.get("publicAccess", "r")[0] == "r" for each in seen[plural])
    if plural == "programs":
        assert {CASES, CONTACTS} <= {each["id"] for each in members}
        assert not {CASES, CONTACTS} & {each["id"] for each in seen[plural]}


def test_program_holds_all_that_the_app_reads_without_looking(ask, package):
    programs = called(ask, "programs", [f"id:in:[{CASES}]"], PROGRAMS)["programs"]
    [program] = programs
    assert program["categoryCombo"]["isDefault"] is True
    assert program["access"]["data"] == {"read": True, "write": True}
    assert (program["programType"], program["displayIncidentDate"]) == ("WITH_REGISTRATION", False)
    assert program["minAttributesRequiredToSearch"] == 1
    assert (program["programSections"], program["userRoles"]) == ([], [])
    stages = {stage["id"]: stage for stage in program["programStages"]}
    assert len(stages) == 4
    for stage in stages.values():
        assert stage["access"]["data"] == {"read": True, "write": True}
        assert {"repeatable", "hideDueDate", "enableUserAssignment", "formType"} <= stage.keys()
        assert isinstance(stage["minDaysFromStart"], int)
    clinical = stages["LpWNjNGvCO5"]
    assert (clinical["formType"], clinical["featureType"]) == ("SECTION", "POINT")
    assert len(clinical["programStageDataElements"]) == 48
    assert keys_below(program, "programStages", "programStageDataElements") >= {
        *("compulsory", "displayInReports", "renderOptionsAsRadio", "allowFutureDate"),
        "dataElement",
    }
    assert keys_below(program, "programStages", "programStageSections") == {
        *("id", "displayName", "displayDescription", "sortOrder", "dataElements"),
    }
    assert keys_below(program, "programTrackedEntityAttributes") == {
        *("trackedEntityAttribute", "displayInList", "searchable", "mandatory"),
        *("renderOptionsAsRadio", "allowFutureDate"),
    }


def test_rules_come_with_actions_and_variables_with_types(ask, package):
    rules = called(ask, "programRules", [OURS], RULES, paging="false")["programRules"]
    assert len(rules) == 24
    assert all(rule["programRuleActions"] and rule["program"]["id"] for rule in rules)
    plural, filters, fields, _ = CALLS[9]
    variables = called(ask, plural, filters, fields, paging="false")[plural]
    assert len(variables) == 21
    assert all(each["valueType"] and "useCodeForOptionSet" in each for each in variables)


def test_options_and_category_options_are_plain_lists(ask, package):
    plural, filters, fields, _ = CALLS[13]
    [sex] = called(ask, plural, filters, fields)[plural]
    assert [each["code"] for each in sex["options"]] == ["FEMALE", "MALE"]
    assert all(each["translations"] is not None for each in sex["options"])
    plural, filters, fields, _ = CALLS[15]
    [default] = called(ask, plural, filters, fields)[plural]
    assert (default["categories"], default["organisationUnits"]) == (["GLevLNI9wkl"], [])


def test_pages_are_read_until_there_is_no_next(ask, package):
    pages, page = [], 1
    while True:
        body = called(ask, "options", [], "id", pageSize=100, page=page)
        pages += body["options"]
        if "nextPage" not in body["pager"]:
            break
        page += 1
    assert page == body["pager"]["pageCount"]
    assert len({each["id"] for each in pages}) == len(pages) == body["pager"]["total"] > 300
    beyond = called(ask, "options", [], "id", pageSize=100, page=page + 5)
    assert (beyond["options"], beyond["pager"]["page"]) == ([], page + 5)


def test_hundreds_of_ids_fit_in_one_address(ask, package):
    every = called(ask, "options", [], "id", paging="false")["options"]
    uids = [each["id"] for each in every]
    for query in (f"filter=id:in:[{','.join(uids)}]", f"filter=id:in:%5B{','.join(uids)}%5D"):
        answer = ask("GET", f"options?{query}&pageSize={len(uids)}&fields=id")
        assert len(answer.json()["options"]) == len(uids)


def test_programs_are_found_by_a_custom_attribute_as_older_versions_do(ask, package):
    filters = ["attributeValues.attribute.id:eq:RyYftsGAmfF", "attributeValues.value:eq:true"]
    assert called(ask, "programs", filters, "id,version")["programs"] == []
    stated = {"name": "Local code", "valueType": "TEXT", "dataElementAttribute": True}
    made = ask("POST", "attributes", by="admin", json={**stated, "shortName": "Local code"})
    attribute, uid, value = made.json()["response"]["uid"], "ovY6E8BSdto", "L: 1"
    rows = [{"attribute": {"id": attribute}, "value": value}]
    answer = ask(
        *("PATCH", f"dataElements/{uid}/attributeValues", "admin"), json={"attributeValues": rows}
    )
    assert answer.status_code == 204, answer.text
    for filter_ in (
        f"attributeValues.attribute.id:eq:{attribute}",
        f"attributeValues.value:eq:{value}",
        f"{attribute}:eq:{value}",
        f"{attribute}:!null",
    ):
        found = called(
            ask, "dataElements", [filter_], f"id,{attribute}", by="admin", paging="false"
        )
        assert {"id": uid, attribute: value} in found["dataElements"], filter_


def test_org_units_of_programs_are_answered_by_program(ask, package):
    answer = ask("GET", f"programs/orgUnits?programs={CASES},{CONTACTS},nothingHere").json()
    assert answer == {CASES: [], CONTACTS: []}
    options = ask("GET", "categoryOptions/orgUnits?categoryOptions=xYerKDKCefk").json()
    assert options == {"xYerKDKCefk": []}
    assert ask("GET", "programs/orgUnits").status_code == 400
    assert ask("GET", f"programs/orgUnits?programs={CASES}", by="outsider").json() == {}


TREE = (
    "id,displayName,path,publicAccess,access,lastUpdated,"
    "children[id,displayName,publicAccess,access,path,children::isNotEmpty]"
)


def test_tree_of_org_units_is_searched_and_opened(ask):
    own = ask("GET", "me?fields=organisationUnits[id,path]").json()["organisationUnits"][0]
    query = "paging=true&withinUserSearchHierarchy=true&pageSize=15"
    found = ask("GET", f"organisationUnits?fields={TREE}&{query}&query=troms")
    assert [each["id"] for each in found.json()["organisationUnits"]] == [own["id"]]
    assert ask("GET", f"organisationUnits?{query}&query=oslo").json()["organisationUnits"] == []
    norway = own["path"].split("/")[1]
    root = ask("GET", f"organisationUnits/{norway}?fields={TREE}").json()
    assert len(root["children"]) == 15
    assert {each["children"] for each in root["children"]} == {True}
    assert faults("organisationUnits", {**root, "children": []}) == []
    opened = ask("GET", f"organisationUnits/{norway}?fields=path,children::size").json()
    assert opened == {"path": f"/{norway}", "children": 15}
    levels = ask("GET", "organisationUnits?filter=level:le:2&fields=id,level&paging=false").json()
    assert len(levels["organisationUnits"]) == 16


def test_roots_of_the_tree_are_those_of_the_user(ask):
    own = ask("GET", "me?fields=organisationUnits[id]").json()["organisationUnits"]
    for query in ("userOnly=true", "userDataViewOnly=true&isUserDataViewFallback=true"):
        found = ask("GET", f"organisationUnits?{query}&fields=id").json()["organisationUnits"]
        assert found == own
