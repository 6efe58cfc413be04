"""Signing in and out through the real service, the real stand-in ID-porten and a real PostgreSQL."""

import base64
import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from sandbox.people import Person
from sandbox.register import a_number
from sandbox.running import Started, free_socket, running, started
from smittesporing.access import org_units, users
from smittesporing.access.reach import Reach
from smittesporing.database import Connection, Pool
from smittesporing.settings import Settings
from smittesporing.web import basic, session
from smittesporing.web.app import NormalPaths, make_app

TRACER = Person("sporer", "Testperson Sporer", a_number(1, 5, 1988, 120))
STRANGER = Person("fremmed", "Testperson Fremmed", a_number(2, 5, 1988, 120))
WAITING = Person("venter", "Testperson Venter", a_number(3, 5, 1988, 120))
ROLELESS = Person("uten", "Testperson Uten", a_number(4, 5, 1988, 120))
BARRED = Person("sperret", "Testperson Sperret", a_number(5, 5, 1988, 120))
PEOPLE = (TRACER, STRANGER, WAITING, ROLELESS, BARRED)
TROMSO, HARSTAD, NOT_ACTIVE = "5501", "5503", "5520"
COOKIE = "smittesporing"


@dataclasses.dataclass(frozen=True)
class Service:
    """The running service and what stands behind it."""

    url: str
    settings: Settings
    stand_in: Started


@pytest.fixture(scope="module")
def service(settings: Settings, pool: Pool) -> Iterator[Service]:
    bound = free_socket()
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    with started(PEOPLE, service=url) as stand_in:
        chosen = dataclasses.replace(
            settings,
            base_url=url,
            issuer=stand_in.sandbox.issuer,
            client_id=stand_in.client_id,
            client_key=json.dumps(stand_in.client_key.as_dict(private=True)),
        )
        app = make_app(chosen, pool_size=4, raise_faults=True)
        with running(NormalPaths(app), bound, lifespan=True):  # type: ignore[arg-type]
            with pool.connection() as connection:
                set_the_scene(connection, chosen)
            yield Service(url, chosen, stand_in)


def set_the_scene(connection: Connection, settings: Settings) -> None:
    units = org_units.current(connection).by_code
    for person in (TRACER, WAITING, ROLELESS, BARRED):
        users.add(
            connection,
            settings,
            username=person.username,
            first_name="Testperson",
            surname=person.username,
            national_number=person.national_number,
        )
    for code in (TROMSO, HARSTAD):
        connection.execute(
            """insert into access.agreement (org_unit, ssa_l_signed_on, annex_signed_on, activated_at)
               values (%s, '2020-05-01', '2020-05-01', now())""",
            (units[code].id,),
        )
    for person, code, role in (
        (TRACER, TROMSO, "tracer"),
        (TRACER, HARSTAD, "kommuneoverlege"),
        (BARRED, TROMSO, "tracer"),
        (WAITING, NOT_ACTIVE, "tracer"),
    ):
        user = users.by_username(connection, person.username)
        assert user is not None
        users.grant(connection, user.uid, units[code].id, role)
    connection.execute("update access.user_account set disabled = true where username = 'sperret'")


@pytest.fixture
def browser(service: Service) -> Iterator[httpx.Client]:
    with new_browser(service) as client:
        yield client


def new_browser(service: Service) -> httpx.Client:
    return httpx.Client(base_url=service.url, trust_env=False, timeout=10)


def to_provider(browser: httpx.Client, after: str = "/") -> str:
    """Begin a sign-in; the address at ID-porten where the browser is sent."""
    answer = browser.get("/logg-inn/start", params={"next": after})
    assert answer.status_code == 303
    return answer.headers["location"]


def choose(browser: httpx.Client, address: str, person: Person, acr: str = "") -> str:
    """Fill in ID-porten's form; the address back at the service."""
    shown = browser.get(address)
    if shown.status_code == 303:
        return shown.headers["location"]
    hidden = dict(re.findall(r'name="(request_uri|client_id)" value="([^"]+)"', shown.text))
    form = {**hidden, "person": person.username, "acr": acr or "idporten-loa-high"}
    origin = f"{urlsplit(address).scheme}://{urlsplit(address).netloc}"
    answer = browser.post(origin + "/idporten/login", data=form)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def sign_in(browser: httpx.Client, person: Person, after: str = "/") -> httpx.Response:
    return browser.get(choose(browser, to_provider(browser, after), person))


