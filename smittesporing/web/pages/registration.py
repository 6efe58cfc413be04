"""Registering an index: search first, look up in Folkeregisteret, then the few facts that begin a case.

One form, posted to itself, so that whatever a register or a check answers, nothing typed is lost. A person
who is known is offered, never doubled. Folkeregisteret is asked before the transaction opens. Mounted by
routes.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smittesporing.problems import Refused
from smittesporing.registers import folkeregister, national_number
from smittesporing.registers.folkeregister import Found
from smittesporing.registers.national_number import Kind, NationalNumber
from smittesporing.tracing.casebook import files, register, search
from smittesporing.tracing.casebook.book import Book, open_book
from smittesporing.tracing.casebook.interview import Question
from smittesporing.tracker.records import TrackedEntity
from smittesporing.web.pages import forms, lookup, people, render
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of

WHO = ("ST_GIVEN_NAME", "ST_FAMILY_NAME", "ST_BIRTH_DATE", "ST_AGE", "ST_SEX")
REACH = ("ST_PHONE", "ST_EMAIL", "ST_LANGUAGE")
CHILD = ("ST_GUARDIAN_NAME", "ST_GUARDIAN_PHONE")
OTHER = ("ST_HELP_NUMBER", "ST_OTHER_ID", "ST_OTHER_ID_KIND", "ST_OTHER_ID_COUNTRY")
PROFILE = (*WHO, *REACH, *lookup.LIVES, *CHILD, *OTHER, "ST_PROTECTION")
CASE = ("ST_CASE_STATUS", "ST_SYMPTOMS", "ST_ONSET_DATE", "ST_REPORT_DATE")
TEST = ("ST_TEST_DATE", "ST_TEST_KIND", "ST_TEST_RESULT")
NUMBER = "ST_NATIONAL_ID"
HIDDEN_WHEN_PROTECTED = frozenset((*lookup.LIVES, "ST_WORKPLACE"))


@dataclass(frozen=True)
class Draft:
    """The form as it stands: every value by code, and what is to be told at which field."""

    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[render.Notice, ...] = ()
    choices: tuple[lookup.Choice, ...] = ()
    existing: str = ""
    sure: bool = False


def begin(request: Request) -> Response:
    """The first step: a search. Nobody is registered before one has looked."""
    return render.page(request, "people/new_search.html", menu="personer", asked="")


def take(request: Request) -> Response:
    """The form's steps: begin (from a search or a known person), lookup, save."""
    form = request.state.form
    step = str(form.get("step", "begin"))
    if step == "begin":
        return _begun(request)
    draft = read(form)
    if step == "lookup":
        return _looked_up(request, draft)
    return _saved(request, draft)


def _begun(request: Request) -> Response:
    form = request.state.form
    asked = str(form.get("q", ""))[:100].strip()
    existing = str(form.get("existing", ""))
    parsed = national_number.parse(asked)
    values: dict[str, str] = {}
    if isinstance(parsed, NationalNumber):
        return _looked_up(request, Draft({NUMBER: parsed.digits}))
    digits = "".join(c for c in asked if c.isdigit() or c == "+")
    if asked and not asked.strip("+0123456789 "):
        values["ST_PHONE" if len(digits) <= 13 and len(digits) != 11 else NUMBER] = digits
    elif asked:
        given, _space, family = asked.rpartition(" ")
        values |= {"ST_GIVEN_NAME": given or family, "ST_FAMILY_NAME": family if given else ""}
    with work_of(request, "person.register") as work:
        book = open_book(work)
        if existing:
            person = book.person(existing)
            values = _stored(book, person)
        values.setdefault("ST_REPORT_DATE", book.today.isoformat())
        return _page(request, book, Draft(values, existing=existing))


def _stored(book: Book, person: TrackedEntity) -> dict[str, str]:
    """What is known of her, for the form; a protected address is left out."""
    view = files.person_view(book, person)
    codes = [c for c in PROFILE if not (view.is_protected and c in HIDDEN_WHEN_PROTECTED)]
    return {code: value for code in codes if (value := book.text(person, code))}


def read(form: Mapping[str, Any]) -> Draft:
    """The form as typed, with what is wrong at which field."""
    values = forms.typed(form, (NUMBER, *PROFILE, *CASE, *TEST))
    errors = {}
    for code, chosen in form.items():
        if str(code).startswith("choose_") and chosen == "register":
            name = str(code).removeprefix("choose_")
            if name in lookup.REGISTER:
                values[name] = forms.typed(form, [f"register_{name}"])[f"register_{name}"]
    if values[NUMBER]:
        parsed = national_number.parse(values[NUMBER])
        if isinstance(parsed, NationalNumber):
            values[NUMBER] = parsed.digits
        else:
            errors[NUMBER] = parsed.sentence
    if values["ST_PROTECTION"] in ("CONFIDENTIAL", "STRICT"):
        for code in HIDDEN_WHEN_PROTECTED & values.keys():
            values[code] = ""
    return Draft(
        values, errors, existing=str(form.get("existing", "")), sure=form.get("sure") == "1"
    )


