"""What the addresses of configuration take and answer. Read by openapi.py."""

from __future__ import annotations

from smittesporing.metadata import dependencies, tables_in
from smittesporing.metadata.kinds import KINDS
from smittesporing.web.api import (
    collections,
    copies,
    geojson,
    merging,
    metadata,
    metadata_export,
    objects,
)
from smittesporing.web.api.described import (
    FIELDS,
    FILTER,
    FLAG,
    NUMBER,
    ORDER,
    PAGING,
    UID,
    Answer,
    Body,
    Description,
    Parameter,
    Table,
    ok,
    one_of,
    ref,
    stops,
    word_of,
)

_LOCALE = Parameter("locale", "The language of display names, such as `nb` or `en_GB`.")
_SKIP_SHARING = Parameter("skipSharing", "Leave sharing, createdBy and lastUpdatedBy out.", FLAG)
_DEFAULTS = Parameter(
    "defaults",
    "Default category objects, and what points at them, too?",
    one_of("INCLUDE", "EXCLUDE"),
)
_CHOSEN = (
    FILTER,
    Parameter("rootJunction", "Whether all filters must hold, or any.", one_of("AND", "OR")),
    Parameter("query", "Words to find in name, code or identifier."),
    ORDER,
)
_TREE = (
    Parameter("level", "organisationUnits: those at this level.", NUMBER),
    Parameter("maxLevel", "organisationUnits: those at this level or above.", NUMBER),
    Parameter(
        "memberObject", "organisationUnits: count in `memberCount` where this one is held.", UID
    ),
    Parameter(
        "memberCollection", "organisationUnits: in which of their lists, such as `programs`."
    ),
    Parameter("dataSet", "validationRules: those on data elements of this data set alone.", UID),
    *(
        Parameter(name, "organisationUnits: those at or below one's own.", FLAG)
        for name in (
            "withinUserHierarchy",
            "withinUserSearchHierarchy",
            "withinUserDataViewHierarchy",
        )
    ),
    Parameter("userOnly", "organisationUnits: one's own alone.", FLAG),
    Parameter("userDataViewOnly", "organisationUnits: one's own alone.", FLAG),
    Parameter("levelSorted", "organisationUnits: the highest first.", FLAG),
)
_AROUND = (
    Parameter("includeChildren", "organisationUnits: the unit and its children.", FLAG),
    Parameter("includeDescendants", "organisationUnits: the unit and all below it.", FLAG),
    Parameter("includeAncestors", "organisationUnits: the unit and all above it.", FLAG),
    Parameter("level", "organisationUnits: those so many levels below the unit.", NUMBER),
)
_IMPORT = (
    Parameter("importMode", "VALIDATE checks and writes nothing.", one_of("COMMIT", "VALIDATE")),
    Parameter(
        "importStrategy",
        "Which of new and known objects are taken, or whether to delete.",
        one_of(
            *("CREATE_AND_UPDATE", "CREATE", "UPDATE", "DELETE"),
            *("NEW_AND_UPDATES", "NEW", "UPDATES", "DELETES"),
        ),
    ),
    Parameter(
        "atomicMode", "NONE writes what is right beside what is not.", word_of("ALL", "NONE")
    ),
    Parameter("identifier", "What references are by.", word_of("UID", "CODE", "AUTO")),
    Parameter(
        "importReportMode",
        "How much the report says.",
        word_of("ERRORS", "FULL", "DEBUG", "ERRORS_NOT_OWNER"),
    ),
    _SKIP_SHARING,
    Parameter("skipTranslation", "Leave translations out.", FLAG),
    Parameter("skipValidation", "Look at form and links only.", FLAG),
    Parameter("async", "true answers with a job, which has run.", FLAG),
    Parameter(
        "userOverrideMode",
        "Who stands as the author: as sent, oneself, or overrideUser.",
        word_of("NONE", "CURRENT", "SELECTED"),
    ),
    Parameter("overrideUser", "An identifier or username."),
    Parameter("format", "csv: the body is a table.", one_of("json", "csv")),
    Parameter("classKey", "Which table, for CSV.", one_of(*tables_in.class_keys())),
    Parameter("firstRowIsHeader", "false: the table has no line of headings.", FLAG),
    *(
        Parameter(name, "Taken, without effect.", word_of(*words))
        for name, words in metadata.IGNORED.items()
    ),
)
_GONE = stops(s404="There is no such kind, or no such object for the one who asks.")
_REFUSED = stops(
    s400="The body is no JSON object.",
    s403="The one who asks may not write it.",
    s409="The object breaks a rule; the report says which.",
)
_REPORT = {
    **ok("It is done.", ref("ObjectMessage")),
    **_REFUSED,
    409: Answer("The object breaks a rule; the report says which.", ref("ObjectMessage")),
}
_OBJECT = Body("The object.", ref("Object"))
_LISTS = Body(
    "Which references the list gains and loses.",
    {
        "type": "object",
        "properties": {
            name: {"type": "array", "items": ref("Reference")}
            for name in ("additions", "deletions", "identifiableObjects")
        },
    },
)

_GEOJSON = "application/json+geojson"

