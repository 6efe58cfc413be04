"""The functions that need nothing but their arguments, by name.

Functions that look at variables, users or relationships are in `evaluate`; the table of all functions is
in `functions`. Called by `evaluate` only.
"""

import math
import re
from collections.abc import Callable
from datetime import date

from smittesporing.expression.dates import add_days, days, minutes, months
from smittesporing.expression.gs1 import gs1_field
from smittesporing.expression.nodes import ExpressionError
from smittesporing.expression.values import (
    Value,
    arithmetic,
    as_date,
    as_number,
    as_text,
    round_half_away,
)


def _need_number(value: Value) -> float:
    number = as_number(value)
    if number is None:
        raise ExpressionError(0, "A number was expected here, and there is no value.")
    return number


def _need_date(value: Value) -> date:
    moment = as_date(value)
    if moment is None:
        raise ExpressionError(0, "A date was expected here, and there is no value.")
    return moment


def _whole(value: Value) -> int | None:
    number = as_number(value)
    if number is None:
        return None
    if not number.is_integer():
        raise ExpressionError(0, "A whole number was expected here.")
    return int(number)


def _round(value: Value, digits: Value = None) -> Value:
    number = as_number(value)
    if number is None or not math.isfinite(number):
        return math.nan
    places = _whole(digits) or 0
    if not 0 <= places <= 30:
        raise ExpressionError(0, "Numbers are rounded to between 0 and 30 digits after the point.")
    return round_half_away(number, places)


def _to_whole(rounding: Callable[[float], int], value: Value) -> Value:
    number = as_number(value) or 0.0
    return float(rounding(number)) if math.isfinite(number) else number


def _left(text: Value, count: Value) -> Value:
    length = _whole(count)
    if text is None or length is None:
        return ""
    _check_range(length >= 0)
    return (as_text(text) or "")[:length]


def _right(text: Value, count: Value) -> Value:
    length = _whole(count)
    if text is None or length is None:
        return ""
    _check_range(length >= 0)
    whole = as_text(text) or ""
    return whole[max(len(whole) - length, 0) :]


def _substring(text: Value, first: Value, last: Value) -> Value:
    if text is None:
        return ""
    whole = as_text(text) or ""
    begin = max(_whole(first) or 0, 0)
    end = _whole(last)
    end = len(whole) if end is None else min(end, len(whole))
    _check_range(begin <= end)
    return whole[begin:end]


def _check_range(sound: bool) -> None:
    if not sound:
        raise ExpressionError(0, "There are no such characters to take out of the text.")


def _split(text: Value, delimiter: Value, index: Value) -> Value:
    if text is None or delimiter is None:
        return ""
    whole, mark = as_text(text) or "", as_text(delimiter) or ""
    parts = whole.split(mark) if mark else ["", *whole]
    at = _whole(index)
    return parts[at] if at is not None and 0 <= at < len(parts) else ""


def _contains(text: Value, *wanted: Value) -> Value:
    whole = as_text(text)
    if whole is None:
        return None
    return all(one is not None and (as_text(one) or "") in whole for one in wanted)


def _contains_items(text: Value, *wanted: Value) -> Value:
    whole = as_text(text)
    return None if whole is None else all(as_text(one) in whole.split(",") for one in wanted)


def _numbers(values: tuple[Value, ...]) -> list[float]:
    return [n for value in values if (n := as_number(value)) is not None]


def _log(value: Value, base: Value = None) -> Value:
    number = as_number(value)
    if number is None:
        return math.nan
    if number <= 0:
        return -math.inf if number == 0 else math.nan
    return math.log(number) if base is None else math.log(number) / math.log(_need_number(base))


def _log10(value: Value) -> Value:
    number = as_number(value)
    return (
        math.nan
        if number is None or number < 0
        else -math.inf
        if number == 0
        else math.log10(number)
    )


def _add_days(start: Value, count: Value) -> Value:
    begin, number = as_date(start), as_number(count)
    return begin if begin is None or number is None else add_days(begin, int(number))


def _zing(value: Value) -> Value:
    number = as_number(value)
    return None if number is None else max(number, 0.0)


LIBRARY: dict[str, Callable[..., Value]] = {
    "isNull": lambda value: value is None,
    "isNotNull": lambda value: value is not None,
    "firstNonNull": lambda *values: next((v for v in values if v is not None), None),
    "greatest": lambda *values: max(_numbers(values), default=None),
    "least": lambda *values: min(_numbers(values), default=None),
    "log": _log,
    "log10": _log10,
    "contains": _contains,
    "d2:contains": _contains,
    "containsItems": _contains_items,
    "d2:containsItems": _contains_items,
    "removeZeros": lambda value: None if as_number(value) == 0 else as_number(value),
    "subExpression": lambda value: value,
    "d2:daysBetween": lambda a, b: float(days(_need_date(a), _need_date(b))),
    "d2:weeksBetween": lambda a, b: float(int(days(_need_date(a), _need_date(b)) / 7)),
    "d2:monthsBetween": lambda a, b: float(months(_need_date(a), _need_date(b))),
    "d2:yearsBetween": lambda a, b: float(int(months(_need_date(a), _need_date(b)) / 12)),
    "d2:minutesBetween": lambda a, b: minutes(_need_date(a), _need_date(b)),
    "d2:oizp": lambda value: 1.0 if (as_number(value) or 0.0) >= 0 and value is not None else 0.0,
    "d2:zing": _zing,
    "d2:zpvc": lambda *values: float(sum(n >= 0 for n in _numbers(values))),
    "d2:addDays": _add_days,
    "d2:ceil": lambda value: _to_whole(math.ceil, value),
    "d2:floor": lambda value: _to_whole(math.floor, value),
    "d2:round": _round,
    "d2:modulus": lambda a, b: arithmetic("%", _need_number(a), _need_number(b)),
    "d2:concatenate": lambda *values: "".join(as_text(v) or "" for v in values),
    "d2:left": _left,
    "d2:right": _right,
    "d2:length": lambda text: float(len(as_text(text) or "")),
    "d2:split": _split,
    "d2:substring": _substring,
    "d2:extractDataMatrixValue": gs1_field,
    "d2:validatePattern": lambda text, pattern: (
        text is not None and re.fullmatch(as_text(pattern) or "", as_text(text) or "") is not None
    ),
}
