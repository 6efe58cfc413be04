"""Calls: made, postponed, given to somebody; and what an answer leads to.

A planned call becomes a made one with its answer; nobody answered means it stays due. Called by pages.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from smittesporing.problems import Refused
from smittesporing.settings import OSLO
from smittesporing.tracing.casebook import facts, files, measure_rows, register
from smittesporing.tracing.casebook.book import Book, at_noon, oslo_day
from smittesporing.tracing.casebook.decide import decide
from smittesporing.tracing.casebook.tasks import PLANNED, UNREACHED
from smittesporing.tracing.people import Outcome
from smittesporing.tracker.importer import importing
from smittesporing.tracker.records import Bundle, Enrollment, Event, TrackedEntity
from smittesporing.tracker.report import Options
from smittesporing.uid import derived_uid, new_uid

# What the page of a call draws by itself, or the service sets.
CODES = (
    "ST_CALL_REASON",
    "ST_CALL_OUTCOME",
    "ST_HEALTH_STATUS",
    "ST_ONSET_DATE",
    "ST_FEVER_FREE_SINCE",
    "ST_HOSPITAL",
    "ST_DEATH_DATE",
    "ST_HAS_SUPPORT",
    "ST_CALL_NOTE",
)


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
    next_on: date | None = None,
) -> str:
    """Keep a call: an answer completes the planned one, an unanswered try stands beside it.

    After an answer the person's other calls that are due fall away. A contact with symptoms is to be
    called again today, or the day of `next_on`, and rises to the top.
    Shape   Keys are codes: ST_CALL_OUTCOME, ST_HEALTH_STATUS, ST_CALL_NOTE, ST_FEVER_FREE_SINCE …
    Errors  T010 without an outcome or for a day that has passed; T007 when somebody else has
            logged or moved the planned call meanwhile.
    """
    outcome = values.get("ST_CALL_OUTCOME")
    if not outcome:
        raise Refused("T010", "Hva skjedde?", "Velg om du fikk svar.", status=400)
    if next_on is not None and next_on < book.today:
        raise Refused("T010", "Neste samtale", "Velg i dag eller en senere dag.", status=400)
    person = book.person(files.entity_of(book, enrollment))
    record = files.enrollment_of(person, enrollment)
    told = {code: value for code, value in values.items() if value}
    uid, scheduled = new_uid(), None
    event = next((e for e in record.events if e.event == planned and not e.deleted), None)
    if planned and event is None:
        raise Refused("T003", status=404)
    if event is not None and event.status not in PLANNED:
        raise Refused("T007")
    answered = outcome not in UNREACHED
    if event is not None and answered:
        uid, scheduled = planned, event.scheduled_at
    made = _event(
        book,
        record,
        uid,
        status="COMPLETED",
        occurred_at=book.now,
        scheduled_at=scheduled,
        assigned_user=book.work.reach.user,
        data=book.values(told),
    )
    events = [made]
    keeper = event.assigned_user if event else _keeper(book, record)
    if answered:
        events += [
            _moved(one, status="SKIPPED")
            for one in due_of(book, record)
            if one.event not in (planned, uid)
        ]
    sick = record.program == book.uid("ST_CONTACT") and told.get("ST_HEALTH_STATUS") in facts.SICK
    again = next_on or (book.today if sick else None)
    if again is not None:
        events.append(_next(book, record, uid, again, keeper or book.work.reach.user, sick))
    book.save(Bundle(events=tuple(events)))
    decide(book, [person.tracked_entity])
    return uid


def due_of(book: Book, record: Enrollment) -> tuple[Event, ...]:
    """The enrollment's planned calls of today and earlier, the first one first."""
    found = [
        one
        for one in _stage(book, record)
        if one.status in PLANNED and (oslo_day(one.scheduled_at) or book.today) <= book.today
    ]
    return tuple(sorted(found, key=lambda one: (one.scheduled_at or book.now, one.event)))


def stage_of(book: Book, record: Enrollment) -> str:
    """The code of the stage that the person's calls are kept in."""
    is_index = record.program == book.uid("ST_INDEX")
    return "ST_INDEX_FOLLOW_UP" if is_index else "ST_CONTACT_FOLLOW_UP"


def _stage(book: Book, record: Enrollment) -> tuple[Event, ...]:
    return book.stage(record, stage_of(book, record))


def _keeper(book: Book, record: Enrollment) -> str | None:
    """Whoever follows the person up."""
    return next((e.assigned_user for e in reversed(_stage(book, record)) if e.assigned_user), None)


def _event(book: Book, record: Enrollment, uid: str, **more: Any) -> Event:
    return Event(
        event=uid,
        program=record.program,
        program_stage=book.uid(stage_of(book, record)),
        enrollment=record.enrollment,
        tracked_entity=record.tracked_entity,
        org_unit=record.org_unit,
        **more,
    )


def _moved(event: Event, **more: Any) -> Event:
    """The same planned call with another status or another to make it."""
    kept: dict[str, Any] = {
        "status": event.status,
        "occurred_at": event.occurred_at,
        "scheduled_at": event.scheduled_at,
        "assigned_user": event.assigned_user,
    }
    return Event(
        event=event.event,
        program=event.program,
        program_stage=event.program_stage,
        enrollment=event.enrollment,
        tracked_entity=event.tracked_entity,
        org_unit=event.org_unit,
        **{**kept, **more},
    )


