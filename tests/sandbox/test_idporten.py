"""The stand-in ID-porten keeps the contract: what the real one refuses, it refuses too."""

import base64
import hashlib
import re
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

import sandbox
from sandbox.assertions import ASSERTION_TYPE
from sandbox.keys import new_key
from sandbox.people import Person, is_synthetic, read_people
from sandbox.register import NUMBER_FOR, SET_ASIDE, a_number
from sandbox.running import Started, started
from smittesporing.registers.national_number import NationalNumber, parse

SERVICE = "http://127.0.0.1:8080"
TRACER = Person("sporer", "Testperson", a_number(1, 5, 1988, 120), "Smittesporer", "Tromsø")
VERIFIER = "v" * 43
STRANGER = new_key()


@pytest.fixture(scope="module")
def stand_in() -> Iterator[Started]:
    with started((TRACER,), service=SERVICE) as running:
        yield running


@pytest.fixture
def browser(stand_in: Started) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stand_in.sandbox.origin, trust_env=False) as client:
        yield client


def assertion(stand_in: Started, **changes: object) -> dict[str, str]:
    now = int(time.time())
    key = changes.pop("key", stand_in.client_key)
    assert isinstance(key, RSAKey)
    claims: dict[str, object] = {
        "iss": stand_in.client_id,
        "sub": stand_in.client_id,
        "aud": stand_in.sandbox.issuer,
        "iat": now,
        "exp": now + 60,
        "jti": secrets.token_urlsafe(16),
    }
    kept = {k: v for k, v in {**claims, **changes}.items() if v is not None}
    token = jwt.encode({"alg": "RS256", "kid": key.kid}, kept, key)
    return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": token}


def request(**changes: str) -> dict[str, str]:
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    usual = {
        "response_type": "code",
        "redirect_uri": SERVICE + "/logg-inn/tilbake",
        "scope": "openid profile",
        "state": secrets.token_urlsafe(24),
        "nonce": secrets.token_urlsafe(24),
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
        "acr_values": "idporten-loa-high",
    }
    return {name: value for name, value in {**usual, **changes}.items() if value}


def push(browser: httpx.Client, stand_in: Started, **changes: str) -> httpx.Response:
    return browser.post("/idporten/par", data=request(**changes) | assertion(stand_in))


def test_a_proper_request_is_pushed(browser: httpx.Client, stand_in: Started) -> None:
    answer = push(browser, stand_in)
    assert answer.status_code == 201 and answer.json()["expires_in"] == 120


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": ""},
        {"code_challenge_method": ""},
        {"code_challenge_method": "plain"},
        {"redirect_uri": "http://127.0.0.1:9999/logg-inn/tilbake"},
        {"redirect_uri": SERVICE + "/logg-inn/tilbake/"},
        {"redirect_uri": SERVICE + "/logg-inn/tilbake?a=1"},
        {"redirect_uri": SERVICE.replace("127.0.0.1", "localhost") + "/logg-inn/tilbake"},
        {"response_type": "token"},
        {"scope": "profile"},
        {"scope": "openid everything"},
        {"state": "short"},
        {"nonce": "short"},
        {"acr_values": "Level4"},
        {"request_uri": "urn:ietf:params:oauth:request_uri:x"},
    ],
    # By keys alone: values hold fresh secrets, and a test has one name in every process.
    ids=lambda values: "-".join(map(str, values)) if isinstance(values, dict) else str(values),
)
def test_an_improper_request_is_refused(
    browser: httpx.Client, stand_in: Started, changes: dict[str, str]
) -> None:
    assert push(browser, stand_in, **changes).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "http://127.0.0.1/token"},
        {"aud": None},
        {"iss": "another"},
        {"sub": "another"},
        {"exp": 1},
        {"exp": int(time.time()) + 100_000},
        {"iat": int(time.time()) + 100_000},
        {"jti": None},
        {"key": STRANGER},
    ],
    # By keys alone: values hold fresh secrets, and a test has one name in every process.
    ids=lambda values: "-".join(map(str, values)) if isinstance(values, dict) else str(values),
)
def test_a_client_that_cannot_prove_who_it_is_is_refused(
    browser: httpx.Client, stand_in: Started, changes: dict[str, object]
) -> None:
    answer = browser.post("/idporten/par", data=request() | assertion(stand_in, **changes))
    assert answer.status_code == 401 and answer.json()["error"] == "invalid_client"


