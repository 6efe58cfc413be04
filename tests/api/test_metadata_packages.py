"""Packages of other shapes over HTTP: what is taken, what is kept, and what leaves again."""

import csv
import gzip
import io
import json
import zipfile

import pytest

from tests.api.conftest import FULL, refused
from tests.api.package_aggregate import aggregate
from tests.api.package_old import old_tracker


def test_package_of_2_33_comes_in_whole_and_again_as_an_update(old, post):
    assert old["stats"]["created"] == old["stats"]["total"] > 15
    status, body = post(old_tracker())
    stats = body["response"]["stats"]
    assert (status, stats["created"], stats["updated"]) == (200, 0, stats["total"])


def test_rows_that_2_33_held_apart_stand_in_their_place(old, read):
    fields = (
        "programTrackedEntityAttributes[mandatory,trackedEntityAttribute[id]],"
        "programStages[id,programStageDataElements[compulsory,dataElement[id]]]"
    )
    program = read(f"programs/oldProgram1?fields={fields}")
    assert program["programTrackedEntityAttributes"] == [
        {"mandatory": True, "trackedEntityAttribute": {"id": "oldAttribut"}}
    ]
    stage = program["programStages"][0]
    assert stage["programStageDataElements"] == [
        {"compulsory": True, "dataElement": {"id": "oldElement1"}}
    ]
    legends = read("legendSets/oldLegendS1?fields=legends[name,endValue]")["legends"]
    assert legends == [{"name": "0-5", "endValue": 5}]
    views = read("maps/oldMap00001?fields=mapViews[layer,organisationUnitLevels]")["mapViews"]
    assert views == [{"layer": "thematic1", "organisationUnitLevels": [3]}]


def test_charts_and_tables_of_2_33_are_visualizations_that_dashboards_show(old, read):
    items = read(
        "dashboards/oldDashboar?fields=dashboardItems[type,visualization[id,type],map[id]]"
    )
    assert [each.get("type") for each in items["dashboardItems"]] == [
        "VISUALIZATION",
        "VISUALIZATION",
        "MAP",
        "TEXT",
    ]
    assert [each["visualization"] for each in items["dashboardItems"][:2]] == [
        {"id": "oldChart001", "type": "LINE"},
        {"id": "oldTable001", "type": "PIVOT_TABLE"},
    ]
    chart = read("visualizations/oldChart001?fields=columnDimensions,rowDimensions")
    assert chart == {"columnDimensions": ["dx"], "rowDimensions": ["pe"]}
    table = read("visualizations/oldTable001?fields=legend")
    assert table["legend"]["set"] == {"id": "oldLegendS1"}
    listed = read("eventVisualizations/oldReport01?fields=type,program[id]")
    assert listed == {"type": "LINE_LIST", "program": {"id": "oldProgram1"}}


def test_legacy_access_lists_become_sharing_and_legacy_properties_are_gone(old, read):
    body = read("dataElements/oldElement1?fields=:owner")
    assert body["sharing"]["public"] == "r-------"
    assert body["sharing"]["userGroups"]["oldGroup001"]["access"] == "rw------"
    assert body["legendSets"] == [{"id": "oldLegendS1"}]
    assert not {"user", "periodOffset", "dimensionItem", "legendSet", "favorite"} & body.keys()
    program = read("programs/oldProgram1?fields=:owner")
    assert not {"captureCoordinates", "registration"} & program.keys()
    action = read("programRuleActions/oldAction01?fields=:owner")
    assert action["trackedEntityAttribute"] == {"id": "oldAttribut"}
    saved = read("trackedEntityInstanceFilters/oldFilter01?fields=entityQueryCriteria")
    assert saved == {"entityQueryCriteria": {"enrollmentStatus": "ACTIVE"}}


def test_owner_properties_that_nothing_here_uses_come_back_as_they_were_sent(sums, read):
    sent = aggregate()
    for plural, uid in (
        ("dataSets", "aggDataSet1"),
        ("sections", "aggSection1"),
        ("validationRules", "aggValRule1"),
        ("predictors", "aggPredicto"),
        ("visualizations", "aggVisual01"),
        ("reports", "aggReport01"),
        ("indicators", "aggIndicat1"),
        ("dataEntryForms", "aggForm0001"),
        ("sqlViews", "aggSqlView1"),
        ("dataElements", "aggElement1"),
    ):
        given = next(each for each in sent[plural] if each["id"] == uid)
        kept = read(f"{plural}/{uid}?fields=:owner")
        # Rows are given the ids they lack.
        differing = {
            name for name, value in given.items() if name != "sections" and kept.get(name) != value
        }
        assert differing == set(), (plural, {name: kept.get(name) for name in differing})


