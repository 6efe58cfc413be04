"""The clients that the issuers know: what one registers in the self-service portal.

Facts only; the checks on them are in assertions.py and idporten.py.
"""

from dataclasses import dataclass
from typing import Any

CALLBACK = "/logg-inn/tilbake"
SIGNED_OUT = "/logget-ut"
FRONT_CHANNEL = "/logg-ut/front"
BACK_CHANNEL = "/logg-ut/bak"


@dataclass(frozen=True)
class Client:
    """One registered client. `jwks` holds public keys only; every address is matched exactly."""

    client_id: str
    jwks: dict[str, Any]
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    frontchannel_logout_uri: str | None = None
    backchannel_logout_uri: str | None = None
    organisation_number: str = "999999999"
    scopes: tuple[str, ...] = ("openid", "profile")


def client_of_service(client_id: str, service: str, jwks: dict[str, Any]) -> Client:
    """The registration of the service at `service` (scheme, host and port, no path)."""
    return Client(
        client_id=client_id,
        jwks=jwks,
        redirect_uris=(service + CALLBACK,),
        post_logout_redirect_uris=(service + SIGNED_OUT,),
        frontchannel_logout_uri=service + FRONT_CHANNEL,
        backchannel_logout_uri=service + BACK_CHANNEL,
        scopes=("openid", "profile", "ks:fiks"),
    )
