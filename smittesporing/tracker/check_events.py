"""Is an event fit to be written?

Groups in order, as in check_people: a record stops at the first group that finds something. Called
by `validate`.
"""

from datetime import timedelta

from smittesporing.metadata.programs import Program, Stage
from smittesporing.problems import Problem
from smittesporing.tracker.check_shapes import geometry_problems
from smittesporing.tracker.check_values import data_problems
from smittesporing.tracker.combos import options_of
from smittesporing.tracker.desk import Desk, Place, Problems, Step, is_norwegian
from smittesporing.tracker.records import (
    DEFAULT_COMBO,
    DEFAULT_OPTION_COMBO,
    ENROLLMENT,
    EVENT,
    UNHELD,
    Event,
)
from smittesporing.tracker.report import CREATE, DELETE
from smittesporing.uid import is_uid


def _exists(desk: Desk, event: Event, action: str) -> Problems:
    uid = event.event
    row = desk.known.events.get(uid)
    if not is_uid(uid):
        yield Problem("E1048", (uid,), uid, EVENT)
    elif row is not None and row["deleted"]:
        yield Problem("E1082", (uid,), uid, EVENT)
    elif action == CREATE and uid in desk.known.places:
        yield Problem("E1030", (uid,), uid, EVENT)
    elif action != CREATE and not desk.exists(uid, EVENT):
        yield Problem("E1032", (uid,), uid, EVENT)
    elif action != CREATE and (row is None or row["owner"] not in desk.writable):
        yield Problem("E1102", (uid,), uid, EVENT)


def _refers(desk: Desk, event: Event, action: str) -> Problems:
    uid = event.event
    if action == DELETE:
        return
    row = desk.known.events.get(uid)
    if event.org_unit and desk.unit(event.org_unit) is None:
        yield Problem("E1011", (event.org_unit,), uid, EVENT)
    if row is not None:
        if event.program_stage and event.program_stage != row["program_stage"]:
            yield Problem("E1128", ("programStage",), uid, EVENT)
        if event.enrollment and event.enrollment != row["enrollment"]:
            yield Problem("E1128", ("enrollment",), uid, EVENT)
        return
    stage = desk.stage(event.program_stage)
    if not event.program_stage and not event.program:
        yield Problem("E1123", ("programStage",), uid, EVENT)
    elif not event.org_unit:
        yield Problem("E1123", ("orgUnit",), uid, EVENT)
    elif event.program and desk.program(event.program) is None:
        yield Problem("E1010", (event.program,), uid, EVENT)
    elif stage is None:
        yield Problem("E1013", (event.program_stage,), uid, EVENT)
    elif not stage.program or desk.program(stage.program) is None:
        yield Problem("E1008", (stage.uid,), uid, EVENT)
    elif event.program and event.program != stage.program:
        yield Problem("E1089", (stage.uid, event.program), uid, EVENT)
    elif desk.metadata.programs[stage.program].has_registration:
        yield from _refers_to_enrollment(desk, event, stage)


def _refers_to_enrollment(desk: Desk, event: Event, stage: Stage) -> Problems:
    uid = event.event
    if not event.enrollment:
        yield Problem("E1033", (uid,), uid, EVENT)
    elif event.enrollment in desk.refused:
        yield Problem("E5000", (EVENT, uid, ENROLLMENT, event.enrollment), uid, EVENT)
    else:
        place = desk.place_of_enrollment(event.enrollment)
        if place is None:
            hidden = desk.exists(event.enrollment, ENROLLMENT)
            gone = desk.known.enrollments.get(event.enrollment)
            code = "E1113" if gone and gone["deleted"] else "E1102" if hidden else "E1081"
            yield Problem(code, (event.enrollment,), uid, EVENT)
        elif place.program != stage.program:
            yield Problem("E1079", (uid, stage.program, event.enrollment), uid, EVENT)
        elif event.tracked_entity and event.tracked_entity != place.tracked_entity:
            yield Problem("E1128", ("trackedEntity",), uid, EVENT)


def _stage_of(desk: Desk, event: Event) -> Stage:
    row = desk.known.events.get(event.event)
    return desk.metadata.stages[row["program_stage"] if row else event.program_stage]


def _may(desk: Desk, event: Event, action: str) -> Problems:
    uid = event.event
    row = desk.known.events.get(uid)
    stage = _stage_of(desk, event)
    program = desk.metadata.programs[stage.program]
    if not stage.sharing.data_write(desk.reach):
        yield Problem("E1095", (stage.uid,), uid, EVENT)
    if not program.sharing.data_read(desk.reach):
        yield Problem("E1096", (program.uid,), uid, EVENT)
    if action == DELETE:
        return
    unit = desk.unit(event.org_unit)
    if event.org_unit and (row is None or unit != row["org_unit"]):
        if unit not in desk.writable:
            yield Problem("E1000", (event.org_unit,), uid, EVENT)
        if not desk.serves(program, event.org_unit):
            yield Problem("E1029", (event.org_unit, program.uid), uid, EVENT)
    if row is None and program.has_registration:
        place = desk.place_of_enrollment(event.enrollment)
        if place is not None and place.owner not in desk.writable:
            yield Problem("E1102", (event.enrollment,), uid, EVENT)


def status_of(desk: Desk, event: Event) -> str:
    """The status the event will have: as sent, else as stored, else ACTIVE."""
    row = desk.known.events.get(event.event)
    return event.status or (row["status"] if row else "ACTIVE")


