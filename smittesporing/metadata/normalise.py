"""A posted object made into the form we keep: its own properties, references as bare ids.

Legacy and computed properties are dropped without a word, as DHIS2 does; every owner property stays,
whether we have use for it or not. Checks nothing against other objects: check.py does. Called by
exchange.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from smittesporing.metadata.drawn import completed
from smittesporing.metadata.kinds import (
    DEFAULT_CATEGORY_COMBO,
    EMBEDDED,
    INVERSES,
    KINDS,
    kind_pointed_at,
)
from smittesporing.metadata.sharing import PRIVATE, PUBLIC_METADATA, Sharing, as_json, sharing
from smittesporing.metadata.typed import typed
from smittesporing.uid import derived_uid

Body = dict[str, Any]

# Computed for the reader, or gone from DHIS2 before 2.42; dropped wherever they stand.
_NEVER_KEPT = frozenset(
    (
        *("access", "href", "favorite", "favorites", "externalAccess", "publicAccess"),
        *("userAccesses", "userGroupAccesses", "user", "dimensionItem", "dimensionItemType"),
        *("lastUpdated", "periodOffset", "optionSetValue", "userCredentials", "interpretations"),
        *("registration", "withoutRegistration", "isDefault", "contentCount"),
        *("interpretationCount", "interpretationLikeCount"),
    )
)
# `display…` is a property in the reader's language, but for these, which are settings.
_SETTINGS = frozenset(
    (
        *("displayFrontPageList", "displayGenerateEventBox", "displayInForm", "displayInList"),
        *("displayInListNoProgram", "displayInReports", "displayIncidentDate", "displayOptions"),
        *("displayOnVisitSchedule", "displayDensity", "displayColumnOrder", "displayOrderColumns"),
    )
)
# What any object may state, whether its kind lists it or not.
_ALWAYS = frozenset(
    (
        *("id", "code", "name", "shortName", "description", "formName", "created", "createdBy"),
        *("lastUpdatedBy", "translations", "attributeValues"),
    )
)
# Drawings hold lists named as kinds are that are no lists of references.
DRAWINGS = frozenset(("visualizations", "eventVisualizations", "maps"))
# Secrets have no place among configuration: an account's password lives, hashed, in access.
_SECRETS = frozenset(("password", "secret", "openId", "ldapId", "twoFA", "restoreToken"))
_DROPPED: dict[str, frozenset[str]] = {
    "organisationUnits": frozenset(("users", "dataSets", "leaf", "ancestors", "children")),
}
_INVERSE: dict[str, frozenset[str]] = {
    plural: frozenset(each.collection for each in INVERSES if each.parent == plural)
    for plural in KINDS
}
_LISTS = frozenset(
    (
        *("translations", "attributeValues", "legends", "analyticsPeriodBoundaries"),
        *("children", "ancestors", "teiSearchOrganisationUnits", "dataViewOrganisationUnits"),
        *("notificationTemplates", "managedGroups", "managedByGroups", "dataSetElements"),
        *("recipientUserGroups", "resources", "dashboardItems", "mapViews", "greyedFields"),
        "compulsoryDataElementOperands",
    )
)
# Of these an event filter holds the uid as a text, not a reference.
_UIDS_ALONE = ("program", "programStage")
_TEXTS = ("name", "shortName", "code", "description", "formName")
# Who did it is ours to say: what names nobody is passed over.
_PEOPLE = ("createdBy", "lastUpdatedBy")
# What states no category combo has the default one.
_COMBOS = ("categoryCombo", "attributeCombo")
# Saved lists of tracked entities stated these apart before 2.38.
_CRITERIA = {"enrollmentStatus": "enrollmentStatus", "followup": "followUp"}


def normalised(plural: str, given: Mapping[str, Any]) -> Body:
    """The object as it is kept, without sharing (see `shared`) and with `id` as given, if any.

    Shape   Lists that are computed from other objects' references are left out; the import has
            already used them to fill in those references (exchange.py).
    Errors  ValueError naming the property whose value has no sensible form.
    """
    source = dict(given)
    if plural == "users":
        credentials = source.pop("userCredentials", None)
        if isinstance(credentials, Mapping):
            source = {
                **{key: value for key, value in credentials.items() if key != "id"},
                **source,
            }
            source.pop("userInfo", None)
    for name in _PEOPLE:
        if not isinstance(source.get(name), Mapping):
            source.pop(name, None)
    kind = KINDS[plural]
    _rename(plural, source)
    dropped = _INVERSE[plural] | _DROPPED.get(plural, frozenset()) | {"sharing"}
    if plural == "users":
        dropped |= _SECRETS
    body: Body = {
        name: _value(name, value, plural in DRAWINGS)
        for name, value in source.items()
        if value is not None
        and name not in dropped
        and (name in kind.owner or name in _ALWAYS or (kind.keeps_unknown and _is_kept(name)))
    }
    if plural == "eventFilters":
        body |= {name: _uid_alone(body[name]) for name in _UIDS_ALONE if name in body}
    elif plural not in DRAWINGS:
        for name, value in body.items():
            _check_shape(name, value)
    body = typed(plural, body)
    if plural in DRAWINGS:
        body = completed(plural, body)
    for name in _TEXTS:
        if name in body and not isinstance(body[name], str):
            body[name] = str(body[name])
    if body.get("code") == "":
        del body["code"]
    if "attributeValues" in body:
        _check_shape("attributeValues", body["attributeValues"])
        body["attributeValues"] = list(_said(body["attributeValues"]))
    for name in _COMBOS:
        if name in kind.owner and plural != "categoryOptionCombos":
            body.setdefault(name, {"id": DEFAULT_CATEGORY_COMBO})
    author = given.get("createdBy") or given.get("user")
    if plural != "users" and isinstance(author, Mapping) and author.get("id"):
        body["createdBy"] = {"id": str(author["id"])}
    _identify(body)
    return body


def _is_kept(name: str) -> bool:
    shown = name.startswith("display") and name not in _SETTINGS
    return name not in _NEVER_KEPT and not shown


def _rename(plural: str, source: Body) -> None:
    """What older versions called otherwise, under today's name; in place."""
    if plural == "programRuleActions":
        if "attribute" in source:
            source.setdefault("trackedEntityAttribute", source["attribute"])
        environments = source.get("programRuleActionEvaluationEnvironments")
        if environments:
            source.setdefault("evaluationEnvironments", environments)
    if plural == "programRuleVariables" and "attribute" in source:
        source.setdefault("trackedEntityAttribute", source["attribute"])
    single = source.get("legendSet")
    wants = "legendSets" in KINDS[plural].owner and not source.get("legendSets")
    if wants and isinstance(single, Mapping):
        source["legendSets"] = [single]
    if plural == "trackedEntityInstanceFilters":
        stated = {new: source[old] for old, new in _CRITERIA.items() if source.get(old) is not None}
        criteria = source.get("entityQueryCriteria")
        if stated and (criteria is None or isinstance(criteria, Mapping)):
            source["entityQueryCriteria"] = {**stated, **(criteria or {})}


