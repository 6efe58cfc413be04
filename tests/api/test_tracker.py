"""Records over HTTP: import, the four collections, and what the neighbouring kommune sees of it."""

import pytest

from smittesporing.access import org_units, users
from smittesporing.metadata import store
from smittesporing.uid import new_uid
from smittesporing.web.api.tracker_routes import routes

PASSWORD = "a long enough password"


@pytest.fixture(scope="module")
def accounts(pool, settings):
    with pool.connection() as connection:
        units = org_units.current(connection)
        for name, role, place in (
            ("admin", "superuser", "NO"),
            ("tracer", "tracer", "5501"),
            ("neighbour", "tracer", "4601"),
        ):
            user = users.add(
                connection, settings, username=name, first_name=name, surname="T", password=PASSWORD
            )
            users.grant(connection, user.uid, units.by_code[place].id, role)
            if place != "NO":
                connection.execute(
                    """insert into access.agreement (org_unit, ssa_l_signed_on, activated_at)
                       values (%s, '2020-05-01', now())""",
                    (units.by_code[place].id,),
                )
        return units


@pytest.fixture(scope="module")
def uid(pool, accounts):
    with pool.connection() as connection:
        return store.current(connection).uid


@pytest.fixture(scope="module")
def server(serve, accounts):
    return serve(list(routes()))


def asker(server, name):
    def ask(method, path, **more):
        return server.request(method, f"/api/tracker{path}", auth=(name, PASSWORD), **more)

    return ask


@pytest.fixture
def tracer(server):
    return asker(server, "tracer")


@pytest.fixture
def neighbour(server):
    return asker(server, "neighbour")


@pytest.fixture(scope="module")
def story(server, accounts, uid):
    """An index case with an interview, and a contact exposed to it; imported once. Their uids."""
    tromso = accounts.by_code["5501"].uid
    made = {name: new_uid() for name in ("index", "contact", "index_in", "contact_in", "interview",
                                         "exposure", "link")}  # fmt: skip
    payload = {
        "trackedEntities": [
            {
                "trackedEntity": made["index"],
                "trackedEntityType": uid("ST_PERSON"),
                "orgUnit": tromso,
                "attributes": [
                    {"attribute": uid("ST_GIVEN_NAME"), "value": "Ærlend"},
                    {"attribute": uid("ST_FAMILY_NAME"), "value": "Østestad"},
                    {"attribute": uid("ST_NATIONAL_ID"), "value": "01810012345"},
                    {"attribute": uid("ST_PHONE"), "value": "+4799900011"},
                ],
                "enrollments": [
                    {
                        "enrollment": made["index_in"],
                        "program": uid("ST_INDEX"),
                        "orgUnit": tromso,
                        "status": "ACTIVE",
                        "enrolledAt": "2022-01-12",
                        "occurredAt": "2022-01-10",
                        "events": [
                            {
                                "event": made["interview"],
                                "programStage": uid("ST_INDEX_INTERVIEW"),
                                "orgUnit": tromso,
                                "occurredAt": "2022-01-12",
                                "status": "ACTIVE",
                                "dataValues": [
                                    {"dataElement": uid("ST_DISEASE"), "value": "COVID19"}
                                ],
                            }
                        ],
                    }
                ],
            },
            {
                "trackedEntity": made["contact"],
                "trackedEntityType": uid("ST_PERSON"),
                "orgUnit": tromso,
                "attributes": [
                    {"attribute": uid("ST_GIVEN_NAME"), "value": "Berit"},
                    {"attribute": uid("ST_FAMILY_NAME"), "value": "Østestad"},
                ],
                "enrollments": [
                    {
                        "enrollment": made["contact_in"],
                        "program": uid("ST_CONTACT"),
                        "orgUnit": tromso,
                        "enrolledAt": "2022-01-12",
                        "occurredAt": "2022-01-11",
                        "events": [
                            {
                                "event": made["exposure"],
                                "programStage": uid("ST_CONTACT_EXPOSURE"),
                                "orgUnit": tromso,
                                "occurredAt": "2022-01-11",
                                "dataValues": [
                                    {"dataElement": uid("ST_MINUTES"), "value": "30"},
                                    {"dataElement": uid("ST_LAST_CONTACT"), "value": "2022-01-11"},
                                ],
                            }
                        ],
                    }
                ],
            },
        ],
        "relationships": [
            {
                "relationship": made["link"],
                "relationshipType": uid("ST_EXPOSURE_LINK"),
                "from": {"enrollment": {"enrollment": made["index_in"]}},
                "to": {"event": {"event": made["exposure"]}},
            }
        ],
    }
    answer = asker(server, "tracer")("POST", "?async=false", json=payload)
    assert answer.status_code == 200, answer.text[:2000]
    report = answer.json()
    assert report["stats"]["created"] == 7
    types = report["bundleReport"]["typeReportMap"]
    assert [o["uid"] for o in types["TRACKED_ENTITY"]["objectReports"]] == [
        made["index"],
        made["contact"],
    ]
    return made


