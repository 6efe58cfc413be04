"""*Overføringer* through the door: asked, seen by both, accepted, refused; and closed to everybody else."""

import re

import pytest

from smittesporing.access.work import work
from smittesporing.tracing.casebook import register
from smittesporing.tracing.casebook.book import open_book

INDEX = {
    "ST_CASE_STATUS": "CONFIRMED",
    "ST_SYMPTOMS": "true",
    "ST_ONSET_DATE": "2022-01-18",
    "ST_REPORT_DATE": "2022-01-19",
}
REASON = "Er reist hjem til dere."


@pytest.fixture(scope="module")
def numbers():
    return iter(range(99996000, 99997000))


@pytest.fixture
def case(pool, settings, as_role, numbers):
    """An index case of Tromsø: its enrollment. Asker and Balsfjord use the service too."""
    as_role("tracer", "3203"), as_role("tracer", "5532")
    with work(pool, as_role("tracer", "5501"), settings, action="test") as here:
        person = {
            "ST_GIVEN_NAME": "Mona",
            "ST_FAMILY_NAME": "Flytt",
            "ST_PHONE": str(next(numbers)),
        }
        return register.register_index(open_book(here), person, INDEX).enrollment


def offered(receiver):
    return set(re.findall(r"/overforinger/(\w{11})/godta", receiver.get("/overforinger").text))


@pytest.fixture
def asked(browse, case):
    """(sender, receiver, enrollment, hand-over): Asker is asked to take over."""
    sender, receiver = browse("tracer", "5501"), browse("tracer", "3203")
    before = offered(receiver)
    assert sender.post(f"/overforinger/ny/{case}", to="3203", reason=REASON).status_code == 303
    (uid,) = offered(receiver) - before
    return sender, receiver, case, uid


def test_the_form_offers_kommuner_that_use_the_service_and_says_what_is_missing(browse, case):
    sender = browse("tracer", "5501")
    page = sender.get(f"/overforinger/ny/{case}")
    assert "Asker" in page.text and "Balsfjord" in page.text and "Nordreisa" not in page.text
    again = sender.post(f"/overforinger/ny/{case}", to="", reason=REASON)
    assert again.status_code == 400
    assert "Velg en kommune" in again.text and REASON in again.text
    assert "Skriv hvorfor" in sender.post(f"/overforinger/ny/{case}", to="3203", reason=" ").text
    assert sender.post(f"/overforinger/ny/{case}").status_code == 400


def test_both_sides_see_what_waits_and_only_the_sender_sees_whom(asked):
    sender, receiver, enrollment, _uid = asked
    ours, theirs = sender.get("/overforinger").text, receiver.get("/overforinger").text
    assert "Mona Flytt" in ours and "Venter på svar" in ours
    assert REASON in theirs and "Tromsø" in theirs and "tracer 5501" in theirs
    assert "Mona Flytt" not in theirs and enrollment not in theirs
    assert "En kommune ber dere ta over" in receiver.get(
        "/i-dag"
    ).text or "overføringer venter" in (receiver.get("/i-dag").text)
    assert "Venter på svar fra Asker" in sender.get(f"/indeks/{enrollment}/oppfolging").text
    assert receiver.get(f"/samtale/{enrollment}").status_code == 404
    assert sender.get(f"/samtale/{enrollment}").status_code == 200


def test_accepted_the_person_is_the_receivers_and_stands_on_its_list(asked):
    sender, receiver, enrollment, uid = asked
    done = receiver.post(f"/overforinger/{uid}/godta")
    assert done.status_code == 303 and enrollment in done.headers["location"]
    assert "Mona Flytt" in receiver.get("/i-dag?vis=ledige").text
    assert receiver.get(f"/samtale/{enrollment}").status_code == 200
    assert sender.get(f"/samtale/{enrollment}").status_code == 404
    assert "Godtatt" in sender.get("/overforinger").text


def test_refused_with_a_reason_the_sender_is_told_on_i_dag_until_it_is_read(asked):
    sender, receiver, _enrollment, uid = asked
    empty = receiver.post(f"/overforinger/{uid}/avsla", reason="")
    assert empty.status_code == 400 and "Skriv hvorfor kommunen ikke tar over" in empty.text
    assert receiver.post(f"/overforinger/{uid}/avsla", reason="Bor i Bærum").status_code == 303
    assert "avslo å ta over Mona Flytt: «Bor i Bærum»" in sender.get("/i-dag").text
    assert sender.post(f"/overforinger/{uid}/lest").status_code == 303
    assert "avslo å ta over" not in sender.get("/i-dag").text
    assert "Avslått: Bor i Bærum" in sender.get("/overforinger").text


def test_withdrawn_it_cannot_be_accepted(asked):
    sender, receiver, _enrollment, uid = asked
    assert sender.post(f"/overforinger/{uid}/trekk").status_code == 303
    assert receiver.post(f"/overforinger/{uid}/godta").status_code == 409


def test_another_kommune_gets_404_and_sees_nothing(browse, asked):
    _sender, _receiver, enrollment, uid = asked
    neighbour = browse("tracer", "5532")
    assert REASON not in neighbour.get("/overforinger").text
    assert neighbour.get(f"/overforinger/ny/{enrollment}").status_code == 404
    assert (
        neighbour.post(f"/overforinger/ny/{enrollment}", to="5532", reason="x").status_code == 404
    )
    for act in ("godta", "avsla", "trekk", "lest"):
        assert neighbour.post(f"/overforinger/{uid}/{act}", reason="x").status_code == 404


@pytest.mark.parametrize(("role", "kommune"), [("administrator", "5501"), ("fhi", "NO")])
def test_those_who_see_no_people_see_no_hand_overs(browse, role, kommune):
    assert browse(role, kommune).get("/overforinger").status_code == 403
