"""Folkeregisteret's answer beside what was typed: empty fields are filled, differences are for the reader.

Asks on behalf of the kommune one works in; keeps nothing. Called by registration.py.
"""

from dataclasses import dataclass
from datetime import date

from starlette.requests import Request

from smittesporing.registers import folkeregister
from smittesporing.registers.folkeregister import Found, NoAgreement, Protected, ServiceDown
from smittesporing.registers.national_number import Kind, NationalNumber
from smittesporing.settings import Missing
from smittesporing.tracing.casebook.book import Book
from smittesporing.web.pages import forms
from smittesporing.web.pages.words import day_year

NUMBER = "ST_NATIONAL_ID"
LIVES = ("ST_ADDRESS", "ST_POSTAL", "ST_RESIDENCE")
REGISTER = {
    "ST_GIVEN_NAME": "given_name",
    "ST_FAMILY_NAME": "family_name",
    "ST_BIRTH_DATE": "birth_date",
    "ST_SEX": "sex",
    "ST_ADDRESS": "address",
    "ST_POSTAL": "postal",
    "ST_RESIDENCE": "kommune",
    "ST_PHONE": "phone",
    "ST_EMAIL": "email",
}


@dataclass(frozen=True)
class Choice:
    """A field where the register says something else than what was typed."""

    code: str
    name: str
    typed: str
    registered: str
    typed_word: str
    registered_word: str


def ask(request: Request, number: NationalNumber) -> folkeregister.Answer | None:
    """The register's answer; None for a felles hjelpenummer, which it does not know."""
    if number.kind is Kind.HELP:
        return None
    client = getattr(request.app.state, "folkeregister", None)
    try:
        if client is None:
            client = folkeregister.from_settings(request.app.state.settings)
            request.app.state.folkeregister = client
    except Missing:
        return ServiceDown()
    working_in = request.state.reach.working_in
    with request.app.state.pool.connection() as connection:
        row = connection.execute(
            "select code from access.org_unit where id = %s", (working_in,)
        ).fetchone()
    return folkeregister.look_up(client, number.digits, str(row["code"]) if row else "")


def from_number(values: dict[str, str], number: NationalNumber) -> None:
    """What the number itself says, where nothing is typed."""
    if number.kind is Kind.HELP:
        values[NUMBER], values["ST_HELP_NUMBER"] = "", number.digits
        return
    values[NUMBER] = number.digits
    if number.birth_date and not values.get("ST_BIRTH_DATE"):
        values["ST_BIRTH_DATE"] = number.birth_date.isoformat()
    if number.sex and not values.get("ST_SEX"):
        values["ST_SEX"] = number.sex


def merged(
    book: Book, typed: dict[str, str], reply: folkeregister.Answer | None
) -> tuple[dict[str, str], tuple[Choice, ...]]:
    """Empty fields are filled; where both say something, the reader chooses."""
    values, choices = dict(typed), []
    told: dict[str, str] = {}
    match reply:
        case Found(person) | Protected(_, person):
            for code, name in REGISTER.items():
                value = getattr(person, name)
                told[code] = value.isoformat() if isinstance(value, date) else str(value or "")
        case NoAgreement(phone, email):
            told = {"ST_PHONE": phone, "ST_EMAIL": email}
    if isinstance(reply, Protected):
        values["ST_PROTECTION"] = reply.grade
        for code in LIVES:
            values[code] = ""
    if told.get("ST_SEX") == "UNKNOWN":
        told.pop("ST_SEX")
    for code, value in told.items():
        mine = values.get(code, "")
        if not value or _same(code, mine, value):
            continue
        if not mine:
            values[code] = value
            continue
        attribute = book.meta.attributes[book.uid(code)]
        choices.append(
            Choice(
                code, attribute.name, mine, value, _word(book, code, mine), _word(book, code, value)
            )
        )
    return values, tuple(choices)


def _same(code: str, mine: str, value: str) -> bool:
    if code == "ST_PHONE":
        return mine.replace(" ", "").removeprefix("+47") == value.removeprefix("+47")
    return mine.casefold() == value.casefold()


def _word(book: Book, code: str, value: str) -> str:
    if code == "ST_BIRTH_DATE" and forms.is_day(value):
        return day_year(value)
    if code in forms.KOMMUNER:
        unit = book.units.by_code.get(value)
        return unit.name if unit else value
    options = book.meta.attributes[book.uid(code)].option_set
    return (options.name_of(value) if options else None) or value
