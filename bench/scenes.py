"""Marks put into photos as packs show them: sizes, plates, silhouettes, tilt, cover, blur, JPEG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from matchers.image.seeing.lettering import font

Pixels = NDArray[np.uint8]
MODES = ("plate", "tint", "colour", "dark", "light")
"""On a plain label, on a tinted one, straight on the photo, as a dark or light silhouette."""
WIDTHS = (0.08, 0.12, 0.15, 0.18, 0.25, 0.35)
SIDE = 900


@dataclass(frozen=True)
class Scene:
    """A photo with one mark, and what is known of it."""

    jpeg: bytes
    mode: str
    width: float
    """Of the mark by that of the photo."""
    covered: float


def scene(ground: Pixels, mark: Pixels, rng: Random, mode: str, width: float) -> Scene:
    """Put a mark (RGB on white) into a photo and save that as a JPEG of any quality."""
    canvas = cv2.resize(ground, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    ink = np.clip((255 - mark.min(axis=2).astype(np.int32)) * 4, 0, 255).astype(np.uint8)
    art = {"dark": np.full_like(mark, 12), "light": np.full_like(mark, 245)}.get(mode, mark)
    if mode == "colour":
        ink = _without_ground(ink)
    sheet = np.dstack([art, ink])
    if mode in ("plate", "tint"):
        sheet = _on_label(mark, rng, tinted=mode == "tint")
    covered = rng.choice((0.0, 0.0, 0.0, 0.1, 0.2, 0.3))
    _cover(sheet, covered, rng)
    shown = width * SIDE * sheet.shape[1] / mark.shape[1]
    placed = _placed(sheet, shown, rng, tilt=rng.choice((0.0, 0.05, 0.12)))
    alpha = placed[..., 3:].astype(np.float32) / 255
    mixed = (canvas * (1 - alpha) + placed[..., :3] * alpha).astype(np.uint8)
    if rng.random() < 0.3:
        mixed = np.asarray(cv2.GaussianBlur(mixed, (0, 0), rng.uniform(0.6, 1.3)), np.uint8)
    out = io.BytesIO()
    Image.fromarray(mixed).save(out, "JPEG", quality=rng.choice((40, 60, 75, 90)))
    return Scene(out.getvalue(), mode, width, covered)


def _without_ground(ink: Pixels) -> Pixels:
    """Return the mark with its white parts: all but the white that reaches its corner."""
    framed = cv2.copyMakeBorder(ink, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(0,))
    cv2.floodFill(framed, None, (0, 0), (1,), (63,), (63,))
    return np.where(framed[1:-1, 1:-1] == 1, 0, 255).astype(np.uint8)


def _on_label(mark: Pixels, rng: Random, *, tinted: bool) -> Pixels:
    edge = max(mark.shape[:2]) // 8
    paper = np.array([rng.randint(215, 255) for _ in range(3)], np.float32) / 255
    ink = np.array([rng.uniform(0.6, 1) for _ in range(3)] if tinted else (1, 1, 1), np.float32)
    label = cv2.copyMakeBorder(
        mark, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=(255, 255, 255)
    )
    rgb = np.clip(label * paper * ink, 0, 255).astype(np.uint8)
    return np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])


def _cover(sheet: Pixels, part: float, rng: Random) -> None:
    """Lay an opaque strip over one side."""
    height, width = sheet.shape[:2]
    colour = (*(rng.randrange(256) for _ in range(3)), 255)
    across, down = round(width * part), round(height * part)
    place = rng.choice(
        (np.s_[:, :across], np.s_[:, width - across :], np.s_[:down], np.s_[height - down :])
    )
    if part:
        sheet[place] = colour


def _placed(sheet: Pixels, shown: float, rng: Random, tilt: float) -> Pixels:
    """Return a transparent photo-sized sheet with the mark turned, tilted and set somewhere."""
    scale = shown / sheet.shape[1]
    small = cv2.resize(sheet, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    turn = rng.choice((0.0, 0.0, rng.uniform(-30, 30))) * pi / 180
    w, h = small.shape[1], small.shape[0]
    corners = np.array([(-w, -h), (w, -h), (w, h), (-w, h)], np.float32) / 2
    corners *= np.array([[1 + rng.uniform(-tilt, tilt) for _ in range(2)] for _ in range(4)])
    corners = corners @ np.array(((cos(turn), sin(turn)), (-sin(turn), cos(turn))), np.float32)
    room = np.maximum(SIDE - np.ptp(corners, axis=0), 1)
    at = np.array((rng.random(), rng.random())) * room - corners.min(axis=0)
    source = np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float32)
    plane = cv2.getPerspectiveTransform(source, (corners + at).astype(np.float32))
    return np.asarray(cv2.warpPerspective(small, plane, (SIDE, SIDE)), np.uint8)


def seal(words: str, key: str, *, side: int = 512, solid: bool = False) -> Pixels:
    """Draw a round seal: words around the rim, hills and grain inside after ``key``.

    ``solid`` writes light words on a red ring, else red words on white.
    """
    rng, size = Random(key), side * 2  # noqa: S311  # a drawing, no secret
    image = Image.new("RGB", (size, size), "white")
    pen, middle = ImageDraw.Draw(image), size / 2
    red, gold = (200, 18, 30), (218, 170, 40)
    pen.circle((middle, middle), middle * 0.98, fill=red)
    pen.circle((middle, middle), middle * 0.92, fill=red if solid else "white")
    pen.circle((middle, middle), middle * 0.65, fill=red if not solid else "white")
    pen.circle((middle, middle), middle * 0.63, fill="white")
    for number, letter in enumerate(words):
        angle = 2 * pi * number / len(words) - pi / 2
        _letter(image, letter, middle, angle, "white" if solid else red)
    for _ in range(3):
        x, top = middle * rng.uniform(0.65, 1.35), middle * rng.uniform(0.6, 0.95)
        reach, fill = (
            middle * rng.uniform(0.15, 0.3),
            rng.choice((red, (20, 110, 60), (20, 80, 150))),
        )
        pen.polygon(((x - reach, middle * 1.2), (x, top), (x + reach, middle * 1.2)), fill=fill)
    for number in range(rng.randint(5, 9)):
        x, y = middle * (0.7 + 0.08 * number), middle * rng.uniform(1.27, 1.45)
        pen.ellipse((x - size * 0.02, y - size * 0.01, x + size * 0.02, y + size * 0.01), fill=gold)
    return np.asarray(image.resize((side, side), Image.Resampling.LANCZOS))


def _letter(
    image: Image.Image, letter: str, middle: float, angle: float, fill: str | tuple[int, int, int]
) -> None:
    height = round(middle * 0.2)
    tile = Image.new("L", (height * 2, height * 2))
    pen = ImageDraw.Draw(tile)
    pen.text((height, height), letter, fill=255, font=font(height, bold=True), anchor="mm")
    tile = tile.rotate(-(angle + pi / 2) * 180 / pi, Image.Resampling.BICUBIC)
    x, y = middle + middle * 0.79 * cos(angle), middle + middle * 0.79 * sin(angle)
    image.paste(Image.new("RGB", tile.size, fill), (round(x) - height, round(y) - height), tile)


def chosen(things: Sequence[str], count: int, rng: Random) -> list[str]:
    """Return ``count`` of the things, each once before any comes twice."""
    rounds = -(-count // len(things))
    return [one for _ in range(rounds) for one in rng.sample(list(things), len(things))][:count]
