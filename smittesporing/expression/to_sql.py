"""The same meaning for PostgreSQL: a tree becomes psycopg.sql objects over typed columns.

Nothing a user wrote ever becomes SQL text: names come from the caller as identifiers, values are
literals that psycopg quotes. Knows no table; `Columns` says what each item is. Compositions carry no
parameters, so they are executed without any. Called by analytics/plan.py.
"""

from collections.abc import Callable
from itertools import groupby
from typing import LiteralString, Protocol

from psycopg.sql import SQL, Composable

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
    NULL,
    Sql,
    as_boolean,
    as_day,
    as_moment,
    as_numeric,
    as_text,
    compare,
    fill,
    number_literal,
    same_kind,
    text_literal,
)

# Operands of one + or &&, and of comparisons of comparisons, which nest; PostgreSQL holds several times that.
LONGEST_CHAIN, MOST_COMPARISONS = 1000, 20


class Columns(Protocol):
    """What the items of one indicator are in the query that is being composed."""

    def value(self, item: Item) -> Sql:
        """The value of `#{}`, `A{}`, `C{}` or `PS_EVENTDATE:`, null where it is missing."""

    def variable(self, item: Item) -> Sql:
        """The value of `V{}` for one row."""

    def over_events(self, item: Item, aggregate: Callable[[Sql], Composable]) -> Composable:
        """What `aggregate` makes of the item's values in all events of its stage, for one row."""

    def extreme(self, item: Item, function: str) -> Sql:
        """The largest or smallest (`max`, `min`) of the item's values; null without any."""

    def relationships(self, type_uid: str | None) -> Composable:
        """How many relationships the row's person has."""

    def once(self, piece: Composable) -> Composable:
        """A dear piece: itself, or where it is worked out once for all that use it."""

    def counted(self, item: Item) -> Composable | None:
        """What `count(V{…})` counts each once, when the variable stands for something countable."""


def to_sql(node: Node, columns: Columns, *, nulls: bool) -> Sql:
    """The composed value of an expression for one row.

    nulls   True in filters: what is missing stays null, and a comparison with it is not true. False in
            expressions: missing numbers are 0, texts empty, truths false; dates stay null.
    Errors  `ExpressionError` for what has no meaning over rows, and whatever `columns` refuses.
    """
    return _Composer(columns, nulls).compose(node)


def to_aggregate_sql(node: Node, columns: Columns, where: Composable) -> Sql:
    """The composed value of an expression that adds up the rows itself: `sum(#{…}) / count(#{…})`.

    where   Which rows its aggregate functions take.
    Errors  `ExpressionError` as above, and for a value of one row that stands outside every aggregate.
    """
    return _Aggregating(columns, where).compose(node)


