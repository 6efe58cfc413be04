"""Program rules on the server: assign, refuse, warn, require. DHIS2's other actions are for screens.

Runs after `validate` on the records that passed, with the whole enrollment in view: stored events
and those of the bundle. Programs without such rules cost nothing. Called by the importer.
"""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from smittesporing.access.work import Work
from smittesporing.metadata.programs import Program
from smittesporing.problems import Problem
from smittesporing.tracker.check_events import status_of
from smittesporing.tracker.desk import Desk, Step
from smittesporing.tracker.records import ENROLLMENT, EVENT, UNHELD, Enrollment, Event, Values
from smittesporing.tracker.report import DELETE
from smittesporing.tracker.rules import NUMERIC, Effect, Happened, Situation, effects, has_rules
from smittesporing.tracker.values import fits

SERVER = frozenset(
    [
        "ASSIGN",
        "SHOWERROR",
        "SHOWWARNING",
        "ERRORONCOMPLETE",
        "WARNINGONCOMPLETE",
        "SETMANDATORYFIELD",
    ]
)


def apply_rules(work: Work, desk: Desk) -> None:
    """Change the desk's steps and problems by what the rules say.

    A record that a rule refuses is taken off the desk, with the events of a refused enrollment.
    """
    for step in list(desk.steps.values()):
        if step.action == DELETE or step.kind not in (ENROLLMENT, EVENT):
            continue
        here = None
        if step.kind == EVENT:
            here = step.stored["program_stage"] if step.stored else step.record.program_stage
        if not has_rules(desk.metadata, step.program, here, SERVER):
            continue
        program = desk.metadata.programs[step.program]
        if step.kind == ENROLLMENT:
            _judge(desk, step, _of_enrollment(work, desk, step, program))
        elif step.uid in desk.steps and status_of(desk, step.record) not in UNHELD:
            _judge(desk, step, _of_event(work, desk, step, program))


def _judge(desk: Desk, step: Step, situation: Situation) -> None:
    errors = []
    for effect in effects(situation, SERVER, own=True):
        if _concerns(effect, step):
            problem = _effect(desk, desk.steps[step.uid], situation, effect)
            if problem is not None:
                errors.append(problem)
    if errors:
        desk.errors += errors
        _take_off(desk, step)


def _concerns(effect: Effect, step: Step) -> bool:
    """An enrollment's judging acts on attributes, an event's on data elements of its stage."""
    action = effect.action
    if step.kind == ENROLLMENT:
        return action.element is None
    return action.attribute is None or action.element is not None


def _take_off(desk: Desk, step: Step) -> None:
    desk.refused.add(step.uid)
    del desk.steps[step.uid]
    if step.kind != ENROLLMENT:
        return
    for other in list(desk.steps.values()):
        if other.kind == EVENT and other.enrollment == step.uid and step.stored is None:
            args = (EVENT, other.uid, ENROLLMENT, step.uid)
            desk.errors.append(Problem("E5000", args, other.uid, EVENT))
            _take_off(desk, other)


# Effects -----------------------------------------------------------------------------------------------


def _effect(desk: Desk, step: Step, situation: Situation, effect: Effect) -> Problem | None:
    action = effect.action
    completed = _completed(desk, step)
    if action.evaluation_time == "ON_COMPLETE" and not completed:
        return None
    message = " ".join(part for part in (action.content, effect.data) if part) or effect.rule.name
    match action.type:
        case "SHOWERROR":
            return Problem("E1300", (message,), step.uid, step.kind)
        case "ERRORONCOMPLETE" if completed:
            return Problem("E1300", (message,), step.uid, step.kind)
        case "SHOWWARNING":
            desk.warn("E1300", message, uid=step.uid, kind=step.kind)
        case "WARNINGONCOMPLETE" if completed:
            desk.warn("E1300", message, uid=step.uid, kind=step.kind)
        case "SETMANDATORYFIELD":
            return _required(desk, step, situation, effect)
        case "ASSIGN":
            return _assigned(desk, step, effect)
    return None


def _completed(desk: Desk, step: Step) -> bool:
    if step.kind == EVENT:
        return status_of(desk, step.record) == "COMPLETED"
    status = step.record.status or (step.stored["status"] if step.stored else "ACTIVE")
    return bool(status == "COMPLETED")


def _required(desk: Desk, step: Step, situation: Situation, effect: Effect) -> Problem | None:
    if step.kind == ENROLLMENT:
        attribute = effect.action.attribute
        if attribute and not desk.values_of(step.tracked_entity).get(attribute):
            return Problem("E1306", (attribute,), step.uid, step.kind)
        return None
    element = effect.action.element
    stage = desk.metadata.stages[situation.current.stage if situation.current else ""]
    if not element or element not in stage.elements_by_uid:
        return None
    asked = stage.values_required_always or _completed(desk, step)
    if asked and not _data(desk.steps[step.uid]).get(element):
        return Problem("E1301", (element,), step.uid, step.kind)
    return None


