"""The log of a call: the form in the list and on a person's pages, what is kept, and taking it back.

`form_for` makes the values of templates/today/call_form.html for any page that includes it. Asked for by
htmx it answers pieces; without a script the same addresses are whole pages. Mounted by routes.py.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smittesporing.problems import Refused
from smittesporing.tracing.casebook import calls, files, interview, tasks
from smittesporing.tracing.casebook.book import Book, as_day, open_book, oslo_day
from smittesporing.tracing.casebook.files import PersonView
from smittesporing.tracker.records import Enrollment, TrackedEntity
from smittesporing.web.pages import changes, forms, render, today
from smittesporing.web.pages.words import _, day_named
from smittesporing.web.working import work_of

LOGGED = render.say("samtale-lagret", "done", _("Samtalen er lagret."))
POSTPONED = render.say("samtale-utsatt", "done", _("Samtalen er utsatt."))
UNDONE = render.say(
    "samtale-angret", "done", _("Samtalen er tatt tilbake. Personen skal ringes igjen.")
)

OUTCOMES = ("REACHED", "NO_ANSWER", "LEFT_MESSAGE", "WRONG_NUMBER")
# Which field a problem stands at, by what the problem is about.
FIELDS = {
    "Hva skjedde?": "ST_CALL_OUTCOME",
    "Neste samtale": "next_on",
    "Hvorfor?": "reason",
    "Til når?": "to",
}
REASONS = ("Personen ba om det", "Trenger tolk", "Venter på prøvesvar", "Rekker det ikke i dag")


@dataclass(frozen=True)
class CallForm:
    """Everything that call_form.html needs. `values` and `errors` are by field name."""

    enrollment: str
    planned: str
    is_index: bool
    place: str  # "i-dag" or "sak": where one came from
    tab: str
    person: PersonView
    number: str
    outcomes: tuple[tuple[str, str], ...]
    healths: tuple[tuple[str, str], ...]
    next_planned: date | None
    today: date
    postponing: bool = False
    further: tuple[forms.Field, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def back(self) -> str:
        if self.place == "i-dag":
            return f"{today.PATH}?vis={self.tab}#rad-{self.planned}"
        return (
            f"/indeks/{self.enrollment}/oppfolging"
            if self.is_index
            else f"/kontakt/{self.enrollment}"
        )

    @property
    def slot(self) -> str:
        """The id of the place that the form stands in."""
        return f"samtale-{self.planned or self.enrollment}"

    @property
    def tomorrow(self) -> date:
        return self.today + timedelta(days=1)


def form_for(
    book: Book,
    entity: TrackedEntity,
    record: Enrollment,
    *,
    planned: str = "",
    place: str = "sak",
    tab: str = "mine",
    postponing: bool = False,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> CallForm:
    """The form for this person's next call; without `planned` the call that is due first."""
    due = calls.due_of(book, record)
    if not planned and due:
        planned = due[0].event
    person = files.person_view(book, entity)
    coming = [
        day
        for one in record.events
        if one.status in tasks.PLANNED and not one.deleted
        and (day := oslo_day(one.scheduled_at)) and day > book.today
    ]  # fmt: skip
    is_index = record.program == book.uid("ST_INDEX")
    return CallForm(
        enrollment=record.enrollment,
        planned=planned,
        is_index=is_index,
        place=place,
        tab=tab,
        person=person,
        number=person.guardian_phone or person.phone,
        outcomes=tuple((code, _option(book, "ST_CALL_OUTCOME", code)) for code in OUTCOMES),
        healths=_options(book, "ST_HEALTH_STATUS"),
        next_planned=min(coming, default=None),
        today=book.today,
        postponing=postponing,
        further=tuple(
            forms.field_of(book, replace(one, value=(values or {}).get(one.code, "")))
            for one in further_of(book, entity, record)
        ),
        values=defaultdict(str, values or {}),
        errors=defaultdict(str, errors or {}),
    )


