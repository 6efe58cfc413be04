"""Users: who they are, which roles they hold where, and how they prove it.

A user is found by the keyed hash of her national number, which is stored nowhere else. Passwords exist
for machines and for the demo; people sign in by ID-porten. Called by sign-in, the administration's pages
and DHIS2's users endpoints.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from smittesporing.access import org_units, passwords
from smittesporing.access.reach import Reach
from smittesporing.database import Connection
from smittesporing.problems import Refused
from smittesporing.settings import Settings
from smittesporing.uid import new_uid

LOCAL_ROLES = ("tracer", "team_leader", "kommuneoverlege", "administrator")
CODE_HOURS = 24
# Verified for names that do not exist, so that the time taken does not tell which do.
_NOBODY = passwords.hashed(secrets.token_hex(8))


@dataclass(frozen=True)
class User:
    """One user of the service; no person who is followed up."""

    uid: str
    username: str
    first_name: str
    surname: str
    disabled: bool = False

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.surname}".strip()


@dataclass(frozen=True)
class Role:
    """One role of a user in one org unit."""

    user: User
    org_unit: int
    role: str


_COLUMNS = "uid, username, first_name, surname, disabled"


def number_hash(settings: Settings, number: str) -> bytes:
    """The keyed hash under which a user's national number is known; the number itself is not kept."""
    return hmac.new(settings.field_key, b"user|" + number.encode(), hashlib.sha256).digest()


def by_national_number(connection: Connection, number: str, settings: Settings) -> User | None:
    row = connection.execute(
        f"select {_COLUMNS} from access.user_account where national_number = %s",  # noqa: S608
        (number_hash(settings, number),),
    ).fetchone()
    return User(**row) if row else None


def by_uid(connection: Connection, uid: str) -> User | None:
    row = connection.execute(
        f"select {_COLUMNS} from access.user_account where uid = %s and deleted_at is null",  # noqa: S608
        (uid,),
    ).fetchone()
    return User(**row) if row else None


def by_username(connection: Connection, username: str) -> User | None:
    row = connection.execute(
        f"""select {_COLUMNS} from access.user_account
             where lower(username) = lower(%s) and deleted_at is null""",  # noqa: S608
        (username,),
    ).fetchone()
    return User(**row) if row else None


def by_password(connection: Connection, username: str, password: str) -> tuple[User, str] | None:
    """The user whose name and password these are, and the hash that fitted.

    Slow on purpose (argon2), alike for unknown names.
    """
    row = connection.execute(
        f"""select {_COLUMNS}, password from access.user_account
             where lower(username) = lower(%s) and deleted_at is null""",  # noqa: S608
        (username,),
    ).fetchone()
    kept = row["password"] if row and row["password"] else _NOBODY
    if not passwords.matches(kept, password) or row is None or row["disabled"]:
        return None
    user = User(row["uid"], row["username"], row["first_name"], row["surname"], row["disabled"])
    return user, kept


def add(
    connection: Connection,
    settings: Settings,
    *,
    username: str,
    first_name: str,
    surname: str,
    national_number: str | None = None,
    password: str | None = None,
    by: str | None = None,
    uid: str | None = None,
) -> User:
    """A new user without any role.

    Errors  T006 when the national number or the user name is taken.
    """
    hashed = number_hash(settings, national_number) if national_number else None
    made = User(uid or new_uid(), username, first_name, surname)
    row = connection.execute(
        """insert into access.user_account
             (uid, username, first_name, surname, national_number, password)
           values (%s, %s, %s, %s, %s, %s) on conflict do nothing returning uid""",
        (
            made.uid,
            username,
            first_name,
            surname,
            hashed,
            passwords.hashed(password) if password else None,
        ),
    ).fetchone()
    if row is None:
        raise Refused("T006")
    org_units.note(connection, by, None, "user.added", {"uid": made.uid})
    return made


