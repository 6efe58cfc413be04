"""Finding people: by what one has at hand, within one's reach only."""

import pytest

from smittesporing.tracing.casebook import register, search
from tests.casebook.test_register import CONFIRMED

BERIT = {
    "ST_GIVEN_NAME": "Berit Marie",
    "ST_FAMILY_NAME": "Søkeprøve",
    "ST_BIRTH_DATE": "1980-02-03",
    "ST_PHONE": "99992001",
    "ST_NATIONAL_ID": "03828012345",
}


@pytest.fixture(scope="module")
def made():  # type: ignore[no-untyped-def]
    return {}


@pytest.fixture(autouse=True)
def berit(at_work, made):  # type: ignore[no-untyped-def]
    if not made:
        with at_work() as book:
            one = register.register_index(book, BERIT, CONFIRMED)
            made["uid"] = one.tracked_entity
    return made["uid"]


@pytest.mark.parametrize(
    "text, kind",
    [
        ("berit søke", "name"),
        ("Marie", "name"),
        ("038280 12345", "number"),
        ("+47 99 99 20 01", "phone"),
        ("99992001", "phone"),
        ("2001", "case"),
        ("indeks 2001", "case"),
    ],
)
def test_she_is_found_by_what_one_has_at_hand(at_work, berit, text, kind):
    with at_work() as book:
        found = search.find(book, text)
    assert found.kind == kind
    assert berit in [hit.person.uid for hit in found.hits]


@pytest.mark.parametrize("text", ["berit søke", "99992001", "2001"])
def test_the_neighbour_finds_nothing_and_learns_nothing(at_work, text):
    with at_work(kommune="5532") as book:
        found = search.find(book, text)
    assert not found.hits and not found.elsewhere


def test_the_exact_number_tells_the_neighbour_only_that_she_is_known(at_work):
    with at_work(kommune="5532") as book:
        found = search.find(book, BERIT["ST_NATIONAL_ID"])
        shown = book.work.shown
    assert found.elsewhere and not found.hits and shown == 0


@pytest.mark.parametrize("text", ["%", "_", "\\", "a", "\x00", "'; drop table x; --", "%%%%"])
def test_signs_that_mean_something_elsewhere_are_only_signs(at_work, text):
    with at_work() as book:
        assert search.find(book, text).hits == ()


def test_the_list_counts_and_pages(at_work, berit):
    with at_work() as book:
        rows, total = search.recent(book, "INDEX", "ACTIVE")
        none, _total = search.recent(book, "CONTACT", "ACTIVE")
    assert total >= 1 and berit in [row.person.uid for row in rows]
    assert berit not in [row.person.uid for row in none]
    assert rows[0].measures[0].kind == "ISOLATION"