DESCRIBED: Table = {
    metadata_export.export_package: Description(
        "A package of everything she may see, or of the kinds that are named.",
        {
            **ok("Lists of objects by kind.", ref("Package")),
            **stops(s409="Everything, or users alone, takes an authority of its own."),
        },
        (
            FIELDS,
            FILTER,
            ORDER,
            _SKIP_SHARING,
            _DEFAULTS,
            Parameter("download", "true: as a file to keep.", FLAG),
            *(Parameter(kind, "true: this kind is wanted.", FLAG) for kind in KINDS),
        ),
    ),
    metadata_export.export_with_dependencies: Description(
        "A package of one object and what it needs to stand elsewhere.",
        {**ok("Lists of objects by kind.", ref("Package")), **_GONE},
        (_SKIP_SHARING, Parameter("download", "true: as a file to keep.", FLAG)),
        path=(Parameter("type", "The kind, in the plural.", one_of(*dependencies.ROOTS)),),
    ),
    metadata.import_package: Description(
        "Take in a package.",
        {
            **ok("It is taken in, or would be.", ref("ImportMessage")),
            **_REFUSED,
            409: Answer("Something was refused; the report says what.", ref("ImportMessage")),
            **stops(s415="XML is not read."),
        },
        _IMPORT,
        Body("Lists of objects by kind; gzip is understood.", ref("Package")),
    ),
    collections.program_org_units: Description(
        "The org units that each of these programs serves.",
        {
            **ok(
                "Identifiers of org units by program.",
                {
                    "type": "object",
                    "additionalProperties": {"type": "array", "items": UID},
                },
            ),
            **stops(s400="No program is named."),
        },
        (
            Parameter(
                "programs", "Identifiers, with commas or repeated.", repeated=True, required=True
            ),
        ),
    ),
    geojson.listed: Description(
        "Org units on a map: their own shapes, imported borders, or centres.",
        {
            200: Answer("Those that have a place.", ref("FeatureCollection"), _GEOJSON),
            **stops(s404="There is no such parent."),
        },
        (
            Parameter("level", "At this level; 1 where none is given.", NUMBER, repeated=True),
            Parameter("parent", "At or below these; all where none is given.", UID, repeated=True),
        ),
    ),
    geojson.one: Description(
        "One org unit on a map.",
        {200: Answer("The org unit.", ref("Feature"), _GEOJSON), **_GONE},
    ),
    collections.listed: Description(
        "The objects of a kind that she may see, page by page.",
        {
            **ok("The list stands under the kind's own name.", ref("Listing")),
            **stops(s403="She may not see who works here.", s404="There is no such kind."),
        },
        (FIELDS, *_CHOSEN, _DEFAULTS, *PAGING, _LOCALE, *_TREE),
    ),
    collections.one: Description(
        "One object.",
        {
            **ok("The object, or for an org unit those around it.", ref("Object")),
            **_GONE,
            **stops(s403="She may not see who works here."),
        },
        (FIELDS, _DEFAULTS, _LOCALE, *_AROUND),
    ),
    collections.around: Description(
        "The org units around one: itself and its children, itself and all below, itself and all above,"
        " or those above alone, from the top.",
        {**ok("A page of the list, under `organisationUnits`.", ref("Listing")), **_GONE},
        (
            FIELDS,
            *_CHOSEN,
            *PAGING,
            _LOCALE,
            Parameter("level", "children: those so many levels below the unit instead.", NUMBER),
        ),
    ),
    collections.one_property: Description(
        "One object with one of its properties alone.",
        {
            **ok("An object with that property.", {"type": "object"}),
            **_GONE,
            **stops(s403="She may not see who works here."),
        },
        (FIELDS, _LOCALE),
        path=(Parameter("property", "The name of a property, or of a list of references."),),
    ),
    objects.create: Description(
        "A new object.",
        {
            201: Answer("It is made; `Location` says where it is.", ref("ObjectMessage")),
            **_GONE,
            **_REFUSED,
            409: _REPORT[409],
        },
        body=_OBJECT,
    ),
    objects.replace: Description(
        "The object whole: what the body lacks is gone.",
        {**_REPORT, **_GONE},
        (_SKIP_SHARING,),
        _OBJECT,
    ),
    objects.patch: Description(
        "Only what the operations name changes.",
        {**_REPORT, **_GONE},
        body=Body(
            "A JSON Patch, with DHIS2's own `remove-by-id` beside the standard's operations.",
            ref("JsonPatch"),
            ("application/json-patch+json",),
        ),
    ),
    objects.remove: Description(
        "Remove the object and the parts that only it holds.", {**_REPORT, **_GONE}
    ),
    copies.program: Description(
        "A program once more: its stages, sections, indicators and names for rules, with new identifiers.",
        {
            201: Answer("It is made; Location says where it is.", ref("WebMessage")),
            **stops(
                s403="The one who asks may not make programs.",
                s404="There is no such program for the one who asks.",
                s409="Something of the copy was refused; the report says what.",
            ),
        },
        (Parameter("prefix", "What its name begins with, `Copy of ` where it is left out."),),
    ),
    merging.merge_objects: Description(
        "Let what refers to the sources refer to the target.",
        {
            **ok("It is done; the report says which sources are gone.", {"type": "object"}),
            **stops(
                s400="The body is no JSON object, or names what is no identifier.",
                s403="The one who asks may not merge these.",
                s405="Objects of this kind are not merged.",
                s409="Something stands in the way; the report says what.",
            ),
        },
        body=Body(
            "Which objects, and whether the sources go.",
            {
                "type": "object",
                "properties": {
                    "sources": {"type": "array", "items": UID},
                    "target": UID,
                    "deleteSources": FLAG,
                    "dataMergeStrategy": one_of("LAST_UPDATED", "DISCARD"),
                },
                "required": ["sources", "target"],
            },
        ),
    ),
}
