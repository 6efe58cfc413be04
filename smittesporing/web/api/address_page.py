"""The table of addresses in docs/api.md, made of the route table and the descriptions.

`python -m smittesporing.web.api.address_page` writes it anew; a test says when it is behind.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from smittesporing.web.api.openapi import described
from smittesporing.web.routes import Route, every_route

PAGE = Path(__file__).parents[3] / "docs" / "api.md"
_TABLE = re.compile(r"(?<=<!-- addresses -->\n).*?(?=<!-- /addresses -->)", re.DOTALL)
_WHO = {"public": "everybody", "signed_in": "whoever is signed in"}


def table(routes: Iterable[Route]) -> str:
    """Each address once for each meaning, with its methods and who may ask."""
    lines: dict[tuple[str, str], list[str]] = {}
    rules: dict[tuple[str, str], str] = {}
    for route, method, said in described(routes):
        key = (route.path, said.says)
        lines.setdefault(key, []).append(method)
        rules[key] = _WHO.get(route.authority, f"the action `{route.authority}`")
    rows = [
        f"| {', '.join(methods)} | `{path}` | {says} | {rules[path, says]} |"
        for (path, says), methods in lines.items()
    ]
    return "\n".join(["| method | address | what | who |", "| --- | --- | --- | --- |", *rows, ""])


def page(text: str) -> str:
    """The page with its table as the routes are now."""
    return _TABLE.sub(lambda _: table(every_route()), text)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
