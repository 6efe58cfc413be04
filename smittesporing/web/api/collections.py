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
        return as_json({**head, kind.plural: shown(request, [select(body) for body in page])})


def shown(request: Request, answer: Any) -> Any:
    """The answer, without what points at a default category, option or combo where that is asked for."""
    without = choice(request, "defaults", ("INCLUDE", "EXCLUDE")) == "EXCLUDE"
    return _without_defaults(answer) if without else answer


def _without_defaults(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_defaults(each) for each in value if not _is_default(each)]
    if isinstance(value, Mapping):
        return {
            name: _without_defaults(each) for name, each in value.items() if not _is_default(each)
        }
    return value


def _is_default(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("id") in DEFAULT_UIDS


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
        if kind.plural == "organisationUnits":
            way = _way(request)
            if way:
                return _around(request, world, body, way)
            body = dict(*special.counted(request, world, [body]))
        select = selection(world, kind.plural, fields_of(request, _OBJECT_DEFAULT))
        return as_json(shown(request, select(body)))


@door
def around(request: Request) -> Response:
    """GET /api/organisationUnits/{uid}/children, descendants, ancestors or parents: a list of its own."""
    way = request.url.path.rstrip("/").rpartition("/")[2]
    with asked(request) as (_, world):
        body = readable(world, "organisationUnits", request.path_params["uid"])
        below = way == "children" and request.query_params.get("level")
        return _around(request, world, body, "level" if below else way)


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
    in_tree: bool = True,
) -> list[Mapping[str, Json]]:
    """Those of the objects that the request's filters, query and special parameters leave.

    Shape   query is the request's own, unless the caller has asked it already; in_tree is False where
            the level and the place in the tree have been minded already.
    Errors  `filters.Refusal` for an unknown operator or property.
    """
    params = request.query_params
    conditions = [
        filters.parse(each) for text in params.getlist("filter") for each in filters.split(text)
    ]
    for condition in conditions:
        world.check(kind, condition)
    if kind.plural == "organisationUnits" and in_tree:
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


def _way(request: Request) -> str:
    """Which units around the one that is named the query asks for; empty for that one itself."""
    for way in ("Descendants", "Children", "Ancestors"):
        if flag(request, f"include{way}"):
            return way.lower()
    return "level" if request.query_params.get("level") else ""


def _around(request: Request, world: MetadataWorld, body: Mapping[str, Json], way: str) -> Response:
    """A list of units seen from one: filtered, paged and shown as any list is."""
    kind, units = KINDS["organisationUnits"], world.metadata.of("organisationUnits")
    under = str(body["path"]) + "/"
    if way == "descendants":
        bodies = [body, *(each for each in units.values() if str(each["path"]).startswith(under))]
    elif way == "children":
        bodies = [body, *(units[child["id"]] for child in body["children"])]
    elif way == "level":
        level = int(body["level"]) + number(request, "level", 1)
        at_level = (each for each in units.values() if each["level"] == level)
        bodies = [each for each in at_level if str(each["path"]).startswith(under)]
    else:
        bodies = [units[each["id"]] for each in body["ancestors"]]
        bodies += [body] if way == "ancestors" else []
    found = chosen(request, world, kind, bodies, in_tree=way != "level")
    page, head = paged(request, found)
    page = special.counted(request, world, page)
    select = selection(world, kind.plural, fields_of(request, _LIST_DEFAULT))
    return as_json({**head, kind.plural: [select(each) for each in page]})
