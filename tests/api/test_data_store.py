"""The data store: what apps keep, each user's own beside it."""

import pytest

from smittesporing.uid import new_uid


@pytest.fixture
def space():
    return f"space-{new_uid()}"


def test_an_entry_is_made_read_changed_and_deleted(colleague, space):
    path = f"dataStore/{space}/one"
    assert colleague("GET", f"dataStore/{space}").status_code == 404
    answer = colleague("POST", path, json={"a": 1})
    assert (answer.status_code, answer.json()["httpStatusCode"]) == (201, 201)
    assert colleague("POST", path, json={}).status_code == 409
    assert colleague("GET", path).json() == {"a": 1}
    assert colleague("PUT", path, json=[1, 2]).status_code == 200
    assert colleague("GET", path).json() == [1, 2]
    assert space in colleague("GET", "dataStore").json()
    assert colleague("GET", f"dataStore/{space}").json() == ["one"]
    assert colleague("GET", f"dataStore/{space}/keys").json() == ["one"]
    assert colleague("DELETE", path).status_code == 200
    for gone in (path, f"dataStore/{space}"):
        answer = colleague("GET", gone)
        assert (answer.status_code, answer.json()["httpStatus"]) == (404, "Not Found")
    assert colleague("DELETE", path).status_code == 404


def test_put_makes_what_is_not_there(colleague, space):
    assert colleague("PUT", f"dataStore/{space}/new", json="text").status_code == 201
    assert colleague("GET", f"dataStore/{space}/new").json() == "text"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"null", id="null"),
        pytest.param(b"true", id="a truth"),
        pytest.param(b"1.50", id="a number"),
        pytest.param(b'"\xc3\xa6\xc3\xb8\xc3\xa5"', id="a text"),
        pytest.param(b"[]", id="an empty list"),
        pytest.param(b"{}", id="an empty object"),
    ],
)
def test_any_json_is_kept(colleague, space, value):
    headers = {"content-type": "application/json"}
    path = f"dataStore/{space}/any"
    assert colleague("POST", path, content=value, headers=headers).status_code == 201
    import json

    assert colleague("GET", path).json() == json.loads(value)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"{", id="half"),
        pytest.param(b"", id="nothing"),
        pytest.param(b'"\\ud800"', id="half a sign"),
        pytest.param(b'"\\u0000"', id="nul"),
        pytest.param(b"1e99999", id="beyond measure"),
        pytest.param(b"[" * 5000, id="nested"),
    ],
)
def test_what_is_no_json_is_a_bad_request(colleague, space, value):
    headers = {"content-type": "application/json"}
    answer = colleague("POST", f"dataStore/{space}/bad", content=value, headers=headers)
    assert answer.status_code == 400


def test_a_part_is_changed_by_its_path_and_a_list_rolls(colleague, space):
    path = f"dataStore/{space}/parts"
    colleague("POST", path, json={"a": {"b": 1}, "log": [1, 2]})
    assert colleague("PUT", f"{path}?path=a.b", json=2).status_code == 200
    assert colleague("PUT", f"{path}?path=log&roll=2", json=3).status_code == 200
    assert colleague("GET", path).json() == {"a": {"b": 2}, "log": [2, 3]}


@pytest.mark.parametrize(
    ("before", "query", "part", "after"),
    [
        pytest.param(b"42", "", b"", None, id="a whole value of nothing takes it away"),
        pytest.param(b'{"a": 1}', "path=a", b"", {"a": None}, id="a part of nothing stays as null"),
        pytest.param(b"null", "roll=3", b"7", 7, id="nothing is replaced"),
        pytest.param(b"{}", "roll=3", b"7", 7, id="no list is replaced"),
        pytest.param(b"[5, 6, 7]", "roll=3", b"8", [6, 7, 8], id="a list rolls"),
        pytest.param(
            b'{"a": null}', "roll=3&path=b", b"7", {"a": None, "b": [7]}, id="a list begins"
        ),
        pytest.param(
            b'{"a": {"b": [1]}}', "roll=2&path=a.b", b"2", {"a": {"b": [1, 2]}}, id="below"
        ),
        pytest.param(b'{"a": [{}]}', "roll=3&path=a.[0]", b"7", {"a": [7]}, id="a place in a list"),
    ],
)
def test_a_value_rolls_or_is_replaced(colleague, space, before, query, part, after):
    path = f"dataStore/{space}/rolling"
    headers = {"content-type": "application/json"}
    assert colleague("POST", path, content=before, headers=headers).status_code == 201
    answer = colleague("PUT", f"{path}?{query}", content=part, headers=headers)
    assert answer.status_code == 200
    found = colleague("GET", path)
    assert (found.status_code == 404) if after is None else (found.json() == after)


def test_a_value_reads_as_the_database_writes_it(colleague, space):
    colleague("POST", f"dataStore/{space}/text", content=b'{"name":"A","league":"B"}',
              headers={"content-type": "application/json"})  # fmt: skip
    assert colleague("GET", f"dataStore/{space}/text").text == '{"name": "A", "league": "B"}'
    meta = colleague("GET", f"dataStore/{space}/text/metaData").json()
    assert list(meta["createdBy"]) == ["id", "code", "name", "displayName"]


