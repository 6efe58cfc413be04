"""Whom to call today, in order, with the reason beside each: the page *I dag*.

Gathers planned calls that are due, contacts who fell ill or tested positive, new cases, isolations that may
be ended and quarantines that end tomorrow; `tracing/worklist` orders them. Counts without showing anybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from smittesporing.tracing import worklist
from smittesporing.tracing.casebook import facts, files, measure_rows
from smittesporing.tracing.casebook.book import Book, oslo_day
from smittesporing.tracing.casebook.files import PersonView
from smittesporing.tracing.casebook.measure_rows import QUARANTINES, MeasureRow
from smittesporing.tracing.people import Category, Outcome
from smittesporing.tracing.worklist import RankedTask, Task, TaskKind
from smittesporing.tracker.records import Enrollment, Event, TrackedEntity
from smittesporing.uid import derived_uid

MOST = 300
VULNERABLE = frozenset({"HEALTH_INSTITUTION"})
CALL_WORDS = {
    "FIRST_CALL": "Første samtale.",
    "DAILY": "Daglig samtale.",
    "TEST_DAY": "Testdag i dag: spør om svaret.",
    "LAST_DAY": "Siste dag: spør om symptomer.",
    "SYMPTOMS": "Meldte symptomer.",
    "OTHER": "Avtalt samtale.",
}
TABS = ("mine", "team", "unassigned")


@dataclass(frozen=True)
class Counts:
    """How many tasks are open in each tab, and how many calls were made today and by whom."""

    mine: int
    team: int
    unassigned: int
    done_by_me: int
    done: int
    no_answer_by_me: int


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


def counts(book: Book) -> Counts:
    """The tabs' numbers for the kommune one works in; shows nobody and logs nobody."""
    row = book.work.conn.execute(
        """select count(*) filter (where open and assigned_user = %(me)s) as mine,
                  count(*) filter (where open) as team,
                  count(*) filter (where open and assigned_user is null) as unassigned,
                  count(*) filter (where made and assigned_user = %(me)s) as done_by_me,
                  count(*) filter (where made) as done,
                  count(*) filter (where made and assigned_user = %(me)s
                                     and data #>> array[%(outcome)s, 'value'] = 'NO_ANSWER')
                      as no_answer_by_me
             from (select assigned_user, data,
                          status in ('SCHEDULE', 'OVERDUE') and scheduled_at < %(tomorrow)s as open,
                          status in ('ACTIVE', 'COMPLETED') and occurred_at >= %(today)s
                              and occurred_at < %(tomorrow)s as made
                     from tracker.event
                    where program_stage = any (%(stages)s) and owner = any (%(owners)s::int[])
                      and not deleted) e""",
        {
            "me": book.work.reach.user,
            "outcome": book.uid("ST_CALL_OUTCOME"),
            "today": book.today,
            "tomorrow": book.today + timedelta(days=1),
            "stages": _stages(book),
            "owners": list(book.work.reach.write),
        },
    ).fetchone()
    assert row is not None
    return Counts(**row)


def _stages(book: Book) -> list[str]:
    return [book.uid("ST_INDEX_FOLLOW_UP"), book.uid("ST_CONTACT_FOLLOW_UP")]


def tasks(book: Book, tab: str = "team", limit: int = MOST) -> tuple[TaskRow, ...]:
    """The list of one tab, in the order in which to do it.

    Shape   At most `limit` people, the longest overdue first; the order among them is worklist's.
    """
    due = _due(book, tab, limit)
    ending = _ending(book, limit) if tab == "team" else {}
    people = book.people({*due, *ending})
    indexes = _indexes(book, people)
    rows: list[tuple[Task, TaskRow]] = []
    for uid, events in due.items():
        person = people.get(uid)
        if person is None:
            continue
        for event_uid, enrollment_uid in events:
            made = _call_task(book, person, enrollment_uid, event_uid, indexes)
            if made is not None:
                rows.append(made)
    for uid in ending:
        person = people.get(uid)
        if person is not None:
            rows += _ending_tasks(book, person, indexes)
    by_uid = {task.uid: row for task, row in rows}
    ranked = worklist.order([task for task, _ in rows], book.now)
    return tuple(_placed(by_uid[one.task.uid], one) for one in ranked)


