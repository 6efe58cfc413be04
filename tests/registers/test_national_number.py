"""Reading Norwegian identity numbers. Every number here is synthetic or made for the test."""

from datetime import date

import pytest

from sandbox.register import a_number
from smittesporing.registers.national_number import (
    Kind,
    NationalNumber,
    NotANumber,
    Synthetic,
    parse,
)

ENDINGS = "00"


@pytest.mark.parametrize(
    ("start", "kind", "synthetic", "born", "sex"),
    [
        # day month year individual
        ("010190100", Kind.BIRTH, Synthetic.NO, date(1990, 1, 1), "FEMALE"),
        ("010190101", Kind.BIRTH, Synthetic.NO, date(1990, 1, 1), "MALE"),
        ("290200500", Kind.BIRTH, Synthetic.NO, date(2000, 2, 29), "FEMALE"),
        ("311239999", Kind.BIRTH, Synthetic.NO, date(2039, 12, 31), "MALE"),
        ("311240900", Kind.BIRTH, Synthetic.NO, date(1940, 12, 31), "FEMALE"),
        ("010154749", Kind.BIRTH, Synthetic.NO, date(1854, 1, 1), "MALE"),
        ("410190100", Kind.D_NUMBER, Synthetic.NO, date(1990, 1, 1), "FEMALE"),
        ("014190100", Kind.H_NUMBER, Synthetic.NO, date(1990, 1, 1), "FEMALE"),
        ("016690100", Kind.BIRTH, Synthetic.NAV, date(1990, 1, 1), "FEMALE"),
        ("018190100", Kind.BIRTH, Synthetic.TENOR, date(1990, 1, 1), "FEMALE"),
        ("688290101", Kind.D_NUMBER, Synthetic.TENOR, date(1990, 2, 28), "MALE"),
    ],
)
def test_a_number_tells_kind_series_birth_date_and_sex(
    start: str, kind: Kind, synthetic: Synthetic, born: date, sex: str
) -> None:
    read = parse(start + ENDINGS)
    assert isinstance(read, NationalNumber)
    assert (read.kind, read.synthetic, read.birth_date, read.sex) == (kind, synthetic, born, sex)


def test_a_help_number_says_nothing_of_birth_date_or_sex() -> None:
    read = parse("81234567890")
    assert isinstance(read, NationalNumber)
    assert (read.kind, read.birth_date, read.sex) == (Kind.HELP, None, None)


@pytest.mark.parametrize(
    "text", ["018190 10036", "01 81 90 100 36", "018190-10036", "018190\u00a010036"]
)
def test_separators_between_the_digits_are_read_past(text: str) -> None:
    read = parse(text)
    assert isinstance(read, NationalNumber) and read.digits == "01819010036"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "0181901003",
        "018190100360",
        "0181901003x",
        "٠١٨١٩٠١٠٠٣٦",
        "00819010000",
        "30829010000",
        "01939010000",
        "01815475000",
        "01814050000",
    ],
)
def test_what_cannot_be_a_number_gets_a_reason_and_no_exception(text: str) -> None:
    read = parse(text)
    assert isinstance(read, NotANumber) and read.sentence.endswith(".")


def test_a_published_synthetic_number_has_right_check_digits() -> None:
    """Source: Skatteetaten's own documentation of Folkeregisteret's interface."""
    read = parse("23906398699")
    assert isinstance(read, NationalNumber)
    assert read.check_digits_fit and read.warning is None and read.synthetic is Synthetic.TENOR


def test_wrong_check_digits_are_warned_about_and_not_refused() -> None:
    right = a_number(1, 1, 1990, 100)
    wrong = right[:10] + str((int(right[10]) + 1) % 10)
    read = parse(wrong)
    assert isinstance(read, NationalNumber) and not read.check_digits_fit
    assert read.warning is not None and wrong not in read.warning


def test_a_number_shown_for_debugging_does_not_show_its_digits() -> None:
    assert "0181" not in repr(parse("01819010036"))
