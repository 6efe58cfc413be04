"""The mapping of the Korean line list names columns that are there and codes that are ours."""

import csv
import os
import tomllib
from pathlib import Path
from typing import Any

import pytest

from smittesporing.metadata.shipped import build
from smittesporing.metadata.shipped.naming import kinds

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("SMITTESPORING_SHARED", ROOT.parent / "shared"))
MAPPING = tomllib.loads((ROOT / "examples" / "mers-korea.toml").read_text("utf-8"))
KNOWN = kinds(build.tables())


def rows(name: str) -> list[dict[str, str]]:
    path = SHARED / "data" / "mers_korea_2015" / name
    if not path.exists():
        pytest.skip("The line list is not here: set SMITTESPORING_SHARED")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def codes(column: dict[str, Any]) -> set[str]:
    more = column.get("also_by_value", {}).values()
    return {column["to"], *column.get("also", {}), *(code for each in more for code in each)}


def test_every_code_is_ours() -> None:
    columns = [*MAPPING["column"].values(), *MAPPING["contacts"]["column"].values()]
    named = {code for column in columns for code in codes(column)} | set(MAPPING["always"])
    assert named <= set(KNOWN)
    values = build.tables()["options"]
    for column, options in (("sex", "SEX"), ("outcome", "HEALTH_STATUS")):
        table = MAPPING["column"][column]
        assert {*table["values"].values(), table["empty"]} <= set(values[options]["options"])


def test_every_word_of_the_columns_is_mapped() -> None:
    cases = rows("linelist.csv")
    assert len(cases) == 162 and set(MAPPING["column"]) <= set(cases[0])
    for name, column in MAPPING["column"].items():
        if "values" in column:
            assert {row[name] for row in cases} - {""} <= set(column["values"]), name


def test_every_setting_of_the_98_links_is_mapped() -> None:
    links = rows("contacts.csv")
    assert len(links) == 98
    assert {row["exposure"].strip() for row in links} <= set(
        MAPPING["contacts"]["column"]["exposure"]["values"]
    )
