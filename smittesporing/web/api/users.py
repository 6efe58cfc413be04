"""`/api/users`: who works here, for those who govern users; one written at a time.

What a user may be given and by whom is access/granting.py's, DHIS2's JSON metadata/accounts.py's; what
is done to an account by an address of its own stands in users_acts.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.access import accounts, granting, org_units
from smittesporing.access.accounts import Account
from smittesporing.database import Connection
from smittesporing.metadata import arriving, fields
from smittesporing.metadata.accounts import body_of
from smittesporing.metadata.incoming import Manner
from smittesporing.metadata.kinds import KINDS
from smittesporing.metadata.report import Report, refusal_json
from smittesporing.metadata.schema import leads_to
from smittesporing.uid import new_uid
from smittesporing.web.api.asking import asked
from smittesporing.web.api.collections import chosen
from smittesporing.web.api.envelope import (
    Stopped,
    as_json,
    door,
    fields_of,
    not_found,
    of_type,
    paged,
    read_json,
    read_object,
    web_message,
)
from smittesporing.web.api.membership import type_report
from smittesporing.web.api.metadata import wrapped
from smittesporing.web.api.objects import JSON_PATCH
from smittesporing.web.api.patch import Unpatchable, patched
from smittesporing.web.api.users_query import asked_for
from smittesporing.web.working import reach_of

USERS = KINDS["users"]
LISTS = (
    *("userGroups", "userRoles", "organisationUnits", "dataViewOrganisationUnits"),
    "teiSearchOrganisationUnits",
)
# These say that she may not, as against what is wrong with the user.
_NOT_HERS = frozenset(("E3000", "E3001", "E3002"))


@door
def listed(request: Request) -> Response:
    """GET /api/users: those she governs, with DHIS2's own ways to ask for some of them."""
    with asked(request) as (connection, world):
        visible = _visible(request, connection)
        units = org_units.current(connection)
        wanted = asked_for(request, connection, visible)
        bodies = [body_of(each, units) for each in wanted]
        # `query` has asked more than the names already.
        page, head = paged(request, chosen(request, world, USERS, bodies, query=""))
        select = fields.compile(fields.parse(fields_of(request, "id,displayName")), world, "users")
        return as_json({**head, "users": [select(each) for each in page]})


@door
def one(request: Request) -> Response:
    """GET /api/users/{uid}: one of those, or oneself."""
    with asked(request) as (connection, world):
        account = seen(request, connection)
        select = fields.compile(fields.parse(fields_of(request, "*")), world, "users")
        return as_json(select(body_of(account, org_units.current(connection))))


@door
def create(request: Request) -> Response:
    """POST /api/users: a new user; 201 with her address."""
    of_type(request, "application/json")
    body = read_object(request)
    body.setdefault("id", new_uid())
    report = saved(request, body, "CREATE")
    if not report.ok:
        return answered(report)
    base = request.app.state.settings.base_url
    return answered(report, 201, {"location": f"{base}/api/users/{report.objects[0].uid}"})


@door
def replace(request: Request) -> Response:
    """PUT /api/users/{uid}: the user whole; a password only when one is stated.

    Shape   DHIS2 answers this one, alone of a user's, with the report of a whole import.
    """
    of_type(request, "application/json")
    body = {**read_object(request), "id": request.path_params["uid"]}
    with asked(request) as (connection, _):
        seen(request, connection)
    report = saved(request, body, "UPDATE")
    if not report.ok and _status(report) != 409:
        return answered(report)
    return wrapped(report, "FULL")


@door
def patch(request: Request) -> Response:
    """PATCH /api/users/{uid} with JSON Patch."""
    of_type(request, JSON_PATCH)
    operations = read_json(request)
    with asked(request) as (connection, _):
        account = seen(request, connection)
        before = body_of(account, org_units.current(connection))
    try:
        body = patched(before, operations)
    except Unpatchable as fault:
        raise Stopped(web_message(400, str(fault))) from None
    return answered(saved(request, {**body, "id": account.uid}, "UPDATE"))


@door
def remove(request: Request) -> Response:
    """DELETE /api/users/{uid}; her name stays in the access log."""
    with asked(request) as (connection, _):
        seen(request, connection)
    return answered(saved(request, {"id": request.path_params["uid"]}, "DELETE"))


@door
def change_list(request: Request) -> Response:
    """POST or DELETE /api/users/{uid}/{list}/{item}: one more or less of her groups, roles or units."""
    name, item = request.path_params["list"], request.path_params["item"]
    if name not in LISTS:
        raise Stopped(web_message(404, f"Collection {name} does not exist on user"))
    with asked(request) as (connection, _):
        account = seen(request, connection)
        body = body_of(account, org_units.current(connection))
    kept = [each for each in body[name] if each["id"] != item]
    wanted = [*kept, {"id": item}] if request.method == "POST" else kept
    report = saved(request, {**body, name: wanted}, "UPDATE")
    if not report.ok:
        return answered(report)
    came, went = (int(len(wanted) > len(body[name])), int(len(wanted) < len(body[name])))
    return type_report(leads_to("users", name) or name, came, went, 1 - came - went, [])


def saved(request: Request, body: Mapping[str, Any], strategy: str) -> Report:
    """The user as the body says, or nothing changed where anything of it was refused."""
    with asked(request) as (connection, _):
        return arriving.save(connection, body, reach_of(request), Manner(strategy=strategy))


def _visible(request: Request, connection: Connection) -> list[Account]:
    reach = reach_of(request)
    if not granting.sees_users(reach):
        raise Stopped(web_message(403, "You don't have the proper permissions to see users."))
    units = org_units.current(connection)
    return [each for each in accounts.every(connection) if granting.sees(reach, units, each)]


def seen(request: Request, connection: Connection, uid: str = "") -> Account:
    """The user of the address, or this one.

    Errors  `Stopped` with 403 or 404 when she is not for the asker.
    """
    reach, uid = reach_of(request), uid or request.path_params["uid"]
    if uid != reach.user and not granting.sees_users(reach):
        raise Stopped(web_message(403, "You don't have the proper permissions to see users."))
    account = accounts.one(connection, uid)
    if account is None or not granting.sees(reach, org_units.current(connection), account):
        raise Stopped(not_found("User", uid))
    return account


def answered(
    report: Report, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """The report on the one user there is: done, or refused with 403, 404 or 409."""
    made = report.objects[0]
    response = {
        "responseType": "ObjectReport",
        "uid": made.uid,
        "klass": USERS.klass,
        "errorReports": [refusal_json(each, USERS.klass) for each in made.refusals],
    }
    if report.ok:
        return web_message(status, response=response, headers=headers)
    first = made.refusals[0]
    return web_message(_status(report), first.sentence, code=first.code, response=response)


def _status(report: Report) -> int:
    code = report.objects[0].refusals[0].code
    return 403 if code in _NOT_HERS else 404 if code == "E5001" else 409
