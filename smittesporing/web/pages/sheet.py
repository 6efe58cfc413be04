"""/indeks/{enrollment}/naerkontakter: the sheet where contacts are typed or pasted and judged at once.

Reads cells and answers with the verdict; rules, storing and reach are the casebook's. A row is tried at
every letter without writing, saved when a cell is left, confirmed, overruled, told and taken back by acts
of their own. Called through web/routes.py.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from smittesporing.problems import Refused
from smittesporing.registers import national_number
from smittesporing.registers.national_number import NotANumber
from smittesporing.tracing.casebook import facts, files, judging, measures, pasted, sheet
from smittesporing.tracing.casebook.book import Book, open_book
from smittesporing.tracing.casebook.files import CaseFile
from smittesporing.tracing.casebook.typed import RELATIONS, TypedRow, understand
from smittesporing.tracing.people import Category, WhoTells
from smittesporing.tracker.records import TrackedEntity
from smittesporing.web.pages import render, sheet_row
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of

CONFIRMED = render.say("forslag-bekreftet", "done", _("Forslagene er bekreftet. Ingen er varslet."))
ONE_CONFIRMED = render.say("forslag-bekreftet-en", "done", _("Forslaget er bekreftet."))
OVERRULED = render.say(
    "vurdering-endret", "done", _("Vurderingen din gjelder. Tiltakene er regnet på nytt.")
)
TOLD = render.say("varslet", "done", _("Det er skrevet ned at nærkontakten er varslet."))
TAKEN_BACK = render.say(
    "rad-tilbake",
    "done",
    _("Raden er tatt tilbake. Personen er fortsatt registrert, og historikken er beholdt."),
)

COLUMNS: list[dict[str, Any]] = [
    {"name": "name", "word": "Navn", "type": "text", "aliases": ["nærkontakt", "kontakt"]},
    {"name": "number", "word": "Fødselsnummer", "type": "text", "size": 12,
     "aliases": ["fnr", "personnummer", "d-nummer"]},
    {"name": "phone", "word": "Telefon", "type": "tel", "aliases": ["mobil", "tlf"]},
    {"name": "relation", "word": "Relasjon", "type": "text", "size": 9,
     "words": {word: kind.value for kind, words in RELATIONS.items() for word in words}},
    {"name": "first", "word": "Første kontakt", "type": "date"},
    {"name": "last", "word": "Siste kontakt", "type": "date",
     "words": {"pågår": "ONGOING", "fortsatt": "ONGOING"}, "aliases": ["dato"]},
    {"name": "distance", "word": "Avstand meter", "type": "number", "aliases": ["avstand"]},
    {"name": "minutes", "word": "Varighet minutter", "type": "number",
     "aliases": ["varighet", "minutter"]},
    {"name": "setting", "word": "Sted", "type": "text", "size": 10, "aliases": ["hvor"]},
]  # fmt: skip
MOST_SHOWN = 100  # a sheet as long as a concert is read a hundred rows at a time
# The cell that a refusal is about.
COLUMN_OF = {"T102": "number", "T201": "last", "T200": "last", "T202": "number"}


def show(request: Request) -> Response:
    with work_of(request, "contacts.read") as work:
        return page_of(request, open_book(work))


def page_of(
    request: Request, book: Book, *, status: int = 200, errors: Mapping[str, str] | None = None
) -> Response:
    """The whole sheet; `errors` are sentences at the list field or at a row's form."""
    file = index_file(request, book)
    written = sheet_row.written(book, file)
    pages = max(1, -(-len(written) // MOST_SHOWN))
    asked = request.query_params.get("side", "1")
    page = min(int(asked), pages) if asked.isdecimal() and asked != "0" else 1
    known = sheet.known_before(book, written)
    shown = written[(page - 1) * MOST_SHOWN : page * MOST_SHOWN]
    rows = sheet_row.rows_of(book, file, shown, known)
    return render.page(
        request,
        "sheet/show.html",
        status=status,
        menu="personer",
        file=file,
        tab="naerkontakter",
        columns=COLUMNS,
        rows=[sheet_row.cells_for(request, row) for row in rows],
        page=page,
        pages=pages,
        relations=[words[0] for words in RELATIONS.values()],
        most_rows=pasted.MOST_ROWS,
        errors=errors or {},
        summary=sheet_row.summary_of(written, known),
        **foot_of(file),
    )


def index_file(request: Request, book: Book) -> CaseFile:
    """The case of this address. Errors  T003 when it is unknown, out of reach or no index case."""
    file = files.case_file(book, request.path_params["enrollment"])
    if file.enrollment.program != book.uid("ST_INDEX"):
        raise Refused("T003", status=404)
    return file


def foot_of(file: CaseFile) -> dict[str, Any]:
    chosen = {view.who_tells for view in file.contacts if not view.told_at}
    return {
        "address": f"/indeks/{file.enrollment.enrollment}/naerkontakter",
        "asking": len(asking(file)),
        "who_tells": sheet_row.WHO_TELLS,
        "who_chosen": chosen.pop() if len(chosen) == 1 else "",
    }


def asking(file: CaseFile) -> list[files.ExposureView]:
    """The rows whose proposal may be confirmed now."""
    return [v for v in file.contacts if sheet_row.asks(v) and v.category != "UNDECIDED"]


def foot(request: Request) -> Response:
    """The line under the sheet, asked for again when a row is saved or confirmed."""
    with work_of(request, "contacts.read") as work:
        file = index_file(request, open_book(work))
        return render.part(request, "sheet/foot.html", **foot_of(file))


def read_row(form: Mapping[str, Any] | FormData, book: Book) -> tuple[TypedRow, dict[str, str]]:
    """The row as understood, and what is said of cells that may stand (a check digit that is wrong)."""
    cells = {column["name"]: str(form.get(column["name"]) or "")[:500] for column in COLUMNS}
    return with_number(understand(cells, book.today))


def with_number(row: TypedRow) -> tuple[TypedRow, dict[str, str]]:
    """The row with what its national number says: birth date, a refusal or a warning."""
    if not row.number or "number" in row.errors:
        return row, {}
    number = national_number.parse(row.number)
    if isinstance(number, NotANumber):
        return replace(row, errors={**row.errors, "number": number.sentence}), {}
    row = replace(row, birth_on=number.birth_date)
    for column, day in (("last", row.last_on), ("first", row.first_on)):
        if day is not None and number.birth_date is not None and day < number.birth_date:
            said = _("Dagen er før fødselsdatoen i fødselsnummeret.")
            row = replace(row, errors={**row.errors, column: said})
    return row, {"number": number.warning} if number.warning else {}


def keep_row(request: Request) -> Response:
    """One row, tried or saved; the answer is the island's (frontend/src/sheet.ts)."""
    form = getattr(request.state, "form", None)
    if form is None:
        raise Refused("T010", "Innhold", "", status=400)
    saving = form.get("mode") == "save"
    event = str(form.get("row") or "")
    try:
        with work_of(request, "contacts.write" if saving else "contacts.try") as work:
            book = open_book(work)
            row, warnings = read_row(form, book)
            if not saving or row.errors or not row.name:
                return JSONResponse(tried(request, book, row, warnings, event, saving))
            return JSONResponse(
                saved(request, book, row, warnings, event, str(form.get("version") or ""))
            )
    except Refused as refusal:
        return refused_row(request, refusal, event)


def tried(
    request: Request, book: Book, row: TypedRow, warnings: dict[str, str], event: str, saving: bool
) -> dict[str, Any]:
    """What would be: nothing is written."""
    index = judging.index_of(book, request.path_params["enrollment"])
    person, view = (None, None) if not event else stored_row(book, event)
    found = None
    known: TrackedEntity | None = person
    if person is None:
        match = sheet.known_person(book, row) if "number" not in row.errors else None
        if match is not None:
            known = book.person(match[0])
            found = sheet_row.Found(
                match[1], files.person_view(book, known), files.roles_of(book, known)
            )
    errors = dict(row.errors)
    if saving and not row.name:
        errors["name"] = _("Skriv navnet, så kan raden lagres.")
    if known is not None:
        born = book.day(known, "ST_BIRTH_DATE")
        if born and row.last_on and row.last_on < born:
            errors["last"] = _("Dagen er før fødselsdatoen til personen.")
    judged = judging.judge(book, index.case, row, known, index.owner, view)
    shown = sheet_row.typed(book, _("Indeks"), index.case, judged, found)
    answer = sheet_row.marked(request, shown)
    if event:
        # The row's own buttons and reason belong to what is saved, and come back with the save.
        answer.pop("own")
        answer.pop("why")
        answer.pop("notes")
    notes = {**answer.get("notes", {}), **notes_of(warnings)}
    answer |= {"notes": notes, "errors": errors, "say": said(row, shown)}
    return answer


def saved(
    request: Request, book: Book, row: TypedRow, warnings: dict[str, str], event: str, version: str
) -> dict[str, Any]:
    """The row kept, and as it now stands."""
    kept = sheet.save_row(book, index_file(request, book), row, event, version)
    file = index_file(request, book)
    known = sheet.known_before(book, file.contacts)
    view = next(one for one in file.contacts if one.event == kept.event)
    shown = sheet_row.rows_of(book, file, [view], known)[0]
    cells = sheet_row.cells_for(request, shown)
    sent = {key: str(value) for key, value in request.state.form.items()}
    return {
        **cells,
        # Only what was understood otherwise than written: she may have typed on in the other cells.
        "values": {
            name: value
            for name, value in cells["values"].items()
            if value != sent.get(name, "") and sent.get(name)
        },
        "notes": {**cells["notes"], **notes_of(warnings)},
        "errors": {},
        "say": said(row, shown),
        "summary": sheet_row.summary_of(file.contacts, known),
    }


def stored_row(book: Book, event: str) -> tuple[TrackedEntity, Any]:
    """The person and exposure behind a row that is saved."""
    found = book.work.conn.execute(
        "select tracked_entity, enrollment from tracker.event where event = %s and not deleted",
        (event,),
    ).fetchone()
    if found is None:
        raise Refused("T003", status=404)
    person = book.person(found["tracked_entity"])
    record = files.enrollment_of(person, found["enrollment"])
    for one in facts.exposures_of(book, record):
        if one.event == event:
            return person, facts.exposure_of(book, one, "")
    raise Refused("T003", status=404)


def notes_of(warnings: Mapping[str, str]) -> dict[str, str]:
    state = getattr(render.environment().globals["ui"], "state")  # noqa: B009
    return {name: str(state(text, "triangle", "signal")) for name, text in warnings.items()}


def said(row: TypedRow, shown: sheet_row.Row) -> str:
    """What a screen reader hears, once per row."""
    if not shown.strong:
        return ""
    return f"{row.name or _('Raden')}: {shown.strong} {shown.text}".strip()


def refused_row(request: Request, refusal: Refused, event: str) -> Response:
    """A refusal as the island takes it: at the cell it is about; a colleague's values on a clash."""
    code, sentence = refusal.problem.code, refusal.problem.sentence
    if code == "T007":
        with work_of(request, "contacts.read") as work:
            file = index_file(request, open_book(work))
            for view in file.contacts:
                if view.event == event:
                    theirs = {"version": sheet.cells_version(view), "values": sheet.cells_of(view)}
                    return JSONResponse({**theirs, "by": _("En kollega")}, status_code=409)
    column = COLUMN_OF.get(code)
    if column is None:
        return JSONResponse({"code": code, "message": sentence}, status_code=refusal.status)
    return JSONResponse({"code": code, "errors": {column: sentence}}, status_code=422)


def confirm_all(request: Request) -> Response:
    """Every proposal that can be confirmed, by one act."""
    with work_of(request, "contacts.confirm") as work:
        book = open_book(work)
        measures.confirm_rows(book, asking(index_file(request, book)))
    return back(request, CONFIRMED)


def confirm(request: Request) -> Response:
    """One proposal; htmx gets the cell, a plain form the page."""
    with work_of(request, "contacts.confirm") as work:
        book = open_book(work)
        view = row_of(request, index_file(request, book))
        measures.confirm_verdict(book, view.contact_enrollment, view.event)
        if request.headers.get("hx-request"):
            file = index_file(request, book)
            row = sheet_row.rows_of(book, file, [row_of(request, file)], frozenset())[0]
            answer = render.part(request, "sheet/own.html", row=row)
            answer.headers["hx-trigger"] = "smittesporing:row"
            return answer
    return back(request, ONE_CONFIRMED)


def row_of(request: Request, file: CaseFile) -> files.ExposureView:
    for view in file.contacts:
        if view.event == request.path_params["event"]:
            return view
    raise Refused("T003", status=404)


def overrule(request: Request) -> Response:
    """The tracer's own judgement of a row, with her reason."""
    form = request.state.form
    try:
        with work_of(request, "contacts.overrule") as work:
            book = open_book(work)
            view = row_of(request, index_file(request, book))
            chosen = facts.choice(Category, str(form.get("vurdering") or ""))
            if chosen is None or chosen is Category.UNDECIDED:
                raise Refused("T010", _("Vurdering"), _("Velg hva du mener raden er."), status=400)
            measures.overrule_verdict(
                book, view.contact_enrollment, view.event, chosen, str(form.get("grunn") or "")
            )
    except Refused as refusal:
        return again(request, refusal)
    return back(request, OVERRULED)


def told(request: Request) -> Response:
    """The contact has been told: an act apart from confirming."""
    with work_of(request, "contacts.told") as work:
        book = open_book(work)
        view = row_of(request, index_file(request, book))
        measures.told(book, view.contact_enrollment, view.event)
    return back(request, TOLD)


def take_back(request: Request) -> Response:
    with work_of(request, "contacts.take_back") as work:
        book = open_book(work)
        sheet.take_back(book, index_file(request, book), request.path_params["event"])
    return back(request, TAKEN_BACK)


def tellers(request: Request) -> Response:
    """Who informs the contacts, or the one of this row; a field that keeps itself."""
    asked = str(request.state.form.get("varsler") or "")
    with work_of(request, "contacts.tellers") as work:
        book = open_book(work)
        file = index_file(request, book)
        only = row_of(request, file).event if "event" in request.path_params else ""
        sheet.tell_by(book, file, facts.choice(WhoTells, asked), only)
        return JSONResponse({"at": book.now.strftime("%H.%M")})


def again(request: Request, refusal: Refused, field: str = "") -> Response:
    """The sheet once more, with the refusal's sentence at the form it is about."""
    field = field or request.path_params.get("event", "")
    with work_of(request, "contacts.read") as work:
        errors = {field: refusal.problem.sentence}
        return page_of(request, open_book(work), status=refusal.status, errors=errors)


def back(request: Request, code: str) -> Response:
    enrollment = request.path_params["enrollment"]
    return RedirectResponse(f"/indeks/{enrollment}/naerkontakter?beskjed={code}", 303)
