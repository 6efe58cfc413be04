"""`./dev bench`: load a synthetic wave, measure what tracers do, print and keep the figures.

Starts a service of its own and stops it, or measures a server that is named with --url.
"""

import argparse
import contextlib
import itertools
import json
import os
import platform
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench import driver, generate, model
from bench.driver import Plan, Server
from bench.measure import HEAD, Figure, line
from bench.own_server import ADMIN, TRACER, Own, own_server
from smittesporing import postgres

ROOT = Path(__file__).resolve().parent.parent
OPERATIONS = ("1", "2", "3", "5", "8")
QUICK = 2_000


def say(text: str) -> None:
    print(text, flush=True)


def arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--size", choices=sorted(generate.SIZES), default="S")
    parser.add_argument("--persons", type=int, help="how many people, instead of a named size")
    parser.add_argument("--quick", action="store_true", help="2 000 people and few requests")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=500, help="objects a request while loading")
    parser.add_argument("--users", default="1,2,4", help="users at a time, for reading")
    parser.add_argument("--clients", default="1,4", help="clients at a time, for bulk import")
    parser.add_argument("--requests", type=int, default=100, help="of each user in each run")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--warm-up", type=int, default=3, help="passes thrown away")
    parser.add_argument("--only", default=",".join(OPERATIONS), help="operations, by number")
    parser.add_argument("--kommune", default="0301", help="the tracer's kommune")
    parser.add_argument("--out", type=Path, default=None, help="the file of figures (JSON)")
    parser.add_argument("--data", type=Path, default=None, help="the folder of the own service")
    parser.add_argument("--keep", action="store_true", help="leave that folder behind")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--url", help="measure this server instead of an own one")
    parser.add_argument("--admin", help="NAME:PASSWORD who loads, with --url")
    parser.add_argument("--tracer", help="NAME:PASSWORD who reads in --kommune, with --url")
    parser.add_argument("--loaded", action="store_true", help="the same wave is there already")
    chosen = parser.parse_args(words)
    if chosen.url and not (chosen.admin and chosen.tracer):
        parser.error("--url needs --admin and --tracer")
    if chosen.loaded and not chosen.url:
        parser.error("--loaded needs --url: an own service starts empty")
    return chosen


def main(words: list[str]) -> int:
    if words[:1] == ["inside"]:
        from bench.inside import inside

        return inside(words[1:])
    if words[:1] == ["configuration"]:
        from bench.configuration import configuration

        return configuration(words[1:])
    if words[:1] == ["compare"]:
        from bench.compare import compare

        return compare(Path(words[1]), Path(words[2]))
    chosen = arguments(words)
    persons = chosen.persons or (QUICK if chosen.quick else generate.SIZES[chosen.size])
    plan = Plan(_numbers(chosen.users), chosen.requests, chosen.runs, chosen.warm_up)
    if chosen.quick:
        plan = Plan((1,), 20, 2, 1)
    figures: list[Figure] = []
    began = datetime.now(UTC)
    with _server(chosen) as (admin, tracer, own):
        _measure(chosen, persons, plan, admin, tracer, own, figures)
        more = _about_server(own) if own else {}
        for fault in (admin.faults + tracer.faults)[:5]:
            say(f"  wrong: {fault}")
    kept = {
        "at": began.isoformat(timespec="seconds"),
        "seconds": round((datetime.now(UTC) - began).total_seconds()),
        "machine": machine(),
        "server": more or {"url": chosen.url},
        "size": {"persons": persons, "seed": chosen.seed, "kommune": chosen.kommune},
        "figures": [one.as_row() for one in figures],
    }
    out = chosen.out or ROOT / ".data" / f"bench-{persons}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    say(f"The figures stand in {out}.")
    errors = sum(one.errors for one in figures)
    if errors:
        say(f"{errors} requests failed or were answered wrongly: these times prove nothing.")
    return 1 if errors else 0


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split(","))


