"""The map of Norway by kommune: what each place shows, and Kartverket's borders as one cacheable file.

Without imported borders the map is a cartogram; with them a choropleth. Knows how figures are shown, not
how they are counted. Called by overview.py and through web/routes.py.
"""

import gzip
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.access.org_units import OrgUnits
from smittesporing.database import Connection
from smittesporing.problems import Refused
from smittesporing.web.pages.overview_figures import Cells, View, row_of
from smittesporing.web.working import work_of

CLASSES = (25, 50, 100, 200)
_NAMED = 4  # the largest kommuner carry their names, beside one's own

_packed: tuple[str, bytes] | None = None


def places(
    units: OrgUnits,
    view: View,
    cells: Cells,
    latest: datetime | None,
    in_use: frozenset[int],
    kept: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Every kommune with its point, population, rate and words, for the map's island."""
    kommuner = [unit for unit in units.level(3) if unit.latitude is not None]
    largest = sorted(kommuner, key=lambda unit: -(unit.population or 0))[:_NAMED]
    found = []
    for unit in kommuner:
        row = row_of(view, cells, unit, unit.population, latest, unit.id in in_use)
        found.append(
            {
                "id": unit.code,
                "name": unit.name,
                "lat": unit.latitude,
                "lon": unit.longitude,
                "population": unit.population or 0,
                "value": None if row.rate is None else round(row.rate, 1),
                "count": None if row.count.value is None else row.count.count,
                "why": row.why,
                "href": "/oversikt?" + urlencode({**kept, "sted": unit.code or ""}),
                "own": unit.id == view.unit.id,
                "label": unit in largest,
            }
        )
    return found


def credit(conn: Connection) -> dict[str, str] | None:
    """Whose borders they are and their address; None before they are imported."""
    row = conn.execute("select credit, digest from access.border_source").fetchone()
    if row is None:
        return None
    return {"credit": row["credit"], "href": f"/oversikt/grenser?v={row['digest']}"}


def borders(request: Request) -> Response:
    """The borders as GeoJSON, gzipped; the address changes with the content, so it is kept for long."""
    global _packed
    with work_of(request, "borders.read") as work:
        source = work.conn.execute("select digest from access.border_source").fetchone()
        if source is None:
            raise Refused("T003", status=404)
        packed = _packed
        if packed is None or packed[0] != source["digest"]:
            rows = work.conn.execute(
                "select number, geometry from access.border order by number"
            ).fetchall()
            packed = (source["digest"], _pack(rows))
            _packed = packed
    body, headers = packed[1], {"cache-control": "private, max-age=31536000, immutable"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
    else:
        body = gzip.decompress(body)
    headers["vary"] = "accept-encoding"
    return Response(body, 200, headers, "application/geo+json")


def _pack(rows: list[dict[str, Any]]) -> bytes:
    features = [
        {"type": "Feature", "properties": {"id": row["number"]}, "geometry": row["geometry"]}
        for row in rows
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"))
    return gzip.compress(text.encode(), mtime=0)
