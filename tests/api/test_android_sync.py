"""What DHIS2's Android app downloads of configuration, with its `fields`, filters, orders and pages.

As dhis2/dhis2-android-sdk (network/…) asks; its objects are read strictly typed, so types are what is
tested.
"""

import pytest

from smittesporing.metadata.fields import parse
from tests.api.shapes import faults, keys_below
from tests.api.test_capture_start import CASES, CONTACTS, package

__all__ = ["package"]

IDENTIFIABLE = "id,code,name,displayName,created,lastUpdated,deleted"
NAMEABLE = f"{IDENTIFIABLE},shortName,displayShortName,description,displayDescription"
STYLE = "style[color,icon]"
ATTRIBUTE_VALUES = "attributeValues[attribute[id,code,name,displayName,valueType],value]"
MAY_WRITE = "access[data[write]]"
MAY_READ = "access.data.read:eq:true"
BOTH = f"id:in:[{CASES},{CONTACTS}]"
OURS = f"program.id:in:[{CASES},{CONTACTS}]"
CONSTRAINT = (
    "[relationshipEntity,trackedEntityType[id],program[id],programStage[id],"
    "trackerDataView[attributes,dataElements]]"
)
CALLS = {
    "programs": (
        [BOTH, MAY_READ],
        f"{NAMEABLE},version,onlyEnrollOnce,displayIncidentDate,registration,"
        "selectEnrollmentDatesInFuture,dataEntryMethod,ignoreOverdueEvents,"
        "selectIncidentDatesInFuture,captureCoordinates,useFirstStageDuringRegistration,"
        "displayFrontPageList,programType,"
        f"programTrackedEntityAttributes[{NAMEABLE},mandatory,trackedEntityAttribute[id],"
        "allowFutureDate,displayInList,program[id],sortOrder,searchable,renderType],"
        f"relatedProgram[id],trackedEntityType[id],categoryCombo[id],{MAY_WRITE},"
        f"programRuleVariables[{IDENTIFIABLE},useCodeForOptionSet,program[id],programStage[id],"
        "dataElement[id],trackedEntityAttribute[id],programRuleVariableSourceType],"
        f"{STYLE},expiryDays,completeEventsExpiryDays,expiryPeriodType,"
        "minAttributesRequiredToSearch,maxTeiCountToReturn,featureType,accessLevel,"
        f"programSections[{IDENTIFIABLE},description,program,trackedEntityAttributes[id],sortOrder,"
        f"formName,{STYLE},renderType],{ATTRIBUTE_VALUES},displayEnrollmentLabel,"
        "displayFollowUpLabel,displayOrgUnitLabel,displayRelationshipLabel,displayNoteLabel,"
        "displayTrackedEntityAttributeLabel,displayProgramStageLabel,displayEventLabel,"
        "displayEnrollmentDateLabel,displayIncidentDateLabel",
    ),
    "programStages": (
        [OURS, MAY_READ],
        f"{IDENTIFIABLE},description,displayDescription,executionDateLabel,dueDateLabel,"
        "allowGenerateNextVisit,validCompleteOnly,reportDateToUse,openAfterEnrollment,repeatable,"
        "captureCoordinates,featureType,formType,displayGenerateEventBox,"
        "generatedByEnrollmentDate,autoGenerateEvent,sortOrder,hideDueDate,blockEntryForm,"
        "minDaysFromStart,standardInterval,periodType,program,remindCompleted,"
        "validationStrategy,enableUserAssignment,programStageLabel,eventLabel,"
        f"programStageSections[{IDENTIFIABLE},sortOrder,programIndicators[id],dataElements[id],"
        "renderType],"
        f"programStageDataElements[{IDENTIFIABLE},displayInReports,dataElement[id],compulsory,"
        "allowProvidedElsewhere,sortOrder,allowFutureDate,programStage[id],renderType],"
        f"{STYLE},{ATTRIBUTE_VALUES},{MAY_WRITE}",
    ),
    "programRules": (
        [OURS],
        f"{IDENTIFIABLE},condition,priority,program[id],programStage[id],"
        f"programRuleActions[{IDENTIFIABLE},data,content,displayContent,location,"
        "trackedEntityAttribute[id],programIndicator[id],programStageSection[id],"
        "programRuleActionType,programStage[id],dataElement[id],option[id],optionGroup[id]]",
    ),
    "programIndicators": (
        [OURS],
        f"{NAMEABLE},displayInForm,expression,dimensionItem,filter,decimals,program[id],"
        "aggregationType,analyticsType,analyticsPeriodBoundaries[boundaryTarget,"
        "analyticsPeriodBoundaryType,offsetPeriods,offsetPeriodType],"
        f"legendSets[{IDENTIFIABLE},symbolizer,legends[{IDENTIFIABLE},startValue,endValue,color]]",
    ),
    "trackedEntityTypes": (
        ["id:in:[MCPQUTHX1Ze]", MAY_READ],
        f"{NAMEABLE},featureType,trackedEntityTypeAttributes[trackedEntityType[id],"
        "trackedEntityAttribute[id],displayInList,mandatory,unique,searchable,sortOrder],"
        f"{STYLE},{MAY_WRITE}",
    ),
    "trackedEntityAttributes": (
        ["id:in:[sB1IHYu2xQT,HAZ7VQ730yn]", "access.read:eq:true"],
        f"{NAMEABLE},pattern,sortOrderInListNoProgram,valueType,expression,programScope,"
        "displayInListNoProgram,generated,displayOnVisitSchedule,orgunitScope,unique,inherit,"
        f"aggregationType,fieldMask,formName,displayFormName,optionSet[id],{STYLE},access[read],"
        "legendSets[id],confidential",
    ),
    "relationshipTypes": (
        [MAY_READ],
        f"{IDENTIFIABLE},fromToName,toFromName,bidirectional,fromConstraint{CONSTRAINT},"
        f"toConstraint{CONSTRAINT},{MAY_WRITE}",
    ),
    "optionSets": (["id:in:[WDUwjiW2rGH]"], f"{IDENTIFIABLE},version,valueType"),
    "options": (
        ["optionSet.id:in:[WDUwjiW2rGH]"],
        f"{IDENTIFIABLE},sortOrder,optionSet[id],{STYLE}",
    ),
    "optionGroups": (["optionSet.id:in:[WDUwjiW2rGH]"], f"{IDENTIFIABLE},optionSet[id],options[id]"),
    "dataElements": (
        ["id:in:[ovY6E8BSdto,PFXeJV8d7ja]", "access.read:eq:true"],
        f"{NAMEABLE},valueType,zeroIsSignificant,aggregationType,formName,domainType,"
        f"displayFormName,categoryCombo[id],optionSet[id],{STYLE},fieldMask,access[read],"
        f"legendSets[id],{ATTRIBUTE_VALUES}",
    ),
    "categoryCombos": (
        ["id:in:[bjDvmb4bfuf]"],
        f"{IDENTIFIABLE},isDefault,categories[id],categoryOptionCombos[{NAMEABLE},"
        "categoryCombo[id],categoryOptions[id]]",
    ),
    "categories": (["id:in:[GLevLNI9wkl]"], f"{IDENTIFIABLE},dataDimensionType,categoryOptions[id]"),
    "categoryOptions": (
        ["categories.id:in:[GLevLNI9wkl]", MAY_READ],
        f"{NAMEABLE},startDate,endDate,{MAY_WRITE}",
    ),
    "constants": ([], f"{IDENTIFIABLE},value"),
    "attributes": ([], f"{NAMEABLE},unique,mandatory,indicatorAttribute,dataElementAttribute"),
    "organisationUnitLevels": ([], f"{IDENTIFIABLE},level"),
    "legendSets": ([], f"{IDENTIFIABLE},symbolizer,legends[{IDENTIFIABLE},startValue,endValue,color]"),
    "indicators": (
        [],
        f"{NAMEABLE},annualized,indicatorType[id],numerator,numeratorDescription,denominator,"
        "denominatorDescription,url,decimals,legendSets[id]",
    ),
    "indicatorTypes": ([], f"{IDENTIFIABLE},number,factor"),
    "dataSets": ([MAY_READ], f"{NAMEABLE},periodType,categoryCombo[id],sections[id],{MAY_WRITE}"),
    "eventFilters": ([], f"{IDENTIFIABLE},program,programStage,description,eventQueryCriteria[*]"),
    "trackedEntityInstanceFilters": (
        [],
        f"{IDENTIFIABLE},program[id],description,sortOrder,{STYLE},entityQueryCriteria[*]",
    ),
    "programStageWorkingLists": (
        [],
        f"{IDENTIFIABLE},program[id],programStage[id],programStageQueryCriteria[*]",
    ),
    "visualizations": ([], f"{IDENTIFIABLE},type,dataDimensionItems[*]"),
}  # fmt: skip


