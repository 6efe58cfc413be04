"""DHIS2's timestamps: zone-less text in the server's own time, which is Norwegian, ↔ moments.

The doubled hour in autumn reads as the first of the two (decision 22). Called by payload and read.
"""

from datetime import datetime
from functools import lru_cache

from smittesporing.settings import OSLO


@lru_cache(maxsize=8192)
def moment(text: str) -> datetime:
    """The moment a date or timestamp names.

    Errors  ValueError when the text is neither.
    """
    if len(text) < 10:
        raise ValueError(f"not a date: {text!r}")
    read = datetime.fromisoformat(text)
    # Python and PostgreSQL part ways at the calendar's ends, and nobody is traced there.
    if not 1000 < read.year < 9000:
        raise ValueError("a year outside every calendar in use")
    return read.replace(tzinfo=OSLO) if read.tzinfo is None else read.astimezone(OSLO)


def stamp(at: datetime | None) -> str | None:
    """`2022-01-20T12:00:00.000`, Norwegian time; None gives None."""
    if at is None:
        return None
    local = at if at.tzinfo is OSLO else at.astimezone(OSLO)
    return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}"
