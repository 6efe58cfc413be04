"""Users as DHIS2's JSON: read, refused or written, whichever door they come through.

The rows are access/accounts.py's and the rights access/granting.py's; this file decides what an object
under `users` means. Our own roles are user roles with fixed identifiers: given in the org units the
user captures in, or for the whole country. Called by exchange.py and the users endpoints.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from smittesporing.access import (
    accounts,
    administration,
    authorities,
    granting,
    org_units,
    passwords,
)
from smittesporing.access.accounts import Account
from smittesporing.access.granting import Holding
from smittesporing.access.org_units import OrgUnits
from smittesporing.access.reach import CLIENT, ROLE_NAMES, Reach
from smittesporing.database import Connection
from smittesporing.metadata import roles
from smittesporing.metadata.check_users import misshapen
from smittesporing.metadata.normalise import Body, normalised
from smittesporing.metadata.report import Refusal
from smittesporing.metadata.sharing import sharing
from smittesporing.settings import OSLO

_USERNAME = re.compile(r"(?=.{4,255}$)(?!.*[_.@]{2})[A-Za-z0-9\-][\w@.\-]*[A-Za-z0-9\-]")
_COLUMNS = frozenset(
    (
        *("id", "username", "firstName", "surname", "name", "displayName", "email", "phoneNumber"),
        *("disabled", "userRoles", "userGroups", "organisationUnits", "dataViewOrganisationUnits"),
        *("teiSearchOrganisationUnits", "settings", "accountExpiry", "authorities", "created"),
        *(
            "lastUpdated",
            "createdBy",
            "lastUpdatedBy",
            "passwordLastUpdated",
            "lastLogin",
            "access",
        ),
        *("sharing", "programs", "dataSets", "patTokens", "hasPassword", "translations"),
        *("externalAuth", "twoFactorType", "twoFactorEnabled", "invitation", "selfRegistered"),
        "emailVerified",
    )
)


@dataclass(frozen=True)
class Wanted:
    """A user as she is to be: the account, a new password if one is stated, and as she was."""

    account: Account
    password: str | None
    before: Account | None
    states_groups: bool


def body_of(account: Account, units: OrgUnits) -> Body:
    """A user as a DHIS2 object: names, roles and org units, never number or password."""
    captures = [unit for unit in account.org_units if unit in units.by_id]
    user_roles = dict.fromkeys(role for role, _ in account.roles if role != CLIENT)
    plain = not accounts.is_client(account)

    def places(ids: Iterable[int]) -> list[Body]:
        return [{"id": units.by_id[unit].uid} for unit in ids if unit in units.by_id]

    body: Body = {
        **account.extra,
        "id": account.uid,
        "username": account.username,
        "firstName": account.first_name,
        "surname": account.surname,
        "name": account.name,
        "disabled": account.disabled,
        "externalAuth": not account.has_password,
        # Nobody is asked to confirm an address by a mail that is never sent.
        "emailVerified": False,
        "twoFactorType": "NOT_ENABLED",
        "invitation": False,
        "selfRegistered": False,
        "userRoles": [
            *({"id": roles.role_uid(role), "name": ROLE_NAMES[role]} for role in user_roles),
            *({"id": uid} for uid in account.user_roles),
        ],
        "userGroups": [{"id": group} for group in account.groups],
        "organisationUnits": places(captures),
        "dataViewOrganisationUnits": places(account.data_view or (captures if plain else ())),
        "teiSearchOrganisationUnits": places(account.search or (captures if plain else ())),
    }
    for name, value in (
        ("email", account.email),
        ("phoneNumber", account.phone),
        ("accountExpiry", _moment(account.expires_at)),
        ("passwordLastUpdated", _moment(account.password_at)),
        ("lastLogin", _moment(account.last_login)),
        ("created", _moment(account.created)),
        ("lastUpdated", _moment(account.last_updated)),
        ("createdBy", {"id": account.created_by} if account.created_by else None),
        ("lastUpdatedBy", {"id": account.updated_by} if account.updated_by else None),
    ):
        if value is not None:
            body[name] = value
    return body


def flat(given: Mapping[str, Any]) -> dict[str, Any]:
    """The user with older clients' `userCredentials` brought up beside the rest; the rest wins."""
    source = dict(given)
    credentials = source.pop("userCredentials", None)
    if isinstance(credentials, Mapping):
        kept = {key: value for key, value in credentials.items() if key not in ("id", "userInfo")}
        source = {**kept, **{key: value for key, value in source.items() if value is not None}}
    return source


