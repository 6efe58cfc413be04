"""One frozen picture of all configuration: raw objects for the API, typed views for rooms above.

Built whole from rows and never changed; a new version gives a new picture. Reads nothing itself:
store.py hands it the rows. Called through store.current by every room above.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeVar

from smittesporing.metadata import forms, indicators, options, programs, rules
from smittesporing.metadata.forms import Attribute, DataElement, reference
from smittesporing.metadata.indicators import Indicator, ProgramIndicator
from smittesporing.metadata.kinds import INVERSES, KINDS
from smittesporing.metadata.options import OptionSet
from smittesporing.metadata.programs import (
    Program,
    ProgramRule,
    ProgramRuleVariable,
    RelationshipType,
    Stage,
    TrackedEntityType,
)

Body = dict[str, Any]
View = TypeVar("View")
_NAMED_BY_CODE = (
    "programs",
    "programStages",
    "dataElements",
    "trackedEntityAttributes",
    "trackedEntityTypes",
    "relationshipTypes",
    "optionSets",
    "programIndicators",
)


class Metadata:
    """All configuration as of one version.

    Shape   Raw objects are DHIS2's JSON with references as `{"id": …}` and computed lists filled
            in; treat them as frozen. Typed views are keyed by uid and made when first asked for.
    Errors  A typed view raises ValueError when an object breaks its own promise; the importer
            refuses such objects, so that means the rows were written past it.
    """

    def __init__(
        self,
        version: int,
        objects: Mapping[str, dict[str, Body]],
        org_units_version: int = 0,
    ) -> None:
        self.version = version
        self.org_units_version = org_units_version
        self._objects = {plural: dict(objects.get(plural, {})) for plural in KINDS}
        self._fill_inverses()

    def get(self, plural: str, uid: str) -> Body | None:
        """The raw object of this kind with this uid, or None."""
        return self._objects.get(plural, {}).get(uid)

    def of(self, plural: str) -> Mapping[str, Body]:
        """All raw objects of a kind by uid; empty for a kind we do not know."""
        return self._objects.get(plural, {})

    def by_code(self, plural: str, code: str) -> Body | None:
        """The raw object of this kind with this code, or None."""
        uid = self._codes.get((plural, code))
        return self._objects[plural][uid] if uid else None

    def uid(self, code: str) -> str:
        """The uid behind a code of the Norwegian programme.

        Errors  KeyError with the code when no program, stage, data element, attribute, type,
                option set or program indicator carries it.
        """
        return self._uids[code]

    @cached_property
    def _codes(self) -> dict[tuple[str, str], str]:
        return {
            (plural, str(body["code"])): uid
            for plural, bodies in self._objects.items()
            for uid, body in bodies.items()
            if body.get("code")
        }

    @cached_property
    def _uids(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for plural in _NAMED_BY_CODE:
            for uid, body in self._objects[plural].items():
                if body.get("code"):
                    found.setdefault(str(body["code"]), uid)
        return found

    @cached_property
    def option_sets(self) -> Mapping[str, OptionSet]:
        held = self._held_by("options", "optionSet")
        marker = str((self.by_code("attributes", options.CLOSED) or {}).get("id", ""))
        return self._views(
            "optionSets", lambda body: options.option_set(body, held(body["id"]), marker)
        )

    @cached_property
    def data_elements(self) -> Mapping[str, DataElement]:
        return self._views("dataElements", lambda body: forms.data_element(body, self.option_sets))

    @cached_property
    def attributes(self) -> Mapping[str, Attribute]:
        return self._views(
            "trackedEntityAttributes",
            lambda body: forms.attribute(body, self.option_sets),
        )

    @cached_property
    def tracked_entity_types(self) -> Mapping[str, TrackedEntityType]:
        return self._views(
            "trackedEntityTypes",
            lambda body: programs.tracked_entity_type(body, self.attributes),
        )

    @cached_property
    def stages(self) -> Mapping[str, Stage]:
        held = self._held_by("programStageSections", "programStage")
        return self._views(
            "programStages",
            lambda body: programs.stage(body, self.data_elements, held(body["id"])),
        )

    @cached_property
    def programs(self) -> Mapping[str, Program]:
        stages: dict[str, list[Stage]] = {}
        for stage in self.stages.values():
            stages.setdefault(stage.program, []).append(stage)
        sections = self._held_by("programSections", "program")
        return self._views(
            "programs",
            lambda body: programs.program(
                body,
                self.tracked_entity_types,
                self.attributes,
                stages.get(body["id"], ()),
                sections(body["id"]),
            ),
        )

    @cached_property
    def relationship_types(self) -> Mapping[str, RelationshipType]:
        return self._views("relationshipTypes", programs.relationship_type)

    @cached_property
    def program_rules(self) -> Mapping[str, tuple[ProgramRule, ...]]:
        """The rules of each program by its uid, in the order they run."""
        held = self._held_by("programRuleActions", "programRule")
        found: dict[str, list[ProgramRule]] = {}
        for body in self._objects["programRules"].values():
            rule = rules.program_rule(body, held(body["id"]))
            found.setdefault(rule.program, []).append(rule)
        return {
            program: tuple(
                sorted(
                    each,
                    key=lambda rule: (
                        rule.priority is None,
                        rule.priority or 0,
                        rule.name,
                    ),
                )
            )
            for program, each in found.items()
        }

    @cached_property
    def program_rule_variables(self) -> Mapping[str, tuple[ProgramRuleVariable, ...]]:
        """The variables of each program by its uid."""
        found: dict[str, list[ProgramRuleVariable]] = {}
        for body in self._objects["programRuleVariables"].values():
            variable = rules.program_rule_variable(body)
            found.setdefault(variable.program, []).append(variable)
        return {program: tuple(each) for program, each in found.items()}

    @cached_property
    def program_indicators(self) -> Mapping[str, ProgramIndicator]:
        return self._views("programIndicators", indicators.program_indicator)

    @cached_property
    def indicators(self) -> Mapping[str, Indicator]:
        factors = {
            uid: int(body.get("factor") or 1)
            for uid, body in self._objects["indicatorTypes"].items()
        }
        return self._views("indicators", lambda body: indicators.indicator(body, factors))

    @cached_property
    def constants(self) -> Mapping[str, float]:
        """The value of each constant by its uid."""
        return {
            uid: float(body.get("value") or 0) for uid, body in self._objects["constants"].items()
        }

    @cached_property
    def option_groups(self) -> Mapping[str, frozenset[str]]:
        """The uids of the options in each option group, by the group's uid."""
        return {
            uid: frozenset(forms.references(body, "options"))
            for uid, body in self._objects["optionGroups"].items()
        }

    def _views(self, plural: str, build: Callable[[Body], View]) -> dict[str, View]:
        return {uid: build(body) for uid, body in self._objects[plural].items()}

    def _held_by(self, child: str, through: str) -> Callable[[str], list[Body]]:
        held: dict[str, list[Body]] = {}
        for body in self._objects[child].values():
            holder = reference(body, through)
            if holder:
                held.setdefault(holder, []).append(body)
        return lambda uid: held.get(uid, [])

    def _fill_inverses(self) -> None:
        # A list that restates references held elsewhere is computed, so the two cannot disagree.
        for inverse in INVERSES:
            lists: dict[str, list[Body]] = {}
            children = sorted(
                self._objects[inverse.child].values(),
                key=lambda body: body.get("sortOrder") or 0,
            )
            for body in children:
                pointed = body.get(inverse.through)
                for each in pointed if isinstance(pointed, list) else (pointed,):
                    if isinstance(each, dict) and "id" in each:
                        lists.setdefault(str(each["id"]), []).append({"id": body["id"]})
            parents = self._objects[inverse.parent]
            for uid, body in parents.items():
                parents[uid] = {**body, inverse.collection: lists.get(uid, [])}
