"""The addresses of files and icons, and of the few things clients ask of a server at start.

They stand before the ones that catch any kind by its name. Called by metadata_routes.py and routes.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from smittesporing.web.api import aggregate, files, icons, start
from smittesporing.web.routes import Route

_READ = ("metadata", "signed_in", "configuration", "none")
_WRITE = ("metadata", "signed_in", "configuration", "change")
_PEOPLE = ("tracker", "people", "reach", "people")
_OPEN = ("web", "public", "none", "none")


def files_routes() -> Iterator[Route]:
    """Every address of this part."""
    # A file may be of a person: sending one and reading one's own asks for people.
    yield Route("/api/fileResources", ("POST",), files.add, "tracker", "api", "self", "change")
    yield Route("/api/fileResources", ("GET",), files.listed, "tracker", "api", "self", "none")
    yield Route("/api/fileResources/{uid}", ("GET",), files.one, "tracker", "api", "self", "none")
    yield Route(
        "/api/fileResources/{uid}/data", ("GET",), files.data, "tracker", "api", "self", "none"
    )
    yield Route("/api/icons", ("GET",), icons.listed, *_READ)
    yield Route("/api/icons", ("POST",), icons.add, *_WRITE)
    yield Route("/api/icons/keywords", ("GET",), icons.keywords, *_READ)
    yield Route("/api/icons/{key}", ("GET",), icons.one, *_READ)
    yield Route("/api/icons/{key}", ("PUT",), icons.change, *_WRITE)
    yield Route("/api/icons/{key}", ("DELETE",), icons.remove, *_WRITE)
    for ending in ("icon", "icon.svg"):
        yield Route(f"/api/icons/{{key}}/{ending}", ("GET",), icons.picture, *_READ)
    yield Route("/api/loginConfig", ("GET",), start.login_config, *_OPEN)
    yield Route("/api/apps/menu", ("GET",), start.app_menu, *_READ)
    yield Route("/api/apps", ("GET",), start.apps, *_READ)
    for path, endpoint in (
        ("dataValueSets", aggregate.data_value_sets),
        ("completeDataSetRegistrations", aggregate.registrations),
        ("dataApprovals/multiple", aggregate.approvals),
    ):
        yield Route(f"/api/{path}", ("GET",), endpoint, *_READ)
    yield Route("/api/locales/ui", ("GET",), start.ui_locales, *_READ)
    yield Route("/api/locales/db", ("GET",), start.db_locales, *_READ)
    yield Route("/api/locales/dbLocales", ("GET",), start.db_locale_objects, *_READ)
    one = "/api/locales/dbLocales/{uid}"
    yield Route(one, ("GET",), start.db_locale_object, *_READ)
    yield Route("/api/system/flags", ("GET",), start.flags, *_READ)
    yield Route("/api/system/styles", ("GET",), start.styles, *_READ)
    yield Route("/api/system/uuid", ("GET",), start.uuids, *_READ)
    yield Route("/api/staticContent/{key}", ("GET",), start.logo, *_READ)
    yield Route("/api/periodTypes", ("GET",), start.period_types, *_READ)
    yield Route("/api/system/uid", ("GET",), start.uids, *_READ)


def record_files() -> Iterator[Route]:
    """Files that values of records name: part of a person, and logged as such."""
    for ending in ("file", "image"):
        yield Route(
            f"/api/tracker/events/{{uid}}/dataValues/{{item}}/{ending}",
            ("GET",),
            files.of_event,
            *_PEOPLE,
        )
        yield Route(
            f"/api/tracker/trackedEntities/{{uid}}/attributes/{{item}}/{ending}",
            ("GET",),
            files.of_person,
            *_PEOPLE,
        )
