"""What the items of a program indicator are in its statement: on events, and on enrollments.

The statement's aliases are fixed: `b` an event, `n` an enrollment, `v` an event looked up inside, `p` the
period. Called by plan.py.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Protocol, Self

from psycopg.sql import SQL, Composable, Identifier, Literal

from smittesporing.analytics.lookups import Lookups
from smittesporing.analytics.question import Question
from smittesporing.analytics.structure import COUNTABLE, NOT_HELD, Structure, local
from smittesporing.expression.nodes import ExpressionError, Item, Kind
from smittesporing.expression.sql_types import Sql, as_numeric, fill
from smittesporing.expression.to_sql import Columns
from smittesporing.metadata.programs import Program

_HELD_NOW = SQL("('ACTIVE', 'COMPLETED')")  # what V{event_count} counts
# V{}: the column of an event, and whether it is a moment.
_OF_EVENT: dict[str, tuple[str, bool]] = {
    "event_date": ("occurred_at", True),
    "execution_date": ("occurred_at", True),
    "due_date": ("scheduled_at", True),
    "scheduled_date": ("scheduled_at", True),
    "completed_date": ("completed_at", True),
    "creation_date": ("created_at", True),
    "event_status": ("status", False),
}
_NEWEST = SQL("v.occurred_at desc nulls last, v.created_at desc, v.event desc")
_OLDEST = SQL("v.occurred_at asc nulls first, v.created_at asc, v.event asc")
_EVERY_EVENT = "every event"


class RowColumns(Columns, Protocol):
    """Columns of one kind of row, its base table, and the dates that limits may name."""

    alias: str
    lookups: Lookups

    @property
    def dates(self) -> Mapping[str, Composable]: ...
    def base(self) -> Composable: ...
    def attribute(self, uid: str) -> Composable: ...
    def has_event(self, item: Item, limits: Sequence[Composable]) -> Composable: ...
    def reading(self, used: Sequence[Item]) -> Self: ...


class _Shared:
    """What events and enrollments have in common. `used` are the items of the expression being composed."""

    alias = ""
    used: tuple[Item, ...] = ()

    def __init__(
        self,
        program: Program,
        shape: Structure,
        question: Question,
        window: Sequence[Composable],
        planned: bool = False,
    ) -> None:
        self.program, self.shape, self.question = program, shape, question
        self.enrollments = f"enrollment_{program.uid}"
        self.lookups = Lookups(self.alias, window, planned)

    def reading(self, used: Sequence[Item]) -> Self:
        """The same columns for one expression, whose items V{value_count} counts."""
        one = copy(self)
        one.used = tuple(used)
        return one

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

    def value(self, item: Item) -> Sql:
        match item.sign:
            case "#":
                return self._element(item)
            case "A":
                self.attribute(item.name)
                return self.shape.column(self.enrollments, item.name, "n")
            case "C":
                number = self.question.constants.get(item.name)
                if number is None:
                    raise ExpressionError(item.column, f"{item.written} does not exist.")
                return Sql(Literal(number), Kind.NUMBER)
            case "PS_EVENTDATE":
                return self._event_date(item)
        raise ExpressionError(item.column, f"{item.written} has no value here.")

    def _element(self, item: Item) -> Sql:
        raise NotImplementedError

    def _event_date(self, item: Item) -> Sql:
        raise NotImplementedError

    def _offset(self, item: Item) -> int | None:
        """What `.stageOffset(n)` says: 0 the newest, -1 the one before it, 1 the first; None without."""
        if not item.modifiers:
            return None
        stage = self.program.stage(item.parts[0])
        if stage is None or not stage.repeatable:
            raise ExpressionError(item.column, "stageOffset is for stages that may be repeated.")
        try:
            return int(item.modifiers[-1].argument or "")
        except ValueError:
            raise ExpressionError(item.column, "stageOffset takes a whole number.") from None

    def _over(self, item: Item, aggregate: Callable[[Sql], Composable]) -> Composable:
        table = self.stage_table(item)
        column = (
            Sql(SQL("v.occurred_at"), Kind.DATE)
            if item.sign == "PS_EVENTDATE"
            else self.shape.column(table, item.parts[1], "v")
        )
        source = fill("projection.{}", Identifier(table))
        return self.lookups.over(table, source, lambda: aggregate(column))

    def over_events(self, item: Item, aggregate: Callable[[Sql], Composable]) -> Composable:
        if item.sign != "#":
            raise ExpressionError(item.column, f"{item.written} has no events to count over.")
        return self._over(item, aggregate)

    def has_event(self, item: Item, limits: Sequence[Composable]) -> Composable:
        """Whether an event of the stage lies within the limits."""
        return fill(
            "exists (select from projection.{} v where v.tracked_entity = {} and v.enrollment = {} "
            "and v.status not in {} and {})",
            Identifier(self.stage_table(item)),
            Identifier(self.alias, "tracked_entity"),
            Identifier(self.alias, "enrollment"),
            NOT_HELD,
            SQL(" and ").join(limits),
        )

    def relationships(self, type_uid: str | None) -> Composable:
        """Those that the person herself is an end of; her enrollments' and events' are theirs."""
        wanted = SQL("true") if type_uid is None else fill("r.type = {}", Literal(type_uid))
        return fill(
            "(select count(*) from projection.relationship r where r.tracked_entity = {} "
            "and r.enrollment is null and r.event is null and {})",
            Identifier(self.alias, "tracked_entity"), wanted,
        )  # fmt: skip

    def once(self, piece: Composable) -> Composable:
        return self.lookups.once(piece)

    def every_event(self) -> Composable:
        """The events of all the program's stages, with their fixed columns."""
        parts = [
            fill(
                "select tracked_entity, enrollment, event, status, occurred_at, scheduled_at, "
                "completed_at, created_at from projection.{}",
                Identifier(f"event_{stage.uid}"),
            )
            for stage in self.program.stages
            if self.shape.has(f"event_{stage.uid}")
        ]
        if not parts:
            raise ExpressionError(1, "The program has no stages.")
        return fill("({})", SQL(" union all ").join(parts))

    def counted(self, item: Item) -> Composable | None:
        name = COUNTABLE.get(item.name) if item.sign == "V" else None
        return Identifier(self.alias, name) if name else None

    def variable(self, item: Item) -> Sql:
        match item.name:
            case "current_date":
                today = Literal(self.question.today.isoformat())
                return Sql(fill("{}::date", today), Kind.DATE)
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
            case "enrollment_count" | "tei_count" | "org_unit_count":
                return Sql(SQL("1::numeric"), Kind.NUMBER, whole=True)
            case "sync_date":
                return Sql(SQL("null::date"), Kind.DATE)
            case "value_count" | "zero_pos_value_count":
                return self._values(item)
        return self._of_events(item)

    def _of_events(self, item: Item) -> Sql:
        raise NotImplementedError

    def _values(self, asking: Item) -> Sql:
        """How many of the expression's data elements and attributes have a value; null when none has."""
        counted: list[Composable] = []
        for item in self.used:
            if item.sign not in ("#", "A"):
                continue
            found = self.value(item)
            if asking.name == "value_count":
                counted.append(fill("({} is not null)::int", found.text))
            elif found.kind is Kind.NUMBER:
                counted.append(fill("coalesce(({} >= 0)::int, 0)", found.text))
        return Sql(
            fill("nullif({}, 0)::numeric", SQL(" + ").join(counted or [SQL("0")])), Kind.NUMBER
        )


