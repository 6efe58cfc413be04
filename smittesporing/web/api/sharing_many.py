"""`PATCH /api/{type}/sharing`: the sharing of many objects of a kind at once.

The operations are JSON Patch and may touch sharing only; the answer is a whole import's report. Called
through metadata_routes.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata.incoming import Manner
from smittesporing.metadata.report import ObjectReport, Refusal, Report
from smittesporing.web.api.asking import asked, imported
from smittesporing.web.api.collections import kind_of
from smittesporing.web.api.envelope import Stopped, door, flag, of_type, read_object, web_message
from smittesporing.web.api.metadata import wrapped
from smittesporing.web.api.objects import JSON_PATCH, applied


@door
def patch(request: Request) -> Response:
    """PATCH /api/{type}/sharing with `{type: [uid…], patch: […]}`.

    Shape   With atomic=true one object that cannot be changed leaves all as they were.
    """
    of_type(request, JSON_PATCH)
    kind = kind_of(request)
    given = read_object(request)
    operations, uids = given.get("patch"), given.get(kind.plural)
    if not isinstance(uids, list) or not all(isinstance(each, str) for each in uids):
        raise Stopped(web_message(400, f"{kind.plural} is not a list of identifiers"))
    if not isinstance(operations, list) or not all(map(_is_about_sharing, operations)):
        raise Stopped(web_message(400, "Only the sharing of many objects can be changed at once"))
    atomic = flag(request, "atomic")
    refused: list[ObjectReport] = []
    bodies: list[dict[str, Any]] = []
    with asked(request) as (connection, world):
        for place, uid in enumerate(dict.fromkeys(uids)):
            body = world.one(kind, uid)
            if body is None or not world.access(kind, body)["manage"]:
                code = "E5001" if body is None else "E3001"
                args = (uid,) if body is None else (world.reach.username, uid)
                refused.append(
                    ObjectReport(kind.plural, uid, place, "", "ignored", (Refusal(code, args),))
                )
            else:
                bodies.append({**applied(kind, body, operations), "id": uid})
        if not bodies or (atomic and refused):
            return wrapped(Report(tuple(refused), "ERROR"), "ERRORS")
        manner = Manner(strategy="UPDATE", atomic="ALL" if atomic else "NONE")
        report = imported(request, connection, {kind.plural: bodies}, manner)
    status = report.status if not refused else "ERROR"
    return wrapped(Report((*report.objects, *refused), status), "ERRORS")


def _is_about_sharing(operation: Any) -> bool:
    path = str(operation.get("path", "")) if isinstance(operation, Mapping) else ""
    return path == "/sharing" or path.startswith("/sharing/")