def names(answer):
    assert answer.status_code == 200, answer.text
    return [one["trackedEntity"] for one in answer.json()["trackedEntities"]]


def test_a_report_with_errors_is_409_and_bare(tracer, uid):
    answer = tracer("POST", "?async=false", json={"trackedEntities": [{"orgUnit": "x"}]})
    assert answer.status_code == 409
    body = answer.json()
    assert body["status"] == "ERROR" and "bundleReport" not in body
    assert body["validationReport"]["errorReports"][0]["errorCode"] == "E1121"
    assert body["stats"] == {"created": 0, "updated": 0, "deleted": 0, "ignored": 1, "total": 1}


@pytest.mark.parametrize(
    "body",
    [b"{", b"[1]", b'{"events": [{"status": "SLEEPING"}]}', b'{"events": [{"occurredAt": "x"}]}',
     b"\xff\xfe\x00", b'{"trackedEntities": [{"orgUnit": "\\u0000"}]}',
     b'{"events": [{"occurredAt": "0001-01-01"}]}',
     b'{"events": [{"geometry": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}]}"],
)  # fmt: skip
def test_what_is_no_payload_is_400(tracer, body):
    answer = tracer("POST", "?async=false", content=body)
    assert answer.status_code == 400
    assert answer.json()["httpStatusCode"] == 400


def test_a_byte_order_mark_is_no_hindrance(tracer):
    assert tracer("POST", "?async=false", content=b"\xef\xbb\xbf{}").status_code == 200


def test_without_async_false_the_answer_is_a_job(tracer):
    answer = tracer("POST", "", json={"trackedEntities": []}).json()
    job = answer["response"]["id"]
    assert answer["message"] == "Tracker job added"
    assert tracer("GET", f"/jobs/{job}").json()[0]["completed"] is True
    assert tracer("GET", f"/jobs/{job}/report").json()["status"] == "OK"


def test_one_is_found_by_part_of_the_name_in_any_case(tracer, story, uid):
    answer = tracer(
        "GET",
        f"/trackedEntities?program={uid('ST_INDEX')}&filter={uid('ST_FAMILY_NAME')}:like:ØSTE",
    )
    assert names(answer) == [story["index"]]


@pytest.mark.parametrize(
    ("code", "test", "found"),
    [
        ("ST_PHONE", "eq:+4799900011", True),
        ("ST_PHONE", "eq:+47999000", False),
        ("ST_GIVEN_NAME", "sw:ær", True),
        ("ST_GIVEN_NAME", "ew:lend", True),
        ("ST_GIVEN_NAME", "in:Kari;ærlend", True),
        ("ST_GIVEN_NAME", "!like:ærl", False),
        ("ST_GIVEN_NAME", "null", False),
        ("ST_EMAIL", "null", True),
        ("ST_NATIONAL_ID", "eq:01810012345", True),
        ("ST_NATIONAL_ID", "eq:01810012346", False),
        ("ST_GIVEN_NAME", "ne:Ærlend", False),
        ("ST_GIVEN_NAME", "gt:a:lt:ø", True),
    ],
)
def test_filters_on_attributes(tracer, story, uid, code, test, found):
    params = {"program": uid("ST_INDEX"), "filter": f"{uid(code)}:{test}"}
    assert (story["index"] in names(tracer("GET", "/trackedEntities", params=params))) is found


def test_events_by_data_element_and_stage(tracer, story, uid):
    for test, found in (("gt:15", True), ("gt:45", False), ("eq:30", True)):
        params = {
            "programStage": uid("ST_CONTACT_EXPOSURE"),
            "filter": f"{uid('ST_MINUTES')}:{test}",
            "fields": "event",
        }
        events = tracer("GET", "/events", params=params).json()["events"]
        assert ({"event": story["exposure"]} in events) is found


def test_a_person_whole_with_nested_fields(tracer, story, uid):
    fields = "trackedEntity,attributes[attribute,value],enrollments[program,events[event,dataValues[value]]]"
    body = tracer(
        "GET",
        f"/trackedEntities/{story['index']}",
        params={"program": uid("ST_INDEX"), "fields": fields},
    ).json()
    values = {each["attribute"]: each["value"] for each in body["attributes"]}
    assert values[uid("ST_NATIONAL_ID")] == "01810012345"
    (enrollment,) = body["enrollments"]
    assert enrollment.keys() == {"program", "events"}
    # The service adds measures of its own beside what was sent.
    interview = {"event": story["interview"], "dataValues": [{"value": "COVID19"}]}
    assert interview in enrollment["events"]


def test_default_fields_leave_the_children_out(tracer, story):
    body = tracer("GET", f"/trackedEntities/{story['index']}").json()
    assert "enrollments" not in body and "relationships" not in body
    assert body["attributes"] and body["createdBy"]["username"] == "tracer"
    assert body["createdAt"] == "2022-01-20T12:00:00.000"


def test_a_relationship_is_found_from_both_ends(tracer, story):
    for query in (f"enrollment={story['index_in']}", f"event={story['exposure']}"):
        links = tracer("GET", f"/relationships?{query}").json()["relationships"]
        assert [link["relationship"] for link in links] == [story["link"]]
        assert links[0]["from"] == {"enrollment": {"enrollment": story["index_in"]}}
    params = {
        "event": story["exposure"],
        "fields": "from[enrollment[program]],to[event[dataValues[value]]]",
    }
    whole = tracer("GET", "/relationships", params=params).json()["relationships"][0]
    assert {each["value"] for each in whole["to"]["event"]["dataValues"]} >= {"30", "2022-01-11"}
    assert whole["from"]["enrollment"]["program"]


def test_the_neighbouring_kommune_finds_nothing(neighbour, story, uid):
    params = {"trackedEntityType": uid("ST_PERSON")}
    assert names(neighbour("GET", "/trackedEntities", params=params)) == []
    assert (
        names(neighbour("GET", "/trackedEntities", params={**params, "orgUnitMode": "ALL"})) == []
    )
    assert (
        names(neighbour("GET", "/trackedEntities", params={"trackedEntities": story["index"]}))
        == []
    )
    for path in (
        f"/trackedEntities/{story['index']}",
        f"/enrollments/{story['index_in']}",
        f"/events/{story['exposure']}",
        f"/relationships/{story['link']}",
        f"/relationships?event={story['exposure']}",
        f"/trackedEntities/{story['index']}/changeLogs",
        f"/events/{story['exposure']}/changeLogs",
    ):
        assert neighbour("GET", path).status_code == 404, path
    for path, name in (("/events", "events"), ("/enrollments", "enrollments")):
        assert neighbour("GET", path).json()[name] == []
    note = neighbour("POST", f"/enrollments/{story['index_in']}/note", json={"value": "hei"})
    assert note.status_code == 404


def test_the_neighbouring_kommune_may_not_write_either(neighbour, story, uid, accounts):
    bergen = accounts.by_code["4601"].uid
    event = {
        "event": story["interview"],
        "occurredAt": "2022-01-12",
        "dataValues": [{"dataElement": uid("ST_DISEASE"), "value": "MERS"}],
    }
    answer = neighbour("POST", "?async=false", json={"events": [event]})
    assert answer.json()["validationReport"]["errorReports"][0]["errorCode"] == "E1102"
    enrollment = {
        "trackedEntity": story["index"],
        "program": uid("ST_CONTACT"),
        "orgUnit": bergen,
        "enrolledAt": "2022-01-12",
    }
    answer = neighbour("POST", "?async=false", json={"enrollments": [enrollment]})
    assert answer.json()["validationReport"]["errorReports"][0]["errorCode"] == "E1102"


def test_pages_follow_each_other_and_the_one_past_the_end_is_empty(tracer, story, uid):
    params = {"trackedEntityType": uid("ST_PERSON"), "pageSize": 1, "fields": "trackedEntity"}
    first = tracer("GET", "/trackedEntities", params=params).json()
    second = tracer("GET", "/trackedEntities", params={**params, "page": 2}).json()
    assert first["trackedEntities"] != second["trackedEntities"]
    assert first["pager"]["page"] == 1 and "nextPage" in first["pager"]
    last = tracer("GET", "/trackedEntities", params={**params, "page": 99, "totalPages": "true"})
    assert last.json()["trackedEntities"] == []
    assert last.json()["pager"]["total"] >= 2
    assert "pager" not in tracer("GET", "/events?paging=false").json()


@pytest.mark.parametrize(
    "path",
    ["/trackedEntities", "/trackedEntities?trackedEntities=x&orgUnitMode=SELECTED",
     "/trackedEntities?trackedEntityType=x&followUp=true", "/events?filter=nothere:eq:1",
     "/events?order=nothere", "/events?updatedWithin=soon", "/relationships",
     "/events?occurredAfter=yesterday", "/events?orgUnit=nowhere", "/events?pageSize=x",
     "/relationships?event=x&page=one"],
)  # fmt: skip
def test_a_query_that_cannot_be_understood_is_400(tracer, path):
    assert tracer("GET", path).status_code == 400


def test_notes_are_added_and_shown(tracer, story):
    path = f"/enrollments/{story['index_in']}"
    assert tracer("POST", f"{path}/note", json={"value": "Ringte kl. 12"}).status_code == 200
    notes = tracer("GET", f"{path}?fields=notes[value,storedBy]").json()["notes"]
    assert notes == [{"value": "Ringte kl. 12", "storedBy": "tracer"}]


def test_everyone_shown_is_in_the_access_log(tracer, story, uid, owner):
    before = owner.execute("select count(*) as n from access.log_person").fetchone()["n"]
    tracer("GET", f"/trackedEntities?trackedEntityType={uid('ST_PERSON')}&pageSize=2")
    rows = owner.execute(
        """select r.action, count(*) as n from access.log_person p
             join access.log_request r using (request)
            group by r.request, r.action, r.at order by r.at desc limit 1"""
    ).fetchall()
    after = owner.execute("select count(*) as n from access.log_person").fetchone()["n"]
    assert after == before + 2
    assert rows == [{"action": "tracker.trackedEntities", "n": 2}]


def test_a_transfer_moves_the_enrollment_and_its_reader(tracer, neighbour, story, uid, accounts):
    query = f"trackedEntity={story['contact']}&program={uid('ST_CONTACT')}"
    bergen = accounts.by_code["4601"].uid
    assert tracer("PUT", f"/ownership/transfer?{query}&orgUnit={bergen}").status_code == 200
    assert neighbour("GET", f"/events/{story['exposure']}").status_code == 200
    assert tracer("GET", f"/events/{story['exposure']}").status_code == 404
    # One end of the link is now out of reach on either side, so neither is shown it.
    assert tracer("GET", f"/relationships/{story['link']}").status_code == 404
