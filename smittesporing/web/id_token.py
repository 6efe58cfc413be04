"""What a signed token must say before anybody is let in or out by it.

Pure but for the moment handed in: no HTTP, no storage, no settings read. Every check is always made;
there is no way to leave one out. Called by oidc.py.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from smittesporing.registers.national_number import Kind, NationalNumber, Synthetic, parse

# Ordered: a level lets in whatever asks for it or for one before it. Compared by place, not as text.
LEVELS = ("idporten-loa-substantial", "idporten-loa-high")
REQUIRED_LEVEL = "idporten-loa-high"
SKEW, OLDEST = 60, 600
LONGEST = 16_384
LOGOUT_EVENTS = (
    "http://schemas.openid.net/event/backchannel-logout",
    "https://schemas.openid.net/event/backchannel-logout",
)

FindKey = Callable[[str], RSAKey | None]


@dataclass(frozen=True)
class Expected:
    """What this client asked for. `synthetic` says whether made-up people may enter: exercises only."""

    issuer: str
    client_id: str
    nonce: str
    synthetic: bool
    now: int


@dataclass(frozen=True)
class Identity:
    """Who signed in, as the checked token says. `national_number` must never reach a log or a URL."""

    national_number: str
    sid: str
    acr: str
    auth_time: int
    id_token: str

    def __repr__(self) -> str:
        return "Identity(…)"


class NotSignedIn(Exception):
    """A sign-in that ends without anybody being let in.

    `reason` is one word, for the page to choose its text by and for tests; the text is for the log
    and holds no personal data and no token.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


def identity(token: object, find_key: FindKey, expected: Expected) -> Identity:
    """The person behind an id_token.

    Errors  NotSignedIn with reason `token` (forged, old, for somebody else), `level` (signed in too
            weakly) or `number` (no Norwegian identity number).
    """
    text = _text(token)
    claims = _signed(text, find_key, ("JWT",))
    _common(claims, expected)
    _same(claims.get("nonce"), expected.nonce, "nonce")
    authorized = claims.get("azp")
    if authorized is not None and authorized != expected.client_id:
        raise NotSignedIn("token", "azp is another client")
    signed_in = _moment(claims, "auth_time")
    if signed_in > expected.now + SKEW:
        raise NotSignedIn("token", "auth_time is in the future")
    level = claims.get("acr")
    if level not in LEVELS or LEVELS.index(level) < LEVELS.index(REQUIRED_LEVEL):
        raise NotSignedIn("level", "acr is missing, unknown or too low")
    sid = claims.get("sid")
    if not isinstance(sid, str) or not sid or len(sid) > 255:
        raise NotSignedIn("token", "sid is missing")
    number = _national_number(claims, expected.synthetic)
    return Identity(number, sid, level, signed_in, text)


def ended_session(token: object, find_key: FindKey, expected: Expected) -> str:
    """The sid that a back-channel logout token ends.

    Errors  NotSignedIn with reason `token`. `expected.nonce` is not used: such a token has none.
    """
    claims = _signed(_text(token), find_key, ("JWT", "logout+jwt"))
    _common(claims, expected)
    events = claims.get("events")
    if not isinstance(events, dict) or not any(
        isinstance(events.get(name), dict) for name in LOGOUT_EVENTS
    ):
        raise NotSignedIn("token", "not a logout token")
    if "nonce" in claims:
        raise NotSignedIn("token", "a logout token may not have a nonce")
    if not isinstance(claims.get("jti"), str):
        raise NotSignedIn("token", "jti is missing")
    sid = claims.get("sid")
    if not isinstance(sid, str) or not sid:
        raise NotSignedIn("token", "sid is missing")
    return sid


def _text(token: object) -> str:
    if not isinstance(token, str) or not token.isascii() or len(token) > LONGEST:
        raise NotSignedIn("token", "not a token")
    if token.count(".") != 2:
        raise NotSignedIn("token", "not a signed token of three parts")
    return token


def _signed(token: str, find_key: FindKey, types: tuple[str, ...]) -> dict[str, Any]:
    """The claims, once the signature is the issuer's.

    The algorithm is ours to choose, never the token's: RS256, with an RSA key of the issuer found by
    `kid`. A key in the header (jwk, jku, x5c) or an extension (crit) is refused unread.
    """
    header = _object(token.split(".")[0])
    if header.get("alg") != "RS256" or header.get("typ", "JWT") not in types:
        raise NotSignedIn("token", "alg or typ is not accepted")
    if set(header) - {"alg", "typ", "kid", "x5t", "x5t#S256"}:
        raise NotSignedIn("token", "the header holds something else than alg, typ and kid")
    kid = header.get("kid")
    key = find_key(kid) if isinstance(kid, str) else None
    if key is None:
        raise NotSignedIn("token", "signed by an unknown key")
    try:
        jwt.decode(token, key, ["RS256"])
    except (JoseError, ValueError, TypeError):
        raise NotSignedIn("token", "the signature is wrong") from None
    return _object(token.split(".")[1])


def _object(part: str) -> dict[str, Any]:
    """The JSON object in one part of a token; a name that stands twice is refused."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) != len(pairs):
            raise ValueError("a name stands twice")
        return dict(pairs)

    try:
        raw = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
        value = json.loads(raw, object_pairs_hook=unique)
    except (ValueError, binascii.Error, RecursionError):
        raise NotSignedIn("token", "not readable") from None
    if not isinstance(value, dict):
        raise NotSignedIn("token", "not an object")
    return value


def _common(claims: Mapping[str, Any], expected: Expected) -> None:
    """From the right issuer, for us alone, and now."""
    _same(claims.get("iss"), expected.issuer, "iss")
    if claims.get("aud") not in (expected.client_id, [expected.client_id]):
        raise NotSignedIn("token", "aud is not this client alone")
    if _moment(claims, "exp") <= expected.now - SKEW:
        raise NotSignedIn("token", "expired")
    issued = _moment(claims, "iat")
    if issued > expected.now + SKEW or issued < expected.now - OLDEST:
        raise NotSignedIn("token", "iat is in the future or too old")
    if "nbf" in claims and _moment(claims, "nbf") > expected.now + SKEW:
        raise NotSignedIn("token", "not valid yet")


def _moment(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise NotSignedIn("token", f"{name} is missing or not a whole number")
    return value


def _same(value: object, expected: str, name: str) -> None:
    fits = isinstance(value, str) and value.isascii() and expected != ""
    if not fits or not hmac.compare_digest(str(value), expected):
        raise NotSignedIn("token", f"{name} differs")


def _national_number(claims: Mapping[str, Any], synthetic_allowed: bool) -> str:
    """The pid: a fødselsnummer or D-number that was really issued, or a synthetic one in an exercise."""
    pid = claims.get("pid")
    read = parse(pid) if isinstance(pid, str) and len(pid) == 11 else None
    if not isinstance(read, NationalNumber) or read.kind not in (Kind.BIRTH, Kind.D_NUMBER):
        raise NotSignedIn("number", "pid is missing or not an identity number")
    if not read.check_digits_fit:
        raise NotSignedIn("number", "pid has wrong check digits")
    if synthetic_allowed:
        return read.digits
    methods = claims.get("amr")
    if read.synthetic is not Synthetic.NO or (isinstance(methods, list) and "TestID" in methods):
        raise NotSignedIn("number", "a synthetic person outside an exercise")
    return read.digits
