"""/hendelser: places, events and outbreaks, who was there, and contacts made of them in one step.

Reads forms and shows; registering, storing and reach are the casebook's. Mounted by chain_routes.py.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smittesporing.problems import Refused
from smittesporing.registers import national_number
from smittesporing.registers.national_number import NotANumber
from smittesporing.settings import OSLO
from smittesporing.tracing.casebook import clusters, files, pasted, presence
from smittesporing.tracing.casebook.book import Book, as_day, open_book
from smittesporing.tracing.casebook.clusters import ClusterFile
from smittesporing.tracing.casebook.typed import TypedRow, understand
from smittesporing.tracing.clusters import Group
from smittesporing.web.pages import render
from smittesporing.web.pages.chain_picture import choices_of, relation_words, words_of
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of

REGISTERED = render.say("hendelse-registrert", "done", _("Registrert. Legg til dem som var der."))
CHANGED = render.say("hendelse-endret", "done", _("Endringene er lagret."))
ADDED = render.say(
    "til-stede",
    "done",
    _("Personene er lagt til. De som var kjent fra før, er ikke registrert på nytt."),
)
MADE = render.say(
    "ble-naerkontakter",
    "done",
    _("De valgte er nærkontakter nå. Forslagene til tiltak står i saken. Ingen er varslet."),
)
MADE_NONE = render.say(
    "alt-naerkontakter", "info", _("De valgte var alt nærkontakter til indeksen herfra.")
)
TAKEN_BACK = render.say(
    "opphold-tilbake", "done", _("Personen er tatt bort herfra, men er fortsatt registrert.")
)

NATURES = {"PLACE": "Sted", "EVENT": "Hendelse", "OUTBREAK": "Utbrudd"}
FIELDS = (
    "NAME",
    "NATURE",
    "KIND",
    "ADDRESS",
    "START",
    "END",
    "UNIDENTIFIED",
    "CONTACT_NAME",
    "CONTACT_PHONE",
)
GROUPS = (
    ("indekser", Group.CASE, "Indekser"),
    ("naerkontakter", Group.CONTACT, "Nærkontakter"),
    ("andre", Group.ELSEWHERE, "Følges opp av en annen kommune"),
    ("ikke-gyldig", Group.NEITHER, "Ikke gyldig"),
)
FIELD_OF = {
    "Navn": "ST_CLUSTER_NAME",
    "Hva slags": "ST_CLUSTER_NATURE",
    "Første dag": "ST_CLUSTER_START",
}


def typed(form: FormData | Mapping[str, object], name: str, most: int = 200) -> str:
    """One field as text, trimmed and without control characters."""
    return "".join(c for c in str(form.get(name, "") or "") if c.isprintable()).strip()[:most]


def show(request: Request) -> Response:
    """The list, newest first."""
    chosen = request.query_params.get("vis", "")
    nature = chosen if chosen in NATURES else ""
    with work_of(request, "clusters.list") as work:
        book = open_book(work)
        words = {one: _(word) for one, word in NATURES.items()}
        return render.page(
            request,
            "events/list.html",
            menu="hendelser",
            rows=clusters.listing(book, nature),
            kinds={c["value"]: c["word"] for c in choices_of(book, "ST_CLUSTER_KIND")},
            natures=words,
            filters=[
                {"word": word, "href": "/hendelser" + (f"?vis={key}" if key else ""),
                 "current": key == nature}
                for key, word in (("", _("Alle")), *words.items())
            ],
            chosen=nature,
        )  # fmt: skip


def new(request: Request) -> Response:
    """The form, empty."""
    with work_of(request, "clusters.new") as work:
        book = open_book(work)
        told = {"ST_CLUSTER_START": "", "indeks": request.query_params.get("indeks", "")}
        return _form(request, book, told)


def _form(
    request: Request,
    book: Book,
    told: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    message: str = "",
    cluster: str = "",
) -> Response:
    return render.page(
        request,
        "events/form.html",
        status=400 if errors or message else 200,
        menu="hendelser",
        told=told,
        errors=errors or {},
        message=message,
        cluster=cluster,
        natures=choices_of(book, "ST_CLUSTER_NATURE"),
        kinds=choices_of(book, "ST_CLUSTER_KIND"),
    )


def register(request: Request) -> Response:
    """Keep a new one; `indeks` also puts that case's person there."""
    form = request.state.form
    told = {f"ST_CLUSTER_{name}": typed(form, f"ST_CLUSTER_{name}") for name in FIELDS}
    told["indeks"] = typed(form, "indeks")
    try:
        with work_of(request, "clusters.register") as work:
            book = open_book(work)
            uid = presence.register_cluster(book, _values(told))
            if told["indeks"]:
                case = files.case_file(book, told["indeks"])
                file = clusters.cluster_file(book, uid)
                presence.put_person(book, file, case.person.uid, {})
    except Refused as refused:
        if refused.problem.code == "T003":
            raise
        return _again(request, told, refused)
    return RedirectResponse(f"/hendelser/{uid}?beskjed={REGISTERED}", 303)


