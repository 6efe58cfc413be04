"""Figures for everybody else: counted on a fixed grid, suppressed, and kept as published.

Kommune, fylke and Norge by ISO week, for the shipped counts, suppressed over places and over indicators
that add up (the attribute ST_SUM_OF says which). Nobody's question makes a figure: `publish`
runs on a schedule and reads through the counter's connection; `figures` reads what stands. Called by the
scheduled job and by query.py.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from psycopg.types.json import Jsonb

from smittesporing import periods
from smittesporing.access import org_units
from smittesporing.analytics.counting import counted
from smittesporing.analytics.small_numbers import Sum, over_places, settle
from smittesporing.database import Connection, Pool
from smittesporing.metadata import store
from smittesporing.metadata.snapshot import Metadata
from smittesporing.periods import Period
from smittesporing.settings import Clock

WEEKS = 26  # how far back figures are published anew
_OFFICIAL_LEVELS = (1, 2, 3)
_Key = tuple[str, int]  # indicator, unit


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it stands; `value` None means withheld."""

    indicator: str
    org_unit: int
    period: str
    value: float | None
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Publication:
    """What one publication did: cells looked at, cells that changed."""

    at: datetime
    cells: int
    changed: int


def publish(counter: Connection, conn: Connection, at: datetime, today: date) -> Publication:
    """Count the grid through `counter` and write what changed through `conn`, in its transaction.

    at     The moment of the publication: the fixed hour, not the moment somebody saved.
    today  The day the service works in.
    """
    metadata = store.current(conn)
    units = org_units.current(conn)
    grid = [unit for level in _OFFICIAL_LEVELS for unit in units.level(level)]
    parents = {unit.id: unit.parent for unit in grid}
    weeks = periods.between("Weekly", today - timedelta(weeks=WEEKS), today)
    ids = [unit.id for unit in grid]
    indicators = published_indicators(metadata)
    values: dict[str, dict[_Key, int]] = {week.id: {} for week in weeks}
    former: dict[str, dict[_Key, int | None]] = {week.id: {} for week in weeks}
    for uid in indicators:
        asked = weeks if _bounded(metadata, uid) else weeks[-1:]
        counts = counted(counter, metadata, units, [uid], ids, asked, today, None)
        for (_, unit, period), value in counts.items():
            values[period][uid, unit] = int(value)
        for each in figures(conn, [uid], ids, asked):
            figure = None if each.value is None else int(each.value)
            former[each.period][uid, each.org_unit] = figure
    breakdowns = breakdowns_of(metadata, indicators)
    cells = 0
    changes: list[dict[str, object]] = []
    for week in weeks:
        before = former[week.id]
        settled = settle(
            values[week.id], before, _sums(values[week.id], before, parents, breakdowns)
        )
        cells += len(settled)
        for (uid, unit), figure in settled.items():
            if before.get((uid, unit), 0) != figure:
                changes.append(
                    {"indicator": uid, "org_unit": unit, "period": week.id, "value": figure}
                )
    conn.execute(
        """insert into analytics.published (indicator, org_unit, period, published_at, value)
           select c.indicator, c.org_unit, c.period, %s, c.value
             from jsonb_to_recordset(%s) as c(indicator text, org_unit int, period text, value numeric)
           on conflict do nothing""",
        (at, Jsonb(changes)),
    )
    conn.execute(
        "insert into analytics.publication (published_at, cells, changed) values (%s, %s, %s) on conflict do nothing",
        (at, cells, len(changes)),
    )
    return Publication(at, cells, len(changes))


def _sums(
    values: Mapping[_Key, int],
    former: Mapping[_Key, int | None],
    parents: Mapping[int, int | None],
    breakdowns: Sequence[Sum[str]],
) -> list[Sum[_Key]]:
    """Every sum of one week in which something is or was counted: over places, and over indicators."""
    by_indicator: dict[str, dict[int, int]] = {}
    for uid, unit in {*values, *former}:
        by_indicator.setdefault(uid, {})[unit] = values.get((uid, unit), 0)
    found: list[Sum[_Key]] = []
    for uid, here in by_indicator.items():
        for each in over_places(here, parents):
            if each.total in here:
                parts = tuple((uid, unit) for unit in each.parts if unit in here)
                found.append(Sum((uid, each.total), parts, each.whole))
    for breakdown in breakdowns:
        for unit in by_indicator.get(breakdown.total, ()):
            parts = tuple((part, unit) for part in breakdown.parts)
            found.append(Sum((breakdown.total, unit), parts, breakdown.whole))
    return found


