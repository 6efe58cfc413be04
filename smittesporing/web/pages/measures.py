"""/indeks/{enrollment}/tiltak, and the measures of a contact's own page: what holds, until when and why.

Shows each measure with its reason and rule, and takes the acts: confirm, exempt, decide otherwise, end.
Who may do what, and when, is the casebook's to say; a refusal stands as a sentence at the form. Called
through web/routes.py and by contact.py.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smittesporing.problems import Refused
from smittesporing.tracing import rulebook
from smittesporing.tracing.casebook import calls, files, measures
from smittesporing.tracing.casebook.book import Book, open_book
from smittesporing.tracing.casebook.files import CaseFile
from smittesporing.tracing.casebook.measure_rows import QUARANTINES, MeasureRow
from smittesporing.tracing.rule import Rule
from smittesporing.web.pages import render, sheet_row
from smittesporing.web.pages.sheet_row import DayCell
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of

KINDS = {
    "ISOLATION": "Isolasjon",
    "INFECTION_QUARANTINE": "Smittekarantene",
    "WAITING_QUARANTINE": "Ventekarantene",
    "ENTRY_QUARANTINE": "Innreisekarantene",
    "DUTY_TO_TEST": "Plikt til test",
    "ADVICE_TO_TEST": "Råd om test",
    "SYMPTOM_WATCH": "Følge med på symptomer",
}
SCOPES = {"ALL": "", "LEISURE": "bare i fritiden", "WORK": "bare i arbeidstiden"}
BASES = {
    "REGULATION": "Plikt etter forskriften",
    "ADVICE": "Råd, ikke plikt",
    "DECISION": "Vedtak av kommuneoverlegen",
}
STATES = {
    "PROPOSED": ("Forslag, venter på bekreftelse", "triangle", "signal"),
    "CONFIRMED": ("Bekreftet", "check", "solid"),
    "DECIDED": ("Bestemt ved vedtak", "check", "solid"),
    "EXEMPT": ("Fritatt", "ring", "outline"),
    "ENDED": ("Opphevet", "square", "calm"),
    "LAPSED": ("Falt bort", "ring", "calm"),
}
ACTS = {
    "bekreft": render.say(
        "tiltak-bekreftet", "done", _("Tiltaket er bekreftet. Ingen er varslet.")
    ),
    "frita": render.say(
        "tiltak-fritatt", "done", _("Personen er fritatt. Begrunnelsen er lagret.")
    ),
    "bestem": render.say(
        "tiltak-bestemt",
        "done",
        _("Vedtaket er lagret. Personen skal få begrunnelsen og vite at vedtaket kan påklages."),
    ),
    "opphev": render.say("tiltak-opphevet", "done", _("Tiltaket er opphevet.")),
}


@dataclass(frozen=True)
class Shown:
    """One measure as a card. `form` is the act that was refused with `error`, and `typed` its fields."""

    row: MeasureRow
    title: str
    basis: str
    state: tuple[str, str, str]
    sentence: str
    steps: tuple[str, ...]
    rule: Rule | None
    citation: str
    url: str
    by: str
    ended_by: str
    days: tuple[DayCell, ...]
    ends_today: bool
    can_end: bool
    address: str
    form: str = ""
    error: str = ""
    typed: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Refusal:
    """An act that was refused: which measure, which act, the sentence, and what was typed."""

    event: str
    act: str
    sentence: str
    typed: Mapping[str, str]


def show(request: Request) -> Response:
    with work_of(request, "measures.read") as work:
        return page_of(request, open_book(work))


def page_of(
    request: Request, book: Book, refusal: Refusal | None = None, status: int = 200
) -> Response:
    file = files.case_file(book, request.path_params["enrollment"])
    if file.enrollment.program != book.uid("ST_INDEX"):
        raise Refused("T003", status=404)
    address = f"/indeks/{file.enrollment.enrollment}/tiltak"
    shown = shown_of(book, file.measures, address, refusal)
    return render.page(
        request,
        "measures/show.html",
        status=status,
        menu="personer",
        file=file,
        tab="tiltak",
        running=[one for one in shown if one.row.is_running],
        over=[one for one in shown if not one.row.is_running],
        needs_fever=bool(file.case.symptoms),
        fever_free=file.case.fever_free_since,
        doctor=book.work.reach.may("decide"),
        contacts=contact_rows(file),
        first_waiting=first_waiting(shown),
        kinds=KINDS,
        states=STATES,
    )


def first_waiting(shown: Iterable[Shown]) -> str:
    """The one measure whose confirmation is the page's next act; "" when none waits."""
    waiting = (one.row for one in shown if one.row.state == "PROPOSED" and one.row.is_running)
    return next((row.event for row in waiting), "")


