"""The shipped tables of org units say what Kartverket and SSB say."""

import csv
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATA = ROOT / "smittesporing" / "access" / "data"
SHARED = Path(os.environ.get("SMITTESPORING_SHARED", ROOT.parent / "shared")) / "data"


def rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        pytest.skip(
            f"{path.name} is not here: set SMITTESPORING_SHARED to the folder with the sources"
        )
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


KOMMUNER = rows(DATA / "kommuner.csv")
FYLKER = rows(DATA / "fylker.csv")


def test_norway_has_15_fylker_and_357_kommuner() -> None:
    assert len(FYLKER) == 15
    assert len({row["number"] for row in KOMMUNER}) == len(KOMMUNER) == 357
    assert {row["fylke"] for row in KOMMUNER} == {row["number"] for row in FYLKER}


def test_numbers_names_and_points_are_kartverkets() -> None:
    theirs = rows(SHARED / "kartverket" / "kommuner-2024.csv")
    assert [(row["number"], row["name"], row["lat"], row["lon"]) for row in KOMMUNER] == sorted(
        (row["kommunenummer"], row["kommunenavn"], row["lat"], row["lon"]) for row in theirs
    )


def test_population_is_the_sum_over_the_numbers_of_2020() -> None:
    expected: dict[str, int] = {}
    for row in rows(SHARED / "ssb" / "population-2021-01-01.csv"):
        number = row["kommunenummer_2024"]
        expected[number] = expected.get(number, 0) + int(row["total"])
    ours = {row["number"]: int(row["population"]) for row in KOMMUNER if row["population"]}
    assert ours == expected
    assert sum(ours.values()) == 5_391_369


def test_only_haram_has_no_population_and_both_halves_say_why() -> None:
    assert [row["number"] for row in KOMMUNER if not row["population"]] == ["1580"]
    assert [row["number"] for row in KOMMUNER if row["note"]] == ["1508", "1580"]


def test_every_former_number_has_a_kommune_of_today_or_a_note() -> None:
    today = {row["number"] for row in KOMMUNER}
    former = rows(DATA / "successors.csv")
    assert len(former) == 495
    for row in former:
        assert row["number"] not in today
        assert row["successor"] in today or (not row["successor"] and row["note"]), row
    by_number = {row["number"]: row for row in former}
    assert by_number["5401"]["successor"] == by_number["1902"]["successor"] == "5501"
    assert by_number["1507"]["successor"] == "1508" and "1580" in by_number["1507"]["note"]
    assert len(by_number) == len(former)


def test_bydeler_belong_to_four_kommuner() -> None:
    bydeler = rows(DATA / "bydeler.csv")
    assert {row["kommune"] for row in bydeler} == {"0301", "1103", "4601", "5001"}
    assert all(row["number"].startswith(row["kommune"]) for row in bydeler)
