"""Records → the values that FHI's rules speak of.

Only translates: which stage and data element a fact stands in, and that a missing answer stays missing.
Called by files.py and decide.py.
"""

from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from smittesporing.settings import OSLO
from smittesporing.tracing import classify
from smittesporing.tracing.casebook.book import Book, oslo_day
from smittesporing.tracing.people import (
    Case,
    CaseStatus,
    Contact,
    Exposure,
    Infection,
    Outcome,
    Relation,
    TestKind,
    TestResult,
    Vaccination,
    Variant,
    WhoTells,
)
from smittesporing.tracker.records import Enrollment, Event, TrackedEntity

Choice = TypeVar("Choice", bound=StrEnum)
SICK = frozenset({"SYMPTOMS", "FEVER", "HOSPITAL"})
DOSES = (1, 2, 3)


def choice(kind: type[Choice], text: str) -> Choice | None:
    """The option as its enum; None when unset or unknown to the rules."""
    return kind(text) if text in kind.__members__.values() else None


def interview_of(book: Book, enrollment: Enrollment) -> Event | None:
    """The index's background interview; None before it is begun."""
    found = book.stage(enrollment, "ST_INDEX_INTERVIEW")
    return found[-1] if found else None


def tests_of(book: Book, enrollment: Enrollment) -> tuple[TestResult, ...]:
    """The enrollment's tests, by sample day."""
    is_index = enrollment.program == book.uid("ST_INDEX")
    stage = "ST_INDEX_TEST" if is_index else "ST_CONTACT_TEST"
    tests = []
    for event in book.stage(enrollment, stage):
        on = book.day(event, "ST_TEST_DATE") or oslo_day(event.occurred_at)
        result = choice(Outcome, book.text(event, "ST_TEST_RESULT"))
        if on is None or result is None:
            continue
        tests.append(
            TestResult(
                on=on,
                result=result,
                kind=choice(TestKind, book.text(event, "ST_TEST_KIND")) or TestKind.OTHER,
                answered_on=book.day(event, "ST_TEST_ANSWER_DATE"),
                variant=choice(Variant, book.text(event, "ST_TEST_VARIANT")),
            )
        )
    return tuple(sorted(tests, key=lambda test: test.on))


def vaccinations_of(book: Book, person: TrackedEntity) -> tuple[Vaccination, ...] | None:
    """Doses with a date; None when none is registered, since nobody may have asked."""
    doses = []
    for number in DOSES:
        on = book.day(person, f"ST_VACCINE_{number}_DATE")
        if on is not None:
            doses.append(Vaccination(on, book.text(person, f"ST_VACCINE_{number}_TYPE")))
    return tuple(doses) or None


def infections_of(
    book: Book, person: TrackedEntity, before: date | None
) -> tuple[Infection, ...] | None:
    """Earlier infections: those told in an interview, and the person's own closed episodes."""
    found: list[Infection] = []
    for enrollment in person.in_program(book.uid("ST_INDEX")):
        interview = interview_of(book, enrollment)
        told = book.day(interview, "ST_PREVIOUS_INFECTION_DATE")
        if told is not None:
            documented = book.yes(interview, "ST_PREVIOUS_INFECTION_DOCUMENTED")
            found.append(Infection(told, documented))
        if enrollment.status == "COMPLETED":
            positive = [t for t in tests_of(book, enrollment) if t.result is Outcome.POSITIVE]
            if positive and (before is None or positive[0].on < before):
                found.append(Infection(positive[0].on, True, isolation_ended(book, enrollment)))
    return tuple(found) or None


def isolation_ended(book: Book, enrollment: Enrollment) -> date | None:
    """The day somebody ended the isolation; None while nobody has (decision 36)."""
    for event in book.stage(enrollment, "ST_INDEX_MEASURE"):
        if book.text(event, "ST_MEASURE_KIND") == "ISOLATION":
            ended = book.day(event, "ST_MEASURE_ENDED_ON")
            if ended is not None and book.text(event, "ST_MEASURE_STATE") == "ENDED":
                return ended
    return None


def case_of(book: Book, person: TrackedEntity, enrollment: Enrollment) -> Case:
    """The index case that this enrollment tells of."""
    interview = interview_of(book, enrollment)
    tests = tests_of(book, enrollment)
    calls = book.stage(enrollment, "ST_INDEX_FOLLOW_UP")
    fever_free = [d for c in calls if (d := book.day(c, "ST_FEVER_FREE_SINCE")) is not None]
    symptoms = book.yes(interview, "ST_SYMPTOMS")
    # A day typed before somebody said "no symptoms" is kept, hidden, and counts for nothing.
    onset = None if symptoms is False else book.day(interview, "ST_ONSET_DATE")
    told = choice(CaseStatus, book.text(interview, "ST_CASE_STATUS"))
    case = Case(
        uid=enrollment.enrollment,
        disease=book.text(interview, "ST_DISEASE") or "COVID19",
        status=told or CaseStatus.SUSPECTED,
        onset_on=onset,
        symptoms=True if onset is not None else symptoms,
        tests=tests,
        report_on=book.day(interview, "ST_REPORT_DATE") or oslo_day(enrollment.enrolled_at),
        variant=choice(Variant, book.text(interview, "ST_VARIANT")) or Variant.NONE,
        birth_on=book.day(person, "ST_BIRTH_DATE"),
        age=book.whole(person, "ST_AGE"),
        vaccinations=vaccinations_of(book, person),
        infections=infections_of(book, person, onset or oslo_day(enrollment.enrolled_at)),
        fever_free_since=max(fever_free, default=None),
        isolation_ended_on=isolation_ended(book, enrollment),
        registered_on=oslo_day(enrollment.enrolled_at),
    )
    return case if told else replace(case, status=_status(book, case, enrollment.owner))


