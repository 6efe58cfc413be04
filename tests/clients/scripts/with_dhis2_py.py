"""What a user of dhis2.py does: `with_dhis2_py.py ACTION URL USER PASSWORD [WORD …]`, answered in JSON."""

import json
import sys

from dhis2 import Api, RequestException


def read(api):
    """The version, and every kind read through to its last page."""
    schemas = api.get("schemas", params={"fields": "plural,metadata"}).json()["schemas"]
    found = {}
    for plural in (each["plural"] for each in schemas if each["metadata"]):
        pages = [
            page[plural] for page in api.get_paged(plural, params={"fields": "id"}, page_size=25)
        ]
        listed = [each["id"] for page in pages for each in page]
        assert len(listed) == len(set(listed)), plural
        assert api.get_paged(plural, params={"fields": "id"}, page_size=40, merge=True) == {
            plural: [{"id": uid} for uid in listed]
        }
        found[plural] = [len(page) for page in pages]
    return {"version": api.version, "number": api.version_int, "pages": found}


def post(api, path):
    """A package, whole."""
    with open(path, encoding="utf-8") as file:
        answer = api.post("metadata", json=json.load(file)).json()
    return {"status": answer["status"], "stats": answer["response"]["stats"]}


def in_parts(api):
    """Objects in requests of two at a time, then one changed, and all removed."""
    uids = [f"Dhis2pyOpt{letter}" for letter in "abcde"]
    sets = [{"id": uid, "name": uid, "valueType": "TEXT"} for uid in uids]
    answers = api.post_partitioned("metadata", json={"optionSets": sets}, thresh=2)
    statuses = [answer.json()["status"] for answer in answers]
    changed = api.put(f"optionSets/{uids[0]}", json={**sets[0], "name": "Changed"}).json()
    name = api.get(f"optionSets/{uids[0]}", params={"fields": "name"}).json()["name"]
    listed = api.get(
        "optionSets",
        params=[("filter", "id:in:[" + ",".join(uids) + "]"), ("filter", "name:like:Dhis2py")],
    ).json()["optionSets"]
    removed = [api.delete(f"optionSets/{uid}").json()["status"] for uid in uids]
    return {
        "statuses": statuses,
        "changed": changed["response"]["uid"],
        "name": name,
        "left": len(listed),
        "removed": removed,
    }


def seen(api, program):
    """What this user sees of the program and of the kinds that hang on it."""
    kinds = ("programs", "programStages", "dataElements", "programIndicators")
    try:
        held = api.get(f"programs/{program}", params={"fields": "id,access"}).json()
    except RequestException as refusal:
        held = refusal.code
    return {
        "program": held,
        **{
            kind: [each["id"] for each in api.get(kind, params={"paging": "false"}).json()[kind]]
            for kind in kinds
        },
    }


def group(api, uid, user, act):
    """Put a user into a group, or take her out."""
    change = api.post if act == "in" else api.delete
    return change(f"userGroups/{uid}/users/{user}").json()


def records(api, program, unit, person):
    """Tracked entities, page by page, and the relationships of one."""
    asked = {"program": program, "orgUnit": unit, "fields": "trackedEntity"}
    pages = api.get_paged("tracker/trackedEntities", params=asked, page_size=2)
    linked = api.get_paged("tracker/relationships", params={"trackedEntity": person})
    return {
        "pages": [len(page["trackedEntities"]) for page in pages],
        "relationships": [len(page["relationships"]) for page in linked],
    }


def counted(api, indicator):
    """Figures, as JSON and as text."""
    asked = [
        ("dimension", f"dx:{indicator}"),
        ("dimension", "pe:2022W2"),
        ("dimension", "ou:USER_ORGUNIT"),
    ]
    return {
        "headers": [each["name"] for each in api.get("analytics", params=asked).json()["headers"]],
        "csv": api.get("analytics", file_type="csv", params=asked).text.splitlines()[0],
    }


if __name__ == "__main__":
    _, action, url, user, password, *words = sys.argv
    made = Api(url, user, password, api_version=42)
    print(json.dumps(globals()[action](made, *words)))
