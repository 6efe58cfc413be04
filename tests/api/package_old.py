"""A tracker package as DHIS2 2.33 exported one: old keys, rows beside their objects. Invented."""

DEFAULT = {"id": "bjDvmb4bfuf"}


def old_tracker() -> dict:
    """A tracker program as 2.33 wrote it: rows beside their objects, charts, legacy access lists."""
    user = {"id": "oldUser0001", "name": "somebody", "username": "somebody"}
    legacy = {
        "publicAccess": "r-------",
        "externalAccess": False,
        "favorite": False,
        "userGroupAccesses": [
            {"access": "rw------", "userGroupUid": "oldGroup001", "id": "oldGroup001"}
        ],
        "userAccesses": [],
        "user": user,
        "lastUpdated": "2020-04-01T10:00:00.000",
        "created": "2020-03-01T10:00:00.000",
        "translations": [],
    }
    return {
        "system": {"id": "eed3d451", "version": "2.33.2", "date": "2020-04-01T10:00:00.000"},
        "package": {"name": "OLD", "type": "TKR"},
        "interpretations": [{"id": "interpret01", "text": "Rising"}],
        "userGroups": [{"id": "oldGroup001", "name": "Old readers", "users": [], **legacy}],
        "trackedEntityAttributes": [
            {
                "id": "oldAttribut",
                "name": "Old case number",
                "shortName": "Old case no",
                "valueType": "TEXT",
                "aggregationType": "NONE",
                "dimensionItem": "oldAttribut",
                "dimensionItemType": "PROGRAM_ATTRIBUTE",
                **legacy,
            }
        ],
        "trackedEntityTypes": [
            {
                "id": "oldPerson01",
                "name": "Old person",
                "trackedEntityTypeAttributes": [
                    {"trackedEntityAttribute": {"id": "oldAttribut"}, "mandatory": True}
                ],
                **legacy,
            }
        ],
        "dataElements": [
            {
                "id": "oldElement1",
                "name": "Old fever",
                "shortName": "Old fever",
                "valueType": "BOOLEAN",
                "domainType": "TRACKER",
                "aggregationType": "NONE",
                "categoryCombo": DEFAULT,
                "legendSet": {"id": "oldLegendS1"},
                "optionSetValue": False,
                "periodOffset": 0,
                **legacy,
            }
        ],
        "legendSets": [
            {"id": "oldLegendS1", "name": "Old ages", "legends": [{"id": "oldLegend01"}], **legacy}
        ],
        "legends": [
            {"id": "oldLegend01", "name": "0-5", "startValue": 0, "endValue": 5, "color": "#FFFFB2"}
        ],
        "programs": [
            {
                "id": "oldProgram1",
                "name": "Old program",
                "shortName": "Old program",
                "programType": "WITH_REGISTRATION",
                "trackedEntityType": {"id": "oldPerson01"},
                "categoryCombo": DEFAULT,
                "programTrackedEntityAttributes": [{"id": "oldProgAtt1"}],
                "programStages": [{"id": "oldStage001"}],
                "registration": True,
                "withoutRegistration": False,
                "captureCoordinates": True,
                **legacy,
            }
        ],
        "programTrackedEntityAttributes": [
            {
                "id": "oldProgAtt1",
                "program": {"id": "oldProgram1"},
                "trackedEntityAttribute": {"id": "oldAttribut"},
                "mandatory": True,
                "searchable": True,
                "sortOrder": 1,
            }
        ],
        "programStages": [
            {
                "id": "oldStage001",
                "name": "Old stage",
                "program": {"id": "oldProgram1"},
                "programStageDataElements": [{"id": "oldStageEl1"}],
                "validCompleteOnly": True,
                **legacy,
            }
        ],
        "programStageDataElements": [
            {
                "id": "oldStageEl1",
                "programStage": {"id": "oldStage001"},
                "dataElement": {"id": "oldElement1"},
                "compulsory": True,
                "sortOrder": 1,
            }
        ],
        "programRules": [
            {"id": "oldRule0001", "name": "Old rule", "program": {"id": "oldProgram1"}}
            | {"condition": "#{nobody} > 1", "programRuleActions": [{"id": "oldAction01"}]}
        ],
        "programRuleActions": [
            {
                "id": "oldAction01",
                "programRule": {"id": "oldRule0001"},
                "programRuleActionType": "HIDEFIELD",
                "attribute": {"id": "oldAttribut"},
            }
        ],
        "programRuleVariables": [
            {
                "id": "oldVariable",
                "name": "counted",
                "program": {"id": "oldProgram1"},
                "programRuleVariableSourceType": "CALCULATED_VALUE",
            }
        ],
        "trackedEntityInstanceFilters": [
            {
                "id": "oldFilter01",
                "name": "Old and active",
                "program": {"id": "oldProgram1"},
                "enrollmentStatus": "ACTIVE",
            }
        ],
        "charts": [
            {
                "id": "oldChart001",
                "name": "Old curve",
                "series": "dx",
                "category": "pe",
                "filterDimensions": ["ou"],
                "type": "LINE",
                **legacy,
            }
        ],
        "reportTables": [
            {
                "id": "oldTable001",
                "name": "Old table",
                "columnDimensions": ["dx"],
                "rowDimensions": ["ou"],
                "legendSet": {"id": "oldLegendS1"},
            }
        ],
        "eventReports": [
            {
                "id": "oldReport01",
                "name": "Old list",
                "program": {"id": "oldProgram1"},
                "dataType": "EVENTS",
            }
        ],
        "maps": [
            {
                "id": "oldMap00001",
                "name": "Old map",
                "mapViews": [{"id": "oldMapView1"}],
                "longitude": 10.5,
                "latitude": 60.0,
                "zoom": 5,
            }
        ],
        "mapViews": [
            {
                "id": "oldMapView1",
                "layer": "thematic1",
                "organisationUnits": [{"id": "notInTheFil"}],
                "organisationUnitLevels": [3],
            }
        ],
        "dashboards": [
            {
                "id": "oldDashboar",
                "name": "Old dashboard",
                "dashboardItems": [
                    {"id": "oldItem0001", "type": "CHART", "chart": {"id": "oldChart001"}},
                    {"id": "oldItem0002", "type": "REPORT_TABLE"}
                    | {"reportTable": {"id": "oldTable001"}},
                    {"id": "oldItem0003", "type": "MAP", "map": {"id": "oldMap00001"}},
                    {"id": "oldItem0004", "type": "TEXT", "text": "Notes"},
                ],
                **legacy,
            }
        ],
    }
