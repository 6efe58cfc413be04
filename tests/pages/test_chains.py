"""Chains through pages and API: the Korean outbreak's 98 links, one case's chain, and the walls."""

import json
import re

import pytest

from smittesporing.access import org_units, users
from smittesporing.access.work import work
from smittesporing.cli import import_linelist
from smittesporing.tracing.casebook import files, register, sheet, sources
from smittesporing.tracing.casebook.book import open_book
from smittesporing.tracing.casebook.typed import understand
from tests.conftest import ROOT

PASSWORD = "a long enough password"


@pytest.fixture(scope="module")
def korea(shared, service_url, settings, pool):
    """The Korean outbreak in Asker, brought in through the public API."""
    with pool.connection() as connection:
        units = org_units.current(connection)
        user = users.add(
            connection, settings, username="admin", first_name="A", surname="B", password=PASSWORD
        )
        users.grant(connection, user.uid, units.root.id, "superuser")
    patch = pytest.MonkeyPatch()
    patch.setenv("SMITTESPORING_API_USER", "admin")
    patch.setenv("SMITTESPORING_API_PASSWORD", PASSWORD)
    folder = shared / "data/mers_korea_2015"
    code = import_linelist.run(
        [str(folder / "linelist.csv"), str(folder / "contacts.csv"), "--org-unit", "3203",
         "--url", service_url, "--mapping", str(ROOT / "examples/mers-korea.toml")]
    )  # fmt: skip
    patch.undo()
    assert code == 0


@pytest.fixture
def chain(pool, settings, as_role):
    """Two cases of Tromsø, the first the source of the second."""
    with work(pool, as_role("tracer", "5501"), settings, action="test") as here:
        book = open_book(here)
        made = [
            register.register_index(
                book,
                {"ST_GIVEN_NAME": name, "ST_FAMILY_NAME": "Kjedeprøve"},
                {"ST_CASE_STATUS": "CONFIRMED", "ST_ONSET_DATE": day},
            ).enrollment
            for name, day in (("Ada", "2022-01-12"), ("Bo", "2022-01-15"))
        ]
        told = {"ST_SOURCE_KIND": "INDEX", "ST_SOURCE_CERTAINTY": "CERTAIN"}
        sources.save(book, files.case_file(book, made[1]), told, made[0])
    return made


def data_of(page):
    found = re.search(
        r'<script type="application/json" id="chain-[^"]*">(.*?)</script>', page, re.S
    )
    assert found
    return json.loads(found[1])


