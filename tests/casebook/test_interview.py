"""The interview: what is asked, what program rules hide, what is counted, and two who type at once."""

from datetime import date

import pytest

from smittesporing.access.work import work
from smittesporing.problems import Refused
from smittesporing.tracing.casebook import (
    day_by_day,
    episode,
    files,
    interview,
    measures,
    register,
    sheet,
    typed,
)
from smittesporing.tracing.casebook.book import open_book
from tests.casebook.test_register import CONFIRMED, OLA


@pytest.fixture
def case(at_work):  # type: ignore[no-untyped-def]
    """A fresh index in Tromsø, by enrollment."""
    made = {}

    def make(phone: str, told=CONFIRMED) -> str:  # type: ignore[no-untyped-def]
        with at_work() as book:
            made[phone] = register.register_index(book, OLA | {"ST_PHONE": phone}, told).enrollment
        return made[phone]

    return make


def asked(book, enrollment):  # type: ignore[no-untyped-def]
    file = files.case_file(book, enrollment)
    return {q.code: q for part in interview.parts_of(book, file) for q in part.questions}


def test_the_questions_follow_metadata_and_the_service_keeps_its_own_fields(at_work, case):
    enrollment = case("99991001")
    with at_work() as book:
        questions = asked(book, enrollment)
    assert questions["ST_ONSET_DATE"].value == "2022-01-18"
    assert not questions["ST_ONSET_DATE"].hidden and questions["ST_ONSET_DATE"].required
    assert questions["ST_GIVEN_NAME"].on_person and questions["ST_GIVEN_NAME"].value == "Ola"
    assert not {"ST_CASE_NUMBER", "ST_COUNT_DATE", "ST_REGISTERED_BY_MISTAKE"} & questions.keys()


def test_an_answer_hides_and_shows_other_questions_and_keeps_what_was_typed(at_work, case):
    enrollment = case("99991002")
    with at_work() as book:
        interview.answer(book, enrollment, "ST_SYMPTOMS", "false")
        assert asked(book, enrollment)["ST_ONSET_DATE"].hidden
        assert files.case_file(book, enrollment).case.onset_on is None
    with at_work() as book:
        interview.answer(book, enrollment, "ST_SYMPTOMS", "true")
        onset = asked(book, enrollment)["ST_ONSET_DATE"]
        assert not onset.hidden and onset.value == "2022-01-18"
        interview.answer(book, enrollment, "ST_INFECTED_WHERE_KIND", "COUNTRY")
        questions = asked(book, enrollment)
    assert not questions["ST_INFECTED_COUNTRY"].hidden and questions["ST_INFECTED_KOMMUNE"].hidden


def test_a_warning_is_told_and_refuses_nothing(at_work, case):
    enrollment = case("99991003")
    with at_work() as book:
        interview.answer(book, enrollment, "ST_ASSUMED_INFECTION_DATE", "2022-01-19")
        assert "etter symptomstart" in asked(book, enrollment)["ST_ASSUMED_INFECTION_DATE"].warning


def test_a_day_that_has_not_come_is_refused(at_work, case):
    enrollment = case("99991004")
    with at_work() as book, pytest.raises(Refused):
        interview.answer(book, enrollment, "ST_ONSET_DATE", "2022-02-01")


def test_what_msis_lacks_shrinks_as_one_answers(at_work, case):
    enrollment = case("99991005")
    with at_work() as book:
        file = files.case_file(book, enrollment)
        before = interview.lacks_for_msis(file, interview.parts_of(book, file))
        interview.answer(book, enrollment, "ST_BIRTH_COUNTRY", "NO")
        file = files.case_file(book, enrollment)
        after = interview.lacks_for_msis(file, interview.parts_of(book, file))
    assert "ST_BIRTH_COUNTRY" in dict(before.lacking) and "ST_TEST_DATE" in dict(before.lacking)
    assert len(after.lacking) == len(before.lacking) - 1 and after.asked == before.asked


def test_a_colleagues_newer_value_is_found_and_other_fields_do_not_stand_in_the_way(
    at_work, case, pool, settings, as_role
):
    enrollment = case("99991006")
    with at_work() as book:
        person = files.entity_of(book, enrollment)
        seen = interview.seen(book, person)
        onset, reason = book.uid("ST_ONSET_DATE"), book.uid("ST_TEST_REASON")
    other = as_role("tracer", "5501", "kollega")
    with work(pool, other, settings, action="test") as there:
        interview.answer(open_book(there), enrollment, "ST_ONSET_DATE", "2022-01-17")
    with at_work() as book:
        theirs = interview.theirs(book, person, onset, "2022-01-16", seen)
        assert theirs is not None and theirs.value == "2022-01-17"
        assert interview.theirs(book, person, onset, "2022-01-17", seen) is None
        assert interview.theirs(book, person, reason, "OTHER", seen) is None
        assert interview.theirs(book, person, onset, "2022-01-16", theirs.seen) is None


