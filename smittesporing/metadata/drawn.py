"""What a drawing says twice: its axes, and the lists of dimensions that DHIS2 derives from them.

Exports carry the lists, apps write the axes and read both. Called by normalise.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Body = dict[str, Any]
_AXES = {"columns": "COLUMN", "rows": "ROW", "filters": "FILTER"}
# Dimensions that are no object: times, states and persons of what is listed.
_SIMPLE = frozenset(
    (
        *("eventDate", "enrollmentDate", "incidentDate", "scheduledDate", "lastUpdated", "created"),
        *("completed", "eventStatus", "programStatus", "createdBy", "lastUpdatedBy"),
    )
)


def completed(plural: str, body: Body) -> Body:
    """The drawing with one sort order a dimension and, for lists of events, what its axes say."""
    sorting = body.get("sorting")
    if isinstance(sorting, list):
        first: dict[str, Any] = {}
        for row in sorting:
            first.setdefault(str(row.get("dimension") if isinstance(row, Mapping) else row), row)
        body = {**body, "sorting": list(first.values())}
    if plural != "eventVisualizations":
        return body
    axes = list(_dimensions(body))
    if not axes:
        return body
    simple = [
        {**_about(parent, each), "values": _values(each)}
        for parent, each in axes
        if each["dimension"] in _SIMPLE
    ]
    repeated = [
        {**_about(parent, each), "indexes": list(each["repetition"]["indexes"])}
        for parent, each in axes
        if isinstance(each.get("repetition"), Mapping)
        and isinstance(each["repetition"].get("indexes"), list)
    ]
    return {**body, "simpleDimensions": simple, "repetitions": repeated}


def _dimensions(body: Body) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for axis, parent in _AXES.items():
        rows = body.get(axis)
        for each in rows if isinstance(rows, list) else ():
            if isinstance(each, Mapping) and isinstance(each.get("dimension"), str):
                yield parent, each


def _about(parent: str, dimension: Mapping[str, Any]) -> Body:
    said: Body = {"parent": parent, "dimension": dimension["dimension"]}
    for name in ("program", "programStage"):
        pointed = dimension.get(name)
        if isinstance(pointed, Mapping) and isinstance(pointed.get("id"), str):
            said[name] = pointed["id"]
    return said


def _values(dimension: Mapping[str, Any]) -> list[str]:
    items = dimension.get("items")
    return [
        str(each["id"])
        for each in (items if isinstance(items, list) else ())
        if isinstance(each, Mapping) and each.get("id")
    ]
