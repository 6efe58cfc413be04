"""Org units as they come in metadata: locked, left alone, or added below a kommune.

The true columns are access's and written through it; this file only decides what an imported unit
means. Units of Kartverket's register are never changed by an import (decision 11). Called by
exchange.py and by the page where a kommune adds its own units.
"""

from __future__ import annotations

from smittesporing.access import org_units
from smittesporing.access.reach import Reach
from smittesporing.database import Connection
from smittesporing.metadata import store
from smittesporing.metadata.forms import reference
from smittesporing.metadata.incoming import Item, own
from smittesporing.metadata.report import Refusal
from smittesporing.metadata.snapshot import Body, Metadata

_COMPARED = ("name", "code")


def settle(item: Item, coming: dict[str, Item], before: Metadata, reach: Reach | None) -> None:
    """Refuse the unit, or leave it to be added; a known one that is unchanged needs nothing.

    Shape   coming holds the units of the same import by uid, so that a team may arrive with its
            bydel.
    """
    if item.known is not None:
        same = all(item.body.get(name) == item.known.get(name) for name in _COMPARED)
        moved = "parent" in item.body and item.body["parent"] != item.known.get("parent")
        if not same or moved:
            item.refusals.append(Refusal("T005", (item.uid,)))
        return
    if reach is not None and not reach.superuser:
        item.refusals.append(Refusal("E3000", (reach.username, "organisationUnits")))
        return
    for name in ("name", "shortName", "openingDate"):
        if not item.body.get(name):
            item.refusals.append(Refusal("E4000", (name,), name))
    above, passed = reference(item.body, "parent"), {item.uid}
    while above in coming and above not in passed:
        passed.add(above)
        above = reference(coming[above].body, "parent")
    known = before.get("organisationUnits", above) if above else None
    # Norge, fylker and kommuner are the register's to add: a new unit stands below a kommune.
    if known is None or int(known["level"]) < org_units.KOMMUNE_LEVEL:
        item.refusals.append(Refusal("T005", (item.uid,)))


def add(connection: Connection, items: list[Item], by: str) -> None:
    """Write the new units, parents first."""
    waiting = {item.uid: item for item in items if item.known is None}
    while waiting:
        ready = [item for item in waiting.values() if reference(item.body, "parent") not in waiting]
        for item in ready:
            del waiting[item.uid]
            parent = org_units.current(connection).by_uid[reference(item.body, "parent") or ""]
            code = item.body.get("code")
            org_units.add(connection, parent.id, item.body["name"], by, code, item.uid)


def assign_like_parent(connection: Connection, uid: str) -> int:
    """Assign a new org unit to the programs its parent is assigned to; how many they were.

    Called where a kommune's administrator has added a bydel or a team, in the same transaction, so
    that enrolling there works at once.
    """
    units = org_units.current(connection)
    unit = units.by_uid[uid]
    if unit.parent is None:
        return 0
    above = units.by_id[unit.parent].uid
    before = store.current(connection)
    rows = [
        store.Row("programs", _with_unit(before.of("programs")[program.uid], uid))
        for program in before.programs.values()
        if program.serves(above) and not program.serves(uid)
    ]
    if rows:
        store.put(connection, rows)
        store.touch(connection)
    return len(rows)


def _with_unit(program: Body, uid: str) -> Body:
    body = own("programs", program)
    return {
        **body,
        "organisationUnits": [*body.get("organisationUnits", []), {"id": uid}],
        "version": int(body.get("version") or 0) + 1,
    }
