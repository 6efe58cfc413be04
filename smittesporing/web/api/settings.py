"""`/api/systemSettings` and `/api/userSettings`: what clients ask to know how to show things.

One value is text or JSON by what the client accepts. Storing stands in metadata/system_settings.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from smittesporing.access import accounts, authorities, granting, org_units
from smittesporing.database import Connection
from smittesporing.metadata import system_settings
from smittesporing.metadata.system_settings import (
    CONFIDENTIAL,
    DEFAULTS,
    OF_USERS,
    TRANSLATED,
    Unfit,
)
from smittesporing.problems import Refused
from smittesporing.web.api.envelope import (
    Stopped,
    as_json,
    door,
    flag,
    read_object,
    web_message,
)
from smittesporing.web.working import reach_of

MAY_SET = "F_SYSTEM_SETTING"
LONGEST = 100_000
_NEVER_KEPT = {"cache-control": "no-cache, no-store, must-revalidate"}
_HERS_ALONE = {"cache-control": "no-cache, private"}


@door
def system(request: Request) -> Response:
    """GET /api/systemSettings?key=a&key=b: all settings, or those named; secrets never."""
    wanted = [key for text in request.query_params.getlist("key") for key in text.split(",") if key]
    with request.app.state.pool.connection() as connection:
        found = system_settings.every(connection)
        return as_json(
            {
                key: found[key]
                for key in (wanted or sorted(found))
                if key in found and key not in CONFIDENTIAL
            },
            headers=_NEVER_KEPT,
        )


@door
def system_one(request: Request) -> Response:
    """GET /api/systemSettings/{key}: as text, or as JSON where that is asked for."""
    key = _key(request)
    if key in CONFIDENTIAL and not reach_of(request).superuser:
        raise Stopped(web_message(403, "Setting is marked as confidential"))
    with request.app.state.pool.connection() as connection:
        value = system_settings.every(connection)[key]
        value = _translated(request, connection, key, value)
    if wants_json(request) and "locale" not in request.query_params:
        return as_json({key: value}, headers=_NEVER_KEPT)
    return PlainTextResponse(_text(value), headers=_NEVER_KEPT)


@door
def set_system(request: Request) -> Response:
    """POST /api/systemSettings: several at once, as a JSON object."""
    _may_set(request)
    stated = read_object(request)
    for key in stated:
        if key not in DEFAULTS:
            raise Stopped(_unknown(key))
    with request.app.state.pool.connection() as connection, connection.transaction():
        for key, value in stated.items():
            _put(connection, key, _text(value))
    return web_message(200, "System settings imported")


@door
def set_system_one(request: Request) -> Response:
    """POST /api/systemSettings/{key}: the value in the query, or as the body; `locale` translates."""
    _may_set(request)
    text = value_of(request)
    locale = request.query_params.get("locale", "")
    key = _translatable(request) if locale else _key(request)
    with request.app.state.pool.connection() as connection, connection.transaction():
        if locale:
            system_settings.translate(connection, key, locale, text)
        else:
            _put(connection, key, text)
    return web_message(200, f"System setting {key} is now: {text}")


@door
def remove_system(request: Request) -> Response:
    """DELETE /api/systemSettings/{key}, or ?key=a&key=b: back to the default."""
    _may_set(request)
    locale = request.query_params.get("locale", "")
    if not request.path_params.get("key"):
        keys = [key for text in request.query_params.getlist("key") for key in text.split(",")]
    else:
        keys = [_translatable(request) if locale else _key(request)]
    with request.app.state.pool.connection() as connection, connection.transaction():
        for key in keys:
            if locale:
                system_settings.translate(connection, key, locale, "")
            else:
                system_settings.remove(connection, key)
    return Response(status_code=204)


@door
def user(request: Request) -> Response:
    """GET /api/userSettings?user=…&key=…: a user's choices, with what holds where she made none."""
    wanted = [key for text in request.query_params.getlist("key") for key in text.split(",") if key]
    with request.app.state.pool.connection() as connection:
        found = _of_user(request, connection)
    return as_json({key: found.get(key) for key in (wanted or sorted(found))}, 200, _HERS_ALONE)


@door
def user_one(request: Request) -> Response:
    """GET /api/userSettings/{key}: one, as text."""
    key = request.path_params["key"]
    with request.app.state.pool.connection() as connection:
        found = _of_user(request, connection)
    if key not in found:
        raise Stopped(_unknown(key))
    return PlainTextResponse(_text(found[key]), headers=_HERS_ALONE)


