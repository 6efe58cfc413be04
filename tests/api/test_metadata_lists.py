"""Lists of references over HTTP: one by one, whole, held by the object or by others; and gist."""

import pytest

from smittesporing.uid import new_uid
from tests.api.making import element, group, made, members


@pytest.fixture(scope="module")
def admin(ask):
    return lambda method, path, **more: ask(method, path, by="admin", **more)


def test_options_are_listed_in_the_order_their_set_gives_them(admin):
    options = [made(admin, "options", name=f"Option {n}", code=f"O{n}") for n in range(3)]
    listed = [{"id": uid} for uid in reversed(options)]
    colours = made(admin, "optionSets", valueType="TEXT", options=listed)
    path = f"optionSets/{colours}"
    assert members(admin, path, "options") == options[::-1]
    version = admin("GET", path).json()["version"]
    body = {**admin("GET", path).json(), "options": [{"id": options[1]}, {"id": options[0]}]}
    assert admin("PUT", path, json=body).status_code == 200
    assert members(admin, path, "options") == [options[1], options[0]]
    assert admin("GET", path).json()["version"] > version
    body.pop("options")
    assert admin("PUT", path, json=body).status_code == 200
    assert members(admin, path, "options") == []


def test_list_that_names_what_is_not_there_is_refused(admin):
    body = {"name": "Dangling", "valueType": "TEXT", "options": [{"id": "nothingHere"}]}
    answer = admin("POST", "optionSets", json=body)
    assert (answer.status_code, answer.json()["errorCode"]) == (409, "E5002")


def test_option_is_taken_into_its_set_and_out_again(admin):
    colours = made(admin, "optionSets", valueType="TEXT")
    red = made(admin, "options", name="Red", code="RED")
    assert admin("POST", f"optionSets/{colours}/options/{red}").status_code == 200
    assert members(admin, f"optionSets/{colours}", "options") == [red]
    assert admin("GET", f"options/{red}").json()["optionSet"] == {"id": colours}
    gist = f"optionSets/{colours}/gist?fields=options~member({red})"
    assert admin("GET", gist).json() == {"options": True}
    assert admin("DELETE", f"optionSets/{colours}/options/{red}").status_code == 200
    assert admin("GET", gist).json() == {"options": False}
    assert "optionSet" not in admin("GET", f"options/{red}").json()


def test_lists_change_by_additions_deletions_and_whole(admin):
    one, two, three = (element(admin) for _ in range(3))
    path = f"dataElementGroups/{group(admin, one)}"
    change = {"additions": [{"id": two}, {"id": "nothingHere"}], "deletions": [{"id": one}]}
    answer = admin("POST", f"{path}/dataElements", json=change)
    report = answer.json()["response"]
    assert (answer.status_code, report["responseType"]) == (200, "TypeReport")
    assert report["klass"] == "org.hisp.dhis.dataelement.DataElement"
    assert (report["stats"]["updated"], report["stats"]["deleted"]) == (1, 1)
    assert members(admin, path, "dataElements") == [two]
    whole = {"identifiableObjects": [{"id": three}, {"id": one}]}
    assert admin("PUT", f"{path}/dataElements", json=whole).status_code == 200
    assert set(members(admin, path, "dataElements")) == {one, three}
    more = {"identifiableObjects": [{"id": two}]}
    assert admin("POST", f"{path}/dataElements", json=more).status_code == 200
    assert set(members(admin, path, "dataElements")) == {one, two, three}
    assert admin("DELETE", f"{path}/dataElements", json=whole).status_code == 200
    assert members(admin, path, "dataElements") == [two]


def test_list_that_others_hold_is_written_through_them(admin):
    one = element(admin)
    groups = [group(admin), group(admin)]
    path = f"dataElements/{one}/dataElementGroups"
    for each in groups:
        assert admin("POST", f"{path}/{each}").status_code == 200
    assert set(members(admin, f"dataElements/{one}", "dataElementGroups")) == set(groups)
    assert members(admin, f"dataElementGroups/{groups[0]}", "dataElements") == [one]
    assert admin("DELETE", f"{path}/{groups[0]}").status_code == 200
    assert members(admin, f"dataElementGroups/{groups[0]}", "dataElements") == []


@pytest.mark.parametrize(
    ("name", "status"), [("nonsense", 404), ("name", 409), ("translations", 409), ("sharing", 409)]
)
def test_what_is_no_list_of_objects_takes_no_members(admin, name, status):
    path = f"dataElements/{element(admin)}/{name}/aaaaaaaaaa1"
    assert admin("POST", path).status_code == status


def test_gist_shows_references_as_ids_and_lists_as_lengths(admin):
    colours = made(admin, "optionSets", name=f"Gist {new_uid()}", valueType="TEXT")
    red = made(admin, "options", name="Red", code="RED", optionSet={"id": colours})
    shown = admin("GET", f"optionSets/{colours}/gist").json()
    assert (shown["options"], shown["valueType"]) == (1, "TEXT")
    assert shown["apiEndpoints"]["options"] == f"/optionSets/{colours}/options/gist"
    assert admin("GET", f"options/{red}/gist?fields=optionSet").json() == {"optionSet": colours}
    path = f"optionSets/gist?filter=id:eq:{colours}&fields=id,options~ids~rename(o)"
    answer = admin("GET", path).json()
    assert answer["optionSets"] == [{"id": colours, "o": [red]}]
    assert answer["pager"].keys() == {"page", "pageSize"}
    assert admin("GET", f"{path}&total=true").json()["pager"]["total"] == 1
    assert admin("GET", f"{path}&headless=true").json() == answer["optionSets"]
    listed = admin("GET", f"optionSets/{colours}/options/gist?fields=code").json()
    assert listed["options"] == [{"code": "RED"}]
    assert admin("GET", f"optionSets/{colours}/name/gist").status_code == 404
