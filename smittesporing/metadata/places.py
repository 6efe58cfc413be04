"""Org units as they come in metadata: locked, left alone, added, changed or taken away.

The true columns are access's and written through it; this file only decides what a unit's JSON means.
Units of Kartverket's register are never changed by an import (decision 11). Called by exchange.py,
withdraw.py, the API and the page where a kommune adds its own units.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from smittesporing.access import local_units, org_units
from smittesporing.access.local_units import ADD, DELETE, MOVE, Said, governs, is_locked_below
from smittesporing.access.org_units import OrgUnit, OrgUnits
from smittesporing.access.reach import Reach
from smittesporing.database import Connection
from smittesporing.metadata import check_values, store
from smittesporing.metadata.forms import reference
from smittesporing.metadata.incoming import Item, own
from smittesporing.metadata.kinds import KINDS
from smittesporing.metadata.report import Refusal
from smittesporing.metadata.snapshot import Body, Metadata

DEEPEST = 8
_COLUMNS = ("name", "shortName", "code", "openingDate", "closedDate", "geometry", "parent")
_NOT_KEPT = frozenset(
    (
        *_COLUMNS,
        *("id", "path", "level", "created", "createdBy", "lastUpdated", "lastUpdatedBy", "sharing"),
        *("programs", "organisationUnitGroups", "groupSets", "type", "featureType", "uuid"),
    )
)


def settle(
    connection: Connection,
    item: Item,
    coming: Mapping[str, Item],
    before: Metadata,
    reach: Reach | None,
    strategy: str,
) -> None:
    """Refuse the unit, or leave it to be written; a known one that is unchanged needs nothing.

    Shape   coming holds the units of the same import by uid, so that a team may arrive with its
            bydel. `known` is what the unit is now.
    """
    units = org_units.current(connection)
    known = before.get("organisationUnits", item.uid)
    unit = units.by_uid.get(item.uid)
    if known is not None and strategy == "CREATE":
        item.refusals.append(Refusal("E5000", (item.uid,)))
        return
    if known is None and strategy == "UPDATE":
        item.refusals.append(Refusal("E5001", (item.uid,)))
        return
    if unit is not None and unit.official:
        if differs(item.body, known or {}, stated_only=True):
            item.refusals.append(Refusal("T005", (item.uid,)))
        elif known is not None:
            # What the object leaves out of a unit of the register is not gone from it.
            item.body = dict(known)
        return
    for name in ("name", "shortName", "openingDate"):
        if not item.body.get(name):
            item.refusals.append(Refusal("E4000", (name,), name))
    item.refusals.extend(check_values.values("organisationUnits", item.body))
    above, depth = _above(item, coming, units, item.refusals)
    if depth > DEEPEST:
        item.refusals.append(Refusal("E4027", (f"more than {DEEPEST} levels",), "parent"))
    if is_locked_below(above):
        item.refusals.append(Refusal("T005", (item.uid,)))
    try:
        if not item.refusals:
            said = said_of(item.body, units)
            if said.valid_to is not None and said.valid_to < said.valid_from:
                ends = (str(said.valid_to), str(said.valid_from))
                item.refusals.append(Refusal("E4013", ends, "closedDate"))
    except (ValueError, TypeError) as fault:
        item.refusals.append(Refusal("E4027", (str(fault),)))
        return
    if reach is not None and not item.refusals:
        item.refusals += _rights(reach, item, unit, known, above, units)


def _rights(
    reach: Reach,
    item: Item,
    unit: OrgUnit | None,
    known: Body | None,
    above: OrgUnit | None,
    units: OrgUnits,
) -> list[Refusal]:
    if unit is None:
        may = governs(reach, above, ADD)
        return [] if may else [Refusal("E3000", (reach.username, "organisationUnits"))]
    if not differs(item.body, known or {}):
        return []
    if not governs(reach, unit, ADD):
        return [Refusal("E3001", (reach.username, item.uid))]
    if reference(item.body, "parent") == reference(known or {}, "parent"):
        return []
    old = units.by_id[unit.parent] if unit.parent is not None else None
    if governs(reach, old, MOVE) and governs(reach, above, MOVE):
        return []
    return [Refusal("E1521", (reach.username, item.uid), "parent")]


def _above(
    item: Item, coming: Mapping[str, Item], units: OrgUnits, refusals: list[Refusal]
) -> tuple[OrgUnit | None, int]:
    """The nearest unit above that is there already, and how deep the new one comes to lie."""
    above, passed = reference(item.body, "parent"), {item.uid}
    steps = 1
    while (
        above is not None and above in coming and above not in units.by_uid and above not in passed
    ):
        passed.add(above)
        above = reference(coming[above].body, "parent")
        steps += 1
    if above is None:
        return None, steps
    found = units.by_uid.get(above)
    if found is None or item.uid in {units.by_id[each].uid for each in found.ancestors}:
        refusals.append(Refusal("E5002", (above, "OrganisationUnit", item.uid, "parent"), "parent"))
        return None, steps
    return found, found.level + steps


def differs(
    body: Mapping[str, Any], known: Mapping[str, Any], *, stated_only: bool = False
) -> bool:
    """Whether the object says anything else of the unit than what it is.

    stated_only  what the object does not mention is as it was; otherwise it is gone.
    """
    names = [name for name in (*_COLUMNS, *body) if name in _COLUMNS or name not in _NOT_KEPT]
    if not stated_only:
        names += [name for name in known if name not in _NOT_KEPT and name not in _COMPUTED]
    return any(
        _plain(name, body.get(name)) != _plain(name, known.get(name))
        for name in dict.fromkeys(names)
        if not (stated_only and name not in body)
    )


def is_as_it_was(item: Item) -> bool:
    """Whether nothing is to be written of a known unit: it is the register's, or says nothing new."""
    return item.known is not None and not differs(item.body, item.known)


