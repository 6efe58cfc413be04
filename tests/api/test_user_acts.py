"""What is done to users by addresses of their own, and what a user cannot be."""

import pytest

from smittesporing.metadata.roles import role_uid
from smittesporing.uid import new_uid
from tests.api.accounts import JSON_PATCH, PASSWORD, a_user, codes, import_codes, role_with


@pytest.fixture
def somebody(by):
    """A client who signs in and holds nothing."""
    body = a_user(role_with(by, ""), email="kari@example.org")
    assert by("admin", "POST", "users", json=body).status_code == 201
    return body


def test_a_role_is_given_and_taken_at_its_own_address_and_lists_who_has_it(by, somebody):
    role = role_with(by, "F_EDIT_EXPIRED")
    path = f"userRoles/{role}/users/{somebody['id']}"
    for method in ("POST", "PUT"):
        assert by("admin", method, path).status_code == 204
        assert by(somebody["username"], "GET", "me/authorization/F_EDIT_EXPIRED").json() is True
    listed = by("admin", "GET", f"userRoles/{role}?fields=users[id,username]").json()["users"]
    assert listed == [{"id": somebody["id"], "username": somebody["username"]}]
    assert by("admin", "DELETE", path).status_code == 204
    assert by(somebody["username"], "GET", "me/authorization/F_EDIT_EXPIRED").json() is False
    assert by("admin", "GET", f"userRoles/{role}").json()["users"] == []
    assert by("admin", "POST", f"userRoles/{new_uid()}/users/{somebody['id']}").status_code == 404
    assert by("admin", "POST", f"userRoles/{role}/users/{new_uid()}").status_code == 404
    assert by("tracer", "POST", path).status_code == 403


def test_the_users_of_a_role_change_several_at_a_time_too(by, somebody):
    role = role_with(by, "F_EDIT_EXPIRED")
    given = {"additions": [{"id": somebody["id"]}]}
    answer = by("admin", "POST", f"userRoles/{role}/users", json=given)
    assert answer.status_code == 200
    assert answer.json()["response"]["stats"]["updated"] == 1
    assert by(somebody["username"], "GET", "me").json()["authorities"] == ["F_EDIT_EXPIRED"]
    assert by("admin", "GET", f"users/{somebody['id']}").json()["email"] == "kari@example.org"


def test_a_list_of_a_users_changes_one_by_one_and_says_how_many_came(by, somebody):
    group = {"id": new_uid(), "name": new_uid()}
    by("admin", "POST", "userGroups", json=group)
    path = f"users/{somebody['id']}/userGroups/{group['id']}"
    counts = []
    for method in ("POST", "POST", "DELETE", "DELETE"):
        answer = by("admin", method, path)
        assert answer.status_code == 200
        report = answer.json()["response"]
        assert report["responseType"] == "TypeReport" and report["stats"]["total"] == 1
        counts.append(next(name for name, count in report["stats"].items() if count))
    assert counts == ["updated", "ignored", "deleted", "ignored"]


def test_who_reads_no_users_learns_from_no_role_who_has_it(by, somebody):
    role = role_with(by, "")
    by("admin", "POST", f"userRoles/{role}/users/{somebody['id']}")
    assert by("tracer", "GET", f"userRoles/{role}?fields=users").json()["users"] == []


def test_nobody_gives_a_role_at_its_address_that_she_could_not_give(by, somebody):
    role = role_with(by, "ALL")
    boss = a_user(role_with(by, "F_USER_ADD", "F_METADATA_IMPORT"))
    by("admin", "POST", "users", json=boss)
    answer = by(boss["username"], "POST", f"userRoles/{role}/users/{somebody['id']}")
    assert answer.status_code == 409 and codes(answer) == {"E3003"}


