"""Configuration taken away: the DELETE strategy of a metadata import.

An object goes with the parts that only it holds, and leaves the groups and dashboards it stands in; one
that others refer to stays, and the report says why. Called by exchange.py.
"""

from __future__ import annotations

from collections.abc import Callable

from smittesporing.access.users import set_group
from smittesporing.database import Connection
from smittesporing.metadata import check, places, store
from smittesporing.metadata.arriving import Users
from smittesporing.metadata.check_lists import CRITERIA
from smittesporing.metadata.incoming import Item, Manner, is_list, own, report
from smittesporing.metadata.kinds import DEFAULT_UIDS, INVERSES, KINDS, kind_pointed_at
from smittesporing.metadata.report import Refusal, Report
from smittesporing.metadata.snapshot import Body, Metadata

# What is shipped with the service is changed, not taken away: tracing finds it by these codes.
SHIPPED = "ST_"


def withdraw(
    connection: Connection,
    items: list[Item],
    before: Metadata,
    manner: Manner,
    may_change: Callable[[Body], bool],
    users: Users,
) -> Report:
    """Delete what the payload names, with its parts; nothing of it where atomic ALL is refused."""
    leaving: dict[tuple[str, str], Item] = {}
    for item in items:
        item.known = before.get(item.plural, item.uid)
        item.refusals.clear()
        if item.plural == "users":
            users.settle_leaving(item)
            if not item.refusals:
                leaving[item.plural, item.uid] = item
        elif item.known is None:
            item.refusals.append(Refusal("E5001", (item.uid,)))
        elif item.plural == "organisationUnits":
            places.settle_leaving(connection, item, users.reach)
            if not item.refusals:
                leaving[item.plural, item.uid] = item
        elif KINDS[item.plural].shareable and not may_change(item.known):
            item.refusals.append(Refusal("E3002", ("", item.uid)))
        elif str(item.known.get("code", "")).startswith(SHIPPED):
            item.refusals.append(Refusal("E4030", ("the Norwegian programme",)))
        elif item.uid not in DEFAULT_UIDS:
            leaving[item.plural, item.uid] = item
    gone = dict(leaving)
    for plural, uid in list(gone):
        for below in _parts(plural, uid, before):
            gone.setdefault(below, leaving[plural, uid])
    members: list[tuple[str, str]] = []
    for plural, bodies in ((plural, before.of(plural)) for plural in KINDS):
        for uid, body in bodies.items():
            if (plural, uid) in gone or plural == "organisationUnits":
                continue
            for name, kind, pointed in check.pointers(own(plural, body)):
                needed = gone.get((kind.plural, pointed))
                # An org unit that goes leaves the programs and groups that list it.
                if needed is None or kind.plural == "organisationUnits":
                    continue
                if _is_group(plural) and is_list(name):
                    members.append((plural, uid))
                else:
                    needed.refusals.append(Refusal("E4030", (KINDS[plural].singular,)))
    for (plural, uid), item in gone.items():
        if not item.refusals and manner.in_use(plural, uid):
            item.refusals.append(Refusal("E4030", ("records",)))
    if manner.atomic == "ALL" and any(item.refusals for item in items):
        return report(items, manner)
    for item in leaving.values():
        if not item.refusals:
            item.fate = "deleted"
    if manner.mode == "COMMIT":
        users.remove(
            uid
            for (plural, uid), item in leaving.items()
            if plural == "users" and not item.refusals
        )
        places.remove(
            connection,
            [uid for (plural, uid), item in leaving.items()
             if plural == "organisationUnits" and not item.refusals],
            users.reach.user if users.reach else "",
        )  # fmt: skip
        left = {key for key, item in gone.items() if not item.refusals}
        store.delete(connection, left)
        # Accounts lose a role that goes by the database's own trigger; a group they lose here.
        for group in sorted(uid for plural, uid in left if plural == "userGroups"):
            set_group(connection, group, frozenset())
        without = {key: _without(*key, before, left) for key in members}
        store.put(connection, [store.Row(plural, body) for (plural, _), body in without.items()])
        store.put(connection, _dashboards_without(before, left))
        store.touch(connection)
    return report(items, manner)


def _is_group(plural: str) -> bool:
    return plural.endswith(("Groups", "GroupSets"))


def _without(plural: str, uid: str, before: Metadata, left: set[tuple[str, str]]) -> Body:
    """A group without the members that are gone."""
    body = own(plural, before.of(plural)[uid])
    return {
        name: [each for each in value if not _names(name, each, left)]
        if isinstance(value, list)
        else value
        for name, value in body.items()
    }


def _names(name: str, value: object, left: set[tuple[str, str]]) -> bool:
    kind = kind_pointed_at(name)
    return kind is not None and isinstance(value, dict) and (kind.plural, value.get("id")) in left


def _dashboards_without(before: Metadata, left: set[tuple[str, str]]) -> list[store.Row]:
    """The dashboards that showed what is gone, without those items."""
    drawn = {key for key in left if key[0] in ("visualizations", "eventVisualizations", "maps")}
    rows = []
    for uid, body in before.of("dashboards").items() if drawn else ():
        if ("dashboards", uid) in left:
            continue
        items = body.get("dashboardItems") or []
        kept = [
            item
            for item in items
            if not any(_names(name, value, drawn) for name, value in item.items())
        ]
        if len(kept) < len(items):
            rows.append(
                store.Row("dashboards", {**own("dashboards", body), "dashboardItems": kept})
            )
    return rows


# What is about a program, a stage or a type, and has no meaning without it.
_ABOUT = ("relationshipTypes", *CRITERIA)
_SUBJECTS = ("programs", "programStages", "trackedEntityTypes")


def _parts(plural: str, uid: str, before: Metadata) -> list[tuple[str, str]]:
    """What goes with an object: the children that only it holds, theirs, and what is about it alone."""
    found: list[tuple[str, str]] = []
    held = [(each.child, each.through) for each in INVERSES if each.parent == plural]
    if plural == "programs":
        held.append(("programRules", "program"))
    for child, through in held:
        if is_list(through):
            continue
        for below, body in before.of(child).items():
            pointed = body.get(through)
            if isinstance(pointed, dict) and pointed.get("id") == uid:
                found += [(child, below), *_parts(child, below, before)]
    if plural in _SUBJECTS:
        found += [
            (about, each)
            for about in _ABOUT
            for each, body in before.of(about).items()
            # An event filter names its program by a text.
            if (plural == "programs" and body.get("program") == uid)
            or any(
                (kind.plural, pointed) == (plural, uid)
                for _, kind, pointed in check.pointers(own(about, body))
            )
        ]
    return found
