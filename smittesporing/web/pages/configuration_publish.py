"""/konfigurasjon/utkast: what the draft changes, whether it holds, and making it the next version.

Also where a newer version and the draft pull apart: both values are shown until one is chosen. Called
through web/routes.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smittesporing.metadata import draft, publishing, uses, wording
from smittesporing.metadata.draft import Crossing, Key
from smittesporing.metadata.report import Refusal, Report
from smittesporing.problems import Refused
from smittesporing.tracker import projection
from smittesporing.web.pages import render
from smittesporing.web.pages.configuration_compare import Line, differences, line_of
from smittesporing.web.pages.configuration_desk import PATH, Desk, Shown, desk_of, own_body
from smittesporing.web.pages.configuration_fields import Sentence, spoken
from smittesporing.web.pages.configuration_words import property_word
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of

DRAFT = f"{PATH}/utkast"
PUBLISHED = render.say(
    "konfigurasjon-publisert", "done", _("Utkastet er publisert. Alle ser endringene fra nå.")
)
DISCARDED = render.say(
    "konfigurasjon-forkastet", "done", _("Utkastet er forkastet. Det publiserte står som før.")
)
CHOSEN = render.say("konfigurasjon-valgt", "done", _("Valget er tatt inn i utkastet."))
LONGEST_NOTE = 1000

# Why the import does not take an object, for the one who wrote it.
REFUSALS = {
    "E3000": "Du har ikke adgang til å lage dette.",
    "E3001": "Du har ikke adgang til å endre dette. Den som eier pakken, styrer adgangen.",
    "E3002": "Du har ikke adgang til å ta bort dette.",
    "E4000": "«{0}» mangler.",
    "E4014": "Identifikatoren {0} er ugyldig.",
    "E4027": "Kan ikke leses: {0}.",
    "E4028": "Svarlisten har alt et svar med koden {0}.",
    "E4030": "Kan ikke tas bort så lenge noe annet bruker det.",
    "E4051": "Programmet har alt navnet {0}.",
    "E4052": "Navnet {0} kan ikke ha ordene and, or eller not.",
    "E5001": "Finnes ikke lenger.",
    "E5002": "Viser til noe som ikke finnes ({0}).",
    "E5003": "{0} «{1}» er alt i bruk av noe annet.",
    "E5005": "{0} brukes av flere i utkastet.",
}


@dataclass(frozen=True)
class Piece:
    """One object of the draft: what happens to it, and what is different."""

    line: Shown
    word: str
    lines: tuple[Line, ...]
    by: str
    tries: str


@dataclass(frozen=True)
class Fault:
    """One thing that stands in the way: which object, and the sentence or the marked expression."""

    line: Shown
    says: str
    sentence: Sentence | None = None


@dataclass(frozen=True)
class Both:
    """An object that a newer version changed too: each property with both values."""

    line: Shown
    properties: tuple[tuple[str, Line], ...]


class _NotTaken(Exception):
    """The import refused the draft: what was written in this transaction is rolled back."""

    def __init__(self, reports: tuple[Report, ...]) -> None:
        self.reports = reports


def show(request: Request) -> Response:
    with work_of(request, "configuration.read") as work:
        return page(request, desk_of(work))


def page(
    request: Request,
    desk: Desk,
    *,
    problem: str = "",
    note: str = "",
    more: tuple[Fault, ...] = (),
    status: int = 200,
) -> Response:
    crossed = both(desk, draft.crossings(desk.conn, desk.entries))
    found = [*faults(desk), *more] if desk.entries and not crossed else list(more)
    return render.page(
        request,
        "configuration/draft.html",
        status=status,
        menu="konfigurasjon",
        desk=desk,
        pieces=pieces(desk),
        crossed=crossed,
        faults=found,
        problem=problem,
        note=note,
        next=desk.version + 1,
        path=DRAFT,
    )


def pieces(desk: Desk) -> list[Piece]:
    """The draft, one object a piece, those of one page together."""
    found = []
    for (plural, uid), entry in desk.entries.items():
        body = entry.body or desk.published.get(plural, uid) or {}
        if not desk.visible(plural, body):
            continue
        live = desk.published.get(plural, uid)
        word = "removed" if entry.body is None else "added" if live is None else "changed"
        before = own_body(plural, live) if live is not None else {}
        lines = differences(desk, plural, before, entry.body) if word == "changed" else []
        above = desk.page_of(plural, uid)
        tries = (
            above.href.partition("#")[0].replace(PATH, f"{PATH}/prov")
            if above.plural in TRIED
            else ""
        )
        found.append(Piece(desk.line(plural, uid), word, tuple(lines), entry.by_name, tries))
    return sorted(found, key=lambda piece: (piece.line.href.partition("#")[0], piece.line.kind))


TRIED = frozenset(("programStages", "programIndicators", "indicators", "programRules"))


def faults(desk: Desk) -> list[Fault]:
    """What stands in the way of publishing: the import's refusals, and expressions that no longer hold."""
    return [
        *refused_by(desk, publishing.checked(desk.conn, desk.reach, desk.entries)),
        *broken(desk),
    ]