_COMPUTED = frozenset(("leaf", "children", "ancestors"))


def _plain(name: str, value: Any) -> Any:
    if name in ("openingDate", "closedDate") and isinstance(value, str):
        return value[:10]
    if name == "parent" and isinstance(value, Mapping):
        return value.get("id")
    return None if value in ("", [], {}) else value


def said_of(body: Mapping[str, Any], units: OrgUnits) -> Said:
    """What the JSON says of the unit. Errors  ValueError for a date that is none."""
    above = units.by_uid.get(reference(dict(body), "parent") or "")
    closed = body.get("closedDate")
    geometry = body.get("geometry")
    opened, ends = _day(body.get("openingDate")), _day(closed) if closed else None
    if geometry is not None and not isinstance(geometry, Mapping):
        raise ValueError("geometry is not an object")
    return Said(
        name=str(body.get("name") or "").strip()[:230],
        short_name=str(body["shortName"])[:50] if body.get("shortName") else None,
        code=str(body["code"]) if body.get("code") else None,
        valid_from=opened,
        valid_to=ends,
        geometry=geometry,
        extra={k: v for k, v in body.items() if k not in _NOT_KEPT and k not in _COMPUTED},
        parent=above.id if above else None,
    )


def _day(value: Any) -> date:
    if not isinstance(value, str):
        raise ValueError("a date is written as text")
    # A year or a month stands for its first day.
    text = value[:10] + {4: "-01-01", 7: "-01"}.get(len(value), "")
    return date.fromisoformat(text)


def write(connection: Connection, items: Iterable[Item], by: str) -> None:
    """Write the units that are new or changed, parents first."""
    placed = list(items)
    waiting = {item.uid: item for item in placed if item.known is None}
    while waiting:
        ready = [item for item in waiting.values() if reference(item.body, "parent") not in waiting]
        for item in ready:
            del waiting[item.uid]
            units = org_units.current(connection)
            said = said_of(item.body, units)
            made = org_units.add(connection, said.parent, said.name, by, said.code, item.uid)
            local_units.change(connection, made, said, by)
        if not ready:
            raise ValueError("org units lie below each other in a ring")
    for item in placed:
        if item.known is not None:
            units = org_units.current(connection)
            said = said_of(item.body, units)
            local_units.change(connection, units.by_uid[item.uid], said, by)


def settle_leaving(connection: Connection, item: Item, reach: Reach | None) -> None:
    """Refuse to take away a unit of the register, one with others below it, or one with records."""
    units = org_units.current(connection)
    unit = units.by_uid[item.uid]
    if unit.official:
        item.refusals.append(Refusal("T005", (item.uid,)))
    elif reach is not None and not governs(reach, unit, DELETE):
        item.refusals.append(Refusal("E3002", (reach.username, item.uid)))
    elif units.children(unit.id):
        item.refusals.append(Refusal("E4030", ("OrganisationUnit",)))
    elif local_units.is_used(connection, unit):
        item.refusals.append(Refusal("E4030", ("records",)))


def remove(connection: Connection, uids: Collection[str], by: str) -> None:
    """Take these units away, out of programs and groups as well."""
    units = org_units.current(connection)
    for uid in uids:
        local_units.remove(connection, units.by_uid[uid], by)
    if uids:
        let_succeed(connection, frozenset(uids), ())


def let_succeed(connection: Connection, gone: Collection[str], heirs: Iterable[str]) -> None:
    """Put the heirs in the place of units that are gone, wherever configuration lists them."""
    after = [{"id": uid} for uid in heirs]
    before = store.current(connection)
    rows = []
    for kind in KINDS.values():
        if kind.plural == "users" or "organisationUnits" not in kind.properties:
            continue
        for body in before.of(kind.plural).values():
            listed = body.get("organisationUnits") or ()
            if any(each.get("id") in gone for each in listed):
                kept = [each for each in listed if each.get("id") not in gone]
                kept += [each for each in after if each not in kept]
                whole = {**own(kind.plural, body), "organisationUnits": kept}
                rows.append(store.Row(kind.plural, whole))
    if rows:
        store.put(connection, rows)
        store.touch(connection)


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
