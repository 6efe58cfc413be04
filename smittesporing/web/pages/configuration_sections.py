"""The parts of a form: a new one, one moved, one taken away when it asks nothing.

Changes go to the draft. Called through web/routes.py.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata import draft
from smittesporing.metadata.forms import references
from smittesporing.metadata.snapshot import Body
from smittesporing.problems import Refused
from smittesporing.uid import new_uid
from smittesporing.web.pages.configuration_again import again
from smittesporing.web.pages.configuration_desk import Desk, desk_of
from smittesporing.web.pages.configuration_form import Shape, rows_of, sections_of, shape_of
from smittesporing.web.pages.configuration_order import move
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of


def add(request: Request) -> Response:
    """A new part, last; the first part of a form takes all its questions, since no other is shown."""
    shape, holder = shape_of(request), request.path_params["uid"]
    name = " ".join(str(request.state.form.get("navn", "")).split())[:200]
    problem = ""
    with work_of(request, "configuration.edit") as work:
        desk = desk_of(work)
        desk.body(shape.holder, holder)
        sections = sections_of(desk, shape, holder)
        if not name:
            problem = _("Skriv hva delen skal hete.")
        elif name in {str(each.get("name")) for each in sections}:
            problem = _("Skjemaet har alt en del som heter det samme.")
        else:
            asked = [] if sections else [{"id": uid} for uid in rows_of(desk, shape, holder)]
            last = max((int(each.get("sortOrder") or 0) for each in sections), default=0)
            made: Body = {
                "id": new_uid(),
                "name": name,
                "sortOrder": last + 1,
                shape.within: {"id": holder},
                shape.listed: asked,
                "renderType": {device: {"type": "LISTING"} for device in ("DESKTOP", "MOBILE")},
            }
            draft.add(work.conn, work.reach, shape.section, made)
    return again(request, shape.holder, holder, **({"part_problem": problem} if problem else {}))


def act(request: Request) -> Response:
    """Up or down, or away; a part that asks something, or that a rule names, stays and says why."""
    shape = shape_of(request)
    holder, part, name = (request.path_params[key] for key in ("uid", "part", "act"))
    problem = ""
    with work_of(request, "configuration.edit") as work:
        desk = desk_of(work)
        desk.body(shape.holder, holder)
        sections = sections_of(desk, shape, holder)
        if part not in {str(each["id"]) for each in sections}:
            raise Refused("T003", status=404)
        match name:
            case "opp" | "ned":
                move(desk, shape.section, sections, part, -1 if name == "opp" else 1)
            case "fjern":
                problem = _in_the_way(desk, shape, holder, sections, part)
                if not problem:
                    draft.remove(work.conn, work.reach, shape.section, part)
            case _:
                raise Refused("T003", status=404)
    return again(request, shape.holder, holder, **({"part_problem": problem} if problem else {}))


def _in_the_way(desk: Desk, shape: Shape, holder: str, sections: list[Body], part: str) -> str:
    """Why the part cannot be taken away; "" when it can."""
    body = next(each for each in sections if str(each["id"]) == part)
    asked = rows_of(desk, shape, holder)
    if any(uid in asked for uid in references(body, shape.listed)):
        return _("Flytt spørsmålene ut av «%(name)s» først.", name=body.get("name", ""))
    # A rule that acts on it would no longer hold.
    using = [desk.page_of(*use.key) for use in desk.uses.used_by(shape.section, part)]
    names = sorted({line.name for line in using if line.plural == "programRules"})
    if names:
        return _(
            "«%(name)s» skjules av en regel. Ta bort handlingen i «%(rule)s» først.",
            name=body.get("name", ""),
            rule=names[0],
        )
    return ""