def csrf(browser: httpx.Client) -> str:
    return session.csrf_of(browser.cookies[COOKIE])


def signed_in(browser: httpx.Client) -> bool:
    return browser.get("/arbeidssted").status_code == 200


def test_one_who_signs_in_comes_to_the_page_she_asked_for(
    service: Service, browser: httpx.Client
) -> None:
    turned_away = browser.get("/arbeidssted?a=1")
    assert turned_away.status_code == 303
    wanted = parse_qs(urlsplit(turned_away.headers["location"]).query)["next"][0]
    arrived = sign_in(browser, TRACER, wanted)
    assert (arrived.status_code, arrived.headers["location"]) == (303, "/arbeidssted?a=1")
    page = browser.get("/arbeidssted")
    assert page.status_code == 200 and "Tromsø" in page.text


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(
    service: Service, browser: httpx.Client
) -> None:
    arrived = sign_in(browser, TRACER)
    cookie = next(c for c in arrived.headers.get_list("set-cookie") if c.startswith(COOKIE + "="))
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
    assert "Domain" not in cookie and "Max-Age" not in cookie


def test_neither_number_nor_token_lies_readable_in_the_database(
    service: Service, browser: httpx.Client, owner: Connection
) -> None:
    sign_in(browser, TRACER)
    sign_in(browser, STRANGER)
    for table in ("web.session", "web.sign_in", "access.change", "access.user_account"):
        rows = owner.execute(f"select * from {table}").fetchall()
        text = str(rows)
        assert TRACER.national_number not in text and STRANGER.national_number not in text
        assert "eyJ" not in text and browser.cookies[COOKIE] not in text


def test_signing_in_again_changes_the_cookie_and_ends_the_old_session(
    service: Service, browser: httpx.Client
) -> None:
    sign_in(browser, TRACER)
    before = browser.cookies[COOKIE]
    sign_in(browser, TRACER)
    assert browser.cookies[COOKIE] != before
    with new_browser(service) as thief:
        thief.cookies.set(COOKIE, before)
        assert not signed_in(thief)


def test_a_cookie_planted_before_the_sign_in_is_worth_nothing(
    service: Service, browser: httpx.Client
) -> None:
    planted = "planted-by-somebody-else-0123456789"
    browser.cookies.set(COOKIE, planted)
    answer = sign_in(browser, TRACER)
    assert f"{COOKIE}={planted}" not in str(answer.headers)
    with new_browser(service) as thief:
        thief.cookies.set(COOKIE, planted)
        assert not signed_in(thief)


def test_an_answer_works_once_and_only_in_the_browser_that_asked(
    service: Service, browser: httpx.Client
) -> None:
    back = choose(browser, to_provider(browser), TRACER)
    with new_browser(service) as thief:
        stolen = thief.get(back)
        assert stolen.status_code == 400 and "for gammel" in stolen.text
    assert browser.get(back).status_code == 303
    again = browser.get(back)
    assert again.status_code == 400 and "set-cookie" not in again.headers


def test_an_answer_of_ten_minutes_ago_is_too_old(
    service: Service, browser: httpx.Client, owner: Connection
) -> None:
    back = choose(browser, to_provider(browser), TRACER)
    owner.execute("update web.sign_in set expires_at = now() - interval '1 second'")
    assert browser.get(back).status_code == 400


def test_two_tabs_may_sign_in_side_by_side(service: Service, browser: httpx.Client) -> None:
    one, two = to_provider(browser), to_provider(browser)
    first = choose(browser, one, TRACER)
    second = choose(browser, two, TRACER)
    assert browser.get(first).status_code == 303
    assert browser.get(second).status_code == 303
    assert signed_in(browser)


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        ({}, 400, "for gammel"),
        ({"state": "unknown", "code": "x"}, 400, "for gammel"),
    ],
)
def test_an_answer_nobody_asked_for_gets_a_page_and_no_session(
    service: Service, browser: httpx.Client, answer: dict[str, str], status: int, words: str
) -> None:
    page = browser.get("/logg-inn/tilbake", params=answer)
    assert page.status_code == status and words in page.text
    assert COOKIE not in browser.cookies


