"""The interview through its pages: each answer keeps itself, and what the rules say comes back."""

import re

import pytest

from tests.pages.test_people import FORM, plain


@pytest.fixture
def case(browse):  # type: ignore[no-untyped-def]
    """`case(phone)` → (client, enrollment) of a fresh index."""

    def make(phone: str, **more: str):  # type: ignore[no-untyped-def]
        tracer = browse("tracer", "5501")
        made = tracer.post("/personer/ny", **(FORM | {"ST_PHONE": phone, "sure": "1"} | more))
        assert made.status_code == 303, plain(made.text)[:500]
        return tracer, made.headers["location"].split("/")[2].split("?")[0]

    return make


def version_of(page: str) -> str:
    found = re.search(r'data-version="(\d+)"', page)
    assert found
    return found[1]


def test_an_answer_is_kept_and_the_dates_follow(case):
    tracer, enrollment = case("99994001")
    page = tracer.get(f"/indeks/{enrollment}")
    assert "Smittsom fra 16. januar" in plain(page.text)
    kept = tracer.post(
        f"/indeks/{enrollment}/svar", ST_ONSET_DATE="2022-01-16", version=version_of(page.text)
    )
    assert kept.status_code == 200
    body = kept.json()
    assert int(body["version"]) > int(version_of(page.text)) and re.fullmatch(
        r"\d\d\.\d\d", body["at"]
    )
    assert body["fields"]["ST_FIRST_SYMPTOM"]["hidden"] is False
    after = plain(tracer.get(f"/indeks/{enrollment}/siden").text)
    assert "Smittsom fra 14. januar" in after and "Mangler til MSIS" in after


def test_skip_logic_is_the_servers(case):
    tracer, enrollment = case("99994002")
    fields = tracer.post(f"/indeks/{enrollment}/svar", ST_SYMPTOMS="false").json()["fields"]
    assert fields["ST_ONSET_DATE"]["hidden"] is True
    fields = tracer.post(f"/indeks/{enrollment}/svar", ST_INFECTED_WHERE_KIND="COUNTRY").json()[
        "fields"
    ]
    assert fields["ST_INFECTED_COUNTRY"]["hidden"] is False
    page = tracer.get(f"/indeks/{enrollment}").text
    assert re.search(r'data-field="ST_ONSET_DATE"[^>]* hidden', page)


def test_two_who_type_in_one_field_are_offered_both_values(case, browse):
    tracer, enrollment = case("99994003")
    version = version_of(tracer.get(f"/indeks/{enrollment}").text)
    colleague = browse("tracer", "5501", "kollega")
    path = f"/indeks/{enrollment}/svar"
    assert colleague.post(path, ST_ONSET_DATE="2022-01-17", version=version).status_code == 200
    both = tracer.post(path, ST_ONSET_DATE="2022-01-16", version=version)
    assert both.status_code == 409
    assert both.json()["value"] == "2022-01-17" and both.json()["word"] == "17. januar 2022"
    assert "tracer" in both.json()["by"]
    assert tracer.post(path, ST_TEST_REASON="", version=version).status_code == 200
    mine = tracer.post(path, ST_ONSET_DATE="2022-01-16", version=str(both.json()["version"]))
    assert mine.status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"ST_ONSET_DATE": "2022-02-01"},
        {"ST_ONSET_DATE": "i går"},
        {"ST_SYMPTOMS": "kanskje"},
        {"ST_CASE_NUMBER": "1"},
        {"ST_MEASURE_KIND": "ISOLATION"},
        {"ST_NOT_THERE": "x"},
        {"ST_SYMPTOMS": "true", "ST_ONSET_DATE": "2022-01-01"},
        {},
    ],
)
def test_what_cannot_be_kept_is_said_at_the_field(case, fields):
    tracer, enrollment = case("99994004")
    answer = tracer.post(f"/indeks/{enrollment}/svar", **fields)
    assert answer.status_code == 422 and answer.json()["error"]


def test_tests_are_added_corrected_and_taken_back(case):
    tracer, enrollment = case("99994005")
    path = f"/indeks/{enrollment}/prover"
    added = tracer.post(
        path, ST_TEST_DATE="2022-01-15", ST_TEST_KIND="PCR", ST_TEST_RESULT="NEGATIVE"
    )
    assert added.status_code == 303
    page = tracer.get(f"/indeks/{enrollment}").text
    tests = re.findall(r"/prover/(\w{11})/tilbake", page)
    assert len(tests) == 2
    kept = tracer.post(f"{path}/{tests[0]}", ST_TEST_RESULT="POSITIVE")
    assert kept.status_code == 200 and kept.json()["fields"]["ST_TEST_VARIANT"]["hidden"] is False
    assert tracer.post(f"{path}/{tests[0]}", ST_TEST_DATE="").status_code == 422
    assert tracer.post(f"{path}/{tests[0]}/tilbake").status_code == 303
    assert (
        len(re.findall(r"/prover/(\w{11})/tilbake", tracer.get(f"/indeks/{enrollment}").text)) == 1
    )
    refused = tracer.post(path, ST_TEST_RESULT="POSITIVE")
    assert refused.status_code == 400 and "Skriv dagen prøven ble tatt" in refused.text


