"""`POST /api/metadata`: whole packages in.

Translates DHIS2's parameters to metadata/exchange.py and its report to DHIS2's WebMessage. An import
asked for without waiting has run when its job is answered. Packages out stand in metadata_export.py.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.access import users
from smittesporing.database import Connection
from smittesporing.metadata import tables_in
from smittesporing.metadata.incoming import Manner
from smittesporing.metadata.report import Report
from smittesporing.tracker import jobs
from smittesporing.web.api.asking import asked, imported
from smittesporing.web.api.envelope import (
    Stopped,
    choice,
    door,
    flag,
    read_object,
    web_message,
    word,
)
from smittesporing.web.working import reach_of

FAILED = "One or more errors occurred, please see full details in import report."
_STRATEGIES = {
    "NEW_AND_UPDATES": "CREATE_AND_UPDATE",
    "NEW": "CREATE",
    "UPDATES": "UPDATE",
    "DELETES": "DELETE",
}
# Taken and without effect, as in DHIS2 2.42: an object is always replaced whole, in one flush.
IGNORED = {
    "preheatMode": ("REFERENCE", "ALL", "NONE"),
    "flushMode": ("AUTO", "OBJECT"),
    "mergeMode": ("REPLACE", "MERGE", "MERGE_IF_NOT_NULL", "MERGE_ALWAYS", "NONE"),
    "inclusionStrategy": ("NON_NULL", "ALWAYS", "NON_EMPTY"),
}


@door
def import_package(request: Request) -> Response:
    """POST /api/metadata: take in a package; 200 when all is well, 409 with the report when not."""
    mode = word(request, "importReportMode", ("ERRORS", "FULL", "DEBUG", "ERRORS_NOT_OWNER"))
    payload = _payload(request)
    started = time.monotonic()
    with asked(request) as (connection, _):
        manner = manner_of(request, connection)
        report = imported(request, connection, payload, manner)
        if flag(request, "async"):
            seconds = time.monotonic() - started
            return job_answer(
                request, connection, jobs.METADATA, "metadataImport", "Initiated metadataImport",
                report.as_json(mode), seconds, ok=report.ok,
            )  # fmt: skip
    return wrapped(report, mode if manner.mode == "COMMIT" else "FULL")


def manner_of(request: Request, connection: Connection) -> Manner:
    """How the query says an import is to be done.

    Shape   A word that DHIS2 does not know is the default, as there; but not where it would make a
            trial or a deletion a write.
    Errors  `Stopped` with 400 for such a word, with 409 for a user to override who is not there.
    """
    strategy = choice(
        request,
        "importStrategy",
        ("CREATE_AND_UPDATE", "CREATE", "UPDATE", "DELETE", *_STRATEGIES),
    )
    return Manner(
        mode=choice(request, "importMode", ("COMMIT", "VALIDATE")),
        strategy=_STRATEGIES.get(strategy, strategy),
        atomic=word(request, "atomicMode", ("ALL", "NONE")),
        identifier=word(request, "identifier", ("UID", "CODE", "AUTO")),
        skip_sharing=flag(request, "skipSharing"),
        skip_translation=flag(request, "skipTranslation"),
        skip_validation=flag(request, "skipValidation"),
        override=_override(request, connection),
    )


def wrapped(report: Report, mode: str) -> Response:
    """The report in its WebMessage: DHIS2 answers 409 when anything was refused."""
    body = report.as_json(mode)
    if report.ok:
        return web_message(200, response=body)
    return web_message(409, FAILED, level="WARNING", response=body)


def _payload(request: Request) -> Mapping[str, Any]:
    """The body's objects. Errors  `Stopped` with 400 for what cannot be read, with 415 for XML."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.endswith(("/xml", "+xml")):
        raise Stopped(web_message(415, "Metadata is read as JSON or CSV; XML is not supported."))
    if kind.endswith("/csv") or request.query_params.get("format", "").lower() == "csv":
        return _table(request)
    return read_object(request)


def _table(request: Request) -> Mapping[str, Any]:
    key = request.query_params.get("classKey", "")
    try:
        text: str = request.state.body.decode("utf-8-sig")
        if "\0" in text:
            raise csv.Error("a cell holds the character NUL")
        return tables_in.payload(key, text, flag(request, "firstRowIsHeader", True))
    except tables_in.UnknownTable:
        stated = ", ".join(tables_in.class_keys())
        message = f"Value '{key}' is not valid for classKey: {stated}"
        raise Stopped(web_message(400, message)) from None
    except (csv.Error, UnicodeDecodeError) as fault:
        raise Stopped(web_message(400, f"Invalid CSV: {fault}")) from None


def _override(request: Request, connection: Connection) -> str | None:
    mode = word(request, "userOverrideMode", ("NONE", "CURRENT", "SELECTED"))
    if mode == "CURRENT":
        return reach_of(request).user
    if mode == "NONE":
        return None
    stated = request.query_params.get("overrideUser", "")
    user = users.by_uid(connection, stated) or users.by_username(connection, stated)
    if user is not None:
        return user.uid
    message = "userOverrideMode is SELECTED, and overrideUser names no user."
    raise Stopped(web_message(409, message))


def job_answer(
    request: Request,
    connection: Connection,
    type_: str,
    name: str,
    message: str,
    report: Mapping[str, Any],
    seconds: float,
    *,
    ok: bool,
) -> Response:
    """The envelope of a job that has run; its notices and report are asked for by its id."""
    username = reach_of(request).username
    now = request.app.state.settings.clock.now()
    job = jobs.record(
        connection,
        type_,
        username,
        now,
        report,
        ok=ok,
        said=(
            f"({username}) Import:Start",
            f"({username}) Import:Done took {seconds:.3f} seconds",
        ),
    )
    return web_message(
        200,
        message,
        response={
            "responseType": "JobConfigurationWebMessageResponse",
            "name": name,
            "id": job,
            "created": now.strftime("%Y-%m-%dT%H:%M:%S.000"),
            "jobType": type_,
            "relativeNotifierEndpoint": f"/api/system/tasks/{type_}/{job}",
        },
    )
