"""The demo's outbreak as DHIS2 tracker payloads, counted from the first day of the exercise.

Three kommuner at work (Tromsø, Balsfjord, Asker), a fourth that has not begun (Nordreisa), and
cases of other kommuner in every fylke so that the map has something to show. Pure and seeded: the same day gives the
same records. Categories and measures are left to the casebook; `confirmations` says what tracers have
already said yes to. Called by the demo's loading and by tests.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from examples.outbreak import shift, story
from examples.outbreak.people import Population, Someone
from examples.outbreak.records import Confirmation, Ledger, Row
from examples.outbreak.spread import Spread

WORKING = ("5501", "5532", "3203")
NOT_BEGUN = "5544"
# Kommuner that only the map and the country's figures see: number → cases in the last five weeks. So many that
# most weeks of the larger ones can be published.
ELSEWHERE = {
    "0301": 104,
    "1103": 38,
    "1106": 20,
    "1108": 24,
    "1506": 20,
    "1508": 26,
    "1804": 28,
    "1833": 20,
    "3105": 20,
    "3107": 27,
    "3201": 32,
    "3205": 24,
    "3301": 28,
    "3401": 20,
    "3403": 22,
    "3405": 20,
    "3905": 20,
    "3907": 21,
    "4003": 22,
    "4203": 20,
    "4204": 32,
    "4601": 60,
    "5001": 48,
    "5006": 20,
    "5503": 22,
    "5530": 20,
    "5601": 24,
    "5603": 20,
    "5605": 20,
}
SETTINGS_ELSEWHERE = ("HOUSEHOLD",) * 3 + ("WORKPLACE", "SCHOOL", "RESTAURANT", "UNKNOWN")
TRACERS = {
    "5501": ("sporer.tromso", "sporer2.tromso", "sporer3.tromso"),
    "5532": ("sporer.balsfjord",),
    "3203": ("sporer.asker", "sporer2.asker"),
}
SEED = 20220120
MODERN_FROM = date(2021, 6, 1)


@dataclass(frozen=True)
class Outbreak:
    """`kommuner` are the numbers whose org units must be in use; `named` finds people of the story."""

    payloads: tuple[dict[str, list[Row]], ...]
    confirmations: tuple[Confirmation, ...]
    kommuner: tuple[str, ...]
    named: dict[str, str]


def outbreak(
    first_day: date, org_unit: Callable[[str], str] = lambda number: number, chunk: int = 100
) -> Outbreak:
    """Everything that had happened when the exercise begins.

    Shape   Payloads in the order to send: people and places by `chunk`, then the relationships.
            `org_unit` turns a kommunenummer into what the receiver calls it (its identifier).
            Users are given by user name. A day's records never lie after `first_day`.
    """
    modern = first_day >= MODERN_FROM
    people, ledger = Population(first_day, SEED), Ledger(first_day)
    spreads = {
        kommune: Spread(ledger, people, kommune, TRACERS[kommune], modern) for kommune in WORKING
    }
    for kommune, households in zip(WORKING, (120, 16, 40), strict=True):
        spreads[kommune].settle(households)
    story.tell(ledger, people, spreads)
    spreads["5501"].introduce((-44, -41, -37, -33, -30, -27, -24, -20, -18, -15, -12, -9, -7, -6))
    spreads["5532"].introduce((-20, -9))
    spreads["3203"].introduce((-38, -31, -25, -19, -14, -10, -7))
    for kommune, most in zip(WORKING, (110, 14, 45), strict=True):
        spreads[kommune].run(most)
    elsewhere(ledger, people)
    shift.today(ledger, spreads)
    ended = settle_old(ledger, modern)
    told = all_told(ledger)
    return Outbreak(
        payloads=tuple(payloads(ledger, org_unit, chunk)),
        confirmations=tuple(
            replace(
                each, at=max(each.at, told[each.enrollment]), ended_on=ended.get(each.enrollment)
            )
            for each in ledger.confirmations
        ),
        kommuner=(*WORKING, *ELSEWHERE),
        named=dict(ledger.named),
    )


def elsewhere(ledger: Ledger, people: Population) -> None:
    """Cases of other kommuner: no contacts, more of them lately."""
    chance = people.chance
    for kommune, cases in ELSEWHERE.items():
        for each in range(cases):
            who: Someone = people.someone(kommune, chance.randint(4, 84))
            # Drawn slice by slice, so that no week of a kommune is empty by chance.
            tested = -1 - int(_days_back((each + chance.random()) / cases))
            setting = chance.choice(SETTINGS_ELSEWHERE)
            answers = {"ST_EXPOSURE_SETTING": setting}
            answers["ST_KNOWN_CONTACT"] = "YES" if setting == "HOUSEHOLD" else "UNKNOWN"
            ledger.case(
                who, tested=tested, onset=tested - chance.choice((0, 1, 2)), answers=answers
            )


def _days_back(share: float) -> float:
    """How far back the share lies when cases rise for a month and have slowed for five days."""
    if share < 5 / 35:
        return math.sqrt(share * 35 * 5)
    return 35 - math.sqrt((1 - share) * 35 * 30)


def all_told(ledger: Ledger) -> dict[str, datetime]:
    """Enrollment → when everything about it and its contacts had been told.

    A tracer confirms what she knows: who decides a case also decides its contacts, with every
    exposure they have, and none of these may lie ahead of the day it is done.
    """
    days: dict[str, int] = {}
    for contact in ledger.contact_episodes:
        for enrollment in (contact.enrollment, *contact.cases):
            days[enrollment] = max(days.get(enrollment, contact.registered), contact.registered)
    long_ago = datetime.combine(ledger.first_day, time()) - timedelta(days=400)
    found = {each.enrollment: long_ago for each in ledger.confirmations}
    return found | {
        enrollment: datetime.fromisoformat(ledger.at(day, "12:45"))
        for enrollment, day in days.items()
    }


def settle_old(ledger: Ledger, modern: bool) -> dict[str, date]:
    """Close what is long over; returns enrollment → the day the isolation was ended."""
    ended: dict[str, date] = {}
    stays = 7 if modern else 11
    for case in ledger.cases.values():
        if case.record["status"] == "ACTIVE" and case.day + stays < -2:
            ledger.close(case.record, case.day + stays)
            ended[case.enrollment] = ledger.first_day + timedelta(days=case.day + stays)
    for contact in ledger.contact_episodes:
        if contact.record["status"] == "ACTIVE" and contact.last + 11 < -1:
            ledger.test(
                contact.record,
                "ST_CONTACT_TEST",
                contact.last + 7,
                "NEGATIVE",
                "PCR",
                contact.last + 8,
            )
            ledger.close(contact.record, contact.last + 11)
    return ended


def payloads(
    ledger: Ledger, org_unit: Callable[[str], str], chunk: int
) -> Iterator[dict[str, list[Row]]]:
    entities = [_placed(entity, org_unit) for entity in ledger.entities.values()]
    for start in range(0, len(entities), chunk):
        yield {"trackedEntities": entities[start : start + chunk]}
    for start in range(0, len(ledger.relationships), 5 * chunk):
        yield {"relationships": ledger.relationships[start : start + 5 * chunk]}


def _placed(value: Any, org_unit: Callable[[str], str]) -> Any:
    """The same record with every orgUnit as the receiver calls it."""
    if isinstance(value, dict):
        return {
            key: org_unit(inner) if key == "orgUnit" else _placed(inner, org_unit)
            for key, inner in value.items()
        }
    return [_placed(inner, org_unit) for inner in value] if isinstance(value, list) else value
