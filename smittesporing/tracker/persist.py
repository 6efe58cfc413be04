"""Write what passed: records, their history, their owners, and the two directories.

A fixed number of statements, whatever the number of records. Checks nothing: `validate` did, and
row-level security repeats the part about reach. Called by the importer, inside its savepoint.
"""

from datetime import datetime

from smittesporing.access.work import Work
from smittesporing.tracker import statements
from smittesporing.tracker.check_links import place_of
from smittesporing.tracker.claims import claim_values
from smittesporing.tracker.desk import Desk, is_norwegian
from smittesporing.tracker.preload import Row, document
from smittesporing.tracker.records import (
    ENROLLMENT,
    EVENT,
    KINDS,
    RELATIONSHIP,
    TRACKED_ENTITY,
    Enrollment,
    Event,
)
from smittesporing.tracker.report import CREATE, DELETE, UPDATE
from smittesporing.tracker.stored import changed, new_values, searchable, updated_values
from smittesporing.tracker.writer import Writer


def persist(work: Work, desk: Desk) -> set[str]:
    """Write the desk's steps; the answer is the people whose records changed."""
    writer = Writer(work, desk)
    created = [step for step in desk.steps.values() if step.action == CREATE]
    if created:
        rows = [
            {"uid": step.uid, "kind": step.kind, "tracked_entity": step.tracked_entity}
            for step in created
        ]
        work.conn.execute("select tracker.enter(%s::text::jsonb)", (document(rows),))
    _people(writer)
    _enrollments(writer)
    _events(writer)
    _links(writer)
    _notes(writer)
    _deleted(writer)
    return writer.touched


# People ------------------------------------------------------------------------------------------------


def _people(writer: Writer) -> None:
    desk = writer.desk
    owners: dict[str, set[int]] = {}
    for step in writer.steps(ENROLLMENT, CREATE):
        owners.setdefault(step.tracked_entity, set()).add(step.owner)
    created = writer.steps(TRACKED_ENTITY, CREATE)
    rows = []
    for step in created:
        person = step.record
        values = {k: v for k, v in desk.people_values.get(step.uid, {}).items() if v}
        rows.append(
            {
                "tracked_entity": step.uid,
                "type": person.type,
                "org_unit": step.org_unit,
                "owners": sorted({step.org_unit} | owners.get(step.uid, set())),
                "attributes": new_values(writer.metadata, desk.key, values),
                "search": searchable(writer.metadata, values),
                "geometry": person.geometry,
                "inactive": person.inactive,
                "potential_duplicate": person.potential_duplicate,
                "created_at_client": person.created_at_client,
                "updated_at_client": person.updated_at_client,
                "stored_by": person.stored_by,
            }
        )
    writer.run(statements.CREATE_PEOPLE, rows)
    _changed_people(writer, owners)
    claim_values(writer, {step.uid for step in created})


def _changed_people(writer: Writer, owners: dict[str, set[int]]) -> None:
    desk = writer.desk
    updates = {step.uid: step for step in writer.steps(TRACKED_ENTITY, UPDATE)}
    people = {step.tracked_entity for step in desk.steps.values()}
    rows, touched = [], []
    for uid in sorted(people):
        row = desk.known.people.get(uid)
        if row is None:
            continue
        step = updates.get(uid)
        sent = desk.people_values.get(uid, {})
        values, before, after = updated_values(
            writer.metadata,
            desk.key,
            row["attributes"],
            sent,
            writer.now,
            row["created_at"],
            writer,
        )
        now_owners = sorted(set(row["owners"]) | owners.get(uid, set()))
        fields = ("geometry", "inactive", "potential_duplicate")
        old = {name: row[name] for name in fields}
        new = {name: getattr(step.record, name) for name in fields} if step else old
        if not after and new == old and now_owners == row["owners"]:
            touched.append(uid)
            continue
        fields_before, fields_after = changed(old, new)
        if before or after:
            fields_before["attributes"], fields_after["attributes"] = before, after
        plain = desk.values_of(uid)
        rows.append(
            {
                "tracked_entity": uid,
                "owners": now_owners,
                "attributes": values,
                "search": searchable(writer.metadata, plain),
                **new,
                "updated_at_client": step.record.updated_at_client if step else None,
                "before": fields_before or None,
                "after": fields_after or None,
            }
        )
    writer.run(statements.CHANGE_PEOPLE, rows)
    if touched:
        writer.execute(statements.TOUCH_PEOPLE, people=",".join(touched))
    writer.touched |= people


