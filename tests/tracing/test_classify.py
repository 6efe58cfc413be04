"""Close contact or not, told as a table of facts and sentences."""

from datetime import date, datetime

import pytest

from smittesporing.tracing import classify, rulebook
from smittesporing.tracing.days import OSLO
from smittesporing.tracing.people import CaseStatus, Category, Jurisdiction
from tests.tracing.story import a_case, a_contact, an_exposure

BOOK = rulebook.load()
TROMSO = Jurisdiction("5501")
NOON = datetime(2022, 1, 20, 12, tzinfo=OSLO)
OLA = {
    "onset_on": date(2022, 1, 18),
    "tests": [{"on": date(2022, 1, 19), "result": "POSITIVE"}],
}


def judge(exposure, case=OLA, contact=None, at=NOON):
    return classify.verdict(
        a_case(case), an_exposure(exposure), a_contact(contact or {}), BOOK, at, TROMSO
    )


def day(number):
    return date(2022, 1, number)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"relation": "HOUSEHOLD"}, "Nærkontakt, samme husstand."),
        ({"relation": "HOUSEHOLD", "distance_m": 9, "minutes": 1}, "Nærkontakt, samme husstand."),
        ({"relation": "PARTNER"}, "Nærkontakt, like nær som samme husstand."),
        ({"relation": "COLLEAGUE", "distance_m": 1, "minutes": 30}, "Øvrig nærkontakt."),
        (
            {"relation": "COLLEAGUE", "distance_m": 1, "minutes": 30, "equally_near": True},
            "Nærkontakt, like nær som samme husstand.",
        ),
        ({"relation": "OTHER", "distance_m": 1.9, "minutes": 16}, "Øvrig nærkontakt."),
        ({"relation": "OTHER", "physical": True}, "Øvrig nærkontakt."),
        ({"relation": "OTHER", "secretions": True}, "Øvrig nærkontakt."),
        (
            {"relation": "OTHER", "distance_m": 2, "minutes": 60},
            "Ikke nærkontakt: minst 2 meter.",
        ),
        (
            {"relation": "OTHER", "distance_m": 1, "minutes": 15, "physical": False},
            "Ikke nærkontakt: ikke over 15 minutter og ikke fysisk kontakt.",
        ),
        (
            {"relation": "NEIGHBOUR", "distance_m": 3, "minutes": 5},
            "Ikke nærkontakt: over 2 meter og under 15 minutter.",
        ),
        (
            {"relation": "PATIENT_CARE", "protected": True, "physical": True},
            "Ikke nærkontakt: anbefalt beskyttelsesutstyr ble brukt.",
        ),
        (
            {"relation": "PATIENT_CARE", "protected": False},
            "Nærkontakt, like nær som samme husstand.",
        ),
        (
            {"relation": "PATIENT_CARE"},
            "Ikke avgjort. Mangler: om anbefalt beskyttelsesutstyr ble brukt.",
        ),
        ({"relation": "OTHER"}, "Ikke avgjort. Mangler: avstand, varighet."),
        ({"relation": "OTHER", "minutes": 30}, "Ikke avgjort. Mangler: avstand."),
        (
            {"relation": "OTHER", "distance_m": 1, "minutes": 5},
            "Ikke avgjort. Mangler: om det var direkte fysisk kontakt.",
        ),
    ],
)
def test_nearness(facts, sentence):
    assert judge({"last_on": day(18), **facts}).sentence == sentence


@pytest.mark.parametrize(
    ("last", "category"),
    [(15, "NOT_CONTACT"), (16, "HOUSEHOLD"), (20, "HOUSEHOLD")],
)
def test_contact_counts_from_48_hours_before_onset(last, category):
    assert judge({"relation": "HOUSEHOLD", "last_on": day(last)}).category == category


def test_too_early_contact_says_both_the_day_and_the_distance():
    found = judge({"relation": "NEIGHBOUR", "last_on": day(15), "distance_m": 3, "minutes": 5})
    assert found.sentence == "Ikke nærkontakt: 15. januar er før smitteperioden (fra 16. januar)."
    assert found.reasons[1] == "Over 2 meter og under 15 minutter."


