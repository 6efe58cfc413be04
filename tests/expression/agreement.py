"""Random typed expressions over random records, and what both meanings say of each row.

`disagreements` runs many expressions as one statement over the projections' own tables and compares each
row with the plain meaning. Used with few expressions in the normal run and with many in tests/prove.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache

from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as effort
from hypothesis import strategies as st
from psycopg.sql import SQL, Identifier, Literal
from psycopg.types.json import Jsonb

from smittesporing.analytics import limits
from smittesporing.analytics.columns import EnrollmentColumns, EventColumns
from smittesporing.analytics.question import Question
from smittesporing.analytics.structure import Structure
from smittesporing.database import Connection
from smittesporing.expression.nodes import Kind, Mode, Node, items
from smittesporing.expression.parse import parse
from smittesporing.expression.sql_types import as_boolean, fill
from smittesporing.expression.to_sql import to_sql
from smittesporing.expression.values import Value
from smittesporing.metadata.indicators import Boundary
from smittesporing.metadata.snapshot import Metadata
from smittesporing.periods import parse as period
from tests.analytics.records import Asked, Enrollment, Event, Row, typed
from tests.expression.row_meaning import Undecided, meaning

PROGRAM, TYPE, RELATION = "Program0001", "PersonType1", "Relation001"
STAGES = ("Stage000001", "Stage000002")
ELEMENTS = {
    "Number00001": "NUMBER",
    "Whole000001": "INTEGER",
    "Text0000001": "TEXT",
    "Truth000001": "BOOLEAN",
    "Only0000001": "TRUE_ONLY",
    "Date0000001": "DATE",
    "Moment00001": "DATETIME",
}
ATTRIBUTES = {"AttrNumber1": "NUMBER", "AttrText001": "TEXT", "AttrBorn001": "DATE"}
CONSTANTS = {"Constant001": 2.5}
# The second stage keeps no newest values, so that they are looked up.
KEPT = STAGES[0]
AT_ONCE = 50  # expressions in one statement
TODAY = date(2022, 1, 20)
MONTH = period("202201")
_TYPES = {"NUMBER": "numeric", "INTEGER": "numeric", "TEXT": "text", "BOOLEAN": "bool",
          "TRUE_ONLY": "bool", "DATE": "date", "DATETIME": "timestamptz"}  # fmt: skip
WINDOWS: dict[str, tuple[Boundary, ...]] = {
    "none": (),
    "the period": tuple(
        Boundary("EVENT_DATE", f"{end}_OF_REPORTING_PERIOD", 0, None)
        for end in ("AFTER_START", "BEFORE_END")
    ),
}


@cache
def program():
    """The program as metadata reads it."""
    stages = {
        uid: {
            "id": uid,
            "name": f"Steg {n}",
            "program": {"id": PROGRAM},
            "repeatable": True,
            "sortOrder": n,
            "programStageDataElements": [{"dataElement": {"id": e}} for e in ELEMENTS],
        }
        for n, uid in enumerate(STAGES)
    }
    objects = {
        "dataElements": {
            u: {"id": u, "name": u, "shortName": u, "valueType": t, "aggregationType": "SUM"}
            for u, t in ELEMENTS.items()
        },
        "trackedEntityAttributes": {
            u: {"id": u, "name": u, "shortName": u, "valueType": t} for u, t in ATTRIBUTES.items()
        },
        "trackedEntityTypes": {TYPE: {"id": TYPE, "name": "Person"}},
        "programStages": stages,
        "programs": {
            PROGRAM: {
                "id": PROGRAM,
                "name": "Prøve",
                "shortName": "Prøve",
                "programType": "WITH_REGISTRATION",
                "trackedEntityType": {"id": TYPE},
                "programStages": [{"id": u} for u in STAGES],
                "programTrackedEntityAttributes": [
                    {"trackedEntityAttribute": {"id": u}} for u in ATTRIBUTES
                ],
            }
        },
    }
    return Metadata(1, objects).programs[PROGRAM]


def _described() -> dict[str, dict[str, str]]:
    elements = {u: _TYPES[t] for u, t in ELEMENTS.items()}
    kept = {f"{KEPT}_{u}": t for u, t in elements.items()}
    moments = {f"{name}_at": "timestamptz" for name in kept}
    attributes = {u: _TYPES[t] for u, t in ATTRIBUTES.items()}
    return {
        **{f"event_{stage}": elements for stage in STAGES},
        f"enrollment_{PROGRAM}": attributes | kept | moments,
    }


SHAPE = Structure(_described())


def make_tables(conn: Connection) -> None:
    """The projections' tables, as the service itself makes them."""
    for name, columns in _described().items():
        described = Jsonb([{"name": n, "type": t} for n, t in columns.items()])
        conn.execute("select projection.ensure(%s, %s, %s)", (name, name.split("_")[0], described))


# Records -----------------------------------------------------------------------------------------------

