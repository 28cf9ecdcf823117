"""What is put on, around and beside a photo: words, frames, other photos, a shop's page."""

from __future__ import annotations

import cv2
import numpy as np

from bench.retouching import (
    RED,
    WHITE,
    Pixels,
    Scene,
    blur,
    coded,
    fit,
    light,
    long,
    noise,
    square,
    u8,
)


def letters(photo: Pixels, text: str, x: float, y: float, tall: float, ink: object) -> None:
    """Write on the photo; place and height as shares of its sides."""
    height, width = photo.shape[:2]
    size = tall * height / 22
    place = (round(x * width), round(y * height))
    thick = max(1, round(2 * size))
    cv2.putText(photo, text, place, cv2.FONT_HERSHEY_DUPLEX, size, ink, thick, cv2.LINE_AA)  # type: ignore[call-overload]  # its stubs want lists


def mark(photo: Pixels, _: Scene, share: float, often: bool) -> Pixels:
    """Write a watermark across the photo, once or often."""
    ground = photo.copy()
    for row in range(6) if often else [2]:
        for column in range(3) if often else [0]:
            letters(ground, "SHOP 8899", column / 3 + 0.1, row / 6 + 0.12, 0.07, WHITE)
    return u8(photo * (1 - share) + ground * share)


def banner(photo: Pixels, _: Scene, share: float, top: bool = False) -> Pixels:
    """Lay a red banner with a price along the bottom or the top."""
    made = photo.copy()
    rows = round(share * len(photo))
    made[slice(0, rows) if top else slice(len(photo) - rows, None)] = RED
    line = share * 0.7 if top else 1 - share * 0.3
    letters(made, "SALE 99.00", 0.05, line, share * 0.5, WHITE)
    return made


def price(photo: Pixels, _: Scene) -> Pixels:
    """Lay a banner along the bottom and a red badge above it."""
    made = banner(photo, _, 0.15)
    height, width = photo.shape[:2]
    cv2.circle(made, (round(0.83 * width), round(0.2 * height)), round(0.14 * height), RED, -1)
    letters(made, "-50%", 0.75, 0.22, 0.07, WHITE)
    return made


def stickers(photo: Pixels, scene: Scene, count: int) -> Pixels:
    """Stick so many coloured dots on the photo."""
    made = photo.copy()
    height, width = photo.shape[:2]
    for _ in range(count):
        x, y = scene.chance.uniform(0.1, 0.9, 2) * [width, height]
        colour = [int(value) for value in scene.chance.integers(0, 255, 3)]
        cv2.circle(made, (round(x), round(y)), round(0.1 * min(width, height)), colour, -1)
    return made


def block(photo: Pixels, scene: Scene, share: float) -> Pixels:
    """Lay another photo over so much of the area."""
    made = photo.copy()
    height, width = photo.shape[:2]
    rows, columns = round(share**0.5 * height), round(share**0.5 * width)
    top, left = (int(scene.chance.integers(1 + n)) for n in (height - rows, width - columns))
    made[top : top + rows, left : left + columns] = scene.other(columns, rows)
    return made


def frame(
    photo: Pixels, scene: Scene, edge: float, ground: tuple[int, ...] | None = WHITE
) -> Pixels:
    """Put the photo on a ground; ``edge`` is a share of its long side, no ground another photo."""
    height, width = photo.shape[:2]
    by = round(edge * max(height, width))
    size = (height + 2 * by, width + 2 * by)
    made = np.full((*size, 3), ground, np.uint8) if ground else scene.other(size[1], size[0]).copy()
    made[by : by + height, by : by + width] = photo
    return made


def letterbox(photo: Pixels, _: Scene, ground: tuple[int, ...]) -> Pixels:
    """Put the photo in the middle of a square."""
    height, width = photo.shape[:2]
    side = round(1.15 * max(height, width))
    made = np.full((side, side, 3), ground, np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    made[top : top + height, left : left + width] = photo
    return made


def collage(photo: Pixels, scene: Scene, count: int) -> Pixels:
    """Put the photo's middle among other photos, so many in a row and in a column."""
    tile, gap = 800 // count, 6
    made = np.full((800, 800, 3), 255, np.uint8)
    ours = int(scene.chance.integers(count * count))
    for place in range(count * count):
        top, left = place // count * tile, place % count * tile
        shown = square(photo, scene) if place == ours else scene.other(tile, tile)
        part = fit(shown, tile - gap, tile - gap)
        made[top : top + tile - gap, left : left + tile - gap] = part
    return made


def inset(photo: Pixels, scene: Scene, width: float) -> Pixels:
    """Lay the photo small over another one; ``width`` is a share of that one."""
    made = scene.other(800, 640).copy()
    small = long(photo, scene, round(width * 800))
    height, across = small.shape[:2]
    top, left = (int(scene.chance.integers(1 + n)) for n in (640 - height, 800 - across))
    made[top : top + height, left : left + across] = small
    return made


def printed(photo: Pixels, scene: Scene) -> Pixels:
    """A print of the photo on a table, photographed at an angle."""
    table = np.full((700, 900, 3), (150, 120, 90), np.uint8)
    table = noise(fit(noise(table, scene, 25), 900, 700), scene, 6)
    height, width = photo.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    scale = 520 / max(height, width)
    centred = (corners - [width / 2, height / 2]) * scale + [450, 350]
    moved = (centred + scene.chance.uniform(-45, 45, (4, 2))).astype(np.float32)
    way = cv2.getPerspectiveTransform(corners, moved)
    over = cv2.warpPerspective(photo, way, (900, 700))
    where = cv2.warpPerspective(np.full((height, width), 255, np.uint8), way, (900, 700)) > 128
    table[where] = over[where]
    return blur(light(table, scene, 0.9, 12), scene, 1.0)


def page(photo: Pixels, scene: Scene, wide: bool, dark: bool = False) -> Pixels:
    """A screenshot of a shop's page that shows the photo, beside or above its words."""
    ground, ink = ((24, 24, 24), (220, 220, 220)) if dark else (WHITE, (50, 50, 50))
    size = (720, 1280) if wide else (1280, 720)
    made = np.full((*size, 3), ground, np.uint8)
    made[:60] = RED
    letters(made, "SHOP  Search  Cart", 0.04, 40 / size[0], 24 / size[0], WHITE)
    shown = long(photo, scene, 520 if wide else 640)
    height, width = shown.shape[:2]
    top, left = 100, 40
    made[top : top + height, left : left + width] = shown
    x, y = (600 / 1280, 140 / 720) if wide else (40 / 720, (top + height + 50) / 1280)
    words = ("Best quality free post 2026", "CNY 99.00", "Sold 10000+", "Ships from Zhejiang")
    for row, line in enumerate(words):
        letters(made, line, x, y + row * 56 / size[0], 26 / size[0], RED if row == 1 else ink)
    if wide:
        for column in range(4):
            x0 = 600 + column * 160
            made[500:640, x0 : x0 + 140] = scene.other(140, 140)
    return made


def soft(photo: Pixels, scene: Scene) -> Pixels:
    """Return a coarse copy of a small screenshot."""
    return coded(long(page(photo, scene, False), scene, 800), scene, "JPEG", 45)