class _Composer:
    def __init__(self, columns: Columns, nulls: bool) -> None:
        self.columns = columns
        self.nulls = nulls

    def compose(self, node: Node) -> Sql:
        match node:
            case Number(value):
                return number_literal(value, node.column)
            case Text(value):
                return text_literal(value, node.column)
            case Boolean(value):
                return Sql(SQL("true") if value else SQL("false"), Kind.BOOLEAN)
            case Null():
                return NULL
            case Item():
                # Counts of none stay missing even in expressions: they are what others divide by.
                missing = node.sign == "V" and node.name in _NONE_IS_MISSING
                return self.raw(node) if missing else self.defaulted(self.raw(node))
            case Unary(operator, operand):
                inner = self.compose(operand)
                if operator == "!":
                    return Sql(fill("(not {})", as_boolean(inner)), Kind.BOOLEAN)
                number = as_numeric(inner, node.column)
                signed = fill("(- {})", number) if operator == "-" else number
                return Sql(signed, Kind.NUMBER, whole=inner.whole)
            case Binary():
                first, chain = left_spine(node)
                left = self.compose(first)
                for _, steps in groupby(chain, key=lambda step: _BINDS[step.operator]):
                    left = self.run(left, list(steps))
                return left
            case Call():
                return self.call(node)

    def raw(self, item: Item) -> Sql:
        return self.columns.variable(item) if item.sign == "V" else self.columns.value(item)

    def defaulted(self, value: Sql) -> Sql:
        default = _DEFAULTS.get(value.kind)
        if self.nulls or default is None or value is NULL:
            return value
        return Sql(fill("coalesce({}, {})", value.text, default), value.kind, whole=value.whole)

    def run(self, left: Sql, steps: list[Binary]) -> Sql:
        """Steps of operators that bind alike, from left to right: flat, so that long sums stay shallow."""
        first = steps[0].operator
        if len(steps) > (MOST_COMPARISONS if first in _COMPARISONS else LONGEST_CHAIN):
            raise ExpressionError(steps[0].column, "The expression is too long to count with.")
        if first in _COMPARISONS:
            for step in steps:
                left = compare(step.operator, left, self.compose(step.right), step.column)
            return left
        if first in ("&&", "||"):
            truths = [as_boolean(left), *(as_boolean(self.compose(s.right)) for s in steps)]
            word = SQL(" and ") if first == "&&" else SQL(" or ")
            return Sql(fill("({})", word.join(truths)), Kind.BOOLEAN)
        parts: list[Composable] = [as_numeric(left, steps[0].column)]
        whole = left.whole
        for step in steps:
            value = self.compose(step.right)
            right = as_numeric(value, step.column)
            whole = whole and value.whole and first != "^"
            if step.operator == "^":
                parts = [fill("projection.power_of({}, {})", parts[0], right)]
            elif step.operator == "/" and whole:
                parts = [fill("trunc({} / nullif({}, 0))", SQL(" ").join(parts), right)]
            else:
                parts.append(fill(_ARITHMETIC[step.operator], right))
        return Sql(fill("({})", SQL(" ").join(parts)), Kind.NUMBER, whole=whole)

    def number(self, node: Node, column: int) -> Composable:
        return as_numeric(self.compose(node), column)

    def call(self, call: Call) -> Sql:
        name, arguments, column = call.function, call.arguments, call.column
        if name in _BETWEEN:
            one, two = (as_day(self.without_default(a), column) for a in arguments)
            whole = name in ("d2:daysBetween", "d2:weeksBetween")
            between = self.columns.once(fill(_BETWEEN[name], one, two))
            return Sql(between, Kind.NUMBER, whole=whole)
        if name in _NUMERIC:
            inner = self.compose(arguments[0])
            number = fill(_NUMERIC[name], as_numeric(inner, column))
            return Sql(number, Kind.NUMBER, whole=inner.whole and name != "log10")
        match name:
            case "if" | "d2:condition":
                # The quoted condition is a filter of its own, the other follows the expression.
                quoted = name == "d2:condition"
                condition = (
                    self.without_default(arguments[0]) if quoted else self.compose(arguments[0])
                )
                either = [self.compose(a) for a in arguments[1:]]
                (yes, no), kind = same_kind(either)
                chosen = fill("(case when {} then {} else {} end)", as_boolean(condition), yes, no)
                return Sql(chosen, kind, whole=all(one.whole for one in either))
            case "d2:hasValue" | "isNotNull":
                asked = self.without_default(arguments[0]).text
                return Sql(fill("({} is not null)", asked), Kind.BOOLEAN)
            case "isNull":
                asked = self.without_default(arguments[0]).text
                return Sql(fill("({} is null)", asked), Kind.BOOLEAN)
            case "firstNonNull":
                values = [self.without_default(a) for a in arguments]
                choices, kind = same_kind(values)
                first = fill("coalesce({})", SQL(", ").join(choices))
                return Sql(first, kind, whole=all(one.whole for one in values))
            case "greatest" | "least":
                values = [self.compose(a) for a in arguments]
                all_of = SQL(", ").join([as_numeric(value, column) for value in values])
                most = fill("greatest({})" if name == "greatest" else "least({})", all_of)
                return Sql(most, Kind.NUMBER, whole=all(one.whole for one in values))
            case "d2:oizp":
                asked_of = as_numeric(self.without_default(arguments[0]), column)
                one_or_zero = fill("coalesce(({} >= 0)::int, 0)::numeric", asked_of)
                return Sql(one_or_zero, Kind.NUMBER, whole=True)
            case "d2:zpvc":
                numbers = [as_numeric(self.without_default(a), column) for a in arguments]
                counted = [fill("coalesce(({} >= 0)::int, 0)", n) for n in numbers]
                # None is null, not 0: it is what others divide by.
                return Sql(fill("nullif({}, 0)::numeric", SQL(" + ").join(counted)), Kind.NUMBER)
            case "d2:minutesBetween":
                one, two = (as_moment(self.without_default(a), column) for a in arguments)
                return Sql(fill("(extract(epoch from ({} - {})) / 60)", two, one), Kind.NUMBER)
            case "log":
                logs = [
                    fill("projection.natural_log({})", self.number(a, column)) for a in arguments
                ]
                ratio = fill("({} / nullif({}, 0))", *logs) if len(logs) > 1 else logs[0]
                return Sql(ratio, Kind.NUMBER)
            case "contains" | "d2:contains" | "containsItems" | "d2:containsItems":
                return self.contains(call)
            case "d2:relationshipCount":
                wanted = (
                    arguments[0].value if arguments and isinstance(arguments[0], Text) else None
                )
                related = fill("{}::numeric", self.columns.relationships(wanted))
                return Sql(related, Kind.NUMBER, whole=True)
            case "d2:count" | "d2:countIfValue" | "d2:countIfCondition" | "d2:countIfZeroPos":
                return self.over_events(call)
            case "d2:maxValue" | "d2:minValue":
                item = arguments[0]
                assert isinstance(item, Item)
                return self.columns.extreme(item, "max" if name == "d2:maxValue" else "min")
        if name in _AGGREGATES:
            raise ExpressionError(
                column, f"{name} adds up rows; that is for expressions of aggregation type CUSTOM."
            )
        raise ExpressionError(column, f"{name} cannot be counted over rows.")

    def without_default(self, node: Node) -> Sql:
        """The value with null where it is missing, whatever the rest of the expression does."""
        return _Composer(self.columns, True).compose(node)

    def contains(self, call: Call) -> Sql:
        whole, *wanted = (as_text(self.compose(a)) for a in call.arguments)
        template = _CONTAINS_ITEMS if call.function.endswith("Items") else _CONTAINS
        return Sql(fill(template, whole, SQL(", ").join(wanted)), Kind.BOOLEAN)

    def over_events(self, call: Call) -> Sql:
        item = call.arguments[0]
        assert isinstance(item, Item)
        column = call.column

        def aggregate(value: Sql) -> Composable:
            match call.function:
                case "d2:countIfValue":
                    holds = compare("==", value, self.compose(call.arguments[1]), column).text
                case "d2:countIfCondition":
                    inner = _Composer(_Replaced(self.columns, item, value), True)
                    holds = as_boolean(inner.compose(call.arguments[1]))
                case "d2:countIfZeroPos":
                    holds = fill("({} >= 0)", as_numeric(value, column))
                case _:
                    return fill("count({})", value.text)
            return fill("count({}) filter (where {})", value.text, holds)

        found = fill("{}::numeric", self.columns.over_events(item, aggregate))
        return Sql(found, Kind.NUMBER, whole=True)


