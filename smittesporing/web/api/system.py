"""The server about itself: system/info, ping, ids, schemas.

Calls no store of records. What a client reads first, so the shapes are DHIS2 2.42's.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from smittesporing.metadata import fields
from smittesporing.metadata.kinds import (
    BY_SINGULAR,
    COMMON_PROPERTIES,
    KINDS,
    Kind,
    kind_pointed_at,
)
from smittesporing.uid import derived_uid, new_uid
from smittesporing.web.api.envelope import as_json, door, fields_of, not_found, number

VERSION = "2.42.5"
MOST_IDS = 10_000


@door
def info(request: Request) -> Response:
    """GET /api/system/info."""
    settings = request.app.state.settings
    now = datetime.now(UTC)
    body: dict[str, Any] = {
        "contextPath": settings.base_url,
        "userAgent": request.headers.get("user-agent", ""),
        "calendar": "iso8601",
        "dateFormat": "yyyy-mm-dd",
        "serverDate": settings.clock.now().strftime("%Y-%m-%dT%H:%M:%S.000"),
        "serverTimeZoneId": "Europe/Oslo",
        "serverTimeZoneDisplayName": "Central European Time",
        # Counting reads what is committed, so analytics is never older than now.
        "lastAnalyticsTableSuccess": now.strftime("%Y-%m-%dT%H:%M:%S.000"),
        "intervalSinceLastAnalyticsTableSuccess": "00 h, 00 m, 00 s",
        "version": VERSION,
        "revision": "smittesporing",
        "systemId": system_id(request),
        "systemName": "Smittesporing",
        "instanceBaseUrl": settings.base_url,
        "encryption": True,
        "emailConfigured": False,
        "redisEnabled": False,
        "isMetadataVersionEnabled": False,
        "isMetadataSyncEnabled": False,
    }
    return as_json(fields.choose(fields_of(request, "*"))(body))


def system_id(request: Request) -> str:
    """A stable identifier of this installation, as DHIS2 writes it."""
    base = request.app.state.settings.base_url
    parts = [derived_uid("ST", "system", base, str(place)) for place in range(4)]
    text = "".join(parts).encode().hex()[:32]
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def ping(request: Request) -> Response:
    """GET /api/ping and /api/system/ping."""
    return PlainTextResponse("pong")


@door
def ids(request: Request) -> Response:
    """GET /api/system/id?limit=n: fresh identifiers for clients that make their own records."""
    limit = number(request, "limit", 1, MOST_IDS)
    return as_json({"codes": [new_uid() for _ in range(limit)]})


@door
def schemas(request: Request) -> Response:
    """GET /api/schemas: which kinds there are and what they hold."""
    select = fields.choose(fields_of(request, "*"))
    return as_json({"schemas": [select(_schema(request, kind)) for kind in KINDS.values()]})


@door
def schema(request: Request) -> Response:
    """GET /api/schemas/{type}: one kind, by its singular or plural name."""
    name = request.path_params["type"]
    kind = BY_SINGULAR.get(name) or KINDS.get(name)
    if kind is None:
        return not_found("Schema", name)
    return as_json(fields.choose(fields_of(request, "*"))(_schema(request, kind)))


def _schema(request: Request, kind: Kind) -> dict[str, Any]:
    base = request.app.state.settings.base_url
    names = sorted(kind.properties | COMMON_PROPERTIES)
    return {
        "klass": kind.klass,
        "name": kind.singular,
        "singular": kind.singular,
        "plural": kind.plural,
        "displayName": kind.singular,
        "collectionName": kind.plural,
        "metadata": True,
        "identifiableObject": True,
        "nameableObject": "shortName" in kind.required,
        "shareable": kind.shareable,
        "dataShareable": kind.data_shareable,
        "persisted": True,
        "translatable": True,
        "relativeApiEndpoint": f"/{kind.plural}",
        "apiEndpoint": f"{base}/api/{kind.plural}",
        "href": f"{base}/api/schemas/{kind.singular}",
        "authorities": [
            {"type": "CREATE_PUBLIC", "authorities": [f"{kind.authority}_PUBLIC_ADD"]},
            {"type": "DELETE", "authorities": [f"{kind.authority}_DELETE"]},
        ],
        "properties": [
            {
                "name": name,
                "fieldName": name,
                "collection": name in KINDS,
                "required": name in kind.required,
                "propertyType": _property_type(name),
            }
            for name in names
        ],
    }


def _property_type(name: str) -> str:
    if name in KINDS:
        return "COLLECTION"
    return "REFERENCE" if kind_pointed_at(name) else "TEXT"
