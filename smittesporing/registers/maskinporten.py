"""The machine's own access token: a signed grant to Maskinporten, kept until it is nearly over.

Knows nothing of what the token is used for. Called by folkeregister.py.
"""

import secrets
import threading
import time
from urllib.parse import urlencode

import msgspec
from joserfc import jwt
from joserfc.jwk import RSAKey

from smittesporing.registers.transport import Transport

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GRANT_SECONDS, MARGIN_SECONDS = 60, 15


class NoToken(Exception):
    """Maskinporten refused, or answered with something that is not a token."""


class _Answer(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: int
    token_type: str


class Tokens:
    """Tokens for one client and one scope. Safe for several threads.

    `token_url` is the token endpoint; the issuer, which the grant must name as its only audience,
    is the same address without the last word, as Maskinporten documents it.
    """

    def __init__(
        self, transport: Transport, token_url: str, client_id: str, key: RSAKey, scope: str
    ) -> None:
        self._transport, self._url, self._client_id = transport, token_url, client_id
        self._key, self._scope = key, scope
        self._lock = threading.Lock()
        self._token, self._until = "", 0.0

    def header(self) -> str:
        """The Authorization header to send.

        Errors  NoToken when Maskinporten says no; Unreachable when it does not answer.
        """
        with self._lock:
            if time.monotonic() >= self._until:
                answer = self._ask()
                self._token = answer.access_token
                self._until = time.monotonic() + max(0, answer.expires_in - MARGIN_SECONDS)
            return "Bearer " + self._token

    def forget(self) -> None:
        """Drop the kept token: the next call asks for a new one."""
        with self._lock:
            self._until = 0.0

    def _ask(self) -> _Answer:
        now = int(time.time())
        claims = {
            "iss": self._client_id,
            "aud": self._url.removesuffix("token"),
            "scope": self._scope,
            "iat": now,
            "exp": now + GRANT_SECONDS,
            "jti": secrets.token_urlsafe(24),
        }
        header = {"alg": "RS256", "kid": self._key.kid}
        grant = jwt.encode(header, claims, self._key, algorithms=["RS256"])
        form = urlencode({"grant_type": GRANT, "assertion": grant}).encode()
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
        }
        reply = self._transport.post(self._url, form, headers)
        if reply.status != 200:
            raise NoToken(f"Maskinporten answered {reply.status}")
        try:
            answer = msgspec.json.decode(reply.body, type=_Answer)
        except msgspec.MsgspecError:
            raise NoToken("Maskinporten's answer is not a token") from None
        if answer.token_type.lower() != "bearer" or not answer.access_token.isascii():
            raise NoToken("Maskinporten's answer is not a bearer token")
        return answer
