"""The contact sheet asked for without a browser: tried, saved, confirmed, pasted, refused."""

import re
import time

import pytest

from sandbox.register import a_number
from smittesporing.access.work import work
from smittesporing.tracing.casebook import files, register
from smittesporing.tracing.casebook.book import open_book

INDEX = {
    "ST_CASE_STATUS": "CONFIRMED",
    "ST_SYMPTOMS": "true",
    "ST_ONSET_DATE": "2022-01-18",
    "ST_REPORT_DATE": "2022-01-19",
}
KARI = {"name": "Kari Prøve", "phone": "99991001", "relation": "husstand", "last": "2022-01-18"}
HEADING = "Navn;Telefon;Relasjon;Siste kontakt;Avstand (m);Varighet;Sted\r\n"


@pytest.fixture
def index(pool, settings, as_role):
    with work(pool, as_role("tracer", "5501"), settings, action="test") as here:
        made = register.register_index(
            open_book(here), {"ST_GIVEN_NAME": "Ola", "ST_FAMILY_NAME": "Prøve"}, INDEX
        )
    return made.enrollment


@pytest.fixture
def sheet(index, browse):
    return Sheet(browse("tracer", "5501"), f"/indeks/{index}/naerkontakter")


class Sheet:
    """The sheet of one index, as the island and its forms ask for it."""

    def __init__(self, browser, address):
        self.browser, self.address = browser, address

    def row(self, mode="save", **cells):
        return self.browser.post(f"{self.address}/rad", mode=mode, **cells)

    def page(self):
        return self.browser.get(self.address)

    def names(self):
        return re.findall(r'name="name" value="([^"]+)"', self.page().text)

    def act(self, event, act, **fields):
        return self.browser.post(f"{self.address}/{event}/{act}", **fields)


def test_an_empty_sheet_says_how_to_begin(sheet):
    page = sheet.page()
    assert page.status_code == 200
    assert "Nærkontakter til Ola Prøve" in page.text
    assert "Skriv eller lim inn" in page.text
    assert "0 rader: 0 nye · 0 finnes fra før · 0 feil" in page.text


def test_a_row_is_judged_at_every_letter_and_nothing_is_written(sheet):
    sheet.row("try", **KARI)
    began = time.perf_counter()
    answer = sheet.row("try", **KARI)
    assert time.perf_counter() - began < 0.15
    told = answer.json()
    assert "Nærkontakt, samme husstand." in told["verdict"]
    assert "Karantene til og med 28. januar" in told["verdict"]
    assert "25. januar" in told["verdict"]
    assert told["say"].startswith("Kari Prøve: Nærkontakt, samme husstand.")
    assert "usikker dato" in told["why"] or "kildebelagt" in told["why"]
    assert sheet.names() == []


def test_a_row_that_is_begun_says_what_it_waits_for(sheet):
    told = sheet.row("try", name="Geir F").json()
    assert "Forslaget kommer når relasjon og siste kontakt er fylt ut" in told["verdict"]


def test_a_saved_row_stands_on_the_page_with_its_reason_and_its_rule(sheet):
    told = sheet.row(**KARI).json()
    assert told["id"] and told["version"]
    assert told["summary"] == "1 rad: 1 ny · 0 finnes fra før · 0 feil"
    page = sheet.page().text
    assert "Kari Prøve" in page
    assert "Ola Prøve er bekreftet smittet." in page
    assert "18. januar + 10 døgn = til og med 28. januar." in page
    assert "Bekreft 1 forslag" in page


def test_one_row_may_be_confirmed_and_stands_with_a_name(sheet):
    event = sheet.row(**KARI).json()["id"]
    answer = sheet.act(event, "bekreft")
    assert answer.status_code == 303
    assert "beskjed=" in answer.headers["location"]
    page = sheet.page().text
    assert "tracer 5501" in page
    assert "Bekreft 1 forslag" not in page


def test_a_changed_fact_shows_what_was_confirmed_and_asks_again(sheet):
    told = sheet.row(**KARI).json()
    sheet.act(told["id"], "bekreft")
    later = sheet.row(**KARI | {"last": "2022-01-19"}, row=told["id"], version=told["version"])
    assert later.status_code == 200
    assert "Karantene til og med 28. januar." in later.json()["verdict"]
    assert "29. januar" in later.json()["verdict"]
    assert "/bekreft" in later.json()["own"]


