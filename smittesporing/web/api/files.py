"""`/api/fileResources`, and the files that values of records name.

What may be kept and who may read it is tracker/files.py's.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata import fields, filters, store
from smittesporing.settings import OSLO
from smittesporing.tracker import files
from smittesporing.tracker.files import DOMAINS, IMAGES, LARGEST, File
from smittesporing.uid import is_uid, new_uid
from smittesporing.web.api.envelope import (
    Stopped,
    as_json,
    choice,
    door,
    fields_of,
    not_found,
    paged,
    web_message,
)
from smittesporing.web.api.images import DIMENSIONS, NoPicture, check, sized
from smittesporing.web.working import reach_of, work_of

# Shown in the browser itself; everything else is saved, whatever it says it is.
INLINE = IMAGES | {"application/pdf", "text/plain"}

# Pictures of users, which every page may show, are small and of kinds every browser knows.
FACES = frozenset(("image/jpeg", "image/png", "image/gif"))
LARGEST_FACE = 2_000_000


@door
def add(request: Request) -> Response:
    """POST /api/fileResources: multipart `file`; 202 with its card."""
    upload = getattr(request.state, "form", {}).get("file")
    if not isinstance(upload, UploadFile):
        raise Stopped(web_message(400, "The part `file` is missing"))
    domain = choice(request, "domain", DOMAINS)
    if domain in ("ICON", "ORG_UNIT") and not reach_of(request).may("metadata"):
        raise Stopped(web_message(403, f"Files of domain {domain} come with configuration"))
    uid = request.query_params.get("uid") or new_uid()
    if not is_uid(uid):
        raise Stopped(web_message(400, "uid is no identifier"))
    name, content_type, content = _part(upload, domain)
    with work_of(request, "files.add") as work:
        kept = files.add(work, uid, name, content_type, domain, content)
    if kept is None:
        raise Stopped(web_message(409, f"A file with id {uid} exists already", code="E1119"))
    response = {"responseType": "FileResource", "fileResource": card(kept)}
    return web_message(202, response=response)


@door
def listed(request: Request) -> Response:
    """GET /api/fileResources?filter=id:in:[…]: the cards of the files one may read, newest first."""
    conditions = [
        filters.parse(each)
        for text in request.query_params.getlist("filter")
        for each in filters.split(text)
    ]
    wanted: set[str] | None = None
    for condition in conditions:
        if condition.path != ("id",) or condition.operator not in ("eq", "in"):
            raise Stopped(web_message(400, "Files are chosen by id:in and id:eq", code="E1003"))
        named = {uid.strip() for uid in (condition.value or "").strip("[]").split(",")}
        wanted = named if wanted is None else wanted & named
    with work_of(request, "files.cards") as work:
        found = files.visible(work, wanted)
    page, head = paged(request, found)
    select = fields.choose(fields_of(request, "id,displayName"))
    return as_json({**head, "fileResources": [select(card(each)) for each in page]})


@door
def one(request: Request) -> Response:
    """GET /api/fileResources/{uid}: the card of a file one may read."""
    with work_of(request, "files.card") as work:
        found = files.own(work, request.path_params["uid"])
    if found is None:
        raise Stopped(not_found("FileResource", request.path_params["uid"]))
    return as_json(fields.choose(fields_of(request, "*"))(card(found)))


@door
def data(request: Request) -> Response:
    """GET /api/fileResources/{uid}/data?dimension=…: the bytes."""
    with work_of(request, "files.data") as work:
        found = files.own(work, request.path_params["uid"], whole=True)
    if found is None:
        raise Stopped(not_found("FileResource", request.path_params["uid"]))
    return sent(request, found)


@door
def of_event(request: Request) -> Response:
    """GET /api/tracker/events/{event}/dataValues/{item}/file and /image."""
    event, item = request.path_params["uid"], request.path_params["item"]
    with work_of(request, "tracker.file") as work:
        element = store.current(work.conn).data_elements.get(item)
        found = files.in_event(work, event, item) if element is not None else None
        _type_fits(request, element.value_type if element else "", "DataElement", item)
        if found is None:
            raise Stopped(not_found("File of event", event))
        return sent(request, found)


@door
def of_person(request: Request) -> Response:
    """GET /api/tracker/trackedEntities/{uid}/attributes/{item}/file and /image."""
    person, item = request.path_params["uid"], request.path_params["item"]
    with work_of(request, "tracker.file") as work:
        attribute = store.current(work.conn).attributes.get(item)
        found = files.of_person(work, person, item) if attribute is not None else None
        _type_fits(request, attribute.value_type if attribute else "", "Attribute", item)
        if found is None:
            raise Stopped(not_found("File of tracked entity", person))
        return sent(request, found)


def card(file: File) -> dict[str, Any]:
    """A file as a DHIS2 object, without its bytes."""
    at = file.created_at.astimezone(OSLO).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
    return {
        "id": file.uid,
        "name": file.name,
        "displayName": file.name,
        "created": at,
        "lastUpdated": at,
        "createdBy": {"id": file.created_by},
        "contentType": file.content_type,
        "contentLength": file.length,
        "contentMd5": file.md5,
        "storageStatus": "STORED",
        "hasMultipleStorageFiles": file.content_type in IMAGES,
        "domain": file.domain,
        "externalAccess": False,
        "favorite": False,
        "favorites": [],
        "translations": [],
        "attributeValues": [],
    }


def sent(request: Request, file: File) -> Response:
    """The file's bytes, in the size asked for where it is a picture."""
    dimension = choice(request, "dimension", ("ORIGINAL", *DIMENSIONS))
    content = file.content
    if dimension != "ORIGINAL":
        try:
            content = sized(content, file.content_type, dimension)
        except NoPicture:
            raise Stopped(web_message(409, "The file is no picture that can be sized")) from None
    how = "inline" if file.content_type in INLINE else "attachment"
    headers = {
        "content-disposition": f"{how}; filename*=UTF-8''{quote(file.name)}",
        "content-security-policy": "default-src 'none'; sandbox",
        "etag": f'"{file.md5}-{dimension}"',
    }
    return Response(content, media_type=file.content_type, headers=headers)


