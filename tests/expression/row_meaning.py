"""What an expression of a program indicator means for one row, in plain Python: the referee of its SQL.

Every operator and function is `evaluate`'s, one node at a time; what is added here is how rows differ from
forms. A missing value or an odd one makes its own part null and no more, as in SQL; `&&`, `||` and `!` know
three truths; a quoted condition keeps what is missing; zpvc of none is null; what was counted is divided
by what was counted in whole numbers.
"""

import math
from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from smittesporing.expression.evaluate import Context, evaluate
from smittesporing.expression.functions import VARIABLES
from smittesporing.expression.nodes import (
    Binary,
    Boolean,
    Call,
    ExpressionError,
    Item,
    Node,
    Null,
    Number,
    Text,
    Unary,
    left_spine,
)
from smittesporing.expression.values import Value

AGGREGATES = ("avg", "count", "max", "min", "stddev", "sum", "variance")
_NONE_IS_MISSING = ("event_count", "scheduled_event_count", "value_count", "zero_pos_value_count")
_DEFAULTS = {"NUMBER": 0.0, "TEXT": "", "BOOLEAN": False}


class Undecided(Exception):
    """Two numbers so near each other that exact and floating arithmetic may order them differently."""


class Row(Protocol):
    """What the items of one row are, as plain values; None is missing."""

    def value(self, item: Item) -> Value: ...
    def kind(self, item: Item) -> str: ...
    def variable(self, item: Item) -> Value: ...
    def values(self, item: Item) -> Sequence[Value]: ...
    def extreme(self, item: Item, function: str) -> Value: ...
    def relationships(self, type_uid: str | None) -> int: ...
    def aggregate(self, call: Call) -> Value: ...


def meaning(node: Node, row: Row, *, nulls: bool) -> Value:
    """The value for the row; None where SQL says null."""
    match node:
        case Number(value) | Text(value) | Boolean(value):
            return value
        case Null():
            return None
        case Item("V"):
            value = row.variable(node)
            kind = VARIABLES[node.name].kind.value
            missing = value is not None or nulls or node.name in _NONE_IS_MISSING
            return value if missing else _DEFAULTS.get(kind)
        case Item():
            value = row.value(node)
            return _DEFAULTS.get(row.kind(node)) if value is None and not nulls else value
        case Unary("!", operand):
            truth = _truth(meaning(operand, row, nulls=nulls))
            return None if truth is None else not truth
        case Unary(operator, operand):
            return _plain(Unary(operator, _literal(meaning(operand, row, nulls=nulls))))
        case Binary():
            first, chain = left_spine(node)
            left, whole = meaning(first, row, nulls=nulls), is_whole(first)
            for step in chain:
                whole = whole and is_whole(step.right)
                left = _step(step, left, meaning(step.right, row, nulls=nulls))
                if step.operator == "/" and whole and isinstance(left, float):
                    left = float(int(left))
            return left
        case Call():
            return _call(node, row, nulls)


_COUNTS = ("d2:count", "d2:countIfValue", "d2:countIfCondition", "d2:countIfZeroPos", "d2:relationshipCount",
           "d2:oizp", "d2:daysBetween", "d2:weeksBetween", "count")  # fmt: skip
_AS_THEIRS = {"d2:zing": 0, "removeZeros": 0, "greatest": 0, "least": 0, "firstNonNull": 0, "max": 0, "min": 0,
              "if": 1, "d2:condition": 1}  # fmt: skip


def is_whole(node: Node) -> bool:
    """Whether the expression counts things, so that SQL has it as an integer; numbers that were written are not."""
    match node:
        case Item("V"):
            return node.name in (
                "event_count",
                "scheduled_event_count",
                "enrollment_count",
                "tei_count",
                "org_unit_count",
            )
        case Unary(_, operand):
            return is_whole(operand)
        case Binary(operator, left, right):
            return operator in ("+", "-", "*", "/", "%") and is_whole(left) and is_whole(right)
        case Call(name, arguments):
            first = _AS_THEIRS.get(name)
            return name in _COUNTS or (first is not None and all(map(is_whole, arguments[first:])))
    return False


def _step(step: Binary, left: Value, right: Value) -> Value:
    match step.operator:
        case "&&" | "||":
            settles = step.operator == "||"
            truths = (_truth(left), _truth(right))
            if settles in truths:
                return settles
            return None if None in truths else not settles
        case "==" | "!=" | "<" | ">" | "<=" | ">=":
            return _compared(step, left, right)
    if left is None or right is None:
        return None
    value = _plain(Binary(step.operator, _literal(left), _literal(right)))
    if step.operator == "%" and isinstance(value, float) and _near_multiple(value, left, right):
        raise Undecided
    return value


def _near_multiple(rest: float, left: Value, right: Value) -> bool:
    """Whether a remainder is nothing or all of its divisor but for rounding: 1 % 0.1."""
    divisor, margin = abs(_number(right) or 0.0), 1e-9 * (1 + abs(_number(left) or 0.0))
    exact = rest == 0 and divisor == int(divisor)
    return not exact and any(math.isclose(abs(rest), end, abs_tol=margin) for end in (0, divisor))


