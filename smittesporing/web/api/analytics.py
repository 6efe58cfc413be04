"""`GET /api/analytics`: program indicators and indicators by period and org unit, always live.

Reads no person: within the reach it counts the records of this moment, beyond it gives what stands
published. Called by routes.py.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.access import org_units
from smittesporing.access.work import Work
from smittesporing.analytics import grid, published, query
from smittesporing.expression.nodes import ExpressionError
from smittesporing.metadata import store
from smittesporing.web.api.envelope import as_json, web_message
from smittesporing.web.working import work_of


def analytics(request: Request) -> Response:
    """The table of a question in `dimension` and `filter`, as JSON."""
    return _answered(request, as_json)


def analytics_csv(request: Request) -> Response:
    """The same table as comma-separated text."""
    return _answered(request, _as_csv)


def _answered(request: Request, write: Callable[[dict[str, Any]], Response]) -> Response:
    """The table as `write` puts it.

    Errors  409 with DHIS2's E71xx; E7120 for an org unit outside the reach whose figure is not published.
    """
    given = request.query_params
    parameters = {name: given.getlist(name) for name in given}
    with work_of(request, "analytics.count") as work:
        metadata = store.current(work.conn)
        units = org_units.current(work.conn)
        try:
            asked = grid.read(parameters, metadata, units, work.reach, work.clock.today())
            _refuse_unpublished(work, asked)
            ids = [unit.id for unit in asked.org_units]
            cells = query.count(work, asked.indicators, ids, asked.periods)
            answer = grid.table(asked, cells, metadata, units)
        except grid.Conflict as conflict:
            return web_message(409, conflict.message, code=conflict.code)
        except ExpressionError as fault:
            return web_message(409, f"Indicator cannot be computed: {fault.message}", code="E7132")
    return write(answer)


def _refuse_unpublished(work: Work, asked: grid.Request) -> None:
    """Stop when an org unit outside the reach is asked for something that nobody publishes."""
    inside = query.within_reach(work, [unit.id for unit in asked.org_units])
    outside = [unit for unit in asked.org_units if unit.id not in inside]
    if not outside:
        return
    grid_of = set(published.published_indicators(store.current(work.conn)))
    needed = set(query.needed(work, asked.indicators))
    weekly = all(period.kind == "Weekly" for period in asked.periods)
    if not (needed <= grid_of and weekly and all(unit.official for unit in outside)):
        raise grid.Conflict(
            "E7120",
            f"User: `{work.reach.username}` is not allowed to view org unit: `{outside[0].uid}`",
        )


def _as_csv(answer: dict[str, Any]) -> Response:
    headers, rows = answer["headers"], answer["rows"]
    assert isinstance(headers, list) and isinstance(rows, list)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([header["column"] for header in headers])
    writer.writerows(rows)
    return Response(text.getvalue(), media_type="application/csv")
