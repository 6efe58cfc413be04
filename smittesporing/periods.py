"""DHIS2's periods: their identifiers, first and last days, names, and the relative ones.

Calendar arithmetic only; the day it is comes in as a parameter. Called by analytics, by the weekly
report and by pages that choose a period.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)
_MONTHS = (
    "januar", "februar", "mars", "april", "mai", "juni",
    "juli", "august", "september", "oktober", "november", "desember",
)  # fmt: skip
_FINANCIAL = {"April": 4, "July": 7, "Sep": 9, "Oct": 10, "Nov": 11}


@dataclass(frozen=True, slots=True)
class Period:
    """One period: DHIS2's identifier and period type, and its first and last day, both included."""

    id: str
    kind: str
    start: date
    end: date

    @property
    def name(self) -> str:
        """What a Norwegian reader calls it."""
        match self.kind:
            case "Daily":
                return f"{self.start.day}. {_MONTHS[self.start.month - 1]} {self.start.year}"
            case "Weekly":
                year, week = self.id.split("W")
                return f"Uke {week}, {year}"
            case "Monthly":
                return f"{_MONTHS[self.start.month - 1].capitalize()} {self.start.year}"
            case "Quarterly":
                return f"{(self.start.month + 2) // 3}. kvartal {self.start.year}"
            case "SixMonthly":
                return f"{'Første' if self.start.month == 1 else 'Andre'} halvår {self.start.year}"
            case "Yearly":
                return str(self.start.year)
            case _:
                return f"{self.start:%d.%m.%Y}–{self.end:%d.%m.%Y}"


