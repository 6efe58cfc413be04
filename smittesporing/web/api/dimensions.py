"""`/api/dimensions`: what drawings may split figures by: categories and sets of groups, each with its items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata import fields
from smittesporing.metadata.forms import reference, references
from smittesporing.metadata.kinds import KINDS
from smittesporing.web.api.asking import asked
from smittesporing.web.api.collections import chosen, selection
from smittesporing.web.api.computed import DIMENSIONS
from smittesporing.web.api.envelope import (
    Stopped,
    as_json,
    door,
    fields_of,
    not_found,
    paged,
)
from smittesporing.web.api.world import MetadataWorld

Object = Mapping[str, Any]
# Sets of option groups split what one question answers, and are no dimensions of their own.
ITEMS = {plural: items for plural, (_, items) in DIMENSIONS.items() if plural != "optionGroupSets"}


@door
def listed(request: Request) -> Response:
    """GET /api/dimensions: a page of them, of all kinds together by name."""
    text = fields_of(request, "id,displayName")
    with asked(request) as (_, world):
        found = [
            (plural, body)
            for plural in ITEMS
            for body in chosen(request, world, KINDS[plural], list(_of_kind(world, plural)))
        ]
        if not request.query_params.get("order"):
            found.sort(key=lambda each: str(each[1].get("name") or "").casefold())
        page, head = paged(request, found)
        select = {plural: selection(world, plural, text) for plural in ITEMS}
        return as_json({**head, "dimensions": [select[plural](body) for plural, body in page]})


@door
def one(request: Request) -> Response:
    """GET /api/dimensions/{uid}."""
    with asked(request) as (_, world):
        plural, body = _found(request, world)
        return as_json(selection(world, plural, fields_of(request, "*"))(body))


@door
def items(request: Request) -> Response:
    """GET /api/dimensions/{uid}/items: what it splits into, in its order."""
    with asked(request) as (_, world):
        plural, body = _found(request, world)
        kind = KINDS[ITEMS[plural]]
        uids = references(body, ITEMS[plural])
        bodies = [item for uid in uids if (item := world.one(kind, uid)) is not None]
        page, head = paged(request, chosen(request, world, kind, bodies))
        select = selection(world, kind.plural, fields_of(request, "id,displayName"))
        return as_json({**head, "items": [select(each) for each in page]})


@door
def recommended(request: Request) -> Response:
    """GET /api/dimensions/recommendations?dimension=dx:…: the categories of the data elements named."""
    named = [
        uid
        for text in request.query_params.getlist("dimension")
        if text.startswith("dx:")
        for uid in text[3:].split(";")
    ]
    with asked(request) as (_, world):
        combos = dict.fromkeys(
            combo
            for uid in named
            if (element := world.one(KINDS["dataElements"], uid)) is not None
            and (combo := reference(element, "categoryCombo"))
        )
        wanted = {
            uid
            for combo in combos
            for uid in references(world.one(KINDS["categoryCombos"], combo) or {}, "categories")
        }
        found = [body for body in _of_kind(world, "categories") if body["id"] in wanted]
        select = fields.compile(
            fields.parse(fields_of(request, "id,displayName")), world, "categories"
        )
        return as_json({"dimensions": [select(body) for body in found]})


def _of_kind(world: MetadataWorld, plural: str) -> Iterator[Object]:
    """The objects of a kind that are dimensions."""
    for body in world.objects(KINDS[plural]):
        if body.get("dataDimension", plural != "categories"):
            yield body


def _found(request: Request, world: MetadataWorld) -> tuple[str, Object]:
    uid = request.path_params["uid"]
    for plural in ITEMS:
        body = world.one(KINDS[plural], uid)
        if body is not None:
            return plural, body
    raise Stopped(not_found("DimensionalObject", uid))
