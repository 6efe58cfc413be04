"""What an administrator does besides granting roles, and the list of what she has done.

Rename a local unit, choose among the options that the rules leave to a kommune, take roles back, see
every kommune's road, read the list of changes. Each function asks the reach itself.
Called by the administration's pages.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from smittesporing.access import agreements, org_units, users
from smittesporing.access.agreements import Agreement, Step
from smittesporing.access.org_units import OrgUnit
from smittesporing.access.reach import Reach
from smittesporing.database import Connection
from smittesporing.problems import Refused

# What KS reads in the list of changes: agreements, units and its own appointments. Who traces in a
# kommune is the kommune's own business.
KS_ROLES = ("administrator", "ks", "fhi")
NAME_LENGTH = 100


@dataclass(frozen=True)
class Road:
    """One kommune's road into service; `missing` is the first step that is not done.

    A kommune in use may still miss a step: its last administrator has left.
    """

    unit: OrgUnit
    agreement: Agreement
    steps: tuple[Step, ...]

    @property
    def in_use(self) -> bool:
        return agreements.is_active(self.agreement)

    @property
    def missing(self) -> int | None:
        """The place of the first step that is not done, from 0; None when all are."""
        return next((place for place, step in enumerate(self.steps) if not step.done), None)


@dataclass(frozen=True)
class Change:
    """One line of what administrators did. `person` is whom it concerns, a user and no patient."""

    at: datetime
    by: str
    org_unit: int | None
    what: str
    detail: Mapping[str, Any]
    person: str


def roads(connection: Connection) -> list[Road]:
    """Every kommune's road, by the kommune's number; two queries however many they are."""
    rows = connection.execute(
        """select org_unit, count(*) as n from access.membership
            where role = 'administrator' and ended_at is null group by org_unit"""
    ).fetchall()
    administrators = {row["org_unit"]: row["n"] for row in rows}
    signed = agreements.all_agreements(connection)
    kommuner = org_units.current(connection).level(org_units.KOMMUNE_LEVEL)
    found = []
    for unit in sorted(kommuner, key=lambda unit: unit.code or ""):
        agreement = signed.get(unit.id, Agreement(unit.id))
        steps = agreements.steps(agreement, administrators.get(unit.id, 0))
        found.append(Road(unit, agreement, tuple(steps)))
    return found


def rename(connection: Connection, reach: Reach, unit: int, name: str) -> OrgUnit:
    """A new name for a bydel or team of one's own kommune.

    Errors  T003 outside it; T005 for a unit of Kartverket's register; T010 without a name.
    """
    found = own_unit(connection, reach, unit)
    if found.official:
        raise Refused("T005", found.name)
    written = unit_name(name)
    if written == found.name:
        return found
    connection.execute(
        """update access.org_unit set name = %s, last_updated = now(), version = version + 1
            where id = %s""",
        (written, unit),
    )
    org_units.touch(connection)
    detail = {"uid": found.uid, "from": found.name, "to": written}
    org_units.note(connection, reach.user, found.kommune, "org_unit.renamed", detail)
    return org_units.current(connection).by_id[unit]


def own_unit(connection: Connection, reach: Reach, unit: int) -> OrgUnit:
    """The unit, when it is the administrator's kommune or below it; otherwise T003, as if unknown."""
    units = org_units.current(connection)
    found = units.by_id.get(unit)
    home = reach.working_in
    if found is None or not reach.may("administer"):
        raise Refused("T003", status=404)
    if not reach.superuser and home not in found.ancestors:
        raise Refused("T003", status=404)
    return found


def unit_name(name: str) -> str:
    """The name without needless space. Errors  T010 when nothing, or far too much, is left."""
    written = " ".join(name.split())
    if not written or len(written) > NAME_LENGTH:
        said = f"Skriv et navn på enheten, høyst {NAME_LENGTH} tegn."
        raise Refused("T010", "Navn", said, status=400)
    return written


