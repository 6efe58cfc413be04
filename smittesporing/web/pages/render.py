"""Pages out of templates: the frame around every page, its words, its assets and its headers.

Turns a template and values into an HTTP answer. Knows who is signed in only to draw
the frame; it decides nothing about access and reads no database. Every page module
in this package calls `page` for a whole page and `part` for a piece htmx puts in place.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from smittesporing.access.reach import ROLE_NAMES, Reach
from smittesporing.web.pages import timeline, words

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
BUILT = HERE / "static" / "built"
STATIC_URL = "/static"
COUNT = ("count", "published")
_numbers = count(1)


@dataclass(frozen=True)
class MenuItem:
    key: str
    word: str
    short: str
    href: str
    icon: str
    actions: tuple[str, ...]


MENU = (
    MenuItem("i-dag", "I dag", "I dag", "/i-dag", "list", ("people",)),
    MenuItem("personer", "Personer", "Personer", "/personer", "person", ("people",)),
    MenuItem("hendelser", "Hendelser og klynger", "Hendelser", "/hendelser", "event", ("people",)),
    MenuItem("smittekjeder", "Smittekjeder", "Kjeder", "/smittekjeder", "chain", ("people",)),
    MenuItem("oversikt", "Oversikt", "Oversikt", "/oversikt", "bars", COUNT),
    MenuItem("rapport", "Rapport", "Rapport", "/rapport", "report", COUNT),
    MenuItem(
        "konfigurasjon", "Konfigurasjon", "Konfigurasjon", "/konfigurasjon", "list", ("metadata",)
    ),
    MenuItem(
        "administrasjon",
        "Administrasjon",
        "Administrasjon",
        "/administrasjon",
        "gear",
        ("administer", "agreements"),
    ),
)


@dataclass(frozen=True)
class Frame:
    """What stands around every page: the strip, the menu and whose work this is."""

    today: date | None
    exercise: bool
    name: str
    place: str
    role: str
    menu: tuple[MenuItem, ...]
    current: str
    nonce: str
    csrf: str
    locale: str
    theme: str
    density: str
    search: str


@dataclass(frozen=True)
class Notice:
    """A line above the page's content. Kinds: info, done, warning, error."""

    kind: str
    text: str


NOTICES: dict[str, Notice] = {}


def say(code: str, kind: str, text: str) -> str:
    """Register a notice that a redirect may ask for as `?beskjed=code`; returns the code.

    Only registered texts are ever shown: an address can't put words on a page.
    """
    NOTICES[code] = Notice(kind, text)
    return code


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    menu: str = "",
    notices: tuple[Notice, ...] = (),
    **values: Any,
) -> HTMLResponse:
    """A whole page. Its nonce is the one web/app.py names in the policy header.

    menu     the chosen item's key (`i-dag`, `personer`, …); otherwise read from the path.
    notices  lines above the content, beside the one `?beskjed=` asks for.
    values   what the template needs; a missing name is an error, not an empty string.
    """
    asked = NOTICES.get(request.query_params.get("beskjed", ""))
    shown = notices if asked is None else (*notices, asked)
    html = render(request, template, menu=menu, notices=shown, **values)
    return HTMLResponse(html, status)


def part(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A piece of a page for htmx or an island to put in place; the same names as in `page`."""
    return HTMLResponse(render(request, template, **values), status)


def render(request: Request, template: str, **values: Any) -> str:
    """The template's text with the frame's names: frame, ui, request, notices, nonce, today."""
    shown = frame(request, str(values.pop("menu", "")))
    values.setdefault("notices", ())
    return (
        environment(shown.locale)
        .get_template(template)
        .render(request=request, frame=shown, nonce=shown.nonce, today=shown.today, **values)
    )


def nonce_of(request: Request) -> str:
    """The request's own nonce: made once, and the same in header and page."""
    if not hasattr(request.state, "nonce"):
        request.state.nonce = secrets.token_urlsafe(16)
    return str(request.state.nonce)


def frame(request: Request, menu: str = "") -> Frame:
    """The frame's facts, from request.state (reach, place, csrf, locale) and the clock."""
    state = request.state
    reach: Reach | None = getattr(state, "reach", None)
    settings = getattr(request.app.state, "settings", None)
    clock = getattr(settings, "clock", None)
    first = request.url.path.strip("/").split("/")[0]
    return Frame(
        today=clock.today() if clock else None,
        exercise=bool(clock and clock.shifted),
        name="" if reach is None else reach.name,
        place=str(getattr(state, "place", "")),
        role="" if reach is None else words._(ROLE_NAMES.get(reach.role, reach.role)),
        menu=() if reach is None else tuple(i for i in MENU if any(map(reach.may, i.actions))),
        current=menu or first,
        nonce=nonce_of(request),
        csrf=str(getattr(state, "csrf", "")),
        locale=str(getattr(state, "locale", "nb")),
        theme=chosen(request, "tema", ("light", "dark")),
        density=chosen(request, "tetthet", ("compact", "comfortable")) or "compact",
        search=request.query_params.get("q", "") if first == "sok" else "",
    )


def chosen(request: Request, cookie: str, allowed: tuple[str, ...]) -> str:
    """What the reader chose for herself, kept in a cookie; nothing when it is not one we know."""
    value = request.cookies.get(cookie, "")
    return value if value in allowed else ""


@lru_cache(maxsize=8)
def environment(locale: str = "nb") -> Environment:
    """The templates of one language, with every macro under `ui` and every filter of words.py."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    catalogue = words.catalogue(locale)
    made.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(words.FILTERS)
    made.globals.update(asset=asset, data_block=data_block, new_id=new_id, phone_href=phone_href)
    made.globals.update(index_head=timeline.head_of)
    made.globals["translated"] = words.translated
    made.globals["ui"] = ui = SimpleNamespace()
    for name in sorted(path.name for path in (TEMPLATES / "macros").glob("*.html")):
        module = made.get_template(f"macros/{name}").module
        vars(ui).update({k: v for k, v in vars(module).items() if not k.startswith("_")})
    return made


def asset(name: str) -> str:
    """The address of a built file, `main.js` or `main.css`, with its hash; unhashed before a build."""
    try:
        stamp = (BUILT / "manifest.json").stat().st_mtime_ns
    except FileNotFoundError:
        return f"{STATIC_URL}/built/{name}"
    return f"{STATIC_URL}/built/{manifest(stamp).get(name, name)}"


@lru_cache(maxsize=2)
def manifest(stamp: int) -> dict[str, str]:
    """The built names, read again when the file's time changes."""
    read: dict[str, str] = json.loads((BUILT / "manifest.json").read_text("utf-8"))
    return read


def data_block(name: str, value: object) -> Markup:
    """JSON an island reads, as a block the browser does not run; `<` can't close it early."""
    return Markup('<script type="application/json" id="{}">{}</script>').format(
        name, htmlsafe_json_dumps(value)
    )


def new_id(prefix: str = "f") -> str:
    """An id that no other element of the page has, for labels and descriptions."""
    return f"{prefix}-{next(_numbers)}"


def phone_href(value: str) -> str:
    """tel: with the digits only."""
    return "tel:" + "".join(c for c in value if c.isdigit() or c == "+")
