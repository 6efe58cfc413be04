"""Whatever is sent, the answer is a sentence for the sender: never a fault of ours, never without end.

The whole service as it is started, over HTTP. Each table is a kind of nonsense that machines and people
really send; the records that are written in between show that the service still works.
"""

import copy
import gzip
import random
import time

import msgspec
import pytest

from sandbox.register import a_number
from smittesporing.uid import derived_uid, new_uid
from smittesporing.web import app as web_app

NUL, SURROGATE = "\\u0000", "\\ud800"


def codes(answer):
    return [one["errorCode"] for one in answer.json()["validationReport"]["errorReports"]]


def is_message(answer):
    body = answer.json()
    return body["status"] == "ERROR" and body["httpStatusCode"] == answer.status_code


def test_the_payload_that_the_others_spoil_is_taken_in(send, whole):
    answer = send(whole)
    assert (answer.status_code, answer.json()["status"]) == (200, "OK")


# No payload at all ----------------------------------------------------------------------------------------

NO_PAYLOADS = {
    "nothing": b"",
    "a space": b" ",
    "words": b"hello",
    "half an object": b'{"trackedEntities": [',
    "two objects": b"{}{}",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "text": b'"trackedEntities"',
    "single quotes": b"{'trackedEntities': []}",
    "a trailing comma": b'{"trackedEntities": [],}',
    "a comment": b'{"trackedEntities": [] /* none */}',
    "not a number": b'{"trackedEntities": NaN}',
    "infinity": b'{"events": [{"dataValues": [{"dataElement": "a", "value": Infinity}]}]}',
    "Latin-1": '{"trackedEntities": [{"trackedEntity": "Ærlend"}]}'.encode("latin-1"),
    "UTF-16": '{"trackedEntities": []}'.encode("utf-16"),
    "a lone surrogate": b'{"trackedEntities": [{"orgUnit": "%s"}]}' % SURROGATE.encode(),
    "a lone surrogate in bytes": b'{"trackedEntities": [{"orgUnit": "\xed\xa0\x80"}]}',
    "NUL escaped": b'{"trackedEntities": [{"orgUnit": "%s"}]}' % NUL.encode(),
    "NUL raw": b'{"trackedEntities": [{"orgUnit": "\x00"}]}',
    "XML": b"<trackedEntities/>",
    "a form": b"trackedEntities=1",
    "lists 10 000 deep": b"[" * 10_000 + b"]" * 10_000,
    "objects 10 000 deep": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "an unknown field 10 000 deep": b'{"odd":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "a geometry 10 000 deep": b'{"events": [{"geometry": {"a":' + b"[" * 10_000 + b"]" * 10_000
    + b"}}]}",
}  # fmt: skip


@pytest.mark.parametrize("name", NO_PAYLOADS)
def test_what_is_no_payload_is_refused_with_400(ask, send, name):
    answer = send(NO_PAYLOADS[name])
    assert (answer.status_code, is_message(answer)) == (400, True)


@pytest.mark.parametrize("name", NO_PAYLOADS)
def test_what_is_no_package_of_metadata_is_refused_or_empty(ask, name):
    answer = ask("POST", "metadata", by="admin", content=NO_PAYLOADS[name])
    assert answer.status_code in (200, 400, 409)


def test_a_byte_order_mark_before_the_payload_is_no_hindrance(send, whole):
    assert send(b"\xef\xbb\xbf" + msgspec.json.encode(whole)).status_code == 200


def test_a_gzipped_payload_is_read_and_a_broken_one_refused(send, whole):
    packed = gzip.compress(msgspec.json.encode(whole))
    assert send(packed).status_code == 200
    for broken in (packed[:40], packed[:-4] + b"\0\0\0\0", b"\x1f\x8b" + b"x" * 50):
        answer = send(broken)
        assert (answer.status_code, is_message(answer)) == (400, True)


# Types that do not fit -------------------------------------------------------------------------------------

ODD = {
    "a list": [],
    "a list of text": ["a"],
    "an object": {},
    "an object in an object": {"a": {"b": 1}},
    "a number": 12,
    "a fraction": 1.5,
    "a great number": 10**400,
    "true": True,
    "null": None,
    "empty text": "",
    "a space": " ",
    "eleven signs that are no uid": "1234567890!",
    "SQL": "'; drop table tracker.event; --",
    "long text": "x" * 100_000,
    "right to left": "\u202eoverride",
    "joined signs": "👩‍👩‍👧‍👦" * 200,
    "combining marks": "e" + "\u0301" * 5_000,
    "control signs": "".join(map(chr, range(1, 32))),
    "not a character": "\uffff\ufffe",
    "line ends": "a\r\nb\nc",
    "a year in 10 000": "12022-01-01",
    "a year before all": "0000-00-00",
    "a day that is none": "2022-02-30",
    "an hour that is none": "2022-01-11T25:00:00.000",
}


def places(body, path=()):
    """Every place in a payload that holds something, as a path of keys."""
    items = body.items() if isinstance(body, dict) else enumerate(body)
    for key, value in list(items):
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


def with_value(body, path, value):
    spoiled = copy.deepcopy(body)
    here = spoiled
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = value
    return spoiled


def raw(body):
    """JSON of anything, numbers of any size included, which msgspec's encoder would refuse."""
    import json

    return json.dumps(body).encode()


@pytest.mark.parametrize("name", ODD)
def test_an_odd_value_in_any_place_never_breaks_the_import(send, whole, name):
    for path in places(whole):
        answer = send(
            raw(with_value(whole, path, ODD[name])), query="async=false&importMode=VALIDATE"
        )
        assert answer.status_code in (200, 400, 409), (path, answer.status_code)
        assert answer.json()["status"] in ("OK", "WARNING", "ERROR")


@pytest.mark.parametrize("name", ODD)
def test_an_odd_value_in_any_place_never_breaks_the_writing(ask, send, whole, name):
    """As above, but what passes is written: the database has its say too."""
    fresh = with_value(whole, ("relationships",), [])
    spoiled_values = [
        ("trackedEntities", 0, "attributes", 0, "value"),
        ("trackedEntities", 0, "storedBy"),
        ("trackedEntities", 0, "geometry"),
        ("trackedEntities", 0, "createdAtClient"),
        ("trackedEntities", 0, "enrollments", 0, "completedBy"),
        ("trackedEntities", 0, "enrollments", 0, "notes"),
        ("trackedEntities", 0, "enrollments", 0, "events", 0, "assignedUser"),
        ("trackedEntities", 0, "enrollments", 0, "events", 0, "attributeOptionCombo"),
        ("trackedEntities", 0, "enrollments", 0, "events", 0, "notes"),
    ]
    for path in spoiled_values:
        body = with_value(fresh, path, ODD[name])
        if path[-1] == "notes" and isinstance(ODD[name], str):
            body = with_value(fresh, path, [{"value": ODD[name]}])
        person = body["trackedEntities"][0]
        person["trackedEntity"] = new_uid()
        person["enrollments"][0]["enrollment"] = new_uid()
        person["enrollments"][0]["events"][0]["event"] = new_uid()
        answer = send(raw(body))
        assert answer.status_code in (200, 400, 409), (path, answer.status_code)
        if answer.status_code == 200:
            shown = ask("GET", f"tracker/trackedEntities/{person['trackedEntity']}?fields=*")
            assert shown.status_code == 200, path


def test_the_last_of_two_equal_keys_counts_and_nothing_breaks(send, uid, unit):
    body = b'{"trackedEntities": [{"orgUnit": "%s", "orgUnit": "%s", "trackedEntityType": "%s"}]}'
    answer = send(body % (b"nowhere1234", unit.encode(), uid("ST_PERSON").encode()))
    assert answer.status_code in (200, 409)
    assert "E1049" not in codes(answer)


# Records that contradict ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("trackedEntityType",), "aaaaaaaaaaa", "E1005"),
        (("orgUnit",), "aaaaaaaaaaa", "E1049"),
        (("attributes", 0, "attribute"), "aaaaaaaaaaa", "E1006"),
        (("attributes", 0, "attribute"), "", "E1075"),
        (("attributes", 2, "value"), "yesterday", "E1007"),
        (("trackedEntity",), "short", "E1048"),
        (("enrollments", 0, "program"), "aaaaaaaaaaa", "E1069"),
        (("enrollments", 0, "orgUnit"), "aaaaaaaaaaa", "E1070"),
        (("enrollments", 0, "enrolledAt"), None, "E1025"),
        (("enrollments", 0, "enrolledAt"), "2022-01-21", "E1020"),
        (("enrollments", 0, "occurredAt"), "2022-01-21", "E1021"),
        (("enrollments", 0, "occurredAt"), "2010-05-16", "T201"),
        (("enrollments", 0, "events", 0, "programStage"), "aaaaaaaaaaa", "E1013"),
        (("enrollments", 0, "events", 0, "orgUnit"), "aaaaaaaaaaa", "E1011"),
        (("enrollments", 0, "events", 0, "occurredAt"), None, "E1031"),
        (("enrollments", 0, "events", 0, "occurredAt"), "2010-05-16", "T201"),
        (("enrollments", 0, "events", 0, "dataValues", 0, "dataElement"), "aaaaaaaaaaa", "E1304"),
        (("enrollments", 0, "events", 0, "dataValues", 0, "value"), "soon", "E1302"),
        (("enrollments", 0, "events", 0, "dataValues", 0, "value"), "2022-01-21", "T200"),
        (("enrollments", 0, "events", 0, "assignedUser"), {"uid": "aaaaaaaaaaa"}, "E1118"),
    ],
)  # fmt: skip
def test_a_record_that_cannot_be_true_gets_its_code_and_nothing_is_written(
    ask, send, whole, path, value, expected
):
    answer = send(with_value(whole, ("trackedEntities", 0, *path), value))
    assert answer.status_code == 409
    assert expected in codes(answer)
    assert answer.json()["stats"]["created"] == 0
    person = whole["trackedEntities"][0]["trackedEntity"]
    assert ask("GET", f"tracker/trackedEntities/{person}").status_code == 404


def test_a_contact_before_birth_is_told_by_the_answer_about_the_contact(send, whole, uid):
    """Last contact is an answer, not the event's own day: it too must lie after birth."""
    path = ("trackedEntities", 0, "enrollments", 0, "events", 0, "dataValues", 0, "value")
    answer = send(with_value(whole, path, "2010-05-16"))
    assert answer.status_code == 409
    assert "T201" in codes(answer)


def test_a_relationship_to_nobody_gets_its_code(send, whole, uid):
    whole["relationships"] = [
        {
            "relationshipType": uid("ST_EXPOSURE_LINK"),
            "from": {"enrollment": {"enrollment": "aaaaaaaaaaa"}},
            "to": {"event": {"event": "bbbbbbbbbbb"}},
        }
    ]
    answer = send(whole)
    assert answer.status_code == 409
    assert set(codes(answer)) <= {"E4010", "E4012"}


def test_a_number_with_wrong_check_digits_is_warned_about_and_taken_in(ask, send, whole, uid):
    right = a_number(1, 2, 20, random.randrange(500, 900))
    number = right[:-1] + str((int(right[-1]) + 1) % 10)
    person = whole["trackedEntities"][0]
    person["attributes"].append({"attribute": uid("ST_NATIONAL_ID"), "value": number})
    answer = send(whole, query="async=false&reportMode=WARNINGS")
    assert answer.status_code == 200
    report = answer.json()["validationReport"]
    assert [one["warningCode"] for one in report["warningReports"]] == ["T202"]
    assert number not in answer.text
    assert ask("GET", f"tracker/trackedEntities/{person['trackedEntity']}").status_code == 200


def test_one_record_twice_in_a_payload_is_refused(send, whole):
    whole["trackedEntities"].append(copy.deepcopy(whole["trackedEntities"][0]))
    answer = send(whole)
    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("Ærlend Øystein Åsgård", "Ærlend Øystein Åsgård"),
        ("Ærlend".encode().decode("utf-8").replace("Æ", "A\u030a"), None),
        ("张伟", "张伟"),
        ("محمد", "محمد"),
        ('O\'Brien "Bob" \\ <b>&amp;', 'O\'Brien "Bob" \\ <b>&amp;'),
        ("👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"),
        ("Ánná Ŋiŋŋá Đađđá", "Ánná Ŋiŋŋá Đađđá"),
    ],
)
def test_names_of_all_the_world_come_back_as_they_were_sent(ask, send, whole, uid, value, kept):
    person = whole["trackedEntities"][0]
    person["attributes"][0]["value"] = value
    assert send(whole).status_code == 200
    shown = ask("GET", f"tracker/trackedEntities/{person['trackedEntity']}").json()
    values = {one["attribute"]: one["value"] for one in shown["attributes"]}
    assert values[uid("ST_GIVEN_NAME")] == (kept or value)


