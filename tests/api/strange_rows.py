"""The values of one property in a strange package: plain ones by their type, compound ones by their class."""

from __future__ import annotations

from smittesporing.metadata.schema import SCHEMAS, Property

# Set by the maker of the object, by chance elsewhere, or of the installation.
NEVER = frozenset(
    (
        *("id", "name", "code", "shortName", "created", "createdBy", "lastUpdated"),
        *("lastUpdatedBy", "sharing", "translations", "attributeValues", "user", "access"),
        *("favorites", "subscribers", "interpretations", "organisationUnits", "objectTypes"),
        *("users", "authorities", "version"),
    )
)
PERIOD_TYPES = (
    *("Daily", "Weekly", "WeeklyWednesday", "BiWeekly", "Monthly", "BiMonthly", "Quarterly"),
    *("SixMonthly", "SixMonthlyApril", "Yearly", "FinancialApril", "FinancialOct"),
)
# Constants of classes that the table does not spell out.
OTHERS = {
    "deliveryChannels": ["SMS", "EMAIL", "HTTP"],
    "evaluationEnvironments": ["WEB", "ANDROID"],
    "blockedSearchOperators": ["LIKE", "IN"],
    "preferredSearchOperator": ["EQ", "SW"],
}
PLAIN = {
    "periodType": PERIOD_TYPES,
    "expiryPeriodType": PERIOD_TYPES,
    "reportDateToUse": ("indicentDate", "enrollmentDate"),
    "orgUnitField": ("ENROLLMENT",),
    "url": ("https://example.org/a?b=c&d=é",),
    "displayOptions": ('{"tabsDirection":"vertical"}',),
    "measureCriteria": ("GT:10;LE:30",),
    "factor": (1, 100, 1000),
    "sqlQuery": ("select 1",),
    "latitude": (-33.5, 8.25),
    "longitude": (-11.5, 0),
    "level": (1,),
    "orgUnitLevel": (2, 3),
    "condition": ("true", "1 == 1", "d2:hasValue('x')"),
    "priority": (1, 2),
    "pattern": ('"A" + SEQUENTIAL(####)',),
    "columnDimensions": (["dx"],),
    "rowDimensions": (["pe"],),
    "filterDimensions": (["ou"],),
    "yearlySeries": ([], ["THIS_YEAR", "LAST_YEAR"]),
    "rawPeriods": (["LAST_12_MONTHS", "2021Q1"], []),
    "organisationUnitLevels": ([], [2, 3]),
    "aggregationLevels": ([], [2, 4]),
    "allowedFilters": ([], ["ou", "pe"]),
    "annualSampleCount": (0, 4),
    "minCharactersToSearch": (0, 3),
    "fieldMask": ("\\d{3}",),
    "colorSet": ("DEFAULT",),
    "decimals": (0, 2),
    "expression": ("#{aaaaaaaaaaa}+1",),
    "timeField": ("ENROLLMENT_DATE",),
}


def value(maker, plural: str, name: str, each: Property):
    """One value that DHIS2 would take for the property; None where chance or its class has none."""
    rng = maker.rng
    if (plural, name) in _LEFT:
        return None
    if name in OTHERS:
        return rng.sample(OTHERS[name], 1) if each.collection else rng.choice(OTHERS[name])
    if name in PLAIN:
        return rng.choice(PLAIN[name])
    if each.constants:
        words = [word for word in each.constants if word not in _AVOIDED]
        return rng.sample(words, 1) if each.collection else rng.choice(words)
    type_ = each.item or each.type
    if type_ == "BOOLEAN":
        return rng.random() < 0.5
    if type_ == "TEXT" and not each.collection:
        return maker.words(max(2, int(each.least or 0)), int(min(each.most or 60, 60)))
    if type_ == "INTEGER" and not each.collection:
        return rng.randint(0, 9)
    if type_ == "NUMBER":
        return rng.choice((0.5, 3, 12.25))
    if type_ == "DATE":
        return maker.moment()
    if type_ == "COLOR":
        return "#FFAA00"
    if type_ == "COMPLEX":
        make = COMPLEX.get(each.klass.removeprefix("org.hisp.dhis."))
        if make is None:
            return None
        return [make(maker) for _ in range(rng.randint(0, 2))] if each.collection else make(maker)
    return None


# What settle() says, or what would change another's meaning.
_LEFT = frozenset(
    (
        ("trackedEntityAttributes", "pattern"),
        ("attributes", "mandatory"),
        ("eventFilters", "program"),
        ("eventFilters", "programStage"),
        ("programIndicators", "orgUnitField"),
        ("programRuleActions", "templateUid"),
        ("organisationUnitGroups", "geometry"),
    )
)
_AVOIDED = frozenset(("CUSTOM", "MULTI_TEXT"))


