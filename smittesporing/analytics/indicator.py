"""A program indicator read and ready to be counted: its trees, its limits, where its rows count.

Plain values, no SQL. Made by counting.py and query.py, read by plan.py and aggregation.py.
"""

from dataclasses import dataclass
from functools import cached_property

from smittesporing.analytics import limits
from smittesporing.analytics.question import Place
from smittesporing.analytics.structure import COUNTABLE
from smittesporing.expression.nodes import Item, Mode, Node
from smittesporing.expression.parse import parse
from smittesporing.metadata.indicators import Boundary, ProgramIndicator

# Aggregation types that take one row of each org unit, and the one whose expression adds up the rows itself.
ONE_ROW = ("FIRST", "FIRST_AVERAGE_ORG_UNIT", "LAST", "LAST_AVERAGE_ORG_UNIT")


@dataclass(frozen=True)
class Indicator:
    """A program indicator read: its trees, its limits, and where its rows count.

    Errors  `ExpressionError` when made from what cannot be read.
    """

    body: ProgramIndicator
    place: Place

    @property
    def per_event(self) -> bool:
        return self.body.analytics_type == "EVENT"

    @cached_property
    def expression(self) -> Node:
        return parse(self.body.expression.strip(), Mode.PROGRAM_INDICATOR_EXPRESSION)

    @cached_property
    def filter(self) -> Node | None:
        text = self.body.filter.strip()
        return parse(text, Mode.PROGRAM_INDICATOR_FILTER) if text else None

    @cached_property
    def boundaries(self) -> tuple[Boundary, ...]:
        return limits.of(self.body.boundaries, self.per_event)

    @property
    def rows(self) -> tuple[object, ...]:
        """What decides which rows it reads: indicators that agree in this share a statement."""
        own = tuple((b.target, b.type, b.offset, b.offset_type) for b in self.boundaries)
        return (
            self.body.program,
            self.per_event,
            bool(self.body.boundaries),
            tuple(sorted(own, key=repr)),
            self.place,
            self.body.org_unit_field,
            self.body.uid if self.stands_alone else "",
        )

    @property
    def counted_by(self) -> str | None:
        """The key whose different values it counts, whatever its aggregation type says; None for most."""
        alone = self.expression
        return COUNTABLE.get(alone.name) if isinstance(alone, Item) and alone.sign == "V" else None

    @property
    def stands_alone(self) -> bool:
        """Whether its aggregation type needs a statement of its own."""
        kind = self.body.aggregation_type
        return kind == "CUSTOM" or (kind in ONE_ROW and self.counted_by is None)

    @property
    def trees(self) -> tuple[Node, ...]:
        return (self.expression,) if self.filter is None else (self.expression, self.filter)