def grant(
    connection: Connection, user: str, org_unit: int, role: str, by: str | None = None
) -> None:
    """Give the user the role there; giving it twice changes nothing."""
    connection.execute(
        """insert into access.membership (user_uid, org_unit, role, granted_by)
           values (%s, %s, %s, %s)
           on conflict (user_uid, org_unit, role)
           do update set ended_at = null, granted_by = excluded.granted_by, granted_at = now()
           where access.membership.ended_at is not null""",
        (user, org_unit, role, by),
    )
    org_units.note(connection, by, org_unit, "role.granted", {"user": user, "role": role})


def end(connection: Connection, user: str, org_unit: int, role: str, by: str | None = None) -> None:
    """Take the role back; the row stays as history."""
    connection.execute(
        """update access.membership set ended_at = now()
            where user_uid = %s and org_unit = %s and role = %s and ended_at is null""",
        (user, org_unit, role),
    )
    org_units.note(connection, by, org_unit, "role.ended", {"user": user, "role": role})


def may_grant(reach: Reach, org_unit: int, role: str) -> bool:
    """Whether she may give that role there: nobody grants what the role does not let her (P-06).

    An administrator gives local roles in her kommune; KS appoints administrators anywhere and its own
    and FHI's users. What a client may be given is granting.py's to say.
    """
    if reach.superuser:
        return True
    if role in ("administrator", "ks", "fhi") and reach.may("agreements"):
        return True
    return reach.may("administer") and role in LOCAL_ROLES and org_unit == reach.working_in


def in_unit(connection: Connection, org_unit: int) -> list[Role]:
    """Everybody who holds a role in that unit, by name."""
    rows = connection.execute(
        """select u.uid, u.username, u.first_name, u.surname, u.disabled, m.org_unit, m.role
             from access.membership m join access.user_account u on u.uid = m.user_uid
            where m.org_unit = %s and m.ended_at is null
            order by app.nb_key(u.surname || ' ' || u.first_name), m.role""",
        (org_unit,),
    ).fetchall()
    return [
        Role(
            User(r["uid"], r["username"], r["first_name"], r["surname"], r["disabled"]),
            r["org_unit"],
            r["role"],
        )
        for r in rows
    ]


def tracers(connection: Connection, org_unit: int) -> list[User]:
    """Those a task may be given to in that kommune."""
    seen: dict[str, User] = {}
    for role in in_unit(connection, org_unit):
        if role.role in ("tracer", "team_leader", "kommuneoverlege") and not role.user.disabled:
            seen[role.user.uid] = role.user
    return list(seen.values())


def set_group(connection: Connection, group: str, members: frozenset[str]) -> None:
    """Make the user group consist of exactly these users; sharing asks the accounts, not the group."""
    connection.execute(
        """update access.user_account
              set groups = case when uid = any (%(members)s) then array_append(groups, %(group)s)
                                else array_remove(groups, %(group)s) end
            where (uid = any (%(members)s)) <> (%(group)s = any (groups))""",
        {"group": group, "members": list(members)},
    )


def make_code(connection: Connection, role: str = "ks") -> str:
    """A one-time code that lets the next to sign in become the first KS user; printed by a command."""
    code = secrets.token_urlsafe(16)
    connection.execute(
        "insert into access.one_time_code (code, role, expires_at) values (%s, %s, %s)",
        (_code_hash(code), role, datetime.now(UTC) + timedelta(hours=CODE_HOURS)),
    )
    return code


def use_code(connection: Connection, code: str, user: str) -> bool:
    """Spend the code for this user; false when it is unknown, old or spent."""
    row = connection.execute(
        """update access.one_time_code set used_at = now(), used_by = %s
            where code = %s and used_at is null and expires_at > now() returning role""",
        (user, _code_hash(code)),
    ).fetchone()
    if row is None:
        return False
    units = org_units.current(connection)
    grant(connection, user, units.root.id, row["role"], by=user)
    return True


def _code_hash(code: str) -> bytes:
    return hashlib.sha256(b"one-time|" + code.strip().encode()).digest()