def options_of(connection: Connection, org_unit: int) -> frozenset[str]:
    """The options this kommune has chosen to use, by the code the rules ask for."""
    row = connection.execute(
        "select options from access.agreement where org_unit = %s", (org_unit,)
    ).fetchone()
    return frozenset(code for code, on in row["options"].items() if on) if row else frozenset()


def choose_options(
    connection: Connection, reach: Reach, org_unit: int, chosen: Iterable[str], known: Iterable[str]
) -> frozenset[str]:
    """Choose which of the known options hold in the kommune; unknown codes are left out.

    Errors  T003 for somebody else's kommune; T004 before anything is registered for it.
    """
    unit = own_unit(connection, reach, org_unit)
    known = frozenset(known)
    wanted = frozenset(chosen) & known
    before = options_of(connection, org_unit)
    if wanted == before & known:
        return before
    after = {code: code in wanted or code in before - known for code in sorted(before | known)}
    changed = connection.execute(
        """update access.agreement set options = %s, version = version + 1
            where org_unit = %s returning org_unit""",
        (Jsonb(after), org_unit),
    ).fetchone()
    if changed is None:
        raise Refused("T004", unit.name, "KS har ikke registrert avtalen ennå")
    detail = {"chosen": sorted(wanted - before), "dropped": sorted((before & known) - wanted)}
    org_units.note(connection, reach.user, org_unit, "options.chosen", detail)
    return frozenset(code for code, on in after.items() if on)


def is_last_administrator(connection: Connection, user: str, org_unit: int) -> bool:
    """Whether nobody would be left to administer the kommune without this user."""
    holders = {
        each.user.uid
        for each in users.in_unit(connection, org_unit)
        if each.role == "administrator" and not each.user.disabled
    }
    return holders == {user}


def change_roles(
    connection: Connection, reach: Reach, user: str, org_unit: int, give: set[str], take: set[str]
) -> None:
    """Give and take roles of one user in one unit, all or nothing.

    Errors  T002 for a role she may not give there; T014 when nobody would be left to administer the
            kommune (KS may take it back even so); T003 for an unknown user.
    """
    for role in give | take:
        if not users.may_grant(reach, org_unit, role):
            raise Refused("T002", status=403)
    if users.by_uid(connection, user) is None:
        raise Refused("T003", status=404)
    if "administrator" in take and not reach.may("agreements"):
        # Two administrators who take each other's role at once would leave none.
        connection.execute(
            """select 1 from access.membership where org_unit = %s and role = 'administrator'
                order by user_uid for update""",
            (org_unit,),
        )
        if is_last_administrator(connection, user, org_unit):
            raise Refused("T014")
    for role in sorted(give):
        users.grant(connection, user, org_unit, role, by=reach.user)
    for role in sorted(take):
        users.end(connection, user, org_unit, role, by=reach.user)


def changes(
    connection: Connection, reach: Reach, org_unit: int | None = None, limit: int = 100
) -> list[Change]:
    """What administrators did, newest first: in one's own kommune, or for KS in its own field.

    org_unit  only what was done in this unit, within the same limits.
    """
    units = org_units.current(connection)
    within: list[int] | None = None
    if not reach.may("agreements"):
        within = list(units.descendants(reach.working_in)) if reach.working_in else []
    rows = connection.execute(
        """select c.at, coalesce(b.first_name || ' ' || b.surname, '') as by, c.org_unit, c.what,
                  c.detail, coalesce(u.first_name || ' ' || u.surname, '') as person
             from access.change c
             left join access.user_account b on b.uid = c.by_user
             left join access.user_account u
               on u.uid = case when c.what = 'user.added' then c.detail ->> 'uid' else c.detail ->> 'user' end
            where c.what not like 'session.%%' and (%(unit)s::int is null or c.org_unit = %(unit)s)
              and case when %(within)s::int[] is not null then c.org_unit = any (%(within)s)
                  else c.what like 'agreement.%%' or c.what like 'org_unit.%%'
                    or c.detail ->> 'role' = any (%(roles)s) end
            order by c.at desc limit %(limit)s""",
        {"within": within, "unit": org_unit, "roles": list(KS_ROLES), "limit": limit},
    ).fetchall()
    return [Change(**row) for row in rows]
