"""The interview with an index case: questions that keep themselves, tests, and the end of the episode.

Draws what casebook/interview.py says is asked; knows no rule. Mounted by routes.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from smittesporing.access import log
from smittesporing.problems import Refused
from smittesporing.settings import OSLO
from smittesporing.tracing.casebook import episode, interview, register
from smittesporing.tracing.casebook.book import Book, open_book
from smittesporing.tracing.casebook.files import CaseFile
from smittesporing.tracing.casebook.interview import Part, Question
from smittesporing.uid import is_uid
from smittesporing.web.pages import changes, day_by_day, forms, people, render
from smittesporing.web.pages.render import Notice
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of

SAID = {
    "avslutt": render.say("avsluttet", "done", "Saken er avsluttet. Du kan gjenåpne den nederst på siden."),
    "gjenapne": render.say("gjenapnet", "done", "Saken er åpnet igjen."),
    "dod": render.say("dod", "done", "Dødsfallet er registrert, tiltakene er avsluttet og saken lukket."),
    "feil": render.say("feil", "done", "Saken er merket som registrert ved en feil og telles ikke med."),
    "prove": render.say("prove", "done", "Prøven er lagret, og datoene er regnet på nytt."),
    "prove-tilbake": render.say("prove-tilbake", "done", "Prøven er tatt tilbake."),
}  # fmt: skip
render.say("registrert", "done", "Saken er registrert. Begynn intervjuet her.")
render.say(
    "registrert-sifre",
    "warning",
    "Saken er registrert. Kontrollsifrene i fødselsnummeret stemmer ikke: se etter skrivefeil.",
)
TESTS = "ST_INDEX_TEST"
READ_ALOUD = {
    "ST_INDEX_WHO": "Hei, jeg ringer fra smittesporingen i kommunen. Før vi går videre: kan du si "
    "fullt navn og fødselsdato?",
    "ST_INDEX_INTERVIEW_HEALTH": "Nå vil jeg spørre om hvordan du har det, og når du merket noe første gang.",
    "ST_INDEX_INTERVIEW_WHERE": "Tenk på de siste to ukene før du ble syk. Hvor kan du ha blitt smittet?",
    "ST_INDEX_INTERVIEW_OFFICE": "Da er vi ferdige for i dag. Jeg leser opp datoene dine en gang til, og så "
    "avtaler vi når vi ringer neste gang.",
}  # fmt: skip
MOST_BESIDE = 10
COLLEAGUE = timedelta(minutes=15)


@dataclass(frozen=True)
class Section:
    """A part as drawn, with how far one has come: done, begun, empty or missing."""

    part: Part
    fields: tuple[forms.Field, ...]
    state: str
    aloud: str


@dataclass(frozen=True)
class TestRow:
    """A test with its fields."""

    event: str
    fields: tuple[forms.Field, ...]


def show(request: Request) -> Response:
    """The interview."""
    with work_of(request, "case.read") as work:
        book = open_book(work)
        file = interview.case_file(book, request.path_params["enrollment"])
        return _page(request, book, file)


def _page(
    request: Request,
    book: Book,
    file: CaseFile,
    notices: tuple[Notice, ...] = (),
    status: int = 200,
) -> Response:
    parts = interview.parts_of(book, file)
    looks = log.looks(book.work, file.person.uid, 10)
    mine = request.state.reach.name
    return render.page(
        request,
        "index/show.html",
        status=status,
        menu="personer",
        notices=notices,
        file=file,
        tab="intervju",
        tests=[_test_row(book, file, event.event) for event in file.tests],
        new_test=_test_row(book, file, ""),
        by_day=day_by_day.state(book, file, request.query_params.get("dag", "")),
        seen=interview.seen(book, file.person.uid),
        died=episode.death_of(book, file.entity),
        colleagues=sorted({look.name for look in looks
                           if look.name != mine and _is_fresh(look.at)}),
        **_side(book, file, parts),
    )  # fmt: skip


def _is_fresh(at: datetime) -> bool:
    return datetime.now(UTC) - at < COLLEAGUE


def _side(book: Book, file: CaseFile, parts: tuple[Part, ...]) -> dict[str, Any]:
    """What stands at the right: what is missing, what to look over, and the contacts."""
    lacking = interview.lacks_for_msis(file, parts)
    order = ("HOUSEHOLD", "OTHER_CLOSE", "UNDECIDED", "NOT_CONTACT")
    by_weight = sorted(file.contacts, key=lambda view: order.index(view.category))
    return {
        "sections": [_section(book, part, lacking) for part in parts],
        "msis": lacking,
        "weekly": interview.missing(parts, interview.WEEKLY),
        "warnings": [(q.code, q.warning) for p in parts for q in p.questions if q.warning and not q.hidden],
        "contacts": [
            (view, [people.measure_line(book, row) for row in view.measures if row.is_running][:1])
            for view in by_weight[:MOST_BESIDE]
        ],
        "more": len(by_weight) - len(by_weight[:MOST_BESIDE]),
        "untold": sum(1 for view in file.contacts
                      if not view.told_at and view.category in ("HOUSEHOLD", "OTHER_CLOSE")),
    }  # fmt: skip


def _section(book: Book, part: Part, lacking: interview.Missing) -> Section:
    codes = {code for code, _name in lacking.lacking}
    is_lacking = any(one.code in codes for one in part.questions)
    done = part.answered == part.asked
    state = "missing" if is_lacking else "done" if done else "begun" if part.answered else "empty"
    aloud = READ_ALOUD.get(part.code, "")
    return Section(part, forms.fields_of(book, part), state, _(aloud) if aloud else "")


def _test_row(book: Book, file: CaseFile, event: str) -> TestRow:
    record = next((one for one in file.tests if one.event == event), None)
    hidden: frozenset[str] = frozenset()
    if record is not None:
        hidden = interview.said(
            interview.situation(book, file.entity, file.enrollment, record)
        ).hidden
    fields = []
    for one in interview.asked_of(book, TESTS):
        asked = one.element
        value = record.value(asked.uid) if record else ""
        question = Question(
            code=interview.called(asked),
            uid=asked.uid,
            name=asked.name,
            ask=asked.form_name,
            help="",
            value_type=asked.value_type,
            options=tuple((o.code, o.name) for o in asked.option_set.choices(value)) if asked.option_set else (),
            several=False,
            value=value,
            hidden=asked.uid in hidden or (record is None and asked.code == "ST_TEST_VARIANT"),
            required=False,
            warning="",
            on_person=False,
        )  # fmt: skip
        fields.append(replace_control(forms.field_of(book, question)))
    return TestRow(event, tuple(fields))


def replace_control(field: forms.Field) -> forms.Field:
    """Tests stand in one row, so their choices are lists."""
    return replace(field, control="select") if field.control == "buttons" else field


# Answers -----------------------------------------------------------------------------------------------


def answer(request: Request) -> Response:
    """Keep one answer; what the rules now say of the other fields comes back."""
    form = request.state.form
    enrollment = request.path_params["enrollment"]
    codes = [name for name in form if str(name).startswith("ST_") or is_uid(name)]
    if len(codes) != 1:
        return JSONResponse({"error": _("Feltet er ukjent. Last siden på nytt.")}, 422)
    code = str(codes[0])
    value = forms.typed(form, [code])[code]
    try:
        with work_of(request, "interview.answer") as work:
            book = open_book(work)
            person = interview.case_file(book, enrollment).person.uid
            conflict = _conflict(book, person, code, value, str(form.get("version", "")))
            if conflict is not None:
                return conflict
            interview.answer(book, enrollment, code, value)
            file = interview.case_file(book, enrollment)
            return JSONResponse(
                {
                    "version": interview.seen(book, person),
                    "at": _clock(book),
                    "fields": forms.state_of(interview.parts_of(book, file)),
                }
            )
    except Refused as refusal:
        if refusal.status == 404:
            raise
        return JSONResponse({"error": refusal.problem.sentence}, 422)
    except KeyError:
        return JSONResponse({"error": _("Feltet er ukjent. Last siden på nytt.")}, 422)


def _clock(book: Book) -> str:
    return book.now.astimezone(OSLO).strftime("%H.%M")


def _conflict(book: Book, person: str, code: str, value: str, version: str) -> JSONResponse | None:
    """A colleague's newer value of the same field, for the reader to choose."""
    if not version.isascii() or not version.isdigit() or len(version) > 18:
        return None
    theirs = interview.theirs(book, person, book.uid(code), value, int(version))
    if theirs is None:
        return None
    asked = book.meta.attributes.get(book.uid(code)) or book.meta.data_elements.get(book.uid(code))
    if asked is not None and getattr(asked, "confidential", False):
        return None
    word = changes.shown(asked, theirs.value) if asked else theirs.value
    body = {
        "version": theirs.seen,
        "value": theirs.value,
        "word": word or _("ingenting"),
        "by": theirs.by,
    }
    return JSONResponse(body, 409)