@contextlib.contextmanager
def _server(chosen: argparse.Namespace) -> Iterator[tuple[Server, Server, Own | None]]:
    if chosen.url:
        admin, tracer = chosen.admin.split(":", 1), chosen.tracer.split(":", 1)
        yield Server(chosen.url, *admin), Server(chosen.url, *tracer), None
        return
    data = chosen.data or postgres.default_data(ROOT) / "bench"
    if (data / "postgres").exists():
        raise SystemExit(f"{data} holds a database already. Remove it, or choose another --data.")
    say("Starting PostgreSQL and the service …")
    try:
        with own_server(data, chosen.port, chosen.processes, chosen.kommune) as own:
            yield (
                Server(own.url, ADMIN, own.password),
                Server(own.url, TRACER, own.password),
                own,
            )
    finally:
        if not chosen.keep:
            shutil.rmtree(data, ignore_errors=True)


def _measure(
    chosen: argparse.Namespace, persons: int, plan: Plan, admin: Server, tracer: Server,
    own: Own | None, figures: list[Figure],
) -> None:  # fmt: skip
    def show(one: Figure) -> None:
        figures.append(one)
        say(line(one))

    only = set(chosen.only.split(","))
    units = driver.install(admin)
    if own:
        idle = own.processes.memory()
        say(f"Server memory before loading: {sum(idle.values()):.0f} MB")
    chains = list(generate.chains(chosen.seed, persons))
    there = [person for chain in chains for person in chain if person.kommune == chosen.kommune]
    say(
        f"{persons} people in {len(chains)} chains, {len(there)} of them in the tracer's kommune, "
        f"{sum(person.objects for chain in chains for person in chain)} objects"
    )
    say(HEAD)
    clients = _numbers(chosen.clients)
    if not chosen.loaded:
        # A part of its own for each number of clients, so that the figures stand apart.
        for place, count in enumerate(clients):
            driver.load(admin, chains[place :: len(clients)], units, count, chosen.batch, show)
    if own:
        own.tidy()
    # A server that is measured twice must not meet the same new people again.
    start = secrets.randbelow(3_000_000) if chosen.url else 0
    numbers = itertools.count(generate.FIRST_EXTRA + start)
    if "3" in only:
        driver.search_exact(tracer, there, plan, show)
    if "5" in only:
        driver.working_list(tracer, units[chosen.kommune], there, plan, show)
    if "8" in only:
        driver.open_dashboard(tracer, there, plan, show)
    if "2" in only:
        driver.register_contact(tracer, units, chosen.kommune, there, numbers, plan, show)
    if "1" in only:
        requests = 4 if chosen.quick else 12
        driver.bulk_import(admin, units, (50, 500, 2_000), clients, requests, numbers, plan, show)


def _about_server(own: Own) -> dict[str, object]:
    # The pools have had a moment to fall to rest.
    time.sleep(1)
    now, highest = own.processes.memory(), own.processes.highest
    cpu = own.processes.cpu()
    say(
        f"Server memory (PSS of {len(now)} Python processes): {sum(now.values()):.0f} MB at the "
        f"end, {sum(highest.values()):.0f} MB at most; {cpu:.0f} s of processor time"
    )
    return {
        "processes": len(now),
        "pss_mb_end": round(sum(now.values()), 1),
        "pss_mb_most": round(sum(highest.values()), 1),
        "pss_mb_each_at_most": [round(each, 1) for each in highest.values()],
        "cpu_seconds": round(cpu, 1),
        "postgres": own.conditions(),
    }


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    model_name = ""
    with contextlib.suppress(OSError):
        for text in Path("/proc/cpuinfo").read_text().splitlines():
            if text.startswith("model name"):
                model_name = text.partition(":")[2].strip()
                break
    return {
        "processor": model_name or platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "python": platform.python_version(),
        "load_at_end": round(os.getloadavg()[0], 1),
        "kommuner": len(model.kommuner()),
    }


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
