"""What makes a strange package hang together: programs with their stages, rules about what is asked, rows that fit."""

from __future__ import annotations

from smittesporing.metadata.kinds import INVERSES, KINDS
from smittesporing.metadata.schema import SCHEMAS, leads_to
from tests.api import strange_rows

_ENTITIES = {
    "TRACKED_ENTITY_INSTANCE": ("trackedEntityType",),
    "PROGRAM_INSTANCE": ("program",),
    "PROGRAM_STAGE_INSTANCE": ("programStage",),
}


def row(maker, plural: str, **given) -> dict:
    """A row inside another object, with the plain properties and references that such rows have."""
    body = {"id": maker.uid()}
    for name, each in SCHEMAS[plural].properties.items():
        if name in given or not each.owner or name in strange_rows.NEVER:
            continue
        if not each.required and maker.maybe(0.3):
            continue
        leads = leads_to(plural, name)
        if each.type == "REFERENCE":
            if leads in maker.ids:
                body[name] = maker.one(leads)
            continue
        if each.item == "REFERENCE":
            if leads in maker.ids:
                body[name] = maker.some(leads)
            continue
        value = strange_rows.value(maker, plural, name, each)
        if value is not None:
            body[name] = value
    return {**body, **given}


def settle(maker, plural: str, body: dict) -> None:
    """What the kind demands beyond plain properties and references."""
    make = _SETTLED.get(plural)
    if make is not None:
        make(maker, body)


def _attribute(maker, body):
    for name in list(body):
        if name.endswith("Attribute"):
            body[name] = True
    body["valueType"] = "TEXT"
    body["unique"] = False
    body.pop("optionSet", None)


def _legends(maker, body):
    body["legends"] = [
        {
            "id": maker.uid(),
            "name": f"{low}–{low + 10}",
            "startValue": low,
            "endValue": low + 10.0,
            "color": "#ffffb2",
        }
        for low in (0, 10, 20)
    ]
    body.pop("symbolizer", None)


def _element(maker, body):
    if "optionSet" in body:
        body["valueType"] = "TEXT"


def _tea(maker, body):
    body.update(generated=False, confidential=False)
    if "optionSet" in body:
        body["valueType"] = "TEXT"
    body.pop("expression", None)


def _combo(maker, body):
    body["categories"] = [maker.one("categories")]


def _coc(maker, body):
    body["categoryOptions"] = maker.some("categoryOptions", 1)[:1]


def _constraint(maker):
    entity = maker.rng.choice(tuple(_ENTITIES))
    found = {"relationshipEntity": entity}
    for name in _ENTITIES[entity]:
        found[name] = maker.one({"trackedEntityType": "trackedEntityTypes"}.get(name, f"{name}s"))
    found["trackerDataView"] = {
        "attributes": [maker.rng.choice(maker.ids["trackedEntityAttributes"])],
        "dataElements": [maker.rng.choice(maker.ids["dataElements"])],
    }
    return found


def _relationship(maker, body):
    body["fromConstraint"], body["toConstraint"] = _constraint(maker), _constraint(maker)


def _tet(maker, body):
    body["trackedEntityTypeAttributes"] = [
        row(
            maker,
            "trackedEntityTypeAttributes",
            trackedEntityAttribute={"id": uid},
            trackedEntityType={"id": body["id"]},
        )
        for uid in maker.ids["trackedEntityAttributes"][:2]
    ]


def _program(maker, body):
    place = maker.ids["programs"].index(body["id"])
    body["programType"] = ("WITH_REGISTRATION", "WITHOUT_REGISTRATION")[place % 2]
    body["trackedEntityType"] = maker.one("trackedEntityTypes")
    body["programTrackedEntityAttributes"] = [
        row(
            maker,
            "programTrackedEntityAttributes",
            trackedEntityAttribute={"id": uid},
            program={"id": body["id"]},
        )
        for uid in maker.ids["trackedEntityAttributes"]
    ]
    if place % 2:
        body["programTrackedEntityAttributes"] = []
        del body["trackedEntityType"]
        body.pop("relatedProgram", None)


def _stage(maker, body):
    place = maker.ids["programStages"].index(body["id"])
    body["program"] = {"id": maker.ids["programs"][place]}
    body["programStageDataElements"] = [
        row(
            maker,
            "programStageDataElements",
            dataElement={"id": uid},
            programStage={"id": body["id"]},
        )
        for uid in maker.ids["dataElements"]
    ]


def _stage_section(maker, body):
    body["programStage"] = maker.one("programStages")


def _program_section(maker, body):
    body["program"] = {"id": maker.ids["programs"][0]}


