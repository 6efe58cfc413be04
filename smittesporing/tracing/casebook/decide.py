"""What follows from what was saved: verdicts, measures and calls, stored through the importer.

Called after each import by the web room, in the same transaction, for the people it touched (decision
15); those exposed to a touched index are decided with them. A decision keeps the rule and citation it
was made under: a confirmed measure is never rewritten, a new proposal is laid beside it.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from smittesporing.access.work import Work
from smittesporing.problems import Refused
from smittesporing.tracing import classify, follow_up, isolation, measures
from smittesporing.tracing.casebook import facts, measure_rows
from smittesporing.tracing.casebook.book import Book, at_noon, open_book, oslo_day
from smittesporing.tracing.people import (
    Case,
    CaseStatus,
    Category,
    Proposal,
    Verdict,
)
from smittesporing.tracker.records import Bundle, Enrollment, Event, TrackedEntity
from smittesporing.uid import derived_uid

log = logging.getLogger("smittesporing.casebook")
MOST_PEOPLE = 500
# Facts older than this belong to history: no call is planned for them (decision 26).
HISTORY_DAYS = 60
PLANNED = frozenset({"SCHEDULE", "OVERDUE"})
RULE_REASONS = ("FIRST_CALL", "DAILY", "TEST_DAY", "LAST_DAY", "SYMPTOMS")


@dataclass
class Decided:
    """What deciding changed: the events to store, by what they are."""

    events: list[Event] = field(default_factory=list)
    verdicts: int = 0
    proposals: int = 0
    calls: int = 0


def decide(
    book: Book, people: Iterable[str], *, closed: bool = False, plan: bool = True
) -> Decided:
    """Decide for these people and for all whom their cases exposed; stores and returns the changes.

    Shape   At most 500 people; the caller queues more than that. `closed` takes in episodes that are
            over (data taken over from elsewhere); `plan` False plans no calls.
    """
    touched = sorted(set(people))[:MOST_PEOPLE]
    found = book.people(touched)
    exposed = {
        contact
        for person in found.values()
        for enrollment in person.in_program(book.uid("ST_INDEX"))
        for contact in facts.exposed_by(book, person, enrollment.enrollment).values()
    } - found.keys()
    found |= book.people(exposed)
    sources = {
        index for person in found.values() for index, _ in facts.source_cases(book, person).values()
    } - found.keys()
    everybody = found | book.people(sources)
    decided = Decided()
    for uid, person in found.items():
        for enrollment in person.enrollments:
            is_open = enrollment.status == "ACTIVE"
            wanted = is_open or (closed and enrollment.status == "COMPLETED")
            if enrollment.deleted or not wanted or not _mine(book, enrollment):
                continue
            calls = plan and is_open
            if enrollment.program == book.uid("ST_INDEX") and uid in touched:
                _decide_case(book, person, enrollment, calls, decided)
            elif enrollment.program == book.uid("ST_CONTACT"):
                _decide_contact(book, person, enrollment, everybody, calls, decided)
    book.save(Bundle(events=tuple(decided.events)))
    return decided


def _mine(book: Book, enrollment: Enrollment) -> bool:
    """Decisions are written only where she may write; elsewhere the owner's own save decides."""
    return enrollment.owner in book.work.reach.write


def _decide_case(
    book: Book, person: TrackedEntity, enrollment: Enrollment, plan: bool, decided: Decided
) -> None:
    case = facts.case_of(book, person, enrollment)
    where = book.where(enrollment.owner)
    proposals = isolation.for_case(case, book.rules, book.now, where)
    _store_measures(book, enrollment, proposals, case.status, decided)
    over = case.status is CaseStatus.RULED_OUT or _is_history(book, _days_of(case))
    if plan and not over:
        calls = follow_up.calls_for_case(case, proposals, book.rules, book.now, where)
        _store_calls(book, enrollment, calls, decided)