def test_translations_and_custom_attributes_are_read_in_the_readers_language(sums, read):
    shown = read("dataElements/aggElement1?fields=displayName,displayShortName&locale=fr")
    assert shown == {"displayName": "Cas de rougeole", "displayShortName": "Rougeole"}
    found = read("dataElements?fields=id&filter=aggAttribut:eq:17")
    assert [each["id"] for each in found["dataElements"]] == ["aggElement1"]


def test_category_combo_has_an_option_combo_for_each_choice(sums, read):
    combos = read(
        "categoryCombos/aggCombo001?fields=categoryOptionCombos[name,categoryOptions[id]]"
    )
    assert sorted(each["name"] for each in combos["categoryOptionCombos"]) == [
        "Agg female",
        "Agg male",
    ]


def test_skipped_translations_leave_those_that_stand(sums, post, read):
    plain = {**aggregate()["dataElements"][0], "translations": []}
    assert post({"dataElements": [plain]}, "skipTranslation=true")[0] == 200
    assert len(read("dataElements/aggElement1?fields=translations")["translations"]) == 2


def test_objects_found_by_code_keep_their_id_and_their_links(post, read):
    first = {"optionSets": [{"id": "codeSet0001", "name": "Coded", "code": "CODED"}]}
    first["optionSets"][0]["valueType"] = "TEXT"
    assert post(first, "identifier=CODE")[0] == 200
    again = {
        "optionSets": [{**first["optionSets"][0], "id": "otherSet001", "name": "Coded anew"}],
        "options": [
            {"id": "codeOption1", "code": "A", "name": "A", "optionSet": {"id": "otherSet001"}}
        ],
    }
    status, answer = post(again, "identifier=CODE")
    assert (status, refused(answer)) == (200, [])
    kept = read("optionSets/codeSet0001?fields=name,options[code]")
    assert kept == {"name": "Coded anew", "options": [{"code": "A"}]}


def test_report_says_as_much_as_it_is_asked_to(sums, post):
    body = {"constants": [{"id": "saidConst01", "name": "Said", "shortName": "Said", "value": 1}]}
    seen = {}
    for mode in ("ERRORS", "FULL", "DEBUG"):
        seen[mode] = post(body, f"importReportMode={mode}")[1]["response"]["typeReports"][0]
    assert seen["ERRORS"]["objectReports"] == []
    assert "displayName" not in seen["FULL"]["objectReports"][0]
    assert seen["DEBUG"]["objectReports"][0]["displayName"] == "Said"
    assert all(each["klass"] == "org.hisp.dhis.constant.Constant" for each in seen.values())


def test_what_cannot_stand_is_left_out_when_each_stands_alone(post):
    body = {"constants": [{"id": "goodConst01", "name": "Good", "shortName": "Good", "value": 1}]}
    body["constants"].append({"id": "badConstant", "name": "Bad"})
    status, answer = post(body, "atomicMode=NONE&importReportMode=DEBUG")
    response = answer["response"]
    assert (status, response["status"]) == (409, "WARNING")
    assert (response["stats"]["created"], response["stats"]["ignored"]) == (1, 1)
    assert len(response["typeReports"][0]["objectReports"]) == 2


@pytest.mark.parametrize(
    "query",
    [
        "preheatMode=REFERENCE&flushMode=OBJECT&mergeMode=REPLACE&inclusionStrategy=NON_NULL",
        "importStrategy=NEW_AND_UPDATES&skipValidation=true",
        "userOverrideMode=CURRENT",
        "userOverrideMode=SELECTED&overrideUser=odd-tracer",
        "importMode=VALIDATE",
    ],
)
def test_parameter_of_dhis2_is_taken(post, query):
    body = {"constants": [{"id": "asked000001", "name": "Asked", "shortName": "Asked", "value": 1}]}
    assert post(body, query)[0] == 200


def test_object_is_made_in_the_name_of_whom_it_is_asked(post, read):
    body = {"constants": [{"id": "theirs00001", "name": "Hers", "shortName": "Hers", "value": 1}]}
    post(body, "userOverrideMode=SELECTED&overrideUser=odd-tracer")
    made = read("constants/theirs00001?fields=createdBy[username]")
    assert made == {"createdBy": {"username": "odd-tracer"}}
    status, _ = post(body, "userOverrideMode=SELECTED&overrideUser=nobody")
    assert status == 409


