"""Several objects of a kind made one: indicators, their types, data elements, category options."""

import pytest


def element(uid, **more):
    return {
        "id": uid, "name": uid, "shortName": uid, "valueType": "NUMBER", "domainType": "AGGREGATE",
        "aggregationType": "SUM", **more,
    }  # fmt: skip


def indicator(uid, numerator, **more):
    return {
        "id": uid, "name": uid, "shortName": uid, "numerator": numerator, "denominator": "1",
        "indicatorType": {"id": "mergeType01"}, **more,
    }  # fmt: skip


PACKAGE = {
    "indicatorTypes": [
        {"id": f"mergeType0{n}", "name": f"Type to merge {n}", "factor": n} for n in (1, 2)
    ],
    "dataElements": [
        *(element(f"mergeElem0{n}") for n in (1, 2, 3)),
        element("mergeElem04", valueType="TEXT"),
        element("mergeElem05", domainType="TRACKER"),
    ],
    "dataElementGroups": [
        {"id": "mergeGroup1", "name": "Merge group", "shortName": "Merge group",
         "dataElements": [{"id": "mergeElem01"}, {"id": "mergeElem02"}]},
    ],
    "indicators": [
        indicator("mergeIndic1", "#{mergeElem01} + #{mergeElem01.HllvX50cXC0} + #{mergeElem03}"),
        indicator("mergeIndic2", "N{mergeIndic1} * 2"),
        indicator("mergeIndic3", "3"),
    ],
    "indicatorGroups": [
        {"id": "mergeIndGrp", "name": "Merge group", "indicators": [{"id": "mergeIndic1"}]},
    ],
}  # fmt: skip


@pytest.fixture
def merge(ask):
    def merged(kind, sources, target, by="admin", **more):
        body = {"sources": sources, "target": target, **more}
        answer = ask("POST", f"{kind}/merge", by=by, json=body)
        return answer.status_code, answer.json()

    return merged


@pytest.fixture(autouse=True)
def package(post):
    status, answer = post(PACKAGE)
    assert status == 200, answer


def codes(answer):
    return [each["errorCode"] for each in answer["response"]["mergeReport"]["mergeErrors"]]


def test_indicators_of_the_sources_have_the_type_that_is_the_target(merge, read, ask):
    status, answer = merge("indicatorTypes", ["mergeType01"], "mergeType02", deleteSources=True)
    assert (status, answer["status"]) == (200, "OK")
    assert answer["response"]["mergeReport"] == {
        "mergeErrors": [],
        "mergeType": "IndicatorType",
        "sourcesDeleted": ["mergeType01"],
        "message": "IndicatorType merge complete",
    }
    assert read("indicators/mergeIndic1")["indicatorType"]["id"] == "mergeType02"
    assert ask("GET", "indicatorTypes/mergeType01", by="admin").status_code == 404


def test_sources_stay_unless_told_to_go(merge, read):
    _, answer = merge("indicatorTypes", ["mergeType01"], "mergeType02")
    assert answer["response"]["mergeReport"]["sourcesDeleted"] == []
    assert read("indicatorTypes/mergeType01")["factor"] == 1
    assert read("indicators/mergeIndic2")["indicatorType"]["id"] == "mergeType02"


def test_expressions_and_groups_follow(merge, read):
    strategy = {"dataMergeStrategy": "LAST_UPDATED", "deleteSources": True}
    status, answer = merge(
        "dataElements", ["mergeElem01", "mergeElem02"], "mergeElem03", **strategy
    )
    assert status == 200, answer
    numerator = read("indicators/mergeIndic1")["numerator"]
    assert numerator == "#{mergeElem03} + #{mergeElem03.HllvX50cXC0} + #{mergeElem03}"
    group = read("dataElementGroups/mergeGroup1?fields=dataElements[id]")
    assert group == {"dataElements": [{"id": "mergeElem03"}]}
    status, answer = merge("indicators", ["mergeIndic1"], "mergeIndic3", deleteSources=True)
    assert status == 200, answer
    assert read("indicators/mergeIndic2")["numerator"] == "N{mergeIndic3} * 2"
    group = read("indicatorGroups/mergeIndGrp?fields=indicators[id]")
    assert group == {"indicators": [{"id": "mergeIndic3"}]}


