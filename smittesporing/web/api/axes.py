"""The columns, rows and filters of a drawing, made of what it keeps: which dimensions, and the items of each.

A drawing keeps `columnDimensions` and, apart, its data, periods, places and groups; clients that draw read
them joined. Drawings are kept as they came, so nothing is taken for granted here. Called by computed.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from smittesporing.web.api.world import MetadataWorld

Json = Any
Body = Mapping[str, Any]
AXES: Final = {
    "columns": "columnDimensions",
    "rows": "rowDimensions",
    "filters": "filterDimensions",
}
# Dimensions with the same name everywhere, and what DHIS2 calls their type.
_FIXED: Final = {"dx": "DATA_X", "pe": "PERIOD", "ou": "ORGANISATION_UNIT"}
# The type of a data item → the property that names it, and its kind.
_DATA: Final[Mapping[str, tuple[str, str]]] = {
    "INDICATOR": ("indicator", "indicators"),
    "DATA_ELEMENT": ("dataElement", "dataElements"),
    "PROGRAM_INDICATOR": ("programIndicator", "programIndicators"),
    "EXPRESSION_DIMENSION_ITEM": ("expressionDimensionItem", "expressionDimensionItems"),
}
# Data items of two parts: the property, the two within it, and which of them it is called after.
_PAIRS: Final[Mapping[str, tuple[str, tuple[str, str], int, str]]] = {
    "DATA_ELEMENT_OPERAND": (
        "dataElementOperand",
        ("dataElement", "categoryOptionCombo"),
        0,
        "dataElements",
    ),
    "REPORTING_RATE": ("reportingRate", ("dataSet", "metric"), 0, "dataSets"),
    "PROGRAM_DATA_ELEMENT": (
        "programDataElement",
        ("program", "dataElement"),
        1,
        "dataElements",
    ),
    "PROGRAM_ATTRIBUTE": (
        "programAttribute",
        ("program", "attribute"),
        1,
        "trackedEntityAttributes",
    ),
}
# Groups and categories: the list on the drawing, what a row is about, its items, and the types of both.
_GROUPED: Final = (
    ("categoryDimensions", "category", "categoryOptions"),
    ("categoryOptionGroupSetDimensions", "categoryOptionGroupSet", "categoryOptionGroups"),
    ("dataElementGroupSetDimensions", "dataElementGroupSet", "dataElementGroups"),
    (
        *("organisationUnitGroupSetDimensions", "organisationUnitGroupSet"),
        "organisationUnitGroups",
    ),
)
# Questions as dimensions: they have conditions, not items.
_ASKED: Final = (
    ("attributeDimensions", "trackedEntityAttribute"),
    ("dataElementDimensions", "dataElement"),
    ("programIndicatorDimensions", "programIndicator"),
)
_OWN_UNITS: Final = (
    ("userOrganisationUnit", "USER_ORGUNIT"),
    ("userOrganisationUnitChildren", "USER_ORGUNIT_CHILDREN"),
    ("userOrganisationUnitGrandChildren", "USER_ORGUNIT_GRANDCHILDREN"),
)
_CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Z])")
_WRITTEN_TOGETHER: Final = (
    ("BI_WEEK", "BIWEEK"),
    ("BI_MONTH", "BIMONTH"),
    ("2_SIX_MONTHS", "2_SIXMONTHS"),
    ("THIS_DAY", "TODAY"),
)


def axis(name: str) -> Callable[[MetadataWorld, str, Body], Json]:
    """What a drawing shows as its `columns`, `rows` or `filters`."""

    def made(world: MetadataWorld, plural: str, body: Body) -> Json:
        named = body.get(AXES[name])
        if not isinstance(named, list):
            # A client may have sent the dimensions joined, and nothing apart.
            return body.get(name) or []
        return [_dimension(world, body, each) for each in named if isinstance(each, str)]

    return made


def _dimension(world: MetadataWorld, body: Body, name: str) -> Json:
    shown = {"id": name, "dimension": name}
    if name in _FIXED:
        items = {"dx": _data, "pe": _periods, "ou": _places}[name](world, body)
        return {**shown, "dimensionType": _FIXED[name], "items": list(items)}
    for listed, about, members in _GROUPED:
        for row in _rows(body, listed):
            if _id(row, about) == name:
                items = (_item(world, members, uid, uid) for uid in _ids(row, members))
                return {**shown, "dimensionType": _constant(about), "items": list(items)}
    for listed, about in _ASKED:
        for row in _rows(body, listed):
            if _id(row, about) == name:
                kept = ("filter", "legendSet", "programStage", "program")
                return {**shown, **{each: row[each] for each in kept if each in row}, "items": []}
    return {**shown, "items": []}


def _data(world: MetadataWorld, body: Body) -> Iterator[Json]:
    for row in _rows(body, "dataDimensionItems"):
        type_ = row.get("dataDimensionItemType")
        if not isinstance(type_, str):
            continue
        if type_ in _DATA:
            name, plural = _DATA[type_]
            uid = _id(row, name)
            if uid:
                yield _item(world, plural, uid, uid, type_)
        elif type_ in _PAIRS:
            name, within, called, plural = _PAIRS[type_]
            pair = row.get(name)
            if isinstance(pair, Mapping):
                ids = [_id(pair, each) for each in within]
                yield _item(world, plural, ids[called], ".".join(filter(None, ids)), type_)


def _periods(world: MetadataWorld, body: Body) -> Iterator[Json]:
    raw = body.get("rawPeriods")
    words = [each for each in (raw if isinstance(raw, list) else ()) if isinstance(each, str)]
    words += [each["id"] for each in _rows(body, "periods") if isinstance(each.get("id"), str)]
    relative = body.get("relativePeriods")
    if isinstance(relative, Mapping):
        words += [_period(name) for name, chosen in relative.items() if chosen is True]
    for word in dict.fromkeys(words):
        yield _word(word, "PERIOD")


def _period(name: str) -> str:
    """`last12Months` as the word for a relative period: LAST_12_MONTHS."""
    word = _CAPITAL.sub("_", name).upper()
    for apart, together in _WRITTEN_TOGETHER:
        word = word.replace(apart, together)
    return word


def _places(world: MetadataWorld, body: Body) -> Iterator[Json]:
    for uid in _ids(body, "organisationUnits"):
        yield _item(world, "organisationUnits", uid, uid, "ORGANISATION_UNIT")
    for flag, word in _OWN_UNITS:
        if body.get(flag) is True:
            yield _word(word, "ORGANISATION_UNIT")
    levels = body.get("organisationUnitLevels")
    for level in levels if isinstance(levels, list) else ():
        if isinstance(level, int):
            yield _word(f"LEVEL-{level}", "ORGANISATION_UNIT")
    for uid in _ids(body, "itemOrganisationUnitGroups"):
        yield _word(f"OU_GROUP-{uid}", "ORGANISATION_UNIT")


def _item(world: MetadataWorld, plural: str, uid: str, item: str, type_: str = "") -> Json:
    """An item with the names of its object; what is not there has its identifier alone."""
    found = world.whole(plural, {"id": uid})
    names = ("name", "shortName", "code", "translations", "valueType", "expression")
    shown = {name: found[name] for name in names if found.get(name)}
    return {
        **shown,
        "id": item,
        "dimensionItem": item,
        "dimensionItemType": type_ or _constant(plural[:-1]),
    }


def _word(word: str, type_: str) -> Json:
    return {"id": word, "name": word, "dimensionItem": word, "dimensionItemType": type_}


def _constant(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()


def _rows(body: Body, name: str) -> list[Body]:
    rows = body.get(name)
    return [each for each in (rows if isinstance(rows, list) else ()) if isinstance(each, Mapping)]


def _ids(body: Body, name: str) -> list[str]:
    return [each["id"] for each in _rows(body, name) if isinstance(each.get("id"), str)]


def _id(body: Body, name: str) -> str:
    """The identifier that the property refers to, or the word that it is."""
    value = body.get(name)
    found = value.get("id") if isinstance(value, Mapping) else value
    return found if isinstance(found, str) else ""
