"""`GET /api/tracker/…`: the four collections and their single objects.

Parameters and envelopes are DHIS2's; which rows, `tracker.listing` knows, and how they look,
`tracker.answers`.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.access.work import Work
from smittesporing.metadata import fields, store
from smittesporing.tracker import answers, links, listing
from smittesporing.tracker.asked import Page
from smittesporing.tracker.read import locate
from smittesporing.tracker.records import ENROLLMENT, EVENT, RELATIONSHIP, TRACKED_ENTITY
from smittesporing.tracker.search import BadQuery
from smittesporing.web.api import tracker_csv
from smittesporing.web.api.envelope import (
    Endpoint,
    Stopped,
    as_json,
    door,
    fields_of,
    flag,
    not_found,
    web_message,
)
from smittesporing.web.working import work_of

Body = dict[str, Any]
Params = Mapping[str, Sequence[str]]


# What text has of a record; `fields` chooses nothing of it.
_FOR_TEXT = "*,!relationships,!enrollments,!events,!programOwners,!notes"


def asking(endpoint: Endpoint) -> Endpoint:
    """The endpoint with a query that cannot be understood answered by DHIS2's 400."""

    @functools.wraps(endpoint)
    def opened(request: Request) -> Response:
        try:
            return endpoint(request)
        except BadQuery as fault:
            return web_message(400, str(fault))

    return door(opened)


def params_of(request: Request) -> dict[str, list[str]]:
    """The query's parameters; one given several times keeps all its values."""
    found: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        found.setdefault(name, []).append(value)
    return found


def _listed(
    request: Request,
    name: str,
    kind: str,
    find: Callable[[Work, Params], Page],
    show: Callable[[Work, list[Body], str], list[Body]],
) -> Response:
    with work_of(request, f"tracker.{name}") as work:
        page = find(work, params_of(request))
        if name in tracker_csv.COLUMNS and tracker_csv.wanted(request):
            return tracker_csv.answer(request, name, show(work, page.rows, _FOR_TEXT))
        bodies = show(work, page.rows, fields_of(request, answers.DEFAULT_FIELDS[kind]))
        return as_json(in_pages(request, name, page, bodies))


