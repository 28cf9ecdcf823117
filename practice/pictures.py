"""Draws the practice market's pictures: packs on a ground, always the same bytes."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random
from typing import Literal

from PIL import Image, ImageDraw, ImageOps

from matchers.image.seeing.lettering import font
from practice.goods import Pack
from practice.packs import SIDE, label, place, shade, textured

Treatment = Literal["stolen", "collage", "framed", "inset"]
"""What a picture thief does: mirror, crop, banner; four in one; a frame; a small one in a scene."""


@dataclass(frozen=True)
class Drawing:
    """One picture: a pack drawn from ``key``, and what was done to it."""

    pack: Pack
    key: str
    words: tuple[str, ...] = ()
    """On the label, the first in large type."""
    emblem: str | None = None
    """Draws the logo of this right on the label."""
    seal: Literal["genuine", "imitated"] | None = None
    """Draws the practice seal of GI goods on the label, or one laid out like it."""
    code: str | None = None
    """Credit code below the seal."""
    treatment: Treatment | None = None
    notice: str | None = None
    """No goods at all: a board with these words, as a market shows where a picture is missing."""
    fault: Literal["missing", "html"] | None = None
    """Not there, or a web page under a picture's name."""


@lru_cache(maxsize=256)
def render(drawing: Drawing) -> bytes:
    """Return the drawing as JPEG bytes."""
    out = io.BytesIO()
    _draw(drawing).save(out, "JPEG", quality=86)
    return out.getvalue()


def _draw(drawing: Drawing) -> Image.Image:
    if drawing.notice:
        return _board(drawing.notice)
    if drawing.treatment:
        return _TREATMENTS[drawing.treatment](_draw(replace(drawing, treatment=None)), drawing.key)
    rng = Random(drawing.key)
    image = _ground(rng)
    left, top, right, bottom = place(image, drawing.pack, rng)
    size = right - left, bottom - top
    art = label(size, rng, drawing.words, drawing.emblem, drawing.seal, drawing.code)
    turned = art.convert("RGBA").rotate(rng.uniform(-3, 3), Image.Resampling.BICUBIC, expand=True)
    image.paste(turned, (left, top), turned)
    return image


def _ground(rng: Random) -> Image.Image:
    """Return white paper, or a table with things lying about."""
    if rng.random() < 0.3:
        return textured(Image.new("RGB", (SIDE, SIDE), (246, 246, 246)), rng, 0.05)
    slope = Image.linear_gradient("L").rotate(rng.choice((0, 90, 180, 270)))
    slope = slope.resize((SIDE, SIDE))
    image = ImageOps.colorize(slope, shade(rng, 130, 205), shade(rng, 205, 250))
    pen = ImageDraw.Draw(image)
    for _ in range(rng.randint(10, 24)):
        x, y, r = rng.randrange(SIDE), rng.randrange(SIDE), rng.randint(8, 46)
        fill = shade(rng, 90, 230)
        if rng.random() < 0.5:
            pen.regular_polygon((x, y, r), rng.randint(3, 7), rng.randrange(90), fill=fill)
        else:
            pen.ellipse((x - r, y - r // 2, x + r, y + r // 2), fill=fill)
    return textured(image, rng, 0.16)


def _board(text: str) -> Image.Image:
    image = Image.new("RGB", (SIDE, SIDE), (238, 240, 242))
    pen = ImageDraw.Draw(image)
    for step in range(0, SIDE, 48):
        pen.line((0, step, SIDE, (step * 3) % SIDE), fill=(228, 231, 234), width=5)
    pen.rounded_rectangle((210, 160, 430, 340), 20, outline=(150, 156, 164), width=12)
    pen.polygon(((230, 320), (300, 230), (350, 290), (380, 260), (410, 320)), fill=(150, 156, 164))
    pen.circle((380, 210), 20, fill=(150, 156, 164))
    letters = font(54, bold=True)
    pen.text((SIDE // 2, 430), text, fill=(120, 126, 134), font=letters, anchor="mm")
    return image


def _stolen(image: Image.Image, _: str) -> Image.Image:
    cropped = ImageOps.mirror(image).crop((40, 28, SIDE - 24, SIDE - 52)).resize((SIDE, SIDE))
    pen = ImageDraw.Draw(cropped)
    pen.rectangle((0, SIDE - 84, SIDE, SIDE), fill=(214, 28, 40))
    letters = font(46, bold=True)
    pen.text((SIDE // 2, SIDE - 42), "全店包邮 买二送一", fill="white", font=letters, anchor="mm")
    return cropped


def _collage(image: Image.Image, key: str) -> Image.Image:
    half = SIDE // 2
    sheet = Image.new("RGB", (SIDE, SIDE), "white")
    packs: tuple[Pack, ...] = ("jar", "box", "bottle", "bag")
    for number, pack in enumerate(packs):
        part = image if number == 2 else _draw(Drawing(pack, f"{key}/{number}"))
        at = (number % 2 * half, number // 2 * half)
        sheet.paste(part.resize((half - 4, half - 4), Image.Resampling.LANCZOS), at)
    return sheet


def _framed(image: Image.Image, _: str) -> Image.Image:
    sheet = Image.new("RGB", (SIDE, SIDE), (248, 214, 120))
    sheet.paste(image.resize((500, 500), Image.Resampling.LANCZOS), (70, 40))
    pen = ImageDraw.Draw(sheet)
    pen.rounded_rectangle((30, 548, 420, 628), 20, fill=(190, 20, 30))
    pen.text((225, 588), "到手价 29.9", fill="white", font=font(52, bold=True), anchor="mm")
    return sheet


def _inset(image: Image.Image, key: str) -> Image.Image:
    scene = _draw(Drawing("box", f"{key}/scene"))
    scene.paste(image.resize((300, 300), Image.Resampling.LANCZOS), (324, 16))
    return scene


_TREATMENTS = {"stolen": _stolen, "collage": _collage, "framed": _framed, "inset": _inset}
