"""Measures for a contact: quarantine, tests, watching for symptoms. Several may run at once.

The rules in force now count for measures still running, from the moment a rule takes effect;
ended measures keep theirs (see running.py). Ends nothing and decides nothing: these are proposals.
Isolation is isolation.py, waiting quarantine waiting.py. Called by casebook.py and the sheet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from smittesporing.tracing import rulebook
from smittesporing.tracing.days import business_day, last_day, midnight, words
from smittesporing.tracing.people import (
    Case,
    CaseStatus,
    Category,
    Contact,
    Exposure,
    Jurisdiction,
    MeasureKind,
    Outcome,
    Proposal,
    TestResult,
)
from smittesporing.tracing.rule import Rule, Rulebook, Template
from smittesporing.tracing.running import QUARANTINES, State, live_through
from smittesporing.tracing.selection import Selected, facts_of_contact, select, start_of
from smittesporing.tracing.sentences import exempt_why, measure_words, quarantine_why
from smittesporing.tracing.who import Facts, matches
from smittesporing.tracing.windows import day_0_of_case

TOPIC = "quarantine"


@dataclass(frozen=True)
class Exposed:
    """One exposure with its case and the category that counts: confirmed, else proposed."""

    case: Case
    exposure: Exposure
    category: Category


@dataclass(frozen=True)
class _Anchor:
    """Day 0 and where it comes from; `day_0` None while the contact goes on."""

    day_0: date | None
    from_: date
    why: str
    expected: date | None = None  # day 0 as it will probably become


def for_contact(
    contact: Contact,
    exposed: Iterable[Exposed],
    book: Rulebook,
    at: datetime,
    where: Jurisdiction,
    ended_on: date | None = None,
) -> tuple[Proposal, ...]:
    """What the rules ask of this contact now, over all her exposures.

    Shape   At most one proposal per kind and scope, the one that lasts longest. Those with
            `ended_on` are over (negative test, positive test, duty lifted) and tell why.
    Index   Exposures to a case that is not confirmed, and categories that are no contact, give none.
    Ended   `ended_on` is the day somebody ended the quarantine: later rules do not reach it.
    None    () without a rule in force, without last contact, and when the rule asks for nothing.
    """
    return _decide(contact, exposed, book, at, where, at, ended_on)


def what_if(
    contact: Contact,
    exposed: Iterable[Exposed],
    book: Rulebook,
    at: datetime,
    where: Jurisdiction,
    as_of: datetime,
) -> tuple[Proposal, ...]:
    """What the rules of `as_of` would have said of the same facts, no later change counted."""
    return _decide(contact, exposed, book, at, where, min(as_of, at), None)


def _decide(
    contact: Contact,
    exposed: Iterable[Exposed],
    book: Rulebook,
    at: datetime,
    where: Jurisdiction,
    cut: datetime,
    ended_on: date | None,
) -> tuple[Proposal, ...]:
    if ended_on is not None:
        cut = min(cut, midnight(ended_on + timedelta(days=1)) - timedelta(microseconds=1))
    exposed = tuple(exposed)
    found = [
        proposal
        for one in exposed
        if one.category in (Category.HOUSEHOLD, Category.OTHER_CLOSE)
        and one.case.status is CaseStatus.CONFIRMED
        for proposal in _for_exposure(contact, one, book, at, where, cut)
    ]
    disease = exposed[0].case.disease if exposed else ""
    restart = rulebook.the_rule(book, "restart", "household", cut, disease, where)
    return tuple(_turned_positive(p, contact) for p in _combined(found, restart))


def _for_exposure(
    contact: Contact,
    one: Exposed,
    book: Rulebook,
    at: datetime,
    where: Jurisdiction,
    cut: datetime,
) -> tuple[Proposal, ...]:
    anchor = _anchor(one, book, at, where, cut)
    if anchor is None:
        return ()
    day_0 = anchor.day_0 or anchor.expected or business_day(at)
    facts = facts_of_contact(contact, one.category, one.case.variant, day_0, where)
    disease = one.case.disease

    def decide(moment: datetime) -> State | None:
        selected = select(book, TOPIC, moment, disease, where, facts)
        if selected is None:
            return None
        proposals = (
            _proposal(template, selected, facts, anchor, one, contact, at)
            for template in selected.rule.measures
            if matches(template.when, facts).value
        )
        return State(selected.rule, tuple(proposals))

    if anchor.day_0 is None:
        return live_through(decide, cut, ())
    start = start_of(anchor.day_0, cut)
    changes = rulebook.changes(book, TOPIC, start, cut, disease, where)
    return live_through(decide, start, changes)


def _anchor(
    one: Exposed, book: Rulebook, at: datetime, where: Jurisdiction, cut: datetime
) -> _Anchor | None:
    exposure, case = one.exposure, one.case
    cannot = one.category is Category.HOUSEHOLD and exposure.keeps_distance is False
    if not exposure.ongoing and not cannot:
        if exposure.last_on is None:
            return None
        why = f"Siste kontakt var {words(exposure.last_on)}. Det er dag 0."
        return _Anchor(exposure.last_on, exposure.last_on, why)
    begun = exposure.first_on or exposure.last_on or case.onset_on or business_day(at)
    ended = case.isolation_ended_on
    rule = None
    if one.category is Category.HOUSEHOLD:
        moment = cut if ended is None else min(cut, midnight(ended))
        rule = rulebook.the_rule(book, "no_distance", "household", moment, case.disease, where)
    start = day_0_of_case(case)
    counted = None
    if rule is not None and start is not None:
        counted = last_day(start[0], int(rule.values["from_isolation_day"]))
    reason = "Kan ikke holde avstand" if cannot else "Kontakten pågår"
    if ended is None:
        why = f"{reason}. Regnes ut når isolasjonen til indeks oppheves."
        return _Anchor(None, begun, why, counted)
    if rule is not None and counted is not None and counted <= ended:
        day = rule.values["from_isolation_day"]
        why = f"Kunne ikke holde avstand: regnes fra dag {day} i isolasjonen, {words(counted)}."
        return _Anchor(counted, begun, why)
    return _Anchor(
        ended, begun, f"Kontakten varte til isolasjonen ble opphevet {words(ended)}. Det er dag 0."
    )


def _proposal(
    template: Template,
    selected: Selected,
    facts: Facts,
    anchor: _Anchor,
    one: Exposed,
    contact: Contact,
    at: datetime,
) -> Proposal:
    rule, day_0 = selected.rule, anchor.day_0
    quarantine = template.kind in QUARANTINES
    open_end = day_0 is None or template.until_negative
    test_out = None
    if day_0 is not None:
        if template.until_negative:
            test_out = day_0
        elif template.test_out_day is not None:
            test_out = last_day(day_0, template.test_out_day)
    test_days = _test_days(template, day_0, facts.tests, contact, at)
    end = None
    if not open_end and day_0 is not None:
        last = [*test_days[-1:], *([last_day(day_0, template.days)] if template.days else [])]
        end = max(last, default=None)
    expected = None
    if day_0 is None and anchor.expected is not None and template.days is not None:
        expected = last_day(anchor.expected, template.days)
    ended = None
    if quarantine and test_out is not None:
        ended = _tested_out(facts.tests, test_out, end, template.test_out_kinds)
    why: tuple[str, ...] = (anchor.why,)
    if quarantine:
        why += quarantine_why(template, day_0, end, test_out)
    why += exempt_why(selected)
    proposal = Proposal(
        kind=template.kind,
        scope=template.scope,
        from_=anchor.from_,
        earliest_end=end,
        test_out=test_out,
        test_days=test_days,
        basis=template.basis,
        rule=rule.id,
        citation=rule.citation,
        certainty=rule.certainty,
        sentence="",
        why=why,
        open_end=open_end and ended is None,
        expected_end=expected,
        ended_on=ended[0] if ended else None,
        missing=selected.missing,
        exposures=(one.exposure.uid,),
        exempt=rule.exemption,
    )
    sentence, detail = measure_words(proposal, template, rule, day_0, ended[1] if ended else None)
    return replace(proposal, sentence=sentence, detail=detail)


def _test_days(
    template: Template,
    day_0: date | None,
    tests: tuple[TestResult, ...],
    contact: Contact,
    at: datetime,
) -> tuple[date, ...]:
    """Days on which to test. "At once" is the first test taken, else the day told, else today."""
    if day_0 is None:
        return ()
    days: set[date] = set()
    if template.test_at_once:
        taken = [test.on for test in tests if test.on >= day_0]
        told = business_day(contact.told_at) if contact.told_at else business_day(at)
        days.add(min(taken) if taken else max(told, day_0))
    days |= {last_day(day_0, number) for number in template.test_days}
    days |= {last_day(day_0, number) for number in range(1, (template.daily_until_day or 0) + 1)}
    if template.test_at_once and (template.test_days or template.daily_until_day):
        planned = max(
            last_day(day_0, n) for n in (*template.test_days, template.daily_until_day or 0)
        )
        days = {day for day in days if day <= planned}
    return tuple(sorted(days))


def _tested_out(
    tests: tuple[TestResult, ...], test_out: date, end: date | None, kinds: tuple[str, ...]
) -> tuple[date, date] | None:
    """(the day the answer ended it, the day of the test); the duty lasts until the answer is there."""
    for test in sorted(tests, key=lambda test: test.on):
        accepted = not kinds or test.kind.value in kinds
        in_time = test.on >= test_out and (end is None or test.on <= end)
        if test.result is Outcome.NEGATIVE and accepted and in_time:
            answered = test.answered_on or test.on
            return (min(answered, end) if end else answered), test.on
    return None


def _combined(found: list[Proposal], restart: Rule | None) -> list[Proposal]:
    """One proposal per kind and scope: running before ended, then the one that lasts longest."""
    groups: dict[tuple[MeasureKind, str], list[Proposal]] = {}
    for proposal in found:
        groups.setdefault((proposal.kind, proposal.scope.value), []).append(proposal)
    combined: list[Proposal] = []
    for group in groups.values():
        longest = max(group, key=_lasting)
        if len(group) > 1:
            others = tuple(dict.fromkeys(uid for p in group for uid in p.exposures))
            why: tuple[str, ...] = (
                f"Det er {len(group)} eksponeringer. Den som gir lengst tiltak, teller.",
            )
            if restart is not None and longest.kind in QUARANTINES and longest is not group[0]:
                why += (restart.sentence,)
            longest = replace(longest, exposures=others, why=longest.why + why)
        combined.append(longest)
    return sorted(combined, key=lambda p: ORDER.index(p.kind))


def _lasting(proposal: Proposal) -> tuple[bool, bool, date]:
    end = proposal.ended_on or proposal.earliest_end or date.min
    return proposal.ended_on is None, proposal.open_end, end


def _turned_positive(proposal: Proposal, contact: Contact) -> Proposal:
    """A contact who tests positive becomes a case; her measures as contact end that day."""
    for test in sorted(contact.tests, key=lambda test: test.on):
        over = proposal.ended_on or proposal.earliest_end
        if test.result is not Outcome.POSITIVE or test.on < proposal.from_:
            continue
        if over is not None and test.on > over:
            continue
        sentence = f"Har testet positivt {words(test.on)} og blir indeks."
        return replace(
            proposal,
            ended_on=test.answered_on or test.on,
            open_end=False,
            sentence=sentence,
            detail="Isolasjon gjelder i stedet.",
            why=(*proposal.why, sentence),
        )
    return proposal


ORDER = (
    MeasureKind.ISOLATION,
    MeasureKind.INFECTION_QUARANTINE,
    MeasureKind.WAITING_QUARANTINE,
    MeasureKind.ENTRY_QUARANTINE,
    MeasureKind.DUTY_TO_TEST,
    MeasureKind.ADVICE_TO_TEST,
    MeasureKind.SYMPTOM_WATCH,
)
