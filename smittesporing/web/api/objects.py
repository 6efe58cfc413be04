"""Writing single objects of configuration: POST, PUT, PATCH, DELETE and their collections.

Each is an import of one object through metadata/exchange.py, answered with DHIS2's ObjectReport.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata import exchange
from smittesporing.metadata.incoming import Manner
from smittesporing.metadata.kinds import KINDS, Kind
from smittesporing.metadata.report import ObjectReport, Report, refusal_json
from smittesporing.uid import new_uid
from smittesporing.web.api.asking import asked, imported, readable
from smittesporing.web.api.collections import kind_of
from smittesporing.web.api.envelope import (
    Stopped,
    door,
    flag,
    not_found,
    read_json,
    read_object,
    web_message,
)
from smittesporing.web.api.metadata import FAILED
from smittesporing.web.api.patch import Unpatchable, patched
from smittesporing.web.working import reach_of


@door
def create(request: Request) -> Response:
    """POST /api/{type}: a new object; 201 with its address."""
    kind = kind_of(request)
    body = read_object(request)
    body.setdefault("id", new_uid())
    report = _imported(request, kind, body, "CREATE")
    uid = report.objects[0].uid
    if not report.ok:
        return _answer(kind, report, 409)
    address = f"{request.app.state.settings.base_url}/api/{kind.plural}/{uid}"
    return _answer(kind, report, 201, {"location": address})


@door
def replace(request: Request) -> Response:
    """PUT /api/{type}/{uid}: the object whole; what the body lacks is gone."""
    kind, uid = kind_of(request), request.path_params["uid"]
    body = {**read_object(request), "id": uid}
    with asked(request) as (_, world):
        readable(world, kind.plural, uid)
    report = _imported(request, kind, body, "UPDATE", skip_sharing=flag(request, "skipSharing"))
    return _answer(kind, report, 200 if report.ok else 409)


@door
def patch(request: Request) -> Response:
    """PATCH /api/{type}/{uid} with JSON Patch: only what the operations name changes."""
    kind, uid = kind_of(request), request.path_params["uid"]
    operations = read_json(request)
    with asked(request) as (_, world):
        before = readable(world, kind.plural, uid)
    try:
        body = patched(before, operations)
    except Unpatchable as fault:
        raise Stopped(web_message(400, str(fault))) from None
    report = _imported(request, kind, {**body, "id": uid}, "UPDATE")
    return _answer(kind, report, 200 if report.ok else 409)


@door
def remove(request: Request) -> Response:
    """DELETE /api/{type}/{uid}: the object and the parts only it holds; 409 while it is used."""
    kind, uid = kind_of(request), request.path_params["uid"]
    with asked(request) as (_, world):
        readable(world, kind.plural, uid)
    report = _imported(request, kind, {"id": uid}, "DELETE")
    return _answer(kind, report, 200 if report.ok else 409)


@door
def change_collection(request: Request) -> Response:
    """POST or PUT /api/{type}/{uid}/{collection}: `additions`, `deletions`, `identifiableObjects`.

    Shape   PUT and `identifiableObjects` without the other two make the list exactly that.
    """
    given = read_object(request)

    def uids(name: str) -> list[str]:
        listed = given.get(name) or ()
        if not isinstance(listed, list | tuple):
            raise Stopped(web_message(400, f"{name} is not a list"))
        return [str(each["id"]) for each in listed if isinstance(each, Mapping) and "id" in each]

    exact = uids("identifiableObjects")
    add, drop = uids("additions"), uids("deletions")
    return _changed(request, add + exact, drop, exact=request.method == "PUT")


@door
def add_to_collection(request: Request) -> Response:
    """POST /api/{type}/{uid}/{collection}/{item}: one more in the list."""
    return _changed(request, [request.path_params["item"]], [])


@door
def drop_from_collection(request: Request) -> Response:
    """DELETE /api/{type}/{uid}/{collection}/{item}: one less in the list."""
    return _changed(request, [], [request.path_params["item"]])


def _changed(
    request: Request, additions: list[str], deletions: list[str], *, exact: bool = False
) -> Response:
    kind, uid = kind_of(request), request.path_params["uid"]
    name = request.path_params["collection"]
    if name not in kind.properties or name not in KINDS:
        return web_message(404, f"Collection {name} does not exist on {kind.singular}")
    with asked(request) as (_, world):
        body = dict(readable(world, kind.plural, uid))
        unknown = [each for each in additions if world.one(KINDS[name], each) is None]
    if unknown:
        return not_found(KINDS[name].klass.rpartition(".")[2], unknown[0])
    kept = [] if exact else [each["id"] for each in body.get(name, ())]
    listed = dict.fromkeys([*kept, *additions])
    body[name] = [{"id": each} for each in listed if each not in deletions]
    report = _imported(request, kind, body, "UPDATE")
    return _answer(kind, report, 200 if report.ok else 409)


def _imported(
    request: Request,
    kind: Kind,
    body: Mapping[str, Any],
    strategy: str,
    *,
    skip_sharing: bool = False,
) -> Report:
    """Import the one object. Errors  `Stopped` with 403 when she may not write it."""
    reach = reach_of(request)
    with asked(request) as (connection, world):
        known = world.metadata.get(kind.plural, str(body["id"]))
        refused = not exchange.may_write(reach)
        if refused or (known is not None and not world.access(kind, known)["update"]):
            code = "E3000" if known is None else "E3001"
            message = f"User `{reach.username}` is not allowed to write {kind.plural}."
            raise Stopped(web_message(403, message, code=code))
        manner = Manner(strategy=strategy, skip_sharing=skip_sharing)
        return imported(request, connection, {kind.plural: [body]}, manner)


def _answer(
    kind: Kind, report: Report, status: int, headers: Mapping[str, str] | None = None
) -> Response:
    made: ObjectReport = report.objects[0]
    response = {
        "responseType": "ObjectReport",
        "uid": made.uid,
        "klass": kind.klass,
        "errorReports": [refusal_json(each, kind.klass) for each in made.refusals],
    }
    message = FAILED if status >= 400 else None
    code = made.refusals[0].code if made.refusals else None
    return web_message(status, message, code=code, response=response, headers=headers)
