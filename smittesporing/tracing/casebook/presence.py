"""A cluster registered and changed, its people added, and its participants made contacts.

Every change goes through the importer. Knows no page and reads no list. Called by pages.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from smittesporing.problems import Refused
from smittesporing.tracing.casebook import register, sheet
from smittesporing.tracing.casebook.book import Book, at_noon
from smittesporing.tracing.casebook.clusters import ClusterFile, ClusterView, moment_of
from smittesporing.tracing.casebook.decide import decide
from smittesporing.tracing.casebook.files import CaseFile
from smittesporing.tracing.casebook.typed import TypedRow
from smittesporing.tracker.records import (
    Bundle,
    End,
    Enrollment,
    Event,
    Relationship,
    TrackedEntity,
)
from smittesporing.uid import new_uid

AT_ONCE = 200


def register_cluster(book: Book, values: Mapping[str, str | None]) -> str:
    """A new place, event or outbreak of one's kommune; returns its uid.

    values   by attribute code, as text. Errors  T010 without a name, a nature or a first day.
    """
    for code, word, what in (
        ("ST_CLUSTER_NAME", "Navn", "Skriv hva stedet eller hendelsen heter."),
        ("ST_CLUSTER_NATURE", "Hva slags", "Velg sted, hendelse eller utbrudd."),
        ("ST_CLUSTER_START", "Første dag", "Skriv dagen det begynte."),
    ):
        if not values.get(code):
            raise Refused("T010", word, what, status=400)
    entity = TrackedEntity(
        tracked_entity=new_uid(),
        type=book.uid("ST_CLUSTER"),
        org_unit=book.org_unit,
        attributes=book.values({code: value for code, value in values.items() if value}),
    )
    enrollment = Enrollment(
        enrollment=new_uid(),
        program=book.uid("ST_CLUSTERS"),
        tracked_entity=entity.tracked_entity,
        org_unit=entity.org_unit,
        status="ACTIVE",
        enrolled_at=book.now,
        occurred_at=at_noon(date.fromisoformat(str(values["ST_CLUSTER_START"]))),
    )
    book.save(Bundle(tracked_entities=(entity,), enrollments=(enrollment,)))
    return entity.tracked_entity


def change_cluster(book: Book, cluster: ClusterView, values: Mapping[str, str | None]) -> None:
    """Keep what is told anew of a cluster; an empty value takes the field away."""
    entity = TrackedEntity(
        tracked_entity=cluster.uid,
        type=book.uid("ST_CLUSTER"),
        org_unit=book.units.by_id[cluster.owner].uid,
        attributes=book.values(values),
    )
    book.save(Bundle(tracked_entities=(entity,)))


@dataclass(frozen=True)
class Added:
    """What adding people did: how many were new, found, and there already."""

    new: int
    found: int
    there: int


def add_people(
    book: Book, file: ClusterFile, rows: Iterable[TypedRow], stay: Mapping[str, str]
) -> Added:
    """People as present, each once; those who are known are found and not registered twice.

    stay    ST_PRESENT_FROM, ST_PRESENT_TO, ST_PRESENT_ROLE for all rows; a row's own days win.
    Errors  T110 when cells of a row cannot be read; T102 when a number is that of somebody elsewhere.
    """
    entities: list[TrackedEntity] = []
    stays: list[tuple[Event, Relationship]] = []
    seen: dict[tuple[str, ...], str] = {}
    there = {one.person.uid for one in file.people}
    new = found = already = 0
    for row in rows:
        if row.errors:
            column, sentence = next(iter(row.errors.items()))
            raise Refused("T110", row.name or column, sentence, status=400)
        key = (row.number,) if row.number else (row.phone, row.given_name, row.family_name)
        known = sheet.known_person(book, row)
        uid = known[0] if known else seen.get(key, "")
        if uid in there:
            already += 1
            continue
        if not uid:
            entity = register.person_record(book, sheet.profile_of(row), None)
            uid = entity.tracked_entity
            entities.append(entity)
            new += 1
        else:
            found += 1
        seen[key] = uid
        there.add(uid)
        told = dict(stay)
        if row.last_on is not None:
            told["ST_PRESENT_FROM"] = f"{(row.first_on or row.last_on).isoformat()}T00:00"
            told["ST_PRESENT_TO"] = f"{row.last_on.isoformat()}T23:59"
        stays.append(present(book, file, uid, told))
    events, links = tuple(e for e, _ in stays), tuple(link for _, link in stays)
    book.save(Bundle(tracked_entities=tuple(entities), events=events, relationships=links))
    return Added(new, found, already)


def present(
    book: Book, file: ClusterFile, person: str, stay: Mapping[str, str]
) -> tuple[Event, Relationship]:
    """A stay and its link, not stored yet."""
    cluster = file.cluster
    told = {code: value for code, value in stay.items() if value}
    from_ = moment_of(told.get("ST_PRESENT_FROM", ""))
    if from_ is None:
        from_ = at_noon(cluster.start or book.today)
        told["ST_PRESENT_FROM"] = f"{(cluster.start or book.today).isoformat()}T00:00"
    told.setdefault("ST_PRESENT_ROLE", "OTHER")
    event = Event(
        event=new_uid(),
        program=book.uid("ST_CLUSTERS"),
        program_stage=book.uid("ST_CLUSTER_PRESENCE"),
        enrollment=cluster.enrollment,
        tracked_entity=cluster.uid,
        org_unit=book.units.by_id[cluster.owner].uid,
        status="ACTIVE",
        occurred_at=from_,
        data=book.values(told),
    )
    link = Relationship(
        relationship=new_uid(),
        type=book.uid("ST_PRESENCE_LINK"),
        from_=End(tracked_entity=person),
        to=End(event=event.event),
    )
    return event, link


def make_contacts(
    book: Book, file: ClusterFile, index: CaseFile, people: Iterable[str], how: TypedRow
) -> int:
    """Chosen people of a cluster become contacts of an index who was there; returns how many.

    The exposure's day is the last day of the person's stay, its setting the cluster's name; `how` may
    say distance, minutes and relation for all. Who is her contact from there already is left as is.
    Errors  T120 when nobody is chosen; T121 when the index was not there.
    """
    wanted = set(people) - {index.person.uid}
    chosen = [one for one in file.people if one.person.uid in wanted]
    if not chosen:
        raise Refused("T120", status=400)
    if index.person.uid not in {one.person.uid for one in file.people}:
        raise Refused("T121", status=400)
    met = {
        view.contact.uid
        for view in index.contacts
        if view.exposure.setting == file.cluster.name
    }  # fmt: skip
    chosen = [one for one in chosen if one.person.uid not in met]
    known = book.people(one.person.uid for one in chosen)
    enrollments: list[Enrollment] = []
    events: list[Event] = []
    links: list[Relationship] = []
    for one in chosen:
        last = min(one.counted.last or file.cluster.start or book.today, book.today)
        enrollment = _open_contact(book, known[one.person.uid])
        if enrollment is None:
            enrollment = Enrollment(
                enrollment=new_uid(),
                program=book.uid("ST_CONTACT"),
                tracked_entity=one.person.uid,
                org_unit=index.enrollment.org_unit,
                status="ACTIVE",
                enrolled_at=book.now,
                occurred_at=at_noon(last),
            )
            enrollments.append(enrollment)
        row = replace(
            how, first_on=one.counted.first, last_on=last, setting=file.cluster.name[:120]
        )
        event = sheet.exposure_event(book, enrollment, row, new_uid())
        events.append(event)
        for code, source in (
            ("ST_EXPOSURE_LINK", index.enrollment.enrollment),
            ("ST_EXPOSURE_CLUSTER_LINK", file.cluster.enrollment),
        ):
            links.append(
                Relationship(
                    relationship=new_uid(),
                    type=book.uid(code),
                    from_=End(enrollment=source),
                    to=End(event=event.event),
                )
            )
    book.save(
        Bundle(enrollments=tuple(enrollments), events=tuple(events), relationships=tuple(links))
    )
    touched = [one.person.uid for one in chosen]
    for at in range(0, len(touched), AT_ONCE):
        book.work.renew()
        decide(book, touched[at : at + AT_ONCE])
    return len(chosen)


def _open_contact(book: Book, person: TrackedEntity) -> Enrollment | None:
    for one in person.in_program(book.uid("ST_CONTACT")):
        if one.status == "ACTIVE" and not one.deleted and one.owner in book.work.reach.write:
            return one
    return None


def take_back(book: Book, file: ClusterFile, event: str) -> None:
    """Undo a stay: the person stays registered, and history keeps the stay. Errors  T003."""
    for enrollment in file.entity.enrollments:
        for one in enrollment.events:
            if one.event == event:
                book.save(Bundle(events=(one,)), "DELETE")
                return
    raise Refused("T003", status=404)


def put_person(book: Book, file: ClusterFile, person: str, stay: Mapping[str, str]) -> None:
    """A person who is registered already as present; one more stay when she was there before."""
    event, link = present(book, file, person, stay)
    book.save(Bundle(events=(event,), relationships=(link,)))
