"""Lists of references one by one: POST, PUT and DELETE below an object's own address.

The answer is DHIS2's TypeReport: how many members came, went, or were there already. What a list
names and is not there is passed over, as DHIS2 does. Called through metadata_routes.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata.incoming import Manner
from smittesporing.metadata.kinds import KINDS, Kind
from smittesporing.metadata.report import Refusal, refusal_json
from smittesporing.metadata.schema import SCHEMAS, leads_to
from smittesporing.web.api import links
from smittesporing.web.api.asking import asked, imported, readable
from smittesporing.web.api.collections import kind_of
from smittesporing.web.api.envelope import Stopped, door, read_object, web_message
from smittesporing.web.api.metadata import FAILED


@door
def change(request: Request) -> Response:
    """POST /api/{type}/{uid}/{collection}: `deletions` leave, then `additions` come.

    Shape   `identifiableObjects` are additions too, as are the objects of a bare list.
    """
    given = read_object(request)
    added = links.uids_in(given.get("additions")) + links.uids_in(given.get("identifiableObjects"))
    return _changed(request, links.uids_in(given.get("deletions")), added)


@door
def exactly(request: Request) -> Response:
    """PUT /api/{type}/{uid}/{collection}: the list is `identifiableObjects` and nothing else."""
    given = read_object(request)
    wanted = links.uids_in(given.get("identifiableObjects")) + links.uids_in(given.get("additions"))
    return _changed(request, None, wanted)


@door
def drop_many(request: Request) -> Response:
    """DELETE /api/{type}/{uid}/{collection} with `identifiableObjects`: these leave the list."""
    given = read_object(request)
    gone = links.uids_in(given.get("identifiableObjects")) + links.uids_in(given.get("deletions"))
    return _changed(request, gone, ())


@door
def add(request: Request) -> Response:
    """POST /api/{type}/{uid}/{collection}/{item}: one more in the list."""
    return _changed(request, (), (request.path_params["item"],))


@door
def drop(request: Request) -> Response:
    """DELETE /api/{type}/{uid}/{collection}/{item}: one less in the list."""
    return _changed(request, (request.path_params["item"],), ())


def _changed(request: Request, dropped: Sequence[str] | None, added: Sequence[str]) -> Response:
    """The list without what is dropped (None drops all) and then with what is added, and the count of both."""
    kind, uid = kind_of(request), request.path_params["uid"]
    name = request.path_params["collection"]
    with asked(request) as (connection, world):
        body = readable(world, kind.plural, uid)
        members = _members_of(kind, name)
        if not world.access(kind, body)["update"]:
            message = "You don't have the proper permissions to change this object."
            raise Stopped(web_message(403, message, code="E3001"))
        before = links.members(world, kind, body, name)

        def known(uids: Sequence[str]) -> list[str]:
            # Those in the list count, whether or not she may see them herself.
            return [
                each
                for each in dict.fromkeys(uids)
                if each in before or world.one(KINDS[members], each) is not None
            ]

        leaving = known(before if dropped is None else dropped)
        kept = [each for each in before if each not in leaving]
        coming = known(added)
        new = [each for each in coming if each not in kept]
        went = sum(each in before for each in leaving)
        ignored = len(leaving) - went + len(coming) - len(new)
        if [*kept, *new] == before:
            return type_report(members, len(new), went, ignored, [])
        payload = links.with_members(world, kind, body, name, [*kept, *new])
        report = imported(request, connection, payload, Manner(strategy="UPDATE"))
    refusals = [refusal for each in report.objects for refusal in each.refusals]
    if refusals:
        return type_report(members, 0, 0, len(refusals), refusals)
    return type_report(members, len(new), went, ignored, [])


def _members_of(kind: Kind, name: str) -> str:
    """The kind of the list's members. Errors  `Stopped`: 404 for no such list, 409 for no list."""
    stated = SCHEMAS[kind.plural].properties.get(name)
    if stated is None:
        raise Stopped(web_message(404, f"Property {name} does not exist on {kind.klass}"))
    members = leads_to(kind.plural, name)
    if not stated.collection or members not in KINDS:
        raise Stopped(web_message(409, "Only lists of objects can be added to and removed from."))
    return members


def type_report(
    plural: str, updated: int, deleted: int, ignored: int, refusals: list[Refusal]
) -> Response:
    """DHIS2's TypeReport about objects of a kind: what came, went and was left, and why."""
    klass = KINDS[plural].klass
    faults = [refusal_json(each, klass) for each in refusals]
    response = {
        "responseType": "TypeReport",
        "klass": klass,
        "stats": {
            "created": 0,
            "updated": updated,
            "deleted": deleted,
            "ignored": ignored,
            "total": updated + deleted + ignored,
        },
        "objectReports": [
            {"klass": klass, "index": index, "errorReports": [each]}
            for index, each in enumerate(faults)
        ],
    }
    if refusals:
        return web_message(409, FAILED, code=refusals[0].code, response=response)
    return web_message(200, response=response)
