"""Program indicators, their groups, and the shares made of them, from source/indicators.toml.

Called by build.py. Which kommune a figure belongs to stands in the custom attribute ST_COUNTS_IN:
RESIDENCE (where the person lives) or FOLLOWED_UP_BY (who does the work); DHIS2 has no field for it.
What a figure is the sum of stands in ST_SUM_OF.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from smittesporing.metadata.shipped.naming import (
    OPEN_FORM,
    Payload,
    Row,
    kinds,
    ref,
    uid,
    with_uids,
)

COUNT_DATE = "#{ST_INDEX_INTERVIEW.ST_COUNT_DATE}"
TYPES = {"PERCENT": ("Prosent", 100, False), "NUMBER": ("Antall per", 1, False)}


def indicators(source: dict[str, Any]) -> Payload:
    """Payload with programIndicators, indicators, and the groups and types they belong to."""
    tables, known = source["indicators"], kinds(source)
    sets = source["options"]
    sums = sums_of(tables, sets)
    counted = [
        program_indicator(row, tables["fragments"], known, sums.get(row["code"], ()))
        for row in lines(tables, sets)
    ]
    groups = {group["code"]: group["name"] for group in tables["group"]}
    members: dict[str, list[Row]] = {code: [] for code in groups}
    for row in lines(tables, sets):
        members[row["group"]].append(ref("programIndicators", row["code"]))
    return {
        "attributes": [
            {
                "id": uid("attributes", "ST_COUNTS_IN"),
                "code": "ST_COUNTS_IN",
                "name": "Telles i",
                "shortName": "Telles i",
                "description": "RESIDENCE: bostedskommunen. FOLLOWED_UP_BY: den som følger opp.",
                "valueType": "TEXT",
                "programIndicatorAttribute": True,
                "mandatory": False,
                "unique": False,
                "sharing": OPEN_FORM,
            },
            {
                "id": uid("attributes", "ST_SUM_OF"),
                "code": "ST_SUM_OF",
                "name": "Sum av",
                "shortName": "Sum av",
                "description": "Koder med «+» mellom. «?»: en rest som ikke telles. «;» skiller inndelinger.",
                "valueType": "LONG_TEXT",
                "programIndicatorAttribute": True,
                "mandatory": False,
                "unique": False,
                "sharing": OPEN_FORM,
            },
        ],
        "programIndicators": counted,
        "programIndicatorGroups": [
            {
                "id": uid("programIndicatorGroups", code),
                "code": code,
                "name": name,
                "programIndicators": members[code],
                "sharing": OPEN_FORM,
            }
            for code, name in groups.items()
        ],
        "indicatorTypes": [
            {
                "id": uid("indicatorTypes", f"ST_{code}"),
                "code": f"ST_{code}",
                "name": name,
                "factor": factor,
                "number": number,
            }
            for code, (name, factor, number) in TYPES.items()
        ],
        "indicators": [share(row) for row in shares(tables, sets)],
    }


def lines(tables: Row, sets: Row) -> Iterator[Row]:
    """Every program indicator as one row, those per option written out."""
    yield from ({"program": "ST_INDEX"} | row for row in tables["case"])
    for row in tables["each"]:
        for option, name in sets[row["options"]]["options"].items():
            pattern = row.get("except", {}).get(option, row["filter"])
            yield {
                "program": "ST_INDEX",
                "code": row["code"].replace("{option}", option),
                "name": row["name"].replace("{name}", name),
                "help": row["help"].replace("{name}", name),
                "group": row["group"],
                "filter": pattern.replace("{option}", option),
            }
    for row in tables["now"]:
        yield row | {
            "program": row["stage"].removesuffix("_MEASURE"),
            "group": "ST_NOW",
            "counts_in": "FOLLOWED_UP_BY",
            "dated": None,
            "filter": row["filter"],
        }


def sums_of(tables: Row, sets: Row) -> dict[str, list[str]]:
    """Code of a total → its breakdowns, as they are written in ST_SUM_OF."""
    found: dict[str, list[str]] = {}
    for row in tables["sum"]:
        for each in sets[row["each"]]["options"] if "each" in row else ("",):
            parts = [
                part.replace("{option}", each or option)
                for part in row["parts"]
                for option in (sets[row["options"]]["options"] if "options" in row else ("",))
                if not option or option != row.get("without")
            ]
            text = "+".join([*parts, "?"] if row.get("rest") else parts)
            found.setdefault(row["of"].replace("{option}", each), []).append(text)
    return found


def program_indicator(
    row: Row, fragments: Row, known: dict[str, str], sums: Sequence[str] = ()
) -> Row:
    condition = row["filter"]
    for name, text in fragments.items():
        condition = condition.replace("{" + name + "}", text)
    condition = condition.replace("STAGE.", row.get("stage", "") + ".")
    return {
        "id": uid("programIndicators", row["code"]),
        "code": row["code"],
        "name": row["name"],
        "shortName": short(row["name"], row["code"]),
        "description": row["help"],
        "program": ref("programs", row["program"]),
        "analyticsType": "EVENT" if "stage" in row else "ENROLLMENT",
        "aggregationType": row.get("aggregation", "COUNT"),
        "expression": with_uids(row.get("expression", "V{enrollment_count}"), known),
        "filter": with_uids(condition, known),
        "decimals": 1 if "expression" in row else 0,
        "displayInForm": False,
        "analyticsPeriodBoundaries": boundaries(row, known),
        "attributeValues": [
            {
                "attribute": ref("attributes", "ST_COUNTS_IN"),
                "value": row.get("counts_in", "RESIDENCE"),
            },
            *(
                {"attribute": ref("attributes", "ST_SUM_OF"), "value": ";".join(sums)}
                for _ in sums[:1]
            ),
        ],
        "sharing": OPEN_FORM,
    }


def boundaries(row: Row, known: dict[str, str]) -> list[Row]:
    """The dates that place a row in a period; a figure for today has only an upper end."""
    target = row.get("dated", COUNT_DATE)
    ends = ["BEFORE_END_OF_REPORTING_PERIOD"]
    if target is not None:
        ends.insert(0, "AFTER_START_OF_REPORTING_PERIOD")
    return [
        {
            "id": uid("analyticsPeriodBoundaries", row["code"], end),
            "boundaryTarget": with_uids(target or "EVENT_DATE", known),
            "analyticsPeriodBoundaryType": end,
        }
        for end in ends
    ]


def short(name: str, code: str) -> str:
    """A short name of at most 50 characters, unique because a cut one ends in the code's tail."""
    return name if len(name) <= 50 else f"{name[:30]} {code[-19:]}"


def shares(tables: Row, sets: Row) -> Iterator[Row]:
    for row in tables["share"]:
        if "each" not in row:
            yield row
            continue
        for option, name in sets[row["each"]]["options"].items():
            code, text = row["numerator"]
            yield row | {
                "code": row["code"].replace("{option}", option),
                "name": row["name"].replace("{name}", name),
                "numerator": [code.replace("{option}", option), text.replace("{name}", name)],
            }


def share(row: Row) -> Row:
    return {
        "id": uid("indicators", row["code"]),
        "code": row["code"],
        "name": row["name"],
        "shortName": short(row["name"], row["code"]),
        "indicatorType": ref("indicatorTypes", f"ST_{row.get('type', 'PERCENT')}"),
        "annualized": False,
        "decimals": 1,
        "numerator": f"I{{{uid('programIndicators', row['numerator'][0])}}}",
        "numeratorDescription": row["numerator"][1],
        "denominator": f"I{{{uid('programIndicators', row['denominator'][0])}}}",
        "denominatorDescription": row["denominator"][1],
        "sharing": OPEN_FORM,
    }
