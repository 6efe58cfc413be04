"""Verdicts, measures and calls as events to store: what changes, and what is left as it is.

Compares what the rules now say with what stands, and gathers the events of the difference in a
`Decided`; the caller imports them. Called by decide.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from smittesporing.tracing import follow_up
from smittesporing.tracing.casebook import facts, measure_rows
from smittesporing.tracing.casebook.book import Book, at_noon, oslo_day
from smittesporing.tracing.people import CaseStatus, Category, Proposal, Verdict
from smittesporing.tracker.records import Enrollment, Event
from smittesporing.uid import derived_uid

PLANNED = frozenset({"SCHEDULE", "OVERDUE"})
RULE_REASONS = ("FIRST_CALL", "DAILY", "TEST_DAY", "LAST_DAY", "SYMPTOMS")


@dataclass
class Decided:
    """What deciding changed: the events to store, by what they are."""

    events: list[Event] = field(default_factory=list)
    verdicts: int = 0
    proposals: int = 0
    calls: int = 0


def store_verdict(book: Book, event: Event, verdict: Verdict, decided: Decided) -> Category:
    """Keep the verdict beside the exposure; returns the category that counts.

    A tracer's own judgement stands. A confirmed verdict stands too until facts give another one: then
    the new one is a proposal that asks again.
    """
    state = book.text(event, "ST_CATEGORY_STATE")
    kept = facts.choice(Category, book.text(event, "ST_CATEGORY"))
    if state == "OVERRULED" and kept is not None:
        return kept
    same = kept is verdict.category
    if same and book.text(event, "ST_CATEGORY_WHY") == _why(verdict) and state:
        return verdict.category
    citation = f"{verdict.citation.title} {verdict.citation.url}" if verdict.citation else None
    decided.verdicts += 1
    decided.events.append(
        measure_rows.changed(
            book,
            event,
            {
                "ST_CATEGORY": verdict.category.value,
                "ST_CATEGORY_STATE": state if same and state else "PROPOSED",
                "ST_CATEGORY_RULE": verdict.rule or None,
                "ST_CATEGORY_WHY": _why(verdict),
                "ST_CATEGORY_CITATION": citation,
            },
        )
    )
    return verdict.category


def _why(verdict: Verdict) -> str:
    return "\n".join((verdict.sentence, *verdict.reasons))


def store_measures(
    book: Book,
    enrollment: Enrollment,
    proposals: tuple[Proposal, ...],
    status: CaseStatus,
    decided: Decided,
) -> None:
    """Bring the stored measures to what the rules now propose.

    A proposal that still waits is rewritten. A confirmed one keeps its rule; a new proposal is laid
    beside it and takes over when it is confirmed. What the kommuneoverlege decided is left alone. When
    the case is ruled out, or nothing is proposed any more, what runs lapses with the reason.
    """
    every = measure_rows.rows_of(book, enrollment)
    rows = [row for row in every if row.is_running]
    # What somebody has ended by an act is not proposed to her again.
    over = {(r.kind, r.scope, r.from_) for r in every if r.state == "ENDED" and r.ended_by}
    for proposal in proposals:
        alike = [r for r in rows if (r.kind, r.scope) == (proposal.kind, proposal.scope)]
        if proposal.ended_on is not None:
            held = [r for r in alike if r.state in ("PROPOSED", "CONFIRMED")]
            decided.events += [_ended(book, r, proposal) for r in held]
            continue
        if (proposal.kind, proposal.scope, proposal.from_) in over:
            continue
        if any(r.state in ("DECIDED", "EXEMPT") for r in alike):
            continue
        held = [r for r in alike if r.state == "CONFIRMED"]
        waiting = [r for r in alike if r.state == "PROPOSED"]
        if any(not measure_rows.differs(r, proposal) for r in held):
            decided.events += [_lapsed(book, r, "Opplysningene er som før.") for r in waiting]
        elif waiting:
            if measure_rows.differs(waiting[0], proposal):
                decided.events.append(_rewritten(book, waiting[0], proposal))
                decided.proposals += 1
        else:
            decided.events.append(measure_rows.new_event(book, enrollment, proposal, "PROPOSED"))
            decided.proposals += 1
    wanted = {(p.kind.value, p.scope.value) for p in proposals}
    for row in rows:
        if (row.kind, row.scope) in wanted or row.state in ("DECIDED", "EXEMPT"):
            continue
        if status is CaseStatus.RULED_OUT:
            decided.events.append(_lapsed(book, row, "Smitten er avkreftet."))
        elif row.state == "PROPOSED" or (row.earliest_end and row.earliest_end >= book.today):
            decided.events.append(
                _lapsed(book, row, "Reglene og opplysningene gir det ikke lenger.")
            )


def _rewritten(book: Book, row: measure_rows.MeasureRow, proposal: Proposal) -> Event:
    event = measure_rows.changed(book, row.record, {})
    values = measure_rows.values_of(book, proposal)
    return Event(
        **{
            name: getattr(event, name)
            for name in event.__struct_fields__
            if name not in ("data", "occurred_at")
        },
        occurred_at=at_noon(proposal.from_),
        data=values,
    )


def _ended(book: Book, row: measure_rows.MeasureRow, proposal: Proposal) -> Event:
    """A measure that the rules or a test have ended; a proposal nobody confirmed simply lapses."""
    ended = proposal.ended_on or book.today
    return measure_rows.changed(
        book,
        row.record,
        {
            "ST_MEASURE_STATE": "ENDED" if row.state == "CONFIRMED" else "LAPSED",
            "ST_MEASURE_ENDED_ON": ended.isoformat(),
            "ST_MEASURE_END_REASON": proposal.sentence,
        },
    )


def _lapsed(book: Book, row: measure_rows.MeasureRow, reason: str) -> Event:
    return measure_rows.changed(
        book,
        row.record,
        {
            "ST_MEASURE_STATE": "LAPSED",
            "ST_MEASURE_ENDED_ON": book.today.isoformat(),
            "ST_MEASURE_END_REASON": reason,
        },
    )


def store_calls(
    book: Book,
    enrollment: Enrollment,
    calls: tuple[follow_up.PlannedCall, ...],
    decided: Decided,
) -> None:
    """Plan the calls that are not planned yet; drop planned ones that are no longer wanted.

    The uid follows from enrollment, day and reason, so that planning twice plans once; a call that was
    made, moved or deleted by hand keeps its uid and is not planned again.
    """
    is_index = enrollment.program == book.uid("ST_INDEX")
    stage = "ST_INDEX_FOLLOW_UP" if is_index else "ST_CONTACT_FOLLOW_UP"
    known = {e.event: e for e in enrollment.in_stage(book.uid(stage))}
    made_today = any(oslo_day(e.occurred_at) == book.today for e in known.values() if e.occurred_at)
    wanted: set[str] = set()
    for call in calls:
        uid = derived_uid("call", enrollment.enrollment, call.on.isoformat(), call.reason)
        wanted.add(uid)
        if uid in known or call.on < book.today or (call.on == book.today and made_today):
            continue
        decided.calls += 1
        decided.events.append(
            Event(
                event=uid,
                program=enrollment.program,
                program_stage=book.uid(stage),
                enrollment=enrollment.enrollment,
                tracked_entity=enrollment.tracked_entity,
                org_unit=enrollment.org_unit,
                status="SCHEDULE",
                scheduled_at=at_noon(call.on),
                assigned_user=_assigned(known.values()),
            )
        )
    for uid, event in known.items():
        planned = oslo_day(event.scheduled_at)
        if event.status not in PLANNED or uid in wanted or not planned or planned <= book.today:
            continue
        # A call that somebody agreed on stands; only what the rules had planned is dropped by them.
        if any(uid == derived_uid("call", enrollment.enrollment, planned.isoformat(), reason)
               for reason in RULE_REASONS):  # fmt: skip
            decided.events.append(skipped(event))


def skipped(event: Event) -> Event:
    """A planned event passed over."""
    return Event(
        event=event.event,
        program=event.program,
        program_stage=event.program_stage,
        enrollment=event.enrollment,
        tracked_entity=event.tracked_entity,
        org_unit=event.org_unit,
        status="SKIPPED",
        scheduled_at=event.scheduled_at,
        assigned_user=event.assigned_user,
    )


def _assigned(events: Iterable[Event]) -> str | None:
    """Whoever follows this person up already goes on doing so."""
    for event in reversed(list(events)):
        if event.assigned_user:
            return event.assigned_user
    return None
