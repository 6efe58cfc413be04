"""Questions from metadata as fields of a page: which control, which choices, which words.

Knows the parts under `ui` by name and nothing of who answered. Called by interview.py and registration.py;
drawn by templates/index/question.html.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from starlette.datastructures import ImmutableMultiDict

from smittesporing.tracing.casebook.book import Book
from smittesporing.tracing.casebook.interview import Part, Question
from smittesporing.web.pages.words import _

# More choices than this are a list to open.
FEW = 6
KOMMUNE_LEVEL = 3
# Questions whose text value is a kommune's number.
KOMMUNER = frozenset({"ST_RESIDENCE", "ST_INFECTED_KOMMUNE"})
CONTROLS = {
    "DATE": "date",
    "DATETIME": "datetime-local",
    "TIME": "time",
    "PHONE_NUMBER": "tel",
    "EMAIL": "email",
    "LONG_TEXT": "textarea",
    "BOOLEAN": "yes_no",
    "TRUE_ONLY": "checkbox",
    "AGE": "date",
}


@dataclass(frozen=True)
class Field:
    """One control as the template draws it. `choices` are (value, word)."""

    question: Question
    control: str
    choices: tuple[tuple[str, str], ...]
    most: str = ""  # the latest day that may be chosen

    @property
    def name(self) -> str:
        return self.question.code

    @property
    def chosen(self) -> list[str]:
        return [part for part in self.question.value.split(",") if part]


def field_of(book: Book, question: Question) -> Field:
    """The control for a question."""
    choices = question.options
    control = CONTROLS.get(question.value_type, "text")
    if question.code in KOMMUNER:
        choices = kommuner(book, question)
        question = replace(
            question, help=""
        )  # it tells how to write the number, which nobody does here
    if question.several:
        control = "checkboxes"
    elif choices:
        control = "buttons" if len(choices) <= FEW else "select"
    elif "INTEGER" in question.value_type or question.value_type in ("NUMBER", "PERCENTAGE"):
        control = "number"
    most = "" if question.may_lie_ahead or control != "date" else book.today.isoformat()
    return Field(question, control, tuple(choices), most)


def kommuner(book: Book, question: Question) -> tuple[tuple[str, str], ...]:
    """All kommuner by name; what is stored beside them, as a bydel or a word, keeps its place."""
    found = sorted(
        ((unit.code, unit.name) for unit in book.units.level(KOMMUNE_LEVEL) if unit.code),
        key=lambda pair: pair[1],
    )
    more = [("2100", _("Svalbard"))]
    if question.code == "ST_RESIDENCE":
        more += [("ABROAD", _("Utlandet")), ("UNKNOWN", _("Ukjent"))]
    known = {code for code, _name in (*found, *more)}
    if question.value and question.value not in known:
        more.append((question.value, question.value))
    return (*found, *more)


def fields_of(book: Book, part: Part) -> tuple[Field, ...]:
    return tuple(field_of(book, question) for question in part.questions)


def state_of(parts: Iterable[Part]) -> dict[str, dict[str, object]]:
    """Skip logic for the browser: what to hide, demand and warn of, for every field and section."""
    fields: dict[str, dict[str, object]] = {}
    for part in parts:
        fields[part.uid] = {"hidden": part.hidden or part.asked == 0}
        for one in part.questions:
            fields[one.code] = {
                "hidden": one.hidden,
                "required": one.required,
                "warning": one.warning,
            }
    return fields


def typed(form: Mapping[str, object], codes: Iterable[str]) -> dict[str, str]:
    """What was typed in these fields, trimmed; control characters are dropped."""
    found = {}
    for code in codes:
        several = form.getlist(code) if isinstance(form, ImmutableMultiDict) else [form.get(code)]
        text = ",".join(str(each) for each in several if each)
        found[code] = "".join(c for c in text if c.isprintable() or c == "\n").strip()[:2000]
    return found


def is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
