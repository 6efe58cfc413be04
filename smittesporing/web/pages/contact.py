"""/kontakt/{enrollment}: one close contact: exposures, verdicts, measures, tests, calls, and the end of it.

For tracers, who may see which index she met; she herself never learns it. A positive test makes her an
index case by an act. Judges nothing: the casebook does. Called through web/routes.py.
"""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smittesporing.problems import Refused
from smittesporing.tracing.casebook import calls, files, interview, register
from smittesporing.tracing.casebook.book import Book, open_book
from smittesporing.tracing.casebook.files import ContactFile
from smittesporing.tracker.records import Event
from smittesporing.web.pages import calls as call_log
from smittesporing.web.pages import changes, forms, measures, render, transfers
from smittesporing.web.pages.measures import Refusal
from smittesporing.web.pages.sheet_row import CATEGORIES, SHAPES, WHO_TELLS
from smittesporing.web.pages.timeline import RESULTS, TESTS
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of

TEST_ADDED = render.say(
    "kontakt-prove", "done", _("Prøven er lagret, og tiltakene er regnet på nytt.")
)
BECAME = render.say(
    "ble-indeks",
    "done",
    _("Nærkontakten er blitt indeks. Prøvene er med, og historikken som nærkontakt er beholdt."),
)
STATUSES = {
    "avslutt": (
        "COMPLETED",
        render.say("kontakt-avsluttet", "done", _("Oppfølgingen er avsluttet. Den kan åpnes igjen.")),
    ),
    "gjenapne": (
        "ACTIVE",
        render.say("kontakt-gjenapnet", "done", _("Oppfølgingen er åpnet igjen, og samtaler er planlagt.")),
    ),
    "feil": (
        "CANCELLED",
        render.say("kontakt-feil", "done", _("Merket som registrert ved en feil. Telles ikke med.")),
    ),
}  # fmt: skip
TEST_CODES = ("ST_TEST_DATE", "ST_TEST_KIND", "ST_TEST_RESULT", "ST_TEST_ANSWER_DATE")
DRAWN = (*TEST_CODES, "ST_TEST_VARIANT")
RELATIONS = {
    "HOUSEHOLD": "samme husstand",
    "PARTNER": "kjæreste eller partner",
    "FAMILY": "familie",
    "FRIEND": "venn",
    "COLLEAGUE": "kollega",
    "CLASSMATE": "klasse",
    "KINDERGARTEN_COHORT": "barnehage",
    "NEIGHBOUR": "nabo",
    "PATIENT_CARE": "pleie eller behandling",
    "SERVICE": "kunde",
    "TRAVEL": "reisefølge",
    "OTHER": "annet",
}
OUTCOMES = {
    "REACHED": "Fikk svar",
    "NO_ANSWER": "Ikke svar",
    "WRONG_NUMBER": "Feil nummer",
    "LEFT_MESSAGE": "La igjen beskjed",
    "POSTPONED": "Utsatt",
}
HEALTH = {
    "NO_SYMPTOMS": "ingen symptomer",
    "SYMPTOMS": "symptomer",
    "FEVER": "feber",
    "HOSPITAL": "på sykehus",
    "NURSING_HOME": "på sykehjem",
    "RECOVERED": "frisk",
    "DEAD": "død",
    "UNKNOWN": "ukjent",
}


def show(request: Request) -> Response:
    with work_of(request, "contact.read") as work:
        return page_of(request, open_book(work))


def contact_file(request: Request, book: Book) -> ContactFile:
    """Errors  T003 when it is unknown, out of reach or no contact."""
    file = files.contact_file(book, request.path_params["enrollment"])
    if file.enrollment.program != book.uid("ST_CONTACT"):
        raise Refused("T003", status=404)
    return file


def page_of(
    request: Request, book: Book, refusal: Refusal | None = None, status: int = 200
) -> Response:
    """The page; a refusal stands at the form it is about, with what was typed."""
    file = contact_file(request, book)
    address = f"/kontakt/{file.enrollment.enrollment}"
    shown = measures.shown_of(book, file.measures, f"{address}/tiltak", refusal)
    positive = [e for e in file.tests if book.text(e, "ST_TEST_RESULT") == "POSITIVE"]
    running = [
        role
        for role in files.roles_of(book, file.entity)
        if role.program == "INDEX" and role.status == "ACTIVE"
    ]
    return render.page(
        request,
        "contact/show.html",
        status=status,
        menu="personer",
        file=file,
        person=file.person,
        address=address,
        running=[one for one in shown if one.row.is_running],
        over=[one for one in shown if not one.row.is_running],
        first_waiting="" if positive and not running else measures.first_waiting(shown),
        exposures=[exposure_of(book, file, view) for view in file.exposures],
        tests=[test_of(book, event) for event in file.tests],
        further=[
            forms.field_of(
                book, replace(one, value=refusal.typed.get(one.code, "") if refusal else "")
            )
            for one in _further(book, file)
        ],
        is_positive=bool(positive),
        index=running[0] if running else None,
        planned=[c for c in file.calls if c.status in ("SCHEDULE", "OVERDUE")],
        made=[
            c for c in reversed(file.calls) if c.status == "COMPLETED" and (c.outcome or c.health)
        ],
        answered={
            c.event: call_log.answered_further(book, file.enrollment, c.event) for c in file.calls
        },
        call=call_log.form_for(book, file.entity, file.enrollment)
        if file.enrollment.status == "ACTIVE"
        else None,
        transfer=transfers.banner_of(book, file.enrollment.enrollment),
        outcomes=OUTCOMES,
        health=HEALTH,
        kinds=TESTS,
        results=RESULTS,
        needs_fever=False,
        fever_free=None,
        doctor=book.work.reach.may("decide"),
        form=refusal.act if refusal else "",
        error=refusal.sentence if refusal else "",
        typed=refusal.typed if refusal else {},
    )


