"""The relying party against the stand-in ID-porten over loopback: the good way in, and every bad token.

Nothing is mocked: the provider is a real server that signs what the test tells it to.
"""

import base64
import dataclasses
import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jws, jwt
from joserfc.jwk import OctKey, RSAKey

from sandbox.keys import new_key
from sandbox.people import Person
from sandbox.provider import Draft, Tamper
from sandbox.register import a_number, check_digits
from sandbox.running import Started, started
from smittesporing.registers.transport import Transport
from smittesporing.settings import Clock, Missing, Settings
from smittesporing.web import oidc
from smittesporing.web.id_token import Identity, NotSignedIn
from smittesporing.web.oidc import RelyingParty

SERVICE = "http://127.0.0.1:8080"
TRACER = Person("sporer", "Testperson", a_number(1, 5, 1988, 120))
OTHER_KEY = new_key()


@pytest.fixture(scope="module")
def stand_in() -> Iterator[Started]:
    with started((TRACER,), service=SERVICE) as running:
        yield running


@pytest.fixture
def party(stand_in: Started) -> Iterator[RelyingParty]:
    stand_in.sandbox.provider.tamper = None
    transport = Transport(total=2.0)
    yield RelyingParty(
        transport,
        issuer=stand_in.sandbox.issuer,
        client_id=stand_in.client_id,
        key=stand_in.client_key,
        base_url=SERVICE,
        synthetic=True,
    )
    transport.close()


def walk(begun: oidc.Started) -> dict[str, str]:
    """What the browser brings back when it has been where it was sent."""
    with httpx.Client(follow_redirects=False, trust_env=False) as browser:
        answer = browser.get(begun.url)
    assert answer.status_code == 303, answer.text
    brought = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in brought.items()}


def begin(party: RelyingParty, level: str = "idporten-loa-high") -> oidc.Started:
    return party.start(login_hint=f"testid:{TRACER.national_number}_{level}")


def finish(party: RelyingParty, begun: oidc.Started, answer: dict[str, str]) -> Identity:
    return party.finish(answer, begun.state, begun.nonce, begun.verifier)


def sign_in(party: RelyingParty, level: str = "idporten-loa-high") -> Identity:
    begun = begin(party, level)
    return finish(party, begun, walk(begun))


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(NotSignedIn) as caught:
        act()
    assert TRACER.national_number not in str(caught.value)
    return caught.value.reason


def test_one_who_signs_in_is_known_by_her_number(party: RelyingParty) -> None:
    who = sign_in(party)
    assert who.national_number == TRACER.national_number
    assert who.acr == "idporten-loa-high" and who.sid
    assert abs(who.auth_time - time.time()) < 10
    assert TRACER.national_number not in repr(who)


def test_neither_number_nor_verifier_stands_in_the_address(party: RelyingParty) -> None:
    begun = party.start()
    assert set(parse_qs(urlsplit(begun.url).query)) == {"client_id", "request_uri"}
    assert begun.verifier not in begun.url and begun.nonce not in begun.url


def claim(name: str, value: object) -> Tamper:
    """A token signed as usual, with one claim replaced; None takes it away."""

    def spoil(draft: Draft) -> Draft:
        claims = {k: v for k, v in draft.claims.items() if k != name}
        return dataclasses.replace(
            draft, claims=claims if value is None else {**claims, name: value}
        )

    return spoil


def later(name: str, seconds: int) -> Tamper:
    return lambda draft: claim(name, int(time.time()) + seconds)(draft)


def truly_signed(header: object, payload: object) -> str:
    """A token signed by the issuer's key, whatever it says."""
    text = f"{part(header)}.{part(payload)}"
    key = CURRENT[0].private_key
    assert isinstance(key, RSAPrivateKey)
    return f"{text}.{part(key.sign(text.encode(), PKCS1v15(), SHA256()))}"


def header(name: str, value: object) -> Tamper:
    """A token with one name of its header replaced; None takes it away."""

    def spoil(draft: Draft) -> str:
        made = {k: v for k, v in {**draft.header, name: value}.items() if v is not None}
        return truly_signed(made, draft.claims)

    return spoil


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unsigned(alg: str) -> Tamper:
    return lambda draft: f"{part({**draft.header, 'alg': alg})}.{part(draft.claims)}."


def signed_with(key: RSAKey, **more: object) -> Tamper:
    return lambda draft: jwt.encode({**draft.header, **more}, draft.claims, key)


