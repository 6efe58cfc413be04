"""The record of the tables as PostgreSQL sees it: one row of typed columns, and the events behind it."""

from collections.abc import Callable

from psycopg.sql import SQL, Composable, Identifier, Literal

from smittesporing.expression.nodes import ExpressionError, Item, Kind
from smittesporing.expression.sql_types import Sql
from tests.spec.reading import CONSTANT, ENVIRONMENT, RECORD, RELATIONS, STAGE

TYPES = {Kind.NUMBER: "numeric", Kind.TEXT: "text", Kind.BOOLEAN: "boolean", Kind.DATE: "date"}
_BY_UID = {answered.uid: answered for answered in RECORD.values()}


def _typed(value: str | None, kind: Kind) -> Composable:
    return SQL("{}::" + TYPES[kind]).format(Literal(value))


class Columns:
    """What each item is, written as a literal; `empty` when nobody has answered anything."""

    def __init__(self, empty: bool) -> None:
        self.empty = empty

    def value(self, item: Item) -> Sql:
        if item.sign == "C":
            if item.name != CONSTANT or self.empty:
                raise ExpressionError(item.column, "There is no such constant.")
            return Sql(_typed("2.5", Kind.NUMBER), Kind.NUMBER)
        if item.sign == "PS_EVENTDATE":
            known = item.name == STAGE and not self.empty
            return Sql(_typed("2022-01-10" if known else None, Kind.DATE), Kind.DATE)
        answered = _BY_UID.get(item.parts[-1])
        if answered is None:
            return Sql(_typed(None, Kind.TEXT), Kind.TEXT)
        first = None if self.empty or not answered.values else answered.values[0]
        return Sql(_typed(first, answered.kind), answered.kind)

    def variable(self, item: Item) -> Sql:
        kind, value = ENVIRONMENT[item.name]
        return Sql(_typed(None if self.empty else value, kind), kind)

    def over_events(self, item: Item, aggregate: Callable[[Sql], Composable]) -> Composable:
        answered = _BY_UID.get(item.parts[-1])
        if answered is None:
            raise ExpressionError(item.column, "This has no events.")
        known = () if self.empty else answered.values
        rows = SQL(", ").join(
            SQL("({})").format(_typed(v, answered.kind)) for v in known or (None,)
        )
        value = Sql(Identifier("v", "value"), answered.kind)
        return SQL("(select {} from (values {}) as v(value) where value is not null)").format(
            aggregate(value), rows
        )

    def relationships(self, type_uid: str | None) -> Composable:
        return SQL("0" if self.empty or type_uid not in (None, RELATIONS) else "2")
