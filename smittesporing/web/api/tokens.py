"""`/api/apiToken` (also `/api/apiTokens`): one's own personal access tokens.

A token is shown in the answer that makes it and never again. Storing stands in access/tokens.py.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.access import tokens
from smittesporing.access.tokens import METHODS, Limits, Token
from smittesporing.database import Connection
from smittesporing.metadata import fields
from smittesporing.settings import OSLO
from smittesporing.web.api.envelope import (
    Stopped,
    as_json,
    door,
    fields_of,
    not_found,
    paged,
    read_json,
    read_object,
    web_message,
)
from smittesporing.web.api.patch import Unpatchable, patched
from smittesporing.web.working import reach_of

KLASS = "org.hisp.dhis.security.apikey.ApiToken"
MOST_LIMITS = 100


@door
def listed(request: Request) -> Response:
    """GET /api/apiToken: one's own tokens, without their secrets."""
    with request.app.state.pool.connection() as connection:
        found = [body_of(each) for each in tokens.of_user(connection, reach_of(request).user)]
    page, head = paged(request, found)
    select = fields.choose(fields_of(request, "id,displayName"))
    return as_json({**head, "apiToken": [select(each) for each in page]})


@door
def one(request: Request) -> Response:
    """GET /api/apiToken/{uid}."""
    with request.app.state.pool.connection() as connection:
        found = _own(request, connection)
    return as_json(fields.choose(fields_of(request, "*"))(body_of(found)))


@door
def create(request: Request) -> Response:
    """POST /api/apiToken: a new one; the answer holds the token itself, this once."""
    _by_password_or_session(request)
    body = read_object(request)
    limits, expires = _limits(body), _expiry(body)
    with request.app.state.pool.connection() as connection, connection.transaction():
        token, secret = tokens.make(
            connection,
            reach_of(request).user,
            limits,
            expires,
            _text(body.get("code")),
            _text(body.get("name")),
        )
    response = {"responseType": "ApiTokenCreationResponse", "key": secret, "uid": token.uid}
    base = request.app.state.settings.base_url
    headers = {"location": f"{base}/api/apiToken/{token.uid}"}
    return web_message(201, response=response, headers=headers)


@door
def replace(request: Request) -> Response:
    """PUT /api/apiToken/{uid}: other limits, another end; the secret cannot be changed."""
    return _changed(request, read_object(request))


@door
def patch(request: Request) -> Response:
    """PATCH /api/apiToken/{uid} with JSON Patch."""
    operations = read_json(request)
    with request.app.state.pool.connection() as connection:
        before = body_of(_own(request, connection))
    try:
        return _changed(request, patched(before, operations))
    except Unpatchable as fault:
        return web_message(400, str(fault))


@door
def remove(request: Request) -> Response:
    """DELETE /api/apiToken/{uid}."""
    with request.app.state.pool.connection() as connection, connection.transaction():
        found = _own(request, connection)
        tokens.remove(connection, found)
    return web_message(200, response=_report(found.uid))


def body_of(token: Token) -> dict[str, Any]:
    """A token as a DHIS2 object, never with its secret."""
    attributes: list[dict[str, Any]] = []
    if token.addresses:
        attributes.append({"type": "IpAllowedList", "allowedIps": list(token.addresses)})
    if token.methods:
        attributes.append({"type": "MethodAllowedList", "allowedMethods": list(token.methods)})
    if token.referrers:
        attributes.append({"type": "RefererAllowedList", "allowedReferrers": list(token.referrers)})
    body: dict[str, Any] = {
        "id": token.uid,
        "displayName": token.name or token.uid,
        "version": 1,
        "type": "PERSONAL_ACCESS_TOKEN_V1",
        "expire": int(token.expires_at.timestamp() * 1000),
        "attributes": attributes,
        "createdBy": {"id": token.user_uid},
        "created": _written(token.created),
        "lastUpdated": _written(token.last_updated),
    }
    for name, value in (("code", token.code), ("name", token.name)):
        if value:
            body[name] = value
    return body


def _changed(request: Request, body: Mapping[str, Any]) -> Response:
    _by_password_or_session(request)
    if body.get("key"):
        raise Stopped(web_message(400, "The key of a token cannot be changed"))
    limits, expires = _limits(body), _expiry(body)
    with request.app.state.pool.connection() as connection, connection.transaction():
        found = _own(request, connection)
        tokens.change(connection, found, limits, expires or found.expires_at)
    return web_message(200, response=_report(found.uid))


def _by_password_or_session(request: Request) -> None:
    # A token with limits must not be able to make itself one without.
    if request.headers.get("authorization", "").lower().startswith("apitoken "):
        raise Stopped(web_message(403, "A token cannot make or change tokens"))


def _own(request: Request, connection: Connection) -> Token:
    uid = request.path_params["uid"]
    for each in tokens.of_user(connection, reach_of(request).user):
        if each.uid == uid:
            return each
    raise Stopped(not_found("ApiToken", uid))


def _limits(body: Mapping[str, Any]) -> Limits:
    """The limits that the body states. Errors  `Stopped` with 409 for one that is none."""
    found: dict[str, list[str]] = {"allowedIps": [], "allowedMethods": [], "allowedReferrers": []}
    attributes = body.get("attributes") or []
    if not isinstance(attributes, list):
        raise Stopped(web_message(400, "attributes is not a list"))
    for each in attributes:
        for name, listed in found.items():
            stated = each.get(name) if isinstance(each, Mapping) else None
            if isinstance(stated, list):
                listed.extend(str(value) for value in stated)
    if any(len(listed) > MOST_LIMITS for listed in found.values()):
        raise Stopped(web_message(400, f"A list of limits has at most {MOST_LIMITS} entries"))
    methods = tuple(each.upper() for each in found["allowedMethods"])
    for method in methods:
        if method not in METHODS:
            raise Stopped(web_message(409, f"Not a valid http method, value={method}"))
    for address in found["allowedIps"]:
        try:
            ipaddress.ip_network(address, strict=False)
        except ValueError:
            raise Stopped(
                web_message(409, f"Not a valid ip address, value={address[:60]}")
            ) from None
    for referrer in found["allowedReferrers"]:
        if not _is_address(referrer):
            raise Stopped(web_message(409, f"Not a valid referrer url, value={referrer[:60]}"))
    return Limits(tuple(found["allowedIps"]), methods, tuple(found["allowedReferrers"]))


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _expiry(body: Mapping[str, Any]) -> datetime | None:
    stated = body.get("expire")
    if stated is None:
        return None
    if isinstance(stated, bool) or not isinstance(stated, int | float):
        raise Stopped(web_message(400, "expire is a moment in milliseconds"))
    try:
        at = datetime.fromtimestamp(stated / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        raise Stopped(web_message(400, "expire is no moment that can be kept")) from None
    if at <= datetime.now(UTC):
        raise Stopped(web_message(400, "expire must be in the future"))
    return at


def _report(uid: str) -> dict[str, Any]:
    return {"responseType": "ObjectReport", "uid": uid, "klass": KLASS, "errorReports": []}


def _text(value: Any) -> str | None:
    return str(value)[:200] if value else None


def _written(at: datetime | None) -> str | None:
    return at.astimezone(OSLO).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] if at else None
