"""Is a tracked entity, or an enrollment, fit to be written?

Each function is one group of checks; the list says their order, and a record stops at the first group
that finds something, so that a bad reference gives one code and not a cascade. Called by `validate`.
"""

from smittesporing.problems import Problem
from smittesporing.tracker.check_shapes import geometry_problems
from smittesporing.tracker.check_values import attribute_problems
from smittesporing.tracker.desk import Desk, Problems, Step, is_norwegian
from smittesporing.tracker.records import ENROLLMENT, TRACKED_ENTITY, Enrollment, TrackedEntity
from smittesporing.tracker.report import CREATE, DELETE
from smittesporing.uid import is_uid

# Tracked entities ------------------------------------------------------------------------------------


def _person_exists(desk: Desk, person: TrackedEntity, action: str) -> Problems:
    uid = person.tracked_entity
    row = desk.known.people.get(uid)
    if not is_uid(uid):
        yield Problem("E1048", (uid,), uid, TRACKED_ENTITY)
    elif row is not None and row["deleted"]:
        yield Problem("E1114", (uid,), uid, TRACKED_ENTITY)
    elif action == CREATE and uid in desk.known.places:
        yield Problem("E1002", (uid,), uid, TRACKED_ENTITY)
    elif action != CREATE and not desk.exists(uid, TRACKED_ENTITY):
        yield Problem("E1063", (uid,), uid, TRACKED_ENTITY)
    elif action != CREATE and (row is None or not desk.writable.intersection(row["owners"])):
        yield Problem("E1003", (uid,), uid, TRACKED_ENTITY)


def _person_refers(desk: Desk, person: TrackedEntity, action: str) -> Problems:
    uid, kind = person.tracked_entity, TRACKED_ENTITY
    if action == DELETE:
        return
    row = desk.known.people.get(uid)
    if not person.type and row is None:
        yield Problem("E1121", ("trackedEntityType",), uid, kind)
    elif person.type and person.type not in desk.metadata.tracked_entity_types:
        yield Problem("E1005", (person.type,), uid, kind)
    elif row is not None and person.type and person.type != row["type"]:
        yield Problem("E1126", ("trackedEntityType",), uid, kind)
    if not person.org_unit and row is None:
        yield Problem("E1121", ("orgUnit",), uid, kind)
    elif person.org_unit and desk.unit(person.org_unit) is None:
        yield Problem("E1049", (person.org_unit,), uid, kind)
    elif row is not None and person.org_unit and desk.unit(person.org_unit) != row["org_unit"]:
        yield Problem("E1126", ("orgUnit",), uid, kind)


def _person_may(desk: Desk, person: TrackedEntity, action: str) -> Problems:
    uid, kind = person.tracked_entity, TRACKED_ENTITY
    row = desk.known.people.get(uid)
    type_uid = row["type"] if row else person.type
    if not desk.metadata.tracked_entity_types[type_uid].sharing.data_write(desk.reach):
        yield Problem("E1001", (type_uid,), uid, kind)
    if action == CREATE and desk.unit(person.org_unit) not in desk.writable:
        yield Problem("E1000", (person.org_unit,), uid, kind)
    if action == DELETE and not desk.reach.may("F_TEI_CASCADE_DELETE"):
        left = desk.known.enrollments_of.get(uid, [])
        if any(desk.steps.get(row["enrollment"]) is None for row in left):
            yield Problem("E1100", (uid,), uid, kind)


def _person_holds(desk: Desk, person: TrackedEntity, action: str) -> Problems:
    uid, kind = person.tracked_entity, TRACKED_ENTITY
    if action == DELETE:
        return
    row = desk.known.people.get(uid)
    type_ = desk.metadata.tracked_entity_types[row["type"] if row else person.type]
    mandatory = {each.attribute.uid for each in type_.attributes if each.mandatory}
    if action == CREATE:
        for attribute in sorted(mandatory - person.attributes.keys()):
            yield Problem("E1090", (attribute, type_.uid), uid, kind)
    org_unit = int(row["org_unit"]) if row else desk.unit(person.org_unit) or 0
    yield from geometry_problems(person.geometry, type_.feature_type, uid, kind)
    yield from attribute_problems(
        desk,
        person.attributes,
        uid=uid,
        kind=kind,
        person=uid,
        org_unit=org_unit,
        mandatory=mandatory,
    )


PERSON = (_person_exists, _person_refers, _person_may, _person_holds)


