"""The demo's own people as Folkeregisteret has them: the outbreak's and the users who sign in.

So that a lookup in the demo gives the person whose record is already there. Reads examples/, decides
nothing. Called by __main__.py.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from examples.outbreak import build
from sandbox.people import is_synthetic, read_people
from sandbox.register import Resident, made_up
from smittesporing.metadata.shipped.naming import uid

CODES = (
    *("ST_NATIONAL_ID", "ST_GIVEN_NAME", "ST_FAMILY_NAME", "ST_BIRTH_DATE", "ST_SEX", "ST_ADDRESS"),
    *("ST_POSTAL", "ST_RESIDENCE", "ST_PHONE", "ST_PROTECTION"),
)
GRADES = {"STRICT": "strengtFortrolig", "CONFIDENTIAL": "fortrolig"}


def residents(first_day: date, users: Path) -> dict[str, Resident]:
    """Everybody in the demo by number. Who has no number is in no register either."""
    found = {person.number: person for person in outbreak_people(first_day)}
    for user in read_people(users):
        base = made_up(user.national_number)
        given, _, family = user.name.rpartition(" ")
        if base is not None:
            found[base.number] = replace(base, given_name=given, middle_name="", family_name=family)
    return found


def outbreak_people(first_day: date) -> Iterator[Resident]:
    code_of = {uid("trackedEntityAttributes", code): code for code in CODES}
    for payload in build.outbreak(first_day).payloads:
        for entity in payload.get("trackedEntities", ()):
            values = {
                code_of[each["attribute"]]: str(each["value"])
                for each in entity["attributes"]
                if each["attribute"] in code_of
            }
            person = resident(values)
            if person is not None:
                yield person


def resident(values: dict[str, Any]) -> Resident | None:
    """One person of the outbreak. What the record leaves out, as a hidden address, is made up."""
    number = values.get("ST_NATIONAL_ID", "")
    base = made_up(number) if is_synthetic(number) else None
    if base is None:
        return None
    postal_code, _, place = values.get("ST_POSTAL", "").partition(" ")
    kommune = values.get("ST_RESIDENCE", "")
    return replace(
        base,
        given_name=values.get("ST_GIVEN_NAME", base.given_name),
        middle_name="",
        family_name=values.get("ST_FAMILY_NAME", base.family_name),
        birth_date=date.fromisoformat(values.get("ST_BIRTH_DATE", base.birth_date.isoformat())),
        sex={"MALE": "M", "FEMALE": "K"}.get(values.get("ST_SEX", ""), base.sex),
        address=values.get("ST_ADDRESS") or base.address,
        postal_code=postal_code or base.postal_code,
        postal_place=place or base.postal_place,
        kommune=kommune[:4] if kommune[:4].isdigit() else base.kommune,
        phone=values.get("ST_PHONE", "").removeprefix("+47").replace(" ", "") or base.phone,
        grade=GRADES.get(values.get("ST_PROTECTION", ""), base.grade),
    )
