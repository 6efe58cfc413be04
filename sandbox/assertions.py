"""A client proves who it is by a JWT signed with its own key (private_key_jwt, RFC 7523).

The same proof serves ID-porten's token and PAR endpoints and Maskinporten's grant; what may be in
it differs and is the caller's business. Called by idporten.py and maskinporten.py.
"""

import base64
import json
import threading
import time
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from joserfc.util import to_bytes

from sandbox.clients import Client

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ["RS256", "RS384", "RS512"]
LIFETIME = 120
SKEW = 10


class Refused(Exception):
    """An OAuth error answer: its code, and a sentence for the developer."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error, self.description, self.status = error, description, status


class SeenOnce:
    """Remembers identifiers until they expire, so that none is accepted twice."""

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}
        self._lock = threading.Lock()

    def first_time(self, identifier: str, expires: float) -> bool:
        now = time.time()
        with self._lock:
            self._seen = {key: end for key, end in self._seen.items() if end > now}
            if identifier in self._seen:
                return False
            self._seen[identifier] = expires
            return True


def signed_claims(token: str, client: Client) -> dict[str, Any]:
    """The claims of a JWT that the client's registered key signed; Refused otherwise."""
    registry = JWSRegistry(algorithms=ALGORITHMS)
    try:
        keys = KeySet.import_key_set({"keys": list(client.jwks["keys"])})
        return dict(jwt.decode(to_bytes(token), keys, ALGORITHMS, registry).claims)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise Refused(
            "invalid_client", f"The assertion is not signed by the client: {error}", 401
        ) from None


def check_times(claims: Mapping[str, Any], seen: SeenOnce) -> None:
    """Short-lived, not from the future, never used before."""
    now = time.time()
    issued, expires, identifier = claims.get("iat"), claims.get("exp"), claims.get("jti")
    if not isinstance(issued, int) or not isinstance(expires, int):
        raise Refused("invalid_client", "iat and exp are required", 401)
    if expires <= now - SKEW or issued > now + SKEW or expires - issued > LIFETIME:
        raise Refused("invalid_client", "The assertion is expired, early or lives too long", 401)
    if not isinstance(identifier, str) or not seen.first_time(identifier, expires + SKEW):
        raise Refused("invalid_client", "jti is missing or used before", 401)


def authenticated(
    form: Mapping[str, str], clients: Mapping[str, Client], issuer: str, seen: SeenOnce
) -> Client:
    """The client behind a private_key_jwt, or Refused with invalid_client.

    `aud` must be the issuer alone, as ID-porten asks: a list with more names is refused.
    """
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise Refused("invalid_client", "private_key_jwt is the only way to authenticate", 401)
    token = form.get("client_assertion", "")
    client = clients.get(form.get("client_id") or unchecked_issuer(token))
    if client is None:
        raise Refused("invalid_client", "Unknown client", 401)
    claims = signed_claims(token, client)
    if claims.get("iss") != client.client_id or claims.get("sub") != client.client_id:
        raise Refused("invalid_client", "iss and sub must be the client_id", 401)
    if claims.get("aud") not in (issuer, [issuer]):
        raise Refused("invalid_client", "aud must be the issuer and nothing else", 401)
    check_times(claims, seen)
    return client


def unchecked_issuer(token: str) -> str:
    """Who the JWT says it is from, read before any check: good for finding the key only."""
    try:
        part = token.split(".")[1]
        issuer = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))).get("iss")
    except (IndexError, ValueError, AttributeError):
        return ""
    return issuer if isinstance(issuer, str) else ""