def person_step(desk: Desk, person: TrackedEntity, action: str) -> Step:
    """Where a tracked entity that passed is to be written."""
    uid = person.tracked_entity
    row = desk.known.people.get(uid)
    org_unit = int(row["org_unit"]) if row else desk.unit(person.org_unit) or 0
    return Step(TRACKED_ENTITY, uid, action, person, row, uid, org_unit, org_unit)


# Enrollments -----------------------------------------------------------------------------------------


def _enrollment_exists(desk: Desk, one: Enrollment, action: str) -> Problems:
    uid, kind = one.enrollment, ENROLLMENT
    row = desk.known.enrollments.get(uid)
    if not is_uid(uid):
        yield Problem("E1048", (uid,), uid, kind)
    elif row is not None and row["deleted"]:
        yield Problem("E1113", (uid,), uid, kind)
    elif action == CREATE and uid in desk.known.places:
        yield Problem("E1080", (uid,), uid, kind)
    elif action != CREATE and not desk.exists(uid, kind):
        yield Problem("E1081", (uid,), uid, kind)
    elif action != CREATE and (row is None or row["owner"] not in desk.writable):
        yield Problem("E1102", (uid,), uid, kind)


def _enrollment_refers(desk: Desk, one: Enrollment, action: str) -> Problems:
    uid, kind = one.enrollment, ENROLLMENT
    row = desk.known.enrollments.get(uid)
    if action == DELETE:
        return
    if row is not None:
        if one.program and one.program != row["program"]:
            yield Problem("E1127", ("program",), uid, kind)
        if one.tracked_entity and one.tracked_entity != row["tracked_entity"]:
            yield Problem("E1127", ("trackedEntity",), uid, kind)
    else:
        missing = [
            name
            for name, value in (
                ("trackedEntity", one.tracked_entity),
                ("program", one.program),
                ("orgUnit", one.org_unit),
            )
            if not value
        ]
        if missing:
            yield Problem("E1122", (missing[0],), uid, kind)
            return
        if one.tracked_entity in desk.refused:
            yield Problem("E5000", (kind, uid, TRACKED_ENTITY, one.tracked_entity), uid, kind)
            return
        yield from _new_enrollment_refers(desk, one)
    if one.org_unit and desk.unit(one.org_unit) is None:
        yield Problem("E1070", (one.org_unit,), uid, kind)


def _new_enrollment_refers(desk: Desk, one: Enrollment) -> Problems:
    uid, kind = one.enrollment, ENROLLMENT
    person = desk.person(one.tracked_entity)
    program = desk.program(one.program)
    if program is None:
        yield Problem("E1069", (one.program,), uid, kind)
    elif not program.has_registration:
        yield Problem("E1014", (one.program,), uid, kind)
    if person is None:
        hidden = desk.exists(one.tracked_entity, TRACKED_ENTITY)
        yield Problem("E1102" if hidden else "E1068", (one.tracked_entity,), uid, kind)
        return
    wanted = program.tracked_entity_type if program else None
    if wanted is not None and desk.type_of(one.tracked_entity) != wanted.uid:
        yield Problem("E1022", (one.tracked_entity, one.program), uid, kind)


def _enrollment_may(desk: Desk, one: Enrollment, action: str) -> Problems:
    uid, kind = one.enrollment, ENROLLMENT
    row = desk.known.enrollments.get(uid)
    program = desk.metadata.programs[row["program"] if row else one.program]
    if not program.sharing.data_write(desk.reach):
        yield Problem("E1091", (program.uid,), uid, kind)
    type_ = program.tracked_entity_type
    if type_ is not None and not type_.sharing.data_read(desk.reach):
        yield Problem("E1104", (program.uid, type_.uid), uid, kind)
    if action == DELETE:
        if not desk.reach.may("F_ENROLLMENT_CASCADE_DELETE"):
            left = desk.known.events_of.get(uid, [])
            if any(desk.steps.get(each["event"]) is None for each in left):
                yield Problem("E1103", (uid,), uid, kind)
        return
    unit = desk.unit(one.org_unit)
    if one.org_unit and (row is None or unit != row["org_unit"]) and unit not in desk.writable:
        yield Problem("E1000", (one.org_unit,), uid, kind)
    if row is None:
        if not desk.serves(program, one.org_unit):
            yield Problem("E1041", (one.org_unit, program.uid), uid, kind)
        if owner_of_new(desk, one) not in desk.writable:
            yield Problem("E1102", (one.tracked_entity,), uid, kind)


