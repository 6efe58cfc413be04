"""Rows → DHIS2's tracker JSON, with the children that `fields` asks for and no others.

Children are fetched for the whole page at once. Everyone shown is logged. Chooses no rows: that is
`listing`. Called by web/api/tracker.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from smittesporing.access import org_units
from smittesporing.access.work import Work
from smittesporing.metadata import fields, store
from smittesporing.metadata.fields import Selection, Tree, asks_for
from smittesporing.tracker.combos import options_of
from smittesporing.tracker.confidential import unseal
from smittesporing.tracker.links import ends_of, link_body
from smittesporing.tracker.moments import stamp
from smittesporing.tracker.records import ENROLLMENT, EVENT, TRACKED_ENTITY

Row = dict[str, Any]
Body = dict[str, Any]

DEFAULT_FIELDS = {
    TRACKED_ENTITY: "*,!relationships,!enrollments,!events,!programOwners",
    ENROLLMENT: "*,!relationships,!events,!attributes",
    EVENT: "*,!relationships",
}


class Answer:
    """One answer being made: what is asked for, and what has been fetched for it."""

    def __init__(self, work: Work, text: str, program: str = "") -> None:
        self.work = work
        self.tree: Tree = fields.parse(text)
        self.select: Selection = fields.choose(text)
        self.program = program
        self.metadata = store.current(work.conn)
        self.units = org_units.current(work.conn)
        self.users: Mapping[str, Row] = {}
        self.notes: dict[str, list[Row]] = {}
        self.links: dict[str, list[Row]] = {}
        self.owners: dict[str, list[Row]] = {}

    def asks(self, path: str) -> bool:
        return asks_for(self.tree, path)

    def rows(self, statement: str, *values: Any) -> list[Row]:
        return self.work.conn.execute(statement, values).fetchall()

    def fetch(self, people: str, prefix: str = "") -> None:
        """Notes, relationships and owners of these people, where they are asked for."""
        if any(self.asks(prefix + path) for path in ("notes", "enrollments.notes", "events.notes")):
            for row in self.rows(
                """select * from tracker.note where tracked_entity = any (string_to_array(%s, ','))
                    order by stored_at, note""",
                people,
            ):
                self.notes.setdefault(row["event"] or row["enrollment"], []).append(row)
        if any(
            self.asks(path)
            for path in (
                "relationships",
                "enrollments.relationships",
                "enrollments.events.relationships",
                "events.relationships",
            )
        ):
            for row in ends_of(self.work, people):
                here = row["event"] or row["enrollment"] or row["tracked_entity"]
                self.links.setdefault(here, []).append(row)

    def unit(self, number: int) -> tuple[str, str]:
        found = self.units.by_id.get(number)
        return (found.uid, found.name) if found else ("", "")

    # Bodies ------------------------------------------------------------------------------------

    def attributes(self, row: Row, wanted: Iterable[str] | None) -> list[Body]:
        key = self.work.settings.field_key
        chosen = row["attributes"] if wanted is None else wanted
        bodies = []
        for uid in chosen:
            held = row["attributes"].get(uid)
            attribute = self.metadata.attributes.get(uid)
            if held is None or attribute is None:
                continue
            body = {
                "attribute": uid,
                "displayName": attribute.name,
                "valueType": attribute.value_type,
                "value": unseal(key, uid, held["value"]),
                "createdAt": held.get("createdAt") or stamp(row["created_at"]),
                "updatedAt": held.get("updatedAt") or stamp(row["created_at"]),
                "storedBy": held.get("storedBy") or row["stored_by"],
            }
            if attribute.code:
                body["code"] = attribute.code
            bodies.append(body)
        return bodies

    def tracked_entity(self, row: Row) -> Body:
        type_ = self.metadata.tracked_entity_types.get(row["type"])
        wanted = dict.fromkeys(each.attribute.uid for each in type_.attributes) if type_ else {}
        program = self.metadata.programs.get(self.program)
        if program is not None:
            wanted |= dict.fromkeys(each.attribute.uid for each in program.attributes)
        return _bare(
            {
                "trackedEntity": row["tracked_entity"],
                "trackedEntityType": row["type"],
                **_times(row),
                "orgUnit": self.unit(row["org_unit"])[0],
                "inactive": row["inactive"],
                "deleted": row["deleted"],
                "potentialDuplicate": row["potential_duplicate"],
                "geometry": row["geometry"],
                "attributes": self.attributes(row, wanted),
                "relationships": self.relationships(row["tracked_entity"]),
                "programOwners": [
                    {
                        "orgUnit": self.unit(each["owner"])[0],
                        "trackedEntity": row["tracked_entity"],
                        "program": each["program"],
                    }
                    for each in self.owners.get(row["tracked_entity"], ())
                ],
            }
        )

    def enrollment(self, row: Row, person: Row | None = None) -> Body:
        program = self.metadata.programs.get(row["program"])
        wanted = [each.attribute.uid for each in program.attributes] if program else []
        unit, name = self.unit(row["org_unit"])
        return _bare(
            {
                "enrollment": row["enrollment"],
                "trackedEntity": row["tracked_entity"],
                "program": row["program"],
                "status": row["status"],
                "orgUnit": unit,
                "orgUnitName": name,
                **_times(row),
                "enrolledAt": stamp(row["enrolled_at"]),
                "occurredAt": stamp(row["occurred_at"]),
                "completedAt": stamp(row["completed_at"]),
                "completedBy": row["completed_by"],
                "followUp": row["follow_up"],
                "deleted": row["deleted"],
                "geometry": row["geometry"],
                "attributes": self.attributes(person, wanted) if person else [],
                "notes": self.noted(row["enrollment"]),
                "relationships": self.relationships(row["enrollment"]),
            }
        )

    def event(self, row: Row, enrollment: Row | None = None) -> Body:
        unit, name = self.unit(row["org_unit"])
        user = self.users.get(row["assigned_user"] or "")
        return _bare(
            {
                "event": row["event"],
                "status": row["status"],
                "program": row["program"],
                "programStage": row["program_stage"],
                "enrollment": row["enrollment"],
                "enrollmentStatus": enrollment["status"] if enrollment else None,
                "trackedEntity": row["tracked_entity"] if row["enrollment"] else None,
                "orgUnit": unit,
                "orgUnitName": name,
                **_times(row),
                "occurredAt": stamp(row["occurred_at"]),
                "scheduledAt": stamp(row["scheduled_at"]),
                "completedAt": stamp(row["completed_at"]),
                "completedBy": row["completed_by"],
                "followUp": enrollment["follow_up"] if enrollment else False,
                "deleted": row["deleted"],
                "geometry": row["geometry"],
                "attributeOptionCombo": row["attribute_option_combo"],
                "attributeCategoryOptions": ",".join(
                    options_of(self.metadata, row["attribute_option_combo"])
                )
                or None,
                "assignedUser": _user(user) if user else None,
                "dataValues": [
                    {
                        "dataElement": uid,
                        "value": held["value"],
                        "providedElsewhere": False,
                        "createdAt": held.get("createdAt") or stamp(row["created_at"]),
                        "updatedAt": held.get("updatedAt") or stamp(row["created_at"]),
                        "storedBy": held.get("storedBy") or row["stored_by"],
                        "createdBy": row["created_by"],
                        "updatedBy": row["updated_by"],
                    }
                    for uid, held in row["data"].items()
                ],
                "notes": self.noted(row["event"]),
                "relationships": self.relationships(row["event"]),
            }
        )

    def noted(self, uid: str) -> list[Body]:
        return [
            {
                "note": row["note"],
                "value": row["value"],
                "storedAt": stamp(row["stored_at"]),
                "storedBy": row["stored_by"],
                "createdBy": row["created_by"],
            }
            for row in self.notes.get(uid, ())
        ]

    def relationships(self, uid: str) -> list[Body]:
        return [link_body(row, self.metadata) for row in self.links.get(uid, ())]


def _times(row: Row) -> Body:
    return {
        "createdAt": stamp(row["created_at"]),
        "createdAtClient": stamp(row["created_at_client"]),
        "updatedAt": stamp(row["updated_at"]),
        "updatedAtClient": stamp(row["updated_at_client"]),
        "storedBy": row["stored_by"],
        "createdBy": row["created_by"],
        "updatedBy": row["updated_by"],
    }


def _user(row: Row) -> Body:
    return {
        "uid": row["uid"],
        "username": row["username"],
        "firstName": row["first_name"],
        "surname": row["surname"],
        "displayName": f"{row['first_name']} {row['surname']}".strip(),
    }


def _bare(body: Body) -> Body:
    return {name: value for name, value in body.items() if value is not None}


# Pages -------------------------------------------------------------------------------------------------


def tracked_entities(work: Work, rows: Sequence[Row], text: str, program: str = "") -> list[Body]:
    """The bodies of these tracked entities."""
    answer = Answer(work, text, program)
    people = ",".join(row["tracked_entity"] for row in rows)
    work.saw(row["tracked_entity"] for row in rows)
    if not people:
        return []
    answer.fetch(people)
    if answer.asks("programOwners"):
        for row in answer.rows(
            """select * from tracker.program_owner
                where tracked_entity = any (string_to_array(%s, ','))""",
            people,
        ):
            answer.owners.setdefault(row["tracked_entity"], []).append(row)
    nested: dict[str, list[Body]] = {}
    if answer.asks("enrollments"):
        by_uid = {row["tracked_entity"]: row for row in rows}
        enrolled = answer.rows(
            """select * from tracker.enrollment where tracked_entity = any (string_to_array(%s, ','))
                  and owner = any (%s) and not deleted order by enrolled_at, enrollment""",
            people,
            list(work.reach.read),
        )
        enrolled = [
            row
            for row in enrolled
            if (not program or row["program"] == program)
            and (one := answer.metadata.programs.get(row["program"])) is not None
            and one.sharing.data_read(work.reach)
        ]
        events = _events_of(answer, people) if answer.asks("enrollments.events") else {}
        for row in enrolled:
            body = answer.enrollment(row, by_uid.get(row["tracked_entity"]))
            body["events"] = [answer.event(e, row) for e in events.get(row["enrollment"], ())]
            nested.setdefault(row["tracked_entity"], []).append(body)
    bodies = []
    for row in rows:
        body = answer.tracked_entity(row)
        body["enrollments"] = nested.get(row["tracked_entity"], [])
        bodies.append(answer.select(body))
    return bodies


def enrollments(work: Work, rows: Sequence[Row], text: str) -> list[Body]:
    """The bodies of these enrollments."""
    answer = Answer(work, text)
    work.saw(row["tracked_entity"] for row in rows)
    people = ",".join(sorted({row["tracked_entity"] for row in rows}))
    if not people:
        return []
    answer.fetch(people)
    by_uid: dict[str, Row] = {}
    if answer.asks("attributes"):
        by_uid = {row["tracked_entity"]: row for row in _people(answer, people)}
    events = _events_of(answer, people) if answer.asks("events") else {}
    bodies = []
    for row in rows:
        body = answer.enrollment(row, by_uid.get(row["tracked_entity"]))
        body["events"] = [answer.event(e, row) for e in events.get(row["enrollment"], ())]
        bodies.append(answer.select(body))
    return bodies


def events(work: Work, rows: Sequence[Row], text: str) -> list[Body]:
    """The bodies of these events."""
    answer = Answer(work, text)
    work.saw(row["tracked_entity"] for row in rows if row["enrollment"])
    people = ",".join(sorted({row["tracked_entity"] for row in rows}))
    if not people:
        return []
    answer.fetch(people)
    enrolled: dict[str, Row] = {}
    if answer.asks("enrollmentStatus") or answer.asks("followUp"):
        enrolled = {row["enrollment"]: row for row in _enrolled(answer, people)}
    answer.users = _users(answer, rows)
    return [answer.select(answer.event(row, enrolled.get(row["enrollment"]))) for row in rows]


def _people(answer: Answer, people: str) -> list[Row]:
    return answer.rows(
        """select * from tracker.tracked_entity
            where tracked_entity = any (string_to_array(%s, ','))""",
        people,
    )


def _enrolled(answer: Answer, people: str) -> list[Row]:
    return answer.rows(
        """select * from tracker.enrollment
            where tracked_entity = any (string_to_array(%s, ',')) and owner = any (%s)""",
        people,
        list(answer.work.reach.read),
    )


def _events_of(answer: Answer, people: str) -> dict[str, list[Row]]:
    """Readable events by enrollment, oldest first; the users assigned to them are remembered."""
    rows = answer.rows(
        """select * from tracker.event where tracked_entity = any (string_to_array(%s, ','))
              and owner = any (%s) and not deleted
            order by coalesce(occurred_at, scheduled_at), created_at, event""",
        people,
        list(answer.work.reach.read),
    )
    found: dict[str, list[Row]] = {}
    for row in rows:
        stage = answer.metadata.stages.get(row["program_stage"])
        if row["enrollment"] and stage and stage.sharing.data_read(answer.work.reach):
            found.setdefault(row["enrollment"], []).append(row)
    answer.users = _users(answer, rows)
    return found


def _users(answer: Answer, rows: Sequence[Row]) -> dict[str, Row]:
    uids = sorted({row["assigned_user"] for row in rows if row["assigned_user"]})
    if not uids:
        return {}
    found = answer.rows(
        """select uid, username, first_name, surname from access.user_account
            where uid = any (string_to_array(%s, ','))""",
        ",".join(uids),
    )
    return {row["uid"]: row for row in found}
