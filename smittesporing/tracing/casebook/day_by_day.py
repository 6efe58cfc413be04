"""The infectious days one by one: who the case met that day, written while she tells.

A person met on several days is one contact whose days grow; somebody new becomes a row of the contact
sheet. Judges nothing itself. Called by web/pages/day_by_day.py.
"""

from datetime import date

from smittesporing.problems import Refused
from smittesporing.tracing.casebook import measure_rows, sheet
from smittesporing.tracing.casebook.book import Book, at_noon
from smittesporing.tracing.casebook.decide import decide
from smittesporing.tracing.casebook.files import CaseFile, ExposureView
from smittesporing.tracing.casebook.typed import TypedRow
from smittesporing.tracker.records import Bundle, Event


def met_on(view: ExposureView, day: date) -> bool:
    """Whether the contact's days include this one; an open contact includes every day since the first."""
    exposure = view.exposure
    end = day if exposure.ongoing else exposure.last_on
    return end is not None and (exposure.first_on or end) <= day <= end


def add(book: Book, file: CaseFile, row: TypedRow, day: date) -> str:
    """Somebody met that day, as typed; one already on the sheet gets the day too. The exposure's uid."""
    for view in file.contacts:
        same_phone = bool(row.phone) and view.contact.phone == row.phone
        same_name = (
            view.contact.name.casefold() == f"{row.given_name} {row.family_name}".strip().casefold()
        )
        if same_name and (same_phone or not row.phone or not view.contact.phone):
            met_too(book, file, view.event, day)
            return view.event
    return sheet.save_row(book, file, row).event


def met_too(book: Book, file: CaseFile, exposure: str, day: date) -> None:
    """The contact's days grow to include this one. Errors  T003 for a contact that is not this case's."""
    view = next((one for one in file.contacts if one.event == exposure), None)
    if view is None:
        raise Refused("T003", status=404)
    if met_on(view, day):
        return
    last = view.exposure.last_on
    first = view.exposure.first_on or last
    changes: dict[str, str | None] = {}
    if first is None or day < first:
        changes["ST_FIRST_CONTACT"] = day.isoformat()
    if not view.exposure.ongoing and (last is None or day > last):
        changes["ST_LAST_CONTACT"] = day.isoformat()
        if first is not None:
            changes["ST_FIRST_CONTACT"] = first.isoformat()
    event = measure_rows.changed(book, view.record, changes)
    book.save(Bundle(events=(_on(event, max(day, last or day)),)))
    decide(book, [view.contact.uid])


def _on(event: Event, day: date) -> Event:
    """An exposure stands on the day of the last contact."""
    return Event(
        event=event.event,
        program=event.program,
        program_stage=event.program_stage,
        enrollment=event.enrollment,
        tracked_entity=event.tracked_entity,
        org_unit=event.org_unit,
        status=event.status,
        occurred_at=at_noon(day),
        data=event.data,
    )
