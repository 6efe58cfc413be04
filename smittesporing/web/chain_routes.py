"""The addresses of clusters, sources and chains, each with its four rules. Called by routes.py."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from smittesporing.web.api import chain as chain_api
from smittesporing.web.pages import chains, events, places

if TYPE_CHECKING:
    from smittesporing.web.routes import Route

READ = ("tracing", "people", "reach", "people")
WRITTEN = ("tracing", "people", "reach", "change")
CHAIN = ("tracing", "chains", "reach", "people")


def chain_routes(get: Callable[..., "Route"], post: Callable[..., "Route"]) -> Iterator["Route"]:
    yield get("/hendelser", events.show, *READ)
    yield get("/hendelser/ny", events.new, *READ)
    yield post("/hendelser/ny", events.register, *WRITTEN)
    one = "/hendelser/{cluster}"
    yield get(one, events.one, *READ)
    yield get(f"{one}/endre", events.edit, *READ)
    yield post(f"{one}/endre", events.change, *WRITTEN)
    yield post(f"{one}/personer", events.add, *WRITTEN)
    yield post(f"{one}/naerkontakter", events.contacts, *WRITTEN)
    yield post(f"{one}/{{event}}/tilbake", events.take_back, *WRITTEN)
    case = "/indeks/{enrollment}"
    yield get(f"{case}/steder", places.show, *READ)
    yield post(f"{case}/steder", places.add, *WRITTEN)
    yield post(f"{case}/kilde", places.keep_source, *WRITTEN)
    yield post(f"{case}/kilde/{{event}}/tilbake", places.take_back, *WRITTEN)
    yield get("/smittekjeder", chains.show, *CHAIN)
    yield get("/smittekjeder/node/{node}", chains.node, *CHAIN)
    yield get("/api/chain", chain_api.read, *CHAIN)