def _placed(row: TaskRow, ranked: RankedTask) -> TaskRow:
    return TaskRow(**{**{f: getattr(row, f) for f in row.__dataclass_fields__}, "ranked": ranked})


def _due(book: Book, tab: str, limit: int) -> dict[str, list[tuple[str, str]]]:
    """person → (event, enrollment) of her calls that are due, in the tab."""
    mine = {"mine": "and assigned_user = %(me)s", "unassigned": "and assigned_user is null"}.get(
        tab, ""
    )
    found = book.work.conn.execute(
        f"""select tracked_entity, event, enrollment from tracker.event
             where program_stage = any (%(stages)s) and owner = any (%(owners)s::int[])
               and status in ('SCHEDULE', 'OVERDUE') and scheduled_at < %(tomorrow)s
               and not deleted {mine}
             order by scheduled_at, event limit %(limit)s""",  # noqa: S608 - one of two fixed texts
        {
            "me": book.work.reach.user,
            "stages": _stages(book),
            "owners": list(book.work.reach.write),
            "tomorrow": book.today + timedelta(days=1),
            "limit": limit,
        },
    ).fetchall()
    due: dict[str, list[tuple[str, str]]] = {}
    for row in found:
        due.setdefault(row["tracked_entity"], []).append((row["event"], row["enrollment"]))
    return due


