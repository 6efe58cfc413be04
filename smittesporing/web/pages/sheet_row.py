"""One row of the contact sheet as the page shows it: the proposal, why, and who stands by it.

Turns what the casebook answers into words, day cells and markup; decides nothing and stores nothing.
Called by sheet.py for every row of the page and for the one row that was just typed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Protocol

from markupsafe import Markup
from starlette.requests import Request

from smittesporing.access import users
from smittesporing.tracing import follow_up, rulebook
from smittesporing.tracing.casebook import files, judging, sheet
from smittesporing.tracing.casebook.book import Book
from smittesporing.tracing.casebook.files import CaseFile, ExposureView, RoleView
from smittesporing.tracing.casebook.judging import Judged
from smittesporing.tracing.casebook.measure_rows import QUARANTINES, MeasureRow
from smittesporing.tracing.people import Case, Category
from smittesporing.tracing.rule import Rule
from smittesporing.tracing.sentences import Summary
from smittesporing.tracker.records import TrackedEntity
from smittesporing.web.pages import render
from smittesporing.web.pages.timeline import STATUS, TESTS
from smittesporing.web.pages.words import _, day_month, phone

MOST_CELLS = 22
SHAPES = {"HOUSEHOLD": "dot", "OTHER_CLOSE": "half", "NOT_CONTACT": "ring", "UNDECIDED": "ring"}
CATEGORIES = {
    "HOUSEHOLD": "Nærkontakt, samme husstand eller like nær",
    "OTHER_CLOSE": "Øvrig nærkontakt",
    "NOT_CONTACT": "Ikke nærkontakt",
}
WHO_TELLS = {
    "KOMMUNE": "Kommunen",
    "CASE": "Den smittede selv",
    "SCHOOL": "Skolen eller barnehagen",
    "EMPLOYER": "Arbeidsgiveren",
    "ORGANISER": "Arrangøren",
}
HELD = frozenset({"CONFIRMED", "DECIDED", "EXEMPT"})


class Lasting(Protocol):
    """What a day strip needs of a measure, stored or proposed."""

    @property
    def from_(self) -> date: ...
    @property
    def earliest_end(self) -> date | None: ...
    @property
    def test_out(self) -> date | None: ...
    @property
    def test_days(self) -> tuple[date, ...]: ...


@dataclass(frozen=True)
class DayCell:
    """One day of the strip; `state` is zero, past, today, coming or test."""

    number: int
    date: date
    state: str
    note: str = ""


@dataclass(frozen=True)
class Found:
    """A person who was known before: how she was found, and what is registered of her."""

    how: str
    person: files.PersonView
    roles: tuple[RoleView, ...]


@dataclass(frozen=True)
class Row:
    """Everything beside the cells of one row. `view` is None while the row is not saved."""

    view: ExposureView | None
    category: str
    shape: str
    strong: str
    text: str
    more: str
    old: str
    steps: tuple[str, ...]
    missing: tuple[str, ...]
    days: tuple[DayCell, ...]
    rule: Rule | None
    earlier: judging.Earlier | None
    asks: bool
    state: str
    judged_by: str
    judged_at: str
    told_at: str
    tells: str
    found: Found | None = None
    href: str = ""
    categories: Mapping[str, str] = field(default_factory=lambda: CATEGORIES)
    who_tells: Mapping[str, str] = field(default_factory=lambda: WHO_TELLS)

    @property
    def can_confirm(self) -> bool:
        return self.asks and self.category != "UNDECIDED"


def case_steps(name: str, case: Case) -> str:
    """The first step of every reason: who is infected, by which test, since when."""
    told = _("%(name)s er %(status)s smittet.", name=name, status=STATUS[case.status.value])
    more = []
    positive = [test for test in case.tests if test.result.value == "POSITIVE"]
    if positive:
        more.append(f"{TESTS[positive[0].kind.value]} {day_month(positive[0].on)}")
    if case.onset_on:
        more.append(_("symptomstart %(day)s", day=day_month(case.onset_on)))
    return f"{told} {', '.join(more)}.".replace(" .", "") if more else told


def strip(day_0: date | None, measures: Iterable[Lasting], today: date) -> tuple[DayCell, ...]:
    """The days from the last contact to the last day of what lasts longest; () while that is open."""
    running = [one for one in measures if one.earliest_end is not None]
    if day_0 is None or not running:
        return ()
    main = max(running, key=lambda one: (one.test_out is not None, one.earliest_end or day_0))
    end = max(day for one in running for day in (one.earliest_end, *one.test_days) if day)
    if main.test_out is not None and main.earliest_end is not None:
        end = main.earliest_end
    tests = {day for one in running for day in one.test_days}
    cells = []
    for number in range(min((end - day_0).days, MOST_CELLS) + 1):
        day = day_0 + timedelta(number)
        state = "past" if day < today else "coming"
        note = _("test") if day in tests else ""
        if main.test_out is not None and day >= main.test_out and day > today:
            state = "test"
            note = _("test kan avslutte") if day == main.test_out else note
        elif day in tests and day > today:
            state = "test"
        if day == today:
            state = "today"
        elif number == 0:
            state = "zero"
        cells.append(DayCell(number, day, state, note))
    return tuple(cells)


def lines(summary: Summary, judged: Judged) -> tuple[str, str, str]:
    """(strong, text, more) of a verdict."""
    strong = judged.verdict.sentence
    if judged.verdict.category is Category.NOT_CONTACT and ": " in strong:
        strong, _sign, text = strong.partition(": ")
        return f"{strong}.", text[:1].upper() + text[1:], summary.detail
    return strong, summary.headline.removeprefix(strong).strip(), summary.detail


def steps_of(first: str, judged: Judged) -> tuple[str, ...]:
    """How we came to it: the case, the contact, the days; each said once."""
    steps = [first, *judged.verdict.reasons]
    for proposal in judged.proposals[:1]:
        steps += proposal.why
    return tuple(dict.fromkeys(steps))


def missing_of(judged: Judged) -> tuple[str, ...]:
    asked = [*judged.verdict.missing, *(m for p in judged.proposals for m in p.missing)]
    return tuple(dict.fromkeys(asked))


def typed(book: Book, name: str, case: Case, judged: Judged, found: Found | None) -> Row:
    """A row that is not saved: the proposal alone."""
    strong, text, more = lines(judged.summary, judged)
    rules = [p.rule for p in judged.proposals] or [judged.verdict.rule]
    if not judged.verdict.rule and judged.verdict.category is Category.UNDECIDED:
        strong, more = "", ""
        text = _("Forslaget kommer når relasjon og siste kontakt er fylt ut. Tab går videre.")
    day_0 = judged.proposals[0].from_ if judged.proposals else None
    return Row(
        view=None,
        category=judged.verdict.category.value,
        shape=SHAPES[judged.verdict.category.value],
        strong=strong,
        text=text,
        more=more,
        old="",
        steps=steps_of(case_steps(name, case), judged),
        missing=missing_of(judged),
        days=strip(day_0, judged.proposals, book.today),
        rule=rulebook.by_id(book.rules, rules[0]),
        earlier=judged.earlier,
        asks=False,
        state="",
        judged_by="",
        judged_at="",
        told_at="",
        tells="",
        found=found,
    )


def stored(
    book: Book,
    file: CaseFile,
    view: ExposureView,
    person: TrackedEntity,
    known: frozenset[str],
    names: dict[str, str] | None = None,
) -> Row:
    """A saved row: what was confirmed stands; what the facts say now is asked about again."""
    contact = judging.contact_of(book, person)
    state = view.category_state
    kept = Category(view.category) if state in ("OVERRULED", "CONFIRMED") else None
    owner = file.enrollment.owner
    judged = judging.judged(book, file.case, view.exposure, contact, owner, kept)
    strong, text, more = lines(judged.summary, judged)
    held = [m for m in view.measures if m.is_running and m.state in HELD]
    waiting = [m for m in view.measures if m.is_running and m.state == "PROPOSED"]
    first = case_steps(file.person.name, file.case)
    steps = steps_of(first, judged)
    if state == "OVERRULED":
        steps = tuple(dict.fromkeys((first, *view.why, *steps[-1:])))
    rules = [m.rule for m in _main(held if held and not waiting else waiting)]
    rules += [*(p.rule for p in judged.proposals), view.rule or judged.verdict.rule]
    where = book.where(owner)
    teller = follow_up.who_tells(
        judged.verdict.category, book.rules, book.now, file.case.disease, where
    )
    day_0 = view.exposure.last_on or (judged.proposals[0].from_ if judged.proposals else None)
    return Row(
        view=view,
        category=judged.verdict.category.value,
        shape=SHAPES[judged.verdict.category.value],
        strong=strong,
        text=text,
        more=more,
        old=old_words(held, waiting),
        steps=steps,
        missing=missing_of(judged),
        days=() if view.exposure.ongoing else strip(day_0, judged.proposals, book.today),
        rule=rulebook.by_id(book.rules, rules[0]) if rules else None,
        earlier=judged.earlier,
        asks=asks(view),
        state=decided(held) or state,
        judged_by=name_of(book, view.judged_by, {} if names is None else names),
        judged_at=book.text(view.record, "ST_CATEGORY_AT"),
        told_at=view.told_at,
        tells=WHO_TELLS.get(view.who_tells or (teller.value if teller else ""), ""),
        found=Found("", view.contact, files.roles_of(book, person))
        if view.event in known
        else None,
        href=f"/indeks/{file.enrollment.enrollment}/naerkontakter/{view.event}",
    )


def name_of(book: Book, uid: str, names: dict[str, str]) -> str:
    """A user's name, asked for once; `names` is what has been asked before."""
    if uid and uid not in names:
        user = users.by_uid(book.work.conn, uid)
        names[uid] = user.name if user else ""
    return names.get(uid, "")


