"""The addresses of configuration, of the server itself and of the one who asks.

The last ones catch any kind by its name, so whoever gathers routes puts these after all other
addresses under /api. Called by web/routes.py and by tests.
"""

from __future__ import annotations

from collections.abc import Iterator

from smittesporing.web.api import (
    collections,
    metadata,
    metadata_export,
    objects,
    org_units,
    system,
)
from smittesporing.web.api.accounts_routes import accounts_routes
from smittesporing.web.api.files_routes import files_routes
from smittesporing.web.routes import Route

_READ = ("metadata", "signed_in", "configuration", "none")
_WRITE = ("metadata", "signed_in", "configuration", "change")
_SELF = ("metadata", "signed_in", "self", "none")
_ONE = "/api/{type}/{uid}"


def metadata_routes() -> Iterator[Route]:
    """Every address of this half of the API; writing asks for the action `metadata` inside."""
    yield Route("/api/ping", ("GET",), system.ping, "metadata", "public", "none", "none")
    yield Route("/api/system/ping", ("GET",), system.ping, "metadata", "public", "none", "none")
    yield Route("/api/system/info", ("GET",), system.info, *_READ)
    yield Route("/api/system/id", ("GET",), system.ids, *_READ)
    yield from accounts_routes()
    yield from files_routes()
    yield from _org_units()
    yield Route("/api/schemas", ("GET",), system.schemas, *_READ)
    yield Route("/api/schemas/{type}", ("GET",), system.schema, *_READ)
    for ending in ("", ".gz", ".json.gz", ".zip", ".json.zip"):
        out = metadata_export.export_package
        yield Route(f"/api/metadata{ending}", ("GET",), out, *_READ)
    yield Route("/api/metadata", ("POST",), metadata.import_package, *_WRITE)
    tasks = "/api/system/tasks"
    yield Route(tasks, ("GET",), metadata.tasks, *_SELF)
    yield Route(f"{tasks}/{{type}}", ("GET",), metadata.tasks_of_type, *_SELF)
    yield Route(f"{tasks}/{{type}}/{{uid}}", ("GET",), metadata.task, *_SELF)
    summary = "/api/system/taskSummaries/{type}/{uid}"
    yield Route(summary, ("GET",), metadata.task_summary, *_SELF)
    yield Route("/api/programs/orgUnits", ("GET",), collections.program_org_units, *_READ)
    yield Route("/api/{type}", ("GET",), collections.listed, *_READ)
    yield Route("/api/{type}", ("POST",), objects.create, *_WRITE)
    yield Route(_ONE, ("GET",), collections.one, *_READ)
    yield Route(_ONE, ("PUT",), objects.replace, *_WRITE)
    yield Route(_ONE, ("PATCH",), objects.patch, *_WRITE)
    yield Route(_ONE, ("DELETE",), objects.remove, *_WRITE)
    for ending in ("", ".gz", ".json.gz", ".zip", ".json.zip"):
        out = metadata_export.export_with_dependencies
        yield Route(f"{_ONE}/metadata{ending}", ("GET",), out, *_READ)
    yield Route(f"{_ONE}/{{property}}", ("GET",), collections.one_property, *_READ)
    many, item = f"{_ONE}/{{collection}}", f"{_ONE}/{{collection}}/{{item}}"
    yield Route(many, ("POST", "PUT"), objects.change_collection, *_WRITE)
    yield Route(item, ("POST",), objects.add_to_collection, *_WRITE)
    yield Route(item, ("DELETE",), objects.drop_from_collection, *_WRITE)


def _org_units() -> Iterator[Route]:
    path = "/api/organisationUnits"
    yield Route(f"{path}.geojson", ("GET",), org_units.geojson, *_READ)
    yield Route(path, ("POST",), org_units.create, *_WRITE)
    yield Route(f"{path}/merge", ("POST",), org_units.merge, *_WRITE)
    yield Route(f"{path}/split", ("POST",), org_units.split, *_WRITE)
    yield Route(f"{path}/{{uid}}", ("PUT",), org_units.replace, *_WRITE)
    yield Route(f"{path}/{{uid}}", ("PATCH",), org_units.patch, *_WRITE)
    yield Route(f"{path}/{{uid}}", ("DELETE",), org_units.remove, *_WRITE)
    yield Route(f"{path}/{{uid}}/parents", ("GET",), org_units.parents, *_READ)
    levels = "/api/filledOrganisationUnitLevels"
    yield Route(levels, ("GET",), org_units.filled_levels, *_READ)
    yield Route(levels, ("POST",), org_units.set_levels, *_WRITE)
