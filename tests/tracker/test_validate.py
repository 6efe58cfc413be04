"""What is refused, and by which code. Codes are the contract; wording is not."""

import pytest

from smittesporing.uid import new_uid


def codes(report):
    return [problem.code for problem in report.errors]


def warned(report):
    return [problem.code for problem in report.warnings]


# Each row: what is wrong, and the code it gives. `person`, `enrollment`, `event` change the payload.
WRONG = [
    ("person", {"trackedEntity": "1nvalid"}, "E1048"),
    ("person", {"trackedEntityType": None}, "E1121"),
    ("person", {"orgUnit": None}, "E1121"),
    ("person", {"trackedEntityType": "nothere1234"}, "E1005"),
    ("person", {"orgUnit": "nothere1234"}, "E1049"),
    ("person", {"geometry": {"type": "Point", "coordinates": [1, 2]}}, "E1012"),
    ("person", {"attributes": [{"attribute": "nothere1234", "value": "x"}]}, "E1006"),
    ("person", {"attributes": [{"value": "x"}]}, "E1075"),
    ("enrollment", {"program": None}, "E1122"),
    ("enrollment", {"orgUnit": None}, "E1122"),
    ("enrollment", {"program": "nothere1234"}, "E1069"),
    ("enrollment", {"orgUnit": "nothere1234"}, "E1070"),
    ("enrollment", {"trackedEntity": "nothere1234"}, "E1068"),
    ("enrollment", {"enrolledAt": None}, "E1025"),
    ("enrollment", {"enrolledAt": "2022-01-21"}, "E1020"),
    ("enrollment", {"occurredAt": "2022-01-21"}, "E1021"),
    ("enrollment", {"completedAt": "2022-01-10"}, "E1052"),
    ("event", {"programStage": None}, "E1123"),
    ("event", {"orgUnit": None}, "E1123"),
    ("event", {"orgUnit": "nothere1234"}, "E1011"),
    ("event", {"program": "nothere1234"}, "E1010"),
    ("event", {"programStage": "nothere1234"}, "E1013"),
    ("event", {"enrollment": "nothere1234"}, "E1081"),
    ("event", {"occurredAt": None}, "E1031"),
    ("event", {"status": "SCHEDULE", "occurredAt": None}, "E1050"),
    ("event", {"status": "SKIPPED", "occurredAt": None}, "E1046"),
    ("event", {"status": "SKIPPED"}, "E1315"),
    ("event", {"completedAt": "2022-01-10"}, "E1051"),
    ("event", {"assignedUser": {"uid": "nothere1234"}}, "E1118"),
    ("event", {"attributeOptionCombo": "nothere1234"}, "E1115"),
    ("event", {"dataValues": [{"dataElement": "nothere1234", "value": "x"}]}, "E1304"),
]


@pytest.mark.parametrize(("part", "change", "code"), WRONG)
def test_each_mistake_has_its_code(tromso, part, change, code):
    parts = {
        "person": tromso.person(trackedEntity=new_uid()),
        "enrollment": tromso.enrollment(enrollment=new_uid()),
        "event": tromso.event("ST_INDEX_INTERVIEW", {"ST_DISEASE": "MERS"}, event=new_uid()),
    }
    parts["person"] |= change if part == "person" else {}
    parts["enrollment"]["trackedEntity"] = parts["person"]["trackedEntity"]
    parts["event"]["enrollment"] = parts["enrollment"]["enrollment"]
    parts[part] |= change
    report = tromso.send(
        {
            "trackedEntities": [parts["person"]],
            "enrollments": [parts["enrollment"]],
            "events": [parts["event"]],
        }
    )
    assert codes(report)[0] == code
    assert set(codes(report)[1:]) <= {"E5000"}, "a bad reference gives one code, not a cascade"
    assert all("2022" not in p.sentence or p.code in ("E1020", "E1021") for p in report.errors)


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("ST_AGE", "-1", "E1007"),
        ("ST_AGE", "old", "E1007"),
        ("ST_SEX", "male", "E1125"),
        ("ST_BIRTH_DATE", "1980-02-30", "E1007"),
        ("ST_BIRTH_DATE", "2022-01-21", "T200"),
        ("ST_EMAIL", "kari", "E1007"),
        ("ST_GIVEN_NAME", "x" * 1201, "E1077"),
        ("ST_PHONE_CONFIRMED", "false", "E1007"),
    ],
)
def test_attribute_values_must_fit(tromso, code, value, expected):
    assert codes(tromso.send({"trackedEntities": [tromso.person(values={code: value})]})) == [
        expected
    ]


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("ST_MINUTES", "1.5", "E1302"),
        ("ST_DISTANCE_M", "near", "E1302"),
        ("ST_RELATION", "ENEMY", "E1125"),
        ("ST_LAST_CONTACT", "2022-01-21", "T200"),
        ("ST_LAST_CONTACT", "1979-12-31", "T201"),
        ("ST_TEST_DATE", "2022-01-10", "E1305"),
        ("ST_INDOORS", "maybe", "E1302"),
    ],
)
def test_data_values_must_fit(tromso, code, value, expected):
    event = tromso.event("ST_CONTACT_EXPOSURE", {code: value})
    person = tromso.person(
        values={"ST_BIRTH_DATE": "1980-01-01"},
        enrollments=[tromso.enrollment("ST_CONTACT", events=[event])],
    )
    assert codes(tromso.send({"trackedEntities": [person]})) == [expected]


