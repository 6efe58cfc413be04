"""Synthetic waves of infection: the same people, chains and payloads for the same seed and size.

A chain starts with one case; each case has a negative-binomial number of contacts (mean 4), some of whom
become cases in their turn, to ten generations. Numbers and telephones come from ranges that belong to
nobody. Knows no server: org units come in as identifiers. Called by the driver and by tests.
"""

import math
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

import msgspec

from bench.model import (
    EXPOSED,
    FOLLOW_UP,
    INVESTIGATION,
    OPTIONS,
    PERSON,
    PROGRAM,
    A,
    D,
    kommuner,
    uid,
)

CONTACTS_MEAN, CONTACTS_K = 4.0, 0.5
# Nine of ten people are somebody's contact when each contact becomes a case with this chance.
BECOMES_CASE = (1 - CONTACTS_MEAN / 9) / CONTACTS_MEAN
DEEPEST = 10
STAYS = 0.9
FIRST_DAY, DAYS = date(2021, 6, 1), 90
SIZES = {"S": 100_000, "M": 1_000_000, "L": 5_000_000}
# Where numbering of people begins who are added while measuring.
FIRST_EXTRA = 6_000_000

Body = dict[str, Any]
_FIRST = ("Bra", "Dre", "Fli", "Glo", "Kne", "Mju", "Plo", "Ska", "Tri", "Vre")
_MIDDLE = ("ba", "da", "fe", "gi", "ko", "lu", "mø", "ny", "på", "ræ")
_LAST = ("dal", "fjær", "glim", "kvist", "lykt", "moln", "nebb", "rim", "stein", "vind")


@dataclass(frozen=True, slots=True)
class Person:
    """One person of a chain. `source` is who exposed her; `number` is hers alone."""

    number: int
    kommune: str
    day: date
    depth: int
    is_case: bool
    follow_ups: int
    source: int | None = None

    @property
    def uid(self) -> str:
        return uid("person", self.number)

    @property
    def enrollment(self) -> str:
        return uid("enrollment", self.number)

    @property
    def objects(self) -> int:
        """Tracked entity, enrollment, events and the relationship from her source."""
        return 3 + self.follow_ups + (self.source is not None)


@dataclass(frozen=True, slots=True)
class Payload:
    """One body for `POST /api/tracker`, and how many objects stand in it."""

    body: bytes
    objects: int


def national_id(number: int) -> str:
    """An id that belongs to nobody: its month is 81 to 92, as in the tax office's test population."""
    day, month, year = number % 28 + 1, number // 28 % 12 + 81, number // 336 % 80 + 20
    return f"{day:02}{month:02}{year:02}{number // 26_880 % 100_000:05}"


