"""`POST /api/{type}/merge`: several objects of a kind become one. What that means is metadata/merge.py's."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.access import authorities
from smittesporing.access.reach import CLIENT, Reach
from smittesporing.metadata import merge
from smittesporing.metadata.incoming import Manner
from smittesporing.metadata.kinds import KINDS
from smittesporing.metadata.merge import MERGED, WITH_DATA, Wish
from smittesporing.metadata.report import Refusal, Report
from smittesporing.tracker.used import in_use
from smittesporing.uid import is_uid
from smittesporing.web.api.asking import asked, imported
from smittesporing.web.api.envelope import Stopped, door, read_object, web_message
from smittesporing.web.working import reach_of

_STRATEGIES = ("LAST_UPDATED", "DISCARD")


@door
def merge_objects(request: Request) -> Response:
    """POST /api/{type}/merge: what refers to the sources refers to the target, which is all or nothing.

    Shape   `sources`, `target`, `deleteSources` (false), and for what data may hold
            `dataMergeStrategy`, which has nothing to choose between here: objects with records
            are not merged.
    """
    plural = request.path_params["type"]
    if plural not in MERGED:
        raise Stopped(web_message(405, f"There is no merging of {plural}."))
    reach = _merger(reach_of(request), MERGED[plural])
    stated = read_object(request)
    wish = _wish(plural, stated.get("sources"), stated.get("target"))
    delete = str(stated.get("deleteSources")).lower() == "true"
    with asked(request) as (connection, world):
        used = {uid: in_use(connection, plural, uid) for uid in wish.sources}
        refused = list(merge.refusals(wish, world.metadata, used))
        if plural in WITH_DATA and stated.get("dataMergeStrategy") not in _STRATEGIES:
            refused.append(Refusal("E1534", (), "dataMergeStrategy"))
        if refused:
            raise Stopped(_refused(plural, refused))
        form = merge.crowded(wish, world.metadata)
        if form is not None:
            raise Stopped(web_message(409, f"`{form}` would ask the same question twice."))
        payload = merge.changed(wish, world.metadata)
        _done(plural, imported(request, connection, payload, Manner(strategy="UPDATE"), reach))
        if delete:
            leaving = {plural: [{"id": uid} for uid in wish.sources]}
            manner = Manner(strategy="DELETE")
            _done(plural, imported(request, connection, leaving, manner, reach))
    gone = list(wish.sources) if delete else []
    return web_message(200, response=_report(plural, "complete", [], gone))


def _merger(reach: Reach, authority: str) -> Reach:
    """Her reach, for the length of a merge without regard to whose each object is, as DHIS2 has it.

    Errors  `Stopped` with 403 when she has not the authority, nor writes configuration by her own role.
    """
    own = reach.role != CLIENT and reach.may("metadata")
    if not own and not authorities.holds(reach, authority):
        message = f"Access is denied, requires one Authority from [{authority}]"
        raise Stopped(web_message(403, message))
    return replace(reach, authorities=reach.authorities | {"ALL"})


def _wish(plural: str, sources: object, target: object) -> Wish:
    """Errors  `Stopped` with 400 for what is no identifier."""
    named = sources if isinstance(sources, list) else [] if sources is None else [sources]
    for uid in [*named, *([] if target is None else [target])]:
        if not is_uid(uid):
            message = "UID must be an alphanumeric string of 11 characters starting with a letter."
            raise Stopped(web_message(400, message))
    return Wish(
        plural, tuple(dict.fromkeys(map(str, named))), None if target is None else str(target)
    )


def _done(plural: str, report: Report) -> None:
    """Errors  `Stopped` with the report of a merge that the import refused; nothing is written."""
    refused = [refusal for each in report.objects for refusal in each.refusals]
    if refused:
        raise Stopped(_refused(plural, refused))


def _refused(plural: str, refused: list[Refusal]) -> Response:
    message = "One or more errors occurred, please see full details in merge report."
    response = _report(plural, "has errors", refused, [])
    return web_message(409, message, level="WARNING", response=response)


def _report(
    plural: str, outcome: str, refused: list[Refusal], deleted: list[str]
) -> dict[str, object]:
    called = KINDS[plural].klass.rpartition(".")[2]
    errors = [
        {"message": each.sentence, "errorCode": each.code, "args": list(each.args)}
        for each in refused
    ]
    return {
        "mergeReport": {
            "mergeErrors": errors,
            "mergeType": called,
            "sourcesDeleted": deleted,
            "message": f"{called} merge {outcome}",
        }
    }
