"""The importer, seen from its callers: shapes of payload, strategies, modes and what is stored."""

import pytest

from smittesporing.tracker.read import person
from smittesporing.uid import new_uid


def codes(report):
    return [problem.code for problem in report.errors]


def stored(world, sql, *values):
    with world.work() as here:
        return here.conn.execute(sql, values).fetchall()


def case(world, **more):
    """A person with an index enrollment and an interview, all with uids."""
    made = {"person": new_uid(), "enrollment": new_uid(), "event": new_uid()}
    event = world.event("ST_INDEX_INTERVIEW", {"ST_DISEASE": "COVID19"}, event=made["event"])
    enrollment = world.enrollment(enrollment=made["enrollment"], events=[event])
    payload = {
        "trackedEntities": [
            world.person(trackedEntity=made["person"], enrollments=[enrollment], **more)
        ]
    }
    return made, payload


def test_a_nested_payload_becomes_person_enrollment_and_event(tromso):
    made, payload = case(tromso)
    report = tromso.send(payload)
    assert codes(report) == []
    assert report.as_json()["stats"] == {
        "created": 3,
        "updated": 0,
        "deleted": 0,
        "ignored": 0,
        "total": 3,
    }
    (row,) = stored(tromso, "select * from tracker.event where event = %s", made["event"])
    assert row["data"] == {tromso.uid("ST_DISEASE"): {"value": "COVID19"}}
    assert (row["owner"], row["tracked_entity"], row["version"]) == (5501, made["person"], 1)
    assert report.touched == (made["person"],)


def test_a_flat_payload_gives_the_same(tromso):
    person_uid, enrollment = new_uid(), new_uid()
    report = tromso.send(
        {
            "trackedEntities": [tromso.person(trackedEntity=person_uid)],
            "enrollments": [tromso.enrollment(enrollment=enrollment, trackedEntity=person_uid)],
            "events": [tromso.event("ST_INDEX_INTERVIEW", enrollment=enrollment)],
        }
    )
    assert codes(report) == []
    with tromso.work() as here:
        found = person(here, person_uid)
    assert [event.program_stage for event in found.enrollments[0].events] == [
        tromso.uid("ST_INDEX_INTERVIEW")
    ]


def test_the_same_payload_again_updates_and_changes_no_version(tromso):
    made, payload = case(tromso)
    tromso.send(payload)
    report = tromso.send(payload)
    assert report.as_json()["stats"]["updated"] == 3
    rows = stored(tromso, "select version from tracker.event where event = %s", made["event"])
    assert [row["version"] for row in rows] == [1]


@pytest.mark.parametrize(
    ("strategy", "first", "expected"),
    [
        ("CREATE", True, ["E1002", "E1080", "E1030"]),
        ("UPDATE", False, ["E1063", "E1081", "E1032"]),
        ("DELETE", False, ["E1032", "E1081", "E1063"]),
    ],
)
def test_strategies_refuse_what_they_cannot_do(tromso, strategy, first, expected):
    _, payload = case(tromso)
    if first:
        assert tromso.send(payload).ok
    assert codes(tromso.send(payload, strategy=strategy)) == expected


def test_a_value_not_sent_stays_and_a_value_sent_empty_goes(tromso):
    made, payload = case(tromso)
    tromso.send(payload)
    event = {"event": made["event"], "occurredAt": "2022-01-10"}
    tromso.send({"events": [{**event, "dataValues": tromso.data(ST_SYMPTOMS="true")}]})
    assert tromso.send({"events": [{**event, "dataValues": tromso.data(ST_DISEASE=None)}]}).ok
    (row,) = stored(
        tromso, "select data, version from tracker.event where event = %s", made["event"]
    )
    assert [(k, v["value"]) for k, v in row["data"].items()] == [
        (tromso.uid("ST_SYMPTOMS"), "true")
    ]
    assert row["version"] == 3


def test_under_atomic_all_one_mistake_keeps_everything_out(tromso):
    made, payload = case(tromso)
    payload["trackedEntities"].append(tromso.person(trackedEntityType="nothere1234"))
    report = tromso.send(payload)
    assert codes(report) == ["E1005"]
    answer = report.as_json()
    assert answer["stats"]["ignored"] == 4 and "bundleReport" not in answer
    assert not stored(
        tromso, "select 1 from tracker.tracked_entity where tracked_entity = %s", made["person"]
    )


