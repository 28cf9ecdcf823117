"""Pictures from outside as small, freshly encoded JPEGs: no byte of theirs enters a paper."""

from __future__ import annotations

import io
from collections.abc import Iterable

from PIL import Image, ImageDraw, UnidentifiedImageError

from evidence.papers.blocks import Figure

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
_MAX_PIXELS = 40_000_000
_SIDE = 900
"""Pixels of the longer side in a paper."""
_RED = (200, 0, 0)
_MOST = (74.0, 66.0)
"""Millimetres a picture takes in a paper."""

Box = tuple[int, int, int, int]


def figure(body: bytes, caption: str, boxes: Iterable[Box] = ()) -> Figure | None:
    """Return the first frame as JPEG with ``boxes`` (x, y, width, height) framed in red.

    None where it is no picture that may be opened: unknown, damaged, or too large.
    """
    try:
        with Image.open(io.BytesIO(body), formats=_FORMATS) as picture:
            if picture.width * picture.height > _MAX_PIXELS:
                return None
            shown = picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    paper = Image.new("RGB", shown.size, (255, 255, 255))
    paper.paste(shown, mask=shown.getchannel("A"))
    line = max(2, max(paper.size) // 200)
    draw = ImageDraw.Draw(paper)
    for x, y, width, height in boxes:
        draw.rectangle((x, y, max(x, x + width), max(y, y + height)), outline=_RED, width=line)
    paper.thumbnail((_SIDE, _SIDE))
    file = io.BytesIO()
    paper.save(file, "JPEG", quality=85)
    scale = min(_MOST[0] / paper.width, _MOST[1] / paper.height)
    return Figure(file.getvalue(), (paper.width * scale, paper.height * scale), caption)