def further_of(
    book: Book, entity: TrackedEntity, record: Enrollment
) -> tuple[interview.Question, ...]:
    """The questions that were added to the form of a call."""
    return interview.further(book, entity, record, calls.stage_of(book, record), calls.CODES)


def answered_further(book: Book, record: Enrollment, call: str) -> list[tuple[str, str]]:
    """What was answered in a call to questions that were added: each question's name and the answer."""
    event = next((one for one in record.events if one.event == call), None)
    return changes.answered(book, event, calls.CODES) if event else []


def _options(book: Book, code: str) -> tuple[tuple[str, str], ...]:
    options = book.meta.data_elements[book.uid(code)].option_set
    return tuple((one.code, one.name) for one in options.options) if options else ()


def _option(book: Book, code: str, value: str) -> str:
    options = book.meta.data_elements[book.uid(code)].option_set
    return (options.name_of(value) if options else None) or value


# Pages and pieces -----------------------------------------------------------------------------------------


def show(request: Request) -> Response:
    """The form: a piece in the list's row, or a page of its own."""
    asked = request.query_params
    if _by_htmx(request) and "lukk" in asked:
        return render.part(request, "today/nothing.html")
    with work_of(request, "call.read") as work:
        book = open_book(work)
        form = _form(request, book, asked)
        return _answer(request, form)


def _form(
    request: Request,
    book: Book,
    asked: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
) -> CallForm:
    enrollment = request.path_params["enrollment"]
    entity = book.person(files.entity_of(book, enrollment))
    return form_for(
        book,
        entity,
        files.enrollment_of(entity, enrollment),
        planned=asked.get("planlagt", ""),
        place="i-dag" if asked.get("fra") == "i-dag" else "sak",
        tab=asked["vis"] if asked.get("vis") in today.TABS else "mine",
        postponing="utsett" in asked,
        values={name: str(value) for name, value in asked.items()} if errors else {},
        errors=errors,
    )


def _answer(request: Request, form: CallForm) -> Response:
    if _by_htmx(request):
        answer = render.part(request, "today/call_form.html", call=form)
        if form.errors:
            answer.headers["HX-Retarget"] = f"#{form.slot}"
            answer.headers["HX-Reswap"] = "innerHTML"
        return answer
    status = 400 if form.errors else 200
    return render.page(request, "today/call.html", menu="i-dag", call=form, status=status)


def _by_htmx(request: Request) -> bool:
    return request.headers.get("hx-request") == "true"


def log(request: Request) -> Response:
    """Keep the answer: a folded line for the list, or back to where one came from."""
    form = request.state.form
    typed = {str(name): ",".join(map(str, form.getlist(name))).strip() for name in form}
    enrollment = request.path_params["enrollment"]
    with work_of(request, "call.log") as work:
        book = open_book(work)
        entity = book.person(files.entity_of(book, enrollment))
        more = further_of(book, entity, files.enrollment_of(entity, enrollment))
        next_on = as_day(typed.get("next_on", ""))
        try:
            if typed.get("next_on") and next_on is None:
                raise Refused(
                    "T010", "Neste samtale", _("Velg en dag, eller la feltet stå tomt."), status=400
                )
            with work.conn.transaction():
                made = calls.log_call(
                    book,
                    enrollment,
                    _told(typed, [one.code for one in more]),
                    planned=typed.get("planlagt", ""),
                    next_on=next_on,
                )
        except Refused as refusal:
            return _again(request, book, typed, refusal)
        words = _outcome_words(book, typed)
        return _done(request, book, typed, made, words, LOGGED)


def postpone(request: Request) -> Response:
    """Another day, with the reason."""
    form = request.state.form
    typed = {str(name): str(value).strip() for name, value in form.items()} | {"utsett": "1"}
    enrollment = request.path_params["enrollment"]
    with work_of(request, "call.postpone") as work:
        book = open_book(work)
        to = as_day(typed.get("to", ""))
        try:
            if to is None:
                raise Refused("T010", "Til når?", "Velg en dag.", status=400)
            with work.conn.transaction():
                made = calls.postpone(
                    book,
                    enrollment,
                    typed.get("planlagt", ""),
                    to,
                    typed.get("reason", ""),
                )
        except Refused as refusal:
            return _again(request, book, typed, refusal)
        words = _("Utsatt til %(day)s", day=day_named(to))
        return _done(request, book, typed, made, words, POSTPONED)


