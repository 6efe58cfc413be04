"""Local org units changed, moved, removed, split and merged; who may, and what becomes of what was theirs.

Units of Kartverket's register are refused here and by the database (decision 11). Nothing is taken out of
the tree: a unit that is gone keeps its row and names its successors. Called by metadata/places.py and
the API.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg.types.json import Jsonb

from smittesporing.access import authorities, org_units, users
from smittesporing.access.org_units import OrgUnit, OrgUnits
from smittesporing.access.reach import CLIENT, Reach
from smittesporing.access.work import Work
from smittesporing.database import Connection
from smittesporing.problems import Refused

ADD, DELETE, MOVE = "F_ORGANISATIONUNIT_ADD", "F_ORGANISATIONUNIT_DELETE", "F_ORGANISATIONUNIT_MOVE"
SPLIT, MERGE = "F_ORGANISATION_UNIT_SPLIT", "F_ORGANISATION_UNIT_MERGE"


@dataclass(frozen=True)
class Said:
    """What a change says of a unit; `parent` is None for the root of a tree apart."""

    name: str
    short_name: str | None
    code: str | None
    valid_from: date
    valid_to: date | None
    geometry: Mapping[str, Any] | None
    extra: Mapping[str, Any]
    parent: int | None


def governs(reach: Reach, unit: OrgUnit | None, *any_of: str) -> bool:
    """Whether she may do that to a local unit, or below a kommune: `any_of` are DHIS2's authorities.

    Shape   A superuser everywhere; an administrator in her kommune; a client with the authority where
            she captures. No unit at all, the root of a tree apart, is a superuser's.
    """
    if reach.superuser:
        return True
    if unit is None:
        return False
    if reach.may("administer") and reach.working_in in unit.ancestors:
        return unit.kommune is not None
    allowed = authorities.holds(reach, *any_of)
    return reach.role == CLIENT and unit.id in reach.write and allowed


def is_locked_below(unit: OrgUnit | None) -> bool:
    """Whether Kartverket's register says what lies below the unit: Norge and the fylker."""
    return unit is not None and unit.official and unit.kommune is None


def change(connection: Connection, unit: OrgUnit, said: Said, by: str) -> OrgUnit:
    """The unit as said; another parent moves it with all below it. Errors  T005, T010."""
    _refuse_official(unit)
    connection.execute(
        """update access.org_unit
              set name = %s, short_name = %s, code = %s, valid_from = %s, valid_to = %s,
                  geometry = %s, extra = %s, last_updated = clock_timestamp(), version = version + 1
            where id = %s""",
        (
            said.name,
            said.short_name,
            said.code,
            said.valid_from,
            said.valid_to,
            Jsonb(dict(said.geometry)) if said.geometry is not None else None,
            Jsonb(dict(said.extra)),
            unit.id,
        ),
    )
    org_units.touch(connection)
    if said.name != unit.name:
        detail = {"uid": unit.uid, "from": unit.name, "to": said.name}
        org_units.note(connection, by, unit.kommune, "org_unit.renamed", detail)
    if said.parent != unit.parent:
        _move(connection, unit, said.parent, by)
    return org_units.current(connection).by_id[unit.id]


