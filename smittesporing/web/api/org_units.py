"""`/api/organisationUnits`: what is more than reading. Local units by DHIS2's authorities, split and merge.

What may be done with which unit is access/local_units.py's; what its JSON means, metadata/places.py's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.access import local_units, org_units
from smittesporing.access.local_units import MERGE, SPLIT
from smittesporing.access.org_units import OrgUnit, OrgUnits
from smittesporing.metadata import places
from smittesporing.metadata.incoming import Manner
from smittesporing.metadata.kinds import KINDS
from smittesporing.metadata.report import Report, refusal_json
from smittesporing.uid import new_uid
from smittesporing.web.api.asking import asked, imported, readable
from smittesporing.web.api.envelope import (
    Stopped,
    as_json,
    door,
    read_json,
    read_object,
    web_message,
)
from smittesporing.web.api.metadata import FAILED
from smittesporing.web.api.patch import Unpatchable, patched
from smittesporing.web.working import reach_of, work_of

UNITS = KINDS["organisationUnits"]
_NOT_HERS = frozenset(("E3000", "E3001", "E3002"))


@door
def create(request: Request) -> Response:
    """POST /api/organisationUnits: a new unit; 201 with its address."""
    body = read_object(request)
    body.setdefault("id", new_uid())
    report = _saved(request, body, "CREATE")
    if not report.ok:
        return _answer(report)
    base = request.app.state.settings.base_url
    address = f"{base}/api/organisationUnits/{report.objects[0].uid}"
    return _answer(report, 201, {"location": address})


@door
def replace(request: Request) -> Response:
    """PUT /api/organisationUnits/{uid}: the unit whole; another parent moves it."""
    uid = request.path_params["uid"]
    with asked(request) as (_, world):
        readable(world, "organisationUnits", uid)
    return _answer(_saved(request, {**read_object(request), "id": uid}, "UPDATE"))


@door
def patch(request: Request) -> Response:
    """PATCH /api/organisationUnits/{uid} with JSON Patch."""
    uid, operations = request.path_params["uid"], read_json(request)
    with asked(request) as (_, world):
        before = readable(world, "organisationUnits", uid)
    try:
        body = patched(before, operations)
    except Unpatchable as fault:
        raise Stopped(web_message(400, str(fault))) from None
    return _answer(_saved(request, {**body, "id": uid}, "UPDATE"))


@door
def remove(request: Request) -> Response:
    """DELETE /api/organisationUnits/{uid}: one without records and without others below it."""
    uid = request.path_params["uid"]
    with asked(request) as (_, world):
        readable(world, "organisationUnits", uid)
    return _answer(_saved(request, {"id": uid}, "DELETE"))


@door
def merge(request: Request) -> Response:
    """POST /api/organisationUnits/merge: what belongs to the sources belongs to the target.

    Shape   `sources`, `target`, `deleteSources` (true). A source that is kept is closed; either way it
            names its successor. Records move in the same transaction.
    """
    stated = read_object(request)
    units, sources = _named(request, stated, "sources", "E1503")
    uid = str(stated.get("target") or "")
    if not sources:
        raise Stopped(_conflict("E1500", "At least one source org unit must be given"))
    target = units.by_uid.get(uid)
    if not uid or target is None:
        raise Stopped(_conflict("E1501", f"The target org unit does not exist: {uid}"))
    _unlocked([*sources, target])
    if target in sources:
        raise Stopped(_conflict("E1502", f"The target is one of the sources: {uid}"))
    for source in sources:
        if source.id in target.ancestors:
            raise Stopped(_conflict("E1504", f"The target lies below a source: {source.uid}"))
    _may(request, [*sources, target], MERGE)
    delete = stated.get("deleteSources") is not False
    with work_of(request, "org_units.merge") as work:
        for source in sources:
            local_units.succeed(work, source, target)
            here = org_units.current(work.conn)
            local_units.adopt(work.conn, here, source, target, work.reach.user)
            if delete:
                local_units.remove(work.conn, source, work.reach.user, (target.id,))
            else:
                today = work.clock.today()
                local_units.close(work.conn, source, today, (target.id,), work.reach.user)
        places.let_succeed(work.conn, {each.uid for each in sources}, [target.uid])
    return web_message(200, "Organisation units merged")


@door
def split(request: Request) -> Response:
    """POST /api/organisationUnits/split: the source is replaced by its targets.

    Shape   `source`, `targets`, `primaryTarget` (the first), `deleteSource` (true). Records go to the
            primary target; programs, groups and users to all of them.
    """
    stated = read_object(request)
    uid = str(stated.get("source") or "")
    units, targets = _named(request, stated, "targets", "E1515")
    source = units.by_uid.get(uid)
    if source is None:
        raise Stopped(_conflict("E1510", f"The source org unit does not exist: {uid}"))
    _unlocked([source, *targets])
    if len(targets) < 2:
        raise Stopped(_conflict("E1511", "At least two target org units must be given"))
    if source in targets:
        raise Stopped(_conflict("E1512", f"The source is one of the targets: {uid}"))
    chosen_uid = str(stated.get("primaryTarget") or targets[0].uid)
    primary = units.by_uid.get(chosen_uid)
    if primary is None or primary not in targets:
        raise Stopped(_conflict("E1514", f"The primary target is no target: {chosen_uid}"))
    for target in targets:
        if source.id in target.ancestors:
            raise Stopped(_conflict("E1516", f"A target lies below the source: {target.uid}"))
    _may(request, [source, *targets], SPLIT)
    heirs = [primary, *(each for each in targets if each != primary)]
    with work_of(request, "org_units.split") as work:
        held = local_units.roles_in(work.conn, source)
        local_units.succeed(work, source, primary)
        local_units.share_roles(work.conn, held, [each.id for each in heirs[1:]], work.reach.user)
        local_units.adopt(work.conn, org_units.current(work.conn), source, primary, work.reach.user)
        ids = [each.id for each in heirs]
        if stated.get("deleteSource") is not False:
            local_units.remove(work.conn, source, work.reach.user, ids)
        else:
            local_units.close(work.conn, source, work.clock.today(), ids, work.reach.user)
        places.let_succeed(work.conn, {source.uid}, [each.uid for each in heirs])
    return web_message(200, "Organisation unit split")


@door
def filled_levels(request: Request) -> Response:
    """GET /api/filledOrganisationUnitLevels: every level there are units on, named or not."""
    with asked(request) as (_, world):
        bodies = world.metadata.of("organisationUnits").values()
        named = {
            int(each["level"]): each
            for each in world.metadata.of("organisationUnitLevels").values()
        }
        deepest = max(int(each["level"]) for each in bodies)
        return as_json(
            [
                {key: named[level][key] for key in ("id", "name", "level", "created", "lastUpdated")
                 if key in named[level]} | {"displayName": named[level]["name"]}
                if level in named
                else {"name": f"Level {level}", "displayName": f"Level {level}", "level": level}
                for level in range(1, deepest + 1)
            ]
        )  # fmt: skip


@door
def set_levels(request: Request) -> Response:
    """POST /api/filledOrganisationUnitLevels: names for the levels, all at once."""
    stated = read_object(request).get("organisationUnitLevels")
    if not isinstance(stated, list) or not all(isinstance(each, Mapping) for each in stated):
        raise Stopped(web_message(400, "Invalid JSON: `organisationUnitLevels` is missing"))
    with asked(request) as (connection, world):
        known = {
            str(each["level"]): each["id"]
            for each in world.metadata.of("organisationUnitLevels").values()
        }
        bodies = [
            {**each, "id": known.get(str(each.get("level"))) or each.get("id") or new_uid()}
            for each in stated
        ]
        report = imported(request, connection, {"organisationUnitLevels": bodies}, Manner())
    if not report.ok:
        return web_message(409, FAILED, response=report.as_json())
    return Response(status_code=201)


def _named(
    request: Request, stated: Mapping[str, Any], name: str, code: str
) -> tuple[OrgUnits, list[OrgUnit]]:
    """The units the list names. Errors  `Stopped` for one that is not there."""
    listed = stated.get(name)
    uids = list(dict.fromkeys(map(str, listed))) if isinstance(listed, list) else []
    with request.app.state.pool.connection() as connection:
        units = org_units.current(connection)
    for uid in uids:
        if uid not in units.by_uid:
            raise Stopped(_conflict(code, f"Org unit does not exist: {uid}"))
    return units, [units.by_uid[uid] for uid in uids]


def _unlocked(touched: list[OrgUnit]) -> None:
    """Errors  `Stopped` with T005 for a unit of the register: it neither goes nor takes others in."""
    for unit in touched:
        if unit.official:
            raise Stopped(_conflict("T005", f"Org unit {unit.uid} follows the official register"))


def _may(request: Request, touched: list[OrgUnit], authority: str) -> None:
    """Errors  `Stopped` with 403 for a unit that is not hers."""
    for unit in touched:
        if not local_units.governs(reach_of(request), unit, authority):
            raise Stopped(web_message(403, f"Org unit {unit.uid} is not yours to change"))


def _conflict(code: str, message: str) -> Response:
    return web_message(409, message, code=code)


def _saved(request: Request, body: Mapping[str, Any], strategy: str) -> Report:
    with asked(request) as (connection, _):
        manner = Manner(strategy=strategy)
        return imported(request, connection, {"organisationUnits": [body]}, manner)


def _answer(
    report: Report, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    made = report.objects[0]
    response = {
        "responseType": "ObjectReport",
        "uid": made.uid,
        "klass": UNITS.klass,
        "errorReports": [refusal_json(each, UNITS.klass) for each in made.refusals],
    }
    if report.ok:
        return web_message(status, response=response, headers=headers)
    code = made.refusals[0].code
    status = 403 if code in _NOT_HERS else 409
    return web_message(status, made.refusals[0].sentence, code=code, response=response)
