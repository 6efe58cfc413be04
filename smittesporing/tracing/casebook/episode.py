"""Acts on an episode that register.py leaves: tests corrected and taken back, mistakes, and what is undone.

Every change goes through the importer and is decided on at once; nothing is deleted for good, since
history keeps it. Called by pages.
"""

from collections.abc import Mapping
from datetime import date

from smittesporing.problems import Refused
from smittesporing.tracing.casebook import facts, files, measure_rows, register
from smittesporing.tracing.casebook.book import Book, at_noon
from smittesporing.tracing.casebook.decide import decide
from smittesporing.tracker.records import Bundle, Enrollment, Event, TrackedEntity

DIED = "Personen er død."


def _open(book: Book, enrollment: str) -> tuple[TrackedEntity, Enrollment]:
    person = book.person(files.entity_of(book, enrollment))
    return person, files.enrollment_of(person, enrollment)


def _test(book: Book, record: Enrollment, event: str) -> Event:
    is_index = record.program == book.uid("ST_INDEX")
    for one in book.stage(record, "ST_INDEX_TEST" if is_index else "ST_CONTACT_TEST"):
        if one.event == event:
            return one
    raise Refused("T003", status=404)


def save_test(book: Book, enrollment: str, event: str, values: Mapping[str, str | None]) -> Event:
    """Correct a test; its day follows the sample's day.

    Errors  T010 when the day is taken away; T003 for a test that is not this episode's.
    """
    person, record = _open(book, enrollment)
    test = _test(book, record, event)
    if "ST_TEST_DATE" in values:
        taken = values["ST_TEST_DATE"]
        if not taken:
            raise Refused(
                "T010", "Prøvedato", "Ta prøven tilbake hvis den ikke er tatt.", status=422
            )
        test = _on(test, date.fromisoformat(taken))
    book.save(Bundle(events=(measure_rows.changed(book, test, dict(values)),)))
    _follow(book, person, record)
    return test


def _on(test: Event, day: date) -> Event:
    return Event(
        event=test.event,
        program=test.program,
        program_stage=test.program_stage,
        enrollment=test.enrollment,
        tracked_entity=test.tracked_entity,
        org_unit=test.org_unit,
        status=test.status,
        occurred_at=at_noon(day),
        data=test.data,
    )


def take_back_test(book: Book, enrollment: str, event: str) -> None:
    """The test was never taken, or is another person's."""
    person, record = _open(book, enrollment)
    book.save(Bundle(events=(_test(book, record, event),)), "DELETE")
    _follow(book, person, record)


def _follow(book: Book, person: TrackedEntity, record: Enrollment) -> None:
    if record.program == book.uid("ST_INDEX"):
        register.redate(book, record.enrollment)
    decide(book, [person.tracked_entity])


def mistake(book: Book, enrollment: str) -> None:
    """The episode was registered by mistake: it is neither counted nor followed up."""
    _mark_mistake(book, enrollment, "true")
    register.set_status(book, enrollment, "CANCELLED")


def undo(book: Book, enrollment: str) -> None:
    """Take the episode up again, whatever ended it: closed, mistake, or a death told by mistake."""
    _person, record = _open(book, enrollment)
    if record.status == "CANCELLED":
        _mark_mistake(book, enrollment, None)
    _undo_death(book, record)
    register.set_status(book, enrollment, "ACTIVE")


def _mark_mistake(book: Book, enrollment: str, value: str | None) -> None:
    _person, record = _open(book, enrollment)
    event = facts.interview_of(book, record)
    if event is not None:
        changes = {"ST_REGISTERED_BY_MISTAKE": value}
        book.save(Bundle(events=(measure_rows.changed(book, event, changes),)))


def _undo_death(book: Book, record: Enrollment) -> None:
    is_index = record.program == book.uid("ST_INDEX")
    stage = "ST_INDEX_FOLLOW_UP" if is_index else "ST_CONTACT_FOLLOW_UP"
    told = tuple(
        event
        for event in book.stage(record, stage)
        if book.text(event, "ST_HEALTH_STATUS") == "DEAD"
    )
    if not told:
        return
    book.save(Bundle(events=told), "DELETE")
    again = [
        measure_rows.changed(
            book,
            row.record,
            {
                "ST_MEASURE_STATE": "CONFIRMED" if row.confirmed_by else "PROPOSED",
                "ST_MEASURE_ENDED_ON": None,
                "ST_MEASURE_ENDED_BY": None,
                "ST_MEASURE_END_REASON": None,
            },
        )
        for row in measure_rows.rows_of(book, record)
        if row.state == "ENDED" and row.end_reason == DIED
    ]
    book.save(Bundle(events=tuple(again)))


def death_of(book: Book, person: TrackedEntity) -> date | None:
    """The day she died, by any of her episodes; None while she lives."""
    for one in person.enrollments:
        for code in ("ST_INDEX_FOLLOW_UP", "ST_CONTACT_FOLLOW_UP"):
            for event in book.stage(one, code):
                if book.text(event, "ST_HEALTH_STATUS") == "DEAD":
                    return book.day(event, "ST_DEATH_DATE")
    return None
