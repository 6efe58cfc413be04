"""What the builders share: identifiers from codes, the open sharing, and codes within expressions.

Called by the build_* modules and build.py; reads nothing.
"""

import re
from collections.abc import Iterable
from typing import Any, TypeAlias

from smittesporing.uid import derived_uid

DEFAULT_COMBO = {"id": "bjDvmb4bfuf"}
OPEN_DATA = {"public": "rwrw----", "external": False, "users": {}, "userGroups": {}}
OPEN_FORM = {"public": "rw------", "external": False, "users": {}, "userGroups": {}}

Row: TypeAlias = dict[str, Any]
Payload: TypeAlias = dict[str, list[Row]]


def uid(kind: str, *codes: str) -> str:
    """The identifier of our own object of that type ("dataElements") and code."""
    return derived_uid("ST", kind, *codes)


def ref(kind: str, *codes: str) -> Row:
    return {"id": uid(kind, *codes)}


def form_parts(elements: dict[str, Any]) -> Iterable[dict[str, list[str]]]:
    return (part for name, part in elements.items() if name != "settings")


def kinds(source: dict[str, Any]) -> dict[str, str]:
    """Code → plural type of every element, attribute, stage and program."""
    made = {code: "dataElements" for part in form_parts(source["elements"]) for code in part}
    for group in ("person", "cluster"):
        made |= dict.fromkeys(source["attributes"][group], "trackedEntityAttributes")
    for program in source["programs"]["program"]:
        made[program["code"]] = "programs"
        made |= {stage["code"]: "programStages" for stage in program["stage"]}
    return made


def with_uids(text: str, known: dict[str, str]) -> str:
    """The expression with each of our codes in braces replaced by its identifier."""

    def inside(match: re.Match[str]) -> str:
        return ".".join(uid(known[code], code) for code in match[0].split("."))

    return re.sub(r"(?<=[#A]\{)[A-Z0-9_.]+(?=\})", inside, text)
