"""Objects that come as a table: DHIS2's CSV for metadata, one kind a file, columns by their place.

Makes the payload that exchange.py imports; what a cell means is checked there. Called by
web/api/metadata.py.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from smittesporing.metadata.kinds import DEFAULT_CATEGORY_COMBO
from smittesporing.uid import derived_uid, new_uid

Json = dict[str, Any]
Rows = Iterable[list[str]]


class UnknownTable(ValueError):
    """The class key names no kind of table."""


def payload(class_key: str, text: str, first_row_is_header: bool = True) -> dict[str, list[Json]]:
    """The payload that the table means.

    Shape   Trailing cells may be missing, and an empty cell says nothing. Rows without a first cell are
            passed over.
    Errors  `UnknownTable` for a class key that DHIS2 has not; csv.Error for a table that cannot be read.
    """
    read = _TABLES.get(class_key.upper())
    if read is None:
        raise UnknownTable(class_key)
    rows = csv.reader(text.splitlines(keepends=True), strict=True)
    if first_row_is_header:
        next(rows, None)
    return read(row for row in rows if row and row[0].strip())


def _simple(plural: str, *names: str, **fixed: str) -> Callable[[Rows], dict[str, list[Json]]]:
    """A table with one object a row; a name with a dot is a reference's."""

    def read(rows: Rows) -> dict[str, list[Json]]:
        return {plural: [{**fixed, **_object(row, ("name", "id", "code", *names))} for row in rows]}

    return read


def _object(row: list[str], names: Iterable[str]) -> Json:
    body: Json = {}
    for name, cell in zip(names, row, strict=False):
        text = cell.strip()
        if not text:
            continue
        outer, _, inner = name.partition(".")
        if inner:
            body.setdefault(outer, {})[inner] = text
        else:
            body[name] = text == "true" if text in ("true", "false") else text
    if "shortName" in names and "shortName" not in body:
        body["shortName"] = str(body.get("name", ""))[:50]
    return body


def _data_elements(rows: Rows) -> dict[str, list[Json]]:
    names = (
        *("name", "id", "code", "shortName", "description", "formName", "domainType"),
        *("valueType", "aggregationType", "categoryCombo.id", "url", "zeroIsSignificant"),
        *("optionSet.id", "commentOptionSet.id"),
    )
    usual = {"domainType": "AGGREGATE", "valueType": "INTEGER", "aggregationType": "SUM"}
    return {
        "dataElements": [
            {"categoryCombo": {"id": DEFAULT_CATEGORY_COMBO}, **usual, **_object(row, names)}
            for row in rows
        ]
    }


def _org_units(rows: Rows) -> dict[str, list[Json]]:
    names = (
        *("name", "id", "code", "parent.id", "shortName", "description", "openingDate"),
        *("closedDate", "comment", "featureType", "coordinates", "url", "contactPerson"),
        *("address", "email", "phoneNumber"),
    )
    usual = {"openingDate": "1970-01-01"}
    return {"organisationUnits": [{**usual, **_object(row, names)} for row in rows]}


def _validation_rules(rows: Rows) -> dict[str, list[Json]]:
    sides = ("expression", "description", "missingValueStrategy")
    names = (
        *("name", "id", "code", "description", "instruction", "importance", "ruleType"),
        *("operator", "periodType"),
        *(f"{side}.{name}" for side in ("leftSide", "rightSide") for name in sides),
    )
    usual = {"importance": "MEDIUM"}
    return {"validationRules": [{**usual, **_object(row, names)} for row in rows]}


def _option_sets(rows: Rows) -> dict[str, list[Json]]:
    sets: dict[str, Json] = {}
    options: list[Json] = []
    for row in rows:
        held = _object(row, ("name", "id", "code", "option", "option_id", "option_code"))
        name = str(held["name"])
        body = sets.setdefault(
            name,
            {
                "name": name,
                "id": held.get("id") or new_uid(),
                "valueType": "TEXT",
                **({"code": held["code"]} if "code" in held else {}),
            },
        )
        if "option" in held:
            code = str(held.get("option_code") or held["option"])
            options.append(
                {
                    "name": str(held["option"]),
                    "code": code,
                    "id": held.get("option_id") or derived_uid("option", str(body["id"]), code),
                    "optionSet": {"id": body["id"]},
                    "sortOrder": 1 + sum(each["optionSet"]["id"] == body["id"] for each in options),
                }
            )
    return {"optionSets": list(sets.values()), "options": options}


def _members(plural: str, *names: str, member: str) -> Callable[[Rows], dict[str, list[Json]]]:
    """A table with one member a row: the group in the first cells, the member's id after them."""

    def read(rows: Rows) -> dict[str, list[Json]]:
        groups: dict[str, Json] = {}
        for row in rows:
            held = _object(row, ("name", "id", "code", *names, "member"))
            uid = held.pop("member", None)
            key = str(held.get("id") or held["name"])
            body = groups.setdefault(key, {**held, member: []})
            if uid:
                body[member].append({"id": uid})
        return {plural: list(groups.values())}

    return read


_TABLES: dict[str, Callable[[Rows], dict[str, list[Json]]]] = {
    "DATA_ELEMENT": _data_elements,
    "DATA_ELEMENT_GROUP": _simple("dataElementGroups", "shortName"),
    "CATEGORY_OPTION": _simple("categoryOptions", "shortName"),
    "CATEGORY": _simple(
        "categories",
        "description",
        "dataDimensionType",
        "dataDimension",
        dataDimensionType="DISAGGREGATION",
    ),
    "CATEGORY_COMBO": _simple(
        "categoryCombos", "dataDimensionType", "skipTotal", dataDimensionType="DISAGGREGATION"
    ),
    "CATEGORY_OPTION_GROUP": _simple("categoryOptionGroups", "shortName", "dataDimensionType"),
    "INDICATOR_GROUP": _simple("indicatorGroups"),
    "ORGANISATION_UNIT": _org_units,
    "ORGANISATION_UNIT_GROUP": _simple("organisationUnitGroups", "shortName"),
    "VALIDATION_RULE": _validation_rules,
    "OPTION_SET": _option_sets,
    "OPTION_GROUP": _members("optionGroups", "shortName", member="options"),
    "OPTION_GROUP_SET": _members(
        "optionGroupSets", "description", "dataDimension", "optionSet.id", member="optionGroups"
    ),
}


def class_keys() -> Iterator[str]:
    """The class keys there are tables for."""
    return iter(_TABLES)
