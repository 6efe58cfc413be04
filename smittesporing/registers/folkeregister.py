"""Folkeregisteret and KRR through Fiks: one number in, a person or a plain reason out.

Our meaning of KS' `person/sok`. Nothing is stored here; what is typed in the form stays with the
page whatever the answer is. Called by the pages that register people.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

import msgspec
from joserfc.jwk import RSAKey

from smittesporing.registers.client_key import client_key
from smittesporing.registers.maskinporten import NoToken, Tokens
from smittesporing.registers.transport import Transport, Unreachable
from smittesporing.settings import Missing, Settings

PATH = "/dhis2-konfigurasjon/api/v1/person/sok"
SCOPE = "ks:fiks"
LONGEST = 200


@dataclass(frozen=True)
class Person:
    """What the registers know, in our words. Empty text where they know nothing.

    Shape   `sex` is MALE, FEMALE or UNKNOWN; `phone` has country code when the register has it;
            `postal` is number and place; `kommune` is four digits.
    """

    given_name: str
    family_name: str
    birth_date: date | None
    sex: str
    address: str
    postal: str
    kommune: str
    phone: str
    email: str

    def __repr__(self) -> str:
        return "Person(…)"


@dataclass(frozen=True)
class Found:
    """The person, with address and contact details."""

    person: Person
    sentence: str = "Hentet fra Folkeregisteret."


@dataclass(frozen=True)
class Protected:
    """A person whose address is protected: the name and birth date, the grade, and nothing more.

    `person` has no address, kommune, phone or e-mail: they were dropped before this value was made.
    """

    grade: Literal["CONFIDENTIAL", "STRICT"]
    person: Person

    @property
    def sentence(self) -> str:
        name = "strengt fortrolig" if self.grade == "STRICT" else "fortrolig"
        return (
            f"Personen har {name} adresse. Adresse, kommune og telefon er verken hentet eller "
            "lagret. Spør personen selv hvordan dere skal holde kontakt, og følg rutinen for adressesperre."
        )


@dataclass(frozen=True)
class NotFound:
    """The register knows no such number."""

    sentence: str = (
        "Folkeregisteret har ingen person med dette nummeret. "
        "Se etter skrivefeil, eller fyll ut selv."
    )


@dataclass(frozen=True)
class NoAgreement:
    """The kommune may not use Folkeregisteret yet; contact details from KRR may come."""

    phone: str = ""
    email: str = ""
    sentence: str = (
        "Kommunen har ikke avtale om Fiks folkeregister, så navn og adresse må fylles ut for hånd. "
        "Administratoren i kommunen kan ordne avtalen med KS."
    )

    def __repr__(self) -> str:
        return "NoAgreement(…)"


@dataclass(frozen=True)
class ServiceDown:
    """No usable answer now."""

    sentence: str = (
        "Folkeregisteret svarer ikke akkurat nå. Det du har skrevet, er tatt vare på. "
        "Fyll ut selv, eller prøv igjen om litt."
    )


@dataclass(frozen=True)
class SignInAgain:
    """Access was refused: the sign-in or the service's own access has run out."""

    sentence: str = (
        "Folkeregisteret godtok ikke innloggingen. Logg inn på nytt og prøv igjen. "
        "Det du har skrevet, er tatt vare på."
    )


Answer = Found | Protected | NotFound | NoAgreement | ServiceDown | SignInAgain


class _Reply(msgspec.Struct, frozen=True):
    """The reply as Fiks documents it; a field of another type makes the whole reply unusable."""

    statusFolkeregister: Literal["OK", "FAILED", "NOT_SUPPORTED", "NONE", "UNKNOWN"]
    statusKrr: Literal["OK", "FAILED", "NOT_SUPPORTED", "NONE", "UNKNOWN"] | None = None
    fornavn: str | None = None
    mellomnavn: str | None = None
    etternavn: str | None = None
    fodselsdato: str | None = None
    kjonn: str | None = None
    adresse: str | None = None
    postnummer: str | None = None
    poststed: str | None = None
    kommunenummer: str | None = None
    adressegradering: str | None = None
    epost: str | None = None
    telefonnummer: str | None = None


_DECODER = msgspec.json.Decoder(_Reply)
_OPEN_GRADES = frozenset({"", "ugradert", "klientadresse"})
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+")


