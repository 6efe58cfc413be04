"""What DHIS2's objects show and nobody stores: access, addresses, names in the reader's language.

Each is a function of the world as one user sees it, the kind and the object. Called by shape.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from smittesporing.metadata.fields import MISSING
from smittesporing.metadata.kinds import DEFAULT_UIDS, KINDS
from smittesporing.metadata.sharing import Sharing, as_json
from smittesporing.web.api.dimensions import AXES, axis

if TYPE_CHECKING:
    from smittesporing.web.api.world import MetadataWorld

Json = Any
Computed = Callable[["MetadataWorld", str, Mapping[str, Any]], Json]

_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")
_NO_SHARING: Final = {"external": False, "users": {}, "userGroups": {}}
_DIMENSION: Final = {
    "dataElements": "DATA_ELEMENT",
    "indicators": "INDICATOR",
    "programIndicators": "PROGRAM_INDICATOR",
    "trackedEntityAttributes": "PROGRAM_ATTRIBUTE",
    "dataSets": "REPORTING_RATE",
    "organisationUnits": "ORGANISATION_UNIT",
    "organisationUnitGroups": "ORGANISATION_UNIT_GROUP",
    "categoryOptions": "CATEGORY_OPTION",
    "categoryOptionGroups": "CATEGORY_OPTION_GROUP",
    "optionGroups": "OPTION_GROUP",
    "dataElementGroups": "DATA_ELEMENT_GROUP",
}
# What a translation's property is called where that is not the property's own name in capitals.
_TRANSLATED_AS: Final = {
    "fromToName": "RELATIONSHIP_FROM_TO_NAME",
    "toFromName": "RELATIONSHIP_TO_FROM_NAME",
}


def displayed(world: MetadataWorld, body: Mapping[str, Any], base: str) -> Json:
    """The property in the reader's language, or as it was written.

    Missing `formName` and `shortName` fall back on the name, as in DHIS2.
    """
    if world.locale:
        wanted = (_CAPITAL.sub("_", base).upper(), _TRANSLATED_AS.get(base))
        for locale in (world.locale, world.locale.partition("_")[0]):
            for each in body.get("translations") or ():
                if each.get("property") in wanted and each.get("locale") == locale:
                    return each.get("value")
    if base in body:
        return body[base]
    if base in ("formName", "shortName") and "name" in body:
        return displayed(world, body, "name")
    return MISSING


def person(world: MetadataWorld, body: Mapping[str, Any], name: str) -> Json:
    """Who made or last changed an object: id, name and username where the account is known."""
    value = body.get(name)
    if not isinstance(value, Mapping) or "id" not in value:
        return MISSING
    account = world.whole("users", value)
    shown = {key: account[key] for key in ("id", "code", "name", "username") if key in account}
    if "name" in shown:
        shown["displayName"] = shown["name"]
    return shown


def _sharing(world: MetadataWorld, plural: str, body: Mapping[str, Any]) -> Json:
    """The stored sharing with the names of those it names."""
    if not KINDS[plural].shareable:
        return _NO_SHARING
    stated = as_json(world.sharing(plural, body))
    for listed, kind in (("users", "users"), ("userGroups", "userGroups")):
        for uid, entry in stated[listed].items():
            named = world.whole(kind, {"id": uid}).get("name")
            if named:
                entry["displayName"] = named
    return stated


def _accesses(given: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"id": uid, "access": access} for uid, access in given.items()]


def _shared(read: Callable[[Sharing], Json], otherwise: Json) -> Computed:
    return lambda world, plural, body: (
        read(world.sharing(plural, body)) if KINDS[plural].shareable else otherwise
    )


def _by(name: str) -> Computed:
    return lambda world, plural, body: person(world, body, name)


def _is(name: str, value: Json) -> Computed:
    return lambda world, plural, body: body.get(name) == value


def _form_type(world: MetadataWorld, plural: str, body: Mapping[str, Any]) -> Json:
    if "formType" in body:
        return body["formType"]
    if body.get("dataEntryForm"):
        return "CUSTOM"
    return "SECTION" if body.get("programStageSections") or body.get("sections") else "DEFAULT"


def _data_set_elements(world: MetadataWorld, plural: str, body: Mapping[str, Any]) -> Json:
    return [
        row
        for data_set in world.metadata.of("dataSets").values()
        for row in data_set.get("dataSetElements") or ()
        if (row.get("dataElement") or {}).get("id") == body.get("id")
    ]


def _is_default(world: MetadataWorld, plural: str, body: Mapping[str, Any]) -> Json:
    return body.get("id") in DEFAULT_UIDS


def _has_options(world: MetadataWorld, plural: str, body: Mapping[str, Any]) -> Json:
    return bool(body.get("optionSet"))


def _variable_type(world: MetadataWorld, plural: str, body: Mapping[str, Any]) -> Json:
    """A variable's own type, or that of the question it reads."""
    if "valueType" in body:
        return body["valueType"]
    for name, kind in (
        ("dataElement", "dataElements"),
        ("trackedEntityAttribute", "trackedEntityAttributes"),
    ):
        if isinstance(body.get(name), Mapping):
            return world.whole(kind, body[name]).get("valueType", "TEXT")
    return "TEXT"


