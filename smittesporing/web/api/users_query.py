"""DHIS2's own ways to ask for some of the users, and the look-up of a colleague.

The common `filter`, `order` and paging are collections.py's. Called by users.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.access import accounts, granting, org_units
from smittesporing.access.accounts import Account
from smittesporing.access.org_units import OrgUnits
from smittesporing.access.reach import Reach
from smittesporing.database import Connection
from smittesporing.web.api.envelope import (
    Stopped,
    as_json,
    choice,
    door,
    flag,
    instant,
    not_found,
    number,
    web_message,
)
from smittesporing.web.working import reach_of

MONTH = timedelta(days=30)
_BOUNDARIES = ("DATA_CAPTURE", "DATA_OUTPUT", "TEI_SEARCH")


def asked_for(request: Request, connection: Connection, found: Iterable[Account]) -> list[Account]:
    """Those that query, ou, userOrgUnits, inactiveMonths and their kin leave of the users."""
    params = request.query_params
    units, reach = org_units.current(connection), reach_of(request)
    tests: list[Callable[[Account], bool]] = []
    text = params.get("query", "").strip().lower()
    if text:
        tests.append(lambda each: text in _words(each))
    phone = params.get("phoneNumber")
    if phone:
        tests.append(lambda each: (each.phone or "") == phone)
    places = _places(request, units, reach, connection)
    if places is not None:
        tests.append(lambda each: not places.isdisjoint(_of(request, each)))
    if flag(request, "canManage"):
        tests.append(lambda each: granting.manages(reach, units, each))
    if flag(request, "authSubset"):
        tests.append(lambda each: granting.may_pass_on(reach, each.authorities))
    since = _since(request)
    if since is not None:
        tests.append(lambda each: each.last_login is None or each.last_login < since)
    after = instant(request, "lastLogin")
    if after is not None:
        tests.append(lambda each: each.last_login is not None and each.last_login >= after)
    if flag(request, "selfRegistered") or params.get("invitationStatus", "none").lower() != "none":
        # Nobody registers herself here, and nobody is invited by e-mail.
        tests.append(lambda each: False)
    return [each for each in found if all(test(each) for test in tests)]


@door
def look_up(request: Request) -> Response:
    """GET /api/userLookup?query=…: colleagues by name, user name or e-mail address.

    Shape   Those she may give work to or works with: who holds a role within her reach, and for KS
            and superusers everybody.
    """
    query = request.query_params.get("query", "").strip()
    if not query:
        raise Stopped(web_message(400, "Parameter query is required"))
    with request.app.state.pool.connection() as connection:
        found = accounts.looked_up(connection, query)
        return as_json(
            {"users": [_brief(each) for each in found if _is_colleague(request, connection, each)]}
        )


@door
def look_up_feedback(request: Request) -> Response:
    """GET /api/userLookup/feedbackRecipients: nobody is told what clients think of the service."""
    return web_message(409, "No user group is told of feedback.", code="E6200")


@door
def look_up_one(request: Request) -> Response:
    """GET /api/userLookup/{uid}: one colleague by identifier or user name."""
    named = request.path_params["uid"]
    with request.app.state.pool.connection() as connection:
        found = accounts.one(connection, named) or accounts.by_username(connection, named)
        if found is None or not _is_colleague(request, connection, found):
            raise Stopped(not_found("User", named))
        return as_json(_brief(found))


def _brief(account: Account) -> dict[str, str]:
    return {
        "id": account.uid,
        "username": account.username,
        "firstName": account.first_name,
        "surname": account.surname,
        "displayName": account.name,
    }


def _is_colleague(request: Request, connection: Connection, account: Account) -> bool:
    reach = reach_of(request)
    units = org_units.current(connection)
    return (
        account.uid == reach.user
        or granting.sees(reach, units, account)
        or not frozenset(account.org_units).isdisjoint(reach.read)
    )


def _words(account: Account) -> str:
    words = (account.first_name, account.surname, account.username, account.email or "")
    return " ".join(words).lower()


def _of(request: Request, account: Account) -> tuple[int, ...]:
    boundary = choice(request, "orgUnitBoundary", (*_BOUNDARIES, *map(str.lower, _BOUNDARIES)))
    kinds = {"DATA_OUTPUT": account.data_view, "TEI_SEARCH": account.search}
    return kinds.get(boundary.upper(), ()) or account.org_units


def _places(
    request: Request, units: OrgUnits, reach: Reach, connection: Connection
) -> frozenset[int] | None:
    """The org units that `ou` or `userOrgUnits` name; None when neither is asked."""
    named = request.query_params.get("ou")
    if named:
        unit = units.by_uid.get(named)
        if unit is None:
            raise Stopped(web_message(409, f"Organisation unit does not exist: {named}"))
        below = flag(request, "includeChildren")
        return frozenset(units.descendants(unit.id)) if below else frozenset((unit.id,))
    if flag(request, "userOrgUnits") or "orgUnitBoundary" in request.query_params:
        account = accounts.one(connection, reach.user)
        own = account.org_units if account else ()
        below = flag(request, "includeChildren")
        return frozenset(
            each for unit in own for each in (units.descendants(unit) if below else (unit,))
        )
    return None


def _since(request: Request) -> datetime | None:
    if request.query_params.get("inactiveMonths"):
        return datetime.now(UTC) - MONTH * number(request, "inactiveMonths", 1, 1200)
    return instant(request, "inactiveSince")