def _part(upload: UploadFile, domain: str) -> tuple[str, str, bytes]:
    """Name, kind and bytes of what was sent. Errors  `Stopped` for what is not kept."""
    face = domain == "USER_AVATAR"
    name = (upload.filename or "").replace("\\", "/").rsplit("/", 1)[-1].strip()[:200]
    if not name or any(ord(sign) < 32 for sign in name):
        raise Stopped(web_message(400, "The file has no name", code="E6100"))
    content_type = (upload.content_type or "").partition(";")[0].strip().lower()
    if not files.is_allowed(name, content_type) or (face and not _is_face(name, content_type)):
        raise Stopped(web_message(409, "Files of this kind are not kept", code="E6101"))
    most = LARGEST_FACE if face else LARGEST
    content = upload.file.read(most + 1)
    if len(content) > most:
        raise Stopped(web_message(409, f"A file of domain {domain} has at most {most} bytes"))
    if content_type in IMAGES:
        try:
            check(content, content_type)
        except NoPicture:
            raise Stopped(
                web_message(409, "The file is not the picture it says", code="E6101")
            ) from None
    return name, content_type, content


def _type_fits(request: Request, value_type: str, noun: str, uid: str) -> None:
    wanted = ("IMAGE",) if request.url.path.endswith("/image") else ("FILE_RESOURCE", "IMAGE")
    if value_type not in wanted:
        raise Stopped(not_found(f"{noun} of type {wanted[0]}", uid))


def _is_face(name: str, content_type: str) -> bool:
    return content_type in FACES and name.lower().endswith((".jpg", ".jpeg", ".png", ".gif"))
