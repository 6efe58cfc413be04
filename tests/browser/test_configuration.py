"""The configuration in a browser, by keys: a question moved, a rule said while typed, tried, published, gone back."""

import re

import pytest

from smittesporing.metadata import draft, store
from tests.browser.conftest import overflow, screenshot, violations

pytestmark = pytest.mark.browser
TOP = "/konfigurasjon"


@pytest.fixture
def uid(pool, site):
    with pool.connection() as connection:
        connection.execute("delete from metadata.draft")
    with pool.connection() as connection:
        metadata = store.current(connection)

    def find(code):
        known = metadata.by_code("programIndicators", code)
        return known["id"] if known else metadata.uid(code)

    return find


def focused(page):
    return page.evaluate("document.activeElement.id")


def test_a_question_is_moved_by_keys_and_the_focus_stays_on_its_button(visit, uid):
    page = visit("ks")
    page.goto(f"{TOP}/programStages/{uid('ST_INDEX_INTERVIEW')}")
    button = f"ned-{uid('ST_DISEASE')}"
    disease = page.locator(f"#o-{uid('ST_DISEASE')}")
    places = page.locator("ol.conf-asked", has=disease).locator("> li")
    before = places.evaluate_all("found => found.map(one => one.id)")
    page.locator(f"#{button}").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Spørsmål: rekkefølgen er endret").first.wait_for()
    after = places.evaluate_all("found => found.map(one => one.id)")
    assert after.index(f"o-{uid('ST_DISEASE')}") == before.index(f"o-{uid('ST_DISEASE')}") + 1
    assert focused(page) == button


def test_a_question_says_it_is_saved_and_the_column_beside_follows(visit, uid):
    page = visit("ks")
    page.goto(f"{TOP}/programStages/{uid('ST_INDEX_INTERVIEW')}")
    page.get_by_label("Sykdom", exact=True).fill("Hvilken sykdom er det?")
    page.get_by_text(re.compile(r"^Lagret kl")).wait_for()
    must = page.locator(f"#o-{uid('ST_DISEASE')}").get_by_role("checkbox")
    must.focus()
    page.keyboard.press("Space")
    page.get_by_text("«Sykdom» må fylles ut").wait_for()
    page.reload()
    assert page.locator(f"#o-{uid('ST_DISEASE')}").get_by_role("checkbox").is_checked()


def test_an_expression_is_said_in_norwegian_while_it_is_typed_and_its_fault_is_marked(visit, uid):
    page = visit("ks")
    page.goto(f"{TOP}/programIndicators/{uid('ST_PI_CASES')}")
    text = page.get_by_label("Tell bare med når")
    text.fill("V{enrollment_status} ==")
    page.get_by_text("Tegn 24:").first.wait_for()
    assert page.locator("mark").count() == 1
    screenshot(page, "33-uttrykk-feil")
    assert violations(page) == []
    text.press("End")
    text.press_sequentially(" 'ACTIVE'")
    page.get_by_text("registreringens status er lik «pågår»").first.wait_for()
    page.get_by_text("Antall saker der registreringens status er lik «pågår».").wait_for()


def test_what_a_colleague_wrote_in_the_same_field_is_shown_beside_ones_own(
    visit, uid, pool, as_role
):
    page = visit("ks")
    page.goto(f"{TOP}/dataElements/{uid('ST_DISEASE')}")
    with pool.connection() as connection:
        draft.write(
            connection,
            as_role("ks", "NO", "ks-two"),
            "dataElements",
            uid("ST_DISEASE"),
            "name",
            lambda body: body.update(name="Diagnose"),
        )
    page.get_by_label("Navn").fill("Lidelse")
    both = page.get_by_role("group", name="To verdier")
    both.get_by_text("ks NO har skrevet «Diagnose» mens du skrev.").wait_for()
    assert page.get_by_label("Navn").input_value() == "Lidelse"
    screenshot(page, "33-to-verdier")
    assert violations(page) == []
    both.get_by_role("button", name="Bruk den andres").click()
    assert page.get_by_label("Navn").input_value() == "Diagnose"


def test_a_form_is_tried_and_its_questions_come_and_go(visit, uid):
    page = visit("ks")
    page.goto(f"{TOP}/prov/programStages/{uid('ST_INDEX_INTERVIEW')}")
    onset = page.locator(f"[data-field='{uid('ST_ONSET_DATE')}']")
    assert onset.is_hidden()
    symptoms = page.locator(f"[data-field='{uid('ST_SYMPTOMS')}']")
    symptoms.get_by_label("Ja").focus()
    page.keyboard.press("Space")
    onset.wait_for(state="visible")
    screenshot(page, "33-prov-svar")
    assert violations(page) == []


