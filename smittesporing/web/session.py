"""Sessions: who is signed in in this browser, in which kommune and role, and until when.

Rows in PostgreSQL, found by the hash of a random cookie, on the machine's own clock (decision 23). Knows
ID-porten only by the values oidc.py gives, and no page. Called by app.py for each request and by
pages/sign_in.py.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.access import org_units
from smittesporing.access.reach import Reach, reach_for
from smittesporing.access.users import User
from smittesporing.database import Connection, Pool
from smittesporing.settings import Settings
from smittesporing.tracker.confidential import seal, unseal
from smittesporing.web.id_token import Identity
from smittesporing.web.oidc import Started

IDLE, ABSOLUTE, GUEST = "30 minutes", "8 hours", "10 minutes"
SIGN_IN_SECONDS = 600
SIGN_IN_PATH = "/logg-inn"
_PATH = re.compile(r"/(?![/\\])[A-Za-z0-9\-._~!$&'()*+,;=:@%/?]*")
_CONTROL = re.compile(r"[\x00-\x20\\]")


@dataclass(frozen=True)
class Session:
    """A live session. `user` is None for one who signed in and is no user here (a guest)."""

    id_hash: bytes
    user: str | None
    working_in: int | None
    role: str | None
    issuer: str
    sid: str
    csrf: str


@dataclass(frozen=True)
class SignIn:
    """What was remembered while the browser was at ID-porten."""

    state: str
    nonce: str
    verifier: str
    next: str


def reach_of(request: Request) -> Reach | None:
    """The reach of whoever is signed in here; None when nobody is, or she may do nothing.

    Asked of the database for each request, so a role that is taken back is gone at once. Sets the
    request's `csrf`, `name` and `place`, for the frame around the page.
    """
    if cookie_name(request) not in request.cookies:
        return None
    with pool_of(request).connection() as connection:
        session = of(connection, request)
        if session is None or session.user is None:
            return None
        reach = reach_for(connection, session.user, session.working_in, session.role)
        if reach is None:
            return None
        request.state.name = reach.name
        if reach.working_in is not None:
            unit = org_units.current(connection).by_id.get(reach.working_in)
            is_kommune = unit is not None and unit.level == org_units.KOMMUNE_LEVEL
            request.state.place = (unit.name if unit else "") + (" kommune" if is_kommune else "")
        return reach


def of(connection: Connection, request: Request) -> Session | None:
    """The live session of the request's cookie. Being used keeps it alive; a minute is near enough."""
    secret = request.cookies.get(cookie_name(request), "")
    if not 20 <= len(secret) <= 100:
        return None
    row = connection.execute(
        """select s.id_hash, s.user_uid, s.working_in, s.role, s.issuer, s.sid,
                  s.seen_at < now() - interval '1 minute' as stale
             from web.session s left join access.user_account u on u.uid = s.user_uid
            where s.id_hash = %s and s.ended_at is null and s.expires_at > now()
              and s.seen_at > now() - %s::interval and not coalesce(u.disabled, false)""",
        (_hash(secret), IDLE),
    ).fetchone()
    if row is None:
        return None
    if row["stale"]:
        connection.execute(
            "update web.session set seen_at = now() where id_hash = %s", (row["id_hash"],)
        )
    request.state.csrf = csrf_of(secret)
    return Session(
        bytes(row["id_hash"]),
        row["user_uid"],
        row["working_in"],
        row["role"],
        row["issuer"],
        row["sid"],
        csrf_of(secret),
    )


def begin_sign_in(
    connection: Connection, request: Request, response: Response, started: Started, after: str
) -> None:
    """Remember a sign-in under way, bound to this browser by a cookie of its own.

    The cookie is kept if there is one, so that two tabs may sign in side by side.
    """
    name = cookie_name(request, "sign-in")
    browser = request.cookies.get(name, "")
    if not 20 <= len(browser) <= 100:
        browser = secrets.token_urlsafe(32)
    connection.execute("delete from web.sign_in where expires_at < now()")
    connection.execute(
        """insert into web.sign_in (state_hash, browser_hash, nonce, verifier, next)
           values (%s, %s, %s, %s, %s)""",
        (_hash(started.state), _hash(browser), started.nonce, started.verifier, safe_next(after)),
    )
    _set_cookie(request, response, name, browser, SIGN_IN_SECONDS)