def _compared(step: Binary, left: Value, right: Value) -> Value:
    if left is None or right is None:
        return None
    moments = _moment(left), _moment(right)
    if (isinstance(left, date) or isinstance(right, date)) and None not in moments:
        left, right = ((m - datetime(1900, 1, 1)).total_seconds() for m in moments)
    for one in (left, right):
        if isinstance(one, float | int) and not isinstance(one, bool):
            other = right if one is left else left
            near = isinstance(other, float | int) and math.isclose(one, other, rel_tol=1e-9)
            if near and one != other:
                raise Undecided
    return _plain(Binary(step.operator, _literal(left), _literal(right)))


def _call(call: Call, row: Row, nulls: bool) -> Value:
    name, arguments = call.function, call.arguments
    if name in AGGREGATES:
        return row.aggregate(call)

    def each(keep: bool = nulls) -> list[Value]:
        return [meaning(a, row, nulls=keep) for a in arguments]

    match name:
        case "if":
            yes = _truth(meaning(arguments[0], row, nulls=nulls))
            return meaning(arguments[1 if yes else 2], row, nulls=nulls)
        case "d2:condition":
            yes = _truth(meaning(arguments[0], row, nulls=True))
            return meaning(arguments[1 if yes else 2], row, nulls=nulls)
        case "d2:hasValue" | "isNotNull":
            return each(True)[0] is not None
        case "isNull":
            return each(True)[0] is None
        case "firstNonNull":
            return next((value for value in each(True) if value is not None), None)
        case "d2:oizp":
            number = _number(each(True)[0])
            return 1.0 if number is not None and number >= 0 else 0.0
        case "d2:zing":
            number = _number(each()[0])
            return max(number or 0.0, 0.0)
        case "d2:zpvc":
            return float(sum((n := _number(v)) is not None and n >= 0 for v in each(True))) or None
        case "greatest" | "least":
            numbers = [n for value in each() if (n := _number(value)) is not None]
            most = max if name == "greatest" else min
            return most(numbers, default=None)
        case "d2:relationshipCount":
            wanted = arguments[0].value if arguments and isinstance(arguments[0], Text) else None
            return float(row.relationships(wanted))
        case "d2:maxValue" | "d2:minValue":
            assert isinstance(arguments[0], Item)
            return row.extreme(arguments[0], name[3:6])
        case "d2:count" | "d2:countIfValue" | "d2:countIfCondition" | "d2:countIfZeroPos":
            return _counted(call, row, nulls)
    values = each(True if name.endswith("Between") else nulls)
    if None in values:
        return None
    return _plain(Call(name, tuple(_literal(value) for value in values)))


def _counted(call: Call, row: Row, nulls: bool) -> float:
    item = call.arguments[0]
    assert isinstance(item, Item)
    values = row.values(item)
    match call.function:
        case "d2:count":
            holds = [True for _ in values]
        case "d2:countIfZeroPos":
            holds = [(n := _number(v)) is not None and n >= 0 for v in values]
        case "d2:countIfValue":
            wanted = meaning(call.arguments[1], row, nulls=nulls)
            step = Binary("==", Null(), Null())
            holds = [_compared(step, v, wanted) is True for v in values]
        case _:
            holds = [
                _truth(meaning(call.arguments[1], _OneEvent(row, item, v), nulls=True)) is True
                for v in values
            ]
    return float(sum(holds))


class _OneEvent:
    """A row whose one item is the value of one event."""

    def __init__(self, row: Row, item: Item, value: Value) -> None:
        self.row, self.item, self.one = row, item, value

    def value(self, item: Item) -> Value:
        return self.one if item == self.item else self.row.value(item)

    def __getattr__(self, name: str) -> object:
        return getattr(self.row, name)


def _plain(node: Node) -> Value:
    """`evaluate` of a node whose parts are values already; nothing where it refuses."""
    try:
        value = evaluate(node, Context(nulls=True))
    except ExpressionError:
        return None
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _literal(value: Value) -> Node:
    match value:
        case None:
            return Null()
        case bool():
            return Boolean(value)
        case int() | float():
            return Unary("-", Number(-value)) if value < 0 else Number(value)
        case date():
            return Text(value.isoformat())
        case _:
            return Text(value)


def _moment(value: Value) -> datetime | None:
    match value:
        case datetime():
            return value.replace(tzinfo=None)
        case date():
            return datetime(value.year, value.month, value.day)
        case str() if len(value) >= 10:
            try:
                return datetime.fromisoformat(value)
            except ValueError:
                return None
        case _:
            return None


def _truth(value: Value) -> bool | None:
    match value:
        case None | bool():
            return value
        case int() | float():
            return value != 0
        case _:
            return str(value).lower() == "true"


def _number(value: Value) -> float | None:
    found = None if value is None else _plain(Unary("+", _literal(value)))
    return float(found) if isinstance(found, int | float) else None
