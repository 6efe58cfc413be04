"""Who shares an entry of the data store, and which namespaces belong to somebody.

The same sharing as metadata's, asked for under `/api/sharing?type=dataStore`. Storing stands in
metadata/data_store.py.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.database import Connection
from smittesporing.metadata import data_store as store
from smittesporing.metadata.data_store import Entry
from smittesporing.metadata.sharing import Sharing, as_json, sharing
from smittesporing.web.api import sharing as metadata_sharing
from smittesporing.web.api.data_store import Store, may_change_it, missing
from smittesporing.web.api.envelope import Stopped, door, read_object, web_message
from smittesporing.web.api.envelope import as_json as answer
from smittesporing.web.working import reach_of


def read(request: Request) -> Response:
    """GET /api/sharing: of an entry of the data store, or of a piece of configuration."""
    if request.query_params.get("type") == "dataStore":
        return read_sharing(request)
    return metadata_sharing.read(request)


def write(request: Request) -> Response:
    """PUT or POST /api/sharing, likewise."""
    if request.query_params.get("type") == "dataStore":
        return write_sharing(request)
    return metadata_sharing.write(request)


@door
def protections(request: Request) -> Response:
    """GET /api/dataStore/protections: the namespaces that belong to somebody."""
    listed = [
        {
            "namespace": namespace,
            "reads": "NONE" if open_to_all else "HIDDEN",
            "writes": "RESTRICTED" if open_to_all else "HIDDEN",
            "authorities": [authority],
        }
        for namespace, (authority, open_to_all) in store.PROTECTED.items()
    ]
    named = request.query_params.get("namespace")
    if named:
        found = [each for each in listed if each["namespace"] == named]
        return answer(
            found[0] if found else {"namespace": named, "reads": "NONE", "writes": "NONE"}
        )
    return answer(listed)


@door
def read_sharing(request: Request) -> Response:
    """GET /api/sharing?type=dataStore&id=…"""
    with Store(request) as (connection, _):
        entry = _shared_entry(request, connection)
        given = sharing({"sharing": entry.sharing})
        return answer(
            {
                "meta": {"allowPublicAccess": True, "allowExternalAccess": False},
                "object": {
                    "id": entry.uid,
                    "name": entry.key,
                    "displayName": entry.key,
                    "publicAccess": given.public,
                    "externalAccess": False,
                    "user": {"id": given.owner},
                    "userAccesses": [{"id": u, "access": a} for u, a in given.users.items()],
                    "userGroupAccesses": [{"id": g, "access": a} for g, a in given.groups.items()],
                },
            }
        )


@door
def write_sharing(request: Request) -> Response:
    """PUT or POST /api/sharing?type=dataStore&id=…"""
    stated = read_object(request).get("object")
    if not isinstance(stated, dict):
        raise Stopped(web_message(400, "Invalid JSON: `object` is missing"))
    with Store(request) as (connection, _):
        entry = _shared_entry(request, connection)
        may_change_it(request, entry, "")
        before, after = sharing({"sharing": entry.sharing}), sharing(stated)
        public = str(stated.get("publicAccess", before.public))
        for access in (public, *after.users.values(), *after.groups.values()):
            if access not in ("--------", "r-------", "rw------"):
                raise Stopped(web_message(409, f"Invalid access string: {access}", code="E3015"))
        kept = as_json(Sharing(public, before.owner, after.users, after.groups))
        store.share(connection, reach_of(request), entry, kept)
    return web_message(200, "Access control set")


def _shared_entry(request: Request, connection: Connection) -> Entry:
    uid = request.query_params.get("id", "")
    entry = store.by_uid(connection, uid)
    reach = reach_of(request)
    if entry is None or not entry.reads(reach) or not store.may_read(reach, entry.namespace):
        raise Stopped(missing(f"Entry {uid} not found"))
    return entry
