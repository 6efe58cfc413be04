"""What a user of dhis2w-client does: `with_dhis2w.py ACTION URL USER PASSWORD [WORD …]`, answered in JSON.

The client checks each answer against what DHIS2 2.42 says of its own objects. Needs Python 3.13.
"""

import asyncio
import json
import sys

from dhis2w_client import BasicAuth, Dhis2Client
from dhis2w_client.generated.v42.schemas.data_element import DataElement
from pydantic import ValidationError


async def read(client):
    """Who asks, the server, and the first objects of each kind that both know, whole."""
    info, me = await client.system.info(), await client.system.me()
    answer = await client.get_raw("/api/schemas", params={"fields": "plural,metadata"})
    served = [each["plural"] for each in answer["schemas"] if each["metadata"]]
    kinds = {
        each._plural_key: each for each in vars(client.resources).values() if hasattr(each, "_path")
    }
    counts, faults = {}, {}
    for plural in served:
        if plural not in kinds:
            continue
        try:
            listed = await kinds[plural].list(fields=":owner", page_size=100)
        except ValidationError as fault:
            faults[plural] = [f"{each['loc']}: {each['type']}" for each in fault.errors()[:5]]
            continue
        counts[plural] = len(listed)
    return {"version": info.version, "me": me.username, "counts": counts, "faults": faults}


async def elements(client):
    """A data element: made, changed by JSON Patch, and removed."""
    body = {
        "name": "Made by dhis2w",
        "shortName": "dhis2w",
        "valueType": "TEXT",
        "domainType": "TRACKER",
        "aggregationType": "NONE",
    }
    made = await client.resources.data_elements.create(DataElement.model_validate(body))
    uid = made["response"]["uid"]
    patch = [{"op": "replace", "path": "/shortName", "value": "changed"}]
    await client.resources.data_elements.patch(uid, patch)
    held = await client.resources.data_elements.get(uid)
    removed = await client.resources.data_elements.delete(uid)
    return {"shortName": held.shortName, "removed": removed["status"]}


async def registered(client, program, unit, kind, name):
    """A person, registered and enrolled in one call, and read back."""
    made = await client.tracker.register(
        program=program,
        org_unit=unit,
        tracked_entity_type=kind,
        attributes={name: "Berit"},
        enrolled_at="2022-01-12",
    )
    page = await client.tracker.tracked_entities(
        program=program, org_unit=unit, tracked_entity=made.tracked_entity
    )
    return {
        "found": [each["trackedEntity"] == made.tracked_entity for each in page["trackedEntities"]]
    }


async def main(action, url, user, password, *words):
    auth = BasicAuth(username=user, password=password)
    async with Dhis2Client(base_url=url, auth=auth) as client:
        print(json.dumps(await globals()[action](client, *words)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