def test_a_draft_is_published_compared_and_gone_back_from_by_keys(visit, uid):
    page = visit("ks")
    page.goto(f"{TOP}/optionSets/{uid('ST_OPT_SEX')}")
    page.locator("#nytt-navn").fill("Annet")
    page.locator("#ny-kode").fill("OTHER")
    page.keyboard.press("Enter")
    page.get_by_label("Navn på OTHER").wait_for()
    page.goto(f"{TOP}/utkast")
    page.get_by_label(re.compile("Hva er endret")).fill("Et svar til")
    page.get_by_role("button", name=re.compile("Publiser som versjon")).focus()
    page.keyboard.press("Enter")
    page.get_by_text("Utkastet er publisert").wait_for()
    screenshot(page, "33-versjoner")
    assert violations(page) == []
    page.get_by_role("link", name=re.compile("Gå tilbake hit")).first.click()
    page.get_by_text("Lukkes, og slettes ikke").wait_for()
    page.get_by_role("button", name=re.compile("Fyll utkastet")).focus()
    page.keyboard.press("Enter")
    page.get_by_text("Utkastet er fylt med den eldre versjonen").wait_for()
    screenshot(page, "33-tilbake")
    assert violations(page) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_pages_hold_at_every_width_and_in_the_dark(visit, uid, dark):
    page = visit("ks", dark=dark)
    page.goto(f"{TOP}/dataElements/{uid('ST_DISEASE')}")
    page.get_by_label("Navn").fill(f"Diagnose {dark}")
    page.get_by_text(re.compile(r"^Lagret kl")).wait_for()
    for name, path in {
        "skjemaer": TOP,
        "liste": f"{TOP}?gruppe=regler",
        "sok": f"{TOP}?q=symptom",
        "sporsmal": f"{TOP}/dataElements/{uid('ST_DISEASE')}",
        "skjema": f"{TOP}/programStages/{uid('ST_INDEX_TEST')}",
        "program": f"{TOP}/programs/{uid('ST_CLUSTERS')}",
        "svarliste": f"{TOP}/optionSets/{uid('ST_OPT_SEX')}",
        "indikator": f"{TOP}/programIndicators/{uid('ST_PI_CASES')}",
        "prov-skjema": f"{TOP}/prov/programStages/{uid('ST_INDEX_TEST')}?eksempel=2",
        "prov-indikator": f"{TOP}/prov/programIndicators/{uid('ST_PI_CASES')}",
        "utkast": f"{TOP}/utkast",
        "versjoner": f"{TOP}/versjoner",
        "sammenlign": f"{TOP}/versjoner/sammenlign",
    }.items():
        page.set_viewport_size({"width": 1440, "height": 1000})
        page.goto(path)
        screenshot(page, f"34-{name}{'-dark' if dark else ''}")
        assert violations(page) == [], path
        page.set_viewport_size({"width": 320, "height": 800})
        page.wait_for_timeout(100)
        assert overflow(page) == 0, path
        if not dark:
            screenshot(page, f"34-{name}-320")


def test_a_part_and_a_name_are_made_by_keys_and_the_focus_stays(visit, uid):
    page = visit("ks")
    page.goto(f"{TOP}/programStages/{uid('ST_INDEX_TEST')}")
    page.get_by_label("Navn på delen").last.fill("Til sjøs")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Til sjøs").wait_for()
    assert focused(page) == "lag-del"
    page.get_by_role("button", name="Ta bort delen «Til sjøs»").press("Enter")
    page.get_by_role("heading", name="Til sjøs").wait_for(state="detached")
    page.goto(f"{TOP}?gruppe=regler&slag=programRules")
    page.get_by_role("link", name="Alder bare når").first.click()
    page.get_by_text("Navn du kan bruke i vilkår").press("Enter")
    page.get_by_label("Spørsmål uten navn i regler").select_option(label="Adresse")
    page.get_by_role("button", name="Gi det et navn").press("Enter")
    page.get_by_text("A{ST_ADDRESS}").wait_for()
    assert focused(page) == "gi-navn"
    assert violations(page) == []
    screenshot(page, "34-konfigurasjon-navn-i-regler")
