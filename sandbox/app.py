"""The stand-ins together as one application. Called by running.py and __main__.py."""

from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox import folkeregister, idporten, maskinporten
from sandbox.clients import Client
from sandbox.folkeregister import Folkeregister
from sandbox.keys import SigningKeys
from sandbox.maskinporten import Maskinporten
from sandbox.people import Person
from sandbox.provider import Provider
from sandbox.register import Register

STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True)
class Sandbox:
    """The running parts, so that a test can look at them and make them misbehave."""

    origin: str
    provider: Provider
    tokens: Maskinporten
    folkeregister: Folkeregister
    app: Starlette

    @property
    def issuer(self) -> str:
        return self.provider.issuer

    @property
    def register_url(self) -> str:
        return self.origin + "/fiks"

    @property
    def register_token_url(self) -> str:
        return self.tokens.issuer + "token"


def build(
    origin: str,
    clients: tuple[Client, ...],
    people: tuple[Person, ...] = (),
    register: Register | None = None,
    without_agreement: frozenset[str] = frozenset(),
    keys: SigningKeys | None = None,
) -> Sandbox:
    """All stand-ins at `origin` (scheme, host and port)."""
    known = {client.client_id: client for client in clients}
    provider = Provider(origin + "/idporten", people, known, keys or SigningKeys())
    tokens = Maskinporten(origin + "/maskinporten/", known, SigningKeys())
    fiks = Folkeregister(register or Register(), tokens, without_agreement)
    app = Starlette(
        routes=[
            Route("/health", health, methods=["GET"]),
            Mount("/idporten", routes=idporten.routes(provider)),
            Mount("/maskinporten", routes=maskinporten.routes(tokens)),
            Mount("/fiks", routes=folkeregister.routes(fiks)),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]
    )
    return Sandbox(origin, provider, tokens, fiks, app)


def health(request: Request) -> Response:
    return JSONResponse({"status": "ok"})
