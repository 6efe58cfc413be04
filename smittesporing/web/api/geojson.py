"""`/api/organisationUnits.geojson`: org units on a map.

A unit's own shape, or its border where Kartverket's are imported, or the point of its centre; one that has
none of them is left out, as DHIS2 does. Mounted by metadata_routes.py.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.access import org_units
from smittesporing.access.org_units import OrgUnit, OrgUnits
from smittesporing.database import Connection
from smittesporing.web.api.envelope import Stopped, as_json, door, not_found, web_message

Feature = dict[str, Any]


@door
def listed(request: Request) -> Response:
    """GET /api/organisationUnits.geojson: those of these levels below these parents.

    level   repeated; 1 where none is given.
    parent  repeated, or with semicolons; the whole tree where none is given.
    """
    levels = _levels(request)
    with request.app.state.pool.connection() as connection:
        units = org_units.current(connection)
        roots = [_unit(units, uid) for uid in _parents(request)] or [units.root]
        below = {each for root in roots for each in units.descendants(root.id)}
        chosen = [units.by_id[each] for each in sorted(below) if units.by_id[each].level in levels]
        features = _features(connection, units, chosen)
    return _answer({"type": "FeatureCollection", "features": features})


@door
def one(request: Request) -> Response:
    """GET /api/organisationUnits/{uid}.geojson: one of them, its geometry null where it has none."""
    with request.app.state.pool.connection() as connection:
        units = org_units.current(connection)
        unit = _unit(units, request.path_params["uid"])
        found = _features(connection, units, [unit])
    return _answer(found[0] if found else _feature(units, unit, None))


def _answer(body: Feature) -> Response:
    answer = as_json(body)
    answer.headers["content-type"] = "application/json+geojson"
    return answer


def _levels(request: Request) -> set[int]:
    given = request.query_params.getlist("level")
    if any(not text.isdecimal() or len(text) > 2 for text in given):
        raise Stopped(web_message(400, "level is not a whole number"))
    return {int(text) for text in given} or {1}


def _parents(request: Request) -> list[str]:
    given = ";".join(request.query_params.getlist("parent"))
    return [uid for uid in given.split(";") if uid]


def _unit(units: OrgUnits, uid: str) -> OrgUnit:
    unit = units.by_uid.get(uid)
    if unit is None:
        raise Stopped(not_found("OrganisationUnit", uid))
    return unit


def _features(connection: Connection, units: OrgUnits, chosen: list[OrgUnit]) -> list[Feature]:
    codes = [unit.code for unit in chosen if unit.code and unit.official]
    rows = connection.execute(
        "select number, geometry from access.border where number = any (%s)", (codes,)
    ).fetchall()
    borders = {row["number"]: row["geometry"] for row in rows}
    shapes = [(unit, unit.geometry or borders.get(unit.code) or _point(unit)) for unit in chosen]
    return [_feature(units, unit, shape) for unit, shape in shapes if shape is not None]


def _point(unit: OrgUnit) -> Feature | None:
    if unit.latitude is None or unit.longitude is None:
        return None
    return {"type": "Point", "coordinates": [unit.longitude, unit.latitude]}


def _feature(units: OrgUnits, unit: OrgUnit, shape: Feature | None) -> Feature:
    above = [units.by_id[each].uid for each in unit.ancestors[:-1]]
    return {
        "type": "Feature",
        "id": unit.uid,
        "geometry": shape,
        "properties": {
            "code": unit.code,
            "name": unit.name,
            "level": str(unit.level),
            "parent": above[-1] if above else None,
            "parentGraph": "/".join(above),
            "groups": [],
        },
    }
