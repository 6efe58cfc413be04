"""Users, roles and groups by DHIS2's door, and that nobody gives there what the pages refuse."""

import pytest

from smittesporing.access import accounts
from smittesporing.access.reach import reach_for
from smittesporing.metadata.roles import role_uid
from smittesporing.uid import new_uid
from tests.api.accounts import JSON_PATCH, PASSWORD, a_user, codes, import_codes, role_with


def test_a_superuser_makes_a_user_who_signs_in_and_is_found(by, units):
    body = a_user(role_with(by, "F_TEI_CASCADE_DELETE"), [units.by_code["5501"].uid])
    answer = by("admin", "POST", "users", json=body)
    assert answer.status_code == 201
    assert answer.headers["location"].endswith(f"/api/users/{answer.json()['response']['uid']}")
    me = by(body["username"], "GET", "me").json()
    assert me["id"] == body["id"]
    assert me["authorities"] == ["F_TEI_CASCADE_DELETE"]
    assert [each["id"] for each in me["organisationUnits"]] == [units.by_code["5501"].uid]
    found = by("admin", "GET", f"users/{body['id']}").json()
    assert found["disabled"] is False and "password" not in found
    listed = by("admin", "GET", f"users?query={body['username']}&fields=id,username").json()
    assert [each["id"] for each in listed["users"]] == [body["id"]]


def test_a_user_without_org_units_signs_in_and_reads_no_people(by):
    body = a_user(role_with(by, ""))
    assert by("admin", "POST", "users", json=body).status_code == 201
    assert by(body["username"], "GET", "me").json()["organisationUnits"] == []
    assert by(body["username"], "GET", "users").status_code == 403


def test_older_clients_send_user_credentials(by):
    body = a_user()
    role = role_with(by, "F_EDIT_EXPIRED")
    body["userCredentials"] = {
        "username": body.pop("username"),
        "password": body.pop("password"),
        "userRoles": [{"id": role}],
    }
    del body["userRoles"]
    assert by("admin", "POST", "users", json=body).status_code == 201
    assert by(body["userCredentials"]["username"], "GET", "me").status_code == 200


def test_users_come_with_a_package_too_and_again_without_harm(by, units):
    role = {"id": new_uid(), "name": "Of a package", "authorities": ["F_X_ADD"]}
    group = {"id": new_uid(), "name": "Group of a package"}
    body = a_user(role["id"], [units.by_code["5501"].uid], userGroups=[{"id": group["id"]}])
    payload = {"userRoles": [role], "userGroups": [group], "users": [body]}
    for fate in ("created", "updated"):
        answer = by("admin", "POST", "metadata?importReportMode=FULL", json=payload)
        assert answer.status_code == 200, answer.text
        reports = answer.json()["response"]["typeReports"]
        one = next(each for each in reports if each["klass"] == "org.hisp.dhis.user.User")
        assert one["stats"][fate] == 1
    assert by(body["username"], "GET", "me").json()["userGroups"] == [{"id": group["id"]}]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"username": ""}, "E4000", id="no user name"),
        pytest.param({"username": "æ"}, "E4049", id="odd user name"),
        pytest.param({"username": "odd-admin"}, "E4054", id="taken user name"),
        pytest.param({"surname": ""}, "E4000", id="no surname"),
        pytest.param({"userRoles": []}, "E4055", id="no role"),
        pytest.param({"userRoles": [{"id": "aaaaaaaaaa1"}]}, "E5002", id="unknown role"),
        pytest.param({"organisationUnits": [{"id": "aaaaaaaaaa1"}]}, "E5002", id="unknown unit"),
        pytest.param({"password": "short"}, "E4005", id="short password"),
        pytest.param({"password": "no-upper-case-9"}, "E4005", id="no upper case"),
        pytest.param({"password": "NoFigureAtAll-"}, "E4005", id="no figure"),
        pytest.param({"password": "NothingOdd99"}, "E4005", id="nothing odd"),
        pytest.param({"accountExpiry": "soon"}, "E4027", id="odd expiry"),
    ],
)
def test_a_user_who_cannot_be_is_a_conflict_with_its_code(by, change, code):
    body = a_user(role_with(by, "")) | change
    answer = by("admin", "POST", "users", json=body)
    assert answer.status_code == 409 and code in codes(answer)


