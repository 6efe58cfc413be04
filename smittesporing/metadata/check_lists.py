"""What must hold for saved lists: the criteria by which Capture and Android find people and events.

Called by exchange.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from smittesporing.metadata.report import Refusal

Body = dict[str, Any]
Objects = Mapping[str, Mapping[str, Body]]

# Kind of list → where its criteria stand.
CRITERIA = {
    "trackedEntityInstanceFilters": "entityQueryCriteria",
    "programStageWorkingLists": "programStageQueryCriteria",
    "eventFilters": "eventQueryCriteria",
}
_WANTS_A_UNIT = frozenset(("SELECTED", "DESCENDANTS", "CHILDREN"))


def saved_list(plural: str, body: Body, objects: Objects) -> Iterator[Refusal]:
    """What the list's criteria lack, or name that is not there."""
    criteria = body.get(CRITERIA[plural])
    if not isinstance(criteria, Mapping):
        return
    for name, value in criteria.items():
        yield from _period(name, value)
    if criteria.get("assignedUserMode") == "PROVIDED" and not criteria.get("assignedUsers"):
        yield Refusal("E4063", (), "assignedUsers")
    unit = criteria.get("orgUnit") or criteria.get("organisationUnit")
    if unit and str(unit) not in objects["organisationUnits"]:
        yield Refusal("E7500", (str(unit),), "organisationUnit")
    elif not unit and criteria.get("ouMode") in _WANTS_A_UNIT:
        yield Refusal("E4064", (str(criteria["ouMode"]),), "ouMode")
    for rows, name, plural_, missing, unknown in (
        ("dataFilters", "dataItem", "dataElements", "E4065", "E4066"),
        ("attributeValueFilters", "attribute", "trackedEntityAttributes", "E4067", "E4068"),
    ):
        given = criteria.get(rows)
        for row in given if isinstance(given, list) else ():
            if not isinstance(row, Mapping):
                continue
            about = row.get(name)
            if not about:
                yield Refusal(missing, (), name)
            elif str(about) not in objects[plural_]:
                yield Refusal(unknown, (str(about),), name)
            yield from _period(str(about), row.get("dateFilter"))


def _period(name: str, value: Any) -> Iterator[Refusal]:
    if not isinstance(value, Mapping) or value.get("type") != "ABSOLUTE":
        return
    if not value.get("startDate") and not value.get("endDate"):
        yield Refusal("E4062", (name,), name)
