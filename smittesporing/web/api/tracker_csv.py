"""Tracked entities and events as comma-separated text: a row for each value, as Capture's lists are saved.

Called by tracker_reading.py.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.settings import OSLO
from smittesporing.web.api.envelope import flag
from smittesporing.web.spreadsheets import safe

Body = dict[str, Any]
COLUMNS = {
    "trackedEntities": (
        *("trackedEntity", "trackedEntityType", "createdAt", "createdAtClient", "updatedAt"),
        *("updatedAtClient", "orgUnit", "inactive", "deleted", "potentialDuplicate", "geometry"),
        *("latitude", "longitude", "storedBy", "createdBy", "updatedBy", "attrCreatedAt"),
        *("attrUpdatedAt", "attribute", "displayName", "value", "valueType"),
    ),
    "events": (
        *("event", "status", "program", "programStage", "enrollment", "orgUnit", "orgUnitName"),
        *("occurredAt", "scheduledAt", "latitude", "longitude", "followup", "deleted"),
        *("createdAt", "createdAtClient", "updatedAt", "updatedAtClient", "completedBy"),
        *("completedAt", "updatedBy", "attributeOptionCombo", "attributeCategoryOptions"),
        *("assignedUser", "dataElement", "value", "storedBy", "providedElsewhere", "geometry"),
        *("createdAtDataValue", "updatedAtDataValue"),
    ),
}
_NEGATIVE = re.compile(r"-\d+(\.\d+)?")
# What is shown of a row's values, under the names that its columns have.
_VALUES = {
    "trackedEntities": (
        "attributes",
        {
            "attribute": "attribute",
            "displayName": "displayName",
            "value": "value",
            "valueType": "valueType",
            "createdAt": "attrCreatedAt",
            "updatedAt": "attrUpdatedAt",
        },
    ),
    "events": (
        "dataValues",
        {
            "dataElement": "dataElement",
            "value": "value",
            "storedBy": "storedBy",
            "providedElsewhere": "providedElsewhere",
            "createdAt": "createdAtDataValue",
            "updatedAt": "updatedAtDataValue",
        },
    ),
}


def wanted(request: Request) -> bool:
    """Whether the client asks for text, by the address or by what it accepts."""
    return request.url.path.endswith(".csv") or "/csv" in request.headers.get("accept", "")


def answer(request: Request, name: str, bodies: list[Body]) -> Response:
    """The records as a file; a value a row, and a record without values has one row."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS[name], extrasaction="ignore", lineterminator="\n")
    if not flag(request, "skipHeader"):
        writer.writeheader()
    for body in bodies:
        writer.writerows(
            {key: _cell(value) for key, value in row.items()} for row in _rows(name, body)
        )
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    return Response(text.getvalue(), media_type="text/csv", headers=headers)


def _cell(value: Any) -> Any:
    """The value as no spreadsheet runs it; values are texts here, and a negative number is harmless."""
    if not isinstance(value, str) or _NEGATIVE.fullmatch(value):
        return value
    return safe(value)


def _rows(name: str, body: Body) -> Iterator[Body]:
    listed, names = _VALUES[name]
    row = {key: _told(key, value) for key, value in body.items()}
    row["followup"] = _told("", body.get("followUp", False))
    geometry = body.get("geometry") or {}
    if geometry.get("type") == "Point":
        row["longitude"], row["latitude"] = geometry["coordinates"][:2]
    for each in body.get(listed) or [{}]:
        yield {
            **row,
            **{column: _told(key, each.get(key)) for key, column in names.items() if each},
        }


def _told(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if key.endswith(("At", "AtClient")):
        return _instant(str(value)) if value else ""
    if key == "geometry" and isinstance(value, dict):
        return f"{str(value['type']).upper()} {_points(value['coordinates'])}"
    if isinstance(value, dict):
        return str(value.get("username") or "")
    return "" if value is None else str(value)


def _instant(text: str) -> str:
    """A moment as an instant of the world's clock."""
    at = datetime.fromisoformat(text).replace(tzinfo=OSLO).astimezone(UTC)
    whole = "seconds" if not at.microsecond else "milliseconds"
    return at.replace(tzinfo=None).isoformat(timespec=whole) + "Z"


def _points(nested: Any) -> str:
    if nested and isinstance(nested[0], list):
        within = (
            _points(each) if isinstance(each[0], list) else " ".join(map(str, each[:2]))
            for each in nested
        )
        return f"({', '.join(within)})"
    return f"({' '.join(map(str, nested[:2]))})"