def read(given: Mapping[str, Any], before: Account | None, units: OrgUnits) -> Wanted:
    """The user that the object describes; what cannot be kept is left for `refusals` to find."""
    source = flat(given)
    body = normalised("users", source)
    uids = {name: _uids(source, name) for name in _LISTS}
    ours = {role for uid in uids["userRoles"] if (role := roles.ours(uid)) is not None}
    user_roles = tuple(uid for uid in uids["userRoles"] if roles.ours(uid) is None)
    captures = _known(units, uids["organisationUnits"])
    settings = dict(before.settings) if before else {}
    if isinstance(source.get("settings"), Mapping):
        settings |= {str(key): value for key, value in source["settings"].items()}
    states_groups = isinstance(source.get("userGroups"), list)
    groups = uids["userGroups"] if states_groups else (before.groups if before else ())
    account = Account(
        uid=str(body.get("id") or ""),
        username=str(source.get("username") or (before.username if before else "")),
        first_name=str(source.get("firstName") or ""),
        surname=str(source.get("surname") or ""),
        email=_text(source.get("email")),
        phone=_text(source.get("phoneNumber")),
        disabled=source.get("disabled") is True,
        groups=groups,
        user_roles=user_roles,
        roles=_roles(before, ours, bool(user_roles), captures, units),
        data_view=_known(units, uids["dataViewOrganisationUnits"]),
        search=_known(units, uids["teiSearchOrganisationUnits"]),
        settings=settings,
        extra={key: value for key, value in body.items() if key not in _COLUMNS},
        expires_at=_moment_in(source.get("accountExpiry")),
        created=before.created if before else _moment_in(source.get("created")),
    )
    password = source.get("password")
    return Wanted(account, str(password) if password else None, before, states_groups)


def refusals(
    connection: Connection, wanted: Wanted, given: Mapping[str, Any], reach: Reach | None,
    known_roles: Mapping[str, Body], known_groups: Mapping[str, Body],
) -> list[Refusal]:  # fmt: skip
    """Everything that speaks against the user as she is to be; nothing is written here.

    Shape   known_roles and known_groups are those that will exist, by uid. Without a reach the
            installation itself asks.
    """
    account, before, source = wanted.account, wanted.before, flat(given)
    units = org_units.current(connection)
    found = list(misshapen(account, source))
    for name in ("username", "firstName", "surname"):
        if not source.get(name) and not (name == "username" and before):
            found.append(Refusal("E4000", (name,), name))
    if before is not None and account.username.lower() != before.username.lower():
        found.append(Refusal("E4056", ("username", account.username), "username"))
    elif before is None and account.username:
        if not _USERNAME.fullmatch(account.username):
            found.append(Refusal("E4049", ("username", account.username), "username"))
        elif accounts.by_username(connection, account.username) is not None:
            found.append(Refusal("E4054", ("username", account.username), "username"))
    if not account.roles and not account.user_roles:
        at = "organisationUnits" if _uids(source, "userRoles") else "userRoles"
        code = "E4000" if at == "organisationUnits" else "E4055"
        found.append(Refusal(code, (at, account.username), at))
    elif any(role != CLIENT for role in _ours(source)) and not account.roles:
        found.append(Refusal("E4000", ("organisationUnits",), "organisationUnits"))
    if wanted.password is not None:
        email = account.email or ""
        if passwords.fault(wanted.password, account.username, email):
            found.append(Refusal("E4005", ("password", ""), "password"))
    found += _dangling(source, units, known_roles, known_groups)
    if reach is not None:
        found += _rights(reach, units, wanted, known_roles)
        found += _group_rights(reach, wanted, known_groups)
        if before is not None:
            found += last_one(connection, reach, before, frozenset(account.roles))
    return found


def not_hers(reach: Reach, account: Account) -> Refusal:
    """Why she may not change this user, who is not hers to change: 403 or 409 follows the code."""
    if not granting.manages_users(reach):
        return Refusal("E3001", (reach.username, account.uid))
    if "ALL" in account.authorities or any(role == "superuser" for role, _ in account.roles):
        return Refusal("E3041", (reach.username,))
    return Refusal("E3020", (account.uid,))


def last_one(
    connection: Connection, reach: Reach, before: Account, after: frozenset[tuple[str, int]]
) -> list[Refusal]:
    """T014 where the change would leave a kommune without an administrator (KS may even so)."""
    if reach.may("agreements"):
        return []
    return [
        Refusal("T014", (before.uid,), "userRoles")
        for role, unit in frozenset(before.roles) - after
        if role == "administrator"
        and administration.is_last_administrator(connection, before.uid, unit)
    ]


def write(connection: Connection, wanted: Wanted, by: str | None) -> None:
    """Keep the user: columns, roles with their history, password."""
    account, before = wanted.account, wanted.before
    accounts.write(connection, account, by)
    if before is None:
        org_units.note(connection, by, None, "user.added", {"uid": account.uid})
    accounts.set_roles(connection, account.uid, before.roles if before else (), account.roles, by)
    if wanted.password is not None:
        accounts.set_password(connection, account.uid, wanted.password, by)


def holding(account: Account, known_roles: Mapping[str, Mapping[str, Any]]) -> Holding:
    """What the account holds, with the authorities its user roles are to carry."""
    listed = [known_roles.get(uid, {}).get("authorities") or () for uid in account.user_roles]
    given = frozenset(str(each) for one in listed for each in one)
    return Holding(frozenset(account.roles), frozenset(account.user_roles), given)


