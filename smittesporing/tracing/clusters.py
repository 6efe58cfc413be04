"""The people of a place, an event or an outbreak, each once, and how many fell ill.

Only counts and sorts what it is handed: presences and what each person is. Knows no storage, and
no rates: those are epidemiology's. Called by casebook.py and the cluster's page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from smittesporing.tracing.days import business_day

BEFORE_DAYS = 5  # the old service's window began five days before the cluster
AFTER_DAYS = 14  # somebody infected on the last day may fall ill within the incubation time


class Group(StrEnum):
    CASE = "CASE"
    CONTACT = "CONTACT"
    ELSEWHERE = "ELSEWHERE"  # followed up by another kommune
    NEITHER = "NEITHER"  # present, but no case and no contact in the cluster's days


@dataclass(frozen=True)
class Presence:
    """One person's stay; the ends are moments, None when not known."""

    person: str
    role: str = "OTHER"  # VISITOR | STAFF | RESIDENT | PUPIL | ORGANISER | OTHER
    from_: datetime | None = None
    to: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """What a person is: the days she became a case (onset, else test) and was a contact."""

    person: str
    case_on: tuple[date, ...] = ()
    contact_on: tuple[date, ...] = ()
    elsewhere: str = ""  # the kommune that follows her up, when it is not ours


@dataclass(frozen=True)
class ClusterPerson:
    """One person of the cluster: every role she had there, her first and last day."""

    person: str
    group: Group
    roles: tuple[str, ...]
    first: date | None
    last: date | None
    case_on: date | None = None
    elsewhere: str = ""


@dataclass(frozen=True)
class AttackCount:
    """Numerator and denominator of one attack rate; `unidentified` is part of `present`."""

    role: str
    ill: int
    present: int
    unidentified: int = 0


def people_of(
    presences: Iterable[Presence],
    standings: Iterable[Standing],
    start: date,
    end: date | None,
    before_days: int = BEFORE_DAYS,
    after_days: int = AFTER_DAYS,
) -> tuple[ClusterPerson, ...]:
    """The people of the cluster, each once; a case before a contact before neither.

    Shape   A case counts from `before_days` before the start to `after_days` after the end, both
            days included; without an end the cluster is still open. A contact counts by the same
            days. Somebody followed up elsewhere is ELSEWHERE, with `case_on` kept for counting.
    """
    first = start - timedelta(days=before_days)
    last = None if end is None else end + timedelta(days=after_days)
    known = {standing.person: standing for standing in standings}
    stays: dict[str, list[Presence]] = {}
    for presence in presences:
        stays.setdefault(presence.person, []).append(presence)
    people: list[ClusterPerson] = []
    for person, own in stays.items():
        standing = known.get(person, Standing(person))
        case_on = _inside(standing.case_on, first, last)
        contact_on = _inside(standing.contact_on, first, last)
        group = Group.CASE if case_on else Group.CONTACT if contact_on else Group.NEITHER
        days = [business_day(m) for stay in own for m in (stay.from_, stay.to) if m is not None]
        people.append(
            ClusterPerson(
                person=person,
                group=Group.ELSEWHERE if standing.elsewhere else group,
                roles=tuple(dict.fromkeys(stay.role for stay in own)),
                first=min(days, default=None),
                last=max(days, default=None),
                case_on=case_on,
                elsewhere=standing.elsewhere,
            )
        )
    order = list(Group)
    return tuple(sorted(people, key=lambda p: (order.index(p.group), p.person)))


def attack_counts(
    people: Iterable[ClusterPerson],
    unidentified: int = 0,
    sources: frozenset[str] = frozenset(),
) -> tuple[AttackCount, ...]:
    """Ill among present, per role and for all (role ""), each person once.

    Shape   A person with several roles counts under the first. `sources` brought the infection and
            are in neither number. `unidentified` people are in the total's denominator only.
    """
    counted = [person for person in people if person.person not in sources]
    roles = sorted({person.roles[0] for person in counted if person.roles})
    rows = [
        AttackCount(role, _ill(chosen), len(chosen))
        for role in roles
        for chosen in [[p for p in counted if p.roles[:1] == (role,)]]
    ]
    total = AttackCount("", _ill(counted), len(counted) + unidentified, unidentified)
    return (*rows, total)


def _ill(people: Iterable[ClusterPerson]) -> int:
    return sum(1 for person in people if person.case_on is not None)


def _inside(days: Iterable[date], first: date, last: date | None) -> date | None:
    return min((d for d in days if first <= d and (last is None or d <= last)), default=None)
