"""Handing over a case or a contact to another kommune: asked, accepted, refused, withdrawn.

The sender keeps the duty until the receiver accepts (decision 3); only then do the records move, and what
follows from them is decided anew under the receiver's rules. Each step is kept as an event in the stage
*Overføring* by the side that owns the records: a refusal when the sender has read it. The rows that move
are `tracker.ownership`'s. Called by pages.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from smittesporing.access import agreements
from smittesporing.access.org_units import KOMMUNE_LEVEL, OrgUnit
from smittesporing.problems import Refused
from smittesporing.tracing.casebook import calls, facts, files, measure_rows
from smittesporing.tracing.casebook.book import Book
from smittesporing.tracing.casebook.decide import decide
from smittesporing.tracing.casebook.files import PersonView
from smittesporing.tracing.casebook.measure_rows import moment_text
from smittesporing.tracing.casebook.tasks import PLANNED
from smittesporing.tracker import ownership
from smittesporing.tracker.ownership import Transfer
from smittesporing.tracker.records import Bundle, Enrollment, Event, TrackedEntity
from smittesporing.uid import new_uid

ALL = ("ASKED", "ACCEPTED", "REFUSED", "WITHDRAWN")


@dataclass(frozen=True)
class TransferView:
    """A hand-over as a page shows it.

    `person` is filled for the side that owns the records now: the sender while she waits, the receiver
    once it has accepted. `asked_by` is a name, never a user name.
    """

    transfer: Transfer
    incoming: bool
    from_name: str
    to_name: str
    is_index: bool
    asked_by: str
    answered_by: str
    person: PersonView | None
    unread: bool

    @property
    def href(self) -> str:
        return ("/indeks/" if self.is_index else "/kontakt/") + self.transfer.enrollment


def receivers(book: Book) -> list[OrgUnit]:
    """The kommuner that have the service in use, but for one's own, by name."""
    own = _kommune(book, book.work.reach.working_in or 0)
    active = {
        unit
        for unit, one in agreements.all_agreements(book.work.conn).items()
        if agreements.is_active(one)
    }
    found = [u for u in book.units.level(KOMMUNE_LEVEL) if u.id in active and u.id != own]
    return sorted(found, key=lambda unit: unit.name)


def _kommune(book: Book, owner: int) -> int:
    unit = book.units.by_id.get(owner)
    return (unit.kommune or unit.id) if unit else owner


def ask(book: Book, enrollment: str, to: int | None, reason: str) -> Transfer:
    """Ask another kommune to take over an open episode; nothing moves yet.

    Errors  T010 without a kommune that has the service in use, or without a reason; T003 when the
            episode is not one's own; T204 when one is asked for already.
    """
    if to is None or to not in {unit.id for unit in receivers(book)}:
        raise Refused(
            "T010", "Kommune", "Velg en kommune som har tatt tjenesten i bruk.", status=400
        )
    if not reason.strip():
        raise Refused("T010", "Hvorfor?", "Skriv hvorfor kommunen skal ta over.", status=400)
    person = book.person(files.entity_of(book, enrollment))
    record = files.enrollment_of(person, enrollment)
    if record.status != "ACTIVE" or record.owner not in book.work.reach.write:
        raise Refused("T003", status=404)
    asked = ownership.ask(book.work, enrollment, to, reason.strip())
    values: dict[str, str | None] = {
        "ST_TRANSFER_FROM": book.units.by_id[_kommune(book, record.owner)].code,
        "ST_TRANSFER_TO": book.units.by_id[to].code,
        "ST_TRANSFER_STATE": "ASKED",
        "ST_TRANSFER_REASON": reason.strip(),
        "ST_TRANSFER_AT": moment_text(book),
    }
    event = Event(
        event=new_uid(),
        program=record.program,
        program_stage=book.uid(_stage(book, record)),
        enrollment=enrollment,
        tracked_entity=person.tracked_entity,
        org_unit=record.org_unit,
        status="ACTIVE",
        occurred_at=book.now,
        data=book.values(values),
    )
    book.save(Bundle(events=(event,)))
    return asked


def _stage(book: Book, record: Enrollment) -> str:
    is_index = record.program == book.uid("ST_INDEX")
    return "ST_INDEX_TRANSFER" if is_index else "ST_CONTACT_TRANSFER"


def accept(book: Book, transfer: str) -> Transfer:
    """The records are ours from now on; nobody here has the calls yet, and all is decided anew."""
    given = ownership.answer(book.work, transfer, accept=True)
    book.forget()
    person = book.person(given.tracked_entity)
    record = files.enrollment_of(person, given.enrollment)
    _tell(book, record, "ACCEPTED", "")
    planned = [e for e in record.events if e.event and _is_call(book, e) and e.assigned_user]
    calls.assign_many(book, [(given.enrollment, one.event) for one in planned], None)
    decide(book, [given.tracked_entity])
    return given


def _is_call(book: Book, event: Event) -> bool:
    stages = {book.uid("ST_INDEX_FOLLOW_UP"), book.uid("ST_CONTACT_FOLLOW_UP")}
    return event.program_stage in stages and event.status in PLANNED and not event.deleted


