"""What the Android app asks beyond configuration: sign-in, upload and its job, downloads, search, files.

As dhis2/dhis2-android-sdk (network/…) asks; what its strictly typed objects need is what is tested. The
configuration it downloads is in test_android_sync.py.
"""

import pytest

from smittesporing.uid import new_uid
from tests.api.shapes import faults
from tests.api.test_android_sync import IDENTIFIABLE, MAY_WRITE, NAMEABLE, STYLE

NOW = "2022-01-20T12:00:00.000"
ITEM = "trackedEntity[trackedEntity],enrollment[enrollment],event[event]"
LINK = (
    "relationships[relationship,relationshipType,relationshipName,createdAt,updatedAt,bidirectional,"
    f"from[{ITEM}],to[{ITEM}],deleted]"
)
TIMES = "createdAt,updatedAt,createdAtClient,updatedAtClient"
NOTES = "notes[note,value,storedBy,storedAt]"
EVENT = (
    f"event,enrollment,{TIMES},status,geometry,program,programStage,orgUnit,occurredAt,completedAt,"
    f"scheduledAt,deleted,attributeOptionCombo,assignedUser,completedBy,{NOTES},{LINK},"
    "dataValues[dataElement,storedBy,value,createdAt,updatedAt,providedElsewhere]"
)
ENROLLMENT = (
    f"enrollment,{TIMES},orgUnit,program,enrolledAt,occurredAt,completedAt,followUp,status,deleted,"
    f"trackedEntity,geometry,events[{EVENT}],{NOTES},{LINK}"
)
ATTRIBUTES = "attributes[attribute,value,createdAt,updatedAt]"
PERSON = (
    f"trackedEntity,{TIMES},orgUnit,trackedEntityType,geometry,deleted,{ATTRIBUTES},{LINK},"
    f"enrollments[{ENROLLMENT}],programOwners"
)
TYPES = {"TRACKED_ENTITY", "ENROLLMENT", "EVENT", "RELATIONSHIP"}


def uploaded(ask, body, strategy="CREATE_AND_UPDATE"):
    """The job's report, asked for as the app does: upload, look at the job, fetch the report."""
    whole = {"trackedEntities": [], "enrollments": [], "events": [], "relationships": [], **body}
    answer = ask("POST", f"tracker?atomicMode=OBJECT&importStrategy={strategy}", json=whole)
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() >= {"httpStatus", "httpStatusCode", "status", "message"}
    job = answer.json()["response"]["id"]
    notices = ask("GET", f"tracker/jobs/{job}").json()
    assert all(isinstance(each["message"], str) for each in notices)
    assert any(each["completed"] for each in notices)
    report = ask("GET", f"tracker/jobs/{job}/report").json()
    assert report["stats"].keys() == {"created", "updated", "deleted", "ignored", "total"}
    for each in report["validationReport"]["errorReports"]:
        assert {"uid", "trackerType", "errorCode", "message"} <= each.keys()
    if "bundleReport" in report:
        assert report["bundleReport"]["typeReportMap"].keys() == TYPES
        for each in report["bundleReport"]["typeReportMap"].values():
            assert {"trackerType", "stats", "objectReports"} <= each.keys()
    return report