def test_a_colleagues_change_answers_with_her_values(sheet):
    told = sheet.row(**KARI).json()
    sheet.row(**KARI | {"setting": "hytta"}, row=told["id"], version=told["version"])
    clash = sheet.row(**KARI | {"setting": "båten"}, row=told["id"], version=told["version"])
    assert clash.status_code == 409
    assert clash.json()["values"]["setting"] == "hytta"
    assert clash.json()["version"] != told["version"]


def test_all_proposals_are_confirmed_by_one_act(sheet):
    sheet.row(**KARI)
    sheet.row(name="Per Prøve", relation="kollega", last="2022-01-17", distance="1", minutes="30")
    sheet.row(name="Uviss Prøve", relation="kollega", last="2022-01-17")
    assert "Bekreft 2 forslag" in sheet.page().text
    assert sheet.browser.post(f"{sheet.address}/bekreft").status_code == 303
    assert "forslag</span></button>" not in sheet.page().text


def test_the_tracer_may_judge_otherwise_with_a_reason(sheet):
    event = sheet.row(**KARI).json()["id"]
    empty = sheet.act(event, "vurder", vurdering="NOT_CONTACT", grunn="  ")
    assert empty.status_code == 400
    assert "Skriv begrunnelsen" in empty.text
    said = sheet.act(event, "vurder", vurdering="NOT_CONTACT", grunn="Bodde på hytta hele uka.")
    assert said.status_code == 303
    page = sheet.page().text
    assert "Bodde på hytta hele uka." in page
    assert "Ikke nærkontakt." in page


def test_telling_is_an_act_of_its_own(sheet):
    event = sheet.row(**KARI).json()["id"]
    sheet.act(event, "bekreft")
    assert ">Varslet" not in sheet.page().text
    assert sheet.act(event, "varslet").status_code == 303
    assert "Varslet 20. januar kl. 12.00" in sheet.page().text


def test_who_tells_is_kept_for_those_nobody_has_told(sheet):
    sheet.row(**KARI)
    kept = sheet.browser.post(f"{sheet.address}/varsler", varsler="EMPLOYER")
    assert kept.json()["at"]
    assert '<option value="EMPLOYER" selected>' in sheet.page().text


def test_one_row_may_have_another_who_tells(sheet):
    event = sheet.row(**KARI).json()["id"]
    sheet.row(name="Per Prøve", relation="kollega", last="2022-01-17")
    assert sheet.act(event, "varsler", varsler="SCHOOL").json()["at"]
    page = sheet.page().text
    assert page.count('<option value="SCHOOL" selected>') == 1
    assert "Skolen eller barnehagen varsler." in page


def test_a_newer_rule_is_shown_beside_what_the_rule_before_it_said(sheet):
    cells = {"relation": "kollega", "last": "2022-01-17", "distance": "1", "minutes": "30"}
    why = sheet.row("try", name="Per Prøve", **cells).json()["why"]
    assert "Regelen før 13. januar 2022 ville sagt:" in why
    assert "Karantene til og med 27. januar." in why
    # What is to come is not known yet.
    assert "til 12. februar 2022" not in why


def test_a_row_is_taken_back(sheet):
    event = sheet.row(**KARI | {"phone": "99991009"}).json()["id"]
    assert sheet.act(event, "tilbake").status_code == 303
    assert sheet.names() == []
    assert sheet.act(event, "tilbake").status_code == 404


def test_a_known_person_is_told_of_before_saving_and_not_doubled(sheet, browse, index):
    number = a_number(4, 3, 1984, 301)
    first = sheet.row(name="Mona Prøve", number=number, relation="venn", last="2022-01-18").json()
    assert "Finnes fra før" not in first["notes"]["name"]
    other = Sheet(sheet.browser, sheet.address)
    found = other.row("try", name="Mona Prøve", number=number, relation="venn").json()
    assert "Finnes fra før" in found["notes"]["name"]
    assert "4. mars 1984" in found["notes"]["name"]
    assert number not in other.page().text


