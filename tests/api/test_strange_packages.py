"""Packages nobody has seen: whatever their dialect, they come in whole, are read, and leave without a trace."""

import pytest

from tests.api.conftest import FULL, refused
from tests.api.strange import package
from tests.api.strange_dialect import VERSIONS, by_code
from tests.api.strange_walk import Walk, told


@pytest.mark.parametrize("version", VERSIONS)
def test_package_of_each_version_comes_in_whole_and_leaves_no_trace(ask, elsewhere, version):
    body, maker = package(int(version.replace(".", "")), version)
    faults = Walk(ask, elsewhere, body, maker).run()
    assert not faults, told(faults)


@pytest.mark.parametrize("identifier", ["AUTO", "CODE"])
def test_package_that_refers_by_code_comes_in_as_one_that_refers_by_id(ask, identifier):
    body, maker = package(1313, "2.42")
    walk = Walk(ask, None, by_code(maker, body), maker)
    walk.imported(f"identifier={identifier}", created=True)
    walk.imported(f"identifier={identifier}", created=False)
    walk.kept(walk.exported())
    ask("POST", "metadata?importStrategy=DELETE", by="admin", json=body)
    assert not walk.faults, told(walk.faults)


ELEMENT = {"aggregationType": "SUM", "domainType": "AGGREGATE", "valueType": "NUMBER"}


def element(uid, **more):
    return {"id": uid, "name": uid, "shortName": uid, **ELEMENT, **more}


def codes(body):
    return [(klass, uid, code) for klass, uid, code, _ in refused(body)]


def test_default_category_objects_of_another_installation_are_refused_or_found_by_code(post, read):
    package = {
        "categoryOptions": [{"id": "foreignOpt1", "shortName": "default"}],
        "categories": [{"id": "foreignCat1", "shortName": "default"}],
        "categoryCombos": [{"id": "foreignCom1"}],
        "categoryOptionCombos": [{"id": "foreignCoc1"}],
    }
    for (body,) in package.values():
        body |= {"name": "default", "code": "default", "dataDimensionType": "DISAGGREGATION"}
    package["categories"][0]["categoryOptions"] = [{"id": "foreignOpt1"}]
    package["categoryCombos"][0]["categories"] = [{"id": "foreignCat1"}]
    package["categoryOptionCombos"][0] |= {"categoryCombo": {"id": "foreignCom1"}}
    package["categoryOptionCombos"][0] |= {"categoryOptions": [{"id": "foreignOpt1"}]}
    package["dataElements"] = [element("strangeElm1", categoryCombo={"id": "foreignCom1"})]
    status, body = post(package)
    assert (status, {code for _, _, code in codes(body)}) == (409, {"E5003"})
    assert {uid for _, uid, _ in codes(body)} >= {"foreignOpt1", "foreignCat1", "foreignCom1"}
    status, body = post({"dataElements": package["dataElements"]})
    assert codes(body) == [("DataElement", "strangeElm1", "E5002")]
    status, body = post(package, f"{FULL}&identifier=AUTO")
    assert (status, body["response"]["stats"]["created"]) == (200, 1)
    kept = read("dataElements/strangeElm1?fields=categoryCombo")
    assert kept == {"categoryCombo": {"id": "bjDvmb4bfuf"}}
    assert not read("categoryCombos?filter=id:eq:foreignCom1")["categoryCombos"]


def test_saved_list_keeps_what_it_asks_of_events(post, read):
    program = {"id": "strangePrg1", "name": "Strange", "shortName": "Strange"}
    program |= {"programType": "WITH_REGISTRATION"}
    asked = [
        {
            "programStage": "strangeStg1",
            "eventStatus": "SCHEDULE",
            "eventCreatedPeriod": {"periodFrom": -180, "periodTo": 0},
        }
    ]
    saved = {"id": "strangeFlt1", "name": "Today", "program": {"id": "strangePrg1"}}
    package = {
        "programs": [program],
        "trackedEntityInstanceFilters": [{**saved, "eventFilters": asked}],
    }
    assert post(package)[0] == 200
    kept = read("trackedEntityInstanceFilters/strangeFlt1?fields=eventFilters")
    assert kept == {"eventFilters": asked}


