"""The fields of a GS1 code, as read from a Data Matrix or a QR code.

A code is a row of fields, each an application identifier and a value; some have a fixed length, the
others end at a separator. Source: GS1 General Specifications, sections 3 and 7.8. Called by `library`.
"""

from smittesporing.expression.nodes import ExpressionError
from smittesporing.expression.values import Value, as_text

# The code's own kind, sent before it by the reader: GS1 Data Matrix and GS1 QR Code.
_SYMBOLS = ("]d2", "]Q3")
_SEPARATOR = "\x1d"

# Fields of fixed length, by the first two digits: how many characters with the identifier.
_FIXED = {"00": 20, "01": 16, "02": 16, "03": 16, "04": 18, "20": 4, "41": 16}
_FIXED |= {f"{first}": 8 for first in range(11, 20)}
_FIXED |= {f"{first}": 10 for first in range(31, 37)}

# How many digits an identifier has, by its first two.
_DIGITS = {
    **dict.fromkeys(("00", "01", "02", "03", "04", "30", "37"), 2),
    **{f"{first}": 2 for first in (*range(10, 23), *range(90, 100))},
    **{f"{first}": 3 for first in (23, 24, 25, 40, 41, 42, 71)},
    **{f"{first}": 4 for first in (*range(31, 37), 39, 43, 70, 72, 80, 81, 82)},
}

# Names for the identifiers that health care uses, without spaces.
_NAMES = {
    "sscc": "00", "gtin": "01", "content": "02", "lotnumber": "10", "batchnumber": "10",
    "proddate": "11", "productiondate": "11", "duedate": "12", "packdate": "13",
    "bestbeforedate": "15", "sellby": "16", "expdate": "17", "expirationdate": "17", "variant": "20",
    "serialnumber": "21", "cpv": "22", "additionalid": "240", "secondaryserial": "250",
    "varcount": "30", "count": "37", "ordernumber": "400", "exptime": "7003", "url": "8200",
}  # fmt: skip


def gs1_field(key: Value, code: Value) -> Value:
    """The value of one field of the code.

    Shape   key is an identifier (`17`) or a name (`expiration date`, in any case, with any spaces).
    Errors  `ExpressionError` for an unknown key, another kind of code, and a field that is not there.
    """
    named = (as_text(key) or "").strip()
    wanted = _NAMES.get(named.lower().replace(" ", "").replace("_", "").replace("-", ""), named)
    if _DIGITS.get(wanted[:2]) != len(wanted):
        raise ExpressionError(0, "This is no field of a GS1 code.")
    whole = as_text(code) or ""
    if not whole.startswith(_SYMBOLS):
        raise ExpressionError(0, "The value is no GS1 code of a Data Matrix or a QR code.")
    rest = whole[3:]
    while rest:
        digits = _DIGITS.get(rest[:2])
        if digits is None:
            raise ExpressionError(0, "The GS1 code has a field that is not known.")
        end = _FIXED.get(rest[:2]) or (rest + _SEPARATOR).index(_SEPARATOR)
        if rest[:digits] == wanted:
            return rest[digits:end]
        rest = rest[end:].removeprefix(_SEPARATOR)
    raise ExpressionError(0, "The GS1 code lacks that field.")
