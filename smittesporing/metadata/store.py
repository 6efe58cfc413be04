"""Configuration in PostgreSQL: read as one snapshot, written object by object.

Keeps DHIS2's JSON as it is exchanged; the snapshot gives it meaning. Checks no references and no
authorities: exchange.py does, and is the only caller of the writing half. Users' accounts and org
units have their true columns in access; here lie the JSON objects around them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from smittesporing.access import org_units
from smittesporing.access.org_units import OrgUnit, OrgUnits
from smittesporing.database import Connection
from smittesporing.metadata.snapshot import Body, Metadata

__all__ = ["Metadata", "Row", "current", "delete", "drop_cache", "put", "touch"]

_decode = msgspec.json.Decoder(dict[str, Any]).decode
_lock = threading.Lock()
_kept: tuple[str, Metadata] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """An object about to be written: its kind, its body without computed properties."""

    plural: str
    body: Body


def current(connection: Connection) -> Metadata:
    """All configuration as this transaction sees it; one small query when nothing has changed.

    A transaction that has itself changed metadata gets a picture of its own, which is not kept: it
    may be rolled back, and the next writer would then use the same number.
    """
    global _kept
    row = connection.execute(
        """select m.version, o.version as org_units, current_database() as database,
                  m.writer is not distinct from pg_current_xact_id_if_assigned()
                  or o.xmin is not distinct from pg_current_xact_id_if_assigned()::xid as own
             from metadata.state m, access.org_unit_state o"""
    ).fetchone()
    assert row is not None
    source, kept = _kept or ("", None)
    if (
        kept is not None
        and source == row["database"]
        and kept.version == row["version"]
        and kept.org_units_version == row["org_units"]
    ):
        return kept
    built = _build(connection, row["version"], row["org_units"])
    if not row["own"]:
        with _lock:
            _kept = (row["database"], built)
    return built


def drop_cache() -> None:
    """Forget the kept snapshot; for tests that swap databases under one process."""
    global _kept
    with _lock:
        _kept = None


def put(connection: Connection, rows: Iterable[Row]) -> None:
    """Write these objects, each whole; the caller raises the version with touch()."""
    connection.execute(
        """insert into metadata.object as o (type, uid, code, name, body)
           select each ->> 'type', each ->> 'uid', each ->> 'code', each ->> 'name', each -> 'body'
             from jsonb_array_elements(%s::text::jsonb) as each
           on conflict (type, uid) do update
              set code = excluded.code, name = excluded.name, body = excluded.body,
                  last_updated = now(), version = o.version + 1""",
        (
            msgspec.json.encode(
                [
                    {
                        "type": row.plural,
                        "uid": row.body["id"],
                        "code": row.body.get("code"),
                        "name": row.body.get("name"),
                        "body": row.body,
                    }
                    for row in rows
                ]
            ).decode(),
        ),
    )


def delete(connection: Connection, objects: Iterable[tuple[str, str]]) -> None:
    """Remove these (kind, uid); the caller raises the version with touch()."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "delete from metadata.object where type = %s and uid = %s", list(objects)
        )


def touch(connection: Connection) -> None:
    """Make every process read the configuration anew once this transaction commits."""
    connection.execute(
        "update metadata.state set version = version + 1, writer = pg_current_xact_id()"
    )


def _build(connection: Connection, version: int, org_units_version: int) -> Metadata:
    rows = connection.execute(
        """select type, uid, body::text as body,
                  to_char(created, 'YYYY-MM-DD"T"HH24:MI:SS.MS') as created,
                  to_char(last_updated, 'YYYY-MM-DD"T"HH24:MI:SS.MS') as last_updated
             from metadata.object order by type, name, uid"""
    )
    objects: dict[str, dict[str, Body]] = {}
    for row in rows:
        body = _decode(row["body"])
        body.setdefault("created", row["created"])
        body["lastUpdated"] = row["last_updated"]
        objects.setdefault(row["type"], {})[row["uid"]] = body
    units = org_units.current(connection)
    objects["organisationUnits"] = {
        unit.uid: org_unit_body(unit, units) for unit in units.by_uid.values()
    }
    return Metadata(version, objects, org_units_version)


def org_unit_body(unit: OrgUnit, units: OrgUnits) -> Body:
    """The DHIS2 object of an org unit, without its groups and programs."""
    children = units.children(unit.id)
    body: Body = {
        **unit.extra,
        "id": unit.uid,
        "name": unit.name,
        "shortName": unit.short_name or unit.name[:50],
        "path": unit.path,
        "level": unit.level,
        "leaf": not children,
        "openingDate": f"{unit.valid_from.isoformat()}T00:00:00.000",
        "children": [{"id": child.uid} for child in children],
        "ancestors": [{"id": units.by_id[each].uid} for each in unit.ancestors if each != unit.id],
        "created": unit.created.strftime("%Y-%m-%dT%H:%M:%S.000"),
        "lastUpdated": unit.last_updated.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3],
    }
    if unit.code:
        body["code"] = unit.code
    if unit.parent is not None:
        body["parent"] = {"id": units.by_id[unit.parent].uid}
    if unit.valid_to is not None:
        body["closedDate"] = f"{unit.valid_to.isoformat()}T00:00:00.000"
    if unit.geometry:
        body["geometry"] = unit.geometry
    elif unit.latitude is not None and unit.longitude is not None:
        body["geometry"] = {
            "type": "Point",
            "coordinates": [unit.longitude, unit.latitude],
        }
    return body
