"""The weekly report: exact lines with their bases, sent on purpose, kept as sent, read by FHI."""

import csv
import io

import psycopg
import pytest

from smittesporing import periods
from smittesporing.web.pages import report_lines
from tests.pages.test_overview import add_cases, metadata, publish, units, world

__all__ = ["metadata", "publish", "units", "world"]
WEEK = periods.parse("2022W2")


@pytest.fixture(scope="module")
def some_cases():
    return []


@pytest.fixture
def tromso(world, some_cases):
    """Tromsø with four cases of week 2, two of them at school, made once for this file."""
    here = world("tracer", "5501")
    if not some_cases:
        add_cases(here, 2)
        add_cases(here, 2, setting="SCHOOL")
        some_cases.append(True)
    return here


def lines_of(browser, path="/rapport/tabell.csv?uke=2022W2"):
    answer = browser.get(path)
    assert answer.status_code == 200
    rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    return {row[-1]: row[2:5] for row in rows if len(row) == 6}


@pytest.fixture
def newest(world):
    """The newest report that the kommune sent, as its own doctor reads it."""

    def read():
        with world("kommuneoverlege", "5501").work() as work:
            return work.conn.execute(
                "select report, period, lines, sent_by from analytics.report order by sent_at desc limit 1"
            ).fetchone()

    return read


def test_each_line_has_its_count_and_its_base(tromso, browse):
    page = browse("tracer", "5501").get("/rapport?uke=2022W2").text
    assert "Uke 2, 2022" in page and "10. januar til 16. januar 2022" in page
    lines = lines_of(browse("kommuneoverlege", "5501"))
    assert lines["ST_PI_CASES"] == ["4", "", ""]
    assert lines["ST_PI_CASES_KNOWN_CONTACT"] == ["0", "4", "0,0"]
    assert len(lines) == 1 + len(report_lines.CODES)  # with the heading


def test_the_report_has_every_line_that_fhi_asked_for(metadata):
    asked = {
        "ST_PI_CASES",
        "ST_PI_CONTACTS",
        "ST_PI_CASES_KNOWN_CONTACT",
        "ST_PI_CASES_COMMON_SOURCE",
    }
    options = metadata.by_code("optionSets", "EXPOSURE_SETTING")
    if options is not None:
        settings = metadata.option_sets[options["id"]].options
        asked |= {f"ST_PI_KNOWN_CONTACT_{option.code}" for option in settings}
    assert asked <= set(report_lines.CODES)


def test_the_doctor_sends_and_fhi_reads_the_exact_figures(tromso, browse, newest):
    doctor, fhi = browse("kommuneoverlege", "5501"), browse("fhi", "NO")
    assert "Ingen rapporter for denne uken" in fhi.get("/rapport?uke=2022W2").text
    answer = doctor.post("/rapport/send", sted="5501", uke="2022W2")
    assert answer.status_code == 303
    assert "Rapporten er sendt til FHI" in doctor.get(answer.headers["location"]).text
    sent = newest()
    assert sent["period"] == "2022W2" and sent["sent_by"] == doctor.reach.user
    inbox = fhi.get("/rapport?uke=2022W2").text
    assert f'href="/rapport/{sent["report"]}"' in inbox
    read = fhi.get(f"/rapport/{sent['report']}").text
    assert '<th scope="row">Nye bekreftet smittede</th>\n<td class="num">4</td>' in read
    assert "/oversikt/liste" not in read


def test_sending_stands_among_the_acts_of_the_kommune(owner, newest):
    row = owner.execute("select * from access.change where what = 'report.sent'").fetchone()
    assert row["org_unit"] == 5501
    assert row["detail"] == {"report": newest()["report"], "period": "2022W2", "to": "FHI"}


def test_what_was_sent_stands_when_the_figures_move(tromso, browse, newest):
    before = newest()["lines"]
    add_cases(tromso, 1)
    doctor = browse("kommuneoverlege", "5501")
    assert "Tallene er endret siden rapporten ble sendt" in doctor.get("/rapport?uke=2022W2").text
    assert newest()["lines"] == before
    doctor.post("/rapport/send", sted="5501", uke="2022W2")
    assert newest()["lines"] != before
    page = doctor.get("/rapport?uke=2022W2").text
    assert "endret siden" not in page and "Sendt før" in page


def test_nobody_changes_or_removes_what_was_sent(tromso):
    for statement in (
        "update analytics.report set period = '2022W1'",
        "delete from analytics.report",
    ):
        with tromso.work() as work, pytest.raises(psycopg.errors.InsufficientPrivilege):
            work.conn.execute(statement)


def test_the_neighbour_reads_and_sends_nothing_of_ours(browse, newest, world):
    report = newest()["report"]
    for role, place in (("tracer", "5532"), ("kommuneoverlege", "5532"), ("ks", "NO")):
        assert browse(role, place).get(f"/rapport/{report}").status_code == 404
    sent = browse("kommuneoverlege", "5532").post("/rapport/send", sted="5501", uke="2022W2")
    assert sent.status_code == 403
    with world("kommuneoverlege", "5532").work() as work:
        assert work.conn.execute("select count(*) as n from analytics.report").fetchone()["n"] == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            work.conn.execute(
                """insert into analytics.report (report, org_unit, period, day, sent_by, lines)
                   values ('a', 5501, '2022W2', '2022-01-20', app.acting(), '[]')"""
            )


def test_only_the_doctor_sends_and_only_those_who_may_export_take_it_out(browse):
    tracer = browse("tracer", "5501")
    assert "Kommuneoverlegen sender rapporten" in tracer.get("/rapport?uke=2022W1").text
    assert tracer.post("/rapport/send", sted="5501", uke="2022W2").status_code == 403
    assert tracer.get("/rapport/tabell.csv").status_code == 403
    assert browse("fhi", "NO").post("/rapport/send", sted="5501", uke="2022W2").status_code == 403


def test_a_doctor_of_two_kommuner_sends_for_the_one_she_works_in(browse):
    browse("kommuneoverlege", "5501", "both")
    doctor = browse("kommuneoverlege", "5532", "both")
    page = doctor.get("/rapport?sted=5501&uke=2022W2").text
    assert "Tallene er fra nå, og nøyaktige" in page and "Bytt til Tromsø" in page
    assert doctor.post("/rapport/send", sted="5501", uke="2022W2").status_code == 403


def test_a_week_that_is_not_over_cannot_be_sent(browse, newest):
    doctor = browse("kommuneoverlege", "5501")
    page = doctor.get("/rapport?uke=2022W3").text
    assert "Uken er ikke over. Rapporten kan sendes fra mandag 24. januar" in page
    assert doctor.post("/rapport/send", sted="5501", uke="2022W3").status_code == 400
    assert newest()["period"] == "2022W2"


def test_outside_the_kommune_the_lines_are_published_and_small_ones_hidden(browse, publish):
    publish(1)
    fhi = browse("fhi", "NO")
    lines = lines_of(fhi, "/rapport/tabell.csv?sted=5501&uke=2022W2")
    assert lines["ST_PI_CASES"][0] == "5"
    assert lines["ST_PI_CASES_KNOWN_CONTACT"][0] == "0"
    assert browse("tracer", "5532").get("/rapport/tabell.xlsx?sted=5501").status_code == 200
