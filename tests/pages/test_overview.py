"""The overview: live at home, published elsewhere, a list behind each figure for those who may see it."""

import csv
import gzip
import io
import json
import threading
import time
from datetime import timedelta

import httpx
import psycopg
import pytest
from openpyxl import load_workbook

from smittesporing import periods
from smittesporing.analytics import published
from smittesporing.analytics.query import Cell
from smittesporing.cli import import_borders
from smittesporing.web.pages import exports
from smittesporing.web.pages.overview_curve import curve
from smittesporing.web.pages.overview_figures import Cells, View
from tests.conftest import TODAY
from tests.tracker.conftest import metadata, units, world

__all__ = ["metadata", "units", "world"]


def add_cases(world, number, *, tested="2022-01-12", setting="HOUSEHOLD", lives=""):
    interview = {
        "ST_DISEASE": "COVID19",
        "ST_CASE_STATUS": "CONFIRMED",
        "ST_REPORT_DATE": tested,
        "ST_COUNT_DATE": tested,
        **({"ST_EXPOSURE_SETTING": setting} if setting else {}),
    }
    people = []
    for _ in range(number):
        event = world.event("ST_INDEX_INTERVIEW", interview, occurredAt=tested)
        case = world.enrollment(enrolledAt=tested, occurredAt=tested, events=[event])
        lived = {"ST_RESIDENCE": lives or world.kommune}
        people.append(world.person(values=lived, enrollments=[case]))
    report = world.send({"trackedEntities": people})
    assert [problem.code for problem in report.errors] == []


@pytest.fixture
def publish(pool, counter_pool):
    def run(hours):
        with counter_pool.connection() as counter, pool.connection() as conn:
            published.publish(counter, conn, TODAY + timedelta(hours=hours), TODAY.date())

    return run


def tile(page, title):
    """The text of one tile."""
    at = page.index(f'<span class="tile-title">{title}')
    return page[at : page.index("</a>", at)]


CASES_LIST = "/oversikt/liste?tall=ST_PI_CASES&sted=5501&uke=2022W2"


def test_figures_are_published_soon_after_the_service_starts(service_url, pool):
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        with pool.connection() as conn:
            if published.latest(conn) is not None:
                return
        time.sleep(0.2)
    raise AssertionError("nothing was published within 5 seconds")


def test_a_case_stands_in_the_tile_and_its_list_the_moment_it_is_saved(world, browse):
    tracer = world("tracer", "5501")
    add_cases(tracer, 3)
    reader = browse("tracer", "5501")
    assert "<b>3</b>" in tile(reader.get("/oversikt").text, "Nye smittede uke 2")
    add_cases(tracer, 1, setting="")
    page = reader.get("/oversikt").text
    assert "<b>4</b>" in tile(page, "Nye smittede uke 2")
    assert "4 av 77 095 innbyggere" in tile(page, "Nye smittede uke 2").replace("\xa0", " ")
    assert "<b>75</b> %" in tile(page, "Kjent eksponeringssted")
    assert "3 av 4 smittede" in tile(page, "Kjent eksponeringssted")
    listed = reader.get(CASES_LIST)
    assert listed.status_code == 200
    assert listed.text.count('href="/indeks/') == 4


def test_a_square_of_the_curve_opens_its_own_list(world, browse):
    reader = browse("tracer", "5501")
    address = "/oversikt/liste?tall=ST_PI_CASES&sted=5501&dag=2022-01-12&slag="
    assert reader.get(address + "household").text.count('href="/indeks/') == 3
    assert reader.get(address + "unknown").text.count('href="/indeks/') == 1
    assert "Ingen bak dette tallet" in reader.get(address + "work").text
    assert reader.get(address + "everything").status_code == 404


def test_whom_a_list_showed_stands_in_the_log(browse, owner):
    before = owner.execute("select count(*) as n from access.log_person").fetchone()["n"]
    browse("tracer", "5501").get(CASES_LIST)
    after = owner.execute("select count(*) as n from access.log_person").fetchone()["n"]
    assert after - before == 4


def test_the_neighbour_sees_what_is_published_and_no_list(world, browse, publish):
    neighbour = browse("tracer", "5532")
    publish(1)
    page = neighbour.get("/oversikt?sted=5501").text
    assert "<b>skjult</b>" in tile(page, "Nye smittede uke 2")
    assert "Publisert 20. januar kl. 13.00" in page
    assert "/oversikt/liste" not in page
    assert neighbour.get(CASES_LIST).status_code == 404
    add_cases(world("tracer", "5501"), 6)
    assert "<b>skjult</b>" in tile(neighbour.get("/oversikt?sted=5501").text, "Nye smittede uke 2")
    publish(2)
    assert "<b>10</b>" in tile(neighbour.get("/oversikt?sted=5501").text, "Nye smittede uke 2")