def take_sign_in(connection: Connection, request: Request, state: str) -> SignIn | None:
    """The sign-in with that state, begun in this browser and not used before; it is used up now."""
    browser = request.cookies.get(cookie_name(request, "sign-in"), "")
    row = connection.execute(
        """delete from web.sign_in where state_hash = %s and browser_hash = %s and expires_at > now()
           returning nonce, verifier, next""",
        (_hash(state), _hash(browser)),
    ).fetchone()
    return SignIn(state, row["nonce"], row["verifier"], row["next"]) if row else None


def start(
    connection: Connection,
    request: Request,
    response: Response,
    identity: Identity,
    issuer: str,
    user: User | None,
) -> None:
    """A new session for this browser, whatever cookie it came with; the old one ends.

    One who is no user gets ten minutes as a guest: enough to type a one-time code, with her number
    sealed so that the code can make her a user.
    """
    key = settings_of(request).field_key
    end_of_cookie(connection, request, "signed in anew")
    forget_old(connection)
    secret = secrets.token_urlsafe(32)
    connection.execute(
        """insert into web.session
             (id_hash, user_uid, guest_number, issuer, sid, id_token, acr, auth_time, expires_at)
           values (%s, %s, %s, %s, %s, %s, %s, %s, now() + %s::interval)""",
        (
            _hash(secret),
            user.uid if user else None,
            None if user else seal(key, "web.session.number", identity.national_number),
            issuer,
            identity.sid,
            seal(key, "web.session.id_token", identity.id_token),
            identity.acr,
            datetime.fromtimestamp(identity.auth_time, UTC),
            ABSOLUTE if user else GUEST,
        ),
    )
    if user is not None:
        org_units.note(connection, user.uid, None, "session.started", {"acr": identity.acr})
    _set_cookie(request, response, cookie_name(request), secret)


def move(
    connection: Connection,
    request: Request,
    response: Response,
    session: Session,
    *,
    user: str,
    working_in: int | None = None,
    role: str | None = None,
) -> None:
    """The same sign-in under a new cookie: another kommune or role, or a guest who became a user.

    The end of the day stays where it was; a guest's ten minutes become the rest of eight hours.
    """
    secret = secrets.token_urlsafe(32)
    connection.execute(
        """insert into web.session (id_hash, user_uid, issuer, sid, id_token, acr, auth_time,
                                    working_in, role, started_at, expires_at)
           select %s, %s::text, issuer, sid, id_token, acr, auth_time, %s::int, %s::text, started_at,
                  started_at + %s::interval
             from web.session where id_hash = %s""",
        (_hash(secret), user, working_in, role, ABSOLUTE, session.id_hash),
    )
    _end(connection, "id_hash = %s", session.id_hash, "moved")
    _set_cookie(request, response, cookie_name(request), secret)


def guest_number(connection: Connection, request: Request, session: Session) -> str | None:
    """The national number of a guest, for making her a user; None for everybody else."""
    row = connection.execute(
        "select guest_number from web.session where id_hash = %s", (session.id_hash,)
    ).fetchone()
    if row is None or row["guest_number"] is None:
        return None
    return unseal(settings_of(request).field_key, "web.session.number", row["guest_number"])


def end_of_cookie(connection: Connection, request: Request, why: str) -> str | None:
    """End the session of the request's cookie; its id_token, for ending the one at ID-porten too."""
    secret = request.cookies.get(cookie_name(request), "")
    row = connection.execute(
        "select id_token from web.session where id_hash = %s and ended_at is null", (_hash(secret),)
    ).fetchone()
    if row is None:
        return None
    _end(connection, "id_hash = %s", _hash(secret), why)
    if row["id_token"] is None:
        return None
    return unseal(settings_of(request).field_key, "web.session.id_token", row["id_token"])


def end_by_sid(connection: Connection, issuer: str, sid: str) -> int:
    """End every session that came of one sign-in at the issuer; how many. Twice does no harm."""
    rows = connection.execute(
        """update web.session set ended_at = now(), ended_why = 'ended at the issuer',
                  id_token = null, guest_number = null
            where issuer = %s and sid = %s and ended_at is null returning id_hash""",
        (issuer, sid),
    ).fetchall()
    return len(rows)


