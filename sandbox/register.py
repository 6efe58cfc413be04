"""The synthetic population: who the stand-in Folkeregister knows.

The demo's own people come first; any other synthetic number with right check digits gets a person
made from the number, always the same one. A few numbers are set aside for each way a lookup can go.
Called by folkeregister.py.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from enum import Enum

_FIRST, _SECOND = (3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
WOMEN = ("Aud", "Berit", "Dagny", "Eline", "Gro", "Hedda", "Ingrid", "Live", "Maja", "Solveig")
MEN = ("Arne", "Birk", "Dag", "Eivind", "Geir", "Håkon", "Jonas", "Leif", "Odin", "Sverre")
FAMILIES = (
    "Bakke",
    "Dahl",
    "Eide",
    "Fjeld",
    "Haugen",
    "Lie",
    "Moen",
    "Nygård",
    "Strand",
    "Ødegård",
)
STREETS = ("Bjørkeveien", "Fjordgata", "Kirkeveien", "Parkveien", "Skolegata", "Storgata")
PLACES = (
    ("5501", "9008", "Tromsø"),
    ("5503", "9402", "Harstad"),
    ("1804", "8006", "Bodø"),
    ("5001", "7010", "Trondheim"),
    ("4601", "5003", "Bergen"),
)


class Case(Enum):
    """How a lookup of a number that is set aside goes."""

    NOT_FOUND = "NONE"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"
    DOWN = "down"
    EXPIRED = "expired"
    SLOW = "slow"
    GARBAGE = "garbage"
    STRICT = "strengtFortrolig"
    CONFIDENTIAL = "fortrolig"


def check_digits(nine: str) -> str | None:
    """The two check digits of nine digits, or None when the nine cannot have any."""
    digits = [int(character) for character in nine]
    first = -sum(w * d for w, d in zip(_FIRST, digits, strict=True)) % 11
    second = -sum(w * d for w, d in zip(_SECOND, [*digits, first], strict=True)) % 11
    return None if 10 in (first, second) else f"{first}{second}"


def a_number(day: int, month: int, year: int, individual: int) -> str:
    """The first synthetic number from that individual number upwards: month + 80."""
    while True:
        nine = f"{day:02}{month + 80}{year % 100:02}{individual:03}"
        ending = check_digits(nine)
        if ending is not None:
            return nine + ending
        individual += 2


# One per case, born on the first days of 1990, in the order of Case.
SET_ASIDE = {a_number(day, 1, 1990, 100): case for day, case in enumerate(Case, start=1)}
NUMBER_FOR = {case: number for number, case in SET_ASIDE.items()}


@dataclass(frozen=True)
class Resident:
    """One synthetic person as the register has her."""

    number: str
    given_name: str
    middle_name: str
    family_name: str
    birth_date: date
    sex: str
    address: str
    postal_code: str
    postal_place: str
    kommune: str
    phone: str
    email: str
    grade: str = "ugradert"


def birth_date(number: str) -> date | None:
    """The birth date in a synthetic number (also D-numbers, day + 40)."""
    day, month, year, individual = (
        int(number[:2]),
        int(number[2:4]),
        int(number[4:6]),
        int(number[6:9]),
    )
    century = 1900
    if individual >= 500 and year < 40:
        century = 2000
    elif 500 <= individual <= 749 and year >= 54:
        century = 1800
    try:
        return date(century + year, month - 80, day - 40 if day > 40 else day)
    except ValueError:
        return None


def made_up(number: str) -> Resident | None:
    """The person this number always gives; None when the number could not have been issued."""
    born = birth_date(number)
    if born is None or check_digits(number[:9]) != number[9:]:
        return None
    seed = hashlib.sha256(number.encode()).digest()
    woman = int(number[8]) % 2 == 0
    names = WOMEN if woman else MEN
    given, family = names[seed[0] % len(names)], FAMILIES[seed[1] % len(FAMILIES)]
    kommune, postal_code, postal_place = PLACES[seed[2] % len(PLACES)]
    case = SET_ASIDE.get(number)
    return Resident(
        number=number,
        given_name=given,
        middle_name=FAMILIES[seed[3] % len(FAMILIES)] if seed[4] % 4 == 0 else "",
        family_name=family,
        birth_date=born,
        sex="K" if woman else "M",
        address=f"{STREETS[seed[5] % len(STREETS)]} {seed[6] % 80 + 1}",
        postal_code=postal_code,
        postal_place=postal_place,
        kommune=kommune,
        # 99 99 00 00 to 99 99 99 99 stand for nobody in the demo.
        phone=f"9999{int.from_bytes(seed[7:9], 'big') % 10000:04}",
        email=f"{number[:6]}{seed[9] % 100:02}@example.com",
        grade=case.value if case in (Case.STRICT, Case.CONFIDENTIAL) else "ugradert",
    )


class Register:
    """The population: people given at start, then whoever a number makes."""

    def __init__(self, residents: dict[str, Resident] | None = None) -> None:
        self.residents = dict(residents or {})

    def find(self, number: str) -> Resident | None:
        if SET_ASIDE.get(number) in (Case.NOT_FOUND, Case.FAILED, Case.UNKNOWN):
            return None
        return self.residents.get(number) or made_up(number)