def contact_rows(file: CaseFile) -> list[tuple[files.ExposureView, MeasureRow]]:
    """The heaviest running measure of each contact, each person once."""
    order = [*sorted(QUARANTINES), "DUTY_TO_TEST", "ADVICE_TO_TEST", "SYMPTOM_WATCH"]
    rows: dict[str, tuple[files.ExposureView, MeasureRow]] = {}
    for view in file.contacts:
        running = [m for m in view.measures if m.is_running and m.kind in order]
        if running:
            heaviest = min(running, key=lambda m: (order.index(m.kind), m.state != "PROPOSED"))
            rows.setdefault(view.contact_enrollment, (view, heaviest))
    return list(rows.values())


def shown_of(
    book: Book, rows: Iterable[MeasureRow], address: str, refusal: Refusal | None = None
) -> list[Shown]:
    """Measures as cards: what waits first, then what runs, then what is over."""
    names: dict[str, str] = {}

    ordered = sorted(
        rows, key=lambda r: (not r.is_running, r.state != "PROPOSED", r.kind not in QUARANTINES)
    )
    shown = []
    for row in ordered:
        text, _space, url = row.citation.rpartition(" ")
        if not url.startswith("http"):
            text, url = row.citation, ""
        refused = refusal if refusal is not None and refusal.event == row.event else None
        is_held = row.state in ("CONFIRMED", "DECIDED") and row.is_running
        shown.append(
            Shown(
                row=row,
                title=title_of(row),
                basis=_(BASES.get(row.basis, "")),
                state=STATES[row.state],
                sentence=row.why[0] if row.why else "",
                steps=row.why[1:],
                rule=rulebook.by_id(book.rules, row.rule),
                citation=text,
                url=url,
                by=sheet_row.name_of(book, row.confirmed_by, names),
                ended_by=sheet_row.name_of(book, row.ended_by, names),
                days=sheet_row.strip(row.from_, [row], book.today) if row.is_running else (),
                ends_today=measures.may_end_today(book, row),
                can_end=is_held and (row.kind == "ISOLATION" or row.kind in QUARANTINES),
                address=f"{address}/{row.event}",
                form=refused.act if refused else "",
                error=refused.sentence if refused else "",
                typed=refused.typed if refused else None,
            )
        )
    return shown


def title_of(row: MeasureRow) -> str:
    scope = SCOPES.get(row.scope, "")
    return f"{KINDS.get(row.kind, row.kind)}{', ' + scope if scope else ''}"


def act(request: Request) -> Response:
    """Confirm, exempt, decide or end a measure of an index."""
    enrollment = request.path_params["enrollment"]
    return acted(request, f"/indeks/{enrollment}/tiltak", page_of)


def acted(
    request: Request,
    back: str,
    page: Callable[[Request, Book, Refusal, int], Response],
) -> Response:
    """The act of this address; `page` draws the page again with a refusal at its form."""
    name = request.path_params["act"]
    form = request.state.form
    if name not in ACTS:
        raise Refused("T003", status=404)
    event = request.path_params["event"]
    try:
        with work_of(request, f"measures.{name}") as work:
            do(open_book(work), request.path_params["enrollment"], event, name, form)
    except Refused as refusal:
        if refusal.problem.code == "T003":
            raise
        typed = {key: str(value) for key, value in form.items() if key != "csrf"}
        with work_of(request, "measures.read") as work:
            refused = Refusal(event, name, refusal.problem.sentence, typed)
            return page(request, open_book(work), refused, refusal.status)
    return RedirectResponse(f"{back}?beskjed={ACTS[name]}", 303)


def do(book: Book, enrollment: str, event: str, name: str, form: FormData) -> None:
    grounds = str(form.get("grunn") or "")
    if name == "bekreft":
        measures.confirm(book, enrollment, event)
    elif name == "frita":
        measures.exempt(book, enrollment, event, grounds)
    elif name == "bestem":
        until = day_of(form, "til", _("Siste dag"))
        measures.decide_otherwise(book, enrollment, event, until, grounds)
    else:
        on = day_of(form, "dag", _("Dag"))
        if on is None or on > book.today:
            said = _("Skriv dagen tiltaket ble opphevet. Den kan ikke være fram i tid.")
            raise Refused("T010", _("Dag"), said, status=400)
        fever_free = day_of(form, "feberfri", _("Feberfri siden"))
        if fever_free is not None:
            if fever_free > book.today:
                said = _("Dagen kan ikke være fram i tid.")
                raise Refused("T010", _("Feberfri siden"), said, status=400)
            told = {"ST_CALL_OUTCOME": "REACHED", "ST_FEVER_FREE_SINCE": fever_free.isoformat(),
                    "ST_CALL_NOTE": _("Spurt da isolasjonen ble opphevet.")}  # fmt: skip
            calls.log_call(book, enrollment, told)
        measures.end(book, enrollment, event, on, grounds)


def day_of(form: FormData, name: str, word: str) -> date | None:
    """A day of a form; None when it is empty. Errors  T010 for what is no date."""
    text = str(form.get(name) or "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("T010", word, _("Skriv en dato."), status=400) from None
