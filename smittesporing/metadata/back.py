"""The way back to an earlier version: what it puts back, takes away and must keep.

Goes by the draft, so that it is checked, tried and published like any change. What data may use is never
taken away: a question stays in its stage, outside the form, and an answer is closed. Who has access stays
as it is today. Called by the configuration's pages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from smittesporing.access.reach import Reach
from smittesporing.database import Connection
from smittesporing.metadata import draft, store, versions
from smittesporing.metadata.forms import reference
from smittesporing.metadata.incoming import own
from smittesporing.metadata.options import CLOSED
from smittesporing.metadata.snapshot import Body, Metadata

Key = tuple[str, str]

# What holds no data by itself, and may go.
WITHOUT_DATA = frozenset(
    (
        *("programRules", "programRuleActions", "programRuleVariables"),
        *("programIndicators", "programIndicatorGroups", "indicators", "indicatorGroups"),
        *("programStageSections", "programSections", "constants"),
    )
)
# Lists of questions, each with what a row is about: rows that have come since are kept.
_ROWS = {
    "programStageDataElements": "dataElement",
    "programTrackedEntityAttributes": "trackedEntityAttribute",
    "trackedEntityTypeAttributes": "trackedEntityAttribute",
}
_STAYS = ("sharing", "organisationUnits")


@dataclass(slots=True)
class Back:
    """What going back does: objects put back, taken away, closed, and kept as they are."""

    put: dict[Key, Body] = field(default_factory=dict)
    removed: list[Key] = field(default_factory=list)
    closed: dict[Key, Body] = field(default_factory=dict)
    kept: list[Key] = field(default_factory=list)


def way_back(
    connection: Connection, number: int, visible: Callable[[str, Body], bool] = lambda *_: True
) -> Back:
    """What differs between now and then, as what must be done about it; nothing is written.

    visible  whether one who goes back may see such an object; what she may not see stays as it is
    """
    now = store.current(connection)
    back = Back()
    for change in versions.between(connection, versions.newest(connection), number):
        key = (change.plural, change.uid)
        if not visible(change.plural, change.before or change.body):
            continue
        if change.after is not None:
            back.put[key] = _put_back(change.plural, change.before, change.after)
        elif change.plural in WITHOUT_DATA:
            back.removed.append(key)
        elif change.plural == "options" and (marker := _marker(now)):
            back.closed[key] = _closed(change.before or {}, marker)
        else:
            back.kept.append(key)
    return back


def into_draft(connection: Connection, reach: Reach, back: Back) -> None:
    """Lay it in the draft; what it says of an object takes the place of what stood there."""
    for key, body in {**back.put, **back.closed}.items():
        draft.add(connection, reach, key[0], body)
    for key in back.removed:
        draft.remove(connection, reach, *key)


def _put_back(plural: str, now: Body | None, then: Body) -> Body:
    body = {**then}
    if now is None:
        return body
    for name in _STAYS:
        if name in now:
            body[name] = now[name]
    for name, through in _ROWS.items():
        if name not in now:
            continue
        rows = list(body.get(name) or ())
        known = {reference(row, through) for row in rows if isinstance(row, Mapping)}
        rows += [
            {**row, "compulsory": False, "sortOrder": len(rows) + at}
            if name == "programStageDataElements"
            else {**row, "mandatory": False}
            for at, row in enumerate(now[name], start=1)
            if isinstance(row, Mapping) and reference(row, through) not in known
        ]
        body[name] = rows
    return own(plural, body)


def _marker(metadata: Metadata) -> str:
    return str((metadata.by_code("attributes", CLOSED) or {}).get("id", ""))


def _closed(body: Body, marker: str) -> Body:
    marked = {"attribute": {"id": marker}, "value": "true"}
    others = [e for e in body.get("attributeValues") or () if reference(e, "attribute") != marker]
    return {**body, "attributeValues": [*others, marked]}
