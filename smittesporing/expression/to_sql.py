"""The same meaning for PostgreSQL: a tree becomes psycopg.sql objects over typed columns.

Nothing a user wrote ever becomes SQL text: names come from the caller as identifiers, values are
literals that psycopg quotes. Knows no table; `Columns` says what each item is. Compositions carry no
parameters, so they are executed without any. Called by analytics/plan.py.
"""

from collections.abc import Callable
from typing import Protocol

from psycopg.sql import SQL, Composable, Composed, Literal

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
from smittesporing.expression.sql_types import (
    TYPED_NULL,
    Sql,
    as_boolean,
    as_day,
    as_moment,
    as_numeric,
    as_text,
    compare,
    same_kind,
)


class Columns(Protocol):
    """What the items of one indicator are in the query that is being composed."""

    def value(self, item: Item) -> Sql:
        """The value of `#{}`, `A{}`, `C{}` or `PS_EVENTDATE:`, null where it is missing."""

    def variable(self, item: Item) -> Sql:
        """The value of `V{}` for one row."""

    def over_events(self, item: Item, aggregate: Callable[[Sql], Composable]) -> Composable:
        """One number over the item's values in all events of its stage, as a scalar subquery."""

    def relationships(self, type_uid: str | None) -> Composable:
        """How many relationships the row's person has."""


def to_sql(node: Node, columns: Columns, *, nulls: bool) -> Sql:
    """The composed value of an expression.

    nulls   True in filters: what is missing stays null, and a comparison with it is not true. False in
            expressions: missing numbers are 0, texts empty, truths false; dates stay null.
    Errors  `ExpressionError` for what has no meaning over rows, and whatever `columns` refuses.
    """
    return _Composer(columns, nulls).compose(node)


def _fill(template: str, *parts: Composable) -> Composed:
    # Only ever our own templates.
    return SQL(template).format(*parts)


