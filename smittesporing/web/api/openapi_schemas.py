"""The component schemas of the OpenAPI document: envelopes, kinds of configuration, records.

Kinds come from kinds.toml, what an import of records takes from the very types that decode it. `fields`
may leave any property out of an answer, so none is required. Called by openapi.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from smittesporing.metadata.kinds import COMMON_PROPERTIES, KINDS, Kind, kind_pointed_at
from smittesporing.tracker import payload
from smittesporing.web.api.described import FLAG, NUMBER, TEXT, ref

Made = dict[str, Any]


def _object(properties: Mapping[str, Any], *required: str, **more: Any) -> Made:
    made: Made = {"type": "object", "properties": dict(properties), **more}
    if required:
        made["required"] = list(required)
    return made


def _list(item: Any) -> Made:
    return {"type": "array", "items": item}


def component_of(kind: Kind) -> str:
    """The name of the kind's component, which is its Java class's without the package."""
    return kind.klass.rpartition(".")[2]


# What every kind has and the server itself decides.
_ALIKE: dict[str, Any] = {
    "id": TEXT,
    "name": TEXT,
    "code": TEXT,
    "displayName": TEXT,
    "created": TEXT,
    "lastUpdated": TEXT,
    "href": TEXT,
    "access": {"type": "object", "readOnly": True},
    "sharing": {"type": "object"},
}


def _kind(kind: Kind) -> Made:
    """The kind as an object; a property that refers says to what, and keeps the form it was given."""
    properties: Made = {}
    for name in sorted(kind.properties | COMMON_PROPERTIES):
        pointed = kind_pointed_at(name)
        if name in _ALIKE:
            properties[name] = _ALIKE[name]
        elif pointed is not None:
            many = "List of references to" if name in KINDS else "Reference to"
            properties[name] = {"description": f"{many} {component_of(pointed)}."}
        else:
            properties[name] = {}
    return _object(properties, description=f"{kind.klass}, served at /api/{kind.plural}.")


def _message(response: Any | None = None, **more: Any) -> Made:
    properties = {
        "httpStatus": TEXT,
        "httpStatusCode": NUMBER,
        "status": {"type": "string", "enum": ["OK", "WARNING", "ERROR"]},
        "message": TEXT,
        "errorCode": TEXT,
        "response": response or {"type": "object"},
    }
    return _object(properties, "httpStatus", "httpStatusCode", "status", **more)


_STATS = _object(dict.fromkeys(("created", "updated", "deleted", "ignored", "total"), NUMBER))
_ERROR = _object(
    {
        **dict.fromkeys(("message", "mainKlass", "errorKlass", "errorProperty"), TEXT),
        "errorCode": TEXT,
        "errorProperties": _list({}),
    }
)
_OBJECT_REPORT = _object(
    {
        "klass": TEXT,
        "index": NUMBER,
        "uid": TEXT,
        "displayName": TEXT,
        "errorReports": _list(_ERROR),
    }
)
_PROBLEM = _object(
    {
        "message": TEXT,
        "errorCode": TEXT,
        "warningCode": TEXT,
        "trackerType": {"type": ["string", "null"]},
        "uid": {"type": ["string", "null"]},
        "args": _list(TEXT),
    }
)
_ENVELOPES: dict[str, Made] = {
    "WebMessage": _message(description="DHIS2's envelope of everything that is not data."),
    "ObjectMessage": _message(
        _object({"responseType": TEXT, "uid": TEXT, "klass": TEXT, "errorReports": _list(_ERROR)})
    ),
    "ImportMessage": _message(
        _object(
            {
                "responseType": TEXT,
                "status": TEXT,
                "stats": _STATS,
                "typeReports": _list(
                    _object({"klass": TEXT, "stats": _STATS, "objectReports": _list(_OBJECT_REPORT)})
                ),
            }
        )
    ),
    "TrackerReport": _object(
        {
            "status": {"type": "string", "enum": ["OK", "WARNING", "ERROR"]},
            "validationReport": _object(
                {"errorReports": _list(_PROBLEM), "warningReports": _list(_PROBLEM)}
            ),
            "stats": _STATS,
            "bundleReport": {"type": "object"},
            "timingsStats": {"type": "object"},
        },
        "status",
        "validationReport",
        "stats",
    ),
    "Pager": _object(
        {
            **dict.fromkeys(("page", "pageSize", "total", "pageCount"), NUMBER),
            "nextPage": TEXT,
            "prevPage": TEXT,
        },
        "page",
        "pageSize",
    ),
    "Reference": _object({"id": TEXT}, "id"),
    "Grid": _object(
        {
            "headers": _list({"type": "object"}),
            "rows": _list(_list(TEXT)),
            "metaData": {"type": "object"},
            **dict.fromkeys(("width", "height", "headerWidth"), NUMBER),
        },
        "headers",
        "rows",
    ),
    "Feature": _object(
        {
            "type": {"const": "Feature"},
            "id": TEXT,
            "geometry": {"type": ["object", "null"]},
            "properties": {"type": "object"},
        },
        "type",
        "id",
        "geometry",
    ),
    "FeatureCollection": _object(
        {"type": {"const": "FeatureCollection"}, "features": _list(ref("Feature"))},
        "type",
        "features",
    ),
    "OldSharing": _object(
        {
            "meta": {"type": "object"},
            "object": _object(
                {
                    "id": TEXT,
                    "publicAccess": TEXT,
                    "userAccesses": _list(_object({"id": TEXT, "access": TEXT})),
                    "userGroupAccesses": _list(_object({"id": TEXT, "access": TEXT})),
                }
            ),
        },
        "object",
    ),
    "JsonPatch": _list(
        _object(
            {
                "op": {"type": "string", "enum": ["add", "replace", "remove", "remove-by-id"]},
                "path": {"type": "string", "pattern": "^/"},
                "value": {},
                "id": TEXT,
            },
            "op",
            "path",
        )
    ),
    "SystemInfo": _object(dict.fromkeys(("version", "contextPath", "systemName"), TEXT)),
    "Me": _object(
        {
            **dict.fromkeys(("id", "username", "name", "firstName", "surname"), TEXT),
            "authorities": _list(TEXT),
            "settings": {"type": "object"},
        }
    ),
    "KindSchema": _object(
        {
            **dict.fromkeys(("klass", "name", "singular", "plural"), TEXT),
            **dict.fromkeys(("shareable", "dataShareable", "metadata"), FLAG),
            "properties": _list({"type": "object"}),
        }
    ),
}  # fmt: skip


def _records() -> dict[str, Made]:
    """What `POST /api/tracker` takes, read off the types that decode it; answers look the same."""
    found = msgspec.json.encode(payload.schemas("#/components/schemas/{name}")).decode()
    text = found.replace("_WireBundle", "TrackerBundle").replace("_Wire", "")
    made: dict[str, Made] = msgspec.json.decode(text)
    return made


def components() -> dict[str, Made]:
    """Every component schema, by its name."""
    kinds = {component_of(kind): _kind(kind) for kind in KINDS.values()}
    lists = {kind.plural: _list(ref(component_of(kind))) for kind in KINDS.values()}
    return {
        **_ENVELOPES,
        "Object": {"anyOf": [ref(name) for name in kinds]},
        "Listing": _object({"pager": ref("Pager"), **lists}),
        "Package": _object({"system": {"type": "object"}, **lists}),
        **_records(),
        **kinds,
    }