@pytest.mark.parametrize(
    ("on", "before", "category"),
    [
        (date(2020, 11, 16), date(2020, 11, 14), "HOUSEHOLD"),  # 48 hours before the test
        (date(2020, 11, 16), date(2020, 11, 13), "NOT_CONTACT"),
        (date(2022, 1, 19), date(2022, 1, 18), "NOT_CONTACT"),  # from the test
        (date(2022, 1, 19), date(2022, 1, 19), "HOUSEHOLD"),
    ],
)
def test_without_symptoms_the_window_is_the_one_of_the_day_of_contact(on, before, category):
    case = {"symptoms": False, "tests": [{"on": on, "result": "POSITIVE"}]}
    at = datetime(on.year, on.month, on.day, 20, tzinfo=OSLO)
    assert judge({"relation": "HOUSEHOLD", "last_on": before}, case, at=at).category == category


def test_contact_after_the_isolation_was_ended_is_no_contact():
    case = {**OLA, "isolation_ended_on": day(25)}
    at = datetime(2022, 1, 28, 12, tzinfo=OSLO)
    late = {"relation": "HOUSEHOLD", "first_on": day(26), "last_on": day(27)}
    assert judge(late, case, at=at).category is Category.NOT_CONTACT


@pytest.mark.parametrize("status", ["SUSPECTED", "PROBABLE"])
def test_an_index_who_is_not_confirmed_leaves_it_open_and_says_what_it_would_be(status):
    found = judge({"relation": "HOUSEHOLD", "last_on": day(18)}, {**OLA, "status": status})
    assert found.category is Category.UNDECIDED
    assert found.if_confirmed is Category.HOUSEHOLD
    assert "Bekreftet prøvesvar for indeks." in found.missing


def test_a_ruled_out_index_makes_nobody_a_contact():
    found = judge({"relation": "HOUSEHOLD", "last_on": day(18)}, {**OLA, "status": "RULED_OUT"})
    assert found.category is Category.NOT_CONTACT


def test_a_contact_that_goes_on_needs_no_last_day():
    found = judge({"relation": "HOUSEHOLD", "ongoing": True})
    assert found.category is Category.HOUSEHOLD


def test_a_contact_without_any_day_is_not_decided():
    found = judge({"relation": "HOUSEHOLD"})
    assert (found.category, found.missing) == (
        Category.UNDECIDED,
        ("Dato for siste kontakt mangler.",),
    )


def test_an_index_without_onset_and_test_is_not_decided():
    found = judge({"relation": "HOUSEHOLD", "last_on": day(18)}, {"report_on": day(19)})
    assert found.missing == ("Symptomstart eller positiv prøve for indeks.",)


def test_a_disease_without_rulebook_says_so():
    found = judge({"relation": "HOUSEHOLD", "last_on": day(18)}, {**OLA, "disease": "MERS"})
    assert (found.category, found.sentence) == (Category.UNDECIDED, "Ingen regel i kraft.")


def test_in_november_2020_an_office_colleague_is_left_to_the_tracer():
    case = {"onset_on": date(2020, 11, 14)}
    at = datetime(2020, 11, 16, 12, tzinfo=OSLO)
    facts = {"relation": "COLLEAGUE", "last_on": date(2020, 11, 13), "physical": True}
    found = judge(facts, case, at=at)
    assert found.category is Category.OTHER_CLOSE
    assert "vurder om det gjelder her" in found.reasons[1]


@pytest.mark.parametrize(("age", "category"), [(8, "HOUSEHOLD"), (12, "OTHER_CLOSE")])
def test_in_november_2020_a_group_in_the_first_four_grades_is_equally_near(age, category):
    case = {"onset_on": date(2020, 11, 14)}
    at = datetime(2020, 11, 16, 12, tzinfo=OSLO)
    facts = {"relation": "CLASSMATE", "last_on": date(2020, 11, 13), "physical": True}
    assert judge(facts, case, {"age": age}, at).category == category


@pytest.mark.parametrize(
    ("test", "status"),
    [
        ({"on": day(19), "result": "POSITIVE"}, CaseStatus.CONFIRMED),
        ({"on": day(19), "result": "POSITIVE", "kind": "ANTIGEN_HEALTH"}, CaseStatus.CONFIRMED),
        ({"on": day(19), "result": "POSITIVE", "kind": "ANTIGEN_SELF"}, CaseStatus.PROBABLE),
        ({"on": day(19), "result": "PENDING"}, CaseStatus.SUSPECTED),
    ],
)
def test_the_status_that_tests_propose(test, status):
    assert classify.proposed_status(a_case({"tests": [test]}), BOOK, NOON, TROMSO)[0] is status
