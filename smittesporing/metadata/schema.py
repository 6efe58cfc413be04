"""What DHIS2 says of each kind's properties: types, owners, bounds, and where a reference leads.

schemas.toml states it once; `fields` and `filter`, the schemas clients read and what an object shows
when nothing was stored all come from here. What an import demands stands in kinds.py. Holds no
objects.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any, Final

from smittesporing.metadata.kinds import DEFAULT_CATEGORY_COMBO, KINDS

# The Java types behind each word; a property states its class where it is another.
_JAVA: Final = {
    **dict.fromkeys(("TEXT", "IDENTIFIER", "URL", "COLOR", "EMAIL"), "java.lang.String"),
    **dict.fromkeys(("PHONENUMBER", "PASSWORD"), "java.lang.String"),
    "BOOLEAN": "java.lang.Boolean",
    "DATE": "java.util.Date",
    "INTEGER": "java.lang.Integer",
}
_COMPOUND: Final = frozenset(("REFERENCE", "COMPLEX"))
_RANGE: Final = re.compile(r"(-?[\d.]+?)\.\.(-?[\d.]*)")


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a kind.

    Shape   name is the word in JSON; item and item_klass are set for collections, klass for the
            others; owner is whose side stores it, so that what is not owned is never written.
    """

    name: str
    type: str
    klass: str
    item: str | None = None
    singular: str = ""
    field: str = ""
    ordered: bool = False
    persisted: bool = True
    owner: bool = True
    required: bool = False
    unique: bool = False
    writable: bool = True
    primitive: bool = False
    least: float | None = None
    most: float | None = None

    @property
    def collection(self) -> bool:
        return self.type == "COLLECTION"

    @property
    def simple(self) -> bool:
        """Whether the value, or each value of the collection, is a plain one."""
        return (self.item or self.type) not in _COMPOUND

    @property
    def constants(self) -> tuple[str, ...]:
        """The words a CONSTANT may be; empty when it is none."""
        if (self.item or self.type) != "CONSTANT":
            return ()
        return CONSTANTS.get(self.klass.removeprefix("org.hisp.dhis."), ())


@dataclass(frozen=True)
class Schema:
    """A kind of object, or a kind of row inside one, with its properties by name."""

    plural: str
    singular: str
    klass: str
    properties: Mapping[str, Property]

    @property
    def has_address(self) -> bool:
        """Whether its objects have an address of their own: rows inside others have none."""
        return self.plural in KINDS

    @cached_property
    def owned(self) -> frozenset[str]:
        return frozenset(name for name, each in self.properties.items() if each.owner)

    @cached_property
    def foreign(self) -> frozenset[str]:
        """What an object shows but does not itself hold."""
        return frozenset(name for name, each in self.properties.items() if not each.owner)

    @cached_property
    def absent(self) -> Mapping[str, Any]:
        """What stands for a property that was never stored; the rest is left out of answers."""
        found: dict[str, Any] = {}
        for name, each in self.properties.items():
            if each.collection:
                found[name] = []
            elif each.type == "BOOLEAN":
                found[name] = False
            elif each.primitive:
                found[name] = 0
        if self.has_address:
            found["attributeValues"] = []
        return {**found, **_STANDS_FOR.get(self.plural, {})}


_COMBO: Final = {"categoryCombo": {"id": DEFAULT_CATEGORY_COMBO}}
# Where DHIS2 begins with something else than no, nought and nothing.
_STANDS_FOR: Final[Mapping[str, Mapping[str, Any]]] = {
    "programs": {**_COMBO, "accessLevel": "OPEN", "minAttributesRequiredToSearch": 1},
    "programStages": {"autoGenerateEvent": True, "validationStrategy": "ON_COMPLETE"},
    "programIndicators": {
        **_COMBO,
        "attributeCombo": _COMBO["categoryCombo"],
        "analyticsType": "EVENT",
        "aggregationType": "SUM",
    },
    "trackedEntityTypes": {"minAttributesRequiredToSearch": 1},
    "dataElements": _COMBO,
    "dataSets": _COMBO,
}


def _property(line: str) -> Property:
    name, kind, *words = line.split()
    item = words.pop(0) if kind == "COLLECTION" else None
    stated: dict[str, Any] = {"singular": name[:-1] if item else name, "field": name}
    klass = "" if (item or kind) == "CONSTANT" else _JAVA.get(item or kind, "java.lang.Double")
    if name == "id":
        stated["field"] = "uid"
    for word in words:
        bounds = _RANGE.fullmatch(word)
        if bounds:
            stated["least"] = float(bounds[1])
            stated["most"] = float(bounds[2]) if bounds[2] else None
        elif "=" in word:
            key, _, value = word.partition("=")
            stated["singular" if key == "name" else "field"] = value
        elif word == "computed":
            stated |= {"persisted": False, "owner": False}
        elif word == "inverse":
            stated["owner"] = False
        elif word == "fixed":
            stated["writable"] = False
        elif word == "list":
            stated["ordered"] = True
        elif word in ("required", "unique", "primitive"):
            stated[word] = True
        else:
            klass = word if word.startswith("java.") or "jts" in word else f"org.hisp.dhis.{word}"
    if item and name.endswith("ies") and "name=" not in line:
        stated["singular"] = f"{name[:-3]}y"
    return Property(name, kind, klass, item, **stated)


def _lines(text: str) -> dict[str, Property]:
    return {each.name: each for each in map(_property, text.strip().splitlines())}


def _schema(plural: str, stated: Mapping[str, str], common: Mapping[str, Property]) -> Schema:
    without = set(stated.get("without", "").split())
    own = {name: each for name, each in common.items() if name not in without}
    properties = dict(sorted((own | _lines(stated["properties"])).items()))
    if plural in KINDS:
        kind = KINDS[plural]
        return Schema(plural, kind.singular, kind.klass, properties)
    return Schema(plural, stated["singular"], f"org.hisp.dhis.{stated['klass']}", properties)


_STATED = tomllib.loads(files(__package__).joinpath("schemas.toml").read_text(encoding="utf-8"))
CONSTANTS: dict[str, tuple[str, ...]] = {
    name: tuple(words.split()) for name, words in _STATED["constants"].items()
}
_COMMON = _lines(_STATED["common"])
SCHEMAS: dict[str, Schema] = {
    plural: _schema(plural, stated, _COMMON) for plural, stated in _STATED["schema"].items()
}
_BY_KLASS: dict[str, str] = {each.klass: plural for plural, each in SCHEMAS.items()}


def leads_to(plural: str, name: str) -> str | None:
    """The schema that a property of this kind holds, or None when it is plain or not known."""
    schema = SCHEMAS.get(plural)
    found = schema.properties.get(name) if schema else None
    return _BY_KLASS.get(found.klass) if found else None
