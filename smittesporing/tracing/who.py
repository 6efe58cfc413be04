"""Whom a rule speaks of: its conditions against the facts, with three answers.

Yes, no, or "we do not know"; an unknown never exempts anybody and never makes a rule stricter,
but is named, so that the page can ask. Holds no rule and counts no dates of measures. Called by
rulebook.py (which keys exist) and selection.py (whom a rule concerns).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from smittesporing.tracing.days import add_months
from smittesporing.tracing.immunity import Dose, Protection, doses_on, weeks_since_last_dose
from smittesporing.tracing.people import (
    Category,
    Infection,
    Outcome,
    TestResult,
    Vaccination,
    Variant,
)


@dataclass(frozen=True)
class Facts:
    """All that a condition may ask about one person on one day 0."""

    day_0: date
    protection: Protection
    category: Category | None = None
    age: int | None = None
    variant: Variant = Variant.NONE
    vaccinations: tuple[Vaccination, ...] | None = None
    infections: tuple[Infection, ...] | None = None
    tests: tuple[TestResult, ...] = ()
    symptoms: bool | None = None
    pupil: bool | None = None
    school_staff: bool | None = None
    critical_work: bool | None = None
    test_regime_kept: bool | None = None
    options: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Answer:
    """True, False or None (unknown); `missing` names in Norwegian what would settle it."""

    value: bool | None
    missing: tuple[str, ...] = ()


def matches(who: Mapping[str, Any], facts: Facts) -> Answer:
    """Whether every condition holds. One "no" settles it; else one unknown leaves it open."""
    answers = [CONDITIONS[key](wanted, facts) for key, wanted in who.items()]
    if any(answer.value is False for answer in answers):
        return Answer(False)
    missing = tuple(text for answer in answers for text in answer.missing)
    return Answer(None if missing else True, missing)


def _category(wanted: Any, facts: Facts) -> Answer:
    return Answer(facts.category is not None and facts.category.value == wanted)


def _min_age(wanted: Any, facts: Facts) -> Answer:
    if facts.age is None:
        return Answer(None, ("Alder er ikke kjent.",))
    return Answer(facts.age >= int(wanted))


def _max_age(wanted: Any, facts: Facts) -> Answer:
    if facts.age is None:
        return Answer(None, ("Alder er ikke kjent.",))
    return Answer(facts.age <= int(wanted))


def _variant(wanted: Any, facts: Facts) -> Answer:
    if wanted != "OMICRON":
        return Answer(facts.variant.value == wanted)
    return Answer(facts.variant in (Variant.SUSPECTED_OMICRON, Variant.OMICRON))


def _stated(fact: str, question: str) -> Callable[[Any, Facts], Answer]:
    def condition(wanted: Any, facts: Facts) -> Answer:
        known: bool | None = getattr(facts, fact)
        return Answer(None, (question,)) if known is None else Answer(known is wanted)

    return condition


def _assumed_no(fact: str) -> Callable[[Any, Facts], Answer]:
    """Facts that concern few: not asked of everybody, so unanswered counts as no."""

    def condition(wanted: Any, facts: Facts) -> Answer:
        return Answer(bool(getattr(facts, fact)) is wanted)

    return condition


def _regime_not_broken(wanted: Any, facts: Facts) -> Answer:
    return Answer((facts.test_regime_kept is not False) is wanted)


def _option(wanted: Any, facts: Facts) -> Answer:
    return Answer(wanted in facts.options)


def _infected_within_months(wanted: Any, facts: Facts) -> Answer:
    """From the end of isolation to the same day `wanted` months after the sample."""
    if facts.infections is None:
        return Answer(None, ("Tidligere covid-19 er ikke oppgitt.",))
    recent = [
        infection
        for infection in facts.infections
        if (infection.isolation_ended_on or infection.positive_on) <= facts.day_0
        and facts.day_0 <= add_months(infection.positive_on, int(wanted))
    ]
    if any(infection.documented for infection in recent):
        return Answer(True)
    if any(infection.documented is None for infection in recent):
        return Answer(None, ("Dokumentasjon på gjennomgått covid-19 mangler.",))
    return Answer(False)


def _vaccination(wanted: Any, facts: Facts) -> Answer:
    known = doses_on(facts.day_0, facts.vaccinations, facts.infections, facts.protection)
    if known is None:
        return Answer(None, ("Vaksinasjon er ikke kjent.",))
    if wanted == "NOT_FULL":
        return Answer(known not in (Dose.FULL, Dose.BOOSTER))
    if wanted == "FULL":
        return Answer(known in (Dose.FULL, Dose.BOOSTER))
    return Answer(known.value == wanted)


def _weeks_since_dose(wanted: Any, facts: Facts) -> Answer:
    weeks = weeks_since_last_dose(facts.day_0, facts.vaccinations)
    if weeks is None:
        return Answer(False)
    low, high = wanted
    return Answer(low <= weeks <= high)


def _negative_from_day(wanted: Any, facts: Facts) -> Answer:
    return Answer(_has_negative(facts, int(wanted["day"]), wanted["kinds"]))


def _no_negative_from_day(wanted: Any, facts: Facts) -> Answer:
    return Answer(not _has_negative(facts, int(wanted["day"]), wanted["kinds"]))


def _has_negative(facts: Facts, from_day: int, kinds: Sequence[str]) -> bool:
    return any(
        test.result is Outcome.NEGATIVE
        and test.kind.value in kinds
        and (test.on - facts.day_0).days >= from_day
        for test in facts.tests
    )


CONDITIONS: Mapping[str, Callable[[Any, Facts], Answer]] = {
    "category": _category,
    "min_age": _min_age,
    "max_age": _max_age,
    "variant": _variant,
    "pupil": _assumed_no("pupil"),
    "school_staff": _assumed_no("school_staff"),
    "critical_work": _assumed_no("critical_work"),
    "symptoms": _stated("symptoms", "Det er ikke oppgitt om personen har symptomer."),
    "test_regime_kept": _stated("test_regime_kept", "Det er ikke oppgitt om testene følges."),
    "regime_not_broken": _regime_not_broken,
    "option": _option,
    "infected_within_months": _infected_within_months,
    "vaccination": _vaccination,
    "weeks_since_dose": _weeks_since_dose,
    "negative_from_day": _negative_from_day,
    "no_negative_from_day": _no_negative_from_day,
}
