"""Tables as files: CSV for any program, XLSX for Excel; both safe to open.

Takes columns and rows of text and numbers, knows nothing of what they mean. Called by overview_files.py
and report.py.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.styles import Font
from starlette.responses import Response

from smittesporing.web import spreadsheets

Value = str | int | float | None

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Table:
    """What a file holds. `notes` stand above the table: what it is, where from, when."""

    name: str
    notes: tuple[str, ...]
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Value]]


def safe(value: Value) -> Value:
    """The value as no spreadsheet takes it for a formula."""
    return spreadsheets.safe(value) if isinstance(value, str) else value


def as_csv(table: Table) -> bytes:
    """UTF-8 with a mark, semicolons and decimal commas: what Excel reads where the language is Norwegian."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([safe(name) for name in table.columns])
    for row in table.rows:
        writer.writerow([_written(value) for value in row])
    for note in table.notes:
        writer.writerow([safe(note)])
    return out.getvalue().encode("utf-8-sig")


def _written(value: Value) -> Value:
    if isinstance(value, float):
        return f"{value:.1f}".replace(".", ",")
    return safe(value)


def as_xlsx(table: Table) -> bytes:
    """One sheet: the notes, then the table with its heading; text is always text."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Tabell"
    for note in table.notes:
        sheet.append([safe(note)])
    sheet.append([])
    sheet.append([safe(name) for name in table.columns])
    for cell in sheet[sheet.max_row]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = f"A{sheet.max_row + 1}"
    for row in table.rows:
        sheet.append([round(v, 1) if isinstance(v, float) else safe(v) for v in row])
    for cells in sheet.iter_rows():
        for cell in cells:
            if isinstance(cell.value, str):
                cell.data_type = "s"
    sheet.column_dimensions["A"].width = 48
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def answer(table: Table, form: str) -> Response:
    """The table as a download; `form` is csv or xlsx."""
    body, kind = (as_xlsx(table), _XLSX) if form == "xlsx" else (as_csv(table), "text/csv")
    headers = {"content-disposition": f'attachment; filename="{table.name}.{form}"'}
    return Response(body, 200, headers, kind)
