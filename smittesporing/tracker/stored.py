"""How values lie in the tables, and what differs between two states of a record.

A value is `{"value": …}`; one that was changed later also says when and by whom, the others are as
old as their record. Confidential values are sealed. Called by persist and read.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from smittesporing.access.work import Work
from smittesporing.metadata.snapshot import Metadata
from smittesporing.tracker.confidential import seal, unseal
from smittesporing.tracker.moments import stamp
from smittesporing.tracker.records import Values

# Value types one may search inside.
_SEARCHED = frozenset(("TEXT", "LONG_TEXT", "PHONE_NUMBER", "EMAIL", "LETTER", "USERNAME"))

Stored = dict[str, dict[str, Any]]


class _Working(Protocol):
    @property
    def work(self) -> Work: ...


def new_values(metadata: Metadata, key: bytes, values: Mapping[str, str]) -> Stored:
    """The attribute values of a new person."""
    attributes = metadata.attributes
    return {
        uid: {"value": seal(key, uid, value) if attributes[uid].confidential else value}
        for uid, value in values.items()
    }


def updated_values(
    metadata: Metadata | None,
    key: bytes,
    stored: Stored,
    sent: Values,
    now: datetime,
    created_at: datetime,
    writer: _Working,
) -> tuple[Stored, Stored, Stored]:
    """The values as they will be, and what was and what comes where they differ.

    Shape   `metadata` is None for data values, which are never sealed. A value sent empty is
            taken away; one that is not sent stays.
    """
    values: Stored = dict(stored)
    before: Stored = {}
    after: Stored = {}
    for uid, value in sent.items():
        old = stored.get(uid)
        sealed = metadata is not None and metadata.attributes[uid].confidential
        plain = unseal(key, uid, old["value"]) if old and sealed else old and old["value"]
        if (value or None) == plain:
            continue
        if old is not None:
            before[uid] = {"value": old["value"]}
        if not value:
            del values[uid]
            after[uid] = {"value": None}
            continue
        held = seal(key, uid, value) if sealed else value
        after[uid] = {"value": held}
        values[uid] = {
            "value": held,
            "createdAt": old.get("createdAt", stamp(created_at)) if old else stamp(now),
            "updatedAt": stamp(now),
            "storedBy": writer.work.reach.username,
        }
    return values, before, after


def searchable(metadata: Metadata, values: Mapping[str, str]) -> str:
    """The text in which one searches for a person: a line for each value, lower case."""
    attributes = metadata.attributes
    lines = [
        value.lower()
        for uid, value in values.items()
        if (attribute := attributes.get(uid)) is not None
        and attribute.value_type in _SEARCHED
        and attribute.option_set is None
        and not attribute.confidential
    ]
    return "\n" + "\n".join(lines) + "\n" if lines else ""


def changed(
    old: Mapping[str, Any], new: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields of `new` that differ, as they were and as they will be."""
    names = [name for name, value in new.items() if old[name] != value]
    return {name: old[name] for name in names}, {name: new[name] for name in names}
