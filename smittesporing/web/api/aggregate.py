"""What clients that also collect aggregate data ask for while they synchronise: there is none.

Aggregate data is not stored here; a package with data sets must not stop a device that asks for their values.
Called through web/api/files_routes.py.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.web.api.envelope import as_json, door


@door
def data_value_sets(request: Request) -> Response:
    """GET /api/dataValueSets."""
    return as_json({"dataValues": []})


@door
def registrations(request: Request) -> Response:
    """GET /api/completeDataSetRegistrations."""
    return as_json({"completeDataSetRegistrations": []})


@door
def approvals(request: Request) -> Response:
    """GET /api/dataApprovals/multiple."""
    return as_json([])