@pytest.fixture(scope="module")
def synced(ask, uid, unit):
    """A contact written on a device, with the nulls and times that the device sends."""
    person, enrollment, event = new_uid(), new_uid(), new_uid()
    times = {"createdAt": NOW, "updatedAt": NOW, "createdAtClient": NOW, "updatedAtClient": NOW}
    place = {"orgUnit": unit, "deleted": False, "geometry": None}
    stated = [(uid("ST_GIVEN_NAME"), "Berit"), (uid("ST_FAMILY_NAME"), "Prøvesen")]
    body = {
        "trackedEntity": person,
        "trackedEntityType": uid("ST_PERSON"),
        **place,
        **times,
        "attributes": [
            {"attribute": code, "value": value, "createdAt": NOW, "updatedAt": NOW}
            for code, value in stated
        ],
        "enrollments": [
            {
                "enrollment": enrollment,
                "program": uid("ST_CONTACT"),
                **place,
                **times,
                "enrolledAt": NOW,
                "occurredAt": NOW,
                "completedAt": None,
                "followUp": False,
                "status": "ACTIVE",
                "trackedEntity": person,
                "attributes": [],
                "notes": [],
                "events": [
                    {
                        "event": event,
                        "programStage": uid("ST_CONTACT_EXPOSURE"),
                        **place,
                        "enrollment": enrollment,
                        "program": uid("ST_CONTACT"),
                        **times,
                        "occurredAt": NOW,
                        "status": "ACTIVE",
                        "completedAt": None,
                        "completedBy": None,
                        "scheduledAt": None,
                        "assignedUser": None,
                        "attributeOptionCombo": "HllvX50cXC0",
                        "trackedEntity": person,
                        "notes": [],
                        "dataValues": [
                            {
                                "dataElement": uid("ST_LAST_CONTACT"),
                                "value": "2022-01-19",
                                "createdAt": NOW,
                                "updatedAt": NOW,
                                "storedBy": None,
                                "providedElsewhere": False,
                            }
                        ],
                    }
                ],
            }
        ],
        "programOwners": [],
    }
    report = uploaded(ask, {"trackedEntities": [body]})
    assert report["validationReport"]["errorReports"] == []
    return {
        "person": person,
        "enrollment": enrollment,
        "event": event,
        "unit": unit,
        "program": uid("ST_CONTACT"),
        "stage": uid("ST_CONTACT_EXPOSURE"),
        "type": uid("ST_PERSON"),
        "name": uid("ST_GIVEN_NAME"),
        "body": body,
    }


def test_what_is_wrong_in_an_upload_names_the_record(ask, synced):
    [enrollment] = synced["body"]["enrollments"]
    [event] = enrollment["events"]
    wrong = {**event, "event": new_uid(), "dataValues": [{"dataElement": new_uid(), "value": "x"}]}
    report = uploaded(ask, {"events": [wrong]})
    assert report["status"] == "ERROR"
    [error] = report["validationReport"]["errorReports"]
    assert (error["uid"], error["trackerType"]) == (wrong["event"], "EVENT")


DOWNLOADS = [
    (
        "trackedEntities",
        "orgUnits={unit}&orgUnitMode=SELECTED&program={program}&programStatus=ACTIVE"
        f"&order=updatedAt:desc&includeDeleted=true&paging=true&pageSize=50&page=1&fields={PERSON}",
    ),
    (
        "trackedEntities",
        "orgUnitMode=ACCESSIBLE&trackedEntities={person}&includeDeleted=true&paging=true&page=1"
        f"&pageSize=50&updatedAfter=2022-01-01T00:00:00.000&fields={PERSON}",
    ),
    (
        "trackedEntities",
        "orgUnitMode=ACCESSIBLE&trackedEntityType={type}&includeDeleted=false&paging=true&page=1"
        f"&pageSize=20&filter={{name}}:LIKE:Ber&order=createdAt:desc&fields={PERSON}",
    ),
    (
        "trackedEntities",
        "orgUnitMode=ACCESSIBLE&program={program}&programStage={stage}&eventStatus=ACTIVE"
        "&eventOccurredAfter=2022-01-01&eventOccurredBefore=2022-02-01&followUp=false"
        f"&order=enrolledAt:desc&paging=true&page=1&pageSize=20&fields={PERSON}",
    ),
    (
        "events",
        "orgUnit={unit}&orgUnitMode=DESCENDANTS&program={program}&occurredAfter=2022-01-01&paging=true"
        f"&page=1&pageSize=50&updatedAfter=2022-01-01T00:00:00.000&includeDeleted=true&fields={EVENT}",
    ),
    ("events", f"events={{event}}&orgUnitMode=ACCESSIBLE&fields={EVENT}"),
    (
        "events",
        "orgUnitMode=ACCESSIBLE&program={program}&programStatus=ACTIVE&programStage={stage}"
        "&filterAttributes={name}:like:ber&order=createdAt:desc&includeDeleted=false&fields=event,trackedEntity",
    ),
]


