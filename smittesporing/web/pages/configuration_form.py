"""A stage's form: its questions by part and order, which must be answered, what is left out.

A question that is left out stays in the stage, so that what was answered is kept and counted. Changes go to
the draft. Called through web/routes.py and by the object's page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata import draft
from smittesporing.metadata.forms import reference, references
from smittesporing.metadata.snapshot import Body
from smittesporing.problems import Refused
from smittesporing.uid import new_uid
from smittesporing.web.pages.configuration_again import again
from smittesporing.web.pages.configuration_desk import Desk, Shown, desk_of, seen_of
from smittesporing.web.pages.configuration_fields import answered, refused
from smittesporing.web.pages.configuration_words import value_word
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of

STAGE, SECTION = "programStages", "programStageSections"
LEFT_OUT = "utenfor"
# The kinds of answer a new question may have; the others come by import.
ANSWERS = (
    "TEXT",
    "LONG_TEXT",
    "BOOLEAN",
    "TRUE_ONLY",
    "DATE",
    "INTEGER_ZERO_OR_POSITIVE",
    "NUMBER",
)


@dataclass(frozen=True)
class Asked:
    """A question in its place: its own words, whether it must be answered, and where else it is asked."""

    line: Shown
    ask: str
    kind: str
    must: bool
    elsewhere: tuple[str, ...]
    first: bool
    last: bool


@dataclass(frozen=True)
class Part:
    """A part of the form; the last one, without a name of its own, holds what is left out."""

    uid: str
    name: str
    asked: tuple[Asked, ...]


def middle(desk: Desk, body: Body) -> dict[str, Any]:
    """The form's parts, the parts a question may move to, and the questions that may be added."""
    stage = str(body["id"])
    parts = parts_of(desk, stage)
    inside = {asked.line.uid for part in parts for asked in part.asked}
    others = [
        (uid, str(each.get("name")))
        for uid, each in desk.metadata.of("dataElements").items()
        if uid not in inside
        and each.get("domainType") == "TRACKER"
        and desk.visible("dataElements", each)
    ]
    return {
        "parts": parts,
        "places": [(part.uid, part.name) for part in parts],
        "others": sorted(others, key=lambda pair: pair[1].lower()),
        "sectioned": bool(sections_of(desk, stage)),
        "answers": [(kind, value_word(kind)) for kind in ANSWERS],
        "lists": sorted(
            (
                (uid, str(each.get("name")))
                for uid, each in desk.metadata.of("optionSets").items()
                if desk.visible("optionSets", each)
            ),
            key=lambda pair: pair[1].lower(),
        ),
        "problem": "",
        "typed": {},
        "seen": str(desk.seen),
    }


def sections_of(desk: Desk, stage: str) -> list[Body]:
    """The stage's parts in order."""
    found = [
        each
        for each in desk.metadata.of(SECTION).values()
        if reference(each, "programStage") == stage
    ]
    return sorted(found, key=lambda each: int(each.get("sortOrder") or 0))


def rows_of(desk: Desk, stage: str) -> dict[str, Body]:
    """What the stage says of each question, in order."""
    body = desk.metadata.get(STAGE, stage) or {}
    rows = [row for row in body.get("programStageDataElements") or () if isinstance(row, dict)]
    rows.sort(key=lambda row: int(row.get("sortOrder") or 0))
    return {uid: row for row in rows if (uid := reference(row, "dataElement"))}


def parts_of(desk: Desk, stage: str) -> list[Part]:
    rows = rows_of(desk, stage)
    sections = sections_of(desk, stage)
    if not sections:
        return [Part("", "", _asked(desk, stage, rows, list(rows)))]
    parts, placed = [], set()
    for section in sections:
        uids = [uid for uid in references(section, "dataElements") if uid in rows]
        placed.update(uids)
        name = str(section.get("name") or "")
        parts.append(Part(str(section["id"]), name, _asked(desk, stage, rows, uids)))
    left = [uid for uid in rows if uid not in placed]
    return [*parts, Part(LEFT_OUT, _("Ikke i skjemaet"), _asked(desk, stage, rows, left))]


def _asked(desk: Desk, stage: str, rows: dict[str, Body], uids: list[str]) -> tuple[Asked, ...]:
    found = []
    for at, uid in enumerate(uids):
        body = desk.metadata.get("dataElements", uid) or {}
        elsewhere = [
            desk.name(use.plural, use.uid)
            for use in desk.uses.used_by("dataElements", uid)
            if use.plural == STAGE and use.uid != stage
        ]
        found.append(
            Asked(
                desk.line("dataElements", uid),
                str(body.get("formName") or body.get("name") or ""),
                value_word(body.get("valueType")),
                bool(rows[uid].get("compulsory")),
                tuple(elsewhere),
                at == 0,
                at == len(uids) - 1,
            )
        )
    return tuple(found)


# Writing -------------------------------------------------------------------------------------------------


