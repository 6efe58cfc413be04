"""The source of a case: what is registered, what the exposures propose, and how it is kept.

A source is an event with its kind, certainty and who says so, and a link to the index or cluster it is
(decision 39). Judges no probability. Called by pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from smittesporing.problems import Refused
from smittesporing.tracing.casebook import clusters, facts, files
from smittesporing.tracing.casebook.book import Book, at_noon, oslo_day
from smittesporing.tracing.casebook.files import CaseFile
from smittesporing.tracing.casebook.links import kommune_name
from smittesporing.tracing.casebook.measure_rows import changed
from smittesporing.tracker import read
from smittesporing.tracker.records import Bundle, End, Event, Relationship, TrackedEntity
from smittesporing.uid import new_uid

LINKS = {"INDEX": "ST_SOURCE_LINK", "EVENT": "ST_SOURCE_CLUSTER_LINK"}
TOLD = (
    "ST_SOURCE_KIND",
    "ST_SOURCE_CERTAINTY",
    "ST_SOURCE_SAYS",
    "ST_SOURCE_SETTING",
    "ST_SOURCE_NOTE",
)


@dataclass(frozen=True)
class SourceView:
    """One registered source. `to` is the index's or cluster's enrollment, "" when none is known.

    `name` is the person's or cluster's; of one out of reach `kommune` is all that is known.
    """

    event: str
    kind: str
    certainty: str
    says: str
    setting: str
    note: str
    to: str
    tracked_entity: str
    name: str
    number: str
    kommune: str
    link: str
    version: int
    record: Event


@dataclass(frozen=True)
class Option:
    """Somebody or something that may be the source: `met` is their last contact or her last stay."""

    kind: str
    enrollment: str
    tracked_entity: str
    name: str
    number: str
    met: date | None
    setting: str


def around(book: Book, file: CaseFile) -> dict[str, TrackedEntity]:
    """The people and clusters that may tell of her source, read at once for the functions below."""
    kinds = {
        book.uid(code)
        for code in (*LINKS.values(), "ST_EXPOSURE_LINK", "ST_PRESENCE_LINK")
    }  # fmt: skip
    own = file.person.uid
    ends = {
        uid
        for link in file.entity.relationships
        if link.type in kinds and not link.deleted
        for uid in (link.from_.tracked_entity, link.to.tracked_entity)
        if uid != own
        and (link.to.tracked_entity == own or link.type == book.uid("ST_PRESENCE_LINK"))
    }
    return book.people(ends)


def registered(
    book: Book, file: CaseFile, near: Mapping[str, TrackedEntity] | None = None
) -> tuple[SourceView, ...]:
    """The case's registered sources, oldest first; `near` as `around` gives it."""
    kinds = {book.uid(code) for code in LINKS.values()}
    links = {
        link.to.event: link
        for link in file.entity.relationships
        if link.type in kinds and not link.deleted
    }
    mine = {event.event for event in file.sources}
    people = around(book, file) if near is None else near
    away: dict[str, str] = {}
    if any(event not in links for event in mine):
        away = {
            row["event"]: kommune_name(book, row["owner"])
            for row in book.work.conn.execute(
                "select event, owner from tracker.beyond(%s, %s)",
                (file.person.uid, sorted(kinds)),
            )
        }
    found = []
    for event in file.sources:
        link = links.get(event.event)
        end = link.from_ if link else End()
        other = people.get(end.tracked_entity)
        name = number = ""
        if other is not None and other.type == book.uid("ST_CLUSTER"):
            name = book.text(other, "ST_CLUSTER_NAME")
        elif other is not None:
            name = files.person_view(book, other).name
            number = next(
                (
                    files.case_number(book, one)
                    for one in other.enrollments
                    if one.enrollment == end.enrollment
                ),
                "",
            )
        found.append(
            SourceView(
                event=event.event,
                kind=book.text(event, "ST_SOURCE_KIND"),
                certainty=book.text(event, "ST_SOURCE_CERTAINTY"),
                says=book.text(event, "ST_SOURCE_SAYS"),
                setting=book.text(event, "ST_SOURCE_SETTING"),
                note=book.text(event, "ST_SOURCE_NOTE"),
                to=end.enrollment,
                tracked_entity=end.tracked_entity,
                name=name,
                number=number,
                kommune=away.get(event.event, ""),
                link=link.relationship if link else "",
                version=event.version,
                record=event,
            )
        )
    return tuple(found)


