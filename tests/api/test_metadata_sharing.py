"""Who may see an object, and what it is called in which language, over HTTP."""

import pytest

from smittesporing.uid import new_uid
from tests.api.making import JSON_PATCH, element, made, patch


@pytest.fixture(scope="module")
def admin(ask):
    return lambda method, path, **more: ask(method, path, by="admin", **more)


@pytest.fixture(scope="module")
def someone(ask):
    """The uid of another user."""
    return ask("GET", "me?fields=id").json()["id"]


def test_json_patch_changes_sharing_in_new_words_and_old(admin, someone):
    uid = element(admin)
    row = {"id": someone, "access": "rw------"}
    path = f"dataElements/{uid}"
    answer = patch(admin, path, {"op": "add", "path": f"/sharing/users/{row['id']}", "value": row})
    assert answer.status_code == 200, answer.text
    assert admin("GET", path).json()["userAccesses"] == [row]
    assert patch(admin, path, {"op": "remove", "path": "/sharing/users"}).status_code == 200
    assert admin("GET", path).json()["userAccesses"] == []
    answer = patch(admin, path, {"op": "replace", "path": "/userAccesses", "value": [row]})
    assert answer.status_code == 200, answer.text
    shared = admin("GET", path).json()["sharing"]
    assert shared["users"][row["id"]]["access"] == "rw------"
    assert shared["users"][row["id"]]["displayName"] == "tracer 5501"


def test_translations_are_put_by_their_address_and_shown_in_the_readers_language(admin):
    path = f"optionSets/{made(admin, 'optionSets', name='Colours of all', valueType='TEXT')}"
    listed = [
        {"property": "NAME", "locale": "nb", "value": "Farger"},
        {"property": "NAME", "locale": "fr", "value": "Couleurs"},
    ]
    answer = admin("PUT", f"{path}/translations", json={"translations": listed})
    assert (answer.status_code, answer.content) == (204, b"")
    assert admin("GET", f"{path}/translations").json() == {"translations": listed}
    shown = {
        locale: admin("GET", f"{path}?fields=displayName&locale={locale}").json()["displayName"]
        for locale in ("nb", "fr", "fr_CA", "de", "")
    }
    assert shown == {
        "nb": "Farger",
        "fr": "Couleurs",
        "fr_CA": "Couleurs",
        "de": "Colours of all",
        "": "Colours of all",
    }
    found = admin("GET", "optionSets?filter=displayName:eq:Farger&locale=nb&fields=name").json()
    assert found["optionSets"] == [{"name": "Colours of all"}]
    untranslated = admin("GET", f"{path}?fields=displayName&locale=nb&translate=false").json()
    assert untranslated == {"displayName": "Colours of all"}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"property": "NAME", "locale": "nb"}, "E4000"),
        ({"locale": "nb", "value": "x"}, "E4000"),
        ({"property": "NAME", "value": "x"}, "E4000"),
        ({"property": "NAME", "locale": "fr", "value": "y"}, "E1106"),
    ],
)
def test_translation_that_lacks_something_or_comes_twice_is_refused(admin, row, code):
    path = f"optionSets/{made(admin, 'optionSets', valueType='TEXT')}/translations"
    listed = [{"property": "NAME", "locale": "fr", "value": "x"}, row]
    answer = admin("PUT", path, json={"translations": listed})
    assert (answer.status_code, answer.json()["errorCode"]) == (409, code)


def test_sharing_is_put_by_the_objects_own_address(admin, someone):
    path = f"dataElements/{element(admin)}"
    row = {"id": someone, "access": "r-------"}
    stated = {"public": "--------", "users": {someone: row}, "userGroups": {}}
    answer = admin("PUT", f"{path}/sharing", json=stated)
    assert (answer.status_code, answer.content) == (204, b"")
    shared = admin("GET", f"{path}?fields=sharing").json()["sharing"]
    assert (shared["public"], list(shared["users"])) == ("--------", [someone])


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ({"public": "rw"}, "E3015"),
        ({"public": "rwrw----"}, "E3016"),
        ({"public": "--------", "users": {"nobodyHere1": {"access": "r-------"}}}, "E5002"),
    ],
)
def test_sharing_with_a_wrong_access_string_is_refused(admin, stated, code):
    answer = admin("PUT", f"dataElements/{element(admin)}/sharing", json=stated)
    assert (answer.status_code, answer.json()["errorCode"]) == (409, code)


def test_older_words_for_sharing_say_who_and_drop_what_does_not_fit(admin, someone):
    uid = element(admin)
    address = f"sharing?type=dataElement&id={uid}"
    before = admin("GET", address).json()
    assert before["meta"]["allowPublicAccess"] is True
    stated = {
        "publicAccess": "rwrw----",
        "userAccesses": [{"id": someone, "access": "r-------"}],
        "userGroupAccesses": [{"id": "noGroupHere", "access": "rw------"}],
    }
    assert admin("POST", address, json={"object": stated}).status_code == 200
    after = admin("GET", address).json()["object"]
    assert after["publicAccess"] == "rw------"
    assert [each["name"] for each in after["userAccesses"]] == ["tracer 5501"]
    assert after["userGroupAccesses"] == []
    assert admin("GET", "sharing?type=option&id=aaaaaaaaaa1").status_code == 409
    assert admin("GET", "sharing?type=program&id=nothingHere").status_code == 404
    default = "sharing?type=categoryCombo&id=bjDvmb4bfuf"
    assert admin("PUT", default, json={"object": stated}).status_code == 409


def test_users_and_groups_to_share_with_are_found(admin, someone):
    name = f"Sharing {new_uid()}"
    uid = made(admin, "userGroups", name=name)
    found = admin("GET", f"sharing/search?key={name[:12].upper()}").json()
    assert {"id": uid, "name": name, "displayName": name} in found["userGroups"]
    assert admin("GET", "sharing/search?key=TRACER").json()["users"][0]["username"] == "odd-tracer"
    assert admin("GET", "sharing/search").status_code == 409


def test_many_objects_are_shared_at_once(admin, someone):
    uids = [element(admin), element(admin)]
    row = {"id": someone, "access": "rw------"}
    body = {
        "dataElements": [*uids, "nothingHere"],
        "patch": [{"op": "add", "path": f"/sharing/users/{someone}", "value": row}],
    }

    def shared(uid):
        return admin("GET", f"dataElements/{uid}").json()["userAccesses"]

    answer = admin("PATCH", "dataElements/sharing?atomic=true", json=body, headers=JSON_PATCH)
    assert answer.status_code == 409
    assert shared(uids[0]) == []
    answer = admin("PATCH", "dataElements/sharing", json=body, headers=JSON_PATCH)
    report = answer.json()["response"]
    assert (report["stats"]["updated"], report["stats"]["ignored"]) == (2, 1)
    assert [shared(uid) for uid in uids] == [[row], [row]]
    body["patch"] = [{"op": "replace", "path": "/name", "value": "All alike"}]
    answer = admin("PATCH", "dataElements/sharing", json=body, headers=JSON_PATCH)
    assert answer.status_code == 400