def test_a_contact_before_birth_is_refused_also_when_the_person_is_stored(tromso):
    person, enrollment = new_uid(), new_uid()
    tromso.send(
        {
            "trackedEntities": [
                tromso.person(
                    trackedEntity=person,
                    values={"ST_BIRTH_DATE": "2022-01-05"},
                    enrollments=[tromso.enrollment("ST_CONTACT", enrollment=enrollment)],
                )
            ]
        }
    )
    event = tromso.event("ST_CONTACT_EXPOSURE", enrollment=enrollment, occurredAt="2022-01-04")
    assert codes(tromso.send({"events": [event]})) == ["T201"]


def test_a_wrong_check_digit_is_warned_of_and_not_refused(tromso):
    right, wrong = "01818012337", "01818012338"
    for number, expected in ((right, []), (wrong, ["T202"])):
        person = tromso.person(values={"ST_NATIONAL_ID": number})
        report = tromso.send({"trackedEntities": [person]})
        assert (codes(report), warned(report)) == ([], expected)
        assert number not in str(report.as_json())


def test_a_unique_value_is_held_by_one_person_in_the_country(world):
    tromso, bergen = world("tracer", "5501"), world("tracer", "4601")
    number = {"ST_HELP_NUMBER": "H-" + new_uid()}
    holder = new_uid()
    assert tromso.send({"trackedEntities": [tromso.person(trackedEntity=holder, values=number)]}).ok
    assert codes(bergen.send({"trackedEntities": [bergen.person(values=number)]})) == ["E1064"]
    twice = [tromso.person(values={"ST_HELP_NUMBER": "ab-1"}) for _ in range(2)]
    twice[1]["attributes"][-1]["value"] = " AB-1 "
    assert codes(tromso.send({"trackedEntities": twice})) == ["E1064"]
    # Let go of by its holder, it is free.
    gone = {"trackedEntity": holder, "attributes": tromso.attributes(ST_HELP_NUMBER=None)}
    assert codes(tromso.send({"trackedEntities": [gone]})) == []
    assert codes(bergen.send({"trackedEntities": [bergen.person(values=number)]})) == []


def test_matching_a_national_number_leaves_a_line_about_its_holder(world, owner):
    tromso, bergen = world("tracer", "5501"), world("tracer", "4601")
    holder, number = new_uid(), {"ST_NATIONAL_ID": "01819012365"}
    assert tromso.send({"trackedEntities": [tromso.person(trackedEntity=holder, values=number)]}).ok
    assert codes(bergen.send({"trackedEntities": [bergen.person(values=number)]})) == ["E1064"]
    rows = owner.execute(
        """select r.user_uid from access.log_person p join access.log_request r using (request)
            where p.tracked_entity = %s""",
        (holder,),
    ).fetchall()
    assert rows == [{"user_uid": bergen.reach.user}]


def test_a_source_id_is_unique_within_its_org_unit_only(world):
    tromso, bergen = world("tracer", "5501"), world("tracer", "4601")
    values = {"ST_SOURCE_ID": "SK_" + new_uid()}
    assert tromso.send({"trackedEntities": [tromso.person(values=values)]}).ok
    assert bergen.send({"trackedEntities": [bergen.person(values=values)]}).ok
    assert codes(tromso.send({"trackedEntities": [tromso.person(values=values)]})) == ["E1064"]


def test_one_is_enrolled_actively_once_in_a_program(tromso):
    person = tromso.person(
        trackedEntity=new_uid(), enrollments=[tromso.enrollment(), tromso.enrollment()]
    )
    assert codes(tromso.send({"trackedEntities": [person]})) == ["E1015"]
    person["enrollments"][0]["status"] = "COMPLETED"
    assert codes(tromso.send({"trackedEntities": [person]})) == []
    more = tromso.enrollment(trackedEntity=person["trackedEntity"])
    assert codes(tromso.send({"enrollments": [more]})) == ["E1015"]


def test_a_stage_that_is_not_repeatable_has_one_event(tromso):
    enrollment = new_uid()
    events = [tromso.event("ST_INDEX_INTERVIEW") for _ in range(2)]
    person = tromso.person(enrollments=[tromso.enrollment(enrollment=enrollment, events=events)])
    assert codes(tromso.send({"trackedEntities": [person]})) == ["E1039"]
    events.pop()
    assert tromso.send({"trackedEntities": [person]}).ok
    more = tromso.event("ST_INDEX_INTERVIEW", enrollment=enrollment)
    assert codes(tromso.send({"events": [more]})) == ["E1039"]


