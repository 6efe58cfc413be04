"""The metadata half of the API, over HTTP against a real database."""

import json

import pytest

from smittesporing.access import org_units, users
from smittesporing.metadata import install
from smittesporing.web.api.metadata_routes import metadata_routes

PASSWORD = "a long enough password"
PROGRAM = "uYjxkTbwRNf"
SEX = "WDUwjiW2rGH"


@pytest.fixture(scope="module")
def people(pool, settings):
    """admin (superuser), a tracer in Tromsø and an outsider without any user group."""
    made = {}
    with pool.connection() as connection:
        install.install(connection)
        units = org_units.current(connection)
        for name, role, place in (
            ("admin", "superuser", "NO"),
            ("tracer", "tracer", "5501"),
            ("outsider", "ks", "NO"),
        ):
            user = users.add(
                connection,
                settings,
                username=name,
                first_name=name,
                surname="Test",
                password=PASSWORD,
            )
            unit = units.by_code[place]
            users.grant(connection, user.uid, unit.id, role)
            if place != "NO":
                connection.execute(
                    """insert into access.agreement (org_unit, ssa_l_signed_on, activated_at)
                       values (%s, '2020-05-01', now())""",
                    (unit.id,),
                )
            made[name] = user.uid
    return made


@pytest.fixture(scope="module")
def server(serve, people):
    return serve(list(metadata_routes()))


def as_(server, name):
    def ask(method, path, **more):
        return server.request(method, path, auth=(name, PASSWORD), **more)

    return ask


@pytest.fixture
def admin(server):
    return as_(server, "admin")


@pytest.fixture
def tracer(server):
    return as_(server, "tracer")


@pytest.fixture(scope="module")
def package(server, shared):
    """WHO's package, imported once by admin; the body as it lies on disk."""
    body = (shared / "data/dhis2/C19_CS-2.37/metadata.json").read_bytes()
    answer = as_(server, "admin")("POST", "/api/metadata", content=body)
    assert answer.status_code == 200, answer.text[:2000]
    return json.loads(body)


def test_import_answers_with_the_wrapped_report_and_java_names(admin, package):
    answer = admin("POST", "/api/42/metadata.json?importReportMode=FULL", json=package)
    body = answer.json()
    assert (answer.status_code, body["status"], body["httpStatusCode"]) == (200, "OK", 200)
    report = body["response"]
    assert report["responseType"] == "ImportReport"
    assert report["stats"]["created"] == 0
    program = next(
        each for each in report["typeReports"] if each["klass"] == "org.hisp.dhis.program.Program"
    )
    assert program["stats"] == {
        "created": 0,
        "updated": 2,
        "deleted": 0,
        "ignored": 0,
        "total": 2,
    }
    assert {each["uid"] for each in program["objectReports"]} == {PROGRAM, "DM9n1bUw8W8"}


def test_refused_import_is_a_conflict_with_codes(admin):
    answer = admin("POST", "/api/metadata", json={"optionSets": [{"id": "optSetAAAA1"}]})
    body = answer.json()
    assert (answer.status_code, body["httpStatus"], body["status"]) == (409, "Conflict", "WARNING")
    errors = body["response"]["typeReports"][0]["objectReports"][0]["errorReports"]
    assert {each["errorCode"] for each in errors} == {"E4000"}
    assert errors[0]["mainKlass"] == "org.hisp.dhis.option.OptionSet"


@pytest.mark.parametrize(
    "body",
    [
        *(b"{", b"[]", b'"text"', b"\xff\xfe", b"", b'{"a":"\\u0000"}'),
        b'{"maps":[{"id":"aaaaaaaaaa1","mapViews":' + b"[" * 900 + b"]" * 900 + b"}]}",
        b"[" * 100_000,
    ],
)
def test_malformed_body_is_a_bad_request(admin, body):
    answer = admin("POST", "/api/metadata", content=body)
    assert (answer.status_code, answer.json()["httpStatus"]) == (400, "Bad Request")


def test_unknown_parameter_value_is_a_bad_request(admin):
    answer = admin("POST", "/api/metadata?importStrategy=PERHAPS", json={})
    assert answer.status_code == 400


def test_tracer_may_read_configuration_and_not_write_it(tracer):
    assert tracer("GET", "/api/programs").json()["programs"]
    answer = tracer("POST", "/api/metadata", json={"optionSets": []})
    assert answer.status_code == 403
    answer = tracer("POST", "/api/optionSets", json={"name": "N", "valueType": "TEXT"})
    assert (answer.status_code, answer.json()["errorCode"]) == (403, "E3000")


