"""/oversikt: the count. Tiles, the curve, the map and the table, and the list behind a figure.

Live and exact for kommuner within one's reach, published and suppressed for all others; those without a
people role see counts only. Counts nothing itself: analytics does. Called through web/routes.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from smittesporing import periods
from smittesporing.access import org_units
from smittesporing.access.org_units import OrgUnit, OrgUnits
from smittesporing.access.work import Work
from smittesporing.analytics import published, query
from smittesporing.metadata import store
from smittesporing.metadata.snapshot import Metadata
from smittesporing.problems import Refused
from smittesporing.web.pages import map_data, render
from smittesporing.web.pages.overview_curve import KINDS, curve, days_of, setting_codes
from smittesporing.web.pages.overview_figures import (
    CASES,
    IN_QUARANTINE,
    ISOLATED,
    WATCHED,
    Cells,
    Row,
    View,
    cells_of,
    people_of,
    row_of,
    tiles,
    week_name,
)
from smittesporing.web.pages.overview_methods import method
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of

WEEKS = ("4", "6", "8", "12", "26")
DEFAULT_WEEKS = "8"
NOW = (ISOLATED, IN_QUARANTINE)


@dataclass(frozen=True)
class Counted:
    """One request's figures of kommuner and fylker, and what is needed to show them."""

    work: Work
    metadata: Metadata
    units: OrgUnits
    latest: datetime | None
    in_use: frozenset[int]
    own: tuple[int, ...]


def begin(work: Work) -> Counted:
    """What every count of this request needs. Errors  T002 for a role that may see no figures."""
    if not (work.reach.may("count") or work.reach.may("published")):
        raise Refused("T002", status=403)
    units = org_units.current(work.conn)
    rows = work.conn.execute(
        "select org_unit from access.agreement where activated_at is not null and ended_at is null"
    ).fetchall()
    kommuner = [unit for unit in work.reach.read if unit in units.by_id]
    own = query.within_reach(work, [u for u in kommuner if units.by_id[u].level <= 3])
    return Counted(
        work,
        store.current(work.conn),
        units,
        published.latest(work.conn),
        frozenset(row["org_unit"] for row in rows),
        own,
    )


def chosen_unit(request: Request, here: Counted) -> OrgUnit:
    """The org unit the address asks for: a kommune, a fylke or Norge; one's own kommune otherwise.

    Errors  T003 for a number that is none of these.
    """
    code = request.query_params.get("sted", "")
    if code:
        unit = here.units.by_code.get(code)
        if unit is None or unit.level > org_units.KOMMUNE_LEVEL:
            raise Refused("T003", status=404)
        return unit
    working_in = here.units.by_id.get(here.work.reach.working_in or 0)
    if working_in is not None and working_in.kommune is not None:
        return here.units.by_id[working_in.kommune]
    return here.units.root


def chosen_weeks(request: Request, here: Counted, unit: OrgUnit) -> View:
    """The weeks the address asks for; the last eight, this one included, otherwise."""
    today = here.work.clock.today()
    this_week = periods.containing("Weekly", today)
    asked = periods.parse(request.query_params.get("til", "")) or this_week
    if asked.kind != "Weekly" or asked.start > today:
        asked = this_week
    count = request.query_params.get("uker", "")
    count = count if count in WEEKS else DEFAULT_WEEKS
    weeks = [periods.shift(asked, -back) for back in range(int(count))]
    week = asked if asked.end < today else periods.shift(asked, -1)
    people = people_of(here.units, unit)
    return View(unit, unit.id in here.own, tuple(reversed(weeks)), week, today, people)


def show(request: Request) -> Response:
    with work_of(request, "overview.read") as work:
        here = begin(work)
        unit = chosen_unit(request, here)
        view = chosen_weeks(request, here, unit)
        metadata = here.metadata
        asked = sorted({*view.weeks, periods.shift(view.week, -1), view.this_week}, key=_start)
        watched = cells_of(work, metadata, WATCHED, [unit.id], asked, here.latest, here.own)
        by_setting = cells_of(
            work, metadata, (*setting_codes(), CASES), [unit.id],
            days_of(view) if view.is_live else view.weeks, here.latest, here.own,
        )  # fmt: skip
        regions = region_cells(here, view)
        kept = {"sted": unit.code or "", "til": view.weeks[-1].id, "uker": str(len(view.weeks))}
        table = rows(here, view, regions, everything=request.query_params.get("tabell") == "alle")
        return render.page(
            request,
            "overview/show.html",
            menu="oversikt",
            view=view,
            places=places(here, unit),
            week_choices=_week_choices(view),
            week_counts=[{"value": n, "word": _("%(n)s uker", n=n)} for n in WEEKS],
            tiles=tiles(work, view, watched, _addresses(view)),
            sentence=_sentence(view, watched),
            curve=curve(view, by_setting, _list_address(view, CASES) + "&dag={day}&slag={kind}"),
            kinds=KINDS,
            rows=table,
            row_title=_row_title(here, view, everything=len(table) > 60),
            most=max((row.rate or 0 for row in table), default=0),
            fortnight=_("%(a)s og %(b)s", a=week_name(view.fortnight[0]), b=week_name(view.week)),
            map=map_data.places(here.units, view, regions, here.latest, here.in_use, kept),
            borders=map_data.credit(work.conn),
            map_as_table=request.query_params.get("kart") == "tabell",
            kommuner=rows(here, view, regions, everything=True)
            if request.query_params.get("kart") == "tabell"
            else (),
            silent=_silent(here, view, table),
            latest=here.latest,
            methods=[method(metadata, code) for code in WATCHED],
            kept=kept,
            query=urlencode(kept),
            may_export=may_export(work, view),
        )