def test_a_share_is_hidden_where_the_rest_is_too_small(browse):
    page = browse("tracer", "5532").get("/oversikt?sted=5501").text
    assert "<b>skjult</b>" in tile(page, "Kjent eksponeringssted")  # 9 of 10: one is left


def test_fhi_sees_counts_of_the_country_and_never_a_person(browse):
    fhi = browse("fhi", "NO")
    page = fhi.get("/oversikt").text
    assert "<b>10</b>" in tile(page, "Nye smittede uke 2")
    assert "/oversikt/liste" not in page and "/indeks/" not in page and "Testesen" not in page
    assert fhi.get(CASES_LIST).status_code == 403
    assert fhi.get("/oversikt/tabell.csv").status_code == 200


def test_every_role_that_sees_figures_may_ask_and_the_administrator_lists_nobody(browse):
    for role, place in (("kommuneoverlege", "5501"), ("administrator", "5501"), ("ks", "NO")):
        assert browse(role, place).get("/oversikt").status_code == 200
    assert browse("administrator", "5501").get(CASES_LIST).status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "/oversikt?sted=9999",
        "/oversikt/liste?tall=ST_PI_CASES&sted=5501&uke=2022W99",
        "/oversikt/liste?tall=ST_PI_NOTHING&sted=5501&uke=2022W2",
        "/oversikt/liste?tall=ST_IND_KNOWN_CONTACT&sted=5501&uke=2022W2",
        "/oversikt/liste?tall=ST_PI_CASES&sted=5501&uke=2022",
    ],
)
def test_what_is_not_there_is_not_found(browse, address):
    assert browse("tracer", "5501").get(address).status_code == 404


@pytest.mark.parametrize("query", ["til=2099W1", "til=x&uker=9999", "til=2022", "uker=-1"])
def test_weeks_that_cannot_be_read_give_the_last_eight(browse, query):
    page = browse("tracer", "5501").get(f"/oversikt?{query}").text
    assert "Nye smittede uke 2" in page and 'value="8" selected' in page


def test_a_kommune_without_population_has_no_rate_and_says_why(world, browse):
    add_cases(world("tracer", "1580"), 2)
    page = browse("tracer", "1580").get("/oversikt").text
    assert "Folketall mangler" in page
    assert "innbyggere" not in tile(page, "Nye smittede uke 2")


def test_a_page_asks_the_database_few_times(browse, monkeypatch):
    reader = browse("kommuneoverlege", "5501")
    reader.get("/oversikt")
    asked = []
    execute = psycopg.Cursor.execute

    def counting(self, query, *more, **options):
        # The service publishes figures by itself now and then, in the same process.
        if threading.current_thread().name != "background":
            asked.append(query)
        return execute(self, query, *more, **options)

    monkeypatch.setattr(psycopg.Cursor, "execute", counting)
    # What is remembered between requests is sometimes read anew, and that is not the page's.
    times = []
    for _ in range(3):
        asked.clear()
        reader.get("/oversikt")
        times.append(len(asked))
    assert 5 < min(times) <= 30, times


@pytest.mark.parametrize(
    ("given", "drawn", "hidden"),
    [
        ({"": 20, "HOUSEHOLD": 12, "SCHOOL": 8}, {"household": 12, "school": 8}, []),
        # One kind holds what is hidden: it stands as the remainder.
        ({"": 20, "HOUSEHOLD": 12, "SCHOOL": None}, {"household": 12, "unknown": 8}, ["school"]),
        # Two are hidden, of together 8.
        (
            {"": 20, "HOUSEHOLD": 12, "SCHOOL": None, "TRAVEL": None},
            {"household": 12, "unknown": 8},
            ["school", "abroad"],
        ),
        # The parts have taken a step that their sum waits for.
        ({"": 14, "HOUSEHOLD": 14, "SCHOOL": None}, {"unknown": 14}, 5),
        ({"": None, "HOUSEHOLD": None}, {}, 6),
    ],
)
def test_what_is_hidden_of_a_published_week_stands_as_one_remainder(units, given, drawn, hidden):
    week = periods.parse("2022W2")
    unit = units.by_code["5501"]
    cells = Cells(
        {
            (f"ST_PI_CASES_{option}" if option else "ST_PI_CASES", unit.id, week.id): Cell(
                option, unit.id, week.id, value, TODAY, value is None
            )
            for option, value in given.items()
        },
        frozenset(),
        True,
    )
    (shown,) = curve(View(unit, False, (week,), week, TODAY.date()), cells, "")["days"]
    assert shown["counts"] == drawn
    assert shown["hidden"] == hidden or len(shown["hidden"]) == hidden


