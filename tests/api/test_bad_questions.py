"""Whatever is asked, the answer is a sentence for the asker: never a fault of ours, never without end.

The whole service as it is started, over HTTP: parameters, addresses, methods and credentials that
machines and people really send. What is sent as records stands in test_bad_input.
"""

import copy
import random
import string
from urllib.parse import quote

import msgspec
import pytest

# Questions that cannot be understood --------------------------------------------------------------------------

COLLECTIONS = ("trackedEntities", "enrollments", "events", "relationships")
BAD_PARAMETERS = [
    "orgUnitMode=NEARBY",
    "orgUnitMode=SELECTED",
    "orgUnitMode=",
    "orgUnit=nowhere",
    "orgUnits=a,b,c,,,",
    "order=",
    "order=:",
    "order=createdAt:sideways",
    "order=nothing:asc",
    "order=createdAt:desc,createdAt:asc,updatedAt",
    "order=;drop table",
    "filter=",
    "filter=:",
    "filter=::::",
    "filter=abc",
    "filter=abc:eq",
    "filter=abc:eq:",
    "filter=abc:almost:1",
    "filter=aaaaaaaaaaa:eq:1",
    "filter=a:in:" + ";" * 5_000,
    "filter=" + "a:eq:1," * 500,
    "filter=/",
    "filter=///:/",
    "page=-1",
    "page=0",
    "page=abc",
    "page=1.5",
    "page=²",
    "page=٣",
    "page=" + "9" * 5_000,
    "page=999999999",
    "pageSize=-1",
    "pageSize=0",
    "pageSize=1000000000",
    "pageSize=1e9",
    "pageSize=²",
    "page=999999999&pageSize=999999999",
    "paging=maybe",
    "totalPages=true&page=100000",
    "fields=",
    "fields=((()",
    "fields=[[[",
    "fields=]",
    "fields=a[b[c[d[e[f]]]]]",
    "fields=" + "a[" * 5_000,
    "fields=" + "a[" * 50 + "b" + "]" * 50,
    "fields=*,!*,:all,::,!",
    "fields=" + "a," * 10_000,
    "fields=a~rename()~rename(b)~odd(1)",
    "fields=attributes[attribute,value",
    "fields=%00",
    "filter=aaaaaaaaaaa:eq:%00",
    "program=%00",
    "trackedEntity=%00",
    "orgUnit=%00",
    "program=%ff%fe",
    "program=" + "x" * 5_000,
    "program=a&program=b",
    "updatedAfter=yesterday",
    "updatedAfter=2022-13-45",
    "updatedAfter=0001-01-01",
    "updatedAfter=9999-12-31",
    "updatedBefore=9999-12-31T23:59:59.999",
    "updatedWithin=P",
    "updatedWithin=PT",
    "updatedWithin=P99999999999D",
    "updatedWithin=P" + "9" * 400 + "D",
    "updatedWithin=-P1D",
    "updatedWithin=P²D",
    "enrolledAfter=x&enrolledBefore=y",
    "enrollmentEnrolledAfter=x",
    "occurredAfter=10000-01-01",
    "scheduledAfter=%20",
    "status=DONE",
    "eventStatus=DONE",
    "enrollmentStatus=DONE",
    "followUp=perhaps",
    "assignedUserMode=SOMEBODY",
    "assignedUserMode=PROVIDED",
    "assignedUsers=%00",
    "trackedEntities=" + ",".join(["aaaaaaaaaaa"] * 800),
    "events=,,,;;;",
    "includeDeleted=maybe",
    "idScheme=ODD",
    "programStage=aaaaaaaaaaa",
    "potentialDuplicate=2",
    "a" * 3_000 + "=1",
    "%00=1",
    "=",
    "&&&&",
]


@pytest.mark.parametrize("query", BAD_PARAMETERS, ids=lambda text: text[:40])
def test_a_question_that_cannot_be_understood_is_never_a_fault(ask, uid, unit, query):
    person, program = uid("ST_PERSON"), uid("ST_CONTACT")
    for collection, base in (
        ("trackedEntities", f"trackedEntityType={person}"),
        ("trackedEntities", f"program={program}&orgUnit={unit}"),
        ("enrollments", f"program={program}"),
        ("events", f"program={program}"),
        ("relationships", "trackedEntity=aaaaaaaaaaa"),
        ("trackedEntities/aaaaaaaaaaa", ""),
        ("trackedEntities/aaaaaaaaaaa/changeLogs", ""),
    ):
        # The spoiled parameter stands both before and after those that are right.
        for words in (f"{base}&{query}", f"{query}&{base}"):
            answer = ask("GET", f"tracker/{collection}?{quote(words, safe='=&%')}")
            assert answer.status_code in (200, 400, 403, 404, 409), (collection, answer.text[:300])


