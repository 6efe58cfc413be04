"""One import's writing: the rows it gathers, kind by kind, and the people it touches.

Runs statements; knows none. Made by `persist`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from smittesporing.access.work import Work
from smittesporing.metadata.snapshot import Metadata
from smittesporing.tracker.desk import Desk, Step
from smittesporing.tracker.preload import Row, document


class Writer:
    """Mutable on purpose, for the length of one import."""

    def __init__(self, work: Work, desk: Desk) -> None:
        self.work = work
        self.desk = desk
        self.metadata: Metadata = desk.metadata
        self.now: datetime = work.clock.now()
        self.who = user_info(work)
        self.touched: set[str] = set()

    def run(self, statement: str, rows: Iterable[Row]) -> None:
        gathered = list(rows)
        if gathered:
            self.execute(statement, rows=document(gathered))

    def execute(self, statement: str, **values: Any) -> Any:
        values |= {"now": self.now, "username": self.work.reach.username, "user": self.who}
        return self.work.conn.execute(statement, values)

    def steps(self, kind: str, action: str) -> list[Step]:
        return [s for s in self.desk.steps.values() if s.kind == kind and s.action == action]


def user_info(work: Work) -> str:
    """Who writes, as DHIS2 shows it on a record."""
    first, _, last = work.reach.name.rpartition(" ")
    return msgspec.json.encode(
        {
            "uid": work.reach.user,
            "username": work.reach.username,
            "firstName": first or last,
            "surname": last if first else "",
        }
    ).decode()
