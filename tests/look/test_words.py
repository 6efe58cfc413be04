"""Dates, numbers and the frame as a Norwegian reader expects them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from starlette.requests import Request

from smittesporing.access.reach import ACTIONS, Reach
from smittesporing.web.frontend import build
from smittesporing.web.pages import render, words

SPACE = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("writes", "value", "expected"),
    [
        (words.day_full, date(2022, 1, 20), "torsdag 20. januar 2022"),
        (words.day_named, "2022-01-20", "torsdag 20. januar"),
        (words.day_short, date(2022, 1, 20), "20. jan."),
        (words.day_tight, date(2022, 1, 8), "8.1."),
        (words.day_month, None, "–"),
        (words.day_month, datetime(2022, 1, 20, 23, 30, tzinfo=UTC), "21. januar"),
        (words.clock, datetime(2022, 1, 20, 11, 4, tzinfo=UTC), "12.04"),
        (words.at, "2022-07-20T10:04:00+00:00", "kl. 12.04"),
        (words.number, 77095, f"77{SPACE}095"),
        (words.phone, "+4799990005", SPACE.join(["99", "99", "00", "05"])),
        (words.phone, "+46 70 123", "+46 70 123"),
        (words.listed, ["Siri", "Ivar", "Liv"], "Siri, Ivar og Liv"),
    ],
)
def test_written_as_norwegians_write(writes, value, expected):
    assert writes(value) == expected


def test_share_of_nothing_claims_nothing():
    assert words.percent(0, 0) == "–"
    assert words.percent(23, 31) == f"74{SPACE}%"


def shown(role: str | None, query: str = "") -> str:
    """The text of a page as this role sees it."""
    clock = SimpleNamespace(today=lambda: date(2022, 1, 20), shifted=True)
    app = SimpleNamespace(state=SimpleNamespace(settings=SimpleNamespace(clock=clock)))
    scope = {"type": "http", "method": "GET", "path": "/oversikt", "headers": [], "app": app}
    request = Request({**scope, "query_string": urlencode({"beskjed": query}).encode()})
    if role:
        request.state.reach = Reach("u", "l", "Lise Hansen", (), (), None, role, ACTIONS[role])
    values = {"heading": "Hei", "sentence": "<b>", "code": "T1"}
    return bytes(render.page(request, "refusal.html", **values).body).decode()


@pytest.mark.parametrize(
    ("role", "menu"),
    [
        (
            "tracer",
            ["I dag", "Personer", "Hendelser og klynger", "Smittekjeder", "Oversikt", "Rapport"],
        ),
        ("fhi", ["Oversikt", "Rapport"]),
        ("administrator", ["Oversikt", "Rapport", "Administrasjon"]),
        (None, []),
    ],
)
def test_menu_holds_what_the_role_may_do(role, menu):
    text = shown(role)
    assert [
        item.word for item in render.MENU if f">{item.word}</a>" in text.split("</nav>")[0]
    ] == menu


def test_the_page_one_stands_on_is_marked_and_the_exercise_is_said():
    text = shown("tracer")
    assert '<a href="/oversikt" aria-current="page">Oversikt</a>' in text
    assert "Øvelse" in text and "torsdag 20. januar 2022" in text


def test_an_address_cannot_put_words_on_a_page():
    render.say("prøve-lagret", "done", "Det er lagret.")
    assert "Det er lagret." in shown("tracer", "prøve-lagret")
    assert "Ring 5555" not in shown("tracer", "Ring 5555")


def test_another_language_replaces_the_texts_of_page_and_islands(tmp_path, monkeypatch):
    folder = tmp_path / "nn" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    made = Catalog(locale="nn")
    made.add("Til forsiden", "Til framsida")
    with (folder / "smittesporing.mo").open("wb") as file:
        write_mo(file, made)
    monkeypatch.setattr(words, "LOCALE_DIR", tmp_path)
    words.catalogue.cache_clear()
    assert words.catalogue("nn").gettext("Til forsiden") == "Til framsida"
    assert words.catalogue("nn").gettext("Logg ut") == "Logg ut"
    assert words.translated("nn") == {"Til forsiden": "Til framsida"}
    assert words.translated("nb") == {}
    words.catalogue.cache_clear()


def test_text_is_escaped():
    assert "<b>" not in shown("tracer")


def test_data_block_cannot_be_closed_from_inside():
    block = render.data_block("x", {"name": "</script><script>"})
    assert block.count("</script>") == 1


def test_lock_file_names_no_download_address():
    lock = (build.HERE / "package-lock.json").read_text("utf-8")
    assert '"resolved"' not in lock and "://" not in lock.replace("https://github.com/sponsors", "")


def test_second_build_does_nothing():
    build.build()
    assert build.build() is False