@pytest.mark.parametrize(
    "result, counted", [("POSITIVE", "2022-01-17"), ("NEGATIVE", "2022-01-19")]
)
def test_the_case_counts_on_the_first_positive_test_else_the_report(at_work, case, result, counted):
    enrollment = case(f"9999101{len(result)}")
    with at_work() as book:
        register.add_test(
            book, enrollment, {"ST_TEST_DATE": "2022-01-17", "ST_TEST_RESULT": result}
        )
    with at_work() as book:
        file = files.case_file(book, enrollment)
        assert book.text(file.interview, "ST_COUNT_DATE") == counted


def test_a_corrected_test_moves_the_count_and_a_taken_back_one_leaves_it(at_work, case):
    enrollment = case("99991020")
    with at_work() as book:
        test = register.add_test(
            book, enrollment, {"ST_TEST_DATE": "2022-01-17", "ST_TEST_RESULT": "POSITIVE"}
        )
    with at_work() as book:
        episode.save_test(book, enrollment, test, {"ST_TEST_DATE": "2022-01-16"})
        file = files.case_file(book, enrollment)
        assert book.text(file.interview, "ST_COUNT_DATE") == "2022-01-16"
        assert file.tests[0].occurred_at.date().isoformat() == "2022-01-16"
    with at_work() as book:
        episode.take_back_test(book, enrollment, test)
        file = files.case_file(book, enrollment)
        assert not file.tests and book.text(file.interview, "ST_COUNT_DATE") == "2022-01-19"


def test_a_mistake_and_a_death_can_be_undone(at_work, case):
    enrollment = case("99991030")
    with at_work() as book:
        episode.mistake(book, enrollment)
        assert files.case_file(book, enrollment).enrollment.status == "CANCELLED"
        episode.undo(book, enrollment)
        file = files.case_file(book, enrollment)
        assert file.enrollment.status == "ACTIVE"
        assert not book.text(file.interview, "ST_REGISTERED_BY_MISTAKE")
    with at_work() as book:
        register.died(book, enrollment, date(2022, 1, 20))
        file = files.case_file(book, enrollment)
        assert file.enrollment.status == "COMPLETED"
        assert episode.death_of(book, file.entity) == date(2022, 1, 20)
    with at_work() as book:
        episode.undo(book, enrollment)
        file = files.case_file(book, enrollment)
        assert file.enrollment.status == "ACTIVE" and file.isolation is not None
        assert episode.death_of(book, file.entity) is None


def test_quarantine_at_the_test_is_filled_in_where_our_records_know_it(at_work, case):
    source = case("99991040")
    row = typed.understand(
        {"name": "Kari Prøve", "phone": "99991041", "relation": "husstand", "last": "18.1."},
        date(2022, 1, 20),
    )
    with at_work() as book:
        saved = sheet.save_row(book, files.case_file(book, source), row)
        measures.confirm_all(book, saved.enrollment)
    with at_work() as book:
        contact = book.person(saved.tracked_entity)
        made = register.register_index(
            book, {}, {"ST_REPORT_DATE": "2022-01-20"}, existing=contact.tracked_entity
        )
        register.add_test(
            book, made.enrollment, {"ST_TEST_DATE": "2022-01-20", "ST_TEST_RESULT": "POSITIVE"}
        )
    with at_work() as book:
        file = files.case_file(book, made.enrollment)
        assert book.text(file.interview, "ST_WAS_IN_QUARANTINE") == "YES"


def test_a_contact_met_on_two_days_is_one_contact_whose_days_grow(at_work, case):
    today = date(2022, 1, 20)
    enrollment = case("99991050")
    row = typed.understand({"name": "Mona Prøve", "first": "17.1.", "last": "17.1."}, today)
    again = typed.understand({"name": "mona prøve", "phone": "", "last": "19.1."}, today)
    with at_work() as book:
        event = day_by_day.add(book, files.case_file(book, enrollment), row, date(2022, 1, 17))
        file = files.case_file(book, enrollment)
        assert day_by_day.add(book, file, again, date(2022, 1, 19)) == event
        day_by_day.met_too(book, files.case_file(book, enrollment), event, date(2022, 1, 16))
    with at_work() as book:
        (view,) = files.case_file(book, enrollment).contacts
        assert (view.exposure.first_on, view.exposure.last_on) == (
            date(2022, 1, 16),
            date(2022, 1, 19),
        )
        assert view.record.occurred_at.date() == date(2022, 1, 19)
        with pytest.raises(Refused, match="T003"):
            day_by_day.met_too(book, files.case_file(book, enrollment), "abcdefghijk", today)
