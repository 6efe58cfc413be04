"""Payloads that name configuration by code instead of uid (DHIS2's idScheme=CODE).

Translates before anything is checked; a code that nothing carries is left as it stands, so that the
validator can say it was not found. Called by the importer.
"""

from collections.abc import Callable

from msgspec.structs import replace

from smittesporing.access import org_units
from smittesporing.access.work import Work
from smittesporing.metadata import store
from smittesporing.tracker.records import Bundle, Values
from smittesporing.tracker.report import Options

Translate = Callable[[str], str]


def translated(work: Work, bundle: Bundle, options: Options) -> Bundle:
    """The bundle with uids where the options say that it holds codes."""
    schemes = {options.id_scheme, *options.id_schemes.values()}
    if "CODE" not in schemes:
        return bundle
    metadata = store.current(work.conn)
    units = org_units.current(work.conn)

    def by_code(name: str, plural: str) -> Translate:
        if options.id_schemes.get(name, options.id_scheme) != "CODE":
            return lambda text: text
        if name == "orgUnit":
            return lambda text: units.by_code[text].uid if text in units.by_code else text

        def translate(text: str) -> str:
            body = metadata.by_code(plural, text)
            return str(body["id"]) if body else text

        return translate

    unit = by_code("orgUnit", "organisationUnits")
    program = by_code("program", "programs")
    stage = by_code("programStage", "programStages")
    element = by_code("dataElement", "dataElements")
    attribute = by_code("attribute", "trackedEntityAttributes")
    type_ = by_code("trackedEntityType", "trackedEntityTypes")
    link = by_code("relationshipType", "relationshipTypes")

    def keys(values: Values, translate: Translate) -> Values:
        return {translate(key): value for key, value in values.items()}

    return Bundle(
        tracked_entities=tuple(
            replace(
                one,
                type=type_(one.type),
                org_unit=unit(one.org_unit),
                attributes=keys(one.attributes, attribute),
            )
            for one in bundle.tracked_entities
        ),
        enrollments=tuple(
            replace(
                one,
                program=program(one.program),
                org_unit=unit(one.org_unit),
                attributes=keys(one.attributes, attribute),
            )
            for one in bundle.enrollments
        ),
        events=tuple(
            replace(
                one,
                program=program(one.program),
                program_stage=stage(one.program_stage),
                org_unit=unit(one.org_unit),
                data=keys(one.data, element),
            )
            for one in bundle.events
        ),
        relationships=tuple(replace(one, type=link(one.type)) for one in bundle.relationships),
    )
