"""`python -m sandbox`: all stand-ins on 127.0.0.1 in one process, until SIGTERM or Ctrl-C.

Prints one line when it answers. The service's client key is made in --data when missing (as the
self-service portal would have registered it): the service is started with that file.
"""

import argparse
from datetime import date
from pathlib import Path

import uvicorn

from sandbox.app import build
from sandbox.clients import client_of_service
from sandbox.keys import SigningKeys, kept_key
from sandbox.people import read_people
from sandbox.register import Register
from sandbox.residents import residents
from sandbox.running import free_socket

EXAMPLES = Path(__file__).parent.parent / "examples"


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8081, help="port on 127.0.0.1")
    parser.add_argument(
        "--service", default="http://127.0.0.1:8080", help="where the service answers"
    )
    parser.add_argument("--client-id", default="smittesporing", help="the service's client_id")
    parser.add_argument(
        "--data", type=Path, required=True, help="folder for keys that outlive a start"
    )
    parser.add_argument(
        "--users", type=Path, default=EXAMPLES / "users.toml", help="who can sign in"
    )
    parser.add_argument(
        "--first-day",
        type=date.fromisoformat,
        default=date(2022, 1, 20),
        help="first day of the exercise, which decides who the outbreak's people are",
    )
    parser.add_argument(
        "--without-agreement",
        default="",
        metavar="NUMBERS",
        help="kommuner without an agreement about Folkeregisteret, separated by comma",
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    chosen = arguments(argv)
    client_key = kept_key(chosen.data / "client.jwk")
    public = {"keys": [client_key.as_dict(private=False)]}
    sandbox = build(
        origin=f"http://127.0.0.1:{chosen.port}",
        clients=(client_of_service(chosen.client_id, chosen.service.rstrip("/"), public),),
        people=read_people(chosen.users),
        register=Register(residents(chosen.first_day, chosen.users)),
        without_agreement=frozenset(filter(None, chosen.without_agreement.split(","))),
        keys=SigningKeys(kept_key(chosen.data / "idporten.jwk")),
    )
    bound = free_socket(chosen.port)
    config = uvicorn.Config(sandbox.app, log_level="warning", access_log=False, lifespan="off")
    print(f"Sandbox: {sandbox.origin} (issuer {sandbox.issuer})", flush=True)
    uvicorn.Server(config).run(sockets=[bound])


if __name__ == "__main__":
    main()
