"""`/api/me` and its parts: the one who asks, what she may, what she has chosen, her password.

What a client reads first, so the shapes are DHIS2 2.42's. Called through web/api/accounts_routes.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.access import accounts, authorities, org_units, passwords, tokens
from smittesporing.access.accounts import Account
from smittesporing.access.org_units import OrgUnits
from smittesporing.access.reach import CLIENT, Reach
from smittesporing.database import Connection
from smittesporing.metadata import fields, sharing, system_settings
from smittesporing.metadata.accounts import body_of, read
from smittesporing.metadata.check_users import misshapen
from smittesporing.metadata.snapshot import Metadata
from smittesporing.problems import Refused
from smittesporing.web.api.asking import asked
from smittesporing.web.api.envelope import (
    Stopped,
    as_json,
    door,
    fields_of,
    nothing,
    read_json,
    read_object,
    web_message,
)
from smittesporing.web.api.tokens import body_of as token_body
from smittesporing.web.basic import MEMORY
from smittesporing.web.working import reach_of

# What one changes of oneself; everything else is given by those who govern users.
_OWN = ("firstName", "surname", "email", "phoneNumber")
_OWN_EXTRA = frozenset(
    (
        *("jobTitle", "introduction", "gender", "birthday", "nationality", "employer", "education"),
        *(
            "interests",
            "languages",
            "skype",
            "telegram",
            "whatsApp",
            "facebookMessenger",
            "twitter",
        ),
        "avatar",
    )
)


@door
def me(request: Request) -> Response:
    """GET /api/me: the one who asks, with roles, org units, authorities and settings."""
    reach = reach_of(request)
    with asked(request) as (connection, world):
        body = _body(connection, world.metadata, reach)
        body["access"] = {**_NOTHING, "read": True}
        tree = fields.parse(fields_of(request, "*"))
        return as_json(fields.compile(tree, world, "me")(body))


@door
def change_me(request: Request) -> Response:
    """PUT /api/me: one's name, address, phone and what one tells of oneself; the rest stays.

    Shape   An empty text changes nothing either, as in DHIS2.
    """
    reach, stated = reach_of(request), read_object(request)
    with asked(request) as (connection, world):
        account = accounts.one(connection, reach.user)
        if account is None:
            raise Refused("T003", status=404)
        units = org_units.current(connection)
        before = body_of(account, units)
        allowed = {
            key: stated[key]
            for key in stated
            if (key in _OWN or key in _OWN_EXTRA) and stated[key] not in (None, "")
        }
        try:
            wanted = read({**before, **allowed}, account, units).account
        except (ValueError, TypeError) as fault:
            raise Stopped(web_message(409, f"Your account cannot be kept so: {fault}")) from None
        if not wanted.first_name.strip() or not wanted.surname.strip():
            raise Stopped(web_message(409, "A user has a first name and a surname"))
        for refusal in misshapen(wanted, allowed):
            raise Stopped(web_message(409, refusal.sentence, code=refusal.code))
        kept = replace(
            account,
            first_name=wanted.first_name,
            surname=wanted.surname,
            email=wanted.email,
            phone=wanted.phone,
            extra=wanted.extra,
        )
        accounts.write(connection, kept, reach.user)
        tree = fields.parse(fields_of(request, "*"))
        body = _body(connection, world.metadata, reach)
        return as_json(fields.compile(tree, world, "me")(body))


@door
def my_authorities(request: Request) -> Response:
    """GET /api/me/authorization (and authorities)."""
    return as_json(authorities.of(reach_of(request)))


@door
def has_authority(request: Request) -> Response:
    """GET /api/me/authorization/{authority}: true or false."""
    return as_json(authorities.holds(reach_of(request), request.path_params["authority"]))


@door
def settings(request: Request) -> Response:
    """GET /api/me/settings?key=a&key=b."""
    wanted = [key for text in request.query_params.getlist("key") for key in text.split(",") if key]
    with request.app.state.pool.connection() as connection:
        found = system_settings.of_user(connection, reach_of(request).user)
    return as_json({key: found.get(key) for key in (wanted or sorted(found))})


@door
def setting(request: Request) -> Response:
    """GET /api/me/settings/{key}: the value alone, null for one that is not set."""
    with request.app.state.pool.connection() as connection:
        found = system_settings.of_user(connection, reach_of(request).user)
    return as_json(found.get(request.path_params["key"]))


@door
def dashboard(request: Request) -> Response:
    """GET /api/me/dashboard: what the header bar counts; messages live elsewhere."""
    return as_json({"unreadInterpretations": 0, "unreadMessageConversations": 0})


@door
def interpretations_read(request: Request) -> Response:
    """POST /api/me/dashboard/interpretations/read: there are none, so all are read."""
    return nothing()


@door
def remove_avatar(request: Request) -> Response:
    """DELETE /api/me/avatar: no picture of oneself any more, whether or not there was one."""
    reach = reach_of(request)
    with asked(request) as (connection, _):
        account = _account(connection, reach)
        extra = {key: value for key, value in account.extra.items() if key != "avatar"}
        accounts.write(connection, replace(account, extra=extra), reach.user)
    return nothing()


@door
def approval_workflows(request: Request) -> Response:
    """GET /api/me/dataApprovalWorkflows: there are none."""
    return as_json({"dataApprovalWorkflows": []})


@door
def approval_levels(request: Request) -> Response:
    """GET /api/me/dataApprovalLevels: there are none."""
    return as_json([])


@door
def verify_password(request: Request) -> Response:
    """POST /api/me/verifyPassword: whether this is one's password."""
    reach = reach_of(request)
    with request.app.state.pool.connection() as connection:
        fits = _fits(connection, reach, _stated_password(request))
    return as_json({"isCorrectPassword": fits})