def style(maker):
    return {"color": "#ff00aa", "icon": maker.rng.choice(("baby_male_0203m_outline", "x y"))}


def expression(maker):
    return {
        "expression": f"#{{{maker.rng.choice(maker.ids['dataElements'])}}} * {maker.rng.randint(1, 99999)}",
        "description": maker.words(most=40),
        "missingValueStrategy": maker.rng.choice(
            SCHEMAS["expressions"].properties["missingValueStrategy"].constants
        ),
        "slidingWindow": maker.maybe(),
    }


def data_item(maker):
    word, plural, name = maker.rng.choice(
        (
            ("INDICATOR", "indicators", "indicator"),
            ("PROGRAM_INDICATOR", "programIndicators", "programIndicator"),
            ("DATA_ELEMENT", "dataElements", "dataElement"),
            ("REPORTING_RATE", "dataSets", "reportingRate"),
            ("PROGRAM_DATA_ELEMENT", "dataElements", "programDataElement"),
            ("PROGRAM_ATTRIBUTE", "trackedEntityAttributes", "programAttribute"),
            ("DATA_ELEMENT_OPERAND", "dataElements", "dataElementOperand"),
            ("EXPRESSION_DIMENSION_ITEM", "expressionDimensionItems", "expressionDimensionItem"),
        )
    )
    pointed = maker.one(plural)
    if name == "reportingRate":
        pointed = {"dataSet": pointed, "metric": "REPORTING_RATE"}
    if name == "dataElementOperand":
        pointed = {"dataElement": pointed, "categoryOptionCombo": maker.one("categoryOptionCombos")}
    if name == "programDataElement":
        pointed = {"program": maker.one("programs"), "dataElement": pointed}
    if name == "programAttribute":
        pointed = {"program": maker.one("programs"), "attribute": pointed}
    return {"dataDimensionItemType": word, name: pointed}


def legend(maker):
    return {
        "set": maker.one("legendSets"),
        "strategy": maker.rng.choice(("FIXED", "BY_DATA_ITEM")),
        "style": maker.rng.choice(("FILL", "TEXT")),
        "showKey": maker.maybe(),
    }


def days(maker):
    return maker.rng.choice(
        (
            {"type": "RELATIVE", "period": "LAST_3_MONTHS"},
            {"type": "RELATIVE", "startBuffer": -5, "endBuffer": 5},
            {"type": "ABSOLUTE", "startDate": "2020-05-01", "endDate": "2020-06-01"},
        )
    )


def criteria(maker):
    return {
        "order": "createdAt:desc",
        "displayColumnOrder": ["createdAt", maker.rng.choice(maker.ids["trackedEntityAttributes"])],
        "assignedUserMode": maker.rng.choice(("CURRENT", "ANY", "NONE")),
        "ouMode": maker.rng.choice(("CAPTURE", "ACCESSIBLE")),
        "eventStatus": "ACTIVE",
        "enrollmentStatus": "COMPLETED",
        "followUp": maker.maybe(),
        "eventDate": days(maker),
        "enrollmentCreatedDate": days(maker),
        "dataFilters": [
            {"dataItem": maker.rng.choice(maker.ids["dataElements"]), "in": ["a", "b"]},
            {"dataItem": maker.rng.choice(maker.ids["dataElements"]), "dateFilter": days(maker)},
        ],
        "attributeValueFilters": [
            {"attribute": maker.rng.choice(maker.ids["trackedEntityAttributes"]), "sw": "é"},
            {"attribute": maker.rng.choice(maker.ids["trackedEntityAttributes"]), "ge": "1"},
        ],
    }


def dimension(single, plural, items=None):
    def made(maker):
        found = {single: maker.one(plural)}
        if items:
            found[items] = maker.some(items)
        elif maker.maybe():
            found["filter"] = "IN:a;b"
        return found

    return made


