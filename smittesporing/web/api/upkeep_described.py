"""What maintenance, data items and the profile of org units take and answer. Read by openapi.py."""

from __future__ import annotations

from smittesporing.web.api import data_items, maintenance, unit_profile
from smittesporing.web.api.described import (
    FIELDS,
    FILTER,
    ORDER,
    PAGING,
    UID,
    Body,
    Description,
    Parameter,
    Table,
    listing,
    nothing,
    ok,
    one_of,
    ref,
    stops,
)

_UIDS = {"type": "array", "items": UID}
_PROFILE = {
    "type": "object",
    "properties": dict.fromkeys(("attributes", "groupSets", "dataItems"), _UIDS),
}

DESCRIBED: Table = {
    maintenance.several: Description(
        "Housekeeping; only missing category option combos are ever to be made.",
        {
            **nothing("It is done.", 204),
            **stops(s403="The one who asks may not.", s409="A combo was refused."),
        },
        (Parameter("categoryOptionComboUpdate", "Make the combos that are missing."),),
    ),
    maintenance.single: Description(
        "One kind of housekeeping.",
        {
            **nothing("It is done.", 204),
            **stops(
                s403="The one who asks may not.",
                s404="There is no such task.",
                s409="A combo was refused.",
            ),
        },
        path=(Parameter("task", "The task, such as `categoryOptionComboUpdate`."),),
    ),
    maintenance.combos_of_one: Description(
        "Make the combos that one category combo lacks.",
        {
            **ok("It is done.", ref("WebMessage")),
            **stops(s403="The one who asks may not.", s409="There is no such category combo."),
        },
    ),
    data_items.listed: Description(
        "What may stand as data in a drawing, of several kinds in one list.",
        {
            **ok("A page of items.", listing("dataItems", {"type": "object"})),
            **stops(s409="A filter or order that is not asked here; the code says which."),
        },
        (
            FILTER,
            Parameter(
                "rootJunction", "Whether all filters must hold, or any.", one_of("AND", "OR")
            ),
            FIELDS,
            ORDER,
            *PAGING,
        ),
    ),
    unit_profile.read: Description(
        "What a card about an org unit shows.", ok("The choice.", _PROFILE)
    ),
    unit_profile.write: Description(
        "Choose what a card about an org unit shows.",
        {
            **ok("It is kept.", {"type": "object"}),
            **stops(
                s400="The body is no JSON object of lists of identifiers.",
                s403="The one who asks may not.",
                s409="An identifier names nothing.",
            ),
        },
        body=Body("The choice, whole.", _PROFILE),
    ),
    unit_profile.data: Description(
        "The card of one org unit, without figures.",
        {
            **ok("The card.", {"type": "object"}),
            **stops(s409="There is no such org unit for the one who asks."),
        },
        (Parameter("period", "Taken, without effect: figures are asked at /api/analytics."),),
    ),
}
