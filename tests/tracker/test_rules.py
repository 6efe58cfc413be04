"""Program rules on the server: DHIS2's package as imported, and a rule that fails alone."""

import json

import pytest

from smittesporing.metadata import exchange, store
from smittesporing.metadata.incoming import Manner
from smittesporing.tracker import projection
from smittesporing.uid import new_uid

PROGRAM = "uYjxkTbwRNf"
BIRTH, AGE, GIVEN = "NI0QRzJvQ0k", "Rv8WM2mTuS5", "sB1IHYu2xQT"
CLINICAL = "LpWNjNGvCO5"


def codes(problems):
    return [problem.code for problem in problems]


@pytest.fixture(scope="module")
def package(pool, shared, metadata, units):
    """WHO's package, with its programs assigned to Tromsø and shared with everybody."""
    body = json.loads((shared / "data/dhis2/C19_CS-2.37/metadata.json").read_bytes())
    for plural in ("programs", "programStages", "trackedEntityTypes"):
        for one in body[plural]:
            one["sharing"] = {"public": "rwrw----"}
            for legacy in ("publicAccess", "userGroupAccesses", "userAccesses"):
                one.pop(legacy, None)
    for program in body["programs"]:
        program["organisationUnits"] = [{"id": units.by_code["5501"].uid}]
    with pool.connection() as connection:
        report = exchange.import_metadata(connection, body, None, Manner())
        assert report.ok
        projection.rebuild(connection)
        return store.current(connection)


def case(world, event=None, **attributes):
    values = [{"attribute": uid, "value": value} for uid, value in attributes.items()]
    enrollment = {
        "program": PROGRAM,
        "orgUnit": world.org_unit,
        "enrolledAt": "2022-01-10",
        "occurredAt": "2022-01-10",
        "attributes": values,
        "events": [event] if event else [],
    }
    return {
        "trackedEntities": [
            {
                "trackedEntity": new_uid(),
                "trackedEntityType": "MCPQUTHX1Ze",
                "orgUnit": world.org_unit,
                "attributes": values,
                "enrollments": [enrollment],
            }
        ]
    }


def test_the_package_runs_with_its_broken_rules_and_events_are_countable(tromso, package, owner):
    event = {
        "programStage": CLINICAL,
        "orgUnit": tromso.org_unit,
        "occurredAt": "2022-01-11",
        "dataValues": [],
    }
    report = tromso.send(case(tromso, event, **{GIVEN: "Kari", BIRTH: "1980-01-01"}))
    assert codes(report.errors) == []
    rows = owner.execute(f'select owner from projection."event_{CLINICAL}"').fetchall()
    assert {"owner": 5501} in rows


@pytest.fixture
def ruled(pool, metadata, units, request):
    """A program of our own with the rules a test asks for; its uids and a way to set rules."""
    uids = {name: new_uid() for name in ("program", "stage", "count", "word", "type")}

    def make(rules):
        share = {"sharing": {"public": "rwrw----"}}
        names = {uid: f"{name} {uid}" for name, uid in uids.items()}
        variables = [
            {"id": new_uid(), "name": name, "program": {"id": uids["program"]},
             "programRuleVariableSourceType": "DATAELEMENT_CURRENT_EVENT",
             "dataElement": {"id": uids[name]}, "valueType": kind}
            for name, kind in (("count", "NUMBER"), ("word", "TEXT"))
        ]  # fmt: skip
        made_rules, actions = [], []
        for priority, (condition, action) in enumerate(rules):
            rule, act = new_uid(), new_uid()
            element = action.pop("element", None)
            made_rules.append(
                {"id": rule, "name": f"rule {rule}", "program": {"id": uids["program"]},
                 "condition": condition, "priority": priority,
                 "programRuleActions": [{"id": act}]}
            )  # fmt: skip
            actions.append(
                {"id": act, "programRule": {"id": rule}, **action}
                | ({"dataElement": {"id": uids[element]}} if element else {})
            )
        body = {
            "dataElements": [
                {"id": uids[name], "name": names[uids[name]], "shortName": uids[name],
                 "valueType": kind, "domainType": "TRACKER", "aggregationType": "NONE"}
                for name, kind in (("count", "NUMBER"), ("word", "TEXT"))
            ],
            "programs": [
                {"id": uids["program"], "name": names[uids["program"]],
                 "shortName": uids["program"], "programType": "WITHOUT_REGISTRATION",
                 "organisationUnits": [{"id": units.by_code["5501"].uid}],
                 "programStages": [{"id": uids["stage"]}], **share}
            ],
            "programStages": [
                {"id": uids["stage"], "name": names[uids["stage"]],
                 "program": {"id": uids["program"]}, "validationStrategy": "ON_UPDATE_AND_INSERT",
                 "programStageDataElements": [
                     {"dataElement": {"id": uids["count"]}}, {"dataElement": {"id": uids["word"]}}
                 ], **share}
            ],
            "programRules": made_rules,
            "programRuleActions": actions,
            "programRuleVariables": variables,
        }  # fmt: skip
        with pool.connection() as connection:
            report = exchange.import_metadata(connection, body, None, Manner())
            assert report.ok, [str(r) for o in report.objects for r in o.refusals]
            projection.rebuild(connection)
        return uids

    return make


