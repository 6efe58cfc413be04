"""What else one does with records through the API: notes and ownership."""

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.access import org_units
from smittesporing.access.work import Work
from smittesporing.problems import Refused
from smittesporing.tracker import ownership
from smittesporing.tracker.read import locate
from smittesporing.tracker.records import ENROLLMENT, EVENT
from smittesporing.tracker.writer import user_info
from smittesporing.uid import is_uid, new_uid
from smittesporing.web.api.envelope import (
    Stopped,
    door,
    not_found,
    read_object,
    web_message,
)
from smittesporing.web.working import reach_of, work_of


@door
def enrollment_note(request: Request) -> Response:
    """POST /api/tracker/enrollments/{uid}/note."""
    return _noted(request, ENROLLMENT, "enrollment")


@door
def event_note(request: Request) -> Response:
    """POST /api/tracker/events/{uid}/note."""
    return _noted(request, EVENT, "event")


def _noted(request: Request, kind: str, column: str) -> Response:
    sent = read_object(request)
    value = str(sent.get("value") or "").strip()
    uid = str(sent.get("note") or new_uid())
    if not value or not is_uid(uid):
        return web_message(400, "A note needs a value, and its uid must be one")
    with work_of(request, "tracker.note") as work:
        on = request.path_params["uid"]
        person, owner = _owned(work, kind, column, on)
        added = work.conn.execute(
            f"""insert into tracker.note
                 (tracked_entity, note, {column}, owner, value, stored_at, stored_by, created_by)
               values (%s, %s, %s, %s, %s, %s, %s, %s::text::jsonb) on conflict do nothing""",  # noqa: S608
            (
                person,
                uid,
                on,
                owner,
                value,
                work.clock.now(),
                work.reach.username,
                user_info(work),
            ),
        ).rowcount
    if not added:
        return web_message(409, f"Note {uid} exists already", code="E1119")
    return web_message(200, f"Note created on {column} {on}")


def _owned(work: Work, kind: str, column: str, uid: str) -> tuple[str, int]:
    """The tracked entity and owner of a record one may write on. Errors  `Stopped` with 404."""
    place = locate(work, (uid,)).get(uid)
    row = None
    if place is not None and place[0] == kind:
        row = work.conn.execute(
            f"""select tracked_entity, owner from tracker.{column}
                 where tracked_entity = %s and {column} = %s and owner = any (%s)
                   and not deleted""",  # noqa: S608
            (place[1], uid, list(work.reach.write)),
        ).fetchone()
    if row is None:
        raise Stopped(not_found(column.capitalize(), uid))
    return row["tracked_entity"], row["owner"]


@door
def transferred(request: Request) -> Response:
    """PUT /api/tracker/ownership/transfer?trackedEntity&program&orgUnit."""
    params = request.query_params
    person = params.get("trackedEntity") or params.get("trackedEntityInstance") or ""
    unit_uid = params.get("orgUnit") or params.get("ou") or ""
    with work_of(request, "tracker.transfer", "ownership transfer") as work:
        unit = org_units.current(work.conn).by_uid.get(unit_uid)
        if unit is None:
            raise Stopped(not_found("OrganisationUnit", unit_uid))
        ownership.transfer(work, person, params.get("program", ""), unit.id)
    return web_message(200, "Ownership transferred")


@door
def overridden(request: Request) -> Response:
    """POST /api/tracker/ownership/override: Norwegian roles search their own kommune only."""
    if reach_of(request).superuser:
        return web_message(403, "User is a superuser: nothing to break the glass for")
    raise Refused("T003", status=403)
