"""What the addresses of generated values take and answer. Read by openapi.py."""

from __future__ import annotations

from smittesporing.web.api import reserving
from smittesporing.web.api.described import (
    Description,
    Parameter,
    Schema,
    Table,
    ok,
    stops,
)

_TEXT: Schema = {"type": "string"}
_NAMES: Schema = {"type": "array", "items": _TEXT}
_VALUE: Schema = {
    "type": "object",
    "properties": dict.fromkeys(
        ("ownerObject", "ownerUid", "key", "value", "created", "expiryDate"), _TEXT
    ),
}
_NONE = stops(
    s400="The attribute has no pattern, or a parameter is no number.",
    s404="There is no such attribute.",
)
_NOT_MADE = {
    **_NONE,
    **stops(s409="What the pattern requires is missing, or too few values are left."),
}
_PARAMETERS = (
    Parameter("expiration", "For how many days a value is promised.", {"type": "integer"}),
    Parameter("ORG_UNIT_CODE", "The code of the org unit, where the pattern has it."),
)
_MANY = Parameter("numberToReserve", "How many, 1 to 1000; 1 unless stated.", {"type": "integer"})

DESCRIBED: Table = {
    reserving.required_values: Description(
        "What must be told before a value can be generated.",
        {
            **ok(
                "The names.",
                {"type": "object", "properties": {"REQUIRED": _NAMES, "OPTIONAL": _NAMES}},
            ),
            **_NONE,
        },
    ),
    reserving.generate: Description(
        "A value that nobody has, promised for three days.",
        {**ok("The value.", _VALUE), **_NOT_MADE},
        _PARAMETERS,
    ),
    reserving.generate_and_reserve: Description(
        "Values that nobody has, promised for sixty days.",
        {**ok("The values.", {"type": "array", "items": _VALUE}), **_NOT_MADE},
        (_MANY, *_PARAMETERS),
    ),
}