def end_of_user(connection: Connection, user: str, why: str) -> None:
    """End every session of a user: she left, or an administrator says so."""
    _end(connection, "user_uid = %s", user, why)


def forget_old(connection: Connection) -> None:
    """Drop what sessions that are over need no more; the rows stay and say who was in when."""
    connection.execute(
        """update web.session set id_token = null, guest_number = null,
                  ended_at = coalesce(ended_at, expires_at), ended_why = coalesce(ended_why, 'expired')
            where expires_at < now() and (id_token is not null or guest_number is not null)"""
    )


def drop_cookie(request: Request, response: Response) -> None:
    response.delete_cookie(cookie_name(request), path="/", secure=is_https(request))


def csrf_of(secret: str) -> str:
    """The token that forms of this session carry: made from the cookie, and does not give it away."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


def csrf_ok(request: Request) -> bool:
    """Whether a write comes from one of our own pages: header X-CSRF-Token, or the field `csrf`.

    A browser that says the request comes from another site is refused whatever it carries. DHIS2's apps
    know no token: for the API it is enough that the browser says they are served from here and that they
    carry the header which no other site's page can add (decision 0037).
    """
    site = request.headers.get("sec-fetch-site", "")
    if site not in ("", "same-origin", "none"):
        return False
    secret = request.cookies.get(cookie_name(request), "")
    by_script = request.headers.get("x-requested-with") == "XMLHttpRequest"
    if site == "same-origin" and by_script and request.url.path.startswith("/api/"):
        return bool(secret)
    given = request.headers.get("x-csrf-token", "")
    form = getattr(request.state, "form", None)
    if not given and form is not None:
        given = str(form.get("csrf", ""))
    return bool(secret) and given.isascii() and hmac.compare_digest(given, csrf_of(secret))


def sign_in_path(request: Request) -> str:
    """Where to send one who is not signed in; she comes back to a page she asked to read."""
    if request.method != "GET" or request.headers.get("hx-request"):
        return SIGN_IN_PATH
    query = f"?{request.url.query}" if request.url.query else ""
    wanted = safe_next(request.url.path + query)
    return SIGN_IN_PATH if wanted == "/" else f"{SIGN_IN_PATH}?next={quote(wanted, safe='/')}"


def safe_next(wanted: str) -> str:
    """The address if it is a path of ours, otherwise the front page (P-16)."""
    plain = unquote(unquote(wanted))
    tricky = _CONTROL.search(wanted) or _CONTROL.search(plain.replace(" ", "")) or plain[1:2] == "/"
    if len(wanted) > 500 or not _PATH.fullmatch(wanted) or tricky:
        return "/"
    return wanted


def cookie_name(request: Request, kind: str = "") -> str:
    """`__Host-…` on https, which binds the cookie to this host; plain on loopback's http."""
    name = "smittesporing" + (f"-{kind}" if kind else "")
    return f"__Host-{name}" if is_https(request) else name


def is_https(request: Request) -> bool:
    """By the service's own address, not by the request: a proxy may speak http to us."""
    return settings_of(request).base_url.startswith("https://")


def settings_of(request: Request) -> Settings:
    chosen: Settings = request.app.state.settings
    return chosen


def pool_of(request: Request) -> Pool:
    pool: Pool = request.app.state.pool
    return pool


def _hash(secret: str) -> bytes:
    """Secrets are 256 random bits, so a plain hash is enough to make the row useless to a reader."""
    return hashlib.sha256(b"session|" + secret.encode()).digest()


def _set_cookie(
    request: Request, response: Response, name: str, value: str, seconds: int | None = None
) -> None:
    response.set_cookie(
        name, value, seconds, path="/", secure=is_https(request), httponly=True, samesite="lax"
    )


def _end(connection: Connection, where: str, value: object, why: str) -> None:
    connection.execute(
        f"""update web.session set ended_at = now(), ended_why = %s, id_token = null,
                   guest_number = null
             where {where} and ended_at is null""",  # noqa: S608 - two fixed conditions above
        (why, value),
    )