def test_what_may_not_change_does_not(tromso):
    person, enrollment, event = new_uid(), new_uid(), new_uid()
    other = new_uid()
    tromso.send(
        {
            "trackedEntities": [
                tromso.person(
                    trackedEntity=person,
                    enrollments=[
                        tromso.enrollment(
                            enrollment=enrollment,
                            events=[tromso.event("ST_INDEX_TEST", event=event)],
                        ),
                        tromso.enrollment("ST_CONTACT", enrollment=other),
                    ],
                )
            ]
        }
    )
    for payload, expected in (
        ({"trackedEntities": [{"trackedEntity": person, "trackedEntityType": tromso.uid("ST_CLUSTER")}]}, "E1126"),
        ({"enrollments": [{"enrollment": enrollment, "program": tromso.uid("ST_CONTACT")}]}, "E1127"),
        ({"events": [{"event": event, "enrollment": other}]}, "E1128"),
        ({"events": [{"event": event, "programStage": tromso.uid("ST_INDEX_INTERVIEW")}]}, "E1128"),
        ({"events": [{"event": event, "status": "SKIPPED", "occurredAt": "2022-01-10"}]}, "E1316"),
    ):  # fmt: skip
        assert codes(tromso.send(payload)) == [expected]


@pytest.fixture
def linked(tromso):
    """An index enrollment, an exposure event of a contact, and the contact."""
    uids = {"enrollment": new_uid(), "event": new_uid(), "person": new_uid(), "test": new_uid()}
    index = tromso.person(
        enrollments=[
            tromso.enrollment(
                enrollment=uids["enrollment"],
                events=[tromso.event("ST_INDEX_TEST", event=uids["test"])],
            )
        ]
    )
    exposure = tromso.event("ST_CONTACT_EXPOSURE", event=uids["event"])
    contact = tromso.person(
        trackedEntity=uids["person"],
        enrollments=[tromso.enrollment("ST_CONTACT", events=[exposure])],
    )
    assert tromso.send({"trackedEntities": [index, contact]}).ok
    return uids


def test_a_link_is_made_once_and_sent_again_is_left_alone(tromso, linked):
    ends = ("enrollment", linked["enrollment"]), ("event", linked["event"])
    link = tromso.link("ST_EXPOSURE_LINK", *ends, relationship=new_uid())
    assert codes(tromso.send({"relationships": [link]})) == []
    again = tromso.send({"relationships": [link]})
    assert (codes(again), warned(again)) == ([], ["E4015"])
    assert again.as_json()["stats"]["ignored"] == 1
    assert codes(tromso.send({"relationships": [link]}, strategy="CREATE")) == ["E4015"]
    assert codes(tromso.send({"relationships": [{**link, "relationship": new_uid()}]})) == ["E4018"]
    assert tromso.send({"relationships": [link]}, strategy="DELETE").ok
    assert codes(tromso.send({"relationships": [link]})) == ["E4017"]


def test_links_that_do_not_hold(tromso, linked):
    enrollment, event = ("enrollment", linked["enrollment"]), ("event", linked["event"])
    for type_, from_, to, expected in (
        ("ST_EXPOSURE_LINK", ("trackedEntity", linked["person"]), event, "E4010"),
        ("ST_EXPOSURE_LINK", enrollment, ("event", "nothere1234"), "E4012"),
        ("ST_EXPOSURE_LINK", enrollment, ("event", linked["test"]), "E4014"),
        ("ST_EXPOSURE_LINK", ("event", linked["event"]), event, "E4000"),
        ("ST_EXPOSURE_LINK", ("event", ""), event, "E4001"),
    ):
        assert codes(tromso.send({"relationships": [tromso.link(type_, from_, to)]})) == [expected]
    wrong = tromso.link("ST_EXPOSURE_LINK", enrollment, event, relationshipType="nothere1234")
    assert codes(tromso.send({"relationships": [wrong]})) == ["E4006"]
    none = tromso.link("ST_EXPOSURE_LINK", enrollment, event, relationshipType=None)
    assert codes(tromso.send({"relationships": [none]})) == ["E1124"]


def test_a_deleted_event_takes_its_links_with_it(tromso, linked):
    link = tromso.link(
        "ST_EXPOSURE_LINK",
        ("enrollment", linked["enrollment"]),
        ("event", linked["event"]),
        relationship=new_uid(),
    )
    tromso.send({"relationships": [link]})
    assert tromso.send({"events": [{"event": linked["event"]}]}, strategy="DELETE").ok
    with tromso.work() as here:
        left = here.conn.execute(
            "select 1 from tracker.relationship_end where relationship = %s and not deleted",
            (link["relationship"],),
        ).fetchall()
    assert left == []


def test_notes_are_never_rewritten(tromso, linked):
    event = tromso.event(
        "ST_CONTACT_EXPOSURE", event=linked["event"], notes=[{"note": new_uid(), "value": "en"}]
    )
    assert tromso.send({"events": [event]}).ok
    event["notes"][0]["value"] = "to"
    again = tromso.send({"events": [event]})
    assert (codes(again), warned(again)) == ([], ["E1119"])
