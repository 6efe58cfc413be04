"""What holds for the whole house: small files, spoken codes, declared routes, words of our own only."""

import re
import subprocess
from pathlib import Path

import pytest

from smittesporing.problems import SENTENCES
from smittesporing.web.api.openapi import DESCRIBED
from smittesporing.web.routes import every_route

ROOT = Path(__file__).parent.parent.parent
MOST_LINES = 400
# Longer files, each with the sentence why.
LONGER: dict[str, str] = {
    "tests/web/test_oidc.py": "one matrix of bad tokens, read from top to bottom",
    "tests/web/test_sign_in.py": "one story: every way into and out of a session",
}


def tracked(*endings: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    return [ROOT / name for name in listed if name.endswith(endings) and (ROOT / name).exists()]


def test_no_file_of_code_is_longer_than_400_lines_without_a_reason():
    long = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines())
        for path in tracked(".py", ".ts", ".css", ".html", ".sql")
    }
    assert {
        name: lines for name, lines in long.items() if lines > MOST_LINES and name not in LONGER
    } == {}


def test_every_module_says_what_it_is_for():
    silent = [
        str(path.relative_to(ROOT))
        for path in tracked(".py")
        if "smittesporing" in path.parts[len(ROOT.parts) :][:1]
        and not path.read_text("utf-8").lstrip().startswith(('"""', "#!"))
    ]
    assert silent == []


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_every_code_has_a_sentence_that_says_something(code):
    # E1300 is a program rule's own sentence.
    assert len(SENTENCES[code]) > 10 or SENTENCES[code] == "{0}"


def test_every_code_that_is_raised_has_a_sentence():
    used = set()
    for path in tracked(".py"):
        if "smittesporing" in path.parts[len(ROOT.parts) :][:1]:
            used |= set(
                re.findall(r"""(?:Refused|Problem)\(\s*["'](T\d{3})["']""", path.read_text("utf-8"))
            )
    assert used - SENTENCES.keys() == set()


def test_every_route_declares_its_four_rules():
    routes = list(every_route())
    for route in routes:
        route.check()
    assert len(routes) > 60
    assert len({(route.path, route.methods) for route in routes}) == len(routes)


def test_every_address_of_the_api_says_what_it_takes_and_answers():
    """Write the missing ones into the `…_described.py` beside the endpoint; docs/api.md tells how."""
    routes = [route for route in every_route() if route.path.startswith("/api")]
    assert [route.path for route in routes if route.endpoint not in DESCRIBED] == []
    served = {route.endpoint for route in routes}
    assert [endpoint.__qualname__ for endpoint in DESCRIBED if endpoint not in served] == []


def test_only_the_doors_without_people_are_public():
    public = {route.path for route in every_route() if route.authority == "public"}
    assert public == {
        "/", "/helse", "/logg-inn", "/logg-inn/start", "/logg-inn/tilbake", "/logg-ut", "/logget-ut",
        "/logg-ut/front", "/logg-ut/bak", "/adgang", "/adgang/kode",
        "/api/ping", "/api/system/ping", "/api/loginConfig",
    } | {path for path in public if path.startswith("/kart/")}  # fmt: skip


def test_nothing_of_the_workplace_stands_in_the_project():
    forbidden = re.compile(
        "|".join(
            ("/wo" + "rk/", "pypi" + r"\.org", "npm" + "js", r"\bas" + "sistant\\b", "clau" + "de")
        )
    )
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()[:80]}"
        for path in tracked(
            ".py", ".md", ".toml", ".ts", ".css", ".html", ".sql", ".json", ".lock", "dev", "run"
        )
        for line in path.read_text("utf-8", "replace").splitlines()
        if forbidden.search(line.lower())
    ]
    assert found == []


def test_no_room_is_called_after_what_it_is_not():
    banned = {"utils", "helpers", "common", "core", "misc"}
    assert [p for p in tracked(".py") if p.stem in banned or banned & set(p.parts)] == []
