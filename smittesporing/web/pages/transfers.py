"""*Overføringer*: hand-overs to and from other kommuner, and asking for one.

The receiver sees who asks, which form of follow-up, why and when; the person only once the kommune has
accepted. Mounted by routes.py.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smittesporing.problems import Refused
from smittesporing.tracing.casebook import files, transfers
from smittesporing.tracing.casebook.book import Book, open_book
from smittesporing.tracing.casebook.transfers import TransferView
from smittesporing.tracker.ownership import Transfer
from smittesporing.web.pages import render
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of

PATH = "/overforinger"

ASKED = render.say(
    "overforing-bedt",
    "done",
    _("Overføringen er sendt. Dere følger opp personen til den andre kommunen har godtatt."),
)
ACCEPTED = render.say(
    "overforing-godtatt",
    "done",
    _(
        "Personen er deres nå. Tiltak og samtaler er regnet ut på nytt, og samtalene står som ikke tildelt."
    ),
)
REFUSED = render.say(
    "overforing-avslatt",
    "done",
    _("Overføringen er avslått. Kommunen som spurte, følger opp videre."),
)
WITHDRAWN = render.say(
    "overforing-trukket", "done", _("Overføringen er trukket. Dere følger opp personen.")
)
READ = render.say("overforing-lest", "done", _("Avslaget er lest og lagt i saken."))

FIELDS = {"Kommune": "to", "Hvorfor?": "reason"}


def show(request: Request) -> Response:
    """What waits and what has been answered, in both directions."""
    with work_of(request, "transfer.list") as work:
        return _page(request, open_book(work))


def _page(
    request: Request, book: Book, refusing: str = "", typed: str = "", error: str = ""
) -> Response:
    views = transfers.listed(book)
    return render.page(
        request,
        "transfers/list.html",
        menu="i-dag",
        incoming=[v for v in views if v.incoming and v.transfer.state == "ASKED"],
        outgoing=[v for v in views if not v.incoming and (v.transfer.state == "ASKED" or v.unread)],
        closed=[v for v in views if v.transfer.state != "ASKED" and not v.unread],
        refusing=refusing,
        typed=typed,
        error=error,
        now=book.now,
        status=400 if error else 200,
    )


def new(request: Request) -> Response:
    """The form that asks another kommune to take over this episode."""
    with work_of(request, "transfer.new") as work:
        return _form(request, open_book(work), {}, {})


def _form(
    request: Request, book: Book, typed: Mapping[str, str], errors: Mapping[str, str]
) -> Response:
    enrollment = request.path_params["enrollment"]
    entity = book.person(files.entity_of(book, enrollment))
    record = files.enrollment_of(entity, enrollment)
    if record.owner not in book.work.reach.write:
        raise Refused("T003", status=404)
    is_index = record.program == book.uid("ST_INDEX")
    pending = transfers.of_enrollment(book, enrollment)
    return render.page(
        request,
        "transfers/new.html",
        menu="personer",
        person=files.person_view(book, entity),
        enrollment=enrollment,
        is_index=is_index,
        number=files.case_number(book, record) if is_index else "",
        is_open=record.status == "ACTIVE",
        kommuner=[{"value": unit.id, "word": unit.name} for unit in transfers.receivers(book)],
        pending=pending if pending and pending.transfer.state == "ASKED" else None,
        contacts=transfers.contacts_beside(book, enrollment) if is_index else 0,
        typed=defaultdict(str, typed),
        errors=defaultdict(str, errors),
        status=400 if errors else 200,
    )


def ask(request: Request) -> Response:
    typed = {str(name): str(value).strip() for name, value in request.state.form.items()}
    enrollment = request.path_params["enrollment"]
    with work_of(request, "transfer.ask") as work:
        book = open_book(work)
        chosen = typed.get("to", "")
        is_number = chosen.isascii() and chosen.isdigit() and len(chosen) < 10
        to = int(chosen) if is_number else None
        try:
            with work.conn.transaction():
                transfers.ask(book, enrollment, to, typed.get("reason", ""))
        except Refused as refusal:
            about = refusal.problem.args[0] if refusal.problem.args else ""
            if refusal.problem.code != "T010" or about not in FIELDS:
                raise
            return _form(request, book, typed, {FIELDS[about]: refusal.problem.args[1]})
    return RedirectResponse(f"{PATH}?beskjed={ASKED}", 303)


def accept(request: Request) -> Response:
    """Ours from now on; on to the person's page."""
    with work_of(request, "transfer.accept") as work:
        book = open_book(work)
        given = transfers.accept(book, request.path_params["transfer"])
        page = "indeks" if given.program == book.uid("ST_INDEX") else "kontakt"
    return RedirectResponse(f"/{page}/{given.enrollment}?beskjed={ACCEPTED}", 303)


def refuse(request: Request) -> Response:
    reason = str(request.state.form.get("reason", "")).strip()
    uid = request.path_params["transfer"]
    with work_of(request, "transfer.refuse") as work:
        book = open_book(work)
        try:
            transfers.refuse(book, uid, reason)
        except Refused as refusal:
            if refusal.problem.code != "T010":
                raise
            return _page(request, book, uid, reason, refusal.problem.args[1])
    return RedirectResponse(f"{PATH}?beskjed={REFUSED}", 303)


def withdraw(request: Request) -> Response:
    return _act(request, "transfer.withdraw", transfers.withdraw, WITHDRAWN)


def acknowledge(request: Request) -> Response:
    return _act(request, "transfer.read", transfers.acknowledge, READ)


def _act(
    request: Request, action: str, act: Callable[[Book, str], Transfer], code: str
) -> Response:
    with work_of(request, action) as work:
        act(open_book(work), request.path_params["transfer"])
    return RedirectResponse(f"{PATH}?beskjed={code}", 303)


def banner_of(book: Book, enrollment: str) -> TransferView | None:
    """The hand-over that a person's page tells of: one that waits, or a refusal nobody has read."""
    found = transfers.of_enrollment(book, enrollment)
    return found if found and (found.transfer.state == "ASKED" or found.unread) else None
