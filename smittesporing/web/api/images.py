"""Pictures in the sizes clients ask for: SMALL, MEDIUM and LARGE.

Pure: bytes in, bytes out. A picture that would unpack to far more than it seems is refused before it is
unpacked. Called by files.py and icons.py.
"""

from __future__ import annotations

import io
import warnings

from PIL import Image, UnidentifiedImageError

SIDES = {"SMALL": 256, "MEDIUM": 512, "LARGE": 1024}
DIMENSIONS = (*SIDES, "ORIGINAL")
MOST_PIXELS = 40_000_000
_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}


class NoPicture(ValueError):
    """The bytes are no picture of that kind, or one too large to open."""


def check(content: bytes, content_type: str) -> None:
    """Nothing when the bytes are a picture of that kind. Errors  `NoPicture`."""
    with _opened(content, content_type):
        pass


def sized(content: bytes, content_type: str, dimension: str) -> bytes:
    """The picture no wider or higher than the dimension's side; a smaller one as it is.

    Errors  `NoPicture`.
    """
    side = SIDES.get(dimension)
    if side is None:
        return content
    with _opened(content, content_type) as picture:
        if max(picture.size) <= side:
            return content
        try:
            # A JPEG is unpacked no larger than needed.
            picture.draft(None, (side, side))
            picture.thumbnail((side, side))
            written = io.BytesIO()
            picture.save(written, format=_FORMATS[content_type])
        except (OSError, ValueError, MemoryError, SyntaxError) as fault:
            raise NoPicture("The picture cannot be opened") from fault
        return written.getvalue()


def _opened(content: bytes, content_type: str) -> Image.Image:
    kind = _FORMATS.get(content_type)
    if kind is None:
        raise NoPicture("No picture")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=(kind,))
    except (
        UnidentifiedImageError, Image.DecompressionBombWarning, Image.DecompressionBombError,
        OSError, ValueError, SyntaxError,
    ) as fault:  # fmt: skip
        raise NoPicture("The bytes are no picture of that kind") from fault
    if picture.width * picture.height > MOST_PIXELS:
        raise NoPicture("The picture is too large")
    return picture
