"""Random typed expressions over random records, and what both meanings say of each row.

`disagreements` runs many expressions as one statement over the projections' own tables and compares each
row with the plain meaning. Used with few expressions in the normal run and with many in tests/prove.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache

from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as effort
from hypothesis import strategies as st
from psycopg.sql import SQL, Identifier, Literal

from smittesporing.analytics import limits
from smittesporing.analytics.columns import EnrollmentColumns, EventColumns
from smittesporing.analytics.question import Question
from smittesporing.database import Connection
from smittesporing.expression.nodes import Kind, Mode, items
from smittesporing.expression.parse import parse
from smittesporing.expression.sql_types import as_boolean, fill
from smittesporing.expression.to_sql import to_sql
from smittesporing.expression.values import Value
from tests.analytics.records import Asked, Enrollment, Row
from tests.expression.little_program import (
    ATTRIBUTES,
    CONSTANTS,
    ELEMENTS,
    MONTH,
    RELATION,
    SHAPE,
    STAGES,
    TODAY,
    WINDOWS,
    load,
    program,
    records,
)
from tests.expression.row_meaning import Undecided, meaning

DEEPEST = 3  # levels of expressions in expressions
AT_ONCE = 50  # expressions in one statement

# Expressions -------------------------------------------------------------------------------------------


def _item(kind: str) -> st.SearchStrategy[str]:
    fits = {
        "NUMBER": ("NUMBER", "INTEGER"), "TEXT": ("TEXT",), "BOOLEAN": ("BOOLEAN", "TRUE_ONLY"),
        "DATE": ("DATE", "DATETIME"),
    }[kind]  # fmt: skip
    elements = [f"#{{{s}.{u}}}" for s in STAGES for u, t in ELEMENTS.items() if t in fits]
    moved = [f"{e}.stageOffset({n})" for e in elements for n in (-1, 0, 1)]
    attributes = [f"A{{{u}}}" for u, t in ATTRIBUTES.items() if t in fits]
    return st.sampled_from([*elements * 3, *moved, *attributes * 4])


_ELEMENT = st.sampled_from([f"#{{{s}.{u}}}" for s in STAGES for u in ELEMENTS])
_NUMERIC_ELEMENT = st.sampled_from(
    [f"#{{{s}.{u}}}" for s in STAGES for u in ("Number00001", "Whole000001")]
)
_COUNT = st.one_of(
    st.builds("d2:count({})".format, _ELEMENT),
    st.builds("d2:countIfZeroPos({})".format, _NUMERIC_ELEMENT),
    st.just("d2:daysBetween(V{enrollment_date}, V{current_date})"),
)
_LEAVES = {
    "NUMBER": st.one_of(
        _item("NUMBER"),
        st.sampled_from(["0", "1", "2", "3", "7.5", "0.1", "100", "C{Constant001}"]),
        st.sampled_from(["V{event_count}", "V{enrollment_count}", "V{value_count}", "V{zero_pos_value_count}"]),
        st.sampled_from(["d2:relationshipCount()", f"d2:relationshipCount('{RELATION}')"]),
        st.builds("d2:count({})".format, _ELEMENT),
        st.builds("d2:countIfZeroPos({})".format, _NUMERIC_ELEMENT),
        st.builds("d2:{}Value({})".format, st.sampled_from(["max", "min"]), _NUMERIC_ELEMENT),
        st.builds("d2:countIfCondition({}, '{} {}')".format, _NUMERIC_ELEMENT,
                  st.sampled_from(["<", ">=", "==", "!="]), st.sampled_from(["0", "1", "7.5"])),
        st.builds("d2:countIfValue({}, {})".format, st.sampled_from([f"#{{{s}.Text0000001}}" for s in STAGES]),
                  st.sampled_from(["'POSITIVE'", "'positive'", "'12'"])),
        st.builds("d2:countIfValue({}, {})".format, _NUMERIC_ELEMENT, st.sampled_from(["1", "7.5"])),
    ),
    "TEXT": st.one_of(
        _item("TEXT"),
        st.sampled_from(["'POSITIVE'", '"NEGATIVE"', "'Positive'", "'12'", r"'x\'y'", "'ÆØÅ'", "'%s'", "'{}'", "'a'"]),
        st.sampled_from(["V{enrollment_status}", "V{event_status}", "V{program_stage_name}"]),
    ),
    "BOOLEAN": st.one_of(
        _item("BOOLEAN"),
        st.builds("d2:hasValue({})".format, st.one_of(_ELEMENT, _item("TEXT"), _item("DATE"))),
        st.builds("isNull({})".format, _item("NUMBER")),
        st.builds("isNotNull({})".format, _item("TEXT")),
        st.sampled_from(["true", "false"]),
    ),
    "DATE": st.one_of(
        _item("DATE"),
        st.sampled_from(["V{enrollment_date}", "V{incident_date}", "V{event_date}", "V{completed_date}",
                         "V{creation_date}", "V{scheduled_date}", "V{current_date}", "V{analytics_period_start}",
                         "V{analytics_period_end}", f"PS_EVENTDATE:{STAGES[0]}", f"PS_EVENTDATE:{STAGES[1]}"]),
    ),
}  # fmt: skip
_DATE_LITERALS = st.sampled_from(["'2022-01-31'", "'2020-02-29'", "'2022-01-10'"])
_ORDER = st.sampled_from(["==", "!=", "<", ">", "<=", ">="])


def expressions(kind: str, depth: int = DEEPEST) -> st.SearchStrategy[str]:
    """Texts of well-typed expressions of that kind."""
    return _expressions(kind, depth)


@cache
def _expressions(kind: str, depth: int) -> st.SearchStrategy[str]:
    leaf = _LEAVES[kind]
    if depth == 0:
        return leaf
    inner = {k: _expressions(k, depth - 1) for k in _LEAVES}
    number, text, truth, day = (inner[k] for k in ("NUMBER", "TEXT", "BOOLEAN", "DATE"))
    quotable = _plain_condition()
    either = st.one_of(
        st.builds("if({}, {}, {})".format, truth, inner[kind], inner[kind]),
        st.builds("d2:condition(\"{}\", {}, {})".format, quotable, inner[kind], inner[kind]),
        st.builds("firstNonNull({}, {})".format, _item(kind), _item(kind)),
    )  # fmt: skip
    match kind:
        case "NUMBER":
            made = st.one_of(
                st.builds("({} {} {})".format, number, st.sampled_from(["+", "-", "*", "/", "%"]), number),
                st.builds("{} / {}".format, _COUNT, st.one_of(_COUNT, number)),
                st.builds("{} ^ {}".format, _item("NUMBER"), st.sampled_from(["2", "0", "(-1)", "0.5"])),
                st.builds("{} + {} - {}".format, number, number, number),
                st.builds("-{}".format, number),
                st.builds("d2:{}({})".format, st.sampled_from(["oizp", "zing", "zpvc"]), number),
                st.builds("{}({}, {})".format, st.sampled_from(["greatest", "least", "d2:zpvc"]), number, number),
                st.builds("removeZeros({})".format, number),
                st.builds("{}({})".format, st.sampled_from(["log", "log10"]), number),
                st.builds("d2:{}Between({}, {})".format,
                          st.sampled_from(["days", "weeks", "months", "years"]),
                          st.one_of(day, _DATE_LITERALS), st.one_of(day, _DATE_LITERALS)),
                st.builds("d2:minutesBetween({}, {})".format, day, day),
                either,
            )  # fmt: skip
        case "BOOLEAN":
            made = st.one_of(
                st.builds("({} {} {})".format, truth, st.sampled_from(["&&", "||", "and", "or"]), truth),
                st.builds("{} && {} || {}".format, truth, truth, truth),
                st.builds("!({})".format, truth),
                st.builds("({} {} {})".format, number, _ORDER, number),
                st.builds("({} {} {})".format, text, _ORDER, text),
                st.builds("({} {} {})".format, day, _ORDER, st.one_of(day, _DATE_LITERALS)),
                st.builds("({} == {})".format, truth, truth),
                st.builds("({} {} {})".format, text, st.sampled_from(["==", "!="]), number),
                st.builds("({} == {})".format, _item("BOOLEAN"), st.sampled_from(["1", "0", "'true'"])),
                st.builds("{}({}, 'O', 'a')".format, st.sampled_from(["contains", "containsItems"]), text),
                either,
            )  # fmt: skip
        case _:
            made = either
    if depth == DEEPEST:
        return made
    # Not one_of, which would choose evenly among all the leaves and so mostly a leaf.
    return st.booleans().flatmap(lambda deeper: made if deeper else leaf)


def _plain_condition() -> st.SearchStrategy[str]:
    """Conditions that may stand in quotes: without quotes of their own."""
    return st.one_of(
        st.builds("{} {} {}".format, _item("NUMBER"), _ORDER, st.sampled_from(["0", "2", "7.5"])),
        st.builds("{} == 'POSITIVE' || {} > 1".format, _item("TEXT"), _item("NUMBER")),
        st.builds("d2:hasValue({})".format, _item("TEXT")),
    )


ASKED = st.one_of(
    st.tuples(expressions("BOOLEAN"), st.just(True)),
    st.tuples(st.sampled_from(sorted(_LEAVES)).flatmap(expressions), st.just(False)),
)


def drawn(number: int) -> list[tuple[str, bool]]:
    """Fifty different expressions, by number. Each a search of its own, as hypothesis else varies what it has."""
    found: list[tuple[str, bool]] = []

    @seed(number)
    @effort(
        max_examples=2,  # the first is always the simplest there is
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(ASKED, min_size=AT_ONCE, max_size=AT_ONCE, unique=True))
    def draw(asked: list[tuple[str, bool]]) -> None:
        found[:] = asked

    draw()
    return found


def ask_many(conn: Connection, count: int, first: int = 0) -> "Tally":
    """Compare so many different expressions and filters, each on 25 random records; stops when some differ.

    first   where in the endless row of seeds to begin, so that parts of a large proof ask different ones
    """
    total = Tally()
    seen: set[tuple[str, bool]] = set()
    number = first
    while len(seen) < count and not total.found:
        number += 1
        fresh = [one for one in drawn(number) if one not in seen]
        seen.update(fresh)
        made = records(number)
        load(conn, made)
        per_event, window = bool(number % 2), sorted(WINDOWS)[number // 2 % len(WINDOWS)]
        total.add(disagreements(conn, made, fresh, per_event, window))
    total.asked = len(seen)
    return total


# Comparison --------------------------------------------------------------------------------------------


@dataclass
class Tally:
    """What a comparison met: how many values were compared, how many were too near to call."""

    compared: int = 0
    undecided: int = 0
    present: int = 0
    asked: int = 0
    found: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        self.compared += other.compared
        self.undecided += other.undecided
        self.present += other.present
        self.found += other.found


def disagreements(
    conn: Connection, made: Sequence[Enrollment], asked: Sequence[tuple[str, bool]], per_event: bool, window: str
) -> Tally:  # fmt: skip
    """Compare both meanings of (text, is a filter) for every row; `found` says where they differ."""
    trees = [
        (text, parse(text, Mode.PROGRAM_INDICATOR_FILTER if nulls else Mode.PROGRAM_INDICATOR_EXPRESSION), nulls)
        for text, nulls in asked
    ]  # fmt: skip
    answers = _in_sql(conn, trees, per_event, WINDOWS[window])
    tally = Tally()
    plain = Asked(program(), MONTH, TODAY, CONSTANTS, WINDOWS[window])
    rows = [
        (event.uid if event else one.uid, one, event)
        for one in made
        for event in (one.events if per_event else [None])
    ]
    for number, (text, tree, nulls) in enumerate(trees):
        for key, one, event in rows:
            row = Row(plain, one, event, items(tree))
            try:
                expected = meaning(tree, row, nulls=nulls)
            except Undecided:
                tally.undecided += 1
                continue
            got = answers[key][number]
            tally.compared += 1
            tally.present += got is not None
            if not _same(expected, got, nulls):
                where = "filter" if nulls else "expression"
                tally.found.append(f"{where} {text}\n  row {key}: plain {expected!r}, SQL {got!r}")
    return tally


def _in_sql(conn, trees, per_event, boundaries):
    used = [item for _, tree, _ in trees for item in items(tree)]
    question = Question((MONTH,), (), TODAY, CONSTANTS)
    window = limits.window(boundaries)
    columns = (
        EventColumns(program(), SHAPE, question, window, False, used)
        if per_event
        else EnrollmentColumns(program(), SHAPE, question, window)
    )
    chosen = []
    for _, tree, nulls in trees:
        value = to_sql(tree, columns.reading(items(tree)), nulls=nulls)
        found = as_boolean(value) if nulls else value.text
        numeric = not nulls and value.kind is Kind.NUMBER
        chosen.append(fill("({})::float8" if numeric else "{}", found))
    key = SQL("b.event") if per_event else SQL("n.enrollment")
    statement = fill(
        "select {} as key, {} from {} cross join (values ({}::date, {}::date)) p(first, last) {}",
        key,
        SQL(", ").join([fill("{} as {}", c, Identifier(f"c{n}")) for n, c in enumerate(chosen)]),
        columns.base(),
        Literal(MONTH.start),
        Literal(MONTH.end),
        SQL(" ").join(columns.lookups.tables()),
    )
    rows = conn.execute(statement).fetchall()
    return {row["key"]: [row[f"c{n}"] for n in range(len(chosen))] for row in rows}


def _same(plain: Value, sql: object, nulls: bool) -> bool:
    if nulls:
        # A filter only ever asks whether it is true; but null and false differ under a !.
        plain = plain if plain is None or isinstance(plain, bool) else bool(plain)
    if isinstance(plain, bool) or isinstance(sql, bool) or plain is None or sql is None:
        return plain is sql
    if isinstance(plain, date):
        return _midnight(plain) == _midnight(sql)
    if isinstance(plain, int | float):
        return isinstance(sql, int | float) and math.isclose(plain, sql, rel_tol=1e-9, abs_tol=1e-9)
    return plain == sql


def _midnight(value: object) -> object:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return datetime(value.year, value.month, value.day) if isinstance(value, date) else value
