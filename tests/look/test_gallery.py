"""Every part: readable for all (axe), within 320 px, obeying the policy, and worked by keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.look.conftest import AXE

PASTED = (
    "\ufeffNavn\tMobil\tRelasjon\tSiste kontakt\r\n"
    "Liv Aune\t99990050\tKollega\t17.01.22\r\n"
    "Eva Strand\t\tonkel\ti går\r\n"
)
pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("name", "width", "options"),
    [
        ("light", 1440, {"color_scheme": "light"}),
        ("dark", 1440, {"color_scheme": "dark"}),
        ("contrast", 1440, {"contrast": "more"}),
        ("forced", 1440, {"forced_colors": "active"}),
        ("tablet", 900, {}),
        ("phone", 320, {}),
    ],
)
def test_no_axe_violation_and_nothing_beyond_the_edge(look, pictures, name, width, options):
    page = look(width, bypass_csp=True, **options)
    page.evaluate(AXE.read_text("utf-8"))
    # With forced colours every colour is the reader's own, which axe can't know.
    rules = {"color-contrast": {"enabled": name != "forced"}}
    found = page.evaluate("rules => axe.run(document, {rules})", rules)["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if pictures:
        page.screenshot(path=Path(pictures) / f"parts-{name}.png", full_page=True)


def test_arrows_move_between_rows_and_a_letter_acts_in_the_row(look):
    page = look()
    page.evaluate(
        "addEventListener('click', e => { window.clicked = e.target.closest('a')?.textContent; e.preventDefault() })"
    )
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Jonas Berg"
    page.keyboard.press("r")
    assert page.evaluate("window.clicked").strip() == "Åpne"


def test_a_finished_row_folds_and_the_next_one_is_stood_on(look):
    page = look()
    page.keyboard.press("ArrowDown")
    page.evaluate(
        """() => htmx.ajax('POST', '/ferdig',
            {target: document.activeElement, swap: 'outerHTML'})"""
    )
    page.get_by_text("Ferdig. Angre").wait_for()
    expect(page.locator("[data-row]:focus")).to_have_attribute("aria-label", "Jonas Berg")


def test_ctrl_k_goes_to_search_and_question_mark_lists_the_keys(look):
    page = look()
    page.keyboard.press("Control+k")
    assert page.evaluate("document.activeElement.id") == "sok"
    page.keyboard.type("?")
    assert not page.locator("#taster").is_visible()
    page.locator("h1").click()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    assert page.locator("#taster").is_visible()


def test_letters_belong_to_the_field_one_writes_in(look):
    page = look()
    page.evaluate("addEventListener('click', () => { window.clicked = true })")
    field = page.get_by_label("Sted", exact=True)
    field.focus()
    page.keyboard.type("rhb")
    assert "rhb" in field.input_value()
    assert page.evaluate("window.clicked") is None


def test_field_says_when_it_is_saved(look):
    page = look()
    page.get_by_label("Sted", exact=True).fill("Nordvik")
    page.keyboard.press("Tab")
    expect(page.locator("[data-saved-line]")).to_contain_text("Lagret kl. ")
    assert page.locator("[data-field=place]").get_attribute("data-version") == "4"


def test_field_that_could_not_be_saved_keeps_its_text_and_says_so(look):
    page = look()
    field = page.get_by_label("Sted", exact=True)
    field.fill("nede")
    page.keyboard.press("Tab")
    page.get_by_text("Ikke lagret: prøver igjen").first.wait_for()
    assert field.input_value() == "nede"
    field.fill("oppe")
    page.keyboard.press("Tab")
    expect(page.locator("[data-saved-line]")).to_contain_text("Lagret kl. ")


def test_field_written_in_after_signing_out_is_not_taken_for_saved(look):
    page = look()
    field = page.get_by_label("Sted", exact=True)
    field.fill("utlogget")
    page.keyboard.press("Tab")
    page.get_by_text("Du er logget ut.").first.wait_for()
    assert field.input_value() == "utlogget"
    expect(page.locator("[data-saved-line]")).to_contain_text("Ikke lagret")


def test_a_colleagues_value_is_offered_beside_ones_own(look):
    page = look()
    field = page.get_by_label("Sted", exact=True)
    field.fill("uenig")
    page.keyboard.press("Tab")
    page.get_by_text("Jonas Bakken har skrevet «Nordvik rør»").wait_for()
    assert field.input_value() == "uenig"
    page.get_by_role("button", name="Bruk den andres").click()
    assert field.input_value() == "Nordvik rør"


def test_server_answers_decide_which_questions_show(look):
    page = look()
    answer = "detail => document.dispatchEvent(new CustomEvent('smittesporing:fields', {detail}))"
    told = {"required": True, "options": ["H"]}
    page.evaluate(answer, {"distance": {"hidden": True}, "relation": told, "phone": {"error": ""}})
    assert not page.locator("[data-field=distance]").is_visible()
    assert page.locator("[data-field=relation] .must").is_visible()
    assert page.locator("[data-field=relation] option[value=C]").is_disabled()
    assert not page.locator("[data-field=phone] .field-error").is_visible()
    page.evaluate(answer, {"distance": {"hidden": False}})
    assert page.get_by_label("Avstand", exact=True).input_value() == "1"


def test_sheet_judges_while_one_types_and_speaks_once(look):
    page = look()
    page.locator(".sheet tbody tr[data-row]").last.locator("[name=name]").fill("Geir Foss")
    row = page.locator(".sheet tbody tr[data-row]").nth(4)
    row.locator("[name=relation]").select_option("HOUSEHOLD")
    row.locator("[name=last]").fill("18.1")
    row.get_by_text("Siste kontakt 2022-01-18.").wait_for(timeout=1500)
    row.locator("[name=last]").press("Tab")
    assert row.locator("[name=last]").input_value() == "18.1."
    expect(page.locator("#announcer")).to_contain_text("Geir Foss: nærkontakt", timeout=3000)
    assert page.locator(".sheet tbody tr[data-row]").count() == 6


def test_why_opens_below_the_row_without_moving_focus(look):
    page = look()
    cell = page.locator(".sheet [name=phone]").first
    cell.focus()
    page.keyboard.press("Alt+h")
    assert page.locator(".sheet-why").first.is_visible()
    assert page.evaluate("document.activeElement.name") == "phone"
    page.keyboard.press("Alt+h")
    assert not page.locator(".sheet-why").first.is_visible()


def test_pasted_rows_are_shown_as_understood_before_they_are_written(look):
    page = look()
    page.locator(".sheet tbody tr[data-row]").last.locator("[name=name]").focus()
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData('text/plain', text);
            const options = {clipboardData: data, bubbles: true, cancelable: true};
            document.activeElement.dispatchEvent(new ClipboardEvent('paste', options));
        }""",
        PASTED,
    )
    box = page.locator(".sheet-pasted")
    assert "2 rader lest, overskriften brukt. 1 har noe vi ikke forsto." in box.inner_text()
    assert box.locator("td.doubt").count() == 2
    assert page.locator(".sheet [name=name]").count() == 5
    box.get_by_role("button", name="Legg til 2 rader").click()
    page.locator(".sheet tbody tr[data-row='nLiv Aune']").wait_for()
    written = page.locator(".sheet tbody tr[data-row='nLiv Aune']")
    assert written.locator("[name=last]").input_value() == "17.1."
    assert written.locator("[name=relation]").input_value() == "COLLEAGUE"


def test_chain_follows_links_by_arrows_and_shares_its_choice_with_the_table(look):
    page = look()
    page.locator(".island-chain [data-id='2011']").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.id") == "e88"
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.id") == "2024"
    assert page.locator("[data-chain-table] [aria-current]").get_attribute("data-node") == "2024"
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.dataset.id") == "e88"


def test_slider_fades_what_was_not_known_that_day(look):
    page = look()
    page.locator("#chain-day").fill("19000")
    assert "later" not in (page.locator("[data-id='2011']").get_attribute("class") or "")
    assert "later" in (page.locator("[data-id='2047']").get_attribute("class") or "")


def test_map_and_curve_are_walked_by_arrows(look):
    page = look()
    page.locator(".island-map [tabindex='0']").focus()
    before = page.evaluate("document.activeElement.dataset.id")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.id") not in (before, None)
    page.locator(".island-epicurve .square").first.focus()
    page.keyboard.press("ArrowRight")
    assert "14. desember" in page.evaluate("document.activeElement.getAttribute('aria-label')")
