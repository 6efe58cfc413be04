"""Who infected whom: registered, proposed, out of reach, and counted."""

from datetime import date

import pytest

from smittesporing.problems import Refused
from smittesporing.tracing.casebook import (
    chain,
    clusters,
    files,
    presence,
    register,
    sheet,
    sources,
)
from smittesporing.tracing.casebook.typed import understand
from smittesporing.tracker.records import Bundle, Enrollment

SAID = {"ST_SOURCE_CERTAINTY": "PROBABLE", "ST_SOURCE_SAYS": "Den smittede"}


@pytest.fixture(scope="module")
def numbers():
    return iter(range(99994000, 99995000))


def a_case(book, numbers, onset, name="Ola", phone=""):
    person = {
        "ST_GIVEN_NAME": name,
        "ST_FAMILY_NAME": "Prøve",
        "ST_PHONE": str(phone or next(numbers)),
    }
    told = {"ST_CASE_STATUS": "CONFIRMED", "ST_SYMPTOMS": "true", "ST_ONSET_DATE": onset}
    return register.register_index(book, person, told).enrollment


def infects(book, source, infected):
    file = files.case_file(book, infected)
    return sources.save(book, file, {"ST_SOURCE_KIND": "INDEX", **SAID}, source)


def three(book, numbers):
    """A infected B and C."""
    a, b, c = (
        a_case(book, numbers, day, name)
        for day, name in (("2022-01-10", "Ada"), ("2022-01-13", "Bo"), ("2022-01-15", "Cato"))
    )
    infects(book, a, b)
    infects(book, a, c)
    return a, b, c


def test_the_chain_is_the_same_from_any_of_its_cases_and_its_numbers_are_counted(at_work, numbers):
    with at_work() as book:
        a, b, c = three(book, numbers)
        other = a_case(book, numbers, "2022-01-12", "Dina")
    with at_work() as book:
        for start in (a, b, c):
            found = chain.of_case(book, start)
            assert set(found.cases) == {a, b, c}
            assert found.summary.links == 2
            assert found.summary.infected[0] == (a, 2)
            assert sorted(found.summary.intervals.days) == [3, 5]
            assert found.generations == {a: 0, b: 1, c: 1}
        link = chain.of_case(book, b).sources(b)[0]
        assert (link.source, link.certainty, link.says) == (a, "PROBABLE", "Den smittede")
        everybody = chain.of_kommune(book, book.work.reach.read)
        assert {a, b, c, other} <= set(everybody.cases)


def test_an_exposure_proposes_until_a_source_is_registered(at_work, numbers):
    with at_work() as book:
        a = a_case(book, numbers, "2022-01-12", "Ada")
        phone = next(numbers)
        row = understand(
            {"name": "Eva Prøve", "phone": str(phone), "relation": "husstand", "last": "13.1."},
            book.today,
        )
        saved = sheet.save_row(book, files.case_file(book, a), row)
        made = register.register_index(
            book,
            {"ST_GIVEN_NAME": "Eva"},
            {"ST_CASE_STATUS": "CONFIRMED", "ST_ONSET_DATE": "2022-01-16"},
            existing=saved.tracked_entity,
        )
        e = made.enrollment
    with at_work() as book:
        found = chain.of_case(book, a)
        assert [(one.source, one.infected, one.proposed) for one in found.links] == [(a, e, True)]
        assert found.summary.links == 0
        assert found.cases[a].household == found.cases[e].household != ""
        offered = sources.options(book, files.case_file(book, e))
        assert [(one.kind, one.enrollment, one.met) for one in offered] == [
            ("INDEX", a, date(2022, 1, 13))
        ]
        infects(book, a, e)
    with at_work() as book:
        found = chain.of_case(book, e)
        assert [one.proposed for one in found.links] == [False]


def test_a_source_is_changed_to_an_event_and_taken_back(at_work, numbers):
    with at_work() as book:
        a, b, _ = three(book, numbers)
        party = presence.register_cluster(
            book,
            {
                "ST_CLUSTER_NAME": "Bursdag",
                "ST_CLUSTER_NATURE": "EVENT",
                "ST_CLUSTER_START": "2022-01-11",
            },
        )
        view = clusters.cluster_file(book, party).cluster
        file = files.case_file(book, b)
        old = sources.registered(book, file)[0]
        assert (old.to, old.name, old.kind) == (a, "Ada Prøve", "INDEX")
        sources.save(book, file, {"ST_SOURCE_KIND": "EVENT"}, view.enrollment, old.event)
    with at_work() as book:
        found = chain.of_case(book, b)
        assert [(one.source, one.kind) for one in found.links] == [(view.enrollment, "EVENT")]
        assert list(found.cases) == [b]
        assert set(chain.of_cluster(book, party).cases) == {b}
        file = files.case_file(book, b)
        sources.take_back(book, file, file.sources[0].event)
    with at_work() as book:
        assert sources.registered(book, files.case_file(book, b)) == ()


