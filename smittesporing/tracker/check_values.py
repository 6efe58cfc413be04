"""Are the values right? Types, options, mandatory ones, days in the future or before birth.

Attributes of a tracked entity and data elements of an event alike. Called by check_people and
check_events. No message ever carries a value.
"""

from collections.abc import Collection
from datetime import date

from smittesporing.metadata.forms import Attribute, DataElement
from smittesporing.metadata.programs import Stage
from smittesporing.problems import Problem
from smittesporing.tracker.desk import Desk, Problems
from smittesporing.tracker.preload import claims_of
from smittesporing.tracker.records import Event, Values
from smittesporing.tracker.values import as_date, fits, has_true_check_digits

NATIONAL_ID = "ST_NATIONAL_ID"


def _is_option(question: Attribute | DataElement, value: str) -> bool:
    choices = question.option_set
    if choices is None or choices.has(value):
        return True
    return question.value_type == "MULTI_TEXT" and all(choices.has(v) for v in value.split(","))


def _is_future(value_type: str, value: str, today: date) -> bool:
    if value_type not in ("DATE", "DATETIME", "AGE"):
        return False
    day = as_date(value)
    return day is not None and day > today


def attribute_problems(
    desk: Desk,
    values: Values,
    *,
    uid: str,
    kind: str,
    person: str,
    org_unit: int,
    mandatory: Collection[str],
) -> Problems:
    """What is wrong with these attribute values of a person."""
    metadata = desk.metadata
    for attribute_uid, value in values.items():
        if not attribute_uid:
            yield Problem("E1075", (), uid, kind)
            continue
        attribute = metadata.attributes.get(attribute_uid)
        if attribute is None:
            yield Problem("E1006", (attribute_uid,), uid, kind)
        elif not value:
            if attribute_uid in mandatory:
                yield Problem("E1076", ("attribute", attribute_uid), uid, kind)
        elif len(value) > 1200 and attribute.value_type != "LONG_TEXT":
            yield Problem("E1077", (attribute_uid, "1200"), uid, kind)
        elif not fits(attribute.value_type, value):
            yield Problem("E1007", (attribute.value_type, attribute_uid), uid, kind)
        elif not _is_option(attribute, value):
            yield Problem("E1125", (attribute_uid,), uid, kind)
        elif attribute.code and attribute.code.startswith("ST_"):
            yield from _norwegian_attribute(desk, attribute, value, uid=uid, kind=kind)
    for attribute_uid, claim in claims_of(desk.key, metadata, values, org_unit):
        holder = desk.known.holders.get(claim) or desk.claimed.get(claim)
        if holder is not None and holder != person:
            if metadata.attributes[attribute_uid].confidential:
                # Telling that a number is known is telling something about its holder.
                desk.told_of.add(holder)
            yield Problem("E1064", (attribute_uid,), uid, kind)
        desk.claimed.setdefault(claim, person)


def _norwegian_attribute(
    desk: Desk, attribute: Attribute, value: str, *, uid: str, kind: str
) -> Problems:
    if attribute.code == NATIONAL_ID and not has_true_check_digits(value):
        desk.warn("T202", attribute.form_name, uid=uid, kind=kind)
    if _is_future(attribute.value_type, value, desk.today):
        yield Problem("T200", (attribute.form_name,), uid, kind)


def data_problems(
    desk: Desk, event: Event, stage: Stage, *, norwegian: bool, person: str
) -> Problems:
    """What is wrong with these data values of an event in this stage."""
    uid, kind = event.event, "EVENT"
    born = desk.born_on(person) if norwegian else None
    if born and event.occurred_at and event.occurred_at.date() < born:
        yield Problem("T201", ("Dato for hendelsen",), uid, kind)
    for element_uid, value in event.data.items():
        element = desk.metadata.data_elements.get(element_uid)
        asked = stage.elements_by_uid.get(element_uid)
        if element is None:
            yield Problem("E1304", (element_uid,), uid, kind)
        elif asked is None:
            yield Problem("E1305", (element_uid,), uid, kind)
        elif not value:
            if asked.compulsory and stage.values_required_always:
                yield Problem("E1076", ("data element", element_uid), uid, kind)
        elif not fits(element.value_type, value):
            yield Problem("E1302", (element_uid, element.value_type), uid, kind)
        elif not _is_option(element, value):
            yield Problem("E1125", (element_uid,), uid, kind)
        elif norwegian and element.value_type in ("DATE", "DATETIME"):
            if not asked.allow_future_date and _is_future(element.value_type, value, desk.today):
                yield Problem("T200", (element.form_name,), uid, kind)
            day = as_date(value)
            if born and day and day < born:
                yield Problem("T201", (element.form_name,), uid, kind)
