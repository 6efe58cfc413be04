"""Acts on measures and verdicts: confirm, exempt, decide otherwise, end an isolation.

A proposal becomes somebody's decision here, with her name by it (decision 35). The tracer confirms what
the rules say; anything else is the kommuneoverlege's, with grounds. Called by pages.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from smittesporing.problems import Refused
from smittesporing.tracing import days
from smittesporing.tracing.casebook import facts, files, measure_rows
from smittesporing.tracing.casebook.book import Book
from smittesporing.tracing.casebook.decide import decide
from smittesporing.tracing.casebook.measure_rows import MeasureRow, changed, moment_text
from smittesporing.tracing.people import Category
from smittesporing.tracker.records import Bundle, Enrollment, Event, TrackedEntity

FEVER_FREE = timedelta(hours=24)


def _row(book: Book, enrollment: str, event: str) -> tuple[TrackedEntity, Enrollment, MeasureRow]:
    person = book.person(files.entity_of(book, enrollment))
    record = files.enrollment_of(person, enrollment)
    for row in measure_rows.rows_of(book, record):
        if row.event == event:
            return person, record, row
    raise Refused("T003", status=404)


def _signed(book: Book, state: str) -> dict[str, str | None]:
    return {
        "ST_MEASURE_STATE": state,
        "ST_MEASURE_CONFIRMED_BY": book.work.reach.user,
        "ST_MEASURE_CONFIRMED_AT": moment_text(book),
    }


def confirm(book: Book, enrollment: str, event: str) -> None:
    """The tracer stands by the proposal; an older confirmed one of the same kind ends with the reason."""
    _, record, row = _row(book, enrollment, event)
    if row.state != "PROPOSED":
        return
    book.save(Bundle(events=tuple(_confirming(book, row, measure_rows.rows_of(book, record)))))


def _confirming(book: Book, row: MeasureRow, others: Iterable[MeasureRow]) -> Iterator[Event]:
    """The proposal confirmed, and what it takes over from, ended."""
    yield changed(book, row.record, _signed(book, "CONFIRMED"))
    for other in others:
        same = (other.kind, other.scope) == (row.kind, row.scope)
        if other.event != row.event and same and other.state == "CONFIRMED" and other.is_running:
            replaced: dict[str, str | None] = {
                "ST_MEASURE_STATE": "LAPSED",
                "ST_MEASURE_ENDED_ON": book.today.isoformat(),
                "ST_MEASURE_ENDED_BY": book.work.reach.user,
                "ST_MEASURE_END_REASON": "Erstattet av en ny vurdering.",
            }
            yield changed(book, other.record, replaced)


def confirm_all(book: Book, enrollment: str) -> int:
    """Confirm every waiting proposal of one person; returns how many."""
    person = book.person(files.entity_of(book, enrollment))
    rows = measure_rows.rows_of(book, files.enrollment_of(person, enrollment))
    waiting = _waiting(rows)
    events = [event for row in waiting for event in _confirming(book, row, rows)]
    book.save(Bundle(events=tuple(events)))
    return len(waiting)


def _waiting(rows: Iterable[MeasureRow]) -> list[MeasureRow]:
    return [row for row in rows if row.state == "PROPOSED" and row.is_running]


def confirm_rows(book: Book, views: Iterable[files.ExposureView]) -> int:
    """Confirm many rows of the sheet and the measures that follow, in one import; returns how many.

    A row that is not decided is passed over; the tracer's own judgement stays hers.
    """
    events: dict[str, Event] = {}
    done = 0
    for view in views:
        if view.category == Category.UNDECIDED.value:
            continue
        done += 1
        if view.category_state == "PROPOSED":
            events[view.event] = changed(book, view.record, _stands(book))
        for row in _waiting(view.measures):
            for event in _confirming(book, row, view.measures):
                events[event.event] = event
    book.save(Bundle(events=tuple(events.values())))
    return done


def _stands(book: Book) -> dict[str, str | None]:
    return {
        "ST_CATEGORY_STATE": "CONFIRMED",
        "ST_CATEGORY_BY": book.work.reach.user,
        "ST_CATEGORY_AT": moment_text(book),
    }


def _needs_doctor(book: Book, grounds: str) -> str:
    if not book.work.reach.may("decide"):
        raise Refused("T104", status=403)
    if not grounds.strip():
        raise Refused("T105", status=400)
    return grounds.strip()


def exempt(book: Book, enrollment: str, event: str, grounds: str) -> None:
    """The kommuneoverlege exempts the person from the measure.

    Errors  T104 for everybody else; T105 without grounds.
    """
    told = _needs_doctor(book, grounds)
    _, _, row = _row(book, enrollment, event)
    more = {"ST_MEASURE_GROUNDS": told, "ST_MEASURE_BASIS": "DECISION"}
    book.save(Bundle(events=(changed(book, row.record, {**_signed(book, "EXEMPT"), **more}),)))


def decide_otherwise(
    book: Book, enrollment: str, event: str, until: date | None, grounds: str
) -> None:
    """The kommuneoverlege sets another last day: a vedtak with grounds and right of complaint.

    Errors  T104, T105; T010 when the last day lies before the first.
    """
    told = _needs_doctor(book, grounds)
    _, _, row = _row(book, enrollment, event)
    if until is not None and until < row.from_:
        raise Refused("T010", "Siste dag", "Siste dag kan ikke være før første dag.", status=400)
    more = {
        "ST_MEASURE_GROUNDS": told,
        "ST_MEASURE_BASIS": "DECISION",
        "ST_MEASURE_EARLIEST_END": until.isoformat() if until else None,
    }
    book.save(Bundle(events=(changed(book, row.record, {**_signed(book, "DECIDED"), **more}),)))


def end(book: Book, enrollment: str, event: str, on: date, reason: str = "") -> None:
    """End a measure by an act (avisolering): from then on the person counts as free.

    An isolation ends on two facts, the days and 24 hours without fever (decision 36); earlier only by the
    kommuneoverlege.
    Errors  T106 before the earliest day; T107 without a fever-free day.
    """
    person, record, row = _row(book, enrollment, event)
    doctor = book.work.reach.may("decide")
    if row.kind == "ISOLATION" and not doctor:
        if row.earliest_end is not None and on < row.earliest_end:
            raise Refused("T106", days.with_weekday(row.earliest_end))
        case = facts.case_of(book, person, record)
        if case.symptoms and (
            case.fever_free_since is None or case.fever_free_since > on - timedelta(days=1)
        ):
            raise Refused("T107")
    values: dict[str, str | None] = {
        "ST_MEASURE_STATE": "ENDED",
        "ST_MEASURE_ENDED_ON": on.isoformat(),
        "ST_MEASURE_ENDED_BY": book.work.reach.user,
        "ST_MEASURE_END_REASON": reason.strip() or None,
    }
    book.save(Bundle(events=(changed(book, row.record, values),)))
    decide(book, [person.tracked_entity])


def _exposure(book: Book, enrollment: str, event: str) -> tuple[TrackedEntity, Event]:
    person = book.person(files.entity_of(book, enrollment))
    record = files.enrollment_of(person, enrollment)
    for one in facts.exposures_of(book, record):
        if one.event == event:
            return person, one
    raise Refused("T003", status=404)


def confirm_verdict(book: Book, enrollment: str, event: str) -> None:
    """The tracer stands by the category the rules gave, and by the measures that follow from it."""
    _, exposure = _exposure(book, enrollment, event)
    if book.text(exposure, "ST_CATEGORY") in ("", Category.UNDECIDED.value):
        raise Refused("T010", "Forslag", "Fyll ut det som mangler i raden først.", status=400)
    if book.text(exposure, "ST_CATEGORY_STATE") != "OVERRULED":
        book.save(Bundle(events=(changed(book, exposure, _stands(book)),)))
    confirm_all(book, enrollment)


def overrule_verdict(
    book: Book, enrollment: str, event: str, category: Category, grounds: str
) -> None:
    """The tracer's overall judgement of nearness, with her reason; measures are decided anew.

    Errors  T105 without a reason.
    """
    if not grounds.strip():
        raise Refused("T105", status=400)
    person, exposure = _exposure(book, enrollment, event)
    values: dict[str, str | None] = {
        "ST_CATEGORY": category.value,
        "ST_CATEGORY_STATE": "OVERRULED",
        "ST_CATEGORY_WHY": f"Smittesporerens vurdering: {grounds.strip()}",
        "ST_CATEGORY_BY": book.work.reach.user,
        "ST_CATEGORY_AT": moment_text(book),
    }
    book.save(Bundle(events=(changed(book, exposure, values),)))
    decide(book, [person.tracked_entity])


def may_end_today(book: Book, row: MeasureRow) -> bool:
    """Whether the days of this isolation have passed."""
    return row.earliest_end is not None and row.earliest_end <= book.today


def told(book: Book, enrollment: str, event: str) -> None:
    """The contact has been told: an act of its own, apart from saving (decision 40)."""
    _, exposure = _exposure(book, enrollment, event)
    book.save(Bundle(events=(changed(book, exposure, {"ST_TOLD_AT": moment_text(book)}),)))