def side(request: Request) -> Response:
    """The right-hand column, and the dates of the head, after an answer changed them."""
    with work_of(request, "case.read") as work:
        book = open_book(work)
        file = interview.case_file(book, request.path_params["enrollment"])
        parts = interview.parts_of(book, file)
        return render.part(
            request, "index/after.html", file=file, tab="intervju", **_side(book, file, parts)
        )


# Tests -------------------------------------------------------------------------------------------------


def add_test(request: Request) -> Response:
    """A new test from the form at the foot of the list."""
    form = request.state.form
    return _acted(
        request, "test.add", SAID["prove"],
        lambda book, e: register.add_test(
            book, e, {k: v for k, v in forms.typed(form, _test_fields(book)).items() if v}
        ),
    )  # fmt: skip


def _test_fields(book: Book) -> list[str]:
    return [interview.called(one.element) for one in interview.asked_of(book, TESTS)]


def save_test(request: Request) -> Response:
    """One field of one test, as it is typed."""
    form = request.state.form
    enrollment, event = request.path_params["enrollment"], request.path_params["event"]
    try:
        with work_of(request, "test.change") as work:
            book = open_book(work)
            interview.case_file(book, enrollment)
            values = forms.typed(form, [name for name in _test_fields(book) if name in form])
            episode.save_test(book, enrollment, event, {k: v or None for k, v in values.items()})
            file = interview.case_file(book, enrollment)
            row = _test_row(book, file, event)
            state = {one.name: {"hidden": one.question.hidden} for one in row.fields}
            body = {
                "version": interview.seen(book, file.person.uid),
                "at": _clock(book),
                "fields": state,
            }
            return JSONResponse(body)
    except (Refused, ValueError) as refusal:
        if isinstance(refusal, Refused) and refusal.status == 404:
            raise
        sentence = (
            refusal.problem.sentence if isinstance(refusal, Refused) else _("Skriv hele datoen.")
        )
        return JSONResponse({"error": sentence}, 422)


