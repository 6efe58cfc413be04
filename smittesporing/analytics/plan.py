"""Program indicators become statements over the projections: one for all that read the same rows.

Composes from psycopg.sql objects only; executes nothing and knows no user. A statement answers
(indicator, period, unit, value) for all asked periods and units at once. Called by counting.py and
query.py.
"""

from collections.abc import Sequence

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from smittesporing.analytics import aggregation, limits
from smittesporing.analytics.columns import EnrollmentColumns, EventColumns, RowColumns
from smittesporing.analytics.indicator import Indicator
from smittesporing.analytics.question import FOLLOWED_UP_BY, RESIDENCE, Question
from smittesporing.analytics.structure import NOT_HELD, Structure
from smittesporing.expression.nodes import ExpressionError, Item, items
from smittesporing.expression.sql_types import as_boolean, as_text, fill
from smittesporing.expression.to_sql import to_sql
from smittesporing.metadata.programs import Program
from smittesporing.uid import is_uid

NORGE = 1  # access.org_unit.id of the root


def counting(
    group: Sequence[Indicator], program: Program, shape: Structure, question: Question
) -> Composed:
    """The statement that gives (indicator, period, unit, value), one row per cell that has any data.

    group   Indicators whose `rows` are the same, at least one.
    Errors  `ExpressionError` when one names what the program does not have.
    """
    return _Rows(group, program, shape, question).counting()


def behind(
    indicator: Indicator, program: Program, shape: Structure, question: Question
) -> Composed:
    """The statement that lists the people and enrollments that a count counts."""
    return _Rows([indicator], program, shape, question).behind()