def signed_with_the_public_key_as_a_secret(stand_in: Started) -> Tamper:
    pem = stand_in.sandbox.provider.keys.current.as_pem(private=False)

    def spoil(draft: Draft) -> str:
        made = {**draft.header, "alg": "HS256"}
        registry = jws.JWSRegistry(algorithms=["HS256"])
        key = OctKey.import_key(pem.replace(b"-----", b"====="))  # joserfc refuses PEM by itself
        return jws.serialize_compact(made, json.dumps(draft.claims), key, registry=registry)

    return spoil


def twice(draft: Draft) -> str:
    """A claim that stands twice: the first as asked for, the last another person's."""
    text = json.dumps(draft.claims)[:-1] + ', "pid": "23906398699"}'
    return truly_signed(draft.header, text.encode())


def cut_signature(draft: Draft, keep: int = -4) -> str:
    return signed(draft)[:keep]


def signed(draft: Draft) -> str:
    return jwt.encode(draft.header, draft.claims, CURRENT[0])


CURRENT: list[RSAKey] = []
HIGH = "idporten-loa-high"

BAD: list[tuple[str, str, Tamper]] = [
    ("alg none", "token", unsigned("none")),
    ("alg NONE", "token", unsigned("NONE")),
    ("alg left empty", "token", unsigned("")),
    ("alg RS256 and no signature", "token", unsigned("RS256")),
    ("another key, same kid", "token", signed_with(OTHER_KEY)),
    ("another key, own kid", "token", signed_with(OTHER_KEY, kid="unknown")),
    ("another key in the header", "token", signed_with(OTHER_KEY, jwk={"kty": "RSA"})),
    ("an address of keys in the header", "token", header("jku", "http://127.0.0.1:9/keys")),
    ("a critical extension", "token", header("crit", ["exp"])),
    ("alg RS384", "token", header("alg", "RS384")),
    ("no kid", "token", header("kid", None)),
    ("kid is a list", "token", header("kid", ["a"])),
    ("typ is an access token", "token", header("typ", "at+jwt")),
    ("a claim stands twice", "token", twice),
    ("two parts", "token", lambda draft: ".".join(signed(draft).split(".")[:2])),
    ("five parts", "token", lambda draft: signed(draft) + ".a.b"),
    ("signature cut", "token", cut_signature),
    ("payload changed", "token", lambda draft: signed(draft).replace(".", ".e", 1)),
    ("not a token", "token", lambda draft: "hello"),
    ("empty", "token", lambda draft: ""),
    ("not ASCII", "token", lambda draft: signed(draft) + "é"),
    ("huge", "token", lambda draft: claim("locale", "x" * 20_000)(draft)),
    ("payload is a list", "token", lambda draft: truly_signed(draft.header, [])),
    ("wrong iss", "token", claim("iss", "https://idporten.no")),
    ("iss with a slash more", "token", lambda d: claim("iss", d.claims["iss"] + "/")(d)),
    ("iss is missing", "token", claim("iss", None)),
    ("iss is a list", "token", lambda d: claim("iss", [d.claims["iss"]])(d)),
    ("wrong aud", "token", claim("aud", "another")),
    ("aud is missing", "token", claim("aud", None)),
    ("aud has one more", "token", claim("aud", ["smittesporing", "another"])),
    ("aud is empty", "token", claim("aud", [])),
    ("azp is another", "token", claim("azp", "another")),
    ("expired", "token", later("exp", -61)),
    ("exp is missing", "token", claim("exp", None)),
    ("exp is text", "token", claim("exp", "9999999999")),
    ("exp is true", "token", claim("exp", True)),
    ("exp is a fraction", "token", claim("exp", 9e12)),
    ("iat in the future", "token", later("iat", 300)),
    ("iat long ago", "token", later("iat", -3600)),
    ("iat is missing", "token", claim("iat", None)),
    ("nbf in the future", "token", later("nbf", 300)),
    ("wrong nonce", "token", claim("nonce", "n" * 43)),
    ("nonce is missing", "token", claim("nonce", None)),
    ("nonce is empty", "token", claim("nonce", "")),
    ("auth_time is missing", "token", claim("auth_time", None)),
    ("auth_time is true", "token", claim("auth_time", True)),
    ("auth_time in the future", "token", later("auth_time", 300)),
    ("sid is missing", "token", claim("sid", None)),
    ("sid is a number", "token", claim("sid", 1)),
    ("acr is missing", "level", claim("acr", None)),
    ("acr too low", "level", claim("acr", "idporten-loa-substantial")),
    ("acr looks alike", "level", claim("acr", "idporten-loa-high ")),
    ("acr in capitals", "level", claim("acr", "IDPORTEN-LOA-HIGH")),
    ("acr of before", "level", claim("acr", "Level4")),
    ("acr is a list", "level", claim("acr", [HIGH])),
    ("pid is missing", "number", claim("pid", None)),
    ("pid too short", "number", claim("pid", TRACER.national_number[:10])),
    ("pid with a space", "number", claim("pid", TRACER.national_number[:6] + " 1234")),
    ("pid is a list", "number", claim("pid", [TRACER.national_number])),
    ("pid is a number", "number", claim("pid", int(TRACER.national_number))),
    ("pid with wrong check digits", "number", claim("pid", "01858812000")),
    ("pid is a help number", "number", claim("pid", "81234567890")),
]


