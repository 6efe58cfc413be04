"""Is a relationship fit to be written?

Groups in order, as in check_people. Called by `validate`.
"""

from smittesporing.metadata.programs import Constraint
from smittesporing.problems import Problem
from smittesporing.tracker.desk import Desk, Place, Problems, Step
from smittesporing.tracker.records import (
    ENROLLMENT,
    EVENT,
    RELATIONSHIP,
    TRACKED_ENTITY,
    End,
    Relationship,
)
from smittesporing.tracker.report import CREATE, DELETE
from smittesporing.uid import is_uid

_WANTED = {
    "TRACKED_ENTITY_INSTANCE": TRACKED_ENTITY,
    "PROGRAM_INSTANCE": ENROLLMENT,
    "PROGRAM_STAGE_INSTANCE": EVENT,
}


def place_of(desk: Desk, end: End) -> Place | None:
    """What the end hangs on, when it passed in this bundle or is stored within reach."""
    if end.event:
        return desk.place_of_event(end.event)
    if end.enrollment:
        return desk.place_of_enrollment(end.enrollment)
    found = desk.person(end.tracked_entity)
    if found is None or end.tracked_entity in desk.refused:
        return None
    if isinstance(found, Step):
        owner = found.owner if found.stored is None else _chosen_owner(desk, found.stored["owners"])
    else:
        owner = _chosen_owner(desk, found["owners"])
    type_ = desk.type_of(end.tracked_entity)
    return Place(end.tracked_entity, None, None, owner, type_, "", "")


def _chosen_owner(desk: Desk, owners: list[int]) -> int:
    """Of a person's owners the one we write in: a link made here is seen here."""
    return next((owner for owner in owners if owner in desk.writable), owners[0])


def _exists(desk: Desk, link: Relationship, action: str) -> Problems:
    uid, kind = link.relationship, RELATIONSHIP
    row = desk.known.links.get(uid)
    if not is_uid(uid):
        yield Problem("E1048", (uid,), uid, kind)
    elif row is not None and row["deleted"]:
        yield Problem("E4017", (uid,), uid, kind)
    elif action == CREATE and uid in desk.known.places:
        yield Problem("E4015", (uid,), uid, kind)
    elif action != CREATE and not desk.exists(uid, kind):
        yield Problem("E4016", (uid,), uid, kind)
    elif action != CREATE and (row is None or row["owner"] not in desk.writable):
        yield Problem("E4020", (uid,), uid, kind)


def _refers(desk: Desk, link: Relationship, action: str) -> Problems:
    uid, kind = link.relationship, RELATIONSHIP
    if action != CREATE:
        return
    type_ = desk.metadata.relationship_types.get(link.type)
    ends = (link.from_, link.to)
    if not link.type:
        yield Problem("E1124", ("relationshipType",), uid, kind)
    elif type_ is None:
        yield Problem("E4006", (link.type,), uid, kind)
    elif any(sum(map(bool, (e.tracked_entity, e.enrollment, e.event))) != 1 for e in ends):
        yield Problem("E4001", (uid,), uid, kind)
    elif link.from_ == link.to:
        yield Problem("E4000", (uid,), uid, kind)
    else:
        for end, constraint in zip(ends, (type_.from_, type_.to), strict=True):
            yield from _end_problems(desk, uid, end, constraint)


def _end_problems(desk: Desk, uid: str, end: End, wanted: Constraint) -> Problems:
    kind = RELATIONSHIP
    if end.kind != _WANTED[wanted.entity]:
        yield Problem("E4010", (_WANTED[wanted.entity], end.kind), uid, kind)
        return
    if end.uid in desk.refused:
        yield Problem("E5000", (kind, uid, end.kind, end.uid), uid, kind)
        return
    place = place_of(desk, end)
    if place is None:
        yield Problem("E4012", (end.kind, end.uid), uid, kind)
    elif wanted.tracked_entity_type and place.type and place.type != wanted.tracked_entity_type:
        yield Problem("E4014", (end.uid, wanted.tracked_entity_type), uid, kind)
    elif (wanted.program and end.kind != TRACKED_ENTITY and place.program != wanted.program) or (
        wanted.stage and end.kind == EVENT and place.stage != wanted.stage
    ):
        yield Problem("E4014", (end.uid, wanted.stage or wanted.program or ""), uid, kind)


def _may(desk: Desk, link: Relationship, action: str) -> Problems:
    uid, kind = link.relationship, RELATIONSHIP
    if action != CREATE:
        return
    type_ = desk.metadata.relationship_types[link.type]
    from_, to = place_of(desk, link.from_), place_of(desk, link.to)
    assert from_ and to
    allowed = type_.sharing.data_write(desk.reach) and from_.owner in desk.writable
    if type_.bidirectional:
        allowed = allowed and to.owner in desk.writable
    if not allowed:
        yield Problem("E4020", (uid,), uid, kind)
    here, there = link.from_.uid, link.to.uid
    if (type_.uid, here, there) in desk.linked or (
        type_.bidirectional and (type_.uid, there, here) in desk.linked
    ):
        yield Problem("E4018", (uid,), uid, kind)


LINKS = (_exists, _refers, _may)


def link_step(desk: Desk, link: Relationship, action: str) -> Step:
    """Where a relationship that passed is to be written: beside its from-end."""
    row = desk.known.links.get(link.relationship)
    if row is not None:
        return Step(
            RELATIONSHIP, link.relationship, action, link, row, row["tracked_entity"], row["owner"]
        )
    place = place_of(desk, link.from_)
    assert place is not None and action != DELETE
    return Step(
        RELATIONSHIP, link.relationship, action, link, None, place.tracked_entity, place.owner
    )
