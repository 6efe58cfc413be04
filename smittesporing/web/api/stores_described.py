"""What the addresses of settings, of the data store and of sharing take and answer. Read by openapi.py."""

from __future__ import annotations

from smittesporing.metadata.kinds import KINDS
from smittesporing.web.api import data_store, data_store_sharing
from smittesporing.web.api import settings as set_
from smittesporing.web.api.described import (
    ANYTHING,
    FLAG,
    MOMENT,
    NUMBER,
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
_TEXTS = {"type": "array", "items": TEXT}
_DONE = ok("It is done.", ref("WebMessage"))

_SETTING = (Parameter("key", "The name of a setting."),)
_KEYS = Parameter("key", "These alone, with commas or repeated.", repeated=True)
_WHOSE_SETTINGS = (
    Parameter("user", "Of this user, by identifier or username; oneself unless stated."),
    Parameter("userId", "The same."),
)
_FALLBACK = Parameter("useFallback", "false: what the server says for all is passed over.", FLAG)
_VALUE = Parameter("value", "The value; the body is not read when it stands here.")
_VALUE_BODY = Body(
    "The value, in JSON or alone as text/plain, when the query does not say it.",
    ANYTHING,
    required=False,
)
_LOCALE = Parameter("locale", "The translation into this language.")
_UNKNOWN = stops(s404="There is no such setting.")
_UNKNOWN_OR_USER = stops(s404="There is no such setting, or no such user for the one who asks.")
_MAY_NOT = stops(s403="The one who asks may not set it.")

_USERNAME = Parameter("username", "userDataStore: another user's, for a superuser.")
_ENTRY = (
    Parameter("namespace", "The namespace, which the app chooses."),
    Parameter("key", "The key within it."),
)
_FORBIDDEN = stops(s403="The namespace or the entry is not one's own to use so.")
_ENTRY_GONE = {**_FORBIDDEN, **stops(s404="There is no such entry.")}
_KEPT = {
    201: Answer("It is made.", ref("WebMessage")),
    **_FORBIDDEN,
    **stops(
        s400="The value is no JSON that can be kept.",
        s409="The entry is there already, or a name is too long.",
        s413="The value is too large.",
    ),
}
_ENCRYPT = Parameter("encrypt", "true: a new entry is kept sealed.", FLAG)
_STATED = "Any JSON."
_SHARED = (
    Parameter(
        "type",
        "The kind, in the singular, or dataStore.",
        one_of("dataStore", *(kind.singular for kind in KINDS.values() if kind.shareable)),
        required=True,
    ),
    Parameter("id", "The object or entry.", UID, required=True),
)
_NOT_SHARED = stops(s404="There is no such kind, or no such object for the one who asks.")

DESCRIBED: Table = {
    set_.system: Description(
        "The settings of the server; secrets never.", ok("Values by name.", _OBJECT), (_KEYS,)
    ),
    set_.system_one: Description(
        "One setting of the server.",
        {
            200: Answer(
                "The value under its name, or alone as text for who accepts text or asks for a translation.",
                _OBJECT,
                others={"text/plain": TEXT},
            ),
            **_UNKNOWN,
            **stops(s403="It is a secret."),
        },
        (_LOCALE,),
        path=_SETTING,
    ),
    set_.set_system: Description(
        "Several settings of the server at once.",
        {**_DONE, **_MAY_NOT, **_UNKNOWN},
        body=Body("Values by name.", _OBJECT),
    ),
    set_.set_system_one: Description(
        "One setting of the server.",
        {**_DONE, **_MAY_NOT, **_UNKNOWN},
        (_VALUE, _LOCALE),
        _VALUE_BODY,
        _SETTING,
    ),
    set_.remove_system: Description(
        "Settings of the server back to what holds when nothing is said.",
        {**nothing("It is done."), **_MAY_NOT, **_UNKNOWN},
        (Parameter("key", "Without a name in the path: these.", repeated=True), _LOCALE),
        path=_SETTING,
    ),
    set_.user: Description(
        "A user's settings, with what holds where she has chosen nothing.",
        {
            **ok("Values by name; null for a name that is unknown.", _OBJECT),
            **stops(s404="There is no such user for the one who asks."),
        },
        (_KEYS, *_WHOSE_SETTINGS, _FALLBACK),
    ),
    set_.user_one: Description(
        "One of a user's settings.",
        {200: Answer("The value alone.", TEXT, "text/plain"), **_UNKNOWN_OR_USER},
        (*_WHOSE_SETTINGS, _FALLBACK),
        path=_SETTING,
    ),
    set_.set_user_one: Description(
        "Set one of a user's settings.",
        {**_DONE, **_UNKNOWN_OR_USER, **stops(s409="There is no value.")},
        (_VALUE, *_WHOSE_SETTINGS),
        _VALUE_BODY,
        _SETTING,
    ),
    set_.remove_user_one: Description(
        "One of a user's settings back to what holds for all.",
        {**nothing("It is done.", 200), **_UNKNOWN_OR_USER},
        _WHOSE_SETTINGS,
        path=_SETTING,
    ),
    data_store_sharing.read: Description(
        "Who may see an object and its data, in the older words.",
        {
            **ok("The sharing.", ref("OldSharing")),
            **_NOT_SHARED,
            **stops(s409="Objects of this kind are not shared."),
        },
        _SHARED,
    ),
    data_store_sharing.write: Description(
        "Say who may see an object and its data.",
        {
            **ok("It is shared so.", ref("WebMessage")),
            **_NOT_SHARED,
            **stops(
                s400="The body is no JSON object with `object`.",
                s403="The one who asks may not write it.",
                s409="The sharing cannot be so.",
            ),
        },
        _SHARED,
        Body("The sharing, under `object`.", ref("OldSharing")),
    ),
    data_store_sharing.protections: Description(
        "The namespaces that belong to somebody.",
        ok("All of them, or the one that is named.", {"anyOf": [{"type": "array", "items": _OBJECT}, _OBJECT]}),
        (Parameter("namespace", "This one alone."),),
    ),
    data_store.namespaces: Description(
        "The namespaces with something in them.",
        {**ok("Their names.", _TEXTS), **_FORBIDDEN},
        (_USERNAME,),
    ),
    data_store.keys: Description(
        "The keys of a namespace; with `fields`, its entries or parts of them.",
        {
            **ok("The keys, or a page of entries.", {"anyOf": [{"type": "array"}, _OBJECT]}),
            **_FORBIDDEN,
            **stops(s404="There is no such namespace."),
        },
        (
            Parameter("lastUpdated", "Changed then or later.", MOMENT),
            Parameter("fields", "Paths into the values, with commas; `.` is the whole value."),
            Parameter("filter", "With fields: `path:operator:value`.", repeated=True),
            Parameter("rootJunction", "Whether all filters must hold, or any.", one_of("and", "or")),
            Parameter("order", "With fields: `path:asc` or `path:desc`."),
            Parameter("includeAll", "With fields: entries too that have none of them.", FLAG),
            Parameter("headless", "With fields: the list alone, without pager.", FLAG),
            *PAGING,
            _USERNAME,
        ),
        path=_ENTRY[:1],
    ),
    data_store.remove_namespace: Description(
        "Remove all entries of a namespace, or none.",
        {**_DONE, **_FORBIDDEN, **stops(s404="There is no such namespace.")},
        (_USERNAME,),
        path=_ENTRY[:1],
    ),
    data_store.value: Description(
        "The value of an entry.",
        {**ok("The value itself.", ANYTHING), **_ENTRY_GONE},
        (_USERNAME,),
        path=_ENTRY,
    ),
    data_store.meta_data: Description(
        "Who made an entry and when, and who may do what.",
        {**ok("All but the value.", _OBJECT), **_ENTRY_GONE},
        (_USERNAME,),
        path=_ENTRY,
    ),
    data_store.add: Description(
        "A new entry.", _KEPT, (_ENCRYPT, _USERNAME), Body(_STATED, ANYTHING), _ENTRY
    ),
    data_store.put: Description(
        "The value anew, or a part of it; an entry that is not there is made.",
        {**_DONE, **_KEPT},
        (
            Parameter("path", "Where in the value the body goes; the whole unless stated."),
            Parameter("roll", "Put it last in a list, and keep so many.", NUMBER),
            _ENCRYPT,
            _USERNAME,
        ),
        Body(f"{_STATED} Without a body or with null, and no path or roll, the entry goes.", ANYTHING, required=False),
        _ENTRY,
    ),
    data_store.remove: Description(
        "Remove an entry.", {**_DONE, **_ENTRY_GONE}, (_USERNAME,), path=_ENTRY
    ),
}  # fmt: skip
