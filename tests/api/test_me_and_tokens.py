"""The one who asks: what she may, her password, her tokens for machines."""

import re
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from smittesporing.access import tokens
from smittesporing.uid import new_uid
from smittesporing.web import basic

PASSWORD = "Sommer-i-nord-9"
CAPTURE = (
    "id,firstName,surname,userRoles[id],userGroups[id],organisationUnits[id,path],"
    "teiSearchOrganisationUnits[id,path],settings"
)


@pytest.fixture
def somebody(ask, client, unit):
    """`somebody(method, path, …)` as a fresh client of Tromsø; her name and password on it."""
    role, uid = new_uid(), new_uid()
    ask("POST", "userRoles", by="admin", json={"id": role, "name": role, "authorities": []})
    body = {
        "id": uid,
        "username": f"me-{uid}",
        "firstName": "Kari",
        "surname": "Prøve",
        "password": PASSWORD,
        "userRoles": [{"id": role}],
        "organisationUnits": [{"id": unit}],
    }
    assert ask("POST", "users", by="admin", json=body).status_code == 201

    def asked(method, path, password=PASSWORD, **more):
        return client.request(method, f"/api/{path}", auth=(body["username"], password), **more)

    asked.uid, asked.username = uid, body["username"]
    return asked


def with_token(client, token, method="GET", path="me", **headers):
    headers = {"authorization": f"ApiToken {token}".encode("latin-1"), **headers}
    return client.request(method, f"/api/{path}", headers=headers)


def a_token(somebody, **body):
    answer = somebody("POST", "apiToken", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["response"]


def test_me_answers_what_the_capture_app_asks_first(somebody, unit):
    body = somebody("GET", f"42/me.json?fields={CAPTURE}").json()
    assert body.keys() == {
        *("id", "firstName", "surname", "userRoles", "userGroups", "organisationUnits"),
        *("teiSearchOrganisationUnits", "settings"),
    }
    assert body["organisationUnits"][0]["path"].endswith(unit)
    assert {"keyUiLocale", "keyDbLocale"} <= body["settings"].keys()


def test_me_without_fields_has_all_that_dhis2_has(somebody):
    body = somebody("GET", "me").json()
    assert {
        *("id", "username", "name", "displayName", "authorities", "programs", "dataSets"),
        *("settings", "patTokens", "access", "sharing", "favorites", "translations"),
        *("dataViewOrganisationUnits", "created", "lastUpdated", "attributeValues"),
    } <= body.keys()


def test_a_tracer_has_the_authorities_her_role_amounts_to(ask):
    listed = ask("GET", "me/authorization").json()
    assert listed == ask("GET", "me/authorities").json()
    assert "M_dhis-web-capture" in listed and "ALL" not in listed
    assert ask("GET", "me/authorization/M_dhis-web-capture").json() is True
    assert ask("GET", "me/authorities/F_METADATA_IMPORT").json() is False
    assert ask("GET", "me/authorization/F_METADATA_IMPORT", by="admin").json() is True


def test_one_changes_ones_own_name_and_not_ones_roles(somebody, ask):
    stated = {"surname": "Ny", "email": "ny@example.org", "jobTitle": "lege", "userRoles": []}
    answer = somebody("PUT", "me", json={**stated, "disabled": True, "username": "another"})
    assert (answer.status_code, answer.json()["surname"]) == (200, "Ny")
    found = ask("GET", f"users/{somebody.uid}", by="admin").json()
    assert (found["email"], found["jobTitle"]) == ("ny@example.org", "lege")
    assert found["username"] == somebody.username and len(found["userRoles"]) == 1
    assert found["disabled"] is False


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(PASSWORD, PASSWORD, id="the same again"),
        pytest.param(PASSWORD, "Sh0rt?", id="short"),
        pytest.param(PASSWORD, "L0ng?" * 20, id="long"),
        pytest.param(PASSWORD, "", id="empty"),
        pytest.param("not-the-old-one", "Vinter-i-nord-9", id="wrong old"),
        pytest.param(PASSWORD, "vinter-i-nord-9", id="no upper case"),
        pytest.param(PASSWORD, "VinterINord9", id="nothing odd"),
        pytest.param(PASSWORD, "Vinter-i-nord", id="no figure"),
    ],
)
def test_a_password_that_breaks_the_rules_is_not_taken(somebody, old, new):
    body = {"oldPassword": old, "newPassword": new}
    answer = somebody("PUT", "me/changePassword", json=body)
    assert (answer.status_code, answer.json()["status"]) == (409, "ERROR")
    assert somebody("GET", "me").status_code == 200


def test_a_changed_password_opens_at_once_and_the_old_one_no_longer(somebody):
    new = "Vinter-i-nord-9"
    body = {"oldPassword": PASSWORD, "newPassword": new}
    assert somebody("PUT", "me/changePassword", json=body).status_code == 202
    assert somebody("GET", "me", password=new).status_code == 200
    assert somebody("GET", "me").status_code == 401
    back = {"oldPassword": new, "newPassword": PASSWORD}
    assert somebody("PUT", "me/changePassword", password=new, json=back).status_code == 409