def shared(plural: str, given: Mapping[str, Any], author: str | None) -> Body | None:
    """The `sharing` the object states, in today's form; None when it states none."""
    if not KINDS[plural].shareable:
        return None
    return as_json(sharing(given)) if Sharing.stated_in(given) else None


def unstated(plural: str, author: str | None) -> Body:
    """The sharing of a new object that states none: its maker's, and everyone's to read."""
    return as_json(Sharing(public=PUBLIC_METADATA, owner=author, users={}, groups={}))


def _uid_alone(value: Any) -> Any:
    return value["id"] if isinstance(value, Mapping) and "id" in value else value


def no_wider(given: Body, kept: Body | None, author: str | None) -> Body:
    """The sharing as one may set it who may not open things to everybody: public as it was, hers."""
    return {
        **given,
        "public": (kept or {}).get("public") or PRIVATE,
        "owner": (kept or {}).get("owner") or author,
    }


def _check_shape(name: str, value: Any) -> None:
    """Errors  ValueError when a list is no list or a reference no reference."""
    if name == "organisationUnitLevels":
        # References in a predictor, plain numbers in a validation rule.
        if not isinstance(value, list):
            raise ValueError(f"{name} is not a list")
    elif name in KINDS or name in _LISTS:
        if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
            raise ValueError(f"{name} is not a list of objects")
    elif kind_pointed_at(name) is not None and not isinstance(value, Mapping):
        raise ValueError(f"{name} is not a reference")
    if name == "attributeValues" and not all(
        isinstance(each.get("attribute"), Mapping) for each in value
    ):
        raise ValueError("attributeValues has a row without attribute")


