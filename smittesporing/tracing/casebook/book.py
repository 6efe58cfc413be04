"""One request's view of the casebook: records, metadata by code, the rulebook and the clock.

Reads values of records by the Norwegian programme's codes and writes bundles through the importer. Knows
no rule. Opened by pages and by `decide`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from smittesporing.access import org_units
from smittesporing.access.org_units import OrgUnits
from smittesporing.access.work import Work
from smittesporing.metadata import store
from smittesporing.metadata.snapshot import Metadata
from smittesporing.problems import Refused
from smittesporing.settings import OSLO
from smittesporing.tracing import rulebook
from smittesporing.tracing.people import Jurisdiction
from smittesporing.tracker import importer, read
from smittesporing.tracker.records import Bundle, Enrollment, Event, TrackedEntity
from smittesporing.tracker.report import Options

Record = Event | TrackedEntity


@dataclass(frozen=True)
class Book:
    """Work, configuration and rules of one transaction."""

    work: Work
    meta: Metadata
    rules: rulebook.Rulebook
    units: OrgUnits
    at: datetime | None = None
    # People read since the last write of this transaction: the same person is asked for many times.
    read_people: dict[str, TrackedEntity] = field(default_factory=dict, compare=False, repr=False)

    @property
    def now(self) -> datetime:
        """The moment decided for: the business clock's, unless history is replayed."""
        return self.at or self.work.clock.now()

    @property
    def today(self) -> date:
        return self.now.astimezone(OSLO).date()

    def uid(self, code: str) -> str:
        """The uid behind a code of the Norwegian programme, or behind a question's own identifier.

        Errors  KeyError with the code.
        """
        if code in self.meta.data_elements or code in self.meta.attributes:
            return code
        return self.meta.uid(code)

    def text(self, record: Record | None, code: str) -> str:
        """The value of a data element or attribute; "" when missing."""
        return record.value(self.meta.uid(code)) if record is not None else ""

    def day(self, record: Record | None, code: str) -> date | None:
        """A DATE value; None when missing or not a date."""
        return as_day(self.text(record, code))

    def number(self, record: Record | None, code: str) -> float | None:
        text = self.text(record, code)
        try:
            return float(text) if text else None
        except ValueError:
            return None

    def whole(self, record: Record | None, code: str) -> int | None:
        number = self.number(record, code)
        return None if number is None else int(number)

    def yes(self, record: Record | None, code: str) -> bool | None:
        """True or false; None when not asked or not answered."""
        return {"true": True, "false": False}.get(self.text(record, code))

    def values(self, by_code: Mapping[str, str | None]) -> dict[str, str | None]:
        """Values keyed by code as values keyed by uid, ready for a record."""
        return {self.uid(code): value for code, value in by_code.items()}

    def stage(self, enrollment: Enrollment, code: str) -> tuple[Event, ...]:
        """The enrollment's events in the stage with this code, oldest first, deleted ones left out."""
        return tuple(e for e in enrollment.in_stage(self.uid(code)) if not e.deleted)

    def where(self, owner: int) -> Jurisdiction:
        """The kommune whose rules count for records that this org unit owns, with its options."""
        unit = self.units.by_id.get(owner)
        kommune = self.units.by_id[unit.kommune] if unit and unit.kommune else None
        if kommune is None or kommune.code is None:
            return Jurisdiction()
        return Jurisdiction(kommune.code, self._options.get(kommune.id, frozenset()))

    @cached_property
    def _options(self) -> dict[int, frozenset[str]]:
        rows = self.work.conn.execute(
            "select org_unit, options from access.agreement where options <> '{}'"
        ).fetchall()
        return {
            row["org_unit"]: frozenset(name for name, on in row["options"].items() if on)
            for row in rows
        }

    def people(self, uids: Iterable[str]) -> dict[str, TrackedEntity]:
        """These people with all their records within reach, logged as seen; each read once a write."""
        wanted = set(uids)
        missing = wanted - self.read_people.keys()
        if missing:
            self.read_people.update(read.people(self.work, missing))
        return {uid: self.read_people[uid] for uid in sorted(wanted & self.read_people.keys())}

    def forget(self) -> None:
        """Read everybody anew; called by whatever writes past `save`."""
        self.read_people.clear()

    def person(self, uid: str) -> TrackedEntity:
        """One person. Errors  T003 when she is unknown or out of reach: the two look alike."""
        found = self.people([uid]).get(uid)
        if found is None or found.deleted:
            raise Refused("T003", status=404)
        return found

    def save(self, bundle: Bundle, strategy: str = "CREATE_AND_UPDATE") -> None:
        """Import the bundle, all or nothing; with DELETE, take its records away.

        Errors  The importer's first problem, as a refusal.
        """
        if len(bundle) == 0:
            return
        self.forget()
        report = importer.importing(self.work, bundle, Options(strategy=strategy))
        if report.errors:
            problem = report.errors[0]
            raise Refused(problem.code, *problem.args, uid=problem.uid)

    @property
    def org_unit(self) -> str:
        """The uid of the kommune she writes in.

        Errors  T002 when her role writes nowhere.
        """
        if self.work.reach.working_in is None or not self.work.reach.write:
            raise Refused("T002", status=403)
        return self.units.by_id[self.work.reach.working_in].uid


def open_book(work: Work, at: datetime | None = None) -> Book:
    """The casebook as this transaction sees it; `at` decides as of an earlier moment."""
    units = org_units.current(work.conn)
    return Book(work, store.current(work.conn), rulebook.load(), units, at)


def as_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


def oslo_day(moment: datetime | None) -> date | None:
    """The calendar day in Norway of a moment."""
    return moment.astimezone(OSLO).date() if moment else None


def at_noon(day: date) -> datetime:
    """A day as a moment, for records that need one; noon, so that no zone moves the day."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=OSLO)
