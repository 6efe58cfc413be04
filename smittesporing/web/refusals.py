"""Refusals and faults as answers: a WebMessage for machines, a page with a sentence for people.

Called by app.py only. The sentence comes from problems.py; nothing of the request is repeated.
"""

import html
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from smittesporing.problems import Refused

HEADINGS = {
    403: "Du har ikke adgang hit",
    404: "Fant ikke siden",
    409: "Det gikk ikke",
    500: "Noe gikk galt hos oss",
    503: "Tjenesten svarer ikke akkurat nå",
}


def reason(status: int) -> str:
    """The status in the words of DHIS2's envelope, which are HTTP's."""
    return "Payload Too Large" if status == 413 else HTTPStatus(status).phrase


def web_message(status: int, message: str, code: str | None = None) -> JSONResponse:
    """DHIS2's envelope for an error."""
    body: dict[str, object] = {
        "httpStatus": reason(status),
        "httpStatusCode": status,
        "status": "ERROR",
        "message": message,
    }
    if code:
        body["errorCode"] = code
    return JSONResponse(body, status_code=status)


def unauthorised() -> Response:
    answer = web_message(401, "Unauthorized")
    answer.headers["www-authenticate"] = 'Basic realm="smittesporing"'
    return answer


def answer(request: Request, refusal: Refused) -> Response:
    """The refusal in the language of the door it came through."""
    problem = refusal.problem
    if request.url.path.startswith("/api"):
        return web_message(refusal.status, problem.sentence, problem.code)
    if request.headers.get("hx-request") or "application/json" in request.headers.get("accept", ""):
        return JSONResponse(
            {"code": problem.code, "message": problem.sentence}, status_code=refusal.status
        )
    from smittesporing.web.pages import render

    try:
        return render.page(
            request,
            "refusal.html",
            status=refusal.status,
            heading=HEADINGS.get(refusal.status, "Det gikk ikke"),
            sentence=problem.sentence,
            code=problem.code,
        )
    except Exception:
        # The last resort must not depend on what may be what failed.
        text = html.escape(problem.sentence)
        return HTMLResponse(
            f"<!doctype html><html lang=nb><title>Smittesporing</title><h1>{text}</h1>",
            status_code=refusal.status,
        )
