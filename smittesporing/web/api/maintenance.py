"""`/api/maintenance` and `/api/resourceTables`: the housekeeping DHIS2 leaves to its administrators.

Nearly all of it has nothing to do here: counting is live, paths are computed, nothing is cached beyond
a version, and what was deleted of a record stays as long as its archive must. So it is done when asked
for, and only missing category option combos are made.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.access import authorities
from smittesporing.metadata import combos
from smittesporing.metadata.incoming import Manner
from smittesporing.metadata.kinds import KINDS
from smittesporing.tracker import jobs
from smittesporing.web.api.asking import asked, imported
from smittesporing.web.api.envelope import Stopped, door, flag, nothing, web_message
from smittesporing.web.api.metadata import job_answer
from smittesporing.web.working import reach_of

_COMBOS = "categoryOptionComboUpdate"
_TASKS = frozenset(
    (
        *("analyticsTablesClear", "analyticsTablesAnalyze", "expiredInvitationsClear"),
        *("ouPathsUpdate", "periodPruning", "zeroDataValueRemoval", "sqlViewsDrop"),
        *("softDeletedDataValueRemoval", "softDeletedEventRemoval", "softDeletedEnrollmentRemoval"),
        *("softDeletedTrackedEntityRemoval", "softDeletedRelationshipRemoval", "sqlViewsCreate"),
        *("appReload", "cacheClear", "cache", _COMBOS),
    )
)


@door
def several(request: Request) -> Response:
    """POST or PUT /api/maintenance: every task the query says true to; 204."""
    _allowed(request)
    if flag(request, _COMBOS):
        _make_combos(request)
    return nothing()


@door
def single(request: Request) -> Response:
    """POST or PUT /api/maintenance/{task}: this one; 204."""
    _allowed(request)
    task = request.path_params["task"]
    if task not in _TASKS:
        raise Stopped(web_message(404, f"There is no maintenance called {task}."))
    if task == _COMBOS:
        _make_combos(request)
    return nothing()


@door
def combos_of_one(request: Request) -> Response:
    """POST or PUT /api/maintenance/categoryOptionComboUpdate/categoryCombo/{uid}: its combos alone."""
    _allowed(request)
    uid = request.path_params["uid"]
    with asked(request) as (_, world):
        if world.metadata.get("categoryCombos", uid) is None:
            raise Stopped(web_message(409, f"CategoryCombo does not exist: {uid}", code="E1005"))
    _make_combos(request, uid)
    return web_message(200, "Import was successful.")


@door
def tables(request: Request) -> Response:
    """POST or PUT /api/resourceTables: a job that is done, since figures are counted when asked for."""
    return _done(request, jobs.TABLES, "inMemoryResourceTableJob")


@door
def analytics_tables(request: Request) -> Response:
    """POST or PUT /api/resourceTables/analytics: likewise."""
    return _done(request, jobs.ANALYTICS, "inMemoryAnalyticsJob")


def _done(request: Request, type_: str, name: str) -> Response:
    _allowed(request)
    with asked(request) as (connection, _):
        said = f"Initiated {name}"
        return job_answer(request, connection, type_, name, said, {}, 0.0, ok=True)


def _allowed(request: Request) -> None:
    """Errors  `Stopped` with 403 for whoever may not."""
    if not authorities.holds(reach_of(request), "F_PERFORM_MAINTENANCE"):
        message = "Access is denied, requires one Authority from [F_PERFORM_MAINTENANCE]"
        raise Stopped(web_message(403, message))


def _make_combos(request: Request, only: str = "") -> None:
    with asked(request) as (connection, world):
        objects = {plural: world.metadata.of(plural) for plural in KINDS}
        lacking = combos.all_lacking(objects)
        made = [body for body in lacking if only in ("", body["categoryCombo"]["id"])]
        if made:
            imported(request, connection, {"categoryOptionCombos": made}, Manner())
