"""Relationships as DHIS2's JSON. One whose other end is out of reach is left out whole.

The rows lie beside each end; a relationship is shown when both of its rows may be read. Called by
`answers` and by web/api/tracker.
"""

from typing import Any

from smittesporing.access.work import Work
from smittesporing.metadata.snapshot import Metadata
from smittesporing.tracker.moments import stamp

Row = dict[str, Any]
Body = dict[str, Any]

DEFAULT_FIELDS = (
    "relationship,relationshipType,createdAtClient,"
    "from[trackedEntity[trackedEntity],enrollment[enrollment],event[event]],"
    "to[trackedEntity[trackedEntity],enrollment[enrollment],event[event]]"
)


def ends_of(work: Work, people: str) -> list[Row]:
    """The ends at these people (comma-separated) of relationships that may be read whole."""
    return work.conn.execute(
        """select a.* from tracker.relationship_end a
             join tracker.relationship_end b
               on b.tracked_entity = a.other_tracked_entity and b.relationship = a.relationship
              and b.side <> a.side
            where a.tracked_entity = any (string_to_array(%(people)s, ','))
              and a.owner = any (%(reach)s) and b.owner = any (%(reach)s)
              and not a.deleted and not b.deleted
            order by a.created_at desc, a.relationship""",
        {"people": people, "reach": list(work.reach.read)},
    ).fetchall()


def link_body(row: Row, metadata: Metadata) -> Body:
    """The relationship, seen from the row of either end."""
    type_ = metadata.relationship_types.get(row["type"])
    here = _item(row["tracked_entity"], row["enrollment"], row["event"])
    there = _item(row["other_tracked_entity"], row["other_enrollment"], row["other_event"])
    from_, to = (here, there) if row["side"] == "from" else (there, here)
    body = {
        "relationship": row["relationship"],
        "relationshipType": row["type"],
        "relationshipName": type_.name if type_ else "",
        "bidirectional": type_.bidirectional if type_ else False,
        "createdAt": stamp(row["created_at"]),
        "createdAtClient": stamp(row["created_at_client"]),
        "updatedAt": stamp(row["updated_at"]),
        "from": from_,
        "to": to,
    }
    return {name: value for name, value in body.items() if value is not None}


def _item(person: str, enrollment: str | None, event: str | None) -> Body:
    if event:
        return {"event": {"event": event, "enrollment": enrollment, "trackedEntity": person}}
    if enrollment:
        return {"enrollment": {"enrollment": enrollment, "trackedEntity": person}}
    return {"trackedEntity": {"trackedEntity": person}}
