"""The only HTTP client: one way out, with limits on time, size and repetition.

Never follows a redirect, keeps no cookie, asks for no compression, reads no proxy from the
environment. A counterpart that keeps failing is left alone for a while. Knows no register and no
protocol. Called by the files beside it and by web/oidc.py.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

CONNECT_SECONDS, TOTAL_SECONDS = 2.0, 6.0
LARGEST_REPLY = 1_000_000
ATTEMPTS = 3
FAILURES_BEFORE_REST, REST_SECONDS = 5, 15.0
AGENT = "smittesporing"


@dataclass(frozen=True)
class Reply:
    """An answer that came whole: any status, headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Unreachable(Exception):
    """No usable answer: refused, too slow, too large, cut off, or resting after failures.

    The text is for logs. It names the host and the kind of failure, never the address or the body.
    """


class _TryAgain(Unreachable):
    """A failure that a second attempt may mend: nothing was asked yet, or 502, 503, 504."""


class _Breaker:
    """Counts failures in a row; open means: do not even try until the rest is over.

    After the rest one caller at a time is let through; its luck decides for the others.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._failures, self._until = 0, 0.0

    def may_try(self) -> bool:
        with self._lock:
            if self._failures < FAILURES_BEFORE_REST:
                return True
            if self._clock() < self._until:
                return False
            self._until = self._clock() + REST_SECONDS
            return True

    def record(self, worked: bool) -> None:
        with self._lock:
            self._failures = 0 if worked else self._failures + 1
            if self._failures >= FAILURES_BEFORE_REST:
                self._until = self._clock() + REST_SECONDS


class Transport:
    """A way to one counterpart. Safe for several threads; `close` when done.

    Units   Seconds. `total` bounds the whole exchange, a dripping body included; a retry gets a
            total of its own, and only failures before an answer are retried.
    """

    def __init__(
        self,
        *,
        total: float = TOTAL_SECONDS,
        largest: int = LARGEST_REPLY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._total, self._largest, self._clock = total, largest, clock
        self._breakers: dict[str, _Breaker] = {}
        self._client = httpx.Client(
            timeout=httpx.Timeout(total, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=20, max_keepalive_connections=5),
            follow_redirects=False,
            trust_env=False,
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            headers={"user-agent": AGENT, "accept-encoding": "identity"},
        )

    def close(self) -> None:
        self._client.close()

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Reply:
        """The reply to a GET, tried up to three times."""
        return self._send("GET", url, headers or {}, None, repeatable=True)

    def post(
        self, url: str, body: bytes, headers: Mapping[str, str], *, repeatable: bool = False
    ) -> Reply:
        """The reply to a POST. `repeatable` says that asking twice does no harm (a search)."""
        return self._send("POST", url, headers, body, repeatable=repeatable)

    def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        repeatable: bool,
    ) -> Reply:
        host = httpx.URL(url).netloc.decode("ascii", "replace")
        breaker = self._breakers.setdefault(host, _Breaker(self._clock))
        attempts = Retrying(
            stop=stop_after_attempt(ATTEMPTS if repeatable else 1),
            wait=wait_random_exponential(multiplier=0.1, max=1),
            retry=retry_if_exception_type(_TryAgain),
            reraise=True,
        )
        if not breaker.may_try():
            raise Unreachable(f"{host} is left alone after repeated failures")
        for attempt in attempts:
            with attempt:
                try:
                    reply = self._once(method, url, headers, body, host)
                except Unreachable:
                    breaker.record(worked=False)
                    raise
                breaker.record(worked=True)
                return reply
        raise Unreachable(f"{host} was not asked")  # pragma: no cover

    def _once(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, host: str
    ) -> Reply:
        deadline = self._clock() + self._total
        try:
            with self._client.stream(method, url, headers=dict(headers), content=body) as answer:
                if "content-encoding" in answer.headers:
                    raise Unreachable(f"{host} sent a compressed body that was not asked for")
                parts, size = [], 0
                for part in answer.iter_raw():
                    size += len(part)
                    if size > self._largest:
                        raise Unreachable(f"{host} sent more than {self._largest} bytes")
                    if self._clock() > deadline:
                        raise Unreachable(f"{host} was too slow")
                    parts.append(part)
                status = answer.status_code
                reply = Reply(status, dict(answer.headers), b"".join(parts))
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise _TryAgain(f"{host}: {type(error).__name__}") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(f"{host}: {type(error).__name__}") from None
        if status in (502, 503, 504):
            raise _TryAgain(f"{host} answered {status}")
        return reply
