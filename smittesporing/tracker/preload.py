"""Everything the bundle refers to, fetched in a fixed number of statements.

Reads metadata, org units and the stored records that the bundle names or touches, and locks the
people among them, so that two imports of one person queue. Judges nothing: that is `validate`.
Called by the importer only; what it fetches is shown to nobody.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from smittesporing.access import org_units
from smittesporing.access.org_units import OrgUnits
from smittesporing.access.work import Work
from smittesporing.database import Connection
from smittesporing.metadata import store
from smittesporing.metadata.snapshot import Metadata
from smittesporing.tracker.confidential import keyed_hash
from smittesporing.tracker.records import Bundle, Values

Row = dict[str, Any]
# attribute, scope (0, or an org unit's number), keyed hash
Claim = tuple[str, int, str]


@dataclass(frozen=True)
class Known:
    """What the database held when the import began, by uid."""

    metadata: Metadata
    units: OrgUnits
    places: Mapping[str, tuple[str, str]]  # uid → kind, tracked entity
    people: Mapping[str, Row]
    enrollments: Mapping[str, Row]
    events: Mapping[str, Row]
    links: Mapping[str, Row]  # the from-rows
    enrollments_of: Mapping[str, list[Row]]
    events_of: Mapping[str, list[Row]]
    program_owners: Mapping[tuple[str, str], int]
    linked: frozenset[tuple[str, str, str]]  # type, from uid, to uid
    holders: Mapping[Claim, str]
    notes: frozenset[str]
    users: Mapping[str, Row] = field(default_factory=dict)  # by uid and by user name


def document(rows: Iterable[Any]) -> str:
    """The rows as one JSON document, which PostgreSQL unpacks far faster than arrays."""
    return msgspec.json.encode(list(rows)).decode()


def preload(work: Work, bundle: Bundle) -> Known:
    """What the bundle names, as it stands before the import; the people are locked until commit."""
    conn = work.conn
    metadata = store.current(conn)
    units = org_units.current(conn)
    places = _places(conn, bundle)
    touched = sorted({person for _, person in places.values()})
    people: dict[str, Row] = {}
    enrollments: list[Row] = []
    events: list[Row] = []
    links: list[Row] = []
    owners: dict[tuple[str, str], int] = {}
    if touched:
        key = ",".join(touched)
        people = _people(conn, key)
        enrollments = conn.execute(
            "select * from tracker.enrollment where tracked_entity = any (string_to_array(%s, ','))",
            (key,),
        ).fetchall()
        events = conn.execute(
            "select * from tracker.event where tracked_entity = any (string_to_array(%s, ','))",
            (key,),
        ).fetchall()
        owners = _program_owners(conn, key)
        if bundle.relationships:
            links = conn.execute(
                """select * from tracker.relationship_end
                    where tracked_entity = any (string_to_array(%s, ','))""",
                (key,),
            ).fetchall()
    return Known(
        metadata=metadata,
        units=units,
        places=places,
        people=people,
        enrollments={row["enrollment"]: row for row in enrollments},
        events={row["event"]: row for row in events},
        links={row["relationship"]: row for row in links if row["side"] == "from"},
        enrollments_of=_grouped(enrollments, "tracked_entity"),
        events_of=_grouped(events, "enrollment"),
        program_owners=owners,
        linked=frozenset(_pair(row) for row in links if not row["deleted"]),
        holders=_holders(work, metadata, units, bundle, people),
        notes=_notes(conn, bundle, touched),
        users=_users(conn, bundle),
    )


def claims_of(
    key: bytes, metadata: Metadata, values: Values, org_unit: int
) -> list[tuple[str, Claim]]:
    """Each unique attribute among the values, with the claim its value makes."""
    found = []
    for uid, value in values.items():
        attribute = metadata.attributes.get(uid)
        if value and attribute is not None and attribute.unique:
            scope = org_unit if attribute.orgunit_scope else 0
            found.append((uid, (uid, scope, keyed_hash(key, uid, value))))
    return found


def _places(conn: Connection, bundle: Bundle) -> dict[str, tuple[str, str]]:
    named: set[str] = set()
    for person in bundle.tracked_entities:
        named.add(person.tracked_entity)
    for enrollment in bundle.enrollments:
        named.update((enrollment.enrollment, enrollment.tracked_entity))
    for event in bundle.events:
        named.update((event.event, event.enrollment, event.tracked_entity))
    for link in bundle.relationships:
        named.add(link.relationship)
        for end in (link.from_, link.to):
            named.update((end.tracked_entity, end.enrollment, end.event))
    named.discard("")
    rows = conn.execute(
        "select uid, kind, tracked_entity from tracker.locate(%s::text::jsonb)",
        (document(sorted(named)),),
    )
    return {row["uid"]: (row["kind"], row["tracked_entity"]) for row in rows}


def _people(conn: Connection, key: str) -> dict[str, Row]:
    rows = conn.execute(
        """select * from tracker.tracked_entity where tracked_entity = any (string_to_array(%s, ','))
            order by tracked_entity for update""",
        (key,),
    )
    return {row["tracked_entity"]: row for row in rows}


def _program_owners(conn: Connection, key: str) -> dict[tuple[str, str], int]:
    rows = conn.execute(
        """select tracked_entity, program, owner from tracker.program_owner
            where tracked_entity = any (string_to_array(%s, ','))""",
        (key,),
    )
    return {(row["tracked_entity"], row["program"]): row["owner"] for row in rows}


def _grouped(rows: list[Row], name: str) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        if not row["deleted"]:
            grouped.setdefault(row[name] or "", []).append(row)
    return grouped


def _pair(row: Row) -> tuple[str, str, str]:
    here = row["event"] or row["enrollment"] or row["tracked_entity"]
    there = row["other_event"] or row["other_enrollment"] or row["other_tracked_entity"]
    return (row["type"], here, there) if row["side"] == "from" else (row["type"], there, here)


def _holders(
    work: Work, metadata: Metadata, units: OrgUnits, bundle: Bundle, people: Mapping[str, Row]
) -> dict[Claim, str]:
    org_unit_of = {uid: int(row["org_unit"]) for uid, row in people.items()}
    for person in bundle.tracked_entities:
        unit = units.by_uid.get(person.org_unit)
        if unit is not None:
            org_unit_of.setdefault(person.tracked_entity, unit.id)
    key = work.settings.field_key
    wanted: set[Claim] = set()
    for uid, values in _values(bundle):
        for _, claim in claims_of(key, metadata, values, org_unit_of.get(uid, 0)):
            wanted.add(claim)
    if not wanted:
        return {}
    rows = work.conn.execute(
        "select attribute, scope, hash, tracked_entity from tracker.holders(%s::text::jsonb)",
        (document({"attribute": a, "scope": s, "hash": h} for a, s, h in wanted),),
    )
    return {(row["attribute"], row["scope"], row["hash"]): row["tracked_entity"] for row in rows}


def _values(bundle: Bundle) -> Iterable[tuple[str, Values]]:
    for person in bundle.tracked_entities:
        yield person.tracked_entity, person.attributes
    for enrollment in bundle.enrollments:
        if enrollment.attributes:
            yield enrollment.tracked_entity, enrollment.attributes


def _notes(conn: Connection, bundle: Bundle, touched: list[str]) -> frozenset[str]:
    sent = [note.note for one in bundle.enrollments for note in one.notes]
    sent += [note.note for one in bundle.events for note in one.notes]
    if not sent or not touched:
        return frozenset()
    rows = conn.execute(
        """select note from tracker.note where tracked_entity = any (string_to_array(%s, ','))
              and note = any (string_to_array(%s, ','))""",
        (",".join(touched), ",".join(sent)),
    )
    return frozenset(row["note"] for row in rows)


def _users(conn: Connection, bundle: Bundle) -> dict[str, Row]:
    named = sorted({one.assigned_user for one in bundle.events if one.assigned_user})
    if not named:
        return {}
    rows = conn.execute(
        """select uid, username, first_name, surname from access.user_account
            where not disabled and (uid = any (string_to_array(%s, ','))
                  or lower(username) = any (string_to_array(lower(%s), ',')))""",
        (",".join(named), ",".join(named)),
    ).fetchall()
    return {name: row for row in rows for name in (row["uid"], row["username"])}
