"""The shipped programme is what its tables say, whole in itself, and our own."""

import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from smittesporing.metadata.shipped import build
from smittesporing.metadata.shipped.naming import uid

SHARED = Path(os.environ.get("SMITTESPORING_SHARED", build.HERE.parents[3] / "shared")) / "data"
SHIPPED = {path.name: json.loads(path.read_text("utf-8")) for path in build.HERE.glob("*.json")}
ALL: dict[str, list[dict[str, Any]]] = {
    kind: rows for payload in SHIPPED.values() for kind, rows in payload.items()
}
BUILT_IN = {"bjDvmb4bfuf"}


def ids_within(value: Any) -> list[str]:
    """Every identifier that an object or a reference in it carries."""
    if isinstance(value, dict):
        own = [value["id"]] if "id" in value else []
        return own + [found for inner in value.values() for found in ids_within(inner)]
    return (
        [found for inner in value for found in ids_within(inner)] if isinstance(value, list) else []
    )


def test_committed_files_are_what_the_tables_say() -> None:
    made = build.files(build.tables())
    assert set(SHIPPED) == set(made)
    for name, payload in made.items():
        assert (build.HERE / name).read_text("utf-8") == build.as_text(payload), (
            f"{name} is old: run python -m smittesporing.metadata.shipped.build"
        )


def test_every_reference_points_to_an_object_in_the_files() -> None:
    made = {found for rows in ALL.values() for row in rows for found in [row["id"]]}
    nested = {"programStageDataElements", "programTrackedEntityAttributes"}
    nested |= {"trackedEntityTypeAttributes", "analyticsPeriodBoundaries"}
    inner = {
        x["id"] for rows in ALL.values() for row in rows for k in nested for x in row.get(k, [])
    }
    named = {found for rows in ALL.values() for row in rows for found in ids_within(row)}
    assert named <= made | inner | BUILT_IN
    written = "".join(
        row.get("expression", "") + row.get("filter", "") + row.get("numerator", "")
        for kind in ("programIndicators", "indicators")
        for row in ALL[kind]
    )
    assert set(re.findall(r"[A-Za-z][A-Za-z0-9]{10}(?=[.}])", written)) <= made


@pytest.mark.parametrize("kind", sorted(ALL))
def test_identifiers_names_and_codes_are_unique(kind: str) -> None:
    rows = ALL[kind]
    for key in ("id", "code", "name", "shortName"):
        inside = {"options": "optionSet", "programRules": "program"}.get(kind, "")
        if kind in ("programRuleVariables", "programStageSections", "programSections"):
            inside = "programStage" if kind == "programStageSections" else "program"
        values = [
            (row.get(inside, {}).get("id") if key != "id" else "", row[key])
            for row in rows
            if key in row
        ]
        assert len(values) == len(set(values)), (kind, key)
        if key == "shortName":
            assert all(len(row[key]) <= 50 for row in rows if key in row)


def test_identifiers_are_derived_from_type_and_code() -> None:
    assert uid("dataElements", "ST_ONSET_DATE") in {row["id"] for row in ALL["dataElements"]}
    for kind in ("dataElements", "trackedEntityAttributes", "programs", "programStages"):
        assert all(row["id"] == uid(kind, row["code"]) for row in ALL[kind])


def test_no_identifier_of_whos_package_is_reused() -> None:
    path = SHARED / "dhis2" / "C19_CS-2.37" / "metadata.json"
    if not path.exists():
        pytest.skip("WHO's package is not here: set SMITTESPORING_SHARED")
    theirs = set(ids_within(json.loads(path.read_text("utf-8"))))
    ours = {found for rows in ALL.values() for row in rows for found in ids_within(row)}
    assert ours & theirs == BUILT_IN


def test_only_the_national_number_is_unique_and_confidential() -> None:
    by_code = {row["code"]: row for row in ALL["trackedEntityAttributes"]}
    assert [c for c, row in by_code.items() if row["confidential"]] == ["ST_NATIONAL_ID"]
    assert {c for c, row in by_code.items() if row["unique"] and not row["orgunitScope"]} == {
        "ST_NATIONAL_ID",
        "ST_HELP_NUMBER",
    }
    assert {c for c, row in by_code.items() if row["orgunitScope"]} == {"ST_SOURCE_ID"}


def test_every_question_is_a_question_and_stands_in_a_section() -> None:
    asked = [
        row["formName"] for kind in ("dataElements", "trackedEntityAttributes") for row in ALL[kind]
    ]
    assert all(text.endswith("?") for text in asked)
    placed = {ref["id"] for row in ALL["programStageSections"] for ref in row["dataElements"]}
    assert placed == {row["id"] for row in ALL["dataElements"]}
    placed = {r["id"] for row in ALL["programSections"] for r in row["trackedEntityAttributes"]}
    assert placed == {row["id"] for row in ALL["trackedEntityAttributes"]}


def test_a_rule_touches_only_fields_of_its_own_stage_or_program() -> None:
    stages = {row["id"]: row for row in ALL["programStages"]}
    fields = {
        k: {x["dataElement"]["id"] for x in v["programStageDataElements"]}
        for k, v in stages.items()
    }
    actions = {row["id"]: row for row in ALL["programRuleActions"]}
    names = {(row["program"]["id"], row["name"]) for row in ALL["programRuleVariables"]}
    for rule in ALL["programRules"]:
        for name in re.findall(r"[#A]\{(\w+)\}", rule["condition"]):
            assert (rule["program"]["id"], name) in names
        for ref in rule["programRuleActions"]:
            target = actions[ref["id"]].get("dataElement")
            if target:
                assert target["id"] in fields[rule["programStage"]["id"]], rule["name"]


def test_shares_have_a_numerator_and_a_denominator_in_the_files() -> None:
    counted = {row["id"]: row["code"] for row in ALL["programIndicators"]}
    for row in ALL["indicators"]:
        assert row["numerator"][2:-1] in counted and row["denominator"][2:-1] in counted
    settings = build.tables()["options"]["EXPOSURE_SETTING"]["options"]
    assert {f"ST_PI_KNOWN_CONTACT_{code}" for code in settings} <= set(counted.values())


def test_identifiers_taken_over_lead_to_codes_of_ours() -> None:
    table = tomllib.loads((build.HERE / "takeover.toml").read_text("utf-8"))
    sets = build.tables()["options"]
    values = table.pop("values")
    for kind, rows in table.items():
        ours = {row["code"] for row in ALL[kind]} | {""}
        assert set(rows.values()) <= ours, kind
    for code, words in values.items():
        assert set(words.values()) <= set(sets[code.removeprefix("ST_")]["options"])
