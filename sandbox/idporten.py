"""ID-porten's HTTP: discovery, PAR, authorize, token, keys, logout, and the login page.

Keeps the contract that Digitaliseringsdirektoratet documents for ID-porten; the login page itself
is ours and lists synthetic people. Decisions and memory are in provider.py.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx
import jinja2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.assertions import Refused, authenticated
from sandbox.clients import Client
from sandbox.people import Person
from sandbox.provider import LEVELS, AuthorizationRequest, Provider, SsoSession

TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
)
COOKIE = "sandbox_idporten"
NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}


def routes(provider: Provider) -> list[Route]:
    """ID-porten's addresses, to be mounted at the path of its issuer."""
    return [
        Route("/", started_here(provider), methods=["GET"]),
        Route("/.well-known/openid-configuration", discovery(provider), methods=["GET"]),
        Route("/jwks.json", jwks(provider), methods=["GET"]),
        Route("/par", pushed_authorization(provider), methods=["POST"]),
        Route("/authorize", authorize(provider), methods=["GET"]),
        Route("/login", login(provider), methods=["POST"]),
        Route("/token", token(provider), methods=["POST"]),
        Route("/logout", logout(provider), methods=["GET", "POST"]),
    ]


Endpoint = Callable[[Request], object]


def discovery(provider: Provider) -> Endpoint:
    issuer = provider.issuer

    def endpoint(request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": issuer,
                "authorization_endpoint": issuer + "/authorize",
                "pushed_authorization_request_endpoint": issuer + "/par",
                "token_endpoint": issuer + "/token",
                "jwks_uri": issuer + "/jwks.json",
                "end_session_endpoint": issuer + "/logout",
                "response_types_supported": ["code"],
                "response_modes_supported": ["query"],
                "grant_types_supported": ["authorization_code"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
                "token_endpoint_auth_signing_alg_values_supported": ["RS256", "RS384", "RS512"],
                "code_challenge_methods_supported": ["S256"],
                "acr_values_supported": list(LEVELS),
                "prompt_values_supported": ["none", "login"],
                "ui_locales_supported": ["nb"],
                "scopes_supported": ["openid", "profile"],
                "authorization_response_iss_parameter_supported": True,
                "require_pushed_authorization_requests": True,
                "frontchannel_logout_supported": True,
                "frontchannel_logout_session_supported": True,
                "backchannel_logout_supported": True,
                "backchannel_logout_session_supported": True,
            }
        )

    return endpoint


def jwks(provider: Provider) -> Endpoint:
    def endpoint(request: Request) -> Response:
        return JSONResponse(provider.keys.published())

    return endpoint


def pushed_authorization(provider: Provider) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        form = {key: str(value) for key, value in (await request.form()).items()}
        try:
            client = authenticated(form, provider.clients, provider.issuer, provider.assertions)
            if "request_uri" in form:
                raise Refused("invalid_request", "request_uri may not be pushed")
            reference = provider.push(client, form)
        except Refused as refusal:
            return oauth_error(refusal)
        body = {"request_uri": reference, "expires_in": 120}
        return JSONResponse(body, status_code=201, headers=NO_STORE)

    return endpoint


def authorize(provider: Provider) -> Endpoint:
    def endpoint(request: Request) -> Response:
        reference = request.query_params.get("request_uri", "")
        asked = provider.pushed(reference, request.query_params.get("client_id", ""))
        if asked is None:
            return page("error.html", 400, reason="Forespørselen er ukjent, brukt eller utløpt.")
        session = provider.session(request.cookies.get(COOKIE))
        if (
            session
            and asked.prompt != "login"
            and LEVELS.index(session.acr) >= LEVELS.index(asked.acr)
        ):
            return back_to_client(provider, asked, reference, session)
        if asked.prompt == "none":
            provider.take(reference)
            return redirect(asked, {"error": "login_required"}, provider)
        hinted = hinted_login(provider, asked)
        if hinted is not None:
            secret, session = provider.sign_in(*hinted)
            return with_cookie(
                back_to_client(provider, asked, reference, session), secret, provider
            )
        return login_page(provider, asked, reference)

    return endpoint


def login(provider: Provider) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        form = await request.form()
        reference = str(form.get("request_uri", ""))
        asked = provider.pushed(reference, str(form.get("client_id", "")))
        if asked is None:
            return page("error.html", 400, reason="Forespørselen er ukjent, brukt eller utløpt.")
        if form.get("cancel"):
            provider.take(reference)
            return redirect(asked, {"error": "access_denied"}, provider)
        acr = str(form.get("acr", LEVELS[1]))
        if form.get("other"):
            person = provider.stranger(str(form.get("number", "")).strip())
        else:
            person = provider.person(str(form.get("person", "")))
        if person is None or acr not in LEVELS:
            return login_page(provider, asked, reference, missing=True)
        secret, session = provider.sign_in(person, acr)
        return with_cookie(back_to_client(provider, asked, reference, session), secret, provider)

    return endpoint


def token(provider: Provider) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        form = {key: str(value) for key, value in (await request.form()).items()}
        try:
            client = authenticated(form, provider.clients, provider.issuer, provider.assertions)
            if form.get("grant_type") != "authorization_code":
                raise Refused("unsupported_grant_type", "Only authorization_code")
            return JSONResponse(provider.exchange(client, form), headers=NO_STORE)
        except Refused as refusal:
            return oauth_error(refusal)

    return endpoint