def _dates(desk: Desk, event: Event, action: str) -> Problems:
    uid = event.event
    if action == DELETE:
        return
    row = desk.known.events.get(uid)
    status = status_of(desk, event)
    was = row["status"] if row else ""
    if status in ("ACTIVE", "COMPLETED", "VISITED") and event.occurred_at is None:
        yield Problem("E1031", (uid,), uid, EVENT)
    elif status == "SCHEDULE" and event.scheduled_at is None:
        yield Problem("E1050", (uid,), uid, EVENT)
    elif event.occurred_at is None and event.scheduled_at is None:
        yield Problem("E1046", (uid,), uid, EVENT)
    if event.completed_at is not None and status != "COMPLETED":
        yield Problem("E1051", (uid,), uid, EVENT)
    if was in ("ACTIVE", "VISITED", "COMPLETED") and status in UNHELD:
        yield Problem("E1316", (was, status), uid, EVENT)
    if was == "COMPLETED" and row is not None:
        program = desk.metadata.programs[row["program"]]
        if status != "COMPLETED" and not (
            desk.reach.may("F_UNCOMPLETE_EVENT") or is_norwegian(program)
        ):
            yield Problem("E1083", (uid,), uid, EVENT)
        days = program.complete_events_expiry_days
        last = row["completed_at"]
        if not days or last is None or desk.reach.may("F_EDIT_EXPIRED"):
            return
        if last.date() + timedelta(days=days) < desk.today:
            yield Problem("E1043", (uid,), uid, EVENT)


def _others(desk: Desk, event: Event, action: str) -> Problems:
    """A stage that is not repeatable holds one event of an enrollment."""
    stage = _stage_of(desk, event)
    if action != CREATE or stage.repeatable or not event.enrollment:
        return
    stored = desk.known.events_of.get(event.enrollment, [])
    taken = any(
        row["program_stage"] == stage.uid
        and row["event"] not in desk.steps
        and row["status"] != "SKIPPED"
        for row in stored
    )
    if taken or desk.held.get((event.enrollment, stage.uid)):
        yield Problem("E1039", (stage.uid,), event.event, EVENT)


def _combo_problems(desk: Desk, event: Event, program: Program) -> Problems:
    combo = program.category_combo or DEFAULT_COMBO
    sent = event.attribute_option_combo
    row = desk.known.events.get(event.event)
    held = sent or (row["attribute_option_combo"] if row else DEFAULT_OPTION_COMBO)
    body = desk.metadata.get("categoryOptionCombos", held)
    options = event.category_options
    unknown = [each for each in options if desk.metadata.get("categoryOptions", each) is None]
    if unknown:
        yield Problem("E1116", (",".join(unknown),), event.event, EVENT)
    elif options and set(options) != set(options_of(desk.metadata, held)):
        yield Problem("E1117", (combo, ",".join(options)), event.event, EVENT)
    elif sent and sent != DEFAULT_OPTION_COMBO and body is None:
        yield Problem("E1115", (sent,), event.event, EVENT)
    elif combo != DEFAULT_COMBO and held == DEFAULT_OPTION_COMBO:
        yield Problem("E1055", (program.uid,), event.event, EVENT)
    elif held != DEFAULT_OPTION_COMBO and (body or {}).get("categoryCombo") != {"id": combo}:
        yield Problem("E1054", (held, combo), event.event, EVENT)


def _holds(desk: Desk, event: Event, action: str) -> Problems:
    uid = event.event
    if action == DELETE:
        return
    row = desk.known.events.get(uid)
    stage = _stage_of(desk, event)
    program = desk.metadata.programs[stage.program]
    status = status_of(desk, event)
    yield from geometry_problems(event.geometry, stage.feature_type, uid, EVENT)
    yield from _combo_problems(desk, event, program)
    if event.assigned_user:
        if event.assigned_user not in desk.known.users:
            yield Problem("E1118", (event.assigned_user,), uid, EVENT)
        elif not stage.enable_user_assignment:
            desk.warn("E1120", stage.uid, uid=uid, kind=EVENT)
    if status in UNHELD and any(event.data.values()):
        yield Problem("E1315", (status,), uid, EVENT)
        return
    person = row["tracked_entity"] if row else ""
    if not person and (place := desk.place_of_enrollment(event.enrollment)):
        person = place.tracked_entity
    yield from data_problems(desk, event, stage, norwegian=is_norwegian(program), person=person)
    if status not in UNHELD and (stage.values_required_always or status == "COMPLETED"):
        held = row["data"].keys() if row else ()
        for asked in stage.elements:
            element = asked.element.uid
            if asked.compulsory and element not in event.data and element not in held:
                yield Problem("E1303", (element,), uid, EVENT)


EVENTS = (_exists, _refers, _may, _dates, _others, _holds)


def event_step(desk: Desk, event: Event, action: str) -> Step:
    """Where an event that passed is to be written."""
    row = desk.known.events.get(event.event)
    if row is not None:
        person, enrollment = row["tracked_entity"], row["enrollment"]
        owner, program = row["owner"], row["program"]
    else:
        program = _stage_of(desk, event).program
        place = desk.place_of_enrollment(event.enrollment) if event.enrollment else None
        if place is None:
            place = Place(event.event, None, None, desk.unit(event.org_unit) or 0, "", "", "")
        person, enrollment, owner = place.tracked_entity, place.enrollment, place.owner
    org_unit = desk.unit(event.org_unit) or (row["org_unit"] if row else 0)
    return Step(
        EVENT, event.event, action, event, row, person, owner, org_unit, enrollment, program
    )
