"""The service as one ASGI application, made from the declared routes.

Reads bodies within limits, finds out who asks, checks the route's authority, answers refusals and faults
with a sentence, and sets the headers every answer carries. Knows no page and no record. Called by
`serve`, by the demo and by tests.
"""

import gzip
import logging
import re
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg_pool import PoolTimeout
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount
from starlette.routing import Route as StarletteRoute

from smittesporing import database, settings
from smittesporing.problems import Refused
from smittesporing.web import background, basic, oidc, refusals, session
from smittesporing.web.compression import compressed
from smittesporing.web.routes import Route, every_route, static_files

PAGE_BODY = 10 * 1024 * 1024
API_BODY = 100 * 1024 * 1024
# Where the header bar of DHIS2's apps asks for the menu, from before the Web API had it.
_MENU = "/dhis-web-commons/menu/getModules.action"
_VERSION = re.compile(r"^/api/(3[0-9]|4[0-9])(?=/|$)")
log = logging.getLogger("smittesporing")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class TooLarge(Exception):
    """The body passes the limit of its door."""


def normal_path(path: str) -> str:
    """The path as routes know it: no version after /api, no .json, no doubled or trailing slash."""
    path = re.sub(r"/{2,}", "/", path)
    if path == _MENU:
        return "/api/apps/menu"
    if path.startswith("/api"):
        path = _VERSION.sub("/api", path)
        path = path.removesuffix(".json")
    return path if path == "/" else path.rstrip("/")


class NormalPaths:
    """DHIS2's clients write /api/42/…, .json and double slashes; routes see one form."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = normal_path(scope["path"])
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await self.app(scope, receive, send)


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body, unpacked when gzipped; the limit counts unpacked bytes."""
    gathered = bytearray()
    async for chunk in request.stream():
        gathered += chunk
        if len(gathered) > limit:
            raise TooLarge
    body = bytes(gathered)
    if request.headers.get("content-encoding") == "gzip" or body[:2] == b"\x1f\x8b":
        unpacker = zlib.decompressobj(wbits=31)
        body = unpacker.decompress(body, limit + 1)
        if len(body) > limit:
            raise TooLarge
    return body


def guarded(route: Route) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint behind its guard: body, identity, authority, CSRF, faults, headers."""

    async def endpoint(request: Request) -> Response:
        started = time.perf_counter()
        is_api = request.url.path.startswith("/api")
        try:
            if "\0" in request.url.path or b"%00" in request.scope["query_string"]:
                # PostgreSQL keeps no NUL, so nothing can have it in its name.
                raise HTTPException(400)
            if request.method in ("POST", "PUT", "PATCH", "DELETE"):
                request.state.body = await read_body(request, API_BODY if is_api else PAGE_BODY)
                if request.headers.get("content-type", "").startswith(
                    ("application/x-www-form-urlencoded", "multipart/form-data")
                ):
                    request._body = request.state.body
                    request.state.form = await request.form(max_part_size=PAGE_BODY)
                    if any("\0" in str(value) for value in request.state.form.values()):
                        raise HTTPException(400)
            answer = await run_in_threadpool(_answer, route, request)
        except TooLarge:
            answer = refusals.answer(request, Refused("T012", status=413))
        except (gzip.BadGzipFile, zlib.error, HTTPException):
            answer = refusals.answer(request, Refused("T010", "Innhold", "", status=400))
        # The path's pattern, not the path: an address may hold an identifier of a person.
        log.info(
            "%s %s %s %.0f ms",
            request.method,
            route.path,
            answer.status_code,
            (time.perf_counter() - started) * 1000,
        )
        return answer

    return endpoint


def _answer(route: Route, request: Request) -> Response:
    """Who asks, may she, what is the answer; refusals and faults become sentences."""
    is_api = request.url.path.startswith("/api")
    request.state.route = route
    request.state.reach = None
    request.state.by_cookie = False
    try:
        if is_api and "authorization" in request.headers:
            request.state.reach = basic.reach_of(request)
        else:
            request.state.reach = session.reach_of(request)
            request.state.by_cookie = request.state.reach is not None
        refused = _refused(route, request, is_api)
        answer = refused if refused is not None else route.endpoint(request)
    except Refused as refusal:
        answer = refusals.answer(request, refusal)
    except (psycopg.OperationalError, PoolTimeout) as fault:
        log.error("database: %s", type(fault).__name__)
        answer = refusals.answer(request, Refused("T020", status=503))
        answer.headers["retry-after"] = "5"
    except Exception as fault:
        # The class and place only: a message may quote a person's data.
        log.error("fault in %s: %s", route.path, _where(fault))
        if request.app.state.raise_faults:
            raise
        answer = refusals.answer(request, Refused("T021", status=500))
    return compressed(request, _with_headers(request, answer))


def _where(fault: BaseException) -> str:
    """The fault's class and the last few places it came through, without its message."""
    places = []
    trace = fault.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"{type(fault).__name__} at {' < '.join(reversed(places[-5:]))}"


