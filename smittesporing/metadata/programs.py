"""Programs, their stages, their rules, and the types of things and links they register.

Frozen views of DHIS2 metadata, with references followed where a reader always needs the other
end. Knows no storage and evaluates no rule. Built by snapshot.py; read by tracker and tracing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from smittesporing.metadata.forms import (
    Attribute,
    DataElement,
    Section,
    reference,
    references,
    section,
)
from smittesporing.metadata.sharing import Sharing, sharing

ACCESS_LEVELS = frozenset(("OPEN", "AUDITED", "PROTECTED", "CLOSED"))
ENTITY_KINDS = frozenset(("TRACKED_ENTITY_INSTANCE", "PROGRAM_INSTANCE", "PROGRAM_STAGE_INSTANCE"))


@dataclass(frozen=True, slots=True, eq=False)
class TypeAttribute:
    """An attribute as a tracked entity type or a program asks for it."""

    attribute: Attribute
    mandatory: bool
    searchable: bool
    display_in_list: bool
    allow_future_date: bool = False
    sort_order: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class TrackedEntityType:
    """What is registered: a person, a cluster."""

    uid: str
    code: str | None
    name: str
    attributes: tuple[TypeAttribute, ...]
    attributes_by_uid: Mapping[str, TypeAttribute]
    feature_type: str
    min_attributes_required_to_search: int
    max_results: int
    sharing: Sharing


@dataclass(frozen=True, slots=True, eq=False)
class StageElement:
    """A data element as a stage asks for it."""

    element: DataElement
    compulsory: bool
    allow_future_date: bool
    sort_order: int


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """One kind of event in a program: an interview, a test, an exposure."""

    uid: str
    code: str | None
    name: str
    description: str
    program: str
    sort_order: int
    repeatable: bool
    elements: tuple[StageElement, ...]
    elements_by_uid: Mapping[str, StageElement]
    sections: tuple[Section, ...]
    validation_strategy: str
    enable_user_assignment: bool
    auto_generate: bool
    block_entry_after_completion: bool
    feature_type: str
    min_days_from_start: int
    execution_date_label: str
    sharing: Sharing

    @property
    def values_required_always(self) -> bool:
        """Compulsory values are required at every save, not only when an event is completed."""
        return self.validation_strategy == "ON_UPDATE_AND_INSERT"


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """A way of following people: index cases, contacts, clusters."""

    uid: str
    code: str | None
    name: str
    short_name: str
    type: str
    tracked_entity_type: TrackedEntityType | None
    stages: tuple[Stage, ...]
    attributes: tuple[TypeAttribute, ...]
    attributes_by_uid: Mapping[str, TypeAttribute]
    sections: tuple[Section, ...]
    access_level: str
    org_units: frozenset[str]
    only_enroll_once: bool
    select_enrollment_dates_in_future: bool
    select_incident_dates_in_future: bool
    display_incident_date: bool
    feature_type: str
    category_combo: str | None
    expiry_days: int
    expiry_period_type: str | None
    complete_events_expiry_days: int
    min_attributes_required_to_search: int
    max_results: int
    version: int
    sharing: Sharing

    def __post_init__(self) -> None:
        if self.access_level not in ACCESS_LEVELS:
            raise ValueError(f"program {self.uid} has unknown access level {self.access_level!r}")

    @property
    def has_registration(self) -> bool:
        """Its events belong to an enrollment of somebody registered."""
        return self.type == "WITH_REGISTRATION"

    def stage(self, uid: str) -> Stage | None:
        """The program's stage with this uid, or None when it has no such stage."""
        return next((stage for stage in self.stages if stage.uid == uid), None)

    def serves(self, org_unit: str) -> bool:
        """Whether the program is assigned to the org unit with this uid."""
        return org_unit in self.org_units


