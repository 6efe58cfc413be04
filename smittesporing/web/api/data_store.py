"""`/api/dataStore` and `/api/userDataStore`: JSON that apps keep by namespace and key.

The rows are metadata/data_store.py's, the questions data_store_query.py's.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from smittesporing.access import accounts
from smittesporing.database import Connection
from smittesporing.metadata import data_store as store
from smittesporing.metadata import data_store_query as query
from smittesporing.metadata.data_store import Entry, Taken, Unkeepable
from smittesporing.settings import OSLO
from smittesporing.tracker.confidential import seal, unseal
from smittesporing.web.api.envelope import (
    Stopped,
    door,
    flag,
    instant,
    number,
    read_json,
    web_message,
)
from smittesporing.web.api.envelope import as_json as answer
from smittesporing.web.working import reach_of

_SEALED_AS = "data-store"
Endpoint = Callable[[Request], Response]


def opened(endpoint: Endpoint) -> Endpoint:
    """The endpoint with unreadable questions answered by 400."""

    @door
    @functools.wraps(endpoint)
    def guarded(request: Request) -> Response:
        try:
            return endpoint(request)
        except query.Unreadable as fault:
            return web_message(400, f"The question cannot be read: {fault}")

    return guarded


@opened
def namespaces(request: Request) -> Response:
    """GET /api/dataStore: the namespaces with something in them."""
    with Store(request) as (connection, owner):
        return answer(store.namespaces(connection, reach_of(request), owner))


@opened
def keys(request: Request) -> Response:
    """GET /api/dataStore/{namespace}: the keys; with `fields`, the entries or parts of them."""
    with Store(request) as (connection, owner):
        namespace = _namespace(request)
        if "fields" in request.query_params and not request.url.path.endswith("/keys"):
            return _queried(request, connection, namespace, owner)
        _not_hidden(request, namespace, owner)
        since = instant(request, "lastUpdated")
        found = store.entries(connection, reach_of(request), namespace, owner, since)
        if not found and not store.is_used(connection, namespace, owner):
            raise Stopped(missing(f"Namespace not found: '{namespace}'"))
        return answer([each.key for each in found])


@opened
def value(request: Request) -> Response:
    """GET /api/dataStore/{namespace}/{key}: the value itself."""
    with Store(request) as (connection, owner):
        found = _value(request, _entry(request, connection, owner))
        # Written as PostgreSQL writes jsonb, which clients compare texts with.
        text = json.dumps(found, ensure_ascii=False)
        return Response(text.encode("utf-8", "replace"), media_type="application/json")


@opened
def meta_data(request: Request) -> Response:
    """GET /api/dataStore/{namespace}/{key}/metaData: who made it when, and who may what."""
    with Store(request) as (connection, owner):
        entry = _entry(request, connection, owner)
        changes = bool(owner) or _may_change(request, entry)
        people = {
            name: _person(connection, uid)
            for name, uid in (("createdBy", entry.created_by), ("lastUpdatedBy", entry.updated_by))
            if uid
        }
        return answer(
            {
                "id": entry.uid,
                "namespace": entry.namespace,
                "key": entry.key,
                "encrypted": entry.sealed is not None,
                "created": _written(entry.created),
                "lastUpdated": _written(entry.last_updated),
                **people,
                **({"user": people["createdBy"]} if "createdBy" in people else {}),
                "sharing": entry.sharing,
                "access": {
                    "read": True,
                    "update": changes,
                    "delete": changes,
                    "write": changes,
                    "manage": changes,
                    "externalize": False,
                },
                "favorite": False,
                "favorites": [],
                "translations": [],
                "attributeValues": [],
            }
        )


@opened
def add(request: Request) -> Response:
    """POST /api/dataStore/{namespace}/{key}: a new entry; 409 when there is one."""
    stated = _stated(request)
    with Store(request) as (connection, owner):
        _may_write(request, owner)
        return _added(request, connection, owner, stated)


@opened
def put(request: Request) -> Response:
    """PUT /api/dataStore/{namespace}/{key}: the value anew, or with `path` a part of it.

    Shape   What is not there is made; a whole value of null takes the entry away. `roll=n` puts the
            value last in a list and lets the oldest go, so that n are kept.
    """
    stated = _stated(request) if request.state.body else None
    with Store(request) as (connection, owner):
        _not_hidden(request, _namespace(request), owner)
        entry = store.one(connection, _namespace(request), _key(request), owner)
        _may_write(request, owner)
        if entry is None:
            return _added(request, connection, owner, stated)
        may_change_it(request, entry, owner)
        path, roll = request.query_params.get("path", ""), request.query_params.get("roll")
        if stated is None and not path and roll is None:
            store.remove(connection, [entry.uid])
            return web_message(200, f"Key updated: '{entry.key}'")
        most = number(request, "roll", 1) if roll is not None else None
        before = _value(request, entry)
        kept = query.with_part(before, query.steps_of(path or query.ROOT), stated, most)
        _fits(msgspec.json.encode(kept))
        sealed = _sealed(request, kept) if entry.sealed is not None else None
        _keeping(lambda: store.change(connection, reach_of(request), entry, kept, sealed))
        return web_message(200, f"Key updated: '{entry.key}'")


@opened
def remove(request: Request) -> Response:
    """DELETE /api/dataStore/{namespace}/{key}."""
    with Store(request) as (connection, owner):
        entry = _entry(request, connection, owner)
        may_change_it(request, entry, owner)
        store.remove(connection, [entry.uid])
        return web_message(200, f"Key '{entry.key}' deleted from namespace '{entry.namespace}'")


@opened
def remove_namespace(request: Request) -> Response:
    """DELETE /api/dataStore/{namespace}: all its entries, or none when one is not hers to delete."""
    with Store(request) as (connection, owner):
        namespace = _namespace(request)
        _not_hidden(request, namespace, owner)
        found = store.every_entry(connection, namespace, owner)
        if not found:
            raise Stopped(missing(f"Namespace not found: '{namespace}'"))
        for entry in found:
            may_change_it(request, entry, owner)
        store.remove(connection, [each.uid for each in found])
        return web_message(200, f"Namespace deleted: '{namespace}'")


class Store:
    """The transaction, and whose store the address means: nobody's own, or a user's."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._outer = request.app.state.pool.connection()

    def __enter__(self) -> tuple[Connection, str]:
        connection: Connection = self._outer.__enter__()
        try:
            return connection, self._owner(connection)
        except BaseException as fault:
            self._outer.__exit__(type(fault), fault, fault.__traceback__)
            raise

    def __exit__(self, *fault: Any) -> None:
        self._outer.__exit__(*fault)

    def _owner(self, connection: Connection) -> str:
        reach = reach_of(self._request)
        if not self._request.url.path.startswith("/api/userDataStore"):
            return ""
        named = self._request.query_params.get("username")
        if not named or named == reach.username:
            return reach.user
        account = accounts.by_username(connection, named) if reach.superuser else None
        if account is None:
            raise Stopped(web_message(403, "Only a superuser reads what another user keeps."))
        return account.uid