# Folkeregisteret ---------------------------------------------------------------------------------------


def _looked_up(request: Request, draft: Draft) -> Response:
    """Ask the register for the number, and put its answer beside what was typed."""
    parsed = national_number.parse(draft.values.get(NUMBER, ""))
    reply: folkeregister.Answer | None = None
    errors = dict(draft.errors)
    notices: list[render.Notice] = []
    if not isinstance(parsed, NationalNumber):
        errors[NUMBER] = parsed.sentence
    else:
        if parsed.warning:
            notices.append(render.Notice("warning", parsed.warning))
        reply = lookup.ask(request, parsed)
    with work_of(request, "person.lookup") as work:
        book = open_book(work)
        values: dict[str, str] = dict(draft.values)
        choices: tuple[lookup.Choice, ...] = ()
        values.setdefault("ST_REPORT_DATE", book.today.isoformat())
        known = None
        if isinstance(parsed, NationalNumber):
            lookup.from_number(values, parsed)
            known = _known(book, parsed)
            values, choices = lookup.merged(book, values, reply)
        if reply is not None:
            kind = "done" if isinstance(reply, Found) else "warning"
            notices.append(render.Notice(kind, reply.sentence))
        return _page(
            request, book, Draft(values, errors, tuple(notices), choices, draft.existing), known
        )


# Known before ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """Somebody who has this number: a row to open, or only that she is followed up elsewhere."""

    row: people.Row | None
    uid: str = ""


def _known(book: Book, number: NationalNumber) -> Known | None:
    code = "ST_HELP_NUMBER" if number.kind is Kind.HELP else NUMBER
    uid = register.known_as(book, number.digits, code)
    if uid is None:
        return None
    if not register.within_reach(book, uid):
        return Known(None)
    return Known(people.row_of(book, search.listed(book, book.person(uid))), uid)


def _alike(book: Book, values: Mapping[str, str]) -> tuple[people.Row, ...]:
    """People with the same name and birth date or phone: perhaps the same person."""
    words = f"{values.get('ST_GIVEN_NAME', '')} {values.get('ST_FAMILY_NAME', '')}".lower().split()
    if not words:
        return ()
    phone = values.get("ST_PHONE", "").replace(" ", "")
    found = []
    for uid, person in book.people(search.matching(book, words, 20)).items():
        born = book.text(person, "ST_BIRTH_DATE")
        alike = born and born == values.get("ST_BIRTH_DATE")
        if uid and (alike or (phone and book.text(person, "ST_PHONE") == phone)):
            found.append(people.row_of(book, search.listed(book, person)))
    return tuple(found)


# Saving ------------------------------------------------------------------------------------------------


def _saved(request: Request, draft: Draft) -> Response:
    values, errors = dict(draft.values), dict(draft.errors)
    parsed = national_number.parse(values[NUMBER]) if values[NUMBER] else None
    fits = not isinstance(parsed, NationalNumber) or parsed.check_digits_fit
    if isinstance(parsed, NationalNumber):
        lookup.from_number(values, parsed)
    problem: tuple[render.Notice, ...] = ()
    try:
        with work_of(request, "person.register") as work:
            book = open_book(work)
            errors |= _faults(book, values)
            known = _known(book, parsed) if isinstance(parsed, NationalNumber) else None
            alike = () if draft.sure or draft.existing or values[NUMBER] else _alike(book, values)
            elsewhere = known is not None and known.row is None
            if errors or alike or elsewhere:
                told = (
                    (render.Notice("error", _("Se på feltene som er merket.")),) if errors else ()
                )
                checked = Draft(values, errors, told, existing=draft.existing)
                return _page(request, book, checked, known, alike, 422)
            made = _register(book, values, draft.existing or (known.uid if known else ""))
        code = "registrert" if fits else "registrert-sifre"
        return RedirectResponse(f"/indeks/{made}?beskjed={code}", 303)
    except Refused as refusal:
        if refusal.status == 404:
            raise
        if refusal.problem.code == "T101" and refusal.problem.uid:
            return RedirectResponse(f"/indeks/{refusal.problem.uid}?beskjed=finnes", 303)
        problem = (render.Notice("error", refusal.problem.sentence),)
    with work_of(request, "person.register") as work:
        again = Draft(values, errors, problem, existing=draft.existing)
        return _page(request, open_book(work), again, None, (), 409)


render.say("finnes", "info", "Personen er alt registrert som indeks her. Dette er saken.")


