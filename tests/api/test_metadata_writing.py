"""Single objects of configuration: made, changed and linked over HTTP, with DHIS2's reports."""

import gzip
import json

import pytest

from smittesporing.access import org_units, users
from smittesporing.metadata import install
from smittesporing.metadata.kinds import KINDS
from smittesporing.uid import new_uid
from smittesporing.web.api.metadata_routes import metadata_routes

PASSWORD = "a long enough password"
JSON_PATCH = {"content-type": "application/json-patch+json"}


@pytest.fixture(scope="module")
def people(pool, settings):
    """admin (superuser) and a tracer in Tromsø; their uids by name."""
    made = {}
    with pool.connection() as connection:
        install.install(connection)
        units = org_units.current(connection)
        for name, role, place in (("admin", "superuser", "NO"), ("tracer", "tracer", "5501")):
            user = users.add(
                connection,
                settings,
                username=name,
                first_name=name,
                surname="Test",
                password=PASSWORD,
            )
            users.grant(connection, user.uid, units.by_code[place].id, role)
            made[name] = user.uid
        connection.execute(
            """insert into access.agreement (org_unit, ssa_l_signed_on, activated_at)
               values (%s, '2020-05-01', now())""",
            (units.by_code["5501"].id,),
        )
    return made


@pytest.fixture(scope="module")
def server(serve, people):
    return serve(list(metadata_routes()))


@pytest.fixture(scope="module")
def admin(server):
    return lambda method, path, **more: server.request(
        method, f"/api/{path}", auth=("admin", PASSWORD), **more
    )


@pytest.fixture(scope="module")
def tracer(server):
    return lambda method, path, **more: server.request(
        method, f"/api/{path}", auth=("tracer", PASSWORD), **more
    )


