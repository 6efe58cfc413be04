"""Local org units by DHIS2's door: made, changed, moved, closed, split and merged; Kartverket's stay."""

import pytest

from smittesporing import database
from smittesporing.access import accounts, org_units, passwords
from smittesporing.metadata.roles import role_uid
from smittesporing.uid import new_uid
from tests.conftest import user_with

PASSWORD = "Sommer-i-nord-9"


@pytest.fixture(scope="module")
def by(ask, client, owner_url, settings):
    """`by(name, method, path, …)` as admin (superuser), tracer or Tromsø's administrator."""
    with database.connect(owner_url, autocommit=True) as connection:
        made = user_with(connection, settings, "administrator", "5501", "by-administrator")
        connection.execute(
            "update access.user_account set password = %s where uid = %s",
            (passwords.hashed(PASSWORD), made.user),
        )

    def asked(name, method, path, **more):
        if name in ("admin", "tracer"):
            return ask(method, path, by=name, **more)
        auth = ("by-administrator", PASSWORD)
        return client.request(method, f"/api/{path}", auth=auth, **more)

    return asked


@pytest.fixture
def units(pool):
    """`units()` → the org units as they are now."""

    def now():
        with pool.connection() as connection:
            return org_units.current(connection)

    return now


@pytest.fixture
def team(by, unit):
    """`team(name)` → the uid of a new team of Tromsø's."""

    def made(name="Team", parent=unit, who="administrator"):
        uid = new_uid()
        body = {
            "id": uid,
            "name": f"{name} {uid}",
            "shortName": name,
            "openingDate": "2020-01-01",
            "parent": {"id": parent},
        }
        answer = by(who, "POST", "organisationUnits", json=body)
        assert answer.status_code == 201, answer.text
        return uid

    return made


def codes(answer):
    body = answer.json()
    reports = body.get("response", {}).get("errorReports", [])
    return {each["errorCode"] for each in reports} | {body.get("errorCode")}


def test_an_administrator_makes_and_changes_units_of_her_kommune(by, team, unit):
    uid = team()
    body = by("admin", "GET", f"organisationUnits/{uid}").json()
    assert (body["level"], body["path"].split("/")[-2:]) == (4, [unit, uid])
    body |= {"name": "Ny", "shortName": "N", "openingDate": "2021-02-03T00:00:00.000",
             "comment": "Ved kaia", "code": f"C{uid}"}  # fmt: skip
    answer = by("administrator", "PUT", f"organisationUnits/{uid}", json=body)
    assert (answer.status_code, answer.json()["status"]) == (200, "OK")
    found = by("admin", "GET", f"organisationUnits/{uid}").json()
    for name in ("name", "shortName", "openingDate", "comment", "code"):
        assert found[name] == body[name]
    assert found["lastUpdated"] != body["lastUpdated"]


def test_a_unit_is_made_once(by, team):
    uid = team()
    body = by("admin", "GET", f"organisationUnits/{uid}").json()
    answer = by("administrator", "POST", "organisationUnits", json=body)
    assert answer.status_code == 409 and "E5000" in codes(answer)
    payload = {"organisationUnits": [{**body, "id": new_uid()}]}
    unknown = by("admin", "POST", "metadata?importStrategy=UPDATE", json=payload)
    assert unknown.status_code == 409


def test_a_unit_is_patched_closed_and_opened_again(by, team):
    uid = team()
    patch = [{"op": "add", "path": "/closedDate", "value": "2022-01-01"}]
    path = f"organisationUnits/{uid}"
    assert by("administrator", "PATCH", path, json=patch).status_code == 200
    assert by("admin", "GET", path).json()["closedDate"] == "2022-01-01T00:00:00.000"
    patch = [{"op": "remove", "path": "/closedDate"}]
    assert by("administrator", "PATCH", path, json=patch).status_code == 200
    assert "closedDate" not in by("admin", "GET", path).json()
    early = [{"op": "add", "path": "/closedDate", "value": "1999-01-01"}]
    assert by("administrator", "PATCH", path, json=early).status_code == 409


def test_nobody_else_makes_units_there_and_she_makes_none_elsewhere(by, unit, units):
    body = {"name": "X", "shortName": "X", "openingDate": "2020-01-01", "parent": {"id": unit}}
    assert by("tracer", "POST", "organisationUnits", json=body).status_code == 403
    body["parent"] = {"id": units().by_code["5503"].uid}
    assert by("administrator", "POST", "organisationUnits", json=body).status_code == 403
    del body["parent"]
    assert by("administrator", "POST", "organisationUnits", json=body).status_code == 403
    assert by("admin", "POST", "organisationUnits", json=body).status_code == 201