def refused_by(desk: Desk, *reports: Report) -> list[Fault]:
    return [
        Fault(desk.line(each.plural, each.uid), sentence_of(refusal))
        for report in reports
        for each in report.objects
        for refusal in each.refusals
    ]


def sentence_of(refusal: Refusal) -> str:
    """The refusal in Norwegian; the import's own words where we have none."""
    known = REFUSALS.get(refusal.code)
    if known is None:
        return refusal.sentence
    args = list(refusal.args)
    if refusal.code in ("E4000", "E5003") and args:
        args[0] = property_word(args[0])
    return _(known).format(*args, *("–",) * 4)


def broken(desk: Desk) -> list[Fault]:
    """Expressions that cannot be read or name what is not there, because of the draft."""
    found = []
    for plural in uses.EXPRESSIONS:
        for uid, body in desk.metadata.of(plural).items():
            for name, said in wording.faults(desk.metadata, plural, uid):
                touched = (plural, uid) in desk.entries
                if not touched and any(
                    each == name for each, _said in wording.faults(desk.published, plural, uid)
                ):
                    continue
                sentence = spoken(name, str(body.get(name) or ""), said)
                found.append(Fault(desk.line(plural, uid), sentence.fault, sentence))
            if plural == "programRules" and (plural, uid) in desk.entries:
                found += _without_condition(desk, uid)
    return found


def _without_condition(desk: Desk, uid: str) -> list[Fault]:
    body = desk.metadata.get("programRules", uid) or {}
    if str(body.get("condition") or "").strip():
        return []
    return [Fault(desk.line("programRules", uid), _("Regelen mangler vilkår."))]


def both(desk: Desk, crossings: list[Crossing]) -> list[Both]:
    by_key: dict[Key, list[tuple[str, Line]]] = {}
    for crossing in crossings:
        plural = crossing.key[0]
        if crossing.name:
            line = line_of(
                desk,
                plural,
                crossing.name,
                {crossing.name: crossing.newer},
                {crossing.name: crossing.draft},
            )
        else:
            gone, there = _("tas bort"), _("beholdes, endret")
            line = Line(
                _("Hele"),
                gone if crossing.newer is None else there,
                gone if crossing.draft is None else there,
            )
        by_key.setdefault(crossing.key, []).append((crossing.name, line))
    return [Both(desk.line(*key), tuple(lines)) for key, lines in by_key.items()]


# Acts ----------------------------------------------------------------------------------------------------


def publish(request: Request) -> Response:
    """Make the draft the next version; whatever stands in the way is told on the page, and nothing is written."""
    note = str(request.state.form.get("notat", "")).strip()[:LONGEST_NOTE]
    more: tuple[Fault, ...] = ()
    problem = ""
    try:
        with work_of(request, "configuration.publish") as work:
            desk = desk_of(work)
            if not desk.entries:
                return RedirectResponse(DRAFT, 303)
            if note and broken(desk):
                problem = _("Rett det som står nedenfor, og publiser igjen.")
            else:
                number, reports = publishing.publish(work.conn, work.reach, note)
                if not number:
                    raise _NotTaken(reports)
                projection.rebuild(work.conn)
                return RedirectResponse(f"{PATH}/versjoner?beskjed={PUBLISHED}", 303)
    except _NotTaken as fault:
        problem = _("Utkastet ble ikke tatt imot. Rett det som står nedenfor.")
        with work_of(request, "configuration.read") as work:
            more = tuple(each for each in refused_by(desk_of(work), *fault.reports[1:]))
    except Refused as refusal:
        if refusal.status in (403, 404):
            raise
        problem = (
            _("Skriv hva som er endret, og hvorfor.")
            if refusal.problem.code == "T010"
            else refusal.problem.sentence
        )
    with work_of(request, "configuration.read") as work:
        desk = desk_of(work)
        return page(request, desk, problem=problem, note=note, more=more, status=409)


def discard(request: Request) -> Response:
    """Let go of the whole draft."""
    with work_of(request, "configuration.edit") as work:
        desk_of(work)
        draft.clear(work.conn, work.reach)
    return RedirectResponse(f"{DRAFT}?beskjed={DISCARDED}", 303)


def choose(request: Request) -> Response:
    """Which value stands, for each property that both changed."""
    plural, uid = request.path_params["plural"], request.path_params["uid"]
    form = request.state.form
    ours = {
        str(name).removeprefix("valg.")
        for name, value in form.items()
        if str(name).startswith("valg.") and value == "utkast"
    }
    with work_of(request, "configuration.edit") as work:
        desk = desk_of(work)
        if (plural, uid) not in desk.entries:
            raise Refused("T003", status=404)
        draft.settle(work.conn, work.reach, (plural, uid), ours)
        left = draft.crossings(work.conn, draft.entries(work.conn))
        if not left:
            draft.catch_up(work.conn, work.reach)
    return RedirectResponse(f"{DRAFT}?beskjed={CHOSEN}", 303)
