"""Whether a value fits its value type.

Text in, yes or no out; nothing is changed or guessed. Which type a value should have is metadata's;
what a misfit is called (E1007, E1302) is `validate`'s. Called by validate and programrules.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache

from smittesporing.uid import is_uid

LONGEST_TEXT = 50_000
LONGEST_SHORT_TEXT = 1_200

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_INTEGER = re.compile(r"[-+]?\d{1,10}")
_PHONE = re.compile(r"[0-9+()#.\s/ext-]{6,50}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_TIME = re.compile(r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?")
_COORDINATE = re.compile(r"\[\s*-?\d+(\.\d+)?\s*,\s*-?\d+(\.\d+)?\s*\]")
_LARGEST_INTEGER = 2**31 - 1


@lru_cache(maxsize=8192)
def as_date(text: str) -> date | None:
    """The calendar day that a DATE, AGE or DATETIME value names; None when it names none."""
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None


def _integer(low: int, high: int) -> Callable[[str], bool]:
    return lambda text: _INTEGER.fullmatch(text) is not None and low <= int(text) <= high


def _number(low: float, high: float) -> Callable[[str], bool]:
    return lambda text: _NUMBER.fullmatch(text) is not None and low <= float(text) <= high


def _day(text: str) -> bool:
    return text[4:5] == "-" and as_date(text) is not None


def _any(text: str) -> bool:
    return True


_FITS: Mapping[str, Callable[[str], bool]] = {
    "TEXT": _any,
    "LONG_TEXT": _any,
    "MULTI_TEXT": _any,
    "LETTER": lambda text: len(text) == 1 and text.isalpha(),
    "PHONE_NUMBER": lambda text: _PHONE.fullmatch(text) is not None,
    "EMAIL": lambda text: _EMAIL.fullmatch(text) is not None,
    "BOOLEAN": lambda text: text.lower() in ("true", "false", "1", "0"),
    "TRUE_ONLY": lambda text: text.lower() in ("true", "1"),
    "DATE": _day,
    "AGE": _day,
    "DATETIME": lambda text: len(text) > 10 and _day(text),
    "TIME": lambda text: _TIME.fullmatch(text) is not None,
    "NUMBER": _number(float("-inf"), float("inf")),
    "UNIT_INTERVAL": _number(0, 1),
    "PERCENTAGE": _number(0, 100),
    "INTEGER": _integer(-_LARGEST_INTEGER - 1, _LARGEST_INTEGER),
    "INTEGER_POSITIVE": _integer(1, _LARGEST_INTEGER),
    "INTEGER_NEGATIVE": _integer(-_LARGEST_INTEGER - 1, -1),
    "INTEGER_ZERO_OR_POSITIVE": _integer(0, _LARGEST_INTEGER),
    "TRACKER_ASSOCIATE": is_uid,
    "USERNAME": _any,
    "COORDINATE": lambda text: _COORDINATE.fullmatch(text) is not None,
    "ORGANISATION_UNIT": is_uid,
    "REFERENCE": is_uid,
    "URL": lambda text: _URL.fullmatch(text) is not None,
    "FILE_RESOURCE": is_uid,
    "IMAGE": is_uid,
    "GEOJSON": lambda text: text.lstrip().startswith("{"),
}


def fits(value_type: str, text: str) -> bool:
    """Whether the text is a value of this type, and short enough to be one."""
    longest = LONGEST_TEXT if value_type in ("LONG_TEXT", "GEOJSON") else LONGEST_SHORT_TEXT
    return len(text) <= longest and "\x00" not in text and _FITS[value_type](text)


_WEIGHTS = ((3, 7, 6, 1, 8, 9, 4, 5, 2, 1), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1))


def has_true_check_digits(number: str) -> bool:
    """Whether an eleven-digit Norwegian identity number ends in the check digits it should.

    Source  Skatteetaten's modulus 11 for fødselsnummer and D-nummer; synthetic numbers keep it too.
    """
    if len(number) != 11 or not number.isdecimal():
        return False
    digits = [int(each) for each in number]
    return all(
        sum(weight * digit for weight, digit in zip(weights, digits, strict=False)) % 11 == 0
        for weights in _WEIGHTS
    )
