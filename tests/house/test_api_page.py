"""docs/api.md follows the route table."""

from smittesporing.web.api import address_page
from smittesporing.web.routes import every_route


def test_the_table_of_addresses_is_current():
    written = address_page.PAGE.read_text("utf-8")
    assert written == address_page.page(written), (
        "docs/api.md is behind: run python -m smittesporing.web.api.address_page"
    )


def test_every_address_of_the_api_stands_on_the_page():
    written = address_page.PAGE.read_text("utf-8")
    paths = {each.path for each in every_route() if each.path.startswith("/api")}
    assert [path for path in paths if f"`{path}`" not in written] == []