@pytest.mark.parametrize(("reason", "spoil"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_a_bad_token_lets_nobody_in(
    party: RelyingParty, stand_in: Started, reason: str, spoil: Tamper
) -> None:
    CURRENT[:] = [stand_in.sandbox.provider.keys.current]
    stand_in.sandbox.provider.tamper = spoil
    assert refusal(lambda: sign_in(party)) == reason
    stand_in.sandbox.provider.tamper = None
    assert sign_in(party).national_number == TRACER.national_number


def test_a_token_signed_with_the_public_key_as_a_secret_lets_nobody_in(
    party: RelyingParty, stand_in: Started
) -> None:
    stand_in.sandbox.provider.tamper = signed_with_the_public_key_as_a_secret(stand_in)
    assert refusal(lambda: sign_in(party)) == "token"


def test_one_who_signed_in_with_a_lower_level_is_told_so(
    party: RelyingParty, stand_in: Started
) -> None:
    assert refusal(lambda: sign_in(party, "idporten-loa-substantial")) == "level"


@pytest.mark.parametrize("change", ["", "other", "other-length", "é"])
def test_a_state_that_differs_is_refused_before_the_code_is_used(
    party: RelyingParty, change: str
) -> None:
    begun = begin(party)
    answer = walk(begun)
    assert refusal(lambda: finish(party, begun, {**answer, "state": change})) == "state"
    assert finish(party, begun, answer).national_number == TRACER.national_number


@pytest.mark.parametrize("sender", [None, "https://idporten.no", ""])
def test_an_answer_from_another_issuer_is_refused(party: RelyingParty, sender: str | None) -> None:
    begun = begin(party)
    answer = {name: value for name, value in walk(begun).items() if name != "iss"}
    if sender is not None:
        answer["iss"] = sender
    assert refusal(lambda: finish(party, begun, answer)) == "state"


def test_a_code_works_once(party: RelyingParty) -> None:
    begun = begin(party)
    answer = walk(begun)
    finish(party, begun, answer)
    assert refusal(lambda: finish(party, begun, answer)) == "provider"


@pytest.mark.parametrize("verifier", ["", "v" * 86, "short"])
def test_a_code_with_another_verifier_is_refused(party: RelyingParty, verifier: str) -> None:
    begun = begin(party)
    answer = walk(begun)
    assert refusal(lambda: party.finish(answer, begun.state, begun.nonce, verifier)) == "provider"


def test_the_code_of_another_sign_in_is_refused(party: RelyingParty) -> None:
    mine, stolen = begin(party), begin(party)
    code = walk(stolen)["code"]
    assert refusal(lambda: finish(party, mine, {**walk(mine), "code": code})) == "provider"


def test_a_pushed_request_works_once(party: RelyingParty) -> None:
    begun = begin(party)
    walk(begun)
    with httpx.Client(trust_env=False) as browser:
        assert browser.get(begun.url).status_code == 400


def test_one_who_cancels_is_not_told_that_something_is_wrong(party: RelyingParty) -> None:
    begun = party.start(prompt="none")
    assert refusal(lambda: finish(party, begun, walk(begun))) == "cancelled"


def test_a_client_with_another_key_is_turned_away(stand_in: Started) -> None:
    transport = Transport()
    stranger = RelyingParty(
        transport,
        issuer=stand_in.sandbox.issuer,
        client_id=stand_in.client_id,
        key=OTHER_KEY,
        base_url=SERVICE,
        synthetic=True,
    )
    assert refusal(stranger.start) == "provider"
    transport.close()


def test_new_keys_of_the_issuer_are_fetched_when_they_are_met(
    party: RelyingParty, stand_in: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "KEYS_AT_MOST_EVERY", 0.0)
    sign_in(party)
    stand_in.sandbox.provider.keys.rotate()
    assert sign_in(party).national_number == TRACER.national_number
    stand_in.sandbox.provider.keys.forget_old()
    assert sign_in(party).national_number == TRACER.national_number


def test_a_flood_of_unknown_keys_does_not_become_a_flood_of_requests(
    party: RelyingParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    get = Transport.get

    def counted(self: Transport, url: str, headers: dict[str, str] | None = None) -> object:
        asked.append(url)
        return get(self, url, headers)

    monkeypatch.setattr(Transport, "get", counted)
    for number in range(50):
        assert party._find_key(f"unknown-{number}") is None
    assert sum(url.endswith("jwks.json") for url in asked) == 1


def test_synthetic_people_get_in_during_exercises_only(stand_in: Started) -> None:
    stand_in.sandbox.provider.tamper = None
    transport = Transport()
    real = RelyingParty(
        transport,
        issuer=stand_in.sandbox.issuer,
        client_id=stand_in.client_id,
        key=stand_in.client_key,
        base_url=SERVICE,
        synthetic=False,
    )
    assert refusal(lambda: sign_in(real)) == "number"
    # An ordinary number (of somebody born in 1855) from a test sign-in is no better.
    ordinary = "010155500" + str(check_digits("010155500"))
    stand_in.sandbox.provider.tamper = claim("pid", ordinary)
    assert refusal(lambda: sign_in(real)) == "number"

    def without_test_id(draft: Draft) -> Draft:
        claims = {**draft.claims, "pid": ordinary, "amr": ["BankID"]}
        return dataclasses.replace(draft, claims=claims)

    stand_in.sandbox.provider.tamper = without_test_id
    assert sign_in(real).national_number == ordinary
    transport.close()


def test_an_issuer_that_is_away_is_said_to_be_away() -> None:
    transport = Transport()
    away = RelyingParty(
        transport,
        issuer="http://127.0.0.1:9/idporten",
        client_id="x",
        key=OTHER_KEY,
        base_url=SERVICE,
        synthetic=True,
    )
    assert refusal(away.start) == "provider"
    transport.close()


@pytest.fixture
def issuer() -> Iterator[tuple[str, dict[str, bytes]]]:
    """An issuer that answers each path with the bytes the test puts there."""
    answers: dict[str, bytes] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = answers.get(self.path, b"")
            self.send_response(200 if self.path in answers else 404)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", answers
    server.shutdown()
    server.server_close()


def described(origin: str, **changes: object) -> bytes:
    usual: dict[str, object] = {
        "issuer": origin,
        "authorization_endpoint": origin + "/authorize",
        "token_endpoint": origin + "/token",
        "jwks_uri": origin + "/jwks.json",
        "end_session_endpoint": origin + "/logout",
        "pushed_authorization_request_endpoint": origin + "/par",
        "code_challenge_methods_supported": ["S256"],
    }
    kept = {name: value for name, value in {**usual, **changes}.items() if value is not None}
    return json.dumps(kept).encode()


def client_of(origin: str) -> RelyingParty:
    return RelyingParty(
        Transport(total=1.0),
        issuer=origin,
        client_id="x",
        key=OTHER_KEY,
        base_url=SERVICE,
        synthetic=True,
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://idporten.no"},
        {"code_challenge_methods_supported": ["plain"]},
        {"code_challenge_methods_supported": None},
        {"pushed_authorization_request_endpoint": None},
        {"token_endpoint": "http://10.0.0.1/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": ["a", "list"]},
    ],
    # By keys alone: values hold fresh secrets, and a test has one name in every process.
    ids=lambda values: "-".join(map(str, values)) if isinstance(values, dict) else str(values),
)
def test_an_issuer_that_describes_itself_wrongly_is_not_used(
    issuer: tuple[str, dict[str, bytes]], changes: dict[str, object]
) -> None:
    origin, answers = issuer
    answers["/.well-known/openid-configuration"] = described(origin)
    assert client_of(origin).metadata().issuer == origin
    answers["/.well-known/openid-configuration"] = described(origin, **changes)
    assert refusal(client_of(origin).metadata) == "provider"


@pytest.mark.parametrize(
    "keys",
    [
        b"",
        b"[]",
        b'{"keys":{}}',
        b'{"keys":[' + b" " * 1_100_000 + b"]}",
        b'{"keys":[{"kty":"oct","kid":"k","k":"c2VjcmV0"}]}',
        b'{"keys":[{"kty":"RSA","kid":"k"}]}',
        b'{"keys":[{"kty":"RSA","kid":"k","use":"enc","n":"AQAB","e":"AQAB"}]}',
    ],
    ids=lambda keys: keys[:40].decode(),
)
def test_unusable_keys_are_no_keys(issuer: tuple[str, dict[str, bytes]], keys: bytes) -> None:
    origin, answers = issuer
    answers["/.well-known/openid-configuration"] = described(origin)
    answers["/jwks.json"] = keys
    try:
        assert client_of(origin)._find_key("k") is None
    except NotSignedIn as refused:
        assert refused.reason == "provider"


def test_the_way_out_is_a_form_with_the_token_in_its_body(party: RelyingParty) -> None:
    who = sign_in(party)
    ending = party.end_session(who.id_token)
    assert who.id_token not in ending.url and "?" not in ending.url
    with httpx.Client(trust_env=False) as browser:
        answer = browser.post(ending.url, data=dict(ending.fields))
    assert answer.status_code == 303 and answer.headers["location"] == SERVICE + "/logget-ut"


LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


def notice(stand_in: Started, key: RSAKey | None = None, **changes: object) -> str:
    provider = stand_in.sandbox.provider
    now = int(time.time())
    claims: dict[str, object] = {
        "iss": provider.issuer,
        "aud": stand_in.client_id,
        "iat": now,
        "exp": now + 60,
        "jti": "a",
        "sid": "the-sid",
        "events": {LOGOUT: {}},
    }
    claims |= changes
    kept = {name: value for name, value in claims.items() if value is not None}
    head = {"alg": "RS256", "kid": provider.keys.current.kid, "typ": "logout+jwt"}
    return jwt.encode(head, kept, key or provider.keys.current)


def test_a_notice_from_the_issuer_says_which_session_is_over(
    party: RelyingParty, stand_in: Started
) -> None:
    assert party.ended_by(notice(stand_in)) == "the-sid"


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "n"},
        {"events": None},
        {"events": {"other": {}}},
        {"events": [LOGOUT]},
        {"events": {LOGOUT: "yes"}},
        {"sid": None},
        {"jti": None},
        {"aud": "another"},
        {"iss": "https://idporten.no"},
        {"exp": 1},
        {"key": OTHER_KEY},
    ],
    # By keys alone: values hold fresh secrets, and a test has one name in every process.
    ids=lambda values: "-".join(map(str, values)) if isinstance(values, dict) else str(values),
)
def test_a_bad_notice_ends_nothing(
    party: RelyingParty, stand_in: Started, changes: dict[str, object]
) -> None:
    bad = notice(stand_in, **changes)  # type: ignore[arg-type]
    assert refusal(lambda: party.ended_by(bad)) == "token"


