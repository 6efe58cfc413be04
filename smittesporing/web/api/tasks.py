"""`/api/system/tasks` and `/api/jobConfigurations`: how imports went that nobody waited for.

One sees one's own jobs. They have run when they are answered for, so that none is ever under way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata import fields
from smittesporing.settings import OSLO
from smittesporing.tracker import jobs
from smittesporing.web.api.envelope import (
    Stopped,
    as_json,
    door,
    fields_of,
    flag,
    not_found,
    paged,
    web_message,
)
from smittesporing.web.working import reach_of

# DHIS2's kinds of job. Those that never run here are known, and have said nothing.
_NEVER_RUN: Final = """
    ACCOUNT_EXPIRY_ALERT AGGREGATE_DATA_EXCHANGE ANALYTICSTABLE_UPDATE
    COMPLETE_DATA_SET_REGISTRATION_IMPORT CONTINUOUS_ANALYTICS_TABLE CREDENTIALS_EXPIRY_ALERT
    DATAVALUE_IMPORT DATA_INTEGRITY DATA_INTEGRITY_DETAILS DATA_SET_NOTIFICATION DATA_STATISTICS
    DATA_SYNC DISABLE_INACTIVE_USERS ENROLLMENT_IMPORT EVENT_IMPORT FILE_RESOURCE_CLEANUP
    GML_IMPORT HEARTBEAT HOUSEKEEPING HTML_PUSH_ANALYTICS IMAGE_PROCESSING
    LEADER_ELECTION LEADER_RENEWAL MATERIALIZED_SQL_VIEW_UPDATE META_DATA_SYNC MOCK MONITORING
    PREDICTOR PROGRAM_DATA_SYNC PROGRAM_NOTIFICATIONS PUSH_ANALYSIS
    REMOVE_USED_OR_EXPIRED_RESERVED_VALUES SEND_SCHEDULED_MESSAGE
    SINGLE_EVENT_DATA_SYNC SMS_INBOUND_PROCESSING SMS_SEND SYSTEM_VERSION_UPDATE_CHECK
    TEI_IMPORT TEST TRACKER_DATA_SYNC TRACKER_PROGRAMS_DATA_SYNC TRACKER_SEARCH_OPTIMIZATION
    TRACKER_TRIGRAM_INDEX_MAINTENANCE VALIDATION_RESULTS_NOTIFICATION
"""
_NAMES = {
    jobs.METADATA: "metadataImport",
    jobs.TRACKER: "trackerImport",
    jobs.GEOJSON: "geoJsonImport",
    jobs.TABLES: "inMemoryResourceTableJob",
    jobs.ANALYTICS: "inMemoryAnalyticsJob",
}
_MOST = 1000


@door
def tasks(request: Request) -> Response:
    """GET /api/system/tasks: what one's own jobs have said, by type and id."""
    said = {type_: _said(request, type_) for type_ in jobs.TYPES}
    return as_json({**{type_: {} for type_ in _NEVER_RUN.split()}, **said})


@door
def tasks_of_type(request: Request) -> Response:
    """GET /api/system/tasks/{type}: what one's own jobs of the type have said, by id."""
    return as_json(_said(request, _type(request)))


@door
def task(request: Request) -> Response:
    """GET /api/system/tasks/{type}/{uid}: what the job has said, newest first; nothing when unknown."""
    job = _job(request)
    return as_json(job.notices if job else [])


@door
def task_summaries(request: Request) -> Response:
    """GET /api/system/taskSummaries/{type}: the reports of one's own jobs of the type, by id."""
    return as_json({job.uid: job.report for job in _newest(request, _type(request))})


@door
def task_summary(request: Request) -> Response:
    """GET /api/system/taskSummaries/{type}/{uid}: the job's report, bare; empty when unknown."""
    job = _job(request)
    return as_json(job.report if job else {})


def _type(request: Request) -> str:
    type_: str = request.path_params["type"].upper()
    if type_ not in (*jobs.TYPES, *_NEVER_RUN.split()):
        message = f"Value '{type_}' is not valid for job type: {', '.join(jobs.TYPES)}"
        raise Stopped(web_message(400, message))
    return type_


def _job(request: Request) -> jobs.Job | None:
    type_, uid = _type(request), request.path_params["uid"]
    with request.app.state.pool.connection() as connection, connection.transaction():
        return jobs.find(connection, uid, reach_of(request).username, type_)


def _said(request: Request, type_: str) -> dict[str, list[dict[str, Any]]]:
    return {job.uid: job.notices for job in _newest(request, type_)}


def _newest(request: Request, type_: str) -> Sequence[jobs.Job]:
    with request.app.state.pool.connection() as connection, connection.transaction():
        return jobs.newest(connection, reach_of(request).username, type_)


@door
def configurations(request: Request) -> Response:
    """GET /api/jobConfigurations: one's own jobs, newest first, in DHIS2's words."""
    found = _chosen(request)
    page, head = paged(request, found)
    select = fields.choose(fields_of(request, "id,displayName"))
    return as_json({**head, "jobConfigurations": [select(each) for each in page]})


@door
def configurations_gist(request: Request) -> Response:
    """GET /api/jobConfigurations/gist: the same in short; with headless=true the bare list."""
    page, head = paged(request, _chosen(request))
    select = fields.choose(fields_of(request, "*"))
    listed = [select(each) for each in page]
    return as_json(listed if flag(request, "headless") else {**head, "jobConfigurations": listed})


@door
def configuration(request: Request) -> Response:
    """GET /api/jobConfigurations/{uid}: one job."""
    uid = request.path_params["uid"]
    with request.app.state.pool.connection() as connection, connection.transaction():
        job = jobs.find(connection, uid, reach_of(request).username)
    if job is None:
        return not_found("JobConfiguration", uid)
    return as_json(fields.choose(fields_of(request, "*"))(_body(job)))


def _chosen(request: Request) -> Sequence[dict[str, Any]]:
    """The jobs that `filter=id:in:[…]`, `id:eq:` and `jobType:eq:` leave."""
    with request.app.state.pool.connection() as connection, connection.transaction():
        found = jobs.newest(connection, reach_of(request).username, limit=_MOST)
    bodies = [_body(job) for job in found]
    for text in request.query_params.getlist("filter"):
        name, operator, value = [*text.split(":", 2), "", ""][:3]
        if operator not in ("in", "eq") or name not in ("id", "jobType", "name"):
            raise Stopped(web_message(400, f"Jobs are not filtered by {name}:{operator}"))
        wanted = value.strip("[]").split(",") if operator == "in" else [value]
        bodies = [each for each in bodies if each[name] in wanted]
    if "lastExecuted:asc" in request.query_params.getlist("order"):
        bodies.reverse()
    return bodies


def _body(job: jobs.Job) -> dict[str, Any]:
    began, ended = (
        at.astimezone(OSLO).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        for at in (job.began_at, job.ended_at)
    )
    name = _NAMES.get(job.type, job.type)
    return {
        "id": job.uid,
        "name": name,
        "displayName": name,
        "jobType": job.type,
        "jobStatus": "COMPLETED",
        "lastExecutedStatus": "COMPLETED",
        "schedulingType": "ONCE_ASAP",
        "enabled": True,
        "created": began,
        "lastUpdated": ended,
        "lastExecuted": began,
        "lastFinished": ended,
    }
