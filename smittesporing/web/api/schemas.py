"""`/api/schemas`: which kinds of object there are, what they hold, and whether an object fits.

What DHIS2 says of its kinds stands in metadata/schemas.toml; this words it as DHIS2 does. Called
through metadata_routes.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata import check_values, fields
from smittesporing.metadata.kinds import KINDS, ORDER, Kind
from smittesporing.metadata.report import Refusal, refusal_json
from smittesporing.metadata.schema import SCHEMAS, Property, Schema, leads_to
from smittesporing.web.api.envelope import (
    Stopped,
    as_json,
    door,
    fields_of,
    not_found,
    read_object,
    web_message,
)

_FAVOURITES = frozenset(("visualizations", "eventVisualizations", "maps", "dashboards"))
_BY_SINGULAR = {each.singular: each for each in SCHEMAS.values()}


@door
def listed(request: Request) -> Response:
    """GET /api/schemas: every kind, and the rows that live inside others, with their properties."""
    select = fields.choose(fields_of(request, "*"))
    made = (_schema(request, each) for each in SCHEMAS.values())
    return as_json({"schemas": [select(each) for each in made]})


@door
def one(request: Request) -> Response:
    """GET /api/schemas/{type}: one kind, by its singular or plural name."""
    select = fields.choose(fields_of(request, "*"))
    return as_json(select(_schema(request, _asked_for(request))))


@door
def one_property(request: Request) -> Response:
    """GET /api/schemas/{type}/{property}: one property of one kind."""
    schema, name = _asked_for(request), request.path_params["property"]
    stated = schema.properties.get(name)
    if stated is None:
        return web_message(404, f"Property {name} does not exist on {schema.singular}")
    return as_json(_property(request, schema, stated))


@door
def fits(request: Request) -> Response:
    """POST or PUT /api/schemas/{type}: whether the body could be an object of the kind; 400 if not."""
    schema = _asked_for(request)
    faults = [refusal_json(each, schema.klass) for each in _faults(schema, read_object(request))]
    response = {"responseType": "ErrorReports", "errorReports": faults}
    if not faults:
        return web_message(200, response=response)
    return web_message(400, code=str(faults[0]["errorCode"]), response=response)


def _asked_for(request: Request) -> Schema:
    name = request.path_params["type"]
    schema = _BY_SINGULAR.get(name) or SCHEMAS.get(name)
    if schema is None:
        raise Stopped(not_found("Schema", name))
    return schema


def _faults(schema: Schema, body: Mapping[str, Any]) -> Iterable[Refusal]:
    yield from check_values.values(schema.plural, body)
    for name, stated in schema.properties.items():
        value = body.get(name)
        if not (stated.owner and stated.writable):
            continue
        if value is None:
            if stated.required and name not in schema.absent:
                yield Refusal("E4000", (name,), name)
        elif isinstance(value, str):
            if stated.constants and value not in stated.constants:
                yield Refusal("E4027", (f"{name} is none of {', '.join(stated.constants)}",), name)
        elif stated.collection != isinstance(value, list) and stated.type != "COMPLEX":
            yield Refusal("E4027", (f"{name} has no value of type {stated.type}",), name)


def _schema(request: Request, schema: Schema) -> dict[str, Any]:
    base = request.app.state.settings.base_url
    kind = KINDS.get(schema.plural)
    words = "".join(f" {each}" if each.isupper() else each for each in schema.singular)
    made: dict[str, Any] = {
        "klass": schema.klass,
        "name": schema.singular,
        "singular": schema.singular,
        "plural": schema.plural,
        "displayName": words[:1].upper() + words[1:],
        "collectionName": schema.plural,
        "metadata": kind is not None,
        "secondaryMetadata": False,
        "identifiableObject": "id" in schema.properties,
        "nameableObject": "shortName" in schema.properties,
        "embeddedObject": kind is None,
        "shareable": kind is not None and kind.shareable,
        "dataShareable": kind is not None and kind.data_shareable,
        "dataReadShareable": kind is not None and kind.data_shareable,
        "dataWriteShareable": kind is not None and kind.data_shareable,
        "favoritable": schema.plural in _FAVOURITES,
        "subscribable": False,
        "subscribableObject": False,
        "persisted": True,
        "translatable": "translations" in schema.properties,
        "defaultPrivate": False,
        "implicitPrivateAuthority": False,
        "order": ORDER.get(schema.plural, len(ORDER)),
        "href": f"{base}/api/schemas/{schema.singular}",
        "authorities": [] if kind is None else _authorities(kind),
        "references": sorted(
            {
                each.klass
                for each in schema.properties.values()
                if "REFERENCE" in (each.type, each.item)
            }
        ),
        "properties": [_property(request, schema, each) for each in schema.properties.values()],
    }
    if kind is not None:
        made["relativeApiEndpoint"] = f"/{schema.plural}"
        made["apiEndpoint"] = f"{base}/api/{schema.plural}"
    return made


def _authorities(kind: Kind) -> list[dict[str, Any]]:
    name = kind.authority
    if not name:
        return []
    stated = {"CREATE": f"{name}_ADD", "DELETE": f"{name}_DELETE"}
    if kind.shareable:
        stated = {
            "CREATE_PUBLIC": f"{name}_PUBLIC_ADD",
            "CREATE_PRIVATE": f"{name}_PRIVATE_ADD",
            "DELETE": f"{name}_DELETE",
        }
    return [{"type": act, "authorities": [each]} for act, each in stated.items()]


def _property(request: Request, schema: Schema, stated: Property) -> dict[str, Any]:
    base = request.app.state.settings.base_url
    leads = leads_to(schema.plural, stated.name)
    display = f"display{stated.name[:1].upper()}{stated.name[1:]}"
    translatable = stated.owner and display in schema.properties
    made: dict[str, Any] = {
        "name": stated.singular if stated.collection else stated.name,
        "fieldName": stated.field,
        "klass": f"java.util.{'List' if stated.ordered else 'Set'}"
        if stated.collection
        else stated.klass,
        "propertyType": stated.type,
        "collection": stated.collection,
        "ordered": stated.ordered,
        "owner": stated.owner,
        "persisted": stated.persisted,
        "required": stated.required,
        "unique": stated.unique,
        "readable": True,
        "writable": stated.writable,
        "simple": stated.simple,
        "sortable": stated.simple and not stated.collection,
        "attribute": False,
        "identifiableObject": leads in KINDS,
        "nameableObject": leads in KINDS and "shortName" in SCHEMAS[leads].properties,
        "embeddedObject": leads is not None and leads not in KINDS,
        "manyToMany": stated.collection and stated.owner and leads in KINDS,
        "manyToOne": stated.type == "REFERENCE",
        "oneToMany": False,
        "oneToOne": False,
        "translatable": translatable,
    }
    if stated.collection:
        made["collectionName"] = stated.name
        made["itemKlass"] = stated.klass
        made["itemPropertyType"] = stated.item
    if translatable:
        made["translationKey"] = "".join(
            f"_{each}" if each.isupper() else each.upper() for each in stated.name
        )
    if stated.constants:
        made["constants"] = list(stated.constants)
    if stated.least is not None:
        made["min"] = stated.least
    if stated.most is not None:
        made["max"] = stated.most
        made["length"] = int(stated.most)
    if leads in KINDS:
        made["relativeApiEndpoint"] = f"/{leads}"
        made["apiEndpoint"] = f"{base}/api/{leads}"
        made["href"] = f"{base}/api/schemas/{SCHEMAS[leads].singular}"
    return made
