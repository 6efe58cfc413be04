"""Measures and a contact's own page: confirmed, exempted, decided, ended; tests, and becoming an index."""

import itertools
import re

import pytest

from smittesporing.access.work import work
from smittesporing.tracing.casebook import files, register, sheet
from smittesporing.tracing.casebook.book import open_book
from smittesporing.tracing.casebook.typed import understand

INDEX = {
    "ST_CASE_STATUS": "CONFIRMED",
    "ST_SYMPTOMS": "true",
    "ST_ONSET_DATE": "2022-01-12",
    "ST_REPORT_DATE": "2022-01-13",
}
PHONES = itertools.count(99992001)
KARI = {"name": "Kari Prøve", "relation": "husstand", "last": "12.1."}


@pytest.fixture
def story(pool, settings, as_role):
    """(index enrollment, contact enrollment): isolation may end on the 18th, quarantine on the 22nd."""
    with work(pool, as_role("tracer", "5501"), settings, action="test") as here:
        book = open_book(here)
        made = register.register_index(
            book, {"ST_GIVEN_NAME": "Ola", "ST_FAMILY_NAME": "Prøve"}, INDEX
        )
        index = files.case_file(book, made.enrollment)
        saved = sheet.save_row(
            book, index, understand(KARI | {"phone": str(next(PHONES))}, book.today)
        )
    return made.enrollment, saved.enrollment


@pytest.fixture
def rows(pool, settings, as_role):
    """The stored measures of an enrollment, by kind."""

    def read(enrollment):
        with work(pool, as_role("tracer", "5501"), settings, action="test") as here:
            book = open_book(here)
            person = book.person(files.entity_of(book, enrollment))
            record = files.enrollment_of(person, enrollment)
            from smittesporing.tracing.casebook import measure_rows

            return {row.kind: row for row in measure_rows.rows_of(book, record)}

    return read


def test_the_page_says_what_holds_until_when_and_why(browse, story):
    page = browse("tracer", "5501").get(f"/indeks/{story[0]}/tiltak").text
    assert "Isolasjon tidligst til og med tirsdag 18. januar." in page
    assert "Forslag, venter på bekreftelse" in page
    assert "Plikt etter forskriften" in page
    assert "kildebelagt" in page or "usikker dato" in page
    assert f"/kontakt/{story[1]}" in page
    assert "Bare kommuneoverlegen kan frita" in page


def test_the_tracer_confirms_and_her_name_stands_by_it(browse, story, rows):
    browser = browse("tracer", "5501")
    row = rows(story[0])["ISOLATION"]
    address = f"/indeks/{story[0]}/tiltak"
    assert browser.post(f"{address}/{row.event}/bekreft").status_code == 303
    page = browser.get(address).text
    assert "Bekreftet av" in page
    assert "tracer 5501" in page
    assert rows(story[0])["ISOLATION"].state == "CONFIRMED"


def test_isolation_ends_by_an_act_and_not_before_24_hours_without_fever(browse, story, rows):
    browser = browse("tracer", "5501")
    row = rows(story[0])["ISOLATION"]
    address = f"/indeks/{story[0]}/tiltak/{row.event}"
    browser.post(f"{address}/bekreft")
    early = browser.post(f"{address}/opphev", dag="2022-01-17", feberfri="2022-01-15")
    assert "kan tidligst oppheves tirsdag 18. januar" in early.text
    assert early.status_code >= 400
    assert 'value="2022-01-17"' in early.text
    no_fever_free = browser.post(f"{address}/opphev", dag="2022-01-20")
    assert "feberfri i 24 timer" in no_fever_free.text
    coming = browser.post(f"{address}/opphev", dag="2022-01-21", feberfri="2022-01-18")
    assert "Den kan ikke være fram i tid" in coming.text
    assert rows(story[0])["ISOLATION"].state == "CONFIRMED"
    done = browser.post(f"{address}/opphev", dag="2022-01-20", feberfri="2022-01-18")
    assert done.status_code == 303
    assert rows(story[0])["ISOLATION"].state == "ENDED"


