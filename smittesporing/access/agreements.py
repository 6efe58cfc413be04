"""SSA-L and the service annex → a kommune's road into service, step by step.

KS registers what is signed; the kommune's administrator activates. Before that nobody in the kommune gets
in, and `road` says what is missing and who can fix it. Called by pages and by sign-in.
"""

from dataclasses import dataclass
from datetime import date, datetime

from smittesporing.access import org_units
from smittesporing.access.reach import Reach
from smittesporing.database import Connection
from smittesporing.problems import Refused


@dataclass(frozen=True)
class Agreement:
    """What is signed and done for one kommune."""

    org_unit: int
    ssa_l_signed_on: date | None = None
    annex_signed_on: date | None = None
    activated_at: datetime | None = None
    ended_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True)
class Step:
    """One step of the road: what, done or not, when, and who can do it."""

    name: str
    done: bool
    when: date | None
    who: str


def of(connection: Connection, org_unit: int) -> Agreement:
    """The kommune's agreement; an empty one when nothing is registered."""
    row = connection.execute(
        """select org_unit, ssa_l_signed_on, annex_signed_on, activated_at, ended_at, version
             from access.agreement where org_unit = %s""",
        (org_unit,),
    ).fetchone()
    return Agreement(**row) if row else Agreement(org_unit)


def all_agreements(connection: Connection) -> dict[int, Agreement]:
    """Every registered agreement by org unit."""
    rows = connection.execute(
        """select org_unit, ssa_l_signed_on, annex_signed_on, activated_at, ended_at, version
             from access.agreement"""
    ).fetchall()
    return {row["org_unit"]: Agreement(**row) for row in rows}


def is_active(agreement: Agreement) -> bool:
    return agreement.activated_at is not None and agreement.ended_at is None


def administrators(connection: Connection, org_unit: int) -> int:
    row = connection.execute(
        """select count(*) as n from access.membership
            where org_unit = %s and role = 'administrator' and ended_at is null""",
        (org_unit,),
    ).fetchone()
    return int(row["n"]) if row else 0


def road(connection: Connection, org_unit: int) -> list[Step]:
    """The steps into service in order; the first that is not done is what is missing."""
    return steps(of(connection, org_unit), administrators(connection, org_unit))


def steps(agreement: Agreement, administrators: int) -> list[Step]:
    """The same steps out of what is already read, for a list of many kommuner."""
    activated = agreement.activated_at.date() if agreement.activated_at else None
    return [
        Step("SSA-L for Fiks-plattformen er signert", agreement.ssa_l_signed_on is not None,
             agreement.ssa_l_signed_on, "KS registrerer"),
        Step("Tjenestevedlegget er signert", agreement.annex_signed_on is not None,
             agreement.annex_signed_on, "KS registrerer"),
        Step("Kommunen har en administrator", administrators > 0,
             None, "KS oppnevner"),
        Step("Tjenesten er slått på", is_active(agreement), activated, "Kommunens administrator"),
    ]  # fmt: skip


def register(
    connection: Connection, reach: Reach, org_unit: int, ssa_l: date | None, annex: date | None
) -> Agreement:
    """KS registers what the kommune has signed.

    Errors  T002 for anybody but KS; T010 for a unit that is not a kommune.
    """
    if not reach.may("agreements"):
        raise Refused("T002", status=403)
    unit = org_units.current(connection).by_id.get(org_unit)
    if unit is None or unit.level != org_units.KOMMUNE_LEVEL:
        raise Refused("T010", "Kommune", "Velg en kommune fra listen.", status=400)
    connection.execute(
        """insert into access.agreement as a
             (org_unit, ssa_l_signed_on, annex_signed_on, registered_by, registered_at)
           values (%s, %s, %s, %s, now())
           on conflict (org_unit) do update
             set ssa_l_signed_on = excluded.ssa_l_signed_on,
                 annex_signed_on = excluded.annex_signed_on,
                 registered_by = excluded.registered_by, registered_at = now(),
                 version = a.version + 1""",
        (org_unit, ssa_l, annex, reach.user),
    )
    org_units.note(connection, reach.user, org_unit, "agreement.registered",
                   {"ssa_l": str(ssa_l), "annex": str(annex)})  # fmt: skip
    return of(connection, org_unit)


def activate(connection: Connection, by: str, org_unit: int) -> Agreement:
    """The kommune's administrator takes the service into use.

    Errors  T004 names the step that is missing; T002 when she is not the kommune's administrator.
    """
    unit = org_units.current(connection).by_id[org_unit]
    allowed = connection.execute(
        """select 1 from access.membership where user_uid = %s and ended_at is null
             and (role = 'superuser' or (org_unit = %s and role = 'administrator'))""",
        (by, org_unit),
    ).fetchone()
    if not allowed:
        raise Refused("T002", status=403)
    missing = [step for step in road(connection, org_unit)[:-1] if not step.done]
    if missing:
        step = missing[0]
        raise Refused("T004", unit.name, f"«{step.name}» gjenstår ({step.who})")
    connection.execute(
        """update access.agreement set activated_by = %s, activated_at = now(), ended_at = null,
                  version = version + 1 where org_unit = %s""",
        (by, org_unit),
    )
    org_units.note(connection, by, org_unit, "agreement.activated", {})
    return of(connection, org_unit)
