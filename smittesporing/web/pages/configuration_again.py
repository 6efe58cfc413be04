"""The object's page shown again after an act: its middle and what stands beside it, put in place by htmx.

Without a script the browser is sent back to the page. Called by the acts of the configuration's pages.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smittesporing.web.pages import render
from smittesporing.web.pages.configuration_desk import PATH, desk_of
from smittesporing.web.working import work_of


def again(request: Request, plural: str, uid: str, **more: Any) -> Response:
    """The middle and the side, as they are once the act's own work is committed."""
    from smittesporing.web.pages import configuration_show

    if request.headers.get("hx-request") != "true":
        return RedirectResponse(f"{PATH}/{plural}/{uid}", 303)
    with work_of(request, "configuration.read") as work:
        desk = desk_of(work)
        body = desk.body(plural, uid)
        template, middle = configuration_show.MIDDLES[plural]
        return render.part(
            request,
            "configuration/again.html",
            middle=template,
            **{**configuration_show.beside(desk, plural, body), **middle(desk, body), **more},
        )
