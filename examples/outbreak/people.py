"""Synthetic people: national numbers with month + 80, names by chance, households under one roof.

Pure and seeded: the same day gives the same people. No number here can belong to anybody. Called by
build.py, story.py and spread.py.
"""

import random
import tomllib
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

TABLES: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("people.toml").read_text(encoding="utf-8")
)
FIRST_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2)
SECOND_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
VACCINE_START = date(2021, 1, 15)


@dataclass(frozen=True)
class Someone:
    """One synthetic person; `attributes` holds what the profile says beyond the ordinary."""

    key: str
    given: str
    family: str
    sex: str
    born: date
    kommune: str
    number: str | None = None
    phone: str = ""
    street: str = ""
    postal: str = ""
    doses: tuple[date, ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)


def check_digits(nine: str) -> str | None:
    """The two check digits (modulo 11), or None when these nine digits can have none."""
    digits = [int(character) for character in nine]
    first = -sum(w * d for w, d in zip(FIRST_WEIGHTS, digits, strict=True)) % 11
    second = -sum(w * d for w, d in zip(SECOND_WEIGHTS, [*digits, first], strict=True)) % 11
    return None if 10 in (first, second) else f"{first}{second}"


def numbers_of(born: date, sex: str, d_number: bool = False) -> list[str]:
    """Every synthetic number of that birth date and sex; a D-number has day + 40."""
    series = range(500) if born.year < 2000 else range(500, 1000)
    day = born.day + (40 if d_number else 0)
    found = []
    for individual in series:
        if (individual % 2 == 0) is (sex == "FEMALE"):
            nine = f"{day:02}{born.month + 80}{born.year % 100:02}{individual:03}"
            ending = check_digits(nine)
            if ending is not None:
                found.append(nine + ending)
    return found


def guardian(adult: Someone) -> dict[str, str]:
    """Whom to talk with about a child: one adult at home, by name and telephone."""
    name = f"{adult.given} {adult.family}"
    return {"ST_GUARDIAN_NAME": name, "ST_GUARDIAN_PHONE": adult.phone}


class Population:
    """Makes people one after another and never the same number or telephone twice."""

    def __init__(self, first_day: date, seed: int) -> None:
        self.first_day = first_day
        self.chance = random.Random(seed)
        self._numbers: set[str] = set()
        self._made = 0

    def household(self, kommune: str, ages: tuple[int, ...], family: str = "") -> list[Someone]:
        """People of these ages under one roof, mostly with one family name."""
        table = TABLES["kommuner"][kommune]
        family = family or self.chance.choice(TABLES["families"])
        street = f"{self.chance.choice(table['streets'])} {self.chance.randint(1, 60)}"
        postal = self.chance.choice(table["places"])
        people = [
            replace(self.someone(kommune, age, family=family), street=street, postal=postal)
            for age in ages
        ]
        adult = next((one for one, age in zip(people, ages, strict=True) if age >= 18), None)
        return [
            replace(one, attributes=guardian(adult)) if adult and age < 16 else one
            for one, age in zip(people, ages, strict=True)
        ]

    def someone(
        self, kommune: str, age: int, *, sex: str = "", given: str = "", family: str = ""
    ) -> Someone:
        """One person of that age on the first day, with number, telephone and doses."""
        chance = self.chance
        sex = sex or chance.choice(("FEMALE", "MALE"))
        born = self.first_day - timedelta(days=365 * age + age // 4 + chance.randint(1, 360))
        self._made += 1
        return Someone(
            key=f"p{self._made:04}",
            given=given or chance.choice(TABLES["women" if sex == "FEMALE" else "men"]),
            family=family or chance.choice(TABLES["families"]),
            sex=sex,
            born=born,
            kommune=kommune,
            number=self.number(born, sex),
            phone=f"9999{self._made:04}" if age >= 13 else "",
            doses=self._doses(age),
        )

    def number(self, born: date, sex: str, d_number: bool = False) -> str:
        """A number of that birth date and sex that nobody here has yet."""
        free = [n for n in numbers_of(born, sex, d_number) if n not in self._numbers]
        chosen = self.chance.choice(free)
        self._numbers.add(chosen)
        return chosen

    def _doses(self, age: int) -> tuple[date, ...]:
        """Doses as the age had been offered by the first day; none before there was a vaccine."""
        if self.first_day < VACCINE_START or age < 16 or self.chance.random() < 0.08:
            return ()
        start = VACCINE_START + timedelta(days=max(0, 80 - age) * 3 + self.chance.randint(0, 30))
        doses = [start, start + timedelta(days=self.chance.randint(35, 70))]
        if age >= 45 or self.chance.random() < 0.3:
            doses.append(doses[1] + timedelta(days=self.chance.randint(150, 190)))
        return tuple(day for day in doses if day < self.first_day - timedelta(days=3))
