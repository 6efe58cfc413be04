"""What maintenance, data items and the profile of org units take and answer. Read by openapi.py."""

from __future__ import annotations

from smittesporing.web.api import data_items, dimensions, maintenance, unit_profile
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

_OBJECT = {"type": "object"}
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
    maintenance.tables: Description(
        "Make tables for figures anew: they are counted live, so the job is done.",
        {
            **ok("The job, done.", ref("WebMessage")),
            **stops(s403="The one who asks may not."),
        },
    ),
    maintenance.analytics_tables: Description(
        "Make the figures anew: they are counted live, so the job is done.",
        {
            **ok("The job, done.", ref("WebMessage")),
            **stops(s403="The one who asks may not."),
        },
    ),
    dimensions.listed: Description(
        "What drawings may split figures by: categories and sets of groups, page by page.",
        ok("The dimensions.", listing("dimensions", _OBJECT)),
        (FIELDS, FILTER, ORDER, *PAGING),
    ),
    dimensions.one: Description(
        "One of them.",
        {**ok("The dimension.", _OBJECT), **stops(s404="There is none for her to see.")},
        (FIELDS,),
    ),
    dimensions.items: Description(
        "What a dimension splits into, in its order.",
        {
            **ok("The items.", listing("items", _OBJECT)),
            **stops(s404="There is no such dimension for her to see."),
        },
        (FIELDS, FILTER, ORDER, *PAGING),
    ),
    dimensions.recommended: Description(
        "The categories of the data elements that a drawing shows.",
        ok("The dimensions.", listing("dimensions", _OBJECT)),
        (FIELDS, Parameter("dimension", "`dx:` and data elements, with semicolons.")),
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
