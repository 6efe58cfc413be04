"""The versions of the configuration: who made which, what each object was then, what differs between two.

Reads what the database's triggers write in the transaction that changes an object (migration 0027), so a
change is here whatever its door. `made_by` tells them who and why. Called by exchange.py, install.py,
draft.py and the configuration's pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from smittesporing.database import Connection
from smittesporing.metadata.snapshot import Body

BEFORE, SHIPPED, IMPORT, PUBLISHED = "before", "shipped", "import", "published"
Key = tuple[str, str]

# What makes two bodies the same: counters and names of those who wrote do not. As metadata.meaning() in SQL.
SILENT = frozenset(("version", "created", "createdBy", "lastUpdated", "lastUpdatedBy"))
# Who works here, what each keeps for herself and pictures of figures. As metadata.is_configuration() in SQL.
NOT_KEPT = frozenset(
    (
        *("users", "userGroups", "userRoles", "organisationUnits", "dashboards", "maps"),
        *("visualizations", "eventVisualizations", "externalMapLayers", "reports", "pushAnalysis"),
        *("documents", "sqlViews", "eventFilters", "trackedEntityInstanceFilters"),
        "programStageWorkingLists",
    )
)
_decode = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(frozen=True, slots=True)
class Version:
    """One version: its number, when and by whom, from where it came, and what its maker wrote of it."""

    number: int
    at: datetime
    by: str | None
    by_name: str
    origin: str
    note: str
    changed: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """One object that differs between two versions; a missing side says added or taken away."""

    plural: str
    uid: str
    before: Body | None
    after: Body | None

    @property
    def word(self) -> str:
        """added, removed or changed."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"

    @property
    def body(self) -> Body:
        return self.after or self.before or {}

    def properties(self) -> tuple[str, ...]:
        """The properties that differ, in alphabetical order."""
        return differing(self.before or {}, self.after or {})


def made_by(connection: Connection, by: str | None, origin: str = "", note: str = "") -> None:
    """Say who makes what this transaction changes, and why; an empty origin leaves that as it was."""
    connection.execute("select set_config('app.metadata_by', %s, true)", (by or "",))
    if origin:
        connection.execute(
            """select set_config('app.metadata_origin', %s, true),
                      set_config('app.metadata_note', %s, true)""",
            (origin, note),
        )


def newest(connection: Connection) -> int:
    """The number of the latest version; 0 before there is any."""
    row = connection.execute(
        "select coalesce(max(number), 0) as number from metadata.version"
    ).fetchone()
    return int(row["number"]) if row else 0


_VERSIONS = """
    select v.number, v.at, v.by, v.origin, v.note,
           coalesce(u.first_name || ' ' || u.surname, '') as by_name,
           (select count(*) from metadata.revision r where r.version = v.number) as changed
      from metadata.version v left join access.user_account u on u.uid = v.by
"""


def versions(connection: Connection, limit: int = 50, before: int = 0) -> list[Version]:
    """Versions, newest first; `before` continues a list."""
    rows = connection.execute(
        _VERSIONS + " where %s = 0 or v.number < %s order by v.number desc limit %s",
        (before, before, limit),
    ).fetchall()
    return [Version(**row) for row in rows]


def version(connection: Connection, number: int) -> Version | None:
    """One version, or None when there is none of that number."""
    row = connection.execute(_VERSIONS + " where v.number = %s", (number,)).fetchone()
    return Version(**row) if row else None


def of_object(connection: Connection, plural: str, uid: str) -> list[tuple[Version, Body | None]]:
    """The versions that changed an object, newest first, with what it was after each."""
    rows = connection.execute(
        """select v.number, v.at, v.by, v.origin, v.note, 0 as changed, r.body::text as body,
                  coalesce(u.first_name || ' ' || u.surname, '') as by_name
             from metadata.revision r
             join metadata.version v on v.number = r.version
             left join access.user_account u on u.uid = v.by
            where r.type = %s and r.uid = %s
            order by v.number desc""",
        (plural, uid),
    ).fetchall()
    found = []
    for row in rows:
        body = row.pop("body")
        found.append((Version(**row), _decode(body) if body else None))
    return found


def between(connection: Connection, first: int, last: int) -> list[Change]:
    """What differs from `first` to `last`, whichever is the older; objects that came back are left out."""
    rows = connection.execute(
        """with touched as (
             select distinct type, uid from metadata.revision
              where version > least(%(first)s, %(last)s) and version <= greatest(%(first)s, %(last)s))
           select t.type, t.uid, a.body::text as before, b.body::text as after
             from touched t
             left join lateral (select body from metadata.revision r
                   where r.type = t.type and r.uid = t.uid and r.version <= %(first)s
                   order by r.version desc limit 1) a on true
             left join lateral (select body from metadata.revision r
                   where r.type = t.type and r.uid = t.uid and r.version <= %(last)s
                   order by r.version desc limit 1) b on true""",
        {"first": first, "last": last},
    ).fetchall()
    found = []
    for row in rows:
        before = _decode(row["before"]) if row["before"] else None
        after = _decode(row["after"]) if row["after"] else None
        change = Change(row["type"], row["uid"], before, after)
        if (before is None) != (after is None) or change.properties():
            found.append(change)
    return found


def latest_of(connection: Connection, keys: Iterable[Key]) -> dict[Key, int]:
    """The number of the version that last changed each of these objects."""
    wanted = msgspec.json.encode([{"type": plural, "uid": uid} for plural, uid in keys]).decode()
    rows = connection.execute(
        """select r.type, r.uid, max(r.version) as version
             from jsonb_to_recordset(%s::text::jsonb) as k(type text, uid text)
             join metadata.revision r on r.type = k.type and r.uid = k.uid
            group by 1, 2""",
        (wanted,),
    ).fetchall()
    return {(row["type"], row["uid"]): row["version"] for row in rows}


def body_at(connection: Connection, plural: str, uid: str, number: int) -> Body | None:
    """An object as it was in a version; None when it was not there."""
    row = connection.execute(
        """select body::text as body from metadata.revision
            where type = %s and uid = %s and version <= %s order by version desc limit 1""",
        (plural, uid, number),
    ).fetchone()
    return _decode(row["body"]) if row and row["body"] else None


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """The properties whose values differ; counters, and who wrote, are passed over."""
    names = (before.keys() | after.keys()) - SILENT
    return tuple(sorted(name for name in names if before.get(name) != after.get(name)))
