"""Isolation of a case: from when, and the earliest day it may be ended.

Ending is an act (avisolering) on two facts, days and fever, so a person counts as isolated until
somebody has done it. Contacts are measures.py's. Called by casebook.py and the case's page.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from smittesporing.tracing import rulebook
from smittesporing.tracing.days import last_day, midnight, with_weekday, words
from smittesporing.tracing.people import (
    Case,
    CaseStatus,
    Jurisdiction,
    Outcome,
    Proposal,
    TestKind,
    TestResult,
)
from smittesporing.tracing.rule import Rulebook, Template
from smittesporing.tracing.running import State, live_through
from smittesporing.tracing.selection import Selected, facts_of_case, select, start_of
from smittesporing.tracing.sentences import isolation_words
from smittesporing.tracing.windows import day_0_of_case

TOPIC = "isolation"
FEVER = "Feberfri siden er ikke oppgitt."


def for_case(case: Case, book: Rulebook, at: datetime, where: Jurisdiction) -> tuple[Proposal, ...]:
    """The isolation of a confirmed case, as one proposal with its earliest end.

    Shape   `from_` is day 0 (onset, else test); `earliest_end` day 0 + N, included, moved on by
            fever; None with `open_end` where a doctor decides. `ended_on` when it was ended.
    None    () unless the case is confirmed and onset or a positive test is known, or without rule.
    """
    return _decide(case, book, where, at)


def what_if(
    case: Case, book: Rulebook, at: datetime, where: Jurisdiction, as_of: datetime
) -> tuple[Proposal, ...]:
    """What the rules of `as_of` would have said of the same facts."""
    return _decide(case, book, where, min(as_of, at))


def _decide(case: Case, book: Rulebook, where: Jurisdiction, cut: datetime) -> tuple[Proposal, ...]:
    start = day_0_of_case(case)
    if start is None or case.status is not CaseStatus.CONFIRMED:
        return ()
    day_0, what = start
    if case.isolation_ended_on is not None:
        over = midnight(case.isolation_ended_on + timedelta(days=1))
        cut = min(cut, over - timedelta(microseconds=1))
    facts = facts_of_case(case, day_0, where)

    def decide(moment: datetime) -> State | None:
        selected = select(book, TOPIC, moment, case.disease, where, facts)
        if selected is None:
            return None
        proposals = (
            _proposal(template, selected, case, day_0, what) for template in selected.rule.measures
        )
        return State(selected.rule, tuple(proposals))

    begun = start_of(day_0, cut)
    changes = rulebook.changes(book, TOPIC, begun, cut, case.disease, where)
    return live_through(decide, begun, changes)


def _proposal(
    template: Template, selected: Selected, case: Case, day_0: date, what: str
) -> Proposal:
    rule = selected.rule
    why = [f"{what[0].upper()}{what[1:]} var {words(day_0)}. Det er dag 0."]
    missing = list(selected.missing)
    end = None
    if template.at_least is not None:
        end = last_day(day_0, template.at_least)
        why.append(f"{words(day_0)} + {template.at_least} døgn = tidligst til og med {words(end)}.")
        end = _moved_by_illness(template, case, end, why, missing)
    elif rule.values.get("negative_pcr"):
        end = _second_negative(case.tests, day_0)
        why.append(rule.sentence)
    else:
        why.append(rule.sentence)
    fever = template.fever_free_hours is not None
    end_words = with_weekday(end) if end is not None else ""
    sentence, detail = isolation_words(end_words, template.basis, fever, rule)
    if case.isolation_ended_on is not None:
        sentence, detail = f"Isolasjonen ble opphevet {words(case.isolation_ended_on)}.", ""
    return Proposal(
        kind=template.kind,
        scope=template.scope,
        from_=day_0,
        earliest_end=end,
        test_out=None,
        test_days=(),
        basis=template.basis,
        rule=rule.id,
        citation=rule.citation,
        certainty=rule.certainty,
        sentence=sentence,
        detail=detail,
        why=tuple(why),
        open_end=end is None and case.isolation_ended_on is None,
        ended_on=case.isolation_ended_on,
        missing=tuple(missing),
    )


def _moved_by_illness(
    template: Template, case: Case, end: date, why: list[str], missing: list[str]
) -> date:
    """The end moved on until fever or symptoms have been gone long enough."""
    if template.fever_free_hours is not None:
        hours = template.fever_free_hours
        if case.fever_free_since is None:
            missing.append(FEVER)
            why.append(f"I tillegg feberfri i {hours} timer uten febernedsettende.")
        else:
            # Fever-free from 00:00 of that day, so the hours have passed when the day has.
            free = case.fever_free_since + timedelta(days=max(hours // 24 - 1, 0))
            why.append(f"Feberfri siden {words(case.fever_free_since)}.")
            end = max(end, free)
    if template.symptom_free_days is not None and case.onset_on is not None:
        days = template.symptom_free_days
        if case.symptom_free_since is None:
            missing.append("Symptomfri siden er ikke oppgitt.")
            why.append(f"I tillegg {days} dager uten symptomer.")
        else:
            why.append(f"Uten symptomer siden {words(case.symptom_free_since)}.")
            end = max(end, case.symptom_free_since + timedelta(days=days - 1))
    return end


def _second_negative(tests: tuple[TestResult, ...], day_0: date) -> date | None:
    """The day of a negative PCR taken at least one day after another, both after day 0."""
    days = sorted(
        test.on
        for test in tests
        if test.result is Outcome.NEGATIVE and test.kind is TestKind.PCR and test.on > day_0
    )
    return next((day for day in days if day - days[0] >= timedelta(days=1)), None)