def _rights(
    reach: Reach, units: OrgUnits, wanted: Wanted, known_roles: Mapping[str, Mapping[str, Any]]
) -> list[Refusal]:
    account, before = wanted.account, wanted.before
    asleep = account.disabled and wanted.password is None and not account.roles
    if before is None and asleep and reach.may("metadata"):
        # Packages bring a name for who made them. Waking it asks for all that it holds.
        return []
    if before is None and not granting.manages_users(reach):
        return [Refusal("E3000", (reach.username, "users"))]
    if before is not None and not granting.manages(reach, units, before):
        return [not_hers(reach, before)]
    had = frozenset(before.roles) if before else frozenset()
    found: list[Refusal] = []
    for role, unit in sorted(frozenset(account.roles) ^ had):
        if granting.may_give(reach, units, role, unit):
            continue
        if role in granting.NATIONAL_ROLES or granting.within(reach, units, unit):
            found.append(Refusal("E3003", (reach.username, roles.role_uid(role)), "userRoles"))
        else:
            found.append(_outside(reach, units, unit, "organisationUnits"))
    given = holding(account, known_roles)
    if not granting.may_pass_on(reach, given.authorities):
        found += [
            Refusal("E3003", (reach.username, uid), "userRoles") for uid in account.user_roles
        ]
    for listed, name in (
        (account.data_view, "dataViewOrganisationUnits"),
        (account.search, "teiSearchOrganisationUnits"),
    ):
        for unit in listed:
            if not granting.within(reach, units, unit):
                found.append(_outside(reach, units, unit, name))
    return found


def _outside(reach: Reach, units: OrgUnits, unit: int, listed: str) -> Refusal:
    return Refusal("E7617", (units.by_id[unit].uid, reach.username), listed)


def _group_rights(reach: Reach, wanted: Wanted, known_groups: Mapping[str, Body]) -> list[Refusal]:
    """The groups she may not put somebody in or take her from: membership opens configuration."""
    had = frozenset(wanted.before.groups if wanted.before else ())
    may = reach.may("metadata") or authorities.holds(
        reach, "F_USERGROUP_PUBLIC_ADD", "F_USER_GROUPS_READ_ONLY_ADD_MEMBERS"
    )
    return [
        Refusal("E3005", (reach.username, uid), "userGroups")
        for uid in sorted(had ^ frozenset(wanted.account.groups))
        if not may or (uid in known_groups and not sharing(known_groups[uid]).changes(reach))
    ]


_LISTS = (
    *("userRoles", "userGroups", "organisationUnits", "dataViewOrganisationUnits"),
    "teiSearchOrganisationUnits",
)


def _roles(
    before: Account | None, ours: set[str], client: bool, captures: tuple[int, ...], units: OrgUnits
) -> tuple[tuple[str, int], ...]:
    """Our roles by org unit: each stated role in each stated unit.

    Shape   A role and a unit that both were there before keep the pairs there were: somebody who
            traces in one kommune and administers another comes back as she went out.
    """
    had = frozenset(before.roles) if before else frozenset()
    had_roles, had_units = {role for role, _ in had}, {unit for _, unit in had}
    found = {(role, units.root.id) for role in ours if role in granting.NATIONAL_ROLES}
    local = {role for role in ours if role not in granting.NATIONAL_ROLES}
    if client:
        local.add(CLIENT)
    for role in local:
        for unit in captures:
            both = role in had_roles and unit in had_units
            if not both or (role, unit) in had:
                found.add((role, unit))
    return tuple(sorted(found))


def _ours(source: Mapping[str, Any]) -> list[str]:
    return [role for uid in _uids(source, "userRoles") if (role := roles.ours(uid)) is not None]


def _dangling(
    source: Mapping[str, Any], units: OrgUnits,
    known_roles: Mapping[str, Any], known_groups: Mapping[str, Any],
) -> list[Refusal]:  # fmt: skip
    name = f"{source.get('username')} [{source.get('id')}]"
    homes: dict[str, Mapping[str, Any]] = {
        "userRoles": known_roles, "userGroups": known_groups, "organisationUnits": units.by_uid,
        "dataViewOrganisationUnits": units.by_uid, "teiSearchOrganisationUnits": units.by_uid,
    }  # fmt: skip
    nouns = {"userRoles": "UserRole", "userGroups": "UserGroup"}
    return [
        Refusal("E5002", (uid, nouns.get(listed, "OrganisationUnit"), name, listed), listed)
        for listed, home in homes.items()
        for uid in _uids(source, listed)
        if uid not in home
    ]


def _uids(source: Mapping[str, Any], name: str) -> tuple[str, ...]:
    listed = source.get(name)
    if not isinstance(listed, list):
        return ()
    return tuple(dict.fromkeys(str(each.get("id")) for each in listed if isinstance(each, Mapping)))


def _known(units: OrgUnits, uids: Iterable[str]) -> tuple[int, ...]:
    return tuple(units.by_uid[uid].id for uid in uids if uid in units.by_uid)


def _text(value: Any) -> str | None:
    return str(value) if value not in (None, "") else None


def _moment_in(value: Any) -> datetime | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value / 1000, UTC)
    if not isinstance(value, str) or not value:
        return None
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=OSLO)


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(OSLO).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] if at else None