def test_one_who_cancels_is_told_that_nothing_has_changed(
    service: Service, browser: httpx.Client
) -> None:
    address = to_provider(browser)
    back = browser.get(address.replace("/authorize", "/authorize"))
    hidden = dict(re.findall(r'name="(request_uri|client_id)" value="([^"]+)"', back.text))
    origin = f"{urlsplit(address).scheme}://{urlsplit(address).netloc}"
    cancelled = browser.post(origin + "/idporten/login", data={**hidden, "cancel": "1"})
    page = browser.get(cancelled.headers["location"])
    assert page.status_code == 200 and "Du avbrøt innloggingen" in page.text


def test_a_lower_level_is_refused_with_its_own_page(
    service: Service, browser: httpx.Client
) -> None:
    back = choose(browser, to_provider(browser), TRACER, "idporten-loa-substantial")
    page = browser.get(back)
    assert page.status_code == 403 and "høyt sikkerhetsnivå" in page.text
    assert COOKIE not in browser.cookies


def test_one_who_is_no_user_is_told_who_can_let_her_in(
    service: Service, browser: httpx.Client
) -> None:
    arrived = sign_in(browser, STRANGER)
    assert arrived.headers["location"] == "/adgang"
    page = browser.get("/adgang")
    assert page.status_code == 403 and "Administratoren for smittesporing" in page.text
    assert STRANGER.national_number not in page.text
    assert not signed_in(browser)


def test_a_user_without_a_role_is_told_so(service: Service, browser: httpx.Client) -> None:
    sign_in(browser, ROLELESS)
    page = browser.get("/adgang")
    assert page.status_code == 403 and "Du har ingen rolle ennå" in page.text


def test_a_disabled_user_gets_no_session(service: Service, browser: httpx.Client) -> None:
    page = sign_in(browser, BARRED)
    assert page.status_code == 403 and "sperret" in page.text
    assert COOKIE not in browser.cookies


def test_before_the_kommune_is_active_the_page_says_what_is_missing_and_who_can_fix_it(
    service: Service, browser: httpx.Client, owner: Connection
) -> None:
    sign_in(browser, WAITING)
    page = browser.get("/adgang")
    assert page.status_code == 403
    assert "SSA-L for Fiks-plattformen er signert" in page.text and "KS registrerer" in page.text
    assert not signed_in(browser)
    unit = org_units.current(owner).by_code[NOT_ACTIVE]
    owner.execute(
        """insert into access.agreement (org_unit, ssa_l_signed_on, annex_signed_on, activated_at)
           values (%s, '2020-05-01', '2020-05-01', now())""",
        (unit.id,),
    )
    assert browser.get("/adgang").status_code == 303 and signed_in(browser)
    owner.execute("delete from access.agreement where org_unit = %s", (unit.id,))
    assert not signed_in(browser)


def test_a_one_time_code_makes_the_first_ks_user_once(
    service: Service, browser: httpx.Client, owner: Connection
) -> None:
    code = users.make_code(owner)
    sign_in(browser, STRANGER)
    guest = browser.cookies[COOKIE]
    form = {"csrf": csrf(browser), "first_name": "Test", "surname": "Ås Øby", "code": "wrong"}
    refused = browser.post("/adgang/kode", data=form)
    assert "kode-feil" in refused.headers["location"]
    assert users.by_username(owner, "test.asoby") is None
    from_elsewhere = browser.post("/adgang/kode", data={**form, "code": code, "csrf": ""})
    assert from_elsewhere.status_code == 403
    done = browser.post("/adgang/kode", data={**form, "code": code})
    assert done.headers["location"] == "/"
    assert browser.cookies[COOKIE] != guest and signed_in(browser)
    assert users.by_username(owner, "test.asoby") is not None
    assert "KS" in browser.get("/arbeidssted").text
    owner.execute("delete from access.user_account where username = 'test.asoby'")


