"""Generated values for attributes whose pattern makes them: one at once, or many for a device's store.

Called through the route table.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata import store
from smittesporing.metadata.forms import Attribute
from smittesporing.metadata.text_pattern import TextPattern, Unusable, parse
from smittesporing.tracker.moments import stamp
from smittesporing.tracker.reserving import reserve
from smittesporing.web.api.asking import asked, readable
from smittesporing.web.api.envelope import Stopped, as_json, door, number, web_message
from smittesporing.web.working import work_of

_MOST, _MOST_DAYS = 1000, 3650
_ONLINE_DAYS, _OFFLINE_DAYS = 3, 60


@door
def required_values(request: Request) -> Response:
    """GET /api/trackedEntityAttributes/{uid}/requiredValues: what must be told to make a value."""
    _, pattern = _pattern(request)
    generated = [pattern.generated.kind] if pattern.generated else []
    return as_json({"REQUIRED": pattern.required, "OPTIONAL": generated})


@door
def generate(request: Request) -> Response:
    """GET /api/trackedEntityAttributes/{uid}/generate: one value, for a form that is open now."""
    return as_json(_reserved(request, 1, _ONLINE_DAYS)[0])


@door
def generate_and_reserve(request: Request) -> Response:
    """GET /api/trackedEntityAttributes/{uid}/generateAndReserve?numberToReserve=n."""
    text = request.query_params.get("numberToReserve") or "1"
    if not text.isdecimal() or not 1 <= int(text) <= _MOST:
        raise Stopped(web_message(400, f"From 1 to {_MOST} values at a time"))
    return as_json(_reserved(request, int(text), _OFFLINE_DAYS))


def _reserved(request: Request, how_many: int, days: int) -> list[dict[str, Any]]:
    attribute, pattern = _pattern(request)
    days = number(request, "expiration", days, _MOST_DAYS)
    told = {name: request.query_params.get(name, "") for name in pattern.required}
    missing = [name for name, value in told.items() if not value]
    if missing:
        raise Stopped(web_message(409, f"Missing required values: {', '.join(missing)}"))
    try:
        with work_of(request, "tracker.reserve") as work:
            made = reserve(work, attribute, pattern, told, how_many, days)
    except Unusable as fault:
        raise Stopped(web_message(409, str(fault))) from None
    return [
        {
            "ownerObject": "TRACKEDENTITYATTRIBUTE",
            "ownerUid": attribute.uid,
            "key": each.key,
            "value": each.value,
            "created": stamp(each.created),
            "expiryDate": stamp(each.expires),
        }
        for each in made
    ]


def _pattern(request: Request) -> tuple[Attribute, TextPattern]:
    """The attribute and its pattern. Errors  `Stopped` with 404, or 400 where it generates none."""
    uid = request.path_params["uid"]
    with asked(request) as (connection, world):
        readable(world, "trackedEntityAttributes", uid)
        attribute = store.current(connection).attributes.get(uid)
    if attribute is None or not attribute.generated or not attribute.pattern:
        raise Stopped(web_message(400, "The attribute has no pattern that generates values"))
    try:
        return attribute, parse(attribute.pattern)
    except Unusable as fault:
        raise Stopped(web_message(400, str(fault))) from None
