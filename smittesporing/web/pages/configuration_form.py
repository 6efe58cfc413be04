"""A form: a stage's questions, or a program's about the person, by part and order, and which must be answered.

A question that is left out of the form stays in what holds it, so that what was answered is kept and counted.
Changes go to the draft. Called through web/routes.py and by the object's page.
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

STAGE = "programStages"


@dataclass(frozen=True)
class Shape:
    """How one kind of form is kept: who holds it, its parts, its rows, and what a row asks."""

    holder: str
    section: str
    within: str  # the section's reference to the holder
    listed: str  # the section's list of questions
    rows: str
    row: str  # the row's reference to its question
    asked: str
    must: str


SHAPES = {
    shape.holder: shape
    for shape in (
        Shape(
            *(STAGE, "programStageSections", "programStage", "dataElements"),
            *("programStageDataElements", "dataElement", "dataElements", "compulsory"),
        ),
        Shape(
            *("programs", "programSections", "program", "trackedEntityAttributes"),
            *("programTrackedEntityAttributes", "trackedEntityAttribute"),
            *("trackedEntityAttributes", "mandatory"),
        ),
    )
}
LEFT_OUT = "utenfor"
# Forms that are filled in on a page made for them, where added questions are not drawn.
OWN_PAGES = frozenset(
    (
        *("ST_INDEX_MEASURE", "ST_CONTACT_MEASURE", "ST_INDEX_SOURCE", "ST_INDEX_TRANSFER"),
        *("ST_CONTACT_TRANSFER", "ST_CONTACT_EXPOSURE", "ST_CLUSTER_PRESENCE"),
    )
)
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


def stage_form(desk: Desk, body: Body) -> dict[str, Any]:
    """A stage's parts, and what may be added to it."""
    found = form_of(desk, SHAPES[STAGE], body)
    inside = {asked.line.uid for part in found["parts"] for asked in part.asked}
    others = [
        (uid, str(each.get("name")))
        for uid, each in desk.metadata.of("dataElements").items()
        if uid not in inside
        and each.get("domainType") == "TRACKER"
        and desk.visible("dataElements", each)
    ]
    lists = [
        (uid, str(each.get("name")))
        for uid, each in desk.metadata.of("optionSets").items()
        if desk.visible("optionSets", each)
    ]
    return found | {
        "addable": True,
        "own_page": body.get("code") in OWN_PAGES,
        "others": sorted(others, key=lambda pair: pair[1].lower()),
        "answers": [(kind, value_word(kind)) for kind in ANSWERS],
        "lists": sorted(lists, key=lambda pair: pair[1].lower()),
    }


def profile(desk: Desk, body: Body) -> dict[str, Any]:
    """What a program asks about the person or the place; nothing can be added here."""
    return form_of(desk, SHAPES["programs"], body) | {"addable": False, "own_page": False}


def form_of(desk: Desk, shape: Shape, body: Body) -> dict[str, Any]:
    """The form's parts, and the parts a question may move to."""
    holder = str(body["id"])
    parts = parts_of(desk, shape, holder)
    return {
        "parts": parts,
        "places": [(part.uid, part.name) for part in parts],
        "sectioned": bool(sections_of(desk, shape, holder)),
        "shape": shape,
        "problem": "",
        "part_problem": "",
        "typed": {},
        "seen": str(desk.seen),
    }


def sections_of(desk: Desk, shape: Shape, holder: str) -> list[Body]:
    """The form's parts in order."""
    found = [
        each
        for each in desk.metadata.of(shape.section).values()
        if reference(each, shape.within) == holder
    ]
    return sorted(found, key=lambda each: int(each.get("sortOrder") or 0))


def rows_of(desk: Desk, shape: Shape, holder: str) -> dict[str, Body]:
    """What the holder says of each question, in order."""
    body = desk.metadata.get(shape.holder, holder) or {}
    rows = [row for row in body.get(shape.rows) or () if isinstance(row, dict)]
    rows.sort(key=lambda row: int(row.get("sortOrder") or 0))
    return {uid: row for row in rows if (uid := reference(row, shape.row))}


def parts_of(desk: Desk, shape: Shape, holder: str) -> list[Part]:
    """The form part by part; what is left out comes last."""
    rows = rows_of(desk, shape, holder)
    sections = sections_of(desk, shape, holder)
    if not sections:
        return [Part("", "", _asked(desk, shape, holder, rows, list(rows)))]
    parts, placed = [], set()
    for section in sections:
        uids = [uid for uid in references(section, shape.listed) if uid in rows]
        placed.update(uids)
        name = str(section.get("name") or "")
        parts.append(Part(str(section["id"]), name, _asked(desk, shape, holder, rows, uids)))
    left = [uid for uid in rows if uid not in placed]
    return [*parts, Part(LEFT_OUT, _("Ikke i skjemaet"), _asked(desk, shape, holder, rows, left))]


def _asked(
    desk: Desk, shape: Shape, holder: str, rows: dict[str, Body], uids: list[str]
) -> tuple[Asked, ...]:
    found = []
    for at, uid in enumerate(uids):
        body = desk.metadata.get(shape.asked, uid) or {}
        elsewhere = [
            desk.name(use.plural, use.uid)
            for use in desk.uses.used_by(shape.asked, uid)
            if use.plural == shape.holder and use.uid != holder
        ]
        found.append(
            Asked(
                desk.line(shape.asked, uid),
                str(body.get("formName") or body.get("name") or ""),
                value_word(body.get("valueType")),
                bool(rows[uid].get(shape.must)),
                tuple(elsewhere),
                at == 0,
                at == len(uids) - 1,
            )
        )
    return tuple(found)


