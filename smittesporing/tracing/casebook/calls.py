"""Calls: made, postponed, given to somebody; and what an answer leads to.

A planned call becomes a made one with its answer; nobody answered means it stays due. Called by pages.
"""

from collections.abc import Mapping
from datetime import date

from smittesporing.problems import Refused
from smittesporing.tracing.casebook import facts, files, measure_rows, register
from smittesporing.tracing.casebook.book import Book, at_noon
from smittesporing.tracing.casebook.decide import decide
from smittesporing.tracing.people import Outcome
from smittesporing.tracker.records import Bundle, Enrollment, Event, TrackedEntity
from smittesporing.uid import new_uid

# These leave the call due: nobody has been talked with.
UNREACHED = frozenset({"NO_ANSWER", "LEFT_MESSAGE", "WRONG_NUMBER"})


def _call(book: Book, enrollment: str, event: str) -> tuple[TrackedEntity, Enrollment, Event]:
    person = book.person(files.entity_of(book, enrollment))
    record = files.enrollment_of(person, enrollment)
    for one in record.events:
        if one.event == event and not one.deleted:
            return person, record, one
    raise Refused("T003", status=404)


def log_call(
    book: Book,
    enrollment: str,
    values: Mapping[str, str | None],
    planned: str = "",
    version: int | None = None,
) -> str:
    """Keep a call: an answer completes the planned one, an unanswered try stands beside it.

    Shape   Keys are codes: ST_CALL_OUTCOME, ST_HEALTH_STATUS, ST_CALL_NOTE, ST_FEVER_FREE_SINCE …
    Errors  T010 without an outcome; T007 when somebody else logged the planned call since `version`.
    """
    outcome = values.get("ST_CALL_OUTCOME")
    if not outcome:
        raise Refused("T010", "Hva skjedde?", "Velg om du fikk svar.", status=400)
    person = book.person(files.entity_of(book, enrollment))
    record = files.enrollment_of(person, enrollment)
    is_index = record.program == book.uid("ST_INDEX")
    told = {code: value for code, value in values.items() if value}
    uid, scheduled = new_uid(), None
    if planned and outcome not in UNREACHED:
        _, _, event = _call(book, enrollment, planned)
        if version is not None and event.version != version:
            raise Refused("T007")
        uid, scheduled = planned, event.scheduled_at
    made = Event(
        event=uid,
        program=record.program,
        program_stage=book.uid("ST_INDEX_FOLLOW_UP" if is_index else "ST_CONTACT_FOLLOW_UP"),
        enrollment=enrollment,
        tracked_entity=person.tracked_entity,
        org_unit=record.org_unit,
        status="COMPLETED",
        occurred_at=book.now,
        scheduled_at=scheduled,
        assigned_user=book.work.reach.user,
        data=book.values(told),
    )
    book.save(Bundle(events=(made,)))
    decide(book, [person.tracked_entity])
    return uid


def undo_call(book: Book, enrollment: str, event: str) -> None:
    """Take a logged call back: its answer goes and the call is due again today."""
    person, _, one = _call(book, enrollment, event)
    blank = dict.fromkeys(
        code
        for code in ("ST_CALL_OUTCOME", "ST_HEALTH_STATUS", "ST_CALL_NOTE", "ST_FEVER_FREE_SINCE")
    )
    book.save(Bundle(events=(measure_rows.changed(book, one, blank),)))
    again = Event(
        event=new_uid(),
        program=one.program,
        program_stage=one.program_stage,
        enrollment=enrollment,
        tracked_entity=person.tracked_entity,
        org_unit=one.org_unit,
        status="SCHEDULE",
        scheduled_at=one.scheduled_at or at_noon(book.today),
        assigned_user=one.assigned_user,
    )
    book.save(Bundle(events=(again,)))


def plan(book: Book, enrollment: str, on: date, user: str | None = None) -> str:
    """One more call that day. Errors  T010 for a day that has passed."""
    if on < book.today:
        raise Refused("T010", "Dag", "Velg i dag eller en senere dag.", status=400)
    person = book.person(files.entity_of(book, enrollment))
    record = files.enrollment_of(person, enrollment)
    is_index = record.program == book.uid("ST_INDEX")
    event = Event(
        event=new_uid(),
        program=record.program,
        program_stage=book.uid("ST_INDEX_FOLLOW_UP" if is_index else "ST_CONTACT_FOLLOW_UP"),
        enrollment=enrollment,
        tracked_entity=person.tracked_entity,
        org_unit=record.org_unit,
        status="SCHEDULE",
        scheduled_at=at_noon(on),
        assigned_user=user,
    )
    book.save(Bundle(events=(event,)))
    return event.event


