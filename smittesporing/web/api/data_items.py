"""`GET /api/dataItems`: everything that may stand as data in a drawing, of several kinds in one list.

DHIS2 asks here in a language of its own: fewer filters, each with its one or two operators, and 409 with
a code for any other. A filter on what an item has not leaves that item out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata import fields
from smittesporing.metadata.kinds import KINDS
from smittesporing.metadata.transformers import MISSING
from smittesporing.web.api.asking import asked
from smittesporing.web.api.computed import displayed
from smittesporing.web.api.envelope import (
    Stopped,
    as_json,
    choice,
    door,
    fields_of,
    paged,
    web_message,
)
from smittesporing.web.api.world import MetadataWorld

Item = dict[str, Any]

TYPES = (
    *("INDICATOR", "DATA_ELEMENT", "REPORTING_RATE", "PROGRAM_INDICATOR", "PROGRAM_DATA_ELEMENT"),
    *("PROGRAM_ATTRIBUTE", "EXPRESSION_DIMENSION_ITEM"),
)
# DHIS2 calls data sets by their own name in filters and by what is counted of them in answers.
_ALSO = {"DATA_SET": "REPORTING_RATE"}
_ALONE = {
    "indicators": "INDICATOR",
    "dataElements": "DATA_ELEMENT",
    "dataSets": "REPORTING_RATE",
    "programIndicators": "PROGRAM_INDICATOR",
    "expressionDimensionItems": "EXPRESSION_DIMENSION_ITEM",
}
_NUMBERS = ("NUMBER", "UNIT_INTERVAL", "PERCENTAGE", "INTEGER", "INTEGER_POSITIVE",
            "INTEGER_NEGATIVE", "INTEGER_ZERO_OR_POSITIVE")  # fmt: skip
_SIMPLY = {
    **dict.fromkeys(_NUMBERS, "NUMBER"),
    **dict.fromkeys(("BOOLEAN", "TRUE_ONLY"), "BOOLEAN"),
    **dict.fromkeys(("TEXT", "LONG_TEXT", "LETTER"), "TEXT"),
    "COORDINATE": "COORDINATE",
}
_WORDS = ("name", "displayName", "shortName", "displayShortName")
# Property → the operators it may be asked with.
_ASKED: Mapping[str, tuple[str, ...]] = {
    "dimensionItemType": ("eq", "in"),
    "valueType": ("eq", "in"),
    **dict.fromkeys(_WORDS, ("ilike",)),
    "programId": ("eq",),
    "id": ("eq",),
    "identifiable": ("token",),
}
_OPERATORS = frozenset(operator for each in _ASKED.values() for operator in each)


@door
def listed(request: Request) -> Response:
    """GET /api/dataItems: a page of them."""
    tests = [_test(text) for text in request.query_params.getlist("filter")]
    any_of = choice(request, "rootJunction", ("AND", "OR")) == "OR"
    order = _order(request)
    with asked(request) as (_, world):
        found = [each for each in _items(world) if _holds(tests, each, any_of)]
    for name, down in reversed(order):
        found.sort(key=lambda each: str(each.get(name) or "").casefold(), reverse=down)
    page, head = paged(request, found)
    select = fields.choose(fields_of(request, "*"))
    return as_json({**head, "dataItems": [select(each) for each in page]})


def _items(world: MetadataWorld) -> Iterator[Item]:
    for plural, kind in _ALONE.items():
        for body in world.objects(KINDS[plural]):
            if plural != "dataElements" or body.get("domainType") == "AGGREGATE":
                yield from _item(world, kind, body)
    elements = {body["id"]: body for body in world.objects(KINDS["dataElements"])}
    attributes = {body["id"]: body for body in world.objects(KINDS["trackedEntityAttributes"])}
    stages: dict[str, list[Mapping[str, Any]]] = {}
    for stage in world.objects(KINDS["programStages"]):
        stages.setdefault(str((stage.get("program") or {}).get("id")), []).append(stage)
    for program in world.objects(KINDS["programs"]):
        asks = [
            row
            for stage in stages.get(program["id"], ())
            for row in stage.get("programStageDataElements") or ()
        ]
        for uid in dict.fromkeys(row["dataElement"]["id"] for row in asks):
            if uid in elements:
                yield from _item(world, "PROGRAM_DATA_ELEMENT", elements[uid], program)
        for row in program.get("programTrackedEntityAttributes") or ():
            uid = row["trackedEntityAttribute"]["id"]
            if uid in attributes:
                yield from _item(world, "PROGRAM_ATTRIBUTE", attributes[uid], program)


def _item(
    world: MetadataWorld,
    kind: str,
    body: Mapping[str, Any],
    program: Mapping[str, Any] | None = None,
) -> Iterator[Item]:
    """The item, its program's name before its own; nothing where its values are not counted."""
    value_type = body.get("valueType", "NUMBER")
    if value_type not in _SIMPLY:
        return
    before = f"{program['name']} " if program else ""
    shown = f"{_shown(world, program, 'name')} " if program else ""
    item = {
        "id": f"{program['id']}.{body['id']}" if program else body["id"],
        "code": body.get("code"),
        "name": before + str(body.get("name", "")),
        "displayName": shown + str(_shown(world, body, "name") or ""),
        "shortName": body.get("shortName"),
        "displayShortName": _shown(world, body, "shortName"),
        "dimensionItemType": kind,
        "valueType": value_type,
        "simplifiedValueType": _SIMPLY[value_type],
        "programId": program["id"] if program else (body.get("program") or {}).get("id"),
        "expression": body.get("expression") if kind == "EXPRESSION_DIMENSION_ITEM" else None,
    }
    yield {name: value for name, value in item.items() if value is not None}