def exposure_of(book: Book, file: ContactFile, view: files.ExposureView) -> dict[str, object]:
    """One exposure as the page tells it: which index, what happened, the verdict and why."""
    index, number = file.indexes.get(view.event, ("", ""))
    one = view.exposure
    told = []
    if one.relation:
        told.append(_(RELATIONS[one.relation.value]))
    if one.distance_m is not None:
        told.append(_("%(n)s meter", n=f"{one.distance_m:g}".replace(".", ",")))
    if one.minutes is not None:
        told.append(_("%(n)s minutter", n=one.minutes))
    if one.setting and not file.person.is_protected:
        told.append(one.setting)
    return {
        "view": view,
        "href": f"/indeks/{index}/naerkontakter" if number else "",
        "number": number,
        "first": one.first_on,
        "last": one.last_on,
        "ongoing": one.ongoing,
        "told": told,
        "shape": SHAPES[view.category],
        "word": _(CATEGORIES.get(view.category, "Ikke avgjort")),
        "tells": _(WHO_TELLS.get(view.who_tells, "")),
    }


def _further(book: Book, file: ContactFile) -> tuple[interview.Question, ...]:
    """The questions that were added to the form of a test; the variant is the index page's."""
    return interview.further(book, file.entity, file.enrollment, "ST_CONTACT_TEST", DRAWN)


def test_of(book: Book, event: Event) -> dict[str, object]:
    told: dict[str, object] = {code: book.text(event, code) for code in TEST_CODES}
    return told | {"further": changes.answered(book, event, DRAWN)}


def add_test(request: Request) -> Response:
    """A test of the contact; measures follow from it."""
    form = request.state.form

    def do(book: Book) -> str:
        file = contact_file(request, book)
        more = [one.code for one in _further(book, file)]
        values = forms.typed(form, (*TEST_CODES, *more))
        for code, word in (
            ("ST_TEST_DATE", _("Prøvedato")),
            ("ST_TEST_ANSWER_DATE", _("Svardato")),
        ):
            measures.day_of(form, code, word)
        if not values["ST_TEST_RESULT"]:
            raise Refused("T010", _("Svar"), _("Velg svaret, eller «venter på svar»."), status=400)
        register.add_test(book, request.path_params["enrollment"], values)
        return TEST_ADDED

    return acted(request, "prove", do)


def become_index(request: Request) -> Response:
    """The contact tested positive: a new case, with her history."""
    made: list[str] = []

    def do(book: Book) -> str:
        contact_file(request, book)
        made.append(calls.become_index(book, request.path_params["enrollment"]).enrollment)
        return BECAME

    answer = acted(request, "indeks", do)
    if answer.status_code == 303:
        return RedirectResponse(f"/indeks/{made[0]}?beskjed={BECAME}", 303)
    return answer


def set_status(request: Request) -> Response:
    """Close, reopen, or take back what was registered by mistake."""
    name = request.path_params["act"]
    if name not in STATUSES:
        raise Refused("T003", status=404)
    status, notice = STATUSES[name]

    def do(book: Book) -> str:
        contact_file(request, book)
        register.set_status(book, request.path_params["enrollment"], status)
        return notice

    return acted(request, "status", do)


def acted(request: Request, name: str, do) -> Response:  # type: ignore[no-untyped-def]
    """Do it and go back; a refusal draws the page again with the sentence at its form."""
    enrollment = request.path_params["enrollment"]
    try:
        with work_of(request, f"contact.{name}") as work:
            notice = do(open_book(work))
    except Refused as refusal:
        if refusal.problem.code == "T003":
            raise
        typed = {key: str(value) for key, value in request.state.form.items() if key != "csrf"}
        with work_of(request, "contact.read") as work:
            refused = Refusal("", name, refusal.problem.sentence, typed)
            return page_of(request, open_book(work), refused, refusal.status)
    return RedirectResponse(f"/kontakt/{enrollment}?beskjed={notice}", 303)


def measure(request: Request) -> Response:
    """An act on one of her measures."""
    return measures.acted(request, f"/kontakt/{request.path_params['enrollment']}", page_of)
