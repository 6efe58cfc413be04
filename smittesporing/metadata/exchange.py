"""DHIS2 metadata JSON in and out: the only writer of configuration.

An import is read, made into our form, checked as a whole and then written in one transaction, or not
at all. Keeps DHIS2's promises: references resolve within the payload or what is stored, an
update replaces the whole object, a second import creates nothing. Called by web/api/metadata.py,
install.py and tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from smittesporing.access import users
from smittesporing.access.reach import Reach
from smittesporing.database import Connection
from smittesporing.metadata import (
    check,
    check_lists,
    check_rules,
    combos,
    owned,
    places,
    roles,
    store,
    versions,
)
from smittesporing.metadata.arriving import Users
from smittesporing.metadata.check_attributes import Attributes
from smittesporing.metadata.forms import references
from smittesporing.metadata.incoming import Item, Manner, fill_in, own, read, report
from smittesporing.metadata.kinds import DEFAULT_UIDS, KINDS
from smittesporing.metadata.normalise import Body, no_wider, shared, unstated
from smittesporing.metadata.report import Refusal, Report
from smittesporing.metadata.sharing import sharing
from smittesporing.metadata.snapshot import Metadata
from smittesporing.metadata.withdraw import withdraw
from smittesporing.problems import Refused

# Raised when the object itself or one of these below it changes, so that clients read it anew.
_COUNTED_WITH = {
    "options": (("optionSet", "optionSets"),),
    "programStages": (("program", "programs"),),
    "programSections": (("program", "programs"),),
    "programRules": (("program", "programs"),),
    "programRuleVariables": (("program", "programs"),),
    "programIndicators": (("program", "programs"),),
}


# Working lists, which those who work with people save for themselves.
ONES_OWN = frozenset(("trackedEntityInstanceFilters", "programStageWorkingLists", "eventFilters"))
# Users and org units, where each object asks who governs it.
_GOVERNED = frozenset(("users", "organisationUnits"))


def may_write(reach: Reach, plural: str = "") -> bool:
    """Whether she may change configuration: KS' product owner and superusers, anybody her own lists."""
    return reach.may("metadata") or plural in ONES_OWN


def may_change(body: Body, reach: Reach | None) -> bool:
    """Whether sharing lets her change this very object; the installation itself may."""
    return reach is None or sharing(body).changes(reach)


def import_metadata(
    connection: Connection,
    payload: Mapping[str, Any],
    reach: Reach | None,
    manner: Manner | None = None,
) -> Report:
    """Take in a DHIS2 metadata payload, in the caller's transaction.

    Shape   Keys that name no kind we keep (`package`, `system`, `date`, legacy ones) are passed
            over. Under atomic ALL one refusal leaves everything as it was; the report tells all.
    Who     reach None is the installation itself; anybody else needs the action "metadata", save for
            working lists, which are private to who makes them, and users and org units, where
            each object asks who governs it.
    Errors  `Refused` T002 when she may not write; everything about the objects is in the report.
    """
    asked_apart = bool(payload) and (ONES_OWN | _GOVERNED).issuperset(payload)
    if reach is not None and not may_write(reach) and not asked_apart:
        raise Refused("T002", status=403)
    manner = manner or Manner()
    # Imports wait for each other: both would otherwise check against a picture about to change.
    connection.execute("select version from metadata.state for update")
    versions.made_by(connection, reach.user if reach is not None else None)
    before = store.current(connection)
    items = read(payload, before, manner)
    if manner.strategy == "DELETE":
        leaving = Users(connection, (), before, reach)
        changes = partial(may_change, reach=reach)
        return withdraw(connection, items, before, manner, changes, leaving)
    fill_in(items)
    owned.order_options(items, before)
    author = reach.user if reach is not None else None
    coming = {
        item.uid: item
        for item in items
        if item.plural == "organisationUnits" and before.get(item.plural, item.uid) is None
    }
    for item in items:
        item.known = before.get(item.plural, item.uid)
        if item.plural == "organisationUnits" and not item.refusals:
            places.settle(connection, item, coming, before, reach, manner.strategy)
        elif not item.refusals and item.plural != "users":
            _settle(item, reach, manner)
    owned.number(items, before)
    arriving = Users(connection, items, before, reach)
    for item in items:
        if item.plural == "users" and not item.refusals:
            arriving.settle(item, manner)
    _refuse_twice(items)
    after = {plural: dict(before.of(plural)) for plural in KINDS}
    for item in items:
        if not item.refusals:
            after[item.plural][item.uid] = item.body
    if not manner.skip_validation:
        _refuse_clashing(connection, items, before, after)
    _refuse_dangling(items, before, after, manner)
    written = _fates(items, manner)
    if manner.mode == "COMMIT" and written:
        placed = [item for item in written if item.plural == "organisationUnits"]
        places.write(connection, placed, author or "")
        rows = [
            store.Row(item.plural, item.body)
            for item in written
            if item.plural not in ("organisationUnits", "users")
        ]
        made = [store.Row("categoryOptionCombos", body) for body in combos.lacking(written, after)]
        moved = [
            store.Row(plural, body) for (plural, _), body in owned.moved(written, before).items()
        ]
        store.put(connection, [*rows, *made, *moved, *_counted(written, before)])
        store.touch(connection)
        for item in written:
            if item.plural == "userGroups" and "users" in item.body:
                members = frozenset(references(item.body, "users"))
                users.set_group(connection, item.uid, members)
        arriving.write([item for item in written if item.plural == "users"], author)
    return report(items, manner)