def test_a_whole_user_is_answered_with_the_report_of_an_import(by, somebody):
    path = f"users/{somebody['id']}"
    whole = by("admin", "GET", path).json() | {"settings": {"keyUiLocale": "de"}}
    answer = by("admin", "PUT", path, json=whole).json()
    assert (answer["status"], answer["response"]["responseType"]) == ("OK", "ImportReport")
    assert answer["response"]["stats"]["updated"] == 1
    language = f"userSettings/keyUiLocale?userId={somebody['id']}"
    assert by("admin", "GET", language, headers={"accept": "text/plain"}).text == "de"
    answer = by("admin", "PUT", path, json={**whole, "surname": ""})
    assert answer.status_code == 409 and "E4000" in import_codes(answer)


@pytest.mark.parametrize(
    ("change", "code", "at"),
    [
        pytest.param({"id": "yrB6vc5Ip¤¤"}, "E4014", "id", id="no identifier"),
        pytest.param({"email": "kari at example"}, "E4003", "email", id="no address"),
        pytest.param({"whatsApp": "not a number"}, "E4027", "whatsApp", id="no number"),
        pytest.param({"surname": "a" * 161}, "E4001", "surname", id="long surname"),
    ],
)
def test_a_user_whose_properties_cannot_be_is_refused(by, change, code, at):
    answer = by("admin", "POST", "users", json=a_user(role_with(by, "")) | change)
    (fault,) = answer.json()["response"]["errorReports"]
    assert (answer.status_code, fault["errorCode"], fault["errorProperty"]) == (409, code, at)


def test_a_users_body_says_what_it_is(by, somebody):
    patch = [{"op": "replace", "path": "/surname", "value": "Endret"}]
    assert by("admin", "PATCH", f"users/{somebody['id']}", json=patch).status_code == 415
    xml = {"content": b"<user/>", "headers": {"content-type": "application/xml"}}
    assert by("admin", "POST", "users", **xml).status_code == 415


def test_who_holds_more_than_one_gives_is_not_changed(by, somebody):
    boss = a_user(role_with(by, "F_USER_ADD", "F_METADATA_IMPORT", "F_USER_VIEW"))
    by("admin", "POST", "users", json=boss)
    highest = a_user(role_with(by, "ALL"), createdBy={"id": boss["id"]})
    by("admin", "POST", "users", json=highest)
    patch = [{"op": "replace", "path": "/surname", "value": "Endret"}]
    path = f"users/{highest['id']}"
    assert by(boss["username"], "PATCH", path, json=patch, headers=JSON_PATCH).status_code == 404
    # She may have made somebody whom a superuser then raised above her.
    hers = a_user(role_with(by, ""))
    assert by(boss["username"], "POST", "users", json=hers).status_code == 201
    assert (
        by("admin", "POST", f"userRoles/{role_with(by, 'ALL')}/users/{hers['id']}").status_code
        == 204
    )
    path = f"users/{hers['id']}"
    answer = by(boss["username"], "PATCH", path, json=patch, headers=JSON_PATCH)
    assert answer.status_code == 409 and codes(answer) == {"E3041"}
    assert by(boss["username"], "POST", f"{path}/disabled").json()["errorCode"] == "E3041"


def test_who_makes_users_and_writes_configuration_governs_clients_without_org_units(by, units):
    boss = a_user(role_with(by, "F_USER_ADD", "F_METADATA_IMPORT"))
    by("admin", "POST", "users", json=boss)
    group = {"id": new_uid(), "name": new_uid()}
    by("admin", "POST", "userGroups", json=group)
    placeless = a_user(role_with(by, ""))
    placed = a_user(role_with(by, ""), [units.by_code["5501"].uid])
    higher = a_user(role_with(by, "F_TEI_CASCADE_DELETE"))
    for body, status in ((placeless, 200), (placed, 404), (higher, 404)):
        by("admin", "POST", "users", json=body)
        path = f"users/{body['id']}/userGroups/{group['id']}"
        assert by(boss["username"], "POST", path).status_code == status
    plain = a_user(role_with(by, "F_USER_ADD"))
    by("admin", "POST", "users", json=plain)
    assert by(plain["username"], "GET", f"users/{placeless['id']}").status_code == 404