def test_siblings_with_one_telephone_are_two_people(sheet):
    sheet.row(**KARI | {"phone": "99991020"})
    answer = sheet.row(**KARI | {"name": "Ada Prøve", "phone": "99991020"}).json()
    assert "Finnes fra før" not in answer["notes"]["name"]
    assert sorted(sheet.names()) == ["Ada Prøve", "Kari Prøve"]


def test_a_wrong_check_digit_is_warned_of_and_kept(sheet):
    number = a_number(4, 3, 1984, 303)
    wrong = number[:10] + str((int(number[10]) + 1) % 10)
    answer = sheet.row(name="Siri Prøve", number=wrong, relation="venn", last="2022-01-18")
    assert answer.status_code == 200
    assert "Kontrollsifrene" in answer.json()["notes"]["number"]
    assert answer.json()["id"]


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        ({"number": "123"}, "number", "11 siffer"),
        ({"number": "99999912345"}, "number", "gyldig dato|hjelpenummer|sifre"),
        ({"last": "2022-01-21"}, "last", "ikke kommet ennå"),
        ({"last": "31.2."}, "last", "Skriv dagen"),
        ({"first": "2022-02-01"}, "first", "ikke kommet ennå"),
        ({"phone": "12"}, "phone", "8 siffer"),
        ({"relation": "xyz"}, "relation", "husstand"),
        ({"name": ""}, "name", "Skriv navnet"),
    ],
)
def test_a_cell_that_cannot_be_kept_says_why_and_nothing_is_saved(sheet, cells, column, sentence):
    if cells.get("number") == "99999912345":
        cells = {"number": "31029912345"}
        sentence = "gyldig dato"
    answer = sheet.row(**KARI | cells).json()
    assert re.search(sentence, answer["errors"][column])
    assert "id" not in answer
    assert sheet.names() == []


def test_a_contact_before_birth_is_told_at_the_cell(sheet):
    number = a_number(19, 1, 2022, 601)
    answer = sheet.row(name="Liten Prøve", number=number, relation="familie", last="2022-01-17")
    assert "før fødselsdatoen" in answer.json()["errors"]["last"]
    assert sheet.names() == []


