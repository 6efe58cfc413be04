"""What the addresses of the server itself take and answer. Read by openapi.py."""

from __future__ import annotations

from smittesporing.web.api import system
from smittesporing.web.api.described import (
    FIELDS,
    NUMBER,
    TEXT,
    UID,
    Answer,
    Description,
    Parameter,
    Table,
    ok,
    ref,
)

DESCRIBED: Table = {
    system.ping: Description(
        "Whether the service answers.",
        {200: Answer("The word pong.", TEXT, "text/plain")},
    ),
    system.info: Description(
        "Version, time and name of the server.", ok("The server.", ref("SystemInfo")), (FIELDS,)
    ),
    system.ids: Description(
        "Fresh identifiers, for clients that make records of their own.",
        ok("The identifiers.", {"type": "object", "properties": {"codes": {"type": "array", "items": UID}}}),
        (Parameter("limit", "How many; 1 unless stated, 10 000 at most.", NUMBER),),
    ),
}  # fmt: skip
