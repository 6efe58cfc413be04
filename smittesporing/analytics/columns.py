"""What the items of a program indicator are in its statement: on events, and on enrollments.

The statement's aliases are fixed: `b` an event, `n` an enrollment, `v` an event looked up inside, `p` the
period. Called by plan.py.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from psycopg.sql import SQL, Composable, Identifier, Literal

from smittesporing.analytics.question import Question
from smittesporing.analytics.structure import NOT_HELD, Structure, local
from smittesporing.expression.nodes import ExpressionError, Item, Kind
from smittesporing.expression.sql_types import Sql
from smittesporing.metadata.programs import Program


class RowColumns(Protocol):
    """Columns of one kind of row, its base table, and the dates that limits may name."""

    alias: str

    @property
    def dates(self) -> Mapping[str, Composable]: ...
    def base(self) -> Composable: ...
    def attribute(self, uid: str) -> Composable: ...
    def value(self, item: Item) -> Sql: ...
    def variable(self, item: Item) -> Sql: ...
    def over_events(self, item: Item, aggregate: Callable[[Sql], Composable]) -> Composable: ...
    def relationships(self, type_uid: str | None) -> Composable: ...


class _Shared:
    """What events and enrollments have in common."""

    alias = ""
    window: Sequence[Composable] = ()

    def __init__(self, program: Program, shape: Structure, question: Question) -> None:
        self.program, self.shape, self.question = program, shape, question
        self.enrollments = f"enrollment_{program.uid}"

    def stage_table(self, item: Item) -> str:
        """The table of an item's stage, which must be one of the program's and have the data element."""
        table = f"event_{item.parts[0]}"
        if self.program.stage(item.parts[0]) is None or not self.shape.has(table, *item.parts[1:2]):
            raise ExpressionError(item.column, f"{item.written} is not in the program.")
        return table

    def attribute(self, uid: str) -> Composable:
        if not self.shape.has(self.enrollments, uid):
            raise ExpressionError(1, f"A{{{uid}}} is not in the program.")
        return Identifier("n", uid)

    def constant(self, item: Item) -> Sql:
        number = self.question.constants.get(item.name)
        if number is None:
            raise ExpressionError(item.column, f"{item.written} does not exist.")
        return Sql(Literal(number), Kind.NUMBER)

    def _attribute_value(self, item: Item) -> Sql:
        self.attribute(item.name)
        return self.shape.column(self.enrollments, item.name, "n")

    def _looked_up(
        self, item: Item, chosen: Composable, *more: Composable, last: Composable
    ) -> Composable:
        """A scalar subquery over the events of the item's stage in this row's enrollment."""
        conditions: list[Composable] = [
            SQL("v.tracked_entity = {}").format(Identifier(self.alias, "tracked_entity")),
            SQL("v.enrollment = {}").format(Identifier(self.alias, "enrollment")),
            SQL("v.status not in {}").format(NOT_HELD),
            *self.window,
            *more,
        ]
        return SQL("(select {} from projection.{} v where {}{})").format(
            chosen, Identifier(self.stage_table(item)), SQL(" and ").join(conditions), last
        )

    def _newest(self, item: Item) -> Sql:
        """The newest value of the data element among the enrollment's events (decision 14)."""
        column = self.shape.column(self.stage_table(item), item.parts[1], "v")
        present = SQL("{} is not null").format(Identifier("v", item.parts[1]))
        newest = SQL(
            " order by v.occurred_at desc nulls last, v.created_at desc, v.event desc limit 1"
        )
        return Sql(self._looked_up(item, column.text, present, last=newest), column.kind)

    def over_events(self, item: Item, aggregate: Callable[[Sql], Composable]) -> Composable:
        if item.sign != "#":
            raise ExpressionError(item.column, f"{item.written} has no events to count over.")
        column = self.shape.column(self.stage_table(item), item.parts[1], "v")
        return self._looked_up(item, aggregate(column), last=SQL(""))

    def _event_date(self, item: Item) -> Sql:
        found = self._looked_up(item, SQL("max(v.occurred_at)"), last=SQL(""))
        return Sql(local(found), Kind.DATE)

    def relationships(self, type_uid: str | None) -> Composable:
        wanted = SQL("true") if type_uid is None else SQL("r.type = {}").format(Literal(type_uid))
        return SQL(
            "(select count(*) from projection.relationship r where r.tracked_entity = {} and {})"
        ).format(Identifier(self.alias, "tracked_entity"), wanted)

    def _common_variable(self, item: Item) -> Sql | None:
        match item.name:
            case "current_date":
                return Sql(
                    SQL("{}::date").format(Literal(self.question.today.isoformat())), Kind.DATE
                )
            case "analytics_period_start":
                return Sql(SQL("p.first"), Kind.DATE)
            case "analytics_period_end":
                return Sql(SQL("p.last"), Kind.DATE)
            case "enrollment_date":
                return Sql(local(SQL("n.enrolled_at")), Kind.DATE)
            case "incident_date":
                return Sql(local(SQL("n.occurred_at")), Kind.DATE)
            case "enrollment_status":
                return Sql(SQL("n.status"), Kind.TEXT)
            case "event_count" | "enrollment_count" | "tei_count" | "org_unit_count":
                return Sql(SQL("1"), Kind.NUMBER)
            case "sync_date":
                return Sql(SQL("null::date"), Kind.DATE)
        return None