@pytest.mark.parametrize(
    ("kind", "end", "code"), [("", "", "T123"), ("INDEX", "", "T123"), ("INDEX", "self", "T124")]
)
def test_a_source_without_an_end_is_refused(at_work, numbers, kind, end, code):
    with at_work() as book:
        a = a_case(book, numbers, "2022-01-10")
        with pytest.raises(Refused) as refused:
            sources.save(book, files.case_file(book, a), {"ST_SOURCE_KIND": kind}, a if end else "")
        assert refused.value.problem.code == code


def test_an_end_out_of_reach_is_a_kommune_without_a_name(at_work, numbers, owner):
    with at_work() as book:
        a, b, _ = three(book, numbers)
        neighbour = next(u for u in book.units.by_id.values() if u.code == "5532")
        entity = files.entity_of(book, a)
    owner.execute(
        "update tracker.enrollment set owner = %s where enrollment = %s", (neighbour.id, a)
    )
    owner.execute("update tracker.event set owner = %s where enrollment = %s", (neighbour.id, a))
    owner.execute(
        "update tracker.relationship_end set owner = %s where tracked_entity = %s",
        (neighbour.id, entity),
    )
    owner.execute(
        "update tracker.tracked_entity set owners = array[%s]::int[] where tracked_entity = %s",
        (neighbour.id, entity),
    )
    with at_work() as book:
        found = chain.of_case(book, b)
        assert set(found.cases) == {b}
        assert [(one.kommune, one.is_source) for one in found.away] == [("Balsfjord", True)]
        assert [(one.kind, one.infected) for one in found.links] == [("AWAY", b)]
        assert entity not in repr(found) and "Ada" not in repr(found)
        source = sources.registered(book, files.case_file(book, b))[0]
        assert (source.name, source.kommune) == ("", "Balsfjord")
    with at_work(kommune="5532") as book:
        found = chain.of_case(book, a)
        assert set(found.cases) == {a}
        assert {(one.kommune, one.is_source) for one in found.away} == {("Tromsø", False)}
        assert "Bo Prøve" not in repr(found)


def test_the_neighbour_finds_no_chain(at_work, numbers):
    with at_work() as book:
        a, *_ = three(book, numbers)
    with at_work(kommune="3203") as book:
        with pytest.raises(Refused):
            chain.of_case(book, a)
        assert chain.of_kommune(book, [u.id for u in book.units.by_id.values()]).cases == {}


def test_the_number_of_statements_does_not_grow_with_the_chain(at_work, numbers):
    with at_work() as book:
        a, *_ = three(book, numbers)
    small = _statements(at_work, a)
    with at_work() as book:
        for _ in range(12):
            infects(book, a, a_case(book, numbers, "2022-01-16"))
    assert _statements(at_work, a) == small <= 20


def _statements(at_work, case):
    with at_work() as book:
        asked = []
        real = book.work.conn.execute

        def counted(query, *arguments, **more):
            asked.append(query)
            return real(query, *arguments, **more)

        book.work.conn.execute = counted
        try:
            chain.of_case(book, case)
        finally:
            del book.work.conn.execute
        return len(asked)


def test_a_case_taken_back_stands_in_no_chain(at_work, numbers):
    with at_work() as book:
        a, b, c = three(book, numbers)
        person = book.person(files.entity_of(book, c))
        record = files.enrollment_of(person, c)
        book.save(Bundle(enrollments=(register.with_status(record, "CANCELLED"),)))
        assert isinstance(record, Enrollment)
    with at_work() as book:
        assert set(chain.of_case(book, a).cases) == {a, b}


def test_a_case_with_a_registered_source_is_proposed_no_other(at_work, numbers):
    with at_work() as book:
        a = a_case(book, numbers, "2022-01-12", "Ada")
        row = understand(
            {"name": "Liv Prøve", "phone": str(next(numbers)), "relation": "venn", "last": "13.1."},
            book.today,
        )
        saved = sheet.save_row(book, files.case_file(book, a), row)
        told = {"ST_CASE_STATUS": "CONFIRMED", "ST_ONSET_DATE": "2022-01-16"}
        liv = register.register_index(book, {}, told, saved.tracked_entity).enrollment
    with at_work() as book:
        assert [one.infected for one in chain.of_case(book, a).links] == [liv]
        sources.save(book, files.case_file(book, liv), {"ST_SOURCE_KIND": "ABROAD"})
    with at_work() as book:
        assert chain.of_case(book, a).links == ()
