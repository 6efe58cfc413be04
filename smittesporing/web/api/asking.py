"""Who asks for metadata, and the world as she sees it. Called by the metadata files of web/api.

Configuration holds nothing about people, so it is read in a plain transaction; a write commits when
its block ends without a fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from starlette.requests import Request

from smittesporing.access import accounts, granting, org_units
from smittesporing.access.accounts import Account
from smittesporing.access.reach import Reach
from smittesporing.database import Connection
from smittesporing.metadata import exchange, store, system_settings
from smittesporing.metadata.accounts import body_of
from smittesporing.metadata.incoming import Manner
from smittesporing.metadata.kinds import KINDS
from smittesporing.metadata.report import Report
from smittesporing.tracker import projection
from smittesporing.tracker.used import in_use
from smittesporing.web.api.envelope import Stopped, flag, not_found
from smittesporing.web.api.world import MetadataWorld
from smittesporing.web.working import reach_of

# What anybody who signs in may know of a colleague.
_BY_NAME = ("id", "username", "firstName", "surname", "name")
# A change in one of these may change the columns of a projection.
_COUNTED = frozenset(
    (
        *("programs", "programStages", "dataElements", "trackedEntityAttributes"),
        *("programIndicators", "trackedEntityTypes"),
    )
)


@contextmanager
def asked(request: Request) -> Iterator[tuple[Connection, MetadataWorld]]:
    """A transaction and the world of the one who asks; committed at the end, not on a fault."""
    with request.app.state.pool.connection() as connection, connection.transaction():
        yield connection, world_in(request, connection)


def world_in(request: Request, connection: Connection) -> MetadataWorld:
    """The world as this transaction sees it now; ask again after a write."""
    return MetadataWorld(
        store.current(connection),
        reach_of(request),
        request.app.state.settings.base_url,
        _accounts(connection, reach_of(request)),
        _locale(request, connection),
    )


def _locale(request: Request, connection: Connection) -> str | None:
    """The language names are shown in: the one asked for, else one's own; None for that of the writing."""
    if not flag(request, "translate", True):
        return None
    asked_for = request.query_params.get("locale")
    own = system_settings.own_of(connection, reach_of(request).user)
    return asked_for or own.get("keyDbLocale") or None


def imported(
    request: Request,
    connection: Connection,
    payload: Mapping[str, Any],
    manner: Manner,
    reach: Reach | None = None,
) -> Report:
    """Import for the one who asks, and let the tables that counting reads follow what changed.

    Shape   reach is hers unless another is given: a merge reaches further than she does.
    Errors  `Refused` T002 when she may not write configuration.
    """
    manner = replace(manner, in_use=partial(in_use, connection))
    report = exchange.import_metadata(connection, payload, reach or reach_of(request), manner)
    changed = {each.plural for each in report.objects if each.fate != "ignored"}
    if manner.mode == "COMMIT" and changed & _COUNTED:
        projection.rebuild(connection)
    return report


def readable(world: MetadataWorld, plural: str, uid: str) -> dict[str, Any]:
    """The object. Errors  `Stopped` with 404 when it is not there or not for her to see."""
    kind = KINDS[plural]
    body = world.one(kind, uid)
    if body is None:
        raise Stopped(not_found(kind.klass.rpartition(".")[2], uid))
    return body


class Accounts(Mapping[str, dict[str, Any]]):
    """Users as she may see them: whole where the list of users is hers, else by name only.

    One that is asked for by itself, as who made an object, is read by itself: authors are few.
    """

    def __init__(self, connection: Connection, reach: Reach) -> None:
        self._connection, self._reach = connection, reach
        self._units = org_units.current(connection)
        self._lists = granting.sees_users(reach)
        self._kept: dict[str, dict[str, Any] | None] = {}
        self._whole = False

    def __getitem__(self, uid: str) -> dict[str, Any]:
        if uid not in self._kept and not self._whole:
            account = accounts.one(self._connection, uid)
            self._kept[uid] = self._body(account) if account else None
        found = self._kept.get(uid)
        if found is None:
            raise KeyError(uid)
        return found

    def __iter__(self) -> Iterator[str]:
        if not self._whole:
            every = accounts.every(self._connection)
            self._kept = {each.uid: self._body(each) for each in every}
            self._whole = True
        return iter(self._kept)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _body(self, account: Account) -> dict[str, Any]:
        reach = self._reach
        body = body_of(account, self._units)
        whole = account.uid == reach.user or (
            self._lists and granting.sees(reach, self._units, account)
        )
        return body if whole else {key: body[key] for key in _BY_NAME}


def _accounts(connection: Connection, reach: Reach) -> Callable[[], Mapping[str, dict[str, Any]]]:
    kept: Accounts | None = None

    def read() -> Mapping[str, dict[str, Any]]:
        nonlocal kept
        if kept is None:
            kept = Accounts(connection, reach)
        return kept

    return read
