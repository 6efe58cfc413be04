"""Text in: payloads, timestamps, filters, values and sealed values. No database."""

from datetime import datetime

import pytest
from cryptography.exceptions import InvalidTag

from smittesporing.settings import OSLO
from smittesporing.tracker.asked import duration
from smittesporing.tracker.confidential import keyed_hash, seal, unseal
from smittesporing.tracker.moments import moment, stamp
from smittesporing.tracker.payload import Unreadable, bundle
from smittesporing.tracker.search import BadQuery, Comparison, Filter, filters
from smittesporing.tracker.values import fits, has_true_check_digits
from smittesporing.uid import is_uid

KEY = bytes(32)


def test_children_get_their_parents_uids_and_missing_uids_are_made():
    made = bundle(
        {
            "trackedEntities": [
                {"enrollments": [{"program": "P", "events": [{"programStage": "S"}]}]}
            ]
        }
    )
    (person,), (enrollment,), (event,) = made.tracked_entities, made.enrollments, made.events
    assert is_uid(person.tracked_entity) and is_uid(enrollment.enrollment) and is_uid(event.event)
    assert enrollment.tracked_entity == event.tracked_entity == person.tracked_entity
    assert (event.enrollment, event.program) == (enrollment.enrollment, "P")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("x", "x"),
        (5, "5"),
        (1.5, "1.5"),
        (True, "true"),
        (False, "false"),
        ("", None),
        (None, None),
    ],
)
def test_values_are_text_and_empty_takes_away(sent, kept):
    payload = {"events": [{"dataValues": [{"dataElement": "d", "value": sent}]}]}
    assert bundle(payload).events[0].data == {"d": kept}


def test_relationship_items_may_be_nested_or_plain():
    nested = {"event": {"event": "e"}}
    made = bundle({"relationships": [{"from": nested, "to": {"trackedEntity": "t"}}]})
    assert (made.relationships[0].from_.event, made.relationships[0].to.tracked_entity) == (
        "e",
        "t",
    )


@pytest.mark.parametrize("text", ["", "{", "[]", '{"events": {}}', '{"events": [{"event": 1}]}'])
def test_what_is_no_payload_says_so(text):
    with pytest.raises(Unreadable):
        bundle(text)


def test_a_time_without_zone_is_norwegian_and_the_doubled_hour_is_the_first():
    assert stamp(moment("2022-01-20T10:00:00.000")) == "2022-01-20T10:00:00.000"
    assert stamp(moment("2022-01-20T10:00:00Z")) == "2022-01-20T11:00:00.000"
    assert stamp(moment("2022-01-20")) == "2022-01-20T00:00:00.000"
    doubled = moment("2021-10-31T02:30:00")
    assert doubled.fold == 0 and doubled.utcoffset().total_seconds() == 7200
    assert stamp(datetime(2021, 7, 1, 12, tzinfo=OSLO)) == "2021-07-01T12:00:00.000"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:eq:x", [Filter("a", (Comparison("eq", "x"),))]),
        ("a:gt:1:lt:9", [Filter("a", (Comparison("gt", "1"), Comparison("lt", "9")))]),
        (
            "a:ilike:x,b:!null",
            [Filter("a", (Comparison("like", "x"),)), Filter("b", (Comparison("!null"),))],
        ),
        ("a:eq:x/,y/:z//", [Filter("a", (Comparison("eq", "x,y:z/"),))]),
        ("a:eq:1/2", [Filter("a", (Comparison("eq", "1/2"),))]),
        ("a:null:eq:x", [Filter("a", (Comparison("null"), Comparison("eq", "x")))]),
        ("a", [Filter("a", ())]),
    ],
)
def test_filters_are_read_with_their_escapes(text, expected):
    assert filters([text]) == expected


@pytest.mark.parametrize("text", ["a:is:x", "a:eq", "a:gt:1:lt"])
def test_filters_that_cannot_be_read(text):
    with pytest.raises(BadQuery):
        filters([text])


def test_a_pattern_takes_signs_literally():
    assert Comparison("like", "50%_\\").pattern == "%50\\%\\_\\\\%"
    assert Comparison("gt", "x").pattern is None


@pytest.mark.parametrize(
    ("value_type", "right", "wrong"),
    [
        ("NUMBER", ["1", "-1.5", "1e3", ".5"], ["", "1,5", "one", "0x1"]),
        ("INTEGER", ["-2147483648"], ["2147483648", "1.0"]),
        ("INTEGER_POSITIVE", ["1"], ["0", "-1"]),
        ("INTEGER_NEGATIVE", ["-1"], ["0"]),
        ("INTEGER_ZERO_OR_POSITIVE", ["0"], ["-1"]),
        ("PERCENTAGE", ["0", "100"], ["101"]),
        ("UNIT_INTERVAL", ["0.5"], ["1.1"]),
        ("BOOLEAN", ["true", "false"], ["ja"]),
        ("TRUE_ONLY", ["true"], ["false"]),
        ("DATE", ["2022-01-20"], ["2022-02-30", "20.01.2022", "20220120"]),
        ("DATETIME", ["2022-01-20T10:00"], ["2022-01-20"]),
        ("TIME", ["23:59"], ["24:00"]),
        ("PHONE_NUMBER", ["+47 999 00 011"], ["ring meg", "12"]),
        ("EMAIL", ["a@b.no"], ["a@b", "@b.no"]),
        ("URL", ["https://fhi.no"], ["fhi.no"]),
        ("COORDINATE", ["[10.1, 59.9]"], ["10,59"]),
        ("ORGANISATION_UNIT", ["aBcDeFgHiJ1"], ["5501"]),
        ("LETTER", ["Å"], ["AB"]),
        ("TEXT", ["hva som helst"], ["nul\x00"]),
    ],
)
def test_values_fit_their_type(value_type, right, wrong):
    assert [fits(value_type, text) for text in right] == [True] * len(right)
    assert [fits(value_type, text) for text in wrong] == [False] * len(wrong)


def test_check_digits_of_synthetic_numbers():
    assert has_true_check_digits("01818012337")
    assert not has_true_check_digits("01818012338")
    assert not has_true_check_digits("1" * 10)
    assert not has_true_check_digits("0181001234x")


@pytest.mark.parametrize(("text", "seconds"), [("P1D", 86400), ("PT15M", 900), ("P1DT1H", 90000)])
def test_iso_durations(text, seconds):
    assert duration(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["P", "PT", "1D", "P1W", ""])
def test_other_durations_are_refused(text):
    with pytest.raises(BadQuery):
        duration(text)


def test_a_sealed_value_opens_with_its_key_and_as_its_attribute_only():
    sealed = seal(KEY, "attribute1", "hemmelig")
    assert "hemmelig" not in sealed and sealed != seal(KEY, "attribute1", "hemmelig")
    assert unseal(KEY, "attribute1", sealed) == "hemmelig"
    assert unseal(KEY, "attribute1", "plain") == "plain"
    for key, attribute in ((b"1" * 32, "attribute1"), (KEY, "attribute2")):
        with pytest.raises(InvalidTag):
            unseal(key, attribute, sealed)


def test_keyed_hashes_are_alike_for_like_values_only():
    assert keyed_hash(KEY, "a", " Ab ") == keyed_hash(KEY, "a", "aB")
    assert keyed_hash(KEY, "a", "x") != keyed_hash(KEY, "b", "x")
    assert keyed_hash(KEY, "a", "x") != keyed_hash(b"1" * 32, "a", "x")
