"""What the addresses of counting and of chains take and answer. Read by openapi.py."""

from __future__ import annotations

from smittesporing.web.api import analytics, chain
from smittesporing.web.api.described import (
    FLAG,
    MOMENT,
    TEXT,
    UID,
    Answer,
    Description,
    Parameter,
    Table,
    ok,
    ref,
    stops,
)

_CONFLICT = stops(s409="The question cannot be answered; errorCode is DHIS2's E71xx.")
_QUESTION = (
    Parameter(
        "dimension",
        "`dx:…`, `pe:…` and `ou:…`, items with semicolons; each makes a column.",
        repeated=True,
        required=True,
    ),
    Parameter("filter", "The same, without a column.", repeated=True),
    Parameter("startDate", "The first day, where no period is named.", MOMENT),
    Parameter("endDate", "The last day, where no period is named.", MOMENT),
    Parameter("relativePeriodDate", "The day that relative periods are seen from.", MOMENT),
    Parameter("skipData", "true: only headers and metaData.", FLAG),
    Parameter("skipMeta", "true: no metaData.", FLAG),
    Parameter("skipRounding", "true: figures as they are computed.", FLAG),
    Parameter("includeMetadataDetails", "true: more about each item in metaData.", FLAG),
    Parameter("ignoreLimit", "true: more than 50 000 cells.", FLAG),
)

DESCRIBED: Table = {
    analytics.analytics: Description(
        "Indicators by period and org unit, counted now.",
        {**ok("The table.", ref("Grid")), **_CONFLICT},
        _QUESTION,
    ),
    analytics.analytics_csv: Description(
        "The same table as comma-separated text.",
        {200: Answer("The table, headers first.", TEXT, "application/csv"), **_CONFLICT},
        _QUESTION,
    ),
    chain.read: Description(
        "Who infected whom; ours, not DHIS2's. Exactly one of the first three is given.",
        {
            **ok("People, links and what they amount to.", {"type": "object"}),
            **stops(s404="There is no such place, case or cluster within one's reach."),
        },
        (
            Parameter("orgUnit", "A kommune, by identifier or kommunenummer."),
            Parameter("enrollment", "A case.", UID),
            Parameter("cluster", "A cluster.", UID),
            Parameter("disease", "With orgUnit: a code, or ALL; otherwise the most common there."),
        ),
    ),
}
