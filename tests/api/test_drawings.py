"""Drawings as those who draw read them: columns, rows and filters with their items."""

import pytest

ELEMENT = {"aggregationType": "SUM", "domainType": "AGGREGATE", "valueType": "NUMBER"}
ROWS = "[dimension,dimensionType,items[dimensionItem,dimensionItemType,displayName]]"


@pytest.fixture(scope="module")
def drawn(ask):
    """A drawing of two figures by month, for the kommuner, filtered by a category; and its map."""
    program = {"id": "drawProgram", "name": "Drawn", "shortName": "Drawn"}
    indicator = {"id": "drawIndicat", "name": "Drawn cases", "shortName": "Drawn"}
    names = [{"property": "NAME", "locale": "fr", "value": "Cas"}]
    shown = {
        "dataDimensionItems": [
            {
                "dataDimensionItemType": "PROGRAM_INDICATOR",
                "programIndicator": {"id": "drawIndicat"},
            },
            {
                "dataDimensionItemType": "REPORTING_RATE",
                "reportingRate": {"dataSet": {"id": "drawDataSet"}, "metric": "EXPECTED_REPORTS"},
            },
        ],
        "columnDimensions": ["dx"],
        "rowDimensions": ["pe", "ou"],
        "filterDimensions": ["drawCategor"],
        "rawPeriods": ["202101"],
        "relativePeriods": {"last12Months": True, "thisYear": False, "last4BiWeeks": True},
        "userOrganisationUnit": True,
        "organisationUnitLevels": [3],
        "categoryDimensions": [
            {"category": {"id": "drawCategor"}, "categoryOptions": [{"id": "drawOption1"}]}
        ],
    }
    option = {"id": "drawOption1", "name": "Drawn option", "shortName": "Drawn option"}
    category = {"id": "drawCategor", "name": "Drawn", "shortName": "Drawn"}
    category |= {"dataDimensionType": "DISAGGREGATION", "categoryOptions": [{"id": "drawOption1"}]}
    package = {
        "programs": [{**program, "programType": "WITHOUT_REGISTRATION"}],
        "programIndicators": [
            {
                **indicator,
                "program": {"id": "drawProgram"},
                "expression": "V{event_count}",
                "translations": names,
            }
        ],
        "dataSets": [
            {
                "id": "drawDataSet",
                "name": "Drawn set",
                "shortName": "Drawn set",
                "periodType": "Monthly",
            }
        ],
        "categoryOptions": [option],
        "categories": [category],
        "visualizations": [{"id": "drawVisual1", "name": "Drawn", "type": "LINE", **shown}],
        "maps": [
            {
                "id": "drawMap0001",
                "name": "Drawn",
                "mapViews": [{"layer": "thematic1", "columnDimensions": ["dx"], **shown}],
            }
        ],
        "dashboards": [
            {
                "id": "drawDashbrd",
                "name": "Drawn",
                "dashboardItems": [{"type": "TEXT", "text": "x"}, {"type": "MESSAGES"}],
            }
        ],
    }
    answer = ask("POST", "metadata", by="admin", json=package)
    assert answer.status_code == 200, answer.text


def items(rows):
    return {
        row["dimension"]: (
            row["dimensionType"],
            [(each["dimensionItem"], each["dimensionItemType"]) for each in row["items"]],
        )
        for row in rows
    }


def test_dimensions_of_a_drawing_are_joined_with_their_items(drawn, read):
    fields = ",".join(f"{name}{ROWS}" for name in ("columns", "rows", "filters"))
    shown = read(f"visualizations/drawVisual1?fields={fields}&locale=fr")
    assert items(shown["columns"]) == {
        "dx": (
            "DATA_X",
            [
                ("drawIndicat", "PROGRAM_INDICATOR"),
                ("drawDataSet.EXPECTED_REPORTS", "REPORTING_RATE"),
            ],
        )
    }
    assert [each["displayName"] for each in shown["columns"][0]["items"]] == ["Cas", "Drawn set"]
    assert items(shown["rows"]) == {
        "pe": (
            "PERIOD",
            [("202101", "PERIOD"), ("LAST_12_MONTHS", "PERIOD"), ("LAST_4_BIWEEKS", "PERIOD")],
        ),
        "ou": (
            "ORGANISATION_UNIT",
            [("USER_ORGUNIT", "ORGANISATION_UNIT"), ("LEVEL-3", "ORGANISATION_UNIT")],
        ),
    }
    assert items(shown["filters"]) == {
        "drawCategor": ("CATEGORY", [("drawOption1", "CATEGORY_OPTION")])
    }


def test_legend_of_a_drawing_is_named(drawn, post, read):
    package = {
        "legendSets": [{"id": "drawLegends", "name": "Drawn"}],
        "visualizations": [
            {"id": "drawVisual3", "name": "Drawn legend", "type": "PIVOT_TABLE"}
            | {"legend": {"set": {"id": "drawLegends"}, "strategy": "FIXED"}}
        ],
    }
    assert post(package)[0] == 200
    shown = read("visualizations/drawVisual3?fields=legend[strategy,set[id,displayName]]")
    named = {"id": "drawLegends", "displayName": "Drawn"}
    assert shown == {"legend": {"strategy": "FIXED", "set": named}}
    kept = read("visualizations/drawVisual3?fields=:owner")
    assert kept["legend"]["set"] == {"id": "drawLegends"}


def test_layers_of_a_map_show_theirs_and_exports_what_is_kept(drawn, read):
    [layer] = read(f"maps/drawMap0001?fields=mapViews[columns{ROWS}]")["mapViews"]
    assert [row["dimension"] for row in layer["columns"]] == ["dx"]
    kept = read("visualizations/drawVisual1?fields=:owner")
    assert not {"columns", "rows", "filters"} & kept.keys()
    assert kept["columnDimensions"] == ["dx"]


@pytest.mark.parametrize(
    "strange",
    [
        {"columnDimensions": "dx"},
        {"columnDimensions": ["dx", 3, None, "notThere001", "pe", "ou"]},
        {"columnDimensions": ["dx"], "dataDimensionItems": [None, "x", {}]},
        {
            "columnDimensions": ["dx"],
            "dataDimensionItems": [
                {"dataDimensionItemType": ["x"]},
                {"dataDimensionItemType": "INDICATOR", "indicator": "x"},
                {"dataDimensionItemType": "REPORTING_RATE", "reportingRate": 1},
                {"dataDimensionItemType": "DATA_ELEMENT", "dataElement": {"id": "notThere001"}},
            ],
        },
        {"columns": [{"dimension": "dx", "items": [{"id": "notThere001"}]}]},
    ],
)
def test_strange_drawings_are_read_without_a_fault(post, ask, strange):
    body = {"id": "drawVisual2", "name": "Strange", "type": "PIE", **strange}
    status, _ = post({"visualizations": [body]})
    assert status in (200, 409)
    if status == 200:
        answer = ask("GET", "visualizations/drawVisual2?fields=*,columns[*,items[*]]", by="admin")
        assert answer.status_code == 200


def test_dashboard_counts_its_items(drawn, read):
    assert read("dashboards/drawDashbrd?fields=itemCount") == {"itemCount": 2}
