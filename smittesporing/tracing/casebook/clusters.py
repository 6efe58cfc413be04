"""Places, events and outbreaks, and who was there, as pages show them.

A cluster is a tracked entity with one enrollment; each stay is an event in it, linked from the person, who
need not be a case or a contact (decisions 30 and 41). Writes nothing: presence.py does. Called by pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from smittesporing.problems import Refused
from smittesporing.settings import OSLO
from smittesporing.tracing import clusters as counting
from smittesporing.tracing.casebook import facts, files
from smittesporing.tracing.casebook.book import Book, oslo_day
from smittesporing.tracing.casebook.files import PersonView
from smittesporing.tracing.casebook.links import kommune_name
from smittesporing.tracing.clusters import AttackCount, ClusterPerson, Presence, Standing
from smittesporing.tracker.records import (
    Enrollment,
    TrackedEntity,
)

MOST = 500


@dataclass(frozen=True)
class ClusterView:
    """What a cluster is. `nature` PLACE, EVENT or OUTBREAK; without `end` it is still going on."""

    uid: str
    enrollment: str
    name: str
    nature: str
    kind: str
    address: str
    start: date | None
    end: date | None
    unidentified: int
    contact_name: str
    contact_phone: str
    owner: int
    version: int


@dataclass(frozen=True)
class Stay:
    """One time a person was there: the event and its ends as registered."""

    event: str
    person: str
    role: str
    from_: datetime | None
    to: datetime | None
    note: str


@dataclass(frozen=True)
class Participant:
    """One person of a cluster, once, with all her stays and the open cases she has."""

    person: PersonView
    counted: ClusterPerson
    stays: tuple[Stay, ...]
    index: str = ""
    number: str = ""
    contact: str = ""


@dataclass(frozen=True)
class ClusterFile:
    """A cluster as its page shows it. `beyond`: kommune → people there whom one cannot read."""

    cluster: ClusterView
    people: tuple[Participant, ...]
    attack: tuple[AttackCount, ...]
    beyond: Mapping[str, int]
    entity: TrackedEntity

    @property
    def indexes(self) -> tuple[Participant, ...]:
        """Those present who are index cases one may trace from."""
        return tuple(one for one in self.people if one.index)


@dataclass(frozen=True)
class Listed:
    """A cluster in a list, with how many known people were there and how many of them fell ill."""

    cluster: ClusterView
    present: int
    ill: int


# Reading -----------------------------------------------------------------------------------------------


def view_of(book: Book, entity: TrackedEntity) -> ClusterView:
    """Errors  T003 when the tracked entity is no cluster."""
    records = [r for r in entity.in_program(book.uid("ST_CLUSTERS")) if not r.deleted]
    if entity.type != book.uid("ST_CLUSTER") or not records:
        raise Refused("T003", status=404)
    return ClusterView(
        uid=entity.tracked_entity,
        enrollment=records[0].enrollment,
        name=book.text(entity, "ST_CLUSTER_NAME"),
        nature=book.text(entity, "ST_CLUSTER_NATURE"),
        kind=book.text(entity, "ST_CLUSTER_KIND"),
        address=book.text(entity, "ST_CLUSTER_ADDRESS"),
        start=book.day(entity, "ST_CLUSTER_START") or oslo_day(records[0].occurred_at),
        end=book.day(entity, "ST_CLUSTER_END"),
        unidentified=book.whole(entity, "ST_CLUSTER_UNIDENTIFIED") or 0,
        contact_name=book.text(entity, "ST_CLUSTER_CONTACT_NAME"),
        contact_phone=book.text(entity, "ST_CLUSTER_CONTACT_PHONE"),
        owner=records[0].owner,
        version=entity.version,
    )


def listing(book: Book, nature: str = "") -> tuple[Listed, ...]:
    """The clusters within reach, newest first day first; at most 500."""
    rows = book.work.conn.execute(
        """select tracked_entity from tracker.enrollment
            where program = %s and owner = any (%s::int[]) and not deleted and status <> 'CANCELLED'
            order by occurred_at desc nulls last, tracked_entity limit %s""",
        (book.uid("ST_CLUSTERS"), list(book.work.reach.read), MOST),
    ).fetchall()
    found = book.people(row["tracked_entity"] for row in rows)
    present = {uid: {stay.person for stay in stays_of(book, one)} for uid, one in found.items()}
    views = {uid: view_of(book, one) for uid, one in found.items()}
    everybody = sorted(set().union(*present.values()))
    cases: dict[str, list[date]] = {}
    for row in book.work.conn.execute(
        """select tracked_entity, occurred_at from tracker.enrollment
            where tracked_entity = any (%s::text[]) and program = %s and not deleted
              and status <> 'CANCELLED'""",
        (everybody, book.uid("ST_INDEX")),
    ):
        day = oslo_day(row["occurred_at"])
        if day is not None:
            cases.setdefault(row["tracked_entity"], []).append(day)
    listed = []
    for row in rows:
        view = views.get(row["tracked_entity"])
        if view is None or (nature and view.nature != nature):
            continue
        who = present[view.uid]
        standings = [Standing(uid, tuple(cases.get(uid, ()))) for uid in who]
        counted = counting.people_of(
            [Presence(uid) for uid in who], standings, view.start or date.min, view.end
        )
        ill = sum(1 for one in counted if one.case_on)
        listed.append(Listed(view, len(who), ill))
    return tuple(listed)


def stays_of(book: Book, entity: TrackedEntity) -> tuple[Stay, ...]:
    """The stays at this cluster whose person may be read, oldest first."""
    kind = book.uid("ST_PRESENCE_LINK")
    who = {
        link.to.event: link.from_.tracked_entity
        for link in entity.relationships
        if link.type == kind and not link.deleted
    }
    stays = [
        Stay(
            event=event.event,
            person=who[event.event],
            role=book.text(event, "ST_PRESENT_ROLE") or "OTHER",
            from_=moment_of(book.text(event, "ST_PRESENT_FROM")) or event.occurred_at,
            to=moment_of(book.text(event, "ST_PRESENT_TO")),
            note=book.text(event, "ST_PRESENT_NOTE"),
        )
        for enrollment in entity.in_program(book.uid("ST_CLUSTERS"))
        for event in book.stage(enrollment, "ST_CLUSTER_PRESENCE")
        if event.event in who
    ]
    return tuple(stays)


def moment_of(text: str) -> datetime | None:
    """A DATETIME value; Norwegian time where no zone is said, None when it cannot be read."""
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found.replace(tzinfo=OSLO) if found and found.tzinfo is None else found


def cluster_file(book: Book, tracked_entity: str) -> ClusterFile:
    """The cluster with its people. Errors  T003 when it is unknown, out of reach or no cluster."""
    entity = book.person(tracked_entity)
    view = view_of(book, entity)
    stays: dict[str, list[Stay]] = {}
    for stay in stays_of(book, entity):
        stays.setdefault(stay.person, []).append(stay)
    found = book.people(stays)
    presences = [
        Presence(uid, stay.role, stay.from_, stay.to)
        for uid in found
        for stay in stays[uid]
    ]  # fmt: skip
    standings = [standing_of(book, person) for person in found.values()]
    counted = counting.people_of(presences, standings, view.start or date.min, view.end)
    people = tuple(
        _participant(book, found[one.person], one, tuple(stays[one.person])) for one in counted
    )
    people = tuple(sorted(people, key=_order))
    sources = frozenset[str]()
    return ClusterFile(
        cluster=view,
        people=people,
        attack=counting.attack_counts(counted, view.unidentified, sources),
        beyond=_beyond(book, view.uid),
        entity=entity,
    )


def _order(one: Participant) -> tuple[int, str, str]:
    group = list(counting.Group).index(one.counted.group)
    return group, one.person.family_name or one.person.name, one.person.given_name


def standing_of(book: Book, person: TrackedEntity) -> Standing:
    """What a person is, by her own records: days as case and contact, and who follows her up."""
    own = [one for one in person.enrollments if not one.deleted and one.status != "CANCELLED"]
    cases = [one for one in own if one.program == book.uid("ST_INDEX")]
    contacts = [one for one in own if one.program == book.uid("ST_CONTACT")]
    here = set(book.work.reach.read)
    elsewhere = ""
    if not cases and not contacts and not here.issuperset(person.owners):
        elsewhere = kommune_name(book, next(o for o in person.owners if o not in here))
    met = [
        book.day(event, "ST_LAST_CONTACT") or oslo_day(event.occurred_at)
        for one in contacts
        for event in facts.exposures_of(book, one)
    ]
    return Standing(
        person=person.tracked_entity,
        case_on=tuple(day for one in cases if (day := oslo_day(one.occurred_at))),
        contact_on=tuple(day for day in met if day is not None),
        elsewhere=elsewhere,
    )


def _participant(
    book: Book, person: TrackedEntity, counted: ClusterPerson, stays: tuple[Stay, ...]
) -> Participant:
    def newest(code: str) -> Enrollment | None:
        found = [
            one
            for one in person.in_program(book.uid(code))
            if not one.deleted and one.status != "CANCELLED"
        ]
        return found[-1] if found else None

    index, contact = newest("ST_INDEX"), newest("ST_CONTACT")
    return Participant(
        person=files.person_view(book, person),
        counted=counted,
        stays=stays,
        index=index.enrollment if index else "",
        number=files.case_number(book, index) if index else "",
        contact=contact.enrollment if contact else "",
    )


def _beyond(book: Book, cluster: str) -> dict[str, int]:
    rows = book.work.conn.execute(
        "select owner from tracker.beyond(%s, %s)", (cluster, [book.uid("ST_PRESENCE_LINK")])
    ).fetchall()
    found: dict[str, int] = {}
    for row in rows:
        name = kommune_name(book, row["owner"])
        found[name] = found.get(name, 0) + 1
    return found


def places_of_person(
    book: Book, person: TrackedEntity, near: Mapping[str, TrackedEntity] | None = None
) -> tuple[tuple[ClusterView, Stay], ...]:
    """The clusters she has been at, with each stay, newest first; `near` holds them when read already."""
    kind = book.uid("ST_PRESENCE_LINK")
    uids = {
        link.to.tracked_entity
        for link in person.relationships
        if link.type == kind
        and not link.deleted
        and link.from_.tracked_entity == person.tracked_entity
    }
    known = book.people(uids) if near is None else near
    found = [
        (view_of(book, known[uid]), stay)
        for uid in sorted(uids & known.keys())
        for stay in stays_of(book, known[uid])
        if stay.person == person.tracked_entity
    ]
    return tuple(sorted(found, key=lambda pair: str(pair[1].from_), reverse=True))


def names(book: Book) -> tuple[tuple[str, str], ...]:
    """(enrollment, name) of the clusters of one's reach, newest first; tells of nobody who was there."""
    rows = book.work.conn.execute(
        """select e.enrollment, t.attributes #>> array[%(name)s, 'value'] as name
             from tracker.enrollment e
             join tracker.tracked_entity t using (tracked_entity)
            where e.program = %(program)s and e.owner = any (%(reach)s::int[])
              and not e.deleted and e.status <> 'CANCELLED' and not t.deleted
            order by e.occurred_at desc nulls last, e.enrollment limit %(most)s""",
        {
            "name": book.uid("ST_CLUSTER_NAME"),
            "program": book.uid("ST_CLUSTERS"),
            "reach": list(book.work.reach.read),
            "most": MOST,
        },
    ).fetchall()
    return tuple((row["enrollment"], row["name"] or "") for row in rows)