def _told(typed: Mapping[str, str], further: Iterable[str]) -> dict[str, str | None]:
    """What was answered: of her health, and what was added, only when somebody was talked with."""
    outcome = typed.get("ST_CALL_OUTCOME", "")
    if outcome not in OUTCOMES:
        outcome = ""
    told: dict[str, str | None] = {
        "ST_CALL_OUTCOME": outcome,
        "ST_CALL_NOTE": typed.get("ST_CALL_NOTE"),
    }
    if outcome == "REACHED":
        health = typed.get("ST_HEALTH_STATUS", "")
        told["ST_HEALTH_STATUS"] = health
        shown = {
            "ST_ONSET_DATE": health in ("SYMPTOMS", "FEVER"),
            "ST_FEVER_FREE_SINCE": health not in ("FEVER", "DEAD"),
            "ST_HOSPITAL": health in ("HOSPITAL", "NURSING_HOME"),
            "ST_DEATH_DATE": health == "DEAD",
        }
        told |= {code: typed.get(code) for code, show in shown.items() if show}
        told |= {code: typed.get(code) for code in further}
    return told


def _outcome_words(book: Book, typed: Mapping[str, str]) -> str:
    parts = [_option(book, "ST_CALL_OUTCOME", typed.get("ST_CALL_OUTCOME", ""))]
    if typed.get("ST_CALL_OUTCOME") == "REACHED" and typed.get("ST_HEALTH_STATUS"):
        parts.append(_option(book, "ST_HEALTH_STATUS", typed["ST_HEALTH_STATUS"]).lower())
    return ", ".join(parts)


def _again(request: Request, book: Book, typed: Mapping[str, str], refusal: Refused) -> Response:
    """The form with the problem at its field and everything typed kept; other refusals go on."""
    problem = refusal.problem
    about = problem.args[0] if problem.args else ""
    if problem.code == "T010" and about in FIELDS:
        errors = {FIELDS[about]: problem.args[1]}
    elif problem.code in ("T007", "T003", "T002", "T001"):
        raise refusal
    else:
        errors = {"": problem.sentence}
    return _answer(request, _form(request, book, typed, errors))


def _done(
    request: Request, book: Book, typed: Mapping[str, str], made: str, words: str, code: str
) -> Response:
    form = _form(request, book, typed)
    if not _by_htmx(request) or form.place != "i-dag":
        where, _mark, _row = form.back.partition("#")
        joined = "&" if "?" in where else "?"
        return RedirectResponse(f"{where}{joined}beskjed={code}", 303)
    return render.part(
        request,
        "today/done.html",
        call=form,
        made=made,
        words=words,
        id=f"rad-{typed.get('planlagt', '')}",
        left=typed.get("ST_CALL_OUTCOME") in tasks.UNREACHED,
        **today.shift(book, form.tab),
    )


def undo(request: Request) -> Response:
    """Take the call back; the line unfolds."""
    typed = {str(name): str(value) for name, value in request.state.form.items()}
    enrollment = request.path_params["enrollment"]
    with work_of(request, "call.undo") as work:
        book = open_book(work)
        again = calls.undo_call(book, enrollment, typed.get("samtale", ""))
        form = _form(request, book, typed)
        if not _by_htmx(request):
            return RedirectResponse(f"{today.PATH}?vis={form.tab}&beskjed={UNDONE}", 303)
        row = tasks.row_of(book, enrollment, again) if again else None
        return render.part(
            request,
            "today/undone.html",
            row=today.row_of(book, row, today.names_of(book)) if row else None,
            me=work.reach.user,
            can_assign=work.reach.may("assign"),
            **today.shift(book, form.tab),
        )
