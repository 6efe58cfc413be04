"""What ID-porten remembers and decides: pushed requests, sign-ins, codes, sessions, tokens.

No HTTP and no pages: those are in idporten.py. All state is in memory and gone when the process
ends, as a stand-in's should be. Safe for several threads.
"""

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwt

from sandbox.assertions import Refused, SeenOnce
from sandbox.clients import Client
from sandbox.keys import SigningKeys
from sandbox.people import Person, is_synthetic

LEVELS = ("idporten-loa-substantial", "idporten-loa-high")
REQUEST_SECONDS, CODE_SECONDS, TOKEN_SECONDS = 120, 60, 120
SESSION_IDLE, SESSION_MAX = 30 * 60, 120 * 60


@dataclass(frozen=True)
class AuthorizationRequest:
    """A pushed request after its checks: what the client asked for."""

    client: Client
    redirect_uri: str
    state: str
    nonce: str
    code_challenge: str
    acr: str
    prompt: str
    login_hint: str
    expires: float


@dataclass
class SsoSession:
    """One browser signed in at ID-porten; ends by logout, idleness or age."""

    sid: str
    person: Person
    acr: str
    auth_time: int
    used: float
    clients: dict[str, Client] = field(default_factory=dict)


@dataclass(frozen=True)
class Code:
    """An authorization code: for one client, one address, one verifier, once."""

    request: AuthorizationRequest
    session: SsoSession
    expires: float


@dataclass(frozen=True)
class Draft:
    """An id_token before it is signed, so that a test can offer a bad one."""

    header: dict[str, Any]
    claims: dict[str, Any]


Tamper = Callable[[Draft], str | Draft]


