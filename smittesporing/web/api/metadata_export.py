"""Packages out: `GET /api/metadata`, and the package of one object with what it needs.

Every answer imports again. Compiles the `fields` and `filter` languages for each kind; what comes along
with an object is metadata/dependencies.py's to say.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata import dependencies, exchange, fields, filters
from smittesporing.metadata.kinds import DEFAULT_UIDS, KINDS, Kind
from smittesporing.web.api.asking import asked, readable
from smittesporing.web.api.collections import shown
from smittesporing.web.api.envelope import (
    Stopped,
    as_json,
    choice,
    door,
    fields_of,
    flag,
    web_message,
)
from smittesporing.web.api.system import system_id
from smittesporing.web.api.world import MetadataWorld

Json = Any
_WITHOUT_SHARING = ",!sharing,!createdBy,!lastUpdatedBy,!user,!publicAccess"
_WITHOUT_SHARING += ",!userAccesses,!userGroupAccesses,!externalAccess"
_SWITCHES = ("fields", "filter", "order")


@door
def export_package(request: Request) -> Response:
    """GET /api/metadata: everything, or only the kinds named as `programs=true`.

    Shape   `programs:fields=…`, `programs:filter=…` and `programs:order=…` concern one kind and name it,
            `fields`, `filter` and `order` all; the default fields are `:owner`. Filters of a kind must
            all hold: as in DHIS2, `rootJunction` is not asked here.
    Errors  409 for all kinds, or for users alone, without the authority to export.
    """
    with asked(request) as (_, world):
        wanted = _wanted(request)
        _may_export(world, wanted)
        answer: dict[str, Json] = {"system": _system(request)}
        for plural in wanted or KINDS:
            kind = KINDS[plural]
            found = _chosen(request, world, kind)
            if found:
                answer[plural] = shown(request, _shown(request, world, kind, found))
    return _sent(request, answer)


@door
def export_with_dependencies(request: Request) -> Response:
    """GET /api/{type}/{uid}/metadata: the object and what it needs to stand elsewhere."""
    plural, uid = request.path_params["type"], request.path_params["uid"]
    if plural not in dependencies.ROOTS:
        return web_message(404, f"Property metadata does not exist on {plural}")
    with asked(request) as (_, world):
        readable(world, plural, uid)
        answer: dict[str, Json] = {"system": _system(request)}
        for each, bodies in dependencies.package(world.metadata, plural, uid).items():
            kind = KINDS[each]
            seen = [body for body in bodies if world.one(kind, str(body["id"])) is not None]
            if seen:
                answer[each] = _shown(request, world, kind, seen, ":owner")
    return _sent(request, answer)


def _wanted(request: Request) -> list[str]:
    """The kinds the query names, in order of dependency; none for all."""
    params = request.query_params
    named = set()
    for name in params:
        plural, colon, switch = name.partition(":")
        if colon:
            if switch in _SWITCHES:
                named.add(plural)
        elif any(text.lower() == "true" for text in params.getlist(name)):
            named.add(plural)
    return [plural for plural in KINDS if plural in named]


def _may_export(world: MetadataWorld, wanted: list[str]) -> None:
    reach = world.reach
    if exchange.may_write(reach) or reach.may("F_METADATA_EXPORT"):
        return
    if not wanted:
        message = "Unfiltered access to metadata export requires super user or 'F_METADATA_EXPORT' authority."
        raise Stopped(web_message(409, message))
    if wanted == ["users"]:
        message = "Exporting user metadata requires the 'F_USER_VIEW' authority."
        raise Stopped(web_message(409, message))


def _chosen(request: Request, world: MetadataWorld, kind: Kind) -> list[Mapping[str, Json]]:
    """The kind's objects that the query leaves, in its order."""
    params, plural = request.query_params, kind.plural
    objects: Iterable[Mapping[str, Json]] = (
        filter(is_a_name, world.users().values()) if plural == "users" else world.objects(kind)
    )
    if choice(request, "defaults", ("INCLUDE", "EXCLUDE")) == "EXCLUDE":
        objects = [body for body in objects if body["id"] not in DEFAULT_UIDS]
    conditions = [
        filters.parse(text)
        for text in params.getlist(f"{plural}:filter") or params.getlist("filter")
        if text.strip()
    ]
    for condition in conditions:
        world.check_path(kind, condition.path)
    holds = filters.matching(conditions, world, plural)
    found = [body for body in objects if holds(body)]
    order = params.getlist(f"{plural}:order") or params.getlist("order")
    if order:
        named = [each for text in order for each in text.split(",") if each.strip()]
        found = list(filters.ordered(found, named, world, plural))
    return found


def _shown(
    request: Request,
    world: MetadataWorld,
    kind: Kind,
    bodies: Iterable[Mapping[str, Json]],
    only: str = "",
) -> list[dict[str, Json]]:
    stated = ",".join(request.query_params.getlist(f"{kind.plural}:fields"))
    text = only or stated or fields_of(request, ":owner")
    if flag(request, "skipSharing"):
        text += _WITHOUT_SHARING
    select = fields.compile(fields.parse(text), world, kind.plural)
    return [select(body) for body in bodies]


def _system(request: Request) -> dict[str, str]:
    now = request.app.state.settings.clock.now()
    return {
        "id": system_id(request),
        "rev": "smittesporing",
        "version": "2.42",
        "date": now.strftime("%Y-%m-%dT%H:%M:%S.000"),
    }


def _sent(request: Request, answer: Mapping[str, Json]) -> Response:
    """The package as JSON, or packed as the address ends: `.json.gz`, `.json.zip`."""
    sent = as_json(answer)
    ending = request.url.path.rpartition(".")[2]
    if ending == "gz":
        sent = _packed("gzip", gzip.compress(bytes(sent.body), mtime=0))
    elif ending == "zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("metadata.json", bytes(sent.body))
        sent = _packed("zip", packed.getvalue())
    if ending in ("gz", "zip") or flag(request, "download"):
        name = "metadata.json" + (f".{ending}" if ending in ("gz", "zip") else "")
        sent.headers["content-disposition"] = f"attachment; filename={name}"
        sent.headers["content-transfer-encoding"] = "binary"
    return sent


def _packed(how: str, body: bytes) -> Response:
    return Response(body, media_type=f"application/json+{how}")


def is_a_name(user: Mapping[str, Json]) -> bool:
    """Whether the user is only who made a package: asleep, without org units, nobody who works here.

    Those who work here are no configuration: their accounts leave by no package.
    """
    asleep = user.get("disabled") is True and bool(user["externalAuth"])
    return asleep and not user["organisationUnits"]