def refuse(book: Book, transfer: str, reason: str) -> Transfer:
    """Say no, and why; the sender goes on. Errors  T010 without a reason; T204 when it is closed."""
    if not reason.strip():
        raise Refused("T010", "Hvorfor?", "Skriv hvorfor kommunen ikke tar over.", status=400)
    return ownership.answer(book.work, transfer, accept=False, text=reason.strip())


def withdraw(book: Book, transfer: str) -> Transfer:
    """Take back what nobody has answered. Errors  T204 when it is answered or not one's own."""
    taken = ownership.withdraw(book.work, transfer)
    person = book.person(taken.tracked_entity)
    _tell(book, files.enrollment_of(person, taken.enrollment), "WITHDRAWN", "")
    return taken


def acknowledge(book: Book, transfer: str) -> Transfer:
    """The sender has read the refusal; it is kept with the case. Errors  T204 when it was not refused."""
    refused = ownership.one(book.work, transfer)
    if refused.state != "REFUSED" or refused.from_owner not in book.work.reach.write:
        raise Refused("T204")
    person = book.person(refused.tracked_entity)
    record = files.enrollment_of(person, refused.enrollment)
    _tell(book, record, "REFUSED", refused.answer or "")
    return refused


def _tell(book: Book, record: Enrollment, state: str, answer: str) -> None:
    """Write the outcome on the event that asked; one that is told already is left alone."""
    for event in book.stage(record, _stage(book, record)):
        if book.text(event, "ST_TRANSFER_STATE") == "ASKED":
            values: dict[str, str | None] = {"ST_TRANSFER_STATE": state}
            if answer:
                values["ST_TRANSFER_ANSWER"] = answer
            book.save(Bundle(events=(measure_rows.changed(book, event, values),)))


def listed(
    book: Book, states: tuple[str, ...] = ALL, enrollment: str = ""
) -> tuple[TransferView, ...]:
    """Hand-overs to and from the kommune one works in, newest first, as much as one may see of each.

    `enrollment` keeps only those of one episode.
    """
    here = set(book.work.reach.write)
    found = [
        one
        for one in ownership.transfers(book.work, states)
        if here & {one.from_owner, one.to_owner} and enrollment in ("", one.enrollment)
    ]
    return _views(book, found)


def _views(book: Book, found: Iterable[Transfer]) -> tuple[TransferView, ...]:
    found = list(found)
    mine = set(book.work.reach.write)
    held = {
        one.tracked_entity
        for one in found
        if (one.state == "ACCEPTED" and one.to_owner in mine)
        or (one.state != "ACCEPTED" and one.from_owner in mine)
    }
    people = book.people(held) if held else {}
    names = _names(book, found)
    return tuple(_view(book, one, people.get(one.tracked_entity), names) for one in found)


def _view(
    book: Book, one: Transfer, person: TrackedEntity | None, names: dict[str, str]
) -> TransferView:
    record = None
    if person is not None:
        record = next((e for e in person.enrollments if e.enrollment == one.enrollment), None)
    told = record is not None and any(
        book.text(e, "ST_TRANSFER_STATE") == "ASKED"
        for e in book.stage(record, _stage(book, record))
    )
    sender = one.from_owner in book.work.reach.write
    return TransferView(
        transfer=one,
        incoming=one.to_owner in book.work.reach.write,
        from_name=_unit(book, one.from_owner),
        to_name=_unit(book, one.to_owner),
        is_index=one.program == book.uid("ST_INDEX"),
        asked_by=names.get(one.asked_by, ""),
        answered_by=names.get(one.answered_by or "", ""),
        person=files.person_view(book, person) if person and record else None,
        unread=one.state == "REFUSED" and sender and told,
    )


def _unit(book: Book, owner: int) -> str:
    unit = book.units.by_id.get(_kommune(book, owner))
    return unit.name if unit else ""


def _names(book: Book, found: Iterable[Transfer]) -> dict[str, str]:
    """user name → name, for those who asked and answered."""
    wanted = {name for one in found for name in (one.asked_by, one.answered_by) if name}
    if not wanted:
        return {}
    rows = book.work.conn.execute(
        """select username, first_name || ' ' || surname as name from access.user_account
            where username = any (%s)""",
        (sorted(wanted),),
    ).fetchall()
    return {row["username"]: row["name"] for row in rows}


def of_enrollment(book: Book, enrollment: str) -> TransferView | None:
    """The newest hand-over of this episode that its page should tell of; None when there is none."""
    return next(iter(listed(book, enrollment=enrollment)), None)


def waiting(book: Book) -> int:
    """How many hand-overs wait for an answer from the kommune one works in; shows nobody."""
    row = book.work.conn.execute(
        "select count(*) as n from tracker.transfer where state = 'ASKED' and to_owner = any (%s)",
        (list(book.work.reach.write),),
    ).fetchone()
    return int(row["n"]) if row else 0


def answered(book: Book) -> tuple[TransferView, ...]:
    """Refusals that the sender has not read yet."""
    return tuple(one for one in listed(book, ("REFUSED",)) if one.unread)


def contacts_beside(book: Book, enrollment: str) -> int:
    """How many of an index's contacts stay with the sender when the index moves."""
    person = book.person(files.entity_of(book, enrollment))
    return len(set(facts.exposed_by(book, person, enrollment).values()))


def waits_since(view: TransferView, now: datetime) -> int:
    """Whole days that the hand-over has waited."""
    return max((now - view.transfer.asked_at).days, 0)
