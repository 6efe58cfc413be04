"""What the addresses that change org units take and answer. Read by openapi.py."""

from __future__ import annotations

from smittesporing.web.api import geometry, org_units
from smittesporing.web.api.described import (
    FLAG,
    UID,
    Answer,
    Body,
    Description,
    Parameter,
    Table,
    nothing,
    ok,
    ref,
    stops,
)

_OBJECT = {"type": "object"}
_UIDS = {"type": "array", "items": UID}
_UNIT = Body("The org unit.", ref("OrganisationUnit"))
_GONE = stops(s404="There is no such org unit.")
_REFUSED = {
    **stops(s403="The one who asks may not change this org unit."),
    409: Answer("The org unit breaks a rule; the report says which.", ref("ObjectMessage")),
}
_SAVED = {**ok("It is done.", ref("ObjectMessage")), **_GONE, **_REFUSED}
_MOVED = {
    **ok("It is done.", ref("WebMessage")),
    **stops(
        s403="One of the org units is not the asker's to change.",
        s409="The org units cannot be so: errorCode is DHIS2's E15xx, or T005 for one of the register.",
    ),
}

_SHAPED = ok("What became of them: `status` and `response` tell.", {"type": "object"})
_ATTRIBUTE = Parameter("attributeId", "An attribute that is to hold the shape instead.")
_GEOJSON = ("application/json", "application/geo+json")

DESCRIBED: Table = {
    org_units.create: Description(
        "A new org unit, below one of the register.",
        {201: Answer("It is made; `Location` says where it is.", ref("ObjectMessage")), **_REFUSED},
        body=_UNIT,
    ),
    geometry.take_in: Description(
        "Shapes of org units, as GeoJSON; each that can be taken is.",
        {**_SHAPED, **stops(s400="`orgUnitProperty` is none.", s403="Nothing of it is hers.")},
        (
            Parameter("geoJsonId", "false: features name units by `geoJsonProperty`.", FLAG),
            Parameter("geoJsonProperty", "The property of features that names the unit."),
            Parameter("orgUnitProperty", "Which property of units it is: id, code or name."),
            _ATTRIBUTE,
            Parameter("dryRun", "true writes nothing.", FLAG),
            Parameter("async", "true answers with a job, which has run.", FLAG),
        ),
        body=Body("A FeatureCollection, or one Feature.", {"type": "object"}, _GEOJSON),
    ),
    geometry.take_in_one: Description(
        "The shape of one org unit.",
        {
            **_SHAPED,
            **stops(s400="The body is no JSON.", s403="It is not hers.", s404="No such unit."),
        },
        (_ATTRIBUTE,),
        body=Body("A geometry of GeoJSON.", {"type": "object"}, _GEOJSON),
    ),
    geometry.drop_one: Description(
        "The org unit has no shape of its own any more.",
        {**_SHAPED, **stops(s403="It is not hers.", s404="No such unit.")},
        (_ATTRIBUTE,),
    ),
    org_units.replace: Description(
        "The org unit whole; another parent moves it.", _SAVED, body=_UNIT
    ),
    org_units.patch: Description(
        "Only what the operations name changes.",
        _SAVED,
        body=Body("A JSON Patch.", ref("JsonPatch"), ("application/json-patch+json",)),
    ),
    org_units.remove: Description(
        "Remove an org unit that has neither records nor others below it.", _SAVED
    ),
    org_units.merge: Description(
        "Let what belongs to the sources belong to the target.",
        _MOVED,
        body=Body(
            "Which org units; a source that is not deleted is closed.",
            {
                "type": "object",
                "properties": {"sources": _UIDS, "target": UID, "deleteSources": FLAG},
                "required": ["sources", "target"],
            },
        ),
    ),
    org_units.split: Description(
        "Replace an org unit by several; its records go to the primary target.",
        _MOVED,
        body=Body(
            "Which org units; a source that is not deleted is closed.",
            {
                "type": "object",
                "properties": {
                    "source": UID,
                    "targets": _UIDS,
                    "primaryTarget": UID,
                    "deleteSource": FLAG,
                },
                "required": ["source", "targets"],
            },
        ),
    ),
    org_units.filled_levels: Description(
        "Every level that there are org units on.",
        ok("The levels, with or without names of their own.", {"type": "array", "items": _OBJECT}),
    ),
    org_units.set_levels: Description(
        "Name the levels, all at once.",
        {
            **nothing("It is done.", 201),
            **stops(
                s400="There is no list of levels.",
                s403="The one who asks may not write configuration.",
            ),
            409: Answer("Something was refused; the report says what.", ref("ImportMessage")),
        },
        body=Body(
            "The levels.",
            {
                "type": "object",
                "properties": {
                    "organisationUnitLevels": {
                        "type": "array",
                        "items": ref("OrganisationUnitLevel"),
                    }
                },
                "required": ["organisationUnitLevels"],
            },
        ),
    ),
}
