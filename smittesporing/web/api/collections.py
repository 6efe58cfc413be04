"""`/api/{type}` and `/api/{type}/{uid}`: every kind of configuration, read alike.

One pair of endpoints serves all kinds; kinds.toml says which there are. Writing stands in objects.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.access import granting
from smittesporing.metadata import fields, filters
from smittesporing.metadata.kinds import DEFAULT_UIDS, KINDS, Kind
from smittesporing.web.api import special
from smittesporing.web.api.asking import asked, readable
from smittesporing.web.api.envelope import (
    Stopped,
    as_json,
    choice,
    door,
    fields_of,
    flag,
    number,
    paged,
    web_message,
)
from smittesporing.web.api.world import MetadataWorld

Json = Any
_LIST_DEFAULT = "id,displayName"
_OBJECT_DEFAULT = ":all"


def kind_of(request: Request) -> Kind:
    """The kind that the address names. Errors  `Stopped` with 404 when there is none."""
    kind = KINDS.get(request.path_params["type"])
    if kind is None:
        raise Stopped(web_message(404, "No such resource", code="E1005"))
    return kind


@door
def listed(request: Request) -> Response:
    """GET /api/{type}: the objects she may see, filtered, ordered and paged."""
    kind = kind_of(request)
    with asked(request) as (_, world):
        found = chosen(request, world, kind, readable_kind(world, kind))
        page, head = paged(request, found)
        if kind.plural == "organisationUnits":
            page = special.counted(request, world, page)
        select = selection(world, kind.plural, fields_of(request, _LIST_DEFAULT))
        return as_json({**head, kind.plural: [select(body) for body in page]})


def selection(world: MetadataWorld, plural: str, text: str) -> fields.Selection:
    """What a `fields` text takes of objects of the kind. Errors  `fields.Unreadable`."""
    return fields.compile(fields.parse(text), world, plural)


@door
def one(request: Request) -> Response:
    """GET /api/{type}/{uid}: one object, or for an org unit with include… those around it."""
    kind = kind_of(request)
    with asked(request) as (_, world):
        readable_kind(world, kind)
        body = readable(world, kind.plural, request.path_params["uid"])
        around = _around(request, world, body) if kind.plural == "organisationUnits" else None
        default = _OBJECT_DEFAULT if around is None else _LIST_DEFAULT
        select = selection(world, kind.plural, fields_of(request, default))
        if kind.plural == "organisationUnits":
            body = dict(*special.counted(request, world, [body]))
        if around is None:
            return as_json(select(body))
        return as_json({kind.plural: [select(each) for each in around]})


@door
def one_property(request: Request) -> Response:
    """GET /api/{type}/{uid}/{property}: an object with that property alone, and all below it."""
    kind, name = kind_of(request), request.path_params["property"]
    with asked(request) as (_, world):
        readable_kind(world, kind)
        body = readable(world, kind.plural, request.path_params["uid"])
        if not world.knows(kind, (name,)):
            return web_message(404, f"Property {name} does not exist on {kind.singular}")
        return as_json(selection(world, kind.plural, f"{name}[{fields_of(request, ':all')}]")(body))


@door
def program_org_units(request: Request) -> Response:
    """GET /api/programs/orgUnits?programs=a,b: the org units each of these programs serves."""
    return _org_units_of(request, "programs")


@door
def category_option_org_units(request: Request) -> Response:
    """GET /api/categoryOptions/orgUnits?categoryOptions=a,b: where each of these may be chosen."""
    return _org_units_of(request, "categoryOptions")


def _org_units_of(request: Request, plural: str) -> Response:
    wanted = [
        uid.strip()
        for text in request.query_params.getlist(plural)
        for uid in text.split(",")
        if uid.strip()
    ]
    if not wanted:
        raise Stopped(web_message(400, f"Parameter {plural} is required"))
    with asked(request) as (_, world):
        seen = ((uid, world.one(KINDS[plural], uid)) for uid in wanted)
        return as_json(
            {
                uid: sorted(each["id"] for each in body.get("organisationUnits") or ())
                for uid, body in seen
                if body is not None
            }
        )


def chosen(
    request: Request,
    world: MetadataWorld,
    kind: Kind,
    bodies: Iterable[Mapping[str, Json]],
    query: str | None = None,
) -> list[Mapping[str, Json]]:
    """Those of the objects that the request's filters, query and special parameters leave.

    Shape   query is the request's own, unless the caller has asked it already.
    Errors  `filters.Refusal` for an unknown operator or property.
    """
    params = request.query_params
    conditions = [
        filters.parse(each) for text in params.getlist("filter") for each in filters.split(text)
    ]
    for condition in conditions:
        world.check(kind, condition)
    if kind.plural == "organisationUnits":
        bodies = special.org_units_asked_for(request, world, bodies)
    if kind.plural == "validationRules":
        bodies = special.of_data_set(request, world, bodies)
    if kind.plural == "userRoles" and flag(request, "canIssue"):
        passes = granting.may_pass_on
        bodies = [each for each in bodies if passes(world.reach, each.get("authorities") or ())]
    if choice(request, "defaults", ("INCLUDE", "EXCLUDE")) == "EXCLUDE":
        bodies = [body for body in bodies if body["id"] not in DEFAULT_UIDS]
    query = params.get("query", "").strip() if query is None else query
    any_of = choice(request, "rootJunction", ("AND", "OR")) == "OR"
    if conditions or query:
        holds = filters.matching(conditions, world, kind.plural, any_of=any_of, query=query)
        bodies = [body for body in bodies if holds(body)]
    # What cannot be sorted by is passed over, as DHIS2 does.
    orders = [
        part
        for text in params.getlist("order")
        for part in text.split(",")
        if part.strip() and world.knows(kind, tuple(part.partition(":")[0].strip().split(".")))
    ]
    if not orders:
        return list(bodies)
    return filters.ordered(bodies, orders, world, kind.plural)


def readable_kind(world: MetadataWorld, kind: Kind) -> Iterable[Mapping[str, Json]]:
    """The objects of the kind she may see. Errors  `Stopped` with 403 when she may see none."""
    if kind.plural != "users":
        return world.objects(kind)
    # Who works where is not for everybody: colleagues are found through userLookup.
    if not granting.sees_users(world.reach):
        raise Stopped(web_message(403, "You don't have the proper permissions to see users."))
    return [body for body in world.objects(kind) if "userRoles" in body]


def _around(
    request: Request, world: MetadataWorld, body: Mapping[str, Json]
) -> list[Mapping[str, Json]] | None:
    units = world.metadata.of("organisationUnits")
    path = str(body["path"])
    if flag(request, "includeDescendants"):
        return [each for each in units.values() if str(each["path"]).startswith(path)]
    if flag(request, "includeChildren"):
        return [body, *(units[child["id"]] for child in body["children"])]
    if flag(request, "includeAncestors"):
        return [*(units[each["id"]] for each in body["ancestors"]), body]
    if request.query_params.get("level"):
        level = int(body["level"]) + number(request, "level", 1)
        return [
            each
            for each in units.values()
            if each["level"] == level and str(each["path"]).startswith(path + "/")
        ]
    return None