@dataclass(frozen=True, slots=True, eq=False)
class Constraint:
    """What one end of a relationship must be; None leaves that side of it free."""

    entity: str
    tracked_entity_type: str | None
    program: str | None
    stage: str | None


@dataclass(frozen=True, slots=True, eq=False)
class RelationshipType:
    """A kind of link between two records, read as from → to."""

    uid: str
    code: str | None
    name: str
    bidirectional: bool
    from_to_name: str
    to_from_name: str
    from_: Constraint
    to: Constraint
    sharing: Sharing


@dataclass(frozen=True, slots=True, eq=False)
class ProgramRuleAction:
    """What a rule does when its condition holds."""

    uid: str
    type: str
    content: str
    data: str
    location: str | None
    element: str | None
    attribute: str | None
    stage: str | None
    stage_section: str | None
    option: str | None
    option_group: str | None
    template: str | None
    evaluation_time: str
    priority: int | None


@dataclass(frozen=True, slots=True, eq=False)
class ProgramRule:
    """A condition on the answers, and its actions; lowest priority runs first, none runs last."""

    uid: str
    code: str | None
    name: str
    program: str
    stage: str | None
    condition: str
    priority: int | None
    actions: tuple[ProgramRuleAction, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ProgramRuleVariable:
    """A name that rules use for a value, and where that value is found."""

    uid: str
    name: str
    program: str
    source: str
    element: str | None
    attribute: str | None
    stage: str | None
    use_code: bool
    value_type: str


def tracked_entity_type(
    body: Mapping[str, Any], attributes: Mapping[str, Attribute]
) -> TrackedEntityType:
    """The tracked entity type a DHIS2 object describes."""
    asked = _type_attributes(body.get("trackedEntityTypeAttributes"), attributes)
    return TrackedEntityType(
        uid=str(body["id"]),
        code=body.get("code"),
        name=str(body.get("name", "")),
        attributes=asked,
        attributes_by_uid={each.attribute.uid: each for each in asked},
        feature_type=str(body.get("featureType") or "NONE"),
        min_attributes_required_to_search=int(body.get("minAttributesRequiredToSearch") or 0),
        max_results=int(body.get("maxTeiCountToReturn") or 0),
        sharing=sharing(body),
    )


def stage(
    body: Mapping[str, Any],
    elements: Mapping[str, DataElement],
    sections: Iterable[Mapping[str, Any]],
) -> Stage:
    """The stage a DHIS2 object describes; its elements stand in the order the form asks them."""
    asked = tuple(
        sorted(
            (
                StageElement(
                    element=elements[uid],
                    compulsory=bool(entry.get("compulsory")),
                    allow_future_date=bool(entry.get("allowFutureDate")),
                    sort_order=int(entry.get("sortOrder") or 0),
                )
                for entry in body.get("programStageDataElements") or ()
                if (uid := reference(entry, "dataElement")) in elements and uid is not None
            ),
            key=lambda each: each.sort_order,
        )
    )
    return Stage(
        uid=str(body["id"]),
        code=body.get("code"),
        name=str(body.get("name", "")),
        description=str(body.get("description") or ""),
        program=reference(body, "program") or "",
        sort_order=int(body.get("sortOrder") or 0),
        repeatable=bool(body.get("repeatable")),
        elements=asked,
        elements_by_uid={each.element.uid: each for each in asked},
        sections=_in_order(section(each, "dataElements") for each in sections),
        validation_strategy=str(body.get("validationStrategy") or "ON_COMPLETE"),
        enable_user_assignment=bool(body.get("enableUserAssignment")),
        auto_generate=bool(body.get("autoGenerateEvent")),
        block_entry_after_completion=bool(body.get("blockEntryForm")),
        feature_type=str(body.get("featureType") or "NONE"),
        min_days_from_start=int(body.get("minDaysFromStart") or 0),
        execution_date_label=str(body.get("executionDateLabel") or ""),
        sharing=sharing(body),
    )


def program(
    body: Mapping[str, Any],
    types: Mapping[str, TrackedEntityType],
    attributes: Mapping[str, Attribute],
    stages: Iterable[Stage],
    sections: Iterable[Mapping[str, Any]],
) -> Program:
    """The program a DHIS2 object describes; ValueError when its access level is unknown."""
    asked = _type_attributes(body.get("programTrackedEntityAttributes"), attributes)
    name = str(body.get("name", ""))
    return Program(
        uid=str(body["id"]),
        code=body.get("code"),
        name=name,
        short_name=str(body.get("shortName") or name),
        type=str(body.get("programType") or "WITH_REGISTRATION"),
        tracked_entity_type=types.get(reference(body, "trackedEntityType") or ""),
        stages=tuple(sorted(stages, key=lambda each: each.sort_order)),
        attributes=asked,
        attributes_by_uid={each.attribute.uid: each for each in asked},
        sections=_in_order(section(each, "trackedEntityAttributes") for each in sections),
        access_level=str(body.get("accessLevel") or "OPEN"),
        org_units=frozenset(references(body, "organisationUnits")),
        only_enroll_once=bool(body.get("onlyEnrollOnce")),
        select_enrollment_dates_in_future=bool(body.get("selectEnrollmentDatesInFuture")),
        select_incident_dates_in_future=bool(body.get("selectIncidentDatesInFuture")),
        display_incident_date=bool(body.get("displayIncidentDate")),
        feature_type=str(body.get("featureType") or "NONE"),
        category_combo=reference(body, "categoryCombo"),
        expiry_days=int(body.get("expiryDays") or 0),
        expiry_period_type=body.get("expiryPeriodType"),
        complete_events_expiry_days=int(body.get("completeEventsExpiryDays") or 0),
        min_attributes_required_to_search=int(body.get("minAttributesRequiredToSearch") or 0),
        max_results=int(body.get("maxTeiCountToReturn") or 0),
        version=int(body.get("version") or 0),
        sharing=sharing(body),
    )


def relationship_type(body: Mapping[str, Any]) -> RelationshipType:
    """The relationship type a DHIS2 object describes; ValueError for an end of no known kind."""
    return RelationshipType(
        uid=str(body["id"]),
        code=body.get("code"),
        name=str(body.get("name", "")),
        bidirectional=bool(body.get("bidirectional")),
        from_to_name=str(body.get("fromToName") or body.get("name", "")),
        to_from_name=str(body.get("toFromName") or ""),
        from_=_constraint(body.get("fromConstraint") or {}),
        to=_constraint(body.get("toConstraint") or {}),
        sharing=sharing(body),
    )


def _constraint(body: Mapping[str, Any]) -> Constraint:
    kind = str(body.get("relationshipEntity") or "")
    if kind not in ENTITY_KINDS:
        raise ValueError(f"a relationship cannot link to {kind!r}")
    return Constraint(
        entity=kind,
        tracked_entity_type=reference(body, "trackedEntityType"),
        program=reference(body, "program"),
        stage=reference(body, "programStage"),
    )


def _type_attributes(
    entries: Any, attributes: Mapping[str, Attribute]
) -> tuple[TypeAttribute, ...]:
    asked = [
        TypeAttribute(
            attribute=attributes[uid],
            mandatory=bool(entry.get("mandatory")),
            searchable=bool(entry.get("searchable")),
            display_in_list=bool(entry.get("displayInList")),
            allow_future_date=bool(entry.get("allowFutureDate")),
            sort_order=int(entry.get("sortOrder") or place),
        )
        for place, entry in enumerate(entries or (), start=1)
        if (uid := reference(entry, "trackedEntityAttribute")) in attributes and uid is not None
    ]
    return tuple(sorted(asked, key=lambda each: each.sort_order))


def _in_order(sections: Iterable[Section]) -> tuple[Section, ...]:
    return tuple(sorted(sections, key=lambda each: each.sort_order))
