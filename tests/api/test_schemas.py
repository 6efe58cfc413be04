"""What the server says of its kinds and of expressions, over HTTP."""

import pytest

from smittesporing.metadata.kinds import KINDS


@pytest.fixture(scope="module")
def admin(ask):
    return lambda method, path, **more: ask(method, path, by="admin", **more)


@pytest.mark.parametrize("plural", sorted(KINDS))
def test_what_is_listed_of_a_kind_fits_its_own_schema(admin, plural):
    answer = admin("GET", f"{plural}?fields=*&pageSize=3")
    assert answer.status_code == 200, answer.text
    singular = KINDS[plural].singular
    schema = admin("GET", f"schemas/{singular}").json()
    known = {each.get("collectionName", each["name"]) for each in schema["properties"]}
    for body in answer.json()[plural]:
        assert {"id", "access", "sharing", "translations", "favorites", "href"} <= body.keys()
        fits = admin("POST", f"schemas/{singular}", json=body)
        assert fits.status_code == 200, fits.text
        lists = {each["collectionName"] for each in schema["properties"] if each["collection"]}
        assert lists - body.keys() == set()
        assert "id" in known


def test_schema_says_types_owners_and_bounds(admin):
    schema = admin("GET", "schemas/optionSet").json()
    properties = {each.get("collectionName", each["name"]): each for each in schema["properties"]}
    assert (schema["plural"], schema["relativeApiEndpoint"]) == ("optionSets", "/optionSets")
    assert schema["klass"] == "org.hisp.dhis.option.OptionSet"
    assert admin("GET", "schemas/unicorn").status_code == 404
    name, options = properties["name"], properties["options"]
    assert (name["required"], name["unique"], name["max"]) == (True, True, 230)
    assert (name["translatable"], name["translationKey"]) == (True, "NAME")
    assert (options["name"], options["propertyType"], options["itemPropertyType"]) == (
        "option",
        "COLLECTION",
        "REFERENCE",
    )
    assert options["itemKlass"] == "org.hisp.dhis.option.Option"
    assert (options["owner"], options["relativeApiEndpoint"]) == (True, "/options")
    assert "LONG_TEXT" in properties["valueType"]["constants"]
    assert properties["displayName"]["writable"] is False
    assert admin("GET", "schemas/optionSets/valueType").json()["propertyType"] == "CONSTANT"
    assert admin("GET", "schemas/optionSet/nonsense").status_code == 404
    every = admin("GET", "schemas?fields=singular,relativeApiEndpoint,metadata").json()["schemas"]
    assert {each["singular"] for each in every if each["metadata"]} == {
        kind.singular for kind in KINDS.values()
    }


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "E4000"),
        ({"name": "x" * 231, "valueType": "TEXT"}, "E4001"),
        ({"name": "x", "valueType": "PICTURE"}, "E4027"),
        ({"name": "x", "valueType": "TEXT", "options": 7}, "E4027"),
    ],
)
def test_object_that_breaks_its_schema_is_told_so(admin, body, code):
    answer = admin("POST", "schemas/optionSet", json=body)
    assert (answer.status_code, answer.json()["response"]["responseType"]) == (400, "ErrorReports")
    assert code in {each["errorCode"] for each in answer.json()["response"]["errorReports"]}


@pytest.mark.parametrize(
    ("path", "text", "status"),
    [
        ("programIndicators/expression", "V{event_count} * 2", "OK"),
        ("programIndicators/expression", "#{nothing}", "ERROR"),
        ("programIndicators/expression", "", "ERROR"),
        ("programIndicators/filter", "V{enrollment_count} > 0", "OK"),
        ("programIndicators/filter", "A{nothingHere} == 'x'", "ERROR"),
        ("indicators/expression", "1 + 2", "OK"),
        ("indicators/expression", "V{event_count}", "ERROR"),
        ("validationRules/expression", "#{nothingHere} > 1", "ERROR"),
        ("predictors/expression", "1 +", "ERROR"),
        ("predictors/skipTest", "1 == 1", "OK"),
        ("predictors/skipTest", "1 + 1", "ERROR"),
        ("programIndicators/expression", "d2:ceil('x')", "ERROR"),
        ("programIndicators/filter", "V{event_count}", "ERROR"),
    ],
)
def test_expression_is_described_or_its_fault_told(admin, path, text, status):
    answer = admin("POST", f"{path}/description", content=text.encode())
    body = answer.json()
    assert (answer.status_code, body["status"]) == (200, status), body
    assert {"httpStatus", "httpStatusCode", "message", "description"} <= body.keys()


def test_an_expression_is_described_in_norwegian_or_in_english(admin):
    text = b"V{enrollment_count} > 1"
    said = [
        admin("POST", f"programIndicators/filter/description{query}", content=text).json()
        for query in ("", "?locale=en")
    ]
    assert [each["description"] for each in said] == [
        "antall registreringer er st\u00f8rre enn 1",
        "the number of enrollments is greater than 1",
    ]


@pytest.mark.parametrize("sign", ["\\ud800", "\\udfff"])
def test_half_a_sign_that_an_expression_spells_is_shown_as_a_question_mark(admin, sign):
    text = f"V{{enrollment_count}} > 0 && '{sign}' == 'a'"
    answer = admin("POST", "programIndicators/filter/description", content=text.encode())
    assert (answer.status_code, answer.json()["status"]) == (200, "OK"), answer.text
    assert "?" in answer.json()["description"]


def test_rules_expression_knows_the_variables_of_its_program(admin):
    programs = admin("GET", "programRuleVariables?fields=name,program&pageSize=1").json()
    variable = programs["programRuleVariables"][0]
    address = f"description?programId={variable['program']['id']}"
    for path in ("programRules/condition", "programRuleActions/data/expression"):
        known = admin(
            "POST", f"{path}/{address}", content=f"#{{{variable['name']}}} == 'x'".encode()
        )
        assert known.json()["status"] == "OK", known.text
        unknown = admin("POST", f"{path}/{address}", content=b"#{no such variable} == 'x'")
        assert unknown.json()["status"] == "ERROR"
        assert admin("POST", f"{path}/description", content=b"true").status_code == 400
        nowhere = f"{path}/description?programId=nothingHere"
        assert admin("POST", nowhere, content=b"true").status_code == 400


def test_expression_may_be_asked_about_in_the_address(admin):
    assert admin("GET", "expressions/description?expression=1%2B1").json()["status"] == "OK"
    assert (
        admin("GET", "indicators/expression/description?expression=1%2B").json()["status"]
        == "ERROR"
    )
    assert admin("GET", "expressions/description").status_code == 400