def _decide_contact(
    book: Book,
    person: TrackedEntity,
    enrollment: Enrollment,
    everybody: dict[str, TrackedEntity],
    plan: bool,
    decided: Decided,
) -> None:
    contact = facts.contact_of(book, person, enrollment)
    where = book.where(enrollment.owner)
    sources = facts.source_cases(book, person)
    exposed: list[measures.Exposed] = []
    days: list[date] = []
    worst = Category.NOT_CONTACT
    for event in facts.exposures_of(book, enrollment):
        case = _case_behind(book, sources.get(event.event), everybody)
        met = oslo_day(event.occurred_at)
        if case is None or (met is not None and met > book.today):
            continue
        exposure = facts.exposure_of(book, event, case.uid)
        verdict = classify.verdict(case, exposure, contact, book.rules, book.now, where)
        category = _store_verdict(book, event, verdict, decided)
        exposed.append(measures.Exposed(case, exposure, category))
        days += [day for day in (exposure.last_on, case.report_on) if day]
        if exposure.ongoing:
            days.append(book.today)
        if _rank(category) < _rank(worst):
            worst = category
    if not exposed:
        return
    proposals = measures.for_contact(contact, tuple(exposed), book.rules, book.now, where)
    ruled_out = all(one.case.status is CaseStatus.RULED_OUT for one in exposed)
    status = CaseStatus.RULED_OUT if ruled_out else CaseStatus.CONFIRMED
    _store_measures(book, enrollment, proposals, status, decided)
    if plan and not ruled_out and not _is_history(book, days):
        tells = contact.who_tells
        calls = follow_up.calls_for_contact(
            contact, worst, proposals, book.rules, book.now, where, tells
        )
        _store_calls(book, enrollment, calls, decided)


def _rank(category: Category) -> int:
    order = (Category.HOUSEHOLD, Category.OTHER_CLOSE, Category.UNDECIDED, Category.NOT_CONTACT)
    return order.index(category)


def _case_behind(
    book: Book, source: tuple[str, str] | None, everybody: dict[str, TrackedEntity]
) -> Case | None:
    """The index of an exposure; None when it is followed up out of reach or not known."""
    if source is None or source[0] not in everybody:
        return None
    person = everybody[source[0]]
    for enrollment in person.enrollments:
        if enrollment.enrollment == source[1] and not enrollment.deleted:
            return facts.case_of(book, person, enrollment)
    return None


def _store_verdict(book: Book, event: Event, verdict: Verdict, decided: Decided) -> Category:
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


def _store_measures(
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


def _store_calls(
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
            decided.events.append(_skipped(event))


def _skipped(event: Event) -> Event:
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


def _days_of(case: Case) -> list[date]:
    days = [case.onset_on, case.report_on, *(test.on for test in case.tests)]
    return [day for day in days if day is not None]


def _is_history(book: Book, days: list[date]) -> bool:
    return bool(days) and max(days) < book.today - timedelta(days=HISTORY_DAYS)


def after_import(work: Work, touched: Iterable[str]) -> Decided:
    """Decide for those an import touched who have an open episode in the Norwegian programs.

    The import stands even if a decision is refused: its savepoint is undone and the code is logged, so
    that another system's record is never lost to a rule of ours.
    """
    uids = sorted(set(touched))
    book = open_book(work)
    total = Decided()
    programs = [book.uid("ST_INDEX"), book.uid("ST_CONTACT")]
    rows = work.conn.execute(
        """select distinct tracked_entity from tracker.enrollment
            where tracked_entity = any (string_to_array(%s, ',')) and program = any (%s)
              and status = 'ACTIVE' and not deleted and owner = any (%s)""",
        (",".join(uids), programs, list(work.reach.write)),
    ).fetchall()
    found = sorted(row["tracked_entity"] for row in rows)
    for at in range(0, len(found), MOST_PEOPLE):
        work.renew()
        try:
            with work.conn.transaction():
                decided = decide(book, found[at : at + MOST_PEOPLE])
        except Refused as refusal:
            log.warning("a decision after an import was refused: %s", refusal.problem.code)
            continue
        total.events += decided.events
        total.verdicts += decided.verdicts
        total.proposals += decided.proposals
        total.calls += decided.calls
    return total
