"""Programs, stages, sections and relationship types, from source/programs.toml.

Called by build.py. Knows no rules and no indicators.
"""

from typing import Any

from smittesporing.metadata.shipped.naming import (
    DEFAULT_COMBO,
    OPEN_DATA,
    Payload,
    Row,
    ref,
    uid,
)

ENTITY = {
    "enrollment": ("PROGRAM_INSTANCE", "program", "programs"),
    "event": ("PROGRAM_STAGE_INSTANCE", "programStage", "programStages"),
    "person": ("TRACKED_ENTITY_INSTANCE", "trackedEntityType", "trackedEntityTypes"),
}


def programs(source: dict[str, Any]) -> Payload:
    """Payload with programs, their stages, both kinds of sections, and relationshipTypes."""
    tables = source["programs"]
    settings = source["elements"]["settings"]
    made: Payload = {
        "programs": [],
        "programStages": [],
        "programStageSections": [],
        "programSections": [],
    }
    for table in tables["program"]:
        group = "person" if table["type"] == "ST_PERSON" else "cluster"
        made["programs"].append(program(table, source["attributes"], group))
        made["programSections"] += attribute_sections(table, tables["attribute_sections"][group])
        for order, stage in enumerate(table["stage"], start=1):
            parts = stage["sections"]
            parts = tables["shared_sections"][parts] if isinstance(parts, str) else parts
            made["programStages"].append(stage_row(table, stage, order, parts, settings))
            made["programStageSections"] += stage_sections(stage, parts)
    made["relationshipTypes"] = [link(row) for row in tables["relationship_type"]]
    return made


def program(table: Row, attributes: Row, group: str) -> Row:
    code, flags = table["code"], attributes["flags"]
    return {
        "id": uid("programs", code),
        "code": code,
        "name": table["name"],
        "shortName": table["short_name"],
        "description": table["description"],
        "programType": "WITH_REGISTRATION",
        "trackedEntityType": ref("trackedEntityTypes", table["type"]),
        "categoryCombo": DEFAULT_COMBO,
        "accessLevel": "PROTECTED",
        "version": 1,
        "featureType": "NONE",
        "onlyEnrollOnce": False,
        "displayIncidentDate": True,
        "enrollmentDateLabel": table["enrollment_label"],
        "incidentDateLabel": table["incident_label"],
        "selectEnrollmentDatesInFuture": False,
        "selectIncidentDatesInFuture": False,
        "ignoreOverdueEvents": False,
        "skipOffline": False,
        "displayFrontPageList": True,
        "useFirstStageDuringRegistration": False,
        "minAttributesRequiredToSearch": 1,
        "maxTeiCountToReturn": 0,
        "completeEventsExpiryDays": 0,
        "expiryDays": 0,
        "openDaysAfterCoEndDate": 0,
        "style": {"color": table["color"]},
        "sharing": OPEN_DATA,
        "organisationUnits": [],
        "programStages": [ref("programStages", stage["code"]) for stage in table["stage"]],
        "programTrackedEntityAttributes": [
            {
                "id": uid("programTrackedEntityAttributes", code, attribute),
                "trackedEntityAttribute": ref("trackedEntityAttributes", attribute),
                "sortOrder": order,
                "mandatory": False,
                "allowFutureDate": attribute in flags["future"],
                "searchable": attribute in flags["searchable"],
                "displayInList": attribute in flags["in_list"],
                "renderOptionsAsRadio": False,
                "skipSynchronization": False,
            }
            for order, attribute in enumerate(attributes[group], start=1)
        ],
    }


def attribute_sections(table: Row, sections: list[Any]) -> list[Row]:
    return [
        {
            "id": uid("programSections", table["code"], part),
            "code": f"{table['code']}_{part}",
            "name": name,
            "sortOrder": order,
            "program": ref("programs", table["code"]),
            "trackedEntityAttributes": [ref("trackedEntityAttributes", code) for code in codes],
            "renderType": {"DESKTOP": {"type": "LISTING"}, "MOBILE": {"type": "LISTING"}},
        }
        for order, (part, name, codes) in enumerate(sections, start=1)
    ]


def stage_row(table: Row, stage: Row, order: int, parts: list[Any], settings: Row) -> Row:
    code = stage["code"]
    elements = [element for _, _, codes in parts for element in codes]
    made: Row = {
        "id": uid("programStages", code),
        "code": code,
        "name": stage["name"],
        "shortName": stage["name"][:50],
        "description": stage["description"],
        "program": ref("programs", table["code"]),
        "sortOrder": order,
        "repeatable": stage.get("repeatable", False),
        "autoGenerateEvent": stage.get("generate", False),
        "openAfterEnrollment": stage.get("generate", False),
        "enableUserAssignment": stage.get("assignment", False),
        "hideDueDate": "due_label" not in stage,
        "minDaysFromStart": 0,
        "executionDateLabel": stage["date_label"],
        "formType": "SECTION",
        "validationStrategy": "ON_COMPLETE",
        "featureType": "NONE",
        "blockEntryForm": False,
        "remindCompleted": False,
        "allowGenerateNextVisit": False,
        "displayGenerateEventBox": False,
        "generatedByEnrollmentDate": False,
        "preGenerateUID": False,
        "sharing": OPEN_DATA,
        "programStageSections": [ref("programStageSections", code, part) for part, _, _ in parts],
        "programStageDataElements": [
            {
                "id": uid("programStageDataElements", code, element),
                "programStage": ref("programStages", code),
                "dataElement": ref("dataElements", element),
                "sortOrder": place,
                "compulsory": False,
                "allowFutureDate": element in settings["future"],
                "allowProvidedElsewhere": False,
                "displayInReports": place <= 4,
                "renderOptionsAsRadio": element in settings["as_buttons"],
                "skipAnalytics": False,
                "skipSynchronization": False,
            }
            for place, element in enumerate(elements, start=1)
        ],
    }
    if "due_label" in stage:
        made["dueDateLabel"] = stage["due_label"]
    return made


def stage_sections(stage: Row, parts: list[Any]) -> list[Row]:
    return [
        {
            "id": uid("programStageSections", stage["code"], part),
            "code": f"{stage['code']}_{part}",
            "name": name,
            "sortOrder": order,
            "programStage": ref("programStages", stage["code"]),
            "dataElements": [ref("dataElements", code) for code in codes],
            "programIndicators": [],
            "renderType": {"DESKTOP": {"type": "LISTING"}, "MOBILE": {"type": "LISTING"}},
        }
        for order, (part, name, codes) in enumerate(parts, start=1)
    ]


def link(row: Row) -> Row:
    return {
        "id": uid("relationshipTypes", row["code"]),
        "code": row["code"],
        "name": row["name"],
        "bidirectional": False,
        "referral": False,
        "fromToName": row["forth"],
        "toFromName": row["back"],
        "fromConstraint": end(*row["from"]),
        "toConstraint": end(*row["to"]),
        "sharing": OPEN_DATA,
    }


def end(kind: str, code: str) -> Row:
    entity, field, plural = ENTITY[kind]
    return {"relationshipEntity": entity, field: ref(plural, code)}
