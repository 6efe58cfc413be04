"""Signing in and out, and choosing where to work: the pages before all other pages.

Says in plain words what is missing when somebody gets no further, and who can fix it. The checks are
oidc.py's, the rows session.py's, and who may do what is access's. Called through web/routes.py.
"""

import logging
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from psycopg import Rollback
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smittesporing.access import agreements, org_units, users
from smittesporing.access.reach import ROLE_NAMES, Membership, memberships_of, reach_for
from smittesporing.database import Connection
from smittesporing.problems import Refused
from smittesporing.web import oidc, session
from smittesporing.web.id_token import NotSignedIn
from smittesporing.web.pages.render import page, say
from smittesporing.web.pages.words import _
from smittesporing.web.routes import Route

log = logging.getLogger("smittesporing.sign_in")
HOME, ACCESS_PATH, WORK_PATH = "/", "/adgang", "/arbeidssted"
NORDIC = str.maketrans({"æ": "ae", "ø": "o", "å": "a"})
Make = Callable[..., Route]

CODE_WRONG = say(
    "kode-feil", "error", "Koden er ukjent, brukt eller for gammel. Be om en ny og prøv igjen."
)
NAME_MISSING = say("navn-mangler", "error", "Skriv både fornavn og etternavn.")
WORK_CHANGED = say("arbeidssted-byttet", "done", "Du har byttet arbeidssted.")

# One heading and one sentence for each way a sign-in can end without anybody being let in.
REFUSALS: dict[str, tuple[int, str, str]] = {
    "cancelled": (
        200,
        "Du avbrøt innloggingen",
        "Ingenting er endret. Logg inn når du er klar.",
    ),
    "level": (
        403,
        "Du må logge inn med høyt sikkerhetsnivå",
        "Smittesporing har helseopplysninger. Bruk BankID, Buypass eller Commfides, ikke MinID.",
    ),
    "number": (
        403,
        "Innloggingen sa ikke hvem du er",
        "ID-porten ga ikke noe fødselsnummer eller D-nummer som kan brukes her.",
    ),
    "state": (
        400,
        "Innloggingen ble for gammel",
        "Den ble brukt før, tok mer enn ti minutter, eller begynte i en annen nettleser. "
        "Logg inn på nytt.",
    ),
    "token": (
        400,
        "Innloggingen kunne ikke godtas",
        "Svaret fra ID-porten besto ikke kontrollen. Logg inn på nytt. Skjer det igjen, meld fra.",
    ),
    "provider": (
        503,
        "ID-porten svarer ikke akkurat nå",
        "Prøv igjen om litt. De som alt er logget inn, kan arbeide videre.",
    ),
}


@dataclass(frozen=True)
class Place:
    """One kommune (or the country) where she holds a role, and its road into service."""

    name: str
    roles: tuple[str, ...]
    steps: tuple[agreements.Step, ...]


def ROUTES(get: Make, post: Make) -> Iterator[Route]:
    """The addresses of this file. `public`: nobody is signed in yet, or her reach is still missing."""
    yield get("/logg-inn", welcome, "access", "public", "none", "none")
    yield get("/logg-inn/start", sign_in, "access", "public", "none", "none")
    yield get("/logg-inn/tilbake", callback, "access", "public", "self", "change")
    yield post("/logg-ut", sign_out, "access", "public", "self", "change")
    yield get("/logget-ut", signed_out, "access", "public", "none", "none")
    yield get("/logg-ut/front", front_channel, "access", "public", "self", "change")
    yield post("/logg-ut/bak", back_channel, "access", "public", "self", "change")
    yield get(ACCESS_PATH, access, "access", "public", "self", "none")
    yield post(ACCESS_PATH + "/kode", use_code, "access", "public", "self", "change")
    yield get(WORK_PATH, work_places, "access", "signed_in", "self", "none")
    yield post(WORK_PATH, choose_work, "access", "signed_in", "self", "change")


def welcome(request: Request) -> Response:
    """The front door: what this is, and one button."""
    wanted = session.safe_next(request.query_params.get("next", HOME))
    if request.state.reach is not None:
        return to(wanted)
    return page(request, "sign_in/welcome.html", next=wanted)


def sign_in(request: Request) -> Response:
    """Send the browser to ID-porten."""
    try:
        started = party(request).start()
    except NotSignedIn as refusal:
        return refused(request, refusal)
    response = RedirectResponse(started.url, 303)
    wanted = request.query_params.get("next", HOME)
    with session.pool_of(request).connection() as connection:
        session.begin_sign_in(connection, request, response, started, wanted)
    return response