def _refused(route: Route, request: Request, is_api: bool) -> Response | None:
    """The refusal that the guard gives, or None when the endpoint may answer."""
    if route.authority == "public":
        return None
    reach = request.state.reach
    if reach is None:
        if is_api:
            return refusals.unauthorised()
        return RedirectResponse(session.sign_in_path(request), status_code=303)
    if route.authority != "signed_in" and not reach.may(route.authority):
        return refusals.answer(request, Refused("T002", status=403))
    unsafe = request.method in ("POST", "PUT", "PATCH", "DELETE")
    if unsafe and request.state.by_cookie and not session.csrf_ok(request):
        return refusals.answer(request, Refused("T011", status=403))
    return None


def _with_headers(request: Request, answer: Response) -> Response:
    headers = answer.headers
    nonce = getattr(request.state, "nonce", None)
    script = f"'self' 'nonce-{nonce}'" if nonce else "'self'"
    form_action = getattr(request.state, "form_action", "'self'")
    headers.setdefault(
        "content-security-policy",
        f"default-src 'none'; script-src {script}; style-src {script}; img-src 'self' data:; "
        f"font-src 'self'; connect-src 'self'; form-action {form_action}; base-uri 'none'; "
        "frame-ancestors 'none'; manifest-src 'self'",
    )
    headers.setdefault("x-content-type-options", "nosniff")
    headers.setdefault("referrer-policy", "same-origin")
    headers.setdefault("cache-control", "no-store")
    if request.url.scheme == "https":
        headers.setdefault("strict-transport-security", "max-age=31536000")
    return answer


async def _not_found(request: Request, fault: Exception) -> Response:
    status = getattr(fault, "status_code", 404)

    def answer() -> Response:
        is_api = request.url.path.startswith("/api")
        request.state.reach = None if is_api else session.reach_of(request)
        return _with_headers(request, refusals.answer(request, Refused("T003", status=status)))

    return await run_in_threadpool(answer)


def make_app(
    chosen: settings.Settings,
    *,
    routes: Iterable[Route] | None = None,
    pool_size: int = 8,
    raise_faults: bool = False,
) -> Starlette:
    """The application for these settings.

    Errors  `UndeclaredRoute` at start when a route lacks its owner, authority, scope or audit rule (R-31).
    """
    declared = list(every_route() if routes is None else routes)
    for route in declared:
        route.check()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.pool = database.open_pool(chosen.database_url, pool_size)
        app.state.counter_pool = database.open_pool(chosen.counter_url, 3)
        worker = background.start(app)
        yield
        worker.stop()
        app.state.pool.close()
        app.state.counter_pool.close()

    app = Starlette(
        routes=[
            *(
                StarletteRoute(route.path, guarded(route), methods=list(route.methods))
                for route in declared
            ),
            Mount("/static", static_files()),
        ],
        lifespan=lifespan,
        exception_handlers={404: _not_found, 405: _not_found},
    )
    app.router.redirect_slashes = False
    app.state.settings = chosen
    app.state.declared = declared
    if chosen.issuer:
        app.state.relying_party = oidc.relying_party(chosen)
    app.state.raise_faults = raise_faults
    return app


def from_environment() -> App:
    """The application as `serve` starts it in each process."""
    return NormalPaths(make_app(settings.from_environment()))