def _variable(maker, body):
    source, more = maker.rng.choice(
        (
            ("DATAELEMENT_NEWEST_EVENT_PROGRAM_STAGE", ("dataElement", "programStage")),
            ("DATAELEMENT_NEWEST_EVENT_PROGRAM", ("dataElement",)),
            ("DATAELEMENT_CURRENT_EVENT", ("dataElement",)),
            ("DATAELEMENT_PREVIOUS_EVENT", ("dataElement",)),
            ("CALCULATED_VALUE", ()),
            ("TEI_ATTRIBUTE", ("trackedEntityAttribute",)),
        )
    )
    body["name"] = f"variable {maker.seed} {body['id']}"
    body["programRuleVariableSourceType"] = source
    for name in ("dataElement", "programStage", "trackedEntityAttribute"):
        body.pop(name, None)
        if name in more:
            body[name] = maker.one(f"{name}s")


# Every type of action, in turn by seed, and what each must be about.
_ACTIONS = (
    *(
        ("HIDEFIELD", "dataElement"),
        ("SETMANDATORYFIELD", "dataElement"),
        ("HIDESECTION", "programStageSection"),
    ),
    *(
        ("HIDEPROGRAMSTAGE", "programStage"),
        ("HIDEOPTION", "option"),
        ("SHOWOPTIONGROUP", "optionGroup"),
    ),
    *(("HIDEOPTIONGROUP", "optionGroup"), ("SENDMESSAGE", "notificationTemplate")),
    *(
        ("SCHEDULEMESSAGE", "notificationTemplate"),
        ("ASSIGN", "dataElement"),
        ("DISPLAYTEXT", None),
    ),
    *(("DISPLAYKEYVALUEPAIR", None), ("SHOWWARNING", "dataElement"), ("WARNINGONCOMPLETE", None)),
    *(
        ("SHOWERROR", "trackedEntityAttribute"),
        ("ERRORONCOMPLETE", "dataElement"),
        ("CREATEEVENT", "programStage"),
    ),
)
_ABOUT = (
    "dataElement",
    "programStageSection",
    "programStage",
    "option",
    "optionGroup",
    "programIndicator",
)


def _action(maker, body):
    place = maker.ids["programRuleActions"].index(body["id"])
    type_, about = _ACTIONS[(2 * maker.seed + place) % len(_ACTIONS)]
    for name in (*_ABOUT, "trackedEntityAttribute", "notificationTemplate"):
        body.pop(name, None)
    body["programRuleActionType"] = type_
    body["programRule"] = maker.one("programRules")
    body["data"], body["content"] = "1 + 1", maker.words(most=30)
    if about == "notificationTemplate":
        body["templateUid"] = maker.one("programNotificationTemplates")["id"]
    elif about:
        body[about] = maker.one(f"{about}s")
    if "OPTION" in type_:
        body["dataElement"] = maker.one("dataElements")


def _indicator(maker, body):
    program, stage = maker.ids["programs"][0], maker.ids["programStages"][0]
    body["program"] = {"id": program}
    body["expression"] = maker.rng.choice(("V{event_count}", "V{enrollment_count}", "1"))
    body["filter"] = f"#{{{stage}.{maker.ids['dataElements'][0]}}} != ''"
    body["aggregationType"] = maker.rng.choice(("COUNT", "SUM", "AVERAGE"))
    body["analyticsType"] = maker.rng.choice(("EVENT", "ENROLLMENT"))
    body["analyticsPeriodBoundaries"] = [
        row(
            maker,
            "analyticsPeriodBoundaries",
            boundaryTarget=maker.rng.choice(("EVENT_DATE", "ENROLLMENT_DATE", "CUSTOM")),
            analyticsPeriodBoundaryType="AFTER_START_OF_REPORTING_PERIOD",
        )
    ]
    if body["analyticsPeriodBoundaries"][0]["boundaryTarget"] == "CUSTOM":
        body["analyticsPeriodBoundaries"][0]["boundaryTarget"] = (
            f"#{{{stage}.{maker.ids['dataElements'][0]}}}"
        )


def _sum(maker, body):
    body["numerator"] = f"#{{{maker.rng.choice(maker.ids['dataElements'])}}}"
    body["denominator"] = f"I{{{maker.rng.choice(maker.ids['programIndicators'])}}} + 1"


def _data_set(maker, body):
    body["dataSetElements"] = [
        row(maker, "dataSetElements", dataElement={"id": uid}, dataSet={"id": body["id"]})
        for uid in maker.ids["dataElements"]
    ]
    body["compulsoryDataElementOperands"] = [row(maker, "dataElementOperands")]
    body["dataInputPeriods"] = [{"period": {"id": "202101"}, "openingDate": maker.moment()}]


