"""What a page about one person, case or contact shows: facts, windows, measures, contacts, calls.

Reads only; every person in an answer is logged as seen by the tracker's read. Called by pages.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from smittesporing.problems import Refused
from smittesporing.tracing import windows
from smittesporing.tracing.casebook import facts, measure_rows
from smittesporing.tracing.casebook.book import Book, oslo_day
from smittesporing.tracing.casebook.measure_rows import MeasureRow
from smittesporing.tracing.people import Case, Exposure, TestResult, Window
from smittesporing.tracker.records import Enrollment, Event, TrackedEntity

HIDDEN = "Skjermet"


@dataclass(frozen=True)
class PersonView:
    """Who a person is, as far as a page may show. `protection` is NONE, CONFIDENTIAL or STRICT."""

    uid: str
    name: str
    given_name: str
    family_name: str
    birth_on: date | None
    age: int | None
    sex: str
    phone: str
    has_number: bool
    residence: str
    language: str
    protection: str
    guardian: str
    guardian_phone: str
    version: int
    owners: tuple[int, ...]

    @property
    def is_protected(self) -> bool:
        return self.protection in ("CONFIDENTIAL", "STRICT")


@dataclass(frozen=True)
class CallView:
    """One follow-up call, made or planned."""

    event: str
    planned_on: date | None
    made_at: datetime | None
    status: str
    assigned_user: str
    outcome: str
    health: str
    note: str
    version: int


@dataclass(frozen=True)
class ExposureView:
    """One exposure of one contact to one index, with the verdict that is stored."""

    event: str
    exposure: Exposure
    contact: PersonView
    contact_enrollment: str
    category: str
    category_state: str
    why: tuple[str, ...]
    citation: str
    rule: str
    who_tells: str
    told_at: str
    judged_by: str
    measures: tuple[MeasureRow, ...]
    tests: tuple[TestResult, ...]
    status: str
    version: int
    record: Event


@dataclass(frozen=True)
class CaseFile:
    """An index case as its page shows it."""

    person: PersonView
    enrollment: Enrollment
    case: Case
    number: str
    interview: Event | None
    infectious: Window | None
    infected: Window | None
    measures: tuple[MeasureRow, ...]
    calls: tuple[CallView, ...]
    tests: tuple[Event, ...]
    sources: tuple[Event, ...]
    contacts: tuple[ExposureView, ...]
    entity: TrackedEntity

    @property
    def isolation(self) -> MeasureRow | None:
        """The isolation that counts now: confirmed before proposed."""
        rows = [m for m in self.measures if m.kind == "ISOLATION" and m.is_running]
        return min(rows, key=lambda m: m.state == "PROPOSED", default=None)


def person_view(book: Book, person: TrackedEntity) -> PersonView:
    """The person as a page may show her. Protected address: no address, kommune or phone is shown."""
    given = book.text(person, "ST_GIVEN_NAME")
    family = book.text(person, "ST_FAMILY_NAME")
    born = book.day(person, "ST_BIRTH_DATE")
    protection = book.text(person, "ST_PROTECTION") or "NONE"
    hidden = protection != "NONE"
    return PersonView(
        uid=person.tracked_entity,
        name=f"{given} {family}".strip() or book.text(person, "ST_SOURCE_ID") or "Uten navn",
        given_name=given,
        family_name=family,
        birth_on=born,
        age=years(born, book.today) if born else book.whole(person, "ST_AGE"),
        sex=book.text(person, "ST_SEX"),
        phone=book.text(person, "ST_PHONE"),
        has_number=bool(book.text(person, "ST_NATIONAL_ID")),
        residence=HIDDEN if hidden else book.text(person, "ST_RESIDENCE"),
        language=book.text(person, "ST_LANGUAGE"),
        protection=protection,
        guardian=book.text(person, "ST_GUARDIAN_NAME"),
        guardian_phone=book.text(person, "ST_GUARDIAN_PHONE"),
        version=person.version,
        owners=person.owners,
    )


def years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def call_view(book: Book, event: Event) -> CallView:
    return CallView(
        event=event.event,
        planned_on=oslo_day(event.scheduled_at),
        made_at=event.occurred_at,
        status=event.status or "",
        assigned_user=event.assigned_user or "",
        outcome=book.text(event, "ST_CALL_OUTCOME"),
        health=book.text(event, "ST_HEALTH_STATUS"),
        note=book.text(event, "ST_CALL_NOTE"),
        version=event.version,
    )


def case_number(book: Book, enrollment: Enrollment) -> str:
    """The number tracers call a case by; the start of its uid until one is given."""
    number = book.text(facts.interview_of(book, enrollment), "ST_CASE_NUMBER")
    return number or enrollment.enrollment[:5]


def entity_of(book: Book, enrollment: str) -> str:
    """The person behind an enrollment. Errors  T003 when it is unknown or out of reach."""
    row = book.work.conn.execute(
        "select tracked_entity from tracker.enrollment where enrollment = %s and not deleted",
        (enrollment,),
    ).fetchone()
    if row is None:
        raise Refused("T003", status=404)
    return str(row["tracked_entity"])


def enrollment_of(person: TrackedEntity, enrollment: str) -> Enrollment:
    for one in person.enrollments:
        if one.enrollment == enrollment and not one.deleted:
            return one
    raise Refused("T003", status=404)


def case_file(book: Book, enrollment: str) -> CaseFile:
    """The whole case. Errors  T003 when it is unknown or out of reach."""
    entity = book.person(entity_of(book, enrollment))
    record = enrollment_of(entity, enrollment)
    case = facts.case_of(book, entity, record)
    where = book.where(record.owner)
    calls = book.stage(record, "ST_INDEX_FOLLOW_UP")
    return CaseFile(
        person=person_view(book, entity),
        enrollment=record,
        case=case,
        number=case_number(book, record),
        interview=facts.interview_of(book, record),
        infectious=windows.infectious_window(case, book.rules, book.now, where),
        infected=windows.exposure_window(case, book.rules, book.now, where),
        measures=measure_rows.rows_of(book, record),
        calls=tuple(call_view(book, event) for event in calls),
        tests=book.stage(record, "ST_INDEX_TEST"),
        sources=book.stage(record, "ST_INDEX_SOURCE"),
        contacts=contacts_of(book, entity, record),
        entity=entity,
    )


def contacts_of(
    book: Book, person: TrackedEntity, enrollment: Enrollment
) -> tuple[ExposureView, ...]:
    """Those this index may have exposed, by name; contacts out of reach are left out."""
    links = facts.exposed_by(book, person, enrollment.enrollment)
    people = book.people(set(links.values()))
    views: list[ExposureView] = []
    for event_uid, contact_uid in links.items():
        contact = people.get(contact_uid)
        if contact is not None:
            views += _views(book, contact, {event_uid: enrollment.enrollment})
    return tuple(sorted(views, key=lambda v: (v.contact.family_name, v.contact.given_name)))


def _views(book: Book, contact: TrackedEntity, events: Mapping[str, str]) -> Iterable[ExposureView]:
    shown = person_view(book, contact)
    for enrollment in contact.in_program(book.uid("ST_CONTACT")):
        for event in facts.exposures_of(book, enrollment):
            if event.event in events:
                yield exposure_view(book, shown, enrollment, event, events[event.event])


def exposure_view(
    book: Book, contact: PersonView, enrollment: Enrollment, event: Event, case_uid: str
) -> ExposureView:
    return ExposureView(
        event=event.event,
        exposure=facts.exposure_of(book, event, case_uid),
        contact=contact,
        contact_enrollment=enrollment.enrollment,
        category=book.text(event, "ST_CATEGORY") or "UNDECIDED",
        category_state=book.text(event, "ST_CATEGORY_STATE") or "PROPOSED",
        why=tuple(book.text(event, "ST_CATEGORY_WHY").splitlines()),
        citation=book.text(event, "ST_CATEGORY_CITATION"),
        rule=book.text(event, "ST_CATEGORY_RULE"),
        who_tells=book.text(event, "ST_WHO_TELLS"),
        told_at=book.text(event, "ST_TOLD_AT"),
        judged_by=book.text(event, "ST_CATEGORY_BY"),
        measures=measure_rows.rows_of(book, enrollment),
        tests=facts.tests_of(book, enrollment),
        status=enrollment.status or "",
        version=event.version,
        record=event,
    )


@dataclass(frozen=True)
class RoleView:
    """One role a person has had: index or contact, from when, open or closed, followed up where."""

    enrollment: Enrollment
    program: str
    number: str
    started_on: date | None
    status: str
    owner: int


@dataclass(frozen=True)
class ContactFile:
    """A close contact as her page shows her: exposures, measures and calls of one enrollment."""

    person: PersonView
    enrollment: Enrollment
    exposures: tuple[ExposureView, ...]
    indexes: Mapping[str, tuple[str, str]]
    measures: tuple[MeasureRow, ...]
    calls: tuple[CallView, ...]
    tests: tuple[Event, ...]
    entity: TrackedEntity


def contact_file(book: Book, enrollment: str) -> ContactFile:
    """One contact's follow-up. `indexes`: exposure event → (index enrollment, case number or "")."""
    entity = book.person(entity_of(book, enrollment))
    record = enrollment_of(entity, enrollment)
    shown = person_view(book, entity)
    sources = facts.source_cases(book, entity)
    cases = book.people({index for index, _ in sources.values()})
    indexes: dict[str, tuple[str, str]] = {}
    for event, (index, case) in sources.items():
        number = ""
        if index in cases:
            for one in cases[index].enrollments:
                if one.enrollment == case:
                    number = case_number(book, one)
        indexes[event] = (case, number)
    return ContactFile(
        person=shown,
        enrollment=record,
        exposures=tuple(
            exposure_view(book, shown, record, event, indexes.get(event.event, ("", ""))[0])
            for event in facts.exposures_of(book, record)
        ),
        indexes=indexes,
        measures=measure_rows.rows_of(book, record),
        calls=tuple(call_view(book, e) for e in book.stage(record, "ST_CONTACT_FOLLOW_UP")),
        tests=book.stage(record, "ST_CONTACT_TEST"),
        entity=entity,
    )


def roles_of(book: Book, person: TrackedEntity) -> tuple[RoleView, ...]:
    """Every role she has had within one's reach, newest first."""
    names = {book.uid("ST_INDEX"): "INDEX", book.uid("ST_CONTACT"): "CONTACT"}
    roles = [
        RoleView(
            enrollment=one,
            program=names.get(one.program, "OTHER"),
            number=case_number(book, one) if names.get(one.program) == "INDEX" else "",
            started_on=oslo_day(one.occurred_at or one.enrolled_at),
            status=one.status or "",
            owner=one.owner,
        )
        for one in person.enrollments
        if not one.deleted
    ]
    return tuple(sorted(roles, key=lambda r: r.started_on or date.min, reverse=True))