def options(
    book: Book, file: CaseFile, near: Mapping[str, TrackedEntity] | None = None
) -> tuple[Option, ...]:
    """Who and what the records point at: indexes she was exposed to, then clusters she was at."""
    people = around(book, file) if near is None else near
    exposures = {
        event.event: event
        for one in file.entity.in_program(book.uid("ST_CONTACT"))
        for event in facts.exposures_of(book, one)
    }
    sources = facts.source_cases(book, file.entity)
    found: dict[str, Option] = {}
    for uid, (entity, enrollment) in sources.items():
        event, person = exposures.get(uid), people.get(entity)
        if event is None or person is None or enrollment == file.enrollment.enrollment:
            continue
        number = next(
            (
                files.case_number(book, one)
                for one in person.enrollments
                if one.enrollment == enrollment
            ),
            "",
        )
        found[enrollment] = Option(
            "INDEX",
            enrollment,
            entity,
            files.person_view(book, person).name,
            number,
            book.day(event, "ST_LAST_CONTACT") or oslo_day(event.occurred_at),
            book.text(event, "ST_CONTACT_SETTING"),
        )
    for view, stay in clusters.places_of_person(book, file.entity, people):
        found.setdefault(
            view.enrollment,
            Option(
                "EVENT",
                view.enrollment,
                view.uid,
                view.name,
                "",
                oslo_day(stay.to or stay.from_),
                "",
            ),
        )
    return tuple(found.values())


def by_number(book: Book, number: str) -> str:
    """The enrollment of the case with this number within reach. Errors  T122 when there is none."""
    events = read.events_where(
        book.work,
        stages=[book.uid("ST_INDEX_INTERVIEW")],
        data={book.uid("ST_CASE_NUMBER"): [number.strip()]},
        limit=1,
    )
    if not events:
        raise Refused("T122", number.strip()[:20], status=400)
    return events[0].enrollment


def save(
    book: Book, file: CaseFile, values: Mapping[str, str | None], to: str = "", event: str = ""
) -> str:
    """Register a source, or change the one that `event` names; returns the event's uid.

    values  by code (ST_SOURCE_*). to: enrollment of the index or cluster, for the kinds INDEX and EVENT.
    Errors  T123 when kind or end is missing; T124 when it is the case herself; T003 for an unknown event.
    """
    kind = values.get("ST_SOURCE_KIND") or ""
    if not kind or (kind in LINKS and not to):
        raise Refused("T123", status=400)
    if to == file.enrollment.enrollment:
        raise Refused("T124", status=400)
    told = {code: values.get(code) or None for code in TOLD}
    if kind in ("UNKNOWN",):
        told |= {"ST_SOURCE_CERTAINTY": None, "ST_SOURCE_SAYS": None, "ST_SOURCE_SETTING": None}
    old = None
    if event:
        old = next((one for one in registered(book, file) if one.event == event), None)
        if old is None:
            raise Refused("T003", status=404)
        record = changed(book, old.record, told)
    else:
        record = Event(
            event=new_uid(),
            program=file.enrollment.program,
            program_stage=book.uid("ST_INDEX_SOURCE"),
            enrollment=file.enrollment.enrollment,
            tracked_entity=file.person.uid,
            org_unit=file.enrollment.org_unit,
            status="ACTIVE",
            occurred_at=at_noon(_day(book, file)),
            data=book.values({code: value for code, value in told.items() if value}),
        )
    if old is not None and old.link and (old.to != to or old.kind != kind):
        book.save(Bundle(relationships=(Relationship(relationship=old.link),)), "DELETE")
    links: tuple[Relationship, ...] = ()
    if kind in LINKS and not (old is not None and old.link and old.to == to and old.kind == kind):
        links = (
            Relationship(
                relationship=new_uid(),
                type=book.uid(LINKS[kind]),
                from_=End(enrollment=to),
                to=End(event=record.event),
            ),
        )
    book.save(Bundle(events=(record,), relationships=links))
    return record.event


def _day(book: Book, file: CaseFile) -> date:
    assumed = book.day(file.interview, "ST_ASSUMED_INFECTION_DATE")
    return assumed or oslo_day(file.enrollment.occurred_at) or book.today


def take_back(book: Book, file: CaseFile, event: str) -> None:
    """Undo a registered source; history keeps it. Errors  T003 when it is not of this case."""
    for one in file.sources:
        if one.event == event:
            book.save(Bundle(events=(one,)), "DELETE")
            return
    raise Refused("T003", status=404)
