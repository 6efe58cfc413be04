"""Reading and sealing the log of who looked at whom.

Writing happens in `work.Work.saw`, in the transaction that shows the person. Called by the person's page,
by the sealing loop of the server and by `./dev check-log`.
"""

from dataclasses import dataclass
from datetime import datetime

from smittesporing.access.work import Work
from smittesporing.database import Connection


@dataclass(frozen=True)
class Look:
    """One time a person was shown: when, to whom, in which role and kommune, and for what."""

    at: datetime
    name: str
    role: str
    working_in: int | None
    action: str
    reason: str


def looks(work: Work, tracked_entity: str, limit: int = 50) -> list[Look]:
    """Who was shown this person, newest first; only looks made in kommuner within one's reach."""
    rows = work.conn.execute(
        """select r.at, coalesce(u.first_name || ' ' || u.surname, r.user_uid) as name, r.role,
                  r.working_in, r.action, r.reason
             from access.log_person p
             join access.log_request r using (request)
             left join access.user_account u on u.uid = r.user_uid
            where p.tracked_entity = %s order by r.at desc limit %s""",
        (tracked_entity, limit),
    ).fetchall()
    return [Look(**row) for row in rows]


def seal(connection: Connection) -> int:
    """Chain the request rows written since last time; returns how many."""
    row = connection.execute("select app.seal_log() as sealed").fetchone()
    return int(row["sealed"]) if row else 0


def broken(connection: Connection) -> list[tuple[int, int]]:
    """The seals that no longer fit their rows, as (org unit, number); empty when the log is whole."""
    rows = connection.execute("select * from app.broken_seals()").fetchall()
    return [(row["working_in"], row["number"]) for row in rows]
