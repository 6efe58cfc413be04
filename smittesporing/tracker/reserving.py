"""Values made of an attribute's pattern and promised to the one who asks, until she registers somebody.

Nobody else gets a promised value, and none that somebody has is promised. Called by web/api/reserving.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from smittesporing.access.work import Work
from smittesporing.metadata.forms import Attribute
from smittesporing.metadata.text_pattern import SEQUENTIAL, TextPattern, Unusable
from smittesporing.tracker.confidential import keyed_hash
from smittesporing.tracker.preload import document

# How often new values are drawn while too few of those drawn were free, and how many more than needed.
_ROUNDS, _SPARE = 10, 200


@dataclass(frozen=True)
class Reserved:
    """A promised value, and the pattern with all filled in but what was generated."""

    key: str
    value: str
    created: datetime
    expires: datetime


def reserve(
    work: Work,
    attribute: Attribute,
    pattern: TextPattern,
    known: Mapping[str, str],
    how_many: int,
    days: int,
) -> list[Reserved]:
    """So many new values, promised for so many days.

    Errors  `Unusable` when the pattern cannot give them.
    """
    now = work.clock.now()
    key = pattern.key(known, now)
    if pattern.room < how_many:
        raise Unusable(f"The pattern cannot give {how_many} values")
    made: list[str] = []
    for _ in range(_ROUNDS):
        lacking = how_many - len(made)
        if not lacking:
            break
        drawn = _drawn(work, attribute, pattern, key, lacking)
        values = dict.fromkeys(pattern.value(known, now, each) for each in drawn)
        made += _promised(work, attribute, list(values), lacking, days)
    if len(made) < how_many:
        raise Unusable("Too few values are left")
    return [Reserved(key, value, now, now + timedelta(days=days)) for value in made]


def _drawn(
    work: Work, attribute: Attribute, pattern: TextPattern, key: str, how_many: int
) -> list[str]:
    """What the generated part becomes: the next numbers, or signs at random."""
    part = pattern.generated
    if part is None:
        return [""]
    if part.kind != SEQUENTIAL:
        return [pattern.random() for _ in range(how_many + _SPARE)]
    row = work.conn.execute(
        "select tracker.next_numbers(%s, %s, %s) as last", (attribute.uid, key, how_many)
    ).fetchone()
    last = int(row["last"]) if row else pattern.room
    if last > pattern.room - 1:
        raise Unusable("The numbers of the pattern are used up")
    return [f"{number:0{len(part.form)}}" for number in range(last - how_many + 1, last + 1)]


def _promised(
    work: Work, attribute: Attribute, values: list[str], most: int, days: int
) -> list[str]:
    """The first of the values that could be promised, in their order."""
    key = work.settings.field_key
    hashes = {keyed_hash(key, attribute.uid, value): value for value in values}
    rows = work.conn.execute(
        "select tracker.reserve(%s, %s::text::jsonb, %s, %s) as hash",
        (attribute.uid, document(list(hashes)), most, days),
    ).fetchall()
    free = {row["hash"] for row in rows}
    return [value for hash_, value in hashes.items() if hash_ in free]
