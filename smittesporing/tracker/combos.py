"""Attribute option combinations: which one a choice of category options names, and what one was made of.

Clients send and filter by the options that were chosen; records hold the combination. Called by the importer,
`check_events`, `listing` and `answers`.
"""

from msgspec.structs import replace

from smittesporing.access.work import Work
from smittesporing.metadata import store
from smittesporing.metadata.forms import references
from smittesporing.metadata.store import Metadata
from smittesporing.tracker.records import DEFAULT_COMBO, Bundle, Event


def options_of(metadata: Metadata, option_combo: str) -> tuple[str, ...]:
    """The category options of a combination, in its order; none when it is not known."""
    return references(metadata.get("categoryOptionCombos", option_combo) or {}, "categoryOptions")


def choices(metadata: Metadata, combo: str) -> dict[frozenset[str], str]:
    """The combinations of a category combo, by the options that make each."""
    return {
        frozenset(references(body, "categoryOptions")): uid
        for uid, body in metadata.of("categoryOptionCombos").items()
        if body.get("categoryCombo") == {"id": combo}
    }


def resolved(work: Work, bundle: Bundle) -> Bundle:
    """The bundle with combinations where events state category options; what makes none stays as sent."""
    if not any(event.category_options for event in bundle.events):
        return bundle
    metadata = store.current(work.conn)
    known: dict[str, dict[frozenset[str], str]] = {}

    def with_combo(event: Event) -> Event:
        if event.attribute_option_combo or not event.category_options:
            return event
        stage = metadata.stages.get(event.program_stage)
        program = metadata.programs.get(event.program or (stage.program if stage else ""))
        combo = (program.category_combo if program else "") or DEFAULT_COMBO
        if combo not in known:
            known[combo] = choices(metadata, combo)
        found = known[combo].get(frozenset(event.category_options), "")
        return replace(event, attribute_option_combo=found)

    return replace(bundle, events=tuple(with_combo(event) for event in bundle.events))
