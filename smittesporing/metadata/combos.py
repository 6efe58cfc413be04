"""The category option combos that a category combo must have: one for each choice of options.

A payload may bring them with ids of its own; those it lacks are made, as DHIS2 does after each
import of category combos, categories or options. Called by exchange.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from math import prod
from typing import Any

from smittesporing.metadata.forms import reference, references
from smittesporing.metadata.incoming import Item
from smittesporing.metadata.kinds import DEFAULT_CATEGORY_COMBO
from smittesporing.uid import derived_uid

Body = dict[str, Any]

# As many as DHIS2 makes; a combo of more is a mistake in its categories.
MOST = 500


def lacking(written: Iterable[Item], objects: Mapping[str, Mapping[str, Body]]) -> Iterator[Body]:
    """The combos to be made after these objects were written into this picture."""
    touched = {(item.plural, item.uid) for item in written}
    if any(plural in ("categoryCombos", "categories") for plural, _ in touched):
        yield from _lacking(objects, touched)


def all_lacking(objects: Mapping[str, Mapping[str, Body]]) -> Iterator[Body]:
    """The combos that any category combo of this picture must have and has not."""
    return _lacking(objects, {("categoryCombos", uid) for uid in objects["categoryCombos"]})


def _lacking(
    objects: Mapping[str, Mapping[str, Body]], touched: set[tuple[str, str]]
) -> Iterator[Body]:
    held: dict[str, set[frozenset[str]]] = {}
    for body in objects["categoryOptionCombos"].values():
        options = frozenset(references(body, "categoryOptions"))
        held.setdefault(reference(body, "categoryCombo") or "", set()).add(options)
    for uid, combo in objects["categoryCombos"].items():
        categories = references(combo, "categories")
        concerned = ("categoryCombos", uid) in touched or any(
            ("categories", each) in touched for each in categories
        )
        if not concerned or uid == DEFAULT_CATEGORY_COMBO or not categories:
            continue
        choices = [
            references(objects["categories"].get(each, {}), "categoryOptions")
            for each in categories
        ]
        if not 0 < prod(len(each) for each in choices) <= MOST:
            continue
        for chosen in product(*choices):
            if frozenset(chosen) not in held.get(uid, ()):
                yield _combo(uid, chosen, objects["categoryOptions"])


def _combo(combo: str, chosen: tuple[str, ...], options: Mapping[str, Body]) -> Body:
    names = (str(options.get(each, {}).get("name") or each) for each in chosen)
    return {
        "id": derived_uid("categoryOptionCombos", combo, *sorted(chosen)),
        "name": ", ".join(names),
        "ignoreApproval": False,
        "categoryCombo": {"id": combo},
        "categoryOptions": [{"id": each} for each in chosen],
    }