@pytest.mark.parametrize("query", BAD_PARAMETERS, ids=lambda text: text[:40])
def test_questions_about_configuration_and_counts_are_never_a_fault(ask, query):
    for path in ("dataElements", "organisationUnits", "me", "metadata", "analytics", "programs/x"):
        answer = ask("GET", f"{path}?{quote(query, safe='=&%')}")
        assert answer.status_code in (200, 400, 403, 404, 409), (path, answer.text[:300])


@pytest.mark.parametrize(
    "query",
    ["async=perhaps", "importStrategy=ODD", "atomicMode=", "atomicMode=SOME", "importMode=%00",
     "reportMode=ALL", "validationMode=²", "idScheme=%00", "idScheme=ATTRIBUTE:", "idScheme=ATTRIBUTE:x",
     "orgUnitIdScheme=CODE", "dataElementIdScheme=NAME", "skipRuleEngine=maybe"],
)  # fmt: skip
def test_odd_parameters_of_an_import_are_never_a_fault(send, whole, query):
    answer = send(whole, query=f"async=false&{query}")
    assert answer.status_code in (200, 400, 409)


@pytest.mark.parametrize(
    "path",
    ["tracker/trackedEntities/%00", "tracker/trackedEntities/%ff", "tracker/events/..%2f..%2fetc",
     "tracker/enrollments/" + "x" * 4_000, "tracker/jobs/%00", "tracker/jobs/x/report", "x/%00",
     "%00", "tracker/relationships/²", "dataElements/%00", "organisationUnits/%ff/children",
     "trackedEntities//x", "tracker/trackedEntities/😀"],
)  # fmt: skip
def test_odd_addresses_are_never_a_fault(ask, path):
    assert 300 < ask("GET", path).status_code < 500


@pytest.mark.parametrize(
    "header",
    ["Basic", "Basic x", "Basic OjpvZGQ=", "Basic " + "A" * 5_000, "Bearer abc",
     "Basic AAAA", "Basic /////w=="],
)  # fmt: skip
def test_odd_credentials_are_refused_and_never_a_fault(client, header):
    assert client.get("/api/me", headers={"Authorization": header}).status_code == 401


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE"])
def test_methods_that_an_address_does_not_have_are_refused(ask, method):
    assert ask(method, "tracker").status_code in (404, 405)


@pytest.mark.parametrize("number", ["²", "٣", "9" * 5_000, "1" * 12])
def test_digits_that_are_no_numbers_are_never_a_fault(ask, send, whole, uid, number):
    for path in (
        f"dataElements?filter=name:length:{number}",
        f"dataElements?fields=id,name~paging({number};{number})",
        f"programs?fields=programStages~paging({number};1)",
        f"analytics?dimension=dx:x&dimension=pe:2022W1&dimension=ou:LEVEL-{number}",
        f"analytics?dimension=dx:x&dimension=ou:x&dimension=pe:{number}",
        f"analytics?dimension=dx:x&dimension=ou:x&dimension=pe:LAST_{number}_DAYS",
        f"tracker/trackedEntities?page={number}&program={uid('ST_CONTACT')}",
    ):
        assert ask("GET", path).status_code in (200, 400, 404, 409), path
    steps = [{"op": "replace", "path": f"/translations/{number}", "value": {}}]
    answer = ask("PATCH", f"dataElements/{uid('ST_DISEASE')}", by="admin",
                 content=msgspec.json.encode(steps))  # fmt: skip
    assert answer.status_code in (400, 409)
    for code, value in (
        ("ST_NATIONAL_ID", (number * 11)[:11]), ("ST_AGE", number), ("ST_PHONE", number),
        ("ST_POSTAL", number), ("ST_RESIDENCE", number), ("ST_VACCINE_1_DATE", number),
    ):  # fmt: skip
        spoiled = copy.deepcopy(whole)
        spoiled["trackedEntities"][0]["attributes"].append({"attribute": uid(code), "value": value})
        answer = send(spoiled, query="async=false&importMode=VALIDATE")
        assert answer.status_code in (200, 409), code


def test_random_text_in_the_place_of_a_filter_is_never_a_fault(ask, uid):
    draw = random.Random(1)
    signs = string.printable + "æøå²½\u200b\u202e😀\x00"
    name = uid("ST_FAMILY_NAME")
    for _ in range(60):
        text = "".join(draw.choice(signs) for _ in range(draw.randrange(40)))
        for words in (text, f"{name}:{text}", f"{name}:eq:{text}", f"{name}:like:{text}"):
            path = f"tracker/trackedEntities?trackedEntityType={uid('ST_PERSON')}"
            answer = ask("GET", f"{path}&filter={quote(words, safe='')}")
            assert answer.status_code in (200, 400), words
