"""The addresses of the shift, the calls and the hand-overs, each with its four rules. Called by routes.py."""

from collections.abc import Callable, Iterator
from typing import Any

from smittesporing.web.pages import calls, today, transfers

READ = ("tracing", "people", "reach", "people")
WRITTEN = ("tracing", "people", "reach", "change")


def work_routes(get: Callable[..., Any], post: Callable[..., Any]) -> Iterator[Any]:
    """Routes made by `get` and `post` of web/routes.py."""
    yield get("/i-dag", today.show, *READ)
    yield get("/i-dag/nye", today.news, "tracing", "people", "reach", "none")
    yield post("/i-dag/neste", today.take_next, *WRITTEN)
    yield post("/i-dag/tildel", today.assign, *WRITTEN)
    yield get("/i-dag/tavle", today.board, "tracing", "assign", "reach", "none")
    call = "/samtale/{enrollment}"
    yield get(call, calls.show, *READ)
    yield post(call, calls.log, *WRITTEN)
    yield post(f"{call}/utsett", calls.postpone, *WRITTEN)
    yield post(f"{call}/angre", calls.undo, *WRITTEN)
    yield get("/overforinger", transfers.show, *READ)
    yield get("/overforinger/ny/{enrollment}", transfers.new, *READ)
    yield post("/overforinger/ny/{enrollment}", transfers.ask, *WRITTEN)
    for path, act in (
        ("godta", transfers.accept),
        ("avsla", transfers.refuse),
        ("trekk", transfers.withdraw),
        ("lest", transfers.acknowledge),
    ):
        yield post(f"/overforinger/{{transfer}}/{path}", act, *WRITTEN)
