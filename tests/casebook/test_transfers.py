"""A case handed over to Asker: what each side sees, who has the duty, and what is kept."""

from datetime import date

import pytest

from smittesporing.problems import Refused
from smittesporing.tracing.casebook import calls, files, register, tasks, transfers

INDEX = {
    "ST_CASE_STATUS": "CONFIRMED",
    "ST_SYMPTOMS": "true",
    "ST_ONSET_DATE": "2022-01-18",
    "ST_REPORT_DATE": "2022-01-19",
}
REASON = "Personen er reist hjem og er i isolasjon der."


@pytest.fixture(scope="module")
def numbers():
    return iter(range(99994000, 99995000))


@pytest.fixture
def asked(at_work, numbers):
    """An index case of Tromsø that Asker is asked to take over: (hand-over, person)."""
    with at_work(kommune="3203"):
        pass
    with at_work() as book:
        person = {
            "ST_GIVEN_NAME": "Mona",
            "ST_FAMILY_NAME": "Prøve",
            "ST_PHONE": str(next(numbers)),
        }
        made = register.register_index(book, person, INDEX)
        call = calls.due_of(book, record_of(book, made.enrollment))[0]
        calls.assign(book, made.enrollment, call.event, book.work.reach.user)
        return transfers.ask(book, made.enrollment, 3203, REASON)


def record_of(book, enrollment):
    return files.enrollment_of(book.person(files.entity_of(book, enrollment)), enrollment)


def told(book, enrollment):
    """State and answer of the event in the stage *Overføring*."""
    events = book.stage(record_of(book, enrollment), "ST_INDEX_TRANSFER")
    return [(book.text(e, "ST_TRANSFER_STATE"), book.text(e, "ST_TRANSFER_ANSWER")) for e in events]


def view(book, uid):
    return next((v for v in transfers.listed(book) if v.transfer.transfer == uid), None)


def test_while_it_waits_the_sender_follows_up_and_the_receiver_sees_no_person(asked, at_work):
    with at_work() as book:
        mine = view(book, asked.transfer)
        assert told(book, asked.enrollment) == [("ASKED", "")]
        assert [r for r in tasks.tasks(book) if r.enrollment.enrollment == asked.enrollment]
    assert mine is not None and not mine.incoming and mine.person.name == "Mona Prøve"
    with at_work(kommune="3203") as book:
        theirs = view(book, asked.transfer)
        assert transfers.waiting(book) >= 1
        with pytest.raises(Refused, match="T003"):
            files.case_file(book, asked.enrollment)
    assert theirs is not None and theirs.incoming and theirs.person is None
    assert (theirs.from_name, theirs.transfer.reason) == (mine.from_name, REASON)
    assert theirs.asked_by != "" and theirs.asked_by != asked.asked_by


def test_accepted_the_person_and_her_calls_are_the_receivers(asked, at_work):
    with at_work(kommune="3203") as book:
        transfers.accept(book, asked.transfer)
        assert told(book, asked.enrollment) == [("ACCEPTED", "")]
        case = files.case_file(book, asked.enrollment)
        row = next(r for r in tasks.tasks(book) if r.enrollment.enrollment == asked.enrollment)
        assert view(book, asked.transfer).person.name == "Mona Prøve"
    assert case.enrollment.owner == 3203
    assert case.isolation is not None and case.isolation.earliest_end == date(2022, 1, 24)
    assert row.assigned_user == ""
    with at_work() as book:
        with pytest.raises(Refused, match="T003"):
            files.case_file(book, asked.enrollment)
        mine = view(book, asked.transfer)
    assert (mine.transfer.state, mine.person) == ("ACCEPTED", None)


def test_refused_the_sender_goes_on_and_is_told_until_she_has_read_it(asked, at_work):
    with at_work(kommune="3203") as book:
        with pytest.raises(Refused, match="T010"):
            transfers.refuse(book, asked.transfer, "  ")
        transfers.refuse(book, asked.transfer, "Bor ikke her")
    with at_work() as book:
        assert [v.transfer.transfer for v in transfers.answered(book)] == [asked.transfer]
        transfers.acknowledge(book, asked.transfer)
        assert told(book, asked.enrollment) == [("REFUSED", "Bor ikke her")]
        assert transfers.answered(book) == ()
        assert transfers.ask(book, asked.enrollment, 3203, "Jo, siden i går").state == "ASKED"


def test_withdrawn_it_is_closed_for_both(asked, at_work):
    with at_work() as book:
        transfers.withdraw(book, asked.transfer)
        assert told(book, asked.enrollment) == [("WITHDRAWN", "")]
    with at_work(kommune="3203") as book, pytest.raises(Refused, match="T204"):
        transfers.accept(book, asked.transfer)


def test_only_a_kommune_that_uses_the_service_may_be_asked_and_a_reason_is_needed(
    asked, at_work, numbers
):
    with at_work() as book:
        person = {"ST_GIVEN_NAME": "Per", "ST_FAMILY_NAME": "Prøve", "ST_PHONE": str(next(numbers))}
        made = register.register_index(book, person, INDEX)
        assert 5544 not in {unit.id for unit in transfers.receivers(book)}
        assert 5501 not in {unit.id for unit in transfers.receivers(book)}
        for to, reason in ((5544, REASON), (None, REASON), (5501, REASON), (3203, " ")):
            with pytest.raises(Refused, match="T010"):
                transfers.ask(book, made.enrollment, to, reason)
        with pytest.raises(Refused, match="T204"):
            transfers.ask(book, asked.enrollment, 3203, REASON)


def test_a_third_kommune_neither_sees_nor_answers_it(asked, at_work):
    with at_work(kommune="5532") as book:
        assert view(book, asked.transfer) is None
        for act in (transfers.accept, transfers.withdraw, transfers.acknowledge):
            with pytest.raises(Refused, match="T003"):
                act(book, asked.transfer)
