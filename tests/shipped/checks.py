"""The hand-written check query of each program indicator, ready to run.

Called by the tests of the shipped programme and of counting.
"""

import re
import tomllib
from pathlib import Path

from smittesporing.metadata.shipped import build
from smittesporing.metadata.shipped.naming import kinds, uid

TABLE = tomllib.loads(Path(__file__).with_name("checks.toml").read_text("utf-8"))


def checks() -> dict[str, str]:
    """Program indicator's code → SQL with the parameters named at the top of checks.toml."""
    tables = build.tables()
    known = kinds(tables)
    texts = dict(TABLE["checks"])
    for stem, text in TABLE["each"].items():
        for option in tables["options"]["EXPOSURE_SETTING"]["options"]:
            part = "<SETTING_UNKNOWN>" if option == "UNKNOWN" else "<SETTING>"
            texts[stem + option] = whole(text.replace("<SETTING>", part)).replace(
                "[option]", option
            )
    return {
        code: re.sub(r"\{(ST_\w+)\}", lambda m: uid(known[m[1]], m[1]), whole(text))
        for code, text in texts.items()
    }


def whole(text: str) -> str:
    """The query with its parts written out; <PART:word> also fills the part's own bracket."""

    def part(match: re.Match[str]) -> str:
        name, _, word = match[1].partition(":")
        return re.sub(r"\[(status|stage)\]", word, str(TABLE["parts"][name]))

    return re.sub(r"<([A-Z_]+(?::[A-Z_{}]+)?)>", part, text)
