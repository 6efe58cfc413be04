"""The plain meaning: a tree and its values to a Python value. Slow on purpose, never optimised.

Program rules follow DHIS2's rule engine: a variable without a value gives the default of its type, one
that does not exist makes the rule fail alone. Knows no metadata: whether a value is an option's code or
its name was decided by who handed it in. Called by tracker's rules and analytics' indicators; the
referee of `to_sql`.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from smittesporing.expression.library import LIBRARY
from smittesporing.expression.nodes import (
    Binary,
    Boolean,
    Call,
    ExpressionError,
    Item,
    Kind,
    Node,
    Null,
    Number,
    Text,
    Unary,
    left_spine,
)
from smittesporing.expression.values import (
    Value,
    arithmetic,
    as_date,
    as_number,
    as_text,
    as_truth,
    equal,
)


@dataclass(frozen=True, slots=True)
class Variable:
    """A value with its type. `candidates` are all values of the variable, newest first, for d2:count….

    `value` is the text DHIS2 stores, None when there is none; `event_date` that of the newest event.
    """

    kind: Kind
    value: str | None = None
    candidates: tuple[str, ...] = ()
    event_date: date | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """All that an expression may ask for; nothing is fetched.

    values        by name for `#{}` and `A{}` (`stage.element` in indicators), by what is written for the
                  rest (`I{uid}`, `PS_EVENTDATE:uid`)
    environment   `V{}`, by name
    nulls         whether a missing value stays null (program indicator filters) or takes its default
    """

    values: Mapping[str, Variable] = field(default_factory=dict)
    environment: Mapping[str, Variable] = field(default_factory=dict)
    constants: Mapping[str, float] = field(default_factory=dict)
    roles: frozenset[str] | None = None
    groups: frozenset[str] | None = None
    org_unit_groups: frozenset[str] = frozenset()
    relationships: Mapping[str, int] = field(default_factory=dict)
    nulls: bool = False


def evaluate(node: Node, context: Context) -> Value:
    """The value of the expression.

    Errors  `ExpressionError` with the column when a variable does not exist, a function is asked for
            something that is missing, or a text is no number or date. The caller lets that rule fail alone.
    """
    match node:
        case Number(value) | Text(value) | Boolean(value):
            return value
        case Null():
            return None
        case Item():
            return _plain(_look_up(node, context), node.column, context)
        case Unary(operator, operand):
            return _unary(operator, evaluate(operand, context), node.column)
        case Binary():
            return _chain(node, context)
        case Call():
            return _call(node, context)


def _look_up(item: Item, context: Context) -> Variable:
    match item.sign:
        case "C":
            number = context.constants.get(item.name)
            found = None if number is None else Variable(Kind.NUMBER, repr(number))
        case "V":
            found = context.environment.get(item.name)
        case "#" | "A":
            found = context.values.get(item.name) or context.environment.get(item.name)
        case _:
            found = context.values.get(item.written)
    if found is None:
        raise ExpressionError(item.column, f"{item.written} does not exist.")
    return found


def _plain(variable: Variable, column: int, context: Context) -> Value:
    raw = variable.value
    match variable.kind:
        case Kind.NUMBER:
            return as_number(raw, column) if raw else (None if context.nulls else 0.0)
        case Kind.BOOLEAN:
            return as_truth(raw, column) if raw else (None if context.nulls else False)
        case Kind.DATE:
            return as_date(raw, column) if raw else None
        case _:
            return raw if raw is not None else (None if context.nulls else "")


def _unary(operator: str, value: Value, column: int) -> Value:
    if operator == "!":
        truth = as_truth(value, column)
        return None if truth is None else not truth
    number = as_number(value, column)
    if number is None:
        return None
    return -number if operator == "-" else number


def _chain(node: Binary, context: Context) -> Value:
    first, chain = left_spine(node)
    value = evaluate(first, context)
    for step in chain:
        value = _binary(step, value, context)
    return value


def _binary(step: Binary, left: Value, context: Context) -> Value:
    operator, column = step.operator, step.column
    if operator in ("&&", "||"):
        stops = operator == "||"
        truth = as_truth(left, column)
        if truth is stops:
            return stops
        other = as_truth(evaluate(step.right, context), column)
        # Unlike SQL, null && false is null; both are "no" to whoever asks.
        if truth is None or other is None:
            return True if stops and (truth or other) else None
        return other
    right = evaluate(step.right, context)
    if operator in ("==", "!="):
        if context.nulls and (left is None or right is None):
            return None
        return equal(left, right) is (operator == "==")
    if operator in ("<", ">", "<=", ">="):
        return _compare(operator, left, right, column)
    one, two = as_number(left, column), as_number(right, column)
    if one is None or two is None:
        if context.nulls:
            return None
        raise ExpressionError(column, f"{operator} has a side without a value.")
    return arithmetic(operator, one, two)


def _compare(operator: str, left: Value, right: Value, column: int) -> bool | None:
    if left is None or right is None:
        return None
    one: float | str | None
    two: float | str | None
    if isinstance(left, str | date) and isinstance(right, str | date):
        one, two = as_text(left) or "", as_text(right) or ""
        return _ordered(operator, (one > two) - (one < two))
    one, two = as_number(left, column), as_number(right, column)
    assert one is not None and two is not None
    return _ordered(operator, (one > two) - (one < two))


def _ordered(operator: str, sign: int) -> bool:
    return {"<": sign < 0, ">": sign > 0, "<=": sign <= 0, ">=": sign >= 0}[operator]


def _call(call: Call, context: Context) -> Value:
    column = call.column
    arguments = call.arguments
    name = call.function
    if name in ("if", "d2:condition"):
        chosen = arguments[1] if as_truth(evaluate(arguments[0], context), column) else arguments[2]
        return evaluate(chosen, context)
    if name in _OF_VARIABLE:
        return _of_variable(call, context)
    if name == "d2:relationshipCount":
        wanted = arguments[0].value if arguments and isinstance(arguments[0], Text) else None
        counts = context.relationships
        return float(sum(counts.values()) if wanted is None else counts.get(wanted, 0))
    if name in ("d2:hasUserRole", "d2:inUserGroup", "d2:inOrgUnitGroup"):
        groups = {"d2:hasUserRole": context.roles, "d2:inUserGroup": context.groups}.get(
            name, context.org_unit_groups
        )
        if groups is None:
            raise ExpressionError(column, f"{name} needs a user, and there is none.")
        return as_text(evaluate(arguments[0], context)) in groups
    plain = LIBRARY.get(name)
    if plain is None:
        raise ExpressionError(column, f"{name} cannot be computed here.")
    values = [evaluate(argument, context) for argument in arguments]
    try:
        return plain(*values)
    except ExpressionError as error:
        raise ExpressionError(error.column or column, error.message) from None
    except (ValueError, OverflowError, re.error):
        raise ExpressionError(column, f"{name} cannot use these values.") from None


_OF_VARIABLE = frozenset(
    ("d2:hasValue", "d2:count", "d2:countIfValue", "d2:countIfZeroPos", "d2:countIfCondition")
) | {"d2:maxValue", "d2:minValue", "d2:lastEventDate"}


def _of_variable(call: Call, context: Context) -> Value:
    item = call.arguments[0]
    assert isinstance(item, Item)
    if call.function == "d2:hasValue":
        try:
            return _look_up(item, context).value is not None
        except ExpressionError:
            return False
    variable = _look_up(item, context)
    candidates = variable.candidates
    match call.function:
        case "d2:count":
            return float(len(candidates))
        case "d2:countIfValue":
            sample = evaluate(call.arguments[1], context)
            return float(sum(equal(_as(variable.kind, one), sample) for one in candidates))
        case "d2:countIfCondition":
            return float(
                sum(_holds(call.arguments[1], item, variable, one, context) for one in candidates)
            )
        case "d2:lastEventDate":
            return variable.event_date
    numbers = [n for one in candidates if (n := as_number(one, call.column)) is not None]
    match call.function:
        case "d2:countIfZeroPos":
            return float(sum(n >= 0 for n in numbers))
        case "d2:maxValue":
            return max(numbers, default=math.nan)
        case _:
            return min(numbers, default=math.nan)


def _as(kind: Kind, raw: str) -> Value:
    """A stored text as its type, for comparing; as text when it does not fit."""
    try:
        return (
            as_number(raw)
            if kind is Kind.NUMBER
            else as_truth(raw)
            if kind is Kind.BOOLEAN
            else raw
        )
    except ExpressionError:
        return raw


def _holds(condition: Node, item: Item, variable: Variable, one: str, context: Context) -> bool:
    values = {**context.values, item.name: Variable(variable.kind, one)}
    inner = Context(values, context.environment, context.constants, nulls=context.nulls)
    return as_truth(evaluate(condition, inner), item.column) is True
