"""The offspring distribution, on made counts with known answers and on the Korean outbreak of 2015."""

import csv
import os
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import nbinom

from smittesporing.epidemiology.offspring import (
    negative_binomial,
    numbers_infected,
    offspring,
    serial_intervals,
    share_of_most_infectious,
)

SHARED = Path(
    os.environ.get("SMITTESPORING_SHARED", Path(__file__).parent.parent.parent.parent / "shared")
)


def read(name: str) -> list[dict[str, str]]:
    with (SHARED / "data/mers_korea_2015" / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_those_who_infected_nobody_count_as_zero():
    assert numbers_infected(["a", "b", "c"], [("a", "b"), ("a", "c"), ("a", "b")]) == {
        "a": 2,
        "b": 0,
        "c": 0,
    }


def test_korea_2015_has_98_links_and_three_who_infected_most():
    cases = [row["id"] for row in read("linelist.csv")]
    links = [(row["from"], row["to"]) for row in read("contacts.csv")]
    found = offspring(cases, links)
    assert (len(cases), found.links) == (162, 98)
    assert [count for _, count in found.infected[:3]] == [38, 26, 21]
    assert found.mean is not None and found.mean.value == pytest.approx(98 / 162)
    assert found.dispersion is not None and found.dispersion.low and found.dispersion.high
    assert found.dispersion.value == pytest.approx(0.0204, abs=1e-4)
    assert (found.dispersion.low, found.dispersion.high) == pytest.approx(
        (0.0096, 0.0393), abs=1e-4
    )
    assert share_of_most_infectious([count for _, count in found.infected]) == pytest.approx(
        3 / 162, abs=0.01
    )


def test_serial_intervals_of_korea_agree_with_the_file():
    onset = {
        r["id"]: date.fromisoformat(r["dt_onset"]) if r["dt_onset"] else None
        for r in read("linelist.csv")
    }
    rows = read("contacts.csv")
    found = serial_intervals(onset, [(r["from"], r["to"]) for r in rows])
    given = sorted(int(r["diff_dt_onset"]) for r in rows if r["diff_dt_onset"] not in ("", "NA"))
    assert sorted(found.days) == given
    assert found.mean == pytest.approx(sum(given) / len(given))


def test_the_fit_finds_the_numbers_that_made_the_data():
    random = np.random.default_rng(7)
    k, mean = 0.3, 1.4
    counts = random.negative_binomial(k, k / (k + mean), size=4000).tolist()
    r, dispersion = negative_binomial(counts)
    assert r is not None and dispersion is not None
    assert r.low is not None and r.high is not None and r.low < mean < r.high
    assert dispersion.low is not None and dispersion.high is not None
    assert dispersion.low < k < dispersion.high


def test_the_interval_is_where_the_likelihood_falls_by_1_92():
    counts = [0] * 40 + [1] * 5 + [2, 3, 8, 12]
    mean = sum(counts) / len(counts)
    grid = np.geomspace(0.01, 2, 4000)
    heights = np.array([nbinom.logpmf(counts, k, k / (k + mean)).sum() for k in grid])
    inside = grid[heights > heights.max() - 1.9207]
    _, dispersion = negative_binomial(counts)
    assert dispersion is not None
    assert dispersion.value == pytest.approx(grid[heights.argmax()], rel=2e-3)
    assert (dispersion.low, dispersion.high) == pytest.approx((inside[0], inside[-1]), rel=5e-3)


def test_even_spread_has_no_dispersion_and_no_data_has_nothing():
    mean, dispersion = negative_binomial([1] * 30)
    assert mean is not None and mean.value == 1 and dispersion is None
    assert negative_binomial([0, 0, 0]) == (None, None)
    assert negative_binomial([4]) == (None, None)
    assert share_of_most_infectious([0, 0]) is None


def test_a_link_without_both_dates_is_left_out():
    onset = {"a": date(2022, 1, 1), "b": date(2022, 1, 5), "c": None}
    assert serial_intervals(onset, [("a", "b"), ("a", "c"), ("c", "b")]).days == (4,)
    assert serial_intervals({}, []).median is None
