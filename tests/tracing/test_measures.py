"""What stories do not show: the two lines of a row, why, what if, missing facts, and ends."""

from datetime import date, datetime

import pytest

from smittesporing.tracing import classify, isolation, measures, rulebook, sentences, windows
from smittesporing.tracing.days import OSLO
from smittesporing.tracing.people import (
    Basis,
    Case,
    CaseStatus,
    Category,
    Contact,
    Exposure,
    Infection,
    Jurisdiction,
    MeasureKind,
    Relation,
)
from tests.tracing.story import a_case, a_contact, an_exposure

BOOK = rulebook.load()
TROMSO = Jurisdiction("5501")
NOON = datetime(2022, 1, 20, 12, tzinfo=OSLO)
OLA = a_case(
    {
        "onset_on": date(2022, 1, 18),
        "tests": [{"on": date(2022, 1, 19), "result": "POSITIVE"}],
    }
)


def day(number):
    return date(2022, 1, number)


def row(exposure, contact=None, case=OLA, at=NOON):
    """The verdict's and the measures' two lines, as the sheet shows them."""
    exposure, contact = an_exposure(exposure), contact or a_contact({})
    verdict = classify.verdict(case, exposure, contact, BOOK, at, TROMSO)
    exposed = (measures.Exposed(case, exposure, verdict.category),)
    found = sentences.summary(verdict, measures.for_contact(contact, exposed, BOOK, at, TROMSO))
    return found.headline, found.detail


def quarantine(contact=None, at=NOON, category=Category.HOUSEHOLD, **exposure):
    """The first measure of a household contact whose last contact was 18 January."""
    facts = {"last_on": day(18), **exposure}
    exposed = (measures.Exposed(OLA, an_exposure(facts), category),)
    return measures.for_contact(contact or a_contact({}), exposed, BOOK, at, TROMSO)[0]


@pytest.mark.parametrize(
    ("facts", "headline", "detail"),
    [
        (
            {"relation": "HOUSEHOLD", "last_on": day(18)},
            "Nærkontakt, samme husstand. Karantene til og med 28. januar.",
            "Kan avsluttes med negativ test tatt tidligst 25. januar.",
        ),
        (
            {"relation": "HOUSEHOLD", "ongoing": True, "keeps_distance": False},
            "Nærkontakt, samme husstand. Karantene. Sluttdato settes senere.",
            "Kan ikke holde avstand. Regnes ut når isolasjonen til indeks oppheves. "
            "Trolig til og med 1. februar.",
        ),
        (
            {"relation": "COLLEAGUE", "last_on": day(17), "distance_m": 1, "minutes": 30},
            "Øvrig nærkontakt. Ikke karantene. Anbefalt test 20. og 22. januar.",
            "Følg med på symptomer til og med 27. januar.",
        ),
        (
            {"relation": "NEIGHBOUR", "last_on": day(15), "distance_m": 3, "minutes": 5},
            "Ikke nærkontakt: 15. januar er før smitteperioden (fra 16. januar).",
            "Over 2 meter og under 15 minutter.",
        ),
    ],
)
def test_the_two_lines_of_the_sheet(facts, headline, detail):
    assert row(facts) == (headline, detail)


def test_an_exempt_contact_is_told_why_there_is_no_quarantine():
    boosted = a_contact({"vaccinations": [date(2021, 3, 1), date(2021, 5, 1), date(2021, 11, 20)]})
    assert row({"relation": "HOUSEHOLD", "last_on": day(18)}, boosted) == (
        "Nærkontakt, samme husstand. Ikke karantene: oppfriskningsdose. "
        "Plikt til daglig test til og med 25. januar.",
        "",
    )


def test_after_26_january_the_row_says_that_tests_may_replace_the_quarantine():
    at = datetime(2022, 1, 26, 8, tzinfo=OSLO)
    assert row({"relation": "HOUSEHOLD", "last_on": day(25)}, at=at)[1] == (
        "Kan avsluttes med negativ test tatt tidligst 1. februar. "
        "Kan erstattes med daglig test til og med 30. januar."
    )


def test_a_disease_without_rulebook_gets_no_measure_and_says_so():
    mers = a_case({"disease": "MERS", "onset_on": day(18)})
    assert (
        row({"relation": "HOUSEHOLD", "last_on": day(18)}, case=mers)[0] == "Ingen regel i kraft."
    )
    assert isolation.for_case(mers, BOOK, NOON, TROMSO) == ()
    assert windows.infectious_window(mers, BOOK, NOON, TROMSO) is None


