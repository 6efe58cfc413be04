"""Org units: Norge / fylke / kommune, locked to Kartverket's numbers, and what kommuner add below.

Keeps a snapshot per process, renewed when the state's version moves. Resolves former numbers. Does not
know users. Called by reach, by the metadata room (DHIS2's organisationUnits) and by pages.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from importlib import resources
from typing import Any

from smittesporing.database import Connection
from smittesporing.problems import Refused
from smittesporing.uid import derived_uid, new_uid

ROOT_CODE = "NO"
KOMMUNE_LEVEL = 3
FIRST_LOCAL_ID = 1_000_000


@dataclass(frozen=True)
class OrgUnit:
    """One unit. `kommune` and `fylke` are ids of itself or an ancestor; `ancestors` includes itself."""

    id: int
    uid: str
    code: str | None
    name: str
    level: int
    parent: int | None
    path: str
    ancestors: tuple[int, ...]
    kommune: int | None
    fylke: int | None
    official: bool
    valid_from: date
    valid_to: date | None
    population: int | None
    latitude: float | None
    longitude: float | None
    geometry: dict[str, Any] | None
    created: Any
    last_updated: Any
    short_name: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    successors: tuple[int, ...] = ()
    removed: bool = False


@dataclass(frozen=True)
class OrgUnits:
    """All units as they are now.

    Shape   A removed unit is found by its id and lies below what it lay below, so that what the log
            says of it stays readable there; it has no name to be found by and is nobody's child.
    """

    version: int
    by_id: Mapping[int, OrgUnit]

    @cached_property
    def by_uid(self) -> dict[str, OrgUnit]:
        return {unit.uid: unit for unit in self.by_id.values() if not unit.removed}

    @cached_property
    def by_code(self) -> dict[str, OrgUnit]:
        return {unit.code: unit for unit in self.by_id.values() if unit.code and not unit.removed}

    @cached_property
    def _descendants(self) -> dict[int, tuple[int, ...]]:
        gathered: dict[int, list[int]] = {unit: [] for unit in self.by_id}
        for unit in self.by_id.values():
            for ancestor in unit.ancestors:
                gathered[ancestor].append(unit.id)
        return {unit: tuple(sorted(below)) for unit, below in gathered.items()}

    @cached_property
    def _children(self) -> dict[int, tuple[int, ...]]:
        gathered: dict[int, list[int]] = {}
        for unit in self.by_id.values():
            if unit.parent is not None and not unit.removed:
                gathered.setdefault(unit.parent, []).append(unit.id)
        return {unit: tuple(sorted(below)) for unit, below in gathered.items()}

    def descendants(self, unit: int) -> tuple[int, ...]:
        """The unit and everything below it, as sorted ids."""
        return self._descendants[unit]

    def children(self, unit: int) -> tuple[OrgUnit, ...]:
        return tuple(self.by_id[child] for child in self._children.get(unit, ()))

    def level(self, level: int) -> tuple[OrgUnit, ...]:
        """The units of Norway's tree on that level; other trees stand beside it, for other programs."""
        root = self.root.id
        return tuple(
            unit
            for unit in self.by_uid.values()
            if unit.level == level and unit.ancestors[0] == root
        )

    @cached_property
    def root(self) -> OrgUnit:
        return self.by_code[ROOT_CODE]


_snapshot: tuple[str, OrgUnits] | None = None


def current(connection: Connection) -> OrgUnits:
    """The units as this transaction sees them; one small query when nothing has changed.

    A transaction that has itself changed units gets a picture of its own, which is not kept: it may
    be rolled back, and the next writer would then use the same number.
    """
    global _snapshot
    row = connection.execute(
        """select version, current_database() as database,
                  xmin is not distinct from pg_current_xact_id_if_assigned()::xid as own
             from access.org_unit_state"""
    ).fetchone()
    assert row is not None
    source, kept = _snapshot or ("", None)
    if kept is not None and source == row["database"] and kept.version == row["version"]:
        return kept
    rows = connection.execute(
        """select id, uid, code, name, level, parent, path, ancestors, kommune, fylke, official,
                  valid_from, valid_to, population, latitude, longitude, geometry, created,
                  last_updated, short_name, extra, successors, removed_at is not null as removed
             from access.org_unit order by path"""
    ).fetchall()
    lists = ("ancestors", "successors")
    units = {
        each["id"]: OrgUnit(**{**each, **{name: tuple(each[name]) for name in lists}})
        for each in rows
    }
    built = OrgUnits(row["version"], units)
    if not row["own"]:
        _snapshot = (row["database"], built)
    return built


@dataclass(frozen=True)
class Resolved:
    """Where a number leads today: one unit, or the candidates to choose from, and a notice if any."""

    unit: OrgUnit | None
    candidates: tuple[OrgUnit, ...] = ()
    notice: str | None = None


def resolve_number(connection: Connection, number: str) -> Resolved:
    """The kommune of today for a number of today or of the past (decision 32).

    Errors  `Refused` T008 when the number was never a kommune's.
    """
    units = current(connection)
    unit = units.by_code.get(number)
    if unit is not None:
        return Resolved(unit)
    rows = connection.execute(
        """select name, successor, valid_to, notice from access.former_number where number = %s
            order by valid_to desc nulls last""",
        (number,),
    ).fetchall()
    if not rows:
        raise Refused("T008", number, "dagens og tidligere kommuner", status=400)
    successors = [units.by_code[r["successor"]] for r in rows if r["successor"] in units.by_code]
    notice = rows[0]["notice"] or f"{number} {rows[0]['name']} er et tidligere nummer."
    if len({s.id for s in successors}) == 1:
        return Resolved(successors[0], notice=notice)
    return Resolved(None, tuple(dict.fromkeys(successors)), notice)