def _next(book: Book, record: Enrollment, made: str, on: date, user: str, sick: bool) -> Event:
    """The call agreed on in a call; its uid follows from that call, so that taking it back finds it."""
    uid = derived_uid("call", record.enrollment, on.isoformat(), "SYMPTOMS")
    if not sick or on != book.today or uid in {one.event for one in record.events}:
        uid = derived_uid("next", made)
    return _event(
        book, record, uid, status="SCHEDULE", scheduled_at=at_noon(on), assigned_user=user
    )


def undo_call(book: Book, enrollment: str, event: str) -> str:
    """Take a logged call back: its answer goes, and what it had completed is due again.

    A planned call keeps its record without an answer, since its uid follows from its day and would
    otherwise be planned anew; a try that stood beside the plan is deleted.
    Answer  The planned call that is due now; "" when there is none.
    """
    person, record, one = _call(book, enrollment, event)
    if one.status != "COMPLETED" or not book.text(one, "ST_CALL_OUTCOME"):
        raise Refused("T007")
    agreed = {derived_uid("next", event), *_for_symptoms(book, one)}
    dropped = [_moved(e, status="SKIPPED") for e in record.events if e.event in agreed and _open(e)]
    again = ""
    if one.scheduled_at is None:
        report = importing(book.work, Bundle(events=(one,)), Options(strategy="DELETE"))
        if report.errors:
            raise Refused(report.errors[0].code, *report.errors[0].args)
    else:
        again = new_uid()
        told = [code for code in CODES if book.text(one, code)]
        blank = measure_rows.changed(book, one, dict.fromkeys(told))
        due = _event(
            book,
            record,
            again,
            status="SCHEDULE",
            scheduled_at=one.scheduled_at,
            assigned_user=one.assigned_user,
        )
        dropped += [blank, due]
    book.save(Bundle(events=tuple(dropped)))
    decide(book, [person.tracked_entity])
    if not again:
        left = due_of(book, files.enrollment_of(book.person(person.tracked_entity), enrollment))
        again = left[0].event if left else ""
    return again


def _open(event: Event) -> bool:
    return event.status in PLANNED and not event.deleted


def _for_symptoms(book: Book, made: Event) -> set[str]:
    """The call that symptoms told in this one had led to."""
    if made.occurred_at is None or book.text(made, "ST_HEALTH_STATUS") not in facts.SICK:
        return set()
    on = made.occurred_at.astimezone(OSLO).date().isoformat()
    return {derived_uid("call", made.enrollment, on, "SYMPTOMS")}


def plan(book: Book, enrollment: str, on: date, user: str | None = None) -> str:
    """One more call that day. Errors  T010 for a day that has passed."""
    if on < book.today:
        raise Refused("T010", "Dag", "Velg i dag eller en senere dag.", status=400)
    person = book.person(files.entity_of(book, enrollment))
    record = files.enrollment_of(person, enrollment)
    event = _event(
        book, record, new_uid(), status="SCHEDULE", scheduled_at=at_noon(on), assigned_user=user
    )
    book.save(Bundle(events=(event,)))
    return event.event


def postpone(book: Book, enrollment: str, event: str, to: date, reason: str) -> str:
    """Move a planned call to another day, with the reason kept as a try that was postponed.

    Errors  T010 for a day that has passed or without a reason; T007 as for `log_call`.
    """
    if not reason.strip():
        raise Refused("T010", "Hvorfor?", "Skriv hvorfor samtalen utsettes.", status=400)
    if to < book.today:
        raise Refused("T010", "Til når?", "Velg i dag eller en senere dag.", status=400)
    told = {"ST_CALL_OUTCOME": "POSTPONED", "ST_CALL_NOTE": reason.strip()}
    return log_call(book, enrollment, told, planned=event, next_on=to)


def assign(book: Book, enrollment: str, event: str, user: str | None) -> None:
    """Give a planned call, and the person's other planned ones, to somebody or to nobody."""
    assign_many(book, [(enrollment, event)], user)


def assign_many(book: Book, pairs: Sequence[tuple[str, str]], user: str | None) -> None:
    """The same for many: pairs of enrollment and planned call.

    Errors  T003 when one of them is unknown or out of reach.
    """
    rows = book.work.conn.execute(
        """select tracked_entity, enrollment from tracker.enrollment
            where enrollment = any (%s) and not deleted""",
        ([enrollment for enrollment, _ in pairs],),
    ).fetchall()
    owners = {row["enrollment"]: row["tracked_entity"] for row in rows}
    people = book.people(set(owners.values()))
    moved: dict[str, Event] = {}
    for enrollment, event in pairs:
        person = people.get(owners.get(enrollment, ""))
        if person is None:
            raise Refused("T003", status=404)
        planned = [e for e in _stage(book, files.enrollment_of(person, enrollment)) if _open(e)]
        if event not in {one.event for one in planned}:
            raise Refused("T003", status=404)
        moved |= {one.event: _moved(one, assigned_user=user) for one in planned}
    book.save(Bundle(events=tuple(moved.values())))


def take_next(book: Book) -> tuple[str, str] | None:
    """Give me the first call that nobody has: (enrollment, event), or None when none is left.

    The row is locked while it is given away, so that two tracers never get the same.
    """
    row = book.work.conn.execute(
        """select enrollment, event from tracker.event e
            where program_stage = any (%s) and owner = any (%s::int[]) and not deleted
              and status in ('SCHEDULE', 'OVERDUE') and assigned_user is null
              and scheduled_at < (%s::date + 1)
              and not exists (select 1 from tracker.event g
                               where g.tracked_entity = e.tracked_entity
                                 and g.enrollment = e.enrollment
                                 and g.program_stage = e.program_stage and not g.deleted
                                 and g.status in ('SCHEDULE', 'OVERDUE')
                                 and g.assigned_user is not null)
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
