"""Every address of the service: who owns it, who may ask, how far it reaches, what it logs.

A route that is not declared here does not exist; one declared without all four rules stops the start
(R-31). `tests/web/test_routes.py` walks this list. Called by app.py.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from smittesporing.access.reach import ACTIONS

# How far an answer reaches: no data, configuration, published figures, one's own reach, or oneself.
SCOPES = ("none", "configuration", "published", "reach", "self")
# What it leaves behind: nothing, a line for each person shown, or a line of what was changed.
AUDITS = ("none", "people", "change")
AUTHORITIES = {"public", "signed_in"}.union(*ACTIONS.values())
OWNERS = ("access", "metadata", "tracker", "tracing", "registers", "analytics", "web")


class UndeclaredRoute(Exception):
    """A route lacks a rule; the service does not start."""


@dataclass(frozen=True)
class Route:
    """One address with its four rules."""

    path: str
    methods: tuple[str, ...]
    endpoint: Callable[[Request], Response]
    owner: str
    authority: str
    scope: str
    audit: str

    def check(self) -> None:
        for name, value, known in (
            ("owner", self.owner, OWNERS),
            ("authority", self.authority, AUTHORITIES),
            ("scope", self.scope, SCOPES),
            ("audit", self.audit, AUDITS),
        ):
            if value not in known:
                raise UndeclaredRoute(
                    f"{self.path}: {name} is {value!r}, not one of {sorted(known)}"
                )


def get(path: str, endpoint: Callable[[Request], Response], *rules: str) -> Route:
    """A reading address; the four rules are owner, authority, scope, audit."""
    return Route(path, ("GET",), endpoint, *rules)


def post(path: str, endpoint: Callable[[Request], Response], *rules: str) -> Route:
    """A writing address; the four rules are owner, authority, scope, audit."""
    return Route(path, ("POST",), endpoint, *rules)


def every_route() -> Iterator[Route]:
    """All addresses, most particular first: an earlier one wins."""
    yield from _sign_in()
    yield from _pages()
    yield from _api()


def static_files() -> StaticFiles:
    return StaticFiles(directory=Path(__file__).parent / "pages" / "static")


def _sign_in() -> Iterator[Route]:
    from smittesporing.web.pages import sign_in

    yield from sign_in.ROUTES(get, post)


def _pages() -> Iterator[Route]:
    from smittesporing.web.pages import front

    yield get("/", front.front, "web", "public", "self", "none")
    yield get("/helse", front.health, "web", "public", "none", "none")


def _api() -> Iterator[Route]:
    yield from ()
