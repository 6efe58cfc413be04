"""A case is registered, decided on, corrected and closed, through the importer and the second wall."""

from datetime import date

import pytest

from smittesporing.problems import Refused
from smittesporing.tracing.casebook import files, measures, register

OLA = {
    "ST_GIVEN_NAME": "Ola",
    "ST_FAMILY_NAME": "Prøve",
    "ST_BIRTH_DATE": "1971-03-04",
    "ST_PHONE": "99990002",
}
CONFIRMED = {
    "ST_CASE_STATUS": "CONFIRMED",
    "ST_SYMPTOMS": "true",
    "ST_ONSET_DATE": "2022-01-18",
    "ST_REPORT_DATE": "2022-01-19",
}


def test_an_index_gets_a_number_a_window_and_a_proposed_isolation(at_work):
    with at_work() as book:
        made = register.register_index(book, OLA, CONFIRMED)
    with at_work() as book:
        file = files.case_file(book, made.enrollment)
    assert file.number == "2001"
    assert file.infectious is not None and file.infectious.from_ == date(2022, 1, 16)
    isolation = file.isolation
    assert isolation is not None
    assert (isolation.from_, isolation.earliest_end) == (date(2022, 1, 18), date(2022, 1, 24))
    assert isolation.state == "PROPOSED" and isolation.rule and isolation.citation
    assert [call.status for call in file.calls][:1] == ["SCHEDULE"]


def test_the_neighbouring_kommune_finds_nothing(at_work):
    with at_work() as book:
        made = register.register_index(book, OLA | {"ST_PHONE": "99990003"}, CONFIRMED)
    with at_work(kommune="5532") as book:
        with pytest.raises(Refused, match="T003"):
            files.case_file(book, made.enrollment)
        with pytest.raises(Refused, match="T003"):
            book.person(made.tracked_entity)


def test_the_same_number_is_the_same_person_with_a_new_episode(at_work):
    number = {"ST_NATIONAL_ID": "04837112345"}
    with at_work() as book:
        first = register.register_index(book, OLA | number, CONFIRMED)
    with at_work() as book, pytest.raises(Refused, match="T101"):
        register.register_index(book, OLA | number, CONFIRMED)
    with at_work() as book:
        register.set_status(book, first.enrollment, "COMPLETED")
        second = register.register_index(book, OLA | number, CONFIRMED)
    assert second.known_before and second.tracked_entity == first.tracked_entity
    with at_work(kommune="5532") as book, pytest.raises(Refused, match="T102"):
        register.register_index(book, OLA | number, CONFIRMED)


def test_two_who_type_in_the_same_field_both_get_an_answer(at_work):
    with at_work() as book:
        made = register.register_index(book, OLA | {"ST_PHONE": "99990004"}, CONFIRMED)
        version = files.case_file(book, made.enrollment).interview.version
    with at_work() as book:
        register.save_interview(book, made.enrollment, {"ST_ONSET_DATE": "2022-01-17"}, version)
    with at_work() as book, pytest.raises(Refused, match="T007"):
        register.save_interview(book, made.enrollment, {"ST_ONSET_DATE": "2022-01-16"}, version)
    with at_work() as book:
        file = files.case_file(book, made.enrollment)
    assert file.case.onset_on == date(2022, 1, 17)
    assert file.isolation is not None and file.isolation.earliest_end == date(2022, 1, 23)
    assert file.enrollment.occurred_at.date() == date(2022, 1, 17)


def test_an_isolation_ends_by_an_act_and_not_too_early(at_work):
    with at_work() as book:
        made = register.register_index(book, OLA | {"ST_PHONE": "99990005"}, CONFIRMED)
        row = files.case_file(book, made.enrollment).isolation
        measures.confirm(book, made.enrollment, row.event)
    with at_work() as book, pytest.raises(Refused, match="T106"):
        measures.end(book, made.enrollment, row.event, date(2022, 1, 20))
    with at_work() as book, pytest.raises(Refused, match="T103"):
        register.set_status(book, made.enrollment, "COMPLETED")
    with at_work("kommuneoverlege") as book:
        measures.end(book, made.enrollment, row.event, date(2022, 1, 20), "Falskt positivt svar.")
    with at_work() as book:
        register.set_status(book, made.enrollment, "COMPLETED")
        assert files.case_file(book, made.enrollment).enrollment.status == "COMPLETED"


def test_only_the_kommuneoverlege_exempts_and_with_grounds(at_work):
    with at_work() as book:
        made = register.register_index(book, OLA | {"ST_PHONE": "99990006"}, CONFIRMED)
        row = files.case_file(book, made.enrollment).isolation
        with pytest.raises(Refused, match="T104"):
            measures.exempt(book, made.enrollment, row.event, "Grunn")
    with at_work("kommuneoverlege") as book:
        with pytest.raises(Refused, match="T105"):
            measures.exempt(book, made.enrollment, row.event, "  ")
        measures.exempt(book, made.enrollment, row.event, "Alvorlig velferdsgrunn.")
        assert files.case_file(book, made.enrollment).isolation.state == "EXEMPT"


def test_registered_by_mistake_can_be_undone(at_work):
    with at_work() as book:
        made = register.register_index(book, OLA | {"ST_PHONE": "99990007"}, CONFIRMED)
        register.set_status(book, made.enrollment, "CANCELLED")
        assert files.case_file(book, made.enrollment).enrollment.status == "CANCELLED"
        register.set_status(book, made.enrollment, "ACTIVE")
        assert files.case_file(book, made.enrollment).enrollment.status == "ACTIVE"


def test_a_death_ends_the_measures_and_closes_the_case(at_work):
    with at_work() as book:
        made = register.register_index(book, OLA | {"ST_PHONE": "99990008"}, CONFIRMED)
        register.died(book, made.enrollment, date(2022, 1, 20))
        file = files.case_file(book, made.enrollment)
    assert file.enrollment.status == "COMPLETED"
    assert [row.state for row in file.measures if row.kind == "ISOLATION"] == ["ENDED"]
