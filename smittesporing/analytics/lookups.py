"""Values looked up among the events of one row's enrollment: one pass over each stage's events per row.

An indicator may count or read the same stage's events many times, and many indicators do; everything asked
of one stage becomes one lateral subquery `s0`, `s1`, … of the statement. `v` is an event there. What many
indicators work out alike is worked out once, in `once`. Called by columns.py; plan.py puts `tables` into
the statement.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from psycopg.sql import SQL, Composable, Identifier

from smittesporing.analytics.structure import NOT_HELD
from smittesporing.expression.sql_types import fill

_ONCE = Identifier("once")


class Lookups:
    """What one statement looks up. `alias` is the row's; `window` limits which events are read."""

    def __init__(self, alias: str, window: Sequence[Composable], planned: bool) -> None:
        self.alias, self.window, self.planned = alias, tuple(window), planned
        self.shared = False  # whether many expressions read the same rows
        self._once: dict[str, Composable] = {}
        self._asked: dict[str, tuple[Composable, dict[str, Composable]]] = {}
        self._inside = 0

    def find(self, name: str, source: Composable, chosen: Composable) -> Composable:
        """A value over the events of a source: a column of its subquery. `chosen` aggregates over `v`."""
        if self._inside:
            # Asked for by another lookup's condition, whose subquery cannot read its own columns.
            return fill("(select {} {})", chosen, self._from(source))
        number = list(self._asked).index(name) if name in self._asked else len(self._asked)
        columns = self._asked.setdefault(name, (source, {}))[1]
        key = repr(chosen)
        columns.setdefault(key, chosen)
        return Identifier(f"s{number}", f"c{list(columns).index(key)}")

    def over(
        self, name: str, source: Composable, aggregate: Callable[[], Composable]
    ) -> Composable:
        """The same, where making the aggregate may itself look something up."""
        with self._nested():
            chosen = aggregate()
        return self.find(name, source, chosen)

    def once(self, piece: Composable) -> Composable:
        """A piece that many expressions share, such as an age, worked out once for a row; else the piece itself."""
        key = repr(piece)
        if not self.shared or self._inside or repr(_ONCE) in key:
            return piece
        self._once.setdefault(key, piece)
        return fill("{}.{}", _ONCE, Identifier(f"e{list(self._once).index(key)}"))

    @contextmanager
    def _nested(self) -> Iterator[None]:
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1

    def tables(self) -> list[Composable]:
        """The subqueries, to be joined after the row and the period."""
        found: list[Composable] = []
        for number, (source, columns) in enumerate(self._asked.values()):
            chosen = [
                fill("{} as {}", one, Identifier(f"c{at}"))
                for at, one in enumerate(columns.values())
            ]
            found.append(
                fill(
                    "cross join lateral (select {} {}) {}",
                    SQL(", ").join(chosen), self._from(source), Identifier(f"s{number}"),
                )
            )  # fmt: skip
        if self._once:
            pieces = [
                fill("{} as {}", one, Identifier(f"e{at}"))
                for at, one in enumerate(self._once.values())
            ]
            # Without offset 0 PostgreSQL would put each piece back where it is used.
            once = fill("cross join lateral (select {} offset 0) {}", SQL(", ").join(pieces), _ONCE)
            found.append(once)
        return found

    def _from(self, source: Composable) -> Composable:
        row = Identifier(self.alias, "tracked_entity"), Identifier(self.alias, "enrollment")
        conditions: list[Composable] = [
            fill("v.tracked_entity = {}", row[0]),
            # An event without registration is the only one of its own.
            fill("v.enrollment is not distinct from {}", row[1]),
            *([] if self.planned else [fill("v.status not in {}", NOT_HELD)]),
            *self.window,
        ]
        return fill("from {} v where {}", source, SQL(" and ").join(conditions))