def breakdowns_of(metadata: Metadata, indicators: Iterable[str]) -> tuple[Sum[str], ...]:
    """What these indicators are the sums of, as ST_SUM_OF says: codes with «+», «?» for an uncounted rest."""
    attribute = metadata.by_code("attributes", "ST_SUM_OF")
    if attribute is None:
        return ()
    names = tuple(indicators)
    known = set(names)
    found: list[Sum[str]] = []
    for uid in names:
        raw = metadata.get("programIndicators", uid) or {}
        for stated in raw.get("attributeValues") or ():
            if stated["attribute"]["id"] != attribute["id"]:
                continue
            for text in str(stated.get("value") or "").split(";"):
                bodies = [metadata.by_code("programIndicators", code) for code in text.split("+")]
                parts = tuple(body["id"] for body in bodies if body and body["id"] in known)
                if parts:
                    # A part that nobody publishes is a rest, like one that nobody counts.
                    found.append(Sum(uid, parts, len(parts) == len(bodies)))
    return tuple(found)


def publish_when_due(pool: Pool, counter: Pool, clock: Clock) -> Publication | None:
    """The publication of this hour, made now if nobody has made it; None when it stands already.

    Called on a schedule by every process; the first one counts, the others go on.
    """
    at = clock.now().replace(minute=0, second=0, microsecond=0)
    with pool.connection() as conn, conn.transaction():
        turn = conn.execute(
            "select pg_try_advisory_xact_lock(hashtextextended('analytics.publication', 0)) as mine"
        ).fetchone()
        if turn is None or not turn["mine"]:
            return None
        newest = latest(conn)
        if newest is not None and newest >= at:
            return None
        with counter.connection() as counting:
            # Sums hold only when every indicator is counted of the same moment.
            counting.execute("set transaction isolation level repeatable read")
            # The whole country over half a year may take longer than a page may.
            counting.execute("set local statement_timeout = '10min'")
            return publish(counting, conn, at, clock.today())


def published_indicators(metadata: Metadata) -> tuple[str, ...]:
    """The program indicators of the grid: counts of the Norwegian programme that say where they count."""
    attribute = metadata.by_code("attributes", "ST_COUNTS_IN")
    if attribute is None:
        return ()
    return tuple(_counts(metadata, attribute["id"]))


def _counts(metadata: Metadata, attribute: str) -> Iterator[str]:
    for uid, body in metadata.program_indicators.items():
        raw = metadata.get("programIndicators", uid) or {}
        stated = {each["attribute"]["id"] for each in raw.get("attributeValues") or ()}
        if attribute in stated and body.aggregation_type == "COUNT":
            yield uid


def _bounded(metadata: Metadata, uid: str) -> bool:
    """Whether the indicator looks at one week; those without a first day tell of now only."""
    limits = metadata.program_indicators[uid].boundaries
    return not limits or any(limit.type.startswith("AFTER_START") for limit in limits)


def figures(
    conn: Connection, indicators: Sequence[str], units: Iterable[int], asked: Sequence[Period]
) -> list[Figure]:
    """What stands published of these cells; zero is not written until a figure has been another."""
    rows = conn.execute(
        """select distinct on (indicator, period, org_unit)
                  indicator, org_unit, period, value, published_at
             from analytics.published
            where indicator = any (%s) and period = any (%s) and org_unit = any (%s)
            order by indicator, period, org_unit, published_at desc""",
        (list(indicators), [p.id for p in asked], list(units)),
    ).fetchall()
    return [
        Figure(
            r["indicator"],
            r["org_unit"],
            r["period"],
            None if r["value"] is None else float(r["value"]),
            r["published_at"],
        )
        for r in rows
    ]


def latest(conn: Connection) -> datetime | None:
    """When figures were last published; None before the first time."""
    row = conn.execute("select max(published_at) as at from analytics.publication").fetchone()
    return row["at"] if row else None
