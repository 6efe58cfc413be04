"""Writing single objects of configuration: POST, PUT, PATCH, DELETE, and their translations.

Each is an import of one object through metadata/exchange.py, with those others whose links it
changes (links.py), answered with DHIS2's ObjectReport. Lists one by one stand in membership.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata import exchange
from smittesporing.metadata.incoming import Manner, own
from smittesporing.metadata.kinds import Kind
from smittesporing.metadata.report import Refusal, Report, refusal_json
from smittesporing.metadata.schema import SCHEMAS
from smittesporing.metadata.sharing import as_json, sharing
from smittesporing.metadata.snapshot import Body
from smittesporing.uid import new_uid
from smittesporing.web.api import links
from smittesporing.web.api.asking import asked, imported, readable
from smittesporing.web.api.collections import kind_of
from smittesporing.web.api.envelope import (
    Stopped,
    choice,
    door,
    flag,
    nothing,
    of_type,
    read_json,
    read_object,
    web_message,
)
from smittesporing.web.api.metadata import FAILED
from smittesporing.web.api.patch import Unpatchable, patched
from smittesporing.web.api.world import MetadataWorld
from smittesporing.web.working import reach_of

JSON_PATCH = "application/json-patch+json"
_LEGACY_SHARING = ("publicAccess", "userAccesses", "userGroupAccesses")


@door
def create(request: Request) -> Response:
    """POST /api/{type}: a new object; 201 with its address."""
    of_type(request, "application/json")
    kind = kind_of(request)
    # Translations are put by their own address; DHIS2 takes none with a new object.
    body = {name: each for name, each in read_object(request).items() if name != "translations"}
    body.setdefault("id", new_uid())
    report = _imported(request, kind, body, "CREATE")
    if not report.ok:
        return object_report(kind, report, str(body["id"]), 409)
    uid = report.objects[0].uid
    address = f"{request.app.state.settings.base_url}/api/{kind.plural}/{uid}"
    return object_report(kind, report, uid, 201, {"location": address})


@door
def replace(request: Request) -> Response:
    """PUT /api/{type}/{uid}: the object whole; what the body lacks is gone."""
    of_type(request, "application/json")
    kind, uid = kind_of(request), request.path_params["uid"]
    body = {**read_object(request), "id": uid}
    with asked(request) as (_, world):
        known = changeable(world, kind, uid)
    if flag(request, "skipTranslation") and "translations" in known:
        body["translations"] = known["translations"]
    report = _imported(request, kind, body, "UPDATE")
    return object_report(kind, report, uid, 200 if report.ok else 409)


@door
def patch(request: Request) -> Response:
    """PATCH /api/{type}/{uid} with JSON Patch: only what the operations name changes."""
    of_type(request, JSON_PATCH)
    kind, uid = kind_of(request), request.path_params["uid"]
    operations = read_json(request)
    with asked(request) as (_, world):
        before = changeable(world, kind, uid)
    report = _imported(request, kind, {**applied(kind, before, operations), "id": uid}, "UPDATE")
    return object_report(kind, report, uid, 200 if report.ok else 409)


@door
def patch_property(request: Request) -> Response:
    """PATCH /api/{type}/{uid}/{property} with `{property: value}`: that property alone; 204."""
    kind, uid = kind_of(request), request.path_params["uid"]
    name, given = request.path_params["property"], read_object(request)
    stated = SCHEMAS[kind.plural].properties.get(name)
    if stated is None:
        return web_message(404, f"Property {name} does not exist on {kind.singular}")
    with asked(request) as (_, world):
        before = changeable(world, kind, uid)
    if not stated.writable or name == "id":
        return web_message(403, "This property is read-only.")
    report = _imported(request, kind, {**before, name: given.get(name)}, "UPDATE")
    return nothing() if report.ok else object_report(kind, report, uid, 409)


@door
def remove(request: Request) -> Response:
    """DELETE /api/{type}/{uid}: the object and the parts only it holds; 409 while it is used."""
    kind, uid = kind_of(request), request.path_params["uid"]
    with asked(request) as (connection, world):
        changeable(world, kind, uid, "E3002")
        manner = Manner(strategy="DELETE")
        report = imported(request, connection, {kind.plural: [{"id": uid}]}, manner)
    return object_report(kind, report, uid, 200 if report.ok else 409)


@door
def put_translations(request: Request) -> Response:
    """PUT /api/{type}/{uid}/translations: these translations and no others; 204."""
    kind, uid = kind_of(request), request.path_params["uid"]
    given = read_object(request).get("translations")
    with asked(request) as (_, world):
        before = changeable(world, kind, uid)
    listed = given if isinstance(given, list) else []
    called = kind.klass.rpartition(".")[2]
    never = [Refusal("E1107", (called,), "translations")] if kind.plural == "users" else []
    refusals = never or list(_untranslatable(listed))
    if refusals:
        return refused(kind, uid, refusals, "WARNING")
    report = _imported(request, kind, {**before, "translations": listed}, "UPDATE")
    return nothing() if report.ok else object_report(kind, report, uid, 409)


def applied(kind: Kind, before: Body, operations: Any) -> Body:
    """The object after a JSON Patch, with lists and rows where DHIS2 has them though empty.

    Shape   Operations on the older words for sharing change the sharing itself.
    Errors  `Stopped` with 400 when the operations cannot be followed.
    """
    schema = SCHEMAS[kind.plural]
    empty: Body = {
        name: list(each)
        for name, each in schema.absent.items()
        if isinstance(each, list) and name in schema.owned
    }
    base: Body = empty | before
    listed = operations if isinstance(operations, list) else ()
    named = [str(each.get("path")) for each in listed if isinstance(each, Mapping)]
    legacy = any(path.startswith(f"/{word}") for path in named for word in _LEGACY_SHARING)
    if legacy:
        given = sharing(before)
        base["publicAccess"] = given.public
        base["userAccesses"] = _rows(given.users)
        base["userGroupAccesses"] = _rows(given.groups)
    try:
        body = patched(base, operations)
    except Unpatchable as fault:
        raise Stopped(web_message(400, str(fault))) from None
    if legacy:
        words = {name: body.pop(name) for name in _LEGACY_SHARING if name in body}
        owner = (before.get("sharing") or {}).get("owner")
        body["sharing"] = {**as_json(sharing(words)), "owner": owner}
    # A list taken away is a list of nothing; one that was never there stays so.
    gone: Body = {name: [] for name in empty if name in before and name not in body}
    kept = {name: each for name, each in body.items() if name in before or each != empty.get(name)}
    return kept | gone


def _rows(given: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"id": uid, "access": access} for uid, access in given.items()]


def changeable(world: MetadataWorld, kind: Kind, uid: str, code: str = "E3001") -> Body:
    """The object. Errors  `Stopped`: 404 when it is not to be seen, 403 when not to be changed."""
    body = readable(world, kind.plural, uid)
    if not world.access(kind, body)["update"]:
        message = "You don't have the proper permissions to change this object."
        raise Stopped(web_message(403, message, code=code))
    return own(kind.plural, body) | _shown_lists(kind, body)


def _shown_lists(kind: Kind, body: Body) -> Body:
    owned = SCHEMAS[kind.plural].owned
    return {name: each for name, each in body.items() if name in owned and isinstance(each, list)}


def _imported(request: Request, kind: Kind, body: Body, strategy: str) -> Report:
    """Import the one object. Errors  `Stopped` with 403 when she may not make it."""
    reach = reach_of(request)
    with asked(request) as (connection, world):
        known = world.metadata.get(kind.plural, str(body["id"]))
        if known is None and not exchange.may_write(reach, kind.plural):
            message = "You don't have the proper permissions to create this object."
            raise Stopped(web_message(403, message, code="E3000"))
        manner = Manner(
            mode=choice(request, "importMode", ("COMMIT", "VALIDATE")),
            strategy=strategy,
            skip_sharing=flag(request, "skipSharing"),
        )
        try:
            payload = links.payload(world, kind, body, known)
        except links.Missing as missing:
            about = str(body.get("name") or body["id"])
            refusal = Refusal(
                "E5002",
                (missing.uid, missing.plural, about, missing.collection),
                missing.collection,
                about=missing.plural,
            )
            raise Stopped(refused(kind, str(body["id"]), [refusal])) from None
        if len(payload) > 1 and strategy == "CREATE":
            # The others are there already.
            manner = Manner(mode=manner.mode, skip_sharing=manner.skip_sharing)
            if known is not None:
                raise Stopped(refused(kind, str(body["id"]), [Refusal("E5000", (body["id"],))]))
        elif len(payload) > 1:
            manner = Manner(mode=manner.mode, skip_sharing=manner.skip_sharing)
        return imported(request, connection, payload, manner)


def _untranslatable(listed: Iterable[Any]) -> Iterable[Refusal]:
    seen: set[tuple[str, str]] = set()
    for each in listed:
        row = each if isinstance(each, Mapping) else {}
        for name in ("property", "locale", "value"):
            if not row.get(name):
                yield Refusal("E4000", (name,), name)
        key = (str(row.get("property")), str(row.get("locale")))
        if key in seen:
            yield Refusal("E1106", key, "translations")
        seen.add(key)


def refused(kind: Kind, uid: str, refusals: list[Refusal], level: str | None = None) -> Response:
    """409 with DHIS2's ObjectReport of what was refused."""
    return web_message(
        409,
        FAILED,
        code=refusals[0].code,
        level=level,
        response={
            "responseType": "ObjectReport",
            "uid": uid,
            "klass": kind.klass,
            "errorReports": [refusal_json(each, kind.klass) for each in refusals],
        },
    )


def object_report(
    kind: Kind,
    report: Report,
    uid: str,
    status: int,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """DHIS2's ObjectReport in its WebMessage: one object's fate, and every refusal met on the way."""
    refusals = [refusal for each in report.objects for refusal in each.refusals]
    if refusals:
        return refused(kind, uid, refusals)
    response = {"responseType": "ObjectReport", "uid": uid, "klass": kind.klass, "errorReports": []}
    return web_message(status, response=response, headers=headers)