@pytest.mark.parametrize(("name", "query"), DOWNLOADS)
def test_download_has_what_the_device_keeps(ask, synced, name, query):
    body = ask("GET", f"tracker/{name}?{query.format(**synced)}").json()
    assert body["pager"]["page"] == 1
    key = "trackedEntity" if name == "trackedEntities" else "event"
    wanted = synced["person" if name == "trackedEntities" else "event"]
    [found] = [each for each in body[name] if each[key] == wanted]
    for each in found.get("programOwners", []):
        assert each.keys() == {"program", "trackedEntity", "orgUnit"}
    if "enrollments" in found:
        [enrollment] = found["enrollments"]
        assert enrollment["createdAtClient"] == NOW
        assert {"deleted", "followUp", "events", "notes", "relationships"} <= enrollment.keys()
        assert enrollment["events"][0]["dataValues"][0]["providedElsewhere"] is False


@pytest.mark.parametrize(
    ("path", "key"),
    [
        (f"trackedEntities/{{person}}?orgUnitMode=ACCESSIBLE&program={{program}}&fields={PERSON}", "person"),
        ("trackedEntities/{person}?orgUnitMode=ACCESSIBLE&includeDeleted=true&fields=trackedEntity", "person"),
        (f"enrollments/{{enrollment}}?fields={ENROLLMENT}", "enrollment"),
    ],
)  # fmt: skip
def test_end_of_a_relationship_is_downloaded_by_itself(ask, synced, path, key):
    answer = ask("GET", f"tracker/{path.format(**synced)}")
    assert answer.status_code == 200, answer.text
    assert synced[key] in answer.json().values()


def test_page_past_the_end_is_empty(ask, synced):
    """The device reads pages until one is not full."""
    path = f"tracker/trackedEntities?program={synced['program']}&orgUnitMode=ACCESSIBLE&page=99&pageSize=20"
    answer = ask("GET", path)
    assert (answer.status_code, answer.json()["trackedEntities"]) == (200, [])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "ping", 200),
        ("GET", "system/ping", 200),
        ("GET", "system/info?fields=serverDate,dateFormat,version,contextPath,systemName", 200),
        ("GET", "loginConfig", 200),
        ("GET", "me/authorization", 200),
        ("GET", "systemSettings?key=keyFlag&key=keyStyle&key=keyDefaultBaseMap", 200),
        ("GET", "categoryOptions/orgUnits?categoryOptions=xYerKDKCefk", 200),
        ("GET", "icons?keys=a,b&type=custom&paging=false&fields=key,fileResource[id],href", 200),
        ("GET", "externalMapLayers?paging=false&filter=mapLayerPosition:in:[BASEMAP,OVERLAY]", 200),
        ("GET", "expressionDimensionItems?paging=false&fields=id,expression", 200),
        ("GET", "dataStore/ANDROID_SETTINGS_APP/generalSettings", 404),
        ("GET", "dataStore/ANDROID_SETTINGS_APP/synchronization", 404),
        ("GET", "dataStore/ANDROID_SETTING_APP/general_settings", 404),
        ("GET", "dataStore/APK_DISTRIBUTION/versions", 404),
        ("GET", "dataStore/USE_CASES/stockUseCases", 404),
        (
            "GET",
            "dataValueSets?dataSet=a&period=202201&orgUnit=b&children=true&includeDeleted=true",
            200,
        ),
        (
            "GET",
            "completeDataSetRegistrations?dataSet=a&period=202201&orgUnit=b&children=true",
            200,
        ),
        ("GET", "dataApprovals/multiple?wf=a&pe=202201&ou=b&aoc=c", 200),
        ("GET", "fileResources?filter=id:in:[abcdefghijk]&paging=false&fields=id,name", 200),
        ("GET", "fileResources?filter=name:eq:a", 400),
        ("POST", "tracker/ownership/override?trackedEntity=a&program=b&reason=c", 403),
    ],
)
def test_call_is_answered_with_a_status_the_app_can_go_on_from(ask, method, path, status):
    answer = ask(method, path)
    assert answer.status_code == status, answer.text
    assert status == 200 or answer.json()["httpStatusCode"] == status


