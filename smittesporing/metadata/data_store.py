"""The data store: JSON that apps keep under a namespace and a key, shared by sharing; and each user's own.

Reads and writes rows; what of them is asked for is data_store_query.py's. Called by
web/api/data_store.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg import DataError, errors
from psycopg.types.json import Jsonb

from smittesporing.access import authorities
from smittesporing.access.reach import CLIENT, Reach
from smittesporing.database import Connection
from smittesporing.metadata.sharing import PUBLIC_METADATA, Sharing, as_json, sharing
from smittesporing.uid import new_uid

# Namespaces that belong to somebody: who may write, and whether others may even know of them.
PROTECTED: dict[str, tuple[str, bool]] = {
    "ANDROID_SETTINGS_APP": ("F_METADATA_MANAGE", True),
    "METADATASTORE": ("F_METADATA_MANAGE", False),
}
LONGEST = 1_000_000
LONGEST_NAME = 255


class Taken(Exception):
    """An entry with that key is there already."""


class Unkeepable(ValueError):
    """JSON that PostgreSQL cannot hold: a lone surrogate, a number beyond all measure."""


@dataclass(frozen=True)
class Entry:
    """One entry. `value` is None behind a `sealed` text."""

    uid: str
    namespace: str
    key: str
    value: Any
    sealed: str | None = None
    sharing: Mapping[str, Any] = field(default_factory=dict)
    created: datetime | None = None
    last_updated: datetime | None = None
    created_by: str | None = None
    updated_by: str | None = None

    def reads(self, reach: Reach) -> bool:
        return sharing({"sharing": self.sharing}).reads(reach)

    def changes(self, reach: Reach) -> bool:
        return sharing({"sharing": self.sharing}).changes(reach)


_COLUMNS = """uid, namespace, key, value, sealed, sharing, created, last_updated, created_by,
    updated_by"""


def may_read(reach: Reach, namespace: str) -> bool:
    """Whether the namespace as a whole lets her in; each entry's sharing is asked apart."""
    authority, open_to_all = PROTECTED.get(namespace, ("", True))
    return open_to_all or authorities.holds(reach, authority)


def may_write(reach: Reach, namespace: str) -> bool:
    """Whether she may write in the namespace.

    Shape   Clients with DHIS2 user roles, as DHIS2 has it, and whoever writes configuration. Our roles
            of a kommune only read: what lies here is seen across the country.
    """
    authority, _ = PROTECTED.get(namespace, ("", True))
    if authority and not authorities.holds(reach, authority):
        return False
    return reach.role == CLIENT or reach.may("metadata")


def namespaces(connection: Connection, reach: Reach, owner: str = "") -> list[str]:
    """The namespaces with at least one entry she may read, in order."""
    if owner:
        rows = connection.execute(
            "select distinct namespace from metadata.data_entry where owner = %s order by 1",
            (owner,),
        ).fetchall()
        return [row["namespace"] for row in rows]
    rows = connection.execute(
        "select namespace, sharing from metadata.data_entry where owner = '' order by namespace"
    ).fetchall()
    return list(
        dict.fromkeys(
            row["namespace"]
            for row in rows
            if may_read(reach, row["namespace"])
            and sharing({"sharing": row["sharing"]}).reads(reach)
        )
    )


def entries(
    connection: Connection,
    reach: Reach,
    namespace: str,
    owner: str = "",
    updated_after: datetime | None = None,
) -> list[Entry]:
    """The entries of a namespace that she may read, by key."""
    found = every_entry(connection, namespace, owner, updated_after)
    return found if owner else [each for each in found if each.reads(reach)]


def every_entry(
    connection: Connection, namespace: str, owner: str = "", updated_after: datetime | None = None
) -> list[Entry]:
    """All entries of a namespace by key, whoever asks; the caller asks their sharing."""
    rows = connection.execute(
        f"""select {_COLUMNS} from metadata.data_entry
             where owner = %s and namespace = %s
               and (%s::timestamptz is null or last_updated >= %s)
             order by key collate "C" """,  # noqa: S608
        (owner, namespace, updated_after, updated_after),
    ).fetchall()
    return [Entry(**row) for row in rows]


def is_used(connection: Connection, namespace: str, owner: str = "") -> bool:
    """Whether anything lies in the namespace, readable or not."""
    row = connection.execute(
        "select 1 from metadata.data_entry where owner = %s and namespace = %s limit 1",
        (owner, namespace),
    ).fetchone()
    return row is not None


def one(connection: Connection, namespace: str, key: str, owner: str = "") -> Entry | None:
    """The entry, whoever asks; the caller asks its sharing."""
    row = connection.execute(
        f"""select {_COLUMNS} from metadata.data_entry
             where owner = %s and namespace = %s and key = %s""",  # noqa: S608
        (owner, namespace, key),
    ).fetchone()
    return Entry(**row) if row else None


def by_uid(connection: Connection, uid: str) -> Entry | None:
    """An entry of the common store by its identifier, for those who share it."""
    row = connection.execute(
        f"select {_COLUMNS} from metadata.data_entry where uid = %s and owner = ''",  # noqa: S608
        (uid,),
    ).fetchone()
    return Entry(**row) if row else None


def add(
    connection: Connection, reach: Reach, namespace: str, key: str, value: Any,
    *, owner: str = "", sealed: str | None = None,
) -> None:  # fmt: skip
    """A new entry, everybody's to read and write unless shared otherwise later. Errors  `Taken`."""
    shared = as_json(Sharing(public=PUBLIC_METADATA, owner=reach.user, users={}, groups={}))
    try:
        with connection.transaction():
            connection.execute(
                """insert into metadata.data_entry
                     (uid, owner, namespace, key, value, sealed, sharing, created_by, updated_by)
                   values (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
                (
                    new_uid(),
                    owner,
                    namespace,
                    key,
                    None if sealed else Jsonb(value),
                    sealed,
                    Jsonb(shared),
                    reach.user,
                    reach.user,
                ),
            )
    except errors.UniqueViolation as fault:
        raise Taken from fault
    except DataError as fault:
        raise Unkeepable("The value holds what no database keeps") from fault


def change(
    connection: Connection, reach: Reach, entry: Entry, value: Any, sealed: str | None = None
) -> None:
    """Another value under the same key. Errors  `Unkeepable`."""
    try:
        with connection.transaction():
            connection.execute(
                """update metadata.data_entry set value = %s, sealed = %s, updated_by = %s,
                          last_updated = clock_timestamp() where uid = %s""",
                (None if sealed else Jsonb(value), sealed, reach.user, entry.uid),
            )
    except DataError as fault:
        raise Unkeepable("The value holds what no database keeps") from fault


def share(connection: Connection, reach: Reach, entry: Entry, shared: Mapping[str, Any]) -> None:
    """Another sharing for the entry."""
    connection.execute(
        """update metadata.data_entry set sharing = %s, updated_by = %s, last_updated = now()
            where uid = %s""",
        (Jsonb(dict(shared)), reach.user, entry.uid),
    )


def remove(connection: Connection, uids: list[str]) -> None:
    connection.execute("delete from metadata.data_entry where uid = any (%s)", (uids,))