@pytest.mark.parametrize(
    "stated",
    [
        {"sharing": {"userGroups": {"strangeGrp1": {"id": "strangeGrp1", "access": "rw------"}}}},
        {"userGroupAccesses": [{"id": "strangeGrp1", "access": "rw------"}]},
    ],
)
def test_group_that_may_change_keeps_its_access_where_nothing_is_said_of_everybody(
    post, read, stated
):
    package = {
        "userGroups": [{"id": "strangeGrp1", "name": "Strange"}],
        "dataElements": [element("strangeElm2", **stated)],
    }
    assert post(package)[0] == 200
    kept = read("dataElements/strangeElm2?fields=sharing")["sharing"]
    assert kept["userGroups"]["strangeGrp1"]["access"] == "rw------"
    assert kept["public"] == "--------"


def test_dashboard_goes_together_with_what_it_shows(post, ask):
    package = {
        "maps": [{"id": "strangeMap1", "name": "Strange"}],
        "dashboards": [
            {
                "id": "strangeDsh1",
                "name": "Strange",
                "dashboardItems": [{"type": "MAP", "map": {"id": "strangeMap1"}}],
            }
        ],
    }
    assert post(package)[0] == 200
    assert post(package, f"{FULL}&importStrategy=DELETE")[0] == 200
    for address in ("dashboards/strangeDsh1", "maps/strangeMap1"):
        assert ask("GET", address, by="admin").status_code == 404


def test_level_of_org_units_has_one_name(post):
    status, body = post({"organisationUnitLevels": [{"name": "National", "level": 1}]})
    assert status == 409
    assert [code for _, _, code in codes(body)] == ["E5003"]


def test_number_beyond_all_numbers_is_refused(post):
    body = b'{"optionSets":[{"id":"strangeSet2","name":"S","valueType":"TEXT","version":1e999}]}'
    assert post(body)[0] in (400, 409)


def test_values_of_custom_attributes_that_say_nothing_are_left_out(post, read):
    attribute = {"id": "strangeAtt1", "name": "Strange", "valueType": "TEXT"}
    other = {"id": "strangeAtt2", "name": "Strange too", "valueType": "TEXT"}
    values = [
        {"attribute": {"id": "strangeAtt1"}, "value": "two  words"},
        {"attribute": {"id": "strangeAtt2"}, "value": ""},
    ]
    package = {
        "attributes": [{**each, "dataElementAttribute": True} for each in (attribute, other)],
        "dataElements": [element("strangeElm4", attributeValues=values)],
    }
    assert post(package)[0] == 200
    kept = read("dataElements/strangeElm4?fields=attributeValues[attribute[id],value]")
    first = {"attribute": {"id": "strangeAtt1"}, "value": "two words"}
    assert kept == {"attributeValues": [first]}


def test_options_that_only_name_their_set_are_numbered_as_they_come(post, read):
    named = [("strangeOpA1", "A"), ("strangeOpB1", "B"), ("strangeOpC1", "C")]
    options = [
        {"id": uid, "name": code, "code": code, "optionSet": {"id": "strangeSet1"}}
        for uid, code in named
    ]
    set_ = {"id": "strangeSet1", "name": "Strange", "valueType": "TEXT"}
    assert post({"optionSets": [set_], "options": options[:2]})[0] == 200
    assert post({"options": [options[2], options[0]]})[0] == 200
    kept = read("optionSets/strangeSet1?fields=options[code,sortOrder]")["options"]
    assert [(each["code"], each["sortOrder"]) for each in kept] == [("A", 1), ("B", 2), ("C", 3)]


def test_maker_of_an_object_stays_whoever_a_later_package_names(post, read):
    assert post({"constants": [constant("strangeUsrA")]})[0] == 200
    assert post({"constants": [constant("strangeUsrB")]})[0] == 200
    kept = read("constants/strangeCon1?fields=createdBy[id]")
    assert kept == {"createdBy": {"id": "strangeUsrA"}}


def constant(maker):
    body = {"id": "strangeCon1", "name": "Strange", "shortName": "Strange", "value": 1}
    return {**body, "createdBy": {"id": maker}}
