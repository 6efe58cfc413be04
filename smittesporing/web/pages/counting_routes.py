"""The addresses of overview and report, with their four rules. Called by web/routes.py."""

from collections.abc import Callable, Iterator
from typing import Any

from smittesporing.web.pages import map_data, overview, overview_files, overview_list, report


def counting_routes(get: Callable[..., Any], post: Callable[..., Any]) -> Iterator[Any]:
    """Routes made by `get` and `post` of web/routes.py.

    signed_in: those who count live and those who see published figures share an address; the page asks.
    """
    figures = ("analytics", "signed_in", "published", "none")
    yield get("/oversikt", overview.show, *figures)
    for form in ("csv", "xlsx"):
        yield get(f"/oversikt/tabell.{form}", overview_files.as_file, *figures)
    yield get("/oversikt/grenser", map_data.borders, "access", "signed_in", "configuration", "none")
    yield get("/oversikt/liste", overview_list.listing, "analytics", "people", "reach", "people")
    yield get("/rapport", report.show, *figures)
    for form in ("csv", "xlsx"):
        yield get(f"/rapport/tabell.{form}", report.as_file, *figures)
    yield post("/rapport/send", report.send, "analytics", "report", "reach", "change")
    yield get("/rapport/{report}", report.one, *figures)
