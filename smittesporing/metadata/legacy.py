"""Payloads of older DHIS2 versions made into the keys of today, before anything is read of them.

Charts, pivot tables and event reports became visualizations and event visualizations; rows that older
exports hold beside the objects they belong to go back to their place. Keys nobody has use for any
more are passed over by the reader. Called by incoming.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smittesporing.metadata.normalise import ROWS_ALONE, WITH_IDS

Json = Mapping[str, Any]

# Old key → (today's key, what the old one's `type` is called when it states none).
_DRAWN = {
    "charts": ("visualizations", "COLUMN"),
    "reportTables": ("visualizations", "PIVOT_TABLE"),
    "eventReports": ("eventVisualizations", "PIVOT_TABLE"),
    "eventCharts": ("eventVisualizations", "COLUMN"),
}
_SHOWN_BY = {
    "chart": "visualization",
    "reportTable": "visualization",
    "eventChart": "eventVisualization",
    "eventReport": "eventVisualization",
}
_ITEM_TYPES = {
    "CHART": "VISUALIZATION",
    "REPORT_TABLE": "VISUALIZATION",
    "EVENT_CHART": "EVENT_VISUALIZATION",
    "EVENT_REPORT": "EVENT_VISUALIZATION",
}


def modern(payload: Json) -> Json:
    """The payload under today's keys; the one given is not changed."""
    found = dict(payload)
    for old, (new, type_) in _DRAWN.items():
        drawn = payload.get(old)
        if not isinstance(drawn, list):
            continue
        kept = found.get(new)
        kept = list(kept) if isinstance(kept, list) else []
        # Exports between 2.34 and 2.41 state the same drawing under both keys; today's is the whole one.
        stated = {each.get("id") for each in kept if isinstance(each, Mapping)}
        for each in drawn:
            if isinstance(each, Mapping) and each.get("id") not in stated:
                stated.add(each.get("id"))
                kept.append(_drawing(each, type_))
        found[new] = kept
    apart = _rows_apart(payload)
    dashboards = found.get("dashboards")
    if isinstance(dashboards, list):
        found["dashboards"] = [
            _dashboard(_with_rows(each, apart)) if isinstance(each, Mapping) else each
            for each in dashboards
        ]
    if apart:
        for plural, bodies in found.items():
            if plural != "dashboards" and isinstance(bodies, list):
                found[plural] = [
                    _with_rows(each, apart) if isinstance(each, Mapping) else each
                    for each in bodies
                ]
    return found


def _drawing(given: Json, type_: str) -> Json:
    body = {"type": type_, **given}
    if given.get("dataType") == "EVENTS" and "type" not in given:
        body["type"] = "LINE_LIST"
    # A chart had one series and one category where a drawing has lists of columns and rows.
    for old, new in (("series", "columnDimensions"), ("category", "rowDimensions")):
        if isinstance(given.get(old), str):
            body.setdefault(new, [given[old]])
            del body[old]
    if isinstance(given.get("legendSet"), Mapping):
        body.setdefault(
            "legend",
            {
                "set": {"id": given["legendSet"].get("id")},
                "strategy": given.get("legendDisplayStrategy", "FIXED"),
                "style": given.get("legendDisplayStyle", "FILL"),
            },
        )
        del body["legendSet"]
    return body


def _dashboard(given: Json) -> Json:
    items = given.get("dashboardItems")
    if not isinstance(items, list):
        return given
    return {
        **given,
        "dashboardItems": [_item(each) if isinstance(each, Mapping) else each for each in items],
    }


def _item(given: Json) -> Json:
    item = {_SHOWN_BY.get(name, name): value for name, value in given.items()}
    if item.get("type") in _ITEM_TYPES:
        item["type"] = _ITEM_TYPES[item["type"]]
    return item


def _rows_apart(payload: Json) -> dict[str, dict[str, Json]]:
    """The rows that exports hold beside the objects they belong to, by property and id."""
    return {
        name: {
            str(row["id"]): row for row in payload[name] if isinstance(row, Mapping) and "id" in row
        }
        for name in (*WITH_IDS, *ROWS_ALONE)
        if isinstance(payload.get(name), list)
    }


def _with_rows(given: Json, apart: Mapping[str, Mapping[str, Json]]) -> Json:
    """The object with such rows back in their place, where it has only their ids."""
    filled: dict[str, Any] = {}
    for name, rows in apart.items():
        listed = given.get(name)
        if isinstance(listed, list):
            filled[name] = [
                {**rows.get(str(row.get("id")), {}), **row} if isinstance(row, Mapping) else row
                for row in listed
            ]
    return {**given, **filled} if filled else given
