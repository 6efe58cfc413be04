"""The functions that need nothing but their arguments, by name.

Functions that look at variables, users or relationships are in `evaluate`; the table of all functions is
in `functions`. Called by `evaluate` only.
"""

import math
import re
from collections.abc import Callable
from datetime import date

from smittesporing.expression.dates import add_days, days, minutes, months
from smittesporing.expression.nodes import ExpressionError
from smittesporing.expression.values import Value, arithmetic, as_date, as_number, as_text, rounded


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
    if number != int(number):
        raise ExpressionError(0, "A whole number was expected here.")
    return int(number)


def _round(value: Value, digits: Value = None) -> Value:
    number = as_number(value)
    if number is None or not math.isfinite(number):
        return math.nan
    scale = 10.0 ** (_whole(digits) or 0)
    return rounded(math.copysign(math.floor(abs(number) * scale + 0.5), number) / scale)


def _left(text: Value, count: Value) -> Value:
    length = _whole(count)
    return "" if text is None or length is None else (as_text(text) or "")[: max(length, 0)]


def _right(text: Value, count: Value) -> Value:
    length = _whole(count)
    whole = as_text(text) or ""
    return "" if length is None else whole[max(len(whole) - length, 0) :]


def _substring(text: Value, first: Value, last: Value) -> Value:
    whole = as_text(text) or ""
    return whole[max(_whole(first) or 0, 0) : min(_whole(last) or 0, len(whole))]


def _split(text: Value, delimiter: Value, index: Value) -> Value:
    if text is None or not delimiter:
        return ""
    parts = (as_text(text) or "").split(as_text(delimiter))
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


def _normal(x: Value, average: Value, spread: Value) -> tuple[float, float]:
    sigma = _need_number(spread)
    return (_need_number(x) - _need_number(average)) / sigma if sigma else math.nan, sigma


def _cumulative(x: Value, average: Value, spread: Value) -> Value:
    z, _ = _normal(x, average, spread)
    return 0.5 * (1 + math.erf(z / math.sqrt(2)))


def _density(x: Value, average: Value, spread: Value) -> Value:
    z, sigma = _normal(x, average, spread)
    return math.exp(-z * z / 2) / (sigma * math.sqrt(2 * math.pi))


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
    "normDistCum": _cumulative,
    "normDistDen": _density,
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
    "d2:ceil": lambda value: float(math.ceil(as_number(value) or 0.0)),
    "d2:floor": lambda value: float(math.floor(as_number(value) or 0.0)),
    "d2:round": _round,
    "d2:modulus": lambda a, b: arithmetic("%", _need_number(a), _need_number(b)),
    "d2:concatenate": lambda *values: "".join(as_text(v) or "" for v in values),
    "d2:left": _left,
    "d2:right": _right,
    "d2:length": lambda text: float(len(as_text(text) or "")),
    "d2:split": _split,
    "d2:substring": _substring,
    "d2:validatePattern": lambda text, pattern: (
        text is not None and re.fullmatch(as_text(pattern) or "", as_text(text) or "") is not None
    ),
}