def callback(request: Request) -> Response:
    """Back from ID-porten: let her in, or say why not."""
    answer = dict(request.query_params)
    pool = session.pool_of(request)
    with pool.connection() as connection:
        begun = session.take_sign_in(connection, request, answer.get("state", ""))
    if begun is None:
        return refused(request, NotSignedIn("state", "no such sign-in in this browser"))
    try:
        here = party(request)
        identity = here.finish(answer, begun.state, begun.nonce, begun.verifier)
    except NotSignedIn as refusal:
        return refused(request, refusal)
    settings = session.settings_of(request)
    with pool.connection() as connection:
        user = users.by_national_number(connection, identity.national_number, settings)
        if user is not None and user.disabled:
            return refused(request, NotSignedIn("disabled", "the user is disabled"))
        ready = user is not None and reach_for(connection, user.uid) is not None
        response = to(begun.next if ready else ACCESS_PATH)
        session.start(connection, request, response, identity, here.issuer, user)
    return response


def access(request: Request) -> Response:
    """Why she who signed in gets no further, and who can do something about it."""
    with session.pool_of(request).connection() as connection:
        found = session.of(connection, request)
        if found is None:
            return to(session.SIGN_IN_PATH)
        if found.user is None:
            return page(request, "sign_in/unknown.html", status=403)
        if request.state.reach is not None:
            return to(HOME)
        places = places_of(connection, found.user)
    return page(request, "sign_in/waiting.html", status=403, places=places)


def use_code(request: Request) -> Response:
    """A guest with a one-time code becomes a user with the code's role."""
    form = request.state.form
    first, last = (str(form.get(name, "")).strip()[:100] for name in ("first_name", "surname"))
    settings = session.settings_of(request)
    with session.pool_of(request).connection() as connection:
        found = writing_session(connection, request)
        number = session.guest_number(connection, request, found)
        if number is None:
            return to(ACCESS_PATH)
        if not first or not last:
            return to(f"{ACCESS_PATH}?beskjed={NAME_MISSING}")
        with connection.transaction() as attempt:
            made = users.add(
                connection,
                settings,
                username=free_username(connection, first, last),
                first_name=first,
                surname=last,
                national_number=number,
            )
            spent = users.use_code(connection, str(form.get("code", "")), made.uid)
            if not spent:
                # Leaves the block and takes the half-made user back.
                raise Rollback(attempt)
        if not spent:
            return to(f"{ACCESS_PATH}?beskjed={CODE_WRONG}")
        response = to(HOME)
        session.move(connection, request, response, found, user=made.uid)
    return response


def work_places(request: Request) -> Response:
    """Where she may work, and as what."""
    with session.pool_of(request).connection() as connection:
        choices = choices_of(connection, request.state.reach.memberships)
    return page(request, "sign_in/work.html", choices=choices, reach=request.state.reach)


def choose_work(request: Request) -> Response:
    """Work in another kommune or role, under a new cookie."""
    form = request.state.form
    code, role = str(form.get("kommune", "")), str(form.get("role", ""))
    with session.pool_of(request).connection() as connection:
        found = session.of(connection, request)
        if found is None or found.user is None:
            return to(session.SIGN_IN_PATH)
        unit = org_units.current(connection).by_uid.get(code)
        fits = [
            m
            for m in request.state.reach.memberships
            if unit is not None and m.org_unit == unit.id and m.role == role and m.usable
        ]
        if unit is None or not fits:
            raise Refused("T002", status=403)
        response = to(f"{HOME}?beskjed={WORK_CHANGED}")
        session.move(
            connection, request, response, found, user=found.user, working_in=unit.id, role=role
        )
        org_units.note(connection, found.user, unit.id, "session.work_chosen", {"role": role})
    return response


def sign_out(request: Request) -> Response:
    """End the session here, then the one at ID-porten.

    The browser posts a form to ID-porten, as the id_token in it holds her number and may stand in no
    address. The form sends itself; its button is for browsers without scripts.
    """
    if not session.csrf_ok(request):
        raise Refused("T011", status=403)
    with session.pool_of(request).connection() as connection:
        token = session.end_of_cookie(connection, request, "signed out")
    response: Response = to(oidc.SIGNED_OUT_PATH)
    if token is not None:
        try:
            ending = party(request).end_session(token)
            request.state.reach, request.state.name, request.state.place = None, "", ""
            request.state.csrf = ""
            response = page(request, "sign_in/signing_out.html", ending=ending)
            let_form_leave(request, ending.url)
        except NotSignedIn as refusal:
            log.warning("sign-out: %s", refusal)
    session.drop_cookie(request, response)
    return response


