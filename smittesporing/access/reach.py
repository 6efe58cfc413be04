"""reach(user, on) → org units and actions: the only place that answers "may she?".

Takes plain values (decision 10) and reads only access's own tables. Called by the web room for each
request, by commands and by tests. Row-level security repeats the answer in the database.
"""

from dataclasses import dataclass, field

from smittesporing.access import org_units
from smittesporing.database import Connection

# Roles that stand before people. The others see configuration, agreements or published counts.
PEOPLE_ROLES = ("kommuneoverlege", "team_leader", "tracer")

# What each role may do. Routes name these actions; DHIS2's authorities are asked by the same names.
ACTIONS: dict[str, frozenset[str]] = {
    "tracer": frozenset({"people", "count", "chains", "api"}),
    "team_leader": frozenset({"people", "count", "chains", "assign", "export", "api"}),
    "kommuneoverlege": frozenset(
        {"people", "count", "chains", "assign", "export", "decide", "report", "api"}
    ),
    "administrator": frozenset({"administer", "published", "api"}),
    "ks": frozenset({"agreements", "metadata", "published", "api"}),
    "fhi": frozenset({"published", "api"}),
    "superuser": frozenset(
        {"people", "count", "chains", "assign", "export", "decide", "report", "metadata"}
        | {"administer", "agreements", "published", "api", "ALL"}
    ),
}

# Before the kommune's road is walked its administrator stands on it: she walks it, and sees nobody.
ROAD_ACTIONS = frozenset({"administer"})

ROLE_NAMES = {
    "tracer": "smittesporer",
    "team_leader": "teamleder",
    "kommuneoverlege": "kommuneoverlege",
    "administrator": "administrator",
    "ks": "KS",
    "fhi": "FHI",
    "superuser": "systembruker",
}


@dataclass(frozen=True)
class Membership:
    """One role of one user in one org unit; `active` is false while the kommune's road is not walked."""

    org_unit: int
    role: str
    active: bool

    @property
    def usable(self) -> bool:
        """Whether she may work in it: an administrator may before the kommune is in, to walk its road."""
        return self.active or self.role == "administrator"


@dataclass(frozen=True)
class Reach:
    """What one user may do right now.

    Shape   `read` and `write` are org unit ids with all descendants, sorted; writing is always in one
            kommune, reading in all where she holds a people role (decision 12).
    """

    user: str
    username: str
    name: str
    read: tuple[int, ...]
    write: tuple[int, ...]
    working_in: int | None
    role: str
    authorities: frozenset[str]
    groups: frozenset[str] = frozenset()
    memberships: tuple[Membership, ...] = field(default=())

    def may(self, action: str) -> bool:
        """Whether the role she works in carries the action; a superuser carries all."""
        return action in self.authorities or "ALL" in self.authorities

    @property
    def superuser(self) -> bool:
        return "ALL" in self.authorities


def memberships_of(connection: Connection, user: str) -> tuple[Membership, ...]:
    """Her roles, strongest first within a kommune; ended ones are left out."""
    rows = connection.execute(
        """
        select m.org_unit, m.role, o.kommune is null
               or (a.activated_at is not null and a.ended_at is null) as active
          from access.membership m
          join access.org_unit o on o.id = m.org_unit
          left join access.agreement a on a.org_unit = coalesce(o.kommune, o.id)
         where m.user_uid = %s and m.ended_at is null
         order by active desc, m.org_unit, array_position(
               array['superuser','kommuneoverlege','team_leader','tracer','administrator','ks','fhi'], m.role)
        """,
        (user,),
    ).fetchall()
    return tuple(Membership(row["org_unit"], row["role"], row["active"]) for row in rows)


def reach_for(
    connection: Connection, user: str, working_in: int | None = None, role: str | None = None
) -> Reach | None:
    """Her reach when she works in that org unit and role; the first she has when none is chosen.

    Answer  None when she is unknown, disabled or holds no role in an activated kommune. The one
            exception is a kommune's administrator, who may `administer` before that, and nothing else.
    """
    account = connection.execute(
        """select uid, username, first_name || ' ' || surname as name, groups
             from access.user_account where uid = %s and not disabled""",
        (user,),
    ).fetchone()
    if account is None:
        return None
    memberships = memberships_of(connection, user)
    usable = [m for m in memberships if m.usable]
    wanted = [m for m in usable if m.org_unit == working_in and role in (None, m.role)]
    if not usable:
        return None
    chosen = (wanted or usable)[0]
    units = org_units.current(connection)
    read: set[int] = set()
    write: tuple[int, ...] = ()
    if chosen.role == "superuser":
        read.update(units.by_id)
        write = tuple(sorted(units.by_id))
    elif chosen.role in PEOPLE_ROLES:
        for membership in usable:
            if membership.role in PEOPLE_ROLES:
                read.update(units.descendants(membership.org_unit))
        write = units.descendants(chosen.org_unit)
    return Reach(
        user=account["uid"],
        username=account["username"],
        name=account["name"],
        read=tuple(sorted(read)),
        write=write,
        working_in=chosen.org_unit,
        role=chosen.role,
        authorities=ACTIONS[chosen.role] if chosen.active else ROAD_ACTIONS,
        groups=frozenset(account["groups"]),
        memberships=memberships,
    )