# Enrollments and events --------------------------------------------------------------------------------


def _completion(
    writer: Writer, sent: Enrollment | Event, status: str, row: Row | None
) -> tuple[datetime | None, str | None]:
    if status not in ("COMPLETED", "CANCELLED"):
        return None, None
    kept = row if row is not None and row["status"] == status else {}
    at = sent.completed_at or kept.get("completed_at") or writer.now
    return at, sent.completed_by or kept.get("completed_by") or writer.work.reach.username


def _enrollments(writer: Writer) -> None:
    rows: dict[str, list[Row]] = {CREATE: [], UPDATE: []}
    owners: dict[tuple[str, str], int] = {}
    for action, gathered in rows.items():
        for step in writer.steps(ENROLLMENT, action):
            one: Enrollment = step.record
            status = one.status or (step.stored["status"] if step.stored else "ACTIVE")
            completed_at, completed_by = _completion(writer, one, status, step.stored)
            person = writer.desk.known.people.get(step.tracked_entity)
            fields = {
                "status": status,
                "org_unit": step.org_unit,
                "enrolled_at": one.enrolled_at,
                "occurred_at": one.occurred_at,
                "completed_at": completed_at,
                "follow_up": one.follow_up,
                "geometry": one.geometry,
            }
            before, after = changed(step.stored, fields) if step.stored else ({}, fields)
            if not after:
                continue
            gathered.append(
                {
                    "tracked_entity": step.tracked_entity,
                    "enrollment": step.uid,
                    "program": step.program,
                    "owner": step.owner,
                    "completed_by": completed_by,
                    "created_at_client": one.created_at_client,
                    "updated_at_client": one.updated_at_client,
                    "stored_by": one.stored_by,
                    "registered_at": person["created_at"] if person else writer.now,
                    "before": before or None,
                    "after": after or None,
                    **fields,
                }
            )
            if action == CREATE:
                key = (step.tracked_entity, step.program)
                if status == "ACTIVE" or key not in writer.desk.known.program_owners:
                    owners[key] = step.owner
    writer.run(statements.CREATE_ENROLLMENTS, rows[CREATE])
    writer.run(statements.CHANGE_ENROLLMENTS, rows[UPDATE])
    known = writer.desk.known.program_owners
    writer.run(
        statements.SET_PROGRAM_OWNERS,
        (
            {"tracked_entity": person, "program": program, "owner": owner}
            for (person, program), owner in owners.items()
            if known.get((person, program)) != owner
            and ((person, program) not in known or is_norwegian(writer.metadata.programs[program]))
        ),
    )