class EventColumns(_Shared):
    """One row per event of the program. Only the columns that the group's indicators use are read."""

    alias = "b"

    def __init__(
        self,
        program: Program,
        shape: Structure,
        question: Question,
        window: Sequence[Composable],
        planned: bool,
        read: Sequence[Item],
    ) -> None:
        super().__init__(program, shape, question, window, planned)
        self.read = tuple(dict.fromkeys(i.parts for i in read if i.sign == "#"))

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
                fill(
                    "{} as {}",
                    Identifier("e", element) if owner == stage.uid
                    else self.shape.null(self.stage_table(Item("#", (owner, element))), element),
                    Identifier(f"{owner}_{element}"),
                )
                for owner, element in self.read
            ]  # fmt: skip
            fixed = fill(
                "e.tracked_entity, e.enrollment, e.event, e.owner, e.org_unit, e.status, e.occurred_at, "
                "e.scheduled_at, e.completed_at, e.created_at, {}::text as stage",
                Literal(stage.uid),
            )
            chosen = SQL(", ").join([fixed, *columns])
            parts.append(fill("select {} from projection.{} e", chosen, Identifier(table)))
        if not parts:
            raise ExpressionError(1, "The program has no stage to count events of.")
        base = fill("({}) b", SQL(" union all ").join(parts))
        if not self.shape.has(self.enrollments):
            return base
        return fill(
            "{} left join projection.{} n on n.tracked_entity = b.tracked_entity and n.enrollment = b.enrollment",
            base, Identifier(self.enrollments),
        )  # fmt: skip

    def _element(self, item: Item) -> Sql:
        # An event of another stage has no value, and which event is asked for has no choice.
        self._offset(item)
        table = self.stage_table(item)
        return self.shape.column(table, item.parts[1], "b", "_".join(item.parts))

    def _event_date(self, item: Item) -> Sql:
        self.stage_table(item)
        return Sql(local(SQL("b.occurred_at")), Kind.DATE)

    def extreme(self, item: Item, function: str) -> Sql:
        return self.value(item)

    def variable(self, item: Item) -> Sql:
        registered = item.name in ("enrollment_date", "incident_date", "enrollment_status")
        if registered and not self.shape.has(self.enrollments):
            raise ExpressionError(item.column, "The program has no enrollments.")
        return super().variable(item)

    def _of_events(self, item: Item) -> Sql:
        if item.name in _OF_EVENT:
            name, moment = _OF_EVENT[item.name]
            column = Identifier("b", name)
            return Sql(local(column), Kind.DATE) if moment else Sql(column, Kind.TEXT)
        match item.name:
            case "event_count":
                held = fill("(case when b.status in {} then 1::numeric end)", _HELD_NOW)
                return Sql(held, Kind.NUMBER, whole=True)
            case "scheduled_event_count":
                planned = SQL("(case when b.status = 'SCHEDULE' then 1::numeric end)")
                return Sql(planned, Kind.NUMBER, whole=True)
            case "program_stage_id":
                return Sql(SQL("b.stage"), Kind.TEXT)
            case "program_stage_name":
                names = [
                    fill("when {} then {}", Literal(s.uid), Literal(s.name))
                    for s in self.program.stages
                ]
                return Sql(fill("(case b.stage {} end)", SQL(" ").join(names)), Kind.TEXT)
        raise ExpressionError(item.column, f"V{{{item.name}}} has no value for an event.")


