"""A program once more: itself, its stages, sections, indicators and the names its rules use, all anew.

Questions, lists of answers and people's records are not copied; rules are not either, as in DHIS2. Makes a
payload for the importer and writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from smittesporing.metadata.forms import reference
from smittesporing.metadata.incoming import own
from smittesporing.metadata.snapshot import Body, Metadata
from smittesporing.uid import new_uid

PREFIX = "Copy of "
# The parts of a program, and the reference by which each belongs to it or to one of its stages.
_PARTS = (
    ("programStages", "program"),
    ("programSections", "program"),
    ("programIndicators", "program"),
    ("programRuleVariables", "program"),
    ("programStageSections", "programStage"),
)
_ROWS = (
    *("programStageDataElements", "programTrackedEntityAttributes", "analyticsPeriodBoundaries"),
)
_NOT_COPIED = ("code", "created", "createdBy", "lastUpdatedBy", "version")
_UID = re.compile(r"\b[A-Za-z][A-Za-z0-9]{10}\b")


def copied(
    metadata: Metadata, program: str, prefix: str = PREFIX
) -> tuple[str, dict[str, list[Body]]]:
    """(the new program's uid, the payload). The program is one that is there.

    Shape   Identifiers of what is copied are new wherever they stand, in expressions too. The program and
            its indicators get `prefix` before their names.
    """
    found = list(_of(metadata, program))
    anew = {uid: new_uid() for _, uid, _ in found}
    payload: dict[str, list[Body]] = {}
    for plural, uid, body in found:
        kept = {name: value for name, value in own(plural, body).items() if name not in _NOT_COPIED}
        for name in _ROWS:
            for row in kept.get(name) or ():
                row.pop("id", None)
        if plural in ("programs", "programIndicators"):
            kept["name"] = _within(prefix + str(body.get("name", "")), 230, anew[uid])
            kept["shortName"] = _within(prefix + str(body.get("shortName", "")), 50, anew[uid])
        text = msgspec.json.encode(kept).decode()
        text = _UID.sub(lambda match: anew.get(match[0], match[0]), text)
        payload.setdefault(plural, []).append(msgspec.json.decode(text))
    return anew[program], payload


def _of(metadata: Metadata, program: str) -> Iterator[tuple[str, str, Body]]:
    """The program and its parts, each as a body of its own."""
    above = {program}
    yield "programs", program, _whole(metadata.get("programs", program))
    for plural, through in _PARTS:
        for uid, body in metadata.of(plural).items():
            if reference(body, through) in above:
                yield plural, uid, _whole(body)
                if plural == "programStages":
                    above.add(uid)


def _whole(body: Mapping[str, Any] | None) -> Body:
    found: Body = msgspec.json.decode(msgspec.json.encode(body))
    return found


def _within(text: str, most: int, uid: str) -> str:
    """The text, or its beginning with some of the identifier, which makes it one of its kind."""
    return text if len(text) <= most else f"{text[: most - 5].rstrip()} {uid[:4]}"
