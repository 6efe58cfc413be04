"""`first-user`: print a one-time code for the first KS user.

Nobody has an account before that. The code is spent on the page that an unknown person meets after
signing in by ID-porten.
"""

import argparse
import os
import sys

from smittesporing import database
from smittesporing.access import users


def run(arguments: list[str]) -> int:
    argparse.ArgumentParser(prog="smittesporing first-user", description=__doc__).parse_args(
        arguments
    )
    url = os.environ.get("SMITTESPORING_OWNER_URL", "")
    if not url:
        print(
            "SMITTESPORING_OWNER_URL is not set: only the owner's role makes codes.",
            file=sys.stderr,
        )
        return 2
    with database.connect(url) as connection:
        print(users.make_code(connection))
    print(f"Valid for {users.CODE_HOURS} hours, once.", file=sys.stderr)
    return 0
