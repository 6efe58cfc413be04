"""The people of a cluster, each once, and how many fell ill."""

from datetime import date, datetime

from smittesporing.tracing import clusters
from smittesporing.tracing.clusters import AttackCount, Group, Presence, Standing
from smittesporing.tracing.days import OSLO

START, END = date(2022, 1, 8), date(2022, 1, 8)


def people(presences, standings, end=END):
    return clusters.people_of(presences, standings, START, end)


def groups(standing):
    (person,) = people([Presence(standing.person)], [standing])
    return person.group


def test_a_case_on_the_last_day_of_the_window_counts():
    assert groups(Standing("a", case_on=(date(2022, 1, 22),))) is Group.CASE
    assert groups(Standing("a", case_on=(date(2022, 1, 23),))) is Group.NEITHER


def test_the_window_starts_five_days_before_the_cluster():
    assert groups(Standing("a", case_on=(date(2022, 1, 3),))) is Group.CASE
    assert groups(Standing("a", case_on=(date(2022, 1, 2),))) is Group.NEITHER


def test_a_cluster_without_an_end_is_still_open():
    (person,) = people([Presence("a")], [Standing("a", case_on=(date(2022, 6, 1),))], end=None)
    assert person.group is Group.CASE


def test_a_case_goes_before_a_contact_and_each_person_stands_once():
    both = Standing("a", case_on=(date(2022, 1, 12),), contact_on=(date(2022, 1, 8),))
    stays = [
        Presence("a", "VISITOR", datetime(2022, 1, 8, 18, tzinfo=OSLO)),
        Presence("a", "STAFF", None, datetime(2022, 1, 8, 23, tzinfo=OSLO)),
    ]
    (person,) = people(stays, [both])
    assert (person.group, person.roles, person.first, person.last) == (
        Group.CASE,
        ("VISITOR", "STAFF"),
        date(2022, 1, 8),
        date(2022, 1, 8),
    )


def test_somebody_followed_up_elsewhere_is_shown_as_such_and_still_counted_ill():
    (person,) = people([Presence("a")], [Standing("a", (date(2022, 1, 12),), elsewhere="5503")])
    assert person.group is Group.ELSEWHERE
    assert clusters.attack_counts([person])[-1] == AttackCount("", 1, 1)


def test_attack_counts_per_role_and_for_all():
    presences = [
        Presence("a", "VISITOR"),
        Presence("b", "VISITOR"),
        Presence("c", "STAFF"),
        Presence("c", "VISITOR"),
        Presence("source", "VISITOR"),
    ]
    ill = [Standing(uid, case_on=(date(2022, 1, 12),)) for uid in ("a", "c", "source")]
    found = clusters.attack_counts(
        people(presences, ill), unidentified=2, sources=frozenset({"source"})
    )
    assert found == (
        AttackCount("STAFF", 1, 1),
        AttackCount("VISITOR", 1, 2),
        AttackCount("", 2, 5, unidentified=2),
    )