_ODD = {
    "NUMBER": ["0", "1", "2", "-3", "7.5", "0.1", "100", "1e3", "-0.25"],
    "INTEGER": ["0", "1", "2", "3", "-1", "42"],
    "TEXT": ["POSITIVE", "NEGATIVE", "Positive", "12", "7.5", "true", "ÆØÅ", "a,b", "x'y", "2022-01-31",
             "%s", "{}", "\\", " ", "0"],
    "BOOLEAN": ["true", "false"],
    "TRUE_ONLY": ["true"],
    "DATE": ["2022-01-31", "2021-02-28", "2020-02-29", "2021-12-31", "2022-01-01", "1980-03-31", "2022-01-10"],
    "DATETIME": ["2022-01-31T00:00:00", "2022-01-20T10:30:00", "2021-12-31T23:59:00"],
}  # fmt: skip
_DAYS = [datetime(2021, 12, 31, 23, 30), datetime(2022, 1, 1), datetime(2022, 1, 10, 8),
         datetime(2022, 1, 31, 12), datetime(2022, 2, 28), datetime(2020, 2, 29)]  # fmt: skip


def records(number: int, count: int = 25) -> list[Enrollment]:
    """Random enrollments: values missing and odd, dates at the ends of months, stages without events."""
    draw = random.Random(number)

    def some(types: dict[str, str]) -> dict[str, str]:
        return {u: draw.choice(_ODD[t]) for u, t in types.items() if draw.random() < 0.65}

    def event(number: str) -> Event:
        status = draw.choice(["ACTIVE", "COMPLETED", "COMPLETED", "VISITED", "SCHEDULE", "SKIPPED"])
        return Event(
            uid=f"Event{number}",
            stage=draw.choice(STAGES),
            status=status,
            occurred=None if status == "SCHEDULE" else draw.choice(_DAYS),
            org_unit=draw.choice(UNITS),
            values=some(ELEMENTS),
            scheduled=draw.choice([None, *_DAYS]),
            completed=draw.choice([None, *_DAYS]),
            created=draw.choice(_DAYS),
        )

    return [
        Enrollment(
            uid=f"Enrol{n:06}",
            person=f"Perso{n:06}",
            org_unit=draw.choice(UNITS),
            status=draw.choice(["ACTIVE", "COMPLETED", "CANCELLED"]),
            enrolled=draw.choice(_DAYS),
            incident=draw.choice([None, *_DAYS]),
            attributes=some(ATTRIBUTES),
            events=[event(f"{n:03}{k:03}") for k in range(draw.choice([0, 1, 1, 2, 4]))],
            relationships=[draw.choice([RELATION, "Relation002"]) for _ in range(draw.choice([0, 0, 1, 3]))],
        )
        for n in range(count)
    ]  # fmt: skip


def load(conn: Connection, made: Sequence[Enrollment]) -> None:
    """Write the records into the projections, as the importer would have."""
    for name in (*_described(), "relationship"):
        conn.execute(fill("delete from projection.{}", Identifier(name)))
    asked = Asked(program(), MONTH, TODAY)
    for one in made:
        kept = {}
        for item in [i for e in ELEMENTS for i in items(_filter(f"#{{{KEPT}.{e}}}"))]:
            kept[f"{KEPT}_{item.parts[1]}"] = Row(asked, one, None).value(item)
        _insert(conn, f"enrollment_{PROGRAM}", {
            "tracked_entity": one.person, "enrollment": one.uid, "owner": 1, "org_unit": one.org_unit,
            "status": one.status, "enrolled_at": one.enrolled, "occurred_at": one.incident,
            "created_at": one.created, **one.attributes, **kept,
        })  # fmt: skip
        for event in one.events:
            _insert(conn, f"event_{event.stage}", {
                "tracked_entity": one.person, "enrollment": one.uid, "event": event.uid, "owner": 1,
                "org_unit": event.org_unit, "status": event.status, "occurred_at": event.occurred,
                "scheduled_at": event.scheduled, "completed_at": event.completed,
                "created_at": event.created, **{u: typed(v, ELEMENTS[u]) for u, v in event.values.items()},
            })  # fmt: skip
        for n, type_ in enumerate(one.relationships):
            _insert(conn, "relationship", {
                "tracked_entity": one.person, "relationship": f"{one.uid}{n}", "side": "from",
                "type": type_, "owner": 1,
            })  # fmt: skip


def _insert(conn: Connection, table: str, row: dict[str, object]) -> None:
    names = SQL(", ").join([Identifier(name) for name in row])
    values = SQL(", ").join(
        [
            fill("{}::timestamp at time zone 'Europe/Oslo'", Literal(v)) if isinstance(v, datetime)
            else Literal(v)
            for v in row.values()
        ]
    )  # fmt: skip
    conn.execute(
        fill("insert into projection.{} ({}) values ({})", Identifier(table), names, values)
    )


def _filter(text: str) -> Node:
    return parse(text, Mode.PROGRAM_INDICATOR_FILTER)


DEEPEST = 3
UNITS = (11, 12, 13)

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


def ask_many(conn: Connection, count: int) -> "Tally":
    """Compare so many different expressions and filters, each on 25 random records; stops when some differ."""
    total = Tally()
    seen: set[tuple[str, bool]] = set()
    number = 0
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