def export_metadata(
    metadata: Metadata, plurals: Iterable[str] | None = None
) -> dict[str, list[Body]]:
    """All configuration as a payload that imports again, org units among it."""
    wanted = list(plurals) if plurals is not None else [*KINDS]
    return {plural: bodies for plural in wanted if (bodies := list(metadata.of(plural).values()))}


def _settle(item: Item, reach: Reach | None, manner: Manner) -> None:
    """Decide create or update, and complete the object with what it keeps from before."""
    kind, known = KINDS[item.plural], item.known
    author = reach.user if reach is not None else None
    if known is None and manner.strategy == "UPDATE":
        item.refusals.append(Refusal("E5001", (item.uid,)))
        return
    if known is not None and manner.strategy == "CREATE":
        item.refusals.append(Refusal("E5000", (item.uid,)))
        return
    if known is not None and kind.shareable and not may_change(known, reach):
        item.refusals.append(Refusal("E3001", (reach.username if reach else "", item.uid)))
        return
    item.refusals.extend(check.form(kind, item.body))
    item.refusals.extend(owned.homeless(item))
    if item.plural == "userRoles" and reach is not None:
        item.refusals.extend(roles.settle(item.body, known, reach))
    stated = None if manner.skip_sharing else shared(item.plural, item.given, author)
    if kind.shareable:
        kept = known.get("sharing") if known else None
        given = stated or kept or unstated(item.plural, author)
        widens = reach is None or may_write(reach)
        item.body["sharing"] = given if widens else no_wider(given, kept, author)
    if manner.skip_translation:
        item.body.pop("translations", None)
        if known is not None and "translations" in known:
            item.body["translations"] = known["translations"]
    if known is not None:
        item.body["created"] = known["created"]
        if "createdBy" in known:
            item.body["createdBy"] = known["createdBy"]
        if item.plural == "programs" and "organisationUnits" in known:
            # Packages come without org units; importing one anew must not close the program.
            item.body.setdefault("organisationUnits", known["organisationUnits"])
    elif author is not None and item.plural != "users":
        item.body.setdefault("createdBy", {"id": author})
    if known is None and kind.counts_versions:
        item.body.setdefault("version", 0)
    if manner.override is not None and item.plural != "users":
        item.body["createdBy"] = {"id": manner.override}
    if author is not None:
        item.body["lastUpdatedBy"] = {"id": author}


def _refuse_twice(items: list[Item]) -> None:
    """Of objects with one id the first stands."""
    seen: set[tuple[str, str]] = set()
    for item in items:
        if (item.plural, item.uid) in seen and not item.refusals:
            item.refusals.append(Refusal("E5004", (item.uid, item.plural)))
        seen.add((item.plural, item.uid))


