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


def change_logs(work: Work, person: str, uid: str) -> list[dict[str, Any]] | None:
    """DHIS2's change log (version 2) of a tracked entity or an event, newest first.

    Shape   None for a record that is not there, or not to be read.
    """
    lines = lines_of(work, person, uid)
    if not lines:
        return None
    logs = []
    for row in lines:
        user = row["user_info"] or {}
        for kind, change in _changes(work, row):
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
            if was != now:
                yield _change(
                    name, part, uid, unseal(key, uid, was or ""), unseal(key, uid, now or "")
                )
    for column, field in _FIELDS.items():
        was, now = before.get(column), after.get(column)
        if row["kind"] == "EVENT" and was != now:
            yield _change("eventField", "field", field, _told(was), _told(now))


def _change(name: str, part: str, of: str, was: str, now: str) -> tuple[str, dict[str, Any]]:
    change = {part: of}
    if was:
        change["previousValue"] = was
    if now:
        change["currentValue"] = now
    return ("UPDATE" if was and now else "CREATE" if now else "DELETE"), {name: change}


def _told(value: Any) -> str:
    """A moment as tracker writes it, and a shape as the points it runs through."""
    if not value:
        return ""
    if not isinstance(value, dict):
        return str(stamp(datetime.fromisoformat(str(value))))
    return ", ".join(f"({x:f}, {y:f})" for x, y in _points(value.get("coordinates")))


def _points(nested: Any) -> Iterator[tuple[float, float]]:
    if isinstance(nested, list) and nested and isinstance(nested[0], list):
        for each in nested:
            yield from _points(each)
    elif isinstance(nested, list) and len(nested) >= 2:
        yield float(nested[0]), float(nested[1])
