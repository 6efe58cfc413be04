"""`/api/users`: who works here, for those who govern users; one written at a time.

What a user may be given and by whom is access/granting.py's, DHIS2's JSON metadata/accounts.py's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.access import accounts, authorities, granting, org_units, passwords
from smittesporing.access.accounts import Account
from smittesporing.database import Connection
from smittesporing.metadata import arriving, fields, filters
from smittesporing.metadata.accounts import body_of, last_one
from smittesporing.metadata.incoming import Manner
from smittesporing.metadata.kinds import KINDS
from smittesporing.metadata.report import Report, refusal_json
from smittesporing.settings import OSLO
from smittesporing.uid import new_uid
from smittesporing.web.api.asking import asked
from smittesporing.web.api.envelope import (
    Stopped,
    as_json,
    door,
    fields_of,
    not_found,
    paged,
    read_json,
    read_object,
    web_message,
)
from smittesporing.web.api.patch import Unpatchable, patched
from smittesporing.web.api.users_query import asked_for
from smittesporing.web.api.world import MetadataWorld
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
        page, head = paged(request, _chosen(request, world, bodies))
        select = fields.compile(fields.parse(fields_of(request, "id,displayName")), world, "users")
        return as_json({**head, "users": [select(each) for each in page]})


@door
def one(request: Request) -> Response:
    """GET /api/users/{uid}: one of those, or oneself."""
    with asked(request) as (connection, world):
        account = _seen(request, connection)
        select = fields.compile(fields.parse(fields_of(request, "*")), world, "users")
        return as_json(select(body_of(account, org_units.current(connection))))


@door
def create(request: Request) -> Response:
    """POST /api/users: a new user; 201 with her address."""
    body = read_object(request)
    body.setdefault("id", new_uid())
    report = _saved(request, body, "CREATE")
    if not report.ok:
        return _answer(report)
    base = request.app.state.settings.base_url
    return _answer(report, 201, {"location": f"{base}/api/users/{report.objects[0].uid}"})


@door
def replace(request: Request) -> Response:
    """PUT /api/users/{uid}: the user whole; a password only when one is stated."""
    body = {**read_object(request), "id": request.path_params["uid"]}
    with asked(request) as (connection, _):
        _seen(request, connection)
    return _answer(_saved(request, body, "UPDATE"))


@door
def patch(request: Request) -> Response:
    """PATCH /api/users/{uid} with JSON Patch."""
    operations = read_json(request)
    with asked(request) as (connection, _):
        account = _seen(request, connection)
        before = body_of(account, org_units.current(connection))
    try:
        body = patched(before, operations)
    except Unpatchable as fault:
        raise Stopped(web_message(400, str(fault))) from None
    return _answer(_saved(request, {**body, "id": account.uid}, "UPDATE"))


@door
def remove(request: Request) -> Response:
    """DELETE /api/users/{uid}; her name stays in the access log."""
    with asked(request) as (connection, _):
        _seen(request, connection)
    return _answer(_saved(request, {"id": request.path_params["uid"]}, "DELETE"))


@door
def change_list(request: Request) -> Response:
    """POST or DELETE /api/users/{uid}/{list}/{item}: one more or less of her groups, roles or units."""
    name, item = request.path_params["list"], request.path_params["item"]
    if name not in LISTS:
        raise Stopped(web_message(404, f"Collection {name} does not exist on user"))
    with asked(request) as (connection, _):
        account = _seen(request, connection)
        body = body_of(account, org_units.current(connection))
    kept = [each for each in body[name] if each["id"] != item]
    body[name] = [*kept, {"id": item}] if request.method == "POST" else kept
    return _answer(_saved(request, body, "UPDATE"))


@door
def replica(request: Request) -> Response:
    """POST /api/users/{uid}/replica: another user who holds the same, under a new name."""
    body = read_object(request)
    reach = reach_of(request)
    if not authorities.holds(reach, "F_REPLICATE_USER"):
        raise Stopped(web_message(403, "Access is denied, requires F_REPLICATE_USER"))
    username, password = str(body.get("username") or ""), str(body.get("password") or "")
    if not username or not password:
        raise Stopped(web_message(409, "Username and password must be specified"))
    fault = passwords.fault(password, username)
    if fault:
        raise Stopped(web_message(409, fault))
    with asked(request) as (connection, _):
        account = _seen(request, connection)
        if accounts.by_username(connection, username) is not None:
            raise Stopped(web_message(409, "Username already taken"))
        copy = body_of(account, org_units.current(connection))
    given = {**copy, "id": new_uid(), "username": username, "password": password}
    report = _saved(request, given, "CREATE")
    if not report.ok:
        return _answer(report)
    base = request.app.state.settings.base_url
    headers = {"location": f"{base}/api/users/{report.objects[0].uid}"}
    return web_message(201, "User replica created", headers=headers)


@door
def disable(request: Request) -> Response:
    """POST /api/users/{uid}/disabled: she can no longer come in."""
    return _acted(request, lambda c, a, by: accounts.set_disabled(c, a.uid, True, by), leaves=True)


@door
def enable(request: Request) -> Response:
    """POST /api/users/{uid}/enabled."""
    return _acted(request, lambda c, a, by: accounts.set_disabled(c, a.uid, False, by))


@door
def expire(request: Request) -> Response:
    """POST /api/users/{uid}/expired?date=…: she comes in until then."""
    text = request.query_params.get("date", "")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return web_message(400, f"Value '{text}' is not valid for date")
    moment = at if at.tzinfo else at.replace(tzinfo=OSLO)
    return _acted(request, lambda c, a, by: accounts.set_expiry(c, a.uid, moment, by), leaves=True)


@door
def unexpire(request: Request) -> Response:
    """POST /api/users/{uid}/unexpired."""
    return _acted(request, lambda c, a, by: accounts.set_expiry(c, a.uid, None, by))


@door
def no_mail(request: Request) -> Response:
    """POST /api/users/invite, /invites, /{uid}/reset: the service sends no e-mail."""
    return web_message(409, "E-mail is not configured, so nobody can be invited or reset by it.")


Act = Callable[[Connection, Account, str], None]


def _acted(request: Request, act: Act, leaves: bool = False) -> Response:
    reach = reach_of(request)
    with asked(request) as (connection, _):
        account = _seen(request, connection)
        if not granting.manages(reach, org_units.current(connection), account):
            raise Stopped(web_message(403, "You may not change this user.", code="E3001"))
        if leaves and account.uid == reach.user:
            raise Stopped(web_message(409, "Nobody shuts herself out."))
        refused = last_one(connection, reach, account, frozenset()) if leaves else []
        if refused:
            raise Stopped(web_message(409, refused[0].sentence, code=refused[0].code))
        act(connection, account, reach.user)
    return Response(status_code=204)


def _chosen(
    request: Request, world: MetadataWorld, bodies: list[dict[str, Any]]
) -> list[Mapping[str, Any]]:
    """What `filter` and `order` leave; `query` has asked more than the names already."""
    params = request.query_params
    conditions = [filters.parse(text) for text in params.getlist("filter") if text.strip()]
    orders = [part for text in params.getlist("order") for part in text.split(",") if part]
    paths = [each.path for each in conditions]
    for path in (*paths, *(tuple(order.partition(":")[0].split(".")) for order in orders)):
        world.check_path(USERS, path)
    any_of = params.get("rootJunction", "AND").upper() == "OR"
    holds = filters.matching(conditions, world, "users", any_of=any_of, query="")
    return filters.ordered((body for body in bodies if holds(body)), orders, world, "users")


def _saved(request: Request, body: Mapping[str, Any], strategy: str) -> Report:
    """The user as the body says, or nothing changed where anything of it was refused."""
    with asked(request) as (connection, _):
        return arriving.save(connection, body, reach_of(request), Manner(strategy=strategy))


def _visible(request: Request, connection: Connection) -> list[Account]:
    reach = reach_of(request)
    if not granting.sees_users(reach):
        raise Stopped(web_message(403, "You don't have the proper permissions to see users."))
    units = org_units.current(connection)
    return [each for each in accounts.every(connection) if granting.sees(reach, units, each)]


def _seen(request: Request, connection: Connection) -> Account:
    """The user of the address. Errors  `Stopped` with 403 or 404 when she is not for the asker."""
    reach, uid = reach_of(request), request.path_params["uid"]
    if uid != reach.user and not granting.sees_users(reach):
        raise Stopped(web_message(403, "You don't have the proper permissions to see users."))
    account = accounts.one(connection, uid)
    if account is None or not granting.sees(reach, org_units.current(connection), account):
        raise Stopped(not_found("User", uid))
    return account


def _answer(
    report: Report, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    made = report.objects[0]
    response = {
        "responseType": "ObjectReport",
        "uid": made.uid,
        "klass": USERS.klass,
        "errorReports": [refusal_json(each, USERS.klass) for each in made.refusals],
    }
    if report.ok:
        return web_message(status, response=response, headers=headers)
    code = made.refusals[0].code
    refused = 403 if code in _NOT_HERS else 404 if code == "E5001" else 409
    return web_message(refused, made.refusals[0].sentence, code=code, response=response)
