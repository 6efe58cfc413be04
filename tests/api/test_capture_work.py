"""What Capture asks while somebody works in it, on WHO's package: lists, search, dashboard, events, notes.

As dhis2/capture-app asks; test_capture_start.py has its start, test_working_lists.py what it saves.
"""

import csv
import io

import pytest

from smittesporing.uid import new_uid
from tests.api.test_capture_start import CASES, package

__all__ = ["package"]

PERSON = "MCPQUTHX1Ze"
GIVEN, FAMILY, SEX, BORN, SYSTEM_ID = (
    *("sB1IHYu2xQT", "ENRjVGxVL6l", "oindugucx72", "NI0QRzJvQ0k"),
    "HAZ7VQ730yn",
)
CLINICAL, LAB_REQUEST, LAB_RESULT = "LpWNjNGvCO5", "iR8O4hSLHnu", "dDHkBd3X8Ce"
RESULT = "ovY6E8BSdto"
UPDATE = "async=false&importStrategy=UPDATE"
POINT = {"type": "Point", "coordinates": [18.95, 69.65]}


@pytest.fixture(scope="module")
def case(ask, package, unit):
    """A case as the page of registration sends it, with events; the uids of its parts."""
    assert ask("POST", f"programs/{CASES}/organisationUnits/{unit}", by="admin").status_code == 200
    public = {"public": "rwrw----"}
    answer = ask("PUT", f"trackedEntityTypes/{PERSON}/sharing", by="admin", json=public)
    assert answer.status_code == 204
    value = ask("GET", f"trackedEntityAttributes/{SYSTEM_ID}/generate").json()["value"]
    me = ask("GET", "me?fields=id").json()["id"]
    kept = {name: new_uid() for name in ("clinical", "result", "request")}
    sent = {
        "orgUnit": unit,
        "trackedEntityType": PERSON,
        "attributes": [
            {"attribute": attribute, "value": text}
            for attribute, text in (
                *((GIVEN, "Berit"), (FAMILY, "Prøvesen"), (SEX, "FEMALE"), (BORN, "1990-02-03")),
                (SYSTEM_ID, value),
            )
        ],
        "enrollments": [
            {
                "program": CASES,
                "status": "ACTIVE",
                "orgUnit": unit,
                "attributes": [],
                "enrolledAt": "2022-01-12",
                "occurredAt": "2022-01-10T00:00:00.000",
                "events": [
                    {
                        "event": kept["clinical"],
                        "programStage": CLINICAL,
                        "status": "ACTIVE",
                        "program": CASES,
                        "orgUnit": unit,
                        "occurredAt": "2022-01-12",
                        "scheduledAt": "2022-01-12",
                        "geometry": POINT,
                        "dataValues": [],
                        "notes": [{"value": "The first note"}],
                        "assignedUser": {"uid": me},
                    },
                    {
                        "event": kept["result"],
                        "programStage": LAB_RESULT,
                        "status": "ACTIVE",
                        "program": CASES,
                        "orgUnit": unit,
                        "occurredAt": "2022-01-13",
                        "dataValues": [{"dataElement": RESULT, "value": "POSITIVE"}],
                    },
                    {
                        "event": kept["request"],
                        "programStage": LAB_REQUEST,
                        "status": "SCHEDULE",
                        "program": CASES,
                        "orgUnit": unit,
                        "scheduledAt": "2022-01-30",
                        "dataValues": [],
                    },
                ],
            }
        ],
    }
    answer = ask("POST", "tracker?async=false", json={"trackedEntities": [sent]})
    assert answer.status_code == 200, answer.text
    reports = answer.json()["bundleReport"]["typeReportMap"]
    # The page moves on to what the report names, for it sends no identifiers itself.
    kept["person"] = reports["TRACKED_ENTITY"]["objectReports"][0]["uid"]
    kept["enrollment"] = reports["ENROLLMENT"]["objectReports"][0]["uid"]
    return {**kept, "unit": unit, "me": me, "value": value}


