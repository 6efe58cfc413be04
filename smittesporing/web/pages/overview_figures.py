"""The figures of the overview: tiles, and kommuner and fylker with rates.

Asks `analytics.query` and turns its cells into words and numbers for the templates; decides nothing about
who may see what, as a cell says itself whether it is live, published or withheld. Called by overview.py,
map_data.py and exports.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from smittesporing import periods
from smittesporing.access.org_units import OrgUnit, OrgUnits
from smittesporing.access.work import Work
from smittesporing.analytics import in_force, query
from smittesporing.metadata.snapshot import Metadata
from smittesporing.periods import Period
from smittesporing.web.pages import words
from smittesporing.web.pages.words import _

CASES = "ST_PI_CASES"
KNOWN = "ST_PI_CASES_KNOWN_SETTING"
QUARANTINED = "ST_PI_CASES_IN_QUARANTINE"
FIRST_CALL = "ST_PI_DAYS_TO_FIRST_CALL"
ISOLATED = "ST_PI_ISOLATIONS_NOW"
IN_QUARANTINE = "ST_PI_QUARANTINES_NOW"
CONTACTS = "ST_PI_CONTACTS"
WATCHED = (CASES, KNOWN, QUARANTINED, FIRST_CALL, ISOLATED, IN_QUARANTINE)

ISOLATIONS = in_force.Measures("ST_INDEX_MEASURE", ("ISOLATION",), True)
QUARANTINES = in_force.Measures(
    "ST_CONTACT_MEASURE", ("INFECTION_QUARANTINE", "WAITING_QUARANTINE", "ENTRY_QUARANTINE"), False
)
Trend = tuple[in_force.InForce, ...]


@dataclass(frozen=True)
class View:
    """What is looked at: one org unit, some weeks, and the whole week that the tiles tell of."""

    unit: OrgUnit
    is_live: bool
    weeks: tuple[Period, ...]
    week: Period
    today: date
    people: int | None = None

    @property
    def this_week(self) -> Period:
        return periods.containing("Weekly", self.today)

    @property
    def fortnight(self) -> tuple[Period, Period]:
        """The two whole weeks that rates are counted over."""
        return periods.shift(self.week, -1), self.week

    @property
    def fortnight_before(self) -> tuple[Period, Period]:
        return periods.shift(self.week, -3), periods.shift(self.week, -2)


@dataclass(frozen=True)
class Known:
    """A figure, or that it is hidden or not there. `value` is None in both cases."""

    value: float | None
    hidden: bool = False

    @property
    def count(self) -> int:
        return int(self.value or 0)

    @property
    def words(self) -> str:
        if self.hidden:
            return _("skjult")
        return words.number(self.value)


@dataclass(frozen=True)
class Cells:
    """Cells by code, org unit and period; what nobody registered counts zero where figures exist."""

    found: Mapping[tuple[str, int, str], query.Cell]
    live: frozenset[int]
    has_publication: bool

    def get(self, code: str, unit: int, period: Period) -> Known:
        cell = self.found.get((code, unit, period.id))
        if cell is not None:
            return Known(cell.value, cell.withheld)
        return Known(0 if unit in self.live or self.has_publication else None)

    def sum(self, code: str, unit: int, asked: Iterable[Period]) -> Known:
        parts = [self.get(code, unit, period) for period in asked]
        if any(part.hidden for part in parts):
            return Known(None, hidden=True)
        if any(part.value is None for part in parts):
            return Known(None)
        return Known(sum(part.value or 0 for part in parts))


def cells_of(
    work: Work,
    metadata: Metadata,
    codes: Sequence[str],
    units: Sequence[int],
    asked: Sequence[Period],
    latest: datetime | None,
    live: Iterable[int],
) -> Cells:
    """The cells of these codes, org units and periods, by code."""
    code_of = {query.resolve(metadata, code): code for code in codes}
    found = query.count(work, codes, units, asked, [code for code in codes if code == FIRST_CALL])
    by_key = {(code_of[cell.indicator], cell.org_unit, cell.period): cell for cell in found}
    return Cells(by_key, frozenset(live), latest is not None)


@dataclass(frozen=True)
class Tile:
    """One figure with what it is counted of, its trend and its address."""

    title: str
    figure: str
    href: str
    unit: str = ""
    lines: tuple[str, ...] = ()
    spark: tuple[float, ...] = ()
    spark_words: str = ""


def week_name(week: Period) -> str:
    return _("uke %(n)s", n=week.id.split("W")[1])


def weeks_before(view: View) -> tuple[Period, ...]:
    """The weeks shown up to the one the tiles tell of."""
    return tuple(week for week in view.weeks if week.start <= view.week.start)


def tiles(work: Work, view: View, cells: Cells, href: Mapping[str, str]) -> tuple[Tile, ...]:
    """The six tiles of the overview. `href` is the address of each code's list or method."""
    isolated, quarantined = _trends(work, view)
    return (
        _isolated(view, cells, isolated, href[ISOLATED]),
        _quarantined(view, cells, quarantined, href[IN_QUARANTINE]),
        _cases(view, cells, href[CASES]),
        _share(view, cells, KNOWN, _("Kjent eksponeringssted"), href[KNOWN]),
        _share(
            view,
            cells,
            QUARANTINED,
            _("Allerede i karantene da smitten ble påvist"),
            href[QUARANTINED],
        ),
        _first_call(work, view, cells, href[FIRST_CALL]),
    )


