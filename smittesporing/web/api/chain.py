"""`GET /api/chain`: who infected whom, for a kommune, a case or a cluster.

Ours, not DHIS2's. The same reading as the chain's page; a person out of reach is a kommune without a name.
Mounted by chain_routes.py.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.epidemiology.offspring import Estimate
from smittesporing.problems import Refused
from smittesporing.tracing.casebook import chain
from smittesporing.tracing.casebook.book import Book, open_book
from smittesporing.tracing.casebook.chain import Chain
from smittesporing.tracing.casebook.links import CaseNode, Link
from smittesporing.web.api.envelope import as_json, door, not_found, web_message
from smittesporing.web.working import work_of

Body = dict[str, Any]


@door
def read(request: Request) -> Response:
    """One chain: `orgUnit` (uid or kommunenummer), `enrollment` or `cluster`.

    disease  with orgUnit: a code, or ALL; otherwise the disease with most cases there, since links and
             spread of two diseases say nothing together. `summary.diseases` counts them all.
    """
    asked = request.query_params
    scopes = [name for name in ("orgUnit", "enrollment", "cluster") if asked.get(name)]
    if len(scopes) != 1:
        return web_message(400, "Give exactly one of orgUnit, enrollment and cluster")
    scope, uid = scopes[0], asked[scopes[0]]
    with work_of(request, "chain.read") as work:
        book = open_book(work)
        try:
            found = _chain(book, scope, uid, asked.get("disease"))
        except Refused:
            return not_found(scope, uid)
        return as_json(body_of(book, found))


def _chain(book: Book, scope: str, uid: str, disease: str | None) -> Chain:
    if scope == "enrollment":
        return chain.of_case(book, uid)
    if scope == "cluster":
        return chain.of_cluster(book, uid)
    unit = book.units.by_uid.get(uid) or book.units.by_code.get(uid)
    owners = set(book.units.descendants(unit.id)) if unit else set()
    if unit is None or not owners & set(book.work.reach.read):
        raise Refused("T003", status=404)
    return chain.of_kommune(book, owners, disease="" if disease == "ALL" else disease or None)


def body_of(book: Book, found: Chain) -> Body:
    """The chain as JSON: days as ISO text, ends by enrollment."""
    counts = found.count_of
    summary = found.summary
    return {
        "people": [_person(book, case, counts.get(case.enrollment, 0)) for case in _ordered(found)],
        "links": [_link(one) for one in found.links if not one.proposed],
        "proposed": [_link(one) for one in found.links if one.proposed],
        "clusters": [
            {
                "enrollment": one.enrollment,
                "trackedEntity": one.tracked_entity,
                "name": one.name,
                "nature": one.nature,
                "kind": one.kind,
                "start": one.start.isoformat() if one.start else None,
            }
            for one in found.clusters.values()
        ],
        "away": [
            {"id": one.id, "orgUnitName": one.kommune, "isSource": one.is_source}
            for one in found.away
        ],
        "infected": [
            {"enrollment": uid, "count": count} for uid, count in summary.infected if count
        ],
        "summary": {
            "cases": summary.cases,
            "links": summary.links,
            "peopleWithSource": summary.with_source,
            "onsetInterval": {
                "links": len(summary.intervals.days),
                "mean": summary.intervals.mean,
                "median": summary.intervals.median,
            },
            "reproduction": _estimate(summary.spread.mean),
            "dispersion": _estimate(summary.spread.dispersion),
            "diseases": dict(found.diseases),
            "truncated": found.more,
        },
    }


def _ordered(found: Chain) -> list[CaseNode]:
    return sorted(found.cases.values(), key=lambda c: (str(c.day or "9"), c.enrollment))


def _person(book: Book, case: CaseNode, infected: int) -> Body:
    return {
        "enrollment": case.enrollment,
        "trackedEntity": case.tracked_entity,
        "caseNumber": case.number,
        "name": case.name,
        "sourceId": case.source_id or None,
        "age": case.age,
        "onset": case.onset.isoformat() if case.onset else None,
        "day": case.day.isoformat() if case.day else None,
        "status": case.status,
        "disease": case.disease or None,
        "orgUnit": book.units.by_id[case.owner].uid,
        "infected": infected,
    }


def _link(one: Link) -> Body:
    return {
        "source": one.source,
        "infected": one.infected,
        "kind": one.kind,
        "certainty": one.certainty or None,
        "says": one.says or None,
        "setting": one.setting or None,
        "event": one.event or None,
    }


def _estimate(found: Estimate | None) -> Body | None:
    if found is None:
        return None
    return {"value": found.value, "low": found.low, "high": found.high}
