"""Words, dates and numbers as a Norwegian reader expects them.

Wraps the gettext catalogue (source language Bokmål: a text is its own key) and
Babel's dates and numbers. Writes no HTML and reads no clock. Called by render.py,
whose templates get every function here as a filter, and by page modules that
write a sentence in Python.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal

LOCALE_DIR = Path(__file__).parent / "locale"
OSLO = ZoneInfo("Europe/Oslo")
MISSING = "–"

Day = date | datetime | str | None


@lru_cache(maxsize=8)
def catalogue(locale: str = "nb") -> gettext.NullTranslations:
    """The catalogue of one language; Bokmål, the source, needs no file and is what is missing elsewhere."""
    return gettext.translation("smittesporing", LOCALE_DIR, languages=[locale], fallback=True)


def translated(locale: str) -> dict[str, str]:
    """Every text of one language by its Bokmål, for the islands; empty in Bokmål itself."""
    messages = getattr(catalogue(locale), "_catalog", {})
    return {key: text for key, text in messages.items() if isinstance(key, str) and key}


def _(text: str, **values: object) -> str:
    """The text in Bokmål, with %(name)s filled in: for sentences written in Python."""
    translated = catalogue().gettext(text)
    return translated % values if values else translated


def as_day(value: Day) -> date | None:
    """The Norwegian calendar day of a date, a moment or ISO text; None stays None.

    Missing A moment without a zone is read as Oslo time, as decision 22 says.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        if len(value) <= 10:
            return date.fromisoformat(value)
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value.astimezone(OSLO).date() if value.tzinfo else value.date()
    return value


def _dated(pattern: str) -> Callable[[Day], str]:
    def write(value: Day) -> str:
        day = as_day(value)
        return MISSING if day is None else format_date(day, pattern, locale="nb")

    return write


day_full = _dated("EEEE d. MMMM y")
day_full.__doc__ = "torsdag 20. januar 2022"
day_named = _dated("EEEE d. MMMM")
day_named.__doc__ = "torsdag 20. januar"
day_month = _dated("d. MMMM")
day_month.__doc__ = "20. januar"
day_year = _dated("d. MMMM y")
day_year.__doc__ = "20. januar 2022"
day_short = _dated("d. MMM")
day_short.__doc__ = "20. jan."
day_tight = _dated("d.M.")
day_tight.__doc__ = "20.1."
weekday = _dated("EEEE")
weekday.__doc__ = "torsdag"


def clock(value: datetime | str | None) -> str:
    """12.04, the time of day in Norway; a dash when there is none."""
    if not value:
        return MISSING
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if moment.tzinfo:
        moment = moment.astimezone(OSLO)
    return f"{moment:%H.%M}"


def at(value: datetime | str | None) -> str:
    """kl. 12.04"""
    return MISSING if not value else f"kl. {clock(value)}"


def moment(value: datetime | str | None) -> str:
    """20. januar kl. 12.04"""
    return MISSING if not value else f"{day_month(value)} {at(value)}"


def number(value: float | None, decimals: int = 0) -> str:
    """77 095 with a hard space, or 1,4 with `decimals=1`; a dash when there is none."""
    if value is None:
        return MISSING
    pattern = "#,##0" if decimals == 0 else "#,##0." + "0" * decimals
    return format_decimal(value, pattern, locale="nb")


def percent(part: int, whole: int) -> str:
    """74 % of whole, rounded; a dash when the whole is nothing, since 0 % would claim something."""
    return MISSING if whole == 0 else f"{number(100 * part / whole)}\N{NO-BREAK SPACE}%"


def phone(value: str | None) -> str:
    """99 99 00 05 for a Norwegian number of eight digits; others are left as written."""
    if not value:
        return ""
    digits = "".join(value.split())
    bare = digits.removeprefix("+47").removeprefix("0047")
    if len(bare) == 8 and bare.isdigit():
        return "\N{NO-BREAK SPACE}".join(bare[i : i + 2] for i in range(0, 8, 2))
    return value


def age(years: int | None) -> str:
    """34 år; nothing when the age is unknown."""
    return "" if years is None else f"{years} år"


def listed(names: list[str]) -> str:
    """Siri Vik, Ivar Strand og Liv Aune"""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {_('og')} {names[-1]}"


FILTERS: dict[str, Callable[..., str]] = {
    "day_full": day_full,
    "day_named": day_named,
    "day_month": day_month,
    "day_year": day_year,
    "day_short": day_short,
    "day_tight": day_tight,
    "weekday": weekday,
    "clock": clock,
    "at": at,
    "moment": moment,
    "number": number,
    "percent": percent,
    "phone": phone,
    "age": age,
    "listed": listed,
}
