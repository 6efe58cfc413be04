"""WHO's COVID-19 package imported, and people made at random who answer it with the codes of its options.

Synthetic throughout: no names, no numbers.
"""

import random
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from smittesporing.metadata import exchange, store
from smittesporing.metadata.forms import Attribute
from smittesporing.metadata.incoming import Manner
from smittesporing.metadata.programs import Program
from smittesporing.metadata.snapshot import Metadata
from smittesporing.tracker import projection

PROGRAM, PERSON = "uYjxkTbwRNf", "MCPQUTHX1Ze"
KNOWS = "ipjUWSTPKFt"  # the relationship type its one average counts; the package leaves making it to us

TODAY = date(2022, 1, 20)


def install(pool, package: Mapping[str, Any], units, kommuner: list[str]) -> None:
    """Import the package as its file has it, open in these kommuner; once a database."""
    with pool.connection() as conn:
        if store.current(conn).get("programs", PROGRAM) is not None:
            return
        package = {**package, "relationshipTypes": [_knows()]}
        for program in package["programs"]:
            program["organisationUnits"] = [{"id": units.by_code[k].uid} for k in kommuner]
        report = exchange.import_metadata(conn, package, None, Manner())
        assert report.ok
        projection.rebuild(conn)


def _knows() -> dict[str, Any]:
    end = {"relationshipEntity": "TRACKED_ENTITY_INSTANCE", "trackedEntityType": {"id": PERSON}}
    return {
        "id": KNOWS,
        "name": "Has been in contact with",
        "bidirectional": True,
        "fromToName": "Has been in contact with",
        "toFromName": "Has been in contact with",
        "fromConstraint": end,
        "toConstraint": end,
    }


def generated(metadata: Metadata, org_units: list[str], count: int) -> dict[str, Any]:
    """A payload of so many people with random answers around January 2022."""
    draw = random.Random(5501)
    program = metadata.programs[PROGRAM]
    people = [_person(draw, program, draw.choice(org_units), n) for n in range(count)]
    links = [
        {
            "relationshipType": KNOWS,
            "from": {"trackedEntity": {"trackedEntity": one["trackedEntity"]}},
            "to": {"trackedEntity": {"trackedEntity": other["trackedEntity"]}},
        }
        for one, other in pairwise(people)
        if draw.random() < 0.5
    ]
    return {"trackedEntities": people, "relationships": links}


def _person(draw: random.Random, program: Program, org_unit: str, number: int) -> dict[str, Any]:
    first = date(2021, 12, 20) + timedelta(days=draw.randrange(32))
    attributes = [
        {"attribute": one.attribute.uid, "value": value}
        for one in program.attributes
        if not one.attribute.unique
        and not one.attribute.generated
        and (value := _answer(draw, one.attribute, first)) is not None
    ]
    events = []
    for stage in program.stages:
        times = draw.choice([0, 1, 2, 3]) if stage.repeatable else draw.choice([0, 1, 1])
        for _ in range(times):
            day = min(first + timedelta(days=draw.randrange(12)), TODAY)
            held = draw.random() < 0.85
            events.append(
                {
                    "programStage": stage.uid,
                    "orgUnit": org_unit,
                    "status": draw.choice(["ACTIVE", "COMPLETED"]) if held else "SCHEDULE",
                    **({"occurredAt": day.isoformat()} if held else {"scheduledAt": day.isoformat()}),
                    "dataValues": [
                        {"dataElement": one.element.uid, "value": value}
                        for one in stage.elements
                        if held and (value := _answer(draw, one.element, day)) is not None
                    ],
                }
            )  # fmt: skip
    return {
        "trackedEntity": f"Gen{number:08}",
        "trackedEntityType": PERSON,
        "orgUnit": org_unit,
        "attributes": attributes,
        "enrollments": [
            {
                "program": PROGRAM,
                "orgUnit": org_unit,
                "status": draw.choice(["ACTIVE", "ACTIVE", "COMPLETED", "CANCELLED"]),
                "enrolledAt": first.isoformat(),
                "occurredAt": (first - timedelta(days=draw.randrange(3))).isoformat(),
                "events": events,
            }
        ],
    }


def _answer(draw: random.Random, question: Any, day: date) -> str | None:
    """A code of its options or a value of its type; often none, and never a text of a person."""
    if draw.random() < 0.15:
        return None
    if question.option_set is not None:
        return draw.choice([option.code for option in question.option_set.options])
    match question.value_type:
        case "DATE" | "AGE":
            # Of the person it is a birthday, of an event a day near it.
            years = (
                draw.choice([2, 7, 12, 23, 33, 47, 66, 84])
                if isinstance(question, Attribute)
                else 0
            )
            return (day - timedelta(days=365 * years + draw.randrange(8))).isoformat()
        case "TRUE_ONLY":
            return "true"
        case "BOOLEAN":
            return draw.choice(["true", "false"])
        case "INTEGER_POSITIVE" | "INTEGER_ZERO_OR_POSITIVE" | "INTEGER" | "NUMBER":
            return str(draw.randrange(1, 40))
    return None