def test_mail_that_is_never_sent_is_refused_with_the_reason(by, somebody):
    path = f"users/{somebody['id']}"
    assert by("admin", "POST", f"{path}/reset").json()["errorCode"] == "E6203"
    silent = a_user(role_with(by, ""))
    by("admin", "POST", "users", json=silent)
    assert by("admin", "POST", f"users/{silent['id']}/reset").json()["errorCode"] == "E6202"
    assert by("admin", "POST", f"{path}/invite").status_code == 409
    for name, wrap in (("invite", lambda one: one), ("invites", lambda one: {"users": [one]})):
        for body, code in (
            (a_user(email="ola@example.org"), "E6203"),
            (a_user(), "E6202"),
            (somebody, "E6204"),
        ):
            answer = by("admin", "POST", f"users/{name}", json=wrap(body))
            assert (answer.status_code, answer.json()["errorCode"]) == (409, code)
    for act in ("reset", "invite", "twoFA/disabled"):
        assert by("admin", "POST", f"users/{new_uid()}/{act}").status_code == 404
        assert by("tracer", "POST", f"{path}/{act}").status_code == 403


def test_a_second_factor_is_taken_from_others_only(by, somebody):
    assert by("admin", "POST", f"users/{somebody['id']}/twoFA/disabled").status_code == 200
    me = by("admin", "GET", "me").json()["id"]
    assert by("admin", "POST", f"users/{me}/twoFA/disabled").status_code == 403


def test_nobody_is_copied_who_is_not_there(by):
    copy = {"username": f"u-{new_uid()}", "password": PASSWORD}
    assert by("admin", "POST", f"users/{new_uid()}/replica", json=copy).status_code == 409


def test_users_in_short_are_those_one_governs(by, units, somebody):
    hers = a_user(role_uid("tracer"), [units.by_code["5501"].uid])
    by("administrator", "POST", "users", json=hers)
    asked = "users/gist?fields=id,username&pageSize=1000"
    for name, shown in (("admin", {hers["id"], somebody["id"]}), ("administrator", {hers["id"]})):
        found = {each["id"] for each in by(name, "GET", asked).json()["users"]}
        assert found & {hers["id"], somebody["id"]} == shown
    assert by("tracer", "GET", asked).status_code == 403
    workflows = by("admin", "GET", f"users/{somebody['id']}/dataApprovalWorkflows")
    assert workflows.json() == {"dataApprovalWorkflows": []}


def test_roles_are_asked_for_that_one_may_give(by):
    held, higher = role_with(by, "F_EDIT_EXPIRED"), role_with(by, "F_TEI_CASCADE_DELETE")
    boss = a_user(role_with(by, "F_USER_ADD", "F_EDIT_EXPIRED"))
    by("admin", "POST", "users", json=boss)
    asked = "userRoles?canIssue=true&fields=id&paging=false"
    for name, given in (("admin", {held, higher}), (boss["username"], {held})):
        found = {each["id"] for each in by(name, "GET", asked).json()["userRoles"]}
        assert found & {held, higher} == given


def test_nobody_is_told_of_feedback(by):
    answer = by("tracer", "GET", "userLookup/feedbackRecipients?query=a")
    assert (answer.status_code, answer.json()["errorCode"]) == (409, "E6200")


def test_a_group_or_role_that_goes_leaves_its_users(by, somebody):
    group, role = {"id": new_uid(), "name": new_uid()}, role_with(by, "F_EDIT_EXPIRED")
    path, theirs = f"users/{somebody['id']}", {f"userGroups/{group['id']}", f"userRoles/{role}"}
    by("admin", "POST", "userGroups", json=group)
    for one in theirs:
        assert by("admin", "POST", f"{path}/{one}").status_code == 200
    for one in theirs:
        assert by("admin", "DELETE", one).status_code == 200
    me = by(somebody["username"], "GET", "me").json()
    assert (me["userGroups"], me["authorities"]) == ([], [])
    assert [each["id"] for each in me["userRoles"]] == [somebody["userRoles"][0]["id"]]
    change = [{"op": "add", "path": "/surname", "value": "Ny"}]
    assert by("admin", "PATCH", path, json=change, headers=JSON_PATCH).status_code == 200
