"""Option sets, data elements, attributes and tracked entity types of the Norwegian programme.

Called by build.py with the tables of source/. Knows no programs.
"""

from typing import Any

from smittesporing.metadata.shipped.naming import (
    DEFAULT_COMBO,
    OPEN_DATA,
    OPEN_FORM,
    Payload,
    Row,
    form_parts,
    ref,
    uid,
)


def option_sets(sets: dict[str, Any]) -> Payload:
    made: Payload = {"attributes": [closing()], "optionSets": [], "options": []}
    for code, table in sets.items():
        whole, several = f"ST_OPT_{code}", code == "UNDERLYING"
        made["optionSets"].append(
            {
                "id": uid("optionSets", whole),
                "code": whole,
                "name": table["name"],
                "valueType": "MULTI_TEXT" if several else "TEXT",
                "version": 1,
                "sharing": OPEN_FORM,
                "options": [ref("options", whole, option) for option in table["options"]],
            }
        )
        for order, (option, name) in enumerate(table["options"].items(), start=1):
            made["options"].append(
                {
                    "id": uid("options", whole, option),
                    "code": option,
                    "name": name,
                    "sortOrder": order,
                    "optionSet": ref("optionSets", whole),
                }
            )
    return made


def closing() -> Row:
    """The mark of an option that is no longer offered; what was answered with it keeps its word."""
    return {
        "id": uid("attributes", "ST_CLOSED"),
        "code": "ST_CLOSED",
        "name": "Lukket svar",
        "shortName": "Lukket svar",
        "description": "true: svaret tilbys ikke lenger, men står der det er gitt.",
        "valueType": "TRUE_ONLY",
        "optionAttribute": True,
        "mandatory": False,
        "unique": False,
        "sharing": OPEN_FORM,
    }


def forms(source: dict[str, Any]) -> Payload:
    """Data elements, attributes and tracked entity types."""
    elements = {code: row for part in form_parts(source["elements"]) for code, row in part.items()}
    persons, flags = source["attributes"], source["attributes"]["flags"]
    types = source["programs"]["tracked_entity_type"]
    return {
        "dataElements": [
            question("dataElements", code, row)
            | {
                "domainType": "TRACKER",
                "aggregationType": "NONE",
                "categoryCombo": DEFAULT_COMBO,
                "zeroIsSignificant": row[0].startswith(("INTEGER", "NUMBER")),
            }
            for code, row in elements.items()
        ],
        "trackedEntityAttributes": [
            question("trackedEntityAttributes", code, row)
            | {
                "aggregationType": "NONE",
                "unique": code in flags["unique"] + flags["unique_per_org_unit"],
                "orgunitScope": code in flags["unique_per_org_unit"],
                "confidential": code in flags["confidential"],
                "generated": False,
                "inherit": False,
                "displayInListNoProgram": code in flags["in_list"],
                "skipSynchronization": False,
            }
            for group in ("person", "cluster")
            for code, row in persons[group].items()
        ],
        "trackedEntityTypes": [
            {
                "id": uid("trackedEntityTypes", kind["code"]),
                "code": kind["code"],
                "name": kind["name"],
                "shortName": kind["name"][:50],
                "description": kind["description"],
                "featureType": "NONE",
                "allowAuditLog": True,
                "minAttributesRequiredToSearch": 1,
                "maxTeiCountToReturn": 0,
                "sharing": OPEN_DATA,
                "trackedEntityTypeAttributes": [
                    {
                        "id": uid("trackedEntityTypeAttributes", kind["code"], code),
                        "trackedEntityAttribute": ref("trackedEntityAttributes", code),
                        "mandatory": False,
                        "searchable": code in flags["searchable"],
                        "displayInList": code in flags["in_list"],
                    }
                    for code in persons[kind["attributes"]]
                ],
            }
            for kind in types
        ],
    }


def question(kind: str, code: str, row: list[str]) -> Row:
    """What a data element and an attribute share: names, question, help, value type, options."""
    value, name, asked, help_text = row
    made: Row = {
        "id": uid(kind, code),
        "code": code,
        "name": name,
        "shortName": name[:50],
        "formName": asked,
        "valueType": {"@": "TEXT", "*": "MULTI_TEXT"}.get(value[0], value),
        "sharing": OPEN_FORM,
    }
    if help_text:
        made["description"] = help_text
    if value[0] in "@*":
        made["optionSet"] = ref("optionSets", f"ST_OPT_{value[1:]}")
    return made