def _again(request: Request, told: Mapping[str, str], refused: Refused, uid: str = "") -> Response:
    """The form once more with what was typed, and the sentence at its field."""
    field = FIELD_OF.get(refused.problem.args[0], "") if refused.problem.args else ""
    errors = {field: refused.problem.args[-1]} if field else {}
    with work_of(request, "clusters.new") as work:
        message = "" if field else refused.problem.sentence
        return _form(request, open_book(work), told, errors, message, uid)


def _values(told: Mapping[str, str]) -> dict[str, str | None]:
    return {code: value or None for code, value in told.items() if code.startswith("ST_")}


def edit(request: Request) -> Response:
    """The form with what is known."""
    with work_of(request, "clusters.read") as work:
        book = open_book(work)
        file = clusters.cluster_file(book, request.path_params["cluster"])
        told = {
            f"ST_CLUSTER_{name}": book.text(file.entity, f"ST_CLUSTER_{name}") for name in FIELDS
        }
        return _form(request, book, {**told, "indeks": ""}, cluster=file.cluster.uid)


def change(request: Request) -> Response:
    form = request.state.form
    uid = request.path_params["cluster"]
    told = {f"ST_CLUSTER_{name}": typed(form, f"ST_CLUSTER_{name}") for name in FIELDS}
    try:
        with work_of(request, "clusters.change") as work:
            book = open_book(work)
            view = clusters.cluster_file(book, uid).cluster
            presence.change_cluster(book, view, _values(told))
    except Refused as refused:
        if refused.problem.code == "T003":
            raise
        return _again(request, {**told, "indeks": ""}, refused, uid)
    return RedirectResponse(f"/hendelser/{uid}?beskjed={CHANGED}", 303)


# One cluster -------------------------------------------------------------------------------------------


def one(request: Request) -> Response:
    with work_of(request, "clusters.read") as work:
        book = open_book(work)
        return _page(request, book, clusters.cluster_file(book, request.path_params["cluster"]))


def _page(
    request: Request,
    book: Book,
    file: ClusterFile,
    *,
    message: str = "",
    told: Mapping[str, str] | None = None,
    understood: pasted.Pasted | None = None,
) -> Response:
    shown = request.query_params.get("vis", "")
    counts = {group: sum(1 for p in file.people if p.counted.group is group) for group in Group}
    counts[Group.ELSEWHERE] += sum(file.beyond.values())
    here = f"/hendelser/{file.cluster.uid}"
    chosen = next((group for key, group, _w in GROUPS if key == shown), None)
    tabs = [{"word": _("Alle"), "href": here, "count": sum(counts.values()),
             "current": chosen is None}]  # fmt: skip
    for key, group, word in GROUPS:
        tabs.append({"word": _(word), "href": f"{here}?vis={key}", "count": counts[group],
                     "current": group is chosen})  # fmt: skip
    start = file.cluster.start or book.today
    return render.page(
        request,
        "events/show.html",
        status=400 if message else 200,
        menu="hendelser",
        file=file,
        people=[p for p in file.people if chosen is None or p.counted.group is chosen],
        tabs=tabs,
        beyond=file.beyond if chosen in (None, Group.ELSEWHERE) else {},
        groups={group.value: _(word) for _key, group, word in GROUPS},
        roles={c["value"]: c["word"] for c in choices_of(book, "ST_PRESENT_ROLE")},
        nature=_(NATURES.get(file.cluster.nature, "")),
        kind=words_of(book, "ST_CLUSTER_KIND", file.cluster.kind),
        relations=relation_words(book),
        message=message,
        told=told or {},
        understood=understood,
        start=start,
        columns=_("Navn, fødselsnummer, telefon"),
    )


