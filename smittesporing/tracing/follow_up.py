"""Whom to call, on which days; and in which order the day's work is done.

Calls follow the rules (first call the same day, then test days and the last day). Stores nothing
and assigns nobody. The order is worklist.py's. Called by casebook.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from smittesporing.tracing import rulebook
from smittesporing.tracing.days import business_day, words
from smittesporing.tracing.people import (
    Case,
    CaseStatus,
    Category,
    Contact,
    Jurisdiction,
    MeasureKind,
    Proposal,
    WhoTells,
)
from smittesporing.tracing.rule import Rule, Rulebook
from smittesporing.tracing.worklist import RankedTask, Task, TaskKind, order

__all__ = [
    "PlannedCall",
    "RankedTask",
    "Task",
    "TaskKind",
    "calls_for_case",
    "calls_for_contact",
    "order",
    "who_tells",
]

TOPIC = "follow_up"
OPEN_DAYS = 3  # how far ahead calls are planned while an isolation has no earliest end
FEW_TESTS = 3  # more test days than this is daily testing: one call on the last of them


@dataclass(frozen=True)
class PlannedCall:
    """One call to make: the day, ST_CALL_REASON, why in one sentence, and the rule behind it."""

    on: date
    reason: str  # FIRST_CALL | DAILY | TEST_DAY | LAST_DAY | SYMPTOMS
    sentence: str
    rule: str


def who_tells(
    category: Category, book: Rulebook, at: datetime, disease: str, where: Jurisdiction
) -> WhoTells | None:
    """Who informs a contact of that category now: the kommune or the case; None when nobody must."""
    line = {Category.HOUSEHOLD: "household", Category.OTHER_CLOSE: "other"}.get(category)
    if line is None:
        return None
    rule = rulebook.the_rule(book, "who_tells", line, at, disease, where)
    return WhoTells(rule.values["tells"]) if rule is not None else None


def calls_for_contact(
    contact: Contact,
    category: Category,
    proposals: tuple[Proposal, ...],
    book: Rulebook,
    at: datetime,
    where: Jurisdiction,
    tells: WhoTells | None = None,
    disease: str = "COVID19",
) -> tuple[PlannedCall, ...]:
    """The calls of one contact, by day, one a day.

    First   The day the contact was registered (else today), unless told already.
    Then    Test days (daily testing: its last day), the first test-out day, and the last day.
    None    () when somebody else tells her (`tells`, else the rule), or nothing runs.
    """
    rule = rulebook.the_rule(book, TOPIC, "contact", at, disease, where)
    tells = tells or who_tells(category, book, at, disease, where)
    running = [p for p in proposals if p.ended_on is None]
    if rule is None or tells is not WhoTells.KOMMUNE or not running:
        return ()
    today = business_day(at)
    calls: list[PlannedCall] = []
    if contact.told_at is None:
        day = contact.registered_on or today
        calls.append(PlannedCall(day, "FIRST_CALL", "Første samtale, samme dag.", rule.id))
    if contact.symptoms_on is not None:
        sentence = f"Meldte symptomer {words(contact.symptoms_on)}."
        calls.append(PlannedCall(contact.symptoms_on, "SYMPTOMS", sentence, rule.id))
    if rule.values.get("last_day"):
        calls += _last_day(running, rule)
    if rule.values.get("test_days"):
        calls += _test_days(running, rule)
    calls += _every(rule, calls, today)
    return _one_a_day(calls)


def calls_for_case(
    case: Case, proposals: tuple[Proposal, ...], book: Rulebook, at: datetime, where: Jurisdiction
) -> tuple[PlannedCall, ...]:
    """The calls of one case, by day: the first the day it came, then as the rule says until the end.

    None    () for a case that is ruled out, and once the isolation is ended.
    """
    rule = rulebook.the_rule(book, TOPIC, "case", at, case.disease, where)
    if rule is None or case.status is CaseStatus.RULED_OUT or case.isolation_ended_on is not None:
        return ()
    today = business_day(at)
    begun = case.registered_on or today
    calls = [PlannedCall(begun, "FIRST_CALL", "Første samtale, samme dag.", rule.id)]
    isolation = [p for p in proposals if p.kind is MeasureKind.ISOLATION and p.ended_on is None]
    if not isolation:
        return tuple(calls)
    end = isolation[0].earliest_end
    until = end if end is not None else today + timedelta(days=OPEN_DAYS)
    step = int(rule.values.get("every_days", 0))
    day = begun + timedelta(days=step)
    while step and day < until:
        calls.append(PlannedCall(day, "DAILY", "Daglig samtale i isolasjonen.", rule.id))
        day += timedelta(days=step)
    if end is not None and end >= begun:
        sentence = "Isolasjonen kan tidligst oppheves etter i dag. Spør om feber."
        calls.append(PlannedCall(end, "LAST_DAY", sentence, rule.id))
    return _one_a_day(calls)


def _last_day(running: list[Proposal], rule: Rule) -> list[PlannedCall]:
    quarantine = [p for p in running if p.kind is MeasureKind.INFECTION_QUARANTINE]
    if any(p.open_end for p in quarantine):
        return []
    ends = [p.earliest_end for p in (quarantine or running) if p.earliest_end is not None]
    if not ends:
        return []
    what = "Siste dag i karantene." if quarantine else "Siste dag å følge med på symptomer."
    return [PlannedCall(max(ends), "LAST_DAY", what, rule.id)]


def _test_days(running: list[Proposal], rule: Rule) -> list[PlannedCall]:
    calls: list[PlannedCall] = []
    for proposal in running:
        days = proposal.test_days
        chosen = days if len(days) <= FEW_TESTS else days[-1:]
        calls += [PlannedCall(d, "TEST_DAY", f"Test {words(d)}.", rule.id) for d in chosen]
        if proposal.test_out is not None and not proposal.open_end:
            sentence = "Kan avslutte karantenen med negativ test fra i dag."
            calls.append(PlannedCall(proposal.test_out, "TEST_DAY", sentence, rule.id))
    return calls


def _every(rule: Rule, calls: list[PlannedCall], today: date) -> list[PlannedCall]:
    """Regular calls between the first and the last, where the rule asks for them."""
    step = int(rule.values.get("every_days", 0))
    if not step or not calls:
        return []
    days = [call.on for call in calls]
    day, last = min(days) + timedelta(days=step), max(days)
    found: list[PlannedCall] = []
    while day < last:
        found.append(PlannedCall(day, "DAILY", "Samtale i karantenen.", rule.id))
        day += timedelta(days=step)
    return found


PRIORITY = ("FIRST_CALL", "SYMPTOMS", "LAST_DAY", "TEST_DAY", "DAILY")


def _one_a_day(calls: list[PlannedCall]) -> tuple[PlannedCall, ...]:
    """The most important call of each day, with what else it is for."""
    by_day: dict[date, list[PlannedCall]] = {}
    for call in sorted(calls, key=lambda call: PRIORITY.index(call.reason)):
        by_day.setdefault(call.on, []).append(call)
    merged: list[PlannedCall] = []
    for day in sorted(by_day):
        first = by_day[day][0]
        text = " ".join(dict.fromkeys(call.sentence for call in by_day[day]))
        merged.append(PlannedCall(day, first.reason, text, first.rule))
    return tuple(merged)