@door
def validate_password(request: Request) -> Response:
    """POST /api/me/validatePassword: whether one could have this password."""
    reach = reach_of(request)
    with request.app.state.pool.connection() as connection:
        account = _account(connection, reach)
    fault = passwords.fault(_stated_password(request), account.username, account.email or "")
    answer: dict[str, Any] = {"isValidPassword": fault is None}
    return as_json(answer if fault is None else {**answer, "errorMessage": fault})


@door
def change_password(request: Request) -> Response:
    """PUT /api/me/changePassword: `oldPassword`, `newPassword`; 202 when it is done."""
    reach, stated = reach_of(request), read_object(request)
    old, new = str(stated.get("oldPassword") or ""), str(stated.get("newPassword") or "")
    if not old or not new:
        raise Stopped(web_message(409, "Both oldPassword and newPassword are needed"))
    with asked(request) as (connection, _):
        account = _account(connection, reach)
        if not _fits(connection, reach, old):
            raise Stopped(web_message(409, "oldPassword is not your password"))
        fault = passwords.fault(new, account.username, account.email or "")
        if fault is not None:
            raise Stopped(web_message(409, fault))
        with MEMORY.slow:
            if accounts.had_password(connection, reach.user, new):
                kept = passwords.REMEMBERED
                raise Stopped(web_message(409, f"The last {kept} passwords cannot be used again"))
            accounts.set_password(connection, reach.user, new, reach.user)
    return Response(status_code=202)


_NOTHING = dict.fromkeys(("read", "update", "delete", "write", "manage", "externalize"), False)


def _fits(connection: Connection, reach: Reach, password: str) -> bool:
    """Whether it is her password; guessing is refused as it is at the door."""
    name = reach.username.lower()
    if MEMORY.too_often(name):
        raise Refused("T013", status=429)
    with MEMORY.slow:
        fits = accounts.password_fits(connection, reach.user, password)
    if not fits:
        MEMORY.wrong(name)
    return fits


def _body(connection: Connection, metadata: Metadata, reach: Reach) -> dict[str, Any]:
    units = org_units.current(connection)
    account = _account(connection, reach)
    body = body_of(account, units)
    body["organisationUnits"] = _captures(units, reach, body)
    groups, held = metadata.of("userGroups"), metadata.of("userRoles")
    return {
        **body,
        "displayName": account.name,
        "authorities": authorities.of(reach),
        "userRoles": [each for each in body["userRoles"] if _visible(held, each["id"], reach)],
        "userGroups": [each for each in body["userGroups"] if _visible(groups, each["id"], reach)],
        "programs": [
            program.uid
            for program in metadata.programs.values()
            if program.sharing.data_read(reach)
        ],
        "dataSets": [
            uid
            for uid, each in metadata.of("dataSets").items()
            if sharing.sharing(each).data_read(reach)
        ],
        "settings": system_settings.of_user(connection, reach.user),
        "patTokens": [token_body(each) for each in tokens.of_user(connection, reach.user)],
        "translations": [],
        "attributeValues": account.extra.get("attributeValues", []),
        "favorites": [],
        "sharing": sharing.as_json(sharing.sharing({})),
        "access": _NOTHING,
    }


def _captures(units: OrgUnits, reach: Reach, body: dict[str, Any]) -> list[dict[str, str]]:
    """Where she writes: a client wherever she captures, others in the place they have chosen."""
    if reach.role == CLIENT:
        listed: list[dict[str, str]] = body["organisationUnits"]
        return listed
    working = units.by_id.get(reach.working_in) if reach.working_in is not None else None
    return [{"id": working.uid}] if working else []


def _visible(objects: Any, uid: str, reach: Reach) -> bool:
    body = objects.get(uid)
    return body is not None and sharing.sharing(body).reads(reach)


def _account(connection: Connection, reach: Reach) -> Account:
    account = accounts.one(connection, reach.user)
    if account is None:
        raise Refused("T003", status=404)
    return account


def _stated_password(request: Request) -> str:
    """The password as text or as JSON. Errors  `Stopped` with 409 when there is none."""
    raw: bytes = request.state.body
    if "json" in request.headers.get("content-type", ""):
        body = read_json(request)
        text = body.get("password") if isinstance(body, dict) else None
    else:
        text = raw.decode("utf-8", "replace") or None
    if not isinstance(text, str):
        raise Stopped(web_message(409, "The attribute password is missing"))
    return text
