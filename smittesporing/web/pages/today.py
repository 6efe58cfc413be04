"""*I dag*: the shift. Whom to ring first, what is overdue, what ends tomorrow; who has what.

Shows what casebook.tasks has put in order and gives tasks to people. Calls themselves are logged by
calls.py; rules are only quoted. Mounted by routes.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smittesporing.access import users
from smittesporing.problems import Refused
from smittesporing.tracing import rulebook, worklist
from smittesporing.tracing.casebook import calls, open_work, tasks, transfers
from smittesporing.tracing.casebook.book import Book, open_book
from smittesporing.tracing.casebook.tasks import TaskRow
from smittesporing.tracing.worklist import TaskKind
from smittesporing.web.pages import render
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of

PATH = "/i-dag"
TABS = {"mine": "mine", "teamet": "team", "ledige": "unassigned"}
WORDS = {"mine": "Mine", "teamet": "Teamet", "ledige": "Ikke tildelt"}
DISEASE = "COVID19"
MOST_CELLS = 14

ASSIGNED = render.say(
    "tildelt", "done", _("Oppgavene er fordelt. De står nå under «Mine» hos den som fikk dem.")
)
TAKEN = render.say("hentet", "done", _("Neste ledige oppgave er din. Den står i lista under."))
NONE_LEFT = render.say("ingen-ledige", "info", _("Ingen oppgaver er ledige nå. Alle er fordelt."))
NONE_CHOSEN = render.say(
    "ingen-valgt", "warning", _("Kryss av for oppgavene først, og velg hvem som skal ha dem.")
)

CHIPS = {
    TaskKind.SYMPTOMS: ("dot", "signal"),
    TaskKind.POSITIVE: ("diamond", "signal"),
    TaskKind.NEW_CASE: ("triangle", "signal"),
    TaskKind.CALL: ("ring", "calm"),
    TaskKind.CAN_END: ("square", "calm"),
    TaskKind.ANSWERED: ("bubble", "calm"),
    TaskKind.ENDS_TOMORROW: ("square", "calm"),
}
CATEGORIES = {
    "HOUSEHOLD": "Nærkontakt, samme husstand",
    "OTHER_CLOSE": "Øvrig nærkontakt",
    "NOT_CONTACT": "Ikke nærkontakt",
}
PRONOUNS = {"FEMALE": ("Hun", "henne"), "MALE": ("Han", "ham")}
RULE_LINES = (
    ("isolation", "everybody", "Smittede"),
    ("quarantine", "household", "Samme husstand"),
    ("quarantine", "other", "Øvrige nærkontakter"),
)


WHY_FIRST = {
    TaskKind.SYMPTOMS: "Den som er syk nå, kan smitte andre i dag. Sørg for test, og at personen holder seg hjemme.",
    TaskKind.POSITIVE: "Et positivt svar gjør personen til indeks: isolasjon og nye nærkontakter haster.",
    TaskKind.NEW_CASE: "Første samtale skal være samme dag. Da finner dere nærkontaktene før de smitter videre.",
    TaskKind.CAN_END: "Ingen haster mer, og personen er i isolasjon til noen opphever den.",
}
WHY_OVERDUE = "Ingen har symptomer eller nytt svar. Da kommer de som skulle vært ringt før i dag, nyeste kontakt først."
WHY_TODAY = "Ingen har symptomer, nytt svar eller er forfalt. Da kommer dagens samtaler, nyeste kontakt først."


@dataclass(frozen=True)
class Row:
    """One line of the list as the template needs it."""

    task: TaskRow
    id: str
    href: str
    shape: str
    tone: str
    role: str
    says: str
    days: tuple[str, ...]
    days_label: str
    phone: str
    act: str  # ring, open, interview, end
    keeper: str

    @property
    def why_first(self) -> str:
        """Why she stands first, when she does."""
        overdue = self.task.ranked.chip == worklist.OVERDUE
        other = WHY_OVERDUE if overdue else WHY_TODAY
        return _(WHY_FIRST.get(self.task.ranked.task.kind, other))

    @property
    def pair(self) -> str:
        """What a ticked box tells: the enrollment and the planned call."""
        return f"{self.task.enrollment.enrollment}:{self.task.event}"


@dataclass(frozen=True)
class Group:
    """One heading of the list with its lines."""

    word: str
    rows: tuple[Row, ...]


def show(request: Request) -> Response:
    """The list of one tab; anything else than a known tab is one's own."""
    tab = _tab(request.query_params.get("vis", ""))
    with work_of(request, "tasks.read") as work:
        book = open_book(work)
        names = names_of(book)
        rows = tuple(row_of(book, one, names) for one in tasks.tasks(book, TABS[tab]))
        return render.page(
            request,
            "today/show.html",
            menu="i-dag",
            **shift(book, tab, rows),
            groups=grouped(rows),
            since=open_work.news(book, TABS[tab])[1] or book.now,
            names=names,
            can_assign=work.reach.may("assign"),
            me=work.reach.user,
            rules=rules_today(book),
            answered=transfers.answered(book),
            waiting=transfers.waiting(book),
        )