def made(admin, plural, **body):
    """A new object's uid."""
    body.setdefault("name", f"{plural} {new_uid()}")
    answer = admin("POST", plural, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["response"]["uid"]


def element(admin, **more):
    name = f"Element {new_uid()}"
    sound = {"valueType": "TEXT", "domainType": "TRACKER", "aggregationType": "NONE"}
    return made(admin, "dataElements", **{"name": name, "shortName": name, **sound, **more})


def group(admin, *members):
    name = f"Group {new_uid()}"
    listed = [{"id": uid} for uid in members]
    return made(admin, "dataElementGroups", name=name, shortName=name, dataElements=listed)


def patch(admin, path, *operations, **more):
    return admin("PATCH", path, json=list(operations), headers=JSON_PATCH, **more)


def members(admin, path, name):
    return [each["id"] for each in admin("GET", path).json()[name]]


def test_created_object_is_answered_with_its_address_and_what_a_client_reads(admin):
    answer = admin("POST", "optionSets", json={"name": f"Made {new_uid()}", "valueType": "TEXT"})
    body = answer.json()
    assert (answer.status_code, body["status"], body["httpStatus"]) == (201, "OK", "Created")
    assert body["response"] == {
        "responseType": "ObjectReport",
        "uid": body["response"]["uid"],
        "klass": "org.hisp.dhis.option.OptionSet",
        "errorReports": [],
    }
    assert answer.headers["location"].endswith(f"/api/optionSets/{body['response']['uid']}")


def test_refused_object_is_a_conflict_and_its_report_tells_the_code_and_the_property(admin):
    answer = admin("POST", "dataElements", json={"name": "No type"})
    response = answer.json()["response"]
    assert (answer.status_code, answer.json()["status"]) == (409, "ERROR")
    assert response["responseType"] == "ObjectReport"
    assert {"E4000"} == {each["errorCode"] for each in response["errorReports"]}
    assert "valueType" in {each.get("errorProperty") for each in response["errorReports"]}


@pytest.mark.parametrize(
    ("method", "path", "media_type"),
    [
        ("POST", "optionSets", "application/xml"),
        ("PUT", "optionSets/{uid}", "text/plain"),
        ("PATCH", "optionSets/{uid}", "application/json"),
        ("PATCH", "optionSets/{uid}", "application/merge-patch+json"),
    ],
)
def test_body_of_another_type_is_not_read(admin, method, path, media_type):
    uid = made(admin, "optionSets", valueType="TEXT")
    answer = admin(
        method, path.format(uid=uid), content=b"[]", headers={"content-type": media_type}
    )
    assert (answer.status_code, answer.json()["httpStatusCode"]) == (415, 415)


def test_parameters_of_an_import_are_taken_with_a_single_object(admin):
    uid = made(admin, "optionSets", name="Kept", valueType="TEXT")
    query = "mergeMode=REPLACE&importReportMode=ERRORS_NOT_OWNER&skipSharing=true"
    body = {"name": "Changed", "valueType": "TEXT"}
    assert (
        admin("PUT", f"optionSets/{uid}?{query}&importMode=VALIDATE", json=body).status_code == 200
    )
    assert admin("GET", f"optionSets/{uid}").json()["name"] == "Kept"
    assert admin("PUT", f"optionSets/{uid}?{query}", json=body).status_code == 200
    assert admin("GET", f"optionSets/{uid}").json()["name"] == "Changed"
    assert admin("PUT", f"optionSets/{uid}?importMode=PERHAPS", json=body).status_code == 400


def test_gzipped_object_is_unpacked(admin):
    content = gzip.compress(
        json.dumps({"name": f"Packed {new_uid()}", "valueType": "TEXT"}).encode()
    )
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    assert admin("POST", "optionSets", content=content, headers=headers).status_code == 201


def test_user_without_the_authority_may_neither_make_nor_change_nor_remove(admin, tracer):
    uid = made(admin, "optionSets", valueType="TEXT")
    body = {"name": "Mine", "valueType": "TEXT"}
    assert tracer("POST", "optionSets", json=body).status_code == 403
    for method, path, more in (
        ("PUT", f"optionSets/{uid}", {"json": body}),
        ("PATCH", f"optionSets/{uid}", {"json": [], "headers": JSON_PATCH}),
        ("DELETE", f"optionSets/{uid}", {}),
        ("PUT", f"optionSets/{uid}/translations", {"json": {"translations": []}}),
        ("PUT", f"optionSets/{uid}/sharing", {"json": {}}),
        ("POST", f"optionSets/{uid}/options", {"json": {}}),
        ("DELETE", f"optionSets/{uid}/options/aaaaaaaaaa1", {}),
        ("PATCH", f"optionSets/{uid}/name", {"json": {"name": "Mine"}}),
    ):
        assert tracer(method, path, **more).status_code == 403, (method, path)


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
    assert report["stats"]["updated"] == 2
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


def test_json_patch_reaches_lists_that_were_never_stored(admin):
    one = element(admin)
    uid = group(admin)
    answer = patch(
        admin,
        f"dataElementGroups/{uid}",
        {"op": "add", "path": "/dataElements/-", "value": {"id": one}},
        {"op": "add", "path": "/translations/-",
         "value": {"property": "NAME", "locale": "nb", "value": "Gruppe"}},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert members(admin, f"dataElementGroups/{uid}", "dataElements") == [one]
    assert admin("GET", f"dataElementGroups/{uid}?locale=nb").json()["displayName"] == "Gruppe"
    answer = patch(
        admin,
        f"dataElementGroups/{uid}",
        {"op": "remove-by-id", "path": "/dataElements", "id": one},
    )
    assert members(admin, f"dataElementGroups/{uid}", "dataElements") == []


def test_json_patch_changes_an_option_set_through_its_options(admin):
    colours = made(admin, "optionSets", valueType="TEXT")
    red = made(admin, "options", name="Red", code="RED")
    operation = {"op": "add", "path": "/options/-", "value": {"id": red}}
    assert patch(admin, f"optionSets/{colours}", operation).status_code == 200
    assert members(admin, f"optionSets/{colours}", "options") == [red]


def test_json_patch_keeps_the_identifier(admin):
    uid = made(admin, "optionSets", valueType="TEXT")
    answer = patch(admin, f"optionSets/{uid}", {"op": "replace", "path": "/id", "value": new_uid()})
    assert answer.status_code == 200
    assert admin("GET", f"optionSets/{uid}").status_code == 200


def test_json_patch_changes_sharing_in_new_words_and_old(admin, people):
    uid = element(admin)
    row = {"id": people["tracer"], "access": "rw------"}
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
    assert shared["users"][row["id"]]["displayName"] == "tracer Test"


def test_one_property_is_patched_by_its_address(admin):
    path = f"dataElements/{element(admin)}"
    assert admin("PATCH", f"{path}/formName", json={"formName": "Ask"}).status_code == 204
    assert admin("GET", path).json()["formName"] == "Ask"
    assert admin("PATCH", f"{path}/displayName", json={"displayName": "X"}).status_code == 403
    assert admin("PATCH", f"{path}/nonsense", json={}).status_code == 404


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


def test_sharing_is_put_by_the_objects_own_address(admin, people):
    path = f"dataElements/{element(admin)}"
    row = {"id": people["tracer"], "access": "r-------"}
    stated = {"public": "--------", "users": {people["tracer"]: row}, "userGroups": {}}
    answer = admin("PUT", f"{path}/sharing", json=stated)
    assert (answer.status_code, answer.content) == (204, b"")
    shared = admin("GET", f"{path}?fields=sharing").json()["sharing"]
    assert (shared["public"], list(shared["users"])) == ("--------", [people["tracer"]])


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


def test_older_words_for_sharing_say_who_and_drop_what_does_not_fit(admin, people):
    uid = element(admin)
    address = f"sharing?type=dataElement&id={uid}"
    before = admin("GET", address).json()
    assert before["meta"]["allowPublicAccess"] is True
    stated = {
        "publicAccess": "rwrw----",
        "userAccesses": [{"id": people["tracer"], "access": "r-------"}],
        "userGroupAccesses": [{"id": "noGroupHere", "access": "rw------"}],
    }
    assert admin("POST", address, json={"object": stated}).status_code == 200
    after = admin("GET", address).json()["object"]
    assert after["publicAccess"] == "rw------"
    assert [each["name"] for each in after["userAccesses"]] == ["tracer Test"]
    assert after["userGroupAccesses"] == []
    assert admin("GET", "sharing?type=option&id=aaaaaaaaaa1").status_code == 409
    assert admin("GET", "sharing?type=program&id=nothingHere").status_code == 404
    default = "sharing?type=categoryCombo&id=bjDvmb4bfuf"
    assert admin("PUT", default, json={"object": stated}).status_code == 409


def test_users_and_groups_to_share_with_are_found(admin, people):
    name = f"Sharing {new_uid()}"
    uid = made(admin, "userGroups", name=name)
    found = admin("GET", f"sharing/search?key={name[:12].upper()}").json()
    assert {"id": uid, "name": name, "displayName": name} in found["userGroups"]
    assert admin("GET", "sharing/search?key=TRACER").json()["users"][0]["username"] == "tracer"
    assert admin("GET", "sharing/search").status_code == 409


@pytest.mark.parametrize("plural", sorted(KINDS))
def test_what_is_listed_of_a_kind_fits_its_own_schema(admin, plural):
    answer = admin("GET", f"{plural}?fields=*&pageSize=3")
    assert answer.status_code == 200, answer.text
    singular = KINDS[plural].singular
    schema = admin("GET", f"schemas/{singular}").json()
    known = {each.get("collectionName", each["name"]) for each in schema["properties"]}
    for body in answer.json()[plural]:
        assert {"id", "access", "sharing", "translations", "favorites", "href"} <= body.keys()
        fits = admin("POST", f"schemas/{singular}", json=body)
        assert fits.status_code == 200, fits.text
        lists = {each["collectionName"] for each in schema["properties"] if each["collection"]}
        assert lists - body.keys() == set()
        assert "id" in known


def test_schema_says_types_owners_and_bounds(admin):
    schema = admin("GET", "schemas/optionSet").json()
    properties = {each.get("collectionName", each["name"]): each for each in schema["properties"]}
    assert (schema["plural"], schema["relativeApiEndpoint"]) == ("optionSets", "/optionSets")
    name, options = properties["name"], properties["options"]
    assert (name["required"], name["unique"], name["max"]) == (True, True, 230)
    assert (name["translatable"], name["translationKey"]) == (True, "NAME")
    assert (options["name"], options["propertyType"], options["itemPropertyType"]) == (
        "option",
        "COLLECTION",
        "REFERENCE",
    )
    assert options["itemKlass"] == "org.hisp.dhis.option.Option"
    assert (options["owner"], options["relativeApiEndpoint"]) == (True, "/options")
    assert "LONG_TEXT" in properties["valueType"]["constants"]
    assert properties["displayName"]["writable"] is False
    assert admin("GET", "schemas/optionSets/valueType").json()["propertyType"] == "CONSTANT"
    assert admin("GET", "schemas/optionSet/nonsense").status_code == 404
    every = admin("GET", "schemas?fields=singular,relativeApiEndpoint,metadata").json()["schemas"]
    assert {each["singular"] for each in every if each["metadata"]} == {
        kind.singular for kind in KINDS.values()
    }


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "E4000"),
        ({"name": "x" * 231, "valueType": "TEXT"}, "E4001"),
        ({"name": "x", "valueType": "PICTURE"}, "E4027"),
        ({"name": "x", "valueType": "TEXT", "options": 7}, "E4027"),
    ],
)
def test_object_that_breaks_its_schema_is_told_so(admin, body, code):
    answer = admin("POST", "schemas/optionSet", json=body)
    assert (answer.status_code, answer.json()["response"]["responseType"]) == (400, "ErrorReports")
    assert code in {each["errorCode"] for each in answer.json()["response"]["errorReports"]}


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


