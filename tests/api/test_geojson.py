"""Org units on a map, as DHIS2's clients ask for them."""

import json

import pytest


def features(ask, query):
    answer = ask("GET", f"organisationUnits.geojson?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json+geojson"
    return answer.json()["features"]


def test_kommuner_of_a_fylke_have_their_centre_until_borders_are_imported(ask, unit, owner):
    graph = ask("GET", f"organisationUnits/{unit}?fields=path").json()["path"].split("/")[1:]
    found = {each["id"]: each for each in features(ask, f"level=3&parent={graph[1]}")}
    tromso = found[unit]
    assert tromso["geometry"]["type"] == "Point"
    assert tromso["properties"] == {
        "code": "5501",
        "name": "Tromsø",
        "level": "3",
        "parent": graph[1],
        "parentGraph": "/".join(graph[:2]),
        "groups": [],
    }
    square = {"type": "Polygon", "coordinates": [[[18, 69], [18, 70], [19, 70], [18, 69]]]}
    owner.execute(
        "insert into access.border (number, geometry) values ('5501', %s)", (json.dumps(square),)
    )
    shown = {each["id"]: each["geometry"] for each in features(ask, f"level=3&parent={graph[1]}")}
    assert shown[unit] == square
    assert ask("GET", f"organisationUnits/{unit}.geojson").json()["geometry"] == square


def test_levels_and_parents_may_stand_several_times(ask, unit):
    kommuner = features(ask, "level=3")
    assert len(kommuner) == 357
    assert len(features(ask, "level=2&level=3")) >= 357
    parents = {each["properties"]["parent"] for each in kommuner}
    one, other = sorted(parents)[:2]
    apart = [len(features(ask, f"level=3&parent={uid}")) for uid in (one, other)]
    assert len(features(ask, f"level=3&parent={one}&parent={other}")) == sum(apart)
    assert len(features(ask, f"level=3&parent={one};{other}")) == sum(apart)


@pytest.mark.parametrize(
    ("path", "status"),
    [("organisationUnits.geojson?level=one", 400), ("organisationUnits.geojson?parent=abcdefghijk", 404),
     ("organisationUnits/abcdefghijk.geojson", 404), ("programs.geojson", 404)],
)  # fmt: skip
def test_what_is_not_on_the_map_is_refused(ask, path, status):
    assert ask("GET", path).status_code == status