def test_under_atomic_object_the_right_ones_come_in_and_children_of_the_wrong_do_not(tromso):
    made, payload = case(tromso)
    wrong, other = case(tromso)
    other["trackedEntities"][0]["trackedEntityType"] = "nothere1234"
    payload["trackedEntities"] += other["trackedEntities"]
    report = tromso.send(payload, atomic="OBJECT")
    assert codes(report) == ["E1005", "E5000", "E5000"]
    assert report.status == "ERROR" and report.committed
    assert report.uids("TRACKED_ENTITY") == (made["person"],)
    assert report.as_json()["stats"] == {
        "created": 3,
        "updated": 0,
        "deleted": 0,
        "ignored": 3,
        "total": 6,
    }
    assert wrong["person"] not in report.touched


def test_validate_checks_and_writes_nothing(tromso):
    made, payload = case(tromso)
    report = tromso.send(payload, mode="VALIDATE")
    assert report.ok and not report.committed
    assert not stored(
        tromso, "select 1 from tracker.enrollment where enrollment = %s", made["enrollment"]
    )


def test_deleting_a_whole_person_flat_needs_no_special_authority(tromso):
    made, payload = case(tromso)
    tromso.send(payload)
    alone = tromso.send({"trackedEntities": [{"trackedEntity": made["person"]}]}, strategy="DELETE")
    assert codes(alone) == ["E1100"]
    report = tromso.send(
        {
            "trackedEntities": [{"trackedEntity": made["person"]}],
            "enrollments": [{"enrollment": made["enrollment"]}],
            "events": [{"event": made["event"]}],
        },
        strategy="DELETE",
    )
    assert codes(report) == [] and report.as_json()["stats"]["deleted"] == 3
    with tromso.work() as here:
        assert person(here, made["person"]) is None
    again = tromso.send(payload)
    assert codes(again) == ["E1114", "E1113", "E1082"]


def test_each_change_leaves_one_line_of_history(tromso):
    made, payload = case(tromso)
    tromso.send(payload)
    event = {"event": made["event"], "occurredAt": "2022-01-10"}
    tromso.send({"events": [{**event, "dataValues": tromso.data(ST_DISEASE="MERS")}]})
    rows = stored(
        tromso,
        """select kind, action, before, after from tracker.history
            where tracked_entity = %s order by sequence""",
        made["person"],
    )
    assert [(row["kind"], row["action"]) for row in rows] == [
        ("TRACKED_ENTITY", "CREATE"),
        ("ENROLLMENT", "CREATE"),
        ("EVENT", "CREATE"),
        ("EVENT", "UPDATE"),
    ]
    disease = tromso.uid("ST_DISEASE")
    assert rows[3]["before"] == {"data": {disease: {"value": "COVID19"}}}
    assert rows[3]["after"] == {"data": {disease: {"value": "MERS"}}}


def test_what_is_written_is_countable_at_once(tromso):
    made, payload = case(tromso)
    tromso.send(payload)
    stage = tromso.uid("ST_INDEX_INTERVIEW")
    disease = tromso.uid("ST_DISEASE")
    (row,) = stored(
        tromso,
        f'select owner, status, "{disease}" as disease from projection."event_{stage}"'
        " where event = %s",
        made["event"],
    )
    assert row == {"owner": 5501, "status": "ACTIVE", "disease": "COVID19"}


def test_a_bundle_of_500_records_takes_a_fixed_number_of_statements(tromso, monkeypatch):
    def bundle(number):
        return {"trackedEntities": [case(tromso)[1]["trackedEntities"][0] for _ in range(number)]}

    def statements(payload):
        with tromso.work() as here:
            counted = []
            real = type(here.conn).execute

            def count(self, *args, **more):
                counted.append(args[0])
                return real(self, *args, **more)

            monkeypatch.setattr(type(here.conn), "execute", count)
            from smittesporing.tracker.importer import importing

            assert importing(here, payload).ok
            monkeypatch.setattr(type(here.conn), "execute", real)
        return len(counted)

    few, many = statements(bundle(2)), statements(bundle(167))
    assert few == many <= 40


def test_codes_may_stand_for_uids(tromso):
    payload = {
        "trackedEntities": [
            {
                "trackedEntityType": "ST_PERSON",
                "orgUnit": "5501",
                "attributes": [{"attribute": "ST_GIVEN_NAME", "value": "Kari"}],
                "enrollments": [
                    {
                        "program": "ST_INDEX",
                        "orgUnit": "5501",
                        "enrolledAt": "2022-01-10",
                        "occurredAt": "2022-01-10",
                        "events": [
                            {
                                "programStage": "ST_INDEX_INTERVIEW",
                                "orgUnit": "5501",
                                "occurredAt": "2022-01-10",
                                "dataValues": [{"dataElement": "ST_DISEASE", "value": "MERS"}],
                            }
                        ],
                    }
                ],
            }
        ]
    }
    assert codes(tromso.send(payload, id_scheme="CODE")) == []
