"""DHIS2's tracker JSON → records: nested, flat or mixed, made flat.

Children get their parents' uids, missing uids are made, timestamps become moments. Decides nothing
about right or wrong beyond the shape: that is `validate`. Called by the importer.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct, field

from smittesporing.tracker.moments import moment
from smittesporing.tracker.records import (
    Bundle,
    End,
    Enrollment,
    EnrollmentStatus,
    Event,
    EventStatus,
    Note,
    Relationship,
    TrackedEntity,
)
from smittesporing.uid import new_uid


class Unreadable(Exception):
    """The text is not a tracker payload; the message says where and why, without any value."""


Scalar = str | int | float | bool | None


class _WireValue(Struct, frozen=True, rename="camel"):
    attribute: str = ""
    data_element: str = ""
    value: Scalar = None


class _WireUser(Struct, frozen=True, rename="camel"):
    uid: str | None = None
    username: str | None = None


class _WireNote(Struct, frozen=True, rename="camel"):
    note: str | None = None
    value: str | None = None


class _WireItem(Struct, frozen=True, rename="camel"):
    tracked_entity: str = ""
    enrollment: str = ""
    event: str = ""


class _WireEnd(Struct, frozen=True, rename="camel"):
    tracked_entity: _WireItem | str | None = None
    enrollment: _WireItem | str | None = None
    event: _WireItem | str | None = None


class _WireRelationship(Struct, frozen=True, rename="camel"):
    relationship: str | None = None
    relationship_type: str | None = None
    created_at_client: str | None = None
    from_: _WireEnd | None = field(default=None, name="from")
    to: _WireEnd | None = None


class _WireEvent(Struct, frozen=True, rename="camel"):
    event: str | None = None
    program_stage: str | None = None
    program: str | None = None
    enrollment: str | None = None
    tracked_entity: str | None = None
    org_unit: str | None = None
    status: EventStatus | None = None
    occurred_at: str | None = None
    scheduled_at: str | None = None
    completed_at: str | None = None
    completed_by: str | None = None
    stored_by: str | None = None
    created_at_client: str | None = None
    updated_at_client: str | None = None
    assigned_user: _WireUser | str | None = None
    attribute_option_combo: str | None = None
    attribute_category_options: str | None = None
    geometry: dict[str, Any] | None = None
    data_values: list[_WireValue] | None = None
    notes: list[_WireNote] | None = None
    relationships: list[_WireRelationship] | None = None


class _WireEnrollment(Struct, frozen=True, rename="camel"):
    enrollment: str | None = None
    tracked_entity: str | None = None
    program: str | None = None
    org_unit: str | None = None
    status: EnrollmentStatus | None = None
    enrolled_at: str | None = None
    occurred_at: str | None = None
    completed_at: str | None = None
    completed_by: str | None = None
    stored_by: str | None = None
    created_at_client: str | None = None
    updated_at_client: str | None = None
    follow_up: bool | None = None
    geometry: dict[str, Any] | None = None
    attributes: list[_WireValue] | None = None
    events: list[_WireEvent] | None = None
    notes: list[_WireNote] | None = None
    relationships: list[_WireRelationship] | None = None


class _WireTrackedEntity(Struct, frozen=True, rename="camel"):
    tracked_entity: str | None = None
    tracked_entity_type: str | None = None
    org_unit: str | None = None
    inactive: bool | None = None
    potential_duplicate: bool | None = None
    stored_by: str | None = None
    created_at_client: str | None = None
    updated_at_client: str | None = None
    geometry: dict[str, Any] | None = None
    attributes: list[_WireValue] | None = None
    enrollments: list[_WireEnrollment] | None = None
    relationships: list[_WireRelationship] | None = None


class _WireBundle(Struct, frozen=True, rename="camel"):
    tracked_entities: list[_WireTrackedEntity] | None = None
    enrollments: list[_WireEnrollment] | None = None
    events: list[_WireEvent] | None = None
    relationships: list[_WireRelationship] | None = None


_DECODER = msgspec.json.Decoder(_WireBundle)

Payload = Bundle | Mapping[str, Any] | bytes | str


def schemas(ref_template: str) -> dict[str, Any]:
    """The JSON Schemas of a payload's parts, by the names of the types that `bundle` decodes into."""
    return msgspec.json.schema_components([_WireBundle], ref_template=ref_template)[1]


def bundle(payload: Payload) -> Bundle:
    """The payload as flat records, whatever form it came in.

    Errors  `Unreadable` when it is no JSON, or a field has another type than DHIS2's.
    """
    if isinstance(payload, Bundle):
        return payload
    try:
        if isinstance(payload, str):
            payload = payload.encode()
        if isinstance(payload, bytes):
            if b"\\u0000" in payload:
                raise Unreadable("A text holds the character NUL, which cannot be stored.")
            return _flat(_DECODER.decode(payload))
        return _flat(msgspec.convert(payload, _WireBundle))
    except RecursionError as error:
        raise Unreadable("The payload is nested too deeply.") from error
    except UnicodeDecodeError as error:
        raise Unreadable("The payload is not UTF-8.") from error
    except msgspec.DecodeError as error:
        raise Unreadable(str(error)) from error
    except ValueError as error:
        raise Unreadable("A date or timestamp cannot be read.") from error


