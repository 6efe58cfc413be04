"""Two files of figures side by side, row by row. Called by `python -m bench compare A B`."""

import json
from pathlib import Path
from typing import Any

_KEY = ("operation", "variant", "users")


def compare(first: Path, second: Path) -> int:
    """Print p95 and entities a second of both, and second divided by first; 0 when any row matched."""
    one, other = _rows(first), _rows(second)
    shared = [key for key in one if key in other]
    print(f"{'operation':<10}{'variant':<26}{'users':>6}{'A p95':>10}{'B p95':>10}{'B/A':>7}"
          f"{'A ent/s':>10}{'B ent/s':>10}{'B/A':>7}")  # fmt: skip
    for key in shared:
        a, b = one[key], other[key]
        rates = (a["entities_per_second"], b["entities_per_second"])
        rate = (
            f"{rates[0]:>10.0f}{rates[1]:>10.0f}{rates[1] / rates[0]:>7.2f}" if all(rates) else ""
        )
        print(
            f"{key[0]:<10}{key[1]:<26}{key[2]:>6}{a['p95']:>10.1f}{b['p95']:>10.1f}"
            f"{b['p95'] / a['p95']:>7.2f}{rate}"
        )
    return 0 if shared else 1


def _rows(file: Path) -> dict[tuple[Any, ...], dict[str, Any]]:
    figures = json.loads(file.read_text("utf-8"))["figures"]
    return {tuple(row[name] for name in _KEY): row for row in figures}