def _enrollment_dates(desk: Desk, one: Enrollment, action: str) -> Problems:
    uid, kind = one.enrollment, ENROLLMENT
    if action == DELETE:
        return
    row = desk.known.enrollments.get(uid)
    program = desk.metadata.programs[row["program"] if row else one.program]
    if one.enrolled_at is None:
        yield Problem("E1025", (), uid, kind)
    elif not program.select_enrollment_dates_in_future and one.enrolled_at.date() > desk.today:
        yield Problem("E1020", (one.enrolled_at.date().isoformat(),), uid, kind)
    if one.occurred_at is None:
        if program.display_incident_date:
            yield Problem("E1023", (), uid, kind)
    elif not program.select_incident_dates_in_future and one.occurred_at.date() > desk.today:
        yield Problem("E1021", (one.occurred_at.date().isoformat(),), uid, kind)
    if one.completed_at is not None and (one.status or "ACTIVE") == "ACTIVE":
        yield Problem("E1052", (uid,), uid, kind)
    person = row["tracked_entity"] if row else one.tracked_entity
    born = desk.born_on(person) if is_norwegian(program) else None
    if born and one.occurred_at and one.occurred_at.date() < born:
        yield Problem("T201", ("Startdato",), uid, kind)


def _enrollment_others(desk: Desk, one: Enrollment, action: str) -> Problems:
    """The person's other enrollments in the program, stored and in this bundle."""
    uid, kind = one.enrollment, ENROLLMENT
    row = desk.known.enrollments.get(uid)
    if action != CREATE:
        return
    program = desk.metadata.programs[row["program"] if row else one.program]
    statuses = [
        each["status"]
        for each in desk.known.enrollments_of.get(one.tracked_entity, [])
        if each["program"] == program.uid and each["enrollment"] not in desk.steps
    ]
    statuses += [
        step.record.status or (step.stored or {}).get("status") or "ACTIVE"
        for step in desk.enrolled.get((one.tracked_entity, program.uid), ())
    ]
    if program.only_enroll_once and any(status != "CANCELLED" for status in statuses):
        yield Problem("E1016", (one.tracked_entity, program.uid), uid, kind)
    elif (one.status or "ACTIVE") == "ACTIVE" and "ACTIVE" in statuses:
        yield Problem("E1015", (one.tracked_entity, program.uid), uid, kind)


def _enrollment_holds(desk: Desk, one: Enrollment, action: str) -> Problems:
    uid, kind = one.enrollment, ENROLLMENT
    if action == DELETE:
        return
    row = desk.known.enrollments.get(uid)
    person = row["tracked_entity"] if row else one.tracked_entity
    program = desk.metadata.programs[row["program"] if row else one.program]
    mandatory = {each.attribute.uid for each in program.attributes if each.mandatory}
    for attribute in one.attributes:
        if attribute in desk.metadata.attributes and attribute not in program.attributes_by_uid:
            yield Problem("E1019", (attribute,), uid, kind)
    if action == CREATE and mandatory:
        held = desk.values_of(person).keys() | one.attributes.keys()
        for attribute in sorted(mandatory - held):
            yield Problem("E1018", (attribute, program.uid), uid, kind)
    yield from geometry_problems(one.geometry, program.feature_type, uid, kind)
    found = desk.person(person)
    org_unit = found.org_unit if isinstance(found, Step) else int(found["org_unit"]) if found else 0
    yield from attribute_problems(
        desk,
        one.attributes,
        uid=uid,
        kind=kind,
        person=person,
        org_unit=org_unit,
        mandatory=mandatory,
    )


ENROLLMENTS = (
    _enrollment_exists,
    _enrollment_refers,
    _enrollment_may,
    _enrollment_dates,
    _enrollment_others,
    _enrollment_holds,
)


def owner_of_new(desk: Desk, one: Enrollment) -> int:
    """Who owns a new enrollment: its own org unit, or the one that already owns person and program."""
    program = desk.metadata.programs[one.program]
    unit = desk.unit(one.org_unit) or 0
    if is_norwegian(program):
        return unit
    return desk.known.program_owners.get((one.tracked_entity, program.uid), unit)


def enrollment_step(desk: Desk, one: Enrollment, action: str) -> Step:
    """Where an enrollment that passed is to be written."""
    row = desk.known.enrollments.get(one.enrollment)
    if row is None:
        owner, person, program = owner_of_new(desk, one), one.tracked_entity, one.program
    else:
        owner, person, program = row["owner"], row["tracked_entity"], row["program"]
    org_unit = desk.unit(one.org_unit) or (row["org_unit"] if row else 0)
    return Step(
        ENROLLMENT,
        one.enrollment,
        action,
        one,
        row,
        person,
        owner,
        org_unit,
        one.enrollment,
        program,
    )
