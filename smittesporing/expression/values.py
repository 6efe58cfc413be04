"""What values are and how one becomes another: DHIS2's conversions, equality and arithmetic.

No trees and no names here. Called by `evaluate` and `library`, and by whoever stores a result (`as_text`).
"""

import math
from datetime import date, datetime

from smittesporing.expression.nodes import ExpressionError

Value = float | str | bool | date | datetime | None


def as_text(value: Value) -> str | None:
    """The value as DHIS2 stores it: whole numbers without a fraction, ISO dates, true and false."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case int() | float():
            whole = math.isfinite(value) and value == int(value)
            return str(int(value)) if whole else repr(float(value))
        case datetime():
            return value.isoformat(timespec="milliseconds")
        case date():
            return value.isoformat()
        case _:
            return value


def as_truth(value: Value, column: int = 0) -> bool | None:
    """The value as true or false: texts by their word, numbers by being zero."""
    match value:
        case None | bool():
            return value
        case int() | float():
            if value != int(value):
                raise ExpressionError(column, "A number with a fraction is neither true nor false.")
            return value != 0
        case _:
            return str(value).lower() == "true"


def as_number(value: Value, column: int = 0) -> float | None:
    match value:
        case None:
            return None
        case bool() | int() | float():
            return float(value)
        case str():
            try:
                return float(value)
            except ValueError:
                pass
    raise ExpressionError(column, "A number was expected here, and the value is not one.")


def as_date(value: Value, column: int = 0) -> date | datetime | None:
    match value:
        case None | date():
            return value
        case str() if value:
            try:
                return (
                    date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
                )
            except ValueError:
                pass
    raise ExpressionError(column, "A date was expected here, and the value is not one.")


def equal(left: Value, right: Value) -> bool:
    """DHIS2's equality: by number if one side is a number, by truth if one is true or false, else as text."""
    if left is None or right is None:
        return left is None and right is None
    if isinstance(left, bool) or isinstance(right, bool):
        if _is_number(left) or _is_number(right):
            return _same_number(left, right)
        return as_truth(left) == as_truth(right)
    if _is_number(left) or _is_number(right):
        return _same_number(left, right)
    return as_text(left) == as_text(right)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same_number(left: Value, right: Value) -> bool:
    try:
        return as_number(left) == as_number(right)
    except ExpressionError:
        return False


def arithmetic(operator: str, left: float, right: float) -> float:
    match operator:
        case "+":
            return rounded(left + right)
        case "-":
            return rounded(left - right)
        case "*":
            return rounded(left * right)
        case "/":
            if right == 0:
                return math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left)
            return rounded(left / right)
        case "%":
            return math.nan if right == 0 else math.fmod(left, right)
        case _:
            try:
                return rounded(float(left**right))
            except (OverflowError, ZeroDivisionError, TypeError):
                return math.nan


def rounded(number: float) -> float:
    """Sixteen significant digits, as DHIS2 counts: 0.1 + 0.2 is 0.3."""
    return float(f"{number:.15g}") if math.isfinite(number) else number
