"""Vaccination status on a day: none, one dose, full, booster.

The numbers (days after a dose, doses that count) come from the rulebook's topic "protection".
Does not say what a status exempts from; rules do. Called by who.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from smittesporing.tracing.people import Infection, Vaccination


class Dose(StrEnum):
    NONE = "NONE"
    ONE_DOSE = "ONE_DOSE"
    FULL = "FULL"
    BOOSTER = "BOOSTER"


@dataclass(frozen=True)
class Protection:
    """How many days after a dose it counts, as the rule in force says."""

    full_after_days: int = 8  # "more than one week"
    single_dose_after_days: int = 21
    between_infection_and_dose_days: int = 21
    booster_after_days: int = 7
    single_dose_products: tuple[str, ...] = ("Janssen",)


def protection(values: Mapping[str, Any]) -> Protection:
    """The numbers of a rule of topic "protection"."""
    return Protection(
        full_after_days=int(values["full_after_days"]),
        single_dose_after_days=int(values["single_dose_after_days"]),
        between_infection_and_dose_days=int(values["between_infection_and_dose_days"]),
        booster_after_days=int(values["booster_after_days"]),
        single_dose_products=tuple(values["single_dose_products"]),
    )


def doses_on(
    day: date,
    vaccinations: tuple[Vaccination, ...] | None,
    infections: tuple[Infection, ...] | None,
    numbers: Protection,
) -> Dose | None:
    """The status on that day; None when vaccination is not known. Later doses do not count."""
    if vaccinations is None:
        return None
    doses = sorted((dose for dose in vaccinations if dose.on <= day), key=lambda dose: dose.on)
    if not doses:
        return Dose.NONE
    if len(doses) >= 3 and _passed(doses[2].on, numbers.booster_after_days, day):
        return Dose.BOOSTER
    if len(doses) >= 2 and _passed(doses[1].on, numbers.full_after_days, day):
        return Dose.FULL
    if doses[0].product in numbers.single_dose_products and _passed(
        doses[0].on, numbers.single_dose_after_days, day
    ):
        return Dose.FULL
    if _infection_and_dose(doses[0].on, infections or (), numbers, day):
        return Dose.FULL
    return Dose.ONE_DOSE


def weeks_since_last_dose(day: date, vaccinations: tuple[Vaccination, ...] | None) -> float | None:
    """Weeks from the newest dose taken by that day; None without one."""
    taken = [dose.on for dose in vaccinations or () if dose.on <= day]
    return (day - max(taken)).days / 7 if taken else None


def _infection_and_dose(
    dose_on: date, infections: tuple[Infection, ...], numbers: Protection, day: date
) -> bool:
    apart = timedelta(days=numbers.between_infection_and_dose_days)
    for infection in infections:
        if infection.positive_on > day:
            continue
        dose_after = dose_on - infection.positive_on >= apart
        if dose_after and _passed(dose_on, numbers.full_after_days, day):
            return True
        ended = infection.isolation_ended_on or infection.positive_on
        if infection.positive_on - dose_on >= apart and ended <= day:
            return True
    return False


def _passed(dose_on: date, days: int, day: date) -> bool:
    return (day - dose_on).days >= days