def postpone(book: Book, enrollment: str, event: str, to: date, reason: str) -> None:
    """Move a planned call to another day, with the reason kept as a try that was postponed.

    Errors  T010 for a day that has passed or without a reason.
    """
    if not reason.strip():
        raise Refused("T010", "Grunn", "Skriv hvorfor samtalen utsettes.", status=400)
    if to < book.today:
        raise Refused("T010", "Dag", "Velg i dag eller en senere dag.", status=400)
    _, _, one = _call(book, enrollment, event)
    log_call(
        book,
        enrollment,
        {"ST_CALL_OUTCOME": "POSTPONED", "ST_CALL_NOTE": reason.strip()},
        planned=event,
    )
    plan(book, enrollment, to, one.assigned_user)


def assign(book: Book, enrollment: str, event: str, user: str | None) -> None:
    """Give a planned call to somebody, or to nobody."""
    _, _, one = _call(book, enrollment, event)
    moved = Event(
        event=one.event,
        program=one.program,
        program_stage=one.program_stage,
        enrollment=one.enrollment,
        tracked_entity=one.tracked_entity,
        org_unit=one.org_unit,
        status=one.status,
        occurred_at=one.occurred_at,
        scheduled_at=one.scheduled_at,
        assigned_user=user,
    )
    book.save(Bundle(events=(moved,)))


def take_next(book: Book) -> tuple[str, str] | None:
    """Give me the first call that nobody has: (enrollment, event), or None when none is left.

    The row is locked while it is given away, so that two tracers never get the same.
    """
    row = book.work.conn.execute(
        """select enrollment, event from tracker.event
            where program_stage = any (%s) and owner = any (%s::int[]) and not deleted
              and status in ('SCHEDULE', 'OVERDUE') and assigned_user is null
              and scheduled_at < (%s::date + 1)
            order by scheduled_at, event limit 1 for update skip locked""",
        (
            [book.uid("ST_INDEX_FOLLOW_UP"), book.uid("ST_CONTACT_FOLLOW_UP")],
            list(book.work.reach.write),
            book.today,
        ),
    ).fetchone()
    if row is None:
        return None
    assign(book, row["enrollment"], row["event"], book.work.reach.user)
    return row["enrollment"], row["event"]


def become_index(book: Book, enrollment: str) -> register.Registered:
    """A contact who tested positive becomes an index case; her tests follow and her history stays.

    The contact's episode closes; exposures, calls and measures remain on the person. Her own index is
    proposed as the source.
    Errors  T010 when no positive test is registered.
    """
    person = book.person(files.entity_of(book, enrollment))
    record = files.enrollment_of(person, enrollment)
    positive = [t for t in facts.tests_of(book, record) if t.result is Outcome.POSITIVE]
    if not positive:
        raise Refused("T010", "Prøve", "Registrer den positive prøven først.", status=400)
    quarantined = any(
        row.holds_on(positive[-1].on) and row.kind in measure_rows.QUARANTINES
        for row in measure_rows.rows_of(book, record)
    )
    contact = facts.contact_of(book, person, record)
    interview = {
        "ST_SYMPTOMS": "true" if contact.symptoms_on else None,
        "ST_ONSET_DATE": contact.symptoms_on.isoformat() if contact.symptoms_on else None,
        "ST_KNOWN_CONTACT": "YES",
        "ST_WAS_IN_QUARANTINE": "YES" if quarantined else "NO",
    }
    made = register.register_index(book, {}, interview, existing=person.tracked_entity)
    tests = [
        Event(
            event=new_uid(),
            program=book.uid("ST_INDEX"),
            program_stage=book.uid("ST_INDEX_TEST"),
            enrollment=made.enrollment,
            tracked_entity=person.tracked_entity,
            org_unit=book.org_unit,
            status="ACTIVE",
            occurred_at=event.occurred_at,
            data=dict(event.data),
        )
        for event in book.stage(record, "ST_CONTACT_TEST")
    ]
    book.save(Bundle(events=tuple(tests)))
    register.set_status(book, enrollment, "COMPLETED")
    register.redate(book, made.enrollment)
    decide(book, [person.tracked_entity])
    return made
