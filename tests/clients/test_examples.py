"""The examples of docs/api.md, run as they stand, but for address, name and password."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.api.conftest import PASSWORD

PAGE = (Path(__file__).parent.parent.parent / "docs" / "api.md").read_text("utf-8")
EXAMPLES = {
    title: (language, code)
    for title, language, code in re.findall(r"^### (\S+)\n```(\w+)\n(.*?)^```", PAGE, re.M | re.S)
}


@pytest.mark.parametrize("title", sorted(EXAMPLES))
def test_an_example_of_the_page_runs_and_prints_something(client, ask, client_python, title):
    language, code = EXAMPLES[title]
    code = code.replace("https://smittesporing.example", str(client.base_url).rstrip("/"))
    if language == "sh":
        if shutil.which("curl") is None:
            pytest.skip("there is no curl here")
        pair = shlex.quote(f"odd-admin:{PASSWORD}")
        command = ["sh", "-c", code.replace("NAME:PASSWORD", pair)]
    else:
        code = code.replace('"NAME"', '"odd-admin"').replace('"PASSWORD"', f'"{PASSWORD}"')
        command = [str(client_python), "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "displayName" in done.stdout or len(done.stdout.splitlines()) > 2


def test_there_is_an_example_of_each_client():
    assert set(EXAMPLES) == {"curl", "dhis2.py", "dhis2-client", "pydhis2"}
