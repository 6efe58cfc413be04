"""How every API answer is wrapped: JSON, DHIS2's WebMessage, pagers, and bodies read with care.

Knows no object type. Called by all files of web/api.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata.fields import Unreadable
from smittesporing.metadata.filters import Refusal
from smittesporing.settings import OSLO
from smittesporing.web.refusals import reason

DEFAULT_PAGE_SIZE = 50
LARGEST_PAGE = 1_000_000

Endpoint = Callable[[Request], Response]


class Stopped(Exception):
    """The request ends here with this answer; raised below an endpoint, caught by `door`."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


def door(endpoint: Endpoint) -> Endpoint:
    """The endpoint with unreadable `fields`, `filter` and nesting answered by DHIS2's 400."""

    @functools.wraps(endpoint)
    def opened(request: Request) -> Response:
        try:
            return endpoint(request)
        except Stopped as stopped:
            return stopped.answer
        except Unreadable as fault:
            return web_message(400, f"Invalid fields filter: {fault}")
        except Refusal as fault:
            return web_message(400, str(fault), code="E1003")
        except RecursionError:
            return web_message(400, "Invalid JSON: nested too deeply")

    return opened


def as_json(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """The body as JSON."""
    try:
        written = msgspec.json.encode(body)
    except UnicodeEncodeError:
        # An expression may spell half a sign (a lone surrogate), which UTF-8 cannot write: shown as `?`.
        plain = msgspec.to_builtins(body)
        written = json.dumps(plain, ensure_ascii=False).encode("utf-8", "replace")
    return Response(
        written,
        status_code=status,
        media_type="application/json",
        headers=dict(headers or {}),
    )


def web_message(
    status: int,
    message: str | None = None,
    *,
    code: str | None = None,
    level: str | None = None,
    response: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """DHIS2's WebMessage; `level` is OK below 400 and ERROR from there unless stated."""
    body: dict[str, Any] = {
        "httpStatus": reason(status),
        "httpStatusCode": status,
        "status": level or ("OK" if status < 400 else "ERROR"),
    }
    if message is not None:
        body["message"] = message
    if code:
        body["errorCode"] = code
    if response is not None:
        body["response"] = response
    return as_json(body, status, headers)


def not_found(noun: str, uid: str) -> Response:
    """DHIS2's 404 for an object that is not there or not for the asker to see."""
    return web_message(404, f"{noun} with id {uid} could not be found.", code="E1005")


def nothing() -> Response:
    """204: done, and nothing to tell."""
    return Response(status_code=204)


def of_type(request: Request, media_type: str) -> None:
    """Errors  `Stopped` with 415 when the body says it is of another type; silence is taken well."""
    stated = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if stated and stated != media_type:
        message = f"Content-Type '{stated}' is not supported"
        raise Stopped(web_message(415, message, headers={"accept": media_type}))


def read_json(request: Request) -> Any:
    """The body's JSON.

    Errors  `Stopped` with 400 when the body is no JSON or holds a NUL, which no text can keep.
    """
    raw: bytes = request.state.body
    if raw.startswith(b"\xef\xbb\xbf"):
        raw = raw[3:]
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise Stopped(web_message(400, f"Invalid JSON: {fault}")) from None
    if b"\\u0000" in raw:
        raise Stopped(web_message(400, "Invalid JSON: a text holds the character NUL"))
    return body


def read_object(request: Request) -> dict[str, Any]:
    """The body's JSON, which must be an object. Errors  `Stopped` with 400."""
    body = read_json(request)
    if not isinstance(body, dict):
        raise Stopped(web_message(400, "Invalid JSON: an object is expected"))
    return body


def number(request: Request, name: str, default: int, largest: int = LARGEST_PAGE) -> int:
    """A whole number from the query, at least 1. Errors  `Stopped` with 400 when it is none."""
    text = request.query_params.get(name, "")
    if not text:
        return default
    try:
        return min(max(int(text), 1), largest)
    except ValueError:
        raise Stopped(web_message(400, f"Value '{text}' is not valid for {name}")) from None


def instant(request: Request, name: str) -> datetime | None:
    """A moment from the query; a year or a month is its first day. Errors  `Stopped` with 400."""
    text = request.query_params.get(name, "")
    if not text:
        return None
    try:
        at = datetime.fromisoformat(f"{text}-01-01"[:10] if len(text) in (4, 7) else text)
    except ValueError:
        raise Stopped(web_message(400, f"Value '{text}' is not valid for {name}")) from None
    return at if at.tzinfo else at.replace(tzinfo=OSLO)


def flag(request: Request, name: str, default: bool = False) -> bool:
    """A yes or no from the query."""
    text = request.query_params.get(name)
    return default if text in (None, "") else str(text).lower() in ("true", "1", "yes")


def choice(request: Request, name: str, choices: Sequence[str]) -> str:
    """One of the choices from the query, the first when it is absent. Errors  `Stopped`, 400."""
    text = request.query_params.get(name) or choices[0]
    text = text if text in choices else text.upper()
    if text not in choices:
        stated = ", ".join(choices)
        raise Stopped(web_message(400, f"Value '{text}' is not valid for {name}: {stated}"))
    return text


def word(request: Request, name: str, choices: Sequence[str]) -> str:
    """One of the choices from the query, and the first for any other word, as DHIS2 reads them."""
    text = request.query_params.get(name, "").upper()
    return text if text in choices else choices[0]


def paged(request: Request, found: Sequence[Any]) -> tuple[Sequence[Any], dict[str, Any]]:
    """The page asked for and what an answer begins with, its pager; with paging=false all, and nothing.

    Shape   A page past the end is empty and still has a pager.
    """
    if not flag(request, "paging", True):
        return found, {}
    page = number(request, "page", 1)
    size = number(request, "pageSize", DEFAULT_PAGE_SIZE)
    pages = max(math.ceil(len(found) / size), 1)
    pager: dict[str, Any] = {
        "page": page,
        "total": len(found),
        "pageSize": size,
        "pageCount": pages,
    }
    if page < pages:
        pager["nextPage"] = _page_address(request, page + 1)
    if 1 < page <= pages + 1:
        pager["prevPage"] = _page_address(request, page - 1)
    return found[(page - 1) * size : page * size], {"pager": pager}


def _page_address(request: Request, page: int) -> str:
    kept = [(key, value) for key, value in request.query_params.multi_items() if key != "page"]
    base = request.app.state.settings.base_url
    return f"{base}{request.url.path}?{urlencode([*kept, ('page', str(page))])}"


def fields_of(request: Request, default: str) -> str:
    """The `fields` text of the request; several parameters are one, and none is the default."""
    given = [text for text in request.query_params.getlist("fields") if text.strip()]
    return ",".join(given) if given else default
