"""The draft tried on made-up answers: a form with its rules, an indicator counted over made-up rows.

No person's data are read: KS sees no people, and nothing that is typed here is kept. What is published
answers beside the draft, so that the difference is seen. Called through web/routes.py.
"""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smittesporing.metadata.forms import reference
from smittesporing.problems import Refused
from smittesporing.web.pages import configuration_try_count as counting
from smittesporing.web.pages import configuration_try_form as trying
from smittesporing.web.pages import render
from smittesporing.web.pages.configuration_desk import PATH, Desk, desk_of
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of


def show(request: Request) -> Response:
    """The trial of a form, a rule or an indicator. Errors  T003 for what cannot be tried."""
    plural, uid = request.path_params["plural"], request.path_params["uid"]
    with work_of(request, "configuration.try") as work:
        desk = desk_of(work)
        desk.body(plural, uid)
        match plural:
            case "programStages":
                return form(request, desk, uid)
            case "programRules":
                stage = stage_of(desk, uid)
                if stage:
                    return RedirectResponse(f"{PATH}/prov/programStages/{stage}?regel={uid}", 303)
                raise Refused("T003", status=404)
            case "programIndicators" | "indicators":
                return indicator(request, desk, plural, uid)
            case _:
                raise Refused("T003", status=404)


def example(request: Request) -> int:
    """Which made-up example is asked for; 0 for none."""
    text = request.query_params.get("eksempel", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def form(request: Request, desk: Desk, stage: str) -> Response:
    chosen = example(request)
    trial = trying.trial_of(desk, stage)
    if request.method == "POST":
        answers = trying.typed(trial, request.state.form)
    else:
        answers = trying.made_up(trial, desk.work.clock.today(), chosen) if chosen else {}
    outcome = trying.judged(desk, trial, answers)
    if request.headers.get("hx-request") == "true":
        part = render.part(request, "configuration/try_outcome.html", outcome=outcome)
        fields = {"smittesporing:fields": trying.state_of(trial, outcome)}
        part.headers["hx-trigger"] = json.dumps(fields)
        return part
    return render.page(
        request,
        "configuration/try_form.html",
        menu="konfigurasjon",
        desk=desk,
        line=desk.line("programStages", stage),
        parts=trying.drawn(desk, trial, answers, outcome),
        outcome=outcome,
        example=chosen,
        rule=request.query_params.get("regel", ""),
        drafted=bool(desk.entries),
        path=f"{PATH}/prov/programStages/{stage}",
        crumbs=crumbs(desk, "programStages", stage),
    )


def indicator(request: Request, desk: Desk, plural: str, uid: str) -> Response:
    chosen = example(request) or 1
    trial = counting.trial_of(desk, plural, uid, chosen)
    return render.page(
        request,
        "configuration/try_count.html",
        menu="konfigurasjon",
        desk=desk,
        line=desk.line(plural, uid),
        trial=trial,
        example=chosen,
        drafted=bool(desk.entries),
        path=f"{PATH}/prov/{plural}/{uid}",
        crumbs=crumbs(desk, plural, uid),
    )


def crumbs(desk: Desk, plural: str, uid: str) -> list[dict[str, str]]:
    return [
        {"word": _("Konfigurasjon"), "href": PATH},
        {"word": desk.name(plural, uid), "href": desk.href(plural, uid)},
        {"word": _("Prøv")},
    ]


def stage_of(desk: Desk, rule: str) -> str:
    """The form where a rule shows what it does: its own, that of what it acts on, else the program's first."""
    body = desk.metadata.get("programRules", rule) or {}
    own = reference(body, "programStage")
    program = desk.metadata.programs.get(reference(body, "program") or "")
    if own or program is None:
        return own or ""
    acted = {
        reference(each, "dataElement")
        for each in desk.metadata.of("programRuleActions").values()
        if reference(each, "programRule") == rule
    }
    for stage in program.stages:
        if acted & stage.elements_by_uid.keys():
            return stage.uid
    return program.stages[0].uid if program.stages else ""