def _section(maker, body):
    body["greyedFields"] = [row(maker, "dataElementOperands") for _ in range(2)]


def _map(maker, body):
    body["mapViews"] = [
        row(
            maker, "mapViews", layer=layer, organisationUnits=[], periods=[{"id": "LAST_12_MONTHS"}]
        )
        for layer in (
            "thematic1",
            "event",
            "facility",
            "boundary",
            "orgUnit",
            "trackedEntity",
            "earthEngine",
            "external",
        )
    ]


def _drawing(maker, body):
    body["periods"] = [{"id": "LAST_12_MONTHS"}, {"id": "202101"}]
    body["relativePeriods"] = {"last12Months": True, "thisYear": False}
    body["sorting"] = body.get("sorting", [])[:1]


def _dashboard(maker, body):
    shown = (
        {"type": "VISUALIZATION", "visualization": maker.one("visualizations")},
        {"type": "EVENT_VISUALIZATION", "eventVisualization": maker.one("eventVisualizations")},
        {"type": "MAP", "map": maker.one("maps")},
        {"type": "TEXT", "text": maker.words()},
        {"type": "MESSAGES", "messages": True},
        {"type": "APP", "appKey": "scorecard"},
        {"type": "REPORTS", "reports": maker.some("reports", 1)},
        {"type": "RESOURCES", "resources": maker.some("documents", 1)},
        {"type": "USERS", "users": [{"id": maker.absent_user}]},
    )
    body["dashboardItems"] = [
        {
            "id": maker.uid(),
            "x": place,
            "y": 2,
            "width": 29,
            "height": 20,
            "shape": "NORMAL",
            **each,
        }
        for place, each in enumerate(shown)
    ]


def _list(maker, body):
    body["program"] = {"id": maker.ids["programs"][0]}
    body["programStage"] = {"id": maker.ids["programStages"][0]}


def _event_list(maker, body):
    body["program"], body["programStage"] = maker.ids["programs"][1], maker.ids["programStages"][1]


def _document(maker, body):
    body.update(external=True, attachment=False)


def _form(maker, body):
    element, combo = maker.one("dataElements")["id"], maker.one("categoryOptionCombos")["id"]
    body["htmlCode"] = (
        f'<input id="{element}-{combo}-val" name="entryfield" /> &nbsp; <script>1 < 2</script>'
    )
    body["format"] = 2


_SETTLED = {
    "attributes": _attribute,
    "legendSets": _legends,
    "dataElements": _element,
    "trackedEntityAttributes": _tea,
    "categoryCombos": _combo,
    "categoryOptionCombos": _coc,
    "relationshipTypes": _relationship,
    "trackedEntityTypes": _tet,
    "programs": _program,
    "programStages": _stage,
    "programStageSections": _stage_section,
    "programSections": _program_section,
    "programRuleVariables": _variable,
    "programRuleActions": _action,
    "programIndicators": _indicator,
    "indicators": _sum,
    "dataSets": _data_set,
    "sections": _section,
    "maps": _map,
    "visualizations": _drawing,
    "eventVisualizations": _drawing,
    "dashboards": _dashboard,
    "programStageWorkingLists": _list,
    "eventFilters": _event_list,
    "documents": _document,
    "dataEntryForms": _form,
}


def _in_order(maker) -> None:
    """A set's options say the order of its list, with gaps, or say nothing of it."""
    for uid in maker.ids["optionSets"]:
        told = maker.maybe(0.8)
        for place, each in enumerate(maker.bodies["optionSets", uid]["options"]):
            option = maker.bodies["options", each["id"]]
            option.pop("sortOrder", None)
            if told:
                option["sortOrder"] = 2 * place + 1


def hang_together(maker) -> None:
    """Both sides of what two objects say of each other; the child's word holds."""
    for inverse in INVERSES:
        if inverse.collection not in KINDS[inverse.parent].owner:
            continue
        for uid in maker.ids.get(inverse.parent, ()):
            maker.bodies[inverse.parent, uid][inverse.collection] = [
                {"id": each}
                for each in maker.ids[inverse.child]
                if maker.bodies[inverse.child, each].get(inverse.through) == {"id": uid}
            ]
    _in_order(maker)
    for level, uid in enumerate(maker.ids["dataApprovalLevels"], start=1):
        maker.bodies["dataApprovalLevels", uid]["level"] = level
    combos = maker.ids["categoryCombos"]
    for uid, combo in zip(maker.ids["categoryOptionCombos"], combos, strict=True):
        maker.bodies["categoryOptionCombos", uid]["categoryCombo"] = {"id": combo}
