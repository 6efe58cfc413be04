"""The contact sheet: what is typed, what the rules say of it, who is found, what is taken back."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from smittesporing.problems import Refused
from smittesporing.settings import OSLO, FixedClock
from smittesporing.tracing.casebook import files, judging, measures, register, sheet
from smittesporing.tracing.casebook.decide import decide
from smittesporing.tracing.casebook.typed import understand
from smittesporing.tracing.people import Category, Relation

TODAY = date(2022, 1, 20)
INDEX = {
    "ST_CASE_STATUS": "CONFIRMED",
    "ST_SYMPTOMS": "true",
    "ST_ONSET_DATE": "2022-01-18",
    "ST_REPORT_DATE": "2022-01-19",
}
KARI = {"name": "Kari Prøve", "phone": "99 99 10 01", "relation": "husstand", "last": "18.1."}


@pytest.mark.parametrize(
    ("cells", "column", "value"),
    [
        ({"last": "18.1."}, "last_on", date(2022, 1, 18)),
        ({"last": "18.1"}, "last_on", date(2022, 1, 18)),
        ({"last": "18/1-22"}, "last_on", date(2022, 1, 18)),
        ({"last": "2022-01-18"}, "last_on", date(2022, 1, 18)),
        ({"last": "i går"}, "last_on", date(2022, 1, 19)),
        ({"last": "28.12."}, "last_on", date(2021, 12, 28)),
        ({"last": "pågår"}, "ongoing", True),
        ({"relation": "Kollega"}, "relation", Relation.COLLEAGUE),
        ({"relation": "samboer"}, "relation", Relation.PARTNER),
        ({"distance": "1,5 m"}, "distance_m", 1.5),
        ({"minutes": "30"}, "minutes", 30),
        ({"number": "048371 12345"}, "number", "04837112345"),
        ({"name": "Ada Lise Prøve"}, "family_name", "Prøve"),
        ({"name": "Ada"}, "given_name", "Ada"),
    ],
)
def test_cells_are_read_as_people_write_them(cells, column, value):
    row = understand(cells, TODAY)
    assert getattr(row, column) == value
    assert row.errors == {}


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("last", "31.2."),
        ("last", "21.1."),
        ("number", "123"),
        ("relation", "xyz"),
        ("distance", "nær"),
        ("minutes", "lenge"),
        ("phone", "12"),
    ],
)
def test_a_cell_that_cannot_be_read_gets_a_sentence(column, text):
    assert column in understand({column: text}, TODAY).errors


@pytest.fixture(scope="module")
def numbers():
    return iter(range(99992000, 99993000))


def an_index(book, numbers, **more):
    person = {"ST_GIVEN_NAME": "Ola", "ST_FAMILY_NAME": "Prøve", "ST_PHONE": str(next(numbers))}
    made = register.register_index(book, person, INDEX | more)
    return files.case_file(book, made.enrollment)


def test_a_household_contact_is_judged_before_and_after_saving(at_work, numbers):
    with at_work() as book:
        index = an_index(book, numbers)
        row = understand(KARI, book.today)
        judged = judging.judge(book, index.case, row, None, index.enrollment.owner)
        assert judged.verdict.category == "HOUSEHOLD"
        assert "til og med 28. januar" in judged.summary.headline
        assert "25. januar" in judged.summary.detail
        saved = sheet.save_row(book, index, row)
    assert saved.match == "NEW"
    with at_work() as book:
        view = files.case_file(book, index.enrollment.enrollment).contacts[0]
        assert (view.category, view.category_state) == ("HOUSEHOLD", "PROPOSED")
        assert view.why[0].startswith("Nærkontakt, samme husstand")
        assert view.citation and view.rule
        quarantine = [m for m in view.measures if m.kind == "INFECTION_QUARANTINE"]
        assert [(m.earliest_end, m.test_out) for m in quarantine] == [
            (date(2022, 1, 28), date(2022, 1, 25))
        ]
        measures.confirm_verdict(book, saved.enrollment, saved.event)
        again = files.case_file(book, index.enrollment.enrollment).contacts[0]
    assert again.category_state == "CONFIRMED"
    assert {m.state for m in again.measures} == {"CONFIRMED"}


def test_a_colleague_gets_no_quarantine_but_test_days(at_work, numbers):
    cells = {
        "name": "Per Hansen",
        "relation": "kollega",
        "last": "17.1.",
        "distance": "1",
        "minutes": "30",
    }
    with at_work() as book:
        index = an_index(book, numbers)
        row = understand(cells, book.today)
        judged = judging.judge(book, index.case, row, None, index.enrollment.owner)
    assert judged.verdict.category == "OTHER_CLOSE"
    assert judged.summary.headline.startswith("Øvrig nærkontakt. Ikke karantene.")
    assert "20. og 22. januar" in judged.summary.headline + judged.summary.detail


def test_a_neighbour_far_off_and_too_early_is_no_contact(at_work, numbers):
    cells = {
        "name": "Nina Berg",
        "relation": "nabo",
        "last": "15.1.",
        "distance": "3",
        "minutes": "5",
    }
    with at_work() as book:
        index = an_index(book, numbers)
        row = understand(cells, book.today)
        judged = judging.judge(book, index.case, row, None, index.enrollment.owner)
    assert judged.verdict.category == "NOT_CONTACT"


def test_a_known_person_is_found_by_phone_and_name_and_not_doubled(at_work, numbers):
    with at_work() as book:
        first = sheet.save_row(
            book, an_index(book, numbers), understand(KARI | {"phone": "99991111"}, TODAY)
        )
        other = an_index(book, numbers)
        second = sheet.save_row(book, other, understand(KARI | {"phone": "99991111"}, TODAY))
        assert second.match == "PHONE"
        assert (second.tracked_entity, second.enrollment) == (
            first.tracked_entity,
            first.enrollment,
        )
        file = files.contact_file(book, first.enrollment)
    assert len(file.exposures) == 2
    assert len({number for _, number in file.indexes.values()}) == 2


def test_a_row_taken_back_leaves_no_measure_and_no_open_contact(at_work, numbers):
    with at_work() as book:
        index = an_index(book, numbers)
        saved = sheet.save_row(book, index, understand(KARI | {"phone": "99991112"}, TODAY))
        sheet.take_back(book, files.case_file(book, index.enrollment.enrollment), saved.event)
        assert files.case_file(book, index.enrollment.enrollment).contacts == ()
        assert files.contact_file(book, saved.enrollment).enrollment.status == "CANCELLED"


def test_a_changed_fact_asks_again_and_keeps_what_was_confirmed(at_work, numbers):
    with at_work() as book:
        index = an_index(book, numbers)
        saved = sheet.save_row(book, index, understand(KARI | {"phone": "99991113"}, TODAY))
        measures.confirm_verdict(book, saved.enrollment, saved.event)
        index = files.case_file(book, index.enrollment.enrollment)
        later = understand(KARI | {"phone": "99991113", "last": "19.1."}, TODAY)
        sheet.save_row(book, index, later, exposure=saved.event)
        rows = [
            m
            for m in files.contact_file(book, saved.enrollment).measures
            if m.kind == "INFECTION_QUARANTINE" and m.is_running
        ]
    assert sorted((m.state, m.earliest_end.day) for m in rows) == [
        ("CONFIRMED", 28),
        ("PROPOSED", 29),
    ]


def test_when_the_index_is_ruled_out_the_measures_fall(at_work, numbers):
    with at_work() as book:
        index = an_index(book, numbers)
        saved = sheet.save_row(book, index, understand(KARI | {"phone": "99991114"}, TODAY))
        measures.confirm_verdict(book, saved.enrollment, saved.event)
        register.save_interview(book, index.enrollment.enrollment, {"ST_CASE_STATUS": "RULED_OUT"})
        rows = files.contact_file(book, saved.enrollment).measures
    assert {m.state for m in rows} == {"LAPSED"}


def test_fifty_pasted_rows_are_kept_together_or_not_at_all(at_work, numbers):
    with at_work() as book:
        index = an_index(book, numbers)
        rows = [
            understand({"name": f"Elev {n} Prøve", "relation": "klasse", "last": "17.1."}, TODAY)
            for n in range(50)
        ]
        bad = understand({"name": "Feil Rad", "relation": "klasse", "last": "45.13."}, TODAY)
        with pytest.raises(Refused, match="T110"):
            sheet.save_rows(book, index, [*rows, bad])
        saved = sheet.save_rows(book, index, rows)
        assert len(saved) == 50
        assert len(files.case_file(book, index.enrollment.enrollment).contacts) == 50


def test_a_contact_before_birth_is_refused(at_work, numbers):
    with at_work() as book:
        index = an_index(book, numbers)
        saved = sheet.save_row(book, index, understand(KARI | {"phone": "99991115"}, TODAY))
        register.save_profile(book, saved.tracked_entity, {"ST_BIRTH_DATE": "2022-01-19"})
        early = understand(KARI | {"phone": "99991115", "last": "17.1."}, TODAY)
        index = files.case_file(book, index.enrollment.enrollment)
        with pytest.raises(Refused):
            sheet.save_row(book, index, early, exposure=saved.event)


def test_a_negative_test_on_day_seven_ends_a_confirmed_quarantine(at_work, numbers, settings):
    later = replace(settings, clock=FixedClock(at=datetime(2022, 1, 25, 18, 0, tzinfo=OSLO)))
    with at_work() as book:
        index = an_index(book, numbers)
        saved = sheet.save_row(book, index, understand(KARI | {"phone": "99991116"}, TODAY))
        measures.confirm_verdict(book, saved.enrollment, saved.event)
    with at_work(chosen=later) as book:
        test = {"ST_TEST_DATE": "2022-01-25", "ST_TEST_KIND": "PCR", "ST_TEST_RESULT": "NEGATIVE"}
        register.add_test(book, saved.enrollment, test)
        rows = files.contact_file(book, saved.enrollment).measures
    quarantine = [m for m in rows if m.kind == "INFECTION_QUARANTINE" and m.state == "ENDED"]
    assert [m.ended_on for m in quarantine] == [date(2022, 1, 25)]


def test_a_quarantine_running_across_26_january_is_decided_again_by_the_new_rule(
    at_work, numbers, settings
):
    later = replace(settings, clock=FixedClock(at=datetime(2022, 1, 26, 9, 0, tzinfo=OSLO)))
    with at_work() as book:
        index = an_index(book, numbers)
        saved = sheet.save_row(book, index, understand(KARI | {"phone": "99991117"}, TODAY))
        measures.confirm_verdict(book, saved.enrollment, saved.event)
    with at_work(chosen=later) as book:
        decide(book, [saved.tracked_entity])
        rows = files.contact_file(book, saved.enrollment).measures
    kept = [m for m in rows if m.kind == "INFECTION_QUARANTINE" and m.state == "CONFIRMED"]
    asked = [m for m in rows if m.state == "PROPOSED"]
    assert [m.earliest_end for m in kept] == [date(2022, 1, 28)]
    assert asked and all(m.rule != kept[0].rule for m in asked)


def test_a_tracers_own_judgement_is_not_undone_by_confirming_what_follows(at_work, numbers):
    with at_work() as book:
        index = an_index(book, numbers)
        cells = {
            "name": "Nina Berg",
            "relation": "nabo",
            "last": "17.1.",
            "distance": "3",
            "minutes": "5",
        }
        saved = sheet.save_row(book, index, understand(cells, TODAY))
        why = "Satt i samme bil hele dagen."
        measures.overrule_verdict(book, saved.enrollment, saved.event, Category.OTHER_CLOSE, why)
        index = files.case_file(book, index.enrollment.enrollment)
        assert measures.confirm_rows(book, index.contacts) == 1
        measures.confirm_verdict(book, saved.enrollment, saved.event)
        view = files.case_file(book, index.enrollment.enrollment).contacts[0]
    assert (view.category, view.category_state) == ("OTHER_CLOSE", "OVERRULED")
    assert {m.state for m in view.measures} == {"CONFIRMED"}


def test_two_tracers_with_one_row_do_not_overwrite_each_other(at_work, numbers):
    with at_work() as book:
        index = an_index(book, numbers)
        row = understand(KARI | {"phone": "99991116"}, TODAY)
        saved = sheet.save_row(book, index, row)
        index = files.case_file(book, index.enrollment.enrollment)
        seen = sheet.cells_version(index.contacts[0])
        measures.confirm_verdict(book, saved.enrollment, saved.event)
        index = files.case_file(book, index.enrollment.enrollment)
        assert sheet.cells_version(index.contacts[0]) == seen
        later = understand(KARI | {"phone": "99991116", "setting": "hytta"}, TODAY)
        sheet.save_row(book, index, later, saved.event, seen)
        index = files.case_file(book, index.enrollment.enrollment)
        with pytest.raises(Refused, match="T007"):
            sheet.save_row(book, index, row, saved.event, seen)


def test_two_of_one_name_in_a_list_are_two_people_unless_number_or_telephone_says_otherwise(
    at_work, numbers
):
    with at_work() as book:
        index = an_index(book, numbers)
        names = [{"name": "Ada Lik", "phone": phone} for phone in ("", "", "99991201", "99991201")]
        rows = [understand(one | {"relation": "klasse", "last": "17.1."}, TODAY) for one in names]
        saved = sheet.save_rows(book, index, rows)
        assert len({one.tracked_entity for one in saved}) == 3
        assert len(files.case_file(book, index.enrollment.enrollment).contacts) == 3