def send(world, uids, status="ACTIVE", **values):
    return world.send(
        {
            "events": [
                {
                    "event": new_uid(),
                    "programStage": uids["stage"],
                    "orgUnit": world.org_unit,
                    "occurredAt": "2022-01-10",
                    "status": status,
                    "dataValues": [
                        {"dataElement": uids[name], "value": value}
                        for name, value in values.items()
                    ],
                }
            ]
        }
    )


def test_an_event_without_registration_is_its_own_person(tromso, ruled):
    report = send(tromso, ruled([]), count="1")
    assert codes(report.errors) == []
    assert report.touched == report.uids("EVENT")


def test_errors_and_warnings_and_those_on_completion(tromso, ruled):
    uids = ruled(
        [
            ("#{count} > 9", {"programRuleActionType": "SHOWERROR", "content": "Too many"}),
            ("#{count} > 5", {"programRuleActionType": "SHOWWARNING", "content": "Many"}),
            ("#{count} > 3", {"programRuleActionType": "ERRORONCOMPLETE", "content": "Not yet"}),
        ]
    )
    assert codes(send(tromso, uids, count="10").errors) == ["E1300"]
    assert codes(send(tromso, uids, count="10").warnings) == ["E1300"]
    assert send(tromso, uids, count="6").status == "WARNING"
    assert codes(send(tromso, uids, count="4").errors) == []
    assert codes(send(tromso, uids, count="4", status="COMPLETED").errors) == ["E1300"]


def test_assigning_fills_what_is_empty_and_refuses_what_differs(tromso, ruled):
    assign = {"programRuleActionType": "ASSIGN", "element": "word", "data": "'few'"}
    later = {"programRuleActionType": "SHOWWARNING", "content": "seen"}
    uids = ruled([("#{count} < 3", assign), ("#{word} == 'few'", later)])
    filled = send(tromso, uids, count="1")
    assert (codes(filled.errors), codes(filled.warnings)) == ([], ["E1308", "E1300"])
    (event,) = filled.uids("EVENT")
    with tromso.work() as here:
        row = here.conn.execute("select data from tracker.event where event = %s", (event,))
        assert row.fetchone()["data"][uids["word"]] == {"value": "few"}
    assert codes(send(tromso, uids, count="1", word="few").errors) == []
    assert codes(send(tromso, uids, count="1", word="many").errors) == ["E1307"]


def test_a_rule_may_require_a_value(tromso, ruled):
    require = {"programRuleActionType": "SETMANDATORYFIELD", "element": "word"}
    uids = ruled([("#{count} > 3", require)])
    assert codes(send(tromso, uids, count="4").errors) == ["E1301"]
    assert codes(send(tromso, uids, count="4", word="x").errors) == []


def test_a_rule_that_fails_fails_alone(tromso, ruled):
    error = {"programRuleActionType": "SHOWERROR", "content": "x"}
    uids = ruled([("#{nothere} > 1", dict(error)), ("#{count} == 1", dict(error))])
    assert codes(send(tromso, uids, count="1").errors) == ["E1300"]
    assert codes(send(tromso, uids, count="2").errors) == []
