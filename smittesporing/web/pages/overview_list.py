"""/oversikt/liste: the people behind a live figure, for those who may read them; each is logged.

Finds who by `analytics.query.behind` and reads them through the casebook. Called through web/routes.py.
"""

from dataclasses import dataclass
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from smittesporing import periods
from smittesporing.access.org_units import OrgUnit
from smittesporing.access.work import Work
from smittesporing.analytics import query
from smittesporing.periods import Period
from smittesporing.problems import Refused
from smittesporing.tracing.casebook import files
from smittesporing.tracing.casebook.book import Book, open_book
from smittesporing.tracker.records import Enrollment, TrackedEntity
from smittesporing.web.pages import render
from smittesporing.web.pages.overview import begin, chosen_unit
from smittesporing.web.pages.overview_curve import KINDS
from smittesporing.web.pages.overview_figures import CASES, week_name
from smittesporing.web.pages.overview_methods import method
from smittesporing.web.pages.words import _, day_full
from smittesporing.web.working import work_of

PAGE = 50


@dataclass(frozen=True)
class Listed:
    """One person of the list, in the role that was counted."""

    name: str
    years: str
    href: str
    dated_on: date | None
    setting: str


def listing(request: Request) -> Response:
    """Errors  T003 outside one's reach, for figures that have no list, and for periods that are none."""
    asked = request.query_params
    with work_of(request, "overview.list") as work:
        here = begin(work)
        unit = chosen_unit(request, here)
        code, kind = asked.get("tall", CASES), asked.get("slag", "")
        period = periods.parse(asked.get("dag", "") or asked.get("uke", ""))
        if (
            period is None
            or period.kind not in ("Daily", "Weekly")
            or not code.startswith("ST_PI_")
        ):
            raise Refused("T003", status=404)
        found = _behind(here.work, code, kind, unit, period)
        pages = max(1, -(-len(found) // PAGE))
        page = min(max(_whole(asked.get("side", "1")), 1), pages)
        shown = found[(page - 1) * PAGE : page * PAGE]
        book = open_book(work)
        people = book.people(uid for uid, _enrollment in shown)
        rows = [
            _listed(book, people[uid], enrollment) for uid, enrollment in shown if uid in people
        ]
        card = method(here.metadata, code)
        rest = "&".join(
            f"{name}={asked[name]}"
            for name in ("tall", "sted", "uke", "dag", "slag")
            if name in asked
        )
        return render.page(
            request,
            "overview/list.html",
            menu="oversikt",
            title=card.name if not kind else f"{card.name}: {KINDS[kind][0]}",
            when=day_full(period.start) if period.kind == "Daily" else week_name(period),
            unit=unit,
            rows=rows,
            total=len(found),
            page=page,
            pages=pages,
            href=f"/oversikt/liste?{rest}&side={{page}}",
            method=card,
        )


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _behind(
    work: Work, code: str, kind: str, unit: OrgUnit, period: Period
) -> list[tuple[str, str | None]]:
    if not kind:
        return query.behind(work, code, unit.id, period)
    if kind not in KINDS or code != CASES:
        raise Refused("T003", status=404)
    found: dict[tuple[str, str | None], None] = {}
    for option in KINDS[kind][1]:
        found |= dict.fromkeys(query.behind(work, f"{code}_{option}", unit.id, period))
    return list(found)


def _listed(book: Book, person: TrackedEntity, uid: str | None) -> Listed:
    view = files.person_view(book, person)
    enrollment = next((one for one in person.enrollments if one.enrollment == uid), None)
    years = "" if view.age is None else _("%(n)s år", n=view.age)
    if enrollment is None:
        return Listed(view.name, years, f"/personer/{person.tracked_entity}", None, "")
    if enrollment.program == book.uid("ST_CONTACT"):
        day = _contact_day(enrollment)
        return Listed(view.name, years, f"/kontakt/{enrollment.enrollment}", day, "")
    interview = next(iter(book.stage(enrollment, "ST_INDEX_INTERVIEW")), None)
    day = book.day(interview, "ST_COUNT_DATE") or book.day(interview, "ST_REPORT_DATE")
    setting = _setting(book, book.text(interview, "ST_EXPOSURE_SETTING"))
    return Listed(view.name, years, f"/indeks/{enrollment.enrollment}", day, setting)


def _contact_day(enrollment: Enrollment) -> date | None:
    return enrollment.enrolled_at.date() if enrollment.enrolled_at else None


def _setting(book: Book, option: str) -> str:
    element = book.meta.data_elements.get(book.uid("ST_EXPOSURE_SETTING"))
    options = element.option_set if element else None
    return (options.name_of(option) if options else None) or option