def _ending(book: Book, limit: int) -> dict[str, None]:
    """People with an isolation that may be ended, or a quarantine whose last day is tomorrow."""
    value = "data #>> array[%({0})s, 'value']"
    kind, state, end = value.format("kind"), value.format("state"), value.format("end")
    found = book.work.conn.execute(
        f"""select distinct tracked_entity from tracker.event
             where program_stage = any (%(stages)s) and owner = any (%(owners)s::int[])
               and not deleted and {state} in ('CONFIRMED', 'DECIDED')
               and (({kind} = 'ISOLATION' and {end} <= %(today)s)
                    or ({kind} = any (%(quarantines)s) and {end} = %(tomorrow)s))
             limit %(limit)s""",  # noqa: S608 - fixed texts
        {
            "stages": [book.uid("ST_INDEX_MEASURE"), book.uid("ST_CONTACT_MEASURE")],
            "owners": list(book.work.reach.write),
            "kind": book.uid("ST_MEASURE_KIND"),
            "state": book.uid("ST_MEASURE_STATE"),
            "end": book.uid("ST_MEASURE_EARLIEST_END"),
            "today": book.today.isoformat(),
            "tomorrow": (book.today + timedelta(days=1)).isoformat(),
            "quarantines": sorted(QUARANTINES),
            "limit": limit,
        },
    ).fetchall()
    return {row["tracked_entity"]: None for row in found}


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
    book: Book,
    person: TrackedEntity,
    enrollment_uid: str,
    event_uid: str,
    indexes: dict[str, tuple[TrackedEntity, Enrollment]],
) -> tuple[Task, TaskRow] | None:
    for enrollment in person.enrollments:
        if enrollment.enrollment == enrollment_uid and enrollment.status == "ACTIVE":
            break
    else:
        return None
    event = next(e for e in enrollment.events if e.event == event_uid)
    due = oslo_day(event.scheduled_at) or book.today
    is_index = enrollment.program == book.uid("ST_INDEX")
    calls = book.stage(enrollment, "ST_INDEX_FOLLOW_UP" if is_index else "ST_CONTACT_FOLLOW_UP")
    made = [c for c in calls if c.occurred_at is not None and c.status in ("ACTIVE", "COMPLETED")]
    reached = [c for c in made if book.text(c, "ST_CALL_OUTCOME") == "REACHED"]
    missed = [
        c
        for c in made
        if book.text(c, "ST_CALL_OUTCOME") in ("NO_ANSWER", "LEFT_MESSAGE")
        and (not reached or _moment(c) > _moment(reached[-1]))
    ]
    kind, since, test_on = TaskKind.CALL, None, None
    if is_index:
        kind = TaskKind.CALL if reached else TaskKind.NEW_CASE
    else:
        sick = [c for c in reached if book.text(c, "ST_HEALTH_STATUS") in facts.SICK]
        positive = [t for t in facts.tests_of(book, enrollment) if t.result is Outcome.POSITIVE]
        if positive:
            kind, test_on = TaskKind.POSITIVE, positive[-1].on
        elif sick and oslo_day(sick[-1].occurred_at) in (
            book.today,
            book.today - timedelta(days=1),
        ):
            kind, since = TaskKind.SYMPTOMS, sick[-1].occurred_at
    task = Task(
        uid=event_uid,
        kind=kind,
        due_on=due,
        last_contact=_last_contact(book, enrollment),
        vulnerable_place=_vulnerable(book, person),
        since=since,
        test_on=test_on,
        attempts=len(missed),
        attempted_at=missed[-1].occurred_at if missed else None,
        note=CALL_WORDS[reason_of(enrollment.enrollment, event)],
    )
    return task, _row(book, task, person, enrollment, event, indexes)


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
    indexes: dict[str, tuple[TrackedEntity, Enrollment]],
) -> TaskRow:
    is_index = enrollment.program == book.uid("ST_INDEX")
    rows = [m for m in measure_rows.rows_of(book, enrollment) if m.is_running]
    strict = [m for m in rows if m.kind == "ISOLATION" or m.kind in QUARANTINES] or rows
    exposures = facts.exposures_of(book, enrollment)
    source = next((indexes[e.event] for e in reversed(exposures) if e.event in indexes), None)
    categories = {book.text(e, "ST_CATEGORY") for e in exposures}
    order = (Category.HOUSEHOLD, Category.OTHER_CLOSE, Category.UNDECIDED, Category.NOT_CONTACT)
    return TaskRow(
        ranked=worklist.order([task], book.now)[0],
        person=files.person_view(book, person),
        enrollment=enrollment,
        is_index=is_index,
        case_number=files.case_number(book, enrollment) if is_index else "",
        index_number=files.case_number(book, source[1]) if source else "",
        index_enrollment=source[1].enrollment if source else "",
        category=next((c.value for c in order if c.value in categories), ""),
        measure=min(strict, key=lambda m: m.state == "PROPOSED", default=None),
        event=event.event if event else "",
        assigned_user=(event.assigned_user or "") if event else "",
        version=event.version if event else 0,
    )


def _ending_tasks(
    book: Book, person: TrackedEntity, indexes: dict[str, tuple[TrackedEntity, Enrollment]]
) -> Sequence[tuple[Task, TaskRow]]:
    made = []
    for enrollment in person.enrollments:
        if enrollment.status != "ACTIVE" or enrollment.owner not in book.work.reach.write:
            continue
        for row in measure_rows.rows_of(book, enrollment):
            if row.state not in ("CONFIRMED", "DECIDED") or not row.is_running:
                continue
            if row.kind == "ISOLATION" and row.earliest_end and row.earliest_end <= book.today:
                task = Task(row.event, TaskKind.CAN_END, row.earliest_end)
            elif row.kind in QUARANTINES and row.earliest_end == book.today + timedelta(days=1):
                task = Task(row.event, TaskKind.ENDS_TOMORROW, book.today)
            else:
                continue
            made.append((task, _row(book, task, person, enrollment, None, indexes)))
    return made
