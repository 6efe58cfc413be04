"""What the addresses of single objects, lists, sharing, schemas and expressions take and answer.

Read by openapi.py, beside metadata_described.py.
"""

from __future__ import annotations

from smittesporing.metadata.kinds import BY_SINGULAR, KINDS
from smittesporing.metadata.schema import SCHEMAS
from smittesporing.web.api import (
    collections,
    descriptions,
    gist,
    membership,
    objects,
    schemas,
    sharing,
    sharing_many,
)
from smittesporing.web.api.described import (
    FIELDS,
    FILTER,
    FLAG,
    NUMBER,
    ORDER,
    PAGING,
    TEXT,
    UID,
    Answer,
    Body,
    Description,
    Parameter,
    Table,
    nothing,
    ok,
    one_of,
    ref,
    stops,
)

_OBJECT = {"type": "object"}
_GONE = stops(s404="There is no such kind, or no such object for the one who asks.")
_MEMBERS = {"type": "array", "items": ref("Reference")}
_LISTS = Body(
    "Which references the list gains and loses.",
    {
        "type": "object",
        "properties": dict.fromkeys(("additions", "deletions", "identifiableObjects"), _MEMBERS),
    },
)
_TYPE_REPORT = {
    **ok("How many members came or went.", ref("ObjectMessage")),
    **_GONE,
    **stops(
        s400="The body is no JSON object.",
        s403="The one who asks may not change it.",
        s409="The property is no list of objects, or an object breaks a rule.",
    ),
}
_QUIET = {
    **nothing("It is done."),
    **_GONE,
    **stops(
        s400="The body is no JSON object.",
        s403="The one who asks may not change it.",
        s409="The object breaks a rule; the report says which.",
    ),
}
_GIST = (
    FIELDS,
    Parameter("total", "Count them all.", FLAG),
    Parameter("totalPages", "The same.", FLAG),
    Parameter("headless", "The list alone, without pager.", FLAG),
)
_PROPERTY = (Parameter("property", "The name of a property."),)
_SCHEMA_NAMES = sorted({*BY_SINGULAR, *KINDS, *SCHEMAS, *(s.singular for s in SCHEMAS.values())})
_SCHEMA = (Parameter("type", "The kind, in the singular or plural.", one_of(*_SCHEMA_NAMES)),)
_TEXT_BODY = Body("The expression.", TEXT, ("text/plain", "application/json"), required=False)
_SAID = {
    **ok("Whether it can be used, and what it says.", _OBJECT),
    **stops(s400="The expression is no UTF-8, or a parameter is missing or names nothing."),
}
_PROGRAM = (Parameter("programId", "The program whose variables count.", UID, required=True),)
_EXPRESSION = Parameter("expression", "The expression.")

DESCRIBED: Table = {
    collections.category_option_org_units: Description(
        "Where each of the category options may be chosen.",
        {
            **ok("Lists of org units by category option.", _OBJECT),
            **stops(s400="No category option is named."),
        },
        (Parameter("categoryOptions", "Identifiers with commas between.", required=True),),
    ),
    objects.patch_property: Description("One property alone.", _QUIET, body=Body("It.", _OBJECT), path=_PROPERTY),
    objects.put_translations: Description(
        "These translations and no others.", _QUIET, body=Body("`translations`.", _OBJECT)
    ),
    sharing.write_one: Description(
        "The object's sharing.", _QUIET, body=Body("`public`, `users`, `userGroups`.", _OBJECT)
    ),
    sharing.search: Description(
        "Users and user groups that something may be shared with.",
        {**ok("Those found.", _OBJECT), **stops(s409="No words to search for.", s400="A parameter is no number.")},
        (
            Parameter("key", "A part of a name.", required=True),
            Parameter("pageSize", "How many of each at most.", NUMBER),
        ),
    ),
    sharing_many.patch: Description(
        "The sharing of many objects of a kind.",
        {
            **ok("All are changed.", ref("ImportMessage")),
            **stops(
                s400="Identifiers are missing, or an operation is about something else.",
                s403="The one who asks may not change them.",
                s404="There is no such kind.",
            ),
            409: Answer("Some were refused; the report says which.", ref("ImportMessage")),
        },
        (Parameter("atomic", "One that is refused leaves all as they were.", FLAG),),
        Body("Identifiers under the kind's name, and `patch`.", _OBJECT, ("application/json-patch+json",)),
    ),
    membership.change: Description("Change a list of references.", _TYPE_REPORT, body=_LISTS),
    membership.exactly: Description(
        "Make a list what `identifiableObjects` says.", _TYPE_REPORT, body=_LISTS
    ),
    membership.drop_many: Description("Several less in a list.", _TYPE_REPORT, body=_LISTS),
    membership.add: Description("One more in a list.", _TYPE_REPORT),
    membership.drop: Description("One less in a list.", _TYPE_REPORT),
    gist.listed: Description(
        "A page of objects in short.",
        {
            **ok("The list stands under the kind's own name.", {}),
            **stops(s403="She may not see who works here.", s404="There is no such kind."),
        },
        (*_GIST, FILTER, ORDER, *PAGING),
    ),
    gist.one: Description(
        "One object in short.",
        {**ok("The object.", _OBJECT), **_GONE, **stops(s403="She may not see who works here.")},
        (FIELDS,),
    ),
    gist.members: Description(
        "The members of one list in short.",
        {
            **ok("The list stands under the property's name.", {}),
            **_GONE,
            **stops(s403="She may not see who works here."),
        },
        (*_GIST, FILTER, ORDER, *PAGING),
        path=_PROPERTY,
    ),
    schemas.listed: Description(
        "Which kinds of object there are, and what they hold.",
        ok("All of them.", _OBJECT),
        (FIELDS,),
    ),
    schemas.one: Description(
        "One kind of object.",
        {**ok("The kind.", ref("KindSchema")), **stops(s404="There is no such kind.")},
        (FIELDS,),
        path=_SCHEMA,
    ),
    schemas.one_property: Description(
        "One property of a kind.",
        {**ok("The property.", _OBJECT), **stops(s404="There is no such kind or property.")},
        path=(*_SCHEMA, *_PROPERTY),
    ),
    schemas.fits: Description(
        "Whether the body could be an object of the kind.",
        {
            **ok("It could.", _OBJECT),
            **stops(s400="It could not; the report says why.", s404="There is no such kind."),
        },
        body=Body("An object.", _OBJECT),
        path=_SCHEMA,
    ),
    descriptions.condition: Description("A rule's condition.", _SAID, _PROGRAM, _TEXT_BODY),
    descriptions.action_data: Description("What a rule assigns.", _SAID, _PROGRAM, _TEXT_BODY),
    descriptions.program_indicator: Description("What is counted.", _SAID, body=_TEXT_BODY),
    descriptions.program_indicator_filter: Description("Which are counted.", _SAID, body=_TEXT_BODY),
    descriptions.validation_rule: Description("One side of a rule.", _SAID, body=_TEXT_BODY),
    descriptions.predictor: Description("What is predicted.", _SAID, body=_TEXT_BODY),
    descriptions.skip_test: Description("Which samples are passed over.", _SAID, body=_TEXT_BODY),
    descriptions.indicator: Description(
        "A numerator or denominator.", _SAID, (_EXPRESSION,), _TEXT_BODY
    ),
    descriptions.expression: Description(
        "An indicator's expression.",
        _SAID,
        (Parameter("expression", "The expression.", required=True),),
    ),
}  # fmt: skip