def _said(rows: Any) -> Iterator[Body]:
    """The values of custom attributes that say something, with one space where there were several."""
    for row in rows:
        if row.get("value") not in (None, ""):
            yield {**row, "value": re.sub(r"\s{2,}", " ", str(row["value"]))}


def _value(name: str, value: Any, drawn: bool = False) -> Any:
    if name in EMBEDDED:
        return _embedded(name, value)
    if kind_pointed_at(name) is not None:
        if isinstance(value, Mapping):
            return _reference(name, value)
        if drawn and not isinstance(value, list):
            return value
        if isinstance(value, list):
            kept = [_reference(name, each) if isinstance(each, Mapping) else each for each in value]
            return kept if drawn else _each_once(kept)
    return value


def _each_once(rows: list[Any]) -> list[Any]:
    """The rows without those that repeat an earlier one: DHIS2 holds references as sets."""
    first: dict[str, Any] = {}
    for row in rows:
        first.setdefault(repr(row), row)
    return list(first.values())


def _reference(name: str, value: Mapping[str, Any]) -> Body:
    if "id" in value:
        if not isinstance(value["id"], str):
            raise ValueError(f"{name} refers to {value['id']!r}")
        return {"id": value["id"]}
    # Resolved to an id by the import, which knows what carries the code.
    return {key: value[key] for key in ("code", "name") if isinstance(value.get(key), str)}


def _embedded(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_embedded(name, each) for each in value]
    if not isinstance(value, Mapping) or name in ("geometry", "style", "translations", "settings"):
        return value
    return {
        key: _value(key, each)
        for key, each in value.items()
        if each is not None and key != "sharing" and _is_kept(key)
    }


# Rows that DHIS2 gives an id as well, and that are about nothing else.
ROWS_ALONE = ("dashboardItems", "mapViews", "legends")
# Rows of another object that have ids of their own, and what each row is about.
WITH_IDS = {
    "programStageDataElements": "dataElement",
    "programTrackedEntityAttributes": "trackedEntityAttribute",
    "trackedEntityTypeAttributes": "trackedEntityAttribute",
}


def _identify(body: Body) -> None:
    """Give embedded rows that lack an id one that a second import gives again."""
    for name in ROWS_ALONE:
        for place, row in enumerate(body.get(name) or (), start=1):
            if isinstance(row, dict):
                row.setdefault("id", derived_uid(str(body.get("id")), name, str(place)))
    for name, through in WITH_IDS.items():
        rows = body.get(name)
        if rows is None:
            continue
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ValueError(f"{name} is not a list of objects")
        about: dict[str, Body] = {}
        for row in rows:
            pointed = row.get(through)
            if not isinstance(pointed, dict):
                raise ValueError(f"{name} has a row without {through}")
            # A question stands once in its form: exports exist that repeat rows.
            about.setdefault(str(pointed.get("id") or pointed), row)
        for place, (thing, row) in enumerate(about.items(), start=1):
            row.setdefault("id", derived_uid(str(body.get("id")), name, thing))
            row.setdefault("sortOrder", place)
        body[name] = list(about.values())
