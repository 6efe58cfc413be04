"""Hand-over between kommuner: asked, accepted or refused; and what each side then sees."""

import pytest

from smittesporing.problems import Refused
from smittesporing.tracker import ownership, read
from smittesporing.uid import new_uid


@pytest.fixture
def pair(world):
    """Tromsø's and Bergen's tracers, and an index case of Tromsø."""
    tromso, bergen = world("tracer", "5501"), world("tracer", "4601")
    made = {"person": new_uid(), "enrollment": new_uid(), "old": new_uid(), "event": new_uid()}
    report = tromso.send(
        {
            "trackedEntities": [
                tromso.person(
                    trackedEntity=made["person"],
                    enrollments=[
                        tromso.enrollment(
                            enrollment=made["old"], status="COMPLETED", enrolledAt="2021-03-01"
                        ),
                        tromso.enrollment(
                            enrollment=made["enrollment"],
                            events=[tromso.event("ST_INDEX_INTERVIEW", event=made["event"])],
                        ),
                    ],
                )
            ]
        }
    )
    assert report.ok, report.errors
    return tromso, bergen, made


def seen(world, person):
    with world.work() as here:
        found = read.person(here, person)
    return [one.enrollment for one in found.enrollments] if found else None


def test_an_asked_hand_over_moves_nothing_and_both_see_it(pair):
    tromso, bergen, made = pair
    with tromso.work() as here:
        asked = ownership.ask(here, made["enrollment"], 4601, "Har flyttet")
    with bergen.work() as here:
        assert asked in ownership.transfers(here)
    assert seen(bergen, made["person"]) is None
    assert seen(tromso, made["person"]) == [made["old"], made["enrollment"]]


def test_accepted_the_open_episode_moves_and_the_closed_one_stays(pair):
    tromso, bergen, made = pair
    with tromso.work() as here:
        asked = ownership.ask(here, made["enrollment"], 4601, "Har flyttet")
    with bergen.work() as here:
        assert ownership.answer(here, asked.transfer, accept=True).state == "ACCEPTED"
    assert seen(bergen, made["person"]) == [made["enrollment"]]
    assert seen(tromso, made["person"]) == [made["old"]]
    with bergen.work() as here:
        owners = here.conn.execute(
            f"""select owner from projection."event_{bergen.uid("ST_INDEX_INTERVIEW")}"
                 where event = %s""",
            (made["event"],),
        ).fetchall()
        history = here.conn.execute(
            "select count(*) as n from tracker.history where uid = %s", (made["event"],)
        ).fetchone()
    assert owners == [{"owner": 4601}] and history["n"] == 1


def test_refused_with_a_reason_nothing_moves(pair):
    tromso, bergen, made = pair
    with tromso.work() as here:
        asked = ownership.ask(here, made["enrollment"], 4601, "Har flyttet")
    with bergen.work() as here:
        answered = ownership.answer(here, asked.transfer, accept=False, text="Bor ikke her")
    assert (answered.state, answered.answer) == ("REFUSED", "Bor ikke her")
    assert seen(bergen, made["person"]) is None
    with bergen.work() as here, pytest.raises(Refused, match="T204"):
        ownership.answer(here, asked.transfer, accept=True)


def test_nobody_answers_for_another_or_asks_twice(pair):
    tromso, bergen, made = pair
    with tromso.work() as here:
        asked = ownership.ask(here, made["enrollment"], 4601, "Har flyttet")
        with pytest.raises(Refused, match="T204"):
            ownership.ask(here, made["enrollment"], 301, "Eller Oslo")
        with pytest.raises(Refused, match="T204"):
            ownership.answer(here, asked.transfer, accept=True)
    with bergen.work() as here:
        with pytest.raises(Refused, match="T204"):
            ownership.withdraw(here, asked.transfer)
        with pytest.raises(Refused, match="T003"):
            ownership.ask(here, made["enrollment"], 4601, "Kom hit")
    with tromso.work() as here:
        assert ownership.withdraw(here, asked.transfer).state == "WITHDRAWN"


def test_one_learns_who_follows_up_and_leaves_a_line_in_the_log(pair, owner):
    _, bergen, made = pair
    with bergen.work() as here:
        assert ownership.followed_up_by(here, made["person"]) == (5501,)
        request = here.request
    rows = owner.execute(
        "select tracked_entity from access.log_person where request = %s", (request,)
    ).fetchall()
    assert rows == [{"tracked_entity": made["person"]}]


def test_a_link_ends_at_both_ends_though_one_is_out_of_reach(pair):
    tromso, bergen, made = pair
    event, link = new_uid(), new_uid()
    exposure = tromso.event("ST_CONTACT_EXPOSURE", event=event)
    contact, contact_in = new_uid(), new_uid()
    assert tromso.send(
        {
            "trackedEntities": [
                tromso.person(
                    trackedEntity=contact,
                    enrollments=[
                        tromso.enrollment("ST_CONTACT", enrollment=contact_in, events=[exposure])
                    ],
                )
            ],
            "relationships": [
                tromso.link(
                    "ST_EXPOSURE_LINK",
                    ("enrollment", made["enrollment"]),
                    ("event", event),
                    relationship=link,
                )
            ],
        }
    ).ok
    with tromso.work() as here:
        asked = ownership.ask(here, contact_in, 4601, "Bor i Bergen")
    with bergen.work() as here:
        ownership.answer(here, asked.transfer, accept=True)
    assert tromso.send({"relationships": [{"relationship": link}]}, strategy="DELETE").ok
    with bergen.work() as here:
        left = here.conn.execute(
            "select deleted from tracker.relationship_end where relationship = %s", (link,)
        ).fetchall()
    assert left == [{"deleted": True}]
