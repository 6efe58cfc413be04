"""/indeks/{enrollment}/naerkontakter/liste: a whole list of contacts, pasted or as a file from Excel.

First shown as understood, then saved, all rows or none; a list that is too long is refused before it is
read. Reading cells is casebook/pasted.py's. Called through web/routes.py.
"""

from dataclasses import replace

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from smittesporing.problems import Refused
from smittesporing.tracing.casebook import pasted, sheet
from smittesporing.tracing.casebook.book import open_book
from smittesporing.tracing.casebook.files import CaseFile
from smittesporing.tracing.casebook.typed import RELATIONS, TypedRow
from smittesporing.web.pages import render
from smittesporing.web.pages.sheet import COLUMNS, again, back, index_file, with_number
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of

LIST_SAVED = render.say("liste-lagret", "done", _("Radene i listen er lagret."))


def take_list(request: Request) -> Response:
    """A pasted list or a file: first as understood, then, when she says so, saved all or nothing."""
    form = request.state.form
    try:
        text = text_of(form)
        with work_of(request, "contacts.list") as work:
            book = open_book(work)
            read = pasted.understood(text, book.today)
            checked = [with_number(row) for row in read.rows]
            rows = [row for row, _warnings in checked]
            named = [row if row.name else no_name(row) for row in rows]
            file = index_file(request, book)
            if form.get("lagre") and not any(row.errors for row in named):
                sheet.save_rows(book, file, named)
            else:
                return preview(request, file, replace(read, rows=tuple(named)), text)
    except Refused as refusal:
        if refusal.problem.code == "T003":
            raise
        return again(request, refusal, "liste")
    return back(request, LIST_SAVED)


def no_name(row: TypedRow) -> TypedRow:
    return replace(row, errors={"name": _("Navnet mangler."), **row.errors})


def text_of(form: FormData) -> str:
    """The list as text: of the file when one is chosen, else of the field."""
    upload = form.get("fil")
    if isinstance(upload, UploadFile) and upload.filename:
        return pasted.decoded(upload.file.read())
    return str(form.get("liste") or "")


def preview(request: Request, file: CaseFile, read: pasted.Pasted, text: str) -> Response:
    return render.page(
        request,
        "sheet/list.html",
        menu="personer",
        file=file,
        tab="naerkontakter",
        read=read,
        columns=COLUMNS,
        text=text,
        relations={kind.value: words[0] for kind, words in RELATIONS.items()},
        address=f"/indeks/{file.enrollment.enrollment}/naerkontakter",
    )