def test_an_id_token_is_no_notice_and_a_notice_is_no_id_token(
    party: RelyingParty, stand_in: Started
) -> None:
    who = sign_in(party)
    assert refusal(lambda: party.ended_by(who.id_token)) == "token"
    stand_in.sandbox.provider.tamper = lambda draft: notice(stand_in, nonce=draft.claims["nonce"])
    assert refusal(lambda: sign_in(party)) == "token"


def settings_with(**changes: object) -> Settings:
    key = json.dumps(OTHER_KEY.as_dict(private=True))
    usual: dict[str, object] = {
        "database_url": "",
        "counter_url": "",
        "context_key": b"",
        "field_key": b"",
        "base_url": "https://smittesporing.example.no",
        "issuer": "https://idporten.no",
        "client_id": "smittesporing",
        "client_key": key,
        "register_url": "",
        "register_token_url": "",
        "exercise": False,
        "clock": Clock(),
    }
    return Settings(**{**usual, **changes})  # type: ignore[arg-type]


def test_production_settings_are_accepted() -> None:
    assert oidc.relying_party(settings_with()).issuer == "https://idporten.no"


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": ""},
        {"issuer": "http://127.0.0.1:8081/idporten"},
        {"issuer": "https://idporten.no.example.com"},
        {"issuer": "http://idporten.no"},
        {"issuer": "https://test.idporten.no"},
        {"base_url": "http://127.0.0.1:8080"},
        {"base_url": "http://smittesporing.example.no"},
        {"client_key": ""},
        {"client_key": "/nowhere/key.jwk"},
        {"client_key": json.dumps(OTHER_KEY.as_dict(private=False))},
        {"client_key": '{"kty":"oct","k":"c2VjcmV0"}'},
        {"exercise": True, "base_url": "http://10.0.0.1:8080"},
        {"exercise": True, "issuer": "http://10.0.0.1/idporten"},
    ],
    # By keys alone: values hold fresh secrets, and a test has one name in every process.
    ids=lambda values: "-".join(map(str, values)) if isinstance(values, dict) else str(values),
)
def test_unsafe_settings_stop_the_start(changes: dict[str, object]) -> None:
    with pytest.raises(Missing):
        oidc.relying_party(settings_with(**changes))
