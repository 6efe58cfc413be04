"""When a case can infect others, and when she may have been infected herself."""

from datetime import date, datetime

import pytest

from smittesporing.settings import OSLO
from smittesporing.tracing import rulebook, windows
from smittesporing.tracing.people import Case, CaseStatus, Jurisdiction

NOON = datetime(2022, 1, 20, 12, tzinfo=OSLO)
NORWAY = Jurisdiction()


def a_case(**facts):
    return Case(uid="case", status=CaseStatus.CONFIRMED, onset_on=date(2022, 1, 18), **facts)


def test_a_case_is_infectious_from_48_hours_before_onset():
    window = windows.infectious_window(a_case(), rulebook.load(), NOON, NORWAY)
    assert window is not None
    assert (window.from_, window.to) == (date(2022, 1, 16), None)


@pytest.mark.parametrize("window", [windows.infectious_window, windows.exposure_window])
def test_a_case_that_is_ruled_out_has_no_window(window):
    case = Case(uid="case", status=CaseStatus.RULED_OUT, onset_on=date(2022, 1, 18))
    assert window(case, rulebook.load(), NOON, NORWAY) is None
