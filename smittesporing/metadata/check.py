"""What must hold for an object before it is kept: form, uniqueness, references, meaning.

Each check gathers refusals; none raises for bad input. Knows the whole picture as it will be after
the import. What holds for program rules and for custom attributes stands in check_rules.py and
check_attributes.py. Called by exchange.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any

from smittesporing.metadata import forms, indicators, options, programs, rules
from smittesporing.metadata.kinds import EMBEDDED, KINDS, Kind, kind_pointed_at
from smittesporing.metadata.report import Refusal
from smittesporing.metadata.schema import SCHEMAS
from smittesporing.uid import is_uid

Body = dict[str, Any]
Objects = Mapping[str, Mapping[str, Body]]

# Rows whose references may lead nowhere: DHIS2 takes such drawings, and shows what there is.
_LOOSE = frozenset(("dashboardItems", "dataDimensionItems", "mapViews"))
# The longest texts DHIS2 keeps.
_LONGEST = {"name": 230, "shortName": 50, "code": 50}
_LONGER = {("options", "code"): 230, ("users", "name"): 321, ("dataEntryForms", "name"): 160}
_UNBOUNDED = frozenset((("categoryOptionCombos", "name"), ("users", "code")))

# People are not configuration: their accounts live in access, so these are not looked up here.
_UNCHECKED = frozenset(("users", "createdBy", "lastUpdatedBy", "user"))

_ACCESS = re.compile(r"([r-][w-]){2}----")

# Building the view finds what the rooms above could not have read.
_VIEWS: dict[str, Callable[[Body], object]] = {
    "optionSets": lambda body: options.option_set(body, ()),
    "dataElements": lambda body: forms.data_element(body, {}),
    "trackedEntityAttributes": lambda body: forms.attribute(body, {}),
    "trackedEntityTypes": lambda body: programs.tracked_entity_type(body, {}),
    "programStages": lambda body: programs.stage(body, {}, ()),
    "programs": lambda body: programs.program(body, {}, {}, (), ()),
    "relationshipTypes": programs.relationship_type,
    "programRules": lambda body: rules.program_rule(body, ()),
    "programRuleVariables": rules.program_rule_variable,
    "programIndicators": indicators.program_indicator,
    "indicators": lambda body: indicators.indicator(body, {}),
    "indicatorTypes": lambda body: int(body.get("factor") or 1),
    "constants": lambda body: float(body.get("value") or 0),
}


def form(kind: Kind, body: Body) -> Iterator[Refusal]:
    """What the object lacks by itself: required properties, a good uid, a readable meaning."""
    uid = body.get("id")
    if not is_uid(uid):
        yield Refusal("E4014", (str(uid), "id"), "id")
    for name in kind.required:
        if body.get(name) in (None, ""):
            yield Refusal("E4000", (name,), name)
    yield from _lengths(kind, body)
    view = _VIEWS.get(kind.plural)
    if view is not None and is_uid(uid):
        try:
            view(body)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            yield Refusal("E4027", (str(error),))


def _lengths(kind: Kind, body: Body) -> Iterator[Refusal]:
    for name, usual in _LONGEST.items():
        most = _LONGER.get((kind.plural, name), usual)
        length = len(str(body.get(name) or ""))
        if length > most and (kind.plural, name) not in _UNBOUNDED:
            yield Refusal("E4001", (name, str(most), str(length)), name)


def references(kind: Kind, body: Body, objects: Objects) -> Iterator[Refusal]:
    """The references that lead nowhere once everything in the import is in place."""
    for name, pointed, uid in pointers(body):
        if uid not in objects.get(pointed.plural, {}):
            yield Refusal(
                "E5002",
                (uid, pointed.klass.rpartition(".")[2], called(kind, body), name),
                name,
                about=pointed.plural,
            )


def shared_with(body: Body, groups: Container[str], users: Container[str]) -> Iterator[Refusal]:
    """The groups and users in its sharing that nobody knows, and access that cannot be read."""
    stated = body.get("sharing")
    if not isinstance(stated, Mapping):
        return
    called = f"{body.get('name')} [{body.get('id')}]"
    if not _ACCESS.fullmatch(str(stated.get("public") or "--------")):
        yield Refusal("E3010", (str(stated.get("public")),), "publicAccess")
    for name, known, legacy in (
        ("userGroups", groups, "userGroupAccesses"),
        ("users", users, "userAccesses"),
    ):
        for uid, given in (stated.get(name) or {}).items():
            if not _ACCESS.fullmatch(str(given.get("access"))):
                yield Refusal("E3010", (str(given.get("access")),), legacy)
            if uid not in known:
                kind = KINDS[name]
                args = (uid, kind.klass.rpartition(".")[2], called, legacy)
                yield Refusal("E5002", args, legacy, about=name)


def pointers(body: Any) -> Iterator[tuple[str, Kind, str]]:
    """Every reference in the object that must exist: (property, kind, uid)."""
    if isinstance(body, list):
        for each in body:
            yield from pointers(each)
        return
    if not isinstance(body, Mapping):
        return
    for name, value in body.items():
        if name in _UNCHECKED:
            continue
        if name in EMBEDDED:
            if name not in ("sharing", "style", "geometry", "translations") and name not in _LOOSE:
                yield from pointers(value)
            continue
        kind = kind_pointed_at(name)
        if kind is None or kind.plural == "users":
            continue
        for each in value if isinstance(value, list) else (value,):
            if isinstance(each, Mapping):
                yield name, kind, str(each.get("id") or each.get("code") or each.get("name"))


# What only one object of its kind may have, beside the identifiers: the number of a level of org units.
_ALONE = {
    plural: tuple(
        name
        for name, each in SCHEMAS[plural].properties.items()
        if each.unique and each.owner and each.simple and each.type not in ("TEXT", "IDENTIFIER")
    )
    for plural in KINDS
}


class Uniqueness:
    """Which codes and names are taken, so that a second object claiming one is refused.

    An import asks object by object in its own order: the first of two that claim the same has it,
    and what a changed object gives up is free.
    """

    def __init__(self, objects: Objects, changing: Container[tuple[str, str]]) -> None:
        self._taken: dict[tuple[str, ...], str] = {}
        for plural, bodies in objects.items():
            kind = KINDS[plural]
            for uid, body in bodies.items():
                if (plural, uid) not in changing:
                    for claim in _claims(kind, body):
                        self._taken.setdefault(claim, uid)

    def clashes(self, kind: Kind, body: Body) -> Iterator[Refusal]:
        """The claims of this object that another object already holds; the others are its own now."""
        for claim in _claims(kind, body):
            holder = self._taken.setdefault(claim, str(body["id"]))
            if holder == body["id"]:
                continue
            if claim[1] == "variable":
                yield Refusal("E4051", (claim[3], claim[2]), "name")
            elif claim[1] == "option":
                yield Refusal("E4028", (claim[2], claim[3]), "code")
            else:
                yield Refusal("E5003", (claim[1], claim[2], called(kind, body), holder), claim[1])


def _claims(kind: Kind, body: Body) -> Iterator[tuple[str, ...]]:
    if kind.unique_code and body.get("code"):
        yield (kind.plural, "code", str(body["code"]))
    if kind.unique_name and body.get("name"):
        yield (kind.plural, "name", str(body["name"]))
    # Where 2.42 came to demand short names, older packages may share one.
    if kind.unique_short_name and "shortName" in kind.required and body.get("shortName"):
        yield (kind.plural, "shortName", str(body["shortName"]))
    for name in _ALONE[kind.plural]:
        if body.get(name) is not None:
            yield (kind.plural, name, str(body[name]))
    if kind.plural == "users" and body.get("username"):
        yield (kind.plural, "username", str(body["username"]).lower())
    if kind.plural == "programRuleVariables":
        program = forms.reference(body, "program") or ""
        yield (kind.plural, "variable", program, str(body.get("name")))
    if kind.plural == "options":
        holder = forms.reference(body, "optionSet")
        if holder:
            yield (kind.plural, "option", holder, str(body.get("code")))


def called(kind: Kind, body: Body) -> str:
    """The object as a sentence names it."""
    return f"{body.get('name') or body.get('code') or body.get('id')} [{body.get('id')}]"
