"""`/api/sharing` and `/api/{type}/{uid}/sharing`: who may see an object and its data.

The first speaks the older words clients still use, the second the object's own. Both change the same
sharing, through metadata/exchange.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata.exchange import may_write
from smittesporing.metadata.incoming import Manner, own
from smittesporing.metadata.kinds import BY_SINGULAR, DEFAULT_UIDS, KINDS, Kind
from smittesporing.metadata.report import Refusal
from smittesporing.metadata.sharing import Sharing, as_json, is_access, sharing, without_data
from smittesporing.metadata.snapshot import Body
from smittesporing.web.api import asking
from smittesporing.web.api.collections import kind_of
from smittesporing.web.api.computed import displayed
from smittesporing.web.api.envelope import (
    Stopped,
    door,
    not_found,
    nothing,
    number,
    read_object,
    web_message,
)
from smittesporing.web.api.envelope import as_json as answer
from smittesporing.web.api.membership import type_report
from smittesporing.web.api.objects import object_report
from smittesporing.web.api.world import MetadataWorld


@door
def read(request: Request) -> Response:
    """GET /api/sharing?type=program&id=…"""
    kind, uid = _about(request)
    with asking.asked(request) as (_, world):
        body = _known(world, kind, uid)
        if not world.access(kind, body)["read"]:
            raise Stopped(web_message(403, "You do not have manage access to this object."))
        given = world.sharing(kind.plural, body)
        name = displayed(world, body, "name")
        author = world.person(body, "createdBy")
        shown: dict[str, Any] = {
            "id": uid,
            "name": name,
            "displayName": name,
            "publicAccess": given.public,
            "externalAccess": False,
            "user": {key: author[key] for key in ("id", "name") if key in author}
            if isinstance(author, Mapping)
            else {},
            "userGroupAccesses": sorted(
                _named(world, "userGroups", given.groups), key=lambda row: str(row["name"])
            ),
            "userAccesses": _named(world, "users", given.users),
        }
        opens = may_write(world.reach) and world.access(kind, body)["manage"]
        meta = {"allowPublicAccess": opens, "allowExternalAccess": False}
        return answer({"meta": meta, "object": shown})


@door
def write(request: Request) -> Response:
    """PUT or POST /api/sharing?type=program&id=…: make the sharing what the body says.

    Shape   What the body says nothing of is nobody's: users and groups left out lose their access.
            Data access to what collects no data is dropped, as are users and groups nobody knows.
    """
    kind, uid = _about(request)
    stated = read_object(request).get("object")
    if not isinstance(stated, Mapping):
        raise Stopped(web_message(400, "Invalid JSON: `object` is missing"))
    with asking.asked(request) as (connection, world):
        body = _known(world, kind, uid)
        if uid in DEFAULT_UIDS:
            raise Stopped(web_message(409, f"Sharing of the default {kind.singular} is fixed."))
        if not world.access(kind, body)["manage"]:
            raise Stopped(web_message(403, "You do not have manage access to this object."))
        legacy = sharing({key: stated[key] for key in stated if key != "sharing"})
        public = str(stated.get("publicAccess") or "")
        for access in (public, *legacy.users.values(), *legacy.groups.values()):
            if not is_access(access):
                raise Stopped(web_message(409, f"Invalid access string: {access}", code="E3015"))
        after = Sharing(
            public=_fitting(kind, public),
            owner=sharing(body).owner,
            users=_known_only(world, kind, "users", legacy.users),
            groups=_known_only(world, kind, "userGroups", legacy.groups),
        )
        payload = {kind.plural: [{**own(kind.plural, body), "sharing": as_json(after)}]}
        report = asking.imported(request, connection, payload, Manner(strategy="UPDATE"))
    if not report.ok:
        return object_report(kind, report, uid, 409)
    return web_message(200, "Access control set")


@door
def write_one(request: Request) -> Response:
    """PUT /api/{type}/{uid}/sharing: the sharing as objects carry it; 204."""
    kind, uid = kind_of(request), request.path_params["uid"]
    stated = read_object(request)
    with asking.asked(request) as (connection, world):
        body = asking.readable(world, kind.plural, uid)
        if not kind.shareable:
            raise Stopped(web_message(409, f"Type {kind.singular} is not supported."))
        if not world.access(kind, body)["manage"]:
            raise Stopped(web_message(403, "You do not have manage access to this object."))
        before = sharing(body)
        given = sharing({"sharing": {"public": before.public, **_present(stated)}})
        refusals = list(_faults(world, kind, given))
        if refusals:
            return type_report(kind.plural, 0, 0, 1, refusals)
        after = Sharing(
            given.public, stated.get("owner") or before.owner, given.users, given.groups
        )
        payload = {kind.plural: [{**own(kind.plural, body), "sharing": as_json(after)}]}
        report = asking.imported(request, connection, payload, Manner(strategy="UPDATE"))
    return nothing() if report.ok else object_report(kind, report, uid, 409)


@door
def search(request: Request) -> Response:
    """GET /api/sharing/search?key=…: users and user groups that something may be shared with."""
    key = request.query_params.get("key", "").strip().casefold()
    if "key" not in request.query_params:
        raise Stopped(web_message(409, "Search key not specified"))
    size = number(request, "pageSize", 50)
    with asking.asked(request) as (_, world):
        people = [
            {
                "id": body["id"],
                "name": body.get("name"),
                "displayName": body.get("name"),
                "username": body.get("username"),
            }
            for body in _found(world.objects(KINDS["users"]), key, "name", "username")
        ]
        groups = [
            {"id": body["id"], "name": body.get("name"), "displayName": body.get("name")}
            for body in _found(world.objects(KINDS["userGroups"]), key, "name", "id")
        ]
        return answer({"users": people[:size], "userGroups": groups[:size]})


def _found(bodies: Iterable[Mapping[str, Any]], key: str, *names: str) -> list[Mapping[str, Any]]:
    return [
        body for body in bodies if any(key in str(body.get(name, "")).casefold() for name in names)
    ]


def _about(request: Request) -> tuple[Kind, str]:
    name, uid = request.query_params.get("type", ""), request.query_params.get("id", "")
    kind = BY_SINGULAR.get(name) or KINDS.get(name)
    if kind is None or not kind.shareable:
        raise Stopped(web_message(409, f"Type {name} is not supported."))
    return kind, uid


def _known(world: MetadataWorld, kind: Kind, uid: str) -> Body:
    """The object, to be seen or not: sharing tells the one who may not that it is there."""
    body = world.metadata.get(kind.plural, uid)
    if body is None:
        raise Stopped(not_found(kind.klass.rpartition(".")[2], uid))
    return body


def _named(world: MetadataWorld, plural: str, given: Mapping[str, str]) -> list[dict[str, Any]]:
    listed = []
    for uid, access in given.items():
        name = world.whole(plural, {"id": uid}).get("name", uid)
        listed.append({"id": uid, "name": name, "displayName": name, "access": access})
    return listed


def _fitting(kind: Kind, access: str) -> str:
    return access if kind.data_shareable else without_data(access)


def _known_only(
    world: MetadataWorld, kind: Kind, plural: str, given: Mapping[str, str]
) -> dict[str, str]:
    return {
        uid: _fitting(kind, access)
        for uid, access in given.items()
        if world.one(KINDS[plural], uid) is not None
    }


def _present(stated: Mapping[str, Any]) -> dict[str, Any]:
    return {name: stated[name] for name in ("public", "users", "userGroups") if stated.get(name)}


def _faults(world: MetadataWorld, kind: Kind, given: Sharing) -> Iterable[Refusal]:
    for access in (given.public, *given.users.values(), *given.groups.values()):
        if not is_access(access):
            yield Refusal("E3015", (access,), "sharing")
        elif not kind.data_shareable and without_data(access) != access:
            yield Refusal("E3016", (access,), "sharing")
    for plural, listed in (("users", given.users), ("userGroups", given.groups)):
        for uid in listed:
            if world.one(KINDS[plural], uid) is None:
                yield Refusal("E5002", (uid, plural, kind.singular, "sharing"), "sharing")