COMPLEX = {
    "common.ObjectStyle": style,
    "common.ValueTypeOptions": lambda maker: {"version": 1},
    "expression.Expression": expression,
    "common.DataDimensionItem": data_item,
    "visualization.LegendDefinitions": legend,
    "render.DeviceRenderTypeMap": lambda maker: {
        "MOBILE": {
            "type": "VERTICAL_RADIOBUTTONS",
            "min": 0,
            "max": 3,
            "step": 1,
            "decimalPoints": 2,
        },
        "DESKTOP": {"type": "DEFAULT"},
    },
    "trackedentityfilter.EntityQueryCriteria": criteria,
    "programstageworkinglist.ProgramStageQueryCriteria": criteria,
    "programstagefilter.EventQueryCriteria": criteria,
    "trackedentityfilter.EventFilter": lambda maker: {
        "programStage": maker.rng.choice(maker.ids["programStages"]),
        "eventStatus": "ACTIVE",
        "eventCreatedPeriod": {"periodFrom": -5, "periodTo": 5},
    },
    "period.PeriodType": lambda maker: maker.rng.choice(PERIOD_TYPES),
    "category.CategoryDimension": dimension("category", "categories", "categoryOptions"),
    "category.CategoryOptionGroupSetDimension": dimension(
        "categoryOptionGroupSet", "categoryOptionGroupSets", "categoryOptionGroups"
    ),
    "dataelement.DataElementGroupSetDimension": dimension(
        "dataElementGroupSet", "dataElementGroupSets", "dataElementGroups"
    ),
    "organisationunit.OrganisationUnitGroupSetDimension": dimension(
        "organisationUnitGroupSet", "organisationUnitGroupSets", "organisationUnitGroups"
    ),
    "trackedentity.TrackedEntityAttributeDimension": dimension(
        "trackedEntityAttribute", "trackedEntityAttributes"
    ),
    "trackedentity.TrackedEntityDataElementDimension": lambda maker: {
        "dataElement": maker.one("dataElements"),
        "programStage": maker.one("programStages"),
        "filter": "GT:1",
        "legendSet": maker.one("legendSets"),
    },
    "trackedentity.TrackedEntityProgramIndicatorDimension": dimension(
        "programIndicator", "programIndicators"
    ),
    "analytics.Sorting": lambda maker: {"dimension": "pe", "direction": "ASC"},
    "visualization.Axis": lambda maker: {
        "index": 0,
        "type": "RANGE",
        "title": {"text": maker.words(most=40), "textMode": "CUSTOM"},
        "targetLine": {"value": 90.5, "title": {"text": "t", "fontStyle": {"italic": True}}},
        "steps": 5,
        "decimals": 1,
    },
    "visualization.Series": lambda maker: {
        "dimensionItem": maker.rng.choice(maker.ids["dataElements"]),
        "axis": 1,
        "type": "LINE",
    },
    "visualization.SeriesKey": lambda maker: {
        "hidden": maker.maybe(),
        "label": {"fontStyle": {"fontSize": 12}},
    },
    "visualization.Icon": lambda maker: {"type": "DATA_ITEM"},
    "visualization.OutlierAnalysis": lambda maker: {
        "enabled": True,
        "outlierMethod": "IQR",
        "thresholdFactor": 1.5,
        "extremeLines": {"enabled": True, "value": 1},
    },
    "visualization.VisualizationFontStyle": lambda maker: {
        "visualizationTitle": {"font": "ARIAL", "fontSize": 12, "bold": True, "italic": False}
    },
    "visualization.ReportingParams": lambda maker: {
        "reportingPeriod": maker.maybe(),
        "organisationUnit": True,
        "parentOrganisationUnit": False,
        "grandParentOrganisationUnit": False,
    },
    "eventvisualization.SimpleDimension": lambda maker: {
        "parent": "COLUMN",
        "dimension": "eventStatus",
        "values": ["ACTIVE"],
    },
    "eventvisualization.EventRepetition": lambda maker: {
        "parent": "COLUMN",
        "dimension": maker.rng.choice(maker.ids["dataElements"]),
        "program": maker.rng.choice(maker.ids["programs"]),
        "indexes": [1, -1, 0],
    },
    "dashboard.design.Layout": lambda maker: {
        "spacing": {"column": 5, "row": 5},
        "columns": [{"index": 0, "span": 2}],
    },
    "dashboard.design.ItemConfig": lambda maker: {
        "insertPosition": "END",
        "insertHeight": 10,
        "insertWidth": 10,
    },
    "dashboard.embedded.EmbeddedDashboard": lambda maker: {
        "provider": "SUPERSET",
        "id": "9c6d5b8e-0000-4000-8000-000000000000",
        "options": {"hideTab": True, "filters": {"visible": True, "expanded": False}},
    },
    "program.ProgramCategoryMapping": lambda maker: {
        "id": maker.uid(),
        "categoryId": maker.rng.choice(maker.ids["categories"]),
        "mappingName": maker.words(most=20),
        "optionMappings": [
            {"optionId": maker.rng.choice(maker.ids["categoryOptions"]), "filter": "1 == 1"}
        ],
    },
}
