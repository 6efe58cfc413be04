"""The demo's outbreak is whole, synthetic, never ahead of its first day, and tells what it promises."""

import json
import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from examples.outbreak.build import NOT_BEGUN, WORKING, Outbreak, outbreak
from examples.outbreak.people import check_digits
from smittesporing.metadata.shipped import build
from smittesporing.metadata.shipped.naming import uid
from smittesporing.registers.national_number import NationalNumber, Synthetic, parse

FIRST_DAYS = [date(2022, 1, 20), date(2020, 11, 16)]
EXAMPLES = Path(__file__).parents[2] / "examples"
SHIPPED: dict[str, Any] = {
    kind: rows
    for path in build.HERE.glob("*.json")
    for kind, rows in json.loads(path.read_text("utf-8")).items()
}


@cache
def made(first_day: date) -> Outbreak:
    return outbreak(first_day)


def entities(first_day: date) -> list[dict[str, Any]]:
    return [e for payload in made(first_day).payloads for e in payload.get("trackedEntities", [])]


def enrollments(first_day: date) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for entity in entities(first_day):
        for enrollment in entity["enrollments"]:
            yield entity, enrollment


def value(row: dict[str, Any], code: str) -> str | None:
    """The answer to a question on an event, or of a person's attribute."""
    for kind, key in (("dataElements", "dataElement"), ("trackedEntityAttributes", "attribute")):
        for each in row.get("dataValues", row.get("attributes", [])):
            if each.get(key) == uid(kind, code):
                return str(each["value"])
    return None


def person(first_day: date, name: str) -> dict[str, Any]:
    wanted = made(first_day).named[name]
    return next(e for e in entities(first_day) if e["trackedEntity"] == wanted)


@pytest.mark.parametrize("first_day", FIRST_DAYS)
def test_the_same_day_gives_the_same_outbreak(first_day: date) -> None:
    assert outbreak(first_day) == made(first_day)


@pytest.mark.parametrize("first_day", FIRST_DAYS)
def test_every_value_fits_its_stage_and_its_options(first_day: date) -> None:
    stages = {
        row["id"]: {x["dataElement"]["id"] for x in row["programStageDataElements"]}
        for row in SHIPPED["programStages"]
    }
    options: dict[str, set[str]] = {}
    for row in SHIPPED["options"]:
        options.setdefault(row["optionSet"]["id"], set()).add(row["code"])
    asked = {r["id"]: r for k in ("dataElements", "trackedEntityAttributes") for r in SHIPPED[k]}
    program = {row["id"]: row["program"]["id"] for row in SHIPPED["programStages"]}
    for entity, enrollment in enrollments(first_day):
        for event in enrollment["events"]:
            assert program[event["programStage"]] == enrollment["program"] == event["program"]
            given = {each["dataElement"] for each in event["dataValues"]}
            assert len(given) == len(event["dataValues"]) and given <= stages[event["programStage"]]
        rows = [*entity["attributes"], *(x for e in enrollment["events"] for x in e["dataValues"])]
        for row in rows:
            question = asked[row.get("dataElement") or row["attribute"]]
            if "optionSet" in question:
                several = question["valueType"] == "MULTI_TEXT"
                answers = row["value"].split(",") if several else [row["value"]]
                assert set(answers) <= options[question["optionSet"]["id"]], question["code"]
            if question["valueType"] == "DATE":
                assert date.fromisoformat(row["value"]) <= first_day, question["code"]


@pytest.mark.parametrize("first_day", FIRST_DAYS)
def test_nothing_happens_after_the_first_day_and_every_identifier_is_used_once(
    first_day: date,
) -> None:
    seen = [entity["trackedEntity"] for entity in entities(first_day)]
    for _, enrollment in enrollments(first_day):
        seen.append(enrollment["enrollment"])
        assert enrollment["enrolledAt"][:10] <= first_day.isoformat()
        assert enrollment.get("completedAt", "")[:10] <= first_day.isoformat()
        for event in enrollment["events"]:
            seen.append(event["event"])
            assert ("occurredAt" in event) is (event["status"] != "SCHEDULE")
            assert event.get("occurredAt", event.get("scheduledAt"))[:10] <= first_day.isoformat()
    links = [r for p in made(first_day).payloads for r in p.get("relationships", [])]
    ends = [next(iter(v)) for r in links for v in (r["from"], r["to"])]
    assert set(ends) == {"enrollment", "event", "trackedEntity"}
    for row in links:
        for end in (row["from"], row["to"]):
            ((kind, item),) = end.items()
            assert item[kind] in seen
    seen += [row["relationship"] for row in links]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("first_day", FIRST_DAYS)
def test_people_are_synthetic_and_reachable_only_at_numbers_nobody_has(first_day: date) -> None:
    numbers = []
    for entity in entities(first_day):
        number, phone = value(entity, "ST_NATIONAL_ID"), value(entity, "ST_PHONE")
        if number:
            numbers.append(number)
            read = parse(number)
            assert isinstance(read, NationalNumber)
            assert read.synthetic is Synthetic.TENOR and read.check_digits_fit
            assert read.birth_date and read.birth_date.isoformat() == value(entity, "ST_BIRTH_DATE")
        assert phone is None or phone.startswith("9999")
    assert len(numbers) == len(set(numbers)) > 250
    help_number = next(v for e in entities(first_day) if (v := value(e, "ST_HELP_NUMBER")))
    assert check_digits(help_number[:9]) == help_number[9:]


