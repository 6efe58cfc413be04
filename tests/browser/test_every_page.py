"""Every page, with the demo's outbreak behind it: readable by axe, by keyboard and at 320 px, and pictured.

The addresses are the story's; a page that is missing here is found by `test_no_page_is_forgotten`.
"""

from datetime import date

import pytest

from sandbox import seed
from smittesporing.web.routes import every_route
from tests.browser.conftest import overflow, screenshot, violations

# name → (who looks, address); uids are filled in from the outbreak.
PAGES = {
    "01-i-dag": ("tracer", "/i-dag?vis=teamet"),
    "02-tavle": ("leader", "/i-dag/tavle"),
    "03-personer": ("tracer", "/personer"),
    "04-sok": ("tracer", "/sok?q=Hansen"),
    "05-registrer": ("tracer", "/personer/ny"),
    "06-person": ("tracer", "/personer/{person}"),
    "07-intervju": ("tracer", "/indeks/{case}"),
    "08-naerkontakter": ("tracer", "/indeks/{case}/naerkontakter"),
    "09-steder": ("tracer", "/indeks/{case}/steder"),
    "10-tiltak": ("doctor", "/indeks/{case}/tiltak"),
    "11-oppfolging": ("tracer", "/indeks/{case}/oppfolging"),
    "12-historikk": ("tracer", "/indeks/{case}/historikk"),
    "13-kontakt": ("tracer", "/kontakt/{contact}"),
    "14-hendelser": ("tracer", "/hendelser"),
    "15-ny-hendelse": ("tracer", "/hendelser/ny"),
    "16-hendelse": ("tracer", "/hendelser/{cluster}"),
    "17-smittekjeder": ("tracer", "/smittekjeder"),
    "18-overforinger": ("tracer", "/overforinger"),
    "19-overfor": ("tracer", "/overforinger/ny/{case}"),
    "20-oversikt": ("doctor", "/oversikt"),
    "21-oversikt-norge": ("fhi", "/oversikt"),
    "22-rapport": ("doctor", "/rapport"),
    "23-rapport-fhi": ("fhi", "/rapport"),
    "24-administrasjon": ("admin", "/administrasjon"),
    "25-brukere": ("admin", "/administrasjon/brukere"),
    "26-administrasjon-ks": ("ks", "/administrasjon"),
    "27-regler": ("tracer", "/regler"),
    "28-arbeidssted": ("tracer", "/arbeidssted"),
    "31-enheter": ("admin", "/administrasjon/enheter"),
    "32-endre-hendelse": ("tracer", "/hendelser/{cluster}/endre"),
    "29-administrasjonslogg": ("admin", "/administrasjon/logg"),
    "30-kommune-ks": ("ks", "/administrasjon/kommuner/5544"),
    "33-konfigurasjon": ("ks", "/konfigurasjon"),
    "34-regel": ("ks", "/konfigurasjon/programRules/{rule}"),
    "35-utkast": ("ks", "/konfigurasjon/utkast"),
    "36-versjoner": ("ks", "/konfigurasjon/versjoner"),
    "37-sammenlign": ("ks", "/konfigurasjon/versjoner/sammenlign"),
    "38-prov": ("ks", "/konfigurasjon/prov/programStages/{stage}?eksempel=1"),
}
# Addresses that are no page of their own: parts, files, acts, the way in.
# The list behind a number is pictured in the story, which opens it from its tile.
NO_PAGE = {
    "/oversikt/liste",
    "/i-dag/nye", "/samtale/{enrollment}", "/indeks/{enrollment}/siden", "/indeks/{enrollment}/dag/{day}",
    "/indeks/{enrollment}/naerkontakter/fot", "/rapport/{report}",
    "/", "/helse", "/adgang", "/logget-ut", "/oversikt/grenser", "/smittekjeder/node/{node}",
    "/konfigurasjon/{plural}/{uid}/siden",
    "/logg-inn", "/logg-inn/start", "/logg-inn/tilbake", "/logg-ut/front",
}  # fmt: skip


@pytest.fixture(scope="module")
def outbreak(pool, settings):
    with pool.connection() as connection:
        seed.everybody(connection, settings, "not-a-secret-in-a-test")
    seed.outbreak(pool, settings, date(2022, 1, 20), lambda line: None)


@pytest.fixture(scope="module")
def uids(outbreak, owner_url):
    """A confirmed case of Tromsø with several contacts, one of those contacts, and a cluster."""
    from smittesporing import database

    with database.connect(owner_url) as owner:
        case = owner.execute(
            """select n.enrollment, n.tracked_entity, min(r.other_event) as event
                 from tracker.enrollment n
                 join tracker.relationship_end r
                   on r.tracked_entity = n.tracked_entity and r.enrollment = n.enrollment
                where r.side = 'from' and n.owner = 5501 and n.status = 'ACTIVE' and r.other_event is not null
                group by 1, 2 order by count(*) desc limit 1"""
        ).fetchone()
        contact = owner.execute(
            "select enrollment from tracker.event where event = %s", (case["event"],)
        ).fetchone()
        cluster = owner.execute(
            """select tracked_entity from tracker.event where program_stage =
                 (select uid from metadata.object where code = 'ST_CLUSTER_PRESENCE') and owner = 5501
                group by 1 order by count(*) desc limit 1"""
        ).fetchone()
        rule = owner.execute(
            "select uid from metadata.object where type = 'programRules' order by name limit 1"
        ).fetchone()
        stage = owner.execute(
            "select uid from metadata.object where code = 'ST_INDEX_TEST'"
        ).fetchone()
    return {
        "rule": rule["uid"],
        "stage": stage["uid"],
        "case": case["enrollment"],
        "person": case["tracked_entity"],
        "contact": contact["enrollment"],
        "cluster": cluster["tracked_entity"],
    }


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_readable_for_everybody(outbreak, uids, visit, name):
    who, address = PAGES[name]
    page = visit(who)
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    answer = page.goto(address.format(**uids))
    assert answer is not None and answer.status == 200
    page.wait_for_load_state("networkidle")
    screenshot(page, name)
    assert page.locator("h1").count() == 1
    assert page.title() not in ("", "Smittesporing")
    assert violations(page) == []
    first = page.locator("a[href], button, input, select, textarea").first
    assert "innhold" in (first.text_content() or "").lower()
    page.set_viewport_size({"width": 320, "height": 700})
    page.wait_for_timeout(150)
    assert overflow(page) == 0
    screenshot(page, f"{name}-320")
    assert faults == []


@pytest.mark.parametrize(
    "name", ["01-i-dag", "07-intervju", "08-naerkontakter", "17-smittekjeder", "20-oversikt"]
)
def test_the_page_is_readable_in_the_dark(outbreak, uids, visit, name):
    who, address = PAGES[name]
    page = visit(who, dark=True)
    page.goto(address.format(**uids))
    page.wait_for_load_state("networkidle")
    screenshot(page, f"{name}-dark")
    assert violations(page) == []


def test_no_page_is_forgotten():
    pictured = {address.split("?")[0] for _, address in PAGES.values()}

    def seen(path: str) -> bool:
        parts = path.split("/")
        return any(
            len(parts) == len(other.split("/"))
            and all(a == b or "{" in a for a, b in zip(parts, other.split("/"), strict=True))
            for other in pictured
        )

    forgotten = {
        route.path
        for route in every_route()
        if "GET" in route.methods
        and not route.path.startswith("/api")
        and route.path not in NO_PAGE
        and "tabell." not in route.path
        and not seen(route.path)
    }
    assert forgotten == set()
