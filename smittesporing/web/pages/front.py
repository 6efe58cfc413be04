"""The front address: each role goes to the page that answers "what now".

Called through web/routes.py. Also answers whether the service lives, for whoever watches it.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from smittesporing.web import session

FIRST_PAGES = (("people", "/i-dag"), ("administer", "/administrasjon"), ("agreements", "/administrasjon"),
               ("published", "/oversikt"))  # fmt: skip


def front(request: Request) -> Response:
    reach = request.state.reach
    if reach is None and "text/html" not in request.headers.get("accept", ""):
        # DHIS2's clients follow this address to find where the API is: a page for people is not there.
        return PlainTextResponse("Smittesporing")
    if reach is None:
        return RedirectResponse(session.SIGN_IN_PATH, 303)
    for action, path in FIRST_PAGES:
        if reach.may(action):
            return RedirectResponse(path, 303)
    return RedirectResponse("/arbeidssted", 303)


def health(request: Request) -> Response:
    """200 when the database answers; nothing about anybody."""
    with request.app.state.pool.connection() as connection:
        connection.execute("select 1")
    return JSONResponse({"status": "ok"})
