"""The words of one version of DHIS2: how it writes access, makers, drawings, heads and what it adds for readers."""

from __future__ import annotations

from smittesporing.metadata.kinds import KINDS, kind_pointed_at
from smittesporing.metadata.schema import SCHEMAS

VERSIONS = ("2.30", "2.33", "2.36", "2.40", "2.42")


def spoken(maker, found: dict[str, list[dict]]) -> dict:
    """The package as that version writes it."""
    version = maker.version
    for plural, bodies in found.items():
        for body in bodies:
            _shared(maker, plural, body)
            _made(maker, body)
            _translated(maker, plural, body)
            _for_readers(maker, body)
    _named(maker, found)
    _one_sided(maker, found)
    _nested(maker, found)
    package: dict = {
        "system": {"id": "x", "rev": "abc", "version": version, "date": maker.moment()}
    }
    if version < "2.38":
        package["date"] = maker.moment()
    package["package"] = {"code": "STRANGE", "DHIS2Version": version, "locale": "en"}
    package["unknownThings"] = [{"id": maker.uid(), "name": "x"}]
    keys = list(found)
    maker.rng.shuffle(keys)
    package |= {key: found[key] for key in keys}
    if version < "2.36":
        _drawn(maker, package)
        _apart(maker, package)
    elif version < "2.42":
        _drawn_twice(maker, package)
    return package


def _access(maker, plural: str) -> str:
    data = maker.rng.choice(("rw", "r-", "--")) if KINDS[plural].data_shareable else "--"
    return f"{maker.rng.choice(('rw', 'r-', '--'))}{data}----"


def _shared(maker, plural: str, body: dict) -> None:
    if not KINDS[plural].shareable:
        if maker.maybe(0.3):
            body["sharing"] = {"external": False, "users": {}, "userGroups": {}}
        return
    group, access = maker.one("userGroups")["id"], _access(maker, plural)
    public = _access(maker, plural)
    if maker.version < "2.40":
        body["publicAccess"] = public
        body["externalAccess"] = False
        body["userAccesses"] = []
        body["userGroupAccesses"] = [{"id": group, "access": access, "displayName": "x"}]
    if maker.version >= "2.36":
        groups = {group: {"id": group, "access": access, "displayName": "x"}}
        body["sharing"] = {"owner": maker.absent_user, "external": False, "public": public}
        body["sharing"] |= {"users": {}, "userGroups": groups}


def _made(maker, body: dict) -> None:
    user = {"id": maker.absent_user, "name": "package admin", "username": "package_admin"}
    body["created"], body["lastUpdated"] = maker.moment(), maker.moment()
    body["lastUpdatedBy"] = user
    body["user" if maker.version < "2.36" else "createdBy"] = user


def _translated(maker, plural: str, body: dict) -> None:
    if maker.maybe():
        body["translations"] = [
            {"property": "NAME", "locale": locale, "value": maker.words()}
            for locale in ("fr", "pt_BR", "ar_EG", "uz_UZ_Cyrl")
        ]
    else:
        body["translations"] = []
    if "attributeValues" in SCHEMAS[plural].properties and plural != "attributes":
        body["attributeValues"] = []
        if maker.maybe(0.3) and SCHEMAS[plural].properties["attributeValues"].owner:
            body["attributeValues"] = [
                {"attribute": maker.one("attributes"), "value": maker.words()}
            ]


def _for_readers(maker, body: dict) -> None:
    """What an export adds that nobody owns, and what nobody has heard of."""
    if maker.version < "2.40" or maker.maybe(0.2):
        body |= {"favorite": False, "favorites": [], "href": f"https://x.example/api/{body['id']}"}
        body |= {
            "displayName": body["name"],
            "dimensionItem": body["id"],
            "fooBar": {"a": [1, None]},
        }
        body["access"] = {"read": True, "update": True, "externalize": False, "delete": True}
        body |= {"interpretations": [], "subscribed": False, "periodOffset": 0}
    body["nothing"] = None


def _named(maker, found: dict[str, list[dict]]) -> None:
    """References that carry a name and code as well, and lists with the whole child in them."""
    known = {body["id"]: body for bodies in found.values() for body in bodies}
    for bodies in found.values():
        for body in bodies:
            for value in body.values():
                pointed = known.get(value.get("id")) if isinstance(value, dict) else None
                if pointed is not None and pointed is not body and maker.maybe(0.2):
                    value["name"] = pointed["name"]
                    if "code" in pointed:
                        value["code"] = pointed["code"]


