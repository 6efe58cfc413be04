"""The addresses of records, with their rules. Read by web/routes.py."""

from collections.abc import Iterator

from smittesporing.web.api import change_logs, reserving, tracker, tracker_acts, tracker_reading
from smittesporing.web.api.files_routes import record_files
from smittesporing.web.routes import Route

_RULES = ("tracker", "people", "reach")


def routes() -> Iterator[Route]:
    """Every address under /api/tracker, most particular first, and those that promise values."""
    reading, acts = tracker_reading, tracker_acts
    yield from record_files()
    for path, endpoint, audit in (
        ("/trackedEntities/{uid}/changeLogs", change_logs.tracked_entity_changes, "people"),
        ("/events/{uid}/changeLogs", change_logs.event_changes, "people"),
        ("/trackedEntities/{uid}", reading.tracked_entity, "people"),
        ("/enrollments/{uid}", reading.enrollment, "people"),
        ("/events/{uid}", reading.event, "people"),
        ("/relationships/{uid}", reading.relationship, "people"),
        ("/trackedEntities", reading.tracked_entities, "people"),
        ("/trackedEntities.csv", reading.tracked_entities_csv, "people"),
        ("/events.csv", reading.events_csv, "people"),
        ("/enrollments", reading.enrollments, "people"),
        ("/events", reading.events, "people"),
        ("/relationships", reading.relationships, "people"),
    ):
        yield Route(f"/api/tracker{path}", ("GET",), endpoint, *_RULES, audit)
    for path, endpoint in (
        ("/jobs/{uid}/report", tracker.job_report),
        ("/jobs/{uid}", tracker.job_notices),
    ):
        yield Route(f"/api/tracker{path}", ("GET",), endpoint, "tracker", "people", "self", "none")
    for path, endpoint in (
        ("/enrollments/{uid}/note", acts.enrollment_note),
        ("/events/{uid}/note", acts.event_note),
        ("/ownership/override", acts.overridden),
        ("", tracker.imported),
    ):
        yield Route(f"/api/tracker{path}", ("POST",), endpoint, *_RULES, "change")
    yield Route("/api/tracker/ownership/transfer", ("PUT",), acts.transferred, *_RULES, "change")
    for path, endpoint, authority, scope in (
        ("requiredValues", reserving.required_values, "signed_in", "configuration"),
        ("generate", reserving.generate, "people", "reach"),
        ("generateAndReserve", reserving.generate_and_reserve, "people", "reach"),
    ):
        path = f"/api/trackedEntityAttributes/{{uid}}/{path}"
        yield Route(path, ("GET",), endpoint, "tracker", authority, scope, "none")
