"""`/api/metadata`: whole packages in and out.

Translates DHIS2's parameters to metadata/exchange.py and its report to DHIS2's WebMessage.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata import fields, filters
from smittesporing.metadata.incoming import Manner
from smittesporing.metadata.kinds import KINDS
from smittesporing.metadata.report import Report
from smittesporing.web.api.asking import asked, imported
from smittesporing.web.api.envelope import (
    as_json,
    choice,
    door,
    fields_of,
    flag,
    read_object,
    web_message,
)
from smittesporing.web.api.system import system_id

FAILED = "One or more errors occurred, please see full details in import report."


@door
def import_package(request: Request) -> Response:
    """POST /api/metadata: take in a package; 200 when all is well, 409 with the report when not."""
    mode = choice(request, "importReportMode", ("ERRORS", "FULL", "DEBUG", "ERRORS_NOT_OWNER"))
    manner = manner_of(request)
    payload = read_object(request)
    with asked(request) as (connection, _):
        report = imported(request, connection, payload, manner)
    return wrapped(report, mode)


@door
def export_package(request: Request) -> Response:
    """GET /api/metadata: everything, or only the kinds named as `programs=true`.

    Shape   `programs:fields=…` and `programs:filter=…` concern one kind, `fields` and `filter`
            all; the default fields are `:owner`, so that the answer imports again.
    """
    params = request.query_params
    only = [plural for plural in KINDS if params.get(plural, "").lower() == "true"]
    stated = {name.partition(":")[0] for name in params if ":" in name}
    wanted = only or [plural for plural in KINDS if plural in stated] or [*KINDS]
    default = fields_of(request, ":owner")
    with asked(request) as (_, world):
        answer: dict[str, Any] = {"system": {"id": system_id(request), "version": "2.42"}}
        for plural in wanted:
            kind = KINDS[plural]
            asked_for = ",".join(params.getlist(f"{plural}:fields")) or default
            if flag(request, "skipSharing"):
                asked_for += ",!sharing,!createdBy,!lastUpdatedBy"
            select = fields.compile(fields.parse(asked_for), world, plural)
            texts = params.getlist(f"{plural}:filter") or params.getlist("filter")
            conditions = [filters.parse(text) for text in texts]
            for condition in conditions:
                world.check_path(kind, condition.path)
            holds = filters.matching(conditions, world, plural)
            # Those who work here are no configuration: their accounts leave by no package.
            objects = (
                world.metadata.of("users").values() if plural == "users" else world.objects(kind)
            )
            found = [select(body) for body in objects if holds(body)]
            if found:
                answer[plural] = found
        return as_json(answer)


def manner_of(request: Request) -> Manner:
    """How the query says an import is to be done. Errors  `Stopped` with 400 for unknown words."""
    return Manner(
        mode=choice(request, "importMode", ("COMMIT", "VALIDATE")),
        strategy=choice(
            request,
            "importStrategy",
            ("CREATE_AND_UPDATE", "CREATE", "UPDATE", "DELETE"),
        ),
        atomic=choice(request, "atomicMode", ("ALL", "NONE")),
        identifier=choice(request, "identifier", ("UID", "CODE", "AUTO")),
        skip_sharing=flag(request, "skipSharing"),
    )


def wrapped(report: Report, mode: str) -> Response:
    """The report in its WebMessage: DHIS2 answers 409 when anything was refused."""
    body = report.as_json(mode)
    if report.ok:
        return web_message(200, response=body)
    return web_message(409, FAILED, response=body)
