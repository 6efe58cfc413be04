"""The importer, seen from its callers: shapes of payload, strategies, modes and what is stored."""

from smittesporing.uid import new_uid


def codes(report):
    return [problem.code for problem in report.errors]


def stored(world, sql, *values):
    with world.work() as here:
        return here.conn.execute(sql, values).fetchall()


def test_a_nested_payload_becomes_person_enrollment_and_event(tromso):
    payload = {
        "trackedEntities": [
            tromso.person(
                enrollments=[
                    tromso.enrollment(
                        events=[tromso.event("ST_INDEX_INTERVIEW", {"ST_DISEASE": "COVID19"})]
                    )
                ]
            )
        ]
    }
    report = tromso.send(payload)
    assert codes(report) == []
    answer = report.as_json()
    assert answer["stats"] == {"created": 3, "updated": 0, "deleted": 0, "ignored": 0, "total": 3}
    (person,) = report.uids("TRACKED_ENTITY")
    rows = stored(tromso, "select * from tracker.event where tracked_entity = %s", person)
    assert [row["data"] for row in rows] == [{tromso.uid("ST_DISEASE"): {"value": "COVID19"}}]
    assert rows[0]["owner"] == 5501
    assert report.touched == (person,)
