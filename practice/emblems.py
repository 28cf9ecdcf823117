"""Invented marks of the practice market: a logo for every right, and a round seal for GI goods.

None is like a registered logo, and the seal is not the official special mark: it says 演练.
"""

from __future__ import annotations

from functools import lru_cache
from math import cos, pi, sin
from random import Random

from PIL import Image, ImageDraw

from matchers.image.seeing.lettering import font

Colour = tuple[int, int, int]

_RING = "演练市场地理标志产品"
_OTHER_RING = "优质特产放心产品推荐"
_BIG = 4
"""Drawn so many times larger, then shrunk: smooth edges."""


@lru_cache(maxsize=32)
def logo(right: str, side: int = 400) -> Image.Image:
    """Return the logo of a right, ``side`` pixels wide and high, transparent around it."""
    rng = Random(f"logo/{right}")
    image, pen, size = _sheet(side)
    ink, second = _dark(rng), _dark(rng)
    middle = size / 2
    pen.circle((middle, middle), middle * 0.98, fill=ink)
    pen.circle((middle, middle), middle * 0.84, fill=(252, 250, 244))
    petals, turn = rng.randint(5, 9), rng.random() * pi
    for number in range(petals):
        angle = turn + number * 2 * pi / petals
        centre = (middle + middle * 0.5 * cos(angle), middle + middle * 0.5 * sin(angle))
        shape = (*centre, middle * rng.uniform(0.14, 0.26))
        pen.regular_polygon(shape, rng.randint(3, 6), rotation=rng.randrange(90), fill=second)
    for _ in range(rng.randint(7, 11)):
        angle = rng.random() * 2 * pi
        far = middle * rng.uniform(0.1, 0.8)
        x, y = middle + far * cos(angle), middle + far * sin(angle)
        reach = middle * rng.uniform(0.05, 0.16)
        pen.arc(
            (x - reach, y - reach, x + reach, y + reach), rng.randrange(180), 300, ink, _BIG * 4
        )
        pen.line((x, y, x + reach, y - reach), fill=ink, width=_BIG * 4)
    pen.regular_polygon((middle, middle, middle * 0.24), rng.randint(3, 6), rotation=45, fill=ink)
    return image.resize((side, side), Image.Resampling.LANCZOS)


@lru_cache(maxsize=8)
def seal(side: int = 400, *, imitated: bool = False) -> Image.Image:
    """Return the practice seal of GI goods, or its drawing with other words around it."""
    image, pen, size = _sheet(side)
    red, gold, middle = (196, 22, 28), (214, 160, 40), size / 2
    pen.circle((middle, middle), middle * 0.98, fill=red)
    pen.circle((middle, middle), middle * 0.93, fill=gold)
    pen.circle((middle, middle), middle * 0.9, fill=red)
    pen.circle((middle, middle), middle * 0.6, fill=(252, 246, 226))
    _ring_text(image, _OTHER_RING if imitated else _RING, middle, middle * 0.74)
    _hills(pen, middle, red, gold, ears=not imitated)
    pen.text(
        (middle, middle * 1.5),
        "EC" if imitated else "GI",
        fill=red,
        font=font(round(middle * 0.16), bold=True),
        anchor="mm",
    )
    return image.resize((side, side), Image.Resampling.LANCZOS)


def _sheet(side: int) -> tuple[Image.Image, ImageDraw.ImageDraw, int]:
    size = side * _BIG
    image = Image.new("RGBA", (size, size), (255, 255, 255, 0))
    return image, ImageDraw.Draw(image), size


def _dark(rng: Random) -> Colour:
    return rng.randint(10, 150), rng.randint(10, 120), rng.randint(10, 150)


def _ring_text(image: Image.Image, text: str, middle: float, reach: float) -> None:
    """Write along the upper arc, each letter upright on its radius."""
    height = round(reach * 0.28)
    for number, letter in enumerate(text):
        angle = -pi / 2 + (number - (len(text) - 1) / 2) * 0.42
        tile = Image.new("RGBA", (height * 2, height * 2), (0, 0, 0, 0))
        ImageDraw.Draw(tile).text(
            (height, height),
            letter,
            fill=(252, 246, 226),
            font=font(height, bold=True),
            anchor="mm",
        )
        tile = tile.rotate(-(angle + pi / 2) * 180 / pi, Image.Resampling.BICUBIC)
        x, y = middle + reach * cos(angle), middle + reach * sin(angle)
        image.alpha_composite(tile, (round(x) - height, round(y) - height))


def _hills(
    pen: ImageDraw.ImageDraw, middle: float, ink: Colour, gold: Colour, *, ears: bool
) -> None:
    """Draw three peaks, a river, and ears of grain or two suns."""
    m = middle
    pen.polygon(((m * 0.52, m * 1.2), (m * 0.8, m * 0.66), (m * 1.04, m * 1.2)), fill=ink)
    pen.polygon(((m * 0.86, m * 1.2), (m * 1.12, m * 0.56), (m * 1.48, m * 1.2)), fill=gold)
    pen.polygon(
        ((m * 0.74, m * 1.2), (m * 0.93, m * 0.86), (m * 1.12, m * 1.2)), fill=(120, 14, 20)
    )
    for step in range(3):
        y = m * (1.26 + step * 0.08)
        pen.arc((m * 0.6, y - m * 0.1, m, y + m * 0.1), 0, 180, ink, round(m * 0.03))
        pen.arc((m, y - m * 0.1, m * 1.4, y + m * 0.1), 180, 360, ink, round(m * 0.03))
    for side in (-1, 1):
        if not ears:
            pen.circle((m + side * m * 0.38, m * 0.78), m * 0.12, fill=ink)
        for step in range(5 if ears else 0):
            x, y = m + side * m * (0.4 - step * 0.02), m * (1.02 - step * 0.09)
            pen.ellipse((x - m * 0.05, y - m * 0.03, x + m * 0.05, y + m * 0.03), fill=gold)