class EnrollmentColumns(_Shared):
    """One row per enrollment; a data element is its newest value, looked up when it is not kept."""

    alias = "n"

    @property
    def dates(self) -> Mapping[str, Composable]:
        return {"ENROLLMENT_DATE": SQL("n.enrolled_at"), "INCIDENT_DATE": SQL("n.occurred_at")}

    def base(self) -> Composable:
        if not self.shape.has(self.enrollments):
            raise ExpressionError(1, "The program has no enrollments to count.")
        return fill("projection.{} n", Identifier(self.enrollments))

    def _element(self, item: Item) -> Sql:
        table = self.stage_table(item)
        offset = self._offset(item)
        kept = "_".join(item.parts)
        if not offset and not self.lookups.window and self.shape.has(self.enrollments, kept):
            return self.shape.column(self.enrollments, kept, "n")
        kind = self.shape.column(table, item.parts[1], "v").kind
        return Sql(self._over(item, lambda value: _at(value.text, offset or 0)), kind)

    def _event_date(self, item: Item) -> Sql:
        return Sql(local(self._over(item, lambda value: fill("max({})", value.text))), Kind.DATE)

    def extreme(self, item: Item, function: str) -> Sql:
        most = function == "max"
        kinds: list[Kind] = []

        def aggregate(value: Sql) -> Composable:
            kinds.append(value.kind)
            inner = value.text if value.kind is Kind.DATE else as_numeric(value, item.column)
            return fill("max({})" if most else "min({})", inner)

        found = self._over(item, aggregate)
        kind = Kind.DATE if kinds[0] is Kind.DATE else Kind.NUMBER
        return Sql(local(found) if item.sign == "PS_EVENTDATE" else found, kind)

    def _of_events(self, item: Item) -> Sql:
        find, every = self.lookups.find, self.every_event
        if item.name in _OF_EVENT:
            name, moment = _OF_EVENT[item.name]
            newest = find(_EVERY_EVENT, every(), _at(Identifier("v", name), 0))
            return Sql(local(newest), Kind.DATE) if moment else Sql(newest, Kind.TEXT)
        match item.name:
            case "event_count":
                chosen = fill("(count(*) filter (where v.status in {}))::numeric", _HELD_NOW)
                return Sql(find(_EVERY_EVENT, every(), chosen), Kind.NUMBER, whole=True)
            case "program_stage_id" | "program_stage_name":
                return Sql(SQL("''::text"), Kind.TEXT)
        raise ExpressionError(item.column, f"V{{{item.name}}} has no value for an enrollment.")


def _at(value: Composable, offset: int) -> Composable:
    """The value that is not missing, so many events back from the newest; above 0 counted from the first."""
    return fill(
        "(array_agg({0} order by {1}) filter (where {0} is not null))[{2}]",
        value, _OLDEST if offset > 0 else _NEWEST, Literal(offset if offset > 0 else 1 - offset),
    )  # fmt: skip