def _assigned(desk: Desk, step: Step, effect: Effect) -> Problem | None:
    """Fill what is empty, with a warning; refuse what was sent otherwise (DHIS2's default)."""
    action = effect.action
    record: Enrollment | Event = step.record
    if isinstance(record, Event):
        uid, codes = action.element, ("E1308", "E1307")
        stored = step.stored["program_stage"] if step.stored else record.program_stage
        asked = desk.metadata.stages[stored].elements_by_uid.get(uid or "")
        if uid is None or asked is None:
            return None
        value_type, sent = asked.element.value_type, record.data.get(uid)
    else:
        uid, codes = action.attribute, ("E1310", "E1309")
        attribute = desk.metadata.attributes.get(uid or "")
        if uid is None or attribute is None:
            return None
        value_type = attribute.value_type
        sent = desk.people_values.get(step.tracked_entity, {}).get(uid)
    value = effect.data
    if sent:
        if value is not None and _same(value_type, sent, value):
            desk.warn(codes[0], uid, uid=step.uid, kind=step.kind)
            return None
        return Problem(codes[1], (uid,), step.uid, step.kind)
    if not value or not fits(value_type, value):
        return None
    desk.warn(codes[0], uid, uid=step.uid, kind=step.kind)
    if isinstance(record, Event):
        data = {**record.data, uid: value}
        desk.steps[step.uid] = step._replace(record=replace(record, data=data))
    else:
        values = desk.people_values.get(step.tracked_entity, {})
        desk.people_values[step.tracked_entity] = {**values, uid: value}
    return None


def _same(value_type: str, sent: str, value: str) -> bool:
    if value_type in NUMERIC:
        try:
            return float(sent) == float(value)
        except ValueError:
            return False
    return sent == value


# Situations --------------------------------------------------------------------------------------------


def _data(step: Step) -> dict[str, str]:
    """An event's values as they will be."""
    stored = step.stored["data"] if step.stored else {}
    values = {uid: each["value"] for uid, each in stored.items()}
    return _overlaid(values, step.record.data)


def _overlaid(values: dict[str, str], sent: Values) -> dict[str, str]:
    for uid, value in sent.items():
        if value:
            values[uid] = value
        else:
            values.pop(uid, None)
    return values


def _happened(desk: Desk, step: Step) -> Happened:
    event: Event = step.record
    return Happened(
        event=step.uid,
        stage=step.stored["program_stage"] if step.stored else event.program_stage,
        status=status_of(desk, event),
        org_unit=event.org_unit,
        occurred_at=event.occurred_at,
        scheduled_at=event.scheduled_at,
        created_at=step.stored["created_at"] if step.stored else None,
        completed_at=event.completed_at,
        data=_data(step),
    )


def _stored_event(desk: Desk, row: Mapping[str, object]) -> Happened:
    data: Mapping[str, Mapping[str, str]] = row["data"]  # type: ignore[assignment]
    return Happened(
        event=row["event"],  # type: ignore[arg-type]
        stage=row["program_stage"],  # type: ignore[arg-type]
        status=row["status"],  # type: ignore[arg-type]
        org_unit="",
        occurred_at=row["occurred_at"],  # type: ignore[arg-type]
        scheduled_at=row["scheduled_at"],  # type: ignore[arg-type]
        created_at=row["created_at"],  # type: ignore[arg-type]
        completed_at=row["completed_at"],  # type: ignore[arg-type]
        data={uid: each["value"] for uid, each in data.items()},
    )


def _others(desk: Desk, enrollment: str, but: str) -> Iterable[Happened]:
    """The enrollment's events, without one: stored, and as this bundle leaves them."""
    stored = desk.known.events_of.get(enrollment, [])
    for row in stored:
        if row["event"] != but and row["event"] not in desk.steps:
            yield _stored_event(desk, row)
    for step in desk.events_in.get(enrollment, ()):
        if step.uid != but and step.uid in desk.steps:
            yield _happened(desk, desk.steps[step.uid])


def _situation(
    work: Work, desk: Desk, step: Step, program: Program, current: Happened | None
) -> Situation:
    enrollment = step.enrollment or ""
    of_bundle = desk.steps.get(enrollment)
    row = desk.known.enrollments.get(enrollment)
    unit = desk.known.units.by_id.get(step.org_unit)
    record = of_bundle.record if of_bundle else None
    return Situation(
        metadata=desk.metadata,
        program=program,
        today=desk.today,
        attributes=desk.values_of(step.tracked_entity),
        enrollment=enrollment,
        enrollment_status=(record and record.status) or (row["status"] if row else "ACTIVE"),
        enrolled_at=record.enrolled_at if record else row["enrolled_at"] if row else None,
        incident_at=record.occurred_at if record else row["occurred_at"] if row else None,
        org_unit=unit.uid if unit else "",
        org_unit_code=(unit.code or "") if unit else "",
        events=tuple(_others(desk, enrollment, step.uid)) if enrollment else (),
        current=current,
        roles=frozenset((work.reach.role,)),
        groups=work.reach.groups,
    )


def _of_enrollment(work: Work, desk: Desk, step: Step, program: Program) -> Situation:
    return _situation(work, desk, step, program, None)


def _of_event(work: Work, desk: Desk, step: Step, program: Program) -> Situation:
    return _situation(work, desk, step, program, _happened(desk, desk.steps[step.uid]))
