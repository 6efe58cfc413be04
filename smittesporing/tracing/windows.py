"""From when a case could infect others, and when she may have been infected.

Counts from onset, or from the first positive test without symptoms. Does not say who is a
contact. Called by classify.py, chains' pages and the timeline of the interview.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from smittesporing.tracing import rulebook
from smittesporing.tracing.days import count, midnight, with_weekday, words
from smittesporing.tracing.people import Case, CaseStatus, Jurisdiction, Window, first_positive
from smittesporing.tracing.rule import Rulebook


def day_0_of_case(case: Case) -> tuple[date, str] | None:
    """The day isolation and windows count from, and what it is in words.

    Onset counts, also when it comes after the test; without symptoms the first positive test;
    None when neither is known. The report date is never used: it says nothing of the illness.
    """
    if case.onset_on is not None:
        return case.onset_on, "symptomstart"
    positive = first_positive(case.tests)
    if positive is not None:
        return positive.on, "positiv prøve"
    return None


def infectious_window(
    case: Case, book: Rulebook, at: datetime, where: Jurisdiction
) -> Window | None:
    """The days she can infect others, by the rule in force at `at`.

    Shape   From 48 h (rule) before 00:00 of onset, to the day isolation was ended; open before.
    None    Neither onset nor positive test known, infection ruled out, or no rule in force.
    """
    start = day_0_of_case(case)
    rule = rulebook.the_rule(book, "infectious_window", "window", at, case.disease, where)
    if start is None or rule is None or case.status is CaseStatus.RULED_OUT:
        return None
    day, what = start
    key = "hours_before_onset" if case.onset_on is not None else "hours_before_test"
    hours = int(rule.values[key])
    from_ = (midnight(day) - timedelta(hours=hours)).date()
    before = f"{hours} timer før {what}" if hours else f"fra {what}"
    return Window(
        from_=from_,
        to=case.isolation_ended_on,
        reason=f"Smittsom fra {words(from_)}: {before} {words(day)}.",
        rule=rule.id,
        citation=rule.citation,
        certainty=rule.certainty,
    )


def exposure_window(case: Case, book: Rulebook, at: datetime, where: Jurisdiction) -> Window | None:
    """The days she may have been infected, both included; None as for infectious_window."""
    start = day_0_of_case(case)
    rule = rulebook.the_rule(book, "exposure_window", "window", at, case.disease, where)
    if start is None or rule is None or case.status is CaseStatus.RULED_OUT:
        return None
    day, what = start
    days = int(rule.values["from_days_before"])
    from_ = day - timedelta(days=days)
    to = day - timedelta(days=int(rule.values["to_days_before"]))
    return Window(
        from_=from_,
        to=to,
        reason=f"Kan ha blitt smittet fra {with_weekday(from_)}: "
        f"{count(days)} dager før {what} {words(day)}.",
        rule=rule.id,
        citation=rule.citation,
        certainty=rule.certainty,
    )