def test_a_tracer_may_not_exempt_and_a_doctor_must_say_why(browse, story, rows):
    row = rows(story[1])["INFECTION_QUARANTINE"]
    address = f"/kontakt/{story[1]}/tiltak/{row.event}"
    refused = browse("tracer", "5501").post(f"{address}/frita", grunn="Fordi.")
    assert refused.status_code == 403
    assert "Bare kommuneoverlegen" in refused.text
    doctor = browse("kommuneoverlege", "5501")
    empty = doctor.post(f"{address}/frita", grunn=" ")
    assert "Skriv begrunnelsen" in empty.text
    assert doctor.post(f"{address}/frita", grunn="Kritisk helsepersonell.").status_code == 303
    page = doctor.get(f"/kontakt/{story[1]}").text
    assert "Kritisk helsepersonell." in page
    assert "kan påklages til Statsforvalteren" in page
    assert rows(story[1])["INFECTION_QUARANTINE"].state == "EXEMPT"


def test_the_doctor_decides_another_last_day(browse, story, rows):
    doctor = browse("kommuneoverlege", "5501")
    row = rows(story[1])["INFECTION_QUARANTINE"]
    address = f"/kontakt/{story[1]}/tiltak/{row.event}"
    backwards = doctor.post(f"{address}/bestem", til="2022-01-01", grunn="Sykehjem.")
    assert "før første dag" in backwards.text
    assert "Sykehjem." in backwards.text
    nonsense = doctor.post(f"{address}/bestem", til="i morgen", grunn="Sykehjem.")
    assert "Skriv en dato" in nonsense.text
    assert doctor.post(f"{address}/bestem", til="2022-01-25", grunn="Sykehjem.").status_code == 303
    assert "25. januar" in doctor.get(f"/kontakt/{story[1]}").text
    decided = rows(story[1])["INFECTION_QUARANTINE"]
    assert (decided.state, decided.basis) == ("DECIDED", "DECISION")


def test_a_quarantine_ended_by_an_act_is_not_proposed_again(browse, story, rows):
    browser = browse("tracer", "5501")
    row = rows(story[1])["INFECTION_QUARANTINE"]
    address = f"/kontakt/{story[1]}/tiltak/{row.event}"
    browser.post(f"{address}/bekreft")
    assert (
        browser.post(f"{address}/opphev", dag="2022-01-20", grunn="Negativ test.").status_code
        == 303
    )
    kept = rows(story[1])["INFECTION_QUARANTINE"]
    assert (kept.event, kept.state, kept.end_reason) == (row.event, "ENDED", "Negativ test.")


def test_a_negative_test_late_enough_ends_the_quarantine(browse, story, rows):
    browser = browse("tracer", "5501")
    row = rows(story[1])["INFECTION_QUARANTINE"]
    browser.post(f"/kontakt/{story[1]}/tiltak/{row.event}/bekreft")
    added = browser.post(
        f"/kontakt/{story[1]}/prove",
        ST_TEST_DATE="2022-01-19",
        ST_TEST_KIND="PCR",
        ST_TEST_RESULT="NEGATIVE",
        ST_TEST_ANSWER_DATE="2022-01-20",
    )
    assert added.status_code == 303
    assert rows(story[1])["INFECTION_QUARANTINE"].state == "ENDED"


