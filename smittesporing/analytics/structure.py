"""What the projections look like right now: their tables, columns and types.

Reads only the description that projection.swap keeps. Called by plan.py and query.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg.sql import SQL, Composable, Identifier

from smittesporing.database import Connection
from smittesporing.expression.nodes import Kind
from smittesporing.expression.sql_types import TYPED_NULL, Sql

_KINDS = {
    "text": Kind.TEXT,
    "bool": Kind.BOOLEAN,
    "int": Kind.NUMBER,
    "numeric": Kind.NUMBER,
    "date": Kind.DATE,
    "timestamptz": Kind.DATE,
}
# Not yet happened, or never will: no event indicator counts them unless it asks for their schedule.
NOT_HELD = SQL("('SCHEDULE', 'OVERDUE', 'SKIPPED')")


# V{} that count something once, and the key it is counted by.
COUNTABLE = {
    "enrollment_count": "enrollment",
    "tei_count": "tracked_entity",
    "org_unit_count": "org_unit",
}


@dataclass(frozen=True)
class Structure:
    """The columns of each projection by its name; fixed columns are left out."""

    tables: Mapping[str, Mapping[str, str]]

    def has(self, table: str, column: str = "") -> bool:
        found = self.tables.get(table)
        return found is not None and (not column or column in found)

    def column(self, table: str, column: str, alias: str, name: str = "") -> Sql:
        """One typed column, under the alias its table has in the statement."""
        kind = self.tables[table][column]
        text: Composable = Identifier(alias, name or column)
        return Sql(local(text) if kind == "timestamptz" else text, _KINDS[kind])

    def null(self, table: str, column: str) -> Composable:
        """A null of the column's type, for a row of another stage."""
        kind = self.tables[table][column]
        return SQL("null::timestamptz") if kind == "timestamptz" else TYPED_NULL[_KINDS[kind]]


def local(moment: Composable) -> Composable:
    """A timestamptz as Norwegian wall time."""
    return SQL("({} at time zone 'Europe/Oslo')").format(moment)


def current(conn: Connection) -> Structure:
    rows = conn.execute("select name, columns from projection.structure").fetchall()
    return Structure({r["name"]: {c["name"]: c["type"] for c in r["columns"]} for r in rows})
