"""Something new in the draft: a question, a list of answers, or a rule or indicator that begins as another is.

Called through web/routes.py.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smittesporing.metadata import draft
from smittesporing.metadata.kinds import DEFAULT_CATEGORY_COMBO
from smittesporing.metadata.snapshot import Body, Metadata
from smittesporing.problems import Refused
from smittesporing.uid import new_uid
from smittesporing.web.pages import configuration_browse, configuration_form, configuration_rule
from smittesporing.web.pages.configuration_again import again
from smittesporing.web.pages.configuration_desk import PATH, desk_of, own_body
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of

# What may begin as another one: it holds no data.
COPIED = frozenset(("programRules", "programIndicators", "indicators"))
_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "Æ": "AE", "Ø": "O", "Å": "A"})


def copy(request: Request) -> Response:
    """A new rule or indicator that is as this one, with a name that says so."""
    plural, uid = request.path_params["plural"], request.path_params["uid"]
    with work_of(request, "configuration.edit") as work:
        desk = desk_of(work)
        like = own_body(plural, desk.body(plural, uid))
        if plural not in COPIED:
            raise Refused("T003", status=404)
        made = new_uid()
        name = _("Kopi av %(name)s", name=like.get("name", ""))[:220]
        names = {str(each.get("name")) for each in desk.metadata.of(plural).values()}
        if name in names:
            name += f" {made[:4]}"
        body = {**_without_history(like), "id": made, "name": name}
        if "shortName" in body:
            body["shortName"] = f"{name[:44]} {made[:4]}"
        if "analyticsPeriodBoundaries" in body:
            rows = body["analyticsPeriodBoundaries"]
            body["analyticsPeriodBoundaries"] = [{**row, "id": new_uid()} for row in rows]
        draft.add(work.conn, work.reach, plural, body)
        if plural == "programRules":
            for kind, action in configuration_rule.actions_of(desk, uid):
                same = _without_history(own_body(kind, desk.metadata.get(kind, action) or {}))
                new = {**same, "id": new_uid(), "programRule": {"id": made}}
                draft.add(work.conn, work.reach, kind, new)
    return RedirectResponse(f"{PATH}/{plural}/{made}", 303)


def _without_history(body: Mapping[str, Any]) -> Body:
    gone = ("code", "created", "createdBy", "lastUpdatedBy", "version")
    return {name: value for name, value in body.items() if name not in gone}


def question(request: Request) -> Response:
    """A question that did not exist, last in a part of the form; what is missing is told at the form's foot."""
    stage = request.path_params["uid"]
    form = request.state.form
    name = " ".join(str(form.get("navn", "")).split())[:200]
    kind, options = str(form.get("slag", "")), str(form.get("liste", ""))
    problem = ""
    with work_of(request, "configuration.edit") as work:
        desk = desk_of(work)
        desk.body("programStages", stage)
        taken = {str(each.get("name")) for each in desk.metadata.of("dataElements").values()}
        if not name:
            problem = _("Skriv hva spørsmålet skal hete.")
        elif name in taken:
            problem = _(
                "Et annet spørsmål heter det samme. Legg til det, eller velg et annet navn."
            )
        elif kind not in configuration_form.ANSWERS:
            problem = _("Velg hva slags svar spørsmålet har.")
        elif options and (kind != "TEXT" or options not in desk.metadata.of("optionSets")):
            problem = _("En svarliste hører til svar av slaget tekst.")
        else:
            element = new_uid()
            body: Body = {
                "id": element,
                "code": code_for(desk.metadata, "dataElements", "ST_", name),
                "name": name,
                "shortName": f"{name[:44]} {element[:4]}" if len(name) > 50 else name,
                "formName": name,
                "valueType": kind,
                "domainType": "TRACKER",
                "aggregationType": "NONE",
                "categoryCombo": {"id": DEFAULT_CATEGORY_COMBO},
                "zeroIsSignificant": False,
            }
            if options:
                desk.body("optionSets", options)
                body["optionSet"] = {"id": options}
            draft.add(work.conn, work.reach, "dataElements", body)
            configuration_form.place_new(desk, stage, element, str(form.get("del", "")))
    more = {"problem": problem, "typed": {"navn": name, "slag": kind}} if problem else {}
    return again(request, "programStages", stage, **more)


def answer_list(request: Request) -> Response:
    """A list of answers that did not exist, still without answers; what is missing is told at its field."""
    name = " ".join(str(request.state.form.get("navn", "")).split())[:200]
    with work_of(request, "configuration.edit") as work:
        desk = desk_of(work)
        taken = {str(each.get("name")) for each in desk.metadata.of("optionSets").values()}
        problem = ""
        if not name:
            problem = _("Skriv hva svarlisten skal hete.")
        elif name in taken:
            problem = _("En annen svarliste heter det samme. Bruk den, eller velg et annet navn.")
        else:
            made = new_uid()
            body = {
                "id": made,
                "code": code_for(desk.metadata, "optionSets", "ST_OPT_", name),
                "name": name,
                "valueType": "TEXT",
            }
            draft.add(work.conn, work.reach, "optionSets", body)
    if problem:
        return configuration_browse.group_page(
            request, configuration_browse.LISTS, problem=problem, typed=name
        )
    return RedirectResponse(f"{PATH}/optionSets/{made}", 303)


def code_for(metadata: Metadata, plural: str, before: str, name: str) -> str:
    """A code of the programme's own form that nothing of the kind has: its beginning and the name's letters."""
    plain = (
        unicodedata.normalize("NFKD", name.translate(_LETTERS)).encode("ascii", "ignore").decode()
    )
    stem = before + (re.sub(r"[^A-Z0-9]+", "_", plain.upper()).strip("_")[:40] or "NY")
    taken = {str(each.get("code")) for each in metadata.of(plural).values()}
    code, number = stem, 2
    while code in taken:
        code, number = f"{stem}_{number}", number + 1
    return code