def _events(writer: Writer) -> None:
    desk = writer.desk
    rows: dict[str, list[Row]] = {CREATE: [], UPDATE: []}
    for action, gathered in rows.items():
        for step in writer.steps(EVENT, action):
            event: Event = step.record
            row = step.stored
            status = event.status or (row["status"] if row else "ACTIVE")
            completed_at, completed_by = _completion(writer, event, status, row)
            user = desk.known.users.get(event.assigned_user or "")
            stage = desk.metadata.stages[row["program_stage"] if row else event.program_stage]
            combo = event.attribute_option_combo or (row["attribute_option_combo"] if row else "")
            fields = {
                "status": status,
                "org_unit": step.org_unit,
                "occurred_at": event.occurred_at,
                "scheduled_at": event.scheduled_at or (row["scheduled_at"] if row else None),
                "completed_at": completed_at,
                "assigned_user": user["uid"] if user and stage.enable_user_assignment else None,
                "geometry": event.geometry,
            }
            before: Row = {}
            after: Row = fields
            if row is None:
                data = {k: {"value": v} for k, v in event.data.items() if v}
            else:
                before, after = changed(row, fields)
                data, old, new = updated_values(
                    None, b"", row["data"], event.data, writer.now, row["created_at"], writer
                )
                if old or new:
                    before["data"], after["data"] = old, new
                if not after:
                    continue
            gathered.append(
                {
                    "tracked_entity": step.tracked_entity,
                    "event": step.uid,
                    "enrollment": step.enrollment,
                    "program": step.program,
                    "program_stage": stage.uid,
                    "owner": step.owner,
                    "completed_by": completed_by,
                    "data": data,
                    "attribute_option_combo": combo or "HllvX50cXC0",
                    "created_at_client": event.created_at_client,
                    "updated_at_client": event.updated_at_client,
                    "stored_by": event.stored_by,
                    "before": before or None,
                    "after": after or None,
                    **fields,
                }
            )
    writer.run(statements.CREATE_EVENTS, rows[CREATE])
    writer.run(statements.CHANGE_EVENTS, rows[UPDATE])


# Links and notes ---------------------------------------------------------------------------------------


def _links(writer: Writer) -> None:
    rows: list[Row] = []
    for step in writer.steps(RELATIONSHIP, CREATE):
        link = step.record
        from_, to = place_of(writer.desk, link.from_), place_of(writer.desk, link.to)
        assert from_ and to
        for side, here, there in (("from", from_, to), ("to", to, from_)):
            rows.append(
                {
                    "tracked_entity": here.tracked_entity,
                    "relationship": step.uid,
                    "side": side,
                    "type": link.type,
                    "owner": here.owner,
                    "enrollment": here.enrollment,
                    "event": here.event,
                    "other_tracked_entity": there.tracked_entity,
                    "other_enrollment": there.enrollment,
                    "other_event": there.event,
                    "created_at_client": link.created_at_client,
                }
            )
            writer.touched.add(here.tracked_entity)
    writer.run(statements.CREATE_LINKS, rows)


def _notes(writer: Writer) -> None:
    desk = writer.desk
    rows: list[Row] = []
    for step in desk.steps.values():
        if step.action == DELETE or step.kind not in (ENROLLMENT, EVENT):
            continue
        for note in step.record.notes:
            if note.note in desk.known.notes:
                desk.warn("E1119", note.note, uid=step.uid, kind=step.kind)
                continue
            rows.append(
                {
                    "tracked_entity": step.tracked_entity,
                    "note": note.note,
                    "enrollment": step.uid if step.kind == ENROLLMENT else None,
                    "event": step.uid if step.kind == EVENT else None,
                    "owner": step.owner,
                    "value": note.value,
                }
            )
    writer.run(statements.CREATE_NOTES, rows)


# Deletion ----------------------------------------------------------------------------------------------


def _deleted(writer: Writer) -> None:
    """Mark as deleted, with everything that hangs on it; nothing is taken out of the tables."""
    known = writer.desk.known
    steps = [step for step in writer.desk.steps.values() if step.action == DELETE]
    if not steps:
        return
    gone = {kind: {step.uid for step in steps if step.kind == kind} for kind in KINDS}
    for person in gone[TRACKED_ENTITY]:
        gone[ENROLLMENT] |= {row["enrollment"] for row in known.enrollments_of.get(person, [])}
    for enrollment in gone[ENROLLMENT]:
        gone[EVENT] |= {row["event"] for row in known.events_of.get(enrollment, [])}
    people = ",".join(sorted({step.tracked_entity for step in steps}))
    everything = set().union(*gone.values())
    found = writer.execute(
        statements.DELETE[RELATIONSHIP], uids=",".join(sorted(everything)), people=people
    )
    writer.touched |= {row["tracked_entity"] for row in found}
    for kind in (EVENT, ENROLLMENT, TRACKED_ENTITY):
        if gone[kind]:
            uids = ",".join(sorted(gone[kind]))
            writer.execute(statements.DELETE[kind], uids=uids, people=people)
    writer.touched |= {step.tracked_entity for step in steps}
