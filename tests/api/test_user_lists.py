"""A user's groups, roles and units changed one by one, and who else may bring users in."""

import json

import pytest

from smittesporing import database
from smittesporing.access import passwords
from smittesporing.uid import new_uid
from tests.conftest import user_with

PASSWORD = "Sommer-i-nord-9"


@pytest.fixture(scope="module")
def ks(ask, client, owner_url, settings):
    """`ks(method, path, …)` as KS' product owner, who is no superuser."""
    with database.connect(owner_url, autocommit=True) as connection:
        made = user_with(connection, settings, "ks", "NO", "lists-ks")
        connection.execute(
            "update access.user_account set password = %s where uid = %s",
            (passwords.hashed(PASSWORD), made.user),
        )

    def asked(method, path, **more):
        return client.request(
            method, f"/api/{path}", auth=("lists-ks", PASSWORD), timeout=120, **more
        )

    return asked


@pytest.fixture
def somebody(ask):
    """A user with a role and no more; her uid."""
    role, uid = new_uid(), new_uid()
    ask("POST", "userRoles", by="admin", json={"id": role, "name": role, "authorities": []})
    body = {"id": uid, "username": f"l-{uid}", "firstName": "A", "surname": "B",
            "password": PASSWORD, "userRoles": [{"id": role}]}  # fmt: skip
    assert ask("POST", "users", by="admin", json=body).status_code == 201
    return uid


def test_a_user_joins_and_leaves_a_group_from_either_side(ask, somebody):
    group = new_uid()
    ask("POST", "userGroups", by="admin", json={"id": group, "name": group})
    for path in (f"users/{somebody}/userGroups/{group}", f"userGroups/{group}/users/{somebody}"):
        assert ask("POST", path, by="admin", json={}).status_code == 200
        found = ask("GET", f"users/{somebody}", by="admin").json()
        assert [each["id"] for each in found["userGroups"]] == [group]
        members = ask("GET", f"userGroups/{group}", by="admin").json()["users"]
        assert [each["id"] for each in members] == [somebody]
        assert ask("DELETE", path, by="admin").status_code == 200
        found = ask("GET", f"users/{somebody}", by="admin").json()
        assert found["userGroups"] == []


def test_a_user_gets_and_loses_an_org_unit(ask, somebody, unit):
    path = f"users/{somebody}/organisationUnits/{unit}"
    assert ask("POST", path, by="admin", json={}).status_code == 200
    assert ask("GET", f"users/{somebody}", by="admin").json()["organisationUnits"] == [{"id": unit}]
    assert ask("DELETE", path, by="admin").status_code == 200
    assert ask("POST", f"users/{somebody}/hobbies/{unit}", by="admin", json={}).status_code == 404
    assert ask("POST", path, json={}).status_code == 403


def test_a_package_brings_the_name_of_its_maker_asleep(ask, ks, shared):
    text = (shared / "data/dhis2/C19_CS-2.37/metadata.json").read_text(encoding="utf-8")
    package = json.loads(text)
    only = {name: package[name] for name in ("userRoles", "userGroups", "users")}
    assert ks("POST", "metadata", json=only).status_code == 200
    maker = package["users"][0]["id"]
    found = ks("GET", f"users/{maker}").json()
    assert found["disabled"] is True and found["externalAuth"] is True
    exported = ask("GET", "metadata?users=true", by="admin").json()["users"]
    assert maker in {each["id"] for each in exported}
    assert "odd-tracer" not in {each["username"] for each in exported}
