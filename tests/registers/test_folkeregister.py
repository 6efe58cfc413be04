"""Looking people up, against the stand-in Folkeregister over real HTTP."""

import http.server
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date

import pytest

from sandbox.keys import new_key
from sandbox.register import NUMBER_FOR, Case, a_number, made_up
from sandbox.running import Started, started
from smittesporing.registers import folkeregister
from smittesporing.registers.folkeregister import (
    Client,
    Found,
    NoAgreement,
    NotFound,
    Protected,
    ServiceDown,
    SignInAgain,
    look_up,
)
from smittesporing.registers.transport import Transport

TROMSO, WITHOUT_AGREEMENT = "5501", "5503"
ORDINARY = a_number(5, 6, 1984, 211)


@pytest.fixture(scope="module")
def stand_in() -> Iterator[Started]:
    with started(without_agreement=frozenset({WITHOUT_AGREEMENT})) as running:
        yield running


@pytest.fixture
def client(stand_in: Started) -> Iterator[Client]:
    transport = Transport(total=1.0)
    sandbox = stand_in.sandbox
    yield Client(
        transport,
        sandbox.register_url,
        sandbox.register_token_url,
        stand_in.client_id,
        stand_in.client_key,
    )
    transport.close()


def test_a_known_number_fills_the_profile(client: Client) -> None:
    expected = made_up(ORDINARY)
    answer = look_up(client, ORDINARY, TROMSO)
    assert isinstance(answer, Found) and expected is not None
    person = answer.person
    assert person.given_name.startswith(expected.given_name)
    assert (person.family_name, person.birth_date) == (expected.family_name, date(1984, 6, 5))
    assert person.sex == "MALE" and person.address and len(person.kommune) == 4
    assert person.postal == f"{expected.postal_code} {expected.postal_place}"
    assert person.phone == "+47" + expected.phone


@pytest.mark.parametrize(
    ("case", "kind"),
    [
        (Case.NOT_FOUND, NotFound),
        (Case.FAILED, ServiceDown),
        (Case.UNKNOWN, ServiceDown),
        (Case.DOWN, ServiceDown),
        (Case.SLOW, ServiceDown),
        (Case.GARBAGE, ServiceDown),
        (Case.EXPIRED, SignInAgain),
    ],
)
def test_each_way_a_lookup_fails_has_its_own_answer(
    client: Client, stand_in: Started, case: Case, kind: type
) -> None:
    stand_in.sandbox.folkeregister.slow_seconds = 2.0
    begun = time.monotonic()
    answer = look_up(client, NUMBER_FOR[case], TROMSO)
    assert isinstance(answer, kind)
    assert time.monotonic() - begun < 1.9


def test_no_two_answers_say_the_same() -> None:
    answers: list[NotFound | NoAgreement | ServiceDown | SignInAgain]
    answers = [NotFound(), NoAgreement(), ServiceDown(), SignInAgain()]
    assert len({answer.sentence for answer in answers}) == len(answers)


def test_without_agreement_only_contact_details_come(client: Client) -> None:
    expected = made_up(ORDINARY)
    answer = look_up(client, ORDINARY, WITHOUT_AGREEMENT)
    assert isinstance(answer, NoAgreement) and expected is not None
    assert (answer.phone, answer.email) == ("+47" + expected.phone, expected.email)


@pytest.mark.parametrize(
    ("case", "grade"), [(Case.STRICT, "STRICT"), (Case.CONFIDENTIAL, "CONFIDENTIAL")]
)
def test_of_a_protected_person_only_the_grade_comes_with_the_name(
    client: Client, case: Case, grade: str
) -> None:
    sent = made_up(NUMBER_FOR[case])
    answer = look_up(client, NUMBER_FOR[case], TROMSO)
    assert isinstance(answer, Protected) and sent is not None
    assert answer.grade == grade
    kept = answer.person
    assert (kept.address, kept.postal, kept.kommune, kept.phone, kept.email) == ("",) * 5
    for hidden in (sent.address, sent.postal_code, sent.kommune, sent.phone, sent.email):
        assert hidden not in str(vars(kept))


def test_a_grade_nobody_has_heard_of_hides_the_address() -> None:
    reply = folkeregister._Reply(
        statusFolkeregister="OK", adresse="Storgata 1", adressegradering="hemmelig"
    )
    answer = folkeregister._meaning(reply)
    assert isinstance(answer, Protected) and answer.person.address == ""


def test_a_key_that_maskinporten_does_not_know_asks_for_a_new_sign_in(stand_in: Started) -> None:
    sandbox = stand_in.sandbox
    transport = Transport()
    client = Client(
        transport, sandbox.register_url, sandbox.register_token_url, "smittesporing", new_key()
    )
    assert isinstance(look_up(client, ORDINARY, TROMSO), SignInAgain)
    transport.close()


