"""The closed model: so many users, each asking again as soon as she has her answer.

Times what it is given and counts what went wrong; knows no address. Called by the operations.
"""

import itertools
import math
import resource
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

# One request: true when the answer was right. A set of parallel requests counts as one.
Act = Callable[[], bool]


@dataclass(frozen=True)
class Run:
    """One run of one operation: times in milliseconds, sorted."""

    times: tuple[float, ...]
    wall: float
    errors: int
    entities: int


@dataclass(frozen=True)
class Figure:
    """What is reported of an operation: its median run, and how far the runs lay apart.

    Units   Milliseconds; per second. `p95_low` and `p95_high` are those of the best and worst run.
    """

    operation: str
    variant: str
    users: int
    runs: int
    requests: int
    errors: int
    p50: float
    p95: float
    p99: float
    p95_low: float
    p95_high: float
    per_second: float
    entities_per_second: float | None
    driver_cpu: float

    def as_row(self) -> dict[str, object]:
        return {
            name: round(value, 2) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }


def percentile(ordered: Sequence[float], share: float) -> float:
    """The nearest-rank percentile of sorted values."""
    return ordered[max(0, math.ceil(len(ordered) * share - 1e-9) - 1)]


def run_once(users: Sequence[Sequence[tuple[Act, int]]]) -> Run:
    """Each user's acts one after another, all users at the same time."""
    times: list[list[float]] = [[] for _ in users]
    wrong = [0] * len(users)
    start = threading.Barrier(len(users) + 1)

    def work(place: int) -> None:
        start.wait()
        for act, _ in users[place]:
            began = time.perf_counter()
            try:
                right = act()
            except Exception:
                right = False
            times[place].append((time.perf_counter() - began) * 1000)
            wrong[place] += not right

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(users))]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    wall = time.perf_counter() - began
    entities = sum(weight for acts in users for _, weight in acts)
    return Run(tuple(sorted(itertools.chain(*times))), wall, sum(wrong), entities)


def measured(
    operation: str,
    variant: str,
    users: int,
    acts: Callable[[int, int], list[tuple[Act, int]]],
    *,
    runs: int,
    warm_up: int,
) -> Figure:
    """The operation's figure. `acts(run, user)` gives a user's acts of one run, with their entities."""
    for run in range(warm_up):
        run_once([acts(-1 - run, user) for user in range(users)])
    done = []
    cpu = _cpu()
    for run in range(runs):
        done.append(run_once([acts(run, user) for user in range(users)]))
    spent = _cpu() - cpu
    return figure(operation, variant, users, done, spent)


def figure(operation: str, variant: str, users: int, runs: Sequence[Run], cpu: float) -> Figure:
    by_p95 = sorted(runs, key=lambda run: percentile(run.times, 0.95))
    median = by_p95[(len(by_p95) - 1) // 2]
    requests = sum(len(run.times) for run in runs)
    rates = [run.entities / run.wall for run in runs]
    return Figure(
        operation=operation,
        variant=variant,
        users=users,
        runs=len(runs),
        requests=requests,
        errors=sum(run.errors for run in runs),
        p50=percentile(median.times, 0.50),
        p95=percentile(median.times, 0.95),
        p99=percentile(median.times, 0.99),
        p95_low=percentile(by_p95[0].times, 0.95),
        p95_high=percentile(by_p95[-1].times, 0.95),
        per_second=requests / sum(run.wall for run in runs),
        entities_per_second=statistics.median(rates) if any(rates) else None,
        driver_cpu=cpu,
    )


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


HEAD = (
    f"{'operation':<10}{'variant':<26}{'users':>6}{'requests':>9}{'errors':>7}"
    f"{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'req/s':>9}{'entities/s':>12}   p95 of the runs"
)


def line(one: Figure) -> str:
    """One figure as a line under `HEAD`."""
    rate = f"{one.entities_per_second:>12.0f}" if one.entities_per_second else f"{'':>12}"
    return (
        f"{one.operation:<10}{one.variant:<26}{one.users:>6}{one.requests:>9}{one.errors:>7}"
        f"{one.p50:>9.1f}{one.p95:>9.1f}{one.p99:>9.1f}{one.per_second:>9.1f}{rate}"
        f"   {one.p95_low:.1f}–{one.p95_high:.1f}"
    )