def _refuse_clashing(
    connection: Connection, items: list[Item], before: Metadata, after: dict[str, dict[str, Body]]
) -> None:
    """Refuse what claims another's name, breaks a custom attribute's rules, or shares with nobody."""
    changing = {(item.plural, item.uid) for item in items if not item.refusals}
    taken = check.Uniqueness({plural: before.of(plural) for plural in KINDS}, changing)
    brought = {item.uid for item in items if item.plural == "attributes"}
    attributes, actions = Attributes(after, brought), check_rules.Actions(after)
    people: dict[str, bool] = {}
    for item in items:
        if item.refusals:
            continue
        kind = KINDS[item.plural]
        item.refusals.extend(taken.clashes(kind, item.body))
        if item.uid not in DEFAULT_UIDS:
            item.refusals.extend(attributes.refusals(kind, item.body, item.known))
        if item.plural == "programRuleVariables":
            item.refusals.extend(check_rules.variable(item.given, item.body))
        if item.plural == "programRuleActions":
            item.refusals.extend(actions.refusals(item.body))
        if item.plural in check_lists.CRITERIA:
            item.refusals.extend(check_lists.saved_list(item.plural, item.body, after))
        stated = item.body.get("sharing")
        if stated and (item.known is None or stated != item.known.get("sharing")):
            for uid in stated.get("users") or ():
                if uid not in people:
                    people[uid] = uid in after["users"] or users.by_uid(connection, uid) is not None
            known = {uid for uid, there in people.items() if there}
            item.refusals.extend(check.shared_with(item.body, after["userGroups"], known))


def _refuse_dangling(
    items: list[Item], before: Metadata, after: dict[str, dict[str, Body]], manner: Manner
) -> None:
    """Refuse what refers to nothing; where each object stands alone, also what refers to the refused.

    Under ALL one refusal stops the import, so each object is told of its own faults and no other's.
    """
    if manner.atomic == "ALL":
        for item in items:
            # A unit's parent is the register's matter.
            if not (item.refusals and item.plural == "organisationUnits"):
                item.refusals.extend(check.references(KINDS[item.plural], item.body, after))
                item.refusals.extend(owned.unknown(item, after))
        return
    again = True
    while again:
        again = False
        for item in items:
            if not item.refusals:
                item.refusals.extend(check.references(KINDS[item.plural], item.body, after))
                item.refusals.extend(owned.unknown(item, after))
                again = again or bool(item.refusals)
                continue
            bodies = after[item.plural]
            if bodies.get(item.uid) is item.body:
                again = True
                if item.known is not None:
                    bodies[item.uid] = item.known
                else:
                    del bodies[item.uid]


def _fates(items: list[Item], manner: Manner) -> list[Item]:
    """Say what becomes of each item; those to be written are returned."""
    if manner.atomic == "ALL" and any(item.refusals for item in items):
        return []
    written: list[Item] = []
    for item in items:
        if item.refusals:
            continue
        standing = item.uid in DEFAULT_UIDS or (
            item.plural == "organisationUnits" and places.is_as_it_was(item)
        )
        if manner.only_changes and item.known is not None and (standing or not _differs(item)):
            continue
        item.fate = "created" if item.known is None else "updated"
        if standing:
            continue
        if item.known is not None and KINDS[item.plural].counts_versions:
            item.body["version"] = int(item.known.get("version") or 0) + 1
        written.append(item)
    return written


def _differs(item: Item) -> bool:
    assert item.known is not None
    overlooked = ("version", "lastUpdatedBy", "created", "createdBy")
    kept = own(item.plural, item.known)
    names = (kept.keys() | item.body.keys()).difference(overlooked)
    return any(kept.get(name) != item.body.get(name) for name in names)


def _counted(written: list[Item], before: Metadata) -> list[store.Row]:
    """The programs and option sets that did not come along but whose parts changed, one up."""
    arrived = {(item.plural, item.uid) for item in written}
    touched: dict[tuple[str, str], Body] = {}
    for item in written:
        for through, plural in _COUNTED_WITH.get(item.plural, ()):
            pointed = item.body.get(through)
            uid = str(pointed.get("id")) if isinstance(pointed, dict) else ""
            parent = before.get(plural, uid)
            if parent is None or (plural, uid) in arrived:
                continue
            if item.known is None or _differs(item):
                version = int(parent.get("version") or 0) + 1
                touched[plural, uid] = {**own(plural, parent), "version": version}
    return [store.Row(plural, body) for (plural, _), body in touched.items()]