def signed_out(request: Request) -> Response:
    return page(request, "sign_in/signed_out.html")


def front_channel(request: Request) -> Response:
    """ID-porten says, in a hidden frame, that a session is over. Our cookie is not expected."""
    issuer, sid = (request.query_params.get(name, "") for name in ("iss", "sid"))
    if issuer == party(request).issuer and sid:
        with session.pool_of(request).connection() as connection:
            session.end_by_sid(connection, issuer, sid)
    return Response(status_code=200, media_type="text/html")


def back_channel(request: Request) -> Response:
    """ID-porten says, server to server, that a session is over."""
    form = getattr(request.state, "form", None)
    try:
        here = party(request)
        sid = here.ended_by(form.get("logout_token") if form is not None else None)
    except NotSignedIn as refusal:
        log.warning("back-channel logout: %s", refusal)
        return Response(status_code=400)
    with session.pool_of(request).connection() as connection:
        session.end_by_sid(connection, here.issuer, sid)
    return Response(status_code=200)


def party(request: Request) -> oidc.RelyingParty:
    """This process's relying party; made at start by the application, or on first use."""
    state = request.app.state
    if getattr(state, "relying_party", None) is None:
        state.relying_party = oidc.relying_party(session.settings_of(request))
    made: oidc.RelyingParty = state.relying_party
    return made


def refused(request: Request, refusal: NotSignedIn) -> Response:
    """The page for a sign-in that let nobody in. The log gets the reason, never the person."""
    log.warning("sign-in: %s", refusal)
    status, heading, sentence = REFUSALS.get(
        refusal.reason,
        (
            403,
            "Brukeren din er sperret",
            "Spør administratoren i kommunen din om å åpne den igjen.",
        ),
    )
    return page(
        request, "sign_in/refused.html", status=status, heading=_(heading), sentence=_(sentence)
    )


def writing_session(connection: Connection, request: Request) -> session.Session:
    """The session behind a write from one who has no reach yet; refused without our own form's token."""
    found = session.of(connection, request)
    if found is None:
        raise Refused("T001", status=403)
    if not session.csrf_ok(request):
        raise Refused("T011", status=403)
    return found


def places_of(connection: Connection, user: str) -> list[Place]:
    """Every place where she holds a role, with what is missing there."""
    units = org_units.current(connection)
    roles: dict[int, list[str]] = {}
    for membership in memberships_of(connection, user):
        unit = units.by_id[membership.org_unit]
        roles.setdefault(unit.kommune or unit.id, []).append(membership.role)
    return [
        Place(
            units.by_id[place].name,
            tuple(ROLE_NAMES[role] for role in dict.fromkeys(held)),
            tuple(agreements.road(connection, place)),
        )
        for place, held in roles.items()
    ]


def choices_of(
    connection: Connection, memberships: tuple[Membership, ...]
) -> list[dict[str, object]]:
    units = org_units.current(connection)
    return [
        {
            "uid": unit.uid,
            "name": unit.name,
            "role": m.role,
            "word": _(ROLE_NAMES[m.role]),
            "org_unit": m.org_unit,
            "usable": m.usable,
        }
        for m in memberships
        if (unit := units.by_id.get(m.org_unit)) is not None
    ]


def free_username(connection: Connection, first: str, last: str) -> str:
    """`first.last` in lower case, with a number behind when somebody has it."""
    plain = unicodedata.normalize("NFKD", f"{first}.{last}".lower().translate(NORDIC))
    base = re.sub(r"[^a-z0-9.]+", "", plain.encode("ascii", "ignore").decode()) or "bruker"
    name, number = base, 1
    while users.by_username(connection, name) is not None:
        number += 1
        name = f"{base}{number}"
    return name


def let_form_leave(request: Request, url: str) -> None:
    """Let the one form on this page go to the issuer too: app.py writes form-action from this."""
    parts = urlsplit(url)
    request.state.form_action = f"'self' {parts.scheme}://{parts.netloc}"


def to(path: str) -> RedirectResponse:
    return RedirectResponse(path, 303)
