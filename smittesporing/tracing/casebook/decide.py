"""What follows from what was saved: verdicts, measures and calls, stored through the importer.

Called after each import by the web room, in the same transaction, for the people it touched (decision
15); those exposed to a touched index are decided with them. A decision keeps the rule and citation it
was made under: a confirmed measure is never rewritten, a new proposal is laid beside it.
"""

import logging
from collections.abc import Collection, Iterable
from datetime import date, timedelta

from smittesporing.access.work import Work
from smittesporing.problems import Refused
from smittesporing.tracing import classify, follow_up, isolation, measures
from smittesporing.tracing.casebook import facts, keeping
from smittesporing.tracing.casebook.book import Book, open_book, oslo_day
from smittesporing.tracing.people import (
    Case,
    CaseStatus,
    Category,
)
from smittesporing.tracker import read
from smittesporing.tracker.records import (
    ENROLLMENT,
    EVENT,
    RELATIONSHIP,
    Bundle,
    Enrollment,
    TrackedEntity,
)
from smittesporing.tracker.report import Report

log = logging.getLogger("smittesporing.casebook")
MOST_PEOPLE = 500
# What a contact's verdict and measures rest on in her index's episode.
WEIGHTY_STAGES = ("ST_INDEX_INTERVIEW", "ST_INDEX_TEST", "ST_INDEX_MEASURE")
# Facts older than this belong to history: no call is planned for them (decision 26).
HISTORY_DAYS = 60


def decide(
    book: Book,
    people: Iterable[str],
    *,
    closed: bool = False,
    plan: bool = True,
    exposed_by: Collection[str] | None = None,
) -> keeping.Decided:
    """Decide for these people and for all whom their cases exposed; stores and returns the changes.

    Shape   At most 500 people; the caller queues more than that. `closed` takes in episodes that are
            over (data taken over from elsewhere); `plan` False plans no calls. `exposed_by` names the
            touched people whose contacts are decided with them; None means all.
    """
    touched = sorted(set(people))[:MOST_PEOPLE]
    found = book.people(touched)
    exposed = {
        contact
        for uid, person in found.items()
        if exposed_by is None or uid in exposed_by
        for enrollment in person.in_program(book.uid("ST_INDEX"))
        for contact in facts.exposed_by(book, person, enrollment.enrollment).values()
    } - found.keys()
    found |= book.people(exposed)
    sources = {
        index for person in found.values() for index, _ in facts.source_cases(book, person).values()
    } - found.keys()
    everybody = found | book.people(sources)
    decided = keeping.Decided()
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
    _drop_deleted(book, decided)
    book.save(Bundle(events=tuple(decided.events)))
    return decided


def _drop_deleted(book: Book, decided: keeping.Decided) -> None:
    """Leave out planned calls whose uid was used before: somebody deleted that call, and it stays so."""
    planned = {e.event for e in decided.events if e.status == "SCHEDULE"}
    used = read.locate(book.work, planned) if planned else {}
    if used:
        decided.events = [
            e for e in decided.events if e.event not in used or e.event not in planned
        ]
        decided.calls -= len(used)


def _mine(book: Book, enrollment: Enrollment) -> bool:
    """Decisions are written only where she may write; elsewhere the owner's own save decides."""
    return enrollment.owner in book.work.reach.write


def _decide_case(
    book: Book, person: TrackedEntity, enrollment: Enrollment, plan: bool, decided: keeping.Decided
) -> None:
    case = facts.case_of(book, person, enrollment)
    where = book.where(enrollment.owner)
    proposals = isolation.for_case(case, book.rules, book.now, where)
    keeping.store_measures(book, enrollment, proposals, case.status, decided)
    over = case.status is CaseStatus.RULED_OUT or _is_history(book, _days_of(case))
    if plan and not over:
        calls = follow_up.calls_for_case(case, proposals, book.rules, book.now, where)
        keeping.store_calls(book, enrollment, calls, decided)


def _decide_contact(
    book: Book,
    person: TrackedEntity,
    enrollment: Enrollment,
    everybody: dict[str, TrackedEntity],
    plan: bool,
    decided: keeping.Decided,
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
        category = keeping.store_verdict(book, event, verdict, decided)
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
    keeping.store_measures(book, enrollment, proposals, status, decided)
    if plan and not ruled_out and not _is_history(book, days):
        tells = contact.who_tells
        calls = follow_up.calls_for_contact(
            contact, worst, proposals, book.rules, book.now, where, tells
        )
        keeping.store_calls(book, enrollment, calls, decided)


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


def _days_of(case: Case) -> list[date]:
    days = [case.onset_on, case.report_on, *(test.on for test in case.tests)]
    return [day for day in days if day is not None]


def _is_history(book: Book, days: list[date]) -> bool:
    return bool(days) and max(days) < book.today - timedelta(days=HISTORY_DAYS)


def after_import(work: Work, report: Report) -> keeping.Decided:
    """Decide for those an import touched who have an open episode in the Norwegian programs.

    Contacts are decided anew with their index only when what the verdicts rest on was touched: her
    interview, tests, measures or enrollment. The import stands even if a decision is refused: its
    savepoint is undone and the code is logged, so that another system's record is never lost to a
    rule of ours.
    """
    book = open_book(work)
    total = keeping.Decided()
    events, links = report.uids(EVENT), report.uids(RELATIONSHIP)
    index = book.uid("ST_INDEX")
    rows = work.conn.execute(
        """with touched as (
             select unnest(string_to_array(%(people)s, ',')) as tracked_entity
             union select other_tracked_entity from tracker.relationship_end
              where tracked_entity = any (string_to_array(%(touched)s, ',')) and side = 'from'
                and relationship = any (string_to_array(%(links)s, ','))
           )
           select n.tracked_entity,
                  bool_or(n.program = %(index)s and (
                      n.enrollment = any (string_to_array(%(enrollments)s, ','))
                      or exists (select 1 from tracker.event e
                                  where e.tracked_entity = n.tracked_entity
                                    and e.enrollment = n.enrollment
                                    and e.event = any (string_to_array(%(events)s, ','))
                                    and e.program_stage = any (%(stages)s)))) as case_changed
             from touched join tracker.enrollment n using (tracked_entity)
            where n.program = any (%(programs)s) and n.status = 'ACTIVE' and not n.deleted
              and n.owner = any (%(owners)s)
            group by n.tracked_entity""",
        {
            "people": ",".join(sorted(report.touched_but_by(RELATIONSHIP))),
            "touched": ",".join(report.touched),
            "links": ",".join(links),
            "enrollments": ",".join(report.uids(ENROLLMENT)),
            "events": ",".join(events),
            "index": index,
            "stages": [book.uid(code) for code in WEIGHTY_STAGES],
            "programs": [index, book.uid("ST_CONTACT")],
            "owners": list(work.reach.write),
        },
    ).fetchall()
    found = sorted(row["tracked_entity"] for row in rows)
    changed = {row["tracked_entity"] for row in rows if row["case_changed"]}
    for at in range(0, len(found), MOST_PEOPLE):
        work.renew()
        try:
            with work.conn.transaction():
                decided = decide(book, found[at : at + MOST_PEOPLE], exposed_by=changed)
        except Refused as refusal:
            log.warning("a decision after an import was refused: %s", refusal.problem.code)
            continue
        total.events += decided.events
        total.verdicts += decided.verdicts
        total.proposals += decided.proposals
        total.calls += decided.calls
    return total
