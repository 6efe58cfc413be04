"""Measures in force day by day, for the small trends beside "now" figures: live, within one's reach.

What is in force now is a program indicator (ST_PI_ISOLATIONS_NOW, ST_PI_QUARANTINES_NOW); this looks back
over the same records as they stand today. Called by the overview.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from psycopg.sql import SQL, Identifier

from smittesporing.access import org_units
from smittesporing.access.work import Work
from smittesporing.analytics import structure
from smittesporing.metadata import store

_COLUMNS = {
    "kind": "ST_MEASURE_KIND",
    "state": "ST_MEASURE_STATE",
    "first": "ST_MEASURE_FROM",
    "least": "ST_MEASURE_EARLIEST_END",
    "ended": "ST_MEASURE_ENDED_ON",
}


@dataclass(frozen=True, slots=True)
class InForce:
    """How many measures were in force on a day, and how many of those have had or have their last day."""

    day: date
    count: int
    may_end: int


def in_force(
    work: Work,
    stage: str,
    kinds: Sequence[str],
    org_unit: int,
    days: Sequence[date],
    *,
    until_ended: bool,
) -> tuple[InForce, ...]:
    """Measures of these kinds in force in an org unit at the end of each day, in the order of `days`.

    stage        code of the stage that holds the measures.
    until_ended  whether they last until somebody ends them (isolation), or to their own last day.
    """
    metadata = store.current(work.conn)
    units = org_units.current(work.conn)
    table = f"event_{metadata.uid(stage)}"
    shape = structure.current(work.conn)
    named = {name: metadata.uid(code) for name, code in _COLUMNS.items()}
    if not all(shape.has(table, uid) for uid in named.values()):
        return tuple(InForce(day, 0, 0) for day in days)
    statement = SQL(
        """select d.day, count(m.owner) as n, count(m.owner) filter (where m.{least} <= d.day) as may_end
             from unnest(%(days)s::date[]) as d(day)
             left join projection.{table} m
               on m.owner = any (%(owners)s) and m.{kind} = any (%(kinds)s)
              and m.{state} in ('CONFIRMED', 'DECIDED', 'ENDED') and m.{first} <= d.day
              and (m.{ended} is null or m.{ended} > d.day)
              and (m.{state} <> 'ENDED' or m.{ended} is not null)
              and (%(until_ended)s or m.{least} is null or m.{least} >= d.day)
            group by d.day"""
    ).format(table=Identifier(table), **{name: Identifier(uid) for name, uid in named.items()})
    owners = sorted(set(units.descendants(org_unit)) & set(work.reach.read))
    rows = work.conn.execute(
        statement,
        {
            "days": list(days),
            "owners": owners,
            "kinds": list(kinds),
            "until_ended": until_ended,
        },
    ).fetchall()
    found = {row["day"]: InForce(row["day"], row["n"], row["may_end"]) for row in rows}
    return tuple(found.get(day, InForce(day, 0, 0)) for day in days)