def test_a_password_is_verified_and_validated(somebody):
    text = {"content-type": "text/plain"}
    right = somebody("POST", "me/verifyPassword", content=PASSWORD, headers=text).json()
    assert right == {"isCorrectPassword": True}
    wrong = somebody("POST", "me/verifyPassword", json={"password": "wrong"}).json()
    assert wrong == {"isCorrectPassword": False}
    fine = somebody("POST", "me/validatePassword", content="Vinter-9-nord", headers=text).json()
    assert fine == {"isValidPassword": True}
    poor = somebody("POST", "me/validatePassword", content="poor", headers=text).json()
    assert poor["isValidPassword"] is False and poor["errorMessage"]


def test_settings_of_ones_own_win_over_the_systems(somebody):
    assert somebody("GET", "me/settings/keyUiLocale").json() == "nb"
    assert somebody("POST", "userSettings/keyUiLocale?value=fr").status_code == 200
    assert somebody("GET", "me/settings/keyUiLocale").json() == "fr"
    assert somebody("GET", "userSettings/keyUiLocale").text == "fr"
    assert somebody("GET", "me/settings?key=keyUiLocale").json() == {"keyUiLocale": "fr"}
    assert somebody("GET", "userSettings.json?key=keyUiLocale").json() == {"keyUiLocale": "fr"}
    answer = somebody("DELETE", "userSettings/keyUiLocale")
    assert (answer.status_code, answer.text) == (200, "")
    assert somebody("GET", "userSettings/keyUiLocale").text == "nb"
    assert somebody("POST", "userSettings/keyNobodyKnows?value=1").status_code == 404


def test_a_setting_of_ones_own_needs_a_value_and_may_pass_over_the_servers(somebody, ask):
    assert somebody("POST", "userSettings/keyUiLocale").status_code == 409
    assert somebody("POST", "userSettings/keyUiLocale?value=").status_code == 409
    ask("POST", "systemSettings/keyAnalysisDisplayProperty?value=SHORTNAME", by="admin")
    path = "userSettings/keyAnalysisDisplayProperty"
    answer = somebody("GET", path)
    assert (answer.text, answer.headers["cache-control"]) == ("SHORTNAME", "no-cache, private")
    assert somebody("GET", f"{path}?useFallback=false").text == "NAME"
    every = somebody("GET", "userSettings?useFallback=false").json()
    assert every["keyAnalysisDisplayProperty"] == "NAME" and len(every) == 7
    ask("DELETE", "systemSettings/keyAnalysisDisplayProperty", by="admin")


def test_what_one_says_of_oneself_must_be_possible_and_nothing_is_emptied(somebody):
    before = somebody("GET", "me").json()
    assert before["emailVerified"] is False
    for change in ({"whatsApp": "not a number"}, {"email": "nowhere"}, {"surname": "a" * 161}):
        assert somebody("PUT", "me", json=change).status_code == 409
    emptied = somebody("PUT", "me", json={"surname": "", "email": ""}).json()
    assert emptied["surname"] == before["surname"] and emptied.get("email") == before.get("email")


def test_a_picture_of_oneself_is_taken_away_and_nothing_is_left_unread(somebody):
    avatar = {"avatar": {"id": "aaaaaaaaaa1"}}
    assert somebody("PUT", "me", json=avatar).json()["avatar"] == avatar["avatar"]
    for _ in range(2):
        assert somebody("DELETE", "me/avatar").status_code == 204
        assert "avatar" not in somebody("GET", "me").json()
    assert somebody("POST", "me/dashboard/interpretations/read").status_code == 204


def test_settings_of_another_are_for_those_who_govern_her(somebody, ask):
    path = f"userSettings/keyUiLocale?user={somebody.username}&value=en"
    assert ask("POST", path).status_code == 404
    assert ask("POST", path, by="admin").status_code == 200
    assert somebody("GET", "userSettings/keyUiLocale").text == "en"


def test_the_header_bar_gets_its_numbers(somebody):
    body = somebody("GET", "me/dashboard").json()
    assert body.keys() == {"unreadInterpretations", "unreadMessageConversations"}


# Tokens ----------------------------------------------------------------------------------------


def test_a_token_has_dhis2s_form_and_opens_as_its_user(somebody, client):
    made = a_token(somebody)
    form = re.fullmatch(r"d2pat_([A-Za-z0-9]{32})([0-9]{10})", made["key"])
    assert form and int(form[2]) == zlib.crc32(form[1].encode())
    assert with_token(client, made["key"]).json()["id"] == somebody.uid


