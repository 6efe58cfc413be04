"""/indeks/{enrollment}/steder: where an index has been, and what infected her.

Reads forms and shows; the casebook stores. Mounted by chain_routes.py.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smittesporing.problems import Refused
from smittesporing.tracing.casebook import clusters, files, presence, sources
from smittesporing.tracing.casebook.book import Book, open_book
from smittesporing.tracing.casebook.sources import SourceView
from smittesporing.web.pages import render
from smittesporing.web.pages.chain_picture import choices_of
from smittesporing.web.pages.events import stay_of, typed
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of

ADDED = render.say("sted-lagt-til", "done", _("Stedet er lagt til."))
KEPT = render.say("kilde-lagret", "done", _("Smittekilden er lagret, og kjeden er oppdatert."))
TAKEN_BACK = render.say(
    "kilde-tilbake", "done", _("Smittekilden er tatt bort. Historikken er beholdt.")
)


def show(request: Request) -> Response:
    with work_of(request, "case.places") as work:
        return _page(request, open_book(work))


def _page(
    request: Request, book: Book, *, message: str = "", form_to: str = "", number: str = ""
) -> Response:
    file = files.case_file(book, request.path_params["enrollment"])
    near = sources.around(book, file)
    told = sources.registered(book, file, near)
    asked = request.query_params.get("kilde", "")
    roles = choices_of(book, "ST_PRESENT_ROLE")
    certainties = choices_of(book, "ST_SOURCE_CERTAINTY")
    settings = choices_of(book, "ST_EXPOSURE_SETTING")
    return render.page(
        request,
        "events/places.html",
        status=400 if message else 200,
        menu="personer",
        file=file,
        tab="steder",
        places=clusters.places_of_person(book, file.entity, near),
        choices=[{"value": uid, "word": name} for uid, name in clusters.names(book)],
        kinds={c["value"]: c["word"] for c in choices_of(book, "ST_CLUSTER_KIND")},
        roles={c["value"]: c["word"] for c in roles},
        role_choices=roles,
        told_sources=told,
        words_of_source=source_words,
        options=sources.options(book, file, near),
        editing=next((one for one in told if one.event == asked), None),
        certainties={c["value"]: c["word"].lower() for c in certainties},
        certainty_choices=certainties,
        settings={c["value"]: c["word"] for c in settings},
        setting_choices=settings,
        message=message,
        form_to=form_to,
        number=number,
    )


def source_words(one: SourceView) -> str:
    """«2014 Siv Dale», «Bursdag 8. januar», «Noen i Balsfjord», «Utlandet», «Ukjent»."""
    if one.kind in ("ABROAD", "UNKNOWN"):
        return {"ABROAD": _("Utlandet"), "UNKNOWN": _("Ukjent kilde")}[one.kind]
    if one.kommune:
        return _("Noen i %(kommune)s", kommune=one.kommune)
    return f"{one.number} {one.name}".strip() or _("Kilde som ikke kan vises")


def add(request: Request) -> Response:
    """She was at a place that is registered already."""
    form = request.state.form
    enrollment = request.path_params["enrollment"]
    with work_of(request, "case.place_added") as work:
        book = open_book(work)
        wanted = typed(form, "cluster")
        if not wanted:
            return _page(request, book, message=_("Velg et sted eller en hendelse."))
        file = files.case_file(book, enrollment)
        place = clusters.cluster_file(book, files.entity_of(book, wanted))
        told = {name: typed(form, name) for name in ("from", "to", "role")}
        presence.put_person(book, place, file.person.uid, stay_of(told))
    return RedirectResponse(f"/indeks/{enrollment}/steder?beskjed={ADDED}", 303)


def keep_source(request: Request) -> Response:
    """Register the source, or change the one that is named."""
    form = request.state.form
    enrollment = request.path_params["enrollment"]
    chosen = typed(form, "to")
    try:
        with work_of(request, "case.source") as work:
            book = open_book(work)
            file = files.case_file(book, enrollment)
            kind, to = _end(book, chosen, typed(form, "number", 20), typed(form, "cluster"))
            values = {
                "ST_SOURCE_KIND": kind,
                "ST_SOURCE_CERTAINTY": typed(form, "certainty"),
                "ST_SOURCE_SAYS": typed(form, "says"),
                "ST_SOURCE_SETTING": typed(form, "setting"),
                "ST_SOURCE_NOTE": typed(form, "note", 2000),
            }
            sources.save(book, file, values, to, typed(form, "event"))
    except Refused as refused:
        if refused.problem.code == "T003":
            raise
        with work_of(request, "case.places") as work:
            return _page(
                request,
                open_book(work),
                message=refused.problem.sentence,
                form_to=chosen,
                number=typed(form, "number", 20),
            )
    return RedirectResponse(f"/indeks/{enrollment}/steder?beskjed={KEPT}#kilde", 303)


def _end(book: Book, chosen: str, number: str, cluster: str) -> tuple[str, str]:
    """The source's kind and end. Errors  T122 for a number nobody has; T003 for an end out of reach."""
    if chosen == "NUMBER":
        if not number:
            raise Refused("T010", _("Saksnummer"), _("Skriv nummeret på saken."), status=400)
        return "INDEX", sources.by_number(book, number)
    if chosen == "CLUSTER":
        chosen = f"EVENT:{cluster}"
    kind, _sep, to = chosen.partition(":")
    if to:
        book.person(files.entity_of(book, to))
    return kind, to


def take_back(request: Request) -> Response:
    enrollment = request.path_params["enrollment"]
    with work_of(request, "case.source_taken_back") as work:
        book = open_book(work)
        file = files.case_file(book, enrollment)
        sources.take_back(book, file, request.path_params["event"])
    return RedirectResponse(f"/indeks/{enrollment}/steder?beskjed={TAKEN_BACK}", 303)