def test_choosing_another_place_changes_the_cookie_and_the_reach(
    service: Service, browser: httpx.Client, owner: Connection
) -> None:
    sign_in(browser, TRACER)
    before = browser.cookies[COOKIE]
    unit = org_units.current(owner).by_code[HARSTAD]
    form = {"kommune": unit.uid, "role": "kommuneoverlege", "csrf": csrf(browser)}
    assert browser.post("/arbeidssted", data=form | {"csrf": "wrong"}).status_code == 403
    assert browser.post("/arbeidssted", data=form | {"role": "superuser"}).status_code == 403
    assert browser.post("/arbeidssted", data=form).status_code == 303
    assert browser.cookies[COOKIE] != before
    assert "kommuneoverlege" in browser.get("/arbeidssted").text
    with new_browser(service) as old:
        old.cookies.set(COOKIE, before)
        assert not signed_in(old)


def test_a_role_that_is_taken_back_is_gone_at_once(
    service: Service, browser: httpx.Client, owner: Connection
) -> None:
    user = users.by_username(owner, ROLELESS.username)
    unit = org_units.current(owner).by_code[TROMSO]
    assert user is not None
    users.grant(owner, user.uid, unit.id, "tracer")
    sign_in(browser, ROLELESS)
    assert signed_in(browser)
    users.end(owner, user.uid, unit.id, "tracer")
    assert not signed_in(browser)


def test_a_user_who_is_disabled_is_out_at_once(
    service: Service, browser: httpx.Client, owner: Connection
) -> None:
    sign_in(browser, TRACER)
    owner.execute("update access.user_account set disabled = true where username = 'sporer'")
    assert not signed_in(browser)
    owner.execute("update access.user_account set disabled = false where username = 'sporer'")


@pytest.mark.parametrize(
    ("change", "alive"),
    [
        ("seen_at = now() - interval '29 minutes'", True),
        ("seen_at = now() - interval '31 minutes'", False),
        ("expires_at = now() + interval '1 minute'", True),
        ("expires_at = now() - interval '1 second'", False),
    ],
)
def test_a_session_ends_after_half_an_hour_unused_and_eight_hours_in_all(
    service: Service, browser: httpx.Client, owner: Connection, change: str, alive: bool
) -> None:
    sign_in(browser, TRACER)
    owner.execute(f"update web.session set {change} where ended_at is null")
    assert signed_in(browser) is alive


def test_being_used_keeps_a_session_alive_but_never_past_its_end(
    service: Service, browser: httpx.Client, owner: Connection
) -> None:
    sign_in(browser, TRACER)
    owner.execute("update web.session set seen_at = now() - interval '20 minutes'")
    assert signed_in(browser)
    row = owner.execute(
        """select now() - seen_at < interval '1 minute' as fresh,
                  expires_at - started_at = interval '8 hours' as eight
             from web.session where ended_at is null order by started_at desc limit 1"""
    ).fetchone()
    assert row == {"fresh": True, "eight": True}


def test_signing_out_ends_both_sessions(service: Service, browser: httpx.Client) -> None:
    sign_in(browser, TRACER)
    cookie = browser.cookies[COOKIE]
    assert browser.post("/logg-ut").status_code == 403
    assert signed_in(browser)
    page = browser.post("/logg-ut", data={"csrf": csrf(browser)})
    assert page.status_code == 200 and COOKIE not in browser.cookies
    assert service.stand_in.sandbox.origin in page.headers["content-security-policy"]
    with new_browser(service) as thief:
        thief.cookies.set(COOKIE, cookie)
        assert not signed_in(thief)
    target = re.search(r'action="(http[^"]+/logout)"', page.text)
    assert target is not None
    fields = dict(re.findall(r'type="hidden" name="([a-z_]+)" value="([^"]+)"', page.text))
    out = browser.post(target[1], data=fields)
    assert out.status_code == 303 and out.headers["location"].endswith("/logget-ut")
    assert "Du er logget ut" in browser.get(out.headers["location"]).text
    # ID-porten asks who it is again: its own session is over too.
    assert browser.get(to_provider(browser)).status_code == 200


def test_the_back_button_after_signing_out_shows_nothing(
    service: Service, browser: httpx.Client
) -> None:
    sign_in(browser, TRACER)
    page = browser.get("/arbeidssted")
    assert page.headers["cache-control"] == "no-store"
    browser.post("/logg-ut", data={"csrf": csrf(browser)})
    assert browser.get("/arbeidssted").status_code == 303


