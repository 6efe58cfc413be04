"""What the addresses about those who use the API take and answer. Read by openapi.py."""

from __future__ import annotations

from smittesporing.web.api import me
from smittesporing.web.api.described import (
    FIELDS,
    TEXT,
    Description,
    Parameter,
    Table,
    ok,
    ref,
)

_TEXTS = {"type": "array", "items": TEXT}

DESCRIBED: Table = {
    me.me: Description(
        "The one who asks: name, roles, org units, authorities, settings.",
        ok("Oneself.", ref("Me")),
        (FIELDS,),
    ),
    me.my_authorities: Description("The authorities of the one who asks.", ok("Their names.", _TEXTS)),
    me.has_authority: Description(
        "Whether the one who asks has that authority.",
        ok("true or false.", {"type": "boolean"}),
        path=(Parameter("authority", "The name of an authority."),),
    ),
}  # fmt: skip