def decided(held: Iterable[MeasureRow]) -> str:
    """DECIDED or EXEMPT when the kommuneoverlege has the last word on a measure here; else ""."""
    return next((m.state for m in held if m.state in ("EXEMPT", "DECIDED")), "")


def _main(rows: Iterable[MeasureRow]) -> list[MeasureRow]:
    return sorted(rows, key=lambda row: row.kind not in QUARANTINES)


def old_words(held: Iterable[MeasureRow], waiting: Iterable[MeasureRow]) -> str:
    """What was confirmed before the facts changed; "" when nothing was."""
    kinds = {(m.kind, m.scope) for m in waiting}
    for row in _main(held):
        if (row.kind, row.scope) in kinds and row.why:
            return row.why[0]
    return ""


def asks(view: ExposureView) -> bool:
    """Whether somebody has to stand by the row: by the verdict, or by a measure that follows."""
    return view.category_state == "PROPOSED" or any(
        m.is_running and m.state == "PROPOSED" for m in view.measures
    )


def written(book: Book, file: CaseFile) -> list[ExposureView]:
    """The rows in the order in which they were written."""
    return sorted(file.contacts, key=lambda v: v.record.created_at or book.now)


def rows_of(
    book: Book, file: CaseFile, views: Iterable[ExposureView], known: frozenset[str]
) -> list[Row]:
    """These saved rows as the page shows them."""
    views = list(views)
    people = book.people({view.contact.uid for view in views})
    names: dict[str, str] = {}
    return [
        stored(book, file, view, people[view.contact.uid], known, names)
        for view in views
        if view.contact.uid in people
    ]


