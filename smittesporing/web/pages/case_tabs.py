"""Two tabs of a case: its calls, with the log of the next one, and what was done in it.

Mounted by routes.py.
"""

from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.access import log
from smittesporing.tracing.casebook import interview
from smittesporing.tracing.casebook.book import open_book
from smittesporing.web.pages import calls, changes, people, render, transfers
from smittesporing.web.working import work_of


def history(request: Request) -> Response:
    """What was done in this case and to the person, newest first."""
    with work_of(request, "case.history") as work:
        book = open_book(work)
        file = interview.case_file(book, request.path_params["enrollment"])
        rows = changes.of_person(book, file.entity, file.enrollment.enrollment, limit=200)
        looks = changes.looked(book, log.looks(work, file.person.uid, 200))
        return render.page(
            request, "index/history.html", menu="personer", file=file, tab="historikk", changes=rows, looks=looks
        )  # fmt: skip


def follow_up(request: Request) -> Response:
    """The calls of the case: planned and made."""
    with work_of(request, "case.calls") as work:
        book = open_book(work)
        file = interview.case_file(book, request.path_params["enrollment"])
        planned = [one for one in file.calls if one.status in ("SCHEDULE", "OVERDUE")]
        made = [
            one
            for one in file.calls
            if one.status not in ("SCHEDULE", "OVERDUE", "SKIPPED")
            and (one.outcome or one.health or one.note)
        ]
        is_open = file.enrollment.status == "ACTIVE"
        words = {
            one.event: ", ".join(
                part
                for part in (
                    people.named(book, "ST_CALL_OUTCOME", one.outcome) if one.outcome else "",
                    people.named(book, "ST_HEALTH_STATUS", one.health) if one.health else "",
                )
                if part
            )
            for one in made
        }
        return render.page(
            request,
            "index/follow_up.html",
            call=calls.form_for(book, file.entity, file.enrollment) if is_open else None,
            transfer=transfers.banner_of(book, file.enrollment.enrollment),
            menu="personer",
            file=file,
            tab="oppfolging",
            planned=sorted(planned, key=lambda one: one.planned_on or date.max),
            made=sorted(made, key=lambda one: str(one.made_at), reverse=True),
            words=words,
            further={
                one.event: calls.answered_further(book, file.enrollment, one.event) for one in made
            },
        )