class Client:
    """The way to `person/sok`. Safe for several threads; made once at start."""

    def __init__(
        self, transport: Transport, url: str, token_url: str, client_id: str, key: RSAKey
    ) -> None:
        self.transport, self.url = transport, url.rstrip("/") + PATH
        self.tokens = Tokens(transport, token_url, client_id, key, SCOPE)


def from_settings(settings: Settings, transport: Transport | None = None) -> Client:
    """The client that the settings describe; made once per process.

    Errors  settings.Missing when the register's addresses or the key are not given.
    """
    if not settings.register_url or not settings.register_token_url:
        raise Missing("SMITTESPORING_REGISTER_URL and _REGISTER_TOKEN_URL are needed for lookups.")
    return Client(
        transport or Transport(),
        settings.register_url,
        settings.register_token_url,
        settings.client_id,
        client_key(settings.client_key),
    )


def look_up(client: Client, national_number: str, kommune: str) -> Answer:
    """What the registers say about the number, asked on behalf of the kommune.

    Shape   Eleven digits and four digits, without separators.
    Errors  None are raised for what a register does: each case is a value with its sentence.
    """
    question = msgspec.json.encode({"fnr": national_number, "kommunenr": kommune})
    headers = {"content-type": "application/json", "accept": "application/json"}
    try:
        headers["authorization"] = client.tokens.header()
        reply = client.transport.post(client.url, question, headers, repeatable=True)
    except Unreachable:
        return ServiceDown()
    except NoToken:
        return SignInAgain()
    if reply.status in (401, 403):
        client.tokens.forget()
        return SignInAgain()
    if reply.status != 200:
        return ServiceDown()
    try:
        return _meaning(_DECODER.decode(reply.body))
    except (msgspec.MsgspecError, UnicodeError):
        return ServiceDown()


def _meaning(reply: _Reply) -> Answer:
    match reply.statusFolkeregister:
        case "OK":
            return _person(reply)
        case "NONE":
            return NotFound()
        case "NOT_SUPPORTED":
            return NoAgreement(_phone(reply.telefonnummer), _email(reply.epost))
        case _:
            return ServiceDown()


def _person(reply: _Reply) -> Found | Protected:
    """Found, or Protected for every grade that is not known to be open: when in doubt, hide."""
    grade = _clean(reply.adressegradering).lower()
    is_open = grade in _OPEN_GRADES
    person = Person(
        given_name=_clean(f"{reply.fornavn or ''} {reply.mellomnavn or ''}"),
        family_name=_clean(reply.etternavn),
        birth_date=_date(reply.fodselsdato),
        sex={"M": "MALE", "K": "FEMALE"}.get(reply.kjonn or "", "UNKNOWN"),
        address=_clean(reply.adresse) if is_open else "",
        postal=_postal(reply.postnummer, reply.poststed) if is_open else "",
        kommune=_kommune(reply.kommunenummer) if is_open else "",
        phone=_phone(reply.telefonnummer) if is_open else "",
        email=_email(reply.epost) if is_open else "",
    )
    if is_open:
        return Found(person)
    return Protected("CONFIDENTIAL" if grade == "fortrolig" else "STRICT", person)


def _clean(text: str | None) -> str:
    """The text on one line, without control characters, of reasonable length."""
    return " ".join(_UNSEEN.sub(" ", text or "").split())[:LONGEST]


def _postal(number: str | None, place: str | None) -> str:
    """Number and place as one writes them: the register shouts (MO I RANA)."""
    words = _clean(place).lower().split()
    written = " ".join(w if w in ("i", "på", "og") else w.capitalize() for w in words)
    return _clean(f"{number or ''} {written}")


def _date(text: str | None) -> date | None:
    """A ddMMyyyy date."""
    if not text or not re.fullmatch(r"[0-9]{8}", text):
        return None
    try:
        return date(int(text[4:]), int(text[2:4]), int(text[:2]))
    except ValueError:
        return None


def _kommune(text: str | None) -> str:
    return text if text and re.fullmatch(r"[0-9]{4}", text) else ""


def _phone(text: str | None) -> str:
    """Digits, with + in front of a country code; empty for anything else."""
    compact = re.sub(r"[\s\-().]", "", text or "")
    return compact if re.fullmatch(r"\+?[0-9]{5,15}", compact) else ""


def _email(text: str | None) -> str:
    cleaned = _clean(text)
    return cleaned if re.fullmatch(r"[^@\s<>\"]+@[^@\s<>\"]+", cleaned) else ""