def _of_people(count: Known, view: View, per: int) -> tuple[str, ...]:
    people = view.people
    if count.hidden:
        return (_("Under 5, eller skjult for å verne andre tall"),)
    if not people or count.value is None:
        return ()
    rate = per * count.value / people
    return (
        _("%(n)s av %(all)s innbyggere", n=words.number(count.value), all=words.number(people)),
        _("%(n)s per %(per)s", n=rate_words(rate), per=words.number(per)),
    )


def rate_words(rate: float | None) -> str:
    """One decimal below ten, none above, as one reads them."""
    if rate is None:
        return words.MISSING
    return words.number(rate, 1) if rate < 10 else words.number(rate)


def _isolated(view: View, cells: Cells, trend: Trend, href: str) -> Tile:
    count = cells.get(ISOLATED, view.unit.id, view.this_week)
    lines = list(_of_people(count, view, 10_000))
    if trend:
        lines.append(_("%(n)s kan avsluttes i dag", n=trend[-1].may_end))
    return _now(_("I isolasjon nå"), count, lines, trend, href)


def _quarantined(view: View, cells: Cells, trend: Trend, href: str) -> Tile:
    count = cells.get(IN_QUARANTINE, view.unit.id, view.this_week)
    lines = list(_of_people(count, view, 10_000))
    if trend:
        lines.append(_("%(n)s har siste dag i dag", n=trend[-1].may_end))
    return _now(_("I karantene nå"), count, lines, trend, href)


def _now(title: str, count: Known, lines: list[str], trend: Trend, href: str) -> Tile:
    spark = tuple(day.count for day in trend)
    return Tile(title, count.words, href, lines=tuple(lines), spark=spark,
                spark_words=_spoken(title, spark))  # fmt: skip


def _trends(work: Work, view: View) -> tuple[Trend, Trend]:
    """Isolations and quarantines in force at the end of each week shown, and today; empty when not live."""
    if not view.is_live:
        return (), ()
    days = [week.end for week in view.weeks if week.end < view.today]
    isolated, quarantined = in_force.in_force(
        work, (ISOLATIONS, QUARANTINES), view.unit.id, [*days, view.today]
    )
    return isolated, quarantined


def _spoken(title: str, values: Sequence[float]) -> str:
    shown = words.listed([words.number(value) for value in values])
    return _("%(title)s, uke for uke: %(values)s", title=title, values=shown) if values else ""


def more_or_less(now: Known, before: Known) -> str:
    """«10 flere», «1 færre», «uendret»; a dash when either is hidden."""
    if now.value is None or before.value is None:
        return words.MISSING
    step = now.count - before.count
    if step == 0:
        return _("uendret")
    return _("%(n)s flere", n=step) if step > 0 else _("%(n)s færre", n=-step)


def _cases(view: View, cells: Cells, href: str) -> Tile:
    unit, before = view.unit.id, periods.shift(view.week, -1)
    count, former = cells.get(CASES, unit, view.week), cells.get(CASES, unit, before)
    lines = list(_of_people(count, view, 100_000))
    if count.value is not None and former.value is not None:
        step = more_or_less(count, former)
        than = _("fra") if step == _("uendret") else _("enn")
        lines.append(f"{step} {than} {week_name(before)} ({former.words})")
    if view.this_week.id != view.week.id:
        now = cells.get(CASES, unit, view.this_week)
        lines.append(_("%(n)s så langt i %(week)s", n=now.words, week=week_name(view.this_week)))
    values = [cells.get(CASES, unit, week) for week in weeks_before(view)]
    spark = _known(values)
    title = _("Nye smittede %(week)s", week=week_name(view.week))
    return Tile(title, count.words, href, lines=tuple(lines), spark=spark,
                spark_words=_spoken(title, spark))  # fmt: skip


def _known(values: Sequence[Known]) -> tuple[float, ...]:
    """The values of a trend; none of them when one is hidden, as a gap would be read as zero."""
    if any(value.value is None for value in values):
        return ()
    return tuple(value.value or 0 for value in values)