def test_put_replaces_and_keeps_the_password_that_is_not_stated(by, units):
    body = a_user(role_with(by, ""), [units.by_code["5501"].uid], email="a@example.org")
    by("admin", "POST", "users", json=body)
    whole = by("admin", "GET", f"users/{body['id']}").json()
    del whole["email"]
    whole["organisationUnits"].append({"id": units.by_code["5503"].uid})
    assert by("admin", "PUT", f"users/{body['id']}", json=whole).status_code == 200
    found = by("admin", "GET", f"users/{body['id']}").json()
    assert "email" not in found and len(found["organisationUnits"]) == 2
    assert by(body["username"], "GET", "me").status_code == 200


def test_json_patch_changes_what_it_names(by):
    body = a_user(role_with(by, ""))
    by("admin", "POST", "users", json=body)
    patch = [{"op": "replace", "path": "/surname", "value": "Endret"}]
    path = f"users/{body['id']}"
    assert by("admin", "PATCH", path, json=patch, headers=JSON_PATCH).status_code == 200
    assert by("admin", "GET", f"users/{body['id']}").json()["surname"] == "Endret"
    name = [{"op": "replace", "path": "/username", "value": "another-name"}]
    answer = by("admin", "PATCH", path, json=name, headers=JSON_PATCH)
    assert answer.status_code == 409 and codes(answer) == {"E4056"}


def test_a_disabled_user_is_out_at_once_and_in_again_when_enabled(by):
    body = a_user(role_with(by, ""))
    by("admin", "POST", "users", json=body)
    assert by(body["username"], "GET", "me").status_code == 200
    assert by("admin", "POST", f"users/{body['id']}/disabled", json={}).status_code == 204
    assert by("admin", "GET", f"users/{body['id']}").json()["disabled"] is True
    assert by(body["username"], "GET", "me").status_code == 401
    assert by("admin", "POST", f"users/{body['id']}/enabled", json={}).status_code == 204
    assert by(body["username"], "GET", "me").status_code == 200
    gone = f"users/{body['id']}/expired?date=2020"
    assert by("admin", "POST", gone).status_code == 204
    assert by(body["username"], "GET", "me").status_code == 401
    assert by("admin", "POST", f"users/{body['id']}/unexpired").status_code == 204
    assert by(body["username"], "GET", "me").status_code == 200


def test_a_deleted_user_is_gone_her_name_is_free_and_her_row_stays_for_the_log(by, pool):
    body = a_user(role_with(by, ""))
    by("admin", "POST", "users", json=body)
    answer = by("admin", "DELETE", f"users/{body['id']}")
    assert (answer.status_code, answer.json()["response"]["uid"]) == (200, body["id"])
    assert by("admin", "GET", f"users/{body['id']}").status_code == 404
    assert by(body["username"], "GET", "me").status_code == 401
    again = {**body, "id": new_uid()}
    assert by("admin", "POST", "users", json=again).status_code == 201
    with pool.connection() as connection:
        row = connection.execute(
            "select surname, password from access.user_account where uid = %s", (body["id"],)
        ).fetchone()
    assert row == {"surname": "Prøve", "password": None}


def test_a_replica_holds_the_same_under_another_name(by, units):
    role = role_with(by, "F_EDIT_EXPIRED")
    body = a_user(role, [units.by_code["5501"].uid])
    by("admin", "POST", "users", json=body)
    copy = {"username": f"u-{new_uid()}", "password": PASSWORD}
    answer = by("admin", "POST", f"users/{body['id']}/replica", json=copy)
    assert answer.status_code == 201
    me = by(copy["username"], "GET", "me").json()
    assert me["authorities"] == ["F_EDIT_EXPIRED"] and len(me["organisationUnits"]) == 1
    path = f"users/{body['id']}/replica"
    assert by("admin", "POST", path, json=copy).status_code == 409
    assert by("administrator", "POST", path, json=copy).status_code == 403


def test_a_role_of_ours_is_given_where_the_user_captures(by, units, pool):
    body = a_user(role_uid("tracer"), [units.by_code["5501"].uid])
    assert by("administrator", "POST", "users", json=body).status_code == 201
    with pool.connection() as connection:
        reach = reach_for(connection, body["id"])
    assert reach is not None and (reach.role, reach.working_in) == ("tracer", 5501)


def test_who_holds_different_roles_in_two_kommuner_comes_back_as_she_went_out(by, units, pool):
    body = a_user(role_uid("tracer"), [units.by_code["5501"].uid])
    by("admin", "POST", "users", json=body)
    with pool.connection() as connection:
        accounts.set_roles(
            connection, body["id"], (), [("tracer", 5501), ("administrator", 5503)], None
        )
    whole = by("admin", "GET", f"users/{body['id']}").json()
    assert by("admin", "PUT", f"users/{body['id']}", json=whole).status_code == 200
    with pool.connection() as connection:
        found = accounts.one(connection, body["id"])
    assert found and set(found.roles) == {("tracer", 5501), ("administrator", 5503)}


