"""What changed, when and by whom: DHIS2's change logs, and the queue that later work reads.

History is written by `persist`, in the statement that writes the record, and never changed. Called by
web/api/tracker_acts and by jobs that follow the news.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from smittesporing.access.work import Work
from smittesporing.tracker.confidential import unseal
from smittesporing.tracker.moments import stamp

Row = dict[str, Any]
_FIELDS = {"occurred_at": "occurredAt", "scheduled_at": "scheduledAt", "geometry": "geometry"}


@dataclass(frozen=True)
class News:
    """One line of history, for those who follow it."""

    sequence: int
    tracked_entity: str
    kind: str
    uid: str
    action: str
    program: str | None
    at: datetime


def news(work: Work, after: int, limit: int = 1_000) -> list[News]:
    """What was committed after that line, in order; lines of transactions still open are held back.

    A reader keeps the last `sequence` it has dealt with, and asks again. Names people only by uid, to
    work that then reads them through `read`.
    """
    rows = work.conn.execute(
        """select sequence, tracked_entity, kind, uid, action, program, at from tracker.history
            where sequence > %s and transaction < pg_snapshot_xmin(pg_current_snapshot())
              and owners && %s::int[]
            order by sequence limit %s""",
        (after, list(work.reach.read), limit),
    )
    return [News(**row) for row in rows]


def lines_of(work: Work, person: str, uid: str) -> list[Row]:
    """The lines of one record, newest first."""
    work.saw((person,))
    return work.conn.execute(
        """select * from tracker.history
            where tracked_entity = %s and uid = %s and owners && %s::int[]
            order by sequence desc""",
        (person, uid, list(work.reach.read)),
    ).fetchall()


def change_logs(work: Work, person: str, uid: str) -> list[dict[str, Any]]:
    """DHIS2's change log (version 2) of a tracked entity or an event, newest first."""
    logs = []
    for row in lines_of(work, person, uid):
        for kind, change in _changes(work, row):
            user = row["user_info"] or {}
            logs.append(
                {
                    "createdBy": {
                        name: user.get(name) for name in ("uid", "firstName", "surname", "username")
                    },
                    "createdAt": stamp(row["at"]),
                    "type": kind,
                    "change": change,
                }
            )
    return logs


def _changes(work: Work, row: Row) -> Iterator[tuple[str, dict[str, Any]]]:
    before, after = row["before"] or {}, row["after"] or {}
    key = work.settings.field_key
    for held, name, part in (
        ("attributes", "attributeValue", "attribute"),
        ("data", "dataValue", "dataElement"),
    ):
        old, new = before.get(held) or {}, after.get(held) or {}
        for uid in dict.fromkeys((*old, *new)):
            was = (old.get(uid) or {}).get("value")
            now = (new.get(uid) or {}).get("value")
            change: dict[str, Any] = {part: {"id": uid}}
            if was:
                change["previousValue"] = unseal(key, uid, was)
            if now:
                change["currentValue"] = unseal(key, uid, now)
            kind = "UPDATE" if was and now else "CREATE" if now else "DELETE"
            yield kind, {name: change}
    for column, field in _FIELDS.items():
        was, now = before.get(column), after.get(column)
        if row["kind"] == "EVENT" and was != now:
            change = {"field": field}
            if was:
                change["previousValue"] = was
            if now:
                change["currentValue"] = now
            yield (
                ("UPDATE" if was and now else "CREATE" if now else "DELETE"),
                {"eventField": change},
            )