def _share(view: View, cells: Cells, code: str, title: str, href: str) -> Tile:
    before = periods.shift(view.week, -1)
    (part, whole), (part_before, whole_before) = (
        _pair(view, cells, code, week) for week in (view.week, before)
    )
    if part.hidden or whole.hidden:
        return Tile(
            title, _("skjult"), href, lines=(_("Under 5, eller skjult for å verne andre tall"),)
        )
    if not whole.value or part.value is None:
        return Tile(
            title, words.MISSING, href, lines=(_("Ingen smittede i %(w)s", w=week_name(view.week)),)
        )
    lines = [
        _("%(a)s av %(b)s smittede", a=part.words, b=whole.words),
        _("%(week)s, etter prøvedato", week=week_name(view.week)),
    ]
    if part_before.value is not None and whole_before.value:
        share = words.percent(part_before.count, whole_before.count)
        lines.append(f"{share} i {week_name(before)} ({part_before.words}/{whole_before.words})")
    pairs = [_pair(view, cells, code, week) for week in weeks_before(view)]
    spark: tuple[float, ...] = ()
    if all(a.value is not None and b.value is not None for a, b in pairs):
        spark = tuple(round(100 * a.count / b.count) if b.count else 0 for a, b in pairs)
    figure = words.number(100 * part.count / whole.count)
    return Tile(title, figure, href, "%", tuple(lines), spark, _spoken(title, spark))


def _pair(view: View, cells: Cells, code: str, week: Period) -> tuple[Known, Known]:
    """A part and the cases it is part of."""
    return cells.get(code, view.unit.id, week), cells.get(CASES, view.unit.id, week)


def _first_call(work: Work, view: View, cells: Cells, href: str) -> Tile:
    title = _("Fra symptomstart til første samtale, median")
    if not view.is_live:
        return Tile(title, words.MISSING, href, lines=(_("Medianen publiseres ikke"),))
    unit, before = view.unit.id, periods.shift(view.week, -1)
    weeks = weeks_before(view)
    known = {week.id: cells.get(FIRST_CALL, unit, week).value for week in (before, *weeks, view.week)
             if (FIRST_CALL, unit, week.id) in cells.found}  # fmt: skip
    found = {week: value for week, value in known.items() if value is not None}
    if view.week.id not in found:
        return Tile(title, words.MISSING, href, lines=(_("Ingen saker med begge datoer"),))
    counted = len(query.behind(work, FIRST_CALL, unit, view.week))
    lines = [
        _("%(n)s saker med begge datoer", n=counted),
        _("%(week)s, kommunen som følger opp", week=week_name(view.week)),
    ]
    if before.id in found:
        former = words.number(found[before.id], 1)
        lines.append(_("%(n)s døgn i %(w)s", n=former, w=week_name(before)))
    spark = tuple(found[week.id] for week in weeks if week.id in found)
    figure = words.number(found[view.week.id], 1)
    return Tile(title, figure, href, _("døgn"), tuple(lines), spark, _spoken(title, spark))


@dataclass(frozen=True)
class Row:
    """One kommune or fylke in the table: population, cases of the fortnight, rate, change, when from."""

    unit: OrgUnit
    people: int | None
    count: Known
    rate: float | None
    change: str
    source: str
    why: str = ""
    own: bool = False
    in_use: bool = True


def row_of(view: View, cells: Cells, unit: OrgUnit, people: int | None, latest: datetime | None,
           in_use: bool) -> Row:  # fmt: skip
    """The row of a kommune or fylke; `in_use` is false where the kommune does not use the service."""
    live = unit.id in cells.live
    count = cells.sum(CASES, unit.id, view.fortnight)
    before = cells.sum(CASES, unit.id, view.fortnight_before)
    why = ""
    silent = not live and not in_use and not count.value and not count.hidden
    if silent:
        count, before = Known(None), Known(None)
        why = _("Bruker ikke tjenesten")
    elif count.hidden:
        why = _("Skjult: under 5, eller skjult for å verne et annet tall")
    elif count.value is None:
        why = _("Ikke publisert ennå")
    rate = None
    if count.value is not None and people:
        rate = 100_000 * count.value / people
    if count.value is not None and people is None:
        why = _("Folketall mangler: kommunen ble til etter 2021, da folketallet er fra")
    source = words.MISSING if silent else _("nå") if live else words.at(latest)
    return Row(
        unit, people, count, rate, more_or_less(count, before), source, why, live, not silent
    )


def people_of(units: OrgUnits, unit: OrgUnit) -> int | None:
    """The unit's population, or the sum of its kommuner's; None when it is not known."""
    if unit.population is not None or unit.level >= 3:
        return unit.population
    below = (units.by_id[each] for each in units.descendants(unit.id))
    return sum(each.population or 0 for each in below if each.level == 3) or None
