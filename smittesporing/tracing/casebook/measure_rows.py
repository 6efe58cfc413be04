"""Measures as stored: events in the stage *Tiltak*, read and written.

A row keeps the rule it was made under and who confirmed it. Knows nothing of how a proposal is made.
Called by decide.py, measures.py and files.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from smittesporing.settings import OSLO
from smittesporing.tracing.casebook.book import Book, as_day, at_noon
from smittesporing.tracing.people import Proposal
from smittesporing.tracker.records import Enrollment, Event
from smittesporing.uid import new_uid

QUARANTINES = frozenset({"INFECTION_QUARANTINE", "WAITING_QUARANTINE", "ENTRY_QUARANTINE"})
# A proposal waits for the tracer; a confirmed or decided measure holds; the others are over.
RUNNING = frozenset({"PROPOSED", "CONFIRMED", "DECIDED", "EXEMPT"})


@dataclass(frozen=True)
class MeasureRow:
    """One measure of one enrollment. Days are included at both ends; `earliest_end` None is open."""

    event: str
    enrollment: str
    kind: str
    scope: str
    from_: date
    earliest_end: date | None
    test_out: date | None
    test_days: tuple[date, ...]
    basis: str
    rule: str
    citation: str
    why: tuple[str, ...]
    state: str
    confirmed_by: str
    confirmed_at: str
    ended_on: date | None
    ended_by: str
    end_reason: str
    grounds: str
    exposures: tuple[str, ...]
    version: int
    record: Event = field(repr=False, compare=False)

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING and self.ended_on is None

    def holds_on(self, day: date) -> bool:
        """Whether the person is under this measure that day; isolation holds until somebody ends it."""
        if self.state not in ("CONFIRMED", "DECIDED", "ENDED") or self.from_ > day:
            return False
        if self.ended_on is not None and self.ended_on < day:
            return False
        return self.kind == "ISOLATION" or self.earliest_end is None or self.earliest_end >= day


def rows_of(book: Book, enrollment: Enrollment) -> tuple[MeasureRow, ...]:
    """The enrollment's measures, by first day."""
    is_index = enrollment.program == book.uid("ST_INDEX")
    stage = "ST_INDEX_MEASURE" if is_index else "ST_CONTACT_MEASURE"
    rows = [row_of(book, event) for event in book.stage(enrollment, stage)]
    return tuple(sorted((r for r in rows if r is not None), key=lambda r: (r.from_, r.kind)))


def row_of(book: Book, event: Event) -> MeasureRow | None:
    """The measure an event tells of; None when it has no kind or first day."""
    from_ = book.day(event, "ST_MEASURE_FROM")
    kind = book.text(event, "ST_MEASURE_KIND")
    if from_ is None or not kind:
        return None
    days = [as_day(part) for part in book.text(event, "ST_MEASURE_TEST_DAYS").split(",")]
    return MeasureRow(
        event=event.event,
        enrollment=event.enrollment,
        kind=kind,
        scope=book.text(event, "ST_MEASURE_SCOPE") or "ALL",
        from_=from_,
        earliest_end=book.day(event, "ST_MEASURE_EARLIEST_END"),
        test_out=book.day(event, "ST_MEASURE_TEST_OUT"),
        test_days=tuple(day for day in days if day is not None),
        basis=book.text(event, "ST_MEASURE_BASIS"),
        rule=book.text(event, "ST_MEASURE_RULE"),
        citation=book.text(event, "ST_MEASURE_CITATION"),
        why=tuple(book.text(event, "ST_MEASURE_WHY").splitlines()),
        state=book.text(event, "ST_MEASURE_STATE") or "PROPOSED",
        confirmed_by=book.text(event, "ST_MEASURE_CONFIRMED_BY"),
        confirmed_at=book.text(event, "ST_MEASURE_CONFIRMED_AT"),
        ended_on=book.day(event, "ST_MEASURE_ENDED_ON"),
        ended_by=book.text(event, "ST_MEASURE_ENDED_BY"),
        end_reason=book.text(event, "ST_MEASURE_END_REASON"),
        grounds=book.text(event, "ST_MEASURE_GROUNDS"),
        exposures=tuple(filter(None, book.text(event, "ST_MEASURE_EXPOSURES").split(","))),
        version=event.version,
        record=event,
    )


