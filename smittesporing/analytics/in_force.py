"""Measures in force day by day, for the small trends beside "now" figures: live, within one's reach.

What is in force now is a program indicator (ST_PI_ISOLATIONS_NOW, ST_PI_QUARANTINES_NOW); this looks back
over the same records as they stand today. Called by the overview.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from psycopg.sql import SQL, Composed, Identifier, Literal

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
class Measures:
    """Which measures: the code of the stage that holds them, their kinds, and how they end.

    `until_ended` is true for those that last until somebody ends them (isolation), false for those with a
    last day of their own.
    """

    stage: str
    kinds: tuple[str, ...]
    until_ended: bool


@dataclass(frozen=True, slots=True)
class InForce:
    """How many measures were in force on a day, and how many of those had reached their last day."""

    day: date
    count: int
    may_end: int


def in_force(
    work: Work, asked: Sequence[Measures], org_unit: int, days: Sequence[date]
) -> tuple[tuple[InForce, ...], ...]:
    """Measures in force in an org unit at the end of each day: one row of days for each that is asked."""
    metadata = store.current(work.conn)
    units = org_units.current(work.conn)
    shape = structure.current(work.conn)
    named = {name: metadata.uid(code) for name, code in _COLUMNS.items()}
    owners = sorted(set(units.descendants(org_unit)) & set(work.reach.read))
    statements = [
        _statement(f"event_{metadata.uid(one.stage)}", named, at, one, owners, days)
        for at, one in enumerate(asked)
        if all(shape.has(f"event_{metadata.uid(one.stage)}", uid) for uid in named.values())
    ]
    found: dict[tuple[int, date], InForce] = {}
    if statements:
        for row in work.conn.execute(SQL(" union all ").join(statements)).fetchall():
            found[row["at"], row["day"]] = InForce(row["day"], row["n"], row["may_end"])
    return tuple(
        tuple(found.get((at, day), InForce(day, 0, 0)) for day in days) for at in range(len(asked))
    )


def _statement(
    table: str,
    named: dict[str, str],
    at: int,
    one: Measures,
    owners: Sequence[int],
    days: Sequence[date],
) -> Composed:
    return SQL(
        """select {at} as at, d.day, count(m.owner) as n,
                  count(m.owner) filter (where m.{least} <= d.day) as may_end
             from unnest({days}::date[]) as d(day)
             left join projection.{table} m
               on m.owner = any ({owners}::int[]) and m.{kind} = any ({kinds}::text[])
              and m.{state} in ('CONFIRMED', 'DECIDED', 'ENDED') and m.{first} <= d.day
              and (m.{ended} is null or m.{ended} > d.day)
              and (m.{state} <> 'ENDED' or m.{ended} is not null)
              and ({until_ended} or m.{least} is null or m.{least} >= d.day)
            group by d.day"""
    ).format(
        at=Literal(at),
        days=Literal([day.isoformat() for day in days]),
        owners=Literal(list(owners)),
        kinds=Literal(list(one.kinds)),
        until_ended=Literal(one.until_ended),
        table=Identifier(table),
        **{name: Identifier(uid) for name, uid in named.items()},
    )
