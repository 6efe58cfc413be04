"""Who infected whom: generations, numbers infected, and where to draw each person.

Verbs over (people, links), free of any database. A link is a registered source of infection, or a
proposed one (an exposure) that is drawn dotted and never counted. Knows no rule. Called by
casebook.py and the chain page; the statistics are epidemiology's.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class ChainPerson:
    """One node. `day` is onset, else test, else report; `lane` is a household or place, or ""."""

    uid: str
    day: date | None = None
    lane: str = ""


@dataclass(frozen=True)
class SourceLink:
    """One possible source of one infected person."""

    source: str
    infected: str
    certainty: str = "CERTAIN"  # CERTAIN | PROBABLE | POSSIBLE
    proposed: bool = False


@dataclass(frozen=True)
class Placed:
    """Where to draw a person: x is the day, y the lane's number and the row inside the lane."""

    uid: str
    day: date
    lane: int
    row: int
    guessed: bool  # the day is not known and was put after the source's
    generation: int


@dataclass(frozen=True)
class Edge:
    source: str
    infected: str
    certainty: str
    dotted: bool
    days: int | None  # from the source's day to the infected's, None when one is not known


@dataclass(frozen=True)
class Layout:
    """A picture's data: `lanes` are (name, rows) from the top; `first` and `last` days included."""

    people: tuple[Placed, ...]
    edges: tuple[Edge, ...]
    lanes: tuple[tuple[str, int], ...]
    first: date | None
    last: date | None


def infected_by(links: Iterable[SourceLink]) -> dict[str, int]:
    """How many each source infected, by registered links; each infected person once per source."""
    pairs = {(link.source, link.infected) for link in links if not link.proposed}
    counts: dict[str, int] = defaultdict(int)
    for source, _ in pairs:
        counts[source] += 1
    return dict(counts)


def generations(links: Iterable[SourceLink], proposed: bool = False) -> dict[str, int]:
    """The generation of everybody in the links: 0 without a source, else 1 + the nearest source's.

    Cycles  People who only point at each other have no first; the one met first by uid is 0.
    """
    down, up = _neighbours(links, proposed)
    everybody = sorted(down.keys() | up.keys())
    found: dict[str, int] = {}
    _spread([uid for uid in everybody if not up.get(uid)], down, found)
    for uid in everybody:
        if uid not in found:
            _spread([uid], down, found)
    return found


def chain_of(uid: str, links: Iterable[SourceLink], proposed: bool = False) -> frozenset[str]:
    """Everybody in the same chain: back to its first cases and on to all they led to."""
    down, up = _neighbours(links, proposed)
    return _reach([uid], {key: down.get(key, set()) | up.get(key, set()) for key in down | up})


def infected_from(uid: str, links: Iterable[SourceLink], proposed: bool = False) -> frozenset[str]:
    """Everybody downstream of her, herself included."""
    return _reach([uid], _neighbours(links, proposed)[0])


def sources_of(uid: str, links: Iterable[SourceLink], proposed: bool = False) -> frozenset[str]:
    """Everybody upstream of her, herself included."""
    return _reach([uid], _neighbours(links, proposed)[1])


def in_cycles(links: Iterable[SourceLink]) -> frozenset[str]:
    """People who, by the registered links, led to their own infection: a contradiction to mend."""
    kept = [link for link in links if not link.proposed]
    down, _ = _neighbours(kept, False)
    return frozenset(uid for uid in down if uid in _reach(down[uid], down))


def onset_intervals(people: Iterable[ChainPerson], links: Iterable[SourceLink]) -> tuple[int, ...]:
    """Days from the source's day to the infected's, for each registered link with both known."""
    day = {person.uid: person.day for person in people}
    found: list[int] = []
    for link in _unique(links):
        first, then = day.get(link.source), day.get(link.infected)
        if not link.proposed and first is not None and then is not None:
            found.append((then - first).days)
    return tuple(found)


