"""Whom to call today, in order, with the reason beside each: the page *I dag*.

Planned calls that are due, contacts who fell ill or tested positive, new cases, isolations that may be ended
and quarantines that end tomorrow; open_work.py finds them and `tracing/worklist` orders them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from smittesporing.tracing import worklist
from smittesporing.tracing.casebook import facts, files, measure_rows, open_work
from smittesporing.tracing.casebook.book import Book, oslo_day
from smittesporing.tracing.casebook.files import PersonView
from smittesporing.tracing.casebook.measure_rows import QUARANTINES, MeasureRow
from smittesporing.tracing.casebook.open_work import Counts, Open, counts
from smittesporing.tracing.people import Category, Outcome
from smittesporing.tracing.worklist import RankedTask, Task, TaskKind
from smittesporing.tracker.records import Enrollment, Event, TrackedEntity
from smittesporing.uid import derived_uid

MOST = 300
PLANNED = frozenset({"SCHEDULE", "OVERDUE"})
# These leave the call due: nobody has been talked with.
UNREACHED = frozenset({"NO_ANSWER", "LEFT_MESSAGE", "WRONG_NUMBER"})
CALL_WORDS = {
    "FIRST_CALL": "Første samtale.",
    "DAILY": "Daglig samtale.",
    "TEST_DAY": "Testdag i dag: spør om svaret.",
    "LAST_DAY": "Siste dag: spør om symptomer.",
    "SYMPTOMS": "Meldte symptomer.",
    "OTHER": "Avtalt samtale.",
}
TABS = ("mine", "team", "unassigned")

__all__ = ["CALL_WORDS", "TABS", "Counts", "TaskRow", "counts", "reason_of", "row_of", "tasks"]


@dataclass(frozen=True)
class TaskRow:
    """One line of the list: the ranked task with the person and episode it is about."""

    ranked: RankedTask
    person: PersonView
    enrollment: Enrollment
    is_index: bool
    case_number: str
    index_number: str
    index_enrollment: str
    category: str
    measure: MeasureRow | None
    event: str
    assigned_user: str
    version: int
    needs_interpreter: bool = False


def tasks(book: Book, tab: str = "team", limit: int = MOST) -> tuple[TaskRow, ...]:
    """The list of one tab, in the order in which to do it.

    Shape   At most `limit` things, positive answers and the longest overdue first; the order among them
            is worklist's.
    """
    return _rows(book, open_work.listed(book, tab, limit))


def row_of(book: Book, enrollment: str, event: str) -> TaskRow | None:
    """One line of the list: a planned call, whether it is due yet or not; None when it is over."""
    person = book.person(files.entity_of(book, enrollment))
    rows = _rows(book, [Open(person.tracked_entity, enrollment, event, "CALL", None)])
    return rows[0] if rows else None


def _rows(book: Book, found: Sequence[Open]) -> tuple[TaskRow, ...]:
    people = book.people({one.tracked_entity for one in found})
    indexes = _indexes(book, people)
    rows: list[tuple[Task, TaskRow]] = []
    for one in found:
        person = people.get(one.tracked_entity)
        record = _active(person, one.enrollment) if person else None
        if person is None or record is None:
            continue
        made = _task(book, person, record, one)
        if made is not None:
            task, event, measure = made
            rows.append((task, _row(book, task, person, record, event, measure, one, indexes)))
    by_uid = {task.uid: row for task, row in rows}
    ranked = worklist.order([task for task, _ in rows], book.now)
    return tuple(replace(by_uid[one.task.uid], ranked=one) for one in ranked)


def _active(person: TrackedEntity, enrollment: str) -> Enrollment | None:
    for one in person.enrollments:
        if one.enrollment == enrollment and one.status == "ACTIVE" and not one.deleted:
            return one
    return None


def _task(
    book: Book, person: TrackedEntity, record: Enrollment, one: Open
) -> tuple[Task, Event | None, MeasureRow | None] | None:
    if one.what in ("CAN_END", "ENDING"):
        for row in measure_rows.rows_of(book, record):
            if row.event == one.event and row.earliest_end:
                ending = one.what == "ENDING"
                kind = TaskKind.ENDS_TOMORROW if ending else TaskKind.CAN_END
                due = book.today if ending else row.earliest_end
                return Task(one.event, kind, due), None, row
        return None
    if one.what == "POSITIVE":
        return _call_task(book, person, record, None, one.event), None, None
    for event in record.events:
        if event.event == one.event and event.status in PLANNED and not event.deleted:
            return _call_task(book, person, record, event, one.event), event, None
    return None


def _indexes(
    book: Book, people: dict[str, TrackedEntity]
) -> dict[str, tuple[TrackedEntity, Enrollment]]:
    """exposure event → the index behind it, for those within reach."""
    sources = {
        event: source
        for person in people.values()
        for event, source in facts.source_cases(book, person).items()
    }
    known = people | book.people({uid for uid, _ in sources.values()} - people.keys())
    found = {}
    for event, (uid, enrollment) in sources.items():
        for one in known[uid].enrollments if uid in known else ():
            if one.enrollment == enrollment:
                found[event] = known[uid], one
    return found


def _call_task(
    book: Book, person: TrackedEntity, enrollment: Enrollment, event: Event | None, uid: str
) -> Task:
    is_index = enrollment.program == book.uid("ST_INDEX")
    calls = book.stage(enrollment, "ST_INDEX_FOLLOW_UP" if is_index else "ST_CONTACT_FOLLOW_UP")
    made = [c for c in calls if c.occurred_at is not None and c.status in ("ACTIVE", "COMPLETED")]
    reached = [c for c in made if book.text(c, "ST_CALL_OUTCOME") == "REACHED"]
    missed = [
        c
        for c in made
        if book.text(c, "ST_CALL_OUTCOME") in UNREACHED
        and (not reached or _moment(c) > _moment(reached[-1]))
    ]
    kind, since, test_on = TaskKind.CALL, None, None
    if is_index:
        kind = TaskKind.CALL if reached else TaskKind.NEW_CASE
    else:
        last = reached[-1] if reached else None
        told_on = oslo_day(last.occurred_at) if last else None
        positive = [t for t in facts.tests_of(book, enrollment) if t.result is Outcome.POSITIVE]
        if positive:
            kind, test_on = TaskKind.POSITIVE, positive[-1].on
        elif (
            last is not None
            and book.text(last, "ST_HEALTH_STATUS") in facts.SICK
            and told_on is not None
            and (book.today - told_on).days <= 1
        ):
            kind, since = TaskKind.SYMPTOMS, last.occurred_at
    return Task(
        uid=uid,
        kind=kind,
        due_on=(oslo_day(event.scheduled_at) if event else None) or book.today,
        last_contact=_last_contact(book, enrollment),
        vulnerable_place=_vulnerable(book, person),
        since=since,
        test_on=test_on,
        attempts=len(missed),
        attempted_at=missed[-1].occurred_at if missed else None,
        note=CALL_WORDS[reason_of(enrollment.enrollment, event)] if event else "",
    )


def reason_of(enrollment: str, event: Event) -> str:
    """What a planned call is for: a planned event holds no values, so its uid tells."""
    day = oslo_day(event.scheduled_at)
    for reason in CALL_WORDS:
        if day and event.event == derived_uid("call", enrollment, day.isoformat(), reason):
            return reason
    return "OTHER"


def _moment(event: Event) -> datetime:
    assert event.occurred_at is not None
    return event.occurred_at


def _last_contact(book: Book, enrollment: Enrollment) -> date | None:
    days = [book.day(e, "ST_LAST_CONTACT") for e in facts.exposures_of(book, enrollment)]
    return max((d for d in days if d), default=None)


def _vulnerable(book: Book, person: TrackedEntity) -> str:
    kinds = {"NURSING_HOME", "HOSPITAL", "HOME_NURSING", "HEALTH_INSTITUTION_OTHER"}
    if book.text(person, "ST_WORKPLACE_KIND") in kinds:
        return book.text(person, "ST_WORKPLACE") or "helseinstitusjon"
    return ""


def _row(
    book: Book,
    task: Task,
    person: TrackedEntity,
    enrollment: Enrollment,
    event: Event | None,
    measure: MeasureRow | None,
    one: Open,
    indexes: dict[str, tuple[TrackedEntity, Enrollment]],
) -> TaskRow:
    is_index = enrollment.program == book.uid("ST_INDEX")
    rows = [m for m in measure_rows.rows_of(book, enrollment) if m.is_running]
    strict = [m for m in rows if m.kind == "ISOLATION" or m.kind in QUARANTINES] or rows
    exposures = facts.exposures_of(book, enrollment)
    source = next((indexes[e.event] for e in reversed(exposures) if e.event in indexes), None)
    categories = {book.text(e, "ST_CATEGORY") for e in exposures}
    order = (Category.HOUSEHOLD, Category.OTHER_CLOSE, Category.UNDECIDED, Category.NOT_CONTACT)
    interview = facts.interview_of(book, enrollment) if is_index else None
    return TaskRow(
        ranked=worklist.order([task], book.now)[0],
        person=files.person_view(book, person),
        enrollment=enrollment,
        is_index=is_index,
        case_number=files.case_number(book, enrollment) if is_index else "",
        index_number=files.case_number(book, source[1]) if source else "",
        index_enrollment=source[1].enrollment if source else "",
        category=next((c.value for c in order if c.value in categories), ""),
        measure=measure or min(strict, key=lambda m: m.state == "PROPOSED", default=None),
        event=event.event if event else "",
        assigned_user=(event.assigned_user if event else one.who) or "",
        version=event.version if event else 0,
        needs_interpreter=book.yes(interview, "ST_INTERPRETER") is True,
    )
