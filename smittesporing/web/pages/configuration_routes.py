"""The addresses of the configuration's pages, each with its four rules. Called by web/routes.py."""

from collections.abc import Callable, Iterator
from typing import Any

from smittesporing.web.pages import (
    configuration_browse,
    configuration_fields,
    configuration_form,
    configuration_indicator,
    configuration_names,
    configuration_new,
    configuration_options,
    configuration_publish,
    configuration_rule,
    configuration_sections,
    configuration_show,
    configuration_try,
    configuration_versions,
)

READ = ("metadata", "metadata", "configuration", "none")
WRITTEN = ("metadata", "metadata", "configuration", "change")


def configuration_routes(get: Callable[..., Any], post: Callable[..., Any]) -> Iterator[Any]:
    """Routes made by `get` and `post` of web/routes.py; the more particular ones first."""
    top = "/konfigurasjon"
    yield get(top, configuration_browse.show, *READ)
    draft = f"{top}/utkast"
    yield get(draft, configuration_publish.show, *READ)
    yield post(f"{draft}/publiser", configuration_publish.publish, *WRITTEN)
    yield post(f"{draft}/forkast", configuration_publish.discard, *WRITTEN)
    yield post(f"{draft}/velg/{{plural}}/{{uid}}", configuration_publish.choose, *WRITTEN)
    versions = f"{top}/versjoner"
    yield get(versions, configuration_versions.show, *READ)
    yield get(f"{versions}/sammenlign", configuration_versions.compare, *READ)
    yield post(f"{versions}/{{number}}/tilbake", configuration_versions.go_back, *WRITTEN)
    # Tried by POST, so that what is typed stands in no address; nothing is written.
    yield get(f"{top}/prov/{{plural}}/{{uid}}", configuration_try.show, *READ)
    yield post(f"{top}/prov/{{plural}}/{{uid}}", configuration_try.show, *READ)
    stage = f"{top}/programStages/{{uid}}"
    yield post(f"{stage}/sporsmal", configuration_form.add, *WRITTEN)
    yield post(f"{stage}/nytt-sporsmal", configuration_new.question, *WRITTEN)
    for form in (stage, f"{top}/programs/{{uid}}"):
        yield post(f"{form}/sporsmal/{{element}}/krav", configuration_form.must, *WRITTEN)
        yield post(f"{form}/sporsmal/{{element}}/flytt", configuration_form.move, *WRITTEN)
        yield post(f"{form}/del", configuration_sections.add, *WRITTEN)
        yield post(f"{form}/del/{{part}}/{{act}}", configuration_sections.act, *WRITTEN)
    yield post(f"{top}/optionSets", configuration_new.answer_list, *WRITTEN)
    answers = f"{top}/optionSets/{{uid}}/svar"
    yield post(answers, configuration_options.add, *WRITTEN)
    yield post(f"{answers}/{{option}}/{{act}}", configuration_options.act, *WRITTEN)
    rule = f"{top}/programRules/{{uid}}"
    yield post(f"{rule}/handling/{{action}}", configuration_rule.act, *WRITTEN)
    yield post(f"{rule}/navn", configuration_names.add, *WRITTEN)
    limits = f"{top}/programIndicators/{{uid}}/grense/{{limit}}"
    yield post(limits, configuration_indicator.limit, *WRITTEN)
    one = f"{top}/{{plural}}/{{uid}}"
    yield get(one, configuration_show.show, *READ)
    yield get(f"{one}/siden", configuration_show.side, *READ)
    yield post(f"{one}/felt", configuration_fields.save, *WRITTEN)
    yield post(f"{one}/setning", configuration_fields.say, *READ)
    yield post(f"{one}/kopi", configuration_new.copy, *WRITTEN)
    yield post(f"{one}/angre", configuration_show.undo, *WRITTEN)
    yield post(f"{one}/fjern", configuration_show.remove, *WRITTEN)
