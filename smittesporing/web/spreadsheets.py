"""What keeps a spreadsheet from running text that somebody wrote. Called by both doors' tables."""

# A spreadsheet runs text that begins with one of these as a formula, whoever wrote it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # fmt: skip


def safe(text: str) -> str:
    """The text as no spreadsheet takes it for a formula: such text gets an apostrophe before it."""
    return "'" + text if text.startswith(_FORMULA) else text
