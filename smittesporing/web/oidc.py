"""The relying party: sign-in by OpenID Connect as ID-porten wants it.

Authorization code with PAR, PKCE S256 and private_key_jwt, always; no setting turns a check off.
Says who signed in; knows nothing of users, sessions or pages. Called by session.py.
"""

import base64
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from smittesporing.registers.client_key import client_key
from smittesporing.registers.transport import Reply, Transport, Unreachable
from smittesporing.settings import Missing, Settings
from smittesporing.web.id_token import (
    REQUIRED_LEVEL,
    Expected,
    Identity,
    NotSignedIn,
    ended_session,
    identity,
)

CALLBACK_PATH, SIGNED_OUT_PATH = "/logg-inn/tilbake", "/logget-ut"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
PRODUCTION_ISSUERS = frozenset(
    {"https://idporten.no", "https://ansattporten.no", "https://helseid-sts.nhn.no"}
)
METADATA_SECONDS, KEYS_SECONDS, KEYS_AT_MOST_EVERY = 3600.0, 3600.0, 10.0
ASSERTION_SECONDS = 60
T = TypeVar("T")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Metadata(msgspec.Struct, frozen=True):
    """What the issuer says about itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str
    pushed_authorization_request_endpoint: str
    code_challenge_methods_supported: list[str]
    authorization_response_iss_parameter_supported: bool = False


class _Pushed(msgspec.Struct, frozen=True):
    request_uri: str
    expires_in: int


class _TokenAnswer(msgspec.Struct, frozen=True):
    id_token: str


class _Keys(msgspec.Struct, frozen=True):
    keys: list[dict[str, object]]


@dataclass(frozen=True)
class Started:
    """A sign-in under way: where to send the browser, and what to remember until it comes back."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class EndSession:
    """A form that the browser posts to the issuer, so that the token stands in no address."""

    url: str
    fields: Mapping[str, str]


class RelyingParty:
    """This service as a client of one issuer. Made once per process; safe for several threads."""

    def __init__(
        self,
        transport: Transport,
        *,
        issuer: str,
        client_id: str,
        key: RSAKey,
        base_url: str,
        synthetic: bool,
    ) -> None:
        self.issuer, self.client_id, self.base_url = issuer, client_id, base_url
        self.redirect_uri = base_url + CALLBACK_PATH
        self._transport, self._key, self._synthetic = transport, key, synthetic
        self._lock = threading.Lock()
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: dict[str, RSAKey] = {}
        self._keys_at: float | None = None

    def start(self, *, prompt: str = "", login_hint: str = "") -> Started:
        """Push the request and say where the browser goes.

        Errors  NotSignedIn with reason `provider` when the issuer does not answer or refuses us.
        """
        state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        verifier = secrets.token_urlsafe(64)
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
            "acr_values": REQUIRED_LEVEL,
            "ui_locales": "nb",
        }
        if prompt:
            asked["prompt"] = prompt
        if login_hint:
            asked["login_hint"] = login_hint
        metadata = self.metadata()
        reply = self._post(metadata.pushed_authorization_request_endpoint, asked)
        if reply.status != 201:
            raise NotSignedIn("provider", f"the pushed request was answered {reply.status}")
        pushed = _decoded(reply, _Pushed)
        query = {"client_id": self.client_id, "request_uri": pushed.request_uri}
        joint = "&" if "?" in metadata.authorization_endpoint else "?"
        url = metadata.authorization_endpoint + joint + urlencode(query)
        return Started(url, state, nonce, verifier)

    def finish(self, answer: Mapping[str, str], state: str, nonce: str, verifier: str) -> Identity:
        """Who signed in, from the query the browser came back with.

        Errors  NotSignedIn: `state` (not the sign-in we began), `cancelled`, `provider`, or one of
                id_token.identity's reasons.
        """
        metadata = self.metadata()
        given = answer.get("state", "")
        if not given.isascii() or not state or not hmac.compare_digest(given, state):
            raise NotSignedIn("state", "the state differs")
        sender = answer.get("iss")
        must_say = metadata.authorization_response_iss_parameter_supported
        if sender != self.issuer and (sender is not None or must_say):
            raise NotSignedIn("state", "the answer is from another issuer")
        if "error" in answer:
            known = ("access_denied", "login_required", "interaction_required")
            cancelled = answer["error"] in known
            raise NotSignedIn("cancelled" if cancelled else "provider", "the issuer said no")
        code = answer.get("code", "")
        if not code or len(code) > 2048:
            raise NotSignedIn("state", "no code")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
        }
        reply = self._post(metadata.token_endpoint, form)
        if reply.status != 200:
            raise NotSignedIn("provider", f"the code was answered {reply.status}")
        token = _decoded(reply, _TokenAnswer).id_token
        return identity(token, self._find_key, self._expected(nonce))

    def end_session(self, id_token: str) -> EndSession:
        """The form that ends the session at the issuer and brings the browser back to us."""
        fields = {
            "id_token_hint": id_token,
            "post_logout_redirect_uri": self.base_url + SIGNED_OUT_PATH,
        }
        return EndSession(self.metadata().end_session_endpoint, fields)

    def ended_by(self, logout_token: object) -> str:
        """The sid that a back-channel notice ends; NotSignedIn when the notice is not the issuer's."""
        return ended_session(logout_token, self._find_key, self._expected(""))

    def metadata(self) -> Metadata:
        """The issuer's own description, read at most once an hour.

        Errors  NotSignedIn `provider` when it is missing, another issuer's, or offers less than we ask.
        """
        with self._lock:
            kept = self._metadata
        if kept and kept[0] > time.monotonic():
            return kept[1]
        url = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
        read = _decoded(self._get(url), Metadata)
        if read.issuer != self.issuer:
            raise NotSignedIn("provider", "the metadata is another issuer's")
        if "S256" not in read.code_challenge_methods_supported:
            raise NotSignedIn("provider", "the issuer does not offer PKCE with S256")
        for address in (
            read.authorization_endpoint,
            read.token_endpoint,
            read.jwks_uri,
            read.end_session_endpoint,
            read.pushed_authorization_request_endpoint,
        ):
            if not _safe_address(address, loopback=_is_loopback(self.issuer)):
                raise NotSignedIn("provider", "an address in the metadata is not https")
        with self._lock:
            self._metadata = (time.monotonic() + METADATA_SECONDS, read)
        return read

    def _expected(self, nonce: str) -> Expected:
        return Expected(self.issuer, self.client_id, nonce, self._synthetic, int(time.time()))

    def _find_key(self, kid: str) -> RSAKey | None:
        """The issuer's key of that name: fetched anew when unknown, though not at everybody's whim."""
        with self._lock:
            age = None if self._keys_at is None else time.monotonic() - self._keys_at
            fresh = age is not None and age < KEYS_SECONDS and kid in self._keys
            if fresh or (age is not None and age < KEYS_AT_MOST_EVERY):
                return self._keys.get(kid)
            self._keys_at = time.monotonic()
        found = _usable_keys(_decoded(self._get(self.metadata().jwks_uri), _Keys))
        with self._lock:
            self._keys = found
            return found.get(kid)

    def _assertion(self) -> str:
        """We are who we say: signed with the key that the issuer has the public half of."""
        now = int(time.time())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.issuer,
            "iat": now,
            "exp": now + ASSERTION_SECONDS,
            "jti": secrets.token_urlsafe(24),
        }
        header = {"alg": "RS256", "kid": self._key.kid, "typ": "JWT"}
        return jwt.encode(header, claims, self._key, algorithms=["RS256"])

    def _post(self, url: str, fields: Mapping[str, str]) -> Reply:
        form = {
            **fields,
            "client_id": self.client_id,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self._assertion(),
        }
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
        }
        try:
            return self._transport.post(url, urlencode(form).encode(), headers)
        except Unreachable as failure:
            raise NotSignedIn("provider", str(failure)) from None

    def _get(self, url: str) -> Reply:
        try:
            reply = self._transport.get(url, {"accept": "application/json"})
        except Unreachable as failure:
            raise NotSignedIn("provider", str(failure)) from None
        if reply.status != 200:
            raise NotSignedIn("provider", f"the issuer answered {reply.status}")
        return reply


