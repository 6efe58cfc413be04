"""A new index case, the fields of her interview, and the end of an episode.

Every change goes through the importer and is decided on at once. Knows no page. Called by pages and by
the demo's seeding.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from smittesporing.problems import Refused
from smittesporing.tracing.casebook import facts, files, keeping, measure_rows
from smittesporing.tracing.casebook.book import Book, at_noon, oslo_day
from smittesporing.tracing.casebook.decide import decide
from smittesporing.tracing.people import Case, first_positive
from smittesporing.tracker import confidential
from smittesporing.tracker.records import Bundle, Enrollment, Event, TrackedEntity
from smittesporing.uid import new_uid

FIRST_NUMBER = 2001
DISEASE = "COVID19"


@dataclass(frozen=True)
class Registered:
    """Where a registration ended: the person, her enrollment, and whether she was known before."""

    tracked_entity: str
    enrollment: str
    known_before: bool


def known_as(book: Book, national_number: str, code: str = "ST_NATIONAL_ID") -> str | None:
    """The person with this national number anywhere in the country, as a uid; None when unknown.

    `code` may be ST_HELP_NUMBER, the other number that is one person's alone.

    The exact check of decision 2: it answers a uid and nothing else; what one may read of her is
    another question.
    """
    attribute = book.uid(code)
    hashed = confidential.keyed_hash(book.work.settings.field_key, attribute, national_number)
    row = book.work.conn.execute(
        """select tracked_entity from tracker.holders(
             jsonb_build_array(jsonb_build_object('attribute', %s::text, 'scope', 0, 'hash', %s::text)))""",
        (attribute, hashed),
    ).fetchone()
    return str(row["tracked_entity"]) if row else None


def within_reach(book: Book, tracked_entity: str) -> bool:
    """Whether one may read this person; asks the second wall, and shows nothing."""
    row = book.work.conn.execute(
        "select 1 as found from tracker.tracked_entity where tracked_entity = %s and not deleted",
        (tracked_entity,),
    ).fetchone()
    return row is not None


def register_index(
    book: Book,
    profile: Mapping[str, str | None],
    interview: Mapping[str, str | None],
    existing: str | None = None,
) -> Registered:
    """A new episode as index case; keys are codes, values as text.

    A person found by uid or national number gets a new enrollment and her profile filled in; the same
    person is never registered twice.
    Errors  T101 when she already has an open index case here; T102 when another kommune follows her up;
            the importer's own codes for values it refuses.
    """
    number = profile.get("ST_NATIONAL_ID") or ""
    if existing is None and number:
        existing = known_as(book, number)
        if existing is not None and not within_reach(book, existing):
            raise Refused("T102")
    person = book.person(existing) if existing else None
    if person is not None:
        for one in person.in_program(book.uid("ST_INDEX")):
            if one.status == "ACTIVE" and not one.deleted:
                raise Refused("T101", files.case_number(book, one), uid=one.enrollment)
    entity = person_record(book, profile, person)
    enrollment = Enrollment(
        enrollment=new_uid(),
        program=book.uid("ST_INDEX"),
        tracked_entity=entity.tracked_entity,
        org_unit=book.org_unit,
        status="ACTIVE",
        enrolled_at=book.now,
        occurred_at=at_noon(_first_day(interview, book.today)),
    )
    values = {
        "ST_DISEASE": DISEASE,
        "ST_REPORT_DATE": book.today.isoformat(),
        **{code: value for code, value in interview.items() if value},
        "ST_CASE_NUMBER": next_number(book),
    }
    event = Event(
        event=new_uid(),
        program=enrollment.program,
        program_stage=book.uid("ST_INDEX_INTERVIEW"),
        enrollment=enrollment.enrollment,
        tracked_entity=entity.tracked_entity,
        org_unit=enrollment.org_unit,
        status="ACTIVE",
        occurred_at=book.now,
        data=book.values(values),
    )
    book.save(Bundle(tracked_entities=(entity,), enrollments=(enrollment,), events=(event,)))
    decide(book, [entity.tracked_entity])
    return Registered(entity.tracked_entity, enrollment.enrollment, person is not None)


def person_record(
    book: Book, profile: Mapping[str, str | None], person: TrackedEntity | None
) -> TrackedEntity:
    """The profile as a record: a new person, or what is told anew about a known one."""
    told = {code: value for code, value in profile.items() if value}
    if told.get("ST_PROTECTION", "NONE") != "NONE":
        # Protected address: what could lead to her is neither stored nor shown (decision 33).
        for code in ("ST_ADDRESS", "ST_POSTAL", "ST_RESIDENCE", "ST_WORKPLACE"):
            told.pop(code, None)
    return TrackedEntity(
        tracked_entity=person.tracked_entity if person else new_uid(),
        type=book.uid("ST_PERSON"),
        org_unit=person.org_unit if person else book.org_unit,
        attributes=book.values(told),
    )


def _first_day(interview: Mapping[str, str | None], today: date) -> date:
    """Onset, else test, else report (decision 27)."""
    for code in ("ST_ONSET_DATE", "ST_TEST_DATE", "ST_REPORT_DATE"):
        text = interview.get(code)
        if text:
            return date.fromisoformat(text)
    return today


def next_number(book: Book) -> str:
    """The next case number of the kommune one works in, from 2001 on."""
    unit = book.units.by_uid[book.org_unit]
    row = book.work.conn.execute(
        """insert into casebook.last_number as n (kommune, last) values (%s, %s)
           on conflict (kommune) do update set last = n.last + 1 returning last""",
        (unit.kommune or unit.id, FIRST_NUMBER),
    ).fetchone()
    assert row is not None
    return str(row["last"])


def save_interview(
    book: Book, enrollment: str, values: Mapping[str, str | None], version: int | None = None
) -> Event:
    """Store fields of the interview as they are typed; an empty value takes the field away.

    Errors  T007 when somebody else saved since `version`; the importer's codes for bad values.
    """
    person = book.person(files.entity_of(book, enrollment))
    record = files.enrollment_of(person, enrollment)
    event = facts.interview_of(book, record)
    if event is None:
        event = Event(
            event=new_uid(),
            program=record.program,
            program_stage=book.uid("ST_INDEX_INTERVIEW"),
            enrollment=enrollment,
            tracked_entity=person.tracked_entity,
            org_unit=record.org_unit,
            status="ACTIVE",
            occurred_at=book.now,
        )
        values = {"ST_CASE_NUMBER": next_number(book), **values}
    elif version is not None and event.version != version:
        raise Refused("T007")
    book.save(Bundle(events=(measure_rows.changed(book, event, dict(values)),)))
    redate(book, enrollment)
    decide(book, [person.tracked_entity])
    saved = book.person(person.tracked_entity)
    return facts.interview_of(book, files.enrollment_of(saved, enrollment)) or event


def save_profile(
    book: Book, tracked_entity: str, values: Mapping[str, str | None], version: int | None = None
) -> TrackedEntity:
    """Store fields of the person; an empty value takes the field away.

    Errors  T007 when somebody else saved since `version`.
    """
    person = book.person(tracked_entity)
    if version is not None and person.version != version:
        raise Refused("T007")
    record = TrackedEntity(
        tracked_entity=tracked_entity,
        type=person.type,
        org_unit=person.org_unit,
        attributes=book.values(values),
    )
    book.save(Bundle(tracked_entities=(record,)))
    decide(book, [tracked_entity])
    return book.person(tracked_entity)


def add_test(book: Book, enrollment: str, values: Mapping[str, str | None]) -> str:
    """A test of an index or a contact; returns its uid. Errors  T010 without a day."""
    taken = values.get("ST_TEST_DATE")
    if not taken:
        raise Refused("T010", "Prøvedato", "Skriv dagen prøven ble tatt.", status=400)
    person = book.person(files.entity_of(book, enrollment))
    record = files.enrollment_of(person, enrollment)
    is_index = record.program == book.uid("ST_INDEX")
    event = Event(
        event=new_uid(),
        program=record.program,
        program_stage=book.uid("ST_INDEX_TEST" if is_index else "ST_CONTACT_TEST"),
        enrollment=enrollment,
        tracked_entity=person.tracked_entity,
        org_unit=record.org_unit,
        status="ACTIVE",
        occurred_at=at_noon(date.fromisoformat(taken)),
        data=book.values({code: value for code, value in values.items() if value}),
    )
    book.save(Bundle(events=(event,)))
    if is_index:
        redate(book, enrollment)
    decide(book, [person.tracked_entity])
    return event.event


def redate(book: Book, enrollment: str) -> None:
    """Keep the enrollment's day and the interview's day in the statistics where the facts put them.

    Enrollment onset, else test, else report (decision 27). ST_COUNT_DATE the first positive test, else
            the report, else the registration. Whether she was in quarantine when tested is filled in
            where her own records know it and nobody has answered.
    """
    person = book.person(files.entity_of(book, enrollment))
    record = files.enrollment_of(person, enrollment)
    case = facts.case_of(book, person, record)
    event = facts.interview_of(book, record)
    enrollments: tuple[Enrollment, ...] = ()
    events: tuple[Event, ...] = ()
    day = case.onset_on or (case.tests[0].on if case.tests else None) or case.report_on
    if day is not None and oslo_day(record.occurred_at) != day:
        enrollments = (with_status(record, record.status, day),)
    if event is not None:
        changes = _counted(book, person, record, case, event)
        if changes:
            events = (measure_rows.changed(book, event, changes),)
    book.save(Bundle(enrollments=enrollments, events=events))


def _counted(
    book: Book, person: TrackedEntity, record: Enrollment, case: Case, event: Event
) -> dict[str, str | None]:
    """What the interview should say about the statistics and does not."""
    positive = first_positive(case.tests)
    told = book.day(event, "ST_REPORT_DATE")
    on = positive.on if positive else told or oslo_day(record.enrolled_at)
    changes: dict[str, str | None] = {}
    if on is not None and book.day(event, "ST_COUNT_DATE") != on:
        changes["ST_COUNT_DATE"] = on.isoformat()
    if not book.text(event, "ST_WAS_IN_QUARANTINE"):
        known = was_in_quarantine(book, person, record)
        if known:
            changes["ST_WAS_IN_QUARANTINE"] = known
    return changes


def was_in_quarantine(book: Book, person: TrackedEntity, record: Enrollment) -> str:
    """YES when a quarantine of hers held on the day of the positive test; "" when nobody knows.

    Never NO: quarantine in another kommune, or by her own choice, is not in our records.
    """
    positive = first_positive(facts.tests_of(book, record))
    if positive is None:
        return ""
    for one in person.in_program(book.uid("ST_CONTACT")):
        for row in measure_rows.rows_of(book, one):
            if row.kind in measure_rows.QUARANTINES and row.holds_on(positive.on):
                return "YES"
    return ""


def with_status(record: Enrollment, status: str | None, day: date | None = None) -> Enrollment:
    """The same enrollment with another status or day, ready for the importer."""
    return Enrollment(
        enrollment=record.enrollment,
        program=record.program,
        tracked_entity=record.tracked_entity,
        org_unit=record.org_unit,
        status=status,  # type: ignore[arg-type]
        enrolled_at=record.enrolled_at,
        occurred_at=at_noon(day) if day else record.occurred_at,
        follow_up=record.follow_up,
    )


def set_status(book: Book, enrollment: str, status: str) -> None:
    """Close (COMPLETED), take back as registered by mistake (CANCELLED) or reopen (ACTIVE).

    Planned calls of an episode that is closed or taken back are dropped; reopening plans them anew.
    Errors  T103 when a case is closed while its isolation runs.
    """
    person = book.person(files.entity_of(book, enrollment))
    record = files.enrollment_of(person, enrollment)
    if status == "COMPLETED":
        running = [
            row
            for row in measure_rows.rows_of(book, record)
            if row.kind == "ISOLATION"
            and row.state in ("CONFIRMED", "DECIDED")
            and row.ended_on is None
        ]
        if running:
            raise Refused("T103", files.case_number(book, record))
    passed_over = []
    if status != "ACTIVE":
        for event in record.events:
            if event.status in ("SCHEDULE", "OVERDUE") and not event.deleted:
                passed_over.append(keeping.skipped(event))
    book.save(Bundle(enrollments=(with_status(record, status),), events=tuple(passed_over)))
    decide(book, [person.tracked_entity])


def died(book: Book, enrollment: str, on: date) -> None:
    """The person has died: told as a health status, measures end, the episode closes."""
    person = book.person(files.entity_of(book, enrollment))
    record = files.enrollment_of(person, enrollment)
    is_index = record.program == book.uid("ST_INDEX")
    told = Event(
        event=new_uid(),
        program=record.program,
        program_stage=book.uid("ST_INDEX_FOLLOW_UP" if is_index else "ST_CONTACT_FOLLOW_UP"),
        enrollment=enrollment,
        tracked_entity=person.tracked_entity,
        org_unit=record.org_unit,
        status="COMPLETED",
        occurred_at=book.now,
        data=book.values({"ST_HEALTH_STATUS": "DEAD", "ST_DEATH_DATE": on.isoformat()}),
    )
    ended = [
        measure_rows.changed(
            book,
            row.record,
            {
                "ST_MEASURE_STATE": "ENDED",
                "ST_MEASURE_ENDED_ON": on.isoformat(),
                "ST_MEASURE_ENDED_BY": book.work.reach.user,
                "ST_MEASURE_END_REASON": "Personen er død.",
            },
        )
        for row in measure_rows.rows_of(book, record)
        if row.is_running
    ]
    book.save(Bundle(events=(told, *ended)))
    set_status(book, enrollment, "COMPLETED")
