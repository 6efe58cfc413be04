"""Change logs as Capture's tab of changes asks for them: values by identifier, chosen, ordered, in pages."""

import pytest

from smittesporing.uid import new_uid


@pytest.fixture
def path(ask, send, whole, uid):
    """The address of the change log of an event with a value that was changed and one taken away."""
    person = whole["trackedEntities"][0]
    event = person["enrollments"][0]["events"][0]
    minutes = {"dataElement": uid("ST_MINUTES"), "value": "30"}
    event["dataValues"].append(minutes)
    assert send(whole).status_code == 200
    for value in ("45", ""):
        changed = {"event": event["event"], "occurredAt": "2022-01-12"}
        changed["dataValues"] = [minutes | {"value": value}]
        answer = send({"events": [changed]}, query="async=false&importStrategy=UPDATE")
        assert answer.status_code == 200, answer.text
    return f"tracker/events/{event['event']}/changeLogs"


def logs_of(ask, path, query=""):
    answer = ask("GET", f"{path}?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()["changeLogs"]


def test_values_are_named_by_their_identifier(ask, path, uid):
    minutes = logs_of(ask, path, f"filter=dataElement:eq:{uid('ST_MINUTES')}")
    assert [(each["type"], each["change"]) for each in minutes] == [
        (kind, {"dataValue": {"dataElement": uid("ST_MINUTES"), **values}})
        for kind, values in (
            ("DELETE", {"previousValue": "45"}),
            ("UPDATE", {"previousValue": "30", "currentValue": "45"}),
            ("CREATE", {"currentValue": "30"}),
        )
    ]
    assert minutes[0]["createdBy"].keys() == {"uid", "username", "firstName", "surname"}


def test_fields_of_the_event_are_texts(ask, path):
    changed, first = logs_of(ask, path, "filter=field:eq:occurredAt")
    assert first["change"] == {
        "eventField": {"field": "occurredAt", "currentValue": "2022-01-11T00:00:00.000"}
    }
    assert changed["change"]["eventField"]["previousValue"] == "2022-01-11T00:00:00.000"


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("order=createdAt", lambda each: each["createdAt"]),
        ("order=username:asc", lambda each: each["createdBy"]["username"]),
        ("order=change", lambda each: "dataValue" not in each["change"] and 0),
    ],
)
def test_order_keeps_every_line(ask, path, query, key):
    every, ordered = logs_of(ask, path), logs_of(ask, path, query)
    assert len(ordered) == len(every) > 5
    assert [key(each) for each in ordered] == sorted(key(each) for each in ordered)


def test_lines_are_filtered_by_who_and_cut_into_pages(ask, path):
    every = logs_of(ask, path)
    assert logs_of(ask, path, "filter=username:eq:odd-tracer") == every
    assert logs_of(ask, path, "filter=username:eq:nobody") == []
    assert all(each.keys() == {"type"} for each in logs_of(ask, path, "fields=type"))
    first = ask("GET", f"{path}?pageSize=2").json()
    assert first["changeLogs"] == every[:2]
    assert "page=2" in first["pager"]["nextPage"]
    last = ask("GET", f"{path}?pageSize={len(every) - 1}&page=2").json()
    assert "nextPage" not in last["pager"]
    assert "page=1" in last["pager"]["prevPage"]


@pytest.mark.parametrize(
    "query",
    [
        "order=value",
        "order=createdAt:up",
        "filter=dataElement:like:a",
        "filter=type:eq:a",
        "filter=a",
    ],
)
def test_what_cannot_be_asked_is_refused(ask, path, query):
    assert ask("GET", f"{path}?{query}").status_code == 400


def test_person_without_values_has_an_empty_log(ask, send, uid, unit):
    code = new_uid()
    person = {"trackedEntity": code, "orgUnit": unit, "trackedEntityType": uid("ST_PERSON")}
    answer = send({"trackedEntities": [person]})
    assert answer.status_code == 200, answer.text
    assert logs_of(ask, f"tracker/trackedEntities/{code}/changeLogs") == []
    assert ask("GET", f"tracker/trackedEntities/{new_uid()}/changeLogs").status_code == 404