class _Rows:
    """The rows of a group of indicators: their tables, which of them count, and what they add up to."""

    def __init__(
        self, group: Sequence[Indicator], program: Program, shape: Structure, question: Question
    ) -> None:
        self.group, self.program, self.question = group, program, question
        self.first = first = group[0]
        self.boundaries = first.boundaries
        # Limits on events say which of an enrollment's events are read; on enrollments only that.
        inner = [b for b in first.body.boundaries if b.target in limits.OF_EVENTS]
        self.outer = tuple(b for b in self.boundaries if first.per_event or b not in inner)
        self.planned = any(b.target == "SCHEDULED_DATE" for b in self.boundaries)
        window = limits.window(inner)
        self.columns: RowColumns
        if first.per_event:
            read = [item for one in group for tree in one.trees for item in items(tree)]
            read += [*limits.items_of(self.boundaries), *self._org_unit_items()]
            self.columns = EventColumns(program, shape, question, window, self.planned, read)
        else:
            self.columns = EnrollmentColumns(program, shape, question, window, self.planned)
        self.columns.lookups.shared = len(group) > 1
        self.homes: list[Composable] = []
        self.unit_is_looked_up = False
        self.unit = self._placed()

    def counting(self) -> Composed:
        conditions = [self._filter(one) for one in self.group]
        always = self._always()
        alone = len(self.group) == 1
        where = SQL(" and ").join([*always, *conditions] if alone else always)
        if self.first.stands_alone:
            total, more = aggregation.alone(self.first, self.columns)
            rows = fill("{} where {}", self._from(), where)
            selected = aggregation.one_statement(self.first, total, more, rows)
        else:
            chosen: list[Composable] = [
                SQL("p.id as period"),
                SQL("u.unit"),
                *(fill("{} as {}", self.key(name), Identifier(name)) for name in aggregation.KEYS),
            ]
            totals = []
            for number, (one, condition) in enumerate(zip(self.group, conditions, strict=True)):
                counts = SQL("true") if alone else condition
                chosen.append(fill("{} as {}", counts, Identifier(f"f{number}")))
                total, value = aggregation.of(one, self.columns, number)
                if value is not None:
                    chosen.append(fill("{} as {}", value, Identifier(f"v{number}")))
                totals.append((one.body.uid, total))
            # Kept from being folded together, so that each condition is looked at once.
            rows = fill(
                "select {} {} where {} offset 0", SQL(", ").join(chosen), self._from(), where
            )
            selected = aggregation.many(rows, totals)
        return fill("/* {} */ {}", self._named(), selected)

    def behind(self) -> Composed:
        condition = self._filter(self.first)
        where = SQL(" and ").join([*self._always(), condition])
        return fill(
            "/* behind {} */ select distinct {}, {} {} where {} order by 1, 2",
            self._named(), self.key("tracked_entity"), self.key("enrollment"), self._from(), where,
        )  # fmt: skip

    def key(self, name: str) -> Composable:
        return Identifier(self.columns.alias, name)

    def _named(self) -> Composable:
        """The indicators' uids for the statement's comment, where nothing else may stand."""
        if not all(is_uid(uid) for one in self.group for uid in one.body.uid.split(".")):
            raise ExpressionError(1, "The indicator has no proper identifier.")
        return SQL(" ").join([Identifier(one.body.uid) for one in self.group])

    def _filter(self, one: Indicator) -> Composable:
        if one.filter is None:
            return SQL("true")
        columns = self.columns.reading(items(one.filter))
        return as_boolean(to_sql(one.filter, columns, nulls=True))

    def _always(self) -> list[Composable]:
        """What every row fulfils, whatever its indicator's filter says."""
        parts: list[Composable] = []
        if self.question.owners is not None:
            owners = Literal(list(self.question.owners))
            parts.append(fill("{} = any ({}::int[])", self.key("owner"), owners))
        if self.first.per_event and not self.planned:
            parts.append(fill("{} not in {}", self.key("status"), NOT_HELD))
        target = limits.plain(self.outer, self.question.periods)
        if target is None:
            return [*parts, *limits.within(self.outer, self.columns)] or [SQL("true")]
        return [*parts, limits.within_one(target, self.columns, self.question.periods)]

    def _from(self) -> Composable:
        """All tables; composed last, when everything that is looked up is known."""
        looked_up = self.columns.lookups.tables()
        placed = [*self.homes, fill("join {} on u.org_unit = {}", self._units(), self.unit)]
        parts = [self.columns.base(), fill("cross join {}", self._periods())]
        parts += [*looked_up, *placed] if self.unit_is_looked_up else [*placed, *looked_up]
        return fill("from {}", SQL(" ").join(parts))

    def _placed(self) -> Composable:
        """The org unit that a row counts in, and what must be joined to know it."""
        place, field = self.first.place, self.first.body.org_unit_field
        if place.kind == RESIDENCE:
            home = self.columns.attribute(place.column)
            self.homes = [
                fill("left join projection.home on home.number = left({}, 4)", home),
            ]
            # Without a kommune of residence (abroad, unknown, Svalbard) a person counts in Norge only.
            return fill("coalesce(home.id, {})", Literal(NORGE))
        if place.kind == FOLLOWED_UP_BY:
            return self.key("owner")
        match field:
            case None | "" | "EVENT":
                return self.key("org_unit")
            case "ENROLLMENT":
                return SQL("n.org_unit")
            case "OWNER_AT_START" | "OWNER_AT_END":
                # Who owned it when is history; a row counts with who owns it now.
                return self.key("owner")
            case "REGISTRATION":
                raise ExpressionError(
                    1, "Where a person was registered is not counted by; use ENROLLMENT."
                )
        named = self._org_unit_value(field)
        self.homes = [fill("left join access.org_unit f on f.uid = {}", named)]
        return SQL("f.id")

    def _org_unit_value(self, uid: str) -> Composable:
        """The data element or attribute that names the org unit a row counts in."""
        if not is_uid(uid):
            raise ExpressionError(1, "The org unit field is unknown.")
        if uid in self.program.attributes_by_uid:
            return self.columns.attribute(uid)
        values = [as_text(self.columns.value(item)) for item in self._org_unit_items()]
        if not values:
            raise ExpressionError(1, "The org unit field is not in the program.")
        self.unit_is_looked_up = not self.first.per_event
        return fill("coalesce({})", SQL(", ").join(values))

    def _org_unit_items(self) -> list[Item]:
        uid = self.first.body.org_unit_field or ""
        stages = [s.uid for s in self.program.stages if uid in s.elements_by_uid]
        return [Item("#", (stage, uid)) for stage in stages]

    def _units(self) -> Composable:
        own, asked = zip(*self.question.units, strict=True) if self.question.units else ((), ())
        return fill(
            "unnest({}::int[], {}::int[]) as u(org_unit, unit)",
            Literal(list(own)), Literal(list(asked)),
        )  # fmt: skip

    def _periods(self) -> Composable:
        rows = [
            fill(
                "({}, {}::date, {}::date)",
                Literal(p.id), Literal(p.start.isoformat()), Literal(p.end.isoformat()),
            )
            for p in self.question.periods
        ]  # fmt: skip
        return fill("(values {}) as p(id, first, last)", SQL(", ").join(rows))
