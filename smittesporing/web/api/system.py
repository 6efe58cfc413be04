"""The server about itself and about the one who asks: system/info, ping, ids, me.

Calls no store of records. What a client reads first, so the shapes are DHIS2 2.42's.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from smittesporing.access import org_units
from smittesporing.access.reach import ROLE_NAMES
from smittesporing.metadata import fields, roles, sharing
from smittesporing.uid import derived_uid, new_uid
from smittesporing.web.api.asking import asked
from smittesporing.web.api.envelope import as_json, door, fields_of, number
from smittesporing.web.working import reach_of

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
def me(request: Request) -> Response:
    """GET /api/me: the one who asks, with roles, org units and authorities."""
    reach = reach_of(request)
    with asked(request) as (connection, world):
        account = dict(world.users().get(reach.user, {}))
        units = org_units.current(connection)
        working = units.by_id.get(reach.working_in) if reach.working_in is not None else None
        own = [{"id": working.uid}] if working else []
        found = account.get("organisationUnits") or own
        programs = [
            program.uid
            for program in world.metadata.programs.values()
            if program.sharing.data_read(reach)
        ]
        given, _, family = reach.name.rpartition(" ")
        body: dict[str, Any] = {
            "firstName": given,
            "surname": family,
            **account,
            "id": reach.user,
            "username": reach.username,
            "name": reach.name,
            "displayName": reach.name,
            "authorities": authorities(request),
            "userRoles": account.get("userRoles")
            or [{"id": roles.role_uid(reach.role), "name": ROLE_NAMES[reach.role]}],
            "userGroups": [{"id": uid} for uid in sorted(reach.groups)],
            "organisationUnits": own,
            "dataViewOrganisationUnits": found,
            "teiSearchOrganisationUnits": found,
            "programs": programs,
            "dataSets": [],
            "settings": {
                "keyUiLocale": "nb",
                "keyDbLocale": None,
                "keyAnalysisDisplayProperty": "name",
                "keyStyle": "light_blue/light_blue.css",
            },
            "translations": [],
            "attributeValues": [],
            "favorites": [],
            "patTokens": [],
            "externalAuth": True,
            "twoFactorType": "NOT_ENABLED",
            "sharing": sharing.as_json(sharing.sharing({})),
            "access": {
                "read": True,
                "update": False,
                "delete": False,
                "write": False,
                "manage": False,
                "externalize": False,
            },
        }
        tree = fields.parse(fields_of(request, "*"))
        return as_json(fields.compile(tree, world, "me")(body))


@door
def my_authorities(request: Request) -> Response:
    """GET /api/me/authorization (and authorities)."""
    return as_json(authorities(request))


@door
def has_authority(request: Request) -> Response:
    """GET /api/me/authorization/{authority}: true or false."""
    held = authorities(request)
    return as_json("ALL" in held or request.path_params["authority"] in held)


def authorities(request: Request) -> list[str]:
    """The DHIS2 authorities that what she may do amounts to."""
    return roles.authorities(reach_of(request).authorities)
