"""Program indicators counted over a connection: the one caller of plan.counting.

Says where each indicator's rows count and runs its statement. Decides nothing about who may see the
answer. Called by query.py within a reach, and by published.py for the grid.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date

from psycopg.sql import SQL, Composed, Literal

from smittesporing.access.org_units import OrgUnits
from smittesporing.analytics import plan, structure
from smittesporing.analytics.question import Place, Question
from smittesporing.analytics.structure import Structure
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
    indicators are counted by one statement. Of those in `medians` it is the median instead of the mean.
    """
    shape = structure.current(conn)
    question = Question(
        tuple(periods),
        pairs(tree, units),
        today,
        metadata.constants,
        None if owners is None else tuple(owners),
    )
    statements = []
    for uid in indicators:
        statement = _one(metadata, shape, uid, question, uid in medians)
        if statement is not None:
            statements.append(
                SQL(
                    "select {} as indicator, unit, period, value::numeric from ({}) as counted"
                ).format(Literal(uid), statement)
            )
    if not statements:
        return {}
    rows = conn.execute(SQL(" union all ").join(statements)).fetchall()
    return {
        (row["indicator"], row["unit"], row["period"]): float(row["value"])
        for row in rows
        if row["value"] is not None
    }


def _one(
    metadata: Metadata, shape: Structure, uid: str, question: Question, median: bool
) -> Composed | None:
    body = metadata.program_indicators[uid]
    if median:
        body = replace(body, aggregation_type="MEDIAN")
    program = metadata.programs.get(body.program)
    if program is None or not question.periods or not question.units:
        return None
    if not any(name.startswith("event_") for name in shape.tables):
        return None
    return plan.counting(body, program, shape, place(metadata, uid), question)


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
