"""The parts of a chain out of records: cases, clusters, exposures, registered and proposed links.

Works on people already read; only `away_of` asks the database, once. Called by chain.py and sources.py.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from smittesporing.tracing.casebook import facts, files
from smittesporing.tracing.casebook.book import Book, oslo_day
from smittesporing.tracing.clusters import AFTER_DAYS
from smittesporing.tracker.records import Enrollment, Event, TrackedEntity


@dataclass(frozen=True)
class CaseNode:
    """One index case. `day` is onset, else test, else report; `known` the day it was registered.

    told        ABROAD or UNKNOWN when that is what is registered of the source, else ""
    has_source  whether any source is registered, be its other end read or not
    setting     where the infection is registered to have happened; "" when nobody has said
    household   one key for all who live together, as the exposures tell; "" when not known
    places      the clusters she has been at
    """

    enrollment: str
    tracked_entity: str
    number: str
    name: str
    family_name: str
    age: int | None
    onset: date | None
    day: date | None
    known: date | None
    status: str
    owner: int
    disease: str = ""
    told: str = ""
    has_source: bool = False
    setting: str = ""
    household: str = ""
    places: tuple[str, ...] = ()
    source_id: str = ""


@dataclass(frozen=True)
class ClusterNode:
    """A place, event or outbreak somebody was infected at."""

    enrollment: str
    tracked_entity: str
    name: str
    nature: str
    kind: str
    start: date | None


@dataclass(frozen=True)
class ContactNode:
    """A contact who is no case, at the index she met; `day` is their last contact."""

    enrollment: str
    tracked_entity: str
    name: str
    index: str
    day: date | None
    household: bool
    known: date | None


@dataclass(frozen=True)
class Away:
    """An end out of reach: only its kommune is known. `is_source` tells which end it is."""

    id: str
    kommune: str
    is_source: bool


@dataclass(frozen=True)
class Link:
    """One source of one infected case. Ends are enrollments; of one out of reach, `Away.id`.

    `kind` is INDEX, EVENT or AWAY; `event` is the registered ST_INDEX_SOURCE or the exposure.
    """

    source: str
    infected: str
    kind: str
    certainty: str
    says: str
    setting: str
    event: str
    proposed: bool = False


@dataclass(frozen=True)
class Exposed:
    """One index × one contact."""

    index: str
    contact: str
    contact_enrollment: str
    event: str
    relation: str
    category: str
    setting: str
    first_on: date | None
    last_on: date | None
    known: date | None


@dataclass(frozen=True)
class Loaded:
    """People and clusters that were read, with what is looked up among them."""

    book: Book
    people: Mapping[str, TrackedEntity]

    @cached_property
    def events(self) -> dict[str, tuple[TrackedEntity, Enrollment, Event]]:
        """event uid → the person, enrollment and event."""
        return {
            event.event: (person, enrollment, event)
            for person in self.people.values()
            for enrollment in person.enrollments
            for event in enrollment.events
        }

    def ends(self, code: str) -> Iterable[tuple[str, str, str]]:
        """(from person, from enrollment, to event) of the links of this type, each once."""
        kind = self.book.uid(code)
        found = {
            link.relationship: (link.from_.tracked_entity, link.from_.enrollment, link.to.event)
            for person in self.people.values()
            for link in person.relationships
            if link.type == kind and not link.deleted
        }
        return found.values()

    @cached_property
    def places(self) -> dict[str, tuple[str, ...]]:
        """person → the clusters she has been at, oldest presence first."""
        found: dict[str, tuple[str, ...]] = {}
        kind = self.book.uid("ST_PRESENCE_LINK")
        for person in self.people.values():
            for link in person.relationships:
                at, who = link.to.tracked_entity, link.from_.tracked_entity
                if link.type == kind and not link.deleted and at not in found.get(who, ()):
                    found[who] = (*found.get(who, ()), at)
        return found


def cases_of(loaded: Loaded) -> dict[str, CaseNode]:
    """enrollment → the index case, for all that were read and not ruled out or taken back."""
    book = loaded.book
    households = _households(loaded)
    found: dict[str, CaseNode] = {}
    for person in loaded.people.values():
        for enrollment in person.in_program(book.uid("ST_INDEX")):
            interview = facts.interview_of(book, enrollment)
            status = book.text(interview, "ST_CASE_STATUS")
            if enrollment.deleted or enrollment.status == "CANCELLED" or status == "RULED_OUT":
                continue
            shown = files.person_view(book, person)
            sources = book.stage(enrollment, "ST_INDEX_SOURCE")
            kinds = {book.text(one, "ST_SOURCE_KIND") for one in sources}
            settings = [s for one in sources if (s := book.text(one, "ST_SOURCE_SETTING"))]
            onset = book.day(interview, "ST_ONSET_DATE")
            found[enrollment.enrollment] = CaseNode(
                enrollment=enrollment.enrollment,
                tracked_entity=person.tracked_entity,
                number=files.case_number(book, enrollment),
                name=shown.name,
                family_name=shown.family_name,
                age=shown.age,
                onset=onset,
                day=onset or _day(book, enrollment, interview),
                known=oslo_day(enrollment.enrolled_at),
                status=status or "SUSPECTED",
                owner=enrollment.owner,
                disease=book.text(interview, "ST_DISEASE"),
                told=next((kind for kind in ("ABROAD", "UNKNOWN") if kind in kinds), ""),
                has_source=bool(kinds),
                setting=settings[0] if settings else "",
                household=households.get(person.tracked_entity, ""),
                places=loaded.places.get(person.tracked_entity, ()),
                source_id=book.text(person, "ST_SOURCE_ID"),
            )
    return found


def _day(book: Book, enrollment: Enrollment, interview: Event | None) -> date | None:
    tests = facts.tests_of(book, enrollment)
    if tests:
        return tests[0].on
    return book.day(interview, "ST_REPORT_DATE") or oslo_day(enrollment.occurred_at)


def clusters_of(loaded: Loaded) -> dict[str, ClusterNode]:
    """enrollment → the cluster, for those that were read."""
    book = loaded.book
    return {
        enrollment.enrollment: ClusterNode(
            enrollment=enrollment.enrollment,
            tracked_entity=one.tracked_entity,
            name=book.text(one, "ST_CLUSTER_NAME"),
            nature=book.text(one, "ST_CLUSTER_NATURE"),
            kind=book.text(one, "ST_CLUSTER_KIND"),
            start=book.day(one, "ST_CLUSTER_START"),
        )
        for one in loaded.people.values()
        if one.type == book.uid("ST_CLUSTER")
        for enrollment in one.in_program(book.uid("ST_CLUSTERS"))
    }


def links_in(loaded: Loaded, cases: Mapping[str, CaseNode]) -> list[Link]:
    """The registered links whose ends were both read."""
    book = loaded.book
    clusters = clusters_of(loaded)
    found: list[Link] = []
    for code, kind, sources in (
        ("ST_SOURCE_LINK", "INDEX", cases.keys()),
        ("ST_SOURCE_CLUSTER_LINK", "EVENT", clusters.keys()),
    ):
        for _, source, to in loaded.ends(code):
            if to not in loaded.events or source not in sources:
                continue
            _, infected, event = loaded.events[to]
            if infected.enrollment in cases and infected.enrollment != source:
                found.append(
                    Link(
                        source=source,
                        infected=infected.enrollment,
                        kind=kind,
                        certainty=book.text(event, "ST_SOURCE_CERTAINTY"),
                        says=book.text(event, "ST_SOURCE_SAYS"),
                        setting=book.text(event, "ST_SOURCE_SETTING"),
                        event=event.event,
                    )
                )
    return sorted(found, key=lambda link: (link.source, link.infected, link.event))


def exposures_in(loaded: Loaded) -> list[Exposed]:
    """The exposures whose contact was read."""
    book = loaded.book
    found: list[Exposed] = []
    for _, index, to in loaded.ends("ST_EXPOSURE_LINK"):
        if to not in loaded.events:
            continue
        person, enrollment, event = loaded.events[to]
        last = book.day(event, "ST_LAST_CONTACT") or oslo_day(event.occurred_at)
        found.append(
            Exposed(
                index=index,
                contact=person.tracked_entity,
                contact_enrollment=enrollment.enrollment,
                event=event.event,
                relation=book.text(event, "ST_RELATION"),
                category=book.text(event, "ST_CATEGORY"),
                setting=book.text(event, "ST_CONTACT_SETTING"),
                first_on=book.day(event, "ST_FIRST_CONTACT") or last,
                last_on=last,
                known=oslo_day(enrollment.enrolled_at),
            )
        )
    return sorted(found, key=lambda one: (one.index, one.contact, one.event))


def proposals_of(
    cases: Mapping[str, CaseNode],
    exposures: Iterable[Exposed],
    kept: Collection[str],
) -> list[Link]:
    """Exposures that may be the source of a case nobody has registered a source for.

    A meeting counts when it began before the case fell ill and ended at most 14 days earlier: the
    incubation time. At least one end must be among `kept`.
    """
    own: dict[str, list[CaseNode]] = {}
    for case in cases.values():
        own.setdefault(case.tracked_entity, []).append(case)
    found: dict[tuple[str, str], Link] = {}
    for one in exposures:
        for case in own.get(one.contact, ()):
            known = one.index in cases and one.index != case.enrollment
            if not known or case.has_source or one.category == "NOT_CONTACT":
                continue
            if case.enrollment not in kept and one.index not in kept:
                continue
            if _fits(one, case.day):
                link = Link(
                    one.index, case.enrollment, "INDEX", "", "", one.setting, one.event, True
                )
                found[one.index, case.enrollment] = link
    return list(found.values())


def _fits(one: Exposed, day: date | None) -> bool:
    if day is None or one.first_on is None or one.last_on is None:
        return False
    return one.first_on <= day and one.last_on >= day - timedelta(days=AFTER_DAYS)


def away_of(
    loaded: Loaded, cases: Mapping[str, CaseNode], kept: Collection[str]
) -> tuple[tuple[Away, ...], list[Link]]:
    """The ends of registered sources that lie out of reach, by kommune, and the links to them."""
    book = loaded.book
    uids = {cases[uid].tracked_entity for uid in kept if uid in cases}
    if not uids:
        return (), []
    rows = book.work.conn.execute(
        "select * from tracker.beyond(%s, %s) order by relationship",
        (",".join(sorted(uids)), [book.uid("ST_SOURCE_LINK")]),
    ).fetchall()
    found: list[Away] = []
    links: list[Link] = []
    for row in rows:
        is_source = row["side"] == "to"
        event = loaded.events.get(row["event"] or "")
        here = event[1].enrollment if is_source and event else row["enrollment"]
        if here not in kept or here not in cases:
            continue
        away = Away(f"annen-{row['relationship']}", kommune_name(book, row["owner"]), is_source)
        found.append(away)
        told = event[2] if is_source and event else None
        links.append(
            Link(
                source=away.id if is_source else here,
                infected=here if is_source else away.id,
                kind="AWAY",
                certainty=book.text(told, "ST_SOURCE_CERTAINTY"),
                says=book.text(told, "ST_SOURCE_SAYS"),
                setting=book.text(told, "ST_SOURCE_SETTING"),
                event=row["event"] or "",
            )
        )
    return tuple(found), links


def kommune_name(book: Book, owner: int) -> str:
    """The name of the kommune that an org unit lies in."""
    unit = book.units.by_id.get(owner)
    kommune = book.units.by_id.get(unit.kommune) if unit and unit.kommune else unit
    return kommune.name if kommune else ""


def _households(loaded: Loaded) -> dict[str, str]:
    """person → the key of those she lives with, joined over all household exposures."""
    book = loaded.book
    kind = book.uid("ST_EXPOSURE_LINK")
    over: dict[str, str] = {}

    def top(uid: str) -> str:
        while over.get(uid, uid) != uid:
            uid = over[uid]
        return uid

    for person in loaded.people.values():
        for link in person.relationships:
            found = loaded.events.get(link.to.event) if link.type == kind else None
            if found and book.text(found[2], "ST_RELATION") == "HOUSEHOLD":
                one, other = sorted((top(link.from_.tracked_entity), top(link.to.tracked_entity)))
                over.setdefault(one, one)
                over[other] = one
    return {uid: top(uid) for uid in over}
