"""What keeps a spreadsheet from running text that somebody wrote. Called by both doors' tables."""

import re

# A spreadsheet runs text that begins with one of these as a formula, whoever wrote it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # fmt: skip
_NEGATIVE = re.compile(r"-\d+(\.\d+)?")


def safe(text: str) -> str:
    """The text as no spreadsheet takes it for a formula: such text gets an apostrophe before it.

    Shape   A negative number stays as it is.
    """
    if text.startswith(_FORMULA) and not _NEGATIVE.fullmatch(text):
        return "'" + text
    return text