def test_a_proof_works_once(browser: httpx.Client, stand_in: Started) -> None:
    proof = assertion(stand_in)
    assert browser.post("/idporten/par", data=request() | proof).status_code == 201
    assert browser.post("/idporten/par", data=request() | proof).status_code == 401


def test_the_login_page_lists_the_synthetic_people_and_lets_one_in(
    browser: httpx.Client, stand_in: Started
) -> None:
    reference = push(browser, stand_in).json()["request_uri"]
    query = {"client_id": stand_in.client_id, "request_uri": reference}
    page = browser.get("/idporten/authorize", params=query)
    assert page.status_code == 200
    assert TRACER.name in page.text and "Øvelse" in page.text and 'lang="nb"' in page.text
    assert "style=" not in page.text and "<style" not in page.text and "<script" not in page.text
    assert browser.get(re.findall(r'href="(/static[^"]+)"', page.text)[0]).status_code == 200
    form = {**query, "person": TRACER.username, "acr": "idporten-loa-high"}
    back = browser.post("/idporten/login", data=form)
    assert back.status_code == 303
    assert set(parse_qs(urlsplit(back.headers["location"]).query)) == {"code", "state", "iss"}


def test_one_who_is_signed_in_is_not_asked_again_unless_the_client_wants_it(
    browser: httpx.Client, stand_in: Started
) -> None:
    def authorize(**changes: str) -> httpx.Response:
        reference = push(browser, stand_in, **changes).json()["request_uri"]
        query = {"client_id": stand_in.client_id, "request_uri": reference}
        return browser.get("/idporten/authorize", params=query)

    hint = f"testid:{TRACER.national_number}_idporten-loa-high"
    assert authorize(login_hint=hint).status_code == 303
    assert authorize().status_code == 303
    assert authorize(prompt="login").status_code == 200


def test_an_address_that_is_not_registered_is_never_gone_to_after_the_logout(
    browser: httpx.Client,
) -> None:
    query = {"post_logout_redirect_uri": "https://evil.example", "id_token_hint": "x.y.z"}
    answer = browser.get("/idporten/logout", params=query)
    assert answer.status_code == 200 and "evil.example" not in answer.text


def test_logging_out_at_idporten_tells_the_services_in_frames(
    browser: httpx.Client, stand_in: Started
) -> None:
    hint = f"testid:{TRACER.national_number}_idporten-loa-high"
    reference = push(browser, stand_in, login_hint=hint).json()["request_uri"]
    query = {"client_id": stand_in.client_id, "request_uri": reference}
    browser.get("/idporten/authorize", params=query)
    assert TRACER.name in browser.get("/idporten/").text
    page = browser.post("/idporten/logout")
    assert re.search(r'src="http://127.0.0.1:8080/logg-ut/front\?iss=[^"]+sid=', page.text)
    assert TRACER.name not in browser.get("/idporten/").text


def test_only_people_with_synthetic_numbers_are_let_into_the_list(tmp_path: Path) -> None:
    file = tmp_path / "users.toml"
    file.write_text(
        '[[user]]\nusername = "a"\nname = "A"\nnational_number = "01010112345"\n'
        f'[[user]]\nusername = "b"\nname = "B"\nnational_number = "{TRACER.national_number}"\nnew = 1\n'
        '[[user]]\nusername = "c"\n',
        encoding="utf-8",
    )
    assert [person.username for person in read_people(file)] == ["b"]


def test_the_numbers_set_aside_are_synthetic_and_well_formed() -> None:
    assert len(SET_ASIDE) == len(NUMBER_FOR)
    for number in SET_ASIDE:
        read = parse(number)
        assert is_synthetic(number)
        assert isinstance(read, NationalNumber) and read.check_digits_fit


def test_the_numbers_set_aside_stand_in_the_readme() -> None:
    readme = (Path(sandbox.__file__).parent / "README.md").read_text("utf-8")
    assert all(number in readme for number in SET_ASIDE)