def may_export(work: Work, view: View) -> bool:
    """Exact figures leave the service by those who may export; published ones are for all who see them."""
    return not view.is_live or work.reach.may("export")


def region_cells(here: Counted, view: View) -> Cells:
    """Cases of every kommune, fylke and Norge in the fortnight and the one before it."""
    asked = (*view.fortnight_before, *view.fortnight)
    units = [unit.id for level in (1, 2, 3) for unit in here.units.level(level)]
    return cells_of(here.work, here.metadata, (CASES,), units, asked, here.latest, here.own)


def rows(here: Counted, view: View, cells: Cells, *, everything: bool = False) -> tuple[Row, ...]:
    """The kommuner of the fylke looked at, the fylker when it is Norge, or every kommune.

    Kommuner that do not use the service and have no figure stand only among all.
    """
    if everything:
        units = list(here.units.level(org_units.KOMMUNE_LEVEL))
    elif view.unit.level == 1:
        units = list(here.units.level(2))
    else:
        fylke = view.unit.fylke or view.unit.id
        units = [unit for unit in here.units.children(fylke) if unit.level == 3]
    made = [
        row_of(
            view,
            cells,
            unit,
            people_of(here.units, unit),
            here.latest,
            unit.level < 3 or unit.id in here.in_use,
        )
        for unit in units
    ]
    if not everything:
        made = [row for row in made if row.in_use or row.unit.id == view.unit.id]
    # One's own first, then those with most people: where a reader looks.
    return tuple(sorted(made, key=lambda row: (not row.own, -(row.people or 0), row.unit.name)))


def _silent(here: Counted, view: View, shown: tuple[Row, ...]) -> int:
    """How many kommuner of the fylke are left out, as they do not use the service."""
    if view.unit.level == 1:
        return 0
    below = here.units.children(view.unit.fylke or view.unit.id)
    return max(0, len([unit for unit in below if unit.level == 3]) - len(shown))


def _start(period: periods.Period) -> str:
    return period.start.isoformat()


def _row_title(here: Counted, view: View, *, everything: bool) -> str:
    if everything:
        return _("Alle kommuner")
    if view.unit.level == 1:
        return _("Fylkene")
    fylke = here.units.by_id[view.unit.fylke or view.unit.id]
    return _("Kommuner i %(fylke)s", fylke=fylke.name)


def places(here: Counted, unit: OrgUnit) -> list[dict[str, str]]:
    """What the chooser offers: one's own kommuner and fylke, Norge, and what is looked at now.

    Those without a kommune of their own choose between the fylker.
    """
    offered = [here.units.by_id[each] for each in here.own if here.units.by_id[each].level == 3]
    if not offered or len(offered) > 40:
        fylker = list(here.units.level(2))
    else:
        numbers = dict.fromkeys(each.fylke for each in offered if each.fylke)
        fylker = [here.units.by_id[number] for number in numbers]
    some = [*offered[:40], *sorted(fylker, key=lambda each: each.name), here.units.root]
    if unit not in some:
        some.insert(0, unit)
    return [{"value": each.code or "", "word": each.name} for each in some]


def _week_choices(view: View) -> list[dict[str, str]]:
    found = []
    for back in range(27):
        week = periods.shift(view.this_week, -back)
        word = _("Til og med %(week)s", week=week_name(week))
        if back == 0:
            word = _("Til nå (%(week)s)", week=week_name(week))
        elif week.start.year != view.today.year:
            word = f"{word}, {week.id.split('W')[0]}"
        found.append({"value": week.id, "word": word})
    return found


def _list_address(view: View, code: str) -> str:
    asked = view.this_week if code in NOW else view.week
    values = {"tall": code, "sted": view.unit.code or "", "uke": asked.id}
    return f"/oversikt/liste?{urlencode(values)}"


def _addresses(view: View) -> Mapping[str, str]:
    """Where each tile leads: the list behind it where one may see it, else its method card."""
    if view.is_live:
        return {code: _list_address(view, code) for code in WATCHED}
    return {code: f"#tall-{code}" for code in WATCHED}


def _sentence(view: View, cells: Cells) -> str:
    """The one sentence at the top: how many, and whether it grows."""
    week = week_name(view.week)
    count = cells.get(CASES, view.unit.id, view.week)
    before = cells.get(CASES, view.unit.id, periods.shift(view.week, -1))
    name = view.unit.name
    if count.hidden:
        return _("Antall nye smittede i %(name)s i %(week)s er skjult.", name=name, week=week)
    if count.value is None:
        return _("Tallene for %(name)s er ikke publisert ennå.", name=name)
    said = _("%(n)s nye smittede i %(name)s i %(week)s", n=count.words, name=name, week=week)
    if before.value is None:
        return f"{said}."
    if before.count == count.count:
        return _("%(said)s, like mange som uken før.", said=said)
    step = abs(count.count - before.count)
    if count.count > before.count:
        return _("%(said)s, %(n)s flere enn uken før.", said=said, n=step)
    return _("%(said)s, %(n)s færre enn uken før.", said=said, n=step)


def last_whole_week(work: Work) -> periods.Period:
    """The newest week that is over."""
    return periods.containing("Weekly", work.clock.today() - timedelta(days=7))
