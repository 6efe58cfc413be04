"""Answers of the API made small for clients that say they can unpack them.

Only whole answers that went well: an error repeats what was asked, and what an attacker can repeat
beside data could tell her of it by its length. Called by app.py.
"""

import gzip

from starlette.requests import Request
from starlette.responses import Response

SMALLEST = 1024
# Little more is won by trying harder, and it takes twice the time.
EFFORT = 4
_PACKED = ("application/json", "text/csv")


def compressed(request: Request, answer: Response) -> Response:
    """The answer, gzipped where that is asked for and worth it."""
    body = getattr(answer, "body", b"")
    if (
        answer.status_code == 200
        and len(body) >= SMALLEST
        and request.url.path.startswith("/api")
        and answer.headers.get("content-type", "").startswith(_PACKED)
        and "content-encoding" not in answer.headers
        and _accepts(request)
    ):
        answer.body = gzip.compress(bytes(body), EFFORT, mtime=0)
        answer.headers["content-encoding"] = "gzip"
        answer.headers["content-length"] = str(len(answer.body))
        answer.headers.add_vary_header("accept-encoding")
    return answer


def _accepts(request: Request) -> bool:
    for each in request.headers.get("accept-encoding", "").split(","):
        name, _, weight = each.partition(";")
        if name.strip().lower() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
