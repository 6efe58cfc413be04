"""The contact sheet: rows judged as one types, saved as persons, enrollments and exposures linked to the index.

A person who is known is found and not registered twice; a row can be taken back. Knows no page. Called by
pages and by tests.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from smittesporing.problems import Refused
from smittesporing.tracing.casebook import facts, files, register
from smittesporing.tracing.casebook.book import Book, at_noon
from smittesporing.tracing.casebook.decide import decide
from smittesporing.tracing.casebook.measure_rows import changed
from smittesporing.tracing.casebook.typed import TypedRow
from smittesporing.tracing.people import WhoTells
from smittesporing.tracker.records import (
    Bundle,
    End,
    Enrollment,
    Event,
    Relationship,
    TrackedEntity,
)
from smittesporing.uid import new_uid

HIDDEN_NUMBER = "•••••• •••••"
HIDDEN_PHONE = "•• •• •• ••"


@dataclass(frozen=True)
class Saved:
    """Where a row ended: its exposure event, the contact's enrollment and person, and how it was found.

    `match` is NEW, NUMBER (same national number), PHONE (same phone and name) or ROW (the row itself).
    """

    event: str
    enrollment: str
    tracked_entity: str
    match: str


def known_person(book: Book, row: TypedRow) -> tuple[str, str] | None:
    """(uid, how found) of the person a row names, within one's reach; None when she is new.

    By national number, else by phone together with the whole name: siblings share a telephone, and a
    name alone never decides. A typed number that is not hers tells two people apart.
    Errors  T102 when the number is that of somebody another kommune follows up.
    """
    if row.number and "number" not in row.errors:
        uid = register.known_as(book, row.number)
        if uid is not None:
            if not register.within_reach(book, uid):
                raise Refused("T102")
            return uid, "NUMBER"
    if row.phone and row.family_name:
        found = book.work.conn.execute(
            """select tracked_entity from tracker.tracked_entity
                where tracked_entity in (select tracker.candidates(%(pattern)s, 50)) and not deleted
                  and owners && %(reach)s::int[]
                  and attributes #>> array[%(phone)s, 'value'] = %(number)s
                  and lower(attributes #>> array[%(family)s, 'value']) = lower(%(family_name)s)
                  and lower(attributes #>> array[%(given)s, 'value']) = lower(%(given_name)s)
                  and (%(without)s or attributes #>> array[%(national)s, 'value'] is null)
                order by created_at limit 1""",
            {
                "pattern": f"%{row.phone.lower()}%",
                "reach": list(book.work.reach.read),
                "phone": book.uid("ST_PHONE"),
                "number": row.phone,
                "family": book.uid("ST_FAMILY_NAME"),
                "family_name": row.family_name,
                "given": book.uid("ST_GIVEN_NAME"),
                "given_name": row.given_name,
                "national": book.uid("ST_NATIONAL_ID"),
                "without": not row.number,
            },
        ).fetchone()
        if found is not None:
            return str(found["tracked_entity"]), "PHONE"
    return None


def save_row(
    book: Book, index: files.CaseFile, row: TypedRow, exposure: str = "", version: str = ""
) -> Saved:
    """Keep a row: person + enrollment + exposure, linked to the index; an existing row is changed.

    Errors  T110 when cells cannot be read; T007 when its cells are not those of `version` any more.
    """
    saved, bundle = prepared(book, index, row, exposure, version)
    book.save(bundle)
    decide(book, [saved.tracked_entity])
    return saved


def save_rows(book: Book, index: files.CaseFile, rows: list[TypedRow]) -> list[Saved]:
    """Keep many rows at once, all or nothing; the same person twice in the list is one person."""
    saved: list[Saved] = []
    bundles: list[Bundle] = []
    seen: dict[tuple[str, str], Saved] = {}
    for row in rows:
        # Two of the same name without number and telephone may be two people.
        key = (row.number, "") if row.number else (row.phone, row.name.lower())
        if key[0] and key in seen:
            saved.append(seen[key])
            continue
        one, bundle = prepared(book, index, row, "", "")
        seen[key] = one
        saved.append(one)
        bundles.append(bundle)
    book.save(
        Bundle(
            tracked_entities=tuple(r for b in bundles for r in b.tracked_entities),
            enrollments=tuple(r for b in bundles for r in b.enrollments),
            events=tuple(r for b in bundles for r in b.events),
            relationships=tuple(r for b in bundles for r in b.relationships),
        )
    )
    people = sorted({one.tracked_entity for one in saved})
    for at in range(0, len(people), 200):
        book.work.renew()
        decide(book, people[at : at + 200])
    return saved


def prepared(
    book: Book, index: files.CaseFile, row: TypedRow, exposure: str, version: str
) -> tuple[Saved, Bundle]:
    """The records of one row, not stored yet."""
    if row.errors:
        column, sentence = next(iter(row.errors.items()))
        raise Refused("T110", row.name or column, sentence, status=400)
    if exposure:
        return _changed_row(book, index, row, exposure, version)
    known = known_person(book, row)
    person = book.person(known[0]) if known else None
    entity = register.person_record(book, profile_of(row), person)
    enrollment = _open_contact(book, person) if person else None
    made: tuple[Enrollment, ...] = ()
    if enrollment is None:
        enrollment = Enrollment(
            enrollment=new_uid(),
            program=book.uid("ST_CONTACT"),
            tracked_entity=entity.tracked_entity,
            org_unit=index.enrollment.org_unit,
            status="ACTIVE",
            enrolled_at=book.now,
            occurred_at=at_noon(row.last_on or book.today),
        )
        made = (enrollment,)
    event = exposure_event(book, enrollment, row, new_uid())
    link = Relationship(
        relationship=new_uid(),
        type=book.uid("ST_EXPOSURE_LINK"),
        from_=End(enrollment=index.enrollment.enrollment),
        to=End(event=event.event),
    )
    saved = Saved(
        event.event, enrollment.enrollment, entity.tracked_entity, known[1] if known else "NEW"
    )
    return saved, Bundle(
        tracked_entities=(entity,), enrollments=made, events=(event,), relationships=(link,)
    )


def _open_contact(book: Book, person: TrackedEntity) -> Enrollment | None:
    for one in person.in_program(book.uid("ST_CONTACT")):
        if one.status == "ACTIVE" and not one.deleted and one.owner in book.work.reach.write:
            return one
    return None


def _changed_row(
    book: Book, index: files.CaseFile, row: TypedRow, exposure: str, version: str
) -> tuple[Saved, Bundle]:
    for view in index.contacts:
        if view.event == exposure:
            if version and cells_version(view) != version:
                raise Refused("T007")
            person = book.person(view.contact.uid)
            enrollment = files.enrollment_of(person, view.contact_enrollment)
            entity = register.person_record(book, profile_of(row), person)
            if not row.phone and not view.contact.is_protected:
                entity = replace_phone(book, entity)
            event = exposure_event(book, enrollment, row, exposure)
            saved = Saved(exposure, view.contact_enrollment, view.contact.uid, "ROW")
            return saved, Bundle(tracked_entities=(entity,), events=(event,))
    raise Refused("T003", status=404)


def replace_phone(book: Book, entity: TrackedEntity) -> TrackedEntity:
    """The record with the telephone taken away: an emptied cell means it is no longer hers."""
    values = {**entity.attributes, **book.values({"ST_PHONE": None})}
    return TrackedEntity(
        tracked_entity=entity.tracked_entity,
        type=entity.type,
        org_unit=entity.org_unit,
        attributes=values,
    )


def cells_of(view: files.ExposureView) -> dict[str, str]:
    """A stored row as its cells: dates in ISO, codes for relations; a number is never shown."""
    exposure, contact = view.exposure, view.contact

    def text(value: object) -> str:
        return "" if value is None else str(value)

    return {
        "name": f"{contact.given_name} {contact.family_name}".strip() or contact.name,
        "number": HIDDEN_NUMBER if contact.has_number else "",
        "phone": HIDDEN_PHONE if contact.is_protected and contact.phone else contact.phone,
        "relation": exposure.relation.value if exposure.relation else "",
        "first": text(exposure.first_on),
        "last": "ONGOING" if exposure.ongoing else text(exposure.last_on),
        "distance": "" if exposure.distance_m is None else f"{exposure.distance_m:g}",
        "minutes": text(exposure.minutes),
        "setting": exposure.setting,
    }


def cells_version(view: files.ExposureView) -> str:
    """A fingerprint of the row's cells: a verdict or a measure beside them does not change it."""
    return hashlib.sha256(repr(sorted(cells_of(view).items())).encode()).hexdigest()[:12]


def known_before(book: Book, views: Iterable[files.ExposureView]) -> frozenset[str]:
    """The rows (by event) whose person was registered before the row was written."""
    rows = book.work.conn.execute(
        """select e.event from tracker.event e join tracker.tracked_entity t using (tracked_entity)
            where e.event = any (%s) and t.created_at < e.created_at""",
        ([view.event for view in views],),
    ).fetchall()
    return frozenset(row["event"] for row in rows)


def tell_by(book: Book, index: files.CaseFile, who: WhoTells | None, only: str = "") -> int:
    """Say who informs the contacts that nobody has told yet, or the `only` row; None: by the rules."""
    events = tuple(
        changed(book, view.record, {"ST_WHO_TELLS": who.value if who else None})
        for view in index.contacts
        if only in ("", view.event)
        and not view.told_at
        and view.who_tells != (who.value if who else "")
    )
    book.save(Bundle(events=events))
    decide(book, sorted({event.tracked_entity for event in events}))
    return len(events)


def profile_of(row: TypedRow) -> dict[str, str | None]:
    """What a row tells of the person herself."""
    return {
        "ST_GIVEN_NAME": row.given_name,
        "ST_FAMILY_NAME": row.family_name,
        "ST_NATIONAL_ID": row.number,
        "ST_PHONE": row.phone,
        "ST_BIRTH_DATE": row.birth_on.isoformat() if row.birth_on else None,
    }


def exposure_event(book: Book, enrollment: Enrollment, row: TypedRow, uid: str) -> Event:
    """The exposure as an event of the contact; cells that are empty take their value away."""

    def text(value: object) -> str | None:
        return None if value in (None, "") else str(value)

    distance = None if row.distance_m is None else f"{row.distance_m:g}"
    values: dict[str, str | None] = {
        "ST_DISEASE": register.DISEASE,
        "ST_EXPOSURE_SOURCE": "INDEX",
        "ST_RELATION": row.relation.value if row.relation else None,
        "ST_FIRST_CONTACT": text(row.first_on),
        "ST_LAST_CONTACT": text(row.last_on),
        "ST_CONTACT_ONGOING": "true" if row.ongoing else None,
        "ST_DISTANCE_M": distance,
        "ST_MINUTES": text(row.minutes),
        "ST_CONTACT_SETTING": text(row.setting),
    }
    return Event(
        event=uid,
        program=enrollment.program,
        program_stage=book.uid("ST_CONTACT_EXPOSURE"),
        enrollment=enrollment.enrollment,
        tracked_entity=enrollment.tracked_entity,
        org_unit=enrollment.org_unit,
        status="ACTIVE",
        occurred_at=at_noon(row.last_on or book.today),
        data=book.values(values),
    )


def take_back(book: Book, index: files.CaseFile, exposure: str) -> None:
    """Undo a row: its exposure goes, and a contact left without any exposure is cancelled.

    Nothing is deleted for good: history keeps the row, and the person stays registered.
    """
    for view in index.contacts:
        if view.event != exposure:
            continue
        book.save(Bundle(events=(view.record,)), "DELETE")
        person = book.person(view.contact.uid)
        enrollment = files.enrollment_of(person, view.contact_enrollment)
        if not facts.exposures_of(book, enrollment):
            register.set_status(book, enrollment.enrollment, "CANCELLED")
        else:
            decide(book, [person.tracked_entity])
        return
    raise Refused("T003", status=404)
