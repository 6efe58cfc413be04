"""A little program of two stages for expressions to read, and random records of it.

The projections' tables are made by the service's own function and filled with what the importer would have
kept; the same records are handed to the referee as plain values.
"""

import random
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache

from psycopg.sql import SQL, Identifier, Literal
from psycopg.types.json import Jsonb

from smittesporing.analytics.structure import Structure
from smittesporing.database import Connection
from smittesporing.expression.nodes import Item
from smittesporing.expression.sql_types import fill
from smittesporing.metadata.indicators import Boundary
from smittesporing.metadata.programs import Program
from smittesporing.metadata.snapshot import Metadata
from smittesporing.periods import parse as period
from tests.analytics.records import Asked, Enrollment, Event, Row, typed

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
UNITS = (11, 12, 13)
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


def program() -> Program:
    return little_metadata().programs[PROGRAM]


@cache
def little_metadata() -> Metadata:
    """The program with its questions, as metadata reads it."""
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
    return Metadata(1, objects)


def described() -> dict[str, dict[str, str]]:
    elements = {u: _TYPES[t] for u, t in ELEMENTS.items()}
    kept = {f"{KEPT}_{u}": t for u, t in elements.items()}
    moments = {f"{name}_at": "timestamptz" for name in kept}
    attributes = {u: _TYPES[t] for u, t in ATTRIBUTES.items()}
    return {
        **{f"event_{stage}": elements for stage in STAGES},
        f"enrollment_{PROGRAM}": attributes | kept | moments,
    }


SHAPE = Structure(described())


def make_tables(conn: Connection) -> None:
    """The projections' tables, as the service itself makes them."""
    for name, columns in described().items():
        wanted = Jsonb([{"name": n, "type": t} for n, t in columns.items()])
        conn.execute("select projection.prepare(%s, %s, %s)", (name, name.split("_")[0], wanted))
    conn.execute("select projection.swap()")


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
    for name in (*described(), "relationship"):
        conn.execute(fill("delete from projection.{}", Identifier(name)))
    asked = Asked(program(), MONTH, TODAY)
    for one in made:
        kept = {}
        for uid in ELEMENTS:
            kept[f"{KEPT}_{uid}"] = Row(asked, one, None).value(Item("#", (KEPT, uid)))
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
