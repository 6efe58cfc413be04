"""The server about itself: system/info, ping, ids, and the tidying it needs none of.

Calls no store of records. What a client reads first, so the shapes are DHIS2 2.42's.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from smittesporing.metadata import fields
from smittesporing.uid import derived_uid, new_uid
from smittesporing.web.api.envelope import (
    as_json,
    door,
    fields_of,
    number,
)

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
