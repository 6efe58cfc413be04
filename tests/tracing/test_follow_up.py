"""Whom to call, on which days, and in which order."""

from datetime import date, datetime, timedelta

import pytest

from smittesporing.tracing import follow_up, isolation, measures, rulebook
from smittesporing.tracing.days import OSLO
from smittesporing.tracing.follow_up import Task, TaskKind
from smittesporing.tracing.people import Category, Jurisdiction, WhoTells
from tests.tracing.story import a_case, a_contact, an_exposure

BOOK = rulebook.load()
WHERE = Jurisdiction("5501")
NOON = datetime(2022, 1, 20, 12, tzinfo=OSLO)
AUTUMN = datetime(2020, 11, 16, 12, tzinfo=OSLO)


def calls(category, last_on, at=NOON, contact=None, **exposure):
    case = a_case({"onset_on": last_on})
    contact = a_contact(contact or {})
    exposed = (measures.Exposed(case, an_exposure({"last_on": last_on, **exposure}), category),)
    proposals = measures.for_contact(contact, exposed, BOOK, at, WHERE)
    found = follow_up.calls_for_contact(contact, category, proposals, BOOK, at, WHERE)
    return [(call.on.isoformat(), call.reason) for call in found]


def test_a_household_contact_is_called_the_same_day_on_the_test_day_and_on_the_last():
    assert calls(Category.HOUSEHOLD, date(2022, 1, 18)) == [
        ("2022-01-20", "FIRST_CALL"),
        ("2022-01-25", "TEST_DAY"),
        ("2022-01-28", "LAST_DAY"),
    ]


def test_in_january_2022_the_case_tells_others_and_we_do_not_call_them():
    assert calls(Category.OTHER_CLOSE, date(2022, 1, 18)) == []
    assert follow_up.who_tells(Category.OTHER_CLOSE, BOOK, NOON, "COVID19", WHERE) is WhoTells.CASE


def test_in_november_2020_the_kommune_calls_everybody():
    contact = {"told_at": datetime(2020, 11, 15, 12, tzinfo=OSLO)}
    assert calls(Category.OTHER_CLOSE, date(2020, 11, 14), AUTUMN, contact) == [
        ("2020-11-15", "TEST_DAY"),
        ("2020-11-24", "LAST_DAY"),
    ]


def test_the_first_call_stays_on_the_day_the_contact_came_to_us():
    planned = calls(
        Category.HOUSEHOLD, date(2022, 1, 18), contact={"registered_on": date(2022, 1, 19)}
    )
    assert planned[0] == ("2022-01-19", "FIRST_CALL")


def test_a_contact_without_an_end_has_no_last_call_yet():
    planned = calls(Category.HOUSEHOLD, date(2022, 1, 18), keeps_distance=False, ongoing=True)
    assert planned == [("2022-01-20", "FIRST_CALL")]


def test_somebody_the_school_tells_is_not_called():
    found = follow_up.calls_for_contact(
        a_contact({}), Category.HOUSEHOLD, (), BOOK, NOON, WHERE, WhoTells.SCHOOL
    )
    assert found == ()


def test_a_case_is_called_every_day_until_the_isolation_may_end():
    case = a_case({"onset_on": date(2022, 1, 18)})
    proposals = isolation.for_case(case, BOOK, NOON, WHERE)
    found = follow_up.calls_for_case(case, proposals, BOOK, NOON, WHERE)
    assert [call.reason for call in found] == ["FIRST_CALL", "DAILY", "DAILY", "DAILY", "LAST_DAY"]
    assert found[-1].on == date(2022, 1, 24)


@pytest.mark.parametrize(
    "facts", [{"status": "RULED_OUT"}, {"isolation_ended_on": date(2022, 1, 19)}]
)
def test_a_case_that_is_over_is_not_called(facts):
    case = a_case({"onset_on": date(2022, 1, 12), **facts})
    assert follow_up.calls_for_case(case, (), BOOK, NOON, WHERE) == ()


def task(uid, kind=TaskKind.CALL, due=0, **facts):
    return Task(uid, kind, NOON.date() + timedelta(days=due), **facts)


def test_symptoms_first_then_answers_then_overdue_then_newest_contact_and_vulnerable_places():
    tasks = [
        task("ends", TaskKind.ENDS_TOMORROW, 1),
        task("old", last_contact=date(2022, 1, 12)),
        task("new", last_contact=date(2022, 1, 19)),
        task("z_care", last_contact=date(2022, 1, 12), vulnerable_place="Solvik"),
        task("late", due=-1),
        task("case", TaskKind.NEW_CASE),
        task("positive", TaskKind.POSITIVE),
        task("ill", TaskKind.SYMPTOMS),
    ]
    assert [ranked.task.uid for ranked in follow_up.order(tasks, NOON)] == [
        "ill",
        "positive",
        "case",
        "late",
        "new",
        "z_care",
        "old",
        "ends",
    ]


def test_the_nearest_deadline_breaks_a_tie():
    tasks = [
        task("free"),
        task("three", deadline=NOON.replace(hour=15)),
        task("one", deadline=NOON.replace(hour=13)),
    ]
    assert [ranked.task.uid for ranked in follow_up.order(tasks, NOON)] == ["one", "three", "free"]


@pytest.mark.parametrize(
    ("one", "group", "chip", "reason"),
    [
        (
            task(
                "a",
                TaskKind.SYMPTOMS,
                since=NOON.replace(hour=8, minute=12),
                attempts=2,
                attempted_at=NOON.replace(hour=10, minute=40),
            ),
            "Symptomer og prøvesvar",
            "Ring nå",
            "Meldte symptomer kl. 08.12. To anrop uten svar, sist kl. 10.40.",
        ),
        (
            task("b", TaskKind.POSITIVE, test_on=date(2022, 1, 19)),
            "Symptomer og prøvesvar",
            "Prøvesvar",
            "Positiv prøve, tatt 19. januar. Blir indeks når du bekrefter.",
        ),
        (
            task("c", due=-1, vulnerable_place="Solvik omsorgssenter"),
            "Forfalt",
            "Forfalt",
            "Skulle vært ringt i går. Sårbart sted: Solvik omsorgssenter.",
        ),
        (
            task("d", TaskKind.CAN_END, due=-1),
            "Ring i dag",
            "Kan oppheves",
            "Tidligste dag var i går. Bekreft 24 timer uten feber.",
        ),
        (
            task("e", note="Test dag 3 er i dag.", deadline=NOON.replace(hour=15)),
            "Ring i dag",
            "Ring i dag",
            "Test dag 3 er i dag. Gjelder før kl. 15.00.",
        ),
        (
            task("f", TaskKind.ENDS_TOMORROW, 1),
            "Slutter i morgen",
            "Karantene",
            "Siste dag er 21. januar.",
        ),
        (task("g", due=3), "Senere", "Ring i dag", "Planlagt samtale."),
    ],
)
def test_each_task_says_why_it_stands_where_it_does(one, group, chip, reason):
    (ranked,) = follow_up.order([one], NOON)
    assert (ranked.group, ranked.chip, ranked.reason) == (group, chip, reason)