@pytest.fixture(scope="module")
def people(colleague):
    """A namespace with three entries."""
    for key, value in (
        ("anna", {"name": "Anna", "age": 42, "home": {"city": "Bodø"}, "tags": ["a"]}),
        ("bo", {"name": "Bo", "age": 7, "home": {"city": "Vadsø"}, "tags": []}),
        ("cat", {"kind": "cat", "age": 9, "name": None}),
    ):
        assert colleague("POST", f"dataStore/people-x/{key}", json=value).status_code == 201
    return "dataStore/people-x"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param("", [{"key": "anna"}, {"key": "bo"}, {"key": "cat"}], id="keys"),
        pytest.param(
            "name,age",
            [
                {"key": "anna", "name": "Anna", "age": 42},
                {"key": "bo", "name": "Bo", "age": 7},
                {"key": "cat", "name": None, "age": 9},
            ],
            id="two values",
        ),
        pytest.param(
            "home[city]",
            [{"key": "anna", "home": {"city": "Bodø"}}, {"key": "bo", "home": {"city": "Vadsø"}}],
            id="a nested value",
        ),
        pytest.param(
            "home(city~hoist(town))",
            [{"key": "anna", "town": "Bodø"}, {"key": "bo", "town": "Vadsø"}],
            id="hoisted",
        ),
        pytest.param("kind", [{"key": "cat", "kind": "cat"}], id="only where it is"),
    ],
)
def test_fields_take_out_what_they_name(colleague, people, fields, expected):
    body = colleague("GET", people, params={"fields": fields}).json()
    assert body == {"pager": {"page": 1, "pageSize": 50}, "entries": expected}
    headless = colleague("GET", people, params={"fields": fields, "paging": "false"}).json()
    assert headless == expected


def test_a_point_is_the_whole_value(colleague, people):
    body = colleague("GET", f"{people}?fields=.&paging=false").json()
    assert [each["value"]["age"] for each in body] == [42, 7, 9]


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        pytest.param("filter=age:gt:8", ["anna", "cat"], id="number"),
        pytest.param("filter=name:eq:Bo", ["bo"], id="text"),
        pytest.param("filter=name:ilike:AN", ["anna"], id="whatever the case"),
        pytest.param("filter=name:$like:B", ["bo"], id="starts"),
        pytest.param("filter=name:!null", ["anna", "bo"], id="is there"),
        pytest.param("filter=name:null", ["cat"], id="is null"),
        pytest.param("filter=tags:empty", ["bo"], id="is empty"),
        pytest.param("filter=_:in:[bo,cat]", ["bo", "cat"], id="keys"),
        pytest.param("filter=home.city:like:dø", ["anna"], id="path"),
        pytest.param("filter=tags[0]:eq:a", ["anna"], id="place in a list"),
        pytest.param("filter=age:eq:7&filter=age:eq:9&rootJunction=or", ["bo", "cat"], id="or"),
        pytest.param("order=age:nasc", ["bo", "cat", "anna"], id="by number"),
        pytest.param("order=_:desc", ["cat", "bo", "anna"], id="by key"),
        pytest.param("page=2&pageSize=2", ["cat"], id="second page"),
        pytest.param("page=9", [], id="past the end"),
    ],
)
def test_entries_are_filtered_ordered_and_paged(colleague, people, query, keys):
    body = colleague("GET", f"{people}?fields=&{query}").json()
    assert [each["key"] for each in body["entries"]] == keys


@pytest.mark.parametrize(
    "query", ["fields=a[b", "fields=&filter=age", "fields=&filter=a:about:b", "fields=&order=a:up"]
)
def test_a_question_that_cannot_be_read_is_a_bad_request(colleague, people, query):
    assert colleague("GET", f"{people}?{query}").status_code == 400


def test_an_encrypted_entry_lies_as_ciphertext(colleague, space, pool):
    path = f"dataStore/{space}/secret"
    assert colleague("POST", f"{path}?encrypt=true", json={"pin": "4321"}).status_code == 201
    assert colleague("GET", path).json() == {"pin": "4321"}
    assert colleague("GET", f"{path}/metaData").json()["encrypted"] is True
    with pool.connection() as connection:
        row = connection.execute(
            "select d::text as row from metadata.data_entry d where namespace = %s", (space,)
        ).fetchone()
    assert "4321" not in row["row"]


