"""The plain meaning: a tree and its values to a Python value. Slow on purpose, never optimised.

DHIS2 has two meanings, and so has this: that of its rule engine (`Context.rules`), and that of a count
over rows, where this is the referee of `to_sql`. docs/dhis2-quirks.md lists where they differ. In both a
variable without a value gives the default of its type, and one that does not exist makes the rule fail
alone. Knows no metadata: whether a value is an option's code or its name was decided by who handed it
in. Called by tracker's rules and analytics' indicators.
"""

import math
import operator as compare
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from smittesporing.expression.functions import FUNCTIONS
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
    items,
    left_spine,
)
from smittesporing.expression.samples import AGGREGATES, normal
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
    rules         whether to mean what DHIS2's rule engine means, where that differs from rows
    """

    values: Mapping[str, Variable] = field(default_factory=dict)
    environment: Mapping[str, Variable] = field(default_factory=dict)
    constants: Mapping[str, float] = field(default_factory=dict)
    roles: frozenset[str] | None = None
    groups: frozenset[str] | None = None
    org_unit_groups: frozenset[str] = frozenset()
    relationships: Mapping[str, int] = field(default_factory=dict)
    nulls: bool = False
    rules: bool = False


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
        case Unary():
            return _unary(node, context)
        case Binary():
            return _chain(node, context)
        case Call():
            return _call(node, context)


def _look_up(item: Item, context: Context) -> Variable | None:
    """The item's variable; None for an identifier that nobody gave a value.

    Errors  `ExpressionError` when a name stands for nothing.
    """
    match item.sign:
        case "C":
            number = context.constants.get(item.name)
            found = None if number is None else Variable(Kind.NUMBER, repr(float(number)))
        case "V":
            found = context.environment.get(item.name)
        case "#" | "A":
            found = context.values.get(item.name) or context.environment.get(item.name)
        case _:
            found = context.values.get(item.written) or context.values.get(item.name)
    if found is None and not item.identifies:
        raise ExpressionError(item.column, f"{item.written} does not exist.")
    return found


def _plain(variable: Variable | None, column: int, context: Context) -> Value:
    if variable is None:
        return None
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


def _unary(node: Unary, context: Context) -> Value:
    value = evaluate(node.operand, context)
    if value is None and context.rules:
        raise ExpressionError(node.column, f"{node.operator} has nothing to work on.")
    if node.operator == "!":
        truth = as_truth(value, node.column)
        return None if truth is None else not truth
    number = _number(value, node.column, context)
    if number is None:
        return None
    return -number if node.operator == "-" else number


def _number(value: Value, column: int, context: Context) -> float | None:
    """The value as a number; rules see a date as its days since 1970."""
    if context.rules and isinstance(value, date):
        return float(value.toordinal() - _1970)
    return as_number(value, column)


_1970 = date(1970, 1, 1).toordinal()


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
        return _equality(operator, left, right, context)
    if operator in ("<", ">", "<=", ">="):
        return _compare(operator, left, right, column, context)
    one, two = _number(left, column, context), _number(right, column, context)
    if one is None or two is None:
        if context.nulls:
            return None
        raise ExpressionError(column, f"{operator} has a side without a value.")
    if operator == "^" and context.rules and math.isfinite(two):
        two = float(int(two))  # the rule engine's powers are whole
    return arithmetic(operator, one, two)


def _equality(operator: str, left: Value, right: Value, context: Context) -> bool | None:
    if left is None or right is None:
        if context.nulls:
            return None
    elif context.rules and isinstance(left, date) != isinstance(right, date):
        # A date is no text to the rule engine, not even the text that writes it.
        if isinstance(left, str) or isinstance(right, str):
            return operator == "!="
        if not (isinstance(left, bool) or isinstance(right, bool)):
            left, right = (_number(side, 0, context) for side in (left, right))
    return equal(left, right) is (operator == "==")


def _compare(
    operator: str, left: Value, right: Value, column: int, context: Context
) -> bool | None:
    if left is None or right is None:
        if context.rules:
            raise ExpressionError(column, f"{operator} has a side without a value.")
        return None
    one: float | str | None
    two: float | str | None
    texts = str if context.rules else str | date
    if isinstance(left, texts) and isinstance(right, texts):
        one, two = as_text(left) or "", as_text(right) or ""
        return bool(_ORDER[operator](one, two))
    one, two = _number(left, column, context), _number(right, column, context)
    assert one is not None and two is not None
    return bool(_ORDER[operator](one, two))


# What is not a number is neither less nor more than anything.
_ORDER = {"<": compare.lt, ">": compare.gt, "<=": compare.le, ">=": compare.ge}


def _call(call: Call, context: Context) -> Value:
    column = call.column
    arguments = call.arguments
    name = call.function
    if name in ("if", "d2:condition"):
        chosen = arguments[1] if as_truth(evaluate(arguments[0], context), column) else arguments[2]
        return evaluate(chosen, context)
    if name in _OF_VARIABLE:
        return _of_variable(call, context)
    if name in AGGREGATES:
        return _aggregate(call, context)
    if name in ("normDistCum", "normDistDen"):
        return _normal(call, context)
    if name in _GROWTH:
        raise ExpressionError(column, f"{name} needs growth tables, which this service lacks.")
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
    if context.rules:
        _prepare(call, values, context)
    try:
        return plain(*values)
    except ExpressionError as error:
        raise ExpressionError(error.column or column, error.message) from None
    except (ValueError, OverflowError, re.error):
        raise ExpressionError(column, f"{name} cannot use these values.") from None


def _prepare(call: Call, values: list[Value], context: Context) -> None:
    """Dates among numbers become numbers; looking into nothing is a fault to the rule engine."""
    function = FUNCTIONS[call.function]
    for place, value in enumerate(values):
        if isinstance(value, date) and function.kind_of(place) is Kind.NUMBER:
            values[place] = _number(value, call.column, context)
    if values and values[0] is None and "contains" in call.function:
        raise ExpressionError(call.column, f"{call.function} has no text to look into.")


_GROWTH = frozenset(("d2:zScoreHFA", "d2:zScoreWFA", "d2:zScoreWFH"))
_OF_VARIABLE = frozenset(
    ("d2:hasValue", "d2:count", "d2:countIfValue", "d2:countIfZeroPos", "d2:countIfCondition")
) | {"d2:maxValue", "d2:minValue", "d2:lastEventDate"}
_NOTHING = Variable(Kind.MIXED)


def _of_variable(call: Call, context: Context) -> Value:
    item = call.arguments[0]
    assert isinstance(item, Item)
    if call.function == "d2:hasValue":
        try:
            return (_look_up(item, context) or _NOTHING).value is not None
        except ExpressionError:
            return False
    if call.function == "d2:lastEventDate" and context.values.get(item.name) is None:
        return None
    variable = _look_up(item, context) or _NOTHING
    candidates = variable.candidates
    match call.function:
        case "d2:count":
            return float(len(candidates))
        case "d2:countIfValue":
            sample = evaluate(call.arguments[1], context)
            if context.rules:  # compared as they are written: '8.0' is not 8
                return float(sum(one == as_text(sample) for one in candidates))
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
    inner = _with(context, {item.name: Variable(variable.kind, one)})
    return as_truth(evaluate(condition, inner), item.column) is True


def _with(context: Context, values: Mapping[str, Variable]) -> Context:
    return replace(context, values={**context.values, **values})


def _aggregate(call: Call, context: Context) -> Value:
    """A function over the periods of a predictor's sample: one number for each candidate, newest first."""
    numbers = _sample(call.arguments[0], call.column, context)
    more = [as_number(evaluate(one, context), call.column) for one in call.arguments[1:]]
    return AGGREGATES[call.function](numbers, *more)


def _sample(argument: Node, column: int, context: Context) -> list[float]:
    found = {item: _look_up(item, context) for item in items(argument) if item.sign not in "CV"}
    if not any(found.values()):
        raise ExpressionError(column, "There is no data item with values to go through here.")
    numbers = []
    for place in range(max(len((each or _NOTHING).candidates) for each in found.values())):
        values = {
            key: Variable(each.kind, dict(enumerate(each.candidates)).get(place))
            for item, each in found.items()
            if each is not None
            for key in (item.name, item.written)
        }
        number = as_number(evaluate(argument, _with(context, values)), column)
        numbers.append(math.nan if number is None else number)
    return numbers


def _normal(call: Call, context: Context) -> Value:
    """The normal distribution's value at x; mean and spread are those of x's sample unless given."""
    x, *given = (as_number(evaluate(one, context), call.column) for one in call.arguments)
    if len(given) < 2:
        sample = _sample(call.arguments[0], call.column, context)
        given += [AGGREGATES[name](sample) for name in ("avg", "stddev")][len(given) :]
    mean, spread = given
    if x is None or mean is None or spread is None:
        raise ExpressionError(call.column, f"{call.function} lacks a number.")
    return normal(call.function == "normDistCum", x, mean, spread)