def test_package_is_seen_by_its_group_and_by_nobody_else(server, admin, tracer, package, people):
    assert tracer("GET", f"/api/programs/{PROGRAM}").status_code == 404
    assert tracer("GET", f"/api/programs?filter=id:eq:{PROGRAM}").json()["programs"] == []
    member = {"additions": [{"id": people["tracer"]}]}
    answer = admin("POST", "/api/userGroups/k8Fk0kuhOeK/users", json=member)
    assert answer.status_code == 200, answer.text
    seen = tracer("GET", f"/api/programs/{PROGRAM}?fields=id,access").json()
    assert seen["access"]["data"] == {"read": True, "write": True}
    assert (seen["access"]["read"], seen["access"]["update"]) == (True, False)
    admin("DELETE", f"/api/userGroups/k8Fk0kuhOeK/users/{people['tracer']}")
    assert tracer("GET", f"/api/programs/{PROGRAM}").status_code == 404


def test_list_answers_id_and_display_name_in_pages(admin, package):
    first = admin("GET", "/api/dataElements?pageSize=10&order=name:asc").json()
    assert set(first["dataElements"][0]) == {"id", "displayName"}
    assert len(first["dataElements"]) == 10
    assert first["pager"]["pageCount"] == -(-first["pager"]["total"] // 10)
    assert "page=2" in first["pager"]["nextPage"]
    past = admin("GET", "/api/dataElements?pageSize=10&page=99")
    assert (past.status_code, past.json()["dataElements"]) == (200, [])
    everything = admin("GET", "/api/dataElements?paging=false").json()
    assert "pager" not in everything
    assert len(everything["dataElements"]) == first["pager"]["total"]


CAPTURE_PROGRAM = (
    "id,displayName,displayShortName,description,translations,version,programType,style,"
    "minAttributesRequiredToSearch,enrollmentDateLabel,displayIncidentDate,access[data[read,write]],"
    "categoryCombo[id,displayName,isDefault,categories[id,displayName]],"
    "trackedEntityType[id,displayName],"
    "programStages[id,access,name,displayName,sortOrder,repeatable,formType,"
    "programStageSections[id,displayName,sortOrder,dataElements[id]],"
    "programStageDataElements[compulsory,sortOrder,dataElement[id,displayName,optionSet[id]]]],"
    "programTrackedEntityAttributes[trackedEntityAttribute[id, optionSet[id,version]],mandatory]"
)


def test_program_with_the_fields_that_capture_asks_for(admin, package):
    answer = admin("GET", f"/api/programs?fields={CAPTURE_PROGRAM}&filter=id:in:[{PROGRAM}]")
    program = answer.json()["programs"][0]
    assert program["categoryCombo"] == {
        "id": "bjDvmb4bfuf",
        "displayName": "default",
        "isDefault": True,
        "categories": [{"id": "GLevLNI9wkl", "displayName": "default"}],
    }
    assert program["trackedEntityType"] == {"id": "MCPQUTHX1Ze", "displayName": "Person"}
    assert program["access"] == {"data": {"read": True, "write": True}}
    stage = next(each for each in program["programStages"] if each["id"] == "LpWNjNGvCO5")
    assert len(stage["programStageDataElements"]) == 48
    assert all(each["dataElement"]["displayName"] for each in stage["programStageDataElements"])
    assert len(stage["programStageSections"]) == 7
    sex = [
        each["trackedEntityAttribute"]
        for each in program["programTrackedEntityAttributes"]
        if "optionSet" in each["trackedEntityAttribute"]
    ]
    assert SEX in {each["optionSet"]["id"] for each in sex}
    assert all(isinstance(each["optionSet"]["version"], int) for each in sex)


@pytest.mark.parametrize(
    ("path", "count"),
    [
        (f"programRules?filter=program.id:in:[{PROGRAM}]", 20),
        (f"programIndicators?filter=displayInForm:eq:true&filter=program.id:in:[{PROGRAM}]", 0),
        (
            "categoryOptions?filter=categories.id:in:[GLevLNI9wkl]&filter=access.data.read:in:[true]"
            "&fields=id,categories~pluck,access[data[write]]",
            1,
        ),
        ("optionSets?query=health outcome", 1),
        (f"options?filter=optionSet.id:eq:{SEX}", 2),
        ("organisationUnits?filter=level:eq:1", 1),
        ("organisationUnits?level=2&paging=false", 15),
        ("organisationUnits?filter=code:eq:5501&fields=id,path,ancestors[displayName]", 1),
        ("optionSets?filter=name:eq:no such&filter=id:eq:" + SEX + "&rootJunction=OR", 1),
        ("indicators?filter=indicatorType.factor:gt:1&filter=name:ilike:fatality", 3),
    ],
)
def test_filters_find(admin, package, path, count):
    answer = admin("GET", f"/api/{path}")
    plural = path.partition("?")[0]
    assert answer.status_code == 200, answer.text
    found = answer.json()[plural]
    assert len(found) == count


def test_transformers_over_references(admin, package):
    answer = admin(
        "GET",
        f"/api/optionSets/{SEX}?fields=options~size~rename(n),options~pluck(code),name~rename(called)",
    )
    assert answer.json()["called"]
    assert sorted(answer.json()["options"]) == ["FEMALE", "MALE"]


@pytest.mark.parametrize(
    "query",
    [
        "filter=nonsense:eq:1",
        "filter=name:resembles:1",
        "filter=name",
        "filter=program.nonsense:eq:1",
        "fields=id,[",
        "page=two",
        "order=nonsense:asc",
    ],
)
def test_what_cannot_be_asked_is_a_bad_request_and_never_a_fault(admin, query):
    answer = admin("GET", f"/api/programStages?{query}")
    assert answer.status_code == 400
    assert answer.json()["status"] == "ERROR"


def test_one_property_of_an_object_is_read_by_its_address(admin, package):
    answer = admin("GET", f"/api/optionSets/{SEX}/options?fields=code")
    assert {"code": "MALE"} in answer.json()["options"]
    assert admin("GET", f"/api/programs/{PROGRAM}/translations").json()["translations"]
    assert admin("GET", f"/api/programs/{PROGRAM}/nonsense").status_code == 404
    assert admin("GET", "/api/dataStore/capture/ruleEngine").status_code == 404


def test_unknown_object_and_unknown_kind_are_not_found(admin):
    answer = admin("GET", "/api/programs/nothingHere")
    assert (answer.status_code, answer.json()["errorCode"]) == (404, "E1005")
    assert admin("GET", "/api/unicorns").status_code == 404
    assert admin("PUT", "/api/programs/nothingHere", json={}).status_code == 404
    assert admin("DELETE", "/api/programs/nothingHere").status_code == 404


def test_object_is_made_changed_and_removed(admin):
    made = admin("POST", "/api/optionSets", json={"name": "Colours", "valueType": "TEXT"})
    assert made.status_code == 201, made.text
    uid = made.json()["response"]["uid"]
    assert made.json()["response"]["klass"] == "org.hisp.dhis.option.OptionSet"
    assert made.headers["location"].endswith(f"/api/optionSets/{uid}")
    again = admin("POST", "/api/optionSets", json={"name": "Colours", "valueType": "TEXT"})
    assert (again.status_code, again.json()["errorCode"]) == (409, "E5003")
    changed = admin("PUT", f"/api/optionSets/{uid}", json={"name": "Hues", "valueType": "TEXT"})
    assert changed.status_code == 200
    patch = [{"op": "replace", "path": "/name", "value": "Shades"}]
    patched = admin("PATCH", f"/api/optionSets/{uid}", json=patch)
    assert patched.status_code == 200, patched.text
    read = admin("GET", f"/api/optionSets/{uid}").json()
    assert (read["name"], read["displayName"], read["version"]) == ("Shades", "Shades", 2)
    assert read["createdBy"]["username"] == "admin"
    assert admin("PATCH", f"/api/optionSets/{uid}", json={"name": "X"}).status_code == 400
    assert admin("DELETE", f"/api/optionSets/{uid}").status_code == 200
    assert admin("GET", f"/api/optionSets/{uid}").status_code == 404


def test_org_units_are_assigned_to_an_imported_program(admin, package):
    every = admin("GET", "/api/organisationUnits?paging=false&fields=id").json()
    answer = admin(
        "POST",
        f"/api/programs/{PROGRAM}/organisationUnits",
        json={"additions": every["organisationUnits"]},
    )
    assert answer.status_code == 200, answer.text
    served = admin("GET", f"/api/programs/orgUnits?programs={PROGRAM}").json()
    assert len(served[PROGRAM]) == len(every["organisationUnits"]) == 373
    unit = every["organisationUnits"][0]["id"]
    programs = admin("GET", f"/api/organisationUnits/{unit}?fields=programs").json()["programs"]
    assert {"id": PROGRAM} in programs


def test_unit_of_the_official_register_is_locked_by_every_door(admin):
    unit = admin("GET", "/api/organisationUnits?filter=code:eq:5501&fields=:owner").json()
    body = {**unit["organisationUnits"][0], "name": "Renamed"}
    assert admin("PUT", f"/api/organisationUnits/{body['id']}", json=body).status_code == 409
    patch = [{"op": "replace", "path": "/name", "value": "Renamed"}]
    assert admin("PATCH", f"/api/organisationUnits/{body['id']}", json=patch).status_code == 409
    assert admin("DELETE", f"/api/organisationUnits/{body['id']}").status_code == 409
    answer = admin("POST", "/api/metadata", json={"organisationUnits": [body]})
    assert answer.status_code == 409
    assert admin("GET", f"/api/organisationUnits/{body['id']}").json()["name"] == "Tromsø"


def test_exported_package_imports_again(admin, package):
    exported = admin("GET", "/api/metadata").json()
    assert {"programs", "optionSets", "system"} <= exported.keys()
    exported.pop("organisationUnits", None)
    answer = admin("POST", "/api/metadata?importMode=VALIDATE", json=exported)
    assert answer.status_code == 200, answer.text[:2000]
    assert answer.json()["response"]["stats"]["created"] == 0


def test_export_of_named_kinds_with_their_own_fields(admin, package):
    answer = admin("GET", "/api/metadata?optionSets:fields=id&optionSets:filter=id:eq:" + SEX)
    body = answer.json()
    assert body["optionSets"] == [{"id": SEX}]
    assert "programs" not in body


def test_display_name_follows_the_locale_asked_for(admin, package):
    path = f"/api/programs/{PROGRAM}?fields=displayName,name&locale="
    assert admin("GET", path + "fr").json()["displayName"].startswith("COVID-19 Surveillance bas")
    assert admin("GET", path + "xx").json()["displayName"] == "COVID-19 Case Surveillance"


def test_server_says_which_dhis2_it_is(admin):
    info = admin("GET", "/api/system/info").json()
    assert info["version"].startswith("2.42.")
    assert admin("GET", "/api/system/info?fields=dateFormat,calendar").json() == {
        "dateFormat": "yyyy-mm-dd",
        "calendar": "iso8601",
    }
    assert admin("GET", "/api/system/ping").text == "pong"
    codes = admin("GET", "/api/system/id?limit=20").json()["codes"]
    assert len(set(codes)) == 20


def test_me_tells_who_asks(admin, tracer, people):
    me = tracer("GET", "/api/me?fields=id,username,authorities,organisationUnits[id,path],settings")
    body = me.json()
    assert (body["id"], body["username"]) == (people["tracer"], "tracer")
    assert body["organisationUnits"][0]["path"].count("/") == 3
    assert "ALL" not in body["authorities"]
    assert admin("GET", "/api/me/authorization").json().count("ALL") == 1
    assert tracer("GET", "/api/me/authorization/ALL").json() is False
    assert tracer("GET", "/api/users").status_code == 403
    assert len(admin("GET", "/api/users?fields=username,userRoles").json()["users"]) >= 3


def test_schema_names_the_java_class(admin):
    schema = admin("GET", "/api/schemas/program").json()
    assert schema["klass"] == "org.hisp.dhis.program.Program"
    assert admin("GET", "/api/schemas/unicorn").status_code == 404


def test_nobody_asks_without_signing_in(server):
    assert server.get("/api/programs").status_code == 401
    assert server.get("/api/me").status_code == 401


def test_sharing_is_read_and_set_by_its_own_address(admin, tracer, package):
    address = f"/api/sharing?type=program&id={PROGRAM}"
    before = admin("GET", address).json()["object"]
    assert before["publicAccess"] == "--------"
    assert {each["name"] for each in before["userGroupAccesses"]} >= {"COVID-19 access"}
    opened = {"object": {**before, "publicAccess": "r-r-----"}}
    assert tracer("PUT", address, json=opened).status_code == 404
    assert admin("PUT", address, json=opened).status_code == 200
    seen = tracer("GET", f"/api/programs/{PROGRAM}?fields=access").json()["access"]
    assert seen["data"] == {"read": True, "write": False}
    for wrong in ("rw", "xxxxxxxx", "rwrwrw--"):
        refused = admin("PUT", address, json={"object": {"publicAccess": wrong}})
        assert refused.status_code == 409
    assert admin("PUT", address, json={"object": before}).status_code == 200
    after = admin("GET", address).json()["object"]
    assert after["userGroupAccesses"] == before["userGroupAccesses"]
    assert tracer("GET", f"/api/programs/{PROGRAM}").status_code == 404


def test_levels_of_the_tree_have_names(admin):
    levels = admin("GET", "/api/organisationUnitLevels?fields=level&order=level:asc").json()
    assert [each["level"] for each in levels["organisationUnitLevels"]] == [1, 2, 3, 4]
