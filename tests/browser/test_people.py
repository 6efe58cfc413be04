"""A case in a browser: search, look up, register, interview, correct, undo; seen at three widths."""

import itertools

import pytest

from sandbox.register import NUMBER_FOR, Case, a_number
from tests.browser.conftest import overflow, screenshot, violations

numbers = itertools.count(101, 20)


def fresh_number() -> str:
    return a_number(14, 6, 1971, next(numbers))


def register(page, number: str) -> str:  # type: ignore[no-untyped-def]
    """Register the person with this number as index; the address of the interview."""
    page.goto("/personer/ny")
    page.locator("#person-sok").fill(number)
    page.locator("#innhold").get_by_role("button", name="Søk").click()
    page.get_by_role("button", name="Registrer ny person").click()
    page.get_by_text("Hentet fra Folkeregisteret.").wait_for()
    page.locator("label", has_text="Bekreftet").click()
    page.locator("[name=ST_ONSET_DATE]").fill("2022-01-18")
    page.locator("[name=ST_TEST_DATE]").fill("2022-01-19")
    page.locator("label", has_text="PCR").click()
    page.locator("label", has_text="Positiv").click()
    page.get_by_role("button", name="Registrer og begynn intervjuet").click()
    page.get_by_text("Saken er registrert.").wait_for()
    return str(page.url).split("?")[0]


def kept(page) -> None:  # type: ignore[no-untyped-def]
    page.locator("[data-saved-line]", has_text="Lagret kl.").wait_for()


def test_from_a_number_to_an_interview_that_keeps_itself(visit):
    page = visit("tracer")
    address = register(page, fresh_number())
    screenshot(page, "people-interview")
    assert not violations(page)
    facts = page.locator(".index-facts")
    assert "Smittsom fra 16. januar" in facts.inner_text().replace("\n", " ")

    page.locator("#f-ST_BIRTH_COUNTRY select").select_option("NO")
    kept(page)
    page.locator("#msis a", has_text="Fødeland").wait_for(state="detached")

    onset = page.locator("[name=ST_ONSET_DATE]")
    onset.fill("2022-01-16")
    onset.press("Tab")
    facts.get_by_text("14. januar").wait_for()

    page.locator("#f-ST_SYMPTOMS label", has_text="Nei").click()
    page.locator("[data-field=ST_ONSET_DATE]").wait_for(state="hidden")
    page.locator("#f-ST_SYMPTOMS label", has_text="Ja").click()
    page.locator("[data-field=ST_ONSET_DATE]").wait_for(state="visible")
    assert onset.input_value() == "2022-01-16", "what is hidden keeps what was typed"

    page.goto(address)
    assert page.locator("[name=ST_ONSET_DATE]").input_value() == "2022-01-16"
    page.get_by_role("link", name="Historikk").click()
    page.get_by_text("Symptomstart: ").first.wait_for()
    screenshot(page, "people-history")
    assert not violations(page)


def test_a_colleague_in_the_same_field_and_both_values_stay(visit):
    page, other = visit("tracer"), visit("leader")
    address = register(page, fresh_number())
    other.goto(address)
    theirs = other.locator("[name=ST_ONSET_DATE]")
    theirs.fill("2022-01-17")
    theirs.press("Tab")
    kept(other)
    mine = page.locator("[name=ST_ONSET_DATE]")
    mine.fill("2022-01-15")
    mine.press("Tab")
    box = page.get_by_role("group", name="To verdier")
    box.get_by_text("Liv Leder har skrevet «17. januar 2022»").wait_for()
    screenshot(page, "people-both-values")
    box.get_by_role("button", name="Behold min verdi").click()
    kept(page)
    other.goto(address)
    assert other.locator("[name=ST_ONSET_DATE]").input_value() == "2022-01-15"


def test_what_is_done_by_mistake_is_undone_by_one_button(visit):
    page = visit("tracer")
    register(page, fresh_number())
    page.get_by_role("button", name="Registrert ved en feil").click()
    page.get_by_role("button", name="Angre").click()
    page.get_by_text("Saken er åpnet igjen.").wait_for()


