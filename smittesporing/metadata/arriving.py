"""The users of one import: settled beside the user roles and groups that come with them.

Also keeps both sides of a membership alike: a user's groups, and a group's users. Called by exchange.py,
withdraw.py and the users endpoints.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from smittesporing.access import accounts, granting, org_units
from smittesporing.access.accounts import Account
from smittesporing.access.reach import Reach
from smittesporing.database import Connection
from smittesporing.metadata import incoming, store
from smittesporing.metadata.accounts import (
    Wanted,
    body_of,
    last_one,
    not_hers,
    read,
    refusals,
    write,
)
from smittesporing.metadata.incoming import Item, Manner, own
from smittesporing.metadata.report import Refusal, Report
from smittesporing.metadata.snapshot import Body, Metadata


class Users:
    """The accounts as they are, and what an import makes of them."""

    def __init__(
        self, connection: Connection, items: Iterable[Item], before: Metadata, reach: Reach | None
    ) -> None:
        self._connection = connection
        self.reach = reach
        coming = [item for item in items if not item.refusals]
        self._roles = _with(before.of("userRoles"), coming, "userRoles")
        self._groups = _with(before.of("userGroups"), coming, "userGroups")
        self._wanted: dict[str, Wanted] = {}
        self._names: set[str] = set()

    @cached_property
    def _accounts(self) -> dict[str, Account]:
        return {each.uid: each for each in accounts.every(self._connection)}

    def settle(self, item: Item, manner: Manner) -> None:
        """Find what speaks against the user, and remember what she is to be."""
        before = self._accounts.get(item.uid)
        units = org_units.current(self._connection)
        if before is not None:
            item.known = body_of(before, units)
        if before is None and manner.strategy == "UPDATE":
            item.refusals.append(Refusal("E5001", (item.uid,)))
        elif before is not None and manner.strategy == "CREATE":
            item.refusals.append(Refusal("E5000", (item.uid,)))
        else:
            self._read(item, before)

    def _read(self, item: Item, before: Account | None) -> None:
        units = org_units.current(self._connection)
        given = {**item.given, "id": item.uid}
        try:
            wanted = read(given, before, units)
        except (ValueError, TypeError, OverflowError) as error:
            item.refusals.append(Refusal("E4027", (str(error),)))
            return
        item.refusals += refusals(
            self._connection, wanted, given, self.reach, self._roles, self._groups
        )
        name = wanted.account.username.lower()
        if name in self._names:
            item.refusals.append(Refusal("E4054", ("username", name), "username"))
        self._names.add(name)
        self._wanted[item.uid] = wanted

    def write(self, items: Iterable[Item], by: str | None) -> None:
        """Keep these users, and let their groups list them."""
        for item in items:
            wanted = self._wanted[item.uid]
            write(self._connection, wanted, by)
            if wanted.states_groups:
                had = wanted.before.groups if wanted.before else ()
                join(self._connection, item.uid, had, wanted.account.groups)

    def settle_leaving(self, item: Item) -> None:
        """Refuse the deletion of a user who is not hers to delete."""
        item.refusals.clear()
        account, reach = self._accounts.get(item.uid), self.reach
        if account is None:
            item.refusals.append(Refusal("E5001", (item.uid,)))
            return
        units = org_units.current(self._connection)
        item.known = body_of(account, units)
        if reach is None:
            return
        if account.uid == reach.user:
            item.refusals.append(Refusal("E3002", (reach.username, item.uid)))
        elif not granting.manages(reach, units, account):
            item.refusals.append(not_hers(reach, account))
        item.refusals += last_one(self._connection, reach, account, frozenset())

    def remove(self, uids: Iterable[str]) -> None:
        """Delete these users."""
        for uid in uids:
            account = self._accounts[uid]
            join(self._connection, uid, account.groups, ())
            accounts.remove(self._connection, account, self.reach.user if self.reach else None)


def save(connection: Connection, body: Mapping[str, Any], reach: Reach, manner: Manner) -> Report:
    """One user made, changed or deleted, by somebody who need not write other configuration."""
    connection.execute("select version from metadata.state for update")
    before = store.current(connection)
    items = incoming.read({"users": [body]}, before, manner)
    users = Users(connection, (), before, reach)
    for item in items:
        if manner.strategy == "DELETE":
            users.settle_leaving(item)
        elif not item.refusals:
            users.settle(item, manner)
        if item.refusals:
            continue
        if manner.strategy == "DELETE":
            users.remove([item.uid])
            item.fate = "deleted"
        else:
            users.write([item], reach.user)
            item.fate = "created" if item.known is None else "updated"
    return incoming.report(items, manner)


def join(connection: Connection, user: str, had: Iterable[str], has: Iterable[str]) -> None:
    """Make the groups she is now in list her, and those she has left not."""
    before, after = frozenset(had), frozenset(has)
    groups = store.current(connection).of("userGroups")
    rows = []
    for uid in sorted((before ^ after) & groups.keys()):
        body = own("userGroups", groups[uid])
        members = [each for each in body.get("users") or () if each.get("id") != user]
        rows.append(
            store.Row(
                "userGroups",
                {**body, "users": [*members, {"id": user}] if uid in after else members},
            )
        )
    if rows:
        store.put(connection, rows)
        store.touch(connection)


def _with(known: Mapping[str, Body], items: Iterable[Item], plural: str) -> dict[str, Any]:
    return {**known, **{item.uid: item.body for item in items if item.plural == plural}}
