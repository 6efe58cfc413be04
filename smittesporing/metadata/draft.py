"""The draft of the configuration: one for the installation, seen by nobody else before it is published.

An object in the draft is whole, as it is to be. Writes nothing to the configuration itself: publishing.py
hands the draft to exchange.py, the only writer. Two who write in the same property are both told what the other
wrote. Called by the configuration's pages.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from smittesporing.access.reach import Reach
from smittesporing.database import Connection
from smittesporing.metadata import exchange, store, versions
from smittesporing.metadata.incoming import own
from smittesporing.metadata.kinds import KINDS
from smittesporing.metadata.normalise import unstated
from smittesporing.metadata.snapshot import Body, Metadata
from smittesporing.problems import Refused

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One object of the draft; no body says that it is to be taken away.

    Shape   base is the version it was begun from; touched says of a property when it was last written
            here, by whom, and what it was before that writing.
    """

    plural: str
    uid: str
    body: Body | None
    base: int
    touched: Mapping[str, Mapping[str, Any]]
    by: str
    by_name: str
    at: datetime

    @property
    def key(self) -> Key:
        return (self.plural, self.uid)


@dataclass(frozen=True, slots=True)
class Kept:
    """A value was written; `seen` is what a page sends back as what it saw of this property."""

    seen: int


@dataclass(frozen=True, slots=True)
class Theirs:
    """Somebody else wrote this property since; nothing was changed."""

    value: str
    by: str
    seen: int


@dataclass(frozen=True, slots=True)
class Crossing:
    """A property that both the draft and a newer version changed."""

    key: Key
    name: str
    draft: Any
    newer: Any


def entries(connection: Connection) -> dict[Key, Entry]:
    """The draft, in the order in which it was last written, newest first."""
    rows = connection.execute(
        """select d.type, d.uid, d.body::text as body, d.base, d.touched::text as touched, d.changed_by,
                  d.changed_at, coalesce(u.first_name || ' ' || u.surname, '') as by_name
             from metadata.draft d left join access.user_account u on u.uid = d.changed_by
            order by d.changed_at desc, d.type, d.uid"""
    ).fetchall()
    found = [_entry(row) for row in rows]
    return {entry.key: entry for entry in found}


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(
        row["type"],
        row["uid"],
        msgspec.json.decode(row["body"]) if row["body"] else None,
        row["base"],
        msgspec.json.decode(row["touched"]),
        row["changed_by"],
        row["by_name"],
        row["changed_at"],
    )


def picture(connection: Connection) -> Metadata:
    """The configuration as it will be when the draft is published."""
    return laid_over(store.current(connection), entries(connection))


def laid_over(now: Metadata, draft: Mapping[Key, Entry]) -> Metadata:
    """A picture with the draft's objects in place of its own."""
    if not draft:
        return now
    objects = {plural: dict(now.of(plural)) for plural in KINDS}
    for (plural, uid), entry in draft.items():
        if entry.body is None:
            objects[plural].pop(uid, None)
        else:
            stored = objects[plural].get(uid, {})
            dates: Body = {n: stored[n] for n in ("created", "lastUpdated") if n in stored}
            objects[plural][uid] = {**dates, **entry.body}
    return Metadata(now.version, objects, now.org_units_version)


def write(
    connection: Connection,
    reach: Reach,
    plural: str,
    uid: str,
    key: str,
    change: Callable[[Body], None],
    *,
    value: Callable[[Body], str] | None = None,
    seen: int | None = None,
) -> Kept | Theirs:
    """Change one thing of one object in the draft, which it enters when it is not there.

    Shape   `key` names the thing for those who write at once; `value` reads it as text; `seen` is when the
            page last saw it, None to write whatever stands there. `change` alters the body it is given.
    Errors  T002 when she may not write; T003 when there is no such object.
    """
    may(reach)
    row = _locked(connection, reach, plural, uid)
    body = row["body"]
    touched = row["touched"]
    last = touched.get(key)
    if seen is not None and last and value and last["n"] > seen and last["by"] != reach.user:
        was, mine = value(body), msgspec.json.decode(msgspec.json.encode(body))
        change(mine)
        if value(mine) != was:
            return Theirs(was, _called(connection, last["by"]), last["n"])
    change(body)
    number = _next(connection)
    touched[key] = {"n": number, "by": reach.user}
    live = store.current(connection).get(plural, uid)
    if live is not None and not versions.differing(own(plural, live), body):
        drop(connection, reach, plural, uid)
    else:
        _store(connection, reach, plural, uid, body, touched)
    return Kept(number)


def add(connection: Connection, reach: Reach, plural: str, body: Body) -> None:
    """A new object, or one put back as it was; it takes the place of what the draft says of it.

    Missing A new one that states no sharing gets what an import would give it: hers, everyone's to read.
    """
    may(reach)
    whole = own(plural, body)
    if KINDS[plural].shareable and "sharing" not in whole:
        whole["sharing"] = unstated(plural, reach.user)
    _begin(connection, reach, plural, str(body["id"]), whole)
    _store(connection, reach, plural, str(body["id"]), whole, {})


def remove(connection: Connection, reach: Reach, plural: str, uid: str) -> None:
    """Take an object away when the draft is published; one that only the draft has is gone at once."""
    may(reach)
    if store.current(connection).get(plural, uid) is None:
        drop(connection, reach, plural, uid)
        return
    _begin(connection, reach, plural, uid, None)
    _store(connection, reach, plural, uid, None, {})


def drop(connection: Connection, reach: Reach, plural: str, uid: str) -> None:
    """Let go of what the draft says of one object."""
    may(reach)
    connection.execute("delete from metadata.draft where type = %s and uid = %s", (plural, uid))


