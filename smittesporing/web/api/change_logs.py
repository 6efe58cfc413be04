"""DHIS2's change logs: what was changed on a record, when and by whom.

Called through the route table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata import fields, store
from smittesporing.metadata.store import Metadata
from smittesporing.tracker import history
from smittesporing.tracker.asked import Page
from smittesporing.tracker.read import locate
from smittesporing.tracker.records import EVENT, TRACKED_ENTITY
from smittesporing.web.api.envelope import (
    DEFAULT_PAGE_SIZE,
    Stopped,
    as_json,
    door,
    fields_of,
    not_found,
    number,
    web_message,
)
from smittesporing.web.api.tracker_reading import in_pages
from smittesporing.web.working import work_of

Log = dict[str, Any]
_DEFAULT = "change,createdAt,createdBy,type"
# Record → what its change log may be filtered and ordered by, besides who and when.
_PARTS = {TRACKED_ENTITY: ("attribute",), EVENT: ("dataElement", "field")}


@door
def tracked_entity_changes(request: Request) -> Response:
    """GET /api/tracker/trackedEntities/{uid}/changeLogs."""
    return _changes(request, TRACKED_ENTITY, "TrackedEntity")


@door
def event_changes(request: Request) -> Response:
    """GET /api/tracker/events/{uid}/changeLogs."""
    return _changes(request, EVENT, "Event")


def _changes(request: Request, kind: str, noun: str) -> Response:
    uid = request.path_params["uid"]
    keep, arranged = _filter(request, kind), _order(request, kind)
    with work_of(request, "tracker.changeLogs") as work:
        place = locate(work, (uid,)).get(uid)
        logs = history.change_logs(work, place[1], uid) if place and place[0] == kind else None
        if logs is None:
            raise Stopped(not_found(noun, uid))
        metadata = store.current(work.conn)
    logs = arranged([log for log in logs if keep(log)], metadata)
    page, size = number(request, "page", 1), number(request, "pageSize", DEFAULT_PAGE_SIZE)
    rows = logs[(page - 1) * size : page * size]
    found = Page(rows, page, size, more=len(logs) > page * size)
    select = fields.choose(fields_of(request, _DEFAULT))
    return as_json(in_pages(request, "changeLogs", found, [select(row) for row in rows]))


def _filter(request: Request, kind: str) -> Callable[[Log], bool]:
    """`property:eq:value`, one at a time. Errors  `Stopped` with 400 for anything else."""
    text = request.query_params.get("filter", "")
    if not text:
        return lambda log: True
    name, _, rest = text.partition(":")
    operator, _, value = rest.partition(":")
    if name not in ("username", *_PARTS[kind]) or operator.lower() != "eq" or not value:
        raise Stopped(web_message(400, f"Invalid filter: {text}"))
    return lambda log: _told(log).get(name) == value


def _order(request: Request, kind: str) -> Callable[[list[Log], Metadata], list[Log]]:
    """`createdAt`, `username` or `change`, newest first within. Errors  `Stopped` with 400."""
    text = request.query_params.get("order", "") or "createdAt:desc"
    name, _, direction = text.partition(":")
    if name not in ("createdAt", "username", "change", *_PARTS[kind]) or direction.lower() not in (
        *("", "asc"),
        "desc",
    ):
        raise Stopped(web_message(400, f"Invalid order: {text}"))
    backwards = direction.lower() == "desc"

    def arranged(logs: list[Log], metadata: Metadata) -> list[Log]:
        if name == "createdAt":
            return logs if backwards else logs[::-1]
        if name == "username":
            return sorted(logs, key=lambda log: str(_told(log)["username"]), reverse=backwards)
        return sorted(logs, key=lambda log: _called(log, metadata), reverse=backwards)

    return arranged


def _told(log: Log) -> Mapping[str, Any]:
    """Who changed what, under the names that filters have."""
    return {"username": log["createdBy"]["username"], **next(iter(log["change"].values()))}


def _called(log: Log, metadata: Metadata) -> str:
    """What was changed, by the name that a form shows."""
    told = _told(log)
    element = metadata.data_elements.get(told.get("dataElement", ""))
    attribute = metadata.attributes.get(told.get("attribute", ""))
    asked = element or attribute
    return (asked.form_name + asked.name if asked else str(told.get("field", ""))).lower()
