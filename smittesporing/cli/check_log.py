"""`check-log`: verify the seals of the access log; exit 1 and name the place when a row was changed."""

import argparse
import os

from smittesporing import database
from smittesporing.access import log


def run(arguments: list[str]) -> int:
    argparse.ArgumentParser(prog="smittesporing check-log", description=__doc__).parse_args(
        arguments
    )
    with database.connect(os.environ["SMITTESPORING_DATABASE_URL"]) as connection:
        broken = log.broken(connection)
    for unit, number in broken:
        print(f"Seal {number} of org unit {unit} does not fit its rows.")
    print("The log is whole." if not broken else f"{len(broken)} broken seals.")
    return 1 if broken else 0