def test_a_list_from_excel_is_shown_as_understood_and_then_saved(sheet):
    text = (
        HEADING
        + "Nilsen, Åse;99 99 10 51;kollega;17.1.;1,5;30;kontor\r\nØyvind Aas;;nabo;pågår;;;\r\n"
    )
    read = sheet.browser.post(f"{sheet.address}/liste", liste=text)
    assert read.status_code == 200
    assert "Åse Nilsen" in read.text
    assert "2 rader er lest. Ingenting er lagret ennå." in read.text
    assert sheet.names() == []
    saved = sheet.browser.post(f"{sheet.address}/liste", liste=text, lagre="ja")
    assert saved.status_code == 303
    assert sorted(sheet.names()) == ["Åse Nilsen", "Øyvind Aas"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
def test_a_file_is_read_whatever_way_excel_wrote_its_letters(sheet, encoding):
    content = (HEADING + "Åse Øyås;;kollega;17.1.;;;Bjørnøya\r\n").encode(encoding)
    client = sheet.browser.client
    read = client.post(
        f"{sheet.address}/liste",
        data={"csrf": sheet.browser.csrf},
        files={"fil": ("kontakter.csv", content, "text/csv")},
    )
    assert read.status_code == 200
    assert "Åse Øyås" in read.text
    assert "Bjørnøya" in read.text


def test_a_list_with_a_row_that_cannot_be_read_saves_nothing(sheet):
    text = HEADING + "Ada Prøve;;venn;17.1.;;;\nBo Prøve;;venn;45.13.;;;\n"
    answer = sheet.browser.post(f"{sheet.address}/liste", liste=text, lagre="ja")
    assert "1 av 2 rader kan ikke leses. Ingen rader er lagret." in answer.text
    assert "Bo Prøve" in answer.text
    assert sheet.names() == []


def test_fifty_thousand_rows_are_refused_kindly_and_at_once(sheet):
    text = HEADING + "".join(f"Elev {n} Prøve;9999{n:04d};klasse;17.1.;;;\n" for n in range(50_000))
    began = time.perf_counter()
    answer = sheet.browser.post(f"{sheet.address}/liste", liste=text)
    assert time.perf_counter() - began < 3
    assert answer.status_code == 413
    assert "høyst 1000 om gangen" in answer.text
    assert sheet.names() == []


def test_an_empty_list_says_what_to_do(sheet):
    answer = sheet.browser.post(f"{sheet.address}/liste", liste="  \n ")
    assert answer.status_code == 400
    assert "Vi fant ingen rader i listen" in answer.text


@pytest.mark.parametrize("body", [b"{not json", b"", b"\xff\xfe\x00"])
def test_a_body_that_is_no_form_is_refused_with_a_sentence(sheet, body):
    answer = sheet.browser.client.post(
        f"{sheet.address}/rad",
        content=body,
        headers={
            "content-type": "application/json",
            "accept": "application/json",
            "x-csrf-token": sheet.browser.csrf,
        },
    )
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_unknown_addresses_and_rows_are_not_found(sheet, browse):
    browser = browse("tracer", "5501")
    assert browser.get("/indeks/aaaaaaaaaaa/naerkontakter").status_code == 404
    assert browser.post("/indeks/aaaaaaaaaaa/naerkontakter/rad", mode="try").status_code == 404
    for act in ("bekreft", "vurder", "varslet", "tilbake"):
        assert sheet.act("aaaaaaaaaaa", act, vurdering="HOUSEHOLD", grunn="x").status_code == 404
    assert sheet.row(**KARI, row="aaaaaaaaaaa").status_code == 404
    assert sheet.row("try", **KARI, row="'; drop table").status_code == 404


def test_the_neighbouring_kommune_finds_nothing_at_any_address(sheet, browse):
    event = sheet.row(**KARI | {"phone": "99991030"}).json()["id"]
    neighbour = browse("tracer", "5532")
    there = sheet.address
    assert neighbour.get(there).status_code == 404
    assert neighbour.get(f"{there}/fot").status_code == 404
    assert neighbour.post(f"{there}/rad", mode="try", **KARI).status_code == 404
    assert neighbour.post(f"{there}/rad", mode="save", **KARI).status_code == 404
    assert neighbour.post(f"{there}/liste", liste="Ada Prøve\tx").status_code == 404
    for act in ("bekreft", "varsler", f"{event}/bekreft", f"{event}/varslet", f"{event}/tilbake"):
        assert neighbour.post(f"{there}/{act}").status_code == 404
    assert sheet.names() == ["Kari Prøve"]


def test_another_kommunes_person_is_neither_shown_nor_doubled(
    sheet, browse, as_role, pool, settings
):
    number = a_number(4, 3, 1984, 305)
    with work(pool, as_role("tracer", "5532"), settings, action="test") as here:
        book = open_book(here)
        register.register_index(
            book,
            {"ST_GIVEN_NAME": "Fremmed", "ST_FAMILY_NAME": "Navn", "ST_NATIONAL_ID": number},
            INDEX,
        )
    for mode in ("try", "save"):
        answer = sheet.row(
            mode, name="Mona Prøve", number=number, relation="venn", last="2022-01-18"
        )
        assert answer.status_code == 422
        assert "annen kommune" in answer.json()["errors"]["number"]
        assert "Fremmed" not in answer.text
    assert sheet.names() == []


def test_a_protected_contact_shows_no_telephone_and_says_so(sheet, pool, settings, as_role, index):
    told = sheet.row(**KARI | {"phone": "99991040"}).json()
    with work(pool, as_role("tracer", "5501"), settings, action="test") as here:
        book = open_book(here)
        view = files.case_file(book, index).contacts[0]
        register.save_profile(book, view.contact.uid, {"ST_PROTECTION": "STRICT"})
    page = sheet.page().text
    assert "Fortrolig adresse" in page
    assert "99991040" not in page and "99 99 10 40" not in page
    kept = sheet.row(**KARI | {"phone": "•• •• •• ••", "setting": "hjemme"}, row=told["id"])
    assert kept.status_code == 200
    with work(pool, as_role("tracer", "5501"), settings, action="test") as here:
        assert files.case_file(open_book(here), index).contacts[0].contact.phone == "99991040"
