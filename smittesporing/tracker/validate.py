"""Judge a bundle: which records may be written, and what is wrong with the others.

Parents before children, so that a child of a refused parent is told so (E5000); the other way round
when deleting. Writes nothing. Called by the importer, after `preload`.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from smittesporing.access.work import Work
from smittesporing.tracker.check_events import EVENTS, event_step
from smittesporing.tracker.check_links import LINKS, link_step
from smittesporing.tracker.check_people import ENROLLMENTS, PERSON, enrollment_step, person_step
from smittesporing.tracker.desk import Desk, Problems, Step
from smittesporing.tracker.preload import Known
from smittesporing.tracker.records import ENROLLMENT, EVENT, RELATIONSHIP, TRACKED_ENTITY, Bundle
from smittesporing.tracker.report import CREATE, DELETE, UPDATE, Options

Group = Callable[[Desk, Any, str], Problems]


def validate(work: Work, bundle: Bundle, known: Known, options: Options) -> Desk:
    """The desk after every record was judged: `steps` may be written, `errors` say why others may not."""
    desk = Desk(known, work.reach, options, work.clock.today())
    desk.key = work.settings.field_key
    for person in bundle.tracked_entities:
        _take(desk.people_values, person.tracked_entity, person.attributes)
    for one in bundle.enrollments:
        row = known.enrollments.get(one.enrollment)
        _take(
            desk.people_values, row["tracked_entity"] if row else one.tracked_entity, one.attributes
        )
    stages: list[tuple[str, Iterable[Any], Sequence[Group], Callable[..., Step]]] = [
        (TRACKED_ENTITY, bundle.tracked_entities, PERSON, person_step),
        (ENROLLMENT, bundle.enrollments, ENROLLMENTS, enrollment_step),
        (EVENT, bundle.events, EVENTS, event_step),
        (RELATIONSHIP, bundle.relationships, LINKS, link_step),
    ]
    if options.strategy == DELETE:
        stages.reverse()
    for kind, records, groups, step in stages:
        for record in records:
            _judge(desk, kind, record, groups, step)
    return desk


def _take(values: dict[str, Any], person: str, attributes: Any) -> None:
    if attributes:
        values[person] = {**values.get(person, {}), **attributes}


_UID = {
    TRACKED_ENTITY: "tracked_entity",
    ENROLLMENT: "enrollment",
    EVENT: "event",
    RELATIONSHIP: "relationship",
}


def _judge(
    desk: Desk, kind: str, record: Any, groups: Sequence[Group], step: Callable[..., Step]
) -> None:
    uid: str = getattr(record, _UID[kind])
    action = desk.action(uid, kind)
    link = desk.known.links.get(uid)
    if kind == RELATIONSHIP and action == UPDATE and link is not None and not link["deleted"]:
        # Links are not updated; sending one again is no mistake (DHIS2 warns and leaves it).
        desk.warn("E4015", uid, uid=uid, kind=kind)
        return
    if uid in desk.steps or (uid in desk.refused and action == CREATE):
        desk.refuse_twin(uid, kind)
        return
    for group in groups:
        found = list(group(desk, record, action))
        if found:
            desk.errors += found
            desk.refused.add(uid)
            return
    passed = step(desk, record, action)
    desk.steps[uid] = passed
    if kind == ENROLLMENT:
        desk.enrolled.setdefault((passed.tracked_entity, passed.program), []).append(passed)
    elif kind == EVENT and passed.enrollment and action != DELETE:
        stage = passed.stored["program_stage"] if passed.stored else record.program_stage
        desk.held.setdefault((passed.enrollment, stage), []).append(passed)
        desk.events_in.setdefault(passed.enrollment, []).append(passed)
    elif kind == RELATIONSHIP and action == CREATE:
        desk.linked.add((record.type, record.from_.uid, record.to.uid))
