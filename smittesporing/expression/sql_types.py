"""Typed pieces of SQL and how one type becomes another; the twin of `values` for PostgreSQL.

Called by `to_sql`, and by analytics/plan.py for the columns it hands in. Uses the conversion functions
that the projections' migration defines (`projection.as_numeric`, `projection.as_date`).
"""

from dataclasses import dataclass
from datetime import date

from psycopg.sql import SQL, Composable, Composed, Literal

from smittesporing.expression.nodes import ExpressionError, Kind


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL with its kind; `literal` is set when the value is a text known beforehand.

    Kind.DATE pieces are of type date or timestamp without zone (Norwegian time), never timestamptz.
    """

    text: Composable
    kind: Kind
    literal: str | None = None


TYPED_NULL = {
    Kind.NUMBER: SQL("null::numeric"),
    Kind.TEXT: SQL("null::text"),
    Kind.BOOLEAN: SQL("null::boolean"),
    Kind.DATE: SQL("null::date"),
}


def _fill(template: str, *parts: Composable) -> Composed:
    # Only ever our own templates.
    return SQL(template).format(*parts)


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def as_numeric(value: Sql, column: int = 0) -> Composable:
    """The piece as a number; a text that is none gives null."""
    match value.kind:
        case Kind.NUMBER:
            return value.text
        case Kind.BOOLEAN:
            return _fill("({})::int", value.text)
        case Kind.TEXT if value.literal is not None:
            number = _float(value.literal)
            return TYPED_NULL[Kind.NUMBER] if number is None else Literal(number)
        case Kind.TEXT:
            return _fill("projection.as_numeric({})", value.text)
    raise ExpressionError(column, "A number was expected here, and this is a date.")


def as_boolean(value: Sql) -> Composable:
    match value.kind:
        case Kind.BOOLEAN:
            return value.text
        case Kind.NUMBER:
            return _fill("({} <> 0)", value.text)
        case Kind.TEXT if value.literal is not None:
            return SQL("true") if value.literal.lower() == "true" else SQL("false")
        case _:
            return _fill("(lower({}) = 'true')", as_text(value))


def as_day(value: Sql, column: int = 0) -> Composable:
    """The piece as a date; a text that is none gives null."""
    match value.kind:
        case Kind.DATE:
            return _fill("({})::date", value.text)
        case Kind.TEXT if value.literal is not None:
            day = _iso(value.literal)
            return (
                TYPED_NULL[Kind.DATE]
                if day is None
                else _fill("{}::date", Literal(day.isoformat()))
            )
        case Kind.TEXT:
            return _fill("projection.as_date({})", value.text)
    raise ExpressionError(column, "A date was expected here, and this is not one.")


def as_moment(value: Sql, column: int = 0) -> Composable:
    if value.kind is Kind.TEXT:
        return _fill("(projection.as_timestamptz({}) at time zone 'Europe/Oslo')", value.text)
    if value.kind is Kind.DATE:
        return _fill("({})::timestamp", value.text)
    raise ExpressionError(column, "A date was expected here, and this is not one.")


def as_text(value: Sql) -> Composable:
    match value.kind:
        case Kind.TEXT:
            return value.text
        case Kind.DATE:
            return _fill("to_char({}, 'YYYY-MM-DD')", value.text)
        case Kind.NUMBER:
            return _fill("trim_scale(({})::numeric)::text", value.text)
        case _:
            return _fill("({})::text", value.text)


def same_kind(values: list[Sql], column: int) -> tuple[list[Composable], Kind]:
    """The pieces made one kind: the first one's, texts when they differ."""
    kinds = {value.kind for value in values}
    if len(kinds) == 1:
        return [value.text for value in values], values[0].kind
    return [as_text(value) for value in values], Kind.TEXT


def compare(operator: str, left: Sql, right: Sql, column: int) -> Sql:
    """A comparison with DHIS2's rules: by number if one side is a number, by truth, by date, else as text."""
    sign = {"==": "=", "!=": "<>"}.get(operator, operator)
    kinds = {left.kind, right.kind}
    if Kind.BOOLEAN in kinds and Kind.NUMBER not in kinds:
        pair = (as_boolean(left), as_boolean(right))
    elif Kind.NUMBER in kinds and Kind.DATE not in kinds:
        return Sql(_numbers(sign, left, right, column), Kind.BOOLEAN)
    elif kinds == {Kind.DATE} or (
        Kind.DATE in kinds and any(v.literal is not None and _iso(v.literal) for v in (left, right))
    ):
        pair = (as_day(left, column), as_day(right, column))
    else:
        pair = (as_text(left), as_text(right))
        if sign not in ("=", "<>"):
            return Sql(_fill(f'({{}} {sign} ({{}}) collate "C")', *pair), Kind.BOOLEAN)
    return Sql(_fill(f"({{}} {sign} {{}})", *pair), Kind.BOOLEAN)


def _numbers(sign: str, left: Sql, right: Sql, column: int) -> Composable:
    """A comparison of numbers. A text that is no number equals none: not null, but unequal."""
    plain = _fill(f"({{}} {sign} {{}})", as_numeric(left, column), as_numeric(right, column))
    texts = [v for v in (left, right) if v.kind is Kind.TEXT]
    if not texts or sign not in ("=", "<>"):
        return plain
    if all(t.literal is not None and _float(t.literal) is not None for t in texts):
        return plain
    unequal = SQL("false") if sign == "=" else SQL("true")
    return _fill(
        "coalesce({}, case when {} is not null and {} is not null then {} end)",
        plain, left.text, right.text, unequal,
    )  # fmt: skip