def test_the_contacts_page_tells_who_what_and_by_which_index(browse, story):
    page = browse("tracer", "5501").get(f"/kontakt/{story[1]}").text
    assert "Kari Prøve" in page
    assert re.search(r"Indeks 2\d\d\d", page)
    assert "skal ikke fortelles til nærkontakten" in page
    assert "Ingen prøver ennå" in page
    assert "Karantene til og med 22. januar." in page
    assert "Neste:" in page
    assert "Gjør til indeks" not in page


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"ST_TEST_DATE": "2022-01-21"}, "ikke har kommet ennå"),
        ({"ST_TEST_DATE": ""}, "Skriv dagen prøven ble tatt"),
        ({"ST_TEST_DATE": "19.1."}, "Skriv en dato"),
        ({"ST_TEST_RESULT": ""}, "Velg svaret"),
    ],
)
def test_a_test_that_cannot_be_kept_says_why_and_keeps_what_was_typed(
    browse, story, values, sentence
):
    typed = {
        "ST_TEST_DATE": "2022-01-19",
        "ST_TEST_KIND": "PCR",
        "ST_TEST_RESULT": "NEGATIVE",
    } | values
    answer = browse("tracer", "5501").post(f"/kontakt/{story[1]}/prove", **typed)
    assert answer.status_code >= 400
    assert sentence in answer.text
    assert "Kari Prøve" in answer.text
    if values.get("ST_TEST_DATE") is None:
        assert 'value="2022-01-19"' in answer.text


def test_a_positive_contact_becomes_an_index_and_keeps_her_history(browse, story):
    browser = browse("tracer", "5501")
    early = browser.post(f"/kontakt/{story[1]}/indeks")
    assert "Registrer den positive prøven først" in early.text
    browser.post(
        f"/kontakt/{story[1]}/prove",
        ST_TEST_DATE="2022-01-19",
        ST_TEST_KIND="PCR",
        ST_TEST_RESULT="POSITIVE",
    )
    assert "Gjør til indeks" in browser.get(f"/kontakt/{story[1]}").text
    became = browser.post(f"/kontakt/{story[1]}/indeks")
    assert became.status_code == 303
    assert became.headers["location"].startswith("/indeks/")
    page = browser.get(f"/kontakt/{story[1]}").text
    assert "Er også" in page
    assert "Avsluttet" in page
    assert "Gjør til indeks" not in page


def test_a_contact_is_closed_and_opened_again(browse, story):
    browser = browse("tracer", "5501")
    assert browser.post(f"/kontakt/{story[1]}/status/avslutt").status_code == 303
    assert "Åpne oppfølgingen igjen" in browser.get(f"/kontakt/{story[1]}").text
    assert browser.post(f"/kontakt/{story[1]}/status/gjenapne").status_code == 303
    assert "Avslutt oppfølgingen" in browser.get(f"/kontakt/{story[1]}").text
    assert browser.post(f"/kontakt/{story[1]}/status/noe").status_code == 404


def test_one_kind_of_page_does_not_answer_for_the_other(browse, story):
    browser = browse("tracer", "5501")
    assert browser.get(f"/kontakt/{story[0]}").status_code == 404
    assert browser.get(f"/indeks/{story[1]}/tiltak").status_code == 404
    assert browser.get(f"/indeks/{story[1]}/naerkontakter").status_code == 404
    assert browser.get("/kontakt/aaaaaaaaaaa").status_code == 404
    assert browser.post(f"/kontakt/{story[1]}/tiltak/aaaaaaaaaaa/bekreft").status_code == 404
    assert browser.post(f"/kontakt/{story[1]}/tiltak/aaaaaaaaaaa/noe").status_code == 404


def test_the_neighbouring_kommune_finds_nothing(browse, story, rows):
    row = rows(story[1])["INFECTION_QUARANTINE"]
    neighbour = browse("tracer", "5532")
    assert neighbour.get(f"/indeks/{story[0]}/tiltak").status_code == 404
    assert neighbour.get(f"/kontakt/{story[1]}").status_code == 404
    for act in ("prove", "indeks", "status/avslutt", f"tiltak/{row.event}/bekreft"):
        answer = neighbour.post(
            f"/kontakt/{story[1]}/{act}", ST_TEST_DATE="2022-01-19", ST_TEST_RESULT="POSITIVE"
        )
        assert answer.status_code == 404
    assert rows(story[1])["INFECTION_QUARANTINE"].state == "PROPOSED"