def _faults(book: Book, values: Mapping[str, str]) -> dict[str, str]:
    """What must be put right before anything is saved."""
    errors = {}
    if not (values["ST_GIVEN_NAME"] or values["ST_FAMILY_NAME"]):
        errors["ST_GIVEN_NAME"] = _("Skriv navnet, eller det du vet av det.")
    if not (values["ST_BIRTH_DATE"] or values["ST_AGE"] or values[NUMBER]):
        errors["ST_BIRTH_DATE"] = _("Skriv fødselsdato, eller alder hvis datoen er ukjent.")
    for code in ("ST_BIRTH_DATE", "ST_ONSET_DATE", "ST_REPORT_DATE", "ST_TEST_DATE"):
        if values[code] and not forms.is_day(values[code]):
            errors[code] = _("Skriv hele datoen.")
        elif values[code] and date.fromisoformat(values[code]) > book.today:
            errors[code] = _("Dagen har ikke kommet ennå.")
    if values["ST_AGE"] and not (values["ST_AGE"].isdecimal() and int(values["ST_AGE"][:4]) < 130):
        errors["ST_AGE"] = _("Skriv hele år, for eksempel 34.")
    phone = values["ST_PHONE"].replace(" ", "")
    if phone and not (phone.lstrip("+").isdigit() and 5 <= len(phone) <= 16):
        errors["ST_PHONE"] = _("Skriv 8 siffer, eller + og landkode.")
    if values["ST_TEST_DATE"] and not values["ST_TEST_RESULT"]:
        errors["ST_TEST_RESULT"] = _("Velg svaret, eller at det ikke er kommet.")
    if values["ST_TEST_RESULT"] and not values["ST_TEST_DATE"]:
        errors["ST_TEST_DATE"] = _("Skriv dagen prøven ble tatt.")
    return errors


def _register(book: Book, values: Mapping[str, str], existing: str) -> str:
    """The enrollment of the new case, with its first test."""
    profile: dict[str, str | None] = {
        code: values[code] for code in (NUMBER, *PROFILE) if values.get(code)
    }
    if "ST_PHONE" in profile:
        profile["ST_PHONE"] = values["ST_PHONE"].replace(" ", "")
    told: dict[str, str | None] = {code: values[code] for code in CASE if values.get(code)}
    if values.get("ST_ONSET_DATE"):
        told["ST_SYMPTOMS"] = "true"
    told = {code: value for code, value in told.items() if value}
    made = register.register_index(book, profile, told, existing or None)
    if values.get("ST_TEST_DATE"):
        register.add_test(
            book, made.enrollment, {code: values[code] for code in TEST if values.get(code)}
        )
    register.redate(book, made.enrollment)
    return made.enrollment


# Drawing -----------------------------------------------------------------------------------------------


def _page(
    request: Request,
    book: Book,
    draft: Draft,
    known: Known | None = None,
    alike: tuple[people.Row, ...] = (),
    status: int = 200,
) -> Response:
    protected = draft.values.get("ST_PROTECTION", "") in ("CONFIDENTIAL", "STRICT")
    groups = {
        "who": _fields(book, WHO, draft),
        "reach": _fields(book, REACH, draft),
        "lives": () if protected else _fields(book, lookup.LIVES, draft),
        "child": _fields(book, CHILD, draft),
        "other": _fields(book, OTHER, draft),
        "case": _fields(book, CASE, draft),
        "test": _fields(book, TEST, draft),
    }
    return render.page(
        request,
        "people/new.html",
        status=status,
        menu="personer",
        notices=draft.notices,
        draft=draft,
        number=draft.values.get(NUMBER, ""),
        protection=draft.values.get("ST_PROTECTION", ""),
        protected=protected,
        groups=groups,
        known=known,
        alike=alike,
        existing=draft.existing,
        other_open=any(draft.values.get(code) for code in OTHER),
        child_open=any(draft.values.get(code) for code in CHILD),
    )


def _fields(book: Book, codes: tuple[str, ...], draft: Draft) -> tuple[forms.Field, ...]:
    return tuple(_field(book, code, draft) for code in codes)


def _field(book: Book, code: str, draft: Draft) -> forms.Field:
    uid = book.uid(code)
    asked = book.meta.attributes.get(uid) or book.meta.data_elements[uid]
    options = asked.option_set.options if asked.option_set else ()
    question = Question(
        code=code,
        uid=uid,
        name=asked.name,
        ask=asked.form_name,
        help="" if code in ("ST_BIRTH_DATE", "ST_RESIDENCE") else asked.description,
        value_type=asked.value_type,
        options=tuple((one.code, one.name) for one in options),
        several=False,
        value=draft.values.get(code, ""),
        hidden=False,
        required=False,
        warning="",
        on_person=True,
    )
    return forms.field_of(book, question)
