"""Parameters that DHIS2 knows at one kind of object only, beside fields, filters and pages.

Called by collections.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request

from smittesporing.metadata.forms import reference
from smittesporing.metadata.kinds import KINDS
from smittesporing.web.api.envelope import flag, number
from smittesporing.web.api.world import MetadataWorld

Json = Any
Bodies = Iterable[Mapping[str, Json]]
_ELEMENT = re.compile(r"#\{(\w{11})")


def org_units_asked_for(
    request: Request, world: MetadataWorld, bodies: Bodies
) -> list[Mapping[str, Json]]:
    """DHIS2's own ways to ask for a part of the tree: level, maxLevel, within…Hierarchy, userOnly."""
    found = list(bodies)
    params = request.query_params
    if params.get("level"):
        found = [body for body in found if body["level"] == number(request, "level", 1)]
    if params.get("maxLevel"):
        found = [body for body in found if body["level"] <= number(request, "maxLevel", 1)]
    within = ("withinUserHierarchy", "withinUserSearchHierarchy", "withinUserDataViewHierarchy")
    own = ("userOnly", "userDataViewOnly")
    if any(flag(request, name) for name in within):
        roots = _roots(world)
        found = [body for body in found if any(root in body["path"] for root in roots)]
    elif any(flag(request, name) for name in own):
        roots = _roots(world)
        found = [body for body in found if body["id"] in roots]
    if flag(request, "levelSorted"):
        found.sort(key=lambda body: int(body["level"]))
    return found


def _roots(world: MetadataWorld) -> set[str]:
    """The uids of the units where she holds a role."""
    account = world.users().get(world.reach.user, {})
    return {each["id"] for each in account.get("organisationUnits", ())}


def counted(request: Request, world: MetadataWorld, bodies: Bodies) -> list[Mapping[str, Json]]:
    """Org units with `memberCount`: of each and those below it, how many `memberObject` holds.

    A tree that shows how many units are chosen asks so, with `memberCollection` (`programs`).
    """
    member = request.query_params.get("memberObject", "")
    collection = request.query_params.get("memberCollection", "")
    found = list(bodies)
    if not member or not collection:
        return found
    kind = KINDS.get(collection)
    holder = (world.one(kind, member) if kind else None) or {}
    units = world.metadata.of("organisationUnits")
    held = [str(each["id"]) for each in holder.get("organisationUnits") or ()]
    counts: dict[str, int] = {}
    paths = (str(units[uid]["path"]) for uid in held if uid in units)
    for uid in (uid for path in paths for uid in path.split("/")):
        counts[uid] = counts.get(uid, 0) + 1
    return [{**body, "memberCount": counts.get(str(body["id"]), 0)} for body in found]


def of_data_set(request: Request, world: MetadataWorld, bodies: Bodies) -> list[Mapping[str, Json]]:
    """Validation rules that a form of `dataSet` runs: on its data elements and no others."""
    wanted = request.query_params.get("dataSet")
    if not wanted:
        return list(bodies)
    data_set = world.metadata.get("dataSets", wanted) or {}
    held = {reference(each, "dataElement") for each in data_set.get("dataSetElements") or ()}
    return [
        body
        for body in bodies
        if not body.get("skipFormValidation") and (named := _named(body)) and named <= held
    ]


def _named(rule: Mapping[str, Json]) -> set[str | None]:
    sides = (rule.get("leftSide") or {}, rule.get("rightSide") or {})
    return {uid for side in sides for uid in _ELEMENT.findall(str(side.get("expression") or ""))}