class _Aggregating(_Composer):
    """An expression of aggregation type CUSTOM: its aggregate functions take rows, the rest takes them."""

    def __init__(self, columns: Columns, where: Composable) -> None:
        super().__init__(columns, nulls=False)
        self.where = where

    def without_default(self, node: Node) -> Sql:
        return self.compose(node)

    def raw(self, item: Item) -> Sql:
        if item.sign == "C" or item.name in _OF_THE_PERIOD:
            return super().raw(item)
        raise ExpressionError(
            item.column, f"{item.written} has many values here: put it in sum, avg or another."
        )

    def call(self, call: Call) -> Sql:
        if call.function not in _AGGREGATES:
            if call.function in _OF_ONE_ROW:
                raise ExpressionError(
                    call.column, f"{call.function} has many values here: put it in sum or another."
                )
            return super().call(call)
        argument = call.arguments[0]
        each = isinstance(argument, Item) and self.columns.counted(argument)
        if call.function == "count" and each:
            counted = fill("(count(distinct {}) filter (where {}))::numeric", each, self.where)
            return Sql(counted, Kind.NUMBER, whole=True)
        value = _Composer(self.columns, nulls=False).compose(argument)
        plain = value.text if call.function == "count" else as_numeric(value, call.column)
        whole = call.function == "count" or (call.function in ("max", "min") and value.whole)
        return Sql(fill(_AGGREGATES[call.function], plain, self.where), Kind.NUMBER, whole=whole)


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

    def extreme(self, item: Item, function: str) -> Sql:
        raise ExpressionError(
            item.column, "A largest value inside the condition of a count has no meaning."
        )

    def relationships(self, type_uid: str | None) -> Composable:
        return self.columns.relationships(type_uid)

    def once(self, piece: Composable) -> Composable:
        return piece

    def counted(self, item: Item) -> Composable | None:
        return None