def _status(book: Book, case: Case, owner: int) -> CaseStatus:
    """As registered; else what the case definition of the test's day makes of the tests."""
    status, _ = classify.proposed_status(case, book.rules, book.now, book.where(owner))
    return status


def exposures_of(book: Book, enrollment: Enrollment) -> tuple[Event, ...]:
    """The exposure events of a contact's enrollment."""
    return book.stage(enrollment, "ST_CONTACT_EXPOSURE")


def exposure_of(book: Book, event: Event, case_uid: str) -> Exposure:
    """One index × one contact, as the contact's event tells it."""
    ongoing = book.yes(event, "ST_CONTACT_ONGOING") is True
    return Exposure(
        uid=event.event,
        case_uid=case_uid,
        contact_uid=event.enrollment,
        relation=choice(Relation, book.text(event, "ST_RELATION")),
        first_on=book.day(event, "ST_FIRST_CONTACT"),
        last_on=None if ongoing else book.day(event, "ST_LAST_CONTACT"),
        ongoing=ongoing,
        distance_m=book.number(event, "ST_DISTANCE_M"),
        minutes=book.whole(event, "ST_MINUTES"),
        physical=book.yes(event, "ST_PHYSICAL_CONTACT"),
        secretions=book.yes(event, "ST_SECRETIONS"),
        indoors=book.yes(event, "ST_INDOORS"),
        protected=book.yes(event, "ST_PROTECTED"),
        keeps_distance=book.yes(event, "ST_CAN_KEEP_DISTANCE"),
        setting=book.text(event, "ST_CONTACT_SETTING"),
    )


def contact_of(book: Book, person: TrackedEntity, enrollment: Enrollment) -> Contact:
    """The close contact that this enrollment tells of."""
    exposures = exposures_of(book, enrollment)
    calls = book.stage(enrollment, "ST_CONTACT_FOLLOW_UP")
    sick = [
        day
        for call in calls
        if book.text(call, "ST_HEALTH_STATUS") in SICK and (day := oslo_day(call.occurred_at))
    ]
    last = exposures[-1] if exposures else None
    return Contact(
        uid=enrollment.enrollment,
        birth_on=book.day(person, "ST_BIRTH_DATE"),
        age=book.whole(person, "ST_AGE"),
        vaccinations=vaccinations_of(book, person),
        infections=infections_of(book, person, None),
        tests=tests_of(book, enrollment),
        pupil=any_yes(book, exposures, "ST_PUPIL"),
        critical_work=any_yes(book, exposures, "ST_CRITICAL_WORK"),
        test_regime_kept=any_yes(book, exposures, "ST_TEST_REGIME_KEPT"),
        symptoms_on=min(sick, default=None),
        who_tells=choice(WhoTells, book.text(last, "ST_WHO_TELLS")),
        told_at=told_at(book, exposures),
        registered_on=oslo_day(enrollment.enrolled_at),
    )


def told_at(book: Book, exposures: tuple[Event, ...]) -> datetime | None:
    """When the contact was first told; None while nobody has."""
    moments = []
    for event in exposures:
        text = book.text(event, "ST_TOLD_AT")
        if text:
            moments.append(datetime.fromisoformat(text).replace(tzinfo=OSLO))
    return min(moments, default=None)


def any_yes(book: Book, events: tuple[Event, ...], code: str) -> bool | None:
    """True when any says yes, false when some say no and none yes, None when nobody answered."""
    answers = [book.yes(event, code) for event in events]
    return True if True in answers else False if False in answers else None


def source_cases(book: Book, person: TrackedEntity) -> dict[str, tuple[str, str]]:
    """exposure event uid → (tracked entity, enrollment) of the index it hangs on."""
    link = book.uid("ST_EXPOSURE_LINK")
    return {
        one.to.event: (one.from_.tracked_entity, one.from_.enrollment)
        for one in person.relationships
        if one.type == link and not one.deleted and one.to.event
    }


def exposed_by(book: Book, person: TrackedEntity, enrollment: str) -> dict[str, str]:
    """exposure event uid → the contact's tracked entity, for those this index may have infected."""
    link = book.uid("ST_EXPOSURE_LINK")
    return {
        one.to.event: one.to.tracked_entity
        for one in person.relationships
        if one.type == link and not one.deleted and one.from_.enrollment == enrollment
    }
