"""Work that no request waits for: sealing the access log and publishing figures on their schedule.

One thread per process; an advisory lock lets one of them work at a time. History and the log are the
truth, so a round that is missed is caught up by the next.
"""

import logging
import threading

from starlette.applications import Starlette

from smittesporing.access import log as access_log
from smittesporing.analytics import published

SEAL_SECONDS = 5
_LOCK = 7302
log = logging.getLogger("smittesporing.background")


class Worker:
    """The thread and the way to stop it."""

    def __init__(self, app: Starlette) -> None:
        self._app = app
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="background", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(10)

    def _run(self) -> None:
        # A first round at once, so that a new service has published figures before anybody asks.
        seconds = 1
        while not self._stop.wait(seconds):
            seconds = SEAL_SECONDS
            for task in (self._publish, self._seal):
                try:
                    task()
                except Exception as fault:
                    # A fault of one round must not end sealing and publishing for this process.
                    log.warning("%s failed: %s", task.__name__.strip("_"), type(fault).__name__)

    def _publish(self) -> None:
        state = self._app.state
        published.publish_when_due(state.pool, state.counter_pool, state.settings.clock)

    def _seal(self) -> None:
        with self._app.state.pool.connection() as connection, connection.transaction():
            row = connection.execute(
                "select pg_try_advisory_xact_lock(%s) as mine", (_LOCK,)
            ).fetchone()
            if not row["mine"]:
                return
            access_log.seal(connection)


def start(app: Starlette) -> Worker:
    """Start the thread of this process."""
    return Worker(app)