class EventColumns(_Shared):
    """One row per event of the program. Only the columns that the indicator uses are read."""

    alias = "b"

    def __init__(
        self, program: Program, shape: Structure, question: Question, used: Sequence[Item]
    ) -> None:
        super().__init__(program, shape, question)
        self.used = tuple(i for i in used if i.sign == "#")

    @property
    def dates(self) -> Mapping[str, Composable]:
        return {
            "EVENT_DATE": SQL("b.occurred_at"),
            "SCHEDULED_DATE": SQL("b.scheduled_at"),
            "ENROLLMENT_DATE": SQL("n.enrolled_at"),
            "INCIDENT_DATE": SQL("n.occurred_at"),
        }

    def base(self) -> Composable:
        parts = []
        for stage in self.program.stages:
            table = f"event_{stage.uid}"
            if not self.shape.has(table):
                continue
            columns = [
                SQL("{} as {}").format(
                    Identifier("e", item.parts[1]) if item.parts[0] == stage.uid
                    else self.shape.null(self.stage_table(item), item.parts[1]),
                    Identifier("_".join(item.parts)),
                )
                for item in self.used
            ]  # fmt: skip
            fixed = SQL(
                "e.tracked_entity, e.enrollment, e.event, e.owner, e.org_unit, e.status, e.occurred_at, "
                "e.scheduled_at, e.completed_at, e.created_at, {}::text as stage"
            ).format(Literal(stage.uid))
            parts.append(
                SQL("select {} from projection.{} e").format(
                    SQL(", ").join([fixed, *columns]), Identifier(table)
                )
            )
        if not parts:
            raise ExpressionError(1, "The program has no stage to count events of.")
        base = SQL("({}) b").format(SQL(" union all ").join(parts))
        if not self.shape.has(self.enrollments):
            return base
        return SQL(
            "{} left join projection.{} n on n.tracked_entity = b.tracked_entity and n.enrollment = b.enrollment"
        ).format(base, Identifier(self.enrollments))

    def value(self, item: Item) -> Sql:
        match item.sign:
            case "#":
                table = self.stage_table(item)
                return self.shape.column(table, item.parts[1], "b", "_".join(item.parts))
            case "A":
                return self._attribute_value(item)
            case "C":
                return self.constant(item)
            case "PS_EVENTDATE":
                return self._event_date(item)
        raise ExpressionError(item.column, f"{item.written} has no value here.")

    def variable(self, item: Item) -> Sql:
        common = self._common_variable(item)
        if common is not None:
            return common
        match item.name:
            case "event_date" | "execution_date":
                return Sql(local(SQL("b.occurred_at")), Kind.DATE)
            case "due_date" | "scheduled_date":
                return Sql(local(SQL("b.scheduled_at")), Kind.DATE)
            case "completed_date":
                return Sql(local(SQL("b.completed_at")), Kind.DATE)
            case "creation_date":
                return Sql(local(SQL("b.created_at")), Kind.DATE)
            case "event_status":
                return Sql(SQL("b.status"), Kind.TEXT)
            case "program_stage_id":
                return Sql(SQL("b.stage"), Kind.TEXT)
            case "program_stage_name":
                names = [
                    SQL("when {} then {}").format(Literal(s.uid), Literal(s.name))
                    for s in self.program.stages
                ]
                return Sql(SQL("(case b.stage {} end)").format(SQL(" ").join(names)), Kind.TEXT)
            case "value_count" | "zero_pos_value_count":
                return _values(self.used, self.value, item)
        raise ExpressionError(item.column, f"V{{{item.name}}} has no value for an event.")


