"""`/api/icons`: pictures that forms and programs are shown with.

The set and the rows are metadata/icons.py's; a custom icon's picture is a file of domain ICON.
"""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata import exchange, fields, icons
from smittesporing.metadata.icons import Icon
from smittesporing.settings import OSLO
from smittesporing.tracker import files
from smittesporing.web.api.envelope import (
    Stopped,
    as_json,
    choice,
    door,
    fields_of,
    paged,
    read_object,
    web_message,
)
from smittesporing.web.api.files import sent
from smittesporing.web.working import reach_of, work_of

_KEY = re.compile(r"[A-Za-z0-9_+\-]{1,100}")
TYPES = ("ALL", "DEFAULT", "CUSTOM")


@door
def listed(request: Request) -> Response:
    """GET /api/icons?type=&keys=&keywords=&search=: icons, ours and custom."""
    params = request.query_params
    kind = choice(request, "type", (*TYPES, *map(str.lower, TYPES))).upper()
    keys = {key for text in params.getlist("keys") for key in text.split(",") if key}
    words = {word for text in params.getlist("keywords") for word in text.split(",") if word}
    search = params.get("search", "").lower()
    with request.app.state.pool.connection() as connection:
        found = [
            each
            for each in icons.every(connection)
            if (kind == "ALL" or (kind == "CUSTOM") is (each.file is not None))
            and (not keys or each.key in keys)
            and words <= set(each.keywords)
            and search in " ".join((each.key, *each.keywords)).lower()
        ]
    page, head = paged(request, found)
    select = fields.choose(fields_of(request, "*"))
    return as_json({**head, "icons": [select(_body(request, each)) for each in page]})


@door
def keywords(request: Request) -> Response:
    """GET /api/icons/keywords: every word an icon is found by."""
    with request.app.state.pool.connection() as connection:
        return as_json(sorted({word for each in icons.every(connection) for word in each.keywords}))


@door
def one(request: Request) -> Response:
    """GET /api/icons/{key}."""
    return as_json(fields.choose(fields_of(request, "*"))(_body(request, _found(request))))


@door
def picture(request: Request) -> Response:
    """GET /api/icons/{key}/icon and /icon.svg: the picture itself."""
    icon = _found(request)
    if icon.file is None:
        headers = {"cache-control": "private, max-age=86400"}
        svg = icons.drawn(icon.key) or ""
        return Response(svg, media_type="image/svg+xml", headers=headers)
    with work_of(request, "icons.picture") as work:
        file = files.own(work, icon.file, whole=True)
    if file is None:
        raise Stopped(_missing(icon.key))
    return sent(request, file)


@door
def add(request: Request) -> Response:
    """POST /api/icons: a custom icon of a file of domain ICON."""
    _may_write(request)
    stated = read_object(request)
    key = str(stated.get("key") or "")
    reference = stated.get("fileResource")
    uid = str(
        reference.get("id") if isinstance(reference, dict) else stated.get("fileResourceUid") or ""
    )
    if not _KEY.fullmatch(key):
        raise Stopped(web_message(400, "The key of an icon is letters, digits, _, + and -"))
    with work_of(request, "icons.add") as work:
        file = files.own(work, uid)
        if file is None or file.domain != "ICON" or file.content_type not in files.IMAGES:
            raise Stopped(web_message(409, f"File {uid} is no picture of domain ICON"))
        icon = Icon(key, _words(stated.get("description")), _keywords(stated), uid)
        if not icons.add(work.conn, icon, work.reach.user):
            raise Stopped(web_message(409, f"An icon with key {key} exists already"))
    return web_message(201, f"Icon {key} created")


@door
def change(request: Request) -> Response:
    """PUT /api/icons/{key}: other words for a custom icon."""
    _may_write(request)
    stated, key = read_object(request), request.path_params["key"]
    with request.app.state.pool.connection() as connection, connection.transaction():
        text = _words(stated.get("description"))
        if not icons.change(connection, key, text, _keywords(stated)):
            raise Stopped(_missing(key))
    return web_message(200, f"Icon {key} updated")


@door
def remove(request: Request) -> Response:
    """DELETE /api/icons/{key}: a custom icon; ours stay."""
    _may_write(request)
    key = request.path_params["key"]
    with request.app.state.pool.connection() as connection, connection.transaction():
        if not icons.remove(connection, key):
            raise Stopped(_missing(key))
    return web_message(200, f"Icon {key} deleted")


def _body(request: Request, icon: Icon) -> dict[str, Any]:
    base = request.app.state.settings.base_url
    ending = "icon" if icon.file else "icon.svg"
    body: dict[str, Any] = {
        "key": icon.key,
        "description": icon.description,
        "keywords": list(icon.keywords),
        "href": f"{base}/api/icons/{icon.key}/{ending}",
        "custom": icon.file is not None,
    }
    if icon.file is not None:
        body["fileResource"] = {"id": icon.file}
        body["createdBy"] = {"id": icon.created_by}
        for name, at in (("created", icon.created), ("lastUpdated", icon.last_updated)):
            if at is not None:
                body[name] = at.astimezone(OSLO).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
    return body


def _found(request: Request) -> Icon:
    key = request.path_params["key"]
    with request.app.state.pool.connection() as connection:
        for each in icons.every(connection):
            if each.key == key:
                return each
    raise Stopped(_missing(key))


def _missing(key: str) -> Response:
    return web_message(404, f"Icon not found: {key}", code="E1005")


def _may_write(request: Request) -> None:
    if not exchange.may_write(reach_of(request)):
        raise Stopped(
            web_message(403, "Icons come with configuration, which is not yours to write")
        )


def _words(value: Any) -> str:
    return str(value or "")[:1000]


def _keywords(stated: dict[str, Any]) -> tuple[str, ...]:
    listed = stated.get("keywords")
    return tuple(str(each)[:100] for each in listed[:100]) if isinstance(listed, list) else ()