def test_files_hold_the_table_and_only_those_who_may_export_take_exact_figures(browse):
    assert browse("tracer", "5501").get("/oversikt/tabell.csv").status_code == 403
    doctor = browse("kommuneoverlege", "5501")
    answer = doctor.get("/oversikt/tabell.csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[1][:4] == ["5501", "Tromsø", "77095", "10"]
    sheet = load_workbook(io.BytesIO(doctor.get("/oversikt/tabell.xlsx").content)).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert ["5501", "Tromsø", 77095, 10] in [row[:4] for row in cells]


@pytest.mark.parametrize("text", ["=1+1", "+47", "-1", "@SUM(A1)", "\t=1", "＝1"])
def test_a_file_holds_no_formula(text):
    table = exports.Table("t", (text,), (text,), [(text, -1, -1.5, None)])
    rows = list(csv.reader(io.StringIO(exports.as_csv(table).decode("utf-8-sig")), delimiter=";"))
    assert rows == [["'" + text], ["'" + text, "-1", "-1,5", ""], ["'" + text]]
    sheet = load_workbook(io.BytesIO(exports.as_xlsx(table))).active
    for row in sheet.iter_rows():
        for cell in row:
            assert cell.data_type != "f"
            assert not str(cell.value or "").startswith(("=", "+", "@"))


def test_borders_are_imported_and_served_small_and_for_long(
    shared, browse, owner_url, monkeypatch, capsys
):
    reader = browse("tracer", "5501")
    assert "Kartverket" not in reader.get("/oversikt").text
    assert reader.get("/oversikt/grenser").status_code == 404
    monkeypatch.setenv("SMITTESPORING_OWNER_URL", owner_url)
    assert import_borders.run([str(shared / "data/kartverket/kommuner-2024.geojson")]) == 0
    assert "Borders of 357 kommuner imported." in capsys.readouterr().out
    page = reader.get("/oversikt").text
    assert "Kartverket, CC BY 4.0" in page
    at = page.index("/oversikt/grenser?v=")
    address = page[at : page.index('"', at)]
    answer = reader.get(address)
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert len(gzip.compress(answer.content)) < 250_000
    features = json.loads(answer.content)["features"]
    assert len({feature["properties"]["id"] for feature in features}) == 357
    outer = [
        ring for f in features for polygon in f["geometry"]["coordinates"] for ring in polygon[:1]
    ]
    assert all(
        import_borders._area(ring) <= 0 for ring in outer
    )  # clockwise, as maps on a sphere want
    plain = httpx.get(reader.client.base_url.join(address), cookies=reader.client.cookies,
                      headers={"accept-encoding": "identity"}, trust_env=False)  # fmt: skip
    assert plain.json() == json.loads(answer.content)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("not json", "is not JSON"),
        ('{"features": []}', "has no features"),
        ('{"features": [{"properties": {}, "geometry": null}]}', "has no kommunenummer"),
        ('{"features": [{"properties": {"id": "5501"}, "geometry": null}]}', "cannot be read"),
        (
            '{"features": [{"properties": {"id": "5501"}, "geometry":'
            ' {"type": "Polygon", "coordinates": [[[650000, 7700000], [1, 2], [3, 4]]]}}]}',
            "cannot be read",
        ),
        (
            '{"features": [{"properties": {"id": "9999"}, "geometry":'
            ' {"type": "Polygon", "coordinates": [[[1, 60], [2, 60], [2, 61]]]}}]}',
            "none of its numbers",
        ),
    ],
)
def test_a_file_that_is_no_border_file_changes_nothing(
    tmp_path, owner, owner_url, monkeypatch, capsys, text, reason
):
    monkeypatch.setenv("SMITTESPORING_OWNER_URL", owner_url)
    before = owner.execute("select count(*) as n from access.border").fetchone()
    file = tmp_path / "borders.geojson"
    file.write_text(text, "utf-8")
    assert import_borders.run([str(file)]) == 2
    assert reason in capsys.readouterr().err
    assert owner.execute("select count(*) as n from access.border").fetchone() == before
