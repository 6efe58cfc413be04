"""People through the pages: found, listed, registered once, and never shown to the neighbouring kommune."""

import re

import pytest

TENOR = "04837100136"
FORM = {
    "step": "save",
    "ST_GIVEN_NAME": "Ola",
    "ST_FAMILY_NAME": "Sideprøve",
    "ST_BIRTH_DATE": "1971-03-04",
    "ST_PHONE": "99993001",
    "ST_CASE_STATUS": "CONFIRMED",
    "ST_ONSET_DATE": "2022-01-18",
    "ST_REPORT_DATE": "2022-01-19",
    "ST_TEST_DATE": "2022-01-19",
    "ST_TEST_KIND": "PCR",
    "ST_TEST_RESULT": "POSITIVE",
}


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.fixture
def ola(browse):  # type: ignore[no-untyped-def]
    """A registered index: (the tracer's client, enrollment, tracked entity)."""
    tracer = browse("tracer", "5501")
    found = tracer.post("/sok", q="Ola Sideprøve").text
    if "/indeks/" not in found:
        made = tracer.post("/personer/ny", **FORM)
        assert made.status_code == 303, plain(made.text)[:600]
        found = tracer.post("/sok", q="Ola Sideprøve").text
    enrollment = re.search(r"/indeks/(\w{11})", found)
    person = re.search(r"/personer/(\w{11})", found)
    assert enrollment and person
    return tracer, enrollment[1], person[1]


def test_a_registered_index_is_listed_found_and_has_a_file(ola):
    tracer, enrollment, person = ola
    assert "Ola Sideprøve" in tracer.get("/personer").text
    assert "Ola Sideprøve" in tracer.post("/sok", q="99993001").text
    assert "Ola Sideprøve" in tracer.post("/sok", q="2001").text
    file = plain(tracer.get(f"/personer/{person}").text)
    assert "Isolasjon tidligst til og med mandag 24. januar" in file
    assert "PCR 19. januar, positiv" in file and "Symptomstart" in file
    assert f"/indeks/{enrollment}" in tracer.get(f"/personer/{person}").text
    assert "tracer 5501 smittesporer" in file


@pytest.mark.parametrize(
    "path",
    [
        "/personer/{person}",
        "/indeks/{enrollment}",
        "/indeks/{enrollment}/siden",
        "/indeks/{enrollment}/historikk",
        "/indeks/{enrollment}/oppfolging",
    ],
)
def test_the_neighbour_finds_no_page(browse, ola, path):
    _tracer, enrollment, person = ola
    neighbour = browse("tracer", "5532")
    answer = neighbour.get(path.format(person=person, enrollment=enrollment))
    assert answer.status_code == 404
    assert "Ola" not in answer.text


@pytest.mark.parametrize(
    "path, fields",
    [
        ("/indeks/{enrollment}/svar", {"ST_ONSET_DATE": "2022-01-01"}),
        (
            "/indeks/{enrollment}/prover",
            {"ST_TEST_DATE": "2022-01-01", "ST_TEST_RESULT": "NEGATIVE"},
        ),
        ("/indeks/{enrollment}/prover/abcdefghijk", {"ST_TEST_DATE": "2022-01-01"}),
        ("/indeks/{enrollment}/prover/abcdefghijk/tilbake", {}),
        ("/indeks/{enrollment}/sak/avslutt", {}),
        ("/indeks/{enrollment}/sak/dod", {"ST_DEATH_DATE": "2022-01-19"}),
        ("/indeks/{enrollment}/sak/feil", {}),
        ("/indeks/{enrollment}/sak/gjenapne", {}),
        ("/personer/ny", {"step": "begin", "existing": "{person}"}),
    ],
)
def test_the_neighbour_changes_nothing(browse, ola, path, fields):
    tracer, enrollment, person = ola
    names = {"enrollment": enrollment, "person": person}
    sent = {code: value.format(**names) for code, value in fields.items()}
    answer = browse("tracer", "5532").post(path.format(**names), **sent)
    assert answer.status_code == 404
    assert "Symptomstart 18.1." in plain(tracer.get(f"/indeks/{enrollment}").text)


def test_no_post_without_the_pages_own_token(ola):
    tracer, enrollment, _person = ola
    for path in ("/sok", "/personer/ny", f"/indeks/{enrollment}/svar"):
        assert tracer.client.post(path, data={"q": "Ola"}).status_code == 403


def test_the_neighbours_search_says_nothing_but_of_an_exact_number(browse):
    tracer, neighbour = browse("tracer", "5501"), browse("tracer", "5532")
    one = FORM | {"ST_GIVEN_NAME": "Nina", "ST_PHONE": "99993002", "ST_NATIONAL_ID": TENOR}
    assert tracer.post("/personer/ny", **one).status_code == 303
    assert "Ingen treff" in neighbour.post("/sok", q="Nina Sideprøve").text
    told = neighbour.post("/sok", q=TENOR).text
    assert "følges opp av en annen kommune" in told
    assert "Nina" not in told and "Tromsø" not in plain(told) and "Registrer ny person" not in told
    refused = neighbour.post("/personer/ny", **one)
    assert refused.status_code == 422
    assert "følges opp av en annen kommune" in refused.text