def test_an_entry_is_seen_by_those_it_is_shared_with(colleague, ask, space):
    path = f"dataStore/{space}/mine"
    colleague("POST", path, json=1)
    meta = colleague("GET", f"{path}/metaData").json()
    assert {"id", "created", "lastUpdated", "namespace", "key", "sharing", "access"} <= meta.keys()
    assert "value" not in meta
    assert ask("GET", path).status_code == 200
    closed = {"object": {"publicAccess": "--------"}}
    answer = colleague("PUT", f"sharing?type=dataStore&id={meta['id']}", json=closed)
    assert answer.status_code == 200
    shared = colleague("GET", f"sharing?type=dataStore&id={meta['id']}").json()
    assert shared["object"]["publicAccess"] == "--------"
    assert ask("GET", path).status_code == 403
    assert ask("GET", f"sharing?type=dataStore&id={meta['id']}").status_code == 404
    assert space not in ask("GET", "dataStore").json()
    assert colleague("GET", path).json() == 1


def test_a_tracer_reads_what_is_shared_and_writes_nothing_that_the_country_sees(
    ask, colleague, space
):
    assert ask("POST", f"dataStore/{space}/x", json=1).status_code == 403
    colleague("POST", f"dataStore/{space}/y", json=1)
    assert ask("GET", f"dataStore/{space}/y").json() == 1
    for method in ("PUT", "DELETE"):
        assert ask(method, f"dataStore/{space}/y", json=2).status_code == 403
    assert ask("DELETE", f"dataStore/{space}").status_code == 403


def test_a_namespace_of_the_system_is_written_by_those_with_its_authority(colleague, ask):
    path = "dataStore/ANDROID_SETTINGS_APP/info"
    assert colleague("PUT", path, json={}).status_code == 403
    assert ask("PUT", path, by="admin", json={}).status_code == 201
    assert colleague("GET", path).json() == {}
    listed = ask("GET", "dataStore/protections", by="admin").json()
    assert "ANDROID_SETTINGS_APP" in {each["namespace"] for each in listed}


def test_of_a_hidden_namespace_others_learn_nothing(colleague, ask):
    path = "dataStore/METADATASTORE"
    assert ask("PUT", f"{path}/x", by="admin", json={}).status_code == 201
    assert ask("GET", path, by="admin").json() == ["x"]
    for method, rest in (
        ("GET", ""), ("GET", "/keys"), ("GET", "?fields=."), ("GET", "/x"), ("GET", "/x/metaData"),
        ("PUT", "/x"), ("DELETE", "/x"), ("DELETE", ""),
    ):  # fmt: skip
        assert colleague(method, f"{path}{rest}", json={}).status_code == 404
    assert colleague("POST", f"{path}/y", json={}).status_code == 403
    assert "METADATASTORE" not in colleague("GET", "dataStore").json()


def test_a_namespace_with_an_entry_that_is_not_hers_to_delete_stays_whole(colleague, ask, space):
    assert colleague("POST", f"dataStore/{space}/hers", json=1).status_code == 201
    assert ask("POST", f"dataStore/{space}/mine", by="admin", json=1).status_code == 201
    uid = colleague("GET", f"dataStore/{space}/mine/metaData").json()["id"]
    closed = {"object": {"publicAccess": "--------"}}
    assert ask("POST", f"sharing?type=dataStore&id={uid}", by="admin", json=closed).is_success
    answer = colleague("DELETE", f"dataStore/{space}")
    assert (answer.status_code, answer.json()["errorCode"]) == (403, "E1006")
    assert ask("GET", f"dataStore/{space}", by="admin").json() == ["hers", "mine"]
    assert ask("DELETE", f"dataStore/{space}", by="admin").status_code == 200


def test_keys_are_asked_for_by_the_year_they_changed(colleague, space):
    colleague("POST", f"dataStore/{space}/x", json=1)
    for since, found in (("2020", ["x"]), ("2020-05", ["x"]), ("2999", []), ("2999-01-01", [])):
        assert colleague("GET", f"dataStore/{space}?lastUpdated={since}").json() == found


def test_what_an_app_asks_for_at_start_and_is_not_there_is_a_proper_404(ask):
    for path in ("dataStore/capture/ruleEngine", "dataStore/USE_CASES/stockUseCases"):
        answer = ask("GET", path)
        assert (answer.status_code, answer.json()["httpStatusCode"]) == (404, 404)
    assert ask("GET", "dataStore/capture?fields=.").json()["entries"] == []


def test_ones_own_store_is_ones_own(ask, colleague, space):
    path = f"userDataStore/{space}/one"
    assert ask("POST", path, json={"mine": True}).status_code == 201
    assert ask("GET", path).json() == {"mine": True}
    assert ask("GET", f"userDataStore/{space}").json() == ["one"]
    assert colleague("GET", path).status_code == 404
    assert colleague("GET", f"{path}?username=odd-tracer").status_code == 403
    assert ask("GET", f"{path}?username=odd-tracer", by="admin").json() == {"mine": True}
    assert ask("PUT", path, json=2).status_code == 200
    assert ask("DELETE", f"userDataStore/{space}").status_code == 200
    assert ask("GET", f"userDataStore/{space}").status_code == 404


def test_an_entry_may_not_be_huge(colleague, space):
    answer = colleague("POST", f"dataStore/{space}/big", json="x" * 1_000_001)
    assert answer.status_code == 413
