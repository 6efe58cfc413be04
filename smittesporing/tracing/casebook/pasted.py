"""A list from Excel or a CSV file as rows of the contact sheet: bytes → text → cells → typed rows.

Understands what spreadsheets in Norway write: tab, semicolon or comma, a heading or none, UTF-8 with or
without a byte order mark, UTF-16, Latin-1. Stores nothing. Called by the sheet's page.
"""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from smittesporing.problems import Refused
from smittesporing.tracing.casebook.typed import TypedRow, understand

MOST_ROWS = 1000
COLUMNS = ("name", "number", "phone", "relation", "first", "last", "distance", "minutes", "setting")
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "name": ("navn", "name", "kontakt", "nærkontakt"),
    "given": ("fornavn",),
    "family": ("etternavn",),
    "number": ("fødselsnummer", "fnr", "personnummer", "fødselsnr", "dnummer"),
    "phone": ("telefon", "mobil", "tlf", "telefonnummer", "mobilnummer", "phone"),
    "relation": ("relasjon", "tilknytning", "forhold"),
    "first": ("førstekontakt", "fra"),
    "last": ("sistekontakt", "dato", "kontaktdato", "til"),
    "distance": ("avstand", "avstandmeter", "meter"),
    "minutes": ("varighet", "varighetminutter", "minutter", "minutt"),
    "setting": ("sted", "hvor", "arena"),
}
BY_WORD = {word: column for column, words in HEADINGS.items() for word in words}


@dataclass(frozen=True)
class Pasted:
    """The rows as understood. `unknown`: headings that we have no column for."""

    rows: tuple[TypedRow, ...]
    has_heading: bool
    unknown: tuple[str, ...] = ()

    @property
    def wrong(self) -> int:
        return sum(1 for row in self.rows if row.errors)


def decoded(content: bytes) -> str:
    """The text of a file: by its byte order mark, else UTF-8, else Latin-1 as Windows writes it."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def understood(text: str, today: date) -> Pasted:
    """The rows of a list.

    Errors  T111 when there are more than 1 000: nothing is read, so a long list is refused at once;
            T112 when there is no row.
    """
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    if text.count("\n") > 2 * MOST_ROWS:
        filled = sum(1 for line in text.split("\n") if line.strip(" \t;,"))
        if filled > MOST_ROWS + 1:
            raise _too_many(filled)
    cells = cells_of(text)
    if not cells:
        raise Refused("T112", status=400)
    heading = [BY_WORD.get(simple(cell)) for cell in cells[0]]
    has_heading = len([column for column in heading if column]) >= min(2, len(cells[0]))
    rows = cells[1:] if has_heading else cells
    if len(rows) > MOST_ROWS:
        raise _too_many(len(rows))
    if not rows:
        raise Refused("T112", status=400)
    columns: list[str | None] = heading if has_heading else list(COLUMNS)
    unknown = tuple(
        cell for cell, column in zip(cells[0], heading, strict=False) if has_heading and not column
    )
    typed = tuple(understand(named(columns, row), today) for row in rows)
    return Pasted(typed, has_heading, unknown)


def _too_many(rows: int) -> Refused:
    return Refused("T111", f"{rows:,}".replace(",", "\u00a0"), str(MOST_ROWS), status=413)


def cells_of(text: str) -> list[list[str]]:
    """Rows and cells; the separator is the one the first line has most of. Empty rows are left out."""
    first = text.lstrip("\n").split("\n", 1)[0]
    mark = max("\t;,", key=lambda sign: (first.count(sign), sign == ";"))
    if mark == "," and first.count(",") < 2:
        mark = "\t"  # one comma is a name written as "Prøve, Kari"
    found = csv.reader(io.StringIO(text), delimiter=mark, strict=False)
    try:
        rows = [[cell.strip() for cell in row] for row in found]
    except csv.Error:
        rows = [[cell.strip() for cell in line.split(mark)] for line in text.split("\n")]
    return [row for row in rows if any(row)]


def simple(word: str) -> str:
    """A heading without case, signs and what stands in brackets."""
    return re.sub(r"[\W_]+", "", re.sub(r"\(.*?\)", "", word.lower()))


def named(columns: list[str | None], row: list[str]) -> dict[str, str]:
    """The row's cells by column; given and family names make one name."""
    cells = {
        column: cell for column, cell in zip(columns, row, strict=False) if column and cell != "–"
    }
    given, family = cells.pop("given", ""), cells.pop("family", "")
    if given or family:
        cells["name"] = f"{family}, {given}" if given and family else given or family
    return cells
