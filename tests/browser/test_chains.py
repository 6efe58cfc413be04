"""Events and chains in a browser: from a party to contacts, from a picture to its table, at three widths."""

import pytest

from smittesporing.access.work import work
from smittesporing.tracing.casebook import files, register, sheet, sources
from smittesporing.tracing.casebook.book import open_book
from smittesporing.tracing.casebook.typed import understand
from tests.browser.conftest import overflow, screenshot, violations

CONFIRMED = {"ST_CASE_STATUS": "CONFIRMED"}


@pytest.fixture(scope="module")
def chain(site, pool, settings):
    """Ada infected Bo and Cato; Dina was with Bo and has no registered source. Enrollments by name."""
    from smittesporing.access import org_units, users
    from smittesporing.access.reach import reach_for

    with pool.connection() as connection:
        user = users.by_username(connection, "tracer")
        unit = org_units.current(connection).by_code["5501"]
        reach = reach_for(connection, user.uid, unit.id, "tracer")
    made = {}
    with work(pool, reach, settings, action="test") as here:
        book = open_book(here)
        for name, day in (("Ada", "12"), ("Bo", "15"), ("Cato", "16")):
            person = {"ST_GIVEN_NAME": name, "ST_FAMILY_NAME": "Prøve"}
            told = {**CONFIRMED, "ST_ONSET_DATE": f"2022-01-{day}"}
            made[name] = register.register_index(book, person, told).enrollment
        for name in ("Bo", "Cato"):
            file = files.case_file(book, made[name])
            told = {"ST_SOURCE_KIND": "INDEX", "ST_SOURCE_CERTAINTY": "CERTAIN"}
            sources.save(book, file, told, made["Ada"])
        row = {"name": "Dina Prøve", "phone": "99996001", "last": "15.1.", "relation": "venn"}
        row |= {"distance": "1", "minutes": "60"}
        saved = sheet.save_row(book, files.case_file(book, made["Bo"]), understand(row, book.today))
        told = {**CONFIRMED, "ST_ONSET_DATE": "2022-01-18"}
        made["Dina"] = register.register_index(book, {}, told, saved.tracked_entity).enrollment
    return made


def test_a_party_is_registered_filled_and_traced(visit, chain):
    page = visit("tracer")
    page.goto("/hendelser")
    screenshot(page, "14-hendelser")
    assert violations(page) == []
    page.keyboard.press("n")
    page.wait_for_url("**/hendelser/ny")
    page.locator("label", has_text="Hendelse").first.click()
    page.locator("[name=ST_CLUSTER_NAME]").fill("Bursdag i klubbhuset")
    page.get_by_label("Første dag").fill("2022-01-15")
    page.get_by_label("Siste dag").fill("2022-01-15")
    page.get_by_label("Antall som ikke er identifisert").fill("2")
    page.get_by_role("button", name="Registrer", exact=True).click()
    page.get_by_text("Registrert. Legg til dem som var der.").wait_for()
    page.get_by_text("Lim inn en liste i stedet").click()
    page.get_by_label("Rader fra Excel").fill("Eva Prøve\t\t99996101\nFinn Prøve\t\t99996102")
    page.locator("#legg-til").get_by_role("button", name="Legg til", exact=True).click()
    page.get_by_text("Slik forsto vi listen: 2 rader.").wait_for()
    screenshot(page, "16-hendelse-liste")
    page.get_by_role("button", name="Legg til 2 personer").click()
    page.get_by_text("Personene er lagt til.").wait_for()
    address = page.url.split("?")[0]
    page.goto(f"/indeks/{chain['Bo']}/steder")
    page.get_by_label("Registrert fra før").select_option(label="Bursdag i klubbhuset")
    page.get_by_role("button", name="Legg til", exact=True).click()
    page.get_by_text("Stedet er lagt til.").wait_for()
    screenshot(page, "09-steder")
    assert violations(page) == []
    page.goto(address)
    for name in ("Eva Prøve", "Finn Prøve"):
        page.get_by_label(f"Velg {name}").check()
    page.get_by_label("Avstand").fill("1")
    page.get_by_label("Varighet").fill("60")
    page.get_by_role("button", name="Gjør til nærkontakter").click()
    page.get_by_text("De valgte er nærkontakter nå.").wait_for()
    assert page.get_by_role("link", name="Nærkontakt", exact=True).count() == 2
    screenshot(page, "16-hendelse")
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert overflow(page) == 0


def test_picture_and_table_are_one_selection_by_keyboard(visit, chain):
    page = visit("tracer")
    page.goto(f"/smittekjeder?indeks={chain['Ada']}")
    picture = page.get_by_role("group", name="Smittekjede: ")
    picture.wait_for()
    assert page.locator("[data-chain-table] tbody tr").count() == 4
    assert page.locator(".chain-link.proposed").count() >= 1
    ada = page.locator(f'svg [data-id="{chain["Ada"]}"]')
    ada.focus()
    page.keyboard.press("ArrowRight")
    current = page.locator('[data-chain-table] tr[aria-current="true"]')
    current.wait_for()
    assert current.get_attribute("data-node") in (chain["Bo"], chain["Cato"])
    page.locator("[data-chain-detail]", has_text="Endre kilden").wait_for()
    page.locator(f'[data-chain-table] tr[data-node="{chain["Dina"]}"] td').last.click()
    page.locator("[data-chain-detail]", has_text="Kilden er foreslått").wait_for()
    assert "selected" in (
        page.locator(f'svg [data-id="{chain["Dina"]}"]').get_attribute("class") or ""
    )
    screenshot(page, "17-smittekjede")
    assert violations(page) == []


def test_the_slider_fades_what_was_not_known(visit, chain):
    page = visit("tracer")
    page.goto(f"/smittekjeder?indeks={chain['Ada']}")
    slider = page.get_by_label("Vis det vi visste")
    slider.wait_for()
    slider.focus()
    page.keyboard.press("Home")
    assert page.locator("svg .later").count() >= 4
    page.keyboard.press("End")
    assert page.locator("svg .later").count() == 0


@pytest.mark.parametrize(("width", "dark"), [(1440, True), (390, False), (320, False)])
def test_chains_and_events_are_readable_at_every_width(visit, chain, width, dark):
    page = visit("tracer", width=width, dark=dark)
    for name, path in (
        ("17-smittekjeder", "/smittekjeder"),
        ("14-hendelser", "/hendelser"),
        ("15-ny-hendelse", "/hendelser/ny"),
        ("09-steder", f"/indeks/{chain['Dina']}/steder"),
    ):
        page.goto(path)
        page.wait_for_timeout(200)
        assert violations(page) == [], path
        assert overflow(page) == 0, path
        screenshot(page, f"{name}-{width}{'-dark' if dark else ''}")