@pytest.mark.parametrize(
    ("path", "text", "status"),
    [
        ("programIndicators/expression", "V{event_count} * 2", "OK"),
        ("programIndicators/expression", "#{nothing}", "ERROR"),
        ("programIndicators/expression", "", "ERROR"),
        ("programIndicators/filter", "V{enrollment_count} > 0", "OK"),
        ("programIndicators/filter", "A{nothingHere} == 'x'", "ERROR"),
        ("indicators/expression", "1 + 2", "OK"),
        ("indicators/expression", "V{event_count}", "ERROR"),
        ("validationRules/expression", "#{nothingHere} > 1", "ERROR"),
        ("predictors/expression", "1 +", "ERROR"),
        ("predictors/skipTest", "1 == 1", "OK"),
    ],
)
def test_expression_is_described_or_its_fault_told(admin, path, text, status):
    answer = admin("POST", f"{path}/description", content=text.encode())
    body = answer.json()
    assert (answer.status_code, body["status"]) == (200, status), body
    assert {"httpStatus", "httpStatusCode", "message", "description"} <= body.keys()


def test_rules_expression_knows_the_variables_of_its_program(admin):
    programs = admin("GET", "programRuleVariables?fields=name,program&pageSize=1").json()
    variable = programs["programRuleVariables"][0]
    address = f"description?programId={variable['program']['id']}"
    for path in ("programRules/condition", "programRuleActions/data/expression"):
        known = admin(
            "POST", f"{path}/{address}", content=f"#{{{variable['name']}}} == 'x'".encode()
        )
        assert known.json()["status"] == "OK", known.text
        unknown = admin("POST", f"{path}/{address}", content=b"#{no such variable} == 'x'")
        assert unknown.json()["status"] == "ERROR"
        assert admin("POST", f"{path}/description", content=b"true").status_code == 400
        nowhere = f"{path}/description?programId=nothingHere"
        assert admin("POST", nowhere, content=b"true").status_code == 400


def test_expression_may_be_asked_about_in_the_address(admin):
    assert admin("GET", "expressions/description?expression=1%2B1").json()["status"] == "OK"
    assert (
        admin("GET", "indicators/expression/description?expression=1%2B").json()["status"]
        == "ERROR"
    )
    assert admin("GET", "expressions/description").status_code == 400


def test_head_is_answered_like_get_without_a_body(admin):
    answer = admin("HEAD", "optionSets.json")
    assert (answer.status_code, answer.content) == (200, b"")
    assert admin("HEAD", "optionSets/nothingHere").status_code == 404
