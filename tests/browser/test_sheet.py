"""The contact sheet, measures and a contact's page in a browser: keys, pasting, 320 px, axe."""

import pytest

from smittesporing import database
from smittesporing.access.work import work
from smittesporing.tracing.casebook import files, register, sheet
from smittesporing.tracing.casebook.book import open_book
from smittesporing.tracing.casebook.typed import understand
from tests.browser.conftest import overflow, screenshot, violations
from tests.conftest import user_with

ROWS = (
    {"name": "Kari Prøve", "phone": "99990001", "relation": "husstand", "last": "18.1.", "setting": "hjemme"},
    {"name": "Emma Prøve", "phone": "99990003", "relation": "husstand", "last": "pågår", "setting": "hjemme"},
    {"name": "Per Hansen", "phone": "99990007", "relation": "kollega", "last": "17.1.", "distance": "1",
     "minutes": "30", "setting": "Nordvik regnskap"},
    {"name": "Knut Vang", "relation": "skyss", "last": "19.1.", "distance": "1", "minutes": "25", "setting": "bil"},
    {"name": "Nina Berg", "phone": "99990009", "relation": "nabo", "last": "15.1.", "distance": "3",
     "minutes": "5", "setting": "ute"},
)  # fmt: skip


@pytest.fixture(scope="module")
def case(site):
    """An index with five contacts; its enrollment uid."""
    with database.connect(site.settings.database_url) as connection:
        reach = user_with(connection, site.settings, "tracer", "5501", "tracer")
        connection.commit()
    pool = database.open_pool(site.settings.database_url, 2)
    with work(pool, reach, site.settings, action="test") as here:
        book = open_book(here)
        made = register.register_index(
            book,
            {
                "ST_GIVEN_NAME": "Ola",
                "ST_FAMILY_NAME": "Prøve",
                "ST_PHONE": "99990002",
                "ST_AGE": "51",
            },
            {
                "ST_CASE_STATUS": "CONFIRMED",
                "ST_SYMPTOMS": "true",
                "ST_ONSET_DATE": "2022-01-18",
                "ST_REPORT_DATE": "2022-01-19",
            },
        )
        register.add_test(
            book,
            made.enrollment,
            {"ST_TEST_DATE": "2022-01-19", "ST_TEST_KIND": "PCR", "ST_TEST_RESULT": "POSITIVE"},
        )
        for cells in ROWS:
            index = files.case_file(book, made.enrollment)
            sheet.save_row(book, index, understand(cells, book.today))
    pool.close()
    return made.enrollment


def test_the_sheet_is_worked_with_the_keys_alone(visit, case):
    page = visit("tracer")
    page.goto(f"/indeks/{case}/naerkontakter")
    page.get_by_label("Navn, rad 6").fill("Geir Foss")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("kollega")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("18.1.")
    page.keyboard.press("Tab")
    page.keyboard.type("1")
    page.keyboard.press("Tab")
    page.keyboard.type("45")
    page.keyboard.press("Tab")
    row = page.locator("tbody tr[data-row]").nth(5)
    row.get_by_text("Øvrig nærkontakt.").wait_for()
    page.get_by_text("Lagret kl.").wait_for()
    page.get_by_text("6 rader: 6 nye · 0 finnes fra før · 0 feil").wait_for()
    page.get_by_role("button", name="Bekreft 6 forslag").wait_for()
    page.keyboard.press("Alt+h")
    page.get_by_role("heading", name="Slik kom vi fram til det").and_(
        page.locator(":visible")
    ).wait_for()
    screenshot(page, "05-arket-hvorfor")
    page.keyboard.press("Alt+b")
    row.get_by_text("Bekreftet").wait_for()
    page.get_by_role("button", name="Bekreft 5 forslag").wait_for()
    assert violations(page) == []
    # A confirmed verdict is no change of the cells: the next edit is no clash with oneself.
    page.get_by_label("Sted, rad 6").fill("kantina")
    page.keyboard.press("Tab")
    page.get_by_text("Lagret kl.").wait_for()
    assert page.get_by_text("En kollega").count() == 0
    page.reload()
    assert page.get_by_label("Sted, rad 2").count() == 1
    assert "kantina" in [page.get_by_label(f"Sted, rad {n}").input_value() for n in range(1, 7)]


