"""Records as Python values, for the rooms above: people whole, enrollments and events by condition.

Every function takes a `Work` and leaves a line in the access log for each person it gives. Reach is
asked twice: in these statements and by row-level security. DHIS2's JSON queries are in `listing`.
Called by `tracing/casebook`, by pages and by registers.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from smittesporing.access import org_units
from smittesporing.access.org_units import OrgUnits
from smittesporing.access.work import Work
from smittesporing.settings import OSLO
from smittesporing.tracker.confidential import unseal
from smittesporing.tracker.records import (
    End,
    Enrollment,
    Event,
    Note,
    Relationship,
    TrackedEntity,
)

Row = dict[str, Any]
MOST = 5_000


def people(work: Work, uids: Iterable[str]) -> dict[str, TrackedEntity]:
    """These people with their enrollments, events (oldest first), notes and relationships, by uid.

    Missing Those that do not exist, are deleted or lie outside one's reach are simply not there;
            so are the parts of a person that another kommune owns.
    """
    key = ",".join(sorted(set(uids)))
    if not key:
        return {}
    rows = work.conn.execute(
        """select * from tracker.tracked_entity
            where tracked_entity = any (string_to_array(%s, ',')) and not deleted
              and (owners && %s::int[] or tracked_entity = any (%s::text[]))""",
        (key, list(work.reach.read), list(work.glass)),
    ).fetchall()
    key = ",".join(row["tracked_entity"] for row in rows)
    found = _whole(work, rows, key) if key else {}
    work.saw(found)
    return found


def person(work: Work, uid: str) -> TrackedEntity | None:
    """One person whole, or None as in `people`."""
    return people(work, (uid,)).get(uid)


def enrollments_where(
    work: Work,
    *,
    program: str,
    owners: Collection[int] | None = None,
    statuses: Collection[str] = (),
    enrolled_from: date | None = None,
    enrolled_to: date | None = None,
    occurred_from: date | None = None,
    occurred_to: date | None = None,
    newest_first: bool = True,
    limit: int = MOST,
    offset: int = 0,
) -> list[Enrollment]:
    """The enrollments of a program within reach, with their events; days are included at both ends.

    `owners` narrows to org units (numbers); None means all one may read.
    """
    order = "desc" if newest_first else "asc"
    rows = work.conn.execute(
        f"""select * from tracker.enrollment
             where program = %(program)s and owner = any (%(owners)s::int[]) and not deleted
               and (%(statuses)s::text[] = '{{}}' or status = any (%(statuses)s::text[]))
               and (%(enrolled_from)s::timestamptz is null or enrolled_at >= %(enrolled_from)s)
               and (%(enrolled_to)s::timestamptz is null or enrolled_at < %(enrolled_to)s)
               and (%(occurred_from)s::timestamptz is null or occurred_at >= %(occurred_from)s)
               and (%(occurred_to)s::timestamptz is null or occurred_at < %(occurred_to)s)
             order by enrolled_at {order}, enrollment limit %(limit)s offset %(offset)s""",  # noqa: S608
        {
            "program": program,
            "owners": _owners(work, owners),
            "statuses": list(statuses),
            "enrolled_from": _from(enrolled_from),
            "enrolled_to": _past(enrolled_to),
            "occurred_from": _from(occurred_from),
            "occurred_to": _past(occurred_to),
            "limit": limit,
            "offset": offset,
        },
    ).fetchall()
    units = org_units.current(work.conn)
    key = ",".join(sorted({row["tracked_entity"] for row in rows}))
    events = _by(_events(work, key), "enrollment")
    notes = _notes(work, key)
    work.saw(row["tracked_entity"] for row in rows)
    return [_enrollment(row, units, events.get(row["enrollment"], ()), notes) for row in rows]


def events_where(
    work: Work,
    *,
    stages: Collection[str],
    owners: Collection[int] | None = None,
    statuses: Collection[str] = (),
    occurred_from: date | None = None,
    occurred_to: date | None = None,
    scheduled_from: date | None = None,
    scheduled_to: date | None = None,
    assigned_user: str | None = None,
    data: Mapping[str, Collection[str]] | None = None,
    enrollments: Collection[str] = (),
    limit: int = MOST,
) -> list[Event]:
    """The events of these stages within reach; days are included at both ends.

    Shape   By scheduled date where the statuses are all planned ones, else by date of occurrence.
    data    data element → the values of which it must hold one.
    """
    planned = bool(statuses) and set(statuses) <= {"SCHEDULE", "OVERDUE"}
    order = "scheduled_at" if planned else "occurred_at"
    held = "".join(
        f" and data->%(element{n})s->>'value' = any (%(held{n})s::text[])"
        for n in range(len(data or {}))
    )
    values: dict[str, Any] = {}
    for n, (element, wanted) in enumerate((data or {}).items()):
        values |= {f"element{n}": element, f"held{n}": list(wanted)}
    rows = work.conn.execute(
        f"""select * from tracker.event
             where program_stage = any (%(stages)s::text[]) and owner = any (%(owners)s::int[])
               and not deleted
               and (%(statuses)s::text[] = '{{}}' or status = any (%(statuses)s::text[]))
               and (%(occurred_from)s::timestamptz is null or occurred_at >= %(occurred_from)s)
               and (%(occurred_to)s::timestamptz is null or occurred_at < %(occurred_to)s)
               and (%(scheduled_from)s::timestamptz is null or scheduled_at >= %(scheduled_from)s)
               and (%(scheduled_to)s::timestamptz is null or scheduled_at < %(scheduled_to)s)
               and (%(user)s::text is null or assigned_user = %(user)s)
               and (%(enrollments)s::text[] = '{{}}' or enrollment = any (%(enrollments)s::text[]))
               {held}
             order by {order} nulls last, event limit %(limit)s""",  # noqa: S608
        {
            "stages": list(stages),
            "owners": _owners(work, owners),
            "statuses": list(statuses),
            "occurred_from": _from(occurred_from),
            "occurred_to": _past(occurred_to),
            "scheduled_from": _from(scheduled_from),
            "scheduled_to": _past(scheduled_to),
            "user": assigned_user,
            "enrollments": list(enrollments),
            "limit": limit,
            **values,
        },
    ).fetchall()
    units = org_units.current(work.conn)
    work.saw(row["tracked_entity"] for row in rows)
    return [_event(row, units, {}) for row in rows]


def locate(work: Work, uids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """uid → (kind, tracked entity) for those that exist anywhere; says nothing more about them."""
    rows = work.conn.execute(
        """select uid, kind, tracked_entity
             from tracker.locate(to_jsonb(string_to_array(%s, ',')))""",
        (",".join(sorted(set(uids))),),
    )
    return {row["uid"]: (row["kind"], row["tracked_entity"]) for row in rows}


# Rows to records ---------------------------------------------------------------------------------------


def _owners(work: Work, owners: Collection[int] | None) -> list[int]:
    if owners is None:
        return list(work.reach.read)
    return sorted(set(owners) & set(work.reach.read))


def _from(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), OSLO) if day else None


def _past(day: date | None) -> datetime | None:
    return datetime.combine(day + timedelta(days=1), time(), OSLO) if day else None


def _by(rows: Iterable[Row], name: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row[name] or "", []).append(row)
    return found


def _events(work: Work, key: str) -> list[Row]:
    return work.conn.execute(
        """select * from tracker.event
            where tracked_entity = any (string_to_array(%s, ',')) and not deleted
            order by coalesce(occurred_at, scheduled_at), created_at, event""",
        (key,),
    ).fetchall()


def _notes(work: Work, key: str) -> dict[str, tuple[Note, ...]]:
    """Notes by the uid of the enrollment or event they stand on, oldest first."""
    rows = work.conn.execute(
        """select * from tracker.note where tracked_entity = any (string_to_array(%s, ','))
            order by stored_at, note""",
        (key,),
    )
    found: dict[str, tuple[Note, ...]] = {}
    for row in rows:
        on = row["event"] or row["enrollment"]
        note = Note(
            note=row["note"],
            value=row["value"],
            stored_at=row["stored_at"],
            stored_by=row["stored_by"],
        )
        found[on] = (*found.get(on, ()), note)
    return found


def links_of(work: Work, key: str) -> dict[str, list[Relationship]]:
    """Relationships by the people (comma-separated) at their ends; both ends must be within reach."""
    rows = work.conn.execute(
        """select distinct on (a.relationship, a.tracked_entity) a.*, a.tracked_entity as mine
             from tracker.relationship_end a
             join tracker.relationship_end b
               on b.tracked_entity = a.other_tracked_entity and b.relationship = a.relationship
              and b.side <> a.side and not b.deleted
            where a.tracked_entity = any (string_to_array(%s, ',')) and not a.deleted""",
        (key,),
    )
    found: dict[str, list[Relationship]] = {}
    for row in rows:
        found.setdefault(row["mine"], []).append(_relationship(row))
    return found


def _relationship(row: Row) -> Relationship:
    here = End(
        tracked_entity=row["tracked_entity"],
        enrollment=row["enrollment"] or "",
        event=row["event"] or "",
    )
    there = End(
        tracked_entity=row["other_tracked_entity"],
        enrollment=row["other_enrollment"] or "",
        event=row["other_event"] or "",
    )
    from_, to = (here, there) if row["side"] == "from" else (there, here)
    return Relationship(
        relationship=row["relationship"],
        type=row["type"],
        from_=from_,
        to=to,
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        stored_by=row["stored_by"],
        version=row["version"],
    )


def _whole(work: Work, rows: Sequence[Row], key: str) -> dict[str, TrackedEntity]:
    units = org_units.current(work.conn)
    enrolled = _by(
        work.conn.execute(
            """select * from tracker.enrollment
                where tracked_entity = any (string_to_array(%s, ',')) and not deleted
                order by enrolled_at, created_at, enrollment""",
            (key,),
        ),
        "tracked_entity",
    )
    events = _by(_events(work, key), "enrollment")
    notes = _notes(work, key)
    links = links_of(work, key)
    return {
        row["tracked_entity"]: _tracked_entity(
            work,
            row,
            units,
            tuple(
                _enrollment(one, units, events.get(one["enrollment"], ()), notes)
                for one in enrolled.get(row["tracked_entity"], ())
            ),
            tuple(links.get(row["tracked_entity"], ())),
        )
        for row in rows
    }


def _tracked_entity(
    work: Work,
    row: Row,
    units: OrgUnits,
    enrollments: tuple[Enrollment, ...],
    links: tuple[Relationship, ...],
) -> TrackedEntity:
    key = work.settings.field_key
    return TrackedEntity(
        tracked_entity=row["tracked_entity"],
        type=row["type"],
        org_unit=units.by_id[row["org_unit"]].uid,
        owners=tuple(row["owners"]),
        attributes={uid: unseal(key, uid, v["value"]) for uid, v in row["attributes"].items()},
        geometry=row["geometry"],
        inactive=row["inactive"],
        potential_duplicate=row["potential_duplicate"],
        enrollments=enrollments,
        relationships=links,
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        created_at_client=row["created_at_client"],
        updated_at_client=row["updated_at_client"],
        stored_by=row["stored_by"],
        version=row["version"],
    )


def _enrollment(
    row: Row, units: OrgUnits, events: Iterable[Row], notes: Mapping[str, tuple[Note, ...]]
) -> Enrollment:
    return Enrollment(
        enrollment=row["enrollment"],
        tracked_entity=row["tracked_entity"],
        program=row["program"],
        org_unit=units.by_id[row["org_unit"]].uid,
        owner=row["owner"],
        status=row["status"],
        enrolled_at=row["enrolled_at"],
        occurred_at=row["occurred_at"],
        completed_at=row["completed_at"],
        completed_by=row["completed_by"],
        follow_up=row["follow_up"],
        geometry=row["geometry"],
        notes=notes.get(row["enrollment"], ()),
        events=tuple(_event(one, units, notes) for one in events),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        created_at_client=row["created_at_client"],
        updated_at_client=row["updated_at_client"],
        stored_by=row["stored_by"],
        version=row["version"],
    )


def _event(row: Row, units: OrgUnits, notes: Mapping[str, tuple[Note, ...]]) -> Event:
    return Event(
        event=row["event"],
        enrollment=row["enrollment"] or "",
        tracked_entity=row["tracked_entity"],
        program=row["program"],
        program_stage=row["program_stage"],
        org_unit=units.by_id[row["org_unit"]].uid,
        owner=row["owner"],
        status=row["status"],
        occurred_at=row["occurred_at"],
        scheduled_at=row["scheduled_at"],
        completed_at=row["completed_at"],
        completed_by=row["completed_by"],
        assigned_user=row["assigned_user"],
        data={uid: each["value"] for uid, each in row["data"].items()},
        attribute_option_combo=row["attribute_option_combo"],
        geometry=row["geometry"],
        notes=notes.get(row["event"], ()),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        created_at_client=row["created_at_client"],
        updated_at_client=row["updated_at_client"],
        stored_by=row["stored_by"],
        version=row["version"],
    )