def shift(book: Book, tab: str, rows: tuple[Row, ...] | None = None) -> dict[str, Any]:
    """The first sentence, the tabs and the numbers: what changes when a row is done."""
    if rows is None:
        rows = tuple(row_of(book, one, {}) for one in tasks.tasks(book, TABS[tab]))
    counts = tasks.counts(book)
    numbers = {"mine": counts.mine, "teamet": counts.team, "ledige": counts.unassigned}
    return {
        "tab": tab,
        "says": first_sentence(rows),
        "counts": counts,
        "tabs": [
            {"word": _(WORDS[key]), "href": f"{PATH}?vis={key}", "current": key == tab,
             "count": numbers[key]}
            for key in TABS
        ],
    }  # fmt: skip


def _tab(asked: str) -> str:
    return asked if asked in TABS else "mine"


def names_of(book: Book) -> dict[str, str]:
    """user → name, for those a task may be given to in the kommune one works in."""
    where = book.work.reach.working_in
    if where is None:
        return {}
    return {one.uid: one.name for one in users.tracers(book.work.conn, where)}


def row_of(book: Book, one: TaskRow, names: Mapping[str, str]) -> Row:
    task = one.ranked.task
    shape, tone = CHIPS[task.kind]
    if one.ranked.chip == worklist.OVERDUE:
        shape, tone = "half", "outline"
    cells, label = days_of(one, book.today)
    phone = one.person.guardian_phone or one.person.phone
    acts = {
        TaskKind.NEW_CASE: "interview",
        TaskKind.POSITIVE: "open",
        TaskKind.CAN_END: "end",
        TaskKind.ENDS_TOMORROW: "end",
    }
    return Row(
        task=one,
        id=f"rad-{task.uid}",
        href=("/indeks/" if one.is_index else "/kontakt/") + one.enrollment.enrollment,
        shape=shape,
        tone=tone,
        role=_("Indeks %(n)s", n=one.case_number)
        if one.is_index
        else _(CATEGORIES.get(one.category, "Nærkontakt")),
        says=_says(one, book.today),
        days=cells,
        days_label=label,
        phone="" if one.person.is_protected else phone,
        act=acts.get(task.kind, "ring"),
        keeper=names.get(one.assigned_user, ""),
    )


def _says(one: TaskRow, today: date) -> str:
    """Why she stands here, and what to know before one rings."""
    parts = [one.ranked.reason]
    if one.person.guardian:
        parts.insert(0, _("Snakk med foresatt: %(name)s.", name=one.person.guardian))
    if one.needs_interpreter:
        parts.append(_("Trenger tolk."))
    if one.event and _may_end(one, today):
        parts.append(_("Isolasjonen kan oppheves: spør om feber."))
    if not (one.person.phone or one.person.guardian_phone):
        parts.append(_("Telefonnummer mangler."))
    return " ".join(parts)


def _may_end(one: TaskRow, today: date) -> bool:
    row = one.measure
    if row is None or row.kind != "ISOLATION" or row.state not in ("CONFIRMED", "DECIDED"):
        return False
    return row.earliest_end is not None and row.earliest_end <= today


def days_of(one: TaskRow, today: date) -> tuple[tuple[str, ...], str]:
    """The measure's days as cells, and «Dag 2 av 10»; nothing without a measure or a last day."""
    row = one.measure
    if row is None:
        return (), ""
    if row.earliest_end is None:
        return (), _("Dag %(n)s", n=(today - row.from_).days) if today > row.from_ else ""
    total, now = (row.earliest_end - row.from_).days, (today - row.from_).days
    if total < 1:
        return (), ""
    tests = {(day - row.from_).days for day in row.test_days}
    cells = tuple(
        "past" if n < now else "today" if n == now else "test" if n in tests else "coming"
        for n in range(1, total + 1)
    )
    if now > total:
        label = _("%(total)s dager gått", total=total)
    elif now < 1:
        label = _("%(total)s dager fra i morgen", total=total)
    else:
        label = _("Dag %(n)s av %(total)s", n=now, total=total)
    return (cells if total <= MOST_CELLS else ()), label


