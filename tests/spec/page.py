"""docs/expressions.md, written from the function table and the tables of tests/spec/expression.

`python -m tests.spec.page` writes it; a test holds it current.
"""

from pathlib import Path

from smittesporing.expression.functions import FUNCTIONS, ITEMS, MODIFIERS, VARIABLES, Function
from smittesporing.expression.nodes import Mode
from tests.spec.reading import ENVIRONMENT, FOLDER, MODES, RECORD

PAGE = Path(__file__).parent.parent.parent / "docs" / "expressions.md"
_ORDER = (
    "choosing",
    "numbers",
    "texts",
    "dates",
    "values",
    "samples",
    "operators",
    "items",
    "variables",
)

_HEAD = """\
# Expressions

DHIS2's language for program rules, program indicators, indicators, validation rules and predictors, as this service
reads it. This page is generated from `smittesporing/expression/functions.py` and from the tables in
`tests/spec/expression/`; each row below is a test, run through the referee in Python and, where rows are counted,
through PostgreSQL as well. Where DHIS2 itself has two meanings, [dhis2-quirks.md](dhis2-quirks.md) tells.

To try one:

    echo '{"mode": "RULE_ENGINE_ACTION", "text": "#{a} + 1", "values": {"a": {"type": "NUMBER", "value": "10"}}}' \\
      | ./dev expression --describe

The modes are called here: """


def _modes(modes: frozenset[Mode]) -> str:
    names = [name for name, mode in MODES.items() if mode in modes]
    return "everywhere" if len(names) == len(MODES) else ", ".join(names)


def _signature(function: Function) -> str:
    words = [kind.value.lower() for kind in function.arguments]
    for place in range(len(words) - function.optional, len(words)):
        words[place] += "?"
    if function.repeated:
        words[-1] += " …"
    return f"{function.name}({', '.join(words)})"


def _functions() -> list[str]:
    lines = [
        "## Functions",
        "",
        "| function | gives | what is missing | where | meaning | på norsk |",
    ]
    lines += ["|---|---|---|---|---|---|"]
    for function in FUNCTIONS.values():
        lines.append(
            f"| `{_signature(function)}` | {function.result.value.lower()} | {function.missing} "
            f"| {_modes(function.modes)} "
            f"| {function.english} | {function.norwegian} |"
        )
    return [*lines, ""]


def _items() -> list[str]:
    lines = ["## Items, modifiers and variables", "", "| item | where |", "|---|---|"]
    shown = {"PS_EVENTDATE": "PS_EVENTDATE:stage", "[": "[days]"}
    lines += [f"| `{shown.get(sign, sign + '{…}')}` | {_modes(m)} |" for sign, m in ITEMS.items()]
    lines += ["", "| modifier | where |", "|---|---|"]
    lines += [f"| `.{name}(…)` | {_modes(modes)} |" for name, modes in MODIFIERS.items()]
    lines += ["", "| variable | gives | where |", "|---|---|---|"]
    for variable in VARIABLES.values():
        kind = variable.kind.value.lower()
        lines.append(f"| `V{{{variable.name}}}` | {kind} | {_modes(variable.modes)} |")
    return [*lines, ""]


def _record() -> list[str]:
    lines = [
        "## The record the rows speak of",
        "",
        "| name | type | values, newest first |",
        "|---|---|---|",
    ]
    for name, each in RECORD.items():
        lines.append(f"| `{name}` | {each.kind.value.lower()} | {', '.join(each.values) or '–'} |")
    lines += ["", "Every value was given on 2022-01-19. The variables: "]
    lines[-1] += ", ".join(f"`{name}` {value}" for name, (_, value) in ENVIRONMENT.items()) + "."
    return [*lines, ""]


def _table(name: str) -> list[str]:
    lines: list[str] = []
    for line in (FOLDER / f"{name}.table").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            lines += ["## " + line[2:], ""]
        elif line.startswith("> "):
            lines += [line[2:], ""]
        elif line.startswith("## "):
            lines += ["    ", f"    ── {line[3:]}"]
        elif line.strip():
            lines.append("    " + line.rstrip())
    return [*lines, ""]


def page() -> str:
    """The whole page as Markdown."""
    modes = ", ".join(f"{name} ({mode.value})" for name, mode in MODES.items()) + "."
    lines = [_HEAD + modes, "", *_functions(), *_items(), *_record()]
    for name in _ORDER:
        lines += _table(name)
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
