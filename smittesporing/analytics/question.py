"""What is asked of one indicator: which periods, which units, where a row counts, on which day.

Plain values, no SQL. Made by query.py and published.py, read by plan.py and columns.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from smittesporing.periods import Period

RESIDENCE, FOLLOWED_UP_BY = "RESIDENCE", "FOLLOWED_UP_BY"


@dataclass(frozen=True)
class Place:
    """Where a row counts. `column` is an attribute's uid when the place is where the person lives."""

    kind: str = "ORG_UNIT"
    column: str = ""


@dataclass(frozen=True)
class Question:
    """What is asked of one indicator.

    owners  whose rows may be read (the reach); None for the counter, whose answers are suppressed
    units   pairs (org unit a row may have, org unit it counts in): every descendant with its asked ancestor
    """

    periods: tuple[Period, ...]
    units: tuple[tuple[int, int], ...]
    today: date
    constants: Mapping[str, float] = field(default_factory=dict)
    owners: tuple[int, ...] | None = None
