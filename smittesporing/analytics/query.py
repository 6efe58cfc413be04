"""Figures within one's reach, exact and of this moment; beyond it, as last published.

Every count of the pages and of the API goes through `count`. Rows are limited to the reach here and once
more by row-level security. Called by the web rooms; published.py counts for everybody.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from smittesporing.access import org_units as units_of
from smittesporing.access.org_units import OrgUnits
from smittesporing.access.work import Work
from smittesporing.analytics import plan, published, ratios, structure
from smittesporing.analytics.counting import counted, pairs, place
from smittesporing.analytics.indicator import Indicator
from smittesporing.analytics.question import Question
from smittesporing.metadata import store
from smittesporing.metadata.snapshot import Metadata
from smittesporing.periods import Period, shift
from smittesporing.problems import Refused


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure. `published_at` is None for a live one; `withheld` says a number exists but is not shown."""

    indicator: str
    org_unit: int
    period: str
    value: float | None
    published_at: datetime | None = None
    withheld: bool = False


Counts = dict[tuple[str, int, str], Cell]


def count(
    work: Work,
    indicators: Sequence[str],
    org_units: Sequence[int],
    periods: Sequence[Period],
    medians: Collection[str] = (),
) -> tuple[Cell, ...]:
    """The figures of these indicators, org units (ids) and periods; cells without data are absent.

    Shape   Indicators are uids or codes of program indicators and indicators; the order asked is kept.
    Live    An org unit that lies wholly within her reach is counted now, from the records she may read.
    Medians Those of the program indicators whose live figure is to be the median instead of the mean.
    Else    As last published: by ISO week, suppressed. Other periods and indicators have no such figure.
    Errors  `ExpressionError` when an indicator cannot be computed; T003 when it does not exist.
    """
    metadata = store.current(work.conn)
    tree = units_of.current(work.conn)
    asked = [resolve(metadata, name) for name in indicators]
    inside = _inside(tree, work, org_units)
    outside = [unit for unit in org_units if unit not in inside]
    parts = tuple(dict.fromkeys(uid for name in asked for uid in ratios.parts(metadata, name)))
    counts: Counts = {}
    if inside:
        today, owners = work.clock.today(), work.reach.read
        middle = {resolve(metadata, name) for name in medians}
        away = frozenset(at for name in asked for at in ratios.offsets(metadata, name))
        spans = dict.fromkeys([*periods, *(shift(p, at) for p in periods for at in sorted(away))])
        live = counted(work.conn, metadata, tree, parts, inside, [*spans], today, owners, middle)
        counts |= {key: Cell(*key, value) for key, value in live.items()}
    if outside:
        for figure in published.figures(work.conn, parts, outside, periods):
            key = (figure.indicator, figure.org_unit, figure.period)
            counts[key] = Cell(*key, figure.value, figure.published_at, figure.value is None)
    found: list[Cell] = []
    for name in asked:
        for period in periods:
            for unit in org_units:
                cell = _cell(metadata, tree, name, unit, period, counts)
                if cell is not None:
                    found.append(cell)
    return tuple(found)


def needed(work: Work, indicators: Sequence[str]) -> tuple[str, ...]:
    """The program indicators that must be counted to answer for these, each once."""
    metadata = store.current(work.conn)
    asked = [resolve(metadata, name) for name in indicators]
    return tuple(dict.fromkeys(uid for name in asked for uid in ratios.parts(metadata, name)))


def within_reach(work: Work, org_units: Iterable[int]) -> tuple[int, ...]:
    """Those of the org units that lie wholly within what she may read: their figures are live and exact."""
    return _inside(units_of.current(work.conn), work, org_units)


def _inside(units: OrgUnits, work: Work, org_units: Iterable[int]) -> tuple[int, ...]:
    read = set(work.reach.read)
    return tuple(
        unit
        for unit in org_units
        if unit in units.by_id and read.issuperset(units.descendants(unit))
    )


def behind(
    work: Work, indicator: str, org_unit: int, period: Period
) -> list[tuple[str, str | None]]:
    """The (tracked entity, enrollment) that a live figure of a program indicator counts.

    Answers uids only: who shows them reads the people through the tracker, which logs whom it showed.
    Errors  T003 outside one's reach, and for indicators that are shares.
    """
    metadata = store.current(work.conn)
    uid = resolve(metadata, indicator)
    if uid not in metadata.program_indicators or not within_reach(work, [org_unit]):
        raise Refused("T003", status=404)
    body = metadata.program_indicators[uid]
    question = Question(
        (period,),
        pairs(units_of.current(work.conn), [org_unit]),
        work.clock.today(),
        metadata.constants,
        work.reach.read,
    )
    statement = plan.behind(
        Indicator(body, place(metadata, uid)),
        metadata.programs[body.program],
        structure.current(work.conn),
        question,
    )
    rows = work.conn.execute(statement).fetchall()
    return [(row["tracked_entity"], row["enrollment"]) for row in rows]


def resolve(metadata: Metadata, name: str) -> str:
    """The uid of an indicator given by uid or code. Errors  T003 when there is none."""
    for plural in ("programIndicators", "indicators"):
        if metadata.get(plural, name) is not None:
            return name
        body = metadata.by_code(plural, name)
        if body is not None:
            return str(body["id"])
    raise Refused("T003", status=404)


def _cell(
    metadata: Metadata, tree: OrgUnits, uid: str, unit: int, period: Period, counts: Counts
) -> Cell | None:
    if uid in metadata.program_indicators:
        return counts.get((uid, unit, period.id))
    around = {at: shift(period, at).id for at in ratios.offsets(metadata, uid)} | {0: period.id}
    keys = [(part, unit, id_) for part in ratios.parts(metadata, uid) for id_ in around.values()]
    used = [counts[key] for key in keys if key in counts]
    at = max((cell.published_at for cell in used if cell.published_at), default=None)
    if any(cell.withheld for cell in used):
        return Cell(uid, unit, period.id, None, at, True)

    def figure_of(part: str, offset: int) -> float | None:
        found = counts.get((part, unit, around[offset]))
        return None if found is None else found.value

    below = [tree.by_id[each].uid for each in tree.descendants(unit)]
    figure = ratios.ratio(metadata, uid, ratios.Cell(period, below, figure_of))
    return None if figure is None else Cell(uid, unit, period.id, figure, at)