# Who may give what -----------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["ks", "fhi", "superuser"])
def test_an_administrator_gives_no_national_role_by_the_api_either(by, units, role):
    body = a_user(role_uid(role), [units.by_code["5501"].uid])
    answer = by("administrator", "POST", "users", json=body)
    assert answer.status_code == 409 and "E3003" in codes(answer)


def test_an_administrator_gives_nothing_in_another_kommune(by, units):
    body = a_user(role_uid("tracer"), [units.by_code["5503"].uid])
    answer = by("administrator", "POST", "users", json=body)
    assert answer.status_code == 409 and "E7617" in codes(answer)


@pytest.mark.parametrize("listed", ["dataViewOrganisationUnits", "teiSearchOrganisationUnits"])
def test_nor_does_she_let_anybody_search_or_view_outside_it(by, units, listed):
    more = {listed: [{"id": units.by_code["5503"].uid}]}
    body = a_user(role_uid("tracer"), [units.by_code["5501"].uid], **more)
    answer = by("administrator", "POST", "users", json=body)
    assert answer.status_code == 409 and "E7617" in codes(answer)


@pytest.mark.parametrize("authority", ["ALL", "F_METADATA_IMPORT", "F_TEI_CASCADE_DELETE"])
def test_an_administrator_passes_on_no_authority_that_her_roles_do_not_amount_to(
    by, units, authority
):
    body = a_user(role_with(by, authority), [units.by_code["5501"].uid])
    answer = by("administrator", "POST", "users", json=body)
    assert answer.status_code == 409 and "E3003" in codes(answer)


def test_ks_lets_nobody_work_as_a_client_among_people(by, units):
    body = a_user(role_with(by, ""), [units.by_code["5501"].uid])
    answer = by("ks", "POST", "users", json=body)
    assert answer.status_code == 409 and "E3003" in codes(answer)
    assert by("ks", "POST", "users", json=a_user(role_with(by, ""))).status_code == 201


def test_ks_makes_no_user_role_that_can_more_than_she_can(by):
    for authorities in (["ALL"], ["F_TEI_CASCADE_DELETE"], ["F_USER_ADD"]):
        body = {"id": new_uid(), "name": f"Too much {authorities}", "authorities": authorities}
        assert by("ks", "POST", "userRoles", json=body).status_code == 409
    held = {"id": new_uid(), "name": "What she has", "authorities": ["F_METADATA_IMPORT"]}
    assert by("ks", "POST", "userRoles", json=held).status_code == 201


def test_nobody_changes_a_user_role_of_ours(by):
    uid = role_uid("administrator")
    body = by("admin", "GET", f"userRoles/{uid}").json()
    body["authorities"] = ["ALL"]
    answer = by("admin", "PUT", f"userRoles/{uid}", json=body)
    assert answer.status_code == 409 and codes(answer) == {"E3001"}


def test_a_user_role_that_grows_is_not_the_way_around(by):
    role = role_with(by, "F_TEI_CASCADE_DELETE")
    body = by("admin", "GET", f"userRoles/{role}").json() | {"authorities": []}
    assert by("ks", "PUT", f"userRoles/{role}", json=body).status_code == 409


def test_an_administrator_sets_no_password_of_one_who_holds_more_than_she_gives(by, units, pool):
    body = a_user(role_uid("tracer"), [units.by_code["5501"].uid])
    by("admin", "POST", "users", json=body)
    with pool.connection() as connection:
        accounts.set_roles(connection, body["id"], (), [("ks", units.root.id)], None)
    path, whole = f"users/{body['id']}", {**body, "password": "En-annen-sommer-9"}
    answer = by("administrator", "PUT", path, json=whole)
    assert answer.status_code == 409 and "E3020" in import_codes(answer)
    for act in ("enabled", "disabled", "unexpired"):
        answer = by("administrator", "POST", f"{path}/{act}")
        assert (answer.status_code, answer.json()["errorCode"]) == (409, "E3020")
    answer = by("administrator", "DELETE", path)
    assert answer.status_code == 409 and codes(answer) == {"E3020"}


