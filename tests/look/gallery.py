"""The gallery as a small service of its own: `python -m tests.look.gallery` shows it on port 8765.

Serves the templates, the built bundle and answers the islands need, from invented data.
Holds no database and signs nobody in. Used by tests/look and by eyes.
"""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from smittesporing.access.reach import ACTIONS, Reach
from smittesporing.web.pages import render
from tests.look.examples import example

# As web/app.py sends it: a part that needs more fails here first.
POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
CLOCK = SimpleNamespace(
    today=lambda: date(2022, 1, 20),
    now=lambda: datetime(2022, 1, 20, 12, 4, tzinfo=ZoneInfo("Europe/Oslo")),
    shifted=True,
)


def gallery(request: Request) -> Response:
    role = request.query_params.get("rolle", "tracer")
    request.state.reach = Reach("u1", "lise", "Lise Hansen", (), (), None, role, ACTIONS[role])
    request.state.place = "Tromsø kommune"
    answer = render.page(request, "gallery.html", menu="i-dag", example=example())
    answer.headers["content-security-policy"] = POLICY.format(nonce=request.state.nonce)
    return answer


async def save(request: Request) -> Response:
    form = await request.form()
    if form.get("place") == "uenig":
        return JSONResponse({"version": "9", "value": "Nordvik rør", "by": "Jonas Bakken"}, 409)
    if form.get("place") == "nede":
        return JSONResponse({}, 503)
    if form.get("place") == "utlogget":
        return RedirectResponse("/", 303)
    return JSONResponse({"version": "4", "at": "2022-01-20T12:07:00+01:00", "fields": {}})


async def row(request: Request) -> Response:
    form = await request.form()
    name, last = str(form.get("name", "")), str(form.get("last", ""))
    if not form.get("relation") or not last:
        words = "Forslaget kommer når relasjon og siste kontakt er fylt ut."
        return JSONResponse(
            {"verdict": f"<p>{words}</p>", "say": "", "id": form.get("row") or f"n{name}"}
        )
    ui = render.environment().globals["ui"]
    kind = "samme husstand" if form["relation"] == "HOUSEHOLD" else "øvrig"
    verdict = ui.verdict(
        "dot" if kind[0] == "s" else "half", f"Nærkontakt, {kind}.", f"Siste kontakt {last}."
    )
    return JSONResponse(
        {
            "id": form.get("row") or f"n{name}",
            "version": 1,
            "verdict": verdict,
            "own": ui.own(confirm="/bekreft"),
            "why": "<p>Fordi.</p>",
            "say": f"{name}: nærkontakt, {kind}.",
            "summary": "5 rader: 3 nye",
        }
    )


def done(request: Request) -> Response:
    return HTMLResponse('<li class="work-row folded" data-row tabindex="-1">Ferdig. Angre</li>')


def app() -> Starlette:
    made = Starlette(
        routes=[
            Route("/", gallery),
            Route("/lagre", save, methods=["POST"]),
            Route("/ferdig", done, methods=["POST"]),
            Route("/rad", row, methods=["POST"]),
            Mount("/static", StaticFiles(directory=render.HERE / "static")),
        ]
    )
    made.state.settings = SimpleNamespace(clock=CLOCK)
    return made


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app(), host="127.0.0.1", port=8765, log_level="warning")