def values_of(book: Book, proposal: Proposal) -> dict[str, str | None]:
    """A proposal as data values, keyed by uid."""
    citation = proposal.citation
    return book.values(
        {
            "ST_MEASURE_KIND": proposal.kind.value,
            "ST_MEASURE_SCOPE": proposal.scope.value,
            "ST_MEASURE_FROM": proposal.from_.isoformat(),
            "ST_MEASURE_EARLIEST_END": text_of(proposal.earliest_end),
            "ST_MEASURE_TEST_OUT": text_of(proposal.test_out),
            "ST_MEASURE_TEST_DAYS": ",".join(d.isoformat() for d in proposal.test_days) or None,
            "ST_MEASURE_BASIS": proposal.basis.value,
            "ST_MEASURE_RULE": proposal.rule,
            "ST_MEASURE_CITATION": f"{citation.title} {citation.url}".strip(),
            "ST_MEASURE_WHY": "\n".join(
                filter(None, (proposal.sentence, proposal.detail, *proposal.why))
            ),
            "ST_MEASURE_EXPOSURES": ",".join(proposal.exposures) or None,
        }
    )


def text_of(day: date | None) -> str | None:
    return day.isoformat() if day else None


def differs(row: MeasureRow, proposal: Proposal) -> bool:
    """Whether what is stored no longer says what the rules and facts now say.

    A confirmed measure that a newer rule tells the same of, day by day and in words, is left alone: it
    keeps the rule it was made under, and nobody need be asked again.
    """
    told = (row.from_, row.earliest_end, row.test_out, row.test_days, row.basis)
    now = (
        proposal.from_,
        proposal.earliest_end,
        proposal.test_out,
        proposal.test_days,
        proposal.basis.value,
    )
    words = tuple(filter(None, (proposal.sentence, proposal.detail)))
    other_rule = row.rule != proposal.rule
    return told != now or (
        other_rule and (row.state == "PROPOSED" or row.why[: len(words)] != words)
    )


def new_event(book: Book, enrollment: Enrollment, proposal: Proposal, state: str) -> Event:
    """A fresh measure event for the proposal."""
    is_index = enrollment.program == book.uid("ST_INDEX")
    stage = "ST_INDEX_MEASURE" if is_index else "ST_CONTACT_MEASURE"
    more = {"ST_MEASURE_STATE": state, "ST_MEASURE_PROPOSED_AT": moment_text(book)}
    return Event(
        event=new_uid(),
        program=enrollment.program,
        program_stage=book.uid(stage),
        enrollment=enrollment.enrollment,
        tracked_entity=enrollment.tracked_entity,
        org_unit=enrollment.org_unit,
        status="ACTIVE",
        occurred_at=at_noon(proposal.from_),
        data={**values_of(book, proposal), **book.values(more)},
    )


def changed(book: Book, event: Event, by_code: Mapping[str, str | None]) -> Event:
    """The same event with these values, ready for the importer."""
    return Event(
        event=event.event,
        program=event.program,
        program_stage=event.program_stage,
        enrollment=event.enrollment,
        tracked_entity=event.tracked_entity,
        org_unit=event.org_unit,
        status=event.status,
        occurred_at=event.occurred_at,
        scheduled_at=event.scheduled_at,
        assigned_user=event.assigned_user,
        data=book.values(by_code),
    )


def moment_text(book: Book) -> str:
    """Now by the business clock, as a DATETIME value."""
    return book.now.astimezone(OSLO).strftime("%Y-%m-%dT%H:%M:%S")
