"""Icons that forms and programs are shown with: a small set of our own drawing, and custom ones.

Each shape comes in DHIS2's three manners: `outline`, `positive` (dark on light) and `negative` (light on
dark). Custom icons are rows; their pictures are files of tracker/files.py. Called by web/api/icons.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from smittesporing.database import Connection

# On a field of 48 × 48: what is drawn, with words to find it by.
SHAPES: dict[str, tuple[str, str]] = {
    "person": ("person individual", '<circle cx="24" cy="15" r="7"/><path d="M10 41c0-9 6-15 14-15s14 6 14 15z"/>'),
    "people": (
        "people group contacts",
        '<circle cx="16" cy="16" r="6"/><circle cx="33" cy="18" r="5"/>'
        '<path d="M5 40c0-9 5-14 11-14s11 5 11 14zM30 40c0-5-1-8-3-11 2-2 4-3 6-3 6 0 10 5 10 14z"/>',
    ),
    "house": ("house home household", '<path d="M6 24 24 8l18 16v16H28V29h-8v11H6z"/>'),
    "phone": (
        "phone call",
        '<path d="M14 6h8l3 10-5 4c2 4 4 6 8 8l4-5 10 3v8c0 4-3 6-6 6C20 40 8 28 8 12c0-3 2-6 6-6z"/>',
    ),
    "calendar": ("calendar date event", '<path d="M8 12h32v28H8z"/><path d="M8 20h32M16 7v8M32 7v8"/>'),
    "clock": ("clock time waiting", '<circle cx="24" cy="24" r="17"/><path d="M24 13v11l8 5"/>'),
    "tube": ("test sample laboratory", '<path d="M18 6v26a6 6 0 0 0 12 0V6zM14 6h20M18 24h12"/>'),
    "virus": (
        "virus infection",
        '<circle cx="24" cy="24" r="10"/>'
        '<path d="M24 14V5M24 43v-9M14 24H5M43 24h-9M17 17l-6-6M37 37l-6-6M31 17l6-6M11 37l6-6"/>',
    ),
    "shield": ("shield vaccine protection", '<path d="M24 5 40 11v12c0 10-7 17-16 20C15 40 8 33 8 23V11z"/>'),
    "place": (
        "place map",
        '<path d="M24 43C15 31 11 25 11 18a13 13 0 0 1 26 0c0 7-4 13-13 25z"/>'
        '<circle cx="24" cy="18" r="5"/>',
    ),
    "chart": ("chart count", '<path d="M8 40h34M12 36V24h6v12zM22 36V14h6v22zM32 36V20h6v16z"/>'),
    "chain": (
        "chain link transmission",
        '<circle cx="11" cy="24" r="6"/><circle cx="37" cy="12" r="6"/>'
        '<circle cx="37" cy="36" r="6"/><path d="m16 21 16-7M16 27l16 7"/>',
    ),
}  # fmt: skip
MANNERS = {
    "outline": ("none", "#333", ""),
    "positive": ("#333", "#333", ""),
    "negative": ("#fff", "#fff", '<rect width="48" height="48" fill="#333"/>'),
}


@dataclass(frozen=True)
class Icon:
    """One icon; `file` is the uid of a custom icon's picture, None for one of ours."""

    key: str
    description: str
    keywords: tuple[str, ...]
    file: str | None = None
    created: datetime | None = None
    last_updated: datetime | None = None
    created_by: str | None = None


def shipped() -> list[Icon]:
    """Our own, by key."""
    return [
        Icon(f"{name}_{manner}", f"{name} {manner}", tuple(words.split()))
        for name, (words, _) in sorted(SHAPES.items())
        for manner in MANNERS
    ]


def drawn(key: str) -> str | None:
    """The SVG of one of ours; None for another key."""
    name, _, manner = key.rpartition("_")
    if name not in SHAPES or manner not in MANNERS:
        return None
    fill, stroke, behind = MANNERS[manner]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48" viewBox="0 0 48 48">'
        f'{behind}<g fill="{fill}" stroke="{stroke}" stroke-width="2.5" stroke-linejoin="round" '
        f'stroke-linecap="round">{SHAPES[name][1]}</g></svg>'
    )


def custom(connection: Connection) -> list[Icon]:
    """Custom icons, by key."""
    rows = connection.execute(
        """select key, description, keywords, file, created, last_updated, created_by
             from metadata.icon order by key"""
    ).fetchall()
    return [Icon(**{**row, "keywords": tuple(row["keywords"])}) for row in rows]


def every(connection: Connection) -> list[Icon]:
    """All icons; a custom one with a key of ours does not exist."""
    return [*custom(connection), *shipped()]


def add(connection: Connection, icon: Icon, by: str) -> bool:
    """Keep a new custom icon; false when the key is taken."""
    if drawn(icon.key) is not None:
        return False
    row = connection.execute(
        """insert into metadata.icon (key, description, keywords, file, created_by)
           values (%s, %s, %s, %s, %s) on conflict do nothing returning key""",
        (icon.key, icon.description, list(icon.keywords), icon.file, by),
    ).fetchone()
    return row is not None


def change(connection: Connection, key: str, description: str, keywords: Iterable[str]) -> bool:
    """Other words for a custom icon; false when there is none."""
    row = connection.execute(
        """update metadata.icon set description = %s, keywords = %s, last_updated = now()
            where key = %s returning key""",
        (description, list(keywords), key),
    ).fetchone()
    return row is not None


def remove(connection: Connection, key: str) -> bool:
    """Take a custom icon away; false when there is none."""
    row = connection.execute(
        "delete from metadata.icon where key = %s returning key", (key,)
    ).fetchone()
    return row is not None