@door
def set_user_one(request: Request) -> Response:
    """POST /api/userSettings/{key}?value=…: set one of one's own, or of a user one governs."""
    key = request.path_params["key"]
    if key not in OF_USERS:
        raise Stopped(_unknown(key))
    # Of a setting of the server's the same is a 400 in DHIS2.
    if not (request.query_params.get("value") or request.state.body):
        raise Stopped(web_message(409, "You need to specify a new value"))
    text = value_of(request)
    with request.app.state.pool.connection() as connection, connection.transaction():
        try:
            system_settings.put_of_user(connection, _whose(request, connection), {key: text})
        except Unfit as fault:
            raise Stopped(web_message(400, str(fault))) from None
    return web_message(200, "User setting saved")


@door
def remove_user_one(request: Request) -> Response:
    """DELETE /api/userSettings/{key}."""
    key = request.path_params["key"]
    if key not in OF_USERS:
        raise Stopped(_unknown(key))
    with request.app.state.pool.connection() as connection, connection.transaction():
        system_settings.remove_of_user(connection, _whose(request, connection), key)
    # DHIS2 answers 204 for a setting of the server's, and 200 with nothing for a user's.
    return Response(status_code=200)


def wants_json(request: Request) -> bool:
    """Whether the answer is JSON: it is, but for those who ask for text."""
    accepted = request.headers.get("accept", "")
    return "json" in accepted or "text/" not in accepted


def value_of(request: Request) -> str:
    """The value in the query or in the body. Errors  `Stopped` with 400 when there is none."""
    text = request.query_params.get("value")
    if text is None:
        raw: bytes = request.state.body
        if not raw:
            raise Stopped(web_message(400, "Value must be specified as query param or as payload"))
        text = raw.decode("utf-8", "replace")
        if "json" in request.headers.get("content-type", ""):
            try:
                text = _text(msgspec.json.decode(raw))
            except (msgspec.DecodeError, RecursionError):
                raise Stopped(web_message(400, "Invalid JSON")) from None
    if "\0" in text or len(text) > LONGEST:
        raise Stopped(web_message(400, "The value cannot be kept"))
    return text


def _of_user(request: Request, connection: Connection) -> dict[str, Any]:
    fallback = flag(request, "useFallback", True)
    return system_settings.of_user(connection, _whose(request, connection), fallback=fallback)


def _whose(request: Request, connection: Connection) -> str:
    """The uid of the user the settings are of. Errors  T003 for one who is not hers to govern."""
    reach = reach_of(request)
    named = request.query_params.get("userId") or request.query_params.get("user")
    if not named:
        return reach.user
    account = accounts.one(connection, named) or accounts.by_username(connection, named)
    if account is not None and account.uid == reach.user:
        return reach.user
    units = org_units.current(connection)
    if account is None or not granting.manages(reach, units, account):
        raise Refused("T003", status=404)
    return account.uid


def _key(request: Request) -> str:
    key: str = request.path_params["key"]
    if key not in DEFAULTS:
        raise Stopped(_unknown(key))
    return key


def _translatable(request: Request) -> str:
    key: str = request.path_params["key"]
    if key not in TRANSLATED:
        raise Stopped(web_message(400, f"Setting {key} is not translated"))
    return key


def _unknown(key: str) -> Response:
    return web_message(404, f"Setting does not exist: {key}", code="E1005")


def _may_set(request: Request) -> None:
    if not authorities.holds(reach_of(request), MAY_SET):
        raise Stopped(
            web_message(403, f"Access is denied, requires one Authority from [{MAY_SET}]")
        )


def _put(connection: Connection, key: str, text: str) -> None:
    try:
        system_settings.put(connection, key, text)
    except Unfit as fault:
        raise Stopped(web_message(400, f"Setting {key}: {fault}")) from None


def _translated(request: Request, connection: Connection, key: str, value: Any) -> Any:
    if key not in TRANSLATED:
        return value
    stated = request.query_params.get("locale")
    own: Mapping[str, Any] = system_settings.of_user(connection, reach_of(request).user)
    # Clients from abroad write for readers of English, and our default is another language.
    for locale in (stated,) if stated else (str(own.get("keyUiLocale") or ""), "en"):
        said = system_settings.translation(connection, key, locale)
        if said is not None:
            return said
    return value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()