def test_a_refused_token_is_dropped_and_the_next_lookup_works(
    client: Client, stand_in: Started
) -> None:
    assert isinstance(look_up(client, ORDINARY, TROMSO), Found)
    stand_in.sandbox.tokens.keys.rotate()
    stand_in.sandbox.tokens.keys.forget_old()
    assert isinstance(look_up(client, ORDINARY, TROMSO), SignInAgain)
    assert isinstance(look_up(client, ORDINARY, TROMSO), Found)


def test_a_register_that_is_not_there_is_down() -> None:
    transport = Transport()
    client = Client(transport, "http://127.0.0.1:9", "http://127.0.0.1:9/token", "x", new_key())
    assert isinstance(look_up(client, ORDINARY, TROMSO), ServiceDown)
    transport.close()


Answering = Callable[[http.server.BaseHTTPRequestHandler], None]


@pytest.fixture
def hostile() -> Iterator[tuple[str, list[Answering], list[str]]]:
    """A server that answers everything the way the test says; and the cookies it was sent."""
    answering: list[Answering] = []
    cookies: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            cookies.append(self.headers.get("cookie", ""))
            answering[0](self)

        def log_message(self, *words: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", answering, cookies
    server.shutdown()
    server.server_close()


def body(text: bytes, status: int = 200, **headers: str) -> Answering:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("content-length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    return answer


def dripping(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(40):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("empty", body(b"")),
        ("a list", body(b"[]")),
        ("another type", body(b'{"statusFolkeregister":"OK","fornavn":{"a":1}}')),
        ("an unknown status", body(b'{"statusFolkeregister":"YES"}')),
        ("not UTF-8", body(b'{"statusFolkeregister":"OK","fornavn":"\xff\xfe"}')),
        ("deep nesting", body(b"[" * 100_000)),
        ("too large", body(b" " * 1_100_000)),
        ("a redirect", body(b"", 302, location="http://127.0.0.1:9/")),
        ("compressed", body(b"\x1f\x8b", content_encoding="gzip")),
        ("an error", body(b"{}", 500)),
        ("a slow drip", dripping),
    ],
)
def test_a_hostile_reply_means_the_register_is_down(
    stand_in: Started,
    hostile: tuple[str, list[Answering], list[str]],
    name: str,
    answer: Answering,
) -> None:
    url, answering, _ = hostile
    answering.append(answer)
    token_url = stand_in.sandbox.register_token_url
    transport = Transport(total=0.6)
    client = Client(transport, url, token_url, stand_in.client_id, stand_in.client_key)
    begun = time.monotonic()
    assert isinstance(look_up(client, ORDINARY, TROMSO), ServiceDown)
    assert time.monotonic() - begun < 2
    transport.close()


def test_texts_from_the_register_come_on_one_line_and_of_limited_length(
    stand_in: Started, hostile: tuple[str, list[Answering], list[str]]
) -> None:
    url, answering, _ = hostile
    text = '{"statusFolkeregister":"OK","fornavn":"A\\r\\nB\\u202eC","adresse":"%s"}' % ("x" * 5000)
    answering.append(body(text.encode()))
    token_url = stand_in.sandbox.register_token_url
    transport = Transport()
    client = Client(transport, url, token_url, stand_in.client_id, stand_in.client_key)
    answer = look_up(client, ORDINARY, TROMSO)
    transport.close()
    assert isinstance(answer, Found)
    assert answer.person.given_name == "A B C" and len(answer.person.address) == 200


def test_cookies_are_not_kept_between_calls(
    hostile: tuple[str, list[Answering], list[str]],
) -> None:
    url, answering, cookies = hostile
    answering.append(body(b"{}", set_cookie="track=1"))
    transport = Transport()
    for _ in range(2):
        transport.post(url, b"{}", {})
    assert cookies == ["", ""]
    transport.close()


def test_a_failing_counterpart_is_left_alone_and_tried_again_after_a_rest() -> None:
    now = [0.0]
    transport = Transport(clock=lambda: now[0])
    client = Client(transport, "http://127.0.0.1:9", "http://127.0.0.1:9/token", "x", new_key())
    for _ in range(6):
        look_up(client, ORDINARY, TROMSO)
    with pytest.raises(Exception, match="left alone"):
        transport.get("http://127.0.0.1:9/")
    now[0] += 16
    with pytest.raises(Exception, match="ConnectError"):
        transport.get("http://127.0.0.1:9/")
    transport.close()
