"""A class party: registered, filled with people, traced from, and closed to the neighbour."""

from datetime import date

import pytest

from smittesporing.problems import Refused
from smittesporing.tracing.casebook import clusters, files, presence, register
from smittesporing.tracing.casebook.typed import understand
from smittesporing.tracing.clusters import Group

PARTY = {
    "ST_CLUSTER_NAME": "Klassefest 10B",
    "ST_CLUSTER_NATURE": "EVENT",
    "ST_CLUSTER_KIND": "SCHOOL_CLASS",
    "ST_CLUSTER_START": "2022-01-17",
    "ST_CLUSTER_END": "2022-01-17",
    "ST_CLUSTER_UNIDENTIFIED": "3",
}
CASE = {"ST_CASE_STATUS": "CONFIRMED", "ST_SYMPTOMS": "true", "ST_ONSET_DATE": "2022-01-18"}
STAY = {
    "ST_PRESENT_FROM": "2022-01-17T18:00",
    "ST_PRESENT_TO": "2022-01-17T22:00",
    "ST_PRESENT_ROLE": "PUPIL",
}


@pytest.fixture(scope="module")
def numbers():
    return iter(range(99993000, 99994000))


def a_case(book, phone, name="Ola"):
    person = {"ST_GIVEN_NAME": name, "ST_FAMILY_NAME": "Prøve", "ST_PHONE": str(phone)}
    return register.register_index(book, person, CASE)


def a_row(book, name, phone, **more):
    return understand({"name": name, "phone": str(phone), **more}, book.today)


def a_party(book, numbers):
    """The party with an index and two others; (uid, index enrollment)."""
    phone = next(numbers)
    case = a_case(book, phone)
    uid = presence.register_cluster(book, PARTY)
    file = clusters.cluster_file(book, uid)
    rows = [
        a_row(book, "Ola Prøve", phone),
        a_row(book, "Kari Prøve", next(numbers)),
        a_row(book, "Per Prøve", next(numbers)),
    ]
    assert presence.add_people(book, file, rows, STAY) == presence.Added(2, 1, 0)
    return uid, case.enrollment


def test_people_are_found_or_made_once_and_stand_in_groups(at_work, numbers):
    with at_work() as book:
        uid, index = a_party(book, numbers)
        file = clusters.cluster_file(book, uid)
        assert [one.counted.group for one in file.people] == [
            Group.CASE,
            Group.NEITHER,
            Group.NEITHER,
        ]
        assert [one.index for one in file.indexes] == [index]
        total = file.attack[-1]
        assert (total.ill, total.present, total.unidentified) == (1, 6, 3)
        again = a_row(book, "Kari Prøve", file.people[1].person.phone)
        assert presence.add_people(book, file, [again], STAY) == presence.Added(0, 0, 1)


def test_chosen_participants_become_contacts_in_one_step_and_only_once(at_work, numbers):
    with at_work() as book:
        uid, index = a_party(book, numbers)
    with at_work() as book:
        file = clusters.cluster_file(book, uid)
        case = files.case_file(book, index)
        chosen = [one.person.uid for one in file.people]
        how = understand({"distance": "1", "minutes": "60"}, book.today)
        assert presence.make_contacts(book, file, case, chosen, how) == 2
    with at_work() as book:
        case = files.case_file(book, index)
        assert [view.category for view in case.contacts] == ["OTHER_CLOSE", "OTHER_CLOSE"]
        assert {view.exposure.setting for view in case.contacts} == {"Klassefest 10B"}
        assert {view.exposure.last_on for view in case.contacts} == {date(2022, 1, 17)}
        file = clusters.cluster_file(book, uid)
        assert [one.counted.group for one in file.people][1:] == [Group.CONTACT, Group.CONTACT]
        kinds = {
            link.type
            for person in book.people(one.contact.uid for one in case.contacts).values()
            for link in person.relationships
        }
        assert {book.uid("ST_EXPOSURE_LINK"), book.uid("ST_EXPOSURE_CLUSTER_LINK")} <= kinds
        assert presence.make_contacts(book, file, case, chosen, how) == 0


def test_nobody_chosen_and_an_index_who_was_not_there_are_refused(at_work, numbers):
    with at_work() as book:
        uid, index = a_party(book, numbers)
        file = clusters.cluster_file(book, uid)
        case = files.case_file(book, index)
        how = understand({}, book.today)
        with pytest.raises(Refused) as refused:
            presence.make_contacts(book, file, case, [], how)
        assert refused.value.problem.code == "T120"
        other = files.case_file(book, a_case(book, next(numbers), "Ida").enrollment)
        with pytest.raises(Refused) as refused:
            presence.make_contacts(book, file, other, [file.people[1].person.uid], how)
        assert refused.value.problem.code == "T121"


def test_a_stay_is_taken_back_and_the_person_stays(at_work, numbers):
    with at_work() as book:
        uid, _ = a_party(book, numbers)
        file = clusters.cluster_file(book, uid)
        kari = file.people[1]
        presence.take_back(book, file, kari.stays[0].event)
    with at_work() as book:
        assert len(clusters.cluster_file(book, uid).people) == 2
        assert book.person(kari.person.uid).tracked_entity == kari.person.uid


def test_lists_count_each_person_once_and_a_name_is_needed(at_work, numbers):
    with at_work() as book:
        uid, index = a_party(book, numbers)
        file = clusters.cluster_file(book, uid)
        event, link = presence.present(
            book, file, file.people[1].person.uid, {"ST_PRESENT_ROLE": "STAFF"}
        )
        from smittesporing.tracker.records import Bundle

        book.save(Bundle(events=(event,), relationships=(link,)))
    with at_work() as book:
        row = next(one for one in clusters.listing(book) if one.cluster.uid == uid)
        assert (row.present, row.ill) == (3, 1)
        person = files.case_file(book, index).entity
        assert [view.uid for view, _ in clusters.places_of_person(book, person)] == [uid]
        with pytest.raises(Refused):
            presence.register_cluster(book, {**PARTY, "ST_CLUSTER_NAME": ""})


def test_the_neighbour_finds_nothing(at_work, numbers):
    with at_work() as book:
        uid, _ = a_party(book, numbers)
    with at_work(kommune="5532") as book:
        with pytest.raises(Refused) as refused:
            clusters.cluster_file(book, uid)
        assert refused.value.status == 404
        assert uid not in [one.cluster.uid for one in clusters.listing(book)]
