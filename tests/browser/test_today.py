"""A shift by hand: rows, the call in place, a way back, tasks given and a hand-over, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from smittesporing.access.work import work
from smittesporing.tracing.casebook import register, sheet
from smittesporing.tracing.casebook.book import open_book
from smittesporing.tracing.casebook.files import case_file
from smittesporing.tracing.casebook.typed import understand
from tests.browser.conftest import overflow, screenshot, violations

INDEX = {
    "ST_CASE_STATUS": "CONFIRMED",
    "ST_SYMPTOMS": "true",
    "ST_ONSET_DATE": "2022-01-18",
    "ST_REPORT_DATE": "2022-01-19",
}
NAMES = ("Anne Alm", "Bo Berg", "Dina Dal", "Even Eng")


@pytest.fixture(scope="module")
def people():
    return iter(range(99997000, 99998000))


@pytest.fixture
def household(pool, settings, as_role, people, site):
    """An index of Tromsø with four in the household, all to be called today: the index's enrollment."""
    with work(pool, as_role("tracer", "5501", "tracer"), settings, action="test") as here:
        book = open_book(here)
        who = {"ST_GIVEN_NAME": "Ola", "ST_FAMILY_NAME": "Prøve", "ST_PHONE": str(next(people))}
        made = register.register_index(book, who, INDEX)
        for name in NAMES:
            index = case_file(book, made.enrollment)
            cells = {
                "name": name,
                "phone": str(next(people)),
                "relation": "husstand",
                "last": "18.1.",
            }
            sheet.save_row(book, index, understand(cells, book.today))
        return made.enrollment


def standing(page):
    return page.evaluate("document.activeElement.getAttribute('aria-label') || ''")


def test_the_next_call_is_one_keystroke_away_and_nothing_is_lost(visit, household):
    page = visit("tracer")
    page.goto("/i-dag?vis=teamet")
    screenshot(page, "8-i-dag")
    page.keyboard.press("ArrowDown")
    first = standing(page)
    page.keyboard.press("r")
    page.locator(".call-form").wait_for()
    page.locator("input[name=ST_CALL_OUTCOME]:focus").wait_for()
    assert violations(page) == []
    page.keyboard.press("Space")
    page.get_by_label("Har symptomer").wait_for()
    screenshot(page, "8-samtale")
    assert violations(page) == []
    page.keyboard.press("Enter")
    folded = page.locator(".work-row.folded")
    folded.wait_for()
    assert folded.get_attribute("aria-label").startswith(first.split(":")[0])
    page.locator(".work-row:not(.folded):focus").wait_for()
    assert standing(page) != first
    assert "1 av" in page.locator("#vakten .shift-done").inner_text()
    assert violations(page) == []

    page.keyboard.press("u")
    page.locator(".call-form").wait_for()
    page.get_by_label("Hvorfor?").fill("Ba om å bli ringt i morgen")
    page.keyboard.press("Enter")
    page.get_by_text("Utsatt til fredag 21. januar").wait_for()
    screenshot(page, "8-ferdig")

    page.locator(".work-row.folded").first.get_by_role("button", name="Angre").click()
    expect(page.locator(".work-row.folded")).to_have_count(1)


def test_an_unfinished_form_says_what_is_missing_and_keeps_the_note(visit, household):
    page = visit("tracer")
    page.goto("/i-dag?vis=teamet")
    page.locator("[data-key=R]:visible").first.click()
    page.get_by_label("Notat").fill("Snakket med naboen")
    page.get_by_role("button", name="Lagre samtalen").click()
    page.get_by_text("Velg om du fikk svar.").wait_for()
    assert page.get_by_label("Notat").input_value() == "Snakket med naboen"
    assert violations(page) == []


def test_the_team_leader_gives_two_rows_to_a_tracer(visit, household):
    page = visit("leader")
    page.goto("/i-dag?vis=ledige")
    page.get_by_role("checkbox", name=re.compile("Velg Dina Dal")).first.check()
    page.get_by_role("checkbox", name=re.compile("Velg Even Eng")).first.check()
    page.get_by_label("Gi de valgte til").select_option(label="Tone Sporer")
    screenshot(page, "8-fordel")
    assert violations(page) == []
    page.get_by_role("button", name="Tildel").click()
    page.get_by_text("Oppgavene er fordelt.").wait_for()
    page.goto("/i-dag/tavle")
    screenshot(page, "8-tavle")
    assert violations(page) == []
    tracer = visit("tracer")
    tracer.goto("/i-dag")
    tracer.get_by_role("link", name="Dina Dal", exact=True).first.wait_for()


def test_a_case_is_handed_over_and_both_see_where_it_stands(visit, household):
    sender = visit("tracer")
    sender.goto(f"/overforinger/ny/{household}")
    assert violations(sender) == []
    sender.get_by_label(re.compile("Hvilken kommune")).select_option(label="Balsfjord")
    sender.get_by_label(re.compile("Hvorfor")).fill("Er på hytta i Balsfjord")
    screenshot(sender, "9-overfor")
    sender.get_by_role("button", name="Send overføringen").click()
    sender.get_by_text("Overføringen er sendt").wait_for()
    screenshot(sender, "9-overforinger-fra")
    receiver = visit("neighbour")
    receiver.goto("/overforinger")
    receiver.get_by_text("Er på hytta i Balsfjord").wait_for()
    assert "Ola Prøve" not in receiver.content()
    screenshot(receiver, "9-overforinger-til")
    assert violations(receiver) == []
    receiver.get_by_role("button", name="Godta").click()
    receiver.get_by_text("Personen er deres nå.").wait_for()
    screenshot(receiver, "9-godtatt")
    sender.goto("/overforinger")
    sender.get_by_role("cell", name="Godtatt").wait_for()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/i-dag?vis=teamet", "8-i-dag"),
        ("/i-dag/tavle", "8-tavle"),
        ("/overforinger", "9-overforinger"),
    ],
)
def test_the_pages_reflow_and_hold_in_the_dark(visit, household, path, name):
    page = visit("leader", dark=True)
    page.goto(path)
    screenshot(page, f"{name}-dark")
    assert violations(page) == []
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert overflow(page) == 0
        assert violations(page) == []
        screenshot(page, f"{name}-{width}")
