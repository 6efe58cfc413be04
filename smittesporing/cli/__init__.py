"""The operators' door: one file per command, chosen by its first word.

`python -m smittesporing COMMAND` and the installed `smittesporing` lead here.
"""

import importlib
import sys

COMMANDS = {
    "serve": "run the service on one address",
    "migrate": "bring the database to this version and install the shipped tables",
    "setup-database": "print the SQL that prepares a PostgreSQL server of one's own",
    "first-user": "print a one-time code for the first KS user",
    "import-linelist": "bring a line list and its links in through the API",
    "import-borders": "read Kartverket's border file, so that the map has shapes",
    "check-log": "verify the seals of the access log",
    "expression": "a calculator for DHIS2's expressions: JSON lines in, JSON lines out",
    "check-rules": "verify the dated rules: no gap, no overlap, every source named",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code is its own."""
    words = sys.argv[1:] if arguments is None else arguments
    if not words or words[0] not in COMMANDS:
        width = max(map(len, COMMANDS))
        print("smittesporing COMMAND [options]\n")
        for name, meaning in COMMANDS.items():
            print(f"  {name:<{width}}  {meaning}")
        return 0 if words in ([], ["--help"], ["-h"]) else 2
    module = importlib.import_module(f"smittesporing.cli.{words[0].replace('-', '_')}")
    return int(module.run(words[1:]) or 0)
