"""Users as DHIS2 exchanges them: accounts with user roles, three kinds of org units, and settings.

Reads and writes the rows; who may is granting.py's, and DHIS2's JSON is metadata/accounts.py's. A deleted
user keeps her row, for the access log names her. Called by those two and by the API.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from smittesporing.access import org_units, passwords, users
from smittesporing.access.reach import CLIENT
from smittesporing.database import Connection


@dataclass(frozen=True)
class Account:
    """One user. `roles` are ours by org unit; `user_roles` DHIS2's own, whose authorities follow."""

    uid: str
    username: str
    first_name: str
    surname: str
    email: str | None = None
    phone: str | None = None
    disabled: bool = False
    groups: tuple[str, ...] = ()
    user_roles: tuple[str, ...] = ()
    authorities: tuple[str, ...] = ()
    roles: tuple[tuple[str, int], ...] = ()
    data_view: tuple[int, ...] = ()
    search: tuple[int, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    has_password: bool = False
    password_at: datetime | None = None
    last_login: datetime | None = None
    expires_at: datetime | None = None
    created: datetime | None = None
    last_updated: datetime | None = None
    created_by: str | None = None
    updated_by: str | None = None

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.surname}".strip()

    @property
    def org_units(self) -> tuple[int, ...]:
        """Where she holds a role of ours or captures as a client."""
        return tuple(dict.fromkeys(unit for _, unit in self.roles))


_SELECT = """
    select u.uid, u.username, u.first_name, u.surname, u.email, u.phone, u.disabled, u.groups,
           u.roles as user_roles, u.data_view, u.search, u.settings, u.extra, u.password_at,
           u.last_login, u.expires_at, u.created, u.last_updated, u.created_by, u.updated_by,
           u.password is not null as has_password,
           array(select distinct unnest(r.authorities) from access.user_role r
                  where r.uid = any (u.roles)) as authorities,
           coalesce((select jsonb_agg(jsonb_build_array(m.role, m.org_unit) order by m.role, m.org_unit)
                       from access.membership m
                      where m.user_uid = u.uid and m.ended_at is null), '[]') as roles
      from access.user_account u where u.deleted_at is null"""
_LISTS = ("groups", "user_roles", "authorities", "data_view", "search")


def every(connection: Connection) -> list[Account]:
    """All users, by user name; for those who may see who works here."""
    return [_account(row) for row in connection.execute(f"{_SELECT} order by u.username")]


def one(connection: Connection, uid: str) -> Account | None:
    row = connection.execute(f"{_SELECT} and u.uid = %s", (uid,)).fetchone()
    return _account(row) if row else None


def by_username(connection: Connection, username: str) -> Account | None:
    row = connection.execute(f"{_SELECT} and lower(u.username) = lower(%s)", (username,)).fetchone()
    return _account(row) if row else None


def looked_up(connection: Connection, query: str, most: int = 100) -> list[Account]:
    """Those whose names, user name or e-mail address hold the text, whatever the case."""
    rows = connection.execute(
        f"""{_SELECT} and not u.disabled
              and strpos(lower(concat_ws(' ', u.first_name, u.surname, u.username, u.email)), lower(%s)) > 0
            order by app.nb_key(u.surname || ' ' || u.first_name), u.username limit %s""",
        (query, most),
    ).fetchall()
    return [_account(row) for row in rows]


def _account(row: Mapping[str, Any]) -> Account:
    lists = {name: tuple(row[name]) for name in _LISTS}
    roles = tuple((role, unit) for role, unit in row["roles"])
    return Account(**{**row, **lists, "roles": roles})


def write(connection: Connection, account: Account, by: str | None) -> None:
    """The account's own columns; a deleted uid may be made anew. Roles and password stand apart."""
    connection.execute(
        """insert into access.user_account as a
             (uid, username, first_name, surname, email, phone, disabled, groups, roles, data_view,
              search, settings, extra, expires_at, created, created_by, updated_by)
           values (%(uid)s, %(username)s, %(first_name)s, %(surname)s, %(email)s, %(phone)s,
                   %(disabled)s, %(groups)s, %(user_roles)s, %(data_view)s, %(search)s, %(settings)s,
                   %(extra)s, %(expires_at)s, coalesce(%(created)s::timestamptz, now()), %(by)s,
                   %(by)s)
           on conflict (uid) do update set
              username = excluded.username, first_name = excluded.first_name,
              surname = excluded.surname, email = excluded.email, phone = excluded.phone,
              disabled = excluded.disabled, groups = excluded.groups, roles = excluded.roles,
              data_view = excluded.data_view, search = excluded.search, settings = excluded.settings,
              extra = excluded.extra, expires_at = excluded.expires_at, updated_by = %(by)s,
              last_updated = now(), deleted_at = null, version = a.version + 1""",
        {
            "uid": account.uid,
            "username": account.username,
            "first_name": account.first_name,
            "surname": account.surname,
            "email": account.email,
            "phone": account.phone,
            "disabled": account.disabled,
            "groups": list(account.groups),
            "user_roles": list(account.user_roles),
            "data_view": list(account.data_view),
            "search": list(account.search),
            "settings": Jsonb(dict(account.settings)),
            "extra": Jsonb(dict(account.extra)),
            "expires_at": account.expires_at,
            "created": account.created,
            "by": by,
        },
    )