_COMPARISONS = frozenset(("==", "!=", "<", ">", "<=", ">="))
# Operators with one number may stand in one flat run.
_BINDS = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2, "^": 3, "&&": 4, "||": 5} | dict.fromkeys(
    _COMPARISONS, 6
)
_DEFAULTS = {Kind.NUMBER: SQL("0"), Kind.BOOLEAN: SQL("false"), Kind.TEXT: SQL("''")}
_OF_ONE_ROW = frozenset(
    ("d2:count", "d2:countIfValue", "d2:countIfCondition", "d2:countIfZeroPos")
) | {"d2:maxValue", "d2:minValue", "d2:relationshipCount"}
_NONE_IS_MISSING = frozenset(
    ("event_count", "scheduled_event_count", "value_count", "zero_pos_value_count")
)
_OF_THE_PERIOD = frozenset(("current_date", "analytics_period_start", "analytics_period_end"))
_ARITHMETIC: dict[str, LiteralString] = {
    "+": "+ {}",
    "-": "- {}",
    "*": "* {}",
    "/": "/ nullif({}, 0)",
    "%": "% nullif({}, 0)",
}
# {0} is the first date, {1} the second; age() counts whole years and months as calendars do
# and, of timestamps without a zone, does not look at the zone of the session.
_BETWEEN: dict[str, LiteralString] = {
    "d2:daysBetween": "({1} - {0})::numeric",
    "d2:weeksBetween": "trunc(({1} - {0}) / 7.0)",
    "d2:monthsBetween": "projection.months_between({0}, {1})",
    "d2:yearsBetween": "extract(year from age({1}::timestamp, {0}::timestamp))",
}
_NUMERIC: dict[str, LiteralString] = {
    "d2:zing": "greatest({}, 0)",
    "removeZeros": "nullif({}, 0)",
    "log10": "projection.common_log({})",
}
# {0} is the text, {1} what it should contain; null when either is missing. Each stands once, so that
# conditions inside conditions do not double.
_CONTAINS: LiteralString = (
    "(select case when array_position(t.parts, null) is null then "
    "(select bool_and(strpos(t.whole, one) > 0) from unnest(t.parts) one) end "
    "from (select {0} as whole, array[{1}]::text[] as parts) t)"
)
_CONTAINS_ITEMS: LiteralString = (
    "(select case when array_position(t.parts, null) is null then "
    "string_to_array(t.whole, ',') @> t.parts end "
    "from (select {0} as whole, array[{1}]::text[] as parts) t)"
)
# {0} is the value, {1} the condition on the rows.
_AGGREGATES: dict[str, LiteralString] = {
    "avg": "avg({0}) filter (where {1})",
    "count": "(count({0}) filter (where {1}))::numeric",
    "max": "max({0}) filter (where {1})",
    "min": "min({0}) filter (where {1})",
    "stddev": "stddev_samp({0}) filter (where {1})",
    "sum": "sum({0}) filter (where {1})",
    "variance": "var_samp({0}) filter (where {1})",
}
