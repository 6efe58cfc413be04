"""The road into service, users, units and the rulebook, as KS and an administrator see them."""

import re

import pytest

from sandbox.register import a_number
from smittesporing import database
from smittesporing.access import users
from tests.browser.conftest import overflow, screenshot, violations

PAGES = (
    ("ks", "/administrasjon", "10-kommuner"),
    ("ks", "/administrasjon/kommuner/5536", "10-kommune"),
    ("ks", "/administrasjon/brukere", "10-nasjonale-brukere"),
    ("ks", "/administrasjon/logg", "10-logg"),
    ("admin", "/administrasjon", "10-egen-kommune"),
    ("admin", "/administrasjon/brukere", "10-brukere"),
    ("admin", "/administrasjon/enheter", "10-enheter"),
    ("admin", "/administrasjon/logg", "10-egen-logg"),
    ("admin", "/regler", "10-regler-administrator"),
    ("tracer", "/regler", "10-regler"),
)


def test_ks_registers_and_appoints_and_the_administrator_takes_it_into_use(visit, site):
    ks = visit("ks")
    ks.goto("/administrasjon/kommuner/5536")
    ks.get_by_label(re.compile("SSA-L for Fiks")).fill("2020-05-04")
    ks.get_by_label(re.compile("Tjenestevedlegget signert")).fill("2020-05-05")
    ks.get_by_role("button", name="Registrer").click()
    ks.get_by_text("Avtalen er registrert").wait_for()
    ks.get_by_label("Fornavn").fill("Åse")
    ks.get_by_label("Etternavn").fill("Øyen")
    ks.get_by_label("Fødselsnummer eller D-nummer").fill(a_number(20, 5, 1980, 130))
    ks.get_by_role("button", name="Oppnevn").click()
    ks.get_by_text("Administratoren er oppnevnt").wait_for()
    screenshot(ks, "10-kommune")
    assert violations(ks) == []

    # The administrator of the test's own list is given the kommune that is not in use yet.
    with database.connect(site.settings.database_url) as connection:
        admin = users.by_username(connection, "admin")
        assert admin is not None
        users.grant(connection, admin.uid, 5536, "administrator")
        users.end(connection, admin.uid, 5501, "administrator")
        connection.commit()
    page = visit("admin")
    page.goto("/administrasjon")
    screenshot(page, "10-veien")
    assert violations(page) == []
    page.get_by_role("button", name="Ta tjenesten i bruk").click()
    page.get_by_text("Tjenesten er tatt i bruk").wait_for()
    page.goto("/administrasjon/brukere")
    page.get_by_label("Fornavn").fill("Siri")
    page.get_by_label("Etternavn").fill("Sporer")
    page.get_by_label("Fødselsnummer eller D-nummer").fill(a_number(21, 5, 1980, 130))
    page.get_by_role("group", name="Roller").get_by_label("Smittesporer").check()
    page.get_by_role("button", name="Legg til").click()
    page.get_by_text("Brukeren er lagt til").wait_for()
    page.get_by_role("checkbox", name="Siri Sporer: kommuneoverlege").check()
    page.get_by_role("button", name="Lagre rollene").click()
    page.get_by_text("Rollene er lagret").wait_for()
    assert page.get_by_role("checkbox", name="Siri Sporer: kommuneoverlege").is_checked()
    page.goto("/administrasjon/enheter")
    page.get_by_label("Navn").first.fill("Team skole")
    page.get_by_role("button", name="Legg til").click()
    page.get_by_text("Enheten er lagt til").wait_for()


@pytest.mark.parametrize(("username", "path", "name"), PAGES)
def test_each_page_reflows_and_has_nothing_wrong_by_axe(visit, username, path, name):
    page = visit(username)
    page.goto(path)
    screenshot(page, name)
    assert violations(page) == []
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert overflow(page) == 0
        screenshot(page, f"{name}-{width}")


def test_the_pages_hold_in_the_dark(visit):
    page = visit("admin", dark=True)
    for path in ("/administrasjon", "/administrasjon/brukere", "/regler"):
        page.goto(path)
        screenshot(page, f"10-dark{path.replace('/', '-')}")
        assert violations(page) == []