def clear(connection: Connection, reach: Reach) -> None:
    """Let go of the whole draft."""
    may(reach)
    connection.execute("delete from metadata.draft")


def now_seen(connection: Connection) -> int:
    """What a page that is shown now has seen of the draft."""
    row = connection.execute(
        """select coalesce((select max((each.value ->> 'n')::bigint) from metadata.draft d,
                  jsonb_each(d.touched) each), 0) as n"""
    ).fetchone()
    return int(row["n"]) if row else 0


# When the configuration moved on under the draft ---------------------------------------------------------


def crossings(connection: Connection, draft: Mapping[Key, Entry]) -> list[Crossing]:
    """Where a newer version and the draft changed the same property, each to something else."""
    found = []
    for entry, base, newer in _overtaken(connection, draft):
        if entry.body is None or newer is None:
            found.append(Crossing(entry.key, "", entry.body, newer))
            continue
        ours = set(versions.differing(base, entry.body))
        for name in versions.differing(base, newer):
            if name in ours and entry.body.get(name) != newer.get(name):
                found.append(Crossing(entry.key, name, entry.body.get(name), newer.get(name)))
    return found


def catch_up(connection: Connection, reach: Reach) -> None:
    """Take in what newer versions changed where the draft changed nothing else in the same place."""
    draft = entries(connection)
    crossed = {crossing.key for crossing in crossings(connection, draft)}
    for entry, base, newer in _overtaken(connection, draft):
        if entry.key in crossed or entry.body is None or newer is None:
            continue
        body = {**entry.body}
        for name in versions.differing(base, newer):
            _put(body, name, newer.get(name))
        _rebase(connection, entry, body)


def settle(connection: Connection, reach: Reach, key: Key, ours: Collection[str]) -> None:
    """Choose, for each crossing property of one object, the draft's value or the newer version's.

    Shape   `ours` names the properties that stay as the draft has them; "" is an object that one side
            takes away.
    """
    may(reach)
    entry = entries(connection).get(key)
    if entry is None:
        return
    now = store.current(connection).get(*key)
    newer = own(key[0], now) if now is not None else None
    if entry.body is None or newer is None:
        if "" in ours:
            _rebase(connection, entry, entry.body)
        else:
            drop(connection, reach, *key)
        return
    base = versions.body_at(connection, *key, entry.base) or {}
    changed = set(versions.differing(base, entry.body))
    body = {**entry.body}
    for name in versions.differing(base, newer):
        if name not in changed or name not in ours:
            _put(body, name, newer.get(name))
    _rebase(connection, entry, body)


def _overtaken(
    connection: Connection, draft: Mapping[Key, Entry]
) -> list[tuple[Entry, Body, Body | None]]:
    """The objects of the draft that a newer version changed: what they were begun from, and are now."""
    latest = versions.latest_of(connection, draft)
    live = store.current(connection)
    found = []
    for key, entry in draft.items():
        if latest.get(key, 0) > entry.base:
            now = live.get(*key)
            base = versions.body_at(connection, *key, entry.base) or {}
            found.append((entry, base, own(key[0], now) if now is not None else None))
    return found


# Rows ----------------------------------------------------------------------------------------------------


def may(reach: Reach) -> None:
    """Errors  T002 for those who may not write configuration."""
    if not exchange.may_write(reach):
        raise Refused("T002", status=403)


def _begin(connection: Connection, reach: Reach, plural: str, uid: str, body: Body | None) -> None:
    connection.execute(
        """insert into metadata.draft (type, uid, body, base, changed_by)
           values (%s, %s, %s::text::jsonb, (select coalesce(max(number), 0) from metadata.version), %s)
           on conflict (type, uid) do nothing""",
        (plural, uid, _text(body), reach.user),
    )


def _locked(connection: Connection, reach: Reach, plural: str, uid: str) -> dict[str, Any]:
    """The object's row of the draft, made from what is published when missing, locked for this work."""
    live = store.current(connection).get(plural, uid)
    if live is not None:
        _begin(connection, reach, plural, uid, own(plural, live))
    row = connection.execute(
        """select body::text as body, touched::text as touched from metadata.draft
            where type = %s and uid = %s for update""",
        (plural, uid),
    ).fetchone()
    if row is None or row["body"] is None:
        raise Refused("T003", status=404)
    return {
        "body": msgspec.json.decode(row["body"]),
        "touched": msgspec.json.decode(row["touched"]),
    }


def _store(
    connection: Connection,
    reach: Reach,
    plural: str,
    uid: str,
    body: Body | None,
    touched: Mapping[str, Any],
) -> None:
    connection.execute(
        """update metadata.draft set body = %s::text::jsonb, touched = %s::text::jsonb,
                  changed_by = %s, changed_at = clock_timestamp() where type = %s and uid = %s""",
        (_text(body), msgspec.json.encode(touched).decode(), reach.user, plural, uid),
    )


def _rebase(connection: Connection, entry: Entry, body: Body | None) -> None:
    connection.execute(
        """update metadata.draft set body = %s::text::jsonb,
                  base = (select coalesce(max(number), 0) from metadata.version),
                  changed_at = clock_timestamp()
            where type = %s and uid = %s""",
        (_text(body), *entry.key),
    )


def _next(connection: Connection) -> int:
    row = connection.execute("select nextval('metadata.draft_edit') as n").fetchone()
    assert row is not None
    return int(row["n"])


def _called(connection: Connection, user: str) -> str:
    row = connection.execute(
        "select first_name || ' ' || surname as name from access.user_account where uid = %s",
        (user,),
    ).fetchone()
    return str(row["name"]) if row else ""


def _text(body: Body | None) -> str | None:
    return None if body is None else msgspec.json.encode(body).decode()


def _put(body: Body, name: str, value: Any) -> None:
    if value is None:
        body.pop(name, None)
    else:
        body[name] = value
