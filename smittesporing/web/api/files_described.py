"""What the addresses of files, of icons and of a client's start take and answer. Read by openapi.py."""

from __future__ import annotations

from smittesporing.tracker.files import DOMAINS
from smittesporing.web.api import aggregate, files, icons, start
from smittesporing.web.api.described import (
    ANYTHING,
    FIELDS,
    FILTER,
    NUMBER,
    PAGING,
    TEXT,
    UID,
    Answer,
    Body,
    Description,
    Parameter,
    Table,
    listing,
    ok,
    one_of,
    ref,
    stops,
)
from smittesporing.web.api.images import DIMENSIONS

_OBJECT = {"type": "object"}
_NONE = {"type": "array", "maxItems": 0}
_TEXTS = {"type": "array", "items": TEXT}
_SVG = "image/svg+xml"
_DONE = ok("It is done.", ref("WebMessage"))
_BYTES = {200: Answer("The bytes, in the file's own type.", ANYTHING, "*/*")}
_SIZE = Parameter("dimension", "The size of a picture.", one_of(*DIMENSIONS))
_NO_PICTURE = stops(s409="The file is no picture that can be sized.")
_NO_FILE = stops(s404="There is no such file for the one who asks.")
_OF_RECORD = {
    **_BYTES,
    **_NO_PICTURE,
    **stops(s404="There is no such record or file within one's reach."),
}
_KEY = (Parameter("key", "The key of an icon."),)
_NO_ICON = stops(s404="There is no such icon.")
_NO_CUSTOM_ICON = stops(s404="There is no such icon of one's own making.")
_MAY_NOT = stops(s403="The one who asks may not write configuration.")
_WORDS = {"description": TEXT, "keywords": _TEXTS}
_LOCALE_LIST = ok("The languages.", {"type": "array", "items": _OBJECT})

