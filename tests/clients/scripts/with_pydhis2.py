"""What a user of pydhis2 does: `with_pydhis2.py ACTION URL USER PASSWORD [WORD …]`, answered in JSON."""

import asyncio
import json
import sys

from pydhis2 import DHIS2Config, RetryExhausted, get_client
from pydhis2.core.types import AnalyticsQuery


async def read(client):
    """The version, and every kind read through to its last page."""
    info = await client.get("/api/system/info")
    schemas = await client.metadata.get_schemas()
    found = {}
    for plural in (each["plural"] for each in schemas["schemas"] if each["metadata"]):
        listed, page = [], 1
        while True:
            asked = {"fields": "id", "page": page, "pageSize": 25}
            answer = await client.get(f"/api/{plural}", params=asked)
            listed += [each["id"] for each in answer[plural]]
            if page >= answer["pager"]["pageCount"]:
                break
            page += 1
        assert len(listed) == len(set(listed)), plural
        found[plural] = len(listed)
    return {"version": info["version"], "counts": found}


async def exported(client):
    """Everything there is, as a package."""
    package = await client.metadata.export()
    return {"kinds": sorted(kind for kind, held in package.items() if isinstance(held, list))}


async def imported(client):
    """A package of one object, checked and then taken in."""
    package = {"optionSets": [{"id": "PydhisOptSt", "name": "pydhis2", "valueType": "TEXT"}]}
    tried = await client.metadata.import_(package, importMode="VALIDATE")
    there = await client.get("/api/optionSets", params={"filter": "id:eq:PydhisOptSt"})
    done = await client.metadata.import_(package)
    removed = await client.delete("/api/optionSets/PydhisOptSt")
    return {
        "tried": tried.raw_data["status"],
        "there": len(there["optionSets"]),
        "done": done.raw_data["status"],
        "removed": removed["status"],
    }


async def records(client, program, unit, person, event):
    """Tracked entities and events: listed, and one of each."""
    people = await client.tracker.tracked_entities(org_unit=unit, program=program, total_pages=True)
    events = await client.tracker.events(
        org_unit=unit, program=program, last_updated_start_date="2020-01-01", skip_meta=True
    )
    one = await client.tracker.get_tracked_entity(person)
    happened = await client.tracker.get_event(event)
    return {
        "people": [each["trackedEntity"] for each in people["trackedEntities"]],
        "total": people["pager"]["total"],
        "events": [each["event"] for each in events["events"]],
        "one": one["trackedEntity"],
        "happened": happened["event"],
    }


async def registered(client, event):
    """An event, sent as the client sends it: without waiting."""
    answer = await client.tracker.create_event(json.loads(event))
    job = answer["response"]["id"]
    report = await client.get(f"/api/tracker/jobs/{job}/report")
    return {"type": answer["response"]["responseType"], "created": report["stats"]["created"]}


async def counted(client, indicator):
    """Figures, as a frame."""
    asked = AnalyticsQuery(dx=indicator, pe="2022W2", ou="USER_ORGUNIT")
    raw = await client.analytics.raw(asked)
    frame = await client.analytics.to_pandas(asked)
    return {"headers": [each["name"] for each in raw["headers"]], "rows": len(frame)}


async def missing(client):
    """What an unknown object is answered with."""
    try:
        await client.get("/api/programs/abcdefghijk")
    except RetryExhausted as refusal:
        return {"status": refusal.__cause__.status}
    return {}


async def main(action, url, user, password, *words):
    Client, _ = get_client()
    config = DHIS2Config(
        base_url=url, auth=(user, password), rps=200, max_retries=1, enable_cache=False
    )
    async with Client(config) as client:
        print(json.dumps(await globals()[action](client, *words)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