LIST = f"order=createdAt:desc&page=1&pageSize=15&orgUnits={{unit}}&orgUnitMode=SELECTED&program={CASES}"
EVENTS = f"page=1&pageSize=15&orgUnit={{unit}}&orgUnitMode=SELECTED&program={CASES}"
ROW = "fields=trackedEntity,createdAt,inactive,attributes[attribute,value],programOwners[orgUnit,program]"
EVENT_ROW = (
    "fields=event,status,occurredAt,orgUnit,assignedUser[uid,username,firstName,surname],"
    "dataValues[dataElement,value]"
)
TODAY = "enrollmentEnrolledAfter=2022-01-12&enrollmentEnrolledBefore=2022-01-12"
DAY = "occurredAfter=2022-01-13&occurredBefore=2022-01-13"
ANYWHERE = "orgUnitMode=ACCESSIBLE&page=1"
WHOLE = "fields=:all,!relationships,programOwners[orgUnit,program]"
DOWNLOAD = "fields=dataValues,occurredAt,event,status,orgUnit,program,programType,updatedAt"
# (collection, query, whether the case is found)
LISTS = [
    *(
        ("trackedEntities", f"{LIST}&{query}", found)
        for query, found in (
            (f"enrollmentStatus=ACTIVE&followUp=false&{ROW}", True),
            (f"enrollmentStatus=COMPLETED&{ROW}", False),
            (f"filter={GIVEN}:like:eri&filter={SEX}:in:FEMALE;MALE&{ROW}", True),
            (f"filter={FAMILY}:!null&filter=fctSQp5nAYl:null&{ROW}", True),
            (f"filter={BORN}:ge:1990-01-01:le:1990-12-31&{ROW}", True),
            (f"{TODAY}&{ROW}", True),
            (f"enrollmentOccurredAfter=2022-01-11&{ROW}", False),
            (f"assignedUserMode=ANY&{ROW}", False),
            (WHOLE, True),
        )
    ),
    (
        "trackedEntities",
        f"filter={GIVEN}:sw:Ber&filter={FAMILY}:ew:sen&trackedEntityType={PERSON}&{ANYWHERE}",
        True,
    ),
    (
        "trackedEntities",
        f"filter={SYSTEM_ID}:eq:{{value}}&program={CASES}&{ANYWHERE}&pageNumber=1&pageSize=1",
        True,
    ),
    *(
        ("events", f"{EVENTS}&{query}", found)
        for query, found in (
            (f"programStage={LAB_RESULT}&order=occurredAt:desc&{EVENT_ROW}", True),
            (f"programStage={LAB_RESULT}&order={RESULT}:asc&{EVENT_ROW}", True),
            (f"programStage={LAB_RESULT}&filter={RESULT}:in:POSITIVE;NEGATIVE&{EVENT_ROW}", True),
            (f"programStage={LAB_RESULT}&filterAttributes={GIVEN}:like:Ber&{EVENT_ROW}", True),
            (f"programStage={LAB_RESULT}&status=ACTIVE&{DAY}&{EVENT_ROW}", True),
            (f"programStage={LAB_REQUEST}&status=SCHEDULE&scheduledAfter=2022-01-30", True),
            (f"programStage={LAB_RESULT}&assignedUserMode=CURRENT&{EVENT_ROW}", False),
            (DOWNLOAD, True),
        )
    ),
    (
        "relationships",
        "trackedEntity={person}&fields=relationship,from[trackedEntity[attributes]]&paging=false",
        False,
    ),
    ("relationships", "event={clinical}&paging=false", False),
]


@pytest.mark.parametrize(
    ("name", "query", "found"), LISTS, ids=[f"{n}-{i}" for i, (n, *_) in enumerate(LISTS)]
)
def test_lists_hold_what_they_are_asked_for(ask, case, name, query, found):
    answer = ask("GET", f"tracker/{name}?{query.format(**case)}")
    assert answer.status_code == 200, answer.text
    assert bool(answer.json()[name]) is found
    assert ("pager" in answer.json()) is ("paging=false" not in query)
    for row in answer.json()[name]:
        assert isinstance(row.get("attributes", []), list)
        assert isinstance(row.get("dataValues", []), list)


