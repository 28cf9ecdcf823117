"""Draws the practice market's pictures: packs on a background, always the same bytes."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random
from typing import Literal

from PIL import Image, ImageDraw, ImageFont, ImageOps

from practice.goods import Pack

SIDE = 320
"""Width and height in pixels."""

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Drawing:
    """One picture: a pack drawn from ``key``, and what was done to it."""

    pack: Pack
    key: str
    emblem: str | None = None
    """Draws the logo of this right on the label."""
    letters: str | None = None
    """Latin letters on the label."""
    copied: bool = False
    """Mirrored, cropped and with a banner, as a picture thief would."""
    fault: Literal["missing", "html"] | None = None
    """Not there, or a web page under a picture's name."""


@lru_cache(maxsize=256)
def render(drawing: Drawing) -> bytes:
    """Return the drawing as JPEG bytes."""
    out = io.BytesIO()
    _draw(drawing).save(out, "JPEG", quality=88)
    return out.getvalue()


def _draw(drawing: Drawing) -> Image.Image:
    if drawing.copied:
        return _stolen(_draw(replace(drawing, copied=False)))
    rng = Random(drawing.key)
    image = Image.linear_gradient("L").resize((SIDE, SIDE)).rotate(rng.choice((0, 90, 180, 270)))
    image = ImageOps.colorize(image, _shade(rng, 150, 215), _shade(rng, 220, 255))
    pen = ImageDraw.Draw(image)
    _clutter(pen, rng)
    label = _PACKS[drawing.pack](pen, rng)
    pen.rectangle(label, fill=_shade(rng, 225, 255), outline=_shade(rng, 20, 90), width=2)
    _pattern(pen, rng, label)
    if drawing.emblem:
        _emblem(pen, drawing.emblem, _inner(label))
    if drawing.letters:
        left, top, right, bottom = label
        font = ImageFont.load_default(size=(right - left) / max(4, len(drawing.letters)) * 1.4)
        pen.rectangle((left + 3, top + 3, right - 3, bottom - 3), fill=(250, 250, 245))
        middle = ((left + right) // 2, (top + bottom) // 2)
        pen.text(middle, drawing.letters, fill=(150, 16, 24), font=font, anchor="mm")
    return image


def _shade(rng: Random, low: int, high: int) -> Colour:
    return rng.randint(low, high), rng.randint(low, high), rng.randint(low, high)


def _clutter(pen: ImageDraw.ImageDraw, rng: Random) -> None:
    for _ in range(rng.randint(5, 12)):
        x, y, r = rng.randrange(SIDE), rng.randrange(SIDE), rng.randint(4, 26)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=_shade(rng, 120, 240))


def _pattern(pen: ImageDraw.ImageDraw, rng: Random, label: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = label
    for _ in range(rng.randint(6, 14)):
        x, y = rng.randint(left + 4, right - 14), rng.randint(top + 4, bottom - 12)
        w, h = rng.randint(3, 12), rng.randint(2, 9)
        pen.rectangle(
            (x, y, min(x + w, right - 3), min(y + h, bottom - 3)), fill=_shade(rng, 40, 190)
        )


def _inner(label: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    left, top, right, bottom = label
    side = min(right - left, bottom - top) - 8
    x, y = (left + right - side) // 2, (top + bottom - side) // 2
    return x, y, x + side, y + side


def _emblem(pen: ImageDraw.ImageDraw, right_id: str, box: tuple[int, int, int, int]) -> None:
    """Draw a ring with a figure of polygons that belongs to the right alone."""
    rng = Random(f"logo/{right_id}")
    left, top, right, bottom = box
    middle, radius = ((left + right) / 2, (top + bottom) / 2), (right - left) / 2
    ink, paper = _shade(rng, 10, 140), _shade(rng, 215, 255)
    pen.ellipse(box, fill=ink)
    pen.circle(middle, radius * 0.86, fill=paper)
    for step in range(3):
        circle = (*middle, radius * (0.8 - 0.24 * step))
        fill = ink if step % 2 == 0 else paper
        pen.regular_polygon(circle, rng.randint(3, 7), rotation=rng.randrange(90), fill=fill)


def _stolen(image: Image.Image) -> Image.Image:
    cropped = ImageOps.mirror(image).crop((20, 14, SIDE - 12, SIDE - 26)).resize((SIDE, SIDE))
    ImageDraw.Draw(cropped).rectangle((0, SIDE - 40, SIDE, SIDE), fill=(214, 28, 40))
    return cropped


def _bottle(pen: ImageDraw.ImageDraw, rng: Random) -> tuple[int, int, int, int]:
    glass, half = _shade(rng, 20, 120), rng.randint(44, 62)
    pen.rounded_rectangle((160 - half, 100, 160 + half, 300), 18, fill=glass)
    pen.rectangle((142, 40, 178, 104), fill=glass)
    pen.rectangle((138, 26, 182, 46), fill=_shade(rng, 60, 220))
    return 160 - half + 6, 150, 160 + half - 6, 250


def _bag(pen: ImageDraw.ImageDraw, rng: Random) -> tuple[int, int, int, int]:
    lean = rng.randint(-10, 10)
    pen.polygon(
        ((70 + lean, 50), (250 + lean, 50), (262, 292), (58, 292)), fill=_shade(rng, 60, 220)
    )
    pen.rectangle((70 + lean, 40, 250 + lean, 58), fill=_shade(rng, 60, 220))
    return 92, 110, 228, 232


def _box(pen: ImageDraw.ImageDraw, rng: Random) -> tuple[int, int, int, int]:
    side = _shade(rng, 70, 200)
    pen.polygon(((50, 120), (80, 90), (280, 90), (250, 120)), fill=_shade(rng, 120, 240))
    pen.polygon(((250, 120), (280, 90), (280, 230), (250, 264)), fill=_shade(rng, 40, 120))
    pen.rectangle((50, 120, 250, 264), fill=side)
    return 84, 146, 216, 240


def _jar(pen: ImageDraw.ImageDraw, rng: Random) -> tuple[int, int, int, int]:
    pen.rounded_rectangle((82, 96, 238, 290), 30, fill=_shade(rng, 90, 210))
    pen.rectangle((90, 62, 230, 100), fill=_shade(rng, 30, 160))
    return 94, 140, 226, 244


def _shoe(pen: ImageDraw.ImageDraw, rng: Random) -> tuple[int, int, int, int]:
    pen.polygon(
        ((60, 120), (130, 110), (170, 170), (270, 200), (280, 236), (56, 236)),
        fill=_shade(rng, 60, 240),
    )
    pen.rounded_rectangle((50, 230, 288, 262), 12, fill=_shade(rng, 200, 255))
    return 76, 150, 138, 212


def _slab(pen: ImageDraw.ImageDraw, rng: Random) -> tuple[int, int, int, int]:
    pen.rounded_rectangle((92, 34, 228, 296), 22, fill=_shade(rng, 30, 200))
    pen.rounded_rectangle((104, 46, 146, 98), 10, fill=_shade(rng, 10, 90))
    return 108, 150, 212, 226


def _round(pen: ImageDraw.ImageDraw, rng: Random) -> tuple[int, int, int, int]:
    pen.circle((160, 164), rng.randint(96, 118), fill=_shade(rng, 80, 230))
    return 112, 128, 208, 204


_PACKS = {
    "bottle": _bottle,
    "bag": _bag,
    "box": _box,
    "jar": _jar,
    "shoe": _shoe,
    "slab": _slab,
    "round": _round,
}