def must(request: Request) -> Response:
    """Whether a question must be answered, kept as it is ticked."""
    stage, element = request.path_params["uid"], request.path_params["element"]
    value = "true" if str(request.state.form.get("compulsory", "")) == "true" else ""
    try:
        with work_of(request, "configuration.edit") as work:
            desk = desk_of(work)
            desk.body(STAGE, stage)
            if element not in rows_of(desk, stage):
                raise Refused("T003", status=404)

            def row_in(body: Body) -> Body:
                rows = body.get("programStageDataElements") or ()
                return next((row for row in rows if reference(row, "dataElement") == element), {})

            def change(body: Body) -> None:
                row_in(body)["compulsory"] = bool(value)

            kept = draft.write(
                work.conn, work.reach, STAGE, stage, f"compulsory.{element}", change,
                value=lambda body: "true" if row_in(body).get("compulsory") else "",
                seen=seen_of(request),
            )  # fmt: skip
            return answered(
                kept, "compulsory", lambda v: _("må fylles ut") if v else _("kan stå tomt")
            )
    except Refused as refusal:
        return refused(refusal)


def move(request: Request) -> Response:
    """One place up or down, past the edge into the next part; or into a chosen part, or out of the form."""
    stage, element = request.path_params["uid"], request.path_params["element"]
    form = request.state.form
    with work_of(request, "configuration.edit") as work:
        desk = desk_of(work)
        desk.body(STAGE, stage)
        if element not in rows_of(desk, stage):
            raise Refused("T003", status=404)
        to = str(form.get("del", ""))
        step = -1 if str(form.get("vei", "")) == "opp" else 1
        sections = sections_of(desk, stage)
        if not sections:
            _reorder(desk, stage, element, step)
        elif to:
            if to != LEFT_OUT and to not in {str(each["id"]) for each in sections}:
                raise Refused("T003", status=404)
            _place(desk, sections, element, to, None)
        else:
            _step(desk, sections, element, step)
    return again(request, STAGE, stage)


def add(request: Request) -> Response:
    """An existing question into the form, last in its part."""
    stage = request.path_params["uid"]
    element, to = (
        str(request.state.form.get("sporsmal", "")),
        str(request.state.form.get("del", "")),
    )
    with work_of(request, "configuration.edit") as work:
        desk = desk_of(work)
        desk.body(STAGE, stage)
        desk.body("dataElements", element)
        place_new(desk, stage, element, to)
    return again(request, STAGE, stage)


def place_new(desk: Desk, stage: str, element: str, to: str) -> None:
    """A question into the stage, last in a part, or last of all; nothing when it is there already."""
    rows = rows_of(desk, stage)
    if element in rows:
        return
    last = max((int(row.get("sortOrder") or 0) for row in rows.values()), default=0)
    row = {
        "id": new_uid(),
        "programStage": {"id": stage},
        "dataElement": {"id": element},
        "sortOrder": last + 1,
        "compulsory": False,
        "allowFutureDate": False,
        "displayInReports": True,
    }

    def change(body: Body) -> None:
        body.setdefault("programStageDataElements", []).append(row)

    draft.write(desk.conn, desk.reach, STAGE, stage, f"row.{element}", change)
    sections = sections_of(desk, stage)
    known = {str(each["id"]) for each in sections}
    if sections and to != LEFT_OUT:
        _place(desk, sections, element, to if to in known else str(sections[-1]["id"]), None)


def _reorder(desk: Desk, stage: str, element: str, step: int) -> None:
    """Without parts, the stage's own numbers are the order."""
    order = list(rows_of(desk, stage))
    at = order.index(element)
    to = at + step
    if not 0 <= to < len(order):
        return
    order[at], order[to] = order[to], order[at]

    def change(body: Body) -> None:
        for row in body.get("programStageDataElements") or ():
            uid = reference(row, "dataElement")
            if uid in order:
                row["sortOrder"] = order.index(uid) + 1

    draft.write(desk.conn, desk.reach, STAGE, stage, "order", change)


def _step(desk: Desk, sections: list[Body], element: str, step: int) -> None:
    uids = [str(each["id"]) for each in sections]
    lists = {
        uid: list(references(s, "dataElements")) for uid, s in zip(uids, sections, strict=True)
    }
    here = next((uid for uid in uids if element in lists[uid]), None)
    if here is None:
        return
    to = lists[here].index(element) + step
    if 0 <= to < len(lists[here]):
        _place(desk, sections, element, here, to)
        return
    beside = uids.index(here) + step
    if 0 <= beside < len(uids):
        _place(desk, sections, element, uids[beside], None if step < 0 else 0)


def _place(desk: Desk, sections: list[Body], element: str, to: str, place: int | None) -> None:
    """Into one part at a place, last when none is given, and out of the others."""
    for section in sections:
        uid = str(section["id"])
        now = list(references(section, "dataElements"))
        then = [each for each in now if each != element]
        if uid == to:
            then.insert(len(then) if place is None else place, element)
        if then != now:

            def change(body: Body, then: list[str] = then) -> None:
                body["dataElements"] = [{"id": each} for each in then]

            draft.write(desk.conn, desk.reach, SECTION, uid, "dataElements", change)