def set_roles(
    connection: Connection,
    uid: str,
    before: Iterable[tuple[str, int]],
    after: Iterable[tuple[str, int]],
    by: str | None,
) -> None:
    """Give and take what differs, each with its line among the changes."""
    had, has = frozenset(before), frozenset(after)
    for role, unit in sorted(has - had):
        users.grant(connection, uid, unit, role, by)
    for role, unit in sorted(had - has):
        users.end(connection, uid, unit, role, by)


def set_password(connection: Connection, uid: str, password: str, by: str | None) -> None:
    """A new password; the hashes of the last ones stay, so that none of them is taken again."""
    connection.execute(
        """update access.user_account
              set past_passwords = (array_remove(array_prepend(password, past_passwords), null))[1:%s],
                  password = %s, password_at = now(), last_updated = now(), version = version + 1
            where uid = %s""",
        (passwords.REMEMBERED, passwords.hashed(password), uid),
    )
    org_units.note(connection, by, None, "user.password", {"user": uid})


def password_fits(connection: Connection, uid: str, password: str) -> bool:
    """Whether this is her password."""
    kept, _ = _passwords(connection, uid)
    return bool(kept) and passwords.matches(kept, password)


def had_password(connection: Connection, uid: str, password: str) -> bool:
    """Whether she has, or lately had, this password."""
    kept, past = _passwords(connection, uid)
    return passwords.used_before([each for each in (kept, *past) if each], password)


def _passwords(connection: Connection, uid: str) -> tuple[str, list[str]]:
    row = connection.execute(
        "select password, past_passwords from access.user_account where uid = %s", (uid,)
    ).fetchone()
    return (row["password"] or "", list(row["past_passwords"])) if row else ("", [])


def set_disabled(connection: Connection, uid: str, disabled: bool, by: str | None) -> None:
    """Put the account to sleep, or wake it; her sessions and tokens end with it."""
    connection.execute(
        """update access.user_account set disabled = %s, updated_by = %s, last_updated = now(),
                  version = version + 1 where uid = %s""",
        (disabled, by, uid),
    )
    org_units.note(
        connection, by, None, "user.disabled" if disabled else "user.enabled", {"user": uid}
    )


def set_expiry(connection: Connection, uid: str, at: datetime | None, by: str | None) -> None:
    """The moment from which the account no longer opens; None for never."""
    connection.execute(
        "update access.user_account set expires_at = %s, last_updated = now() where uid = %s",
        (at, uid),
    )
    org_units.note(connection, by, None, "user.expiry", {"user": uid})


def remove(connection: Connection, account: Account, by: str | None) -> None:
    """Delete the user: roles, password, number and tokens go; her name stays where the log shows it."""
    set_roles(connection, account.uid, account.roles, (), by)
    connection.execute("delete from access.api_token where user_uid = %s", (account.uid,))
    connection.execute(
        """update access.user_account
              set deleted_at = now(), disabled = true, password = null, past_passwords = '{}',
                  national_number = null, email = null, phone = null, groups = '{}', roles = '{}',
                  settings = '{}', extra = '{}', updated_by = %s where uid = %s""",
        (by, account.uid),
    )
    org_units.note(connection, by, None, "user.deleted", {"user": account.uid})


def note_login(connection: Connection, uid: str) -> None:
    """Remember that she came in; once an hour is near enough."""
    connection.execute(
        """update access.user_account set last_login = now()
            where uid = %s and (last_login is null or last_login < now() - interval '1 hour')""",
        (uid,),
    )


def is_client(account: Account) -> bool:
    """Whether she works through the API with user roles of her own."""
    return bool(account.user_roles) or any(role == CLIENT for role, _ in account.roles)