def in_pages(request: Request, name: str, page: Page, bodies: list[Body]) -> Body:
    """What tracker answers for a page: its pager with the addresses beside it, unless paging=false."""
    if not page.paged:
        return {name: bodies}
    pager: Body = {"page": page.page, "pageSize": page.size}
    if page.total is not None:
        pager["total"] = page.total
        pager["pageCount"] = max(-(-page.total // page.size), 1)
    if page.page > 1:
        pager["prevPage"] = _address(request, page.page - 1)
    if page.more:
        pager["nextPage"] = _address(request, page.page + 1)
    return {"pager": pager, name: bodies}


def _address(request: Request, page: int) -> str:
    kept = [(key, value) for key, value in request.query_params.multi_items() if key != "page"]
    base = request.app.state.settings.base_url
    return f"{base}{request.url.path}?{urlencode([*kept, ('page', str(page))])}"


@asking
def tracked_entities(request: Request) -> Response:
    """GET /api/tracker/trackedEntities."""
    program = request.query_params.get("program", "")
    return _listed(
        request,
        "trackedEntities",
        TRACKED_ENTITY,
        listing.tracked_entities,
        lambda work, rows, text: answers.tracked_entities(work, rows, text, program),
    )


@asking
def enrollments(request: Request) -> Response:
    """GET /api/tracker/enrollments."""
    return _listed(request, "enrollments", ENROLLMENT, listing.enrollments, answers.enrollments)


@asking
def events(request: Request) -> Response:
    """GET /api/tracker/events."""
    return _listed(request, "events", EVENT, listing.events, answers.events)


@asking
def tracked_entities_csv(request: Request) -> Response:
    """GET /api/tracker/trackedEntities.csv."""
    return tracked_entities(request)


@asking
def events_csv(request: Request) -> Response:
    """GET /api/tracker/events.csv."""
    return events(request)


@asking
def relationships(request: Request) -> Response:
    """GET /api/tracker/relationships?trackedEntity|enrollment|event=uid."""
    given = [
        (name, uid)
        for name in ("trackedEntity", "tei", "enrollment", "event")
        if (uid := request.query_params.get(name))
    ]
    if len(given) != 1:
        raise BadQuery("Exactly one of trackedEntity, enrollment and event must be given")
    uid = given[0][1]
    number, most = _number(request, "page", 1), _number(request, "pageSize", 50)
    with work_of(request, "tracker.relationships") as work:
        place = locate(work, (uid,)).get(uid)
        rows = links.ends_of(work, place[1]) if place else []
        rows = [row for row in rows if uid == _hung_on(row)]
        if place is None or (not rows and not _visible(work, uid, place)):
            raise Stopped(not_found(given[0][0], uid))
        everything = not flag(request, "paging", True)
        size = len(rows) if everything else most
        shown = rows[(number - 1) * size : number * size] if size else []
        bodies = link_bodies(work, shown, fields_of(request, links.DEFAULT_FIELDS))
        total = len(rows) if flag(request, "totalPages") else None
        page = Page(shown, number, size, len(rows) > number * size, total, not everything)
        return as_json(in_pages(request, "relationships", page, bodies))


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name) or str(default)
    if not text.isdecimal() or len(text) > 9:
        raise BadQuery(f"{name} must be a whole number")
    return max(int(text), 1)


def _hung_on(row: Body) -> str:
    return str(row["event"] or row["enrollment"] or row["tracked_entity"])


def _visible(work: Work, uid: str, place: tuple[str, str]) -> bool:
    kind, person = place
    return bool(_rows_of(work, kind, uid, person))


def link_bodies(work: Work, rows: list[Body], text: str) -> list[Body]:
    """Relationships with their items as whole as `fields` asks."""
    metadata = store.current(work.conn)
    work.saw(
        person for row in rows for person in (row["tracked_entity"], row["other_tracked_entity"])
    )
    bodies = [links.link_body(row, metadata) for row in rows]
    if text != links.DEFAULT_FIELDS:
        _fill_items(work, bodies)
    select = fields.choose(text)
    return [select(body) for body in bodies]


def _fill_items(work: Work, bodies: list[Body]) -> None:
    """Put the whole records in place of their uids, fetched together."""
    items = [body[side] for body in bodies for side in ("from", "to")]
    people = {next(iter(item.values()))["trackedEntity"] for item in items}
    rows = work.conn.execute(
        "select * from tracker.tracked_entity where tracked_entity = any (string_to_array(%s, ','))",
        (",".join(sorted(people)),),
    ).fetchall()
    whole = answers.tracked_entities(work, rows, "*,!relationships,!programOwners")
    known: dict[str, Body] = {}
    for person in whole:
        for enrollment in person.pop("enrollments", ()):
            for event in enrollment.pop("events", ()):
                known[event["event"]] = event
            known[enrollment["enrollment"]] = enrollment
        known[person["trackedEntity"]] = person
    for item in items:
        for kind, held in item.items():
            item[kind] = known.get(held[kind], held)


# Single objects ----------------------------------------------------------------------------------------


def _rows_of(work: Work, kind: str, uid: str, person: str) -> list[Body]:
    table, column = {
        TRACKED_ENTITY: ("tracked_entity", "tracked_entity"),
        ENROLLMENT: ("enrollment", "enrollment"),
        EVENT: ("event", "event"),
    }[kind]
    owner = "owners && %s::int[]" if kind == TRACKED_ENTITY else "owner = any (%s::int[])"
    return work.conn.execute(
        f"""select * from tracker.{table}
             where tracked_entity = %s and {column} = %s and not deleted and {owner}""",  # noqa: S608
        (person, uid, list(work.reach.read)),
    ).fetchall()


def _found(work: Work, request: Request, kind: str, noun: str) -> list[Body]:
    """The one row that the address names. Errors  `Stopped` with 404, also when out of reach."""
    uid = request.path_params["uid"]
    place = locate(work, (uid,)).get(uid)
    rows = _rows_of(work, kind, uid, place[1]) if place and place[0] == kind else []
    metadata = store.current(work.conn)
    for row in rows:
        types, programs = metadata.tracked_entity_types, metadata.programs
        held = types.get(row["type"]) if kind == TRACKED_ENTITY else programs.get(row["program"])
        if held is None or not held.sharing.data_read(work.reach):
            rows = []
    if not rows:
        raise Stopped(not_found(noun, uid))
    return rows


@asking
def tracked_entity(request: Request) -> Response:
    """GET /api/tracker/trackedEntities/{uid}."""
    program = request.query_params.get("program", "")
    text = fields_of(request, answers.DEFAULT_FIELDS[TRACKED_ENTITY])
    with work_of(request, "tracker.trackedEntity") as work:
        rows = _found(work, request, TRACKED_ENTITY, "TrackedEntity")
        return as_json(answers.tracked_entities(work, rows, text, program)[0])


@asking
def enrollment(request: Request) -> Response:
    """GET /api/tracker/enrollments/{uid}."""
    text = fields_of(request, answers.DEFAULT_FIELDS[ENROLLMENT])
    with work_of(request, "tracker.enrollment") as work:
        rows = _found(work, request, ENROLLMENT, "Enrollment")
        return as_json(answers.enrollments(work, rows, text)[0])


@asking
def event(request: Request) -> Response:
    """GET /api/tracker/events/{uid}."""
    text = fields_of(request, answers.DEFAULT_FIELDS[EVENT])
    with work_of(request, "tracker.event") as work:
        rows = _found(work, request, EVENT, "Event")
        return as_json(answers.events(work, rows, text)[0])


@asking
def relationship(request: Request) -> Response:
    """GET /api/tracker/relationships/{uid}."""
    uid = request.path_params["uid"]
    with work_of(request, "tracker.relationship") as work:
        place = locate(work, (uid,)).get(uid)
        rows = links.ends_of(work, place[1]) if place and place[0] == RELATIONSHIP else []
        rows = [row for row in rows if row["relationship"] == uid and row["side"] == "from"]
        if not rows:
            raise Stopped(not_found("Relationship", uid))
        return as_json(link_bodies(work, rows, fields_of(request, links.DEFAULT_FIELDS))[0])
