"""What a user of dhis2-client does: `with_dhis2_client.py ACTION URL USER PASSWORD [WORD …]`, answered in JSON."""

import json
import sys

from dhis2_client import DHIS2Client
from dhis2_client.errors import DHIS2HTTPError


def read(client):
    """The server, oneself, and every kind read through to its last page."""
    info = client.get_system_info()
    schemas = client.get("/api/schemas", params={"fields": "plural,metadata"})["schemas"]
    found, closed = {}, {}
    for plural in (each["plural"] for each in schemas if each["metadata"]):
        asked = {"path": f"/api/{plural}", "params": {"fields": "id"}, "item_key": plural}
        try:
            listed = client.fetch_all(**asked, page_size=25)
        except DHIS2HTTPError as refusal:
            closed[plural] = refusal.status_code
            continue
        assert len({each["id"] for each in listed}) == len(listed), plural
        found[plural] = len(listed)
    me = client.get_current_user()["username"]
    return {"version": info["version"], "me": me, "counts": found, "closed": closed}


def people(client):
    """Users: listed, and one."""
    listed = {each["username"]: each["id"] for each in client.get_users(fields="id,username")}
    uid = listed["odd-tracer"]
    return {"one": client.get_user(uid, fields="id,username"), "uid": uid, "names": sorted(listed)}


def units(client, unit):
    """Org units: listed, one, the tree below it, and what the map has."""
    listed = list(client.get_organisation_units(level=4, fields="id,name,level", pageSize=200))
    tree = client.get_org_unit_tree(root_uid=unit, levels=2)
    return {
        "units": len(listed),
        "one": client.get_org_unit(unit, fields="id,name")["id"],
        "tree": sorted(tree),
    }


def shapes(client, unit):
    """Org units as GeoJSON, in each of the ways the client offers."""
    found = {
        "all": client.get_org_units_geojson(),
        "one": client.get_org_unit_geojson(unit),
        "level": client.get_org_units_geojson_by_level(3),
        "children": client.get_org_unit_children_geojson(unit),
        "subtree": client.get_org_unit_subtree_geojson(unit),
    }
    return {name: each["type"] for name, each in found.items()}


def elements(client):
    """A data element: made, changed, read, listed and removed."""
    made = client.create_data_element(
        {
            "name": "Made by dhis2-client",
            "shortName": "dhis2-client",
            "valueType": "TEXT",
            "domainType": "TRACKER",
            "aggregationType": "NONE",
        }
    )
    uid = made["response"]["uid"]
    body = client.get_data_element(uid)
    changed = client.update_data_element(uid, {**body, "shortName": "changed"})
    patched = client.patch(
        f"/api/dataElements/{uid}", json=[{"op": "replace", "path": "/code", "value": "D2C"}]
    )
    held = client.get_data_element(uid, fields="shortName,code")
    found = list(client.get_data_elements(filter="code:eq:D2C", fields="id"))
    removed = client.delete_data_element(uid)
    try:
        client.get_data_element(uid)
        gone = None
    except DHIS2HTTPError as refusal:
        gone = refusal.status_code
    return {
        "statuses": [each["status"] for each in (made, changed, patched, removed)],
        "held": held,
        "found": [each["id"] for each in found] == [uid],
        "gone": gone,
    }


def shared(client, program):
    """Sharing: read, opened to all, given to oneself, and closed again."""
    about = {"object_type": "program", "object_id": program}
    before = client.get_sharing(**about)["object"]["publicAccess"]
    client.set_public_access(**about, public_access="r-r-----")
    opened = client.get_sharing(**about)["object"]["publicAccess"]
    client.grant_self_access(**about, access="rwrw----")
    own = client.get_sharing(**about)["object"]["userAccesses"]
    client.set_public_access(**about, public_access=before)
    return {"before": before, "opened": opened, "own": [each["access"] for each in own]}


def counted(client, indicator):
    """Figures."""
    table = client.get_analytics_data(dx=indicator, pe="2022W2", ou="USER_ORGUNIT")
    return {"headers": [each["name"] for each in table["headers"]]}


def refused(client):
    """What a wrong password is answered with."""
    try:
        client.get_system_info()
    except DHIS2HTTPError as refusal:
        return {"status": refusal.status_code}
    return {}


def tokened(client, url, token):
    """Who one is to the server, by a personal access token alone."""
    with_token = DHIS2Client(url, token=token, retries=0)
    try:
        return with_token.get_current_user(fields="id,username")
    finally:
        with_token.close()


if __name__ == "__main__":
    _, action, url, user, password, *words = sys.argv
    made = DHIS2Client(url, username=user, password=password, retries=0)
    print(json.dumps(globals()[action](made, *words)))
    made.close()
