"""People: the list, the search and the file of one person.

The file gathers every role she has had and what holds for her now; lists are views of it. Registers
nobody (registration.py) and judges nothing. Mounted by routes.py.
"""

from dataclasses import dataclass
from datetime import date

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smittesporing.access import log
from smittesporing.problems import Refused
from smittesporing.tracing.casebook import facts, files, measure_rows, search
from smittesporing.tracing.casebook.book import Book, open_book, oslo_day
from smittesporing.tracing.casebook.files import CallView, RoleView
from smittesporing.tracing.casebook.measure_rows import MeasureRow
from smittesporing.tracing.casebook.search import Listed
from smittesporing.tracker.records import Enrollment, TrackedEntity
from smittesporing.web.pages import changes, render, timeline
from smittesporing.web.pages.words import _, day_month, day_named, day_year, listed
from smittesporing.web.working import work_of

FILTERS = (
    ("", "Alle", "", ""),
    ("indekser", "Indekser", "INDEX", "ACTIVE"),
    ("naerkontakter", "Nærkontakter", "CONTACT", "ACTIVE"),
    ("avsluttet", "Avsluttet", "", "COMPLETED"),
)


# The list and the search ---------------------------------------------------------------------------------


def show(request: Request) -> Response:
    """The newest people of one's kommune, by role."""
    chosen = request.query_params.get("vis", "")
    page = _page(request.query_params.get("side", "1"))
    role, status = next(((r, s) for key, _w, r, s in FILTERS if key == chosen), ("", ""))
    with work_of(request, "person.list") as work:
        book = open_book(work)
        rows, total = search.recent(book, role, status, page)
        return render.page(
            request,
            "people/list.html",
            menu="personer",
            rows=[row_of(book, one) for one in rows],
            total=total,
            side=page,
            pages=max(1, -(-total // search.PAGE)),
            filters=[{"word": _(word), "href": "/personer" + (f"?vis={key}" if key else ""),
                      "current": key == chosen} for key, word, _r, _s in FILTERS],
            chosen=chosen,
        )  # fmt: skip


def _page(text: str) -> int:
    small = text.isascii() and text.isdigit() and len(text) < 6
    return min(max(int(text), 1), 10_000) if small else 1


def find(request: Request) -> Response:
    """Whom the text means. Posted, so that no number or name stands in an address (decision 2)."""
    form = getattr(request.state, "form", None)
    asked = str((form or request.query_params).get("q", ""))[:200].strip()
    if not asked:
        if request.url.path == "/sok":
            return render.page(
                request, "people/search.html", menu="personer", asked="", found=None, rows=()
            )
        return RedirectResponse("/personer", 303)
    with work_of(request, "person.search") as work:
        book = open_book(work)
        found = search.find(book, asked)
        return render.page(
            request,
            "people/search.html",
            menu="personer",
            asked=asked,
            found=found,
            rows=[row_of(book, one) for one in found.hits],
        )


@dataclass(frozen=True)
class Row:
    """One line of a list."""

    person: files.PersonView
    roles: tuple[RoleView, ...]
    now: tuple[str, ...]
    place: str
    href: str


def row_of(book: Book, one: Listed) -> Row:
    first = one.roles[0] if one.roles else None
    return Row(
        person=one.person,
        roles=one.roles,
        now=tuple(measure_line(book, row) for row in one.measures[:2]),
        place=unit_name(book, first.owner) if first else "",
        href=f"/personer/{one.person.uid}",
    )


def unit_name(book: Book, owner: int) -> str:
    """The name of the org unit that follows somebody up."""
    unit = book.units.by_id.get(owner)
    return unit.name if unit else ""


def named(book: Book, code: str, value: str) -> str:
    """The name of an option as people read it; the code when it has none."""
    element = book.meta.data_elements.get(book.uid(code))
    options = element.option_set if element else None
    return (options.name_of(value) if options else None) or value


def measure_line(book: Book, row: MeasureRow) -> str:
    """What a measure means for the person, on one line."""
    name = named(book, "ST_MEASURE_KIND", row.kind)
    if row.state == "EXEMPT":
        return _("Fritatt: %(what)s", what=name)
    if row.kind in ("DUTY_TO_TEST", "ADVICE_TO_TEST"):
        line = f"{name} {listed([day_month(day) for day in row.test_days])}".strip()
    elif row.kind == "ISOLATION" and row.earliest_end:
        line = name + " " + _("tidligst til og med %(day)s", day=day_named(row.earliest_end))
    elif row.earliest_end:
        line = name + " " + _("til og med %(day)s", day=day_named(row.earliest_end))
    else:
        line = name + ", " + _("sluttdato settes senere")
    return line + (" (" + _("forslag") + ")" if row.state == "PROPOSED" else "")


# The file ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RoleCard:
    """One role with what belongs to it."""

    role: RoleView
    href: str
    place: str
    measures: tuple[MeasureRow, ...]
    lines: tuple[str, ...]
    tests: tuple[str, ...]
    calls: tuple[CallView, ...]


@dataclass(frozen=True)
class Line:
    """One exposure of hers to an index, or of a contact to her."""

    name: str
    href: str
    words: str
    category: str
    day: date | None


@dataclass(frozen=True)
class Moment:
    """Something on the strip of days."""

    on: date
    kind: str
    words: str


def file(request: Request) -> Response:
    """Everything about one person within one's reach."""
    with work_of(request, "person.read") as work:
        book = open_book(work)
        entity = book.person(request.path_params["tracked_entity"])
        if entity.type != book.uid("ST_PERSON"):
            raise Refused("T003", status=404)
        person = files.person_view(book, entity)
        cards = tuple(_card(book, entity, role) for role in files.roles_of(book, entity))
        links = facts.source_cases(book, entity)
        made = facts_links(book, entity)
        others = book.people({uid for uid, _case in links.values()} | set(made.values()))
        return render.page(
            request,
            "people/file.html",
            menu="personer",
            person=person,
            details=_details(book, entity, person),
            cards=cards,
            now=[measure_line(book, row) for row in search.running(book, entity)],
            running=search.running(book, entity),
            exposed_to=_exposures(book, entity, links, others),
            exposed=_exposed(book, made, others),
            moments=_moments(book, entity),
            changes=changes.of_person(book, entity, limit=15),
            looks=changes.looked(book, log.looks(work, entity.tracked_entity, 200)),
            timeline=timeline,
        )


def facts_links(book: Book, entity: TrackedEntity) -> dict[str, str]:
    """exposure event → contact, over all the episodes in which she was the index."""
    found: dict[str, str] = {}
    for one in entity.in_program(book.uid("ST_INDEX")):
        found |= facts.exposed_by(book, entity, one.enrollment)
    return found


def _card(book: Book, entity: TrackedEntity, role: RoleView) -> RoleCard:
    one = role.enrollment
    is_index = role.program == "INDEX"
    rows = measure_rows.rows_of(book, one)
    stage = "ST_INDEX_FOLLOW_UP" if is_index else "ST_CONTACT_FOLLOW_UP"
    calls = tuple(files.call_view(book, event) for event in book.stage(one, stage))
    return RoleCard(
        role=role,
        href=("/indeks/" if is_index else "/kontakt/") + one.enrollment,
        place=unit_name(book, role.owner),
        measures=rows,
        lines=tuple(measure_line(book, row) for row in rows if row.state != "LAPSED"),
        tests=tuple(timeline.test_words(test) for test in facts.tests_of(book, one)),
        calls=calls,
    )


def _details(book: Book, entity: TrackedEntity, person: files.PersonView) -> list[tuple[str, str]]:
    """What is known of her, as pairs; protected addresses are left out whatever is stored."""
    shown = [
        "ST_BIRTH_DATE",
        "ST_SEX",
        "ST_LANGUAGE",
        "ST_EMAIL",
        "ST_OCCUPATION",
        "ST_BIRTH_COUNTRY",
    ]
    if not person.is_protected:
        shown[3:3] = ["ST_ADDRESS", "ST_POSTAL", "ST_WORKPLACE"]
    shown += ["ST_HELP_NUMBER", "ST_OTHER_ID", "ST_GUARDIAN_NAME", "ST_GUARDIAN_PHONE"]
    pairs = []
    for code in shown:
        value = book.text(entity, code)
        attribute = book.meta.attributes.get(book.uid(code))
        if value and attribute:
            options = attribute.option_set
            word = (options.name_of(value) if options else None) or value
            if attribute.value_type == "DATE":
                word = day_year(value)
            pairs.append((attribute.name, word))
    return pairs


def _exposures(
    book: Book,
    entity: TrackedEntity,
    links: dict[str, tuple[str, str]],
    others: dict[str, TrackedEntity],
) -> list[Line]:
    """Whom she may have been infected by."""
    lines = []
    for one in entity.in_program(book.uid("ST_CONTACT")):
        for event in facts.exposures_of(book, one):
            source, case = links.get(event.event, ("", ""))
            known = others.get(source)
            name = files.person_view(book, known).name if known else _("en annen kommunes indeks")
            lines.append(
                Line(
                    name=name if source else _("en hendelse eller ukjent kilde"),
                    href=f"/indeks/{case}" if known else "",
                    words=named(book, "ST_RELATION", book.text(event, "ST_RELATION")),
                    category=book.text(event, "ST_CATEGORY") or "UNDECIDED",
                    day=book.day(event, "ST_LAST_CONTACT") or oslo_day(event.occurred_at),
                )
            )
    return lines


def _exposed(book: Book, made: dict[str, str], others: dict[str, TrackedEntity]) -> list[Line]:
    """Whom she may have infected."""
    lines = []
    for uid, contact in made.items():
        known = others.get(contact)
        if known is None:
            continue
        for one in known.in_program(book.uid("ST_CONTACT")):
            for event in facts.exposures_of(book, one):
                if event.event == uid:
                    lines.append(
                        Line(
                            name=files.person_view(book, known).name,
                            href=f"/kontakt/{one.enrollment}",
                            words=named(book, "ST_RELATION", book.text(event, "ST_RELATION")),
                            category=book.text(event, "ST_CATEGORY") or "UNDECIDED",
                            day=book.day(event, "ST_LAST_CONTACT") or oslo_day(event.occurred_at),
                        )
                    )
    return sorted(lines, key=lambda line: line.name)


def _moments(book: Book, entity: TrackedEntity) -> list[Moment]:
    """What happened on which day, newest first: onset, tests, calls, measures."""
    found: list[Moment] = []
    for one in entity.enrollments:
        if not one.deleted:
            found += _of_role(book, one)
    return sorted(found, key=lambda moment: moment.on, reverse=True)[:40]


def _of_role(book: Book, one: Enrollment) -> list[Moment]:
    found = []
    onset = book.day(facts.interview_of(book, one), "ST_ONSET_DATE")
    if onset:
        found.append(Moment(onset, "triangle", _("Symptomstart")))
    for test in facts.tests_of(book, one):
        found.append(Moment(test.on, "diamond", timeline.test_words(test)))
    for row in measure_rows.rows_of(book, one):
        if row.state in ("CONFIRMED", "DECIDED", "ENDED"):
            name = named(book, "ST_MEASURE_KIND", row.kind)
            found.append(Moment(row.from_, "square", _("%(what)s begynner", what=name)))
            if row.ended_on:
                found.append(Moment(row.ended_on, "check", _("%(what)s avsluttet", what=name)))
    for code in ("ST_INDEX_FOLLOW_UP", "ST_CONTACT_FOLLOW_UP"):
        for event in book.stage(one, code):
            made = oslo_day(event.occurred_at)
            outcome = book.text(event, "ST_CALL_OUTCOME")
            health = book.text(event, "ST_HEALTH_STATUS")
            if made and (outcome or health):
                parts = [named(book, "ST_CALL_OUTCOME", outcome) if outcome else "",
                         named(book, "ST_HEALTH_STATUS", health) if health else ""]  # fmt: skip
                words = _("Samtale") + ": " + ", ".join(part for part in parts if part)
                found.append(Moment(made, "bubble", words))
    return found
