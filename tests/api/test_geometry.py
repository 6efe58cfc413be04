"""Shapes of org units taken in as GeoJSON: each that can be is, and the rest is told by code."""

import pytest

SQUARE = [[10.0, 60.0], [10.0, 61.0], [11.0, 61.0], [10.0, 60.0]]
POLYGON = {"type": "Polygon", "coordinates": [SQUARE]}
UNITS = {
    "organisationUnits": [
        {"id": f"shapedUnit{n}", "name": name, "shortName": name, "code": f"SHAPED_{n}",
         "openingDate": "2020-01-01"}
        for n, name in enumerate(("Shaped north", "Shaped south", "Shaped twice", "Shaped twice"))
    ],
    "attributes": [
        {"id": "shapedAttr1", "name": "Service area", "valueType": "GEOJSON",
         "organisationUnitAttribute": True},
        {"id": "shapedAttr2", "name": "Area in words", "valueType": "TEXT",
         "organisationUnitAttribute": True},
        {"id": "shapedAttr3", "name": "Area of others", "valueType": "GEOJSON",
         "dataElementAttribute": True},
    ],
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def units(ask):
    assert ask("POST", "metadata", by="admin", json=UNITS).status_code == 200


@pytest.fixture
def send_shapes(ask):
    def sent(body, query="", by="admin", path="organisationUnits/geometry"):
        answer = ask("POST", f"{path}?{query}", by=by, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return sent


def conflicts(answer):
    return {each["errorCode"]: each.get("indexes", []) for each in answer["response"]["conflicts"]}


def feature(uid, geometry=POLYGON, **properties):
    return {"type": "Feature", "id": uid, "geometry": geometry, "properties": properties}


def test_each_shape_that_can_be_taken_is_and_the_rest_is_told(send_shapes, read):
    tall = {"type": "Point", "coordinates": [10.5, 60.5, 120]}
    answer = send_shapes({
        "type": "FeatureCollection",
        "features": [
            feature("shapedUnit0"), feature("nothingHere"), feature("shapedUnit1", tall),
            feature("nobodyHere1"), feature(None), feature("shapedUnit2", None),
            feature("shapedUnit2", {"type": "Blob", "coordinates": [1, 2]}),
            feature("shapedUnit2", {"type": "Polygon", "coordinates": []}),
            feature("shapedUnit2", {"type": "Polygon", "coordinates": [SQUARE[:3]]}),
        ],
    })  # fmt: skip
    assert (answer["httpStatusCode"], answer["status"]) == (200, "WARNING")
    counts = {"imported": 2, "updated": 0, "ignored": 7, "deleted": 0}
    assert answer["response"]["importCount"] == counts
    assert answer["response"]["totalConflictOccurrenceCount"] == 7
    assert conflicts(answer) == {
        "E7708": [1, 3], "E7705": [4], "E7706": [5], "E7707": [6, 8], "E7712": [7],
    }  # fmt: skip
    assert read("organisationUnits/shapedUnit0")["geometry"] == POLYGON
    point = read("organisationUnits/shapedUnit1")["geometry"]
    assert point == {"type": "Point", "coordinates": [10.5, 60.5]}
    assert "geometry" not in read("organisationUnits/shapedUnit2")


def test_features_may_name_units_by_a_property(send_shapes, read):
    named = {"features": [feature("x", kommune="SHAPED_2"), feature("y", kommune=7)]}
    query = "geoJsonId=false&geoJsonProperty=kommune&orgUnitProperty=code"
    assert send_shapes(named, f"{query}&dryRun=true")["response"]["importCount"]["imported"] == 1
    assert "geometry" not in read("organisationUnits/shapedUnit2")
    assert conflicts(send_shapes(named, query)) == {"E7708": [1]}
    assert read("organisationUnits/shapedUnit2")["geometry"] == POLYGON
    twice = {"features": [feature("x", name="Shaped twice")]}
    query = "geoJsonId=false&geoJsonProperty=name&orgUnitProperty=name"
    answer = send_shapes(twice, query)
    assert (answer["status"], conflicts(answer)) == ("ERROR", {"E7711": [0]})


def test_one_unit_gets_its_shape_and_loses_it(send_shapes, ask, read):
    path = "organisationUnits/shapedUnit3/geometry"
    answer = send_shapes(POLYGON, path=path)
    assert (answer["status"], answer["response"]["importCount"]["imported"]) == ("OK", 1)
    assert read("organisationUnits/shapedUnit3")["geometry"] == POLYGON
    answer = ask("DELETE", path, by="admin").json()
    assert (answer["status"], answer["response"]["importCount"]["deleted"]) == ("OK", 1)
    assert "geometry" not in read("organisationUnits/shapedUnit3")


def test_an_attribute_may_hold_the_shape_instead(send_shapes, ask, read):
    path, query = "organisationUnits/shapedUnit3/geometry", "attributeId=shapedAttr1"
    assert send_shapes(POLYGON, query, path=path)["status"] == "OK"
    unit = read("organisationUnits/shapedUnit3")
    assert "geometry" not in unit
    assert [each["attribute"]["id"] for each in unit["attributeValues"]] == ["shapedAttr1"]
    assert ask("DELETE", f"{path}?{query}", by="admin").json()["status"] == "OK"
    assert read("organisationUnits/shapedUnit3")["attributeValues"] == []


@pytest.mark.parametrize(
    ("query", "code"),
    [("attributeId=nothingHere", "E7702"), ("attributeId=shapedAttr2", "E7703"),
     ("attributeId=shapedAttr3", "E7704"), ("", "E7701")],
)  # fmt: skip
def test_what_cannot_be_begun_is_told_once(ask, query, code):
    answer = ask("POST", f"organisationUnits/geometry?{query}", by="admin", content=b"no json")
    assert (answer.status_code, answer.json()["status"]) == (200, "ERROR")
    assert conflicts(answer.json()) == {code: []}


def test_a_unit_of_the_register_or_of_others_keeps_its_shape(send_shapes, unit, read):
    before = read(f"organisationUnits/{unit}").get("geometry")
    assert conflicts(send_shapes({"features": [feature(unit)]})) == {"E7709": []}
    assert read(f"organisationUnits/{unit}").get("geometry") == before
    answer = send_shapes({"features": [feature("shapedUnit1")]}, by="tracer")
    assert (answer["status"], conflicts(answer)) == ("ERROR", {"E7709": []})


def test_nobody_need_wait_for_it(send_shapes, read):
    answer = send_shapes(feature("shapedUnit0"), "async=true")
    job = answer["response"]
    assert job["jobType"] == "GEOJSON_IMPORT"
    assert read(f"system/tasks/GEOJSON_IMPORT/{job['id']}")[0]["completed"] is True
    assert read(f"system/taskSummaries/GEOJSON_IMPORT/{job['id']}")["status"] == "SUCCESS"
