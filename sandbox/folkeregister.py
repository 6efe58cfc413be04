"""Fiks' `person/sok`: one number in, what Folkeregisteret and KRR say out.

Keeps the request and reply of KS' public interface description, with two fields that the register
behind it has and the reply leaves out: `kommunenummer` and `adressegradering`. A protected address is
sent all the same, as the register does to those with a legal basis: hiding it is the client's duty.
"""

import re
import time
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.maskinporten import Maskinporten
from sandbox.people import is_synthetic
from sandbox.register import SET_ASIDE, Case, Register, Resident

PATH = "/dhis2-konfigurasjon/api/v1/person/sok"
SCOPE = "ks:fiks"
SLOW_SECONDS = 20.0


class Folkeregister:
    """The service with its population, the kommuner that lack an agreement, and a switch for 'down'."""

    def __init__(
        self, register: Register, tokens: Maskinporten, without_agreement: frozenset[str]
    ) -> None:
        self.register, self.tokens, self.without_agreement = register, tokens, without_agreement
        self.down = False
        self.slow_seconds = SLOW_SECONDS
        self.asked = 0

    def answer(self, number: str, kommune: str) -> Response:
        """The reply for a checked question."""
        self.asked += 1
        case = SET_ASIDE.get(number)
        if self.down or case is Case.DOWN:
            return error(404, "Tjenesten finnes ikke")
        if case is Case.EXPIRED:
            return error(403, "Ikke tilgang")
        if case is Case.SLOW:
            time.sleep(self.slow_seconds)
        if case is Case.GARBAGE:
            return Response(b"<html>Bad gateway</html>", media_type="application/json")
        resident = self.register.find(number) if is_synthetic(number) else None
        if kommune in self.without_agreement:
            return JSONResponse(empty("NOT_SUPPORTED") | contact(resident))
        if resident is None:
            status = case.value if case in (Case.FAILED, Case.UNKNOWN) else "NONE"
            return JSONResponse(empty(status) | {"statusKrr": "NONE"})
        return JSONResponse(found(resident))


def routes(service: Folkeregister) -> list[Route]:
    """The one address, to be mounted at the root of Fiks."""
    return [Route(PATH, search(service), methods=["POST"])]


def search(service: Folkeregister) -> Callable[[Request], Any]:
    async def read(request: Request) -> Any:
        try:
            return await request.json()
        except ValueError:
            return None

    async def endpoint(request: Request) -> Response:
        if not service.tokens.accepts(request.headers.get("authorization", ""), SCOPE):
            return error(401, "Ikke autentisert")
        body = await read(request)
        number, kommune = (
            (body.get("fnr"), body.get("kommunenr")) if isinstance(body, dict) else (0, 0)
        )
        if not isinstance(number, str) or not re.fullmatch(r"[0-9]{11}", number):
            return error(400, "fnr må ha elleve sifre")
        if not isinstance(kommune, str) or not re.fullmatch(r"[0-9]{4}", kommune):
            return error(400, "kommunenr må ha fire sifre")
        return await run_in_threadpool(service.answer, number, kommune)

    return endpoint


def empty(status: str) -> dict[str, Any]:
    """A reply without a person: every field null, and the register's status."""
    names = ("fornavn", "mellomnavn", "etternavn", "fodselsdato", "kjonn", "adresse", "postnummer")
    rest = ("poststed", "epost", "telefonnummer", "kommunenummer", "adressegradering", "statusKrr")
    return dict.fromkeys((*names, *rest)) | {"statusFolkeregister": status}


def contact(resident: Resident | None) -> dict[str, Any]:
    """KRR's part, which needs no agreement about Folkeregisteret."""
    if resident is None:
        return {"statusKrr": "NONE"}
    return {"epost": resident.email, "telefonnummer": "+47" + resident.phone, "statusKrr": "OK"}


def found(resident: Resident) -> dict[str, Any]:
    return (
        empty("OK")
        | contact(resident)
        | {
            "fornavn": resident.given_name,
            "mellomnavn": resident.middle_name or None,
            "etternavn": resident.family_name,
            "fodselsdato": resident.birth_date.strftime("%d%m%Y"),
            "kjonn": resident.sex,
            "adresse": resident.address,
            "postnummer": resident.postal_code,
            "poststed": resident.postal_place.upper(),
            "kommunenummer": resident.kommune,
            "adressegradering": resident.grade,
        }
    )


def error(status: int, message: str) -> Response:
    return JSONResponse({"status": status, "message": message}, status_code=status)
