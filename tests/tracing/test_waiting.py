"""Waiting quarantine: those who live with a contact, spring and summer 2021."""

from datetime import date, datetime

import pytest

from smittesporing.tracing import measures, rulebook, waiting
from smittesporing.tracing.days import OSLO
from smittesporing.tracing.people import Category, Jurisdiction
from tests.tracing.story import a_case, a_contact, an_exposure

BOOK = rulebook.load()
WHERE = Jurisdiction()
AT = datetime(2021, 4, 14, 12, tzinfo=OSLO)
CASE = a_case({"onset_on": date(2021, 4, 10)})


def wait(housemate=None, contact=None, at=AT):
    contact = a_contact(contact or {})
    exposed = (
        measures.Exposed(CASE, an_exposure({"last_on": date(2021, 4, 10)}), Category.HOUSEHOLD),
    )
    quarantine = measures.for_contact(contact, exposed, BOOK, at, WHERE)[0]
    return waiting.for_housemate(a_contact(housemate or {}), contact, quarantine, BOOK, at, WHERE)


def test_it_lasts_to_the_contacts_tenth_day_at_the_latest():
    (found,) = wait()
    assert (found.earliest_end, found.test_out) == (date(2021, 4, 20), date(2021, 4, 13))
    assert found.detail == "Kan avsluttes med egen negativ PCR tatt tidligst 13. april."


@pytest.mark.parametrize("who", ["housemate", "contact"])
def test_one_vaccinated_of_the_two_is_enough(who):
    dose = {"vaccinations": [date(2021, 4, 9)]}
    assert wait(**{who: dose}) == ()


def test_covid_within_six_months_exempts():
    assert wait({"infections": [date(2020, 11, 1)]}) == ()
    assert wait({"infections": [date(2020, 10, 9)]}) != ()


def test_the_contacts_first_negative_test_ends_it():
    test = {"on": date(2021, 4, 12), "result": "NEGATIVE", "answered_on": date(2021, 4, 13)}
    assert wait(contact={"tests": [test]})[0].ended_on == date(2021, 4, 13)


@pytest.mark.parametrize(("on", "ended"), [(12, None), (13, date(2021, 4, 13))])
def test_an_own_negative_pcr_ends_it_from_day_three(on, ended):
    test = {"on": date(2021, 4, on), "result": "NEGATIVE"}
    assert wait({"tests": [test]})[0].ended_on == ended


def test_it_is_over_when_the_contacts_days_are():
    assert wait(at=datetime(2021, 4, 21, 0, 0, tzinfo=OSLO)) == ()