def birth_date(number: int) -> date:
    return date(1920 + number // 336 % 80, number // 28 % 12 + 1, number % 28 + 1)


def phone(number: int) -> str:
    """A telephone number that belongs to nobody: no Norwegian subscriber's begins with 1."""
    return f"+471{number:07}"


def given_name(number: int) -> str:
    draw = random.Random(number)
    return draw.choice(_FIRST) + draw.choice(_MIDDLE)


def family_name(number: int) -> str:
    draw = random.Random(-number)
    return draw.choice(_FIRST) + draw.choice(_MIDDLE) + draw.choice(_LAST)


def chains(seed: int, persons: int) -> Iterator[list[Person]]:
    """Chains of exactly so many people in all, each list from its first case and downwards."""
    draw = random.Random(seed)
    places = kommuner()
    numbers = [one.number for one in places]
    weights = list(accumulate(one.population for one in places))
    made = 0
    while made < persons:
        kommune = draw.choices(numbers, cum_weights=weights)[0]
        day = FIRST_DAY + timedelta(days=draw.randrange(DAYS))
        chain = [Person(made, kommune, day, 0, True, draw.randint(2, 4))]
        made += 1
        for case in chain:
            if not case.is_case:
                continue
            for _ in range(_contacts(draw)):
                if made == persons:
                    break
                stays = draw.random() < STAYS
                where = case.kommune if stays else draw.choices(numbers, cum_weights=weights)[0]
                infected = case.depth + 1 < DEEPEST and draw.random() < BECOMES_CASE
                when = case.day + timedelta(days=draw.randint(1, 6))
                chain.append(
                    Person(made, where, when, case.depth + 1, infected, draw.randint(2, 4),
                           case.number)
                )  # fmt: skip
                made += 1
        yield chain


def _contacts(draw: random.Random) -> int:
    """A negative-binomial number: Poisson with a gamma-distributed mean, by Knuth's product."""
    limit = math.exp(-draw.gammavariate(CONTACTS_K, CONTACTS_MEAN / CONTACTS_K))
    count, product = 0, draw.random()
    while product > limit:
        count += 1
        product *= draw.random()
    return count


# Payloads ----------------------------------------------------------------------------------------------


def person_body(person: Person, org_unit: str) -> Body:
    """The person with her enrollment and events, as DHIS2 nests them."""
    draw = random.Random(person.number)
    number, day = person.number, person.day
    attributes = {
        "given": given_name(number),
        "family": family_name(number),
        "national id": national_id(number),
        "phone": phone(number),
        "birth date": birth_date(number).isoformat(),
        "sex": OPTIONS["sex"][number % 2],
        "kommune": person.kommune,
    }
    investigated = {
        "status": "CONFIRMED" if person.is_case else "CONTACT",
        "setting": draw.choice(OPTIONS["setting"]),
        "symptoms": "true" if person.is_case else "false",
        "last contact": day.isoformat(),
    }
    if person.is_case:
        investigated["onset"] = (day - timedelta(days=1)).isoformat()
    events = [_event(person, 0, INVESTIGATION, day, org_unit, investigated)]
    for visit in range(1, person.follow_ups + 1):
        temperature = 36 + draw.randrange(40) / 10
        answers = {"temperature": f"{temperature:.1f}", "reached": "true"}
        at = day + timedelta(days=visit)
        events.append(_event(person, visit, FOLLOW_UP, at, org_unit, answers))
    return {
        "trackedEntity": person.uid,
        "trackedEntityType": PERSON,
        "orgUnit": org_unit,
        "attributes": [{"attribute": A[name], "value": text} for name, text in attributes.items()],
        "enrollments": [
            {
                "enrollment": person.enrollment,
                "program": PROGRAM,
                "orgUnit": org_unit,
                "enrolledAt": day.isoformat(),
                "occurredAt": day.isoformat(),
                "status": "ACTIVE",
                "events": events,
            }
        ],
    }


def event_uid(person: Person, visit: int) -> str:
    return uid("event", person.number, visit)


def _event(
    person: Person, visit: int, stage: str, at: date, org_unit: str, values: Mapping[str, str]
) -> Body:
    return {
        "event": event_uid(person, visit),
        "program": PROGRAM,
        "programStage": stage,
        "orgUnit": org_unit,
        "occurredAt": at.isoformat(),
        "status": "COMPLETED" if visit else "ACTIVE",
        "dataValues": [{"dataElement": D[name], "value": text} for name, text in values.items()],
    }


def link_body(person: Person) -> Body:
    """The relationship from whoever exposed her."""
    assert person.source is not None
    return {
        "relationship": uid("link", person.number),
        "relationshipType": EXPOSED,
        "from": {"trackedEntity": {"trackedEntity": uid("person", person.source)}},
        "to": {"trackedEntity": {"trackedEntity": person.uid}},
    }


def payload(people: Iterable[Person], units: Mapping[str, str]) -> Payload:
    """These people in one body; `units` gives the identifier of a kommune's number."""
    chosen = list(people)
    body = {
        "trackedEntities": [person_body(one, units[one.kommune]) for one in chosen],
        "relationships": [link_body(one) for one in chosen if one.source is not None],
    }
    return Payload(msgspec.json.encode(body), sum(one.objects for one in chosen))


def payloads(
    made: Iterable[list[Person]], batch: int, units: Mapping[str, str]
) -> Iterator[Payload]:
    """The chains in bodies of at most `batch` objects, sources before those they exposed."""
    held: list[Person] = []
    objects = 0
    for chain in made:
        for person in chain:
            if held and objects + person.objects > batch:
                yield payload(held, units)
                held, objects = [], 0
            held.append(person)
            objects += person.objects
    if held:
        yield payload(held, units)


def cases_with_contacts(first: int, batch: int, kommune: str) -> list[Person]:
    """Operation 1's shape in exactly `batch` objects (50, 500, 2 000, …): each case has an
    investigation, a visit and four contacts with one event each, 20 objects in all.
    """
    day = FIRST_DAY + timedelta(days=DAYS)
    found: list[Person] = []
    whole, rest = divmod(batch, 20)
    for _ in range(whole):
        case = Person(first + len(found), kommune, day, 0, True, 1)
        found.append(case)
        for _ in range(4):
            found.append(Person(first + len(found), kommune, day, 1, False, 0, source=case.number))
    if rest:
        # What is left becomes one case, and its visits: a person, an enrollment and an event at least.
        found.append(Person(first + len(found), kommune, day, 0, True, rest - 3))
    return found
