"""`/api/organisationUnitProfile`: what a card about an org unit shows, one choice for all units.

The choice lies in the data store, where DHIS2 keeps it too. Figures are not part of a card here: what may
be counted for whom is asked at /api/analytics.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.access import authorities
from smittesporing.access.reach import CLIENT
from smittesporing.metadata import data_store
from smittesporing.metadata.kinds import KINDS
from smittesporing.metadata.report import Refusal, refusal_json
from smittesporing.metadata.transformers import MISSING
from smittesporing.web.api.asking import asked
from smittesporing.web.api.computed import displayed
from smittesporing.web.api.envelope import Stopped, as_json, door, read_object, web_message
from smittesporing.web.api.world import MetadataWorld
from smittesporing.web.working import reach_of

AUTHORITY = "F_ORG_UNIT_PROFILE_ADD"
_KEPT_AS = "ORG_UNIT_PROFILE"
_KLASS = "org.hisp.dhis.orgunitprofile.OrgUnitProfile"
# List → the kinds its members may be of.
_LISTS = {
    "attributes": ("attributes",),
    "groupSets": ("organisationUnitGroupSets",),
    "dataItems": ("dataElements", "indicators", "dataSets", "programIndicators"),
}
_SAID = (
    *("id", "code", "name", "shortName", "description", "level", "openingDate", "closedDate"),
    *("comment", "url", "contactPerson", "address", "email", "phoneNumber"),
)


@door
def read(request: Request) -> Response:
    """GET /api/organisationUnitProfile: the choice."""
    with asked(request) as (connection, _):
        kept = data_store.one(connection, _KEPT_AS, _KEPT_AS)
    return as_json(_profile(kept.value if kept else {}))


@door
def write(request: Request) -> Response:
    """POST /api/organisationUnitProfile: another choice, whole."""
    reach = reach_of(request)
    own = reach.role != CLIENT and reach.may("metadata")
    if not own and not authorities.holds(reach, AUTHORITY):
        message = f"Access is denied, requires one Authority from [{AUTHORITY}]"
        raise Stopped(web_message(403, message))
    profile = _profile(read_object(request))
    with asked(request) as (connection, world):
        faults = [refusal_json(each, _KLASS) for each in _unknown(world, profile)]
        if faults:
            response = {"responseType": "ErrorReports", "errorReports": faults}
            raise Stopped(web_message(409, code="E4014", response=response))
        kept = data_store.one(connection, _KEPT_AS, _KEPT_AS)
        if kept is None:
            data_store.add(connection, reach, _KEPT_AS, _KEPT_AS, profile)
        else:
            data_store.change(connection, reach, kept, profile)
    return web_message(200, "Org unit profile updated")


@door
def data(request: Request) -> Response:
    """GET /api/organisationUnitProfile/{uid}/data: the card of one unit."""
    uid = request.path_params["uid"]
    with asked(request) as (connection, world):
        unit = world.one(KINDS["organisationUnits"], uid)
        if unit is None:
            message = f"Org unit not existing or not accessible: `{uid}`"
            raise Stopped(web_message(409, message, code="E1102"))
        kept = data_store.one(connection, _KEPT_AS, _KEPT_AS)
        profile = _profile(kept.value if kept else {})
        return as_json(
            {
                "info": _info(world, unit),
                "attributes": list(_attributes(world, unit, profile["attributes"])),
                "groupSets": list(_groups(world, unit, profile["groupSets"])),
                "dataItems": [],
            }
        )


def _profile(stated: Any) -> dict[str, list[str]]:
    """The lists of uids. Errors  `Stopped` with 400 when one is no list of texts."""
    given = stated if isinstance(stated, Mapping) else {}
    found = {}
    for name in _LISTS:
        listed = given.get(name) or []
        if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
            raise Stopped(web_message(400, f"{name} is not a list of identifiers"))
        found[name] = list(dict.fromkeys(listed))
    return found


def _unknown(world: MetadataWorld, profile: Mapping[str, list[str]]) -> Iterator[Refusal]:
    for name, plurals in _LISTS.items():
        for uid in profile[name]:
            if all(world.one(KINDS[each], uid) is None for each in plurals):
                yield Refusal("E4014", (uid, name), name)


def _info(world: MetadataWorld, unit: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: unit[name] for name in _SAID if unit.get(name) not in (None, "")}
    above = world.one(KINDS["organisationUnits"], str((unit.get("parent") or {}).get("id")))
    if above is not None:
        found["parentName"] = _label(world, above)
    for level in world.metadata.of("organisationUnitLevels").values():
        if level.get("level") == unit.get("level"):
            found["levelName"] = _label(world, level)
    shape = unit.get("geometry")
    if isinstance(shape, Mapping) and shape.get("type") == "Point":
        found["longitude"], found["latitude"] = shape["coordinates"][:2]
    return found


def _attributes(
    world: MetadataWorld, unit: Mapping[str, Any], wanted: list[str]
) -> Iterator[dict[str, Any]]:
    held = {
        each["attribute"]["id"]: each.get("value") for each in unit.get("attributeValues") or ()
    }
    for uid in wanted:
        attribute = world.one(KINDS["attributes"], uid)
        if attribute is not None and held.get(uid) is not None:
            yield {"id": uid, "label": _label(world, attribute), "value": held[uid]}


def _groups(
    world: MetadataWorld, unit: Mapping[str, Any], wanted: list[str]
) -> Iterator[dict[str, Any]]:
    """The group of each set that the unit is a member of."""
    for uid in wanted:
        group_set = world.one(KINDS["organisationUnitGroupSets"], uid)
        for each in (group_set or {}).get("organisationUnitGroups") or ():
            group = world.one(KINDS["organisationUnitGroups"], each["id"])
            members = (group or {}).get("organisationUnits") or ()
            if group_set and group and any(each["id"] == unit["id"] for each in members):
                yield {
                    "id": uid,
                    "label": _label(world, group_set),
                    "value": _label(world, group),
                }


def _label(world: MetadataWorld, body: Mapping[str, Any]) -> Any:
    shown = displayed(world, body, "name")
    return body.get("name") if shown is MISSING else shown
