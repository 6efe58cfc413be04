"""Norwegian identity numbers: what kind one is, and what it says about birth date and sex.

Pure: asks no register and no clock, so a number here is well formed, not necessarily issued. The
register's own birth date and sex win where they are known. Called by pages and by the import.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum

_WEIGHTS_1, _WEIGHTS_2 = (3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_SEPARATORS = re.compile(r"[\s.\-\u00a0\u2009\u202f]")


class Kind(Enum):
    """What sort of number it is. The value is the Norwegian name as shown to people."""

    BIRTH = "fødselsnummer"
    D_NUMBER = "D-nummer"
    H_NUMBER = "H-nummer"
    HELP = "felles hjelpenummer"


class Synthetic(Enum):
    """Which test series a number belongs to, by what is added to the month."""

    NO = 0
    NAV = 65
    TENOR = 80


@dataclass(frozen=True)
class NationalNumber:
    """A number of eleven digits that can be read.

    Missing  `birth_date` and `sex` are None for a felles hjelpenummer: it says nothing of them.
    Warns    `check_digits_fit` False is told to the one who types, and never refused: slips happen,
             and the rules for check digits change for numbers given from 2032.
    """

    digits: str
    kind: Kind
    synthetic: Synthetic
    birth_date: date | None
    sex: str | None
    check_digits_fit: bool

    @property
    def warning(self) -> str | None:
        """The sentence beside the field, or None when there is nothing to say."""
        if self.check_digits_fit:
            return None
        return (
            f"Kontrollsifrene i {self.kind.value}et stemmer ikke. Se etter skrivefeil. "
            "Du kan likevel lagre."
        )

    def __repr__(self) -> str:
        # A number must not reach a log by way of a repr.
        return f"NationalNumber({self.kind.value})"


@dataclass(frozen=True)
class NotANumber:
    """Text that cannot be a Norwegian identity number, and why, in Norwegian."""

    sentence: str


def parse(text: str) -> NationalNumber | NotANumber:
    """The number in the text, which may have spaces, dots or hyphens between the digits.

    Shape   Month + 40 is an H-nummer (also used by an older test series), + 65 NAV's and + 80
            Skatteetaten's synthetic people; day + 40 is a D-nummer. First digit 8 or 9 without a
            date behind it is a felles hjelpenummer.
    Source  Skatteetaten: fødselsnummer, D-nummer; Norsk helsenett: felles hjelpenummer.
    """
    digits = _SEPARATORS.sub("", text)
    if not digits:
        return NotANumber("Skriv et fødselsnummer eller D-nummer med elleve sifre.")
    if not (digits.isascii() and digits.isdigit()):
        return NotANumber("Et fødselsnummer har bare sifre. Se etter bokstaver eller andre tegn.")
    if len(digits) != 11:
        return NotANumber(f"Et fødselsnummer har elleve sifre. Her er det {len(digits)}.")
    fit = _check_digits_fit(digits)
    if digits[0] in "89":
        return NationalNumber(digits, Kind.HELP, Synthetic.NO, None, None, fit)
    day, month = int(digits[:2]), int(digits[2:4])
    kind = Kind.BIRTH
    if day > 40:
        kind, day = Kind.D_NUMBER, day - 40
    synthetic = Synthetic.NO
    if month > 80:
        synthetic, month = Synthetic.TENOR, month - 80
    elif month > 65:
        synthetic, month = Synthetic.NAV, month - 65
    elif month > 40:
        kind, month = (Kind.H_NUMBER if kind is Kind.BIRTH else kind), month - 40
    born = _birth_date(day, month, int(digits[4:6]), int(digits[6:9]))
    if born is None:
        return NotANumber("De seks første sifrene er ikke en gyldig dato. Se etter skrivefeil.")
    sex = "FEMALE" if int(digits[8]) % 2 == 0 else "MALE"
    return NationalNumber(digits, kind, synthetic, born, sex, fit)


def _birth_date(day: int, month: int, year: int, individual: int) -> date | None:
    """The date, with the century that the individual number stands for.

    Source  Individual number 000–499: 1900–1999; 500–749 with year 54–99: 1854–1899; 500–999 with
            year 00–39: 2000–2039; 900–999 with year 40–99: 1940–1999.
    """
    if individual < 500:
        century = 1900
    elif year <= 39:
        century = 2000
    elif individual >= 900:
        century = 1900
    elif individual <= 749 and year >= 54:
        century = 1800
    else:
        return None
    try:
        return date(century + year, month, day)
    except ValueError:
        return None


def _check_digits_fit(digits: str) -> bool:
    """Both check digits, modulo 11."""
    values = [int(character) for character in digits]
    first = -sum(w * v for w, v in zip(_WEIGHTS_1, values[:9], strict=True)) % 11
    second = -sum(w * v for w, v in zip(_WEIGHTS_2, values[:10], strict=True)) % 11
    return values[9] == first and values[10] == second
