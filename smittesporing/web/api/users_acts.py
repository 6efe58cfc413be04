"""What is done to an account by an address of its own: copied, shut, opened, given a role.

Who may is asked as for every change of a user. Called through accounts_routes.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.access import accounts, authorities, granting, org_units, passwords
from smittesporing.access.accounts import Account
from smittesporing.database import Connection
from smittesporing.metadata.accounts import body_of, last_one, not_hers
from smittesporing.uid import new_uid
from smittesporing.web.api import users
from smittesporing.web.api.asking import asked, readable
from smittesporing.web.api.envelope import (
    Stopped,
    as_json,
    door,
    instant,
    nothing,
    read_object,
    web_message,
)
from smittesporing.web.working import reach_of


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
        # DHIS2 answers 409, not 404, where the user to copy is not there.
        account = accounts.one(connection, request.path_params["uid"])
        if account is None or not granting.sees(reach, org_units.current(connection), account):
            raise Stopped(web_message(409, "There is no such user"))
        if accounts.by_username(connection, username) is not None:
            raise Stopped(web_message(409, "Username already taken"))
        copy = body_of(account, org_units.current(connection))
    given = {**copy, "id": new_uid(), "username": username, "password": password}
    report = users.saved(request, given, "CREATE")
    if not report.ok:
        return users.answered(report)
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
    at = instant(request, "date")
    if at is None:
        return web_message(400, "Required request parameter 'date' is not present")
    return _acted(request, lambda c, a, by: accounts.set_expiry(c, a.uid, at, by), leaves=True)


@door
def unexpire(request: Request) -> Response:
    """POST /api/users/{uid}/unexpired."""
    return _acted(request, lambda c, a, by: accounts.set_expiry(c, a.uid, None, by))


@door
def approval_workflows(request: Request) -> Response:
    """GET /api/users/{uid}/dataApprovalWorkflows: there are none."""
    with asked(request) as (connection, _):
        users.seen(request, connection)
    return as_json({"dataApprovalWorkflows": []})


@door
def second_factor(request: Request) -> Response:
    """POST /api/users/{uid}/twoFA/disabled: there is none to take away, and never one's own."""
    reach = reach_of(request)
    with asked(request) as (connection, _):
        account = users.seen(request, connection)
        if account.uid == reach.user or not _may_change(request, connection, account):
            raise Stopped(web_message(403, "You may not take away this second factor."))
    return web_message(200)


@door
def hold_role(request: Request) -> Response:
    """POST, PUT or DELETE /api/userRoles/{uid}/users/{item}: give somebody a role, or take it; 204."""
    role, user = request.path_params["uid"], request.path_params["item"]
    with asked(request) as (connection, world):
        readable(world, "userRoles", role)
        body = body_of(users.seen(request, connection, user), org_units.current(connection))
    kept = [each for each in body["userRoles"] if each["id"] != role]
    body["userRoles"] = kept if request.method == "DELETE" else [*kept, {"id": role}]
    report = users.saved(request, body, "UPDATE")
    return nothing() if report.ok else users.answered(report)


@door
def reset(request: Request) -> Response:
    """POST /api/users/{uid}/reset: the service sends no e-mail, so nobody sets a new password by it."""
    with asked(request) as (connection, _):
        account = users.seen(request, connection)
    return _no_mail(account.email)


@door
def invite_again(request: Request) -> Response:
    """POST /api/users/{uid}/invite: nobody has been invited."""
    with asked(request) as (connection, _):
        users.seen(request, connection)
    return web_message(409, "This user has not been invited.")


@door
def invite(request: Request) -> Response:
    """POST /api/users/invite and /api/users/invites: the service sends no e-mail."""
    body = read_object(request)
    listed = body.get("users")
    with asked(request) as (connection, _):
        for each in listed if isinstance(listed, list) else (body,):
            given = each if isinstance(each, Mapping) else {}
            if accounts.by_username(connection, str(given.get("username") or "")) is not None:
                return web_message(409, "The user name is taken.", code="E6204")
            if not given.get("email"):
                return _no_mail(None)
    return _no_mail("stated")


def _no_mail(address: str | None) -> Response:
    if not address:
        return web_message(409, "The user has no e-mail address.", code="E6202")
    return web_message(409, "E-mail is not configured, and none is sent.", code="E6203")


Act = Callable[[Connection, Account, str], None]


def _acted(request: Request, act: Act, leaves: bool = False) -> Response:
    reach = reach_of(request)
    with asked(request) as (connection, _):
        account = users.seen(request, connection)
        if not _may_change(request, connection, account):
            fault = not_hers(reach, account)
            status = 403 if fault.code == "E3001" else 409
            raise Stopped(web_message(status, fault.sentence, code=fault.code))
        if leaves and account.uid == reach.user:
            raise Stopped(web_message(409, "Nobody shuts herself out."))
        refused = last_one(connection, reach, account, frozenset()) if leaves else []
        if refused:
            raise Stopped(web_message(409, refused[0].sentence, code=refused[0].code))
        act(connection, account, reach.user)
    return nothing()


def _may_change(request: Request, connection: Connection, account: Account) -> bool:
    return granting.manages(reach_of(request), org_units.current(connection), account)