def _queried(request: Request, connection: Connection, namespace: str, owner: str) -> Response:
    params = request.query_params
    _not_hidden(request, namespace, owner)
    wanted = query.fields(params.get("fields", ""))
    conditions = [query.condition(text) for text in params.getlist("filter") if text]
    found = [
        (each.key, _value(request, each))
        for each in store.entries(connection, reach_of(request), namespace, owner)
    ]
    any_of = params.get("rootJunction", "and").lower() == "or"
    found = list(query.chosen(found, conditions, any_of=any_of))
    if params.get("order"):
        found = query.in_order(params["order"])(found)
    everything = flag(request, "includeAll")
    listed: list[dict[str, Any]] = []
    for key, value in found:
        one = query.shown(key, value, wanted)
        if one is None and everything:
            one = {"key": key, **{each.shown[-1]: None for each in wanted}}
        if one is not None:
            listed.append(one)
    if not flag(request, "paging", True):
        return answer(listed)
    page, size = number(request, "page", 1), number(request, "pageSize", 50)
    part = listed[(page - 1) * size : page * size]
    if flag(request, "headless"):
        return answer(part)
    return answer({"pager": {"page": page, "pageSize": size}, "entries": part})


def _person(connection: Connection, uid: str) -> dict[str, Any]:
    account = accounts.one(connection, uid)
    name = account.name if account else uid
    return {"id": uid, "code": None, "name": name, "displayName": name}