def logout(provider: Provider) -> Endpoint:
    """End the session, tell every other client, and send the browser back where it may go."""

    async def endpoint(request: Request) -> Response:
        posted = await request.form() if request.method == "POST" else {}
        asked = {**request.query_params, **{k: str(v) for k, v in posted.items()}}
        hint = verified_hint(provider, asked.get("id_token_hint", ""))
        session = provider.end_session(request.cookies.get(COOKIE), hint.get("sid"))
        caller = provider.clients.get(str(hint.get("aud", "")))
        target = asked.get("post_logout_redirect_uri", "")
        allowed = caller is not None and target in caller.post_logout_redirect_uris
        following = target + query({"state": asked.get("state", "")}) if allowed else ""
        others = [c for c in (session.clients.values() if session else ()) if c is not caller]
        frames = [
            c.frontchannel_logout_uri + query({"iss": provider.issuer, "sid": session.sid})
            for c in others
            if session and c.frontchannel_logout_uri
        ]
        if session:
            tell_by_back_channel(provider, session, others)
        if following and not frames:
            return without_cookie(RedirectResponse(following, 303, NO_STORE))
        return without_cookie(page("logged_out.html", frames=frames, following=following))

    return endpoint


def started_here(provider: Provider) -> Endpoint:
    """The page for one who opens ID-porten itself: who is signed in, and a way out."""

    def endpoint(request: Request) -> Response:
        return page("home.html", session=provider.session(request.cookies.get(COOKIE)))

    return endpoint


def login_page(
    provider: Provider, asked: AuthorizationRequest, reference: str, missing: bool = False
) -> Response:
    groups: dict[str, list[Person]] = {}
    for person in provider.people:
        groups.setdefault(person.group, []).append(person)
    response = page(
        "login.html",
        400 if missing else 200,
        groups=groups,
        reference=reference,
        client_id=asked.client.client_id,
        asked_level=asked.acr,
        missing=missing,
    )
    # Chromium applies form-action to the redirect after the form too.
    address = urlsplit(asked.redirect_uri)
    response.headers["content-security-policy"] += f" {address.scheme}://{address.netloc}"
    return response


def back_to_client(
    provider: Provider, asked: AuthorizationRequest, reference: str, session: SsoSession
) -> Response:
    if not provider.take(reference):
        return page("error.html", 400, reason="Forespørselen er brukt før.")
    return redirect(asked, {"code": provider.code_for(asked, session)}, provider)


def redirect(asked: AuthorizationRequest, answer: dict[str, str], provider: Provider) -> Response:
    answer |= {"state": asked.state, "iss": provider.issuer}
    return RedirectResponse(asked.redirect_uri + query(answer), 303, NO_STORE)


def hinted_login(provider: Provider, asked: AuthorizationRequest) -> tuple[Person, str] | None:
    """The headless sign-in of ID-porten's test environment: login_hint=testid:<pid>_<acr>."""
    kind, _, rest = asked.login_hint.partition(":")
    number, _, acr = rest.partition("_")
    person = provider.person(number) if kind == "testid" and acr in LEVELS else None
    return (person, acr) if person else None


def verified_hint(provider: Provider, hint: str) -> dict[str, str]:
    """The claims of an id_token we signed, expired or not; empty for anything else."""

    def key(guest: object) -> RSAKey:
        found = provider.keys.find(guest.headers().get("kid"))  # type: ignore[attr-defined]
        return found or provider.keys.current

    try:
        return dict(jwt.decode(hint, key, ["RS256"]).claims)
    except (JoseError, ValueError, TypeError):
        return {}


def tell_by_back_channel(provider: Provider, session: SsoSession, clients: list[Client]) -> None:
    """One attempt each, 2 s to connect and 5 s to answer, no retry: as ID-porten does."""

    def send(uri: str, notice: str) -> None:
        try:
            httpx.post(uri, data={"logout_token": notice}, timeout=httpx.Timeout(5, connect=2))
        except httpx.HTTPError:
            return

    for client in clients:
        if client.backchannel_logout_uri:
            notice = provider.logout_token(client, session)
            uri = client.backchannel_logout_uri
            threading.Thread(target=send, args=(uri, notice), daemon=True).start()


def oauth_error(refusal: Refused) -> Response:
    body = {"error": refusal.error, "error_description": refusal.description}
    return JSONResponse(body, status_code=refusal.status, headers=NO_STORE)


def query(values: dict[str, str]) -> str:
    filled = {key: value for key, value in values.items() if value}
    return "?" + urlencode(filled) if filled else ""


def page(template: str, status: int = 200, **values: object) -> HTMLResponse:
    html = TEMPLATES.get_template(template).render(**values)
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; frame-src http: https:; "
        "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    )
    headers = {**NO_STORE, "content-security-policy": policy, "referrer-policy": "no-referrer"}
    return HTMLResponse(html, status, headers | {"x-content-type-options": "nosniff"})


def with_cookie(response: Response, secret: str, provider: Provider) -> Response:
    secure = provider.issuer.startswith("https")
    response.set_cookie(COOKIE, secret, httponly=True, samesite="lax", secure=secure, path="/")
    return response


def without_cookie(response: Response) -> Response:
    response.delete_cookie(COOKIE, path="/")
    return response
