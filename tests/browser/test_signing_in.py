"""Signing in by ID-porten, in a real browser."""

from tests.browser.conftest import overflow, screenshot, violations


def test_a_tracer_signs_in_and_out_by_id_porten(visit):
    page = visit("tracer")
    page.goto("/arbeidssted")
    assert page.get_by_text("Tone Sporer").first.is_visible()
    screenshot(page, "00-arbeidssted")
    assert page.get_by_text("Tromsø").locator("visible=true").count() > 0
    assert page.get_by_text("Øvelse").first.is_visible()
    page.get_by_role("button", name="Logg ut").first.click()
    page.wait_for_url("**/logget-ut*")
    page.goto("/arbeidssted")
    assert "/logg-inn" in page.url


def test_the_front_page_is_readable_for_all(visit):
    page = visit(None)
    page.goto("/")
    screenshot(page, "00-logg-inn")
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert overflow(page) == 0
