"""`/api/sharing`: who may see an object and its data, in the older words clients still use.

Reads and writes the same sharing as the objects themselves, through metadata/exchange.py.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata.incoming import Manner
from smittesporing.metadata.kinds import BY_SINGULAR, KINDS, Kind
from smittesporing.metadata.sharing import Sharing, as_json, sharing
from smittesporing.web.api import asking
from smittesporing.web.api.envelope import Stopped, door, read_object, web_message
from smittesporing.web.api.envelope import as_json as answer
from smittesporing.web.api.world import MetadataWorld

ACCESS_LENGTH = 8


@door
def read(request: Request) -> Response:
    """GET /api/sharing?type=program&id=…"""
    kind, uid = _about(request)
    with asking.asked(request) as (_, world):
        body = asking.readable(world, kind.plural, uid)
        given = sharing(body)
        shown: dict[str, Any] = {
            "id": uid,
            "name": body.get("name"),
            "displayName": body.get("name"),
            "publicAccess": given.public,
            "externalAccess": False,
            "userAccesses": _named(world, "users", given.users),
            "userGroupAccesses": _named(world, "userGroups", given.groups),
        }
        author = world.person(body, "createdBy")
        if isinstance(author, dict):
            shown["user"] = author
        return answer(
            {"meta": {"allowPublicAccess": True, "allowExternalAccess": False}, "object": shown}
        )


@door
def write(request: Request) -> Response:
    """PUT or POST /api/sharing?type=program&id=…: make the sharing what the body says."""
    kind, uid = _about(request)
    stated = read_object(request).get("object")
    if not isinstance(stated, dict):
        raise Stopped(web_message(400, "Invalid JSON: `object` is missing"))
    with asking.asked(request) as (connection, world):
        body = asking.readable(world, kind.plural, uid)
        if not world.access(kind, body)["manage"]:
            raise Stopped(web_message(403, "You do not have manage access to this object."))
        before = sharing(body)
        legacy = sharing({key: stated[key] for key in stated if key != "sharing"})
        after = Sharing(
            public=str(stated.get("publicAccess", before.public)),
            owner=before.owner,
            users=legacy.users if "userAccesses" in stated else before.users,
            groups=legacy.groups if "userGroupAccesses" in stated else before.groups,
        )
        for access in (after.public, *after.users.values(), *after.groups.values()):
            if not _is_access(access, kind):
                raise Stopped(web_message(409, f"Invalid access string: {access}", code="E3015"))
        payload = {kind.plural: [{**body, "sharing": as_json(after)}]}
        asking.imported(request, connection, payload, Manner(strategy="UPDATE"))
    return web_message(200, "Access control set")


def _about(request: Request) -> tuple[Kind, str]:
    name, uid = request.query_params.get("type", ""), request.query_params.get("id", "")
    kind = BY_SINGULAR.get(name) or KINDS.get(name)
    if kind is None or not kind.shareable:
        raise Stopped(web_message(409, f"Type {name} is not supported."))
    return kind, uid


def _named(world: MetadataWorld, plural: str, given: Any) -> list[dict[str, Any]]:
    listed = []
    for uid, access in given.items():
        name = world.whole(plural, {"id": uid}).get("name", uid)
        listed.append({"id": uid, "name": name, "displayName": name, "access": access})
    return listed


def _is_access(access: str, kind: Kind) -> bool:
    places = zip(access[:4], "rwrw", strict=False)
    sound = len(access) == ACCESS_LENGTH and all(sign in ("-", letter) for sign, letter in places)
    return sound and access[4:] == "----" and (kind.data_shareable or access[2:4] == "--")
