"""A match as a picture that a person can check: both sides, the matched parts, lines between."""

from __future__ import annotations

from PIL import Image, ImageDraw

from leads.sight import MatchKind, PictureMatch, Point, Quad
from matchers.image.seeing.decoding import Photo
from matchers.image.seeing.lettering import font

SIDE = 640
"""Pixels of the longer side of each picture as drawn."""
GAP = 24
MARGIN = 14
HEAD = 84
"""Pixels above the pictures, for what is written."""

_SURE, _UNSURE = (214, 28, 40), (226, 140, 0)
_INK, _PAPER = (24, 24, 24), (250, 250, 247)
_KIND_ZH = {
    MatchKind.COPY: "疑似同一图片",
    MatchKind.LOGO: "疑似注册标识",
    MatchKind.SEAL: "疑似地理标志专用标志",
    MatchKind.SEAL_LIKE: "疑似仿冒专用标志",
}


def side_by_side(name: str, picture: Photo, reference: Photo, match: PictureMatch) -> Image.Image:
    """Return picture and reference beside each other with the matched quads and their corners.

    ``name`` is how the picture is called; the reference bears the name it has in the bank.
    """
    left, right = _fitted(picture), _fitted(reference)
    second = MARGIN + left.width + GAP
    width = max(second + right.width, 2 * SIDE + GAP + MARGIN) + MARGIN
    sheet = Image.new("RGB", (width, HEAD + max(left.height, right.height) + MARGIN), _PAPER)
    sheet.paste(left, (MARGIN, HEAD))
    sheet.paste(right, (second, HEAD))
    pen = ImageDraw.Draw(sheet)
    ours = _on_sheet(match.quad, left.width / picture.width, MARGIN)
    theirs = _on_sheet(match.source_quad, right.width / reference.width, second)
    colour = _SURE if match.certain else _UNSURE
    for one, other in zip(ours, theirs, strict=True):
        pen.line((one, other), fill=colour, width=1)
    for quad in (ours, theirs):
        pen.line((*quad, quad[0]), fill=colour, width=4, joint="curve")
        for number, (x, y) in enumerate(quad, 1):  # the same number, the same corner
            pen.ellipse((x - 10, y - 10, x + 10, y + 10), fill=colour)
            pen.text((x, y), str(number), fill=_PAPER, font=font(14, bold=True), anchor="mm")
    _write(pen, (MARGIN, 4), _short(name), 18)
    _write(pen, (second, 4), _short(match.source), 18)
    _write(pen, (MARGIN, 32), _facts(match), 16)
    _write(pen, (MARGIN, 56), match.reason[:90], 16)
    return sheet


def _facts(match: PictureMatch) -> str:
    parts = [
        f"{_KIND_ZH[match.kind]} {match.right}",
        f"分值 {match.score:.2f}{'' if match.certain else '（待人工辨认）'}",
        f"吻合点 {match.inliers}",
        f"占参照图 {match.share:.0%}",
        f"比例 {match.scale:.2f}",
    ]
    return "，".join([*parts, "镜像"] if match.mirrored else parts)


def _fitted(photo: Photo) -> Image.Image:
    image = Image.fromarray(photo.pixels)
    factor = SIDE / max(image.size)
    return image.resize((max(1, round(image.width * factor)), max(1, round(image.height * factor))))


def _on_sheet(quad: Quad, factor: float, left: int) -> list[Point]:
    return [(x * factor + left, y * factor + HEAD) for x, y in quad]


def _short(name: str) -> str:
    return name if len(name) <= 60 else f"…{name[-59:]}"


def _write(pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int) -> None:
    letters = font(size)
    try:
        pen.text(at, text, fill=_INK, font=letters)
    except UnicodeEncodeError:  # the font that stands in has Latin letters only
        pen.text(at, text.encode("ascii", "backslashreplace").decode(), fill=_INK, font=letters)