def sid_of(service: Service) -> str:
    sessions = service.stand_in.sandbox.provider._sessions
    return list(sessions.values())[-1].sid


def test_a_front_channel_logout_needs_no_cookie(service: Service, browser: httpx.Client) -> None:
    sign_in(browser, TRACER)
    issuer = service.stand_in.sandbox.issuer
    with httpx.Client(base_url=service.url, trust_env=False) as frame:
        wrong = {"iss": "https://idporten.no", "sid": sid_of(service)}
        assert frame.get("/logg-ut/front", params=wrong).status_code == 200
        assert signed_in(browser)
        right = {"iss": issuer, "sid": sid_of(service)}
        for _ in range(2):
            assert frame.get("/logg-ut/front", params=right).status_code == 200
    assert not signed_in(browser)


def test_a_back_channel_logout_ends_the_session_and_a_forged_one_does_not(
    service: Service, browser: httpx.Client
) -> None:
    sign_in(browser, TRACER)
    provider = service.stand_in.sandbox.provider
    client = provider.clients[service.stand_in.client_id]
    notice = provider.logout_token(client, list(provider._sessions.values())[-1])
    claims = json.loads(base64.urlsafe_b64decode(notice.split(".")[1] + "=="))
    forged = jwt.encode(
        {"alg": "RS256", "kid": provider.keys.current.kid}, claims, service.stand_in.client_key
    )
    with httpx.Client(base_url=service.url, trust_env=False) as server:
        for bad in ("", "x", forged):
            answer = server.post("/logg-ut/bak", data={"logout_token": bad})
            assert answer.status_code == 400
        assert server.post("/logg-ut/bak").status_code == 400
        assert signed_in(browser)
        for _ in range(2):
            answer = server.post("/logg-ut/bak", data={"logout_token": notice})
            assert answer.status_code == 200
    assert not signed_in(browser)


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%09/evil.example",
        "/%2F/evil.example",
        "/%5Cevil.example",
        "/%252F%252Fevil.example",
        "https://evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        " /a",
        "/ /evil.example",
        "/\t/evil.example",
        "/\r\nset-cookie: a=b",
        "/a%0d%0aset-cookie:%20a=b",
        "/\u2028",
        "evil.example",
        "@evil.example",
        ".evil.example",
        "",
        "/" + "a" * 600,
    ],
)
def test_no_address_outside_the_service_is_gone_to_after_the_sign_in(wanted: str) -> None:
    assert session.safe_next(wanted) == "/"


@pytest.mark.parametrize("wanted", ["/", "/i-dag", "/oversikt?uke=2022-3&kommune=5501", "/a/b-c_d"])
def test_an_address_of_ours_is_kept(wanted: str) -> None:
    assert session.safe_next(wanted) == wanted


def request_to(settings: Settings, headers: dict[str, str], path: str = "/") -> Request:
    app = Starlette()
    app.state.settings = settings
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "app": app, "method": "POST", "path": path, "headers": raw})


def test_on_https_the_cookie_is_bound_to_the_host_and_sent_encrypted_only(
    settings: Settings,
) -> None:
    secure = dataclasses.replace(settings, base_url="https://smittesporing.example.no")
    request, response = request_to(secure, {}), Response()
    session._set_cookie(request, response, session.cookie_name(request), "secret")
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-smittesporing=secret;")
    assert "Secure" in cookie and "HttpOnly" in cookie and "Domain" not in cookie


@pytest.mark.parametrize(
    ("headers", "accepted"),
    [
        ({}, False),
        ({"x-csrf-token": "wrong"}, False),
        ({"x-csrf-token": session.csrf_of("other")}, False),
        ({"x-csrf-token": session.csrf_of("secret")}, True),
        ({"x-csrf-token": session.csrf_of("secret"), "sec-fetch-site": "same-origin"}, True),
        ({"x-csrf-token": session.csrf_of("secret"), "sec-fetch-site": "cross-site"}, False),
        ({"x-csrf-token": session.csrf_of("secret"), "sec-fetch-site": "same-site"}, False),
    ],
    # By keys alone: values hold fresh secrets, and a test has one name in every process.
    ids=lambda values: "-".join(map(str, values)) if isinstance(values, dict) else str(values),
)
def test_a_write_must_come_from_a_page_of_ours(
    settings: Settings, headers: dict[str, str], accepted: bool
) -> None:
    request = request_to(settings, {"cookie": f"{COOKIE}=secret", **headers})
    assert session.csrf_ok(request) is accepted
    assert not session.csrf_ok(request_to(settings, headers))


