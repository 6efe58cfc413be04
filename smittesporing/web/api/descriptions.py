"""Whether an expression can be used, and what it says: the `…/description` addresses.

The address decides the mode and so what is refused; expression/ reads, checks and words it: in Norwegian,
or in English with `locale=en`. Called through metadata_routes.py.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.expression.check import check
from smittesporing.expression.describe import describe
from smittesporing.expression.nodes import ExpressionError, Item, Mode, items
from smittesporing.expression.parse import parse
from smittesporing.metadata.forms import reference
from smittesporing.metadata.snapshot import Metadata
from smittesporing.metadata.wording import kind_of
from smittesporing.web.api.asking import asked
from smittesporing.web.api.envelope import Stopped, as_json, door, web_message

_RULES = (Mode.RULE_ENGINE_CONDITION, Mode.RULE_ENGINE_ACTION)
_KINDS = {
    "#": ("dataElements",),
    "A": ("trackedEntityAttributes",),
    "C": ("constants",),
    "D": ("dataElements",),
    "I": ("programIndicators",),
    "N": ("indicators",),
    "OUG": ("organisationUnitGroups",),
    "PS_EVENTDATE": ("programStages",),
    "R": ("dataSets",),
}
# How many leading identifiers of an item name something else than what it is about.
_ABOUT = {"R": 0}


@door
def condition(request: Request) -> Response:
    """POST /api/programRules/condition/description?programId=…"""
    return _described(request, Mode.RULE_ENGINE_CONDITION, _body(request), _program(request))


@door
def action_data(request: Request) -> Response:
    """POST /api/programRuleActions/data/expression/description?programId=…"""
    return _described(request, Mode.RULE_ENGINE_ACTION, _body(request), _program(request))


@door
def program_indicator(request: Request) -> Response:
    """POST /api/programIndicators/expression/description"""
    return _described(request, Mode.PROGRAM_INDICATOR_EXPRESSION, _body(request))


@door
def program_indicator_filter(request: Request) -> Response:
    """POST /api/programIndicators/filter/description"""
    return _described(request, Mode.PROGRAM_INDICATOR_FILTER, _body(request))


@door
def indicator(request: Request) -> Response:
    """POST /api/indicators/expression/description, or GET with `expression`."""
    return _described(request, Mode.INDICATOR_EXPRESSION, _stated(request))


@door
def expression(request: Request) -> Response:
    """GET /api/expressions/description?expression=…"""
    if "expression" not in request.query_params:
        raise Stopped(web_message(400, "Required request parameter 'expression' is not present"))
    return _described(request, Mode.INDICATOR_EXPRESSION, _stated(request))


@door
def validation_rule(request: Request) -> Response:
    """POST /api/validationRules/expression/description"""
    return _described(request, Mode.VALIDATION_RULE_EXPRESSION, _body(request))


@door
def predictor(request: Request) -> Response:
    """POST /api/predictors/expression/description"""
    return _described(request, Mode.PREDICTOR_GENERATOR_EXPRESSION, _body(request))


@door
def skip_test(request: Request) -> Response:
    """POST /api/predictors/skipTest/description"""
    return _described(request, Mode.PREDICTOR_SKIP_TEST, _body(request))


def _stated(request: Request) -> str:
    return request.query_params.get("expression", "") if request.method == "GET" else _body(request)


def _body(request: Request) -> str:
    try:
        raw: bytes = request.state.body
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Stopped(web_message(400, "The expression is not UTF-8")) from None


def _program(request: Request) -> str:
    """The program whose variables count. Errors  `Stopped` with 400 when it is not stated."""
    uid = request.query_params.get("programId", "")
    if not uid:
        raise Stopped(web_message(400, "Required request parameter 'programId' is not present"))
    return uid


def _described(request: Request, mode: Mode, text: str, program: str | None = None) -> Response:
    with asked(request) as (_, world):
        metadata = world.metadata
        if program is not None and metadata.get("programs", program) is None:
            raise Stopped(web_message(400, f"Program with id {program} could not be found"))
        if not text.strip():
            return _answer("ERROR", "Expression is empty", "")
        try:
            tree = parse(text, mode)
        except ExpressionError as fault:
            return _answer("ERROR", "Expression is not valid", str(fault))
        name_of = namer(metadata, mode, program)
        for item in items(tree):
            if item.sign not in ("V", "[") and name_of(item) is None:
                sentence = f"{item.written} names nothing that exists"
                return _answer("ERROR", "Expression is not valid", sentence)
        misfit = check(tree, mode, lambda item: kind_of(metadata, item, mode, program))
        if misfit is not None:
            return _answer("ERROR", "Expression is not valid", str(misfit))
        english = (world.locale or "").startswith("en")
        return _answer("OK", "Valid", describe(tree, name_of, "en" if english else "nb"))


def _answer(status: str, message: str, description: str) -> Response:
    return as_json(
        {
            "httpStatus": "OK",
            "httpStatusCode": 200,
            "status": status,
            "message": message,
            "description": description,
        }
    )


def namer(metadata: Metadata, mode: Mode, program: str | None) -> Callable[[Item], str | None]:
    """What `describe` asks for an item's name; None where nothing has it."""

    def name_of(item: Item) -> str | None:
        if mode in _RULES and item.sign in ("#", "A"):
            for variable in metadata.of("programRuleVariables").values():
                if variable.get("name") == item.name and reference(variable, "program") == program:
                    return item.name
            return None
        part = item.parts[min(_ABOUT.get(item.sign, len(item.parts) - 1), len(item.parts) - 1)]
        if item.sign == "#" and mode not in (
            Mode.PROGRAM_INDICATOR_EXPRESSION,
            Mode.PROGRAM_INDICATOR_FILTER,
        ):
            part = item.parts[0]
        for plural in _KINDS.get(item.sign, ()):
            body = metadata.get(plural, part)
            if body is not None:
                return str(body.get("name") or part)
        if mode in _RULES and item.sign == "C":
            named = (each.get("name") for each in metadata.of("constants").values())
            return item.name if item.name in named else None
        return None

    return name_of
