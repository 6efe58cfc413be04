"""An aggregate package as DHIS2 2.42 exports one: data set, rules, drawings, translations. Invented."""

ELEMENT = {"domainType": "AGGREGATE", "aggregationType": "SUM", "valueType": "NUMBER"}
DEFAULT = {"id": "bjDvmb4bfuf"}


def aggregate() -> dict:
    """An aggregate package as 2.42 writes it: data set, sections, predictor, rules, drawings."""
    access = {
        "sharing": {
            "owner": None,
            "external": False,
            "public": "rw------",
            "users": {},
            "userGroups": {"aggGroup001": {"id": "aggGroup001", "access": "rw------"}},
        }
    }
    french = [
        {"property": "NAME", "locale": "fr", "value": "Cas de rougeole"},
        {"property": "SHORT_NAME", "locale": "fr", "value": "Rougeole"},
    ]
    return {
        "attributes": [
            {
                "id": "aggAttribut",
                "name": "Code of the register",
                "valueType": "INTEGER_POSITIVE",
                "dataElementAttribute": True,
                "dataSetAttribute": True,
                "unique": True,
            }
        ],
        "userGroups": [{"id": "aggGroup001", "name": "Aggregate readers"}],
        "categoryOptions": [
            {"id": "aggOption01", "name": "Agg male", "shortName": "Agg male"},
            {"id": "aggOption02", "name": "Agg female", "shortName": "Agg female"},
        ],
        "categories": [
            {
                "id": "aggCategory",
                "name": "Agg sex",
                "shortName": "Agg sex",
                "dataDimensionType": "DISAGGREGATION",
                "categoryOptions": [{"id": "aggOption01"}, {"id": "aggOption02"}],
            }
        ],
        "categoryCombos": [
            {
                "id": "aggCombo001",
                "name": "Agg sex",
                "dataDimensionType": "DISAGGREGATION",
                "categories": [{"id": "aggCategory"}],
                "skipTotal": False,
            }
        ],
        "categoryOptionCombos": [
            {
                "id": "aggOptComb1",
                "name": "Agg male",
                "categoryCombo": {"id": "aggCombo001"},
                "categoryOptions": [{"id": "aggOption01"}],
            }
        ],
        "categoryOptionGroups": [
            {"id": "aggOptGroup", "name": "Agg all", "shortName": "Agg all"}
            | {"dataDimensionType": "DISAGGREGATION", "categoryOptions": [{"id": "aggOption01"}]}
        ],
        "categoryOptionGroupSets": [
            {"id": "aggOptGrSet", "name": "Agg sets", "shortName": "Agg sets"}
            | {"dataDimension": True, "categoryOptionGroups": [{"id": "aggOptGroup"}]}
        ],
        "dataElements": [
            {
                "id": "aggElement1",
                "name": "Measles cases",
                "shortName": "Measles",
                "translations": french,
                "categoryCombo": {"id": "aggCombo001"},
                "attributeValues": [{"attribute": {"id": "aggAttribut"}, "value": "17"}],
                "valueTypeOptions": {"version": 1},
                **ELEMENT,
                **access,
            },
            {
                "id": "aggElement2",
                "name": "Measles threshold",
                "shortName": "Measles thr",
                **ELEMENT,
            },
        ],
        "dataElementGroups": [
            {"id": "aggGroupEl1", "name": "Agg group", "shortName": "Agg group"}
            | {"dataElements": [{"id": "aggElement1"}]}
        ],
        "dataElementGroupSets": [
            {"id": "aggGrSetEl1", "name": "Agg group set", "shortName": "Agg group set"}
            | {"compulsory": False, "dataDimension": True}
            | {"dataElementGroups": [{"id": "aggGroupEl1"}]}
        ],
        "indicatorTypes": [{"id": "aggIndType1", "name": "Agg per cent", "factor": 100}],
        "indicators": [
            {
                "id": "aggIndicat1",
                "name": "Agg share",
                "shortName": "Agg share",
                "indicatorType": {"id": "aggIndType1"},
                "numerator": "#{aggElement1}",
                "denominator": "#{aggElement2}",
                "annualized": False,
                "url": "http://example.org/share",
            }
        ],
        "indicatorGroups": [
            {"id": "aggIndGroup", "name": "Agg shares", "indicators": [{"id": "aggIndicat1"}]}
        ],
        "indicatorGroupSets": [
            {"id": "aggIndGrSet", "name": "Agg share sets", "shortName": "Agg share sets"}
            | {"compulsory": True, "indicatorGroups": [{"id": "aggIndGroup"}]}
        ],
        "dataEntryForms": [
            {"id": "aggForm0001", "name": "Agg form", "htmlCode": "<p>Fill in</p>", "format": 2}
        ],
        "dataSets": [
            {
                "id": "aggDataSet1",
                "name": "Agg measles",
                "shortName": "Agg measles",
                "periodType": "Weekly",
                "categoryCombo": DEFAULT,
                "dataEntryForm": {"id": "aggForm0001"},
                "openFuturePeriods": 0,
                "expiryDays": 14,
                "timelyDays": 5,
                "mobile": False,
                "dataSetElements": [
                    {
                        "dataSet": {"id": "aggDataSet1"},
                        "dataElement": {"id": "aggElement1"},
                        "categoryCombo": {"id": "aggCombo001"},
                    }
                ],
                "compulsoryDataElementOperands": [
                    {
                        "dataElement": {"id": "aggElement1"},
                        "categoryOptionCombo": {"id": "aggOptComb1"},
                    }
                ],
                "dataInputPeriods": [{"period": {"id": "2021W1"}}],
                "indicators": [{"id": "aggIndicat1"}],
                "sections": [{"id": "aggSection1"}],
                **access,
            }
        ],
        "sections": [
            {
                "id": "aggSection1",
                "name": "Agg section",
                "sortOrder": 1,
                "dataSet": {"id": "aggDataSet1"},
                "dataElements": [{"id": "aggElement1"}],
                "greyedFields": [
                    {
                        "dataElement": {"id": "aggElement1"},
                        "categoryOptionCombo": {"id": "aggOptComb1"},
                    }
                ],
                "showRowTotals": True,
            }
        ],
        "validationRules": [
            {
                "id": "aggValRule1",
                "name": "Agg fewer than all",
                "operator": "less_than_or_equal_to",
                "periodType": "Weekly",
                "importance": "HIGH",
                "organisationUnitLevels": [3, 4],
                "leftSide": {"expression": "#{aggElement1}", "missingValueStrategy": "NEVER_SKIP"},
                "rightSide": {"expression": "#{aggElement2}", "slidingWindow": False},
            }
        ],
        "validationRuleGroups": [
            {"id": "aggValGroup", "name": "Agg rules", "validationRules": [{"id": "aggValRule1"}]}
        ],
        "validationNotificationTemplates": [
            {
                "id": "aggValTempl",
                "name": "Agg alarm",
                "subjectTemplate": "Alarm",
                "validationRules": [{"id": "aggValRule1"}],
                "recipientUserGroups": [{"id": "aggGroup001"}],
            }
        ],
        "predictors": [
            {
                "id": "aggPredicto",
                "name": "Agg threshold",
                "shortName": "Agg threshold",
                "periodType": "Weekly",
                "output": {"id": "aggElement2"},
                "outputCombo": {"id": "HllvX50cXC0"},
                "organisationUnitDescendants": "SELECTED",
                "organisationUnitLevels": [],
                "annualSampleCount": 5,
                "sequentialSampleCount": 4,
                "generator": {"expression": "avg(#{aggElement1})", "description": "Mean"},
            }
        ],
        "predictorGroups": [
            {"id": "aggPredGrou", "name": "Agg weekly", "predictors": [{"id": "aggPredicto"}]}
        ],
        "documents": [
            {"id": "aggDocument", "name": "Agg guide", "url": "http://example.org/guide"}
        ],
        "sqlViews": [
            {"id": "aggSqlView1", "name": "Agg view", "sqlQuery": "select 1", "type": "QUERY"}
            | {"cacheStrategy": "NO_CACHE"}
        ],
        "visualizations": [
            {
                "id": "aggVisual01",
                "name": "Agg curve",
                "type": "COLUMN",
                "columnDimensions": ["dx"],
                "rowDimensions": ["pe"],
                "filterDimensions": ["ou"],
                "dataDimensionItems": [
                    {"dataDimensionItemType": "INDICATOR", "indicator": {"id": "aggIndicat1"}},
                    {
                        "dataDimensionItemType": "REPORTING_RATE",
                        "reportingRate": {"metric": "REPORTING_RATE"}
                        | {"dataSet": {"id": "aggDataSet1", "name": "Agg measles"}},
                    },
                ],
                "organisationUnitLevels": [2],
                "rawPeriods": ["LAST_12_WEEKS"],
                "axes": [{"index": 0, "type": "RANGE", "label": {"text": "Cases"}}],
                "legend": {"strategy": "FIXED", "style": "FILL", "showKey": False},
                "fontStyle": {},
                **access,
            }
        ],
        "reports": [
            {"id": "aggReport01", "name": "Agg report", "type": "HTML", "designContent": "<p/>"}
            | {"visualization": {"id": "aggVisual01"}, "cacheStrategy": "NO_CACHE"}
        ],
        "maps": [
            {
                "id": "aggMap00001",
                "name": "Agg map",
                "mapViews": [
                    {
                        "id": "aggMapView1",
                        "layer": "thematic",
                        "renderingStrategy": "SINGLE",
                        "colorScale": "#fff,#000",
                        "legendSet": {"id": "aggLegendSt"},
                        "columns": [{"dimension": "dx", "items": [{"id": "aggIndicat1"}]}],
                    }
                ],
            }
        ],
        "dashboards": [
            {
                "id": "aggDashboar",
                "name": "Agg dashboard",
                "allowedFilters": ["ou"],
                "restrictFilters": True,
                "dashboardItems": [
                    {"type": "VISUALIZATION", "visualization": {"id": "aggVisual01"}, "x": 0},
                    {"type": "MAP", "map": {"id": "aggMap00001"}, "x": 20},
                    {"type": "RESOURCES", "resources": [{"id": "aggDocument"}]},
                    {"type": "REPORTS", "reports": [{"id": "aggReport01"}]},
                ],
                **access,
            }
        ],
    }
