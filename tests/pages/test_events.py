"""Events through the pages: registered, filled by list, traced from, and closed to the neighbour."""

import re

import pytest

from smittesporing.access.work import work
from smittesporing.tracing.casebook import register
from smittesporing.tracing.casebook.book import open_book

PARTY = {
    "ST_CLUSTER_NATURE": "EVENT",
    "ST_CLUSTER_NAME": "Konsert i Storsalen",
    "ST_CLUSTER_KIND": "CONCERT",
    "ST_CLUSTER_START": "2022-01-17",
    "ST_CLUSTER_END": "2022-01-17",
    "ST_CLUSTER_UNIDENTIFIED": "12",
}
CASE = {"ST_CASE_STATUS": "CONFIRMED", "ST_ONSET_DATE": "2022-01-18"}
LIST = "Navn\tTelefon\nKari Konsertprøve\t99995002\nPer Konsertprøve\t99995003"


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def registered(tracer, **more):
    """(address of a new event, where the answer to it led)."""
    made = tracer.post("/hendelser/ny", **{**PARTY, **more})
    assert made.status_code == 303, plain(made.text)[:500]
    return made.headers["location"].split("?")[0]


@pytest.fixture
def a_case(pool, settings):
    """`a_case(tracer, "Ola", "99995001")` → the enrollment of a new index case of hers."""

    def make(browser, name, phone, onset="2022-01-18"):
        person = {"ST_GIVEN_NAME": name, "ST_FAMILY_NAME": "Konsertprøve", "ST_PHONE": phone}
        with work(pool, browser.reach, settings, action="test") as here:
            book = open_book(here)
            return register.register_index(
                book, person, {**CASE, "ST_ONSET_DATE": onset}
            ).enrollment

    return make


@pytest.fixture
def tracer(browse):
    return browse("tracer", "5501")


def test_an_event_is_registered_and_listed(tracer):
    here = registered(tracer)
    page = plain(tracer.get(here).text)
    assert "Konsert i Storsalen" in page and "17. januar" in page and "Ingen her ennå" in page
    assert "12 ikke identifisert" in plain(tracer.get("/hendelser").text)
    assert here in tracer.get("/hendelser?vis=EVENT").text
    assert here not in tracer.get("/hendelser?vis=PLACE").text


def test_what_is_missing_is_said_at_the_field_and_nothing_typed_is_lost(tracer):
    answer = tracer.post("/hendelser/ny", **{**PARTY, "ST_CLUSTER_NAME": ""})
    assert answer.status_code == 400
    assert "Skriv hva stedet eller hendelsen heter." in answer.text
    assert 'value="2022-01-17"' in answer.text


def test_a_wrong_end_is_refused_by_the_rules_of_the_configuration(tracer):
    answer = tracer.post("/hendelser/ny", **{**PARTY, "ST_CLUSTER_END": "2022-01-01"})
    assert answer.status_code == 400 and "Siste dag er før første dag" in answer.text


def test_a_pasted_list_is_shown_before_it_is_kept_and_becomes_contacts_in_one_step(tracer, a_case):
    case = a_case(tracer, "Ola", "99995001")
    here = registered(tracer, indeks=case)
    shown = tracer.post(f"{here}/personer", list=LIST)
    assert "Slik forsto vi listen: 2 rader." in shown.text
    assert "Kari" not in plain(tracer.get(here).text)
    stay = {"from": "2022-01-17T19:00", "to": "2022-01-17T23:00", "role": "VISITOR"}
    assert tracer.post(f"{here}/personer", list=LIST, mode="save", **stay).status_code == 303
    page = tracer.get(here).text
    people = re.findall(r'name="person" value="(\w{11})"', page)
    assert len(people) == 3 and "1 av 15" in plain(page)
    made = tracer.post(
        f"{here}/naerkontakter", person=people, index=case, distance="1", minutes="60"
    )
    assert made.status_code == 303 and "ble-naerkontakter" in made.headers["location"]
    contacts = plain(tracer.get(f"/indeks/{case}/naerkontakter").text)
    assert (
        "Kari Konsertprøve" in contacts
        or 'Kari Konsertprøve"' in tracer.get(f"/indeks/{case}/naerkontakter").text
    )
    again = tracer.post(f"{here}/naerkontakter", person=people, index=case)
    assert "alt-naerkontakter" in again.headers["location"]


