"""System settings: what operators set and clients read; and the tidying they ask for."""

import pytest


def test_every_setting_dhis2_knows_has_a_default_of_its_kind(ask):
    body = ask("GET", "systemSettings").json()
    assert body["keyDateFormat"] == "yyyy-MM-dd" and body["keyCalendar"] == "iso8601"
    assert body["minPasswordLength"] == 8 and body["keyRequireAddToView"] is False
    assert len(body) > 100
    assert not {"keyEmailPassword", "recaptchaSecret"} & body.keys()


def test_settings_are_asked_for_by_key_as_text_and_as_json(ask):
    path = "systemSettings?key=keyDateFormat&key=keyEmailPort"
    assert ask("GET", path).json() == {"keyDateFormat": "yyyy-MM-dd", "keyEmailPort": 587}
    one = "systemSettings/keyEmailPort"
    assert ask("GET", one, headers={"accept": "application/json"}).json() == {"keyEmailPort": 587}
    assert ask("GET", one, headers={"accept": "text/plain"}).text == "587"
    assert ask("GET", "systemSettings/keyNobodyKnows").status_code == 404


@pytest.mark.parametrize(
    ("more", "query"),
    [
        pytest.param({}, "?value=Varsel", id="in the query"),
        pytest.param(
            {"content": "Varsel", "headers": {"content-type": "text/plain"}}, "", id="text"
        ),
        pytest.param({"json": "Varsel"}, "", id="json"),
    ],
)
def test_a_setting_is_set_read_and_taken_away(ask, more, query):
    path = "systemSettings/keyApplicationNotification"
    assert ask("POST", path + query, by="admin", **more).status_code == 200
    text = {"accept": "text/plain"}
    assert ask("GET", path, headers=text).text == "Varsel"
    assert ask("DELETE", path, by="admin").status_code == 204
    assert ask("GET", path, headers=text).text == ""
    assert ask("GET", path).json() == {"keyApplicationNotification": ""}


def test_several_settings_are_set_at_once_or_none(ask):
    both = {"keyHideDailyPeriods": True, "keySqlViewMaxLimit": 7}
    assert ask("POST", "systemSettings", by="admin", json=both).status_code == 200
    found = ask("GET", "systemSettings?key=keyHideDailyPeriods&key=keySqlViewMaxLimit").json()
    assert found == both
    bad = {"keySqlViewMaxLimit": 9, "keyHideDailyPeriods": "perhaps"}
    assert ask("POST", "systemSettings", by="admin", json=bad).status_code == 400
    unknown = {"keySqlViewMaxLimit": 9, "keyNobodyKnows": 1}
    assert ask("POST", "systemSettings", by="admin", json=unknown).status_code == 404
    assert ask("GET", "systemSettings/keySqlViewMaxLimit").json() == {"keySqlViewMaxLimit": 7}
    answer = ask("DELETE", "systemSettings?key=keySqlViewMaxLimit", by="admin")
    assert answer.status_code == 204
    assert ask("GET", "systemSettings/keySqlViewMaxLimit").json() == {"keySqlViewMaxLimit": -1}
    kept = ask("GET", "systemSettings").headers["cache-control"]
    assert kept == "no-cache, no-store, must-revalidate"


def test_a_tracer_reads_settings_and_sets_none(ask, colleague):
    for method, path in (
        ("POST", "systemSettings/keySqlViewMaxLimit?value=1"),
        ("POST", "systemSettings"),
        ("DELETE", "systemSettings/keySqlViewMaxLimit"),
    ):
        assert ask(method, path, json={}).status_code == 403
        assert colleague(method, path, json={}).status_code == 403
    assert ask("GET", "systemSettings/keyEmailPassword").status_code == 403


def test_a_title_reads_otherwise_in_another_language(ask):
    path = "systemSettings/keyApplicationIntro"
    ask("POST", f"{path}?value=Velkommen", by="admin")
    assert ask("POST", f"{path}?locale=fr&value=Bienvenue", by="admin").status_code == 200
    assert ask("GET", f"{path}?locale=fr").text == "Bienvenue"
    assert ask("GET", f"{path}?locale=de").text == "Velkommen"
    assert ask("GET", path).json() == {"keyApplicationIntro": "Velkommen"}
    ask("POST", f"{path}?locale=en&value=Welcome", by="admin")
    assert ask("GET", path).json() == {"keyApplicationIntro": "Welcome"}
    assert ask("GET", "systemSettings").json()["keyApplicationIntro"] == "Velkommen"
    assert ask("DELETE", f"{path}?locale=fr", by="admin").status_code == 204
    assert ask("GET", f"{path}?locale=fr").text == "Velkommen"


def test_a_setting_that_is_set_to_nothing_is_as_before(ask):
    path = "systemSettings/keySqlViewMaxLimit"
    for body, query in (
        ({"keySqlViewMaxLimit": None}, ""),
        ({"keySqlViewMaxLimit": ""}, ""),
        (None, "/keySqlViewMaxLimit?value="),
    ):
        assert ask("POST", f"{path}?value=7", by="admin").status_code == 200
        assert ask("POST", f"systemSettings{query}", by="admin", json=body).status_code == 200
        assert ask("GET", path).json() == {"keySqlViewMaxLimit": -1}


def test_a_setting_taken_away_is_gone_in_every_language(ask):
    path = "systemSettings/keyApplicationFooter"
    ask("POST", f"{path}?locale=en&value=Welcome", by="admin")
    assert ask("DELETE", path, by="admin").status_code == 204
    assert ask("GET", path, headers={"accept": "text/plain"}).text == ""
    assert ask("GET", f"{path}?locale=en").text == ""


def test_what_cannot_be_set_so_is_a_400_before_it_is_looked_for(ask):
    for method, path in (
        ("POST", "keyNobodyKnows"),
        ("POST", "keyNobodyKnows?locale=fr&value=a"),
        ("POST", "keySqlViewMaxLimit?locale=fr&value=a"),
        ("DELETE", "keySqlViewMaxLimit?locale=fr"),
    ):
        assert ask(method, f"systemSettings/{path}", by="admin").status_code == 400


def test_maintenance_is_done_before_it_is_asked_for(ask, colleague):
    every = "maintenance?softDeletedEventRemoval=true&softDeletedTrackedEntityRemoval=true"
    for path in (every, "maintenance/cacheClear", "maintenance/ouPathsUpdate"):
        for method in ("POST", "PUT"):
            assert ask(method, path, by="admin", json={}).status_code == 204
            assert colleague(method, path, json={}).status_code == 403
    assert ask("POST", "maintenance/nothingAtAll", by="admin").status_code == 404
