"""What clients ask of a server at start, besides who they are: how to sign in, languages, the menu.

Small answers without records. Called through web/api/files_routes.py.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata import icons, system_settings
from smittesporing.uid import derived_uid, new_uid
from smittesporing.web.api.envelope import (
    Stopped,
    as_json,
    door,
    not_found,
    number,
    web_message,
)
from smittesporing.web.api.system import MOST_IDS, VERSION
from smittesporing.web.session import SIGN_IN_PATH

LOCALES = (("nb", "norsk bokmål"), ("nn", "norsk nynorsk"), ("en", "English"), ("fr", "français"),
           ("es", "español"), ("pt", "português"), ("se", "davvisámegiella"))  # fmt: skip
# Name, ISO duration, frequency in days and the form of an identifier.
PERIOD_TYPES = (
    ("Daily", "P1D", 1, "yyyyMMdd"),
    ("Weekly", "P7D", 7, "yyyyWn"),
    ("BiWeekly", "P14D", 14, "yyyyBiWn"),
    ("Monthly", "P1M", 30, "yyyyMM"),
    ("BiMonthly", "P2M", 61, "yyyyMMB"),
    ("Quarterly", "P3M", 91, "yyyyQn"),
    ("SixMonthly", "P6M", 182, "yyyySn"),
    ("Yearly", "P1Y", 365, "yyyy"),
    ("FinancialApril", "P1Y", 365, "yyyyApril"),
    ("FinancialJuly", "P1Y", 365, "yyyyJuly"),
    ("FinancialOct", "P1Y", 365, "yyyyOct"),
)


@door
def login_config(request: Request) -> Response:
    """GET /api/loginConfig: what a page for signing in shows, before anybody has."""
    with request.app.state.pool.connection() as connection:
        found = system_settings.every(connection)
        title = _text(request, connection, "applicationTitle", found)
        body: dict[str, Any] = {
            "applicationTitle": title,
            "applicationDescription": _text(request, connection, "keyApplicationIntro", found),
            "applicationNotification": _text(
                request, connection, "keyApplicationNotification", found
            ),
            "applicationLeftSideFooter": _text(request, connection, "keyApplicationFooter", found),
            "applicationRightSideFooter": _text(
                request, connection, "keyApplicationRightFooter", found
            ),
            "loginPopup": _text(request, connection, "loginPopup", found),
        }
    settings = request.app.state.settings
    providers = (
        [{"id": "idporten", "loginText": "ID-porten", "url": SIGN_IN_PATH}]
        if settings.issuer
        else []
    )
    return as_json(
        {
            **body,
            "apiVersion": VERSION,
            "countryFlag": found["keyFlag"],
            "uiLocale": found["keyUiLocale"],
            "loginPageLayout": found["loginPageLayout"],
            "loginPageTemplate": found["loginPageTemplate"],
            "recaptchaSite": found["recaptchaSite"],
            "loginPageLogo": None,
            "useCustomLogoFront": False,
            "emailConfigured": False,
            "allowAccountRecovery": False,
            "selfRegistrationEnabled": False,
            "selfRegistrationNoRecaptcha": False,
            "minPasswordLength": str(found["minPasswordLength"]),
            "maxPasswordLength": str(found["maxPasswordLength"]),
            "oidcProviders": providers,
        }
    )


@door
def app_menu(request: Request) -> Response:
    """GET /api/apps/menu: the header bar's list of apps; the service's own pages."""
    base = request.app.state.settings.base_url
    modules = [
        {"name": name, "namespace": "/", "defaultAction": f"{base}{path}", "displayName": shown,
         "icon": f"{base}/api/icons/{icon}/icon.svg", "description": ""}
        for name, path, shown, icon in (
            ("i-dag", "/i-dag", "I dag", "calendar_outline"),
            ("personer", "/personer", "Personer", "people_outline"),
            ("oversikt", "/oversikt", "Oversikt", "chart_outline"),
        )
    ]  # fmt: skip
    return as_json({"modules": modules})


@door
def apps(request: Request) -> Response:
    """GET /api/apps: installed apps, among which Capture looks for plugins; there are none."""
    return as_json([])


@door
def ui_locales(request: Request) -> Response:
    """GET /api/locales/ui."""
    return as_json([_locale(*each) for each in LOCALES])


@door
def db_locales(request: Request) -> Response:
    """GET /api/locales/db: the languages configuration may be translated into."""
    return as_json([_locale(*each) for each in LOCALES])


@door
def db_locale_objects(request: Request) -> Response:
    """GET /api/locales/dbLocales: the same as objects with identifiers."""
    return as_json(
        [{"id": derived_uid("ST", "locale", code), **_locale(code, name)} for code, name in LOCALES]
    )


@door
def db_locale_object(request: Request) -> Response:
    """GET /api/locales/dbLocales/{uid}: one of them."""
    for code, name in LOCALES:
        if derived_uid("ST", "locale", code) == request.path_params["uid"]:
            return as_json({"id": request.path_params["uid"], **_locale(code, name)})
    raise Stopped(not_found("Locale", request.path_params["uid"]))


@door
def flags(request: Request) -> Response:
    """GET /api/system/flags: what a front page may wave."""
    return as_json([{"name": "Norge", "key": "norway", "path": "norway.png"}])


@door
def styles(request: Request) -> Response:
    """GET /api/system/styles: the dresses of a header bar; there is DHIS2's usual one."""
    path = system_settings.OF_USERS["keyStyle"] or "light_blue/light_blue.css"
    return as_json([{"name": "Light blue", "key": "light_blue", "path": path}])


@door
def logo(request: Request) -> Response:
    """GET /api/staticContent/logo_banner and logo_front: the service's own mark."""
    if request.path_params["key"] not in ("logo_banner", "logo_front", "logo_mobile"):
        raise Stopped(web_message(404, "No such content", code="E1005"))
    return Response(icons.drawn("chain_outline") or "", media_type="image/svg+xml")


@door
def period_types(request: Request) -> Response:
    """GET /api/periodTypes."""
    return as_json(
        {
            "periodTypes": [
                {"name": name, "displayName": name, "isoDuration": duration, "isoFormat": form,
                 "frequencyOrder": days}
                for name, duration, days, form in PERIOD_TYPES
            ]
        }
    )  # fmt: skip


@door
def uids(request: Request) -> Response:
    """GET /api/system/uid?limit=n: fresh identifiers."""
    limit = number(request, "limit", 1, MOST_IDS)
    return as_json({"codes": [new_uid() for _ in range(limit)]})


@door
def uuids(request: Request) -> Response:
    """GET /api/system/uuid?limit=n: fresh identifiers of the longer kind."""
    limit = number(request, "limit", 1, MOST_IDS)
    return as_json({"codes": [str(uuid4()) for _ in range(limit)]})


def _locale(code: str, name: str) -> dict[str, str]:
    return {"locale": code, "name": name, "displayName": name}


def _text(request: Request, connection: Any, key: str, found: Any) -> str:
    locale = request.query_params.get("locale") or str(found["keyUiLocale"])
    return system_settings.translation(connection, key, locale) or str(found[key])