def test_a_token_is_shown_once_and_kept_as_a_hash(somebody, pool):
    made = a_token(somebody)
    shown = somebody("GET", f"apiTokens/{made['uid']}")
    assert made["key"] not in shown.text and shown.json()["type"] == "PERSONAL_ACCESS_TOKEN_V1"
    listed = somebody("GET", "apiToken?fields=*").json()["apiToken"]
    assert [each["id"] for each in listed] == [made["uid"]] and "key" not in listed[0]
    with pool.connection() as connection:
        row = connection.execute(
            "select t::text as row from access.api_token t where uid = %s", (made["uid"],)
        ).fetchone()
    assert made["key"] not in row["row"]


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("d2pat_", id="nothing"),
        pytest.param("d2pat_" + "a" * 32 + "0000000000", id="wrong checksum"),
        pytest.param("d2pat_" + "æ" * 32 + "0000000000", id="odd signs"),
        pytest.param("x" * 5000, id="far too long"),
    ],
)
def test_what_is_no_token_opens_nothing(client, token):
    basic.MEMORY.forget()
    answer = with_token(client, token)
    assert (answer.status_code, answer.json()["httpStatus"]) == (401, "Unauthorized")


def test_a_stranger_of_the_right_form_opens_nothing_and_not_for_ever(client):
    basic.MEMORY.forget()
    answers = {with_token(client, tokens.new_secret()).status_code for _ in range(11)}
    assert answers == {401, 429}
    basic.MEMORY.forget()


@pytest.mark.parametrize(
    ("attribute", "headers", "method", "path", "status"),
    [
        pytest.param({"allowedMethods": ["GET"]}, {}, "GET", "me", 200, id="its method"),
        pytest.param(
            {"allowedMethods": ["GET"]}, {}, "PUT", "me", 401, id="another method"
        ),
        pytest.param({"allowedIps": ["127.0.0.1"]}, {}, "GET", "me", 200, id="its address"),
        pytest.param({"allowedIps": ["10.0.0.0/8"]}, {}, "GET", "me", 401, id="another address"),
        pytest.param(
            {"allowedReferrers": ["https://a.example"]},
            {"referer": "https://a.example/side"}, "GET", "me", 200, id="its page",
        ),
        pytest.param(
            {"allowedReferrers": ["https://a.example"]},
            {"referer": "https://a.example.evil"}, "GET", "me", 401, id="another page",
        ),
    ],
)  # fmt: skip
def test_a_token_with_limits_opens_within_them_only(
    somebody, client, attribute, headers, method, path, status
):
    basic.MEMORY.forget()
    made = a_token(somebody, attributes=[attribute])
    assert with_token(client, made["key"], method, path, **headers).status_code == status


def test_a_token_ends_when_it_says_and_with_its_user(somebody, client, ask, pool):
    basic.MEMORY.forget()
    soon = int((datetime.now(UTC) + timedelta(hours=1)).timestamp() * 1000)
    made = a_token(somebody, expire=soon)
    assert with_token(client, made["key"]).status_code == 200
    with pool.connection() as connection:
        connection.execute(
            "update access.api_token set expires_at = now() - interval '1 s' where uid = %s",
            (made["uid"],),
        )
    assert with_token(client, made["key"]).status_code == 401
    other = a_token(somebody)
    ask("POST", f"users/{somebody.uid}/disabled", by="admin")
    assert with_token(client, other["key"]).status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"expire": 1}, 400, id="past end"),
        pytest.param({"expire": "soon"}, 400, id="odd end"),
        pytest.param({"expire": 1e300}, 400, id="end beyond time"),
        pytest.param({"attributes": [{"allowedIps": ["here"]}]}, 409, id="odd address"),
        pytest.param({"attributes": [{"allowedMethods": ["BREW"]}]}, 409, id="odd method"),
        pytest.param({"attributes": [{"allowedReferrers": ["http://["]}]}, 409, id="odd page"),
        pytest.param({"attributes": {"a": 1}}, 400, id="limits are no list"),
    ],
)
def test_a_token_that_cannot_be_is_refused(somebody, body, status):
    assert somebody("POST", "apiToken", json=body).status_code == status


def test_a_token_makes_no_tokens_and_nobody_touches_anothers(somebody, client, ask):
    basic.MEMORY.forget()
    made = a_token(somebody)
    assert with_token(client, made["key"], "POST", "apiToken").status_code in (400, 403)
    for method in ("GET", "PUT", "DELETE"):
        more = {} if method != "PUT" else {"json": {}}
        assert ask(method, f"apiToken/{made['uid']}", by="admin", **more).status_code == 404
    assert somebody("DELETE", f"apiToken/{made['uid']}").status_code == 200
    assert with_token(client, made["key"]).status_code == 401


def test_a_token_is_given_other_limits(somebody, client):
    basic.MEMORY.forget()
    made = a_token(somebody)
    body = {"attributes": [{"type": "MethodAllowedList", "allowedMethods": ["POST"]}]}
    assert somebody("PUT", f"apiToken/{made['uid']}", json=body).status_code == 200
    assert with_token(client, made["key"]).status_code == 401
    patch = [{"op": "replace", "path": "/attributes", "value": []}]
    assert somebody("PATCH", f"apiToken/{made['uid']}", json=patch).status_code == 200
    assert with_token(client, made["key"]).status_code == 200
    assert somebody("PUT", f"apiToken/{made['uid']}", json={"key": "mine"}).status_code == 400