def test_a_quarantine_says_how_its_days_were_counted():
    assert quarantine().why == (
        "Siste kontakt var 18. januar. Det er dag 0.",
        "18. januar + 10 døgn = til og med 28. januar.",
        "Negativ test kan avslutte karantenen fra dag 7, 25. januar. "
        "Plikten varer til svaret er kommet.",
        "Ingen fritak gjelder (gjennomgått covid-19 de siste tre månedene, oppfriskningsdose).",
    )


def test_a_quarantine_carries_its_rule_citation_and_basis():
    found = quarantine()
    assert (found.rule, found.basis) == (
        "covid19.quarantine.household.2021-12-21",
        Basis.REGULATION,
    )
    assert found.citation.url.startswith("http://www.tana.kommune.no/")
    assert found.exposures == ("exposure",)


def test_unknown_vaccination_exempts_nobody_but_is_asked_for():
    found = quarantine(Contact("contact"))
    assert found.earliest_end == day(28)
    assert found.missing == ("Tidligere covid-19 er ikke oppgitt.", "Vaksinasjon er ikke kjent.")


@pytest.mark.parametrize(
    ("infection", "exempt"),
    [
        (Infection(date(2021, 10, 18), documented=True), True),
        (Infection(date(2021, 10, 17), documented=True), False),
        (Infection(date(2021, 12, 1), documented=False), False),
        (Infection(date(2022, 1, 14), documented=True, isolation_ended_on=day(20)), False),
    ],
)
def test_exemption_runs_from_the_end_of_isolation_to_three_months_after_the_sample(
    infection, exempt
):
    contact = Contact("contact", vaccinations=(), infections=(infection,))
    assert (quarantine(contact).kind is MeasureKind.SYMPTOM_WATCH) is exempt


def test_an_undocumented_infection_is_asked_for_and_does_not_exempt():
    contact = Contact("contact", vaccinations=(), infections=(Infection(date(2021, 12, 1)),))
    found = quarantine(contact)
    assert found.kind is MeasureKind.INFECTION_QUARANTINE
    assert found.missing == ("Dokumentasjon på gjennomgått covid-19 mangler.",)


def test_a_booster_counts_from_a_week_after_the_dose():
    doses = [date(2021, 3, 1), date(2021, 5, 1)]
    after = a_contact({"vaccinations": [*doses, day(11)]})
    before = a_contact({"vaccinations": [*doses, day(12)]})
    assert quarantine(after).kind is MeasureKind.DUTY_TO_TEST
    assert quarantine(before).kind is MeasureKind.INFECTION_QUARANTINE


def test_a_booster_without_the_tests_is_quarantine():
    doses = [date(2021, 3, 1), date(2021, 5, 1), date(2021, 11, 20)]
    found = quarantine(a_contact({"vaccinations": doses, "test_regime_kept": False}))
    assert found.kind is MeasureKind.INFECTION_QUARANTINE


def test_a_contact_who_tests_positive_becomes_a_case_and_her_quarantine_ends():
    found = quarantine(a_contact({"tests": [{"on": day(20), "result": "POSITIVE"}]}))
    assert (found.ended_on, found.sentence) == (
        day(20),
        "Har testet positivt 20. januar og blir indeks.",
    )


@pytest.mark.parametrize("category", [Category.NOT_CONTACT, Category.UNDECIDED])
def test_only_contacts_get_measures(category):
    exposed = (measures.Exposed(OLA, an_exposure({"last_on": day(18)}), category),)
    assert measures.for_contact(a_contact({}), exposed, BOOK, NOON, TROMSO) == ()


@pytest.mark.parametrize("status", ["SUSPECTED", "PROBABLE", "RULED_OUT"])
def test_only_a_confirmed_index_gives_measures(status):
    case = a_case({"status": status, "onset_on": day(18)})
    exposed = (measures.Exposed(case, an_exposure({"last_on": day(18)}), Category.HOUSEHOLD),)
    assert measures.for_contact(a_contact({}), exposed, BOOK, NOON, TROMSO) == ()
    assert isolation.for_case(case, BOOK, NOON, TROMSO) == ()


def test_of_two_exposures_the_one_that_lasts_longest_counts_and_both_are_named():
    exposed = tuple(
        measures.Exposed(
            OLA,
            Exposure(uid, "index", "contact", Relation.HOUSEHOLD, last_on=last),
            Category.HOUSEHOLD,
        )
        for uid, last in (("late", day(19)), ("early", day(16)))
    )
    found = measures.for_contact(a_contact({}), exposed, BOOK, NOON, TROMSO)[0]
    assert (found.earliest_end, found.exposures) == (day(29), ("late", "early"))


