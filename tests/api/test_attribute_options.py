"""Events of a program with a category combo, as Capture sends and filters them: by the options chosen."""

import pytest

from smittesporing.uid import new_uid
from tests.api.making import made


@pytest.fixture(scope="module")
def surveys(ask, unit):
    """A program without registration, of two projects and two donors."""

    def admin(*a, **k):
        return ask(*a, by="admin", **k)

    def short():
        name = f"Part {new_uid()}"
        return {"name": name, "shortName": name}

    def opened(access):
        return {"public": access, "external": False, "users": {}, "userGroups": {}}

    axes, options = [], []
    for _ in range(2):
        pair = [
            made(admin, "categoryOptions", **short(), sharing=opened("rwrw----")) for _ in range(2)
        ]
        options.append(pair)
        listed = [{"id": each} for each in pair]
        kind = {"dataDimensionType": "ATTRIBUTE", "categoryOptions": listed}
        axes.append(made(admin, "categories", **short(), **kind))
    stated = {"dataDimensionType": "ATTRIBUTE", "categories": [{"id": each} for each in axes]}
    combo = made(admin, "categoryCombos", name=f"Combo {new_uid()}", **stated)
    program = made(
        admin,
        "programs",
        **short(),
        programType="WITHOUT_REGISTRATION",
        categoryCombo={"id": combo},
        organisationUnits=[{"id": unit}],
        sharing=opened("rwrw----"),
    )
    stage = made(
        admin,
        "programStages",
        name=f"Stage {new_uid()}",
        program={"id": program},
        sharing=opened("rwrw----"),
    )
    return {"program": program, "stage": stage, "combo": combo, "options": options, "unit": unit}


def event_of(surveys, **more):
    return {
        "event": new_uid(),
        "program": surveys["program"],
        "programStage": surveys["stage"],
        "orgUnit": surveys["unit"],
        "occurredAt": "2022-01-12",
        "status": "ACTIVE",
        "dataValues": [],
        **more,
    }


def codes(answer):
    return [each["errorCode"] for each in answer.json()["validationReport"]["errorReports"]]


@pytest.mark.parametrize("sign", [",", ";"])
def test_options_name_the_combination_and_find_the_event(ask, send, surveys, sign):
    [project, other], [donor, _] = surveys["options"]
    event = event_of(surveys, attributeCategoryOptions=sign.join((donor, project)))
    assert codes(send({"events": [event]})) == []
    kept = ask("GET", f"tracker/events/{event['event']}").json()
    assert set(kept["attributeCategoryOptions"].split(",")) == {donor, project}
    assert kept["attributeOptionCombo"] != "HllvX50cXC0"
    base = f"tracker/events?program={surveys['program']}&orgUnit={surveys['unit']}&fields=event"
    of = f"{base}&attributeCategoryCombo={surveys['combo']}&attributeCategoryOptions="
    found = ask("GET", f"{of}{project},{donor}").json()["events"]
    assert event["event"] in [each["event"] for each in found]
    assert ask("GET", f"{of}{other},{donor}").json()["events"] == []
    assert ask("GET", f"{of}{project}").status_code == 400
    # What was read is sent back whole.
    assert codes(send({"events": [kept]}, query="async=false&importStrategy=UPDATE")) == []


def test_options_that_make_no_combination_are_refused(send, surveys):
    [project, other], [_donor, _] = surveys["options"]
    for options, code in (
        (project, "E1117"),
        (f"{project},{other}", "E1117"),
        (f"{project},{new_uid()}", "E1116"),
        ("", "E1055"),
        ("xYerKDKCefk", "E1055"),
    ):
        event = event_of(surveys, attributeCategoryOptions=options)
        assert codes(send({"events": [event]})) == [code], options


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("events?status=ACTIVE", 200),
        ("events?status=OPEN", 400),
        ("events?enrollmentStatus=OPEN", 400),
        ("events?assignedUserMode=ME", 400),
        ("trackedEntities?program={program}&eventStatus=OPEN", 400),
        ("trackedEntities?program={program}&enrollmentStatus=OPEN", 400),
        ("trackedEntities?program={program}&assignedUserMode=CURRENT", 200),
        ("trackedEntities?program={program}&assignedUserMode=ME", 400),
        ("enrollments?status=OPEN", 400),
    ],
)
def test_words_that_are_none_are_refused(ask, uid, path, status):
    path = path.format(program=uid("ST_CONTACT"))
    assert ask("GET", f"tracker/{path}").status_code == status


def test_people_are_listed_by_whom_their_events_are_assigned_to(ask, send, whole, uid):
    me = ask("GET", "me?fields=id").json()["id"]
    person = whole["trackedEntities"][0]
    follow_up = {
        "event": new_uid(),
        "programStage": uid("ST_CONTACT_FOLLOW_UP"),
        "status": "SCHEDULE",
        "orgUnit": person["orgUnit"],
        "scheduledAt": "2022-01-21",
        "assignedUser": {"uid": me},
    }
    person["enrollments"][0]["events"].append(follow_up)
    assert codes(send(whole)) == []

    def found(mode):
        path = f"tracker/trackedEntities?program={uid('ST_CONTACT')}&fields=trackedEntity&{mode}"
        return [each["trackedEntity"] for each in ask("GET", path).json()["trackedEntities"]]

    code = person["trackedEntity"]
    assert code in found("assignedUserMode=CURRENT")
    assert code in found("assignedUserMode=ANY")
    assert code in found(f"assignedUsers={me}")
    assert code in found("assignedUserMode=NONE")
    assert code not in found("assignedUserMode=NONE&eventStatus=SCHEDULE")
    assert code not in found(f"assignedUsers={new_uid()}")
