"""Generated values: what clients ask before they register somebody, and what nobody gets twice."""

import re

import pytest

from smittesporing.uid import new_uid
from tests.api.making import made

KEYS = {"ownerObject", "ownerUid", "key", "value", "created", "expiryDate"}


@pytest.fixture(scope="module")
def attribute(ask):
    """`attribute(pattern)` → the uid of a new one whose values it generates."""

    def new(pattern, **more):
        stated = {"valueType": "TEXT", "aggregationType": "NONE", "unique": True, "generated": True}
        name = f"Number {new_uid()}"
        public = {"sharing": {"public": "rw------"}}
        body = {"name": name, "shortName": name, "pattern": pattern, **stated, **public}
        return made(
            lambda *a, **k: ask(*a, by="admin", **k), "trackedEntityAttributes", **body | more
        )

    return new


def reserved(ask, uid, query="", name="generateAndReserve", **more):
    answer = ask("GET", f"trackedEntityAttributes/{uid}/{name}?{query}", **more)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("pattern", "query", "key", "shape"),
    [
        ("RANDOM(XXX######)", "", "RANDOM(XXX######)", r"[A-Z]{3}\d{6}"),
        ("RANDOM(xX#**)", "", "RANDOM(xX#**)", r"[a-z][A-Z]\d[A-Za-z0-9]{2}"),
        ('"C_" + SEQUENTIAL(####)', "", "C_SEQUENTIAL(####)", r"C_000\d"),
        ('RANDOM(X###)+"-"+ORG_UNIT_CODE(...)', "ORG_UNIT_CODE=OSLO", "RANDOM(X###)-OSL", r"[A-Z]\d{3}-OSL"),
        ('ORG_UNIT_CODE(..$) + RANDOM(####)', "ORG_UNIT_CODE=OSLO", "LORANDOM(####)", r"LO\d{4}"),
        ('ORG_UNIT_CODE() + RANDOM(####)', "ORG_UNIT_CODE=OSLO", "OSLORANDOM(####)", r"OSLO\d{4}"),
        ('CURRENT_DATE(yyyy-MM) + "/" + SEQUENTIAL(###)', "", "2022-01/SEQUENTIAL(###)", r"2022-01/00\d"),
        ('CURRENT_DATE(yyMMdd) + RANDOM(####)', "", "220120RANDOM(####)", r"220120\d{4}"),
        (r'"a \"b\"" + RANDOM(####)', "", 'a "b"RANDOM(####)', r'a "b"\d{4}'),
    ],
)  # fmt: skip
def test_values_follow_the_pattern_and_none_comes_twice(ask, attribute, pattern, query, key, shape):
    uid = attribute(pattern)
    values = reserved(ask, uid, f"numberToReserve=5&{query}")
    values += [reserved(ask, uid, query, "generate")]
    values += reserved(ask, uid, query)
    assert len({each["value"] for each in values}) == len(values) == 7
    for each in values:
        assert each.keys() == KEYS
        assert (each["ownerObject"], each["ownerUid"]) == ("TRACKEDENTITYATTRIBUTE", uid)
        assert each["key"] == key
        assert re.fullmatch(shape, each["value"])


def test_one_is_promised_for_three_days_and_many_for_sixty(ask, attribute):
    uid = attribute("RANDOM(########)")
    [one] = reserved(ask, uid)
    assert (one["created"], one["expiryDate"]) == (
        "2022-01-20T12:00:00.000",
        "2022-03-21T12:00:00.000",
    )
    assert reserved(ask, uid, "", "generate")["expiryDate"][:10] == "2022-01-23"
    assert reserved(ask, uid, "expiration=1", "generate")["expiryDate"][:10] == "2022-01-21"


def test_what_must_be_told_is_said_before(ask, attribute):
    def names(pattern):
        return reserved(ask, attribute(pattern), name="requiredValues")

    assert names("SEQUENTIAL(#####)") == {"REQUIRED": [], "OPTIONAL": ["SEQUENTIAL"]}
    assert names('ORG_UNIT_CODE(..)+"_"+RANDOM(##)') == {
        "REQUIRED": ["ORG_UNIT_CODE"],
        "OPTIONAL": ["RANDOM"],
    }