def _flat(wire: _WireBundle) -> Bundle:
    people: list[TrackedEntity] = []
    enrollments: list[Enrollment] = []
    events: list[Event] = []
    links: list[Relationship] = []

    def take_event(each: _WireEvent, parent: _WireEnrollment | None, uid: str, person: str) -> None:
        made = _event(each, parent, uid, person)
        events.append(made)
        links.extend(map(_relationship, each.relationships or ()))

    def take_enrollment(each: _WireEnrollment, person: str) -> None:
        made = _enrollment(each, person)
        enrollments.append(made)
        for one in each.events or ():
            take_event(one, each, made.enrollment, made.tracked_entity)
        links.extend(map(_relationship, each.relationships or ()))

    for person in wire.tracked_entities or ():
        uid = person.tracked_entity or new_uid()
        people.append(_tracked_entity(person, uid))
        for enrollment in person.enrollments or ():
            take_enrollment(enrollment, uid)
        links.extend(map(_relationship, person.relationships or ()))
    for enrollment in wire.enrollments or ():
        take_enrollment(enrollment, "")
    for event in wire.events or ():
        take_event(event, None, "", "")
    links.extend(map(_relationship, wire.relationships or ()))
    return Bundle(
        tracked_entities=tuple(people),
        enrollments=tuple(enrollments),
        events=tuple(events),
        relationships=tuple(links),
    )


def _tracked_entity(wire: _WireTrackedEntity, uid: str) -> TrackedEntity:
    return TrackedEntity(
        tracked_entity=uid,
        type=wire.tracked_entity_type or "",
        org_unit=wire.org_unit or "",
        inactive=bool(wire.inactive),
        potential_duplicate=bool(wire.potential_duplicate),
        stored_by=wire.stored_by,
        created_at_client=_moment(wire.created_at_client),
        updated_at_client=_moment(wire.updated_at_client),
        geometry=wire.geometry,
        attributes={each.attribute: _text(each.value) for each in wire.attributes or ()},
    )


def _enrollment(wire: _WireEnrollment, person: str) -> Enrollment:
    return Enrollment(
        enrollment=wire.enrollment or new_uid(),
        tracked_entity=wire.tracked_entity or person,
        program=wire.program or "",
        org_unit=wire.org_unit or "",
        status=wire.status,
        enrolled_at=_moment(wire.enrolled_at),
        occurred_at=_moment(wire.occurred_at),
        completed_at=_moment(wire.completed_at),
        completed_by=wire.completed_by,
        stored_by=wire.stored_by,
        created_at_client=_moment(wire.created_at_client),
        updated_at_client=_moment(wire.updated_at_client),
        follow_up=bool(wire.follow_up),
        geometry=wire.geometry,
        attributes={each.attribute: _text(each.value) for each in wire.attributes or ()},
        notes=_notes(wire.notes),
    )


def _event(wire: _WireEvent, parent: _WireEnrollment | None, enrollment: str, person: str) -> Event:
    user = wire.assigned_user
    return Event(
        event=wire.event or new_uid(),
        program_stage=wire.program_stage or "",
        program=wire.program or (parent.program if parent else None) or "",
        enrollment=wire.enrollment or enrollment,
        tracked_entity=wire.tracked_entity or person,
        org_unit=wire.org_unit or "",
        status=wire.status,
        occurred_at=_moment(wire.occurred_at),
        scheduled_at=_moment(wire.scheduled_at),
        completed_at=_moment(wire.completed_at),
        completed_by=wire.completed_by,
        stored_by=wire.stored_by,
        created_at_client=_moment(wire.created_at_client),
        updated_at_client=_moment(wire.updated_at_client),
        assigned_user=(user.uid or user.username) if isinstance(user, _WireUser) else user or None,
        attribute_option_combo=wire.attribute_option_combo or "",
        category_options=tuple(
            (wire.attribute_category_options or "").replace(";", ",").replace(" ", "").split(",")
            if wire.attribute_category_options
            else ()
        ),
        geometry=wire.geometry,
        data={each.data_element: _text(each.value) for each in wire.data_values or ()},
        notes=_notes(wire.notes),
    )


def _relationship(wire: _WireRelationship) -> Relationship:
    return Relationship(
        relationship=wire.relationship or new_uid(),
        type=wire.relationship_type or "",
        from_=_end(wire.from_),
        to=_end(wire.to),
        created_at_client=_moment(wire.created_at_client),
    )


def _end(wire: _WireEnd | None) -> End:
    if wire is None:
        return End()

    def uid(item: _WireItem | str | None, name: str) -> str:
        if isinstance(item, _WireItem):
            return str(getattr(item, name))
        return item or ""

    return End(
        tracked_entity=uid(wire.tracked_entity, "tracked_entity"),
        enrollment=uid(wire.enrollment, "enrollment"),
        event=uid(wire.event, "event"),
    )


def _notes(wire: Iterable[_WireNote] | None) -> tuple[Note, ...]:
    return tuple(
        Note(note=each.note or new_uid(), value=each.value)
        for each in wire or ()
        if each.value and each.value.strip()
    )


def _moment(text: str | None) -> datetime | None:
    return moment(text) if text else None


def _text(value: Scalar) -> str | None:
    """DHIS2 reads numbers and booleans as their text; empty text takes the value away."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else str(value)
