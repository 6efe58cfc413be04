"""`POST /api/programs/{uid}/copy`. What a copy holds is metadata/copying.py's."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata import copying
from smittesporing.metadata.incoming import Manner
from smittesporing.metadata.kinds import KINDS
from smittesporing.metadata.report import refusal_json
from smittesporing.web.api.asking import asked, imported, readable
from smittesporing.web.api.envelope import door, web_message
from smittesporing.web.api.metadata import FAILED


@door
def program(request: Request) -> Response:
    """POST /api/programs/{uid}/copy: the program once more, with `prefix` before its name."""
    prefix = request.query_params.get("prefix", copying.PREFIX)
    with asked(request) as (connection, world):
        body = readable(world, "programs", request.path_params["uid"])
        made, payload = copying.copied(world.metadata, str(body["id"]), prefix)
        report = imported(request, connection, payload, Manner(strategy="CREATE"))
        refused = [(each.plural, fault) for each in report.objects for fault in each.refusals]
    if refused:
        faults = [refusal_json(fault, KINDS[plural].klass) for plural, fault in refused]
        return web_message(409, FAILED, code=refused[0][1].code, response={"errorReports": faults})
    base = request.app.state.settings.base_url
    return web_message(
        201, f"Program created: '{made}'", headers={"location": f"{base}/api/programs/{made}"}
    )
