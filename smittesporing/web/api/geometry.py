"""`/api/organisationUnits/geometry`: shapes of org units taken in as GeoJSON, each that can be.

DHIS2 answers 200 whatever became of them; `status` and the conflicts tell. A unit of the register keeps
the shape it has.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from smittesporing.database import Connection
from smittesporing.metadata.incoming import Manner, own
from smittesporing.metadata.kinds import KINDS
from smittesporing.metadata.shapes import SENTENCES, Fault, Naming, fault_of, flat, placed
from smittesporing.metadata.snapshot import Body
from smittesporing.tracker import jobs
from smittesporing.web.api.asking import asked, imported, readable
from smittesporing.web.api.envelope import Stopped, door, flag, read_json, web_message
from smittesporing.web.api.metadata import job_answer
from smittesporing.web.api.world import MetadataWorld

_UNITS = KINDS["organisationUnits"]
_NAMED_BY = {"": "id", "id": "id", "uid": "id", "code": "code", "name": "name"}
_SAID = {
    "SUCCESS": "Import successful.",
    "WARNING": "Import partially successful.",
    "ERROR": "Import failed.",
}


@door
def take_in(request: Request) -> Response:
    """POST /api/organisationUnits/geometry: a FeatureCollection, or one Feature."""
    named_by = request.query_params.get("orgUnitProperty", "").lower()
    if named_by not in _NAMED_BY:
        raise Stopped(web_message(400, f"Value '{named_by}' is not valid for orgUnitProperty"))
    stated = request.query_params.get("geoJsonProperty") or None
    naming = Naming(flag(request, "geoJsonId", True), stated, _NAMED_BY[named_by])
    started = time.monotonic()
    with asked(request) as (connection, world):
        attribute, fault = _attribute(request, world)
        features = _features(request)
        if fault is None and features is None:
            fault = Fault("E7701")
        if fault is not None:
            return _answer(_report(0, "imported", [fault]))
        shapes, faults = placed(features or [], naming, world.objects(_UNITS))
        done, refused = _written(request, connection, world, attribute, dict(shapes))
        report = _report(done, "imported", [*faults, *refused])
        if flag(request, "async"):
            seconds = time.monotonic() - started
            return job_answer(
                request, connection, jobs.GEOJSON, "geoJsonImport", "Initiated GeoJSON import",
                report, seconds, ok=report["status"] != "ERROR",
            )  # fmt: skip
    return _answer(report)


@door
def take_in_one(request: Request) -> Response:
    """POST /api/organisationUnits/{uid}/geometry: the shape of one unit."""
    uid, given = request.path_params["uid"], read_json(request)
    return _one(request, uid, given, "imported")


@door
def drop_one(request: Request) -> Response:
    """DELETE /api/organisationUnits/{uid}/geometry: the unit has no shape of its own."""
    return _one(request, request.path_params["uid"], None, "deleted")


def _one(request: Request, uid: str, given: Any, fate: str) -> Response:
    with asked(request) as (connection, world):
        readable(world, "organisationUnits", uid)
        attribute, fault = _attribute(request, world)
        if fault is None and fate == "imported":
            code = fault_of(given)
            fault = Fault(code, 0, uid) if code else None
        if fault is not None:
            return _answer(_report(0, fate, [fault]))
        shape = flat(given) if fate == "imported" else None
        done, refused = _written(request, connection, world, attribute, {uid: shape})
    return _answer(_report(done, fate, refused))


def _features(request: Request) -> list[Any] | None:
    try:
        body = read_json(request)
    except Stopped:
        return None
    if not isinstance(body, Mapping):
        return None
    if body.get("type") == "Feature":
        return [body]
    listed = body.get("features")
    return listed if isinstance(listed, list) else None


def _attribute(request: Request, world: MetadataWorld) -> tuple[str | None, Fault | None]:
    """The attribute that is to hold the shape, if any, and what is wrong with it."""
    uid = request.query_params.get("attributeId")
    if not uid:
        return None, None
    attribute = world.one(KINDS["attributes"], uid)
    if attribute is None:
        return uid, Fault("E7702", None, uid)
    if attribute.get("valueType") != "GEOJSON":
        return uid, Fault("E7703", None, uid)
    if not attribute.get("organisationUnitAttribute"):
        return uid, Fault("E7704", None, uid)
    return uid, None


def _written(
    request: Request,
    connection: Connection,
    world: MetadataWorld,
    attribute: str | None,
    shapes: Mapping[str, dict[str, Any] | None],
) -> tuple[int, list[Fault]]:
    """How many units have their new shape, and those that may not be changed."""
    units = world.metadata.of("organisationUnits")
    bodies = [_with(own("organisationUnits", units[uid]), attribute, shape)
              for uid, shape in shapes.items()]  # fmt: skip
    if not bodies:
        return 0, []
    mode = "VALIDATE" if flag(request, "dryRun") else "COMMIT"
    manner = Manner(strategy="UPDATE", atomic="NONE", mode=mode)
    report = imported(request, connection, {"organisationUnits": bodies}, manner)
    refused = [Fault("E7709", None, each.uid) for each in report.objects if each.refusals]
    return len(bodies) - len(refused), refused


def _with(body: Body, attribute: str | None, shape: dict[str, Any] | None) -> Body:
    if attribute is None:
        left = {name: value for name, value in body.items() if name != "geometry"}
        return left if shape is None else {**left, "geometry": shape}
    others = [
        each
        for each in body.get("attributeValues") or ()
        if (each.get("attribute") or {}).get("id") != attribute
    ]
    value = msgspec.json.encode(shape).decode() if shape is not None else None
    mine = [] if value is None else [{"attribute": {"id": attribute}, "value": value}]
    return {**body, "attributeValues": [*others, *mine]}


def _report(done: int, fate: str, faults: list[Fault]) -> dict[str, Any]:
    """DHIS2's report: how many came, and the conflicts, those of one code together."""
    status = "SUCCESS" if not faults else "WARNING" if done else "ERROR"
    counts = {"imported": 0, "updated": 0, "ignored": len(faults), "deleted": 0} | {fate: done}
    by_code: dict[str, list[Fault]] = {}
    for fault in faults:
        by_code.setdefault(fault.code, []).append(fault)
    conflicts = []
    for code, alike in by_code.items():
        places = [each.index for each in alike if each.index is not None]
        conflict = {"object": alike[0].named, "value": SENTENCES[code], "errorCode": code}
        conflicts.append({**conflict, **({"indexes": places} if places else {})})
    return {
        "responseType": "GeoJsonImportReport",
        "status": status,
        "importCount": counts,
        "conflicts": conflicts,
        "totalConflictOccurrenceCount": len(faults),
    }


def _answer(report: Mapping[str, Any]) -> Response:
    status = str(report["status"])
    level = "OK" if status == "SUCCESS" else status
    return web_message(200, _SAID[status], level=level, response=report)