def _plus_months(day: date, months: int) -> date:
    """The first of the month so many months from the first of that day's month."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def _months(kind: str, start: date, count: int, uid: str) -> Period:
    return Period(uid, kind, start, _plus_months(start, count) - _DAY)


def _week(day: date) -> Period:
    monday = day - timedelta(days=day.weekday())
    year, week, _ = monday.isocalendar()
    return Period(f"{year}W{week}", "Weekly", monday, monday + timedelta(days=6))


def _biweek(day: date) -> Period:
    year, week, _ = day.isocalendar()
    number = (week + 1) // 2
    monday = date.fromisocalendar(year, number * 2 - 1, 1)
    # A year of 53 weeks ends in a biweek of its own that runs into the next year's first week.
    return Period(f"{year}BiW{number}", "BiWeekly", monday, monday + timedelta(days=13))


def _month(day: date) -> Period:
    start = day.replace(day=1)
    return _months("Monthly", start, 1, f"{start:%Y%m}")


def _bimonth(day: date) -> Period:
    number = (day.month + 1) // 2
    return _months("BiMonthly", date(day.year, number * 2 - 1, 1), 2, f"{day.year}{number:02}B")


def _quarter(day: date) -> Period:
    number = (day.month + 2) // 3
    return _months("Quarterly", date(day.year, number * 3 - 2, 1), 3, f"{day.year}Q{number}")


def _half(day: date) -> Period:
    number = (day.month + 5) // 6
    return _months("SixMonthly", date(day.year, number * 6 - 5, 1), 6, f"{day.year}S{number}")


def _year(day: date) -> Period:
    return _months("Yearly", date(day.year, 1, 1), 12, str(day.year))


def _financial(name: str) -> Callable[[date], Period]:
    first = _FINANCIAL[name]

    def containing_day(day: date) -> Period:
        year = day.year if day.month >= first else day.year - 1
        return _months(f"Financial{name}", date(year, first, 1), 12, f"{year}{name}")

    return containing_day


_CONTAINING: dict[str, Callable[[date], Period]] = {
    "Daily": lambda day: Period(f"{day:%Y%m%d}", "Daily", day, day),
    "Weekly": _week,
    "BiWeekly": _biweek,
    "Monthly": _month,
    "BiMonthly": _bimonth,
    "Quarterly": _quarter,
    "SixMonthly": _half,
    "Yearly": _year,
    **{f"Financial{name}": _financial(name) for name in _FINANCIAL},
}


def containing(kind: str, day: date) -> Period:
    """The period of that type that the day lies in. KeyError for a type that does not exist."""
    return _CONTAINING[kind](day)


def shift(period: Period, count: int) -> Period:
    """The period so many steps later, or earlier when negative."""
    here = period
    for _ in range(abs(count)):
        here = containing(here.kind, here.end + _DAY if count > 0 else here.start - _DAY)
    return here


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Period]], ...] = (
    (
        re.compile(r"(\d{4})(\d\d)(\d\d)|(\d{4})-(\d\d)-(\d\d)"),
        lambda m: containing("Daily", date(*(int(g) for g in m.groups() if g))),
    ),
    (
        re.compile(r"(\d{4})W(\d{1,2})"),
        lambda m: _week(date.fromisocalendar(int(m[1]), int(m[2]), 1)),
    ),
    (
        re.compile(r"(\d{4})BiW(\d{1,2})"),
        lambda m: _biweek(date.fromisocalendar(int(m[1]), int(m[2]) * 2 - 1, 1)),
    ),
    (re.compile(r"(\d{4})(\d\d)"), lambda m: _month(date(int(m[1]), int(m[2]), 1))),
    (re.compile(r"(\d{4})(\d\d)B"), lambda m: _bimonth(date(int(m[1]), int(m[2]) * 2, 1))),
    (re.compile(r"(\d{4})Q(\d)"), lambda m: _quarter(date(int(m[1]), int(m[2]) * 3, 1))),
    (re.compile(r"(\d{4})S(\d)"), lambda m: _half(date(int(m[1]), int(m[2]) * 6, 1))),
    (re.compile(r"(\d{4})"), lambda m: _year(date(int(m[1]), 1, 1))),
    (
        re.compile(r"(\d{4})(April|July|Sep|Oct|Nov)"),
        lambda m: containing(f"Financial{m[2]}", date(int(m[1]), _FINANCIAL[m[2]], 1)),
    ),
)

_LAST = re.compile(
    r"(?:LAST_(?:(?P<count>\d+)_)?)(?P<unit>DAY|WEEK|BIWEEK|MONTH|BIMONTH|QUARTER|SIX_?MONTH|YEAR|FINANCIAL_YEAR)S?"
)
_THIS = re.compile(
    r"THIS_(?P<unit>DAY|WEEK|BIWEEK|MONTH|BIMONTH|QUARTER|SIX_MONTH|YEAR|FINANCIAL_YEAR)"
)
_WITHIN = re.compile(r"(?P<unit>WEEK|MONTH|BIMONTH|QUARTER)S_(?P<year>THIS|LAST)_YEAR")
_UNITS = {
    "DAY": "Daily",
    "WEEK": "Weekly",
    "BIWEEK": "BiWeekly",
    "MONTH": "Monthly",
    "BIMONTH": "BiMonthly",
    "QUARTER": "Quarterly",
    "SIX_MONTH": "SixMonthly",
    "SIXMONTH": "SixMonthly",
    "YEAR": "Yearly",
    "FINANCIAL_YEAR": "FinancialOct",
}
_MOST = 1000


def parse(text: str) -> Period | None:
    """The period with this identifier; None when it is none (2022W60, 202213, a relative one)."""
    for form, make in _FORMS:
        match = form.fullmatch(text)
        if match:
            try:
                return make(match)
            except ValueError:
                return None
    return None


def expand(text: str, today: date) -> tuple[Period, ...]:
    """The periods an identifier stands for, earliest first: one, or those of a relative period.

    Shape   LAST_n leaves out the period that is not over yet; THIS_… is that period.
    Answer  Empty when the identifier is unknown.
    """
    fixed = parse(text)
    if fixed is not None:
        return (fixed,)
    if text in ("TODAY", "YESTERDAY"):
        return (containing("Daily", today if text == "TODAY" else today - _DAY),)
    if match := _THIS.fullmatch(text):
        return (containing(_UNITS[match["unit"]], today),)
    if match := _LAST.fullmatch(text):
        count = int(match["count"] or 1)
        if not 1 <= count <= _MOST:
            return ()
        here = containing(_UNITS[match["unit"]], today)
        return tuple(reversed([here := shift(here, -1) for _ in range(count)]))
    if match := _WITHIN.fullmatch(text):
        year = containing("Yearly", today)
        year = year if match["year"] == "THIS" else shift(year, -1)
        return tuple(_inside(_UNITS[match["unit"]], year))
    return ()


def _inside(kind: str, year: Period) -> Iterator[Period]:
    """The periods that belong to a year; ISO weeks by their own year."""
    if kind == "Weekly":
        here = _week(date(year.start.year, 1, 4))
        while here.id.startswith(year.id):
            yield here
            here = shift(here, 1)
        return
    here = containing(kind, year.start)
    while here.start <= year.end:
        yield here
        here = shift(here, 1)


def between(kind: str, first: date, last: date) -> tuple[Period, ...]:
    """All periods of a type that touch the days from first to last."""
    here = containing(kind, first)
    found = []
    while here.start <= last:
        found.append(here)
        here = shift(here, 1)
    return tuple(found)
