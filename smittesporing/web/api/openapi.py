"""`GET /api/openapi.json`: the API as an OpenAPI 3.1 document, made of the route table.

Path, methods and rules come from the declared routes, the rest from the `…_described.py` beside the
endpoints; an address without a description stops a test of the house. Mounted by web/routes.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata.kinds import KINDS
from smittesporing.web.api import (
    accounts_described,
    counting_described,
    files_described,
    metadata_described,
    org_units_described,
    reading_described,
    reserving_described,
    stores_described,
    system_described,
    tasks_described,
    tracker_described,
    upkeep_described,
    users_described,
)
from smittesporing.web.api.described import (
    UID,
    Answer,
    Description,
    Parameter,
    Table,
    ok,
    one_of,
    ref,
    stops,
)
from smittesporing.web.api.envelope import as_json
from smittesporing.web.api.openapi_schemas import components
from smittesporing.web.api.system import VERSION

if TYPE_CHECKING:
    from smittesporing.web.routes import Route

Made = dict[str, Any]
_WRITES = ("POST", "PUT", "PATCH", "DELETE")
_PACKED = {"gz": "application/json+gzip", "zip": "application/json+zip"}
_BRACES = re.compile(r"\{(\w+)\}")
_IN_PATHS = {
    each.name: each
    for each in (
        Parameter("type", "The kind, in the plural.", one_of(*KINDS)),
        Parameter("uid", "An identifier.", UID),
        Parameter("collection", "The list of references.", one_of(*KINDS)),
        Parameter("item", "The identifier of what the list gains or loses.", UID),
    )
}


def document(request: Request) -> Response:
    """GET /api/openapi.json: this server's own addresses, those it was started with."""
    state = request.app.state
    if not hasattr(state, "openapi"):
        state.openapi = document_of(state.declared)
    return as_json(state.openapi)


DESCRIBED: Table = {
    document: Description("This document.", ok("OpenAPI 3.1.", {"type": "object"})),
    **system_described.DESCRIBED,
    **accounts_described.DESCRIBED,
    **users_described.DESCRIBED,
    **stores_described.DESCRIBED,
    **files_described.DESCRIBED,
    **org_units_described.DESCRIBED,
    **metadata_described.DESCRIBED,
    **reading_described.DESCRIBED,
    **tasks_described.DESCRIBED,
    **upkeep_described.DESCRIBED,
    **tracker_described.DESCRIBED,
    **reserving_described.DESCRIBED,
    **counting_described.DESCRIBED,
}


def described(routes: Iterable[Route]) -> Iterator[tuple[Route, str, Description]]:
    """Each address of the API with each of its methods and its description.

    Errors  `KeyError` for an endpoint without a description.
    """
    for route in routes:
        if route.path.startswith("/api"):
            for method in route.methods:
                yield route, method, DESCRIBED[route.endpoint]


def document_of(routes: Iterable[Route]) -> Made:
    """The document of these routes."""
    paths: dict[str, Made] = {}
    shown: dict[str, str] = {}
    for route, method, description in described(routes):
        # Paths that differ only in the names within braces are one path to OpenAPI.
        shape = _BRACES.sub("{}", route.path)
        path = shown.setdefault(shape, route.path)
        renamed = dict(zip(_BRACES.findall(route.path), _BRACES.findall(path), strict=True))
        paths.setdefault(path, {})[method.lower()] = _operation(route, method, description, renamed)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Smittesporing",
            "version": VERSION,
            "description": "DHIS2's Web API as this service answers it; see docs/api.md. "
            "A version may stand after /api (/api/42/…), and every path may end in .json.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": components(),
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "`ApiToken d2pat_…`: a personal access token, made at POST /api/apiTokens.",
                },
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "smittesporing",
                    "description": "The session of the pages, `__Host-smittesporing` on https; a write also needs "
                    "X-CSRF-Token.",
                },
            },
        },
    }


def _operation(route: Route, method: str, said: Description, renamed: dict[str, str]) -> Made:
    named = {each.name: each for each in said.path}
    parameters = [
        _parameter(named.get(name) or _IN_PATHS[name], "path", renamed[name])
        for name in _BRACES.findall(route.path)
    ]
    parameters += [_parameter(each, "query", each.name) for each in said.query]
    made: Made = {
        "operationId": "_".join([method.lower(), *re.findall(r"\w+", route.path)]),
        "tags": [route.owner],
        "summary": said.says,
        "x-authority": route.authority,
        "x-scope": route.scope,
        "x-audit": route.audit,
        "responses": {
            str(status): _response(answer, _PACKED.get(route.path.rpartition(".")[2]))
            for status, answer in sorted({**_guarded(route, method), **said.answers}.items())
        },
    }
    if parameters:
        made["parameters"] = parameters
    if said.body is not None:
        made["requestBody"] = {
            "description": said.body.says,
            "required": said.body.required,
            "content": {media: {"schema": said.body.schema} for media in said.body.media},
        }
    if route.authority != "public":
        made["security"] = [{"basic": []}, {"token": []}, {"session": []}]
    return made


def _parameter(each: Parameter, place: str, name: str) -> Made:
    made: Made = {"name": name, "in": place, "description": each.says}
    made["schema"] = {"type": "array", "items": each.schema} if each.repeated else each.schema
    if place == "path" or each.required:
        made["required"] = True
    return made


def _response(answer: Answer, packed: str | None) -> Made:
    """An answer's description; an address that ends in .gz or .zip packs all but its refusals."""
    if not answer.media:
        return {"description": answer.says}
    forms = {answer.media: answer.schema, **answer.others}
    content: Made = {media: {"schema": schema} for media, schema in forms.items()}
    if packed and answer.schema != ref("WebMessage"):
        content = {packed: {}}
    return {"description": answer.says, "content": content}


def _guarded(route: Route, method: str) -> dict[int, Answer]:
    """What the guard in web/app.py answers before the endpoint is asked, or in its place."""
    found = stops(
        s400="A parameter cannot be read.",
        s429="Too many wrong passwords; wait five minutes.",
        s503="The database does not answer; try again in a moment.",
    )
    if route.authority != "public":
        found |= stops(s401="It is not known who asks.")
    if route.authority not in ("public", "signed_in"):
        found |= stops(s403=f"The one who asks may not: it takes the action {route.authority}.")
    if method in _WRITES:
        found |= stops(s403="The one who asks may not.", s413="The body is over 100 MB.")
    return found