def test_numbers_run_for_each_code_by_itself(ask, attribute):
    uid = attribute("ORG_UNIT_CODE(..) + SEQUENTIAL(##)")

    def got(code):
        return [
            each["value"] for each in reserved(ask, uid, f"numberToReserve=2&ORG_UNIT_CODE={code}")
        ]

    assert [got("AB"), got("CD"), got("AB")] == [
        ["AB01", "AB02"],
        ["CD01", "CD02"],
        ["AB03", "AB04"],
    ]


def test_value_that_somebody_has_is_not_promised(ask, attribute, uid, unit, send, whole):
    code = attribute("RANDOM(#)")
    kind = ask("GET", f"trackedEntityTypes/{uid('ST_PERSON')}", by="admin").json()
    rows = [*kind["trackedEntityTypeAttributes"], {"trackedEntityAttribute": {"id": code}}]
    answer = ask(
        "PUT",
        f"trackedEntityTypes/{kind['id']}",
        by="admin",
        json={**kind, "trackedEntityTypeAttributes": rows},
    )
    assert answer.status_code == 200, answer.text
    whole["trackedEntities"][0]["attributes"].append({"attribute": code, "value": "7"})
    assert send(whole).status_code == 200
    values = {reserved(ask, code, name="generate")["value"] for _ in range(9)}
    assert values == set("012345689")
    answer = ask("GET", f"trackedEntityAttributes/{code}/generate")
    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("pattern", "path", "status"),
    [
        ("RANDOM(###)", "generateAndReserve?numberToReserve=0", 400),
        ("RANDOM(###)", "generateAndReserve?numberToReserve=1001", 400),
        ("RANDOM(###)", "generateAndReserve?numberToReserve=many", 400),
        ("RANDOM(###)", "generate?expiration=soon", 400),
        ("RANDOM(#)", "generateAndReserve?numberToReserve=11", 409),
        ("SEQUENTIAL(#)", "generateAndReserve?numberToReserve=10", 409),
        ("ORG_UNIT_CODE(..)+RANDOM(##)", "generate", 409),
        ("ORG_UNIT_CODE(...)+RANDOM(##)", "generate?ORG_UNIT_CODE=AB", 409),
    ],
)
def test_what_cannot_be_given_is_refused(ask, attribute, pattern, path, status):
    answer = ask("GET", f"trackedEntityAttributes/{attribute(pattern)}/{path}")
    assert (answer.status_code, answer.json()["httpStatusCode"]) == (status, status)


def test_attribute_without_a_pattern_generates_nothing(ask, uid):
    for name in ("generate", "generateAndReserve", "requiredValues"):
        path = f"trackedEntityAttributes/{uid('ST_GIVEN_NAME')}/{name}"
        assert ask("GET", path).status_code == 400
        assert ask("GET", f"trackedEntityAttributes/nothingHere/{name}").status_code == 404


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("", "E4019"),
        ("RANDOM()", "E4019"),
        ("RANDOM(###", "E4019"),
        ("SEQUENTIAL(X)", "E4019"),
        ("SEQUENTIAL(#############)", "E4019"),
        ("RANDOM(#) +", "E4019"),
        ("RANDOM(#) \"x\"", "E4019"),
        ("NOTHING(#)", "E4019"),
        ('"text"', "E4021"),
        ("RANDOM(#)+SEQUENTIAL(#)", "E4021"),
    ],
)  # fmt: skip
def test_pattern_that_cannot_generate_is_refused(ask, pattern, code):
    stated = {"valueType": "TEXT", "aggregationType": "NONE", "unique": True, "generated": True}
    body = {"name": "Not made", "shortName": "Not made", "pattern": pattern, **stated}
    answer = ask("POST", "trackedEntityAttributes", by="admin", json=body)
    assert answer.status_code == 409
    assert [each["errorCode"] for each in answer.json()["response"]["errorReports"]] == [code]


def test_superuser_who_tries_a_pattern_gets_a_value_too(ask, attribute):
    uid = attribute("RANDOM(####)")
    assert reserved(ask, uid, name="generate", by="admin")["ownerUid"] == uid