@pytest.mark.parametrize(
    "case, sentence",
    [
        (Case.NOT_FOUND, "ingen person med dette nummeret"),
        (Case.DOWN, "svarer ikke akkurat nå"),
        (Case.EXPIRED, "godtok ikke innloggingen"),
        (Case.STRICT, "strengt fortrolig adresse"),
        (Case.CONFIDENTIAL, "fortrolig adresse"),
    ],
)
def test_each_answer_of_folkeregisteret_has_its_sentence_and_loses_nothing(visit, case, sentence):
    page = visit("tracer")
    page.goto("/personer/ny")
    page.get_by_role("button", name="Personen har ikke norsk nummer").click()
    page.locator("[name=ST_EMAIL]").fill("min@example.org")
    page.locator("[name=ST_NATIONAL_ID]").fill(NUMBER_FOR[case])
    page.get_by_role("button", name="Slå opp i Folkeregisteret").click()
    page.locator(".notice", has_text=sentence).first.wait_for()
    assert page.locator("[name=ST_EMAIL]").input_value() == "min@example.org"
    is_protected = case in (Case.STRICT, Case.CONFIDENTIAL)
    assert page.locator("[name=ST_ADDRESS]").count() == (0 if is_protected else 1)
    if case is Case.STRICT:
        screenshot(page, "people-register-protected")
    assert not violations(page)


def test_what_the_register_says_otherwise_is_for_the_reader_to_choose(visit):
    page = visit("tracer")
    page.goto("/personer/ny")
    page.get_by_role("button", name="Personen har ikke norsk nummer").click()
    page.locator("[name=ST_GIVEN_NAME]").fill("Et Annet Navn")
    page.locator("[name=ST_NATIONAL_ID]").fill(fresh_number())
    page.get_by_role("button", name="Slå opp i Folkeregisteret").click()
    card = page.locator(".card-signal")
    card.get_by_text("Du skrev: Et Annet Navn").wait_for()
    assert page.locator("[name=ST_GIVEN_NAME]").input_value() == "Et Annet Navn"
    screenshot(page, "people-register-choose")
    assert not violations(page)


def test_search_is_one_key_away_and_no_name_stands_in_the_address(visit):
    page = visit("tracer")
    register(page, fresh_number())
    page.goto("/personer")
    page.keyboard.press("Control+k")
    page.keyboard.type("99990000")
    page.keyboard.press("Enter")
    page.get_by_text("Ingen treff").wait_for()
    assert page.url.endswith("/sok")
    screenshot(page, "people-search-none")
    assert not violations(page)


@pytest.mark.parametrize("width, dark", [(1440, False), (1440, True), (390, False), (320, False)])
def test_every_page_reflows_and_is_accessible(visit, width, dark):
    page = visit("tracer", width=width, dark=dark)
    address = register(page, fresh_number())
    person = page.locator(".breadcrumb a").nth(1).get_attribute("href")
    name = f"{width}{'-dark' if dark else ''}"
    for path, called in (
        (address, "interview"),
        (f"{address}/historikk", "history"),
        (f"{address}/oppfolging", "follow-up"),
        (person, "file"),
        ("/personer", "list"),
        ("/personer/ny", "new"),
        ("/sok", "search"),
    ):
        page.goto(path)
        assert overflow(page) <= 0, called
        assert not violations(page), called
        screenshot(page, f"people-{called}-{name}")


def test_the_days_are_told_one_by_one_and_the_column_follows(visit):
    page = visit("tracer")
    register(page, fresh_number())
    day = page.locator("#dag-for-dag")
    assert "søndag 16. januar" in day.inner_text()
    page.locator("#dag-navn").fill("Mona Dagprøve")
    page.locator("#dag-relasjon").select_option("COLLEAGUE")
    page.locator("#dag-minutter").fill("30")
    page.locator("#dag-avstand").fill("1")
    page.keyboard.press("Enter")
    day.locator(".met", has_text="Mona Dagprøve").wait_for()
    page.locator("#ved-siden .side-contacts", has_text="Mona Dagprøve").wait_for()
    assert page.evaluate("document.activeElement.id") == "dag-navn", "ready for the next name"
    day.get_by_role("link", name="Ferdig, gå til mandag 17. januar").click()
    day.get_by_role("button", name="Mona Dagprøve").click()
    day.locator(".met", has_text="Mona Dagprøve").wait_for()
    screenshot(page, "people-day-by-day")
    assert not violations(page)
