"""`serve`: run the service on one address, one process per core (decision 22)."""

import argparse
import logging
import os

import uvicorn


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="smittesporing serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    # Each thread would otherwise keep for itself what large imports have freed.
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    uvicorn.run(
        "smittesporing.web.app:from_environment",
        factory=True,
        host=chosen.host,
        port=chosen.port,
        workers=chosen.processes,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=5,
    )
    return 0
