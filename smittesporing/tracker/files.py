"""Files that clients send, and the ones that values of records name.

A file belongs to who sent it until a record names it; then it is read as part of the record, and reading
it is reading the person. Row-level security repeats both. Called by web/api/files.py and icons.py.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from smittesporing.access.work import Work
from smittesporing.tracker.read import locate
from smittesporing.tracker.records import EVENT, TRACKED_ENTITY

LARGEST = 10_000_000
DOMAINS = ("DATA_VALUE", "DOCUMENT", "MESSAGE_ATTACHMENT", "USER_AVATAR", "ORG_UNIT", "ICON")
IMAGES = frozenset(("image/png", "image/jpeg", "image/gif", "image/webp"))
# What may be kept: pictures, sound, documents. Nothing that a browser would run.
ALLOWED = IMAGES | {
    *("application/pdf", "application/json", "application/xml", "application/zip", "text/plain"),
    *("text/csv", "application/msword", "application/vnd.ms-excel", "application/octet-stream"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    *("application/vnd.oasis.opendocument.text", "audio/mpeg", "audio/mp4", "audio/ogg"),
    *("audio/wav", "video/mp4", "video/webm", "application/geo+json"),
}
FORBIDDEN_ENDINGS = (
    *(".html", ".htm", ".xhtml", ".svg", ".js", ".mjs", ".css", ".exe", ".bat", ".cmd", ".sh"),
    *(".jar", ".msi", ".ps1", ".vbs", ".scr", ".com", ".dll", ".php", ".py"),
)


@dataclass(frozen=True)
class File:
    """One file; `content` is empty where only its card is asked for."""

    uid: str
    name: str
    content_type: str
    length: int
    md5: str
    domain: str
    created_by: str
    created_at: datetime
    content: bytes = b""


_CARD = "uid, name, content_type, length, md5, domain, created_by, created_at"


def is_allowed(name: str, content_type: str) -> bool:
    """Whether a file of that name and kind may be kept."""
    return content_type in ALLOWED and not name.lower().endswith(FORBIDDEN_ENDINGS)


def add(
    work: Work, uid: str, name: str, content_type: str, domain: str, content: bytes
) -> File | None:
    """Keep the file as the sender's; None when the uid is taken."""
    row = work.conn.execute(
        f"""insert into tracker.file_resource
              (uid, name, content_type, length, md5, domain, content, created_by)
            values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing
            returning {_CARD}""",  # noqa: S608
        (
            uid,
            name,
            content_type,
            len(content),
            hashlib.md5(content, usedforsecurity=False).hexdigest(),
            domain,
            content,
            work.reach.user,
        ),
    ).fetchone()
    return File(**row) if row else None


def own(work: Work, uid: str, *, whole: bool = False) -> File | None:
    """A file the asker sent within a day, or one that says nothing of people."""
    columns = f"{_CARD}, content" if whole else _CARD
    row = work.conn.execute(
        f"select {columns} from tracker.file_resource where uid = %s",  # noqa: S608
        (uid,),
    ).fetchone()
    return File(**row) if row else None


def visible(work: Work, uids: Collection[str] | None) -> list[File]:
    """The files that `own` would give, newest first; all of them, or those of these identifiers."""
    rows = work.conn.execute(
        f"""select {_CARD} from tracker.file_resource
             where %s::text is null or uid = any (string_to_array(%s, ','))
             order by created_at desc, uid""",  # noqa: S608
        (None if uids is None else ",", ",".join(sorted(uids or ()))),
    )
    return [File(**row) for row in rows]


def in_event(work: Work, event: str, data_element: str) -> File | None:
    """The file that a data value of an event names; leaves the person's log row."""
    return _of(work, EVENT, event, data_element)


def of_person(work: Work, tracked_entity: str, attribute: str) -> File | None:
    """The file that an attribute of a person names; leaves her log row."""
    return _of(work, TRACKED_ENTITY, tracked_entity, attribute)


def _of(work: Work, kind: str, record: str, item: str) -> File | None:
    place = locate(work, (record,)).get(record)
    if place is None or place[0] != kind:
        return None
    row = work.conn.execute(
        f"select {_CARD}, content from tracker.file_of(%s, %s, %s, %s)",  # noqa: S608
        (place[1], record, kind, item),
    ).fetchone()
    if row is None:
        return None
    work.saw((place[1],))
    return File(**row)
