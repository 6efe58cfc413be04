"""`…/gist`: DHIS2's short form of lists and objects, for pages that show many at a time.

The languages are those of the long form; what differs is that references are their ids, lists their
lengths, and that totals are counted only when asked for. Called through metadata_routes.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata.fields import Field, compile, parse
from smittesporing.metadata.kinds import KINDS, Kind
from smittesporing.metadata.schema import SCHEMAS, leads_to
from smittesporing.web.api.asking import asked, readable
from smittesporing.web.api.collections import chosen, kind_of, readable_kind
from smittesporing.web.api.envelope import as_json, door, fields_of, flag, paged, web_message
from smittesporing.web.api.world import MetadataWorld

Json = Any


@door
def listed(request: Request) -> Response:
    """GET /api/{type}/gist: a page of objects in short."""
    return _listed(request, kind_of(request))


@door
def users(request: Request) -> Response:
    """GET /api/users/gist: a page of those she reads as users, in short."""
    return _listed(request, KINDS["users"])


@door
def one(request: Request) -> Response:
    """GET /api/{type}/{uid}/gist: one object in short."""
    kind = kind_of(request)
    with asked(request) as (_, world):
        readable_kind(world, kind)
        body = readable(world, kind.plural, request.path_params["uid"])
        return as_json(_short(world, kind, fields_of(request, "*"), [body])[0])


@door
def members(request: Request) -> Response:
    """GET /api/{type}/{uid}/{property}/gist: the members of one list in short."""
    kind, name = kind_of(request), request.path_params["property"]
    with asked(request) as (_, world):
        readable_kind(world, kind)
        body = readable(world, kind.plural, request.path_params["uid"])
        below = leads_to(kind.plural, name)
        value = world.shape.getter(kind.plural, name)(world, body)
        if below not in KINDS or not isinstance(value, list):
            return web_message(404, f"Property {name} is no list of objects on {kind.singular}")
        inner = KINDS[below]
        seen = (world.one(inner, str(each.get("id"))) for each in value)
        found = chosen(request, world, inner, [each for each in seen if each is not None])
        return _page(request, world, inner, name, found)


def _listed(request: Request, kind: Kind) -> Response:
    with asked(request) as (_, world):
        found = chosen(request, world, kind, readable_kind(world, kind))
        return _page(request, world, kind, kind.plural, found)


def _page(
    request: Request,
    world: MetadataWorld,
    kind: Kind,
    name: str,
    found: Sequence[Mapping[str, Json]],
) -> Response:
    page, head = paged(request, found)
    listed = _short(world, kind, fields_of(request, "*"), page)
    if flag(request, "headless"):
        return as_json(listed)
    if not (flag(request, "total") or flag(request, "totalPages")):
        for pager in head.values():
            del pager["total"], pager["pageCount"]
    return as_json({**head, name: listed})


def _short(
    world: MetadataWorld, kind: Kind, text: str, bodies: Sequence[Mapping[str, Json]]
) -> list[dict[str, Json]]:
    tree = parse(text)
    asked_whole = any(entry.preset and not entry.excluded for entry in tree)
    if asked_whole:
        tree = (*(Field(name) for name in _gist_of(kind)), *(e for e in tree if not e.preset))
    select = compile(tree, world, kind.plural)
    # What has been asked for in some way of its own is shown that way.
    bare = {entry.name for entry in tree if entry.children is None and not entry.transformers}
    return [_shortened(kind, select(body), bare, asked_whole) for body in bodies]


def _gist_of(kind: Kind) -> list[str]:
    schema = SCHEMAS[kind.plural]
    return [
        name
        for name, each in schema.properties.items()
        if each.persisted and (each.simple or "REFERENCE" in (each.type, each.item))
    ]


def _shortened(
    kind: Kind, shown: dict[str, Json], bare: set[str], with_endpoints: bool
) -> dict[str, Json]:
    schema = SCHEMAS[kind.plural]
    endpoints = {}
    for name in bare & shown.keys():
        stated = schema.properties.get(name)
        value = shown[name]
        if stated is None:
            continue
        if stated.item == "REFERENCE" and isinstance(value, list):
            shown[name] = len(value)
            if "id" in shown:
                endpoints[name] = f"/{kind.plural}/{shown['id']}/{name}/gist"
        elif stated.type == "REFERENCE" and isinstance(value, Mapping) and "id" in value:
            shown[name] = value["id"]
    if with_endpoints and endpoints:
        shown["apiEndpoints"] = endpoints
    return shown
