"""/rapport: FHI's weekly figures with their bases, and the exact report that a kommune sends.

A kommune's report is exact and sent on purpose; everybody else's look at a week is published and
suppressed. FHI's user reads what was sent to it. Called through web/routes.py.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smittesporing import periods
from smittesporing.access.org_units import OrgUnit
from smittesporing.access.work import Work
from smittesporing.periods import Period
from smittesporing.problems import Refused
from smittesporing.web.pages import exports, overview, render, report_lines, words
from smittesporing.web.pages.overview import Counted
from smittesporing.web.pages.overview_figures import cells_of, week_name
from smittesporing.web.pages.overview_methods import method
from smittesporing.web.pages.report_lines import Line, Sent
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of

SENT = render.say("rapport-sendt", "done", "Rapporten er sendt til FHI. Den står i loggen.")
SHOWN_WEEKS = 26


@dataclass(frozen=True)
class Asked:
    """The org unit and week of a report, and whether its figures are live."""

    here: Counted
    unit: OrgUnit
    week: Period
    is_live: bool

    @property
    def is_over(self) -> bool:
        return self.week.end < self.here.work.clock.today()

    @property
    def opens(self) -> date:
        """The day from which the report can be sent."""
        return self.week.end + timedelta(days=1)

    @property
    def kept(self) -> dict[str, str]:
        return {"sted": self.unit.code or "", "uke": self.week.id}


def _asked(request: Request, work: Work, params: dict[str, str]) -> Asked:
    here = overview.begin(work)
    unit = overview.chosen_unit(request, here)
    if params.get("sted"):
        found = here.units.by_code.get(params["sted"])
        if found is None or found.level > 3:
            raise Refused("T003", status=404)
        unit = found
    week = periods.parse(params.get("uke", "")) or overview.last_whole_week(work)
    if week.kind != "Weekly" or week.start > work.clock.today():
        week = overview.last_whole_week(work)
    return Asked(here, unit, week, unit.id in here.own)


def _lines(asked: Asked) -> tuple[Line, ...]:
    here = asked.here
    cells = cells_of(
        here.work, here.metadata, report_lines.CODES, [asked.unit.id], [asked.week], here.latest,
        here.own,
    )  # fmt: skip
    return report_lines.lines(here.metadata, cells, asked.unit.id, asked.week)


def show(request: Request) -> Response:
    with work_of(request, "report.read") as work:
        asked = _asked(request, work, dict(request.query_params))
        here, unit = asked.here, asked.unit
        made = _lines(asked)
        receives = work.reach.role == "fhi"
        sent = report_lines.sent_for(
            work, asked.week, None if receives and unit.level < 3 else unit.id
        )
        newest = sent[0] if sent and not receives else None
        return render.page(
            request,
            "report/show.html",
            menu="rapport",
            asked=asked,
            unit=unit,
            reach=work.reach,
            week=asked.week,
            week_word=week_name(asked.week),
            lines=made,
            methods=[method(here.metadata, code) for code in _explained()],
            places=overview.places(here, unit),
            weeks=_weeks(asked),
            receives=receives,
            inbox=_inbox(here, sent) if receives else (),
            waited_for=_waited_for(here, unit, sent) if receives else 0,
            sent=sent,
            newest=newest,
            changed=newest is not None and _figures(newest.lines) != _figures(made),
            may_send=asked.is_live and unit.id in work.reach.write and work.reach.may("report"),
            may_export=not asked.is_live or work.reach.may("export"),
            query=urlencode(asked.kept),
            latest=here.latest,
            list_of=_list_of(asked) if asked.is_live and work.reach.may("people") else None,
        )


def _explained() -> tuple[str, ...]:
    return tuple(code for _word, alone, _parts in report_lines.GROUPS for code in alone)


def _list_of(asked: Asked) -> str:
    return f"/oversikt/liste?{urlencode(asked.kept)}&tall="


def _weeks(asked: Asked) -> list[dict[str, str]]:
    newest = periods.containing("Weekly", asked.here.work.clock.today())
    found = []
    for back in range(SHOWN_WEEKS + 1):
        week = periods.shift(newest, -back)
        word = f"{week.name}{_(' (ikke over ennå)') if back == 0 else ''}"
        found.append({"value": week.id, "word": word})
    return found


def _figures(some: tuple[Line, ...]) -> list[tuple[str, float | None]]:
    return [(line.code, line.count.value) for line in some]


def _inbox(here: Counted, sent: tuple[Sent, ...]) -> list[tuple[OrgUnit, Sent]]:
    """The newest report of each kommune, by name."""
    newest: dict[int, Sent] = {}
    for one in sent:
        newest.setdefault(one.org_unit, one)
    pairs = [(here.units.by_id[unit], one) for unit, one in newest.items()]
    return sorted(pairs, key=lambda pair: pair[0].name)


def _waited_for(here: Counted, unit: OrgUnit, sent: tuple[Sent, ...]) -> int:
    """How many kommuner that use the service have sent nothing of the week."""
    below = set(here.units.descendants(unit.id)) & here.in_use
    return len(below - {one.org_unit for one in sent})


def send(request: Request) -> Response:
    """Errors  T002 outside one's own kommune; T010 for a week that is not over."""
    form = {name: str(value) for name, value in request.state.form.items()}
    with work_of(request, "report.send") as work:
        asked = _asked(request, work, form)
        if not asked.is_live or asked.unit.level != 3:
            raise Refused("T002", status=403)
        if not asked.is_over:
            raise Refused(
                "T010", _("Uke"), _("Uken er ikke over. Send rapporten når den er det."), status=400
            )
        report_lines.send(work, asked.unit, asked.week, _lines(asked))
        address = URL("/rapport").include_query_params(**asked.kept, beskjed=SENT)
        return RedirectResponse(str(address), 303)


def one(request: Request) -> Response:
    """A report as it was sent, for the kommune that sent it and for FHI."""
    with work_of(request, "report.read") as work:
        here = overview.begin(work)
        sent = report_lines.sent_report(work, request.path_params["report"])
        week = periods.parse(sent.period)
        return render.page(
            request,
            "report/sent.html",
            menu="rapport",
            sent=sent,
            lines=sent.lines,
            unit=here.units.by_id[sent.org_unit],
            week=week,
            week_word=week_name(week) if week else "",
            list_of=None,
        )


def as_file(request: Request) -> Response:
    """The lines of the page as CSV or XLSX. Errors  T002 for exact ones, when her role may not export."""
    form = request.url.path.rsplit(".", 1)[-1]
    with work_of(request, "report.export") as work:
        asked = _asked(request, work, dict(request.query_params))
        if asked.is_live and not work.reach.may("export"):
            raise Refused("T002", status=403)
        basis = _("Nøyaktige tall fra nå")
        if not asked.is_live:
            at = words.moment(asked.here.latest)
            basis = _("Publisert %(at)s. Tall under 5 er skjult.", at=at)
        table = exports.Table(
            f"ukerapport-{asked.unit.code}-{asked.week.id}",
            (f"{asked.unit.name}, {asked.week.name}", basis),
            (_("Del"), _("Linje"), _("Antall"), _("Av"), _("Andel i prosent"), _("Kode")),
            [
                (
                    line.group,
                    line.name,
                    _value(line.count.value, line.count.hidden),
                    None if line.of is None else _value(line.of.value, line.of.hidden),
                    line.share,
                    line.code,
                )
                for line in _lines(asked)
            ],
        )
        return exports.answer(table, form)


def _value(value: float | None, hidden: bool) -> exports.Value:
    if hidden:
        return _("skjult")
    return None if value is None else int(value)
