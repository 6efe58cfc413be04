"""What drawings may split figures by, and the tables DHIS2 would count them from."""

import pytest

from smittesporing.uid import derived_uid


def named(*words):
    return derived_uid("dimensions", *words)


@pytest.fixture(scope="module")
def package(ask):
    """A category with two options in a combo, a set of org unit groups, and a data element."""
    options = [{"id": named(word), "name": word, "shortName": word} for word in ("Ung", "Gammel")]
    category = {
        "id": named("age"),
        "name": "Alder delt",
        "shortName": "Alder delt",
        "dataDimension": True,
        "dataDimensionType": "DISAGGREGATION",
        "categoryOptions": [{"id": each["id"]} for each in options],
    }
    combo = {
        "id": named("combo"),
        "name": "Etter alder",
        "dataDimensionType": "DISAGGREGATION",
        "categories": [{"id": category["id"]}],
    }
    element = {
        "id": named("element"),
        "name": "Prøver",
        "shortName": "Prøver",
        "valueType": "INTEGER",
        "domainType": "AGGREGATE",
        "aggregationType": "SUM",
        "categoryCombo": {"id": combo["id"]},
    }
    group = {"id": named("group"), "name": "Kysten", "shortName": "Kysten"}
    sets = [
        {"id": named("set", word), "name": word, "shortName": word, "dataDimension": counted,
         "organisationUnitGroups": [{"id": group["id"]}]}
        for word, counted in (("Landskap", True), ("Vær", False))
    ]  # fmt: skip
    body = {
        "categoryOptions": options,
        "categories": [category],
        "categoryCombos": [combo],
        "dataElements": [element],
        "organisationUnitGroups": [group],
        "organisationUnitGroupSets": sets,
    }
    answer = ask("POST", "metadata", by="admin", json=body)
    assert answer.status_code == 200, answer.text
    return body


def test_categories_and_sets_that_figures_may_be_split_by_are_one_list(read, package):
    found = read("dimensions?fields=id,name,dimensionType&paging=false")["dimensions"]
    kinds = {each["name"]: each["dimensionType"] for each in found}
    assert kinds["Alder delt"] == "CATEGORY"
    assert kinds["Landskap"] == "ORGANISATION_UNIT_GROUP_SET"
    assert "Vær" not in kinds
    assert [each["name"].casefold() for each in found] == sorted(
        each["name"].casefold() for each in found
    )


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("filter=dimensionType:eq:CATEGORY&filter=name:like:delt", ["Alder delt"]),
        ("query=landsk", ["Landskap"]),
        ("pageSize=1&filter=name:in:[Landskap,Alder delt]", ["Alder delt"]),
        ("pageSize=1&page=9&filter=name:eq:Landskap", []),
    ],
)
def test_dimensions_are_filtered_and_paged_as_other_lists(read, package, query, names):
    answer = read(f"dimensions?fields=name&{query}")
    assert [each["name"] for each in answer["dimensions"]] == names
    assert answer["pager"]["page"] in (1, 9)


def test_a_dimension_has_its_items_in_their_order(read, ask, package):
    uid = package["categories"][0]["id"]
    assert read(f"dimensions/{uid}")["name"] == "Alder delt"
    items = read(f"dimensions/{uid}/items")["items"]
    assert [each["displayName"] for each in items] == ["Ung", "Gammel"]
    assert [each["displayName"] for each in read(f"dimensions/{uid}/items?query=ung")["items"]] == [
        "Ung"
    ]
    for path in ("dimensions/aaaaaaaaaaa", "dimensions/aaaaaaaaaaa/items"):
        assert ask("GET", path).status_code == 404


def test_the_categories_of_the_data_elements_drawn_are_recommended(read, package):
    element, category = package["dataElements"][0]["id"], package["categories"][0]["id"]
    found = read(f"dimensions/recommendations?dimension=dx:{element};aaaaaaaaaaa&fields=id")
    assert found == {"dimensions": [{"id": category}]}
    assert read("dimensions/recommendations?dimension=ou:LEVEL-1") == {"dimensions": []}


@pytest.mark.parametrize(
    ("path", "type_"),
    [("resourceTables", "RESOURCE_TABLE"), ("resourceTables/analytics", "ANALYTICS_TABLE")],
)
def test_making_figures_anew_is_a_job_that_is_done(ask, read, path, type_):
    answer = ask("POST", path, by="admin")
    assert answer.status_code == 200
    job = answer.json()["response"]
    assert job["jobType"] == type_
    told = read(job["relativeNotifierEndpoint"].removeprefix("/api/"))
    assert told[0]["completed"] is True
    assert ask("PUT", path).status_code == 403