def test_a_category_option_takes_over_org_units_categories_and_combos(merge, post, read, unit):
    def places(*uids):
        return [{"id": uid} for uid in uids]

    package = {
        "categoryOptions": [
            {"id": "mergeOptn01", "name": "Merge option 1", "organisationUnits": places(unit)},
            {"id": "mergeOptn02", "name": "Merge option 2"},
        ],
        "categories": [
            {"id": f"mergeCateg{n}", "name": f"Merge category {n}",
             "dataDimensionType": "DISAGGREGATION",
             "categoryOptions": [{"id": f"mergeOptn0{n}"}]}
            for n in (1, 2)
        ],
    }  # fmt: skip
    assert post(package)[0] == 200
    status, answer = merge("categoryOptions", ["mergeOptn01"], "mergeOptn02", deleteSources=True)
    assert status == 200, answer
    kept = read("categoryOptions/mergeOptn02?fields=organisationUnits[id],categories[id]")
    assert kept["organisationUnits"] == places(unit)
    assert sorted(each["id"] for each in kept["categories"]) == ["mergeCateg1", "mergeCateg2"]


@pytest.mark.parametrize(
    ("kind", "sources", "target", "expected"),
    [
        ("indicatorTypes", [], "mergeType02", ["E1530"]),
        ("indicatorTypes", ["mergeType01"], None, ["E1531"]),
        ("indicatorTypes", ["mergeType01", "mergeType02"], "mergeType02", ["E1532"]),
        ("indicators", ["nothingHer1", "nothingHer2"], "nothingHer3", ["E1533"] * 3),
        ("dataElements", ["mergeElem01"], "mergeElem02", ["E1534"]),
        ("dataElements", ["mergeElem01", "mergeElem04"], "mergeElem02", ["E1550", "E1534"]),
        ("dataElements", ["mergeElem01", "mergeElem05"], "mergeElem02", ["E1551", "E1534"]),
    ],
)
def test_what_cannot_be_merged_is_refused_by_code(merge, kind, sources, target, expected):
    status, answer = merge(kind, sources, target)
    assert (status, answer["status"]) == (409, "WARNING")
    assert codes(answer) == expected
    assert answer["response"]["mergeReport"]["sourcesDeleted"] == []


def test_what_the_service_ships_is_not_merged_away(merge, uid, read):
    strategy = {"dataMergeStrategy": "DISCARD", "deleteSources": True}
    status, answer = merge("dataElements", [uid("ST_DISEASE")], "mergeElem05", **strategy)
    assert status == 409
    assert "E4030" in codes(answer)
    assert read(f"dataElements/{uid('ST_DISEASE')}")["code"] == "ST_DISEASE"


def test_a_form_never_comes_to_ask_one_question_twice(merge, post):
    rows = [{"dataElement": {"id": each}} for each in ("mergeElem05", "mergeElem06")]
    program = {
        "dataElements": [element("mergeElem06", domainType="TRACKER")],
        "programs": [
            {"id": "mergePrgrm1", "name": "Merge program", "shortName": "Merge program",
             "programType": "WITHOUT_REGISTRATION", "programStages": [{"id": "mergeStage1"}]},
        ],
        "programStages": [
            {"id": "mergeStage1", "name": "Merge stage", "program": {"id": "mergePrgrm1"},
             "programStageDataElements": rows},
        ],
    }  # fmt: skip
    assert post(program)[0] == 200
    status, answer = merge(
        "dataElements", ["mergeElem05"], "mergeElem06", dataMergeStrategy="LAST_UPDATED"
    )
    assert (status, answer["status"]) == (409, "ERROR")


def test_only_who_has_the_authority_merges(merge):
    assert merge("indicators", ["mergeIndic1"], "mergeIndic3", by="tracer")[0] == 403
    assert merge("indicators", ["no uid"], "mergeIndic3")[0] == 400
    assert merge("programs", ["mergeIndic1"], "mergeIndic3")[0] == 405