@pytest.mark.parametrize(
    ("path", "headers", "accepted"),
    [
        ("/api/metadata", {"sec-fetch-site": "same-origin"}, True),
        ("/api/metadata", {"sec-fetch-site": "same-site"}, False),
        ("/api/metadata", {"sec-fetch-site": "cross-site"}, False),
        ("/api/metadata", {"sec-fetch-site": "none"}, False),
        ("/api/metadata", {}, False),
        ("/apiary", {"sec-fetch-site": "same-origin"}, False),
        ("/personer/ny", {"sec-fetch-site": "same-origin"}, False),
    ],
)
def test_an_app_of_dhis2_served_from_here_writes_without_a_token(
    settings: Settings, path: str, headers: dict[str, str], accepted: bool
) -> None:
    script = {"x-requested-with": "XMLHttpRequest"}
    signed_in = {"cookie": f"{COOKIE}=secret"}
    assert session.csrf_ok(request_to(settings, signed_in | script | headers, path)) is accepted
    assert not session.csrf_ok(request_to(settings, signed_in | headers, path))
    assert not session.csrf_ok(request_to(settings, script | headers, path))


def header(name: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


@pytest.fixture
def machine(pool: Pool, as_role: Callable[..., Reach], settings: Settings) -> Iterator[str]:
    """A user with the password `right`."""
    basic.MEMORY.forget()
    with pool.connection() as connection:
        if users.by_username(connection, "maskin") is None:
            users.add(
                connection,
                settings,
                username="maskin",
                first_name="M",
                surname="M",
                password="right:with:colons",
            )
    as_role("tracer", TROMSO, "maskin")
    yield "maskin"
    basic.MEMORY.forget()


def test_a_right_password_is_remembered_for_a_minute_and_a_wrong_one_never_helps(
    pool: Pool, machine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    ask = users.by_password

    def counted(*words: object) -> object:
        asked.append(1)
        return ask(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(users, "by_password", counted)
    with pool.connection() as connection:
        assert basic.user_of(connection, machine, "wrong") is None
        uid = basic.user_of(connection, machine, "right:with:colons")
        assert uid is not None
        for _ in range(5):
            assert basic.user_of(connection, machine, "right:with:colons") == uid
        assert len(asked) == 2
        assert basic.user_of(connection, machine, "right:with:colon") is None
        monkeypatch.setattr(basic, "REMEMBERED_SECONDS", -1.0)
        basic.MEMORY.forget()
        basic.user_of(connection, machine, "right:with:colons")
        basic.user_of(connection, machine, "right:with:colons")
        assert len(asked) == 5


def test_a_name_that_is_guessed_at_is_refused_for_a_while(pool: Pool, machine: str) -> None:
    with pool.connection() as connection:
        for _ in range(10):
            basic.MEMORY.wrong(machine)
        with pytest.raises(Exception, match="T013"):
            basic.user_of(connection, machine.upper(), "right:with:colons")


@pytest.mark.parametrize(
    ("given", "pair"),
    [
        (header("a", "b:c")["authorization"], ("a", "b:c")),
        (header("a", "blåbær")["authorization"], ("a", "blåbær")),
        ("basic " + base64.b64encode(b"a:").decode(), ("a", "")),
        ("", None),
        ("Basic", None),
        ("Basic !!!!", None),
        ("Basic " + base64.b64encode(b"no colon").decode(), None),
        ("Basic " + base64.b64encode(b":password").decode(), None),
        ("Basic " + base64.b64encode(b"\xff:\xff").decode(), None),
        ("Bearer abc", None),
        ("Basic " + "A" * 2000, None),
    ],
)
def test_credentials_are_read_or_passed_over(given: str, pair: tuple[str, str] | None) -> None:
    assert basic.credentials(given) == pair