def relying_party(settings: Settings, transport: Transport | None = None) -> RelyingParty:
    """The relying party that the settings describe.

    Errors  settings.Missing when they would be unsafe or unusable: an issuer that is none of Norway's
            outside an exercise, an address without https that is not loopback, no key. Called at start
            so that the service refuses to run rather than let people in wrongly.
    """
    issuer, base_url = settings.issuer, settings.base_url
    if not issuer or not settings.client_id or not settings.client_key:
        raise Missing("SMITTESPORING_ISSUER, _CLIENT_ID and _CLIENT_KEY are needed for signing in.")
    if not settings.exercise and issuer not in PRODUCTION_ISSUERS:
        allowed = ", ".join(sorted(PRODUCTION_ISSUERS))
        raise Missing(f"SMITTESPORING_ISSUER must be one of {allowed} outside an exercise.")
    for address in (issuer, base_url):
        if not _safe_address(address, loopback=settings.exercise):
            raise Missing(f"{address} must be https (http on loopback is for exercises).")
    return RelyingParty(
        transport or Transport(),
        issuer=issuer,
        client_id=settings.client_id,
        key=client_key(settings.client_key),
        base_url=base_url,
        synthetic=settings.exercise,
    )


def _usable_keys(published: _Keys) -> dict[str, RSAKey]:
    """RSA signing keys by name; anything else in the set is passed over."""
    found: dict[str, RSAKey] = {}
    for entry in published.keys[:50]:
        kid = entry.get("kid")
        if entry.get("kty") != "RSA" or entry.get("use", "sig") != "sig" or "d" in entry:
            continue
        try:
            if isinstance(kid, str):
                public: dict[str, str | list[str]] = {
                    name: str(entry[name]) for name in ("kty", "n", "e", "kid")
                }
                found[kid] = RSAKey.import_key(public)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return found


def _decoded(reply: Reply, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(reply.body, type=kind)
    except (msgspec.MsgspecError, UnicodeError):
        raise NotSignedIn("provider", "the issuer's answer is not as documented") from None


def _is_loopback(address: str) -> bool:
    return urlsplit(address).hostname in LOOPBACK


def _safe_address(address: str, *, loopback: bool) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    plain_ok = loopback and parts.scheme == "http" and parts.hostname in LOOPBACK
    return bool(parts.hostname) and (parts.scheme == "https" or plain_ok)