def test_a_known_number_leads_to_the_person_and_not_to_a_double(browse):
    tracer = browse("tracer", "5501")
    number = "05837100189"
    one = FORM | {"ST_GIVEN_NAME": "Berit", "ST_PHONE": "99993003", "ST_NATIONAL_ID": number}
    first = tracer.post("/personer/ny", **one)
    again = tracer.post("/personer/ny", **one)
    assert again.status_code == 303
    assert again.headers["location"].split("?")[0] == first.headers["location"].split("?")[0]
    asked = tracer.post("/personer/ny", step="begin", q=number).text
    assert "Personen er kjent her" in asked and "Berit Sideprøve" in asked


def test_the_same_name_and_birth_date_is_asked_about_first(browse, ola):
    tracer = browse("tracer", "5501")
    twin = FORM | {"ST_PHONE": "99993009"}
    asked = tracer.post("/personer/ny", **twin)
    assert asked.status_code == 422 and "Er det en av disse?" in asked.text
    assert 'value="99993009"' in asked.text, "nothing typed is lost"
    assert tracer.post("/personer/ny", **twin, sure="1").status_code == 303


@pytest.mark.parametrize(
    "fields, sentence",
    [
        ({"ST_GIVEN_NAME": "", "ST_FAMILY_NAME": ""}, "Skriv navnet"),
        ({"ST_BIRTH_DATE": ""}, "alder hvis datoen er ukjent"),
        ({"ST_BIRTH_DATE": "2030-01-01"}, "Dagen har ikke kommet ennå"),
        ({"ST_ONSET_DATE": "2022-01-21"}, "Dagen har ikke kommet ennå"),
        ({"ST_NATIONAL_ID": "123"}, "elleve sifre"),
        ({"ST_PHONE": "ring meg"}, "8 siffer"),
        ({"ST_AGE": "hundre"}, "hele år"),
        ({"ST_TEST_RESULT": ""}, "Velg svaret"),
        ({"ST_BIRTH_DATE": "2022-01-19"}, "før personen ble født"),
    ],
)
def test_what_is_wrong_stands_at_the_field_and_nothing_typed_is_lost(browse, fields, sentence):
    tracer = browse("tracer", "5501")
    sent = FORM | {"ST_PHONE": "99993077", "ST_EMAIL": "a@example.org"} | fields
    answer = tracer.post("/personer/ny", **sent)
    assert answer.status_code in (409, 422)
    assert sentence in answer.text
    assert 'value="a@example.org"' in answer.text


def test_a_wrong_check_digit_is_warned_of_and_not_refused(browse):
    tracer = browse("tracer", "5501")
    one = FORM | {"ST_GIVEN_NAME": "Siv", "ST_PHONE": "99993004", "ST_NATIONAL_ID": "06837112300"}
    made = tracer.post("/personer/ny", **one)
    assert made.status_code == 303 and "registrert-sifre" in made.headers["location"]
    assert "Kontrollsifrene" in tracer.get(made.headers["location"]).text


def test_a_person_without_a_norwegian_number_is_a_matter_of_course(browse):
    tracer = browse("tracer", "5501")
    one = FORM | {
        "ST_GIVEN_NAME": "Amina",
        "ST_BIRTH_DATE": "",
        "ST_AGE": "7",
        "ST_PHONE": "+4670123456",
        "ST_OTHER_ID": "P 1234567",
        "ST_OTHER_ID_KIND": "PASSPORT",
        "ST_OTHER_ID_COUNTRY": "SE",
        "ST_GUARDIAN_NAME": "Foresatt Prøve",
        "ST_GUARDIAN_PHONE": "99993099",
    }
    made = tracer.post("/personer/ny", **one)
    assert made.status_code == 303, plain(made.text)[:500]
    page = plain(tracer.get(made.headers["location"]).text)
    assert "uten norsk nummer" in page and "Foresatt Prøve" in page and "Ring 99 99 30 99" in page


def test_a_protected_address_is_neither_stored_nor_shown(browse):
    tracer = browse("tracer", "5501")
    one = FORM | {
        "ST_GIVEN_NAME": "Skjermet",
        "ST_PHONE": "99993005",
        "ST_PROTECTION": "STRICT",
        "ST_ADDRESS": "Hemmeligveien 1",
        "ST_RESIDENCE": "5503",
    }
    made = tracer.post("/personer/ny", **one)
    case = tracer.get(made.headers["location"]).text
    person = re.search(r"/personer/(\w{11})", case)
    assert person and "Strengt fortrolig adresse" in case
    for page in (case, tracer.get(f"/personer/{person[1]}").text):
        assert "Hemmeligveien" not in page and "Ring 99 99 30 05" not in page


def test_folkeregisteret_out_of_reach_loses_nothing(browse):
    tracer = browse("tracer", "5501")
    sent = FORM | {"step": "lookup", "ST_NATIONAL_ID": "07837112345", "ST_EMAIL": "b@example.org"}
    answer = tracer.post("/personer/ny", **sent)
    assert "Folkeregisteret svarer ikke akkurat nå" in answer.text
    assert 'value="b@example.org"' in answer.text and 'value="Ola"' in answer.text


def test_a_list_without_people_teaches(browse):
    page = browse("tracer", "1804").get("/personer")
    assert page.status_code == 200 and "Ingen her ennå" in page.text


def test_those_who_only_count_see_no_people(browse):
    for role, place in (("fhi", "NO"), ("ks", "NO"), ("administrator", "5501")):
        client = browse(role, place)
        for path in ("/personer", "/sok", "/personer/ny"):
            assert client.get(path).status_code == 403
