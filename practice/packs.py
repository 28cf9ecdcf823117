"""Packs of the practice market as a studio would show them: a body, light on it, a label."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from matchers.image.seeing.lettering import font
from practice import emblems
from practice.goods import Pack

SIDE = 640
"""Width and height of a picture in pixels."""
_UNIT = SIDE / 320
"""Bodies are laid out on a sheet of 320 by 320."""

Colour = tuple[int, int, int]
Box = tuple[int, int, int, int]


def shade(rng: Random, low: int, high: int) -> Colour:
    """Return a colour of three random parts."""
    return rng.randint(low, high), rng.randint(low, high), rng.randint(low, high)


def grain(rng: Random, side: int, cells: int) -> Image.Image:
    """Return a square of soft grey noise around 128, always the same for the same chance."""
    noise = Image.frombytes("L", (cells, cells), rng.randbytes(cells * cells))
    return noise.resize((side, side), Image.Resampling.BICUBIC)


def textured(image: Image.Image, rng: Random, strength: float) -> Image.Image:
    """Return the image with the irregularities of paper, cloth or stone."""
    both = Image.blend(grain(rng, image.width, 12), grain(rng, image.width, 160), 0.5)
    soft = Image.blend(Image.new("L", image.size, 128), both, strength)
    return ImageChops.add(image, Image.merge("RGB", (soft, soft, soft)), 1.0, -128)


def place(image: Image.Image, pack: Pack, rng: Random) -> Box:
    """Put a pack with its shadow onto the ground; return where its label belongs."""
    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    room = _BODIES[pack](_Pen(layer), rng)
    outline, body = layer.getchannel("A"), layer.convert("RGB")
    shadow = ImageChops.offset(outline, 14, 12).filter(ImageFilter.BoxBlur(9))
    image.paste((40, 40, 44), (0, 0), shadow.point(lambda value: value * 2 // 5))
    light = Image.linear_gradient("L").transpose(Image.Transpose.ROTATE_90).resize(image.size)
    lit = ImageChops.add(body, Image.merge("RGB", (light, light, light)), 1.6, -20)
    image.paste(textured(Image.blend(body, lit, 0.45), rng, 0.08), (0, 0), outline)
    return room


def label(
    size: tuple[int, int],
    rng: Random,
    words: tuple[str, ...],
    emblem: str | None,
    seal: str | None,
    code: str | None,
) -> Image.Image:
    """Return a label: a border, ornaments, words with the first in large type, mark and seal."""
    width, height = size
    paper, ink = shade(rng, 226, 255), shade(rng, 10, 110)
    image = Image.new("RGB", size, paper)
    pen = ImageDraw.Draw(image)
    _ornaments(pen, rng, size)
    _border(pen, rng, size, ink)
    marks: list[Image.Image] = []
    side = min(width, height * 6 // 10 if words else height) * 8 // 10
    if emblem:
        marks.append(emblems.logo(emblem).resize((side, side), Image.Resampling.LANCZOS))
    if seal:
        stamp = emblems.seal(imitated=seal == "imitated")
        marks.append(stamp.resize((side, side), Image.Resampling.LANCZOS))
    top = height * 4 // 10 if words else (height - side) // 2
    for number, mark in enumerate(marks, 1):
        image.paste(mark, (width * number // (len(marks) + 1) - side // 2, top), mark)
    _write(pen, words, (width, height if not marks else top + 6), shade(rng, 10, 90), paper)
    if code:
        letters = font(max(11, width // 16))
        pen.rectangle((12, height - 30, width - 12, height - 8), fill=paper)
        pen.text((width // 2, height - 19), code, fill=(20, 20, 20), font=letters, anchor="mm")
    return image


def _border(pen: ImageDraw.ImageDraw, rng: Random, size: tuple[int, int], ink: Colour) -> None:
    """Draw one of four borders."""
    width, height = size
    inset, thick = rng.randint(2, 12), rng.randint(1, 7)
    edge = (inset, inset, width - inset - 1, height - inset - 1)
    style = rng.randrange(4)
    if style == 0:
        pen.rectangle(edge, outline=ink, width=thick)
    elif style == 1:
        pen.rounded_rectangle(edge, rng.randint(12, 40), outline=ink, width=thick)
    elif style == 2:
        pen.rectangle((0, 0, width, inset + thick * 3), fill=ink)
        pen.rectangle((0, height - inset - thick, width, height), fill=shade(rng, 60, 180))
    else:
        for start in range(0, width + height, rng.randint(14, 30)):
            pen.line((start, 0, start - 12, 12), fill=ink, width=thick)
            pen.line((start, height, start - 12, height - 12), fill=ink, width=thick)


def _ornaments(pen: ImageDraw.ImageDraw, rng: Random, size: tuple[int, int]) -> None:
    """Draw a band of figures around the edge, and small print that nobody reads."""
    width, height = size
    first, second = shade(rng, 60, 190), shade(rng, 60, 190)
    for number in range(rng.randint(34, 50)):
        x, y = rng.randrange(8, width - 8), rng.choice((14, height - 14)) + rng.randint(-6, 6)
        if number % 3 == 0:
            x, y = rng.choice((14, width - 14)) + rng.randint(-6, 6), rng.randrange(8, height - 8)
        figure = (x, y, rng.randint(4, 9))
        pen.regular_polygon(
            figure, rng.randint(3, 6), rng.randrange(90), fill=first if number % 2 else second
        )
    for _ in range(rng.randint(3, 6)):
        x, y = rng.randrange(20, max(21, width - 90)), rng.randrange(height // 2, height - 24)
        reach = rng.randint(12, 30)
        pen.arc(
            (x, y, x + reach, y + reach), rng.randrange(180), rng.randrange(200, 360), second, 3
        )


def _write(
    pen: ImageDraw.ImageDraw,
    words: tuple[str, ...],
    room: tuple[int, int],
    ink: Colour,
    paper: Colour,
) -> None:
    """Write the words into the upper part of a label, the first as large as fits."""
    if not words:
        return
    width, height = room
    sizes = [min((width - 48) // _width(words[0]), height // 2)]
    sizes += [min((width - 48) // max(4, _width(word)), height // 5) for word in words[1:]]
    gap = max(2, (height - 24 - sum(sizes)) // (len(words) + 1))
    y = 12 + gap
    for number, (word, size) in enumerate(zip(words, sizes, strict=True)):
        letters = font(size, bold=number == 0)
        box = pen.textbbox((width // 2, y + size // 2), word, font=letters, anchor="mm")
        pen.rectangle((box[0] - 6, box[1] - 3, box[2] + 6, box[3] + 3), fill=paper)
        pen.text((width // 2, y + size // 2), word, fill=ink, font=letters, anchor="mm")
        y += size + gap


def _width(word: str) -> int:
    """Count letters, Latin ones as two thirds, two at least."""
    return max(2, -(-sum(2 if char.isascii() else 3 for char in word) // 3))


class _Pen:
    """Draws on the small sheet what lies on the large one."""

    def __init__(self, image: Image.Image) -> None:
        self._pen = ImageDraw.Draw(image)

    def polygon(self, points: tuple[tuple[int, int], ...], fill: Colour) -> None:
        self._pen.polygon([(x * _UNIT, y * _UNIT) for x, y in points], fill=fill)

    def box(self, box: Box, fill: Colour, radius: int = 0) -> None:
        self._pen.rounded_rectangle([side * _UNIT for side in box], radius * _UNIT, fill=fill)

    def circle(self, x: int, y: int, radius: int, fill: Colour) -> None:
        self._pen.circle((x * _UNIT, y * _UNIT), radius * _UNIT, fill=fill)


def _grown(*box: int) -> Box:
    left, top, right, bottom = (round(side * _UNIT) for side in box)
    return left, top, right, bottom


def _bottle(pen: _Pen, rng: Random) -> Box:
    glass, half, neck = shade(rng, 20, 120), rng.randint(50, 78), rng.randint(12, 28)
    shoulder, top, foot = rng.randint(80, 126), rng.randint(14, 34), rng.randint(286, 308)
    pen.box((160 - half, shoulder, 160 + half, foot), glass, rng.randint(8, 36))
    pen.box((160 - neck, top + 8, 160 + neck, shoulder + 14), glass)
    cap = neck + rng.randint(1, 8)
    pen.box((160 - cap, top - 10, 160 + cap, top + rng.randint(10, 34)), shade(rng, 60, 220), 4)
    return _grown(160 - half + 4, shoulder + rng.randint(30, 56), 160 + half - 4, foot - 26)


def _bag(pen: _Pen, rng: Random) -> Box:
    lean, foil = rng.randint(-14, 14), shade(rng, 60, 220)
    left, right, top = rng.randint(50, 78), rng.randint(242, 270), rng.randint(26, 60)
    foot = rng.randint(0, 16)
    pen.polygon(
        ((left + lean, top), (right + lean, top), (right + foot, 304), (left - foot, 304)), foil
    )
    seam = rng.randint(8, 28)
    pen.box((left + lean, top - 10, right + lean, top - 10 + seam), shade(rng, 60, 220))
    start = top + rng.randint(34, 60)
    return _grown(left + 18, start, right - 18, rng.randint(240, 274))


def _box(pen: _Pen, rng: Random) -> Box:
    left, right, top = rng.randint(22, 46), rng.randint(246, 270), rng.randint(88, 126)
    deep, rise = rng.randint(20, 42), rng.randint(18, 44)
    pen.polygon(
        ((left, top), (left + deep, top - rise), (right + deep, top - rise), (right, top)),
        shade(rng, 120, 240),
    )
    pen.polygon(
        ((right, top), (right + deep, top - rise), (right + deep, 246), (right, 284)),
        shade(rng, 40, 120),
    )
    pen.box((left, top, right, 284), shade(rng, 70, 200))
    return _grown(left + 20, top + 18, right - 20, 268)


def _jar(pen: _Pen, rng: Random) -> Box:
    half, top, lid = rng.randint(78, 100), rng.randint(66, 104), rng.randint(24, 56)
    pen.box((160 - half, top, 160 + half, 304), shade(rng, 90, 210), rng.randint(12, 44))
    rim = half - rng.randint(2, 22)
    pen.box((160 - rim, top - lid + 10, 160 + rim, top + 10), shade(rng, 30, 160), 8)
    return _grown(160 - half + 10, top + rng.randint(28, 48), 160 + half - 10, 272)


def _shoe(pen: _Pen, rng: Random) -> Box:
    collar, toe = rng.randint(82, 112), rng.randint(176, 204)
    pen.polygon(
        ((44, collar), (130, collar - 12), (176, 152), (280, toe), (296, 232), (40, 232)),
        shade(rng, 60, 240),
    )
    pen.box((32, 226, 302, rng.randint(250, 280)), shade(rng, 200, 255), 12)
    return _grown(60, 124, 146, 206)


def _slab(pen: _Pen, rng: Random) -> Box:
    half, lens = rng.randint(72, 96), rng.randint(36, 66)
    pen.box((160 - half, 18, 160 + half, 306), shade(rng, 30, 200), rng.randint(6, 34))
    pen.box((172 - half, 34, 172 - half + lens, 38 + lens), shade(rng, 10, 90), 10)
    return _grown(160 - half + 14, 124, 160 + half - 14, rng.randint(226, 262))


def _round(pen: _Pen, rng: Random) -> Box:
    across, down = rng.randint(150, 170), rng.randint(154, 174)
    pen.circle(across, down, rng.randint(108, 136), shade(rng, 80, 230))
    return _grown(across - 64, down - 54, across + 64, down + 54)


_BODIES = {
    "bottle": _bottle,
    "bag": _bag,
    "box": _box,
    "jar": _jar,
    "shoe": _shoe,
    "slab": _slab,
    "round": _round,
}