# Lists of children that one side may leave to the other: parent, list, child, reference.
_ONE_SIDED = (
    ("optionSets", "options", "options", "optionSet"),
    ("programs", "programStages", "programStages", "program"),
    ("programs", "programSections", "programSections", "program"),
    ("programStages", "programStageSections", "programStageSections", "programStage"),
    ("programRules", "programRuleActions", "programRuleActions", "programRule"),
)


def _one_sided(maker, found: dict[str, list[dict]]) -> None:
    """A link that only the parent or only the child states."""
    for parents, listed, children, through in _ONE_SIDED:
        chance = maker.rng.random()
        if chance < 0.25:
            for body in found[parents]:
                del body[listed]
        elif chance < 0.5:
            claimed = {each["id"] for body in found[parents] for each in body[listed]}
            for body in found[children]:
                if body["id"] in claimed:
                    body.pop(through, None)


def _nested(maker, found: dict[str, list[dict]]) -> None:
    """Lists with the whole child in them, as some exports and hand-made packages have."""
    for parents, listed, children, _ in _ONE_SIDED:
        known = {body["id"]: body for body in found[children]}
        for body in found[parents]:
            if maker.maybe(0.2) and listed in body:
                body[listed] = [
                    {name: value for name, value in known[each["id"]].items() if value is not None}
                    for each in body[listed]
                ]


def _apart(maker, package: dict) -> None:
    """Rows beside the objects they belong to, which name them by id alone, as exports did until 2.37."""
    for parents, listed in (
        ("maps", "mapViews"),
        ("dashboards", "dashboardItems"),
        ("legendSets", "legends"),
        ("programStages", "programStageDataElements"),
        ("programs", "programTrackedEntityAttributes"),
    ):
        if maker.maybe(0.4):
            package[listed] = [row for body in package[parents] for row in body[listed]]
            for body in package[parents]:
                body[listed] = [{"id": row["id"]} for row in body[listed]]


def _drawn_twice(maker, package: dict) -> None:
    """The same event drawing under its old key and today's, and items that show it by the old name."""
    package["eventReports" if maker.maybe() else "eventCharts"] = [
        {**body, "type": body["type"]} for body in package["eventVisualizations"]
    ]
    for dashboard in package["dashboards"]:
        for item in dashboard["dashboardItems"]:
            if item["type"] == "EVENT_VISUALIZATION" and maker.maybe():
                item["type"], item["eventChart"] = "EVENT_CHART", item.pop("eventVisualization")


def _drawn(maker, package: dict) -> None:
    """Visualizations as charts and pivot tables, the way of versions before 2.36."""
    charts = [body for body in package.get("visualizations", ()) if body["type"] != "PIVOT_TABLE"]
    tables = [body for body in package.get("visualizations", ()) if body["type"] == "PIVOT_TABLE"]
    del package["visualizations"]
    package["charts"], package["reportTables"] = charts, tables
    shown = {body["id"]: "CHART" for body in charts} | {
        body["id"]: "REPORT_TABLE" for body in tables
    }
    for dashboard in package["dashboards"]:
        for item in dashboard["dashboardItems"]:
            if item["type"] == "VISUALIZATION":
                pointed = item.pop("visualization")
                item["type"] = shown[pointed["id"]]
                item["chart" if item["type"] == "CHART" else "reportTable"] = pointed


def by_code(maker, package: dict) -> dict:
    """The package with each reference to what has a code by that code alone; an option's is its set's own."""
    return {
        key: [_coded(maker, each) for each in value] if key in KINDS else value
        for key, value in package.items()
    }


def _coded(maker, value, kind=None):
    if isinstance(value, list):
        return [_coded(maker, each, kind) for each in value]
    if not isinstance(value, dict):
        return value
    if kind is not None and value.keys() <= {"id", "name", "code"}:
        pointed = maker.bodies.get((kind.plural, value.get("id")), {})
        if "code" in pointed and kind.plural != "options":
            return {"code": pointed["code"]}
    return {
        name: each
        if name in ("sharing", "translations")
        else _coded(maker, each, kind_pointed_at(name))
        for name, each in value.items()
    }
