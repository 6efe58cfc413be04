"""Program indicators counted over a connection: the one caller of plan.counting.

Says where each indicator's rows count and runs its statement. Decides nothing about who may see the
answer. Called by query.py within a reach, and by published.py for the grid.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date

from psycopg.sql import SQL

from smittesporing.access.org_units import OrgUnits
from smittesporing.analytics import plan, structure
from smittesporing.analytics.indicator import Indicator
from smittesporing.analytics.question import Place, Question
from smittesporing.analytics.ratios import part
from smittesporing.database import Connection
from smittesporing.metadata.snapshot import Metadata
from smittesporing.periods import Period


def counted(
    conn: Connection,
    metadata: Metadata,
    tree: OrgUnits,
    indicators: Iterable[str],
    units: Sequence[int],
    periods: Sequence[Period],
    today: date,
    owners: Sequence[int] | None,
    medians: Collection[str] = (),
) -> dict[tuple[str, int, str], float]:
    """(indicator, unit, period) → figure, for cells that have any data; `owners` limits the rows, None counts all.

    None is for the counter's connection, whose answers are suppressed before anybody sees them. All
    indicators are counted by one statement, in one pass over the rows for all that read the same rows. Of
    those in `medians` it is the median instead of the mean.
    """
    shape = structure.current(conn)
    question = Question(
        tuple(periods),
        pairs(tree, units),
        today,
        metadata.constants,
        None if owners is None else tuple(owners),
    )
    if not question.periods or not question.units:
        return {}
    read = [one for uid in indicators if (one := _one(metadata, uid, uid in medians)) is not None]
    groups: dict[tuple[object, ...], list[Indicator]] = {}
    for one in read:
        groups.setdefault(one.rows, []).append(one)
    statements = [
        plan.counting(group, metadata.programs[group[0].body.program], shape, question)
        for group in groups.values()
    ]
    if not statements or not any(name.startswith("event_") for name in shape.tables):
        return {}
    rows = conn.execute(SQL(" union all ").join(statements)).fetchall()
    return {
        (row["indicator"], row["unit"], row["period"]): float(row["value"])
        for row in rows
        if row["value"] is not None
    }


def _one(metadata: Metadata, uid: str, median: bool) -> Indicator | None:
    body = part(metadata, uid)
    if body is None or body.program not in metadata.programs:
        return None
    if median:
        body = replace(body, aggregation_type="MEDIAN")
    return Indicator(body, place(metadata, uid))


def place(metadata: Metadata, uid: str) -> Place:
    """Where the indicator's rows count: as ST_COUNTS_IN says, else in the org unit of the record."""
    attribute = metadata.by_code("attributes", "ST_COUNTS_IN")
    body = metadata.get("programIndicators", uid) or {}
    stated = {
        each["attribute"]["id"]: each.get("value") for each in body.get("attributeValues") or ()
    }
    kind = stated.get(attribute["id"]) if attribute else None
    residence = metadata.by_code("trackedEntityAttributes", "ST_RESIDENCE")
    return Place(kind or "ORG_UNIT", str(residence["id"]) if residence else "")


def pairs(units: OrgUnits, asked: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Each unit below an asked one (or itself) with the asked one it counts in."""
    return tuple((below, unit) for unit in asked for below in units.descendants(unit))
