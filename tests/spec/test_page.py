"""docs/expressions.md says what the tables say."""

from tests.spec.page import _ORDER, PAGE, page
from tests.spec.reading import FOLDER


def test_the_page_is_current():
    written = PAGE.read_text(encoding="utf-8")
    assert written == page(), "python -m tests.spec.page writes it anew"


def test_the_page_leaves_no_table_out():
    assert {file.stem for file in FOLDER.glob("*.table")} == set(_ORDER)
