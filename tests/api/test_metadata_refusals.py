"""What an import of metadata refuses, by code; the codes are those of DHIS2 2.42."""

import pytest

from tests.api.conftest import refused

ATTRIBUTE = {"id": "aggAttribut"}
ONE = {"id": "aggElement3", "name": "Third", "shortName": "Third", "domainType": "AGGREGATE"}
ONE |= {"aggregationType": "SUM", "valueType": "NUMBER"}
VARIABLE = {"id": "newVariable", "name": "v", "program": {"id": "oldProgram1"}}
ACTION = {"id": "newAction01", "programRule": {"id": "oldRule0001"}}


def variable(source, **more):
    return {"programRuleVariables": [{**VARIABLE, "programRuleVariableSourceType": source, **more}]}


def action(type_, **more):
    return {"programRuleActions": [{**ACTION, "programRuleActionType": type_, **more}]}


REFUSED = {
    "unique attribute": (
        {"dataElements": [{**ONE, "attributeValues": [{"attribute": ATTRIBUTE, "value": "17"}]}]},
        {"E4009"},
    ),
    "attribute of another kind": (
        {
            "indicatorTypes": [
                {"id": "newIndType1", "name": "N", "factor": 1}
                | {"attributeValues": [{"attribute": ATTRIBUTE, "value": "18"}]}
            ]
        },
        {"E4010", "E6012"},
    ),
    "value that does not fit": (
        {"dataElements": [{**ONE, "attributeValues": [{"attribute": ATTRIBUTE, "value": "-1"}]}]},
        {"E6007"},
    ),
    "unknown attribute": (
        {
            "dataElements": [
                {**ONE, "attributeValues": [{"attribute": {"id": "nothingHere"}, "value": "1"}]}
            ]
        },
        {"E5002"},
    ),
    "name taken": ({"dataElements": [{**ONE, "name": "Measles cases"}]}, {"E5003"}),
    "short name taken": ({"dataElements": [{**ONE, "shortName": "Measles"}]}, {"E5003"}),
    "short name too long": ({"dataElements": [{**ONE, "shortName": "x" * 51}]}, {"E4001"}),
    "required": ({"dataElements": [{"id": "aggElement3", "name": "Third"}]}, {"E4000"}),
    "unknown group": (
        {
            "dataElements": [
                {
                    **ONE,
                    "publicAccess": "rw------",
                    "userGroupAccesses": [{"id": "non-existing-id", "access": "rw------"}],
                }
            ]
        },
        {"E5002"},
    ),
    "access that cannot be read": (
        {"dataElements": [{**ONE, "publicAccess": "everybody"}]},
        {"E3010"},
    ),
    "no source": ({"programRuleVariables": [VARIABLE]}, {"E4090"}),
    "no data element": (variable("DATAELEMENT_CURRENT_EVENT"), {"E4059"}),
    "no stage": (
        variable("DATAELEMENT_NEWEST_EVENT_PROGRAM_STAGE", dataElement={"id": "oldElement1"}),
        {"E4091"},
    ),
    "no attribute": (variable("TEI_ATTRIBUTE"), {"E4089"}),
    "no value type": (variable("CALCULATED_VALUE", valueType=None), {"E4092"}),
    "forbidden word": (variable("CALCULATED_VALUE", name="this and that"), {"E4052"}),
    "variable twice": (variable("CALCULATED_VALUE", name="counted"), {"E4051"}),
    "nothing to hide": (action("HIDEFIELD"), {"E4044"}),
    "hidden nowhere": (action("HIDEFIELD", dataElement={"id": "aggElement1"}), {"E4047"}),
    "hidden unknown": (action("HIDEFIELD", dataElement={"id": "nothingHere"}), {"E4045", "E5002"}),
    "no section": (action("HIDESECTION"), {"E4036"}),
    "no stage to hide": (action("HIDEPROGRAMSTAGE"), {"E4038"}),
    "no option": (action("HIDEOPTION", dataElement={"id": "oldElement1"}), {"E4040"}),
    "no group": (action("HIDEOPTIONGROUP", dataElement={"id": "oldElement1"}), {"E4042"}),
    "no template": (action("SENDMESSAGE"), {"E4035"}),
    "unknown template": (action("SENDMESSAGE", templateUid="nothingHere"), {"E4034"}),
    "no target": (action("ASSIGN"), {"E4050"}),
    "no such action": (action("SING"), {"E4033"}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusal_has_its_code(old, sums, post, name):
    body, codes = REFUSED[name]
    status, answer = post(body)
    assert {code for _, _, code, _ in refused(answer)} == codes
    assert (status, answer["status"], answer["response"]["status"]) == (409, "WARNING", "ERROR")
    assert answer["response"]["stats"]["created"] == 0


def test_word_and_within_a_name_is_no_word(old, post):
    status, answer = post(variable("CALCULATED_VALUE", name="sandbox_and_more"))
    assert (status, refused(answer)) == (200, [])


def test_skipped_sharing_is_not_looked_at(post, read):
    body, _ = REFUSED["unknown group"]
    status, _ = post(body, "skipSharing=true")
    assert status == 200
    kept = read("dataElements/aggElement3?fields=sharing")["sharing"]
    assert (kept["public"], kept["userGroups"]) == ("rw------", {})
