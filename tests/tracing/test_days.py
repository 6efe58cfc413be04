"""Days as FHI counts them, and Norwegian words for them."""

from datetime import UTC, date, datetime

import pytest

from smittesporing.tracing import days


def test_last_day_is_day_0_plus_n_included():
    assert days.last_day(date(2022, 1, 18), 10) == date(2022, 1, 28)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2021, 3, 10), 6, date(2021, 9, 10)),
        (date(2021, 8, 31), 6, date(2022, 2, 28)),
        (date(2021, 12, 31), 2, date(2022, 2, 28)),
        (date(2022, 1, 31), -2, date(2021, 11, 30)),
    ],
)
def test_months_stop_at_the_end_of_a_shorter_month(day, months, later):
    assert days.add_months(day, months) == later


@pytest.mark.parametrize(
    ("day", "end", "says"),
    [
        (20, 28, "Dag 2 av 10"),
        (28, 28, "Dag 10 av 10"),
        (29, 28, "10 av 10 dager gått"),
        (18, 28, "Dag 0 av 10"),
        (17, 28, ""),
        (20, None, "Dag 2"),
    ],
)
def test_how_far_a_measure_has_come(day, end, says):
    last = None if end is None else date(2022, 1, end)
    assert days.progress(date(2022, 1, 18), last, date(2022, 1, day)) == says


def test_the_day_of_a_moment_is_the_day_in_norway():
    assert days.business_day(datetime(2022, 1, 19, 23, 30, tzinfo=UTC)) == date(2022, 1, 20)
    assert days.business_day(datetime(2022, 7, 19, 22, 0, tzinfo=UTC)) == date(2022, 7, 20)


def test_a_moment_without_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        days.business_day(datetime(2022, 1, 20))


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (days.short(date(2022, 1, 28)), "28.1."),
        (days.words(date(2022, 1, 28)), "28. januar"),
        (days.with_weekday(date(2022, 1, 24)), "mandag 24. januar"),
        (days.with_year(date(2021, 12, 15)), "15. desember 2021"),
        (days.listed([date(2022, 1, 20), date(2022, 1, 22)]), "20. og 22. januar"),
        (days.listed([date(2022, 1, 31), date(2022, 2, 2)]), "31. januar og 2. februar"),
        (days.listed([date(2022, 1, 20)]), "20. januar"),
        (days.listed([]), ""),
        (days.span(date(2022, 1, 4), date(2022, 1, 15)), "4.–15. januar"),
        (days.span(date(2022, 1, 28), date(2022, 2, 2)), "28. januar–2. februar"),
        (days.span(date(2022, 1, 4), date(2022, 1, 4)), "4. januar"),
        (
            days.moment(datetime(2021, 9, 25, 16, 0, tzinfo=days.OSLO)),
            "25. september 2021 kl. 16.00",
        ),
        (days.moment(days.midnight(date(2022, 1, 26))), "26. januar 2022"),
        (days.count(2), "to"),
        (days.count(14), "14"),
    ],
)
def test_norwegian_words_for_days(written, words):
    assert written == words
