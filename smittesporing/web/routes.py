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
    from smittesporing.web.chain_routes import chain_routes
    from smittesporing.web.pages import front
    from smittesporing.web.pages.configuration_routes import configuration_routes
    from smittesporing.web.pages.counting_routes import counting_routes
    from smittesporing.web.pages.work_routes import work_routes

    yield get("/", front.front, "web", "public", "self", "none")
    yield get("/helse", front.health, "web", "public", "none", "none")
    yield from work_routes(get, post)
    yield from _people()
    yield from _contacts()
    yield from counting_routes(get, post)
    yield from chain_routes(get, post)
    yield from configuration_routes(get, post)
    yield from _administration()


def _people() -> Iterator[Route]:
    from smittesporing.web.pages import case_tabs, day_by_day, interview, people, registration

    rules = ("tracing", "people", "reach", "people")
    yield get("/personer", people.show, *rules)
    yield get("/sok", people.find, *rules)
    yield post("/sok", people.find, *rules)
    yield get("/personer/ny", registration.begin, *rules)
    yield post("/personer/ny", registration.take, "tracing", "people", "reach", "change")
    yield get("/personer/{tracked_entity}", people.file, *rules)
    index = "/indeks/{enrollment}"
    yield get(index, interview.show, *rules)
    yield get(f"{index}/siden", interview.side, *rules)
    yield get(f"{index}/historikk", case_tabs.history, *rules)
    yield get(f"{index}/oppfolging", case_tabs.follow_up, *rules)
    written = ("tracing", "people", "reach", "change")
    yield get(f"{index}/dag/{{day}}", day_by_day.show, *rules)
    yield post(f"{index}/dag/{{day}}", day_by_day.add, *written)
    yield post(f"{index}/svar", interview.answer, *written)
    yield post(f"{index}/prover", interview.add_test, *written)
    yield post(f"{index}/prover/{{event}}", interview.save_test, *written)
    yield post(f"{index}/prover/{{event}}/tilbake", interview.take_back_test, *written)
    yield post(f"{index}/sak/{{act}}", interview.act, *written)


def _contacts() -> Iterator[Route]:
    from smittesporing.web.pages import contact, measures, sheet, sheet_list

    reading = ("tracing", "people", "reach", "people")
    writing = ("tracing", "people", "reach", "change")
    contacts = "/indeks/{enrollment}/naerkontakter"
    yield get(contacts, sheet.show, *reading)
    yield get(f"{contacts}/fot", sheet.foot, *reading)
    yield post(f"{contacts}/rad", sheet.keep_row, *writing)
    yield post(f"{contacts}/liste", sheet_list.take_list, *writing)
    yield post(f"{contacts}/varsler", sheet.tellers, *writing)
    yield post(f"{contacts}/bekreft", sheet.confirm_all, *writing)
    yield post(f"{contacts}/{{event}}/bekreft", sheet.confirm, *writing)
    yield post(f"{contacts}/{{event}}/vurder", sheet.overrule, *writing)
    yield post(f"{contacts}/{{event}}/varsler", sheet.tellers, *writing)
    yield post(f"{contacts}/{{event}}/varslet", sheet.told, *writing)
    yield post(f"{contacts}/{{event}}/tilbake", sheet.take_back, *writing)
    yield get("/indeks/{enrollment}/tiltak", measures.show, *reading)
    yield post("/indeks/{enrollment}/tiltak/{event}/{act}", measures.act, *writing)
    one = "/kontakt/{enrollment}"
    yield get(one, contact.show, *reading)
    yield post(f"{one}/prove", contact.add_test, *writing)
    yield post(f"{one}/indeks", contact.become_index, *writing)
    yield post(f"{one}/status/{{act}}", contact.set_status, *writing)
    yield post(f"{one}/tiltak/{{event}}/{{act}}", contact.measure, *writing)


def _administration() -> Iterator[Route]:
    from smittesporing.web.pages import (
        admin,
        admin_agreements,
        admin_log,
        admin_users,
        org_tree,
        rules,
    )

    # signed_in: KS and the kommune's administrator share the address; the page asks which she is.
    yield get("/administrasjon", admin.show, "access", "signed_in", "configuration", "none")
    for path, act in (("ta-i-bruk", admin.activate), ("valg", admin.choose)):
        yield post(
            f"/administrasjon/{path}", act, "access", "administer", "configuration", "change"
        )
    kommune = "/administrasjon/kommuner/{number}"
    yield get(kommune, admin_agreements.show, "access", "agreements", "configuration", "none")
    for path, act in (
        ("avtale", admin_agreements.register),
        ("administrator", admin_agreements.appoint),
        ("administrator/slutt", admin_agreements.dismiss),
    ):
        yield post(f"{kommune}/{path}", act, "access", "agreements", "configuration", "change")
    people = "/administrasjon/brukere"
    yield get(people, admin_users.show, "access", "signed_in", "configuration", "none")
    yield post(people, admin_users.add, "access", "signed_in", "configuration", "change")
    yield post(
        f"{people}/roller", admin_users.change, "access", "signed_in", "configuration", "change"
    )
    units = "/administrasjon/enheter"
    yield get(units, org_tree.show, "access", "administer", "configuration", "none")
    yield post(units, org_tree.add, "access", "administer", "configuration", "change")
    yield post(
        f"{units}/{{unit}}/navn",
        org_tree.rename,
        "access",
        "administer",
        "configuration",
        "change",
    )
    yield get(
        "/administrasjon/logg", admin_log.show, "access", "signed_in", "configuration", "none"
    )
    yield get("/regler", rules.show, "tracing", "signed_in", "configuration", "none")


def _api() -> Iterator[Route]:
    from smittesporing.web.api import analytics, openapi, tracker_routes
    from smittesporing.web.api.metadata_routes import metadata_routes

    yield from tracker_routes.routes()
    yield get("/api/analytics", analytics.analytics, "analytics", "api", "published", "none")
    yield get(
        "/api/analytics.csv", analytics.analytics_csv, "analytics", "api", "published", "none"
    )
    # Clients ask for openapi.json; the ending is taken off every path.
    yield get("/api/openapi", openapi.document, "web", "signed_in", "none", "none")
    yield from metadata_routes()
