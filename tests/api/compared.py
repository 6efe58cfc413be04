"""Two packages compared, and what was sent with what is kept: what differs is told property by property."""

import json

# Of the installation and the moment, not of the object.
OF_THE_MOMENT = frozenset(("lastUpdated", "lastUpdatedBy", "createdBy"))

# Computed, of another object, or gone from DHIS2 since 2.37.
NOT_KEPT = frozenset(
    (
        *("access", "externalAccess", "favorite", "favorites", "publicAccess", "user"),
        *("userAccesses", "userGroupAccesses", "dimensionItem", "dimensionItemType"),
        *("periodOffset", "optionSetValue", "legendSet", "registration", "withoutRegistration"),
        *("displayContent", "displayExecutionDateLabel", "displayDueDateLabel", "displayName"),
        *("displayEnrollmentDateLabel", "displayIncidentDateLabel", "displayShortName"),
        *("dataElementGroups", "indicatorGroups", "programIndicatorGroups", "dataSets"),
        *("programIndicators", "programRuleVariables", "categoryOptionCombos", "userCredentials"),
        *("categoryCombos", "users", "created", "lastUpdated", "lastUpdatedBy", "items"),
    )
)


def objects(package):
    return {
        (plural, body["id"]): {
            name: value for name, value in body.items() if name not in OF_THE_MOMENT
        }
        for plural, bodies in package.items()
        if isinstance(bodies, list)
        for body in bodies
    }


def told(value):
    return json.dumps(value, ensure_ascii=False)[:160]


def differences(first, second):
    """What differs between two exports, a line each; none when they are the same."""
    one, two = objects(first), objects(second)
    lines = [
        f"only in the first: {plural} {uid}" for plural, uid in sorted(one.keys() - two.keys())
    ]
    lines += [f"only in the second: {plural} {uid}" for plural, uid in sorted(two.keys() - one)]
    for key in sorted(one.keys() & two.keys()):
        for name in sorted(one[key].keys() | two[key].keys()):
            was, now = one[key].get(name), two[key].get(name)
            if was != now:
                lines.append(f"{key[0]} {key[1]} {name}: {told(was)} → {told(now)}")
    return lines


def lost(given, kept, path=""):
    """What of `given` is not in `kept`, a path each; rows are compared by their ids."""
    if isinstance(given, dict) and isinstance(kept, dict):
        for name, value in given.items():
            if name not in NOT_KEPT and value not in ([], {}, None):
                yield from lost(value, kept.get(name), f"{path}.{name}")
    elif (
        isinstance(given, list) and isinstance(kept, list) and given and isinstance(given[0], dict)
    ):
        by_id = {row.get("id"): row for row in kept if isinstance(row, dict)}
        for place, row in enumerate(given):
            other = by_id.get(row["id"]) if "id" in row else kept[place : place + 1]
            yield from lost(row, other[0] if isinstance(other, list) and other else other, path)
    elif given != kept:
        yield f"{path}: {told(given)} → {told(kept)}"