def synced(ask, plural, **more):
    filters, fields = CALLS[plural]
    params = [("fields", fields), *(("filter", each) for each in filters), *more.items()]
    answer = ask("GET", plural, params=params, headers={"accept-encoding": "gzip"})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("plural", CALLS)
def test_download_is_answered_in_the_types_the_app_reads(ask, package, plural):
    body = synced(ask, plural, paging="false")
    assert body.keys() == {plural}
    wanted = {entry.name for entry in parse(CALLS[plural][1])}
    for each in body[plural]:
        assert each.keys() <= wanted
        assert {"id", "created", "lastUpdated"} <= each.keys()
        assert faults(plural, each) == []


@pytest.mark.parametrize(
    ("plural", "count"),
    [
        *(("programs", 2), ("programStages", 6), ("programRules", 24), ("programIndicators", 109)),
        *(("options", 2), ("dataElements", 2), ("categoryCombos", 1)),
    ],
)
def test_download_holds_the_whole_package(ask, package, plural, count):
    assert len(synced(ask, plural, paging="false")[plural]) == count


def test_rows_inside_objects_say_what_is_not_so(ask, package):
    programs = synced(ask, "programs", paging="false")["programs"]
    assert keys_below(programs[0], "programTrackedEntityAttributes") >= {
        *("id", "mandatory", "allowFutureDate", "displayInList", "sortOrder", "searchable"),
        *("trackedEntityAttribute", "program"),
    }
    stage = synced(ask, "programStages", paging="false")["programStages"][0]
    assert keys_below(stage, "programStageDataElements") >= {
        *("id", "compulsory", "allowProvidedElsewhere", "displayInReports", "allowFutureDate"),
        *("dataElement", "programStage"),
    }
    assert keys_below(stage, "access") == {"data"}
    assert stage["program"].keys() == {"id"}
    combo = synced(ask, "categoryCombos", paging="false")["categoryCombos"][0]
    assert [each["id"] for each in combo["categoryOptionCombos"]] == ["HllvX50cXC0"]


