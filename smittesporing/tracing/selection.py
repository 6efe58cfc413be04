"""Which rule concerns this person at that moment.

Asks the lines of a topic in the order of their rank; the first whose conditions all hold is hers.
Does not say what the rule lays on her. Called by measures.py and isolation.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from smittesporing.tracing import rulebook
from smittesporing.tracing.days import midnight
from smittesporing.tracing.immunity import Protection, protection
from smittesporing.tracing.people import (
    Case,
    Category,
    Contact,
    Jurisdiction,
    Variant,
    age_on,
)
from smittesporing.tracing.rule import Rule, Rulebook
from smittesporing.tracing.who import Facts, matches


@dataclass(frozen=True)
class Selected:
    """The rule, the exemptions that were asked and did not hold, and what was not known."""

    rule: Rule
    refused: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def select(
    book: Rulebook, topic: str, at: datetime, disease: str, where: Jurisdiction, facts: Facts
) -> Selected | None:
    """The first rule in force that concerns these facts, or None when no rule does."""
    numbers = rulebook.the_rule(book, "protection", "doses", at, disease, where)
    if numbers is not None:
        facts = replace(facts, protection=protection(numbers.values))
    refused: list[str] = []
    missing: list[str] = []
    for rule in rulebook.in_force(book, topic, at, disease, where):
        answer = matches(rule.who, facts)
        if answer.value:
            return Selected(rule, tuple(refused), tuple(dict.fromkeys(missing)))
        if answer.value is None:
            missing += answer.missing
        elif rule.exemption and _same_category(rule, facts):
            refused.append(rule.exemption)
    return None


def facts_of_contact(
    contact: Contact, category: Category, variant: Variant, day_0: date, where: Jurisdiction
) -> Facts:
    """The contact as conditions see her on day 0."""
    return Facts(
        day_0=day_0,
        protection=Protection(),
        category=category,
        age=age_on(contact, day_0),
        variant=variant,
        vaccinations=contact.vaccinations,
        infections=contact.infections,
        tests=contact.tests,
        pupil=contact.pupil,
        school_staff=contact.school_staff,
        critical_work=contact.critical_work,
        test_regime_kept=contact.test_regime_kept,
        options=where.options,
    )


def facts_of_case(case: Case, day_0: date, where: Jurisdiction) -> Facts:
    """The case as conditions see her; an onset means symptoms, whatever was ticked."""
    return Facts(
        day_0=day_0,
        protection=Protection(),
        age=age_on(case, day_0),
        variant=case.variant,
        vaccinations=case.vaccinations,
        infections=case.infections,
        tests=case.tests,
        symptoms=True if case.onset_on is not None else case.symptoms,
        options=where.options,
    )


def start_of(day_0: date, cut: datetime) -> datetime:
    """The moment whose rules a measure starts under: 00:00 of day 0, never later than `cut`."""
    return min(midnight(day_0), cut)


def _same_category(rule: Rule, facts: Facts) -> bool:
    wanted = rule.who.get("category")
    return wanted is None or (facts.category is not None and facts.category.value == wanted)