def _move(connection: Connection, unit: OrgUnit, parent: int | None, by: str) -> None:
    units = org_units.current(connection)
    above = units.by_id[parent] if parent is not None else None
    if is_locked_below(above):
        raise Refused("T005", above.name if above else "")
    if above is not None and unit.id in above.ancestors:
        raise Refused("T010", "parent", "En enhet kan ikke ligge under seg selv.")
    path = f"{above.path if above else ''}/{unit.uid}"
    below = units.descendants(unit.id)
    connection.execute(
        """update access.org_unit
              set parent = case when id = %(id)s then %(parent)s else parent end,
                  path = %(path)s || substr(path, %(cut)s),
                  ancestors = %(above)s::int[] || ancestors[%(depth)s:],
                  level = level + %(rise)s, kommune = %(kommune)s, fylke = %(fylke)s,
                  last_updated = clock_timestamp(), version = version + 1
            where id = any (%(below)s)""",
        {
            "id": unit.id,
            "parent": parent,
            "path": path,
            "cut": len(unit.path) + 1,
            "above": list(above.ancestors) if above else [],
            "depth": len(unit.ancestors),
            "rise": (above.level if above else 0) + 1 - unit.level,
            "kommune": above.kommune if above else None,
            "fylke": above.fylke if above else None,
            "below": list(below),
        },
    )
    if (above.kommune if above else None) != unit.kommune:
        # Its records are counted where the unit now lies.
        connection.execute("select projection.follow_units(%s)", (list(below),))
    org_units.touch(connection)
    detail = {"uid": unit.uid, "from": unit.parent, "to": parent}
    org_units.note(connection, by, unit.kommune, "org_unit.moved", detail)


def is_used(connection: Connection, unit: OrgUnit) -> bool:
    """Whether records stand in the unit, whoever may read them."""
    row = connection.execute("select tracker.unit_in_use(%s) as used", (unit.id,)).fetchone()
    return bool(row and row["used"])


def remove(connection: Connection, unit: OrgUnit, by: str, heirs: Iterable[int] = ()) -> None:
    """Take the unit out of sight; its row stays, and says who came after it."""
    _refuse_official(unit)
    connection.execute(
        """update access.membership set ended_at = now() where org_unit = %s and ended_at is null""",
        (unit.id,),
    )
    connection.execute(
        """update access.org_unit
              set removed_at = now(), valid_to = coalesce(valid_to, current_date), code = null,
                  successors = %s, last_updated = now(), version = version + 1 where id = %s""",
        (list(heirs), unit.id),
    )
    org_units.touch(connection)
    org_units.note(connection, by, unit.kommune, "org_unit.removed", {"uid": unit.uid})


def close(connection: Connection, unit: OrgUnit, on: date, heirs: Iterable[int], by: str) -> None:
    """End the unit's time without taking it out of sight; it says who came after it."""
    _refuse_official(unit)
    connection.execute(
        """update access.org_unit set valid_to = %s, successors = %s, last_updated = now(),
                  version = version + 1 where id = %s""",
        (on, list(heirs), unit.id),
    )
    org_units.touch(connection)
    org_units.note(connection, by, unit.kommune, "org_unit.closed", {"uid": unit.uid})


def succeed(work: Work, gone: OrgUnit, heir: OrgUnit) -> int:
    """Let everything that belongs to one unit belong to another; how many enrollments that were.

    Errors  T005 for a unit of the register.
    """
    _refuse_official(gone)
    row = work.conn.execute(
        "select tracker.succeed_unit(%s, %s) as moved", (gone.id, heir.id)
    ).fetchone()
    return int(row["moved"]) if row else 0


def roles_in(connection: Connection, unit: OrgUnit) -> list[tuple[str, str]]:
    """Who holds which role in the unit now, as (user, role)."""
    rows = connection.execute(
        "select user_uid, role from access.membership where org_unit = %s and ended_at is null",
        (unit.id,),
    ).fetchall()
    return [(row["user_uid"], row["role"]) for row in rows]


def share_roles(
    connection: Connection, held: Iterable[tuple[str, str]], heirs: Iterable[int], by: str
) -> None:
    """Let those who held a role in a unit that was split hold it in these heirs as well."""
    heirs = list(heirs)
    for user, role in held:
        for unit in heirs:
            users.grant(connection, user, unit, role, by)


def adopt(connection: Connection, units: OrgUnits, gone: OrgUnit, heir: OrgUnit, by: str) -> None:
    """Move the units below the one that goes to below its heir."""
    for child in units.children(gone.id):
        _move(connection, child, heir.id, by)


def _refuse_official(unit: OrgUnit) -> None:
    if unit.official:
        raise Refused("T005", unit.name)
