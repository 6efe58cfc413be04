"""`POST /api/tracker`: import of records, and the jobs of imports asked for without waiting.

The rules are the importer's; here stand DHIS2's parameters, envelopes and status codes. Reading
stands in tracker_reading.py.
"""

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.access.work import Work
from smittesporing.tracing.casebook import decide
from smittesporing.tracker import jobs
from smittesporing.tracker.importer import importing
from smittesporing.tracker.payload import Payload, Unreadable
from smittesporing.tracker.report import Options, Report
from smittesporing.web.api.envelope import as_json, choice, door, flag, not_found, web_message
from smittesporing.web.working import reach_of, work_of

_SCHEMES = {
    "orgUnitIdScheme": "orgUnit",
    "programIdScheme": "program",
    "programStageIdScheme": "programStage",
    "dataElementIdScheme": "dataElement",
}


def options_of(request: Request) -> Options:
    """The import parameters; names and defaults are those of DHIS2's source."""
    params = request.query_params
    rules_off = flag(request, "skipRuleEngine") or flag(request, "skipProgramRules")
    return Options(
        strategy=choice(
            request, "importStrategy", ("CREATE_AND_UPDATE", "CREATE", "UPDATE", "DELETE")
        ),
        mode=choice(request, "importMode", ("COMMIT", "VALIDATE")),
        atomic=choice(request, "atomicMode", ("ALL", "OBJECT")),
        validation=choice(request, "validationMode", ("FULL", "FAIL_FAST", "SKIP")),
        skip_rules=rules_off and reach_of(request).superuser,
        report=choice(request, "reportMode", ("ERRORS", "WARNINGS", "FULL")),
        id_scheme=params.get("idScheme", "UID").upper(),
        id_schemes={name: params[key].upper() for key, name in _SCHEMES.items() if key in params},
    )


@door
def imported(request: Request) -> Response:
    """POST /api/tracker: 200 or 409 with the bare report; with async, at once, a job's envelope."""
    options = options_of(request)
    try:
        with work_of(request, "tracker.import") as work:
            report = importing(work, _body(request), options)
            if report.committed:
                decide.after_import(work, report)
            if flag(request, "async", True):
                job = _job(work, report)
                return _accepted(request, job)
    except Unreadable as fault:
        return web_message(400, f"The payload cannot be read: {fault}")
    return as_json(report.as_json(options.report), 200 if report.ok else 409)


def _body(request: Request) -> Payload:
    body: bytes = request.state.body
    return body.removeprefix(b"\xef\xbb\xbf")


def _job(work: Work, report: Report) -> str:
    """The job's row: it has run already, and says so to whoever asks."""
    return jobs.record(
        work.conn,
        jobs.TRACKER,
        work.reach.username,
        work.clock.now(),
        report.as_json("FULL"),
        ok=report.ok,
        said=("Import started", "Import complete"),
    )


def _accepted(request: Request, job: str) -> Response:
    base = request.app.state.settings.base_url
    return web_message(
        200,
        "Tracker job added",
        response={
            "responseType": "TrackerJob",
            "id": job,
            "location": f"{base}/api/tracker/jobs/{job}",
        },
    )


@door
def job_notices(request: Request) -> Response:
    """GET /api/tracker/jobs/{uid}: what the job has said, newest first."""
    job = _found(request)
    return as_json(job.notices) if job else not_found("Job", request.path_params["uid"])


@door
def job_report(request: Request) -> Response:
    """GET /api/tracker/jobs/{uid}/report."""
    job = _found(request)
    return as_json(job.report) if job else not_found("Job", request.path_params["uid"])


def _found(request: Request) -> jobs.Job | None:
    with work_of(request, "tracker.job") as work:
        uid = request.path_params["uid"]
        return jobs.find(work.conn, uid, work.reach.username, jobs.TRACKER)