def test_a_unit_moves_with_all_below_it(by, team, units):
    one, other = team("One"), team("Other")
    below = team("Below", parent=one)
    body = by("admin", "GET", f"organisationUnits/{one}").json() | {"parent": {"id": other}}
    answer = by("administrator", "PUT", f"organisationUnits/{one}", json=body)
    assert answer.status_code == 200, answer.text
    here = units()
    assert here.by_uid[below].path.endswith(f"{other}/{one}/{below}")
    assert here.by_uid[below].ancestors[-3:] == tuple(
        here.by_uid[each].id for each in (other, one, below)
    )
    assert here.by_uid[below].level == 6
    body = by("admin", "GET", f"organisationUnits/{other}").json() | {"parent": {"id": below}}
    assert by("admin", "PUT", f"organisationUnits/{other}", json=body).status_code == 409


def test_she_moves_none_of_hers_to_another_kommune_and_a_superuser_does(by, team, units):
    uid, there = team(), units().by_code["5503"]
    body = by("admin", "GET", f"organisationUnits/{uid}").json() | {"parent": {"id": there.uid}}
    answer = by("administrator", "PUT", f"organisationUnits/{uid}", json=body)
    assert answer.status_code == 409 and "E1521" in codes(answer)
    assert by("admin", "PUT", f"organisationUnits/{uid}", json=body).status_code == 200
    assert units().by_uid[uid].kommune == there.id


def test_a_unit_goes_when_nothing_stands_in_it(by, team, unit, units, send, whole):
    uid = team()
    below = team("Below", parent=uid)
    assert "E4030" in codes(by("administrator", "DELETE", f"organisationUnits/{uid}"))
    assert by("administrator", "DELETE", f"organisationUnits/{below}").status_code == 200
    assert by("admin", "GET", f"organisationUnits/{below}").status_code == 404
    record(send, whole, uid)
    answer = by("administrator", "DELETE", f"organisationUnits/{uid}")
    assert answer.status_code == 409 and "E4030" in codes(answer)


def record(send, whole, unit):
    """A person with an enrollment and an event in the unit; the enrollment's uid."""
    person = whole["trackedEntities"][0]
    person["trackedEntity"], person["orgUnit"] = new_uid(), unit
    enrollment = person["enrollments"][0]
    enrollment["enrollment"], enrollment["orgUnit"] = new_uid(), unit
    enrollment["events"][0] |= {"event": new_uid(), "orgUnit": unit}
    answer = send(whole, by="admin")
    assert answer.status_code == 200, answer.text
    return enrollment["enrollment"]


# Kartverket's ----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["5501", "55", "NO"])
def test_units_of_the_register_are_locked_by_every_door(by, units, pool, team, code):
    official = units().by_code[code]
    path = f"organisationUnits/{official.uid}"
    body = by("admin", "GET", path).json()
    for change in (
        {"name": "Another"},
        {"shortName": "Another"},
        {"closedDate": "2022-01-01"},
        {"openingDate": "1900-01-01"},
        {"comment": "Mine"},
        {"geometry": {"type": "Point", "coordinates": [0, 0]}},
    ):
        answer = by("admin", "PUT", path, json=body | change)
        assert answer.status_code == 409 and "T005" in codes(answer), change
        answer = by("admin", "POST", "metadata", json={"organisationUnits": [body | change]})
        assert answer.status_code == 409
    patch = [{"op": "replace", "path": "/name", "value": "Another"}]
    assert "T005" in codes(by("admin", "PATCH", path, json=patch))
    assert "T005" in codes(by("admin", "DELETE", path))
    gone = {"organisationUnits": [{"id": official.uid}]}
    assert by("admin", "POST", "metadata?importStrategy=DELETE", json=gone).status_code == 409
    one, other = team("A", who="admin"), team("B", who="admin")
    merged = {"sources": [official.uid], "target": one}
    assert "T005" in codes(by("admin", "POST", "organisationUnits/merge", json=merged))
    taken_in = {"sources": [one, other], "target": official.uid}
    assert by("admin", "POST", "organisationUnits/merge", json=taken_in).status_code == 409
    parts = {"source": official.uid, "targets": [one, other]}
    assert "T005" in codes(by("admin", "POST", "organisationUnits/split", json=parts))
    with pool.connection() as connection:
        assert org_units.current(connection).by_code[code] == official


