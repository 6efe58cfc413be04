"""The kinds of object DHIS2 metadata consists of, and how they hang together.

kinds.toml declares each kind once; import, export, filters and the API read it here. Holds no
objects.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

DEFAULT_CATEGORY = "GLevLNI9wkl"
DEFAULT_CATEGORY_OPTION = "xYerKDKCefk"
DEFAULT_CATEGORY_COMBO = "bjDvmb4bfuf"
DEFAULT_CATEGORY_OPTION_COMBO = "HllvX50cXC0"
DEFAULT_UIDS = frozenset(
    (
        DEFAULT_CATEGORY,
        DEFAULT_CATEGORY_OPTION,
        DEFAULT_CATEGORY_COMBO,
        DEFAULT_CATEGORY_OPTION_COMBO,
    )
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of object: its names, its rules of form, and the authority that creates it.

    Shape   plural is the key in a payload and in the address; klass is the Java class name that
            DHIS2's reports carry and clients compare. owner holds what a payload may state, and
            properties that and what is computed from other objects.
    """

    plural: str
    singular: str
    klass: str
    owner: frozenset[str]
    properties: frozenset[str]
    required: tuple[str, ...] = ("name",)
    required_today: tuple[str, ...] = ()
    keeps_unknown: bool = False
    unique_name: bool = False
    unique_short_name: bool = False
    unique_code: bool = True
    shareable: bool = True
    data_shareable: bool = False
    counts_versions: bool = False
    authority: str = ""


@dataclass(frozen=True, slots=True)
class Inverse:
    """A list on `parent` that is computed from a reference (or list of them) held by `child`."""

    parent: str
    collection: str
    child: str
    through: str


def _kind(plural: str, declared: dict[str, Any]) -> Kind:
    rules = dict(declared)
    owner = frozenset(rules.pop("properties").split())
    return Kind(
        plural=plural,
        klass="org.hisp.dhis." + rules.pop("klass"),
        owner=owner,
        properties=owner | frozenset(rules.pop("computed", "").split()),
        required=tuple(rules.pop("required", ("name",))),
        required_today=tuple(rules.pop("required_today", ())),
        **rules,
    )


_DECLARED = tomllib.loads(files(__package__).joinpath("kinds.toml").read_text(encoding="utf-8"))
_ALL = tuple(_kind(plural, declared) for plural, declared in _DECLARED["kind"].items())

KINDS: dict[str, Kind] = {kind.plural: kind for kind in _ALL}
BY_SINGULAR: dict[str, Kind] = {kind.singular: kind for kind in _ALL}
ORDER: dict[str, int] = {kind.plural: place for place, kind in enumerate(_ALL)}
COMMON_PROPERTIES: frozenset[str] = frozenset(_DECLARED["common_properties"].split())
EMBEDDED: frozenset[str] = frozenset(_DECLARED["embedded"].split())
INVERSES: tuple[Inverse, ...] = tuple(Inverse(**each) for each in _DECLARED["inverse"])
_POINTS_AT: dict[str, Kind] = (
    {kind.singular: kind for kind in _ALL}
    | KINDS
    | {name: KINDS[plural] for name, plural in _DECLARED["other_names"].items()}
)


def kind_pointed_at(name: str) -> Kind | None:
    """The kind that a property of this name refers to, or None when it refers to none."""
    return _POINTS_AT.get(name)