def test_body_may_be_packed_and_xml_is_refused_in_a_sentence(post):
    body = {"constants": [{"id": "packedConst", "name": "Packed", "shortName": "P", "value": 1}]}
    packed = gzip.compress(json.dumps(body).encode())
    status, answer = post(packed, headers={"content-encoding": "gzip"})
    assert (status, answer["response"]["stats"]["created"]) == (200, 1)
    status, answer = post(b"<metaData/>", headers={"content-type": "application/xml"})
    assert (status, "XML" in answer["message"]) == (415, True)


def test_table_of_data_elements_comes_in_as_csv(post, read):
    columns = ["name", "uid", "code", "shortname", "description", "formname", "domaintype"]
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(columns)
    rows.writerow(["From a table", "csvElement1", "CSV_1", "", "A, quoted", "", "TRACKER"])
    query = "classKey=DATA_ELEMENT&importReportMode=FULL"
    csv_type = {"content-type": "application/csv"}
    status, answer = post(written.getvalue().encode(), query, headers=csv_type)
    assert (status, refused(answer)) == (200, [])
    fields = "shortName,description,domainType,valueType,categoryCombo[id]"
    assert read(f"dataElements/csvElement1?fields={fields}") == {
        "shortName": "From a table",
        "description": "A, quoted",
        "domainType": "TRACKER",
        "valueType": "INTEGER",
        "categoryCombo": {"id": "bjDvmb4bfuf"},
    }
    assert post(written.getvalue().encode(), query, headers=csv_type)[1]["response"]["stats"][
        "updated"
    ]
    sets = b"set,uid,code,option,uid,code\nTable set,,TS,One,,1\nTable set,,TS,Two,,2\n"
    status, answer = post(sets, "classKey=OPTION_SET&importReportMode=FULL", headers=csv_type)
    assert (status, refused(answer), answer["response"]["stats"]["created"]) == (200, [], 3)
    again = post(sets, "classKey=OPTION_SET&importReportMode=FULL", headers=csv_type)[1]
    assert again["response"]["stats"]["updated"] == 3
    assert post(sets, "classKey=SONG", headers=csv_type)[0] == 400


def test_import_not_waited_for_answers_with_a_job_that_tells_how_it_went(ask, post, read):
    body = {"constants": [{"id": "asyncConst1", "name": "Async", "shortName": "A", "value": 1}]}
    body["constants"].append({"id": "asyncConst2", "name": "No value"})
    status, answer = post(body, "async=true&atomicMode=NONE&importReportMode=DEBUG")
    response = answer["response"]
    assert (status, response["name"], response["jobType"]) == (
        200,
        "metadataImport",
        "METADATA_IMPORT",
    )
    path = response["relativeNotifierEndpoint"]
    assert path == f"/api/system/tasks/METADATA_IMPORT/{response['id']}"
    notices = read(path.removeprefix("/api/"))
    assert [each["completed"] for each in notices] == [True, False]
    assert {each["category"] for each in notices} == {"METADATA_IMPORT"}
    report = read(f"system/taskSummaries/METADATA_IMPORT/{response['id']}")
    assert (report["status"], report["stats"]["created"], report["stats"]["ignored"]) == (
        "WARNING",
        1,
        1,
    )
    assert response["id"] in read("system/tasks/METADATA_IMPORT")
    assert response["id"] in read("system/tasks")["METADATA_IMPORT"]
    query = f"headless=true&fields=id,lastFinished&filter=id:in:[{response['id']}]"
    (listed,) = read(f"jobConfigurations/gist?{query}")
    assert listed.keys() == {"id", "lastFinished"}
    shown = read(f"jobConfigurations/{response['id']}?fields=jobType,jobStatus")
    assert shown == {"jobType": "METADATA_IMPORT", "jobStatus": "COMPLETED"}
    # Nobody reads another's jobs.
    assert read(f"system/tasks/METADATA_IMPORT/{response['id']}", by="tracer") == []
    other = ask("GET", f"system/taskSummaries/METADATA_IMPORT/{response['id']}")
    assert (other.status_code, other.json()) == (200, {})
    assert response["id"] in read("system/taskSummaries/METADATA_IMPORT")
    assert response["id"] not in read("system/taskSummaries/METADATA_IMPORT", by="tracer")