def test_yesterdays_rule_can_be_asked():
    at = datetime(2022, 1, 13, 12, tzinfo=OSLO)
    exposed = (measures.Exposed(OLA, an_exposure({"last_on": day(11)}), Category.OTHER_CLOSE),)
    yesterday = datetime(2022, 1, 12, 12, tzinfo=OSLO)
    today = measures.for_contact(a_contact({}), exposed, BOOK, at, TROMSO)
    before = measures.what_if(a_contact({}), exposed, BOOK, at, TROMSO, as_of=yesterday)
    assert [p.sentence for p in before] == ["Karantene til og med 21. januar."]
    assert today[0].sentence == "Karantenen ble opphevet 13. januar 2022."
    assert "Før" not in before[0].why


def test_a_quarantine_ended_by_somebody_is_not_reached_by_later_rules():
    at = datetime(2022, 1, 14, 12, tzinfo=OSLO)
    exposed = (measures.Exposed(OLA, an_exposure({"last_on": day(11)}), Category.OTHER_CLOSE),)
    found = measures.for_contact(a_contact({}), exposed, BOOK, at, TROMSO, ended_on=day(12))
    assert [p.rule for p in found] == ["covid19.quarantine.other.2021-12-21"]


def test_a_measure_reached_by_a_new_rule_says_when_and_what_held_before():
    at = datetime(2020, 5, 8, 12, tzinfo=OSLO)
    exposed = (
        measures.Exposed(OLA, an_exposure({"last_on": date(2020, 4, 29)}), Category.HOUSEHOLD),
    )
    found = measures.for_contact(a_contact({}), exposed, BOOK, at, TROMSO)[0]
    assert found.changed_at == datetime(2020, 5, 7, tzinfo=OSLO)
    assert found.why[-1] == "Før endringen: Karantene til og med 13. mai."


def test_a_rule_that_leaves_running_measures_alone_does_not_reach_them(tmp_path):
    text = (rulebook.SHIPPED / "quarantine_household.toml").read_text(encoding="utf-8")
    other = (rulebook.SHIPPED / "quarantine_other.toml").read_text(encoding="utf-8")
    start = text.index('[[rule]]\nid = "covid19.quarantine.household.2022-01-26"')
    changed = text[:start] + text[start:].replace("ongoing = true", "ongoing = false", 1)
    changed = changed.replace("days = 10\ntest_out_day = 7", "days = 9\ntest_out_day = 7")
    (tmp_path / "household.toml").write_text(changed, encoding="utf-8")
    (tmp_path / "other.toml").write_text(other, encoding="utf-8")
    from smittesporing.tracing.rule_files import read

    book = read(sorted(tmp_path.glob("*.toml")))
    at = datetime(2022, 1, 27, 12, tzinfo=OSLO)
    exposed = (measures.Exposed(OLA, an_exposure({"last_on": day(20)}), Category.HOUSEHOLD),)
    found = measures.for_contact(a_contact({}), exposed, book, at, TROMSO)[0]
    assert found.rule == "covid19.quarantine.household.2021-12-21"


def test_isolation_is_the_earliest_day_and_asks_for_fever():
    found = isolation.for_case(OLA, BOOK, NOON, TROMSO)[0]
    assert found.sentence == "Isolasjon tidligst til og med mandag 24. januar."
    assert found.missing == ("Feberfri siden er ikke oppgitt.",)


@pytest.mark.parametrize(("fever_free", "end"), [(22, 24), (24, 24), (26, 26)])
def test_fever_moves_the_earliest_end_of_isolation(fever_free, end):
    case = Case(
        "c", status=CaseStatus.CONFIRMED, onset_on=day(18), fever_free_since=day(fever_free)
    )
    assert isolation.for_case(case, BOOK, NOON, TROMSO)[0].earliest_end == day(end)


def test_two_negative_pcr_end_the_isolation_of_somebody_without_symptoms_in_2020():
    tests = [
        {"on": date(2020, 5, 4), "result": "POSITIVE"},
        {"on": date(2020, 5, 8), "result": "NEGATIVE"},
        {"on": date(2020, 5, 9), "result": "NEGATIVE"},
    ]
    case = a_case({"symptoms": False, "tests": tests})
    at = datetime(2020, 5, 10, 12, tzinfo=OSLO)
    assert isolation.for_case(case, BOOK, at, TROMSO)[0].earliest_end == date(2020, 5, 9)


def test_in_the_autumn_exercise_isolation_lasts_ten_days():
    case = a_case({"onset_on": date(2020, 11, 14)})
    at = datetime(2020, 11, 16, 12, tzinfo=OSLO)
    assert isolation.for_case(case, BOOK, at, TROMSO)[0].earliest_end == date(2020, 11, 24)


def test_the_windows_of_a_case():
    assert windows.infectious_window(OLA, BOOK, NOON, TROMSO).from_ == day(16)
    found = windows.exposure_window(OLA, BOOK, NOON, TROMSO)
    assert (found.from_, found.to, found.certainty) == (day(4), day(17), "background")
