"""Who infected whom, as the records tell it: the chain of a case, of a cluster, of a kommune.

Reads in sets, so that the number of statements does not grow with the chain. A registered source makes a
link; an exposure of somebody without one is a proposal (decision 39). An end out of reach is a node with
its kommune and no name (decision 13). Decides nothing and writes nothing. Called by the chain's page and API.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from smittesporing.epidemiology.offspring import (
    Offspring,
    SerialIntervals,
    offspring,
    serial_intervals,
)
from smittesporing.problems import Refused
from smittesporing.tracing import chains
from smittesporing.tracing.casebook import files
from smittesporing.tracing.casebook.book import Book
from smittesporing.tracing.casebook.links import (
    Away,
    CaseNode,
    ClusterNode,
    ContactNode,
    Link,
    Loaded,
    away_of,
    cases_of,
    clusters_of,
    exposures_in,
    links_in,
    proposals_of,
)

MOST_CASES = 2000


@dataclass(frozen=True)
class Summary:
    """The chain's numbers. `links` are registered, person to person; proposals are never counted.

    infected    enrollment → how many she infected, largest first, those with none too
    intervals   days between onsets, for the links where both are known
    """

    cases: int
    links: int
    with_source: int
    infected: tuple[tuple[str, int], ...]
    intervals: SerialIntervals
    spread: Offspring


@dataclass(frozen=True)
class Chain:
    """People, links and numbers. `start` is the case or cluster asked for; `more` says it was cut.

    `places` names every cluster that somebody here has been at, linked or not.
    """

    start: str
    cases: Mapping[str, CaseNode]
    clusters: Mapping[str, ClusterNode]
    contacts: tuple[ContactNode, ...]
    away: tuple[Away, ...]
    links: tuple[Link, ...]
    summary: Summary
    generations: Mapping[str, int]
    cycles: frozenset[str]
    diseases: Mapping[str, int]
    places: Mapping[str, str]
    more: bool = False

    def sources(self, case: str) -> tuple[Link, ...]:
        """What is said to have infected this case, registered before proposed."""
        found = (link for link in self.links if link.infected == case)
        return tuple(sorted(found, key=lambda link: link.proposed))

    @property
    def count_of(self) -> dict[str, int]:
        return dict(self.summary.infected)


def of_kommune(
    book: Book,
    owners: Collection[int],
    from_: date | None = None,
    to: date | None = None,
    disease: str | None = "",
) -> Chain:
    """All cases that these org units follow up, by the day of onset (both days included).

    disease  one disease's code, "" for all, None for the one with most cases: links and spread of two
             diseases say nothing together.
    """
    rows = book.work.conn.execute(
        """select tracked_entity from tracker.enrollment
            where program = %(program)s and owner = any (%(owners)s::int[]) and not deleted
              and status <> 'CANCELLED'
              and (%(from)s::date is null or occurred_at >= %(from)s::date)
              and (%(to)s::date is null or occurred_at < %(to)s::date + 1)
            order by occurred_at desc, tracked_entity limit %(most)s""",
        {
            "program": book.uid("ST_INDEX"),
            "owners": sorted(set(owners) & set(book.work.reach.read)),
            "from": from_,
            "to": to,
            "most": MOST_CASES + 1,
        },
    ).fetchall()
    chosen = [row["tracked_entity"] for row in rows]
    loaded = Loaded(book, book.people(chosen[:MOST_CASES]))
    loaded = _with_ends(loaded, ("ST_SOURCE_LINK", "ST_SOURCE_CLUSTER_LINK", "ST_PRESENCE_LINK"))
    allowed = set(owners)
    cases = cases_of(loaded)
    kept = {
        uid
        for uid, case in cases.items()
        if case.owner in allowed
        and (from_ is None or (case.day or from_) >= from_)
        and (to is None or (case.day or to) <= to)
    }
    diseases = Counter(cases[uid].disease for uid in kept)
    if disease is None:
        disease = diseases.most_common(1)[0][0] if diseases else ""
    if disease:
        kept = {uid for uid in kept if cases[uid].disease == disease}
    more = len(chosen) > MOST_CASES
    return _chain(loaded, "", kept, cases, with_contacts=False, more=more, diseases=diseases)


def of_case(book: Book, enrollment: str, with_contacts: bool = True) -> Chain:
    """The chain this case stands in: back to its first cases and on to all they led to.

    Errors  T003 when the case is unknown or out of reach.
    """
    entity = files.entity_of(book, enrollment)
    loaded, more = _near(book, [entity], with_contacts)
    cases = cases_of(loaded)
    if enrollment not in cases:
        raise Refused("T003", status=404)
    kept = chains.chain_of(enrollment, _as_sources(links_in(loaded, cases))) | {enrollment}
    return _chain(loaded, enrollment, kept, cases, with_contacts=with_contacts, more=more)


def of_cluster(book: Book, tracked_entity: str, with_contacts: bool = False) -> Chain:
    """The cases among a cluster's people and those it infected, with the chains they stand in.

    Errors  T003 when the cluster is unknown or out of reach.
    """
    rows = book.work.conn.execute(
        """select other_tracked_entity as uid from tracker.relationship_end
            where tracked_entity = %s and type = %s and not deleted""",
        (tracked_entity, book.uid("ST_PRESENCE_LINK")),
    )
    starts = {tracked_entity, *(row["uid"] for row in rows)}
    loaded, more = _near(book, sorted(starts), with_contacts)
    cluster = loaded.people.get(tracked_entity)
    if cluster is None or cluster.type != book.uid("ST_CLUSTER"):
        raise Refused("T003", status=404)
    cases = cases_of(loaded)
    sources = _as_sources(links_in(loaded, cases))
    first = [one.enrollment for one in cluster.in_program(book.uid("ST_CLUSTERS"))]
    first += [uid for uid, case in cases.items() if case.tracked_entity in starts]
    kept: set[str] = set(first)
    for uid in first:
        if uid in kept or uid not in cases:
            kept |= chains.chain_of(uid, sources)
    start = first[0] if first else ""
    return _chain(loaded, start, kept, cases, with_contacts=with_contacts, more=more)


def _near(book: Book, starts: list[str], with_contacts: bool) -> tuple[Loaded, bool]:
    """Everybody along the registered links from these people, and one step of exposures beyond."""
    rows = book.work.conn.execute(
        """with recursive near (uid) as (
             select unnest(%(starts)s::text[])
             union
             select r.other_tracked_entity from near n
               join tracker.relationship_end r on r.tracked_entity = n.uid
              where r.type = any (%(types)s::text[]) and not r.deleted)
           select uid from near limit %(most)s""",
        {
            "starts": starts,
            "types": [book.uid("ST_SOURCE_LINK"), book.uid("ST_SOURCE_CLUSTER_LINK")],
            "most": MOST_CASES + 1,
        },
    ).fetchall()
    loaded = Loaded(book, book.people(row["uid"] for row in rows[:MOST_CASES]))
    loaded = _with_ends(loaded, ("ST_EXPOSURE_LINK", "ST_PRESENCE_LINK"), with_contacts)
    return loaded, len(rows) > MOST_CASES


def _with_ends(loaded: Loaded, types: Iterable[str], with_contacts: bool = True) -> Loaded:
    """The people at the other end of these links too; contacts who are no case only when asked for."""
    book = loaded.book
    wanted = {book.uid(code) for code in types}
    exposure = book.uid("ST_EXPOSURE_LINK")
    ends: set[str] = set()
    below: set[str] = set()
    for person in loaded.people.values():
        for link in person.relationships:
            if link.type in wanted and not link.deleted:
                ends |= {link.from_.tracked_entity, link.to.tracked_entity}
                if link.type == exposure and link.to.tracked_entity != person.tracked_entity:
                    below.add(link.to.tracked_entity)
    ends -= loaded.people.keys()
    if not with_contacts and (below := below - loaded.people.keys()):
        rows = book.work.conn.execute(
            """select distinct tracked_entity from tracker.enrollment
                where tracked_entity = any (%s::text[]) and program = %s and not deleted""",
            (sorted(below), book.uid("ST_INDEX")),
        )
        ends -= below - {row["tracked_entity"] for row in rows}
    return Loaded(book, {**loaded.people, **book.people(ends)})


def _chain(
    loaded: Loaded,
    start: str,
    kept: Collection[str],
    cases: Mapping[str, CaseNode],
    *,
    with_contacts: bool,
    more: bool,
    diseases: Mapping[str, int] | None = None,
) -> Chain:
    registered = [
        link
        for link in links_in(loaded, cases)
        if link.infected in kept or (link.kind == "INDEX" and link.source in kept)
    ]
    exposures = exposures_in(loaded)
    proposed = proposals_of(cases, exposures, kept)
    away, beyond = away_of(loaded, cases, kept)
    links = [*registered, *proposed, *beyond]
    ends = {uid for link in links for uid in (link.source, link.infected)}
    shown = {uid: case for uid, case in cases.items() if uid in kept or uid in ends}
    clusters = {uid: one for uid, one in clusters_of(loaded).items() if uid in ends or uid == start}
    people = {case.tracked_entity for case in shown.values()}
    contacts = tuple(
        ContactNode(
            enrollment=one.contact_enrollment,
            tracked_entity=one.contact,
            name=files.person_view(loaded.book, loaded.people[one.contact]).name,
            index=one.index,
            day=one.last_on,
            household=one.relation == "HOUSEHOLD",
            known=one.known,
        )
        for one in exposures
        if with_contacts and one.index in kept and one.contact not in people
        and one.category != "NOT_CONTACT"
    )  # fmt: skip
    counted = [link for link in registered if link.kind == "INDEX"]
    return Chain(
        start=start,
        cases=shown,
        clusters=clusters,
        contacts=tuple({one.enrollment + one.index: one for one in contacts}.values()),
        away=away,
        links=tuple(links),
        summary=summary_of({uid: c for uid, c in cases.items() if uid in kept}, counted),
        generations=chains.generations(_as_sources(registered)),
        cycles=chains.in_cycles(_as_sources(counted)),
        places={one.tracked_entity: one.name for one in clusters_of(loaded).values()},
        diseases=diseases or Counter(cases[uid].disease for uid in kept if uid in cases),
        more=more,
    )


def summary_of(cases: Mapping[str, CaseNode], links: Iterable[Link]) -> Summary:
    """The numbers of these cases and the registered links between people."""
    pairs = {(link.source, link.infected) for link in links}
    spread = offspring(cases, pairs)
    onsets = {uid: case.onset for uid, case in cases.items()}
    return Summary(
        cases=len(cases),
        links=len(pairs),
        with_source=len({infected for _, infected in pairs}),
        infected=spread.infected,
        intervals=serial_intervals(onsets, pairs),
        spread=spread,
    )


def _as_sources(links: Iterable[Link]) -> list[chains.SourceLink]:
    return [chains.SourceLink(one.source, one.infected, proposed=one.proposed) for one in links]