def add(
    connection: Connection,
    parent: int | None,
    name: str,
    by: str,
    code: str | None = None,
    uid: str | None = None,
) -> OrgUnit:
    """A new bydel or team below a kommune or another local unit; without parent the root of a tree apart.

    Shape   A removed unit's uid may be used anew: it is the same unit, back again.
    Errors  T005 in Norway's tree above kommune level: that part follows Kartverket.
            T010 without a name.
    """
    units = current(connection)
    above = units.by_id[parent] if parent is not None else None
    if above is not None and above.kommune is None and above.official:
        raise Refused("T005", above.name)
    if not name.strip():
        raise Refused("T010", "Navn", "Skriv et navn på enheten.", status=400)
    uid = uid or new_uid()
    row = connection.execute(
        """insert into access.org_unit as o
             (id, uid, code, name, level, parent, path, ancestors, kommune, fylke)
           select n.id, %(uid)s, %(code)s, %(name)s, %(level)s, %(parent)s, %(path)s,
                  %(above)s::int[] || n.id, %(kommune)s, %(fylke)s
             from (select coalesce((select id from access.org_unit where uid = %(uid)s),
                                   greatest(max(id), %(first)s) + 1) as id from access.org_unit) n
           on conflict (uid) do update
              set code = excluded.code, name = excluded.name, level = excluded.level,
                  parent = excluded.parent, path = excluded.path, ancestors = excluded.ancestors,
                  kommune = excluded.kommune, fylke = excluded.fylke, removed_at = null,
                  valid_to = null, successors = '{}', last_updated = now(), version = o.version + 1
            where o.removed_at is not null
           returning id""",
        {
            "uid": uid,
            "code": code,
            "name": name.strip(),
            "level": above.level + 1 if above else 1,
            "parent": parent,
            "path": f"{above.path if above else ''}/{uid}",
            "above": list(above.ancestors) if above else [],
            "kommune": above.kommune if above else None,
            "fylke": above.fylke if above else None,
            "first": FIRST_LOCAL_ID,
        },
    ).fetchone()
    if row is None:
        raise Refused("T010", "UID", "Enheten finnes alt.")
    touch(connection)
    note(connection, by, above.kommune if above else None, "org_unit.added", {"uid": uid})
    return current(connection).by_id[row["id"]]


def touch(connection: Connection) -> None:
    """Make every process read the units anew."""
    connection.execute("update access.org_unit_state set version = version + 1")


def note(
    connection: Connection, by: str | None, unit: int | None, what: str, detail: dict[str, Any]
) -> None:
    """A line in the append-only list of what administrators did."""
    from psycopg.types.json import Jsonb

    connection.execute(
        "insert into access.change (by_user, org_unit, what, detail) values (%s, %s, %s, %s)",
        (by, unit, what, Jsonb(detail)),
    )


def _table(name: str) -> list[dict[str, str]]:
    text = resources.files("smittesporing.access").joinpath("data", name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def install(connection: Connection) -> int:
    """Norge, its fylker and kommuner and the former numbers, from the shipped tables; returns units written.

    Run as the owner's role at each start; a second run changes nothing. Ids are made of
    the numbers (kommune 5501 is 5501, fylke 55 is 10055), so that they read well in a query.
    """
    root = derived_uid("ST", "organisationUnits", ROOT_CODE)
    wanted: list[tuple[Any, ...]] = [
        (1, root, ROOT_CODE, "Norge", 1, None, f"/{root}", [1], None, None, None, None, None)
    ]
    fylker = {row["number"]: row for row in _table("fylker.csv")}
    for number, row in sorted(fylker.items()):
        uid = derived_uid("ST", "organisationUnits", number)
        fylke = 10_000 + int(number)
        path = f"/{root}/{uid}"
        wanted.append(
            (fylke, uid, number, row["name"], 2, 1, path, [1, fylke], None, fylke) + (None,) * 3
        )
    for row in _table("kommuner.csv"):
        number = row["number"]
        uid = derived_uid("ST", "organisationUnits", number)
        fylke = 10_000 + int(row["fylke"])
        path = f"/{root}/{derived_uid('ST', 'organisationUnits', row['fylke'])}/{uid}"
        people = int(row["population"]) if row["population"] else None
        place = (people, float(row["lat"]), float(row["lon"]))
        kommune = int(number)
        wanted.append(
            (
                kommune,
                uid,
                number,
                row["name"],
                3,
                fylke,
                path,
                [1, fylke, kommune],
                kommune,
                fylke,
                *place,
            )
        )
    changed = 0
    with connection.cursor() as cursor:
        for values in wanted:
            cursor.execute(
                """insert into access.org_unit as o
                     (id, uid, code, name, level, parent, path, ancestors, kommune, fylke, population,
                      latitude, longitude, official)
                   values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, true)
                   on conflict (id) do update
                     set name = excluded.name, population = excluded.population,
                         latitude = excluded.latitude, longitude = excluded.longitude,
                         last_updated = now(), version = o.version + 1
                   where (o.name, o.population, o.latitude, o.longitude)
                         is distinct from
                         (excluded.name, excluded.population, excluded.latitude, excluded.longitude)""",
                values,
            )
            changed += cursor.rowcount
        for row in _table("successors.csv"):
            cursor.execute(
                """insert into access.former_number (number, name, valid_from, valid_to, successor, notice)
                   values (%s, %s, %s, %s, %s, %s) on conflict do nothing""",
                (
                    row["number"],
                    row["name"],
                    row["valid_from"] or None,
                    row["valid_to"] or None,
                    row["successor"] or None,
                    row.get("note") or None,
                ),
            )
    if changed:
        touch(connection)
    return changed
