"""Each figure of the weekly report is said twice: as an indicator and as a query on the records."""

import json

from smittesporing.metadata.shipped import build
from tests.shipped.checks import checks


def test_every_program_indicator_has_a_check_query() -> None:
    path = build.HERE / "5-indicators.json"
    shipped = {row["code"] for row in json.loads(path.read_text("utf-8"))["programIndicators"]}
    assert set(checks()) == shipped


def test_check_queries_are_written_out_whole() -> None:
    for code, text in checks().items():
        assert "{ST_" not in text and "<CASES>" not in text and "[" not in text, code
