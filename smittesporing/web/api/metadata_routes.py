"""The addresses of configuration, of the server itself and of the one who asks.

The last ones catch any kind by its name, so whoever gathers routes puts these after all other
addresses under /api. Called by web/routes.py and by tests.
"""

from __future__ import annotations

from collections.abc import Iterator

from smittesporing.web.api import (
    collections,
    copies,
    data_items,
    descriptions,
    dimensions,
    geojson,
    geometry,
    gist,
    maintenance,
    membership,
    merging,
    metadata,
    metadata_export,
    objects,
    org_units,
    schemas,
    sharing,
    sharing_many,
    system,
    tasks,
    unit_profile,
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
    yield Route("/api/schemas", ("GET",), schemas.listed, *_READ)
    yield Route("/api/schemas/{type}", ("GET",), schemas.one, *_READ)
    yield Route("/api/schemas/{type}", ("POST", "PUT"), schemas.fits, *_READ)
    yield Route("/api/schemas/{type}/{property}", ("GET",), schemas.one_property, *_READ)
    yield from _descriptions()
    for ending in ("", ".gz", ".json.gz", ".zip", ".json.zip"):
        out = metadata_export.export_package
        yield Route(f"/api/metadata{ending}", ("GET",), out, *_READ)
    yield Route("/api/metadata", ("POST",), metadata.import_package, *_WRITE)
    for path, endpoint in (
        ("system/tasks", tasks.tasks),
        ("system/tasks/{type}", tasks.tasks_of_type),
        ("system/tasks/{type}/{uid}", tasks.task),
        ("system/taskSummaries/{type}", tasks.task_summaries),
        ("system/taskSummaries/{type}/{uid}", tasks.task_summary),
        ("jobConfigurations", tasks.configurations),
        ("jobConfigurations/gist", tasks.configurations_gist),
        ("jobConfigurations/{uid}", tasks.configuration),
    ):
        yield Route(f"/api/{path}", ("GET",), endpoint, *_SELF)
    upkeep = "/api/maintenance"
    yield Route(upkeep, ("POST", "PUT"), maintenance.several, *_WRITE)
    yield Route(f"{upkeep}/{{task}}", ("POST", "PUT"), maintenance.single, *_WRITE)
    of_one = f"{upkeep}/categoryOptionComboUpdate/categoryCombo/{{uid}}"
    yield Route(of_one, ("POST", "PUT"), maintenance.combos_of_one, *_WRITE)
    yield Route("/api/resourceTables", ("POST", "PUT"), maintenance.tables, *_WRITE)
    analytics = "/api/resourceTables/analytics"
    yield Route(analytics, ("POST", "PUT"), maintenance.analytics_tables, *_WRITE)
    yield Route("/api/dataItems", ("GET",), data_items.listed, *_READ)
    split = "/api/dimensions"
    yield Route(split, ("GET",), dimensions.listed, *_READ)
    yield Route(f"{split}/recommendations", ("GET",), dimensions.recommended, *_READ)
    yield Route(f"{split}/{{uid}}", ("GET",), dimensions.one, *_READ)
    yield Route(f"{split}/{{uid}}/items", ("GET",), dimensions.items, *_READ)
    yield Route("/api/sharing/search", ("GET",), sharing.search, *_READ)
    yield Route("/api/programs/orgUnits", ("GET",), collections.program_org_units, *_READ)
    options = "/api/categoryOptions/orgUnits"
    yield Route(options, ("GET",), collections.category_option_org_units, *_READ)
    yield Route("/api/{type}/gist", ("GET",), gist.listed, *_READ)
    yield Route(f"{_ONE}/gist", ("GET",), gist.one, *_READ)
    yield Route(f"{_ONE}/{{property}}/gist", ("GET",), gist.members, *_READ)
    yield Route("/api/{type}/sharing", ("PATCH",), sharing_many.patch, *_WRITE)
    yield Route("/api/programs/{uid}/copy", ("POST",), copies.program, *_WRITE)
    yield Route("/api/{type}/merge", ("POST",), merging.merge_objects, *_WRITE)
    yield Route("/api/{type}", ("GET",), collections.listed, *_READ)
    yield Route("/api/{type}", ("POST",), objects.create, *_WRITE)
    yield Route(_ONE, ("GET",), collections.one, *_READ)
    yield Route(_ONE, ("PUT",), objects.replace, *_WRITE)
    yield Route(_ONE, ("PATCH",), objects.patch, *_WRITE)
    yield Route(_ONE, ("DELETE",), objects.remove, *_WRITE)
    yield Route(f"{_ONE}/translations", ("PUT",), objects.put_translations, *_WRITE)
    yield Route(f"{_ONE}/sharing", ("PUT",), sharing.write_one, *_WRITE)
    for ending in ("", ".gz", ".json.gz", ".zip", ".json.zip"):
        out = metadata_export.export_with_dependencies
        yield Route(f"{_ONE}/metadata{ending}", ("GET",), out, *_READ)
    yield Route(f"{_ONE}/{{property}}", ("GET",), collections.one_property, *_READ)
    yield Route(f"{_ONE}/{{property}}", ("PATCH",), objects.patch_property, *_WRITE)
    many, item = f"{_ONE}/{{collection}}", f"{_ONE}/{{collection}}/{{item}}"
    yield Route(many, ("POST",), membership.change, *_WRITE)
    yield Route(many, ("PUT",), membership.exactly, *_WRITE)
    yield Route(many, ("DELETE",), membership.drop_many, *_WRITE)
    yield Route(item, ("POST",), membership.add, *_WRITE)
    yield Route(item, ("DELETE",), membership.drop, *_WRITE)


def _descriptions() -> Iterator[Route]:
    """Where a form asks whether an expression can be used, and what it says."""
    for path, endpoint in (
        ("programRules/condition", descriptions.condition),
        ("programRuleActions/data/expression", descriptions.action_data),
        ("programIndicators/expression", descriptions.program_indicator),
        ("programIndicators/filter", descriptions.program_indicator_filter),
        ("validationRules/expression", descriptions.validation_rule),
        ("predictors/expression", descriptions.predictor),
        ("predictors/skipTest", descriptions.skip_test),
    ):
        yield Route(f"/api/{path}/description", ("POST",), endpoint, *_READ)
    indicators = "/api/indicators/expression/description"
    yield Route(indicators, ("GET", "POST"), descriptions.indicator, *_READ)
    yield Route("/api/expressions/description", ("GET",), descriptions.expression, *_READ)


def _org_units() -> Iterator[Route]:
    path = "/api/organisationUnits"
    yield Route(f"{path}.geojson", ("GET",), geojson.listed, *_READ)
    yield Route(f"{path}/{{uid}}.geojson", ("GET",), geojson.one, *_READ)
    yield Route(path, ("POST",), org_units.create, *_WRITE)
    yield Route(f"{path}/merge", ("POST",), org_units.merge, *_WRITE)
    yield Route(f"{path}/split", ("POST",), org_units.split, *_WRITE)
    yield Route(f"{path}/geometry", ("POST",), geometry.take_in, *_WRITE)
    shape = f"{path}/{{uid}}/geometry"
    yield Route(shape, ("POST",), geometry.take_in_one, *_WRITE)
    yield Route(shape, ("DELETE",), geometry.drop_one, *_WRITE)
    yield Route(f"{path}/{{uid}}", ("PUT",), org_units.replace, *_WRITE)
    yield Route(f"{path}/{{uid}}", ("PATCH",), org_units.patch, *_WRITE)
    yield Route(f"{path}/{{uid}}", ("DELETE",), org_units.remove, *_WRITE)
    for way in ("children", "descendants", "ancestors", "parents"):
        yield Route(f"{path}/{{uid}}/{way}", ("GET",), collections.around, *_READ)
    profile = "/api/organisationUnitProfile"
    yield Route(profile, ("GET",), unit_profile.read, *_READ)
    yield Route(profile, ("POST",), unit_profile.write, *_WRITE)
    yield Route(f"{profile}/{{uid}}/data", ("GET",), unit_profile.data, *_READ)
    levels = "/api/filledOrganisationUnitLevels"
    yield Route(levels, ("GET",), org_units.filled_levels, *_READ)
    yield Route(levels, ("POST",), org_units.set_levels, *_WRITE)