ENROLLMENT = "enrollment,trackedEntity,program,status,orgUnit,enrolledAt,occurredAt,followUp,deleted,updatedAt"


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        *(
            (f"trackedEntities/{{person}}?program={CASES}&fields={fields}", keys)
            for fields, keys in (
                (
                    "enrollments[*,!attributes],attributes,inactive",
                    "enrollments attributes inactive",
                ),
                ("programOwners[orgUnit],enrollments", "programOwners enrollments"),
                ("trackedEntityType,attributes[attribute,value]", "trackedEntityType attributes"),
            )
        ),
        (f"enrollments//{{enrollment}}?fields={ENROLLMENT}", ENROLLMENT.replace(",", " ")),
        ("enrollments/{enrollment}?fields=trackedEntity,program", "trackedEntity program"),
        ("enrollments/{enrollment}?fields=notes", "notes"),
        (
            "events/{clinical}?fields=dataValues[dataElement,value],notes,geometry,relationships",
            "dataValues notes geometry relationships",
        ),
        ("events/{clinical}/changeLogs?page=1&pageSize=10", "pager changeLogs"),
        (f"trackedEntities/{{person}}/changeLogs?program={CASES}", "pager changeLogs"),
    ],
)
def test_dashboard_gets_each_part_it_reads(ask, case, path, keys):
    answer = ask("GET", f"tracker/{path.format(**case)}")
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == set(keys.split())


def test_shape_in_a_change_log_is_a_text(ask, case):
    logs = ask(
        "GET", f"tracker/events/{case['clinical']}/changeLogs?filter=field:eq:geometry"
    ).json()
    [told] = logs["changeLogs"]
    assert told["change"]["eventField"]["currentValue"] == "(18.950000, 69.650000)"


