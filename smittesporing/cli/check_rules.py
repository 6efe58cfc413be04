"""`check-rules [FILE …]`: read and check the dated rules; exit 1 and name every fault.

Without files the rules shipped with the service; with files, a kommune's own rules together with them.
"""

import argparse
from collections import Counter
from pathlib import Path

from smittesporing.tracing import rulebook
from smittesporing.tracing.rule_files import RuleFileError


def run(arguments: list[str]) -> int:
    """Print how many rules each topic has and what is uncertain. 0 when all is well, 1 when not."""
    parser = argparse.ArgumentParser(prog="smittesporing check-rules", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="TOML files with a kommune's own rules")
    files: list[Path] = parser.parse_args(arguments).files
    try:
        book = rulebook.load()
        if files:
            book = rulebook.with_local(book, files)
    except (RuleFileError, OSError) as fault:
        print(fault)
        print("The rules can not be used.")
        return 1
    topics = Counter((rule.disease, rule.topic) for rule in book.rules)
    uncertain = Counter((rule.disease, rule.topic) for rule in book.rules if rule.uncertain_date)
    width = max(len(topic) for _, topic in topics)
    for (disease, topic), count in sorted(topics.items()):
        doubt = uncertain[disease, topic]
        said = f", {doubt} with an uncertain date" if doubt else ""
        print(f"{disease}  {topic:<{width}}  {count:>3} rules{said}")
    first, last = min(r.from_ for r in book.rules), max(r.from_ for r in book.rules)
    print(
        f"{len(book.rules)} rules from {first:%Y-%m-%d} to {last:%Y-%m-%d}, each with its source; "
        f"{sum(uncertain.values())} with an uncertain date. No gap, no overlap."
    )
    return 0