def test_kinds_of_job_that_never_run_here_have_said_nothing(read, ask):
    assert read("system/tasks")["ANALYTICS_TABLE"] == {}
    assert read("system/tasks/META_DATA_SYNC") == {}
    assert read("system/tasks/META_DATA_SYNC/xyz") == []
    assert read("system/taskSummaries/META_DATA_SYNC") == {}
    assert ask("GET", "system/tasks/NO_JOB_AT_ALL").status_code == 400


def test_package_of_an_object_brings_what_it_needs_and_comes_in_again(old, sums, post, read):
    for path, expected in (
        (
            "programs/oldProgram1",
            {"programs", "programStages", "dataElements", "trackedEntityAttributes"}
            | {"programRules", "programRuleActions", "programRuleVariables"}
            | {"trackedEntityTypes", "categoryCombos"},
        ),
        ("dataSets/aggDataSet1", {"dataSets", "sections", "dataElements", "indicators"}
         | {"indicatorTypes", "dataEntryForms", "categoryCombos", "categoryOptions", "attributes"}),
        ("dashboards/aggDashboar", {"dashboards", "visualizations", "maps", "documents", "reports"}),
        ("categoryCombos/aggCombo001", {"categoryCombos", "categories", "categoryOptions"}
         | {"categoryOptionCombos"}),
        ("dataElementGroups/aggGroupEl1", {"dataElementGroups", "dataElements"}),
    ):  # fmt: skip
        package = read(f"{path}/metadata")
        assert expected <= package.keys(), path
        status, answer = post(package)
        stats = answer["response"]["stats"]
        assert (status, stats["updated"]) == (200, stats["total"]), refused(answer)
    bare = read("programs/oldProgram1/metadata?skipSharing=true")["programs"][0]
    assert "sharing" not in bare


def test_export_takes_switches_fields_filters_orders_and_defaults(sums, read):
    query = "dataElements:fields=id,name&dataElements:filter=name:like:Measles"
    body = read(f"metadata?{query}&dataElements:order=name:desc&constants=false")
    assert body.keys() == {"system", "dataElements"}
    assert [each["id"] for each in body["dataElements"]] == ["aggElement2", "aggElement1"]
    kept = read("metadata?categories=true&fields=id&defaults=EXCLUDE")["categories"]
    assert "GLevLNI9wkl" not in {each["id"] for each in kept}
    assert {"id", "rev", "version", "date"} <= read("metadata?constants=true")["system"].keys()


def test_export_ends_as_its_address_does(ask):
    plain = ask("GET", "metadata?indicatorTypes=true&download=true", by="admin")
    assert plain.headers["content-disposition"] == "attachment; filename=metadata.json"
    packed = ask("GET", "metadata.json.zip?indicatorTypes=true", by="admin")
    assert packed.headers["content-type"].startswith("application/json+zip")
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        assert json.loads(archive.read("metadata.json"))["indicatorTypes"]
    squeezed = ask("GET", "metadata.json.gz?indicatorTypes=true", by="admin")
    assert json.loads(gzip.decompress(squeezed.content))["indicatorTypes"]


def test_export_of_everything_needs_an_authority_and_of_some_kinds_does_not(ask):
    assert ask("GET", "metadata").status_code == 409
    assert ask("GET", "metadata?users=true").status_code == 409
    assert ask("GET", "metadata?dataElements=true&users=true").status_code == 200


def test_everything_exported_is_updated_and_nothing_created_when_it_comes_again(read, post):
    everything = read("metadata")
    status, answer = post(everything)
    stats = answer["response"]["stats"]
    assert (status, refused(answer)) == (200, [])
    assert (stats["created"], stats["updated"]) == (0, stats["total"])
    status, answer = post(everything, f"importStrategy=CREATE&{FULL}")
    stats = answer["response"]["stats"]
    assert (status, stats["ignored"]) == (409, stats["total"])


def test_what_records_hold_is_not_taken_away(send, whole, post, uid):
    assert send(whole).status_code == 200
    gone = {"relationshipTypes": [{"id": uid("ST_EXPOSURE_LINK")}]}
    status, answer = post(gone, f"importStrategy=DELETE&{FULL}")
    assert (status, {code for _, _, code, _ in refused(answer)}) == (409, {"E4030"})