# Merge and split -------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["administrator", "admin"])
@pytest.mark.parametrize("deleted", [True, False])
def test_a_merge_moves_what_was_the_sources_and_keeps_their_history(
    by, team, unit, units, pool, send, whole, ask, who, deleted
):
    one, other, target = team("One"), team("Other"), team("Target")
    below = team("Below", parent=one)
    enrollment = record(send, whole, one)
    group = {"id": new_uid(), "name": new_uid(), "organisationUnits": [{"id": one}]}
    assert by("admin", "POST", "organisationUnitGroups", json=group).status_code == 201
    tracer = {
        "id": new_uid(), "username": f"t-{new_uid()}", "firstName": "A", "surname": "B",
        "userRoles": [{"id": role_uid("tracer")}], "organisationUnits": [{"id": other}],
    }  # fmt: skip
    assert by("admin", "POST", "users", json=tracer).status_code == 201
    before = units()
    body = {"sources": [one, other], "target": target, "deleteSources": deleted}
    answer = by(who, "POST", "organisationUnits/merge", json=body)
    assert answer.status_code == 200, answer.text
    after = units()
    heir, source = after.by_uid[target], after.by_id[before.by_uid[one].id]
    assert source.successors == (heir.id,) and source.valid_to is not None
    assert source.removed is deleted
    status = by("admin", "GET", f"organisationUnits/{one}").status_code
    assert status == (404 if deleted else 200)
    assert after.by_uid[below].parent == heir.id
    found = ask("GET", f"tracker/enrollments/{enrollment}", by="admin").json()
    assert found["orgUnit"] == target
    with pool.connection() as connection:
        account = accounts.one(connection, tracer["id"])
    assert account is not None and account.roles == (("tracer", heir.id),)
    groups = by("admin", "GET", f"organisationUnitGroups/{group['id']}").json()
    assert groups["organisationUnits"] == [{"id": target}]


def test_what_was_merged_is_counted_and_searched_where_it_now_is(
    by, team, units, owner, send, whole, uid
):
    source, target = team("Source"), team("Target")
    enrollment = record(send, whole, source)
    body = {"sources": [source], "target": target}
    assert by("administrator", "POST", "organisationUnits/merge", json=body).status_code == 200
    heir = units().by_uid[target].id
    projected = f'projection."enrollment_{uid("ST_CONTACT")}"'
    for table in ("tracker.enrollment", "tracker.event", projected):
        row = owner.execute(
            f"select owner, org_unit from {table} where enrollment = %s", (enrollment,)
        ).fetchone()
        assert row == {"owner": heir, "org_unit": heir}, table
    row = owner.execute(
        """select t.owners, h.owners as told from tracker.enrollment e
             join tracker.tracked_entity t using (tracked_entity)
             join tracker.history h on h.uid = e.enrollment where e.enrollment = %s""",
        (enrollment,),
    ).fetchone()
    assert row == {"owners": [heir], "told": [heir]}


def test_a_split_gives_records_to_the_first_and_the_rest_to_all(by, team, units, ask, send, whole):
    source, one, other = team("Source"), team("One"), team("Other")
    enrollment = record(send, whole, source)
    group = {"id": new_uid(), "name": new_uid(), "organisationUnits": [{"id": source}]}
    by("admin", "POST", "organisationUnitGroups", json=group)
    body = {"source": source, "targets": [one, other], "primaryTarget": other}
    assert by("administrator", "POST", "organisationUnits/split", json=body).status_code == 200
    found = ask("GET", f"tracker/enrollments/{enrollment}", by="admin").json()
    assert found["orgUnit"] == other
    listed = by("admin", "GET", f"organisationUnitGroups/{group['id']}").json()
    assert {each["id"] for each in listed["organisationUnits"]} == {one, other}
    assert by("admin", "GET", f"organisationUnits/{source}").status_code == 404


@pytest.mark.parametrize(
    ("act", "body", "code"),
    [
        ("merge", {"target": "T"}, "E1500"),
        ("merge", {"sources": ["A"]}, "E1501"),
        ("merge", {"sources": ["A", "T"], "target": "T"}, "E1502"),
        ("merge", {"sources": ["nobodyAAAA1"], "target": "T"}, "E1503"),
        ("merge", {"sources": ["A"], "target": "U"}, "E1504"),
        ("split", {"targets": ["A", "T"]}, "E1510"),
        ("split", {"source": "A", "targets": ["T"]}, "E1511"),
        ("split", {"source": "A", "targets": ["A", "T"]}, "E1512"),
        ("split", {"source": "A", "targets": ["T", "B"], "primaryTarget": "U"}, "E1514"),
        ("split", {"source": "A", "targets": ["T", "nobodyAAAA1"]}, "E1515"),
        ("split", {"source": "A", "targets": ["T", "U"]}, "E1516"),
    ],
)
def test_what_cannot_be_merged_or_split_is_a_conflict_with_its_code(by, team, act, body, code):
    named = {"A": team("A"), "B": team("B"), "T": team("T")}
    named["U"] = team("U", parent=named["A"])

    def put_in(value):
        return (
            [named.get(each, each) for each in value] if isinstance(value, list) else named[value]
        )

    stated = {name: put_in(value) for name, value in body.items()}
    answer = by("administrator", "POST", f"organisationUnits/{act}", json=stated)
    assert answer.status_code == 409 and code in codes(answer), answer.text


