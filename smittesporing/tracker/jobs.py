"""Imports asked for without waiting: what each said while it ran, and its report.

The work is done when the job's row is written, in the same transaction; whoever asks later, of any
process, finds it there. Called by web/api for imports of records and of configuration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from smittesporing.database import Connection
from smittesporing.uid import new_uid

TRACKER, METADATA, GEOJSON = "TRACKER_IMPORT_JOB", "METADATA_IMPORT", "GEOJSON_IMPORT"
# Done as soon as they are asked for: figures are counted live.
TABLES, ANALYTICS = "RESOURCE_TABLE", "ANALYTICS_TABLE"
TYPES = (TRACKER, METADATA, GEOJSON, TABLES, ANALYTICS)


@dataclass(frozen=True, slots=True)
class Job:
    """A finished job: notices with the newest first, and the report of its import."""

    uid: str
    type: str
    began_at: datetime
    ended_at: datetime
    notices: list[dict[str, Any]]
    report: Any


def record(
    connection: Connection,
    type_: str,
    username: str,
    at: datetime,
    report: Mapping[str, Any],
    *,
    ok: bool,
    said: tuple[str, str],
) -> str:
    """Keep a job that has run; its uid.

    Shape   said holds what was told when it began and when it was done.
    """
    job = new_uid()
    began, done = said
    notices = [
        {
            "uid": new_uid(),
            "level": "INFO" if ok or not completed else "ERROR",
            "category": type_,
            "time": at.strftime("%Y-%m-%dT%H:%M:%S.000"),
            "message": message,
            "completed": completed,
        }
        for message, completed in ((done, True), (began, False))
    ]
    connection.execute(
        """insert into tracker.job (job, type, username, finished_at, report, notices)
           values (%s, %s, %s, now(), %s::text::jsonb, %s::text::jsonb)""",
        (
            job,
            type_,
            username,
            msgspec.json.encode(report).decode(),
            msgspec.json.encode(notices).decode(),
        ),
    )
    return job


def find(connection: Connection, uid: str, username: str, type_: str | None = None) -> Job | None:
    """One's own job of this uid, of this type where it is given."""
    row = connection.execute(
        """select job, type, created_at, finished_at, notices, report from tracker.job
            where job = %s and username = %s and (%s::text is null or type = %s)""",
        (uid, username, type_, type_),
    ).fetchone()
    return _job(row, row["report"]) if row else None


def newest(
    connection: Connection, username: str, type_: str | None = None, limit: int = 50
) -> list[Job]:
    """One's own jobs, of a type where it is given, newest first and without their reports."""
    rows = connection.execute(
        """select job, type, created_at, finished_at, notices from tracker.job
            where username = %s and (%s::text is null or type = %s)
            order by created_at desc, job limit %s""",
        (username, type_, type_, limit),
    )
    return [_job(row, None) for row in rows]


def _job(row: Mapping[str, Any], report: Any) -> Job:
    ended = row["finished_at"] or row["created_at"]
    return Job(row["job"], row["type"], row["created_at"], ended, row["notices"], report)