DESCRIBED: Table = {
    files.add: Description(
        "Keep a file, for a value of a record or for configuration to name.",
        {
            202: Answer("It is kept; `response.fileResource` is its card.", ref("WebMessage")),
            **stops(
                s400="There is no file, or it has no name.",
                s403="Files of that domain come with configuration.",
                s409="Files of that kind or size are not kept, or the identifier is taken.",
            ),
        },
        (
            Parameter("domain", "What the file is for; DATA_VALUE unless stated.", one_of(*DOMAINS)),
            Parameter("uid", "The identifier it is to have.", UID),
        ),
        Body(
            "The file.",
            {
                "type": "object",
                "properties": {"file": {"type": "string", "format": "binary"}},
                "required": ["file"],
            },
            ("multipart/form-data",),
        ),
    ),
    files.listed: Description(
        "The files that one may read, newest first.",
        {
            **ok("A page of cards.", listing("fileResources", _OBJECT)),
            **stops(s400="A filter is neither id:in nor id:eq."),
        },
        (FIELDS, FILTER, *PAGING),
    ),
    files.one: Description(
        "What is known of a file, without its bytes.",
        {**ok("Its card.", _OBJECT), **_NO_FILE},
        (FIELDS,),
    ),
    files.data: Description(
        "The bytes of a file.", {**_BYTES, **_NO_FILE, **_NO_PICTURE}, (_SIZE,)
    ),
    files.of_event: Description(
        "The file that a value of an event names.",
        _OF_RECORD,
        (_SIZE,),
        path=(Parameter("item", "The data element.", UID),),
    ),
    files.of_person: Description(
        "The file that an attribute of a tracked entity names.",
        _OF_RECORD,
        (_SIZE,),
        path=(Parameter("item", "The attribute.", UID),),
    ),
    icons.listed: Description(
        "Icons, the server's own and custom ones.",
        ok("A page.", listing("icons", _OBJECT)),
        (
            FIELDS,
            *PAGING,
            Parameter("type", "Which of them.", one_of(*icons.TYPES)),
            Parameter("keys", "These alone, with commas or repeated.", repeated=True),
            Parameter("keywords", "With all these words, with commas or repeated.", repeated=True),
            Parameter("search", "A part of a key or a word."),
        ),
    ),
    icons.keywords: Description("Every word an icon is found by.", ok("The words.", _TEXTS)),
    icons.one: Description(
        "One icon.", {**ok("The icon.", _OBJECT), **_NO_ICON}, (FIELDS,), path=_KEY
    ),
    icons.picture: Description(
        "The picture of an icon.", {**_BYTES, **_NO_ICON, **_NO_PICTURE}, (_SIZE,), path=_KEY
    ),
    icons.add: Description(
        "A custom icon, of a picture kept as a file of domain ICON.",
        {
            201: Answer("It is made.", ref("WebMessage")),
            **_MAY_NOT,
            **stops(
                s400="The key cannot be so.",
                s409="The key is taken, or the file is no such picture.",
            ),
        },
        body=Body(
            "The icon.",
            {
                "type": "object",
                "properties": {
                    "key": TEXT,
                    **_WORDS,
                    "fileResource": ref("Reference"),
                    "fileResourceUid": UID,
                },
                "required": ["key"],
            },
        ),
    ),
    icons.change: Description(
        "Other words for a custom icon.",
        {**_DONE, **_MAY_NOT, **_NO_CUSTOM_ICON},
        body=Body("The words.", {"type": "object", "properties": _WORDS}),
        path=_KEY,
    ),
    icons.remove: Description(
        "Remove a custom icon.", {**_DONE, **_MAY_NOT, **_NO_CUSTOM_ICON}, path=_KEY
    ),
    start.login_config: Description(
        "What a page for signing in shows.",
        ok("Texts and what may be done there.", _OBJECT),
        (Parameter("locale", "The language of the texts."),),
    ),
    start.app_menu: Description(
        "The service's own pages, for a header bar.", ok("The pages, under `modules`.", _OBJECT)
    ),
    start.apps: Description("Installed apps: there are none.", ok("An empty list.", _NONE)),
    aggregate.data_value_sets: Description(
        "Aggregate data: there is none, for it is not stored here.",
        ok("An empty list, under `dataValues`.", _OBJECT),
    ),
    aggregate.registrations: Description(
        "Data sets that were completed: there are none.",
        ok("An empty list, under `completeDataSetRegistrations`.", _OBJECT),
    ),
    aggregate.approvals: Description(
        "Approvals of aggregate data: there are none.", ok("An empty list.", _NONE)
    ),
    start.ui_locales: Description("Languages for the eyes of users.", _LOCALE_LIST),
    start.db_locales: Description("Languages that configuration is translated into.", _LOCALE_LIST),
    start.db_locale_objects: Description("The same, with identifiers.", _LOCALE_LIST),
    start.db_locale_object: Description(
        "One of them.", {**ok("It.", _OBJECT), **stops(s404="There is no such language.")}
    ),
    start.flags: Description("What a front page may wave.", ok("Flags.", {"type": "array"})),
    start.styles: Description("The dresses of a header bar.", ok("One.", {"type": "array"})),
    start.uuids: Description(
        "Fresh identifiers of the longer kind.",
        ok("The identifiers.", _OBJECT),
        (Parameter("limit", "How many; 1 unless stated, 10 000 at most.", NUMBER),),
    ),
    start.logo: Description(
        "The service's own mark.",
        {200: Answer("The picture.", ANYTHING, _SVG), **stops(s404="There is no such picture.")},
        path=(Parameter("key", "Where it is shown.", one_of("logo_banner", "logo_front", "logo_mobile")),),
    ),
    start.period_types: Description("The kinds of period.", ok("All of them.", _OBJECT)),
    start.uids: Description(
        "Fresh identifiers.",
        ok("The identifiers.", {"type": "object", "properties": {"codes": {"type": "array", "items": UID}}}),
        (Parameter("limit", "How many; 1 unless stated, 10 000 at most.", NUMBER),),
    ),
}  # fmt: skip