def summary_of(views: Iterable[ExposureView], known: frozenset[str]) -> str:
    """8 rader: 6 nye · 1 finnes fra før · 1 påbegynt · 0 feil."""
    views = list(views)
    begun = sum(1 for view in views if view.category == "UNDECIDED")
    fresh = len(views) - len(known)
    parts = [
        _("1 ny") if fresh == 1 else _("%(n)s nye", n=fresh),
        _("%(n)s finnes fra før", n=len(known)),
    ]
    if begun:
        parts.append(_("%(n)s påbegynt", n=begun))
    parts.append(_("%(n)s feil", n=0))  # a row with an error is not saved, and says so itself
    word = _("1 rad") if len(views) == 1 else _("%(n)s rader", n=len(views))
    return f"{word}: {' · '.join(parts)}"


def marked(request: Request, row: Row) -> dict[str, Any]:
    """The row's markup as the sheet island takes it: verdict, own, why and notes."""

    def part(name: str) -> Markup:
        # Our own template's text, escaped there.
        return Markup(render.render(request, f"sheet/{name}.html", row=row).strip())  # noqa: S704

    answer: dict[str, Any] = {"verdict": part("verdict"), "own": "", "why": "", "notes": {}}
    if row.strong:
        answer["why"] = part("why")
    if row.view is not None:
        answer["own"] = part("own")
    if row.found is not None or row.view is not None:
        answer["notes"] = {"name": part("found")}
    return answer


def cells_for(request: Request, row: Row) -> dict[str, Any]:
    """A saved row as ui.sheet draws it."""
    assert row.view is not None
    cells = sheet.cells_of(row.view)
    return {
        "id": row.view.event,
        "version": sheet.cells_version(row.view),
        "values": {**cells, "phone": phone(cells["phone"]) if cells["phone"] else ""},
        **marked(request, row),
    }
