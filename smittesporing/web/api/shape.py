"""What is always so of metadata: presets, where a property leads, and how each is read.

The half of the `fields` and `filter` languages that no user and no snapshot changes, so what is
compiled for it is compiled once. Called by world.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from smittesporing.metadata.fields import MISSING, Preset
from smittesporing.metadata.kinds import EMBEDDED, KINDS, kind_pointed_at
from smittesporing.metadata.schema import SCHEMAS, Schema, leads_to
from smittesporing.uid import is_uid
from smittesporing.web.api import computed

Getter = Callable[[Any, Mapping[str, Any]], Any]

# Below these names nothing is a reference, whatever it is called.
_PLAIN: Final = frozenset(("sharing", "access", "geometry", "translations", "settings", "plain"))
_NAMED: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id",),
    "code": ("code",),
    "idName": ("id", "displayName"),
    "identifiable": ("id", "name", "code", "created", "lastUpdated", "lastUpdatedBy"),
    "nameable": ("id", "name", "shortName", "description", "code", "created", "lastUpdated"),
}
# Words of older versions, shown beside the sharing that says the same.
_LEGACY: Final = ("publicAccess", "externalAccess", "userAccesses", "userGroupAccesses")
# What no answer holds whatever is asked: an account's secrets are not configuration.
_NEVER: Final = frozenset(("password", "secret", "ldapId", "openId", "restoreToken", "secretKey"))


class MetadataShape:
    """The one shape all metadata has."""

    def preset(self, kind: str, name: str) -> Preset:
        if name in _NAMED:
            return Preset(_NAMED[name])
        schema = SCHEMAS.get(kind)
        if name not in ("all", "owner", "persisted", "simple"):
            return Preset()
        if schema is None:
            return Preset(rest=_may_be_shown)
        if name == "all":
            legacy = _LEGACY if schema.has_address else ()
            names = (*schema.properties, *legacy)
            return Preset(tuple(each for each in names if _may_be_shown(each)), _may_be_shown)
        if name == "simple":
            simple = (each for each in schema.properties.values() if each.simple and not each.item)
            return Preset(tuple(each.name for each in simple if _may_be_shown(each.name)))
        if name == "owner":
            kept = KINDS[kind].owner if kind in KINDS else frozenset()
            foreign = schema.foreign - kept
            return Preset(rest=lambda each: each not in foreign and _may_be_shown(each))
        known = schema.properties
        return Preset(
            rest=lambda each: (each not in known or known[each].persisted) and _may_be_shown(each)
        )

    def getter(self, kind: str, name: str) -> Getter:
        if name in _NEVER:
            return lambda world, body: MISSING
        schema = SCHEMAS.get(kind)
        made = computed.ON_ROWS.get((kind, name))
        if kind in KINDS:
            made = computed.ON_ONE.get((kind, name)) or computed.ON_ALL.get(name)
        if made is not None:
            return lambda world, body: made(world, kind, body)
        base = f"{name[7:8].lower()}{name[8:]}" if name.startswith("display") else ""
        stated = schema.properties.get(name) if schema else None
        if base and (stated is None or not stated.persisted):
            return lambda world, body: (
                body[name]
                if name in body and base not in body
                else computed.displayed(world, body, base)
            )
        if schema is None or kind not in KINDS:
            return _stored(name, schema)
        if stated is None and is_uid(name):
            return lambda world, body: _custom(body, name)
        if stated is not None and stated.collection and not stated.owner:
            return _from_below(kind, name)
        return _stored(name, schema)

    def below(self, kind: str, name: str) -> str:
        if kind in _PLAIN:
            return "plain"
        known = leads_to(kind, name)
        if known is not None:
            return known
        if name in EMBEDDED:
            return name
        pointed = kind_pointed_at(name)
        return pointed.plural if pointed else name

    def refers(self, kind: str) -> bool:
        return kind in KINDS


SHAPE: Final = MetadataShape()


def _may_be_shown(name: str) -> bool:
    return name not in _NEVER


def _stored(name: str, schema: Schema | None) -> Getter:
    absent = schema.absent.get(name, MISSING) if schema else MISSING

    def get(world: Any, body: Mapping[str, Any]) -> Any:
        value = body.get(name, absent)
        return absent if value is None else value

    return get


def _custom(body: Mapping[str, Any], attribute: str) -> Any:
    """The value of a custom attribute, asked for by its uid as if it were a property."""
    for each in body.get("attributeValues") or ():
        if (each.get("attribute") or {}).get("id") == attribute:
            return each.get("value", MISSING)
    return MISSING


def _from_below(kind: str, name: str) -> Getter:
    """A list that others hold: computed with the snapshot, or looked up in its index."""

    def get(world: Any, body: Mapping[str, Any]) -> Any:
        if name in body:
            return body[name]
        found = world.index.held_below(kind, name, str(body.get("id")))
        return [] if found is None else found

    return get
