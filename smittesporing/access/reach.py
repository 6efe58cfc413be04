"""reach(user, on) → org units and actions: the only place that answers "may she?".

Takes plain values (decision 10) and reads only access's own tables. Called by the web room for each
request, by commands and by tests. Row-level security repeats the answer in the database.
"""

from dataclasses import dataclass, field

from smittesporing.access import org_units
from smittesporing.database import Connection

# Roles that stand before people. The others see configuration, agreements or published counts.
PEOPLE_ROLES = ("kommuneoverlege", "team_leader", "tracer")
# One who works through the API with DHIS2 user roles, in the org units she captures in.
CLIENT = "client"

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
    CLIENT: frozenset({"people", "count", "published", "api"}),
}
# What DHIS2's own authorities open here, for those who hold them by a user role (decision record 0027).
# The others are kept, shown, and asked by name where the API does.
OPENS: dict[str, frozenset[str]] = {
    "F_METADATA_IMPORT": frozenset({"metadata"}),
    "F_VIEW_EVENT_ANALYTICS": frozenset({"chains"}),
}

NOWHERE = 0
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
    CLIENT: "API-bruker",
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
            kommune, reading in all where she holds a people role (decision 12). A client writes in
            every unit she captures in, as DHIS2 has it. `authorities` holds our actions and, by their
            own names, DHIS2's authorities that her user roles carry.
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
               array['superuser','kommuneoverlege','team_leader','tracer','client','administrator','ks','fhi'],
               m.role)
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
        """select uid, username, first_name || ' ' || surname as name, groups, cardinality(roles) as roles,
                  array(select distinct unnest(r.authorities) from access.user_role r
                         where r.uid = any (u.roles)) as granted
             from access.user_account u
            where uid = %s and not disabled and deleted_at is null
              and (expires_at is null or expires_at > now())""",
        (user,),
    ).fetchone()
    if account is None:
        return None
    memberships = memberships_of(connection, user)
    usable = [m for m in memberships if m.usable]
    granted = frozenset(account["granted"])
    units = org_units.current(connection)
    if "ALL" in granted:
        usable = [Membership(units.root.id, "superuser", True)]
    elif account["roles"] and not usable:
        # DHIS2 has users without org units: they sign in, and see what is shared with them.
        usable = [Membership(NOWHERE, CLIENT, True)]
    wanted = [m for m in usable if m.org_unit == working_in and role in (None, m.role)]
    if not usable:
        return None
    chosen = (wanted or usable)[0]
    read: set[int] = set()
    write: set[int] = set()
    if chosen.role == "superuser":
        read.update(units.by_id)
        write.update(units.by_id)
    elif chosen.role in (*PEOPLE_ROLES, CLIENT):
        for membership in usable:
            if membership.org_unit != NOWHERE and membership.role in (*PEOPLE_ROLES, CLIENT):
                read.update(units.descendants(membership.org_unit))
                if chosen.role == membership.role == CLIENT:
                    write.update(units.descendants(membership.org_unit))
        if chosen.role != CLIENT:
            write.update(units.descendants(chosen.org_unit))
    authorities = ACTIONS[chosen.role] if chosen.active else ROAD_ACTIONS
    if chosen.role == CLIENT or "ALL" in granted:
        authorities = authorities.union(granted, *(OPENS.get(name, ()) for name in granted))
    return Reach(
        user=account["uid"],
        username=account["username"],
        name=account["name"].strip(),
        read=tuple(sorted(read)),
        write=tuple(sorted(write)),
        working_in=None if chosen.org_unit == NOWHERE else chosen.org_unit,
        role=chosen.role,
        authorities=authorities,
        groups=frozenset(account["groups"]),
        memberships=memberships,
    )
