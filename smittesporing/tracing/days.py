"""Days as FHI counts them, and Norwegian words for them: the one place for both.

Day 0 is the day of last contact, onset or test; the last day is day 0 + N, "til og med". A fact
with a date only counts from 00:00 in Europe/Oslo. Knows no rule and reads no clock. Called by
the whole room and by pages that write a date.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")

MONTHS = (
    "januar",
    "februar",
    "mars",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "desember",
)
WEEKDAYS = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")
NUMBERS = ("null", "én", "to", "tre", "fire", "fem", "seks", "sju", "åtte", "ni", "ti")


def last_day(day_0: date, days: int) -> date:
    """The last day of a measure, included: 18 January + 10 is 28 January."""
    return day_0 + timedelta(days=days)


def day_number(day_0: date, day: date) -> int:
    """Which day of the measure this is; day 0 is 0, before it negative."""
    return (day - day_0).days


def progress(day_0: date, end: date | None, day: date) -> str:
    """Dag 2 av 10; past the end "10 av 10 dager gått"; without an end "Dag 2"; "" before day 0."""
    number = day_number(day_0, day)
    if number < 0:
        return ""
    if end is None:
        return f"Dag {number}"
    total = day_number(day_0, end)
    if number > total:
        return f"{total} av {total} dager gått"
    return f"Dag {number} av {total}"


def midnight(day: date) -> datetime:
    """00:00 of that day in Norway: the moment from which a fact with a date only counts."""
    return datetime(day.year, day.month, day.day, tzinfo=OSLO)


def business_day(at: datetime) -> date:
    """The day it is in Norway at that moment. Naive moments are refused with ValueError."""
    if at.tzinfo is None:
        raise ValueError("A moment needs its time zone.")
    return at.astimezone(OSLO).date()


def add_months(day: date, months: int) -> date:
    """The same day of the month later or earlier, or the month's last day when it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, min(day.day, (first_of_next - timedelta(days=1)).day))


def short(day: date) -> str:
    """28.1."""
    return f"{day.day}.{day.month}."


def words(day: date) -> str:
    """28. januar"""
    return f"{day.day}. {MONTHS[day.month - 1]}"


def with_weekday(day: date) -> str:
    """mandag 24. januar"""
    return f"{WEEKDAYS[day.weekday()]} {words(day)}"


def with_year(day: date) -> str:
    """15. desember 2021"""
    return f"{words(day)} {day.year}"


def moment(at: datetime) -> str:
    """25. september 2021 kl. 16.00; without the hour when it is midnight."""
    local = at.astimezone(OSLO)
    if (local.hour, local.minute) == (0, 0):
        return with_year(local.date())
    return f"{with_year(local.date())} kl. {local.hour:02d}.{local.minute:02d}"


def listed(days: Sequence[date]) -> str:
    """20. og 22. januar; 31. januar og 2. februar; the month is written once when it is shared."""
    parts = [
        words(day)
        if index + 1 == len(days) or days[index + 1].month != day.month
        else f"{day.day}."
        for index, day in enumerate(days)
    ]
    return and_list(parts)


def span(from_: date, to: date) -> str:
    """4.–15. januar; 28. januar–2. februar."""
    if from_ == to:
        return words(from_)
    if (from_.year, from_.month) == (to.year, to.month):
        return f"{from_.day}.–{words(to)}"
    return f"{words(from_)}–{words(to)}"


def and_list(parts: Sequence[str]) -> str:
    """a, b og c."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} og {parts[-1]}"


def count(number: int) -> str:
    """Numbers to ten as words, larger as digits."""
    return NUMBERS[number] if 0 <= number < len(NUMBERS) else str(number)


def upper_first(sentence: str) -> str:
    """The sentence with a capital first letter, the rest untouched."""
    return sentence[:1].upper() + sentence[1:]
