"""The lines of FHI's weekly report (cases and contacts, known contact, common source) for one week.

Asks `analytics.query` for the shipped indicators; each line has its numerator, denominator and method.
Stores and reads what was sent. Called by report.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg.types.json import Jsonb

from smittesporing.access import org_units
from smittesporing.access.org_units import OrgUnit
from smittesporing.access.work import Work
from smittesporing.metadata.snapshot import Metadata
from smittesporing.periods import Period
from smittesporing.problems import Refused
from smittesporing.uid import new_uid
from smittesporing.web.pages.overview_curve import KINDS
from smittesporing.web.pages.overview_figures import CASES, CONTACTS, Cells, Known
from smittesporing.web.pages.words import _

KNOWN_CONTACT, COMMON_SOURCE = "ST_PI_CASES_KNOWN_CONTACT", "ST_PI_CASES_COMMON_SOURCE"
_SETTINGS = tuple(option for _word, options in KINDS.values() for option in options)
_PLACES = ("HERE", "NORWAY", "ABROAD", "UNKNOWN")

# heading, the codes that stand alone, and those that are parts of the last of them
GROUPS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("Smittede og nærkontakter", (CASES, CONTACTS), ()),
    (
        "Kjent nærkontakt, etter eksponeringssted",
        (KNOWN_CONTACT,),
        tuple(f"ST_PI_KNOWN_CONTACT_{option}" for option in _SETTINGS),
    ),
    (
        "Utbrudd med felles kilde, etter smittested",
        (COMMON_SOURCE,),
        tuple(f"ST_PI_COMMON_SOURCE_{place}" for place in _PLACES),
    ),
)
CODES = tuple(code for _word, whole, parts in GROUPS for code in (*whole, *parts))


@dataclass(frozen=True)
class Line:
    """One line: a count, what it is a part of (None for plain counts), and whether it is a subdivision."""

    code: str
    name: str
    group: str
    is_part: bool
    count: Known
    of: Known | None

    @property
    def share(self) -> float | None:
        """Per cent of the denominator; None without one, when it is zero, and when either is hidden."""
        if self.of is None or not self.of.value or self.count.value is None:
            return None
        return 100 * self.count.value / self.of.value


def lines(metadata: Metadata, cells: Cells, unit: int, week: Period) -> tuple[Line, ...]:
    """The report's lines in its order."""
    whole = cells.get(CASES, unit, week)
    made = []
    for group, alone, parts in GROUPS:
        for code in (*alone, *parts):
            body = metadata.by_code("programIndicators", code) or {}
            name = str(body.get("name", code))
            is_part = code in parts
            if is_part:
                name = name.split(": ", 1)[-1]
                name = name[:1].upper() + name[1:]
            of = None if code in (CASES, CONTACTS) else whole
            made.append(Line(code, name, _(group), is_part, cells.get(code, unit, week), of))
    return tuple(made)


@dataclass(frozen=True)
class Sent:
    """A report as it was sent."""

    report: str
    org_unit: int
    period: str
    sent_at: datetime
    day: date
    sent_by: str
    lines: tuple[Line, ...]

    @property
    def cases(self) -> int:
        return next((line.count.count for line in self.lines if line.code == CASES), 0)


def send(work: Work, unit: OrgUnit, week: Period, exact: Iterable[Line]) -> str:
    """Disclose the exact lines to FHI: kept as they are, and noted among the acts of the kommune.

    Errors  T002 outside the kommune one works in.
    """
    if unit.id not in work.reach.write:
        raise Refused("T002", status=403)
    uid = new_uid()
    work.conn.execute(
        """insert into analytics.report (report, org_unit, period, day, sent_by, lines)
           values (%s, %s, %s, %s, %s, %s)""",
        (
            uid,
            unit.id,
            week.id,
            work.clock.today(),
            work.reach.user,
            Jsonb([_stored(line) for line in exact]),
        ),
    )
    detail = {"report": uid, "period": week.id, "to": "FHI"}
    org_units.note(work.conn, work.reach.user, unit.id, "report.sent", detail)
    return uid


def _stored(line: Line) -> dict[str, Any]:
    return {
        "code": line.code,
        "name": line.name,
        "group": line.group,
        "part": line.is_part,
        "count": line.count.count,
        "of": None if line.of is None else line.of.count,
    }


def _kept(body: dict[str, Any]) -> Line:
    of = None if body["of"] is None else Known(body["of"])
    return Line(body["code"], body["name"], body["group"], body["part"], Known(body["count"]), of)


_READ = """select r.report, r.org_unit, r.period, r.sent_at, r.day, r.lines,
                  coalesce(u.first_name || ' ' || u.surname, '') as sent_by
             from analytics.report r left join access.user_account u on u.uid = r.sent_by """


def sent_for(work: Work, week: Period, org_unit: int | None = None) -> tuple[Sent, ...]:
    """What was sent of a week, newest first; of all kommuner for the one it was sent to."""
    rows = work.conn.execute(
        _READ
        + "where r.period = %s and (%s::int is null or r.org_unit = %s) order by r.sent_at desc",
        (week.id, org_unit, org_unit),
    ).fetchall()
    return tuple(_sent(row) for row in rows)


def sent_report(work: Work, report: str) -> Sent:
    """One report. Errors  T003 when it is unknown or neither sent by nor to those one works for."""
    row = work.conn.execute(_READ + "where r.report = %s", (report,)).fetchone()
    if row is None:
        raise Refused("T003", status=404)
    return _sent(row)


def _sent(row: dict[str, Any]) -> Sent:
    return Sent(**{**row, "lines": tuple(_kept(body) for body in row["lines"])})
