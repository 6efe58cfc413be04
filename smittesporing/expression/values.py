"""What values are and how one becomes another: DHIS2's conversions, equality and arithmetic.

No trees and no names here. Called by `evaluate` and `library`, and by whoever stores a result (`as_text`).
"""

import math
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow

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
            return _number_text(float(value))
        case datetime():
            return value.isoformat(timespec="milliseconds")
        case date():
            return value.isoformat()
        case _:
            return value


def _number_text(number: float) -> str:
    """Whole numbers without a fraction, others with every digit and no exponent."""
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    return str(int(number)) if number == int(number) else format(Decimal(repr(number)), "f")


def as_truth(value: Value, column: int = 0) -> bool | None:
    """The value as true or false: texts by their word, numbers by being zero."""
    match value:
        case None | bool():
            return value
        case int() | float():
            if not float(value).is_integer():
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


# Sixteen significant digits, halves away from zero: 0.1 + 0.2 is 0.3, and 1 / 3 ends where DHIS2 ends it.
_SIXTEEN = Context(prec=16, rounding=ROUND_HALF_UP, Emin=-999_999, Emax=999_999)


def arithmetic(operator: str, left: float, right: float) -> float:
    """The result of a sign between two numbers; what has none, such as 5 % 0, is not a number."""
    if not (math.isfinite(left) and math.isfinite(right)):
        return _special(operator, left, right)
    if right == 0 and operator in "/%":
        undefined = operator == "%" or left == 0
        return math.nan if undefined else math.copysign(math.inf, left)
    one, two = _decimal(left), _decimal(right)
    match operator:
        case "+":
            return float(_SIXTEEN.add(one, two))
        case "-":
            return float(_SIXTEEN.subtract(one, two))
        case "*":
            return float(_SIXTEEN.multiply(one, two))
        case "/":
            return float(_SIXTEEN.divide(one, two))
        case "%":
            return math.fmod(left, right)
        case _:
            return _power(left, right)


def _decimal(number: float) -> Decimal:
    return _SIXTEEN.create_decimal(repr(number))


def _power(base: float, exponent: float) -> float:
    if exponent == 0:
        return 1.0
    try:
        return float(_SIXTEEN.power(_decimal(base), _decimal(exponent)))
    except (Overflow, DivisionByZero):
        return math.inf
    except InvalidOperation:
        return math.nan


def _special(operator: str, left: float, right: float) -> float:
    """Arithmetic with what is not finite, as processors do it."""
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/" if right == 0:
            return math.nan if math.isnan(left) else math.copysign(math.inf, left)
        case "/":
            return left / right
        case "%":
            return math.nan if math.isinf(left) or right == 0 else math.fmod(left, right)
        case _:
            try:
                return float(left**right)
            except (OverflowError, ZeroDivisionError):
                return math.inf


def round_half_away(number: float, digits: int) -> float:
    """The number with so many digits after the point, halves away from zero: 2.5 is 3, 1.005 is 1.01."""
    step = Decimal(1).scaleb(-digits)
    return float(Decimal(repr(number)).quantize(step, ROUND_HALF_UP, Context(prec=400)))
