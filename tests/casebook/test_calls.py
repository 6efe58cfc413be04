"""Who to call today, in which order, and what an answer leads to."""

from datetime import date

import pytest

from smittesporing.problems import Refused
from smittesporing.tracing.casebook import (
    calls,
    decide,
    files,
    measures,
    open_work,
    register,
    sheet,
    tasks,
)
from smittesporing.tracing.casebook.typed import understand
from smittesporing.tracker.records import Bundle

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
    cells = {
        "name": "Kari Prøve",
        "phone": str(next(numbers)),
        "relation": "husstand",
        "last": "18.1.",
    }
    saved = sheet.save_row(book, index, understand(cells, book.today))
    return index, saved


def planned_today(book, enrollment):
    file = files.contact_file(book, enrollment)
    return [c for c in file.calls if c.status == "SCHEDULE" and c.planned_on == book.today]


def days_planned(book, enrollment):
    file = files.contact_file(book, enrollment)
    return [c.planned_on for c in file.calls if c.status == "SCHEDULE"]


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
        days = [
            c.planned_on
            for c in files.contact_file(book, saved.enrollment).calls
            if c.status == "SCHEDULE"
        ]
    assert date(2022, 1, 21) in days


def test_an_agreed_call_stands_when_the_rules_are_asked_again(at_work, numbers):
    with at_work() as book:
        _, saved = a_household_contact(book, numbers)
        call = planned_today(book, saved.enrollment)[0]
        calls.postpone(book, saved.enrollment, call.event, date(2022, 1, 21), "Jobber i kveld")
        decide.decide(book, [saved.tracked_entity])
        assert date(2022, 1, 21) in days_planned(book, saved.enrollment)


def test_a_contact_who_reports_symptoms_rises_to_the_top(at_work, numbers):
    with at_work() as book:
        _, saved = a_household_contact(book, numbers)
        call = planned_today(book, saved.enrollment)[0]
        answer = {"ST_CALL_OUTCOME": "REACHED", "ST_HEALTH_STATUS": "SYMPTOMS"}
        made = calls.log_call(book, saved.enrollment, answer, call.event)
        rows = [r for r in tasks.tasks(book) if not r.is_index]
        assert rows[0].enrollment.enrollment == saved.enrollment
        assert rows[0].ranked.chip == "Ring nå"
        assert rows[0].ranked.reason.startswith("Meldte symptomer kl.")
        again = calls.undo_call(book, saved.enrollment, made)
        row = tasks.row_of(book, saved.enrollment, again)
        assert [c.event for c in planned_today(book, saved.enrollment)] == [again]
    assert row is not None and row.ranked.chip == "Ring i dag"


def test_a_call_taken_back_leaves_no_answer_and_is_due_again(at_work, numbers):
    with at_work() as book:
        _, saved = a_household_contact(book, numbers)
        call = planned_today(book, saved.enrollment)[0]
        before = tasks.counts(book)
        made = calls.log_call(book, saved.enrollment, {"ST_CALL_OUTCOME": "REACHED"}, call.event)
        assert calls.undo_call(book, saved.enrollment, made) != ""
        after = tasks.counts(book)  # it is due again, for the one who took it back
        assert (after.team, after.done, after.mine) == (before.team, before.done, before.mine + 1)
        tried = calls.log_call(book, saved.enrollment, {"ST_CALL_OUTCOME": "NO_ANSWER"}, "")
        assert calls.undo_call(book, saved.enrollment, tried) != ""
        assert tasks.counts(book) == after


def test_somebody_else_who_logged_the_call_first_is_not_overwritten(at_work, numbers):
    with at_work() as book:
        _, saved = a_household_contact(book, numbers)
        call = planned_today(book, saved.enrollment)[0]
        calls.log_call(book, saved.enrollment, {"ST_CALL_OUTCOME": "REACHED"}, call.event)
        with pytest.raises(Refused, match="T007"):
            calls.log_call(book, saved.enrollment, {"ST_CALL_OUTCOME": "REACHED"}, call.event)


def test_a_person_with_calls_of_three_days_is_one_line_and_one_answer_is_enough(at_work, numbers):
    with at_work() as book:
        _, saved = a_household_contact(book, numbers)
        for _ in range(2):
            calls.plan(book, saved.enrollment, book.today)
        before = tasks.counts(book)
        mine = [r for r in tasks.tasks(book) if r.enrollment.enrollment == saved.enrollment]
        assert len(mine) == 1
        calls.log_call(book, saved.enrollment, {"ST_CALL_OUTCOME": "REACHED"}, mine[0].event)
        assert planned_today(book, saved.enrollment) == []
        assert tasks.counts(book).team == before.team - 1


def test_whoever_is_given_a_call_gets_the_persons_later_calls_too(at_work, numbers):
    with at_work() as book:
        _, saved = a_household_contact(book, numbers)
        call = planned_today(book, saved.enrollment)[0]
        calls.assign(book, saved.enrollment, call.event, book.work.reach.user)
        file = files.contact_file(book, saved.enrollment)
        assert {c.assigned_user for c in file.calls} == {book.work.reach.user}
        load = next(one for one in open_work.board(book) if one.who == book.work.reach.user)
        assert load.open >= 1
        calls.assign(book, saved.enrollment, call.event, None)
        assert {c.assigned_user for c in files.contact_file(book, saved.enrollment).calls} == {""}


def test_a_positive_contact_without_a_planned_call_still_stands_on_the_list(at_work, numbers):
    with at_work() as book:
        _, saved = a_household_contact(book, numbers)
        call = planned_today(book, saved.enrollment)[0]
        calls.log_call(book, saved.enrollment, {"ST_CALL_OUTCOME": "REACHED"}, call.event)
        test = {"ST_TEST_DATE": "2022-01-20", "ST_TEST_KIND": "PCR", "ST_TEST_RESULT": "POSITIVE"}
        register.add_test(book, saved.enrollment, test)
        row = next(r for r in tasks.tasks(book) if r.enrollment.enrollment == saved.enrollment)
    assert (row.ranked.chip, row.event) == ("Prøvesvar", "")


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


def test_a_planned_call_that_somebody_deleted_is_not_planned_again(at_work, numbers):
    with at_work() as book:
        _, saved = a_household_contact(book, numbers)
        call = planned_today(book, saved.enrollment)[0]
        person = book.person(saved.tracked_entity)
        event = next(e for n in person.enrollments for e in n.events if e.event == call.event)
        book.save(Bundle(events=(event,)), "DELETE")
        decide.decide(book, [saved.tracked_entity])
        assert planned_today(book, saved.enrollment) == []
