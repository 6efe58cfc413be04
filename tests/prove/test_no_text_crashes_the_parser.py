"""A million random texts: each is read or refused with a column and a sentence, none takes long.

Texts are made of the language's own pieces, of pieces of pieces, and of any characters at all. Seeds are
fixed, so that a failure can be seen again.
"""

import random
import time

import pytest

from smittesporing.expression.functions import FUNCTIONS, VARIABLES
from smittesporing.expression.nodes import ExpressionError, Mode
from smittesporing.expression.parse import parse

TEXTS = 1_000_000
PARTS = 20
LONGEST = 2.0  # seconds for one text, on any machine

_PIECES = [
    *FUNCTIONS,
    *(f"V{{{name}}}" for name in VARIABLES),
    "#{Abcdefghij1.Abcdefghij2}", "#{name}", "#{", "A{Abcdefghij1}", "C{Abcdefghij1}", "I{Abcdefghij1}",
    "R{Abcdefghij1.REPORTING_RATE}", "OUG{Abcdefghij1}", "[days]", "PS_EVENTDATE:Abcdefghij1",
    ".stageOffset(-1)", ".periodOffset(1)", ".minDate(2022-01-01)", "(", ")", ",", ".", "{", "}", "'", '"',
    "'text'", '"< 5"', "\\", "\\u00e6", "/*", "*/", "0", "1.5", "1e309", "2022-01-20", "true", "null", "and",
    "or", "not", "&&", "||", "==", "!=", "<>", "<=", "^", "%", "-", "+", "*", "/", " ", "\n", "\t", "\0",
    "æ", "\u202e", "\U0001f637", "\ud800",
]  # fmt: skip
_MODES = list(Mode)


def text(random_: random.Random) -> str:
    size = random_.choice((3, 8, 20, 60))
    pieces = [random_.choice(_PIECES) for _ in range(random_.randrange(size))]
    for _ in range(random_.randrange(4)):
        place = random_.randrange(len(pieces) + 1)
        pieces.insert(
            place, chr(random_.choice((random_.randrange(128), random_.randrange(0x11000))))
        )
    whole = "".join(pieces)
    cut = random_.randrange(len(whole) + 1)
    return whole if random_.random() < 0.7 else whole[:cut]


@pytest.mark.parametrize("part", range(PARTS))
def test_a_random_text_is_read_or_refused(part):
    random_ = random.Random(part)
    for _ in range(TEXTS // PARTS):
        one, mode = text(random_), random_.choice(_MODES)
        began = time.monotonic()
        try:
            parse.__wrapped__(one, mode)
        except ExpressionError as error:
            assert 1 <= error.column <= len(one) + 1, repr(one)
            assert error.message.endswith("."), repr(one)
        assert time.monotonic() - began < LONGEST, repr(one)


@pytest.mark.parametrize("mode", _MODES)
@pytest.mark.parametrize(
    "huge",
    ["(" * 50_000, "-" * 50_000, "1+" * 9_000 + "1", "'" + "a" * 99_000, "if(" * 30_000, "/*" * 49_000,
     "#{" * 50_000, "\\" * 99_000, "'" + "\\'" * 49_000, "1" * 99_000, "." * 99_000, "1^" * 9_000 + "1",
     "d2:condition(\"" * 200, "æ" * 100_001],
    ids=lambda text: text[:6],
)  # fmt: skip
def test_a_huge_text_is_read_or_refused_in_bounded_time(huge, mode):
    began = time.monotonic()
    try:
        parse.__wrapped__(huge, mode)
    except ExpressionError as error:
        assert error.column >= 1
    assert time.monotonic() - began < LONGEST
