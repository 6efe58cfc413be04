"""What uses what: every reference between objects, also those written inside expressions.

A picture's whole web is made once and kept with it. Says nothing about who may see an object, and
nothing about data. Called by the configuration's pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from smittesporing.expression.nodes import ExpressionError, Item, Mode, Node, Text, walk
from smittesporing.expression.parse import parse
from smittesporing.metadata import check
from smittesporing.metadata.forms import reference
from smittesporing.metadata.incoming import own
from smittesporing.metadata.kinds import KINDS
from smittesporing.metadata.snapshot import Body, Metadata
from smittesporing.uid import is_uid

Key = tuple[str, str]  # kind in plural, uid

# Where expressions stand: kind → property → mode.
EXPRESSIONS: dict[str, dict[str, Mode]] = {
    "programRules": {"condition": Mode.RULE_ENGINE_CONDITION},
    "programRuleActions": {"data": Mode.RULE_ENGINE_ACTION},
    "programIndicators": {
        "expression": Mode.PROGRAM_INDICATOR_EXPRESSION,
        "filter": Mode.PROGRAM_INDICATOR_FILTER,
    },
    "indicators": {
        "numerator": Mode.INDICATOR_EXPRESSION,
        "denominator": Mode.INDICATOR_EXPRESSION,
    },
}
# Kinds that an identifier inside an expression may mean, by the sign before it.
_MEANT: dict[str, tuple[str, ...]] = {
    "#": ("programStages", "dataElements", "categoryOptionCombos", "options"),
    "A": ("programs", "trackedEntityAttributes"),
    "D": ("programs", "dataElements"),
    "C": ("constants",),
    "I": ("programIndicators",),
    "N": ("indicators",),
    "R": ("dataSets",),
    "OUG": ("organisationUnitGroups",),
    "PS_EVENTDATE": ("programStages",),
}


# Links that every form and category carries, or that say nothing of use.
_SILENT = frozenset(("categoryCombo", "organisationUnits", "categoryOptionCombo"))


@dataclass(frozen=True, slots=True)
class Use:
    """One object that uses, or is used by, another; `through` is the property where it stands."""

    plural: str
    uid: str
    through: str

    @property
    def key(self) -> Key:
        return (self.plural, self.uid)


@dataclass(frozen=True, slots=True)
class Uses:
    """Both directions of every reference; each pair of objects once."""

    of: Mapping[Key, tuple[Use, ...]]
    by: Mapping[Key, tuple[Use, ...]]

    def used_by(self, plural: str, uid: str) -> tuple[Use, ...]:
        """The objects that refer to this one."""
        return self.by.get((plural, uid), ())

    def uses(self, plural: str, uid: str) -> tuple[Use, ...]:
        """The objects that this one refers to."""
        return self.of.get((plural, uid), ())


@lru_cache(maxsize=4)
def uses_in(metadata: Metadata) -> Uses:
    """The whole web of a picture; an expression that cannot be read counts for nothing."""
    variables = _variables(metadata)
    of: dict[Key, dict[Key, Use]] = {}
    by: dict[Key, dict[Key, Use]] = {}
    for plural in KINDS:
        if plural in ("organisationUnits", "users"):
            continue
        for uid, body in metadata.of(plural).items():
            here: Key = (plural, uid)
            for through, there in _links(metadata, plural, body, variables):
                if there != here and metadata.get(*there) is not None:
                    of.setdefault(here, {}).setdefault(there, Use(*there, through))
                    by.setdefault(there, {}).setdefault(here, Use(*here, through))
    return Uses(_frozen(of), _frozen(by))


def _frozen(found: Mapping[Key, Mapping[Key, Use]]) -> dict[Key, tuple[Use, ...]]:
    return {key: tuple(each.values()) for key, each in found.items()}


def _links(
    metadata: Metadata, plural: str, body: Body, variables: Mapping[Key, Key]
) -> Iterator[tuple[str, Key]]:
    for name, kind, uid in check.pointers(own(plural, body)):
        if name not in _SILENT and kind.plural != "organisationUnits":
            yield name, (kind.plural, uid)
    program = program_of(metadata, plural, body)
    for name, mode in EXPRESSIONS.get(plural, {}).items():
        tree = read(body.get(name), mode)
        if tree is not None:
            for key in named_in(metadata, tree, mode, program, variables):
                yield name, key
    for boundary in body.get("analyticsPeriodBoundaries") or ():
        target = str(boundary.get("boundaryTarget") or "") if isinstance(boundary, Mapping) else ""
        if "{" in target or target.startswith("PS_"):
            tree = read(target, Mode.PROGRAM_INDICATOR_FILTER)
            if tree is not None:
                for key in named_in(
                    metadata, tree, Mode.PROGRAM_INDICATOR_FILTER, program, variables
                ):
                    yield "analyticsPeriodBoundaries", key


def read(text: Any, mode: Mode) -> Node | None:
    """The tree of a text, or None when there is none or it cannot be read."""
    stated = str(text or "").strip()
    if not stated:
        return None
    try:
        return parse(stated, mode)
    except ExpressionError:
        return None


def program_of(metadata: Metadata, plural: str, body: Body) -> str | None:
    """The program whose names an object's expressions use; an action's is its rule's."""
    if plural == "programRuleActions":
        body = metadata.get("programRules", reference(body, "programRule") or "") or {}
    return reference(body, "program")


def named_in(
    metadata: Metadata,
    tree: Node,
    mode: Mode,
    program: str | None,
    variables: Mapping[Key, Key] | None = None,
) -> Iterator[Key]:
    """The objects that an expression names: by identifier, or in rules by a variable's name."""
    in_rules = mode in (Mode.RULE_ENGINE_CONDITION, Mode.RULE_ENGINE_ACTION)
    known = _variables(metadata) if variables is None and in_rules else variables or {}
    for node in walk(tree):
        if isinstance(node, Item):
            if in_rules and node.sign in ("#", "A"):
                found = known.get((program or "", node.name))
                if found:
                    yield found
                continue
            for part in node.parts:
                for each in part.rpartition(":")[2].split("&"):
                    yield from _meant(metadata, node.sign, each)
        elif isinstance(node, Text) and is_uid(node.value):
            yield from _meant(metadata, "R{}", node.value)


def _meant(metadata: Metadata, sign: str, uid: str) -> Iterator[Key]:
    kinds = _MEANT.get(sign, ("relationshipTypes", "organisationUnitGroups", "optionGroups"))
    for plural in kinds:
        if metadata.get(plural, uid) is not None:
            yield (plural, uid)
            return


def _variables(metadata: Metadata) -> dict[Key, Key]:
    """Each rule variable by (program, name)."""
    return {
        (reference(body, "program") or "", str(body.get("name"))): ("programRuleVariables", uid)
        for uid, body in metadata.of("programRuleVariables").items()
    }