def add(request: Request) -> Response:
    """People typed or pasted: shown as understood first when there are several, then kept."""
    form = request.state.form
    told = {name: typed(form, name) for name in ("name", "number", "phone", "from", "to", "role")}
    told["list"] = str(form.get("list", "") or "")[:2_000_000]
    uid = request.path_params["cluster"]
    try:
        with work_of(request, "clusters.add") as work:
            book = open_book(work)
            file = clusters.cluster_file(book, uid)
            understood, rows = _rows(book, told)
            wrong = next((row for row in rows if row.errors), None)
            if understood is not None and (typed(form, "mode") != "save" or wrong):
                return _page(request, book, file, told=told, understood=understood)
            presence.add_people(book, file, rows, stay_of(told))
    except Refused as refused:
        if refused.problem.code == "T003":
            raise
        with work_of(request, "clusters.read") as work:
            book = open_book(work)
            file = clusters.cluster_file(book, uid)
            return _page(request, book, file, message=refused.problem.sentence, told=told)
    return RedirectResponse(f"/hendelser/{uid}?beskjed={ADDED}", 303)


def _rows(book: Book, told: Mapping[str, str]) -> tuple[pasted.Pasted | None, list[TypedRow]]:
    """The list as understood, or None and the one person typed. Errors  T112 when nothing is there."""
    if told["list"].strip():
        understood = pasted.understood(told["list"], book.today)
        return understood, [born(row) for row in understood.rows if not row.is_empty]
    row = understand({key: told[key] for key in ("name", "number", "phone")}, book.today)
    if row.is_empty:
        raise Refused("T112", status=400)
    return None, [born(row)]


def born(row: TypedRow) -> TypedRow:
    """The row with the birth date its national number tells of."""
    number = national_number.parse(row.number) if row.number else None
    if number is None or isinstance(number, NotANumber):
        return row
    return replace(row, birth_on=number.birth_date)


def stay_of(told: Mapping[str, str]) -> dict[str, str]:
    """When and as what they were there, as values of a stay."""
    found = {"ST_PRESENT_ROLE": told.get("role", "")}
    for code, name in (("ST_PRESENT_FROM", "from"), ("ST_PRESENT_TO", "to")):
        try:
            moment = datetime.fromisoformat(told.get(name, "")).replace(tzinfo=OSLO)
            found[code] = moment.strftime("%Y-%m-%dT%H:%M")
        except ValueError:
            day = as_day(told.get(name, ""))
            found[code] = f"{day.isoformat()}T00:00" if day else ""
    return found


def contacts(request: Request) -> Response:
    """Chosen people become contacts of a chosen index."""
    form = request.state.form
    uid = request.path_params["cluster"]
    try:
        with work_of(request, "clusters.contacts") as work:
            book = open_book(work)
            file = clusters.cluster_file(book, uid)
            case = files.case_file(book, typed(form, "index"))
            cells = {name: typed(form, name) for name in ("distance", "minutes", "relation")}
            made = presence.make_contacts(
                book, file, case, [str(p) for p in form.getlist("person")],
                understand(cells, book.today),
            )  # fmt: skip
            code = MADE if made else MADE_NONE
    except Refused as refused:
        if refused.problem.code == "T003" and typed(form, "index"):
            raise
        with work_of(request, "clusters.read") as work:
            book = open_book(work)
            words = refused.problem.sentence
            if refused.problem.code == "T003":
                words = _("Velg hvem de var sammen med.")
            return _page(request, book, clusters.cluster_file(book, uid), message=words)
    return RedirectResponse(f"/hendelser/{uid}?vis=naerkontakter&beskjed={code}", 303)


def take_back(request: Request) -> Response:
    uid = request.path_params["cluster"]
    with work_of(request, "clusters.take_back") as work:
        book = open_book(work)
        file = clusters.cluster_file(book, uid)
        presence.take_back(book, file, request.path_params["event"])
    return RedirectResponse(f"/hendelser/{uid}?beskjed={TAKEN_BACK}", 303)
