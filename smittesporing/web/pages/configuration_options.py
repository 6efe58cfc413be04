"""An option set's answers: add, rename, reorder; one that has been published is closed, never deleted.

What people have answered must keep its word, so a published answer is only taken out of the lists to choose
from. Changes go to the draft. Called through web/routes.py and by the object's page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata import draft
from smittesporing.metadata.forms import reference
from smittesporing.metadata.options import CLOSED, is_closed
from smittesporing.metadata.snapshot import Body
from smittesporing.problems import Refused
from smittesporing.uid import new_uid
from smittesporing.web.pages.configuration_again import again
from smittesporing.web.pages.configuration_desk import Desk, desk_of
from smittesporing.web.pages.configuration_order import move
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of

SET, OPTION = "optionSets", "options"
_CODE = re.compile(r"[A-Za-z0-9_.+-]{1,50}")


@dataclass(frozen=True)
class Answer:
    """One answer as the page draws it."""

    uid: str
    code: str
    name: str
    closed: bool
    published: bool
    drafted: str
    used: int
    first: bool
    last: bool


def middle(desk: Desk, body: Body) -> dict[str, Any]:
    """The answers in order, open and closed."""
    rows = rows_of(desk, str(body["id"]))
    marker = closing_attribute(desk)
    answers = [
        Answer(
            str(row["id"]),
            str(row.get("code") or ""),
            str(row.get("name") or ""),
            is_closed(row, marker),
            desk.published.get(OPTION, str(row["id"])) is not None,
            desk.drafted(OPTION, str(row["id"])),
            len(desk.uses.used_by(OPTION, str(row["id"]))),
            at == 0,
            at == len(rows) - 1,
        )
        for at, row in enumerate(rows)
    ]
    return {"answers": answers, "seen": str(desk.seen), "problem": "", "typed": {}}


def rows_of(desk: Desk, option_set: str) -> list[Body]:
    found = [
        each
        for each in desk.metadata.of(OPTION).values()
        if reference(each, "optionSet") == option_set
    ]
    return sorted(found, key=lambda each: int(each.get("sortOrder") or 0))


def closing_attribute(desk: Desk) -> str:
    """The identifier of the attribute that says an option is closed; "" when it is not installed."""
    return str((desk.metadata.by_code("attributes", CLOSED) or {}).get("id", ""))


def add(request: Request) -> Response:
    """A new answer, last; a code that is taken or unreadable is told where it was typed."""
    uid = request.path_params["uid"]
    form = request.state.form
    code = str(form.get("kode", "")).strip()
    name = " ".join(str(form.get("navn", "")).split())[:230]
    problem = ""
    with work_of(request, "configuration.edit") as work:
        desk = desk_of(work)
        desk.body(SET, uid)
        rows = rows_of(desk, uid)
        if not name:
            problem = _("Skriv hva svaret skal hete.")
        elif not _CODE.fullmatch(code):
            problem = _("Koden er 1–50 tegn: bokstaver A–Z, tall, punktum, pluss, strek.")
        elif any(row.get("code") == code for row in rows):
            problem = _("Koden finnes alt i listen. Et svar kan ikke bytte kode.")
        else:
            last = max((int(row.get("sortOrder") or 0) for row in rows), default=0)
            made = {
                "id": new_uid(),
                "code": code,
                "name": name,
                "sortOrder": last + 1,
                "optionSet": {"id": uid},
            }
            draft.add(work.conn, work.reach, OPTION, made)
    more = {"problem": problem, "typed": {"kode": code, "navn": name}} if problem else {}
    return again(request, SET, uid, **more)


def act(request: Request) -> Response:
    """Up, down, close, open again; or away, for an answer that was never published."""
    uid, option, name = (request.path_params[key] for key in ("uid", "option", "act"))
    with work_of(request, "configuration.edit") as work:
        desk = desk_of(work)
        desk.body(SET, uid)
        rows = rows_of(desk, uid)
        if option not in {str(row["id"]) for row in rows}:
            raise Refused("T003", status=404)
        match name:
            case "opp" | "ned":
                move(desk, OPTION, rows, option, -1 if name == "opp" else 1)
            case "lukk" | "apne":
                _close(desk, option, name == "lukk")
            case "fjern" if desk.published.get(OPTION, option) is None:
                draft.remove(work.conn, work.reach, OPTION, option)
            case _:
                raise Refused("T003", status=404)
    return again(request, SET, uid)


def _close(desk: Desk, option: str, closed: bool) -> None:
    marker = closing_attribute(desk)
    if not marker:
        raise Refused("T003", status=404)

    def change(body: Body) -> None:
        closing(body, marker, closed)

    draft.write(desk.conn, desk.reach, OPTION, option, "closed", change)


def closing(body: Body, marker: str, closed: bool) -> None:
    """Mark an option as closed, or take the mark away."""
    kept = [
        each for each in body.get("attributeValues") or () if reference(each, "attribute") != marker
    ]
    if closed:
        kept.append({"attribute": {"id": marker}, "value": "true"})
    if kept or body.get("attributeValues"):
        body["attributeValues"] = kept
    if not kept:
        body.pop("attributeValues", None)