def grouped(rows: tuple[Row, ...]) -> list[Group]:
    """The headings in worklist's order; empty ones are left out."""
    return [
        Group(_(word), found)
        for word in worklist.GROUPS
        if (found := tuple(row for row in rows if row.task.ranked.group == word))
    ]


def first_sentence(rows: tuple[Row, ...]) -> str:
    """Whom to begin with, and why, in one breath; "" when nothing is open."""
    if not rows:
        return ""
    first = rows[0].task
    name, task = first.person.name, first.ranked.task
    she, her = PRONOUNS.get(first.person.sex, ("Personen", "personen"))
    if task.kind is TaskKind.SYMPTOMS:
        return _("Ring %(name)s først. %(she)s meldte symptomer.", name=name, she=she)
    if task.kind is TaskKind.POSITIVE:
        return _("Begynn med %(name)s. Prøven var positiv.", name=name)
    if task.kind is TaskKind.NEW_CASE:
        return _("Ring %(name)s først. Ingen har snakket med %(her)s ennå.", name=name, her=her)
    if task.kind is TaskKind.CAN_END:
        return _("Begynn med %(name)s. Isolasjonen kan oppheves.", name=name)
    if task.kind is TaskKind.ENDS_TOMORROW:
        return _("Ingen skal ringes nå. Noen er ferdige i morgen.")
    if first.ranked.chip == worklist.OVERDUE:
        return _("Ring %(name)s først. %(she)s skulle vært ringt før i dag.", name=name, she=she)
    return _("Ring %(name)s først.", name=name)


def rules_today(book: Book) -> list[tuple[str, str, str]]:
    """(who, the rule in one sentence, its id) of what is in force here now."""
    where = book.where(book.work.reach.working_in or 0)
    found = []
    for topic, line, who in RULE_LINES:
        rule = rulebook.the_rule(book.rules, topic, line, book.now, DISEASE, where)
        if rule is not None:
            found.append((_(who), rule.sentence, rule.id))
    return found


def news(request: Request) -> Response:
    """How much is new since the list was shown: a line above it, so that no row moves under one's hand."""
    tab = _tab(request.query_params.get("vis", ""))
    try:
        since = datetime.fromisoformat(request.query_params.get("siden", ""))
    except ValueError as wrong:
        raise Refused("T010", "siden", "", status=400) from wrong
    with work_of(request, "tasks.news") as work:
        count, _newest = open_work.news(open_book(work), TABS[tab], since)
    return render.part(request, "today/news.html", count=count, tab=tab)


# Who has what -------------------------------------------------------------------------------------------


def take_next(request: Request) -> Response:
    """The next free call becomes mine."""
    with work_of(request, "tasks.take") as work:
        given = calls.take_next(open_book(work))
    if given is None:
        return RedirectResponse(f"{PATH}?vis=mine&beskjed={NONE_LEFT}", 303)
    return RedirectResponse(f"{PATH}?vis=mine&beskjed={TAKEN}#rad-{given[1]}", 303)


def assign(request: Request) -> Response:
    """Give the ticked rows to somebody; a tracer may take them herself."""
    form = request.state.form
    tab = _tab(str(form.get("vis", "")))
    chosen = [str(one).partition(":") for one in form.getlist("valgt")]
    to = str(form.get("til", "")).strip()
    with work_of(request, "tasks.assign") as work:
        book = open_book(work)
        if to != work.reach.user and not work.reach.may("assign"):
            raise Refused("T002", status=403)
        if not chosen or not to:
            return RedirectResponse(f"{PATH}?vis={tab}&beskjed={NONE_CHOSEN}", 303)
        if to != "ingen" and to not in names_of(book):
            raise Refused("T003", status=404)
        pairs = [(enrollment, event) for enrollment, _colon, event in chosen[: tasks.MOST]]
        calls.assign_many(book, pairs, None if to == "ingen" else to)
    return RedirectResponse(f"{PATH}?vis={tab}&beskjed={ASSIGNED}", 303)


def board(request: Request) -> Response:
    """The team's board: what each has open and has done; shows no person who is followed up."""
    with work_of(request, "tasks.board") as work:
        book = open_book(work)
        names = names_of(book)
        loads = {one.who: one for one in open_work.board(book)}
        rows = [
            (name, loads.get(user, open_work.Load(user, 0, 0, 0, 0)))
            for user, name in sorted(names.items(), key=lambda pair: pair[1])
        ]
        gone = [load for who, load in loads.items() if who is not None and who not in names]
        return render.page(
            request,
            "today/board.html",
            menu="i-dag",
            rows=rows,
            free=loads.get(None, open_work.Load(None, 0, 0, 0, 0)),
            gone=gone,
            counts=tasks.counts(book),
        )
