"""Records as values for the rooms above, the news they follow, and two who save at once."""

import threading
import time
from datetime import date

import pytest

from smittesporing.problems import Refused
from smittesporing.tracker import history, read
from smittesporing.tracker.importer import importing
from smittesporing.uid import new_uid


@pytest.fixture
def made(tromso):
    """A contact with an exposure, a call that is due and one that is done."""
    uids = {"person": new_uid(), "enrollment": new_uid(), "exposure": new_uid(), "due": new_uid()}
    events = [
        tromso.event(
            "ST_CONTACT_EXPOSURE",
            {"ST_RELATION": "FRIEND"},
            event=uids["exposure"],
            occurredAt="2022-01-08",
        ),
        tromso.event(
            "ST_CONTACT_FOLLOW_UP",
            event=uids["due"],
            status="SCHEDULE",
            occurredAt=None,
            scheduledAt="2022-01-20",
        ),
        tromso.event("ST_CONTACT_FOLLOW_UP", status="COMPLETED", occurredAt="2022-01-15"),
    ]
    report = tromso.send(
        {
            "trackedEntities": [
                tromso.person(
                    trackedEntity=uids["person"],
                    enrollments=[
                        tromso.enrollment(
                            "ST_CONTACT", enrollment=uids["enrollment"], events=events
                        )
                    ],
                )
            ]
        }
    )
    assert report.ok, report.errors
    return uids


def test_a_person_comes_whole_with_events_oldest_first(tromso, made):
    with tromso.work() as here:
        found = read.person(here, made["person"])
    assert found.value(tromso.uid("ST_GIVEN_NAME")) == "Kari"
    (enrollment,) = found.in_program(tromso.uid("ST_CONTACT"))
    days = [(e.occurred_at or e.scheduled_at).date().isoformat() for e in enrollment.events]
    assert days == ["2022-01-08", "2022-01-15", "2022-01-20"]
    (exposure,) = enrollment.in_stage(tromso.uid("ST_CONTACT_EXPOSURE"))
    assert exposure.value(tromso.uid("ST_RELATION")) == "FRIEND"
    assert exposure.value(tromso.uid("ST_MINUTES")) == ""
    assert (found.owners, enrollment.owner, exposure.owner) == ((5501,), 5501, 5501)


def test_enrollments_are_found_by_days_included_at_both_ends(tromso, made):
    program = tromso.uid("ST_CONTACT")

    def found(**when):
        with tromso.work() as here:
            enrollments = read.enrollments_where(here, program=program, **when)
        return made["enrollment"] in {one.enrollment for one in enrollments}

    day = date(2022, 1, 10)
    assert found(enrolled_from=day, enrolled_to=day)
    assert not found(enrolled_from=date(2022, 1, 11))
    assert not found(enrolled_to=date(2022, 1, 9))
    assert found(owners=[5501], statuses=["ACTIVE"]) and not found(statuses=["COMPLETED"])
    assert not found(owners=[4601]), "asking for another kommune's owners gives nothing"


def test_calls_that_are_due_are_found_by_stage_status_and_day(tromso, made):
    stage = tromso.uid("ST_CONTACT_FOLLOW_UP")

    def found(**more):
        with tromso.work() as here:
            events = read.events_where(here, stages=[stage], statuses=["SCHEDULE"], **more)
        return made["due"] in {event.event for event in events}

    assert found(scheduled_to=date(2022, 1, 20)) and not found(scheduled_to=date(2022, 1, 19))
    assert not found(assigned_user="nobody12345")
    with tromso.work() as here:
        exposures = read.events_where(
            here,
            stages=[tromso.uid("ST_CONTACT_EXPOSURE")],
            data={tromso.uid("ST_RELATION"): ["FRIEND", "FAMILY"]},
            enrollments=[made["enrollment"]],
        )
    assert [event.event for event in exposures] == [made["exposure"]]


def news_when_it_comes(world, after, least=1):
    """Transactions of the server's other databases hold news back too: wait for them, ten seconds at most."""
    until = time.monotonic() + 10
    while True:
        with world.work() as here:
            news = history.news(here, after)
        if len(news) >= least or time.monotonic() > until:
            return news
        time.sleep(0.05)


def test_news_comes_once_and_holds_back_what_is_not_committed(tromso, made):
    seen = news_when_it_comes(tromso, 0, len(made))
    with tromso.work() as here:
        last = seen[-1].sequence
        assert {one.uid for one in seen} >= set(made.values())
        assert history.news(here, last) == []
    event = {"event": made["exposure"], "occurredAt": "2022-01-07"}
    with tromso.work() as writing:
        assert importing(writing, {"events": [event]}).ok
        with tromso.work() as reading:
            assert history.news(reading, last) == []
    assert [(one.uid, one.action) for one in news_when_it_comes(tromso, last)] == [
        (made["exposure"], "UPDATE")
    ]


def test_two_who_take_the_same_uid_at_once_do_not_both_get_it(tromso):
    payload = {"trackedEntities": [tromso.person(trackedEntity=new_uid())]}
    refused = []

    def second():
        try:
            tromso.send(payload)
        except Refused as refusal:
            refused.append(refusal.problem.code)

    with tromso.work() as first:
        assert importing(first, payload).ok
        other = threading.Thread(target=second)
        other.start()
        other.join(0.5)
        assert other.is_alive(), "the second waits until the first is through"
    other.join(10)
    assert refused == ["T203"]
