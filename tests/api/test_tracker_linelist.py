"""The Korean line list through the public API: 162 cases, 98 links, once."""

from collections import Counter

import pytest

from smittesporing.access import org_units, users
from smittesporing.cli import import_linelist
from smittesporing.metadata import store
from smittesporing.web.api.metadata_routes import metadata_routes
from smittesporing.web.api.tracker_routes import routes
from tests.conftest import ROOT

PASSWORD = "a long enough password"


@pytest.fixture(scope="module")
def server(serve, pool, settings):
    with pool.connection() as connection:
        units = org_units.current(connection)
        user = users.add(
            connection, settings, username="admin", first_name="A", surname="B", password=PASSWORD
        )
        users.grant(connection, user.uid, units.root.id, "superuser")
    return serve([*routes(), *metadata_routes()])


@pytest.fixture
def run(server, monkeypatch, capsys):
    monkeypatch.setenv("SMITTESPORING_API_USER", "admin")
    monkeypatch.setenv("SMITTESPORING_API_PASSWORD", PASSWORD)

    def start(*words, kommune="5501"):
        mapping = str(ROOT / "examples/mers-korea.toml")
        code = import_linelist.run(
            [*map(str, words), "--org-unit", kommune, "--url", str(server.base_url),
             "--mapping", mapping]
        )  # fmt: skip
        said = capsys.readouterr()
        return code, said.out, said.err

    return start


def of_api(server, path):
    answer = server.get(f"/api/{path}", auth=("admin", PASSWORD))
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def korea(shared):
    folder = shared / "data/mers_korea_2015"
    return folder / "linelist.csv", folder / "contacts.csv"


def test_162_cases_and_98_links_come_in_once(run, server, korea, pool):
    code, said, wrong = run(*korea)
    assert code == 0, wrong
    assert said.startswith("162 people and 98 links read")
    code, said, wrong = run(*korea)
    assert code == 0, wrong
    assert " 0 records created, 260 people and links were there already, 0 rows left out" in said
    with pool.connection() as connection:
        metadata = store.current(connection)
    index, stage = metadata.uid("ST_INDEX"), metadata.uid("ST_INDEX_SOURCE")
    cases = of_api(server, f"tracker/enrollments?program={index}&paging=false")["enrollments"]
    assert len(cases) == 162
    sources = of_api(
        server, f"tracker/events?programStage={stage}&paging=false&fields=relationships[from]"
    )["events"]
    assert len(sources) == 98
    infected_by = Counter(
        event["relationships"][0]["from"]["enrollment"]["enrollment"] for event in sources
    )
    assert [number for _, number in infected_by.most_common(3)] == [38, 26, 21]


def test_a_row_that_cannot_be_read_is_named_and_the_others_come_in(run, korea, tmp_path):
    lines = korea[0].read_bytes().splitlines(keepends=True)[:7]
    lines[2] = lines[2].replace(b"2015-05-18", b"2015-15-18")
    lines[3] = lines[3].replace(b",M,", b",X,")
    lines[4] = lines[4].replace(b"South Korea", "Sør-Korea".encode("latin-1"))
    lines[5] = b"SK_99,1\r\n"
    listed = tmp_path / "list.csv"
    listed.write_bytes(b"\xef\xbb\xbf" + b"".join(lines))
    links = tmp_path / "links.csv"
    links.write_text(
        "from,to,exposure,diff_dt_onset\nSK_1,SK_2,Hospital room,3\nSK_1,SK_6,Taxi,2\n"
    )
    code, said, wrong = run(listed, links, kommune="4601")
    assert code == 1
    assert said.startswith("2 people and 1 links read; ")
    assert [line.split(": ")[1].split(",")[1] for line in wrong.splitlines()] == [
        " line 3", " line 4", " line 5", " line 6", " line 2",
    ]  # fmt: skip
    assert "dt_onset is not a date" in wrong and "sex has a word" in wrong
    assert "not utf-8" in wrong and "number of cells" in wrong and "nobody" in wrong


def test_an_unknown_kommune_stops_before_anything_is_sent(run, korea):
    code, _, wrong = run(*korea, kommune="9999")
    assert code == 2 and "9999" in wrong