class Provider:
    """One issuer with its people, its clients and its memory.

    `tamper` is None, or a test's way to spoil the next id_tokens: it gets the draft and returns
    another draft (signed as usual) or a finished token. It cannot be reached over HTTP.
    """

    def __init__(
        self,
        issuer: str,
        people: tuple[Person, ...],
        clients: Mapping[str, Client],
        keys: SigningKeys,
    ) -> None:
        self.issuer, self.people, self.clients, self.keys = issuer, people, dict(clients), keys
        self.assertions = SeenOnce()
        self.tamper: Tamper | None = None
        self._requests: dict[str, AuthorizationRequest] = {}
        self._codes: dict[str, Code] = {}
        self._sessions: dict[str, SsoSession] = {}
        self._lock = threading.Lock()

    def person(self, key: str) -> Person | None:
        """The person with that user name or that number."""
        return next(
            (p for p in self.people if key and key in (p.username, p.national_number)), None
        )

    def stranger(self, number: str) -> Person | None:
        """Somebody who is in no list: any synthetic number may sign in, and none that may be real."""
        known = self.person(number)
        return known or (Person(number, number, number) if is_synthetic(number) else None)

    def push(self, client: Client, form: Mapping[str, str]) -> str:
        """The request_uri of a checked authorization request (RFC 9126)."""
        request = checked_request(client, form)
        reference = "urn:ietf:params:oauth:request_uri:" + secrets.token_urlsafe(32)
        with self._lock:
            now = time.time()
            self._requests = {key: r for key, r in self._requests.items() if r.expires > now}
            self._requests[reference] = request
        return reference

    def pushed(self, reference: str, client_id: str) -> AuthorizationRequest | None:
        """The request behind a request_uri, while it lives; used up by `take`."""
        with self._lock:
            request = self._requests.get(reference)
        alive = request is not None and request.expires > time.time()
        return request if alive and request and request.client.client_id == client_id else None

    def take(self, reference: str) -> bool:
        """Whether this caller is the one who uses the request_uri."""
        with self._lock:
            return self._requests.pop(reference, None) is not None

    def sign_in(self, person: Person, acr: str) -> tuple[str, SsoSession]:
        """A new session at ID-porten and the secret its cookie holds."""
        now = time.time()
        session = SsoSession(secrets.token_urlsafe(24), person, acr, int(now), now)
        secret = secrets.token_urlsafe(32)
        with self._lock:
            self._sessions[secret] = session
        return secret, session

    def session(self, secret: str | None) -> SsoSession | None:
        """The live session of a cookie; being asked for keeps it alive."""
        now = time.time()
        with self._lock:
            session = self._sessions.get(secret or "")
            if session is None:
                return None
            if now - session.used > SESSION_IDLE or now - session.auth_time > SESSION_MAX:
                self._sessions.pop(secret or "", None)
                return None
            session.used = now
            return session

    def end_session(self, secret: str | None, sid: str | None = None) -> SsoSession | None:
        """The session that was ended, found by cookie or by sid; None when there was none."""
        with self._lock:
            key = secret if secret in self._sessions else None
            if key is None and sid is not None:
                key = next((k for k, s in self._sessions.items() if s.sid == sid), None)
            return self._sessions.pop(key, None) if key is not None else None

    def code_for(self, request: AuthorizationRequest, session: SsoSession) -> str:
        code = secrets.token_urlsafe(32)
        with self._lock:
            now = time.time()
            self._codes = {key: c for key, c in self._codes.items() if c.expires > now}
            self._codes[code] = Code(request, session, now + CODE_SECONDS)
            session.clients[request.client.client_id] = request.client
        return code

    def exchange(self, client: Client, form: Mapping[str, str]) -> dict[str, Any]:
        """The token answer for a code; the code is used up whatever comes of it."""
        with self._lock:
            code = self._codes.pop(form.get("code", ""), None)
        if code is None or code.expires <= time.time():
            raise Refused("invalid_grant", "The code is unknown, used or expired")
        request = code.request
        if request.client.client_id != client.client_id:
            raise Refused("invalid_grant", "The code belongs to another client")
        if form.get("redirect_uri") != request.redirect_uri:
            raise Refused("invalid_grant", "redirect_uri differs from the one asked for")
        if not verifier_fits(form.get("code_verifier", ""), request.code_challenge):
            raise Refused("invalid_grant", "code_verifier does not fit code_challenge")
        return {
            "access_token": secrets.token_urlsafe(32),
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "scope": "openid profile",
            "id_token": self.id_token(request, code.session),
        }

    def id_token(self, request: AuthorizationRequest, session: SsoSession) -> str:
        now = int(time.time())
        number = session.person.national_number
        pairwise = hashlib.sha256(f"{request.client.client_id} {number}".encode()).digest()
        draft = Draft(
            header={"alg": "RS256", "kid": self.keys.current.kid, "typ": "JWT"},
            claims={
                "iss": self.issuer,
                "sub": base64.urlsafe_b64encode(pairwise).decode().rstrip("="),
                "aud": request.client.client_id,
                "exp": now + TOKEN_SECONDS,
                "iat": now,
                "jti": secrets.token_urlsafe(16),
                "auth_time": session.auth_time,
                "nonce": request.nonce,
                "sid": session.sid,
                "acr": session.acr,
                "amr": ["TestID"],
                "locale": "nb",
                "pid": number,
            },
        )
        if self.tamper is not None:
            spoilt = self.tamper(draft)
            if isinstance(spoilt, str):
                return spoilt
            draft = spoilt
        return jwt.encode(draft.header, draft.claims, self.keys.current, algorithms=["RS256"])

    def logout_token(self, client: Client, session: SsoSession) -> str:
        """A signed notice that a session is over (OpenID Connect Back-Channel Logout)."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": client.client_id,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "jti": secrets.token_urlsafe(16),
            "sid": session.sid,
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        }
        header = {"alg": "RS256", "kid": self.keys.current.kid, "typ": "logout+jwt"}
        return jwt.encode(header, claims, self.keys.current, algorithms=["RS256"])


def checked_request(client: Client, form: Mapping[str, str]) -> AuthorizationRequest:
    """What a client may ask for; Refused with invalid_request says which rule it broke."""

    def need(name: str) -> str:
        value = form.get(name, "")
        if not value:
            raise Refused("invalid_request", f"{name} is required")
        return value

    if need("response_type") != "code":
        raise Refused("unsupported_response_type", "Only response_type=code")
    if need("redirect_uri") not in client.redirect_uris:
        raise Refused("invalid_request", "redirect_uri is not registered")
    if "openid" not in need("scope").split() or not set(form["scope"].split()) <= set(
        client.scopes
    ):
        raise Refused("invalid_scope", "scope must hold openid and nothing unregistered")
    if form.get("code_challenge_method") != "S256" or len(need("code_challenge")) != 43:
        raise Refused("invalid_request", "PKCE with S256 is required")
    if len(need("state")) < 16 or len(need("nonce")) < 16:
        raise Refused("invalid_request", "state and nonce are too short to be random")
    levels = form.get("acr_values", LEVELS[0]).split()
    if not set(levels) <= set(LEVELS):
        raise Refused("invalid_request", "acr_values is unknown")
    return AuthorizationRequest(
        client=client,
        redirect_uri=form["redirect_uri"],
        state=form["state"],
        nonce=form["nonce"],
        code_challenge=form["code_challenge"],
        acr=max(levels, key=LEVELS.index),
        prompt=form.get("prompt", ""),
        login_hint=form.get("login_hint", ""),
        expires=time.time() + REQUEST_SECONDS,
    )


def verifier_fits(verifier: str, challenge: str) -> bool:
    """RFC 7636, S256 only."""
    digest = hashlib.sha256(verifier.encode()).digest()
    made = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return 43 <= len(verifier) <= 128 and secrets.compare_digest(made, challenge)
