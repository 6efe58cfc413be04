"""One day of the infectious window in the interview: who was met, added while one talks.

Works as a plain form, and as a piece that htmx swaps. Mounted by routes.py; drawn by index/day.html.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smittesporing.problems import Refused
from smittesporing.tracing.casebook import day_by_day, interview
from smittesporing.tracing.casebook.book import Book, open_book
from smittesporing.tracing.casebook.files import CaseFile, ExposureView
from smittesporing.tracing.casebook.typed import understand
from smittesporing.web.pages import forms, render
from smittesporing.web.pages.words import _, day_named
from smittesporing.web.working import work_of

CELLS = ("name", "number", "phone", "relation", "distance", "minutes", "setting")
SAYS = "Nå går vi gjennom {day}. Begynn med morgenen. Hvor var du, og hvem var du sammen med?"
MOST_DAYS = 14


@dataclass(frozen=True)
class DayOf:
    """One day of the infectious window, with the number of contacts told of."""

    on: date
    contacts: int
    is_today: bool


def days_of(file: CaseFile, today: date) -> list[DayOf]:
    """The days in which she could infect others, up to today; at most two weeks."""
    if file.infectious is None:
        return []
    first = file.infectious.from_
    last = min(today, file.infectious.to or today, first + timedelta(days=MOST_DAYS - 1))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    close = [view for view in file.contacts if view.category != "NOT_CONTACT"]
    return [
        DayOf(day, sum(day_by_day.met_on(view, day) for view in close), day == today)
        for day in days
    ]


def state(
    book: Book, file: CaseFile, asked: str, typed: dict[str, str] | None = None, errors: Any = None
) -> dict[str, Any]:
    """What index/day.html needs: the days, the chosen one, who was met then and who was not."""
    days = days_of(file, book.today)
    known = {one.on.isoformat(): one for one in days}
    chosen = known.get(asked) or next((one for one in days if not one.contacts), None)
    chosen = chosen or (days[0] if days else None)
    met: list[ExposureView] = []
    others: list[ExposureView] = []
    for view in file.contacts:
        if chosen is not None:
            (met if day_by_day.met_on(view, chosen.on) else others).append(view)
    after = [one for one in days if chosen is not None and one.on > chosen.on]
    relation = book.meta.data_elements[book.uid("ST_RELATION")].option_set
    return {
        "days": days,
        "day": chosen,
        "next_day": after[0] if after else None,
        "met": met,
        "others": others,
        "says": _(SAYS).format(day=day_named(chosen.on)) if chosen else "",
        "relations": [{"value": o.code, "word": o.name} for o in relation.options]
        if relation
        else [],
        "typed": typed or {},
        "errors": errors or {},
    }


def show(request: Request) -> Response:
    """The day as a piece; without script, the whole page with that day open."""
    enrollment, asked = request.path_params["enrollment"], request.path_params["day"]
    if not request.headers.get("hx-request"):
        return RedirectResponse(_address(enrollment, asked), 303)
    with work_of(request, "case.day") as work:
        book = open_book(work)
        return _piece(request, book, interview.case_file(book, enrollment), asked)


def _address(enrollment: str, asked: str) -> str:
    day = f"?dag={asked}" if forms.is_day(asked) else ""
    return f"/indeks/{enrollment}{day}#dag-for-dag"


def _piece(request: Request, book: Book, file: CaseFile, asked: str, **more: Any) -> Response:
    return render.part(
        request, "index/day_piece.html", file=file, tab="intervju", by_day=state(book, file, asked, **more)
    )  # fmt: skip


def add(request: Request) -> Response:
    """Somebody she met that day, or a contact already there who was met that day too."""
    enrollment, asked = request.path_params["enrollment"], request.path_params["day"]
    form = request.state.form
    typed = forms.typed(form, CELLS)
    errors: dict[str, str] = {}
    with work_of(request, "contact.add") as work:
        book = open_book(work)
        file = interview.case_file(book, enrollment)
        if asked not in {one.on.isoformat() for one in days_of(file, book.today)}:
            raise Refused("T003", status=404)
        day = date.fromisoformat(asked)
        if form.get("event"):
            day_by_day.met_too(book, file, str(form["event"]), day)
        else:
            row = understand({**typed, "first": asked, "last": asked}, book.today)
            errors = dict(row.errors)
            if not row.given_name:
                errors["name"] = _("Skriv navnet, eller det hun eller han kalles.")
            if not errors:
                day_by_day.add(book, file, row, day)
                typed = {}
        if not request.headers.get("hx-request") and not errors:
            return RedirectResponse(_address(enrollment, asked), 303)
        file = interview.case_file(book, enrollment)
        piece = _piece(request, book, file, asked, typed=typed, errors=errors)
        piece.headers["hx-trigger"] = "smittesporing:day"  # the column beside follows
        return piece