def _first(listed: Iterable[Json] | None) -> Json:
    return next(iter(listed or ()), MISSING)


# Of every kind that has an address of its own.
ON_ALL: Final[Mapping[str, Computed]] = {
    "access": lambda world, plural, body: world.access(KINDS[plural], body),
    "href": lambda world, plural, body: f"{world.base_url}/api/{plural}/{body.get('id')}",
    "sharing": _sharing,
    "createdBy": _by("createdBy"),
    "user": _by("createdBy"),
    "lastUpdatedBy": _by("lastUpdatedBy"),
    "publicAccess": _shared(lambda given: given.public, MISSING),
    "externalAccess": lambda world, plural, body: False,
    "userAccesses": _shared(lambda given: _accesses(given.users), []),
    "userGroupAccesses": _shared(lambda given: _accesses(given.groups), []),
    "dimensionItem": lambda world, plural, body: body.get("id", MISSING),
    "dimensionItemType": lambda world, plural, body: _DIMENSION.get(plural, MISSING),
    "legendSet": lambda world, plural, body: _first(body.get("legendSets")),
}
# Of rows inside objects.
ON_ROWS: Final[Mapping[tuple[str, str], Computed]] = {
    **{("mapViews", name): axis(name) for name in AXES},
}
# Of single kinds.
ON_ONE: Final[Mapping[tuple[str, str], Computed]] = {
    ("programs", "registration"): _is("programType", "WITH_REGISTRATION"),
    ("programs", "withoutRegistration"): _is("programType", "WITHOUT_REGISTRATION"),
    ("programStages", "formType"): _form_type,
    ("dataSets", "formType"): _form_type,
    ("programRuleVariables", "valueType"): _variable_type,
    ("dataElements", "optionSetValue"): _has_options,
    ("trackedEntityAttributes", "optionSetValue"): _has_options,
    ("dataElements", "dataSetElements"): _data_set_elements,
    ("categories", "isDefault"): _is_default,
    ("categoryOptions", "isDefault"): _is_default,
    ("categoryCombos", "isDefault"): _is_default,
    ("categoryOptionCombos", "isDefault"): _is_default,
    ("dashboards", "itemCount"): lambda world, plural, body: len(body.get("dashboardItems") or ()),
    ("categories", "dimension"): lambda world, plural, body: body.get("id", MISSING),
    ("categories", "items"): lambda world, plural, body: body.get("categoryOptions", []),
    ("categories", "dimensionType"): lambda world, plural, body: "CATEGORY",
    **{
        (plural, name): axis(name)
        for plural in ("visualizations", "eventVisualizations")
        for name in AXES
    },
}