def test_org_units_below_ones_own_are_downloaded_in_pages_by_identifier(ask, package):
    fields = (
        f"{NAMEABLE},path,openingDate,closedDate,level,featureType,parent[id],programs[id],"
        f"dataSets[id],ancestors[id,displayName],organisationUnitGroups[{IDENTIFIABLE}]"
    )
    own = ask("GET", "me?fields=organisationUnits[id,path]").json()["organisationUnits"][0]["id"]
    norway = ask("GET", "organisationUnits?filter=level:eq:1").json()["organisationUnits"][0]["id"]
    for root, count in ((own, 1), (norway, 373)):
        found, page = [], 1
        while True:
            answer = ask(
                *("GET", "organisationUnits"),
                params={
                    "fields": fields,
                    "filter": f"path:like:{root}",
                    "order": "id:asc",
                    "paging": "true",
                    "pageSize": 200,
                    "page": page,
                },
            ).json()["organisationUnits"]
            found += answer
            if len(answer) < 200:
                break
            page += 1
        assert len(found) == count
        assert [each["id"] for each in found] == sorted(each["id"] for each in found)
        assert [fault for each in found for fault in faults("organisationUnits", each)] == []
        assert all(each["level"] == each["path"].count("/") for each in found)


def test_only_what_has_changed_is_downloaded_again(ask, package):
    every = synced(ask, "dataElements", paging="false")["dataElements"]
    latest = max(each["lastUpdated"] for each in every)
    for filter_, count in ((f"lastUpdated:gt:{latest}", 0), (f"lastUpdated:ge:{latest}", 1)):
        answer = ask(
            *("GET", "dataElements"),
            params=[("filter", filter_), ("filter", CALLS["dataElements"][0][0]), ("fields", "id")],
        )
        assert len(answer.json()["dataElements"]) >= count
        assert bool(answer.json()["dataElements"]) == bool(count)
