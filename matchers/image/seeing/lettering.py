"""A font for what is written onto pictures: Noto Sans SC from a package, else Latin only."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont

_PACKAGE = "justmytype_intl_cjk"
_FILE = "fonts/ofl/notosanssc/NotoSansSC[wght].ttf"

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@lru_cache(maxsize=64)
def font(size: int, *, bold: bool = False) -> Font:
    """Return the font with letters ``size`` pixels high."""
    package = find_spec(_PACKAGE)
    if package is None or package.origin is None:
        return ImageFont.load_default(size=size)
    letters = ImageFont.truetype(str(Path(package.origin).parent / _FILE), size)
    letters.set_variation_by_axes([800 if bold else 500])
    return letters