def test_the_end_of_a_case_and_its_undoing(case):
    tracer, enrollment = case("99994006")
    acts = f"/indeks/{enrollment}/sak"
    for act, fields, word in (
        ("feil", {}, "Registrert ved en feil"),
        ("dod", {"ST_DEATH_DATE": "2022-01-20"}, "Personen døde 20. januar 2022"),
        ("avslutt", {}, "Saken er avsluttet"),
    ):
        assert tracer.post(f"{acts}/{act}", **fields).status_code == 303
        assert word in tracer.get(f"/indeks/{enrollment}").text
        assert tracer.post(f"{acts}/gjenapne").status_code == 303
        assert "Avsluttet" not in tracer.get(f"/indeks/{enrollment}").text.split("interview")[0]
    assert tracer.post(f"{acts}/dod", ST_DEATH_DATE="2022-01-21").status_code == 422
    assert tracer.post(f"{acts}/slett").status_code == 404


def test_a_running_isolation_keeps_the_case_open_and_the_page_says_why(
    case, pool, settings, as_role
):
    from smittesporing.access.work import work
    from smittesporing.tracing.casebook import measures
    from smittesporing.tracing.casebook.book import open_book

    tracer, enrollment = case("99994007")
    with work(pool, as_role("tracer", "5501"), settings, action="test") as here:
        measures.confirm_all(open_book(here), enrollment)
    refused = tracer.post(f"/indeks/{enrollment}/sak/avslutt")
    assert refused.status_code == 409 and "Opphev den før saken avsluttes" in refused.text


def test_history_tells_who_did_what_and_hides_the_number(case):
    tracer, enrollment = case("99994008", ST_NATIONAL_ID="08837112399")
    tracer.post(f"/indeks/{enrollment}/svar", ST_ONSET_DATE="2022-01-17")
    page = tracer.get(f"/indeks/{enrollment}/historikk")
    words = plain(page.text)
    assert "Symptomstart: 18. januar 2022 17. januar 2022" in words and "tracer 5501" in words
    assert "08837112399" not in page.text


def test_no_page_holds_a_national_number(case):
    tracer, enrollment = case("99994009", ST_NATIONAL_ID="09837112388")
    person = re.search(r"/personer/(\w{11})", tracer.get(f"/indeks/{enrollment}").text)
    assert person
    for path in (
        f"/indeks/{enrollment}",
        f"/personer/{person[1]}",
        f"/indeks/{enrollment}/oppfolging",
    ):
        assert "09837112388" not in tracer.get(path).text


def test_the_calls_that_are_planned_stand_on_their_tab(case):
    tracer, enrollment = case("99994010")
    words = plain(tracer.get(f"/indeks/{enrollment}/oppfolging").text)
    assert "Planlagte samtaler" in words and "Ingen samtaler ennå" in words


def test_a_day_is_told_and_the_contact_stands_there(case, browse):
    tracer, enrollment = case("99994011")
    path = f"/indeks/{enrollment}/dag/2022-01-17"
    told = tracer.post(path, name="Mona Dag", relation="COLLEAGUE", minutes="30", distance="1")
    assert told.status_code == 303
    page = plain(tracer.get(f"/indeks/{enrollment}?dag=2022-01-17").text)
    assert "mandag 17. jan. 1 kontakt" in page and "Mona Dag" in page
    wrong = tracer.post(path, name="", minutes="mange")
    assert "Skriv minutter" in wrong.text and 'value="mange"' in wrong.text
    for day in ("2022-01-01", "2022-01-21", "i-dag"):
        assert tracer.post(f"/indeks/{enrollment}/dag/{day}", name="X Y").status_code == 404
    neighbour = browse("tracer", "5532")
    assert neighbour.post(path, name="X Y").status_code == 404
    assert neighbour.client.get(path, headers={"hx-request": "true"}).status_code == 404


def test_a_contacts_enrollment_is_no_index(case, pool, settings, as_role):
    tracer, enrollment = case("99994012")
    tracer.post(f"/indeks/{enrollment}/dag/2022-01-17", name="Kari Kontakt", phone="99994013")
    page = tracer.get(f"/indeks/{enrollment}").text
    contact = re.search(r"/kontakt/(\w{11})", page)
    assert contact
    for path in ("", "/historikk", "/oppfolging", "/siden"):
        assert tracer.get(f"/indeks/{contact[1]}{path}").status_code == 404
    assert tracer.post(f"/indeks/{contact[1]}/svar", ST_SYMPTOMS="true").status_code == 404
    assert tracer.post(f"/indeks/{contact[1]}/sak/feil").status_code == 404