def test_nobody_chosen_gets_a_sentence(tracer, a_case):
    case = a_case(tracer, "Ida", "99995011")
    here = registered(tracer, indeks=case)
    answer = tracer.post(f"{here}/naerkontakter", index=case)
    assert answer.status_code == 400 and "Velg minst én person" in answer.text
    answer = tracer.post(f"{here}/naerkontakter", index="")
    assert answer.status_code == 400 and "Velg hvem de var sammen med" in answer.text


def test_a_long_list_and_a_bad_row_are_told(tracer):
    here = registered(tracer)
    answer = tracer.post(f"{here}/personer", list="\n".join(f"Navn {n}" for n in range(50_000)))
    assert (
        answer.status_code == 400 and "50" in answer.text and "Ingen rader er lagret" in answer.text
    )
    answer = tracer.post(f"{here}/personer", list="Kari Prøve\t123\t99995009", mode="save")
    assert "Fødselsnummer har 11 siffer" in answer.text
    assert tracer.post(f"{here}/personer").status_code == 400


def test_an_event_is_changed_and_a_stay_taken_back(tracer, a_case):
    case = a_case(tracer, "Eva", "99995021")
    here = registered(tracer, indeks=case)
    changed = tracer.post(f"{here}/endre", **{**PARTY, "ST_CLUSTER_NAME": "Revy"})
    assert changed.status_code == 303 and "Revy" in tracer.get(here).text
    back = re.search(r'formaction="([^"]+/tilbake)"', tracer.get(here).text)
    assert back and tracer.post(back[1]).status_code == 303
    assert "Ingen her ennå" in tracer.get(here).text


def test_places_and_source_are_kept_on_the_case(tracer, a_case):
    source = a_case(tracer, "Siv", "99995031", "2022-01-12")
    case = a_case(tracer, "Rune", "99995032")
    places = f"/indeks/{case}/steder"
    assert "Ingen steder ennå" in tracer.get(places).text
    here = registered(tracer, indeks=case)
    assert "Konsert i Storsalen" in plain(tracer.get(places).text)
    number = re.search(r"Indeks (\d+)", plain(tracer.get(f"/indeks/{source}/steder").text))
    assert number
    kept = tracer.post(
        f"/indeks/{case}/kilde",
        to="NUMBER",
        number=number[1],
        certainty="PROBABLE",
        says="Den smittede",
    )
    assert kept.status_code == 303
    page = plain(tracer.get(places).text)
    assert f"{number[1]} Siv Konsertprøve" in page and "sagt av Den smittede" in page
    event = re.search(r"kilde=(\w{11})#kilde", tracer.get(places).text)
    assert event
    assert "Endre kilden" in tracer.get(f"{places}?kilde={event[1]}").text
    wrong = tracer.post(f"/indeks/{case}/kilde", to="NUMBER", number="999999")
    assert wrong.status_code == 400 and "Fant ingen sak med nummer 999999" in wrong.text
    assert tracer.post(f"/indeks/{case}/kilde", to="").status_code == 400
    changed = tracer.post(f"/indeks/{case}/kilde", to="ABROAD:", event=event[1])
    assert changed.status_code == 303 and "Utlandet" in plain(tracer.get(places).text)
    assert tracer.post(f"/indeks/{case}/kilde/{event[1]}/tilbake").status_code == 303
    assert here


def test_the_neighbour_gets_404_on_every_address(tracer, browse, a_case):
    case = a_case(tracer, "Nils", "99995041")
    here = registered(tracer, indeks=case)
    neighbour = browse("tracer", "5532")
    assert here not in neighbour.get("/hendelser").text
    for path in (here, f"{here}/endre", f"/indeks/{case}/steder", f"/smittekjeder?indeks={case}",
                 f"/smittekjeder?klynge={here[-11:]}", f"/smittekjeder/node/{case}",
                 f"/smittekjeder/node/kontakt-{case}-x"):  # fmt: skip
        assert neighbour.get(path).status_code == 404, path
    for path, fields in (
        (f"{here}/personer", {"name": "Ola Prøve"}),
        (f"{here}/naerkontakter", {"index": case, "person": case}),
        (f"{here}/{case}/tilbake", {}),
        (f"{here}/endre", PARTY),
        (f"/indeks/{case}/steder", {"cluster": case}),
        (f"/indeks/{case}/kilde", {"to": "ABROAD:"}),
        (f"/indeks/{case}/kilde/{case}/tilbake", {}),
        ("/hendelser/ny", {**PARTY, "indeks": case}),
    ):
        assert neighbour.post(path, **fields).status_code == 404, path
    own = a_case(neighbour, "Ola", "99995042")
    assert neighbour.post(f"/indeks/{own}/kilde", to=f"INDEX:{case}").status_code == 404