def take_back_test(request: Request) -> Response:
    event = request.path_params["event"]
    return _acted(
        request, "test.take_back", SAID["prove-tilbake"],
        lambda book, e: episode.take_back_test(book, e, event),
    )  # fmt: skip


# The end of an episode ---------------------------------------------------------------------------------


def act(request: Request) -> Response:
    """Close, reopen, died, registered by mistake."""
    name = request.path_params["act"]
    form = request.state.form
    if name not in ("avslutt", "gjenapne", "dod", "feil"):
        raise Refused("T003", status=404)
    told = str(form.get("ST_DEATH_DATE", ""))

    def do(book: Book, enrollment: str) -> None:
        match name:
            case "avslutt":
                register.set_status(book, enrollment, "COMPLETED")
            case "feil":
                episode.mistake(book, enrollment)
            case "gjenapne":
                episode.undo(book, enrollment)
            case _:
                if not forms.is_day(told) or date.fromisoformat(told) > book.today:
                    raise Refused(
                        "T010", _("Dødsdato"), _("Skriv dagen personen døde."), status=422
                    )
                register.died(book, enrollment, date.fromisoformat(told))

    return _acted(request, f"case.{name}", SAID[name], do)


def _acted(request: Request, action: str, code: str, do: Callable[[Book, str], object]) -> Response:
    """Do it and show the case again; a refusal is told on the page, where what to do is at hand."""
    enrollment = request.path_params["enrollment"]
    try:
        with work_of(request, action) as work:
            book = open_book(work)
            interview.case_file(book, enrollment)
            do(book, enrollment)
        return RedirectResponse(f"/indeks/{enrollment}?beskjed={code}", 303)
    except Refused as refusal:
        if refusal.status == 404:
            raise
        told = Notice("error", refusal.problem.sentence)
        status = refusal.status
    with work_of(request, "case.read") as work:
        book = open_book(work)
        return _page(request, book, interview.case_file(book, enrollment), (told,), status)