def _added(request: Request, connection: Connection, owner: str, stated: Any) -> Response:
    namespace, key = _namespace(request), _key(request)
    if len(namespace) > store.LONGEST_NAME or len(key) > store.LONGEST_NAME:
        raise Stopped(web_message(409, "A namespace and a key have at most 255 characters"))
    sealed = _sealed(request, stated) if flag(request, "encrypt") else None
    reach = reach_of(request)
    try:
        _keeping(
            lambda: store.add(connection, reach, namespace, key, stated, owner=owner, sealed=sealed)
        )
    except Taken:
        raise Stopped(web_message(409, f"Key '{key}' already exists in '{namespace}'")) from None
    return web_message(201, f"Key created: '{key}'")


def _keeping(act: Callable[[], None]) -> None:
    try:
        act()
    except Unkeepable as fault:
        raise Stopped(web_message(400, str(fault))) from None


def _stated(request: Request) -> Any:
    _fits(request.state.body)
    return read_json(request)


def _fits(raw: bytes) -> None:
    if len(raw) > store.LONGEST:
        raise Stopped(web_message(413, f"A value has at most {store.LONGEST} bytes"))


def _sealed(request: Request, value: Any) -> str:
    text = msgspec.json.encode(value).decode()
    return seal(request.app.state.settings.field_key, _SEALED_AS, text)


def _value(request: Request, entry: Entry) -> Any:
    if entry.sealed is None:
        return entry.value
    text = unseal(request.app.state.settings.field_key, _SEALED_AS, entry.sealed)
    return msgspec.json.decode(text)


def _entry(request: Request, connection: Connection, owner: str) -> Entry:
    """Errors  `Stopped` with 404 when there is none, 403 when it is not hers to read."""
    namespace, key = _namespace(request), _key(request)
    _not_hidden(request, namespace, owner)
    entry = store.one(connection, namespace, key, owner)
    if entry is None:
        raise Stopped(missing(f"Key '{key}' not found in namespace '{namespace}'"))
    if not owner and not entry.reads(reach_of(request)):
        raise Stopped(forbidden(namespace))
    return entry


def _may_change(request: Request, entry: Entry) -> bool:
    reach = reach_of(request)
    return store.may_write(reach, entry.namespace) and entry.changes(reach)


def may_change_it(request: Request, entry: Entry, owner: str) -> None:
    if not owner and not _may_change(request, entry):
        raise Stopped(forbidden(entry.namespace))


def _may_write(request: Request, owner: str) -> None:
    if not owner and not store.may_write(reach_of(request), _namespace(request)):
        raise Stopped(forbidden(_namespace(request)))


def _not_hidden(request: Request, namespace: str, owner: str) -> None:
    if not owner and not store.may_read(reach_of(request), namespace):
        raise Stopped(missing(f"Namespace not found: '{namespace}'"))


def _namespace(request: Request) -> str:
    return unquote(str(request.path_params["namespace"]))


def _key(request: Request) -> str:
    return unquote(str(request.path_params["key"]))


def missing(message: str) -> Response:
    return web_message(404, message, code="E1005")


def forbidden(namespace: str) -> Response:
    message = f"Namespace '{namespace}' or the entry is not yours to use this way"
    return web_message(403, message, code="E1006")


def _written(at: datetime | None) -> str | None:
    return at.astimezone(OSLO).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] if at else None