def sent(ask, query, **body):
    answer = ask("POST", f"tracker?{query}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_enrollment_read_in_part_goes_back_with_another_date(ask, case):
    path = f"tracker/enrollments/{case['enrollment']}?fields={ENROLLMENT}"
    before = ask("GET", path).json()
    sent(ask, UPDATE, enrollments=[before | {"enrolledAt": "2022-01-11", "followUp": True}])
    after = ask("GET", path).json()
    assert (after["enrolledAt"], after["followUp"]) == ("2022-01-11T00:00:00.000", True)
    sent(ask, UPDATE, enrollments=[before])


def test_chosen_cases_are_completed_with_their_events(ask, case):
    """What was read whole is sent back whole: checked first, then kept."""
    rows = ask(
        "GET",
        f"tracker/trackedEntities?program={CASES}&trackedEntities={case['person']}&pageSize=100&fields="
        "trackedEntity,enrollments[*,!attributes,!completedBy,!completedAt,!relationships,"
        "events[*,!dataValues,!completedAt,!completedBy,!relationships]]",
    ).json()["trackedEntities"]
    [enrollment] = rows[0]["enrollments"]
    events = [
        each | {"status": "COMPLETED"}
        for each in enrollment["events"]
        if each["status"] == "ACTIVE"
    ]
    whole = {**enrollment, "status": "COMPLETED", "events": events}
    sent(ask, f"{UPDATE}&importMode=VALIDATE", enrollments=[whole])
    path = f"tracker/enrollments/{case['enrollment']}?fields=status,events[status,dataValues]"
    assert ask("GET", path).json()["status"] == "ACTIVE"
    sent(ask, f"{UPDATE}&importMode=COMMIT", enrollments=[whole])
    done = ask("GET", path).json()
    assert done["status"] == "COMPLETED"
    assert [each["status"] for each in done["events"]].count("COMPLETED") == 2
    assert any(
        value["value"] == "POSITIVE" for each in done["events"] for value in each["dataValues"]
    )
    sent(ask, UPDATE, enrollments=[{**enrollment, "events": []}])


@pytest.mark.parametrize(
    ("change", "status"),
    [({"status": "SKIPPED"}, "SKIPPED"), ({"status": "SCHEDULE", "assignedUser": None}, "SCHEDULE"),
     ({"status": "ACTIVE", "occurredAt": "2022-01-19", "dataValues": []}, "ACTIVE")],
)  # fmt: skip
def test_event_is_skipped_planned_again_and_filled_in(ask, case, change, status):
    path = f"tracker/events/{case['request']}"
    sent(ask, UPDATE, events=[ask("GET", path).json() | change])
    assert ask("GET", path).json()["status"] == status


@pytest.mark.parametrize("of", ["enrollments/{enrollment}", "events/{clinical}"])
def test_note_is_added_and_shown_with_who_wrote_it(ask, case, of):
    path = f"tracker/{of.format(**case)}"
    assert ask("POST", f"{path}/note", json={"value": "Called back"}).status_code == 200
    notes = ask("GET", f"{path}?fields=notes").json()["notes"]
    [note] = [each for each in notes if each["value"] == "Called back"]
    assert note["createdBy"]["username"] == "odd-tracer"
    assert note.keys() >= {"note", "storedAt", "storedBy"}


def test_older_address_of_the_menu_and_the_list_of_apps(ask, client):
    menu = ask("GET", "apps/menu").json()
    assert {"name", "displayName", "defaultAction", "icon"} <= menu["modules"][0].keys()
    auth = ("odd-tracer", "a password for odd requests")
    older = client.get("/dhis-web-commons/menu/getModules.action", auth=auth)
    assert older.json() == menu
    assert ask("GET", "apps").json() == []


def test_tree_counts_where_a_program_is_used(ask, case):
    path = f"organisationUnits?memberObject={CASES}&memberCollection=programs&fields=id,memberCount"
    found = ask("GET", f"{path}&filter=level:le:3&paging=false").json()["organisationUnits"]
    counts = {each["id"]: each["memberCount"] for each in found}
    assert sorted(counts.values())[-4:] == [0, 1, 1, 1]
    assert counts[case["unit"]] == 1
    one = f"organisationUnits/{case['unit']}?memberObject={CASES}&memberCollection=programs"
    assert ask("GET", f"{one}&fields=memberCount").json() == {"memberCount": 1}


@pytest.mark.parametrize("asked_by", ["address", "accept"])
@pytest.mark.parametrize(
    ("name", "query", "value", "row"),
    [
        (
            "trackedEntities",
            f"program={CASES}&orgUnitMode=ACCESSIBLE&paging=false&fields=trackedEntity",
            (GIVEN, "Berit"),
            {"inactive": "false", "createdBy": "odd-tracer", "createdAt": "2022-01-20T11:00:00Z"},
        ),
        (
            "events",
            f"program={CASES}&orgUnit={{unit}}&programStage={LAB_RESULT}&skipPaging=true",
            (RESULT, "POSITIVE"),
            {"occurredAt": "2022-01-12T23:00:00Z", "followup": "false", "geometry": ""},
        ),
        (
            "events",
            f"program={CASES}&orgUnit={{unit}}&programStage={CLINICAL}",
            ("PFXeJV8d7ja", "2022-01-12"),
            {"geometry": "POINT (18.95 69.65)", "latitude": "69.65", "longitude": "18.95"},
        ),
    ],
)
def test_list_is_saved_as_text(ask, case, asked_by, name, query, value, row):
    ending, accept = (".csv", "*/*") if asked_by == "address" else ("", "text/csv")
    path = f"tracker/{name}{ending}?{query.format(**case)}"
    answer = ask("GET", path, headers={"accept": accept})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    [found] = [
        each
        for each in rows
        if value == (each.get("attribute") or each.get("dataElement"), each["value"])
    ]
    assert {**found, **row} == found
    assert len(
        ask("GET", f"{path}&skipHeader=true", headers={"accept": accept}).text.splitlines()
    ) == len(rows)


def test_a_list_saved_as_text_holds_nothing_that_a_spreadsheet_would_run(ask, send, whole, uid):
    person = whole["trackedEntities"][0]
    told = {"ST_GIVEN_NAME": "=1+1", "ST_FAMILY_NAME": "-7", "ST_PHONE": "+4799990000"}
    person["attributes"] = [{"attribute": uid(code), "value": text} for code, text in told.items()]
    assert send(whole).status_code == 200
    query = f"trackedEntity={person['trackedEntity']}&program={uid('ST_CONTACT')}"
    answer = ask("GET", f"tracker/trackedEntities.csv?{query}")
    rows = {each["attribute"]: each["value"] for each in csv.DictReader(io.StringIO(answer.text))}
    assert rows[uid("ST_GIVEN_NAME")] == "'=1+1"
    assert rows[uid("ST_FAMILY_NAME")] == "-7"
    assert rows[uid("ST_PHONE")] == "'+4799990000"