def test_rows_from_excel_are_shown_before_they_are_kept(visit, case):
    page = visit("tracer")
    page.goto(f"/indeks/{case}/naerkontakter")
    rows = page.locator("tbody tr[data-row]")
    before = rows.count()
    rows.last.get_by_label("Navn").focus()
    text = "Navn\tTelefon\tRelasjon\tSiste kontakt\nLine Aas\t99 99 40 01\tklasse\t17.1.\nBo Aas\t\tvenn\t18.1.\n"
    page.evaluate(
        """text => { const data = new DataTransfer(); data.setData('text/plain', text);
             const how = {clipboardData: data, bubbles: true, cancelable: true};
             document.activeElement.dispatchEvent(new ClipboardEvent('paste', how)) }""",
        text,
    )
    page.get_by_text("2 rader lest").wait_for()
    screenshot(page, "05-arket-innlimt")
    page.get_by_role("button", name="Legg til 2 rader").click()
    page.get_by_text(f"{before - 1 + 2} rader:").wait_for()
    page.reload()
    assert page.locator("tbody tr[data-row]").count() == before + 2


@pytest.mark.parametrize(
    ("width", "dark"), [(1440, False), (1440, True), (390, False), (320, False)]
)
def test_the_sheet_fits_and_is_right_for_everybody(visit, case, width, dark):
    page = visit("tracer", width=width, dark=dark)
    page.goto(f"/indeks/{case}/naerkontakter")
    page.locator("tbody tr[data-row]").nth(1).wait_for()
    page.wait_for_timeout(300)
    page.locator("[data-why]").first.click()
    screenshot(page, f"05-arket-{width}{'-dark' if dark else ''}")
    assert overflow(page) == 0
    assert violations(page) == []


def test_measures_and_a_contacts_page_are_right_for_everybody(visit, case):
    page = visit("tracer")
    page.goto(f"/indeks/{case}/tiltak")
    page.get_by_role("button", name="Bekreft").first.click()
    page.get_by_text("Tiltaket er bekreftet").wait_for()
    page.get_by_text("Opphev isolasjonen").first.click()
    screenshot(page, "07-tiltak")
    assert violations(page) == []
    page.get_by_role("link", name="Kari Prøve").first.click()
    page.get_by_role("heading", name="Kari Prøve").wait_for()
    page.locator("summary").first.click()
    page.get_by_text("Legg til prøve").click()
    screenshot(page, "08-kontakt")
    assert violations(page) == []
    contact = page.url
    for width in (390, 320):
        phone = visit("tracer", width=width)
        for address, name in ((f"/indeks/{case}/tiltak", "07-tiltak"), (contact, "08-kontakt")):
            phone.goto(address)
            screenshot(phone, f"{name}-{width}")
            assert overflow(phone) == 0
            assert violations(phone) == []
    doctor = visit("doctor", dark=True)
    doctor.goto(contact)
    doctor.get_by_text("Frita eller bestem noe annet").first.click()
    screenshot(doctor, "08-kontakt-lege")
    assert violations(doctor) == []


def test_a_list_is_read_shown_and_kept(visit, case):
    page = visit("tracer")
    page.goto(f"/indeks/{case}/naerkontakter")
    page.get_by_text("Legg inn en hel liste").click()
    content = (
        "Navn;Relasjon;Siste kontakt;Kjønn\r\nÅse Bø;kollega;17.1.;K\r\nOdd Ås;kollega;45.13.;M\r\n"
    )
    page.get_by_label("Eller velg en CSV-fil").set_input_files(
        {"name": "kontakter.csv", "mimeType": "text/csv", "buffer": content.encode("latin-1")}
    )
    page.get_by_role("button", name="Les filen").click()
    page.get_by_text("1 av 2 rader kan ikke leses").wait_for()
    screenshot(page, "05-arket-liste")
    assert violations(page) == []
    page.get_by_role("textbox", name="Listen").fill(content.replace("45.13.", "18.1."))
    page.get_by_role("button", name="Les listen på nytt").click()
    page.get_by_role("button", name="Legg til 2 rader").click()
    page.get_by_text("Radene i listen er lagret").wait_for()
