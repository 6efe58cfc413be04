"""The overview and the weekly report in a browser: by keys, without violations, on narrow windows."""

import pytest

from smittesporing.access import org_units
from smittesporing.cli import import_borders
from smittesporing.metadata import store
from tests.browser.conftest import overflow, screenshot, violations
from tests.conftest import user_with
from tests.pages.test_overview import add_cases
from tests.tracker.conftest import World

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def outbreak(pool, settings, site):
    """Nine cases in Tromsø in week 2: five in households, four at school."""
    with pool.connection() as connection:
        snapshot, units = store.current(connection), org_units.current(connection)
        reach = user_with(connection, settings, "tracer", "5501", "tracer")
    here = World(pool, settings, snapshot, units, reach, "5501")
    add_cases(here, 5)
    add_cases(here, 4, setting="SCHOOL", tested="2022-01-14")


def test_the_count_by_keys(visit):
    page = visit("doctor")
    page.goto("/oversikt")
    page.wait_for_selector(".square")
    assert "9 nye smittede i Tromsø i uke 2" in page.inner_text("h1 + .says")
    assert violations(page) == []
    screenshot(page, "11-oversikt")
    page.locator(".square").first.focus()
    assert page.locator(":focus").get_attribute("aria-label") == (
        "onsdag 12. januar, husstand: 5 av 5"
    )
    page.keyboard.press("ArrowRight")
    assert page.locator(":focus").get_attribute("aria-label").startswith("fredag 14. januar")
    page.keyboard.press("Enter")
    page.wait_for_url("**/oversikt/liste**")
    assert page.locator("tbody tr").count() == 4
    page.go_back()
    page.wait_for_selector(".square")
    page.locator("main").focus()
    page.keyboard.press("t")
    assert page.get_by_role("group", name="tabell").is_visible()


def test_the_map_goes_from_neighbour_to_neighbour(visit):
    page = visit("doctor")
    page.goto("/oversikt")
    page.wait_for_selector(".map-layout [data-id]")
    assert page.locator(".map-layout [data-id]").count() == 357
    own = page.locator('.map-layout [data-id="5501"]')
    own.focus()
    assert "9 av 77" in own.get_attribute("aria-label")
    page.keyboard.press("ArrowDown")
    there = page.locator(":focus").get_attribute("data-id")
    assert there not in (None, "5501")
    assert page.locator(".map-says").inner_text() == page.locator(":focus").get_attribute(
        "aria-label"
    )
    page.get_by_role("link", name="Tabell", exact=True).click()
    page.wait_for_url("**kart=tabell**")
    assert page.locator(".map-table tbody tr").count() == 357
    assert violations(page) == []


def test_with_kartverkets_borders_the_map_has_shapes(visit, shared, owner_url, monkeypatch):
    monkeypatch.setenv("SMITTESPORING_OWNER_URL", owner_url)
    assert import_borders.run([str(shared / "data/kartverket/kommuner-2024.geojson")]) == 0
    page = visit("doctor", dark=True)
    page.goto("/oversikt")
    page.wait_for_selector(".map-layout path.place")
    assert page.locator(".map-layout path.place").count() == 357
    assert page.get_by_text("Kartverket, CC BY 4.0").is_visible()
    page.locator('.map-layout [data-id="5501"]').focus()
    page.keyboard.press("ArrowDown")
    assert page.locator(":focus").get_attribute("data-id") != "5501"
    assert violations(page) == []
    screenshot(page, "11-oversikt-kart")


@pytest.mark.parametrize("path", ["/oversikt", "/rapport", "/oversikt?sted=55&kart=tabell"])
def test_narrow_windows_reflow(visit, path):
    page = visit("doctor", width=320, height=640)
    page.goto(path)
    page.wait_for_timeout(300)
    assert overflow(page) == 0
    assert violations(page) == []


def test_the_doctor_sends_the_report_and_fhi_opens_it(visit):
    page = visit("doctor")
    page.goto("/rapport")
    assert violations(page) == []
    page.get_by_role("button", name="Send rapporten til FHI").click()
    page.get_by_text("Rapporten er sendt til FHI").wait_for()
    screenshot(page, "11-rapport")
    fhi = visit("fhi")
    fhi.goto("/rapport")
    fhi.get_by_role("link", name="Tromsø", exact=True).click()
    fhi.get_by_role("heading", name="Sendt ukerapport").wait_for()
    assert violations(fhi) == []
    fhi.goto("/oversikt")
    fhi.wait_for_selector(".map-layout [data-id]")
    assert violations(fhi) == []
    screenshot(fhi, "11-oversikt-fhi")
    fhi.get_by_role("link", name="Nye smittede uke 2").click()
    # No list behind it for FHI: the tile opens its method card.
    fhi.get_by_text("Antall nye saker med bekreftet smitte").first.wait_for()
