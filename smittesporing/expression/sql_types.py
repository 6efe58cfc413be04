"""Typed pieces of SQL and how one type becomes another; the twin of `values` for PostgreSQL.

Called by `to_sql`, and by analytics/plan.py for the columns it hands in. Uses the conversion functions
that the projections' migration defines (`projection.as_numeric`, `projection.as_date`).
"""

import math
import re
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from zoneinfo import ZoneInfo

from psycopg.sql import SQL, Composable, Composed, Literal

from smittesporing.expression.nodes import ExpressionError, Kind
from smittesporing.expression.values import as_text as text_of

OSLO = ZoneInfo("Europe/Oslo")


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL with its kind; `literal` is set when the value is a text known beforehand.

    Kind.DATE pieces are of type date or timestamp without zone (Norwegian time), never timestamptz;
    Kind.NUMBER pieces are numeric. `whole` says that the number counts something: DHIS2's statements have
    those as integers, and one divided by another is a whole number there.
    """

    text: Composable
    kind: Kind
    literal: str | None = None
    whole: bool = False


TYPED_NULL = {
    Kind.NUMBER: SQL("null::numeric"),
    Kind.TEXT: SQL("null::text"),
    Kind.BOOLEAN: SQL("null::boolean"),
    Kind.DATE: SQL("null::date"),
}
NULL = Sql(TYPED_NULL[Kind.TEXT], Kind.TEXT)


# What projection.as_numeric and projection.as_date take for a number and a date, so that a literal means
# what a stored text means.
_NUMBER = re.compile(r"[-+]?(\d{1,30}(\.\d*)?|\.\d+)([eE][-+]?\d{1,2})?", re.ASCII)
_DAY = re.compile(r"[1-9]\d{3}-\d\d-\d\d(T.*)?", re.ASCII | re.DOTALL)


def fill(template: LiteralString, *parts: Composable) -> Composed:
    """One of our own templates with composed pieces in its places; never a user's text."""
    return SQL(template).format(*parts)


def text_literal(value: str, column: int = 0) -> Sql:
    """A text known beforehand. Errors  `ExpressionError` for what PostgreSQL cannot hold."""
    if "\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise ExpressionError(column, "The text has a character that no stored text can have.")
    return Sql(Literal(value), Kind.TEXT, value)


def number_literal(value: float, column: int = 0) -> Sql:
    if not math.isfinite(value):
        raise ExpressionError(column, "The number is too large to count with.")
    # As exact digits, because 0.1 is a tenth in both meanings.
    return Sql(fill("{}::numeric", Literal(text_of(value))), Kind.NUMBER)


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None