class _Composer:
    def __init__(self, columns: Columns, nulls: bool) -> None:
        self.columns = columns
        self.nulls = nulls

    def compose(self, node: Node) -> Sql:
        match node:
            case Number(value):
                return Sql(Literal(value), Kind.NUMBER)
            case Text(value):
                return Sql(Literal(value), Kind.TEXT, value)
            case Boolean(value):
                return Sql(SQL("true") if value else SQL("false"), Kind.BOOLEAN)
            case Null():
                return Sql(TYPED_NULL[Kind.TEXT], Kind.TEXT)
            case Item():
                return self.defaulted(self.raw(node))
            case Unary(operator, operand):
                inner = self.compose(operand)
                if operator == "!":
                    return Sql(_fill("(not {})", as_boolean(inner)), Kind.BOOLEAN)
                number = as_numeric(inner, node.column)
                return Sql(_fill("(- {})", number) if operator == "-" else number, Kind.NUMBER)
            case Binary():
                first, chain = left_spine(node)
                left = self.compose(first)
                for step in chain:
                    left = self.step(step, left)
                return left
            case Call():
                return self.call(node)

    def raw(self, item: Item) -> Sql:
        return self.columns.variable(item) if item.sign == "V" else self.columns.value(item)

    def defaulted(self, value: Sql) -> Sql:
        if self.nulls or value.kind is Kind.DATE:
            return value
        default = {Kind.NUMBER: "0", Kind.BOOLEAN: "false"}.get(value.kind, "''")
        return Sql(_fill(f"coalesce({{}}, {default})", value.text), value.kind)

    def step(self, step: Binary, left: Sql) -> Sql:
        right = self.compose(step.right)
        operator = step.operator
        if operator in ("&&", "||"):
            word = "and" if operator == "&&" else "or"
            return Sql(
                _fill(f"({{}} {word} {{}})", as_boolean(left), as_boolean(right)), Kind.BOOLEAN
            )
        if operator in ("==", "!=", "<", ">", "<=", ">="):
            return compare(operator, left, right, step.column)
        one, two = as_numeric(left, step.column), as_numeric(right, step.column)
        template = {
            "+": "({} + {})",
            "-": "({} - {})",
            "*": "({} * {})",
            "/": "({} / nullif({}, 0))",
            "%": "mod({}, nullif({}, 0))",
            "^": "power({}, {})",
        }[operator]
        return Sql(_fill(template, one, two), Kind.NUMBER)

    def call(self, call: Call) -> Sql:
        name, arguments, column = call.function, call.arguments, call.column
        if name in _BETWEEN:
            one, two = (as_day(self.compose(a), column) for a in arguments)
            return Sql(_fill(_BETWEEN[name], one, two), Kind.NUMBER)
        if name in _NUMERIC:
            return Sql(
                _fill(_NUMERIC[name], as_numeric(self.compose(arguments[0]), column)), Kind.NUMBER
            )
        if name in _OVER_EVENTS:
            return self.over_events(call)
        if name in _AGGREGATES:
            return Sql(
                _fill(_AGGREGATES[name], as_numeric(self.compose(arguments[0]), column)),
                Kind.NUMBER,
            )
        match name:
            case "if" | "d2:condition":
                condition = as_boolean(self.compose(arguments[0]))
                (yes, no), kind = same_kind([self.compose(a) for a in arguments[1:]], column)
                return Sql(_fill("(case when {} then {} else {} end)", condition, yes, no), kind)
            case "d2:hasValue":
                return Sql(
                    _fill("({} is not null)", self.without_default(arguments[0]).text), Kind.BOOLEAN
                )
            case "isNull" | "isNotNull":
                word = "is null" if name == "isNull" else "is not null"
                return Sql(
                    _fill(f"({{}} {word})", self.without_default(arguments[0]).text), Kind.BOOLEAN
                )
            case "firstNonNull":
                parts, kind = same_kind([self.without_default(a) for a in arguments], column)
                return Sql(_fill("coalesce({})", SQL(", ").join(parts)), kind)
            case "greatest" | "least":
                numbers = [as_numeric(self.compose(a), column) for a in arguments]
                return Sql(_fill(f"{name}({{}})", SQL(", ").join(numbers)), Kind.NUMBER)
            case "d2:zpvc":
                numbers = [as_numeric(self.without_default(a), column) for a in arguments]
                counted = [_fill("coalesce(({} >= 0)::int, 0)", n) for n in numbers]
                return Sql(_fill("({})::numeric", SQL(" + ").join(counted)), Kind.NUMBER)
            case "d2:minutesBetween":
                one, two = (as_moment(self.compose(a), column) for a in arguments)
                return Sql(_fill("(extract(epoch from ({} - {})) / 60)", two, one), Kind.NUMBER)
            case "log":
                numbers = [as_numeric(self.compose(a), column) for a in arguments]
                logs = [_fill("ln(case when {0} > 0 then {0} end)", n) for n in numbers]
                template = "{}" if len(logs) == 1 else "({} / {})"
                return Sql(_fill(template, *logs), Kind.NUMBER)
            case "contains" | "d2:contains" | "containsItems" | "d2:containsItems":
                return self.contains(call)
            case "d2:relationshipCount":
                wanted = (
                    arguments[0].value if arguments and isinstance(arguments[0], Text) else None
                )
                return Sql(self.columns.relationships(wanted), Kind.NUMBER)
        raise ExpressionError(column, f"{name} cannot be counted over rows.")

    def without_default(self, node: Node) -> Sql:
        """The value with null where it is missing, whatever the rest of the expression does."""
        return _Composer(self.columns, True).compose(node)

    def contains(self, call: Call) -> Sql:
        whole, *wanted = (as_text(self.compose(a)) for a in call.arguments)
        template = (
            "({1} = any (string_to_array({0}, ',')))"
            if call.function.endswith("Items")
            else "(strpos({0}, {1}) > 0)"
        )
        parts = [_fill(template, whole, one) for one in wanted]
        return Sql(_fill("({})", SQL(" and ").join(parts)), Kind.BOOLEAN)

    def over_events(self, call: Call) -> Sql:
        item = call.arguments[0]
        assert isinstance(item, Item)
        column = call.column

        def aggregate(value: Sql) -> Composable:
            match call.function:
                case "d2:countIfValue":
                    sample = self.without_default(call.arguments[1])
                    holds = compare("==", value, sample, column).text
                case "d2:countIfCondition":
                    inner = _Composer(_Replaced(self.columns, item, value), True)
                    holds = as_boolean(inner.compose(call.arguments[1]))
                case "d2:countIfZeroPos":
                    holds = _fill("({} >= 0)", as_numeric(value, column))
                case "d2:maxValue" | "d2:minValue":
                    return _fill(call.function[3:6] + "({})", as_numeric(value, column))
                case _:
                    return _fill("count({})", value.text)
            return _fill("count(*) filter (where {})", holds)

        found = Sql(self.columns.over_events(item, aggregate), Kind.NUMBER)
        return self.defaulted(found)


class _Replaced:
    """The same columns, with one item standing for the value of one event."""

    def __init__(self, columns: Columns, item: Item, value: Sql) -> None:
        self.columns, self.item, self.one = columns, item, value

    def value(self, item: Item) -> Sql:
        return self.one if item == self.item else self.columns.value(item)

    def variable(self, item: Item) -> Sql:
        return self.columns.variable(item)

    def over_events(self, item: Item, aggregate: Callable[[Sql], Composable]) -> Composable:
        raise ExpressionError(
            item.column, "A count inside the condition of a count has no meaning."
        )

    def relationships(self, type_uid: str | None) -> Composable:
        return self.columns.relationships(type_uid)


# {0} is the first date, {1} the second; age() counts whole years and months as calendars do.
_BETWEEN = {
    "d2:daysBetween": "({1} - {0})",
    "d2:weeksBetween": "trunc(({1} - {0}) / 7.0)",
    "d2:monthsBetween": "(extract(year from age({1}, {0})) * 12 + extract(month from age({1}, {0})))",
    "d2:yearsBetween": "extract(year from age({1}, {0}))",
}
_NUMERIC = {
    "d2:oizp": "coalesce(({} >= 0)::int, 0)",
    "d2:zing": "greatest({}, 0)",
    "removeZeros": "nullif({}, 0)",
    "log10": "log(case when {0} > 0 then {0} end)",
}
_OVER_EVENTS = frozenset(
    ("d2:count", "d2:countIfValue", "d2:countIfCondition", "d2:countIfZeroPos")
) | {"d2:maxValue", "d2:minValue"}
_AGGREGATES = {
    "avg": "avg({})",
    "count": "count({})",
    "max": "max({})",
    "min": "min({})",
    "stddev": "stddev_samp({})",
    "sum": "sum({})",
    "variance": "var_samp({})",
}
