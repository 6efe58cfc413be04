"""Who to call today, in which order, and what an answer leads to."""

from datetime import date

import pytest

from smittesporing.problems import Refused
from smittesporing.tracing.casebook import calls, files, measures, register, sheet, tasks
from smittesporing.tracing.casebook.typed import understand

INDEX = {
    "ST_CASE_STATUS": "CONFIRMED",
    "ST_SYMPTOMS": "true",
    "ST_ONSET_DATE": "2022-01-18",
    "ST_REPORT_DATE": "2022-01-19",
}


@pytest.fixture(scope="module")
def numbers():
    return iter(range(99993000, 99994000))


def a_household_contact(book, numbers):
    person = {"ST_GIVEN_NAME": "Ola", "ST_FAMILY_NAME": "Prøve", "ST_PHONE": str(next(numbers))}
    made = register.register_index(book, person, INDEX)
    index = files.case_file(book, made.enrollment)
    cells = {"name": "Kari Prøve", "phone": str(next(numbers)), "relation": "husstand", "last": "18.1."}
    saved = sheet.save_row(book, index, understand(cells, book.today))
    return index, saved


def planned_today(book, enrollment):
    file = files.contact_file(book, enrollment)
    return [c for c in file.calls if c.status == "SCHEDULE" and c.planned_on == book.today]


def test_a_new_household_contact_is_to_be_called_today_and_shows_in_the_list(at_work, numbers):
    with at_work() as book:
        before = tasks.counts(book)
        _, saved = a_household_contact(book, numbers)
        after = tasks.counts(book)
        assert after.team == before.team + 2  # the index's first call and the contact's
        assert after.unassigned == before.unassigned + 2
        row = next(r for r in tasks.tasks(book) if r.enrollment.enrollment == saved.enrollment)
    assert row.ranked.chip == "Ring i dag"
    assert row.category == "HOUSEHOLD"
    assert row.index_number


def test_an_answer_completes_the_call_and_an_unanswered_try_does_not(at_work, numbers):
    with at_work() as book:
        _, saved = a_household_contact(book, numbers)
        call = planned_today(book, saved.enrollment)[0]
        calls.log_call(book, saved.enrollment, {"ST_CALL_OUTCOME": "NO_ANSWER"}, call.event)
        assert len(planned_today(book, saved.enrollment)) == 1
        row = next(r for r in tasks.tasks(book) if r.enrollment.enrollment == saved.enrollment)
        assert "Ett anrop uten svar" in row.ranked.reason
        answer = {"ST_CALL_OUTCOME": "REACHED", "ST_HEALTH_STATUS": "NO_SYMPTOMS"}
        calls.log_call(book, saved.enrollment, answer, call.event)
        assert planned_today(book, saved.enrollment) == []
        assert tasks.counts(book).done_by_me >= 1


def test_a_call_without_an_outcome_is_refused(at_work, numbers):
    with at_work() as book:
        _, saved = a_household_contact(book, numbers)
        with pytest.raises(Refused, match="T010"):
            calls.log_call(book, saved.enrollment, {})


def test_a_postponed_call_is_due_on_the_new_day(at_work, numbers):
    with at_work() as book:
        _, saved = a_household_contact(book, numbers)
        call = planned_today(book, saved.enrollment)[0]
        calls.postpone(book, saved.enrollment, call.event, date(2022, 1, 21), "Jobber i kveld")
        assert planned_today(book, saved.enrollment) == []
        days = [c.planned_on for c in files.contact_file(book, saved.enrollment).calls if c.status == "SCHEDULE"]
    assert date(2022, 1, 21) in days


def test_the_next_free_call_becomes_mine(at_work, numbers):
    with at_work() as book:
        a_household_contact(book, numbers)
        before = tasks.counts(book)
        assert calls.take_next(book) is not None
        after = tasks.counts(book)
    assert (after.mine, after.unassigned) == (before.mine + 1, before.unassigned - 1)


def test_a_contact_who_tests_positive_becomes_an_index_and_keeps_her_history(at_work, numbers):
    with at_work() as book:
        _, saved = a_household_contact(book, numbers)
        measures.confirm_verdict(book, saved.enrollment, saved.event)
        with pytest.raises(Refused, match="T010"):
            calls.become_index(book, saved.enrollment)
        test = {"ST_TEST_DATE": "2022-01-20", "ST_TEST_KIND": "PCR", "ST_TEST_RESULT": "POSITIVE"}
        register.add_test(book, saved.enrollment, test)
        made = calls.become_index(book, saved.enrollment)
        case = files.case_file(book, made.enrollment)
        person = book.person(saved.tracked_entity)
        roles = files.roles_of(book, person)
        assert files.contact_file(book, saved.enrollment).enrollment.status == "COMPLETED"
    assert case.case.status == "CONFIRMED"
    assert case.isolation is not None
    assert {role.program for role in roles} == {"INDEX", "CONTACT"}
    assert len(case.tests) == 1
    assert case.interview is not None


def test_the_neighbours_list_is_empty(at_work, numbers):
    with at_work() as book:
        a_household_contact(book, numbers)
    with at_work(kommune="5532") as book:
        assert tasks.tasks(book) == ()
        assert tasks.counts(book).team == 0