def plain(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_korean_outbreak_shows_98_links_and_its_three_largest(korea, browse):
    page = browse("tracer", "3203").get("/smittekjeder").text
    words = plain(page)
    assert "162 smittede. 98 ledd er registrert." in words
    assert "38, 26, 21" in words
    data = data_of(page)
    assert len([link for link in data["links"] if link["kind"] == "registered"]) == 98
    assert page.count("data-node=") == 162
    assert "SK_14 35\N{NO-BREAK SPACE}år" in page


def test_the_api_gives_the_same_98(korea, browse, service_url):
    import httpx

    found = httpx.get(
        f"{service_url}/api/chain?orgUnit=3203", auth=("admin", PASSWORD), trust_env=False
    ).json()
    assert len(found["people"]) == 162 and len(found["links"]) == 98
    assert [one["count"] for one in found["infected"][:3]] == [38, 26, 21]
    assert found["summary"]["links"] == 98 and found["summary"]["peopleWithSource"] == 95
    assert found["summary"]["dispersion"]["value"] < 0.1
    assert found["summary"]["diseases"] == {"MERS": 162}
    none = browse("tracer", "3203").get("/api/chain?orgUnit=3203&disease=COVID19").json()
    assert none["people"] == [] and none["summary"]["reproduction"] is None
    top = found["infected"][0]["enrollment"]
    own = browse("tracer", "3203").get(f"/api/chain?enrollment={top}").json()
    assert own["infected"][0] == {"enrollment": top, "count": 38}
    person = next(one for one in own["people"] if one["enrollment"] == top)
    assert person["sourceId"] == "SK_14" and person["age"] == 35


def test_a_case_has_its_chain_as_picture_and_as_the_same_table(chain, browse):
    tracer = browse("tracer", "5501")
    page = tracer.get(f"/smittekjeder?indeks={chain[1]}").text
    data = data_of(page)
    assert {node["id"] for node in data["nodes"]} == set(chain)
    assert data["links"] == [{"from": chain[0], "to": chain[1], "kind": "registered"}]
    assert data["selected"] == chain[1]
    assert set(re.findall(r'data-node="(\w+)"', page)) == set(chain)
    assert "sikkert" in page
    detail = plain(tracer.get(f"/smittekjeder/node/{chain[1]}").text)
    assert "Ada Kjedeprøve" in detail and "Endre kilden" in detail
    for lanes in ("husstander", "generasjoner", "tull"):
        assert tracer.get(f"/smittekjeder?indeks={chain[1]}&baner={lanes}").status_code == 200
    assert "Ledd 2" in tracer.get(f"/smittekjeder?indeks={chain[1]}&baner=generasjoner").text


def test_only_certain_links_are_left_when_asked_for(chain, browse):
    page = browse("tracer", "5501").get(f"/smittekjeder?indeks={chain[1]}&sikre=1").text
    assert len(data_of(page)["links"]) == 1


def test_days_without_cases_say_so(chain, browse):
    page = browse("tracer", "5501").get("/smittekjeder?fra=2020-01-01&til=2020-01-02").text
    assert "Ingen saker i disse dagene" in page


def test_the_neighbour_and_the_unknown_are_not_told_apart(chain, browse):
    neighbour = browse("tracer", "5532")
    for path in (f"/smittekjeder?indeks={chain[0]}", "/smittekjeder?indeks=aaaaaaaaaaa"):
        assert neighbour.get(path).status_code == 404
    for path in (f"enrollment={chain[0]}", "orgUnit=5501", "cluster=aaaaaaaaaaa"):
        assert neighbour.get(f"/api/chain?{path}").status_code == 404
    assert neighbour.get("/api/chain").status_code == 400
    assert "Kjedeprøve" not in neighbour.get("/smittekjeder").text


def test_fhi_and_administrators_see_no_chain(chain, browse):
    for role, kommune in (("administrator", "5501"), ("fhi", "NO")):
        browser = browse(role, kommune)
        assert browser.get("/smittekjeder").status_code == 403
        assert browser.get(f"/api/chain?enrollment={chain[0]}").status_code == 403


def test_many_contacts_are_folded_into_one_node_each(pool, settings, as_role, browse):
    with work(pool, as_role("tracer", "5501"), settings, action="test") as here:
        book = open_book(here)
        case = register.register_index(
            book,
            {"ST_GIVEN_NAME": "Eli", "ST_FAMILY_NAME": "Foldeprøve"},
            {"ST_CASE_STATUS": "CONFIRMED", "ST_ONSET_DATE": "2022-01-16"},
        ).enrollment
        lines = [
            {"name": f"Venn{n} Prøve", "phone": str(99997000 + n), "relation": "husstand",
             "last": "17.1."}
            for n in range(5)
        ]  # fmt: skip
        rows = [understand(line, book.today) for line in lines]
        sheet.save_rows(book, files.case_file(book, case), rows)
    tracer = browse("tracer", "5501")
    nodes = data_of(tracer.get(f"/smittekjeder?indeks={case}").text)["nodes"]
    assert [one["name"] for one in nodes if one["kind"] == "contact"] == ["5 nærkontakter"]
    assert tracer.get(f"/smittekjeder/node/kontakter-{case}").status_code == 200
    bare = data_of(tracer.get(f"/smittekjeder?indeks={case}&kontakter=0").text)["nodes"]
    assert len(bare) == 1