@pytest.mark.parametrize("first_day", FIRST_DAYS)
def test_no_contact_is_younger_than_the_contact(first_day: date) -> None:
    for entity, enrollment in enrollments(first_day):
        born = value(entity, "ST_BIRTH_DATE")
        for event in enrollment["events"]:
            last, first = value(event, "ST_LAST_CONTACT"), value(event, "ST_FIRST_CONTACT")
            assert not (last and first) or first <= last
            assert not (last and born) or born <= last


def test_lists_curves_and_map_have_something_to_show() -> None:
    first_day = FIRST_DAYS[0]
    cases: dict[str, list[str]] = {}
    for _, enrollment in enrollments(first_day):
        for event in enrollment["events"]:
            if value(event, "ST_CASE_STATUS") == "CONFIRMED":
                cases.setdefault(enrollment["orgUnit"], []).append(
                    value(event, "ST_COUNT_DATE") or ""
                )
    assert len(cases["5501"]) >= 70 and len(cases["3203"]) >= 15 and len(cases["5532"]) >= 5
    weeks = {date.fromisoformat(day).isocalendar()[:2] for day in cases["5501"]}
    assert len(weeks) >= 5
    assert len(cases) >= 12 and NOT_BEGUN not in cases and set(WORKING) <= set(cases)


@pytest.mark.parametrize("first_day", FIRST_DAYS)
def test_each_situation_of_the_issue_is_there_once_by_name(first_day: date) -> None:
    two = person(first_day, "two-indexes")["enrollments"]
    assert len(two) == 1 and len([e for e in two[0]["events"] if value(e, "ST_RELATION")]) == 2
    both = {row["program"] for row in person(first_day, "contact-and-case")["enrollments"]}
    assert both == {uid("programs", "ST_INDEX"), uid("programs", "ST_CONTACT")}
    hidden = person(first_day, "protected-address")
    assert value(hidden, "ST_PROTECTION") == "STRICT"
    assert not any(value(hidden, f"ST_{c}") for c in ("ADDRESS", "POSTAL", "RESIDENCE", "PHONE"))
    assert value(person(first_day, "without-number"), "ST_NATIONAL_ID") is None
    assert value(person(first_day, "former-number"), "ST_RESIDENCE") == "5402"
    moving = person(first_day, "pending-transfer")["enrollments"][0]["events"]
    assert [s for e in moving if (s := value(e, "ST_TRANSFER_STATE"))] == ["ASKED"]
    host = person(first_day, "superspreader")["enrollments"][0]["enrollment"]
    kind = uid("relationshipTypes", "ST_SOURCE_LINK")
    links = [r for p in made(first_day).payloads for r in p.get("relationships", [])]
    infected = [r for r in links if r["relationshipType"] == kind and host in str(r["from"])]
    assert len(infected) >= 10
    overdue = [
        e
        for _, enrollment in enrollments(first_day)
        for e in enrollment["events"]
        if e["status"] == "SCHEDULE" and e["scheduledAt"][:10] < first_day.isoformat()
    ]
    assert len(overdue) >= 5 and any("assignedUser" not in e for e in overdue)


def test_a_quarantine_of_the_first_exercise_lives_through_26_january() -> None:
    child = person(FIRST_DAYS[0], "lives-through-the-change")["enrollments"][0]
    last = max(v for e in child["events"] if (v := value(e, "ST_LAST_CONTACT")))
    assert child["status"] == "ACTIVE" and last == "2022-01-19"  # ten days from here is 29 January


@pytest.mark.parametrize("first_day", FIRST_DAYS)
def test_confirmations_and_calls_name_users_of_the_demo(first_day: date) -> None:
    users = {u["username"]: u for u in tomllib.loads((EXAMPLES / "users.toml").read_text())["user"]}
    known = {row["enrollment"]: row for _, row in enrollments(first_day)}
    for each in made(first_day).confirmations:
        kommune = known[each.enrollment]["orgUnit"]
        assert kommune in {role["kommune"] for role in users[each.by]["roles"]}
        assert each.ended_on is None or each.ended_on <= first_day
    called = {
        event["assignedUser"]["username"]
        for row in known.values()
        for event in row["events"]
        if "assignedUser" in event
    }
    assert called <= set(users)


def test_the_demos_users_are_synthetic_and_hold_every_role() -> None:
    users = tomllib.loads((EXAMPLES / "users.toml").read_text())["user"]
    for user in users:
        read = parse(user["national_number"])
        assert isinstance(read, NationalNumber)
        assert read.synthetic is Synthetic.TENOR and read.check_digits_fit
    roles = {(role["role"], role["kommune"]) for user in users for role in user["roles"]}
    for kommune in WORKING:
        assert {
            ("tracer", kommune),
            ("kommuneoverlege", kommune),
            ("administrator", kommune),
        } <= roles
    assert {("ks", "NO"), ("fhi", "NO"), ("administrator", NOT_BEGUN)} <= roles
    assert any(len(user["roles"]) == 2 for user in users)
    assert len({user["national_number"] for user in users}) == len(users)
