"""The request's own transaction within its user's reach. Called by pages and by the API."""

import hashlib
from contextlib import AbstractContextManager

from starlette.requests import Request

from smittesporing.access.reach import Reach
from smittesporing.access.work import Work, work
from smittesporing.problems import Refused


def reach_of(request: Request) -> Reach:
    """Who asks. Errors  T001 when nobody does; the guard has usually answered before."""
    reach: Reach | None = request.state.reach
    if reach is None:
        raise Refused("T001", status=401)
    return reach


def work_of(request: Request, action: str, reason: str = "") -> AbstractContextManager[Work]:
    """A transaction for this request: committed when the block ends, rolled back when it raises.

    action  what the log says was done, as `room.verb`; the query's digest is logged, never its text.
    """
    query = request.url.query
    return work(
        request.app.state.pool,
        reach_of(request),
        request.app.state.settings,
        action=action,
        reason=reason,
        digest=hashlib.sha256(query.encode()).hexdigest()[:16] if query else "",
    )