def _shown(world: MetadataWorld, body: Mapping[str, Any], name: str) -> Any:
    value = displayed(world, body, name)
    return None if value is MISSING else value


def _holds(tests: Iterable[Callable[[Item], bool]], item: Item, any_of: bool) -> bool:
    answers = [test(item) for test in tests]
    return not answers or (any(answers) if any_of else all(answers))


def _test(text: str) -> Callable[[Item], bool]:
    """The filter as a question. Errors  `Stopped` with 409 and DHIS2's code."""
    parts = [each.strip() for each in text.split(":")]
    if len(parts) != 3 or not parts[2]:
        raise Stopped(web_message(409, f"Unable to parse filter `{text}`", code="E2014"))
    name, operator, value = parts
    if name not in _ASKED:
        raise Stopped(web_message(409, f"Filter not supported: `{name}`", code="E2034"))
    if operator not in _OPERATORS or operator not in _ASKED[name]:
        raise Stopped(web_message(409, f"Operator not supported: `{operator}`", code="E2035"))
    values = [each.strip() for each in value.strip("[]").split(",") if each.strip()]
    if name in ("dimensionItemType", "valueType"):
        return _among(name, values if operator == "in" else [value])
    folded = value.casefold()
    if operator == "ilike":
        return lambda item: folded in str(item.get(name, "")).casefold()
    if operator == "token":
        words = folded.split()
        return lambda item: all(
            any(word in str(item.get(each, "")).casefold() for each in ("id", "code", *_WORDS))
            for word in words
        )
    return lambda item: item.get(name) == value


def _among(name: str, values: list[str]) -> Callable[[Item], bool]:
    known = (*TYPES, *_ALSO) if name == "dimensionItemType" else tuple(_SIMPLY)
    for each in values:
        if each not in known:
            stated = f"the available values are: {list(known)}"
            message = f"Unable to parse element `{each}` on filter `{name}`, {stated}"
            raise Stopped(web_message(409, message, code="E2016"))
    wanted = {_ALSO.get(each, each) for each in values}
    return lambda item: item.get(name) in wanted


def _order(request: Request) -> list[tuple[str, bool]]:
    """The properties to sort by and whether downwards. Errors  `Stopped` with 409 and its code."""
    found = []
    for text in ",".join(request.query_params.getlist("order")).split(","):
        name, _, way = text.strip().partition(":")
        if not name:
            continue
        if name not in (*_WORDS, "code", "id") or way.lower() not in ("", "asc", "desc"):
            raise Stopped(web_message(409, f"Order not supported: `{text}`", code="E2037"))
        found.append((name, way.lower() == "desc"))
    return found
