"""What the addresses of jobs take and answer. Read by openapi.py."""

from __future__ import annotations

from smittesporing.tracker import jobs
from smittesporing.web.api import tasks
from smittesporing.web.api.described import (
    FIELDS,
    FILTER,
    FLAG,
    ORDER,
    PAGING,
    Description,
    Parameter,
    Table,
    listing,
    ok,
    one_of,
    stops,
)

_SAID = {"type": "array", "items": {"type": "object"}}
_SAID_BY_JOB = {"type": "object", "additionalProperties": _SAID}
_SAID_BY_TYPE = {"type": "object", "additionalProperties": _SAID_BY_JOB}
_TYPE = (Parameter("type", "The type of job.", one_of(*jobs.TYPES)),)
_JOBS = listing("jobConfigurations", {"type": "object"})
_CHOSEN = (FIELDS, FILTER, ORDER, *PAGING)

DESCRIBED: Table = {
    tasks.tasks: Description(
        "What one's own jobs have said, by type and identifier.", ok("Newest first.", _SAID_BY_TYPE)
    ),
    tasks.tasks_of_type: Description(
        "What one's own jobs of a type have said, by identifier.",
        ok("Newest first.", _SAID_BY_JOB),
        path=_TYPE,
    ),
    tasks.task: Description(
        "What a job has said; nothing when it is unknown.", ok("Newest first.", _SAID), path=_TYPE
    ),
    tasks.task_summaries: Description(
        "What one's own jobs of a type have done, by identifier.",
        ok("Their reports.", {"type": "object"}),
        path=_TYPE,
    ),
    tasks.task_summary: Description(
        "What a job has done; nothing when it is unknown.",
        ok("Its report, bare.", {"type": "object"}),
        path=_TYPE,
    ),
    tasks.configurations: Description(
        "One's own jobs, in DHIS2's words.", ok("Newest first.", _JOBS), _CHOSEN
    ),
    tasks.configurations_gist: Description(
        "One's own jobs in short.",
        ok("Newest first.", {"anyOf": [_JOBS, _SAID]}),
        (*_CHOSEN, Parameter("headless", "true: the bare list.", FLAG)),
    ),
    tasks.configuration: Description(
        "One job.",
        {**ok("The job.", {"type": "object"}), **stops(s404="There is no such job.")},
        (FIELDS,),
    ),
}