def layout(
    people: Iterable[ChainPerson], links: Iterable[SourceLink], lanes: str = "place"
) -> Layout:
    """Where each person and link goes: x is the day, lanes are places or generations.

    Shape   `lanes` is "place" (the person's lane, in the order of its first day) or "generation".
            Two people of one lane on one day get different rows. Links to people who are not given
            are left out. A person without a day stands the day after her source, marked guessed.
    """
    given = sorted(people, key=lambda person: (person.day or date.max, person.uid))
    uids = {person.uid for person in given}
    kept = [link for link in _unique(links) if link.source in uids and link.infected in uids]
    generation = generations(kept)
    days = _days(given, kept, generation)
    names = {
        person.uid: (
            f"Generasjon {generation.get(person.uid, 0)}" if lanes == "generation" else person.lane
        )
        for person in given
    }
    ordered = sorted(given, key=lambda person: (days[person.uid], person.uid))
    lane_order = list(dict.fromkeys(names[person.uid] for person in ordered))
    if lanes == "generation":
        lane_order.sort(key=lambda name: int(name.rsplit(" ", 1)[1]))
    taken: dict[tuple[str, date], int] = defaultdict(int)
    rows: dict[str, int] = defaultdict(int)
    placed: list[Placed] = []
    for person in ordered:
        name, day = names[person.uid], days[person.uid]
        row = taken[name, day]
        taken[name, day] += 1
        rows[name] = max(rows[name], row + 1)
        placed.append(
            Placed(
                uid=person.uid,
                day=day,
                lane=lane_order.index(name),
                row=row,
                guessed=person.day is None,
                generation=generation.get(person.uid, 0),
            )
        )
    known = {person.uid: person.day for person in given}
    edges = tuple(
        Edge(
            link.source,
            link.infected,
            link.certainty,
            link.proposed,
            _between(known[link.source], known[link.infected]),
        )
        for link in kept
    )
    return Layout(
        people=tuple(placed),
        edges=edges,
        lanes=tuple((name, rows[name]) for name in lane_order),
        first=min((p.day for p in placed), default=None),
        last=max((p.day for p in placed), default=None),
    )


def _unique(links: Iterable[SourceLink]) -> list[SourceLink]:
    """Each pair once; a registered link hides the proposed one."""
    chosen: dict[tuple[str, str], SourceLink] = {}
    for link in links:
        held = chosen.get((link.source, link.infected))
        if held is None or (held.proposed and not link.proposed):
            chosen[link.source, link.infected] = link
    return sorted(chosen.values(), key=lambda link: (link.source, link.infected))


def _neighbours(
    links: Iterable[SourceLink], proposed: bool
) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    down: dict[str, set[str]] = defaultdict(set)
    up: dict[str, set[str]] = defaultdict(set)
    for link in links:
        if (link.proposed and not proposed) or link.source == link.infected:
            continue
        down[link.source].add(link.infected)
        up[link.infected].add(link.source)
    return dict(down), dict(up)


def _spread(starts: Iterable[str], down: Mapping[str, set[str]], found: dict[str, int]) -> None:
    queue = deque(starts)
    for uid in queue:
        found[uid] = 0
    while queue:
        uid = queue.popleft()
        for infected in sorted(down.get(uid, ())):
            if infected not in found:
                found[infected] = found[uid] + 1
                queue.append(infected)


def _reach(starts: Iterable[str], next_of: Mapping[str, set[str]]) -> frozenset[str]:
    seen = set(starts)
    queue = deque(seen)
    while queue:
        for uid in next_of.get(queue.popleft(), ()):
            if uid not in seen:
                seen.add(uid)
                queue.append(uid)
    return frozenset(seen)


def _days(
    people: list[ChainPerson], links: list[SourceLink], generation: Mapping[str, int]
) -> dict[str, date]:
    """A day for everybody: her own, else the day after her latest source, else the first known."""
    sources: dict[str, list[str]] = defaultdict(list)
    for link in links:
        sources[link.infected].append(link.source)
    first = min((person.day for person in people if person.day is not None), default=date.min)
    days: dict[str, date] = {p.uid: p.day for p in people if p.day is not None}
    for person in sorted(people, key=lambda p: (generation.get(p.uid, 0), p.uid)):
        if person.uid not in days:
            known = [days[source] for source in sources[person.uid] if source in days]
            days[person.uid] = max(known) + timedelta(days=1) if known else first
    return days


def _between(first: date | None, then: date | None) -> int | None:
    return None if first is None or then is None else (then - first).days
