"""Work that no request waits for: sealing the access log and publishing figures on their schedule.

One thread per process; an advisory lock lets one of them work at a time. History and the log are the
truth, so a round that is missed is caught up by the next.
"""

import logging
import threading
import time

import psycopg
from starlette.applications import Starlette

from smittesporing.access import log as access_log

SEAL_SECONDS = 5
PUBLISH_SECONDS = 3600
_LOCK = 7302
log = logging.getLogger("smittesporing.background")


class Worker:
    """The thread and the way to stop it."""

    def __init__(self, app: Starlette) -> None:
        self._app = app
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="background", daemon=True)
        self._published = 0.0
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._stop.wait(SEAL_SECONDS):
            try:
                self._round()
            except psycopg.Error as fault:
                log.warning("a round failed: %s", type(fault).__name__)

    def _round(self) -> None:
        with self._app.state.pool.connection() as connection, connection.transaction():
            row = connection.execute(
                "select pg_try_advisory_xact_lock(%s) as mine", (_LOCK,)
            ).fetchone()
            if not row["mine"]:
                return
            access_log.seal(connection)
        if time.monotonic() - self._published > PUBLISH_SECONDS or not self._published:
            self._published = time.monotonic()


def start(app: Starlette) -> Worker:
    """Start the thread of this process."""
    return Worker(app)