def test_a_stranger_merges_nothing_of_mine(by, team):
    one, other = team(), team()
    body = {"sources": [one], "target": other}
    assert by("tracer", "POST", "organisationUnits/merge", json=body).status_code == 403


# Reading ---------------------------------------------------------------------------------------


def test_the_tree_is_asked_for_by_level_path_and_place(by, unit, units, team):
    uid = team()
    norge = units().root.uid
    path = f"organisationUnits?filter=path:like:{unit}&order=path&paging=false&fields=id,path"
    listed = by("tracer", "GET", path).json()["organisationUnits"]
    assert listed[0]["id"] == unit and uid in {each["id"] for each in listed}
    above = by("tracer", "GET", f"organisationUnits/{uid}/parents?fields=level").json()
    above = above["organisationUnits"]
    assert [each["level"] for each in above] == [1, 2, 3]
    own = by("tracer", "GET", "organisationUnits?withinUserHierarchy=true&paging=false").json()
    assert {unit, uid} <= {each["id"] for each in own["organisationUnits"]}
    assert norge not in {each["id"] for each in own["organisationUnits"]}
    only = by("tracer", "GET", "organisationUnits?userOnly=true").json()["organisationUnits"]
    assert [each["id"] for each in only] == [unit]


@pytest.mark.parametrize(
    ("path", "levels"),
    [("/children?", {3, 4}), ("/children?level=1&", {4}), ("/descendants?filter=level:lt:6&", {3, 4, 5}),
     ("/ancestors?", {1, 2, 3}), ("/parents?", {1, 2}), ("?includeChildren=true&", {3, 4}),
     ("?level=2&", {5}), ("?includeDescendants=true&filter=level:eq:4&", {4})],
)  # fmt: skip
def test_the_units_around_one_are_lists_of_their_own(by, unit, team, path, levels):
    below = team()
    body = {"name": "Dag", "shortName": "Dag", "openingDate": "2021", "parent": {"id": below}}
    assert by("administrator", "POST", "organisationUnits", json=body).status_code == 201
    address = (
        f"organisationUnits/{unit}{path}fields=level,openingDate&paging=false&levelSorted=true"
    )
    found = by("tracer", "GET", address).json()["organisationUnits"]
    seen = [each["level"] for each in found]
    assert (set(seen), seen) == (levels, sorted(seen))
    paged = by("tracer", "GET", f"organisationUnits/{unit}{path}pageSize=1").json()
    assert paged["pager"]["total"] == len(found)
    assert set(paged["organisationUnits"][0]) == {"id", "displayName"}


def test_units_with_a_place_come_as_features(by, unit, units):
    fylke = units().by_code["55"].uid
    body = by("tracer", "GET", f"organisationUnits.geojson?level=3&parent={fylke}").json()
    assert body["type"] == "FeatureCollection"
    feature = next(each for each in body["features"] if each["id"] == unit)
    assert feature["geometry"]["type"] == "Point"
    assert feature["properties"]["parent"] == fylke
    assert {each["properties"]["level"] for each in body["features"]} == {"3"}


def test_every_level_has_a_name_and_may_be_given_another(by, team):
    team()
    levels = by("tracer", "GET", "filledOrganisationUnitLevels").json()
    assert [each["level"] for each in levels[:4]] == [1, 2, 3, 4]
    assert (
        by(
            "tracer", "POST", "filledOrganisationUnitLevels", json={"organisationUnitLevels": []}
        ).status_code
        == 403
    )
    named = {"organisationUnitLevels": [{"level": 4, "name": "Bydel eller team"}]}
    assert by("admin", "POST", "filledOrganisationUnitLevels", json=named).status_code == 201
    again = by("tracer", "GET", "filledOrganisationUnitLevels").json()
    assert again[3]["name"] == "Bydel eller team"
    for level in ("x", None, [], True):
        odd = {"organisationUnitLevels": [{"level": level, "name": "Nivå"}]}
        assert by("admin", "POST", "filledOrganisationUnitLevels", json=odd).status_code == 409
