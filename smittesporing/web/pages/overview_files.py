"""/oversikt/tabell.csv and .xlsx: the table of kommuner or fylker as it stands on the page.

Called through web/routes.py.
"""

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.problems import Refused
from smittesporing.web.pages import exports, overview, words
from smittesporing.web.pages.overview_figures import week_name
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of


def as_file(request: Request) -> Response:
    """Errors  T002 for exact figures when her role may not take them out of the service."""
    form = request.url.path.rsplit(".", 1)[-1]
    with work_of(request, "overview.export") as work:
        here = overview.begin(work)
        unit = overview.chosen_unit(request, here)
        view = overview.chosen_weeks(request, here, unit)
        if not overview.may_export(work, view):
            raise Refused("T002", status=403)
        cells = overview.region_cells(here, view)
        # Her own kommune's row is exact, so it goes out only with one who may export.
        rows = [
            row
            for row in overview.rows(here, view, cells, everything=unit.level == 1)
            if not row.own or work.reach.may("export")
        ]
        table = exports.Table(
            f"smittesporing-{unit.code}-{view.week.id}",
            (
                _("Nye smittede i %(a)s og %(b)s, etter bosted og prøvedato",
                  a=week_name(view.fortnight[0]), b=week_name(view.week)),
                _("Publisert %(at)s. Egen kommune er fra nå.", at=words.moment(here.latest)),
                _("Folketall: SSB, 1. januar 2021"),
            ),
            (_("Nummer"), _("Sted"), _("Innbyggere"), _("Nye smittede"), _("Per 100 000"),
             _("Tall fra"), _("Merknad")),
            [
                (
                    row.unit.code,
                    row.unit.name,
                    row.people,
                    _("skjult") if row.count.hidden else None if row.count.value is None else row.count.count,
                    row.rate,
                    row.source,
                    row.why,
                )
                for row in rows
            ],
        )  # fmt: skip
        return exports.answer(table, form)