# Writing -------------------------------------------------------------------------------------------------


def shape_of(request: Request) -> Shape:
    """The kind of form that the address is about."""
    return SHAPES[request.url.path.split("/")[2]]


def must(request: Request) -> Response:
    """Whether a question must be answered, kept as it is ticked."""
    shape = shape_of(request)
    holder, element = request.path_params["uid"], request.path_params["element"]
    value = str(request.state.form.get("compulsory", "")) == "true"
    try:
        with work_of(request, "configuration.edit") as work:
            desk = desk_of(work)
            desk.body(shape.holder, holder)
            if element not in rows_of(desk, shape, holder):
                raise Refused("T003", status=404)
            kept = _demand(desk, shape, holder, element, value, seen_of(request))
            return answered(
                kept, "compulsory", lambda v: _("må fylles ut") if v else _("kan stå tomt")
            )
    except Refused as refusal:
        return refused(refusal)


def _demand(
    desk: Desk, shape: Shape, holder: str, element: str, value: bool, seen: int | None = None
) -> draft.Kept | draft.Theirs:
    def row_in(body: Body) -> Body:
        rows = body.get(shape.rows) or ()
        return next((row for row in rows if reference(row, shape.row) == element), {})

    def change(body: Body) -> None:
        row_in(body)[shape.must] = value

    return draft.write(
        desk.conn, desk.reach, shape.holder, holder, f"{shape.must}.{element}", change,
        value=lambda body: "true" if row_in(body).get(shape.must) else "", seen=seen,
    )  # fmt: skip


def move(request: Request) -> Response:
    """One place up or down, past the edge into the next part; or into a chosen part, or out of the form."""
    shape = shape_of(request)
    holder, element = request.path_params["uid"], request.path_params["element"]
    form = request.state.form
    with work_of(request, "configuration.edit") as work:
        desk = desk_of(work)
        desk.body(shape.holder, holder)
        rows = rows_of(desk, shape, holder)
        if element not in rows:
            raise Refused("T003", status=404)
        to = str(form.get("del", ""))
        step = -1 if str(form.get("vei", "")) == "opp" else 1
        sections = sections_of(desk, shape, holder)
        if not sections:
            _reorder(desk, shape, holder, element, step)
        elif to:
            if to != LEFT_OUT and to not in {str(each["id"]) for each in sections}:
                raise Refused("T003", status=404)
            _place(desk, shape, sections, element, to, None)
            if to == LEFT_OUT and rows[element].get(shape.must):
                # Nobody can answer what is not asked.
                _demand(desk, shape, holder, element, False)
        else:
            _step(desk, shape, sections, element, step)
    return again(request, shape.holder, holder)


def add(request: Request) -> Response:
    """An existing question into a stage's form, last in its part."""
    stage, form = request.path_params["uid"], request.state.form
    element, to = str(form.get("sporsmal", "")), str(form.get("del", ""))
    with work_of(request, "configuration.edit") as work:
        desk = desk_of(work)
        desk.body(STAGE, stage)
        desk.body("dataElements", element)
        place_new(desk, stage, element, to)
    return again(request, STAGE, stage)


def place_new(desk: Desk, stage: str, element: str, to: str) -> None:
    """A question into the stage, last in a part, or last of all; nothing when it is there already."""
    shape = SHAPES[STAGE]
    rows = rows_of(desk, shape, stage)
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
        body.setdefault(shape.rows, []).append(row)

    draft.write(desk.conn, desk.reach, STAGE, stage, f"row.{element}", change)
    sections = sections_of(desk, shape, stage)
    known = {str(each["id"]) for each in sections}
    if sections and to != LEFT_OUT:
        place = to if to in known else str(sections[-1]["id"])
        _place(desk, shape, sections, element, place, None)


def _reorder(desk: Desk, shape: Shape, holder: str, element: str, step: int) -> None:
    """Without parts, the rows' own numbers are the order."""
    order = list(rows_of(desk, shape, holder))
    at = order.index(element)
    to = at + step
    if not 0 <= to < len(order):
        return
    order[at], order[to] = order[to], order[at]

    def change(body: Body) -> None:
        for row in body.get(shape.rows) or ():
            uid = reference(row, shape.row)
            if uid in order:
                row["sortOrder"] = order.index(uid) + 1

    draft.write(desk.conn, desk.reach, shape.holder, holder, "order", change)


def _step(desk: Desk, shape: Shape, sections: list[Body], element: str, step: int) -> None:
    uids = [str(each["id"]) for each in sections]
    lists = [list(references(each, shape.listed)) for each in sections]
    here = next((at for at, listed in enumerate(lists) if element in listed), None)
    if here is None:
        return
    to = lists[here].index(element) + step
    if 0 <= to < len(lists[here]):
        _place(desk, shape, sections, element, uids[here], to)
    elif 0 <= here + step < len(uids):
        _place(desk, shape, sections, element, uids[here + step], None if step < 0 else 0)


def _place(
    desk: Desk, shape: Shape, sections: list[Body], element: str, to: str, place: int | None
) -> None:
    """Into one part at a place, last when none is given, and out of the others."""
    for section in sections:
        uid = str(section["id"])
        now = list(references(section, shape.listed))
        then = [each for each in now if each != element]
        if uid == to:
            then.insert(len(then) if place is None else place, element)
        if then != now:

            def change(body: Body, then: list[str] = then) -> None:
                body[shape.listed] = [{"id": each} for each in then]

            draft.write(desk.conn, desk.reach, shape.section, uid, shape.listed, change)
