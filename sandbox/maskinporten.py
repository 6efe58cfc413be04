"""Maskinporten's token endpoint: a JWT grant in, an access token for a machine out.

Keeps the documented contract: `aud` is the issuer and only that, `scope` is asked for in the grant,
the token is a signed JWT naming the consumer. Called by app.py; the registers check its tokens.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.assertions import Refused, SeenOnce, check_times, signed_claims, unchecked_issuer
from sandbox.clients import Client
from sandbox.keys import SigningKeys

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CLAIMS = {"iss", "aud", "iat", "exp", "jti", "scope", "resource", "consumer_org"}
TOKEN_SECONDS = 119


class Maskinporten:
    """One issuer of machine tokens. `issuer` ends with a slash, as the real one does."""

    def __init__(self, issuer: str, clients: Mapping[str, Client], keys: SigningKeys) -> None:
        self.issuer, self.clients, self.keys = issuer, dict(clients), keys
        self.assertions = SeenOnce()

    def grant(self, form: Mapping[str, str]) -> dict[str, Any]:
        """The token answer for a grant, or Refused."""
        if form.get("grant_type") != GRANT:
            raise Refused("unsupported_grant_type", "Only the JWT bearer grant")
        token = form.get("assertion", "")
        client = self.clients.get(unchecked_issuer(token))
        if client is None:
            raise Refused("invalid_grant", "Unknown client")
        claims = signed_claims(token, client)
        if claims.get("iss") != client.client_id or claims.get("aud") != self.issuer:
            raise Refused("invalid_grant", "iss must be the client_id and aud the issuer alone")
        if set(claims) - CLAIMS:
            raise Refused("invalid_grant", "Unknown claim in the grant")
        check_times(claims, self.assertions)
        scopes = str(claims.get("scope", "")).split()
        if not scopes or not set(scopes) <= set(client.scopes):
            raise Refused("invalid_scope", "The client does not have that scope")
        return {
            "access_token": self.access_token(client, " ".join(scopes)),
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "scope": " ".join(scopes),
        }

    def access_token(self, client: Client, scope: str, lifetime: int = TOKEN_SECONDS) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "client_id": client.client_id,
            "client_amr": "private_key_jwt",
            "consumer": {
                "authority": "iso6523-actorid-upis",
                "ID": f"0192:{client.organisation_number}",
            },
            "scope": scope,
            "iat": now,
            "exp": now + lifetime,
            "jti": secrets.token_urlsafe(16),
        }
        header = {"alg": "RS256", "kid": self.keys.current.kid}
        return jwt.encode(header, claims, self.keys.current, algorithms=["RS256"])

    def accepts(self, authorization: str, scope: str) -> bool:
        """Whether an Authorization header holds a live token of ours with the scope."""
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer":
            return False
        try:
            keys = KeySet.import_key_set(self.keys.published())  # type: ignore[arg-type]
            claims = jwt.decode(token, keys, ["RS256"]).claims
        except (JoseError, ValueError, TypeError):
            return False
        alive = isinstance(claims.get("exp"), int) and claims["exp"] > time.time()
        return (
            alive and claims.get("iss") == self.issuer and scope in str(claims.get("scope")).split()
        )


def routes(issuer: Maskinporten) -> list[Route]:
    """Maskinporten's addresses, to be mounted at the path of its issuer."""
    return [
        Route("/.well-known/oauth-authorization-server", discovery(issuer), methods=["GET"]),
        Route("/jwk", jwks(issuer), methods=["GET"]),
        Route("/token", token(issuer), methods=["POST"]),
    ]


def discovery(issuer: Maskinporten) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": issuer.issuer,
                "token_endpoint": issuer.issuer + "token",
                "jwks_uri": issuer.issuer + "jwk",
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
                "grant_types_supported": [GRANT],
            }
        )

    return endpoint


def jwks(issuer: Maskinporten) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        return JSONResponse(issuer.keys.published())

    return endpoint


def token(issuer: Maskinporten) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        form = {key: str(value) for key, value in (await request.form()).items()}
        try:
            return JSONResponse(issuer.grant(form), headers={"cache-control": "no-store"})
        except Refused as refusal:
            body = {"error": refusal.error, "error_description": refusal.description}
            return JSONResponse(body, status_code=refusal.status)

    return endpoint
