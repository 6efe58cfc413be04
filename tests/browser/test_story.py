"""The whole job as one story, points 1 to 11, by the pages alone and in a real browser.

Nordreisa takes the service into use; a case in Tromsø is interviewed, her contacts judged, an event turned
into contacts, the measures confirmed, people called; a contact falls ill and the chain grows; a contact is
handed over; and the count moves for those whose kommune it is, and for nobody else. Each chapter leaves a
picture and is checked by axe.
"""

import csv
import io
import re

import httpx
from playwright.sync_api import Page, expect

from sandbox.register import a_number
from tests.browser.conftest import Site, screenshot, sign_in_with, violations
from tests.conftest import SHARED


def seen(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    screenshot(page, f"historie-{name}")
    assert violations(page) == []


def test_from_the_agreement_to_the_count(visit, site):  # type: ignore[no-untyped-def]
    whos_package(site)
    into_use(visit)
    case = register(visit("tracer"))
    contacts(visit("tracer"), case)
    cluster = an_event(visit("tracer"), case)
    the_measures(visit, case)
    the_shift(visit("tracer"))
    new_case = falls_ill(visit("tracer"), case)
    the_chain(visit("tracer"), case, new_case, cluster)
    hand_over(visit, case)
    the_count(visit)
    nothing_for_the_neighbour(visit, case, cluster)


def whos_package(site: Site) -> None:
    """WHO's package lies beside our own programme from the start, and takes nothing over."""
    package = SHARED / "data/dhis2/C19_CS-2.37/metadata.json"
    if not package.exists():
        return
    for time, created in (("first", 670), ("second", 0)):
        answer = httpx.post(
            f"{site.url}/api/metadata",
            content=package.read_bytes(),
            headers={"content-type": "application/json"},
            auth=("api", "district"),
            timeout=60,
        )
        assert answer.status_code == 200, time
        stats = answer.json()["response"]["stats"]
        assert (answer.json()["status"], stats["created"]) == ("OK", created), time


def into_use(visit) -> None:  # type: ignore[no-untyped-def]
    """1–3: KS registers and appoints; the administrator activates and adds a tracer, who gets in."""
    administrator, tracer = a_number(3, 4, 1975, 500), a_number(4, 4, 1990, 500)
    page = visit(None)
    sign_in_with(page, administrator)
    seen(page, "01-uten-adgang")
    ks = visit("ks")
    ks.goto("/administrasjon/kommuner/5544")
    ks.get_by_label(re.compile("SSA-L for Fiks")).fill("2020-05-04")
    ks.get_by_label(re.compile("Tjenestevedlegget signert")).fill("2020-05-05")
    ks.get_by_role("button", name="Registrer").click()
    ks.get_by_text("Avtalen er registrert").wait_for()
    ks.get_by_label("Fornavn").fill("Åse")
    ks.get_by_label("Etternavn").fill("Øyen")
    ks.get_by_label("Fødselsnummer eller D-nummer").fill(administrator)
    ks.get_by_role("button", name="Oppnevn").click()
    ks.get_by_text("Administratoren er oppnevnt").wait_for()
    seen(ks, "02-ks")
    page = visit(None)
    sign_in_with(page, administrator)
    page.goto("/administrasjon")
    seen(page, "02-veien")
    page.get_by_role("button", name="Ta tjenesten i bruk").click()
    page.get_by_text("Tjenesten er tatt i bruk").wait_for()
    page.goto("/administrasjon/brukere")
    page.get_by_label("Fornavn").fill("Siri")
    page.get_by_label("Etternavn").fill("Sporer")
    page.get_by_label("Fødselsnummer eller D-nummer").fill(tracer)
    page.get_by_role("group", name="Roller").get_by_label("Smittesporer").check()
    page.get_by_role("button", name="Legg til").click()
    page.get_by_text("Brukeren er lagt til").wait_for()
    page.goto("/administrasjon/enheter")
    page.get_by_label("Navn").first.fill("Team skole")
    page.get_by_role("button", name="Legg til").click()
    page.get_by_text("Enheten er lagt til").wait_for()
    seen(page, "03-enheter")
    page = visit(None)
    sign_in_with(page, tracer)
    page.goto("/i-dag")
    expect(page.get_by_role("heading", level=1)).to_have_text("I dag")
    seen(page, "03-tom-liste")


def register(page: Page) -> str:
    """4: search first, look up in Folkeregisteret, then the interview that keeps itself."""
    page.goto("/personer")
    page.get_by_role("link", name="Registrer indeks").first.click()
    page.locator("#person-sok").fill(a_number(14, 6, 1971, 901))
    page.locator("#innhold").get_by_role("button", name="Søk").click()
    page.get_by_role("button", name="Registrer ny person").click()
    page.get_by_text("Hentet fra Folkeregisteret.").wait_for()
    seen(page, "04-registrer")
    page.locator("label", has_text="Bekreftet").click()
    page.locator("[name=ST_ONSET_DATE]").fill("2022-01-18")
    page.locator("[name=ST_TEST_DATE]").fill("2022-01-19")
    page.locator("label", has_text="PCR").click()
    page.locator("label", has_text="Positiv").click()
    page.get_by_role("button", name="Registrer og begynn intervjuet").click()
    page.get_by_text("Saken er registrert.").wait_for()
    case = page.url.split("?")[0]
    page.locator("#f-ST_BIRTH_COUNTRY select").select_option("NO")
    page.locator("[data-saved-line]", has_text="Lagret kl.").wait_for()
    assert "Smittsom fra 16. januar" in page.locator(".index-facts").inner_text().replace("\n", " ")
    seen(page, "04-intervju")
    return case


def contacts(page: Page, case: str) -> None:
    """5: rows pasted into the sheet; each judged by the rule in force, with its reason; one confirmed."""
    page.goto(f"{case}/naerkontakter")
    page.get_by_label("Navn, rad 1").fill("Kari Historie")
    page.get_by_label("Telefon, rad 1").fill("99990101")
    page.get_by_label("Relasjon, rad 1").fill("husstand")
    page.get_by_label("Siste kontakt, rad 1").fill("18.1.")
    page.keyboard.press("Tab")
    row = page.locator("tbody tr[data-row]").first
    row.get_by_text("Karantene til og med 28. januar").first.wait_for()
    page.get_by_label("Navn, rad 2").fill("Per Historie")
    page.get_by_label("Relasjon, rad 2").fill("kollega")
    page.get_by_label("Siste kontakt, rad 2").fill("17.1.")
    page.get_by_label("Avstand meter, rad 2").fill("1")
    page.get_by_label("Varighet minutter, rad 2").fill("30")
    page.keyboard.press("Tab")
    page.locator("tbody tr[data-row]").nth(1).get_by_text("Øvrig nærkontakt.").first.wait_for()
    page.get_by_text("2 rader: 2 nye · 0 finnes fra før · 0 feil").wait_for()
    page.reload()
    seen(page, "05-arket")
    page.get_by_role("button", name="Bekreft 2 forslag").click()
    page.get_by_text("Bekreftet").first.wait_for()
    seen(page, "05-bekreftet")


def an_event(page: Page, case: str) -> str:
    """6: a birthday, those who were there, and the chosen ones contacts in one step."""
    page.goto("/hendelser/ny")
    page.locator("label", has_text="Hendelse").first.click()
    page.locator("[name=ST_CLUSTER_NAME]").fill("Bursdag 17. januar")
    page.locator("[name=ST_CLUSTER_START]").fill("2022-01-17")
    page.locator("[name=ST_CLUSTER_END]").fill("2022-01-17")
    page.get_by_role("button", name="Registrer").click()
    page.get_by_role("heading", name="Bursdag 17. januar").wait_for()
    cluster = page.url.split("?")[0]
    page.goto(f"{case}/steder")
    seen(page, "06-steder")
    page.goto(cluster)
    name = page.request.get(case).text()
    index = re.search(r"<h1[^>]*>([^<]+)</h1>", name)
    assert index is not None
    for who, number in ((index[1].strip(), a_number(14, 6, 1971, 901)), ("Gro Gjest", "")):
        page.locator("[name=name]").fill(who)
        page.locator("[name=number]").fill(number)
        page.locator("#legg-til").get_by_role("button", name="Legg til").click()
        page.get_by_role("checkbox", name=f"Velg {who}").wait_for()
    page.get_by_role("checkbox", name="Velg Gro Gjest").check()
    page.locator("[name=distance]").fill("1")
    page.locator("[name=minutes]").fill("60")
    page.get_by_role("button", name="Gjør til nærkontakter").click()
    page.get_by_role("link", name="Nærkontakt").first.wait_for()
    seen(page, "06-hendelse")
    page.goto(f"{case}/naerkontakter")
    page.get_by_label("Navn, rad 3").wait_for()
    return cluster


def the_measures(visit, case: str) -> None:  # type: ignore[no-untyped-def]
    """7: the tracer confirms the isolation and may not end it early; the kommuneoverlege may decide."""
    page = visit("tracer")
    page.goto(f"{case}/tiltak")
    page.get_by_role("button", name=re.compile("^Bekreft")).first.click()
    page.get_by_text("Bekreftet av").first.wait_for()
    seen(page, "07-tiltak")
    doctor = visit("doctor")
    doctor.goto(f"{case}/tiltak")
    doctor.get_by_text("Frita eller bestem noe annet").first.click()
    doctor.get_by_label("Begrunnelse").first.fill("Alvorlig sykdom i familien.")
    doctor.get_by_label("Ny siste dag").first.fill("2022-01-23")
    doctor.get_by_role("button", name="Bestem ny siste dag").first.click()
    doctor.get_by_text("Vedtaket kan påklages").first.wait_for()
    seen(doctor, "07-vedtak")


def the_shift(page: Page) -> None:
    """8: whom to call, by the keys: the call is logged and the next one stands ready."""
    page.goto("/i-dag?vis=teamet")
    seen(page, "08-i-dag")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("r")
    page.locator("input[name=ST_CALL_OUTCOME]:focus").wait_for()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.locator(".work-row.folded").wait_for()
    seen(page, "08-ringt")


def falls_ill(page: Page, case: str) -> str:
    """8, on: a contact tests positive and becomes an index; her history stays."""
    page.goto("/personer")
    page.get_by_role("link", name="Kari Historie").first.click()
    page.goto(contact_address(page))
    page.get_by_text("Legg til prøve").click()
    page.locator("[name=ST_TEST_DATE]").fill("2022-01-20")
    page.locator("label", has_text="Positiv").click()
    page.get_by_role("button", name="Lagre prøven").click()
    page.get_by_role("button", name="Gjør til indeks").click()
    page.wait_for_url("**/indeks/**")
    seen(page, "08-ny-indeks")
    return page.url.split("?")[0]


def contact_address(page: Page) -> str:
    """The contact's own page, from the person's file."""
    link = page.locator("a[href^='/kontakt/']").first
    link.wait_for()
    return str(link.get_attribute("href"))


def the_chain(page: Page, case: str, new_case: str, cluster: str) -> None:
    """10: the source is recorded apart from the exposure, and the chain shows the link."""
    page.goto(f"/smittekjeder?indeks={new_case.rsplit('/', 1)[-1]}")
    page.get_by_text("Samme kjede som tabell").wait_for()
    seen(page, "10-kjede")
    assert page.locator("table tbody tr").count() >= 1


def hand_over(visit, case: str) -> None:  # type: ignore[no-untyped-def]
    """9: Balsfjord is asked and accepts; until then Tromsø has the duty, and both see the state."""
    page = visit("tracer")
    page.goto("/personer")
    page.get_by_role("link", name="Per Historie").first.click()
    page.goto(contact_address(page))
    page.get_by_role("link", name="Overfør til annen kommune").click()
    page.locator("select").first.select_option(label="Balsfjord")
    page.get_by_label("Hvorfor?").first.fill("Bor på hytta i Balsfjord")
    page.get_by_role("button", name="Send overføringen").click()
    page.goto("/overforinger")
    page.get_by_text("Venter på svar").first.wait_for()
    seen(page, "09-sendt")
    doctor = visit("neighbour-doctor")
    doctor.goto("/overforinger")
    assert "Per Historie" not in doctor.content()
    seen(doctor, "09-mottatt")
    doctor.get_by_role("button", name="Godta").click()
    doctor.goto("/overforinger")
    doctor.get_by_text("Per Historie").first.wait_for()
    page.reload()
    page.get_by_text("Godtatt").first.wait_for()


def the_count(visit) -> None:  # type: ignore[no-untyped-def]
    """11: live and exact for one's own; published for FHI, who sees no person; the list; the file."""
    doctor = visit("doctor")
    doctor.goto("/oversikt")
    seen(doctor, "11-oversikt")
    doctor.locator("a[href^='/oversikt/liste']").first.click()
    doctor.get_by_role("heading", level=1).wait_for()
    seen(doctor, "11-listen-bak-tallet")
    answer = doctor.request.get("/oversikt/tabell.csv")
    assert answer.status == 200
    assert len(list(csv.reader(io.StringIO(answer.text()), delimiter=";"))) > 2
    assert doctor.request.get("/oversikt/tabell.xlsx").body()[:2] == b"PK"
    doctor.goto("/rapport")
    seen(doctor, "11-rapport")
    fhi = visit("fhi")
    fhi.goto("/oversikt")
    seen(fhi, "11-fhi")
    for address in ("/personer", "/i-dag", "/smittekjeder", "/oversikt/liste"):
        assert fhi.request.get(address).status in (403, 404)


def nothing_for_the_neighbour(visit, case: str, cluster: str) -> None:  # type: ignore[no-untyped-def]
    """A tracer of the neighbouring kommune finds none of it; then everybody goes home."""
    page = visit("neighbour")
    for address in (case, f"{case}/naerkontakter", f"{case}/tiltak", cluster):
        assert page.request.get(address).status == 404, address
    page.goto("/personer")
    assert "Kari Historie" not in page.content()
    page.get_by_role("button", name="Logg ut").first.click()
    page.wait_for_url("**/logget-ut*")
    page.goto("/personer")
    assert "/logg-inn" in page.url
