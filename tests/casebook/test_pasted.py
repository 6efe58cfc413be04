"""Lists from Excel: separators, headings, letters, and lists that are too long."""

import time
from datetime import date

import pytest

from smittesporing.problems import Refused
from smittesporing.tracing.casebook.pasted import decoded, understood
from smittesporing.tracing.people import Relation

TODAY = date(2022, 1, 20)


@pytest.mark.parametrize(
    "text",
    [
        "Navn\tTelefon\tRelasjon\nAda Prøve\t99991001\tkollega\n",
        "Navn;Telefon;Relasjon\r\nAda Prøve;99 99 10 01;kollega\r\n",
        "Navn,Telefon,Relasjon\nAda Prøve,99991001,kollega",
        "\ufeffNavn;Mobil;Tilknytning\nAda Prøve;99991001;Kollega\n\n;;\n",
        "Fornavn;Etternavn;Tlf;Relasjon\nAda;Prøve;99991001;kollega",
        'Navn;Telefon;Relasjon\n"Prøve, Ada";99991001;"kollega"',
        "Relasjon;Navn;Telefon\rkollega;Ada Prøve;99991001\r",
        "Ada Prøve\t\t99991001\tkollega",
    ],
)
def test_the_same_row_is_understood_however_it_was_written(text):
    read = understood(text, TODAY)
    (row,) = read.rows
    assert (row.given_name, row.family_name, row.phone) == ("Ada", "Prøve", "99991001")
    assert row.relation is Relation.COLLEAGUE
    assert row.errors == {}
    assert read.unknown == ()


def test_a_heading_we_have_no_column_for_is_named():
    assert understood("Navn;Skostørrelse;Telefon\nAda Prøve;38;99991001", TODAY).unknown == (
        "Skostørrelse",
    )


@pytest.mark.parametrize("text", ["", " \n\n", "Navn;Telefon\n", "\ufeff"])
def test_a_list_without_rows_says_so(text):
    with pytest.raises(Refused, match="T112"):
        understood(text, TODAY)


@pytest.mark.parametrize("rows", [1_001, 50_000])
def test_a_list_that_is_too_long_is_refused_before_it_is_read(rows):
    text = "Navn;Telefon\n" + "Ada Prøve;99991001\n" * rows
    began = time.perf_counter()
    with pytest.raises(Refused, match="T111") as refusal:
        understood(text, TODAY)
    assert time.perf_counter() - began < 1
    assert "høyst 1000 om gangen" in refusal.value.problem.sentence


def test_a_thousand_rows_are_taken():
    assert len(understood("Navn;Telefon\n" + "Ada Prøve;99991001\n" * 1_000, TODAY).rows) == 1_000


@pytest.mark.parametrize(
    "text",
    [
        'Navn;Telefon\n"aldri lukket;9999',
        "\x00;\x01\n\x02",
        "a" * 100_000,
        ";" * 5_000,
        "'\"\t\"'\n",
    ],
)
def test_rubbish_is_read_as_rows_with_problems_or_refused_with_a_sentence(text):
    try:
        understood(text, TODAY)
    except Refused as refusal:
        assert refusal.problem.sentence


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
def test_norwegian_letters_survive_every_way_excel_writes_them(encoding):
    assert decoded("Åse Øyås;æ".encode(encoding)).lstrip("\ufeff") == "Åse Øyås;æ"