def test_files_one_may_read_are_listed_by_identifier(ask, client):
    sent = ask("POST", "fileResources", files={"file": ("a.txt", b"text", "text/plain")})
    card = sent.json()["response"]["fileResource"]
    path = f"fileResources?filter=id:in:[{card['id']},abcdefghijk]&paging=false"
    found = ask(
        "GET",
        f"{path}&fields=id,name,created,lastUpdated,contentType,contentLength,domain,storageStatus",
    )
    [listed] = found.json()["fileResources"]
    assert (listed["id"], listed["contentLength"], listed["domain"]) == (
        card["id"],
        4,
        "DATA_VALUE",
    )
    assert isinstance(listed["contentLength"], int)
    assert ask("GET", path, by="admin").json()["fileResources"] == []
    assert "pager" in ask("GET", "fileResources").json()


OPERAND = "id,dataElement[id],categoryOptionCombo[id],deleted"
SECTIONS = (
    f"sections[{IDENTIFIABLE},sortOrder,dataElements[id],showRowTotals,showColumnTotals,indicators[id],"
    f"greyedFields[{OPERAND}],description,disableDataElementAutoGroup,displayOptions]"
)
AGGREGATE = {
    "dataSets": f"{NAMEABLE},periodType,categoryCombo[id],mobile,version,expiryDays,timelyDays,"
    "notifyCompletingUser,openFuturePeriods,fieldCombinationRequired,validCompleteOnly,skipOffline,"
    "noValueRequiresComment,dataElementDecoration,renderAsTabs,renderHorizontally,displayOptions,"
    "workflow[id],dataSetElements[dataSet[id],dataElement[id],categoryCombo[id]],indicators[id],"
    f"{SECTIONS},compulsoryDataElementOperands[{OPERAND}],"
    f"dataInputPeriods[period[id],openingDate,closingDate],{MAY_WRITE},{STYLE}",
    "validationRules": f"{NAMEABLE},instruction,importance,operator,periodType,skipFormValidation,"
    "leftSide[expression,description,missingValueStrategy],"
    "rightSide[expression,description,missingValueStrategy],organisationUnitLevels",
    "indicators": f"{NAMEABLE},annualized,indicatorType[id],numerator,denominator,url,decimals,legendSets[id]",
    "visualizations": f"{IDENTIFIABLE},type,hideTitle,hideLegend,showHierarchy,rowTotals,colTotals,"
    "displayDensity,digitGroupSeparator,columns[id,items[dimensionItem,dimensionItemType]],"
    "rows[id,items[dimensionItem,dimensionItemType]],filters[id,items[dimensionItem]],legend",
    "categoryOptionCombos": f"{NAMEABLE},categoryCombo[id],categoryOptions[id]",
}


@pytest.mark.parametrize("plural", AGGREGATE)
def test_configuration_of_aggregate_data_has_the_types_the_app_reads(ask, sums, plural):
    found = ask("GET", f"{plural}?paging=false&fields={AGGREGATE[plural]}", by="admin").json()[
        plural
    ]
    assert found
    for each in found:
        assert faults(plural, each) == []
        operands = [
            operand
            for place in (each, *each.get("sections", ()))
            for name in ("compulsoryDataElementOperands", "greyedFields")
            for operand in place.get(name, ())
        ]
        assert all(operand["id"] for operand in operands)


def test_rules_of_a_data_set_are_those_on_its_own_data_elements(ask, sums):
    def found(data_set):
        path = f"validationRules?dataSet={data_set}&paging=false&fields=id"
        return [each["id"] for each in ask("GET", path, by="admin").json()["validationRules"]]

    assert found("aggDataSet1") == found(new_uid()) == []
    name = f"Set {new_uid()}"
    rows = [{"dataElement": {"id": uid}} for uid in ("aggElement1", "aggElement2")]
    body = {"name": name, "shortName": name, "periodType": "Weekly", "dataSetElements": rows}
    made = ask("POST", "dataSets", by="admin", json=body).json()["response"]["uid"]
    assert found(made) == ["aggValRule1"]
