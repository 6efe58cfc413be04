"""Days, weeks, months and years between two dates, counted in whole ones as DHIS2 counts.

Calendar arithmetic only; knows no clock and no time zone. Called by `evaluate`.
"""

from datetime import date, datetime, time, timedelta


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def days(start: date, end: date) -> int:
    """Nights from start to end; negative when end is earlier. Times of day do not count."""
    return (_day(end) - _day(start)).days


def months(start: date, end: date) -> int:
    """Whole months, towards zero: 31 January to 28 February is none."""
    one, two = _day(start), _day(end)
    if two < one:
        return -months(two, one)
    return (two.year - one.year) * 12 + two.month - one.month - (two.day < one.day)


def minutes(start: date, end: date) -> float:
    """Minutes with their fraction; a date without a time is its midnight."""

    def moment(value: date) -> datetime:
        return value if isinstance(value, datetime) else datetime.combine(value, time())

    one, two = moment(start), moment(end)
    if (one.tzinfo is None) != (two.tzinfo is None):
        one, two = one.replace(tzinfo=None), two.replace(tzinfo=None)
    return int((two - one).total_seconds()) / 60


def add_days(start: date, count: int) -> date:
    return start + timedelta(days=count)
