"""`GET /api/analytics` over HTTP: DHIS2's table, its order, its errors."""

import pytest

from smittesporing.web.api.analytics import analytics, analytics_csv
from smittesporing.web.routes import get
from tests.api.conftest import serve
from tests.api.test_metadata import PASSWORD, people

__all__ = ["people", "serve"]
CASES = "xpHAXUrjfOt"


@pytest.fixture(scope="module")
def server(serve, people):
    rules = ("analytics", "api", "published", "none")
    return serve(
        [get("/api/analytics", analytics, *rules), get("/api/analytics.csv", analytics_csv, *rules)]
    )


@pytest.fixture(scope="module")
def ask(server):
    def run(*parameters, user="tracer", path="/api/analytics"):
        return server.get(path, params=list(parameters), auth=(user, PASSWORD))

    return run


@pytest.fixture
def cases(world, units):
    """Two confirmed cases in Tromsø in week 2, registered once a file."""
    here = world("tracer", "5501", "registrar")
    with here.work() as work:
        if work.conn.execute("select count(*) as n from tracker.enrollment").fetchone()["n"]:
            return here
    interview = {
        "ST_CASE_STATUS": "CONFIRMED",
        "ST_REPORT_DATE": "2022-01-12",
        "ST_COUNT_DATE": "2022-01-12",
    }
    event = here.event("ST_INDEX_INTERVIEW", interview, occurredAt="2022-01-12")
    person = here.person(
        values={"ST_RESIDENCE": "5501"}, enrollments=[here.enrollment(events=[event])]
    )
    report = here.send({"trackedEntities": [person, person]})
    assert [p.code for p in report.errors] == []
    return here


def test_rows_are_texts_in_the_order_of_the_dimensions(ask, cases):
    tromso = cases.org_unit
    answer = ask(
        ("dimension", f"dx:{cases.uid('ST_PI_CASES')}"),
        ("dimension", "pe:LAST_4_WEEKS"),
        ("dimension", f"ou:{tromso}"),
    )
    assert answer.status_code == 200
    body = answer.json()
    assert [h["name"] for h in body["headers"]] == ["dx", "pe", "ou", "value"]
    assert body["rows"] == [[cases.uid("ST_PI_CASES"), "2022W2", tromso, "2"]]
    meta = body["metaData"]
    assert meta["dimensions"]["pe"] == ["2021W51", "2021W52", "2022W1", "2022W2"]
    assert meta["items"][tromso]["name"] == "Tromsø"
    assert meta["items"]["2022W2"]["name"] == "Uke 2, 2022"


def test_a_filter_adds_up_and_has_no_column(ask, cases):
    answer = ask(
        ("dimension", f"dx:{cases.uid('ST_PI_CASES')}"),
        ("filter", "pe:LAST_4_WEEKS;THIS_WEEK"),
        ("filter", "ou:USER_ORGUNIT"),
    )
    assert answer.json()["rows"] == [[cases.uid("ST_PI_CASES"), "2"]]


def test_levels_and_csv(ask, cases):
    answer = ask(
        ("dimension", "ou:LEVEL-3"),
        ("dimension", f"dx:{cases.uid('ST_PI_CASES')}"),
        ("filter", "pe:202201"),
        user="admin",
        path="/api/analytics.csv",
    )
    assert (
        answer.text
        == f"Organisation unit,Data,Value\n{cases.org_unit},{cases.uid('ST_PI_CASES')},2\n"
    )


@pytest.mark.parametrize(
    ("code", "parameters"),
    [
        ("E7101", []),
        ("E7102", [("dimension", "pe:2022W2")]),
        ("E7103", [("dimension", "dx:{dx}"), ("dimension", "pe:2022W2"), ("filter", "pe:2022W2")]),
        ("E7104", [("dimension", "dx:{dx}")]),
        ("E7111", [("dimension", "dx:{dx}"), ("dimension", "dx:{dx}")]),
        ("E7124", [("dimension", "dx:nothing"), ("dimension", "pe:2022W2")]),
        ("E7124", [("dimension", "dx:{dx}"), ("dimension", "pe:2022W60")]),
        (
            "E7124",
            [("dimension", "dx:{dx}"), ("dimension", "pe:2022W2"), ("dimension", "ou:nowhere")],
        ),
        ("E7124", [("dimension", "dx:{dx}"), ("dimension", "pe:2022W2"), ("dimension", "zz:1")]),
        (
            "E7120",
            [("dimension", "dx:{dx}"), ("dimension", "pe:202201"), ("dimension", "ou:LEVEL-1")],
        ),
    ],
)
def test_errors_are_dhis2s_conflicts(ask, cases, code, parameters):
    dx = cases.uid("ST_PI_CASES")
    answer = ask(*((name, value.replace("{dx}", dx)) for name, value in parameters))
    assert (answer.status_code, answer.json()["errorCode"]) == (409, code)
    assert answer.json()["httpStatus"] == "Conflict"


def test_beyond_the_reach_weekly_figures_are_published_ones(ask, cases):
    answer = ask(
        ("dimension", f"dx:{cases.uid('ST_PI_CASES')}"),
        ("dimension", "pe:2022W2"),
        ("dimension", "ou:LEVEL-1"),
    )
    assert (answer.status_code, answer.json()["rows"]) == (200, [])