def test_a_neighbour_neither_sees_nor_changes_my_users(by, units):
    body = a_user(role_uid("tracer"), [units.by_code["5501"].uid])
    by("administrator", "POST", "users", json=body)
    assert by("neighbour", "GET", f"users/{body['id']}").status_code == 404
    assert by("neighbour", "PUT", f"users/{body['id']}", json=body).status_code == 404
    listed = by("neighbour", "GET", "users?paging=false&fields=id").json()["users"]
    assert body["id"] not in {each["id"] for each in listed}
    group = {"id": new_uid(), "name": new_uid(), "users": [{"id": body["id"]}]}
    by("admin", "POST", "userGroups", json=group)
    path = f"userGroups/{group['id']}?fields=users[*]"
    (shown,) = by("neighbour", "GET", path).json()["users"]
    assert shown["username"] == body["username"] and "email" not in shown
    assert shown["organisationUnits"] == shown["userRoles"] == [], "not hers to see"


def test_an_administrator_puts_nobody_in_a_group_of_the_configuration(by, units):
    group = {"id": new_uid(), "name": new_uid()}
    by("admin", "POST", "userGroups", json=group)
    body = a_user(role_uid("tracer"), [units.by_code["5501"].uid], userGroups=[{"id": group["id"]}])
    answer = by("administrator", "POST", "users", json=body)
    assert answer.status_code == 409 and "E3005" in codes(answer)


def test_a_tracer_governs_no_users(by, units):
    assert by("tracer", "GET", "users").status_code == 403
    body = a_user(role_uid("tracer"), [units.by_code["5501"].uid])
    assert by("tracer", "POST", "users", json=body).status_code == 403


def test_the_last_administrator_stays(by, units, pool):
    with pool.connection() as connection:
        one = accounts.by_username(connection, "by-neighbour")
    assert one is not None
    answer = by("neighbour", "POST", f"users/{one.uid}/disabled")
    assert answer.status_code == 409
    assert by("neighbour", "DELETE", f"users/{one.uid}").status_code == 403


def test_a_client_with_user_add_gives_what_she_holds_where_she_captures(by, units):
    boss = a_user(role_with(by, "F_USER_ADD", "F_EDIT_EXPIRED"), [units.by_code["5501"].uid])
    by("admin", "POST", "users", json=boss)
    given = role_with(by, "F_EDIT_EXPIRED")
    fine = a_user(given, [units.by_code["5501"].uid])
    assert by(boss["username"], "POST", "users", json=fine).status_code == 201
    for body in (
        a_user(given, [units.by_code["5503"].uid]),
        a_user(role_with(by, "F_TEI_CASCADE_DELETE"), [units.by_code["5501"].uid]),
        a_user(role_uid("tracer"), [units.by_code["5501"].uid]),
    ):
        answer = by(boss["username"], "POST", "users", json=body)
        assert answer.status_code in (403, 409), answer.text


def test_a_role_with_all_makes_a_superuser(by):
    body = a_user(role_with(by, "ALL"))
    assert by("admin", "POST", "users", json=body).status_code == 201
    assert by(body["username"], "GET", "me/authorization/F_ANYTHING").json() is True
    assert by(body["username"], "GET", "users").status_code == 200


# Looking up ------------------------------------------------------------------------------------


def test_a_colleague_is_looked_up_by_name_or_identifier(by, units):
    body = a_user(role_uid("tracer"), [units.by_code["5501"].uid], email="kari@example.org")
    by("administrator", "POST", "users", json=body)
    for query in (body["username"].upper(), "kari@example"):
        found = by("tracer", "GET", f"userLookup?query={query}").json()["users"]
        assert body["id"] in {each["id"] for each in found}
    for named in (body["id"], body["username"]):
        one = by("tracer", "GET", f"userLookup/{named}").json()
        assert one.keys() == {"id", "username", "firstName", "surname", "displayName"}
    assert by("neighbour", "GET", f"userLookup/{body['id']}").status_code == 404
    assert by("tracer", "GET", "userLookup").status_code == 400


def test_users_are_asked_for_by_org_unit_and_by_how_long_they_were_away(by, units):
    body = a_user(role_uid("tracer"), [units.by_code["5501"].uid])
    by("admin", "POST", "users", json=body)

    def found(query):
        return {each["id"] for each in by("admin", "GET", f"users?{query}").json()["users"]}

    here, there = units.by_code["5501"].uid, units.by_code["5503"].uid
    assert body["id"] in found(f"ou={here}&paging=false")
    assert body["id"] in found(f"ou={units.root.uid}&includeChildren=true&paging=false")
    assert body["id"] not in found(f"ou={there}&paging=false")
    assert body["id"] in found("inactiveMonths=2&paging=false")
    by(body["username"], "GET", "me")
    assert body["id"] not in found("inactiveMonths=2&paging=false")
    assert found("selfRegistered=true") == set()
