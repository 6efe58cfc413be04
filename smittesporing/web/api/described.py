"""The words in which an address of the API says what it takes and what it answers.

Each `…_described.py` beside the endpoints holds a table from endpoint to `Description`; openapi.py makes
the document of them. What the guard adds for every address (400, 401, 403, 413, 429, 503) is added
there, so a description says only what its endpoint itself answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

Schema = Mapping[str, Any]
Endpoint = Callable[[Request], Response]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
UID: Schema = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9]{10}$"}
MOMENT: Schema = {"type": "string", "examples": ["2022-01-20", "2022-01-20T12:00:00.000"]}
ANYTHING: Schema = {}


def ref(name: str) -> Schema:
    """The component schema of that name; openapi_schemas.py declares them."""
    return {"$ref": f"#/components/schemas/{name}"}


def one_of(*words: str) -> Schema:
    return {"type": "string", "enum": list(words)}


def word_of(*words: str) -> Schema:
    """One of the words; any other counts as the first."""
    return {"type": "string", "examples": list(words)}


def listing(name: str, item: Schema) -> Schema:
    """An envelope with a pager, unless paging=false, and the list under its name."""
    return {
        "type": "object",
        "properties": {"pager": ref("Pager"), name: {"type": "array", "items": item}},
    }


@dataclass(frozen=True)
class Parameter:
    """One parameter of the query, or of the path where its name needs its own words.

    repeated  it may stand several times; commas within one value are the parameter's own affair.
    """

    name: str
    says: str
    schema: Schema = field(default_factory=lambda: TEXT)
    repeated: bool = False
    required: bool = False


@dataclass(frozen=True)
class Body:
    """What is sent; several media types mean the same content."""

    says: str
    schema: Schema
    media: tuple[str, ...] = ("application/json",)
    required: bool = True


@dataclass(frozen=True)
class Answer:
    """What one status means and carries; without a media type, nothing.

    others  schemas of further media types that the same content may come in.
    """

    says: str
    schema: Schema
    media: str = "application/json"
    others: Mapping[str, Schema] = field(default_factory=dict)


@dataclass(frozen=True)
class Description:
    """One endpoint: a sentence, its parameters, its body and each status it can give by itself."""

    says: str
    answers: Mapping[int, Answer]
    query: tuple[Parameter, ...] = ()
    body: Body | None = None
    path: tuple[Parameter, ...] = ()


Table = Mapping[Endpoint, Description]


def ok(says: str, schema: Schema) -> dict[int, Answer]:
    return {200: Answer(says, schema)}


def nothing(says: str, status: int = 204) -> dict[int, Answer]:
    """Done, and an empty answer."""
    return {status: Answer(says, ANYTHING, "")}


def stops(**says: str) -> dict[int, Answer]:
    """Refusals, each in a WebMessage: `stops(s404="…", s409="…")`."""
    return {int(name[1:]): Answer(text, ref("WebMessage")) for name, text in says.items()}


FIELDS = Parameter(
    "fields",
    "Which properties to show: names, nesting in brackets, presets (`:all`, `:owner`, `:identifiable`, "
    "`:nameable`, `:simple`), exclusion with `!`, transformers with `~` or `::`.",
    repeated=True,
)
PAGING = (
    Parameter("page", "Which page; the first is 1, and one past the end is empty.", NUMBER),
    Parameter("pageSize", "How many a page; 50 unless stated.", NUMBER),
    Parameter("paging", "false gives everything at once, without a pager.", FLAG),
)
FILTER = Parameter(
    "filter", "`property:operator:value`; several are joined by rootJunction.", repeated=True
)
ORDER = Parameter("order", "`property:asc` or `property:desc`, several with commas.", repeated=True)