def _moment(text: str) -> datetime | None:
    """The day or moment that a literal names, in Norwegian time."""
    if not _DAY.fullmatch(text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(OSLO).replace(tzinfo=None) if found.tzinfo else found


def as_numeric(value: Sql, column: int = 0) -> Composable:
    """The piece as a number; a text that is none gives null."""
    match value.kind:
        case Kind.NUMBER:
            return value.text
        case Kind.BOOLEAN:
            return fill("({})::int::numeric", value.text)
        case Kind.TEXT if value.literal is not None:
            number = _number(value.literal)
            return (
                TYPED_NULL[Kind.NUMBER] if number is None else number_literal(number, column).text
            )
        case Kind.TEXT:
            return fill("projection.as_numeric({})", value.text)
    raise ExpressionError(column, "A number was expected here, and this is a date.")


def as_boolean(value: Sql) -> Composable:
    match value.kind:
        case Kind.BOOLEAN:
            return value.text
        case Kind.NUMBER:
            return fill("({} <> 0)", value.text)
        case Kind.TEXT if value.literal is not None:
            return SQL("true") if value.literal.lower() == "true" else SQL("false")
        case _:
            return fill("(lower({}) = 'true')", as_text(value))


def as_day(value: Sql, column: int = 0) -> Composable:
    """The piece as a date; a text that is none gives null."""
    match value.kind:
        case Kind.DATE:
            return fill("({})::date", value.text)
        case Kind.TEXT if value.literal is not None:
            moment = _moment(value.literal)
            return (
                TYPED_NULL[Kind.DATE]
                if moment is None
                else fill("{}::date", Literal(moment.date().isoformat()))
            )
        case Kind.TEXT:
            return fill("projection.as_date({})", value.text)
    raise ExpressionError(column, "A date was expected here, and this is not one.")


def as_moment(value: Sql, column: int = 0) -> Composable:
    """The piece as a moment of Norwegian time; a date is its midnight."""
    match value.kind:
        case Kind.DATE:
            return fill("({})::timestamp", value.text)
        case Kind.TEXT if value.literal is not None:
            moment = _moment(value.literal)
            return fill(
                "{}::timestamp",
                SQL("null") if moment is None else Literal(moment.isoformat(sep=" ")),
            )
        case Kind.TEXT:
            return fill("(projection.as_timestamptz({}) at time zone 'Europe/Oslo')", value.text)
    raise ExpressionError(column, "A date was expected here, and this is not one.")


def as_text(value: Sql) -> Composable:
    match value.kind:
        case Kind.TEXT:
            return value.text
        case Kind.DATE:
            return fill("to_char({}, 'YYYY-MM-DD')", value.text)
        case Kind.NUMBER:
            return fill("trim_scale(({})::numeric)::text", value.text)
        case _:
            return fill("({})::text", value.text)


def same_kind(values: list[Sql]) -> tuple[list[Composable], Kind]:
    """The pieces made one kind: texts when they differ. A null fits every kind."""
    kinds = {value.kind for value in values if value is not NULL}
    kind = kinds.pop() if len(kinds) == 1 else Kind.TEXT
    return [
        TYPED_NULL[kind] if v is NULL else v.text if v.kind is kind else as_text(v) for v in values
    ], kind


def compare(operator: str, left: Sql, right: Sql, column: int) -> Sql:
    """A comparison with DHIS2's rules: by number if one side is a number, by truth, by date, else as text."""
    sign = _SIGNS[operator]
    kinds = {left.kind, right.kind}
    if NULL in (left, right):
        return Sql(TYPED_NULL[Kind.BOOLEAN], Kind.BOOLEAN)
    if Kind.BOOLEAN in kinds and Kind.NUMBER not in kinds:
        pair = (as_boolean(left), as_boolean(right))
    elif Kind.NUMBER in kinds and Kind.DATE not in kinds:
        pair = (_for_number(left, operator, column), _for_number(right, operator, column))
    elif kinds == {Kind.DATE} or (
        Kind.DATE in kinds
        and any(v.literal is not None and _moment(v.literal) for v in (left, right))
    ):
        # A date is its midnight, so that 10 o'clock on the 19th comes after the 19th.
        pair = (as_moment(left, column), as_moment(right, column))
    else:
        pair = (as_text(left), as_text(right))
        if operator not in ("==", "!="):
            return Sql(fill('({} {} ({}) collate "C")', pair[0], SQL(sign), pair[1]), Kind.BOOLEAN)
    return Sql(fill("({} {} {})", pair[0], SQL(sign), pair[1]), Kind.BOOLEAN)


_SIGNS: dict[str, LiteralString] = {
    "==": "=",
    "!=": "<>",
    "<": "<",
    ">": ">",
    "<=": "<=",
    ">=": ">=",
}


def _for_number(value: Sql, operator: str, column: int) -> Composable:
    """One side of a comparison of numbers. A text that is no number equals none: not null, but unequal."""
    if value.kind is not Kind.TEXT or operator not in ("==", "!="):
        return as_numeric(value, column)
    if value.literal is not None:
        number = _number(value.literal)
        return SQL("'NaN'::numeric") if number is None else number_literal(number, column).text
    return fill("projection.number_or_nan({})", value.text)