# Size -------------------------------------------------------------------------------------------------------


def test_a_body_over_the_limit_is_refused_with_413(send, monkeypatch):
    monkeypatch.setattr(web_app, "API_BODY", 100_000)
    answer = send(b'{"trackedEntities": [' + b" " * 100_000 + b"]}")
    assert (answer.status_code, is_message(answer)) == (413, True)
    packed = gzip.compress(b'{"trackedEntities": [' + b" " * 10_000_000 + b"]}")
    assert len(packed) < 100_000
    assert send(packed).status_code == 413


def many(uid, unit, count):
    person = {"trackedEntityType": uid("ST_PERSON"), "orgUnit": unit}
    return [
        {
            **person,
            "trackedEntity": derived_uid("many", str(number)),
            "attributes": [
                {"attribute": uid("ST_GIVEN_NAME"), "value": f"Navn {number}"},
                {"attribute": uid("ST_FAMILY_NAME"), "value": "Mange"},
            ],
        }
        for number in range(count)
    ]


def test_fifty_thousand_records_are_answered_in_bounded_time(ask, send, uid, unit):
    began = time.monotonic()
    answer = send({"trackedEntities": many(uid, unit, 50_000)})
    spent = time.monotonic() - began
    assert answer.status_code == 200, answer.text[:500]
    assert answer.json()["stats"]["created"] == 50_000
    assert spent < 60
    assert ask("GET", "ping").status_code == 200


def test_fifty_thousand_wrong_records_are_answered_in_bounded_time(send, uid):
    began = time.monotonic()
    answer = send({"trackedEntities": many(uid, "nowhere1234", 50_000)})
    assert answer.status_code == 409
    assert answer.json()["stats"]["ignored"] == 50_000
    assert time.monotonic() - began < 60