class EnrollmentColumns(_Shared):
    """One row per enrollment; a data element is its newest value, looked up when it is not kept."""

    alias = "n"

    def __init__(
        self, program: Program, shape: Structure, question: Question, window: Sequence[Composable]
    ) -> None:
        super().__init__(program, shape, question)
        self.window = window

    @property
    def dates(self) -> Mapping[str, Composable]:
        return {
            "ENROLLMENT_DATE": SQL("n.enrolled_at"),
            "INCIDENT_DATE": SQL("n.occurred_at"),
        }

    def base(self) -> Composable:
        if not self.shape.has(self.enrollments):
            raise ExpressionError(1, "The program has no enrollments to count.")
        return SQL("projection.{} n").format(Identifier(self.enrollments))

    def value(self, item: Item) -> Sql:
        match item.sign:
            case "#":
                self.stage_table(item)
                kept = "_".join(item.parts)
                if (
                    not self.window
                    and not item.modifiers
                    and self.shape.has(self.enrollments, kept)
                ):
                    return self.shape.column(self.enrollments, kept, "n")
                return self._newest(item)
            case "A":
                return self._attribute_value(item)
            case "C":
                return self.constant(item)
            case "PS_EVENTDATE":
                return self._event_date(item)
        raise ExpressionError(item.column, f"{item.written} has no value here.")

    def variable(self, item: Item) -> Sql:
        common = self._common_variable(item)
        if common is not None:
            return common
        match item.name:
            case "completed_date":
                return Sql(local(SQL("n.completed_at")), Kind.DATE)
            case "creation_date":
                return Sql(local(SQL("n.created_at")), Kind.DATE)
            case "event_date" | "execution_date":
                dates = [
                    self._event_date(Item("PS_EVENTDATE", (stage.uid,), (), item.column)).text
                    for stage in self.program.stages
                    if self.shape.has(f"event_{stage.uid}")
                ]
                return Sql(SQL("greatest({})").format(SQL(", ").join(dates)), Kind.DATE)
        raise ExpressionError(item.column, f"V{{{item.name}}} has no value for an enrollment.")


def _values(used: Sequence[Item], value: Callable[[Item], Sql], asking: Item) -> Sql:
    """How many of the indicator's data elements have a value in this row."""
    counted: list[Composable] = []
    for item in used:
        found = value(item)
        test = "{} is not null"
        if asking.name == "zero_pos_value_count":
            if found.kind is not Kind.NUMBER:
                continue
            test = "{} >= 0"
        counted.append(SQL(f"coalesce(({test})::int, 0)").format(found.text))
    return Sql(SQL("({})").format(SQL(" + ").join(counted or [SQL("0")])), Kind.NUMBER)
