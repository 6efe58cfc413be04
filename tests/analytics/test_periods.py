"""DHIS2's period identifiers and what they stand for on 20 January 2022, a Thursday in week 3."""

from datetime import date

import pytest

from smittesporing import periods

TODAY = date(2022, 1, 20)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("20220120", "2022-01-20", "2022-01-20"),
        ("2022-01-20", "2022-01-20", "2022-01-20"),
        ("2022W3", "2022-01-17", "2022-01-23"),
        ("2022W03", "2022-01-17", "2022-01-23"),
        ("2020W53", "2020-12-28", "2021-01-03"),
        ("2022BiW2", "2022-01-17", "2022-01-30"),
        ("202202", "2022-02-01", "2022-02-28"),
        ("202201B", "2022-01-01", "2022-02-28"),
        ("2022Q2", "2022-04-01", "2022-06-30"),
        ("2022S2", "2022-07-01", "2022-12-31"),
        ("2022", "2022-01-01", "2022-12-31"),
        ("2021April", "2021-04-01", "2022-03-31"),
    ],
)
def test_identifiers_give_first_and_last_day(text: str, first: str, last: str):
    period = periods.parse(text)
    assert period is not None
    assert (period.start.isoformat(), period.end.isoformat()) == (first, last)


@pytest.mark.parametrize(
    "text", ["2022W60", "202213", "20220230", "2022Q5", "2022S3", "", "ever", "2021W53"]
)
def test_what_is_no_period_is_none(text: str):
    assert periods.parse(text) is None
    assert periods.expand(text, TODAY) == ()


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("TODAY", ["20220120"]),
        ("YESTERDAY", ["20220119"]),
        ("LAST_3_DAYS", ["20220117", "20220118", "20220119"]),
        ("THIS_WEEK", ["2022W3"]),
        ("LAST_WEEK", ["2022W2"]),
        ("LAST_4_WEEKS", ["2021W51", "2021W52", "2022W1", "2022W2"]),
        ("LAST_3_MONTHS", ["202110", "202111", "202112"]),
        ("THIS_MONTH", ["202201"]),
        ("LAST_2_SIXMONTHS", ["2021S1", "2021S2"]),
        ("LAST_4_QUARTERS", ["2021Q1", "2021Q2", "2021Q3", "2021Q4"]),
        ("THIS_YEAR", ["2022"]),
        ("LAST_5_YEARS", ["2017", "2018", "2019", "2020", "2021"]),
        ("QUARTERS_LAST_YEAR", ["2021Q1", "2021Q2", "2021Q3", "2021Q4"]),
    ],
)
def test_relative_periods_leave_out_what_is_not_over(text: str, ids: list[str]):
    assert [p.id for p in periods.expand(text, TODAY)] == ids


def test_weeks_of_a_year_are_its_iso_weeks():
    weeks = periods.expand("WEEKS_THIS_YEAR", date(2020, 6, 1))
    assert (weeks[0].id, weeks[-1].id, len(weeks)) == ("2020W1", "2020W53", 53)


def test_names_are_norwegian():
    names = [
        p.name for text in ("20220120", "2022W3", "202201", "2022") if (p := periods.parse(text))
    ]
    assert names == ["20. januar 2022", "Uke 3, 2022", "Januar 2022", "2022"]
