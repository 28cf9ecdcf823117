"""What sellers do to a photo they took from somebody else: 82 ways in 11 families, repeatable."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
"""RGB, height x width x 3."""

WHITE, GREY, RED, CREAM = (255, 255, 255), (128, 128, 128), (208, 30, 38), (250, 240, 215)


@dataclass(frozen=True)
class Scene:
    """What an attack may use besides the photo: chance, and photos of others."""

    chance: np.random.Generator
    others: Sequence[Pixels]

    def other(self, width: int, height: int) -> Pixels:
        """Return some other photo, stretched to a size."""
        return fit(self.others[int(self.chance.integers(len(self.others)))], width, height)


Attack = Callable[[Pixels, Scene], Pixels]


def fit(photo: Pixels, width: int, height: int) -> Pixels:
    """Return the photo stretched to a size in pixels."""
    smaller = width < photo.shape[1]
    way = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return _u8(cv2.resize(photo, (max(8, width), max(8, height)), interpolation=way))


def encode(photo: Pixels, kind: str = "JPEG", quality: int = 85) -> bytes:
    """Return the photo as a file."""
    file = io.BytesIO()
    Image.fromarray(photo).save(file, kind, quality=quality)
    return file.getvalue()


def _u8(values: object) -> Pixels:
    return np.clip(np.asarray(values), 0, 255).astype(np.uint8)


def _coded(photo: Pixels, _: Scene, kind: str, quality: int) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(encode(photo, kind, quality))).convert("RGB"))


def _palette(photo: Pixels, _: Scene) -> Pixels:
    return np.asarray(Image.fromarray(photo).quantize(64).convert("RGB"))


def _twice(photo: Pixels, scene: Scene) -> Pixels:
    return _coded(_coded(photo, scene, "JPEG", 40), scene, "WEBP", 50)


def _size(photo: Pixels, _: Scene, x: float, y: float) -> Pixels:
    return fit(photo, round(photo.shape[1] * x), round(photo.shape[0] * y))


def _long(photo: Pixels, _: Scene, side: int) -> Pixels:
    scale = side / max(photo.shape)
    return fit(photo, round(photo.shape[1] * scale), round(photo.shape[0] * scale))


def _cut(photo: Pixels, left: float, top: float, right: float, bottom: float) -> Pixels:
    height, width = photo.shape[:2]
    rows = slice(round(top * height), round((1 - bottom) * height))
    return photo[rows, round(left * width) : round((1 - right) * width)]


def _centre(photo: Pixels, _: Scene, area: float) -> Pixels:
    edge = (1 - np.sqrt(area)) / 2
    return _cut(photo, edge, edge, edge, edge)


def _anywhere(photo: Pixels, scene: Scene, area: float) -> Pixels:
    spare = 1 - np.sqrt(area)
    left, top = scene.chance.uniform(0, spare, 2)
    return _cut(photo, left, top, spare - left, spare - top)


def _side(photo: Pixels, _: Scene, left: float = 0, top: float = 0, bottom: float = 0) -> Pixels:
    return _cut(photo, left, top, 0, bottom)


def _square(photo: Pixels, _: Scene) -> Pixels:
    height, width = photo.shape[:2]
    x, y = max(0, width - height) / 2 / width, max(0, height - width) / 2 / height
    return _cut(photo, x, y, x, y)


def _mirror(photo: Pixels, scene: Scene, then: Attack | None = None) -> Pixels:
    turned = np.ascontiguousarray(photo[:, ::-1])
    return then(turned, scene) if then else turned


def _turn(photo: Pixels, _: Scene, degrees: float, ground: tuple[int, ...] = WHITE) -> Pixels:
    if degrees % 90 == 0:
        return np.ascontiguousarray(np.rot90(photo, int(degrees) // 90))
    height, width = photo.shape[:2]
    way = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    grown = np.abs(way[:, :2]) @ [width, height]
    way[:, 2] += (grown - [width, height]) / 2
    size = (round(grown[0]), round(grown[1]))
    return _u8(cv2.warpAffine(photo, way, size, flags=cv2.INTER_CUBIC, borderValue=ground))


def _tilt(photo: Pixels, scene: Scene, by: float) -> Pixels:
    height, width = photo.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + scene.chance.uniform(-by, by, (4, 2)) * [width, height]
    way = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    return _u8(cv2.warpPerspective(photo, way, (width, height), borderValue=WHITE))


def _light(photo: Pixels, _: Scene, gain: float = 1, plus: float = 0, gamma: float = 1) -> Pixels:
    return _u8(255 * (np.clip(photo * gain + plus, 0, 255) / 255) ** gamma)


def _hue(photo: Pixels, _: Scene, shift: int = 0, saturation: float = 1) -> Pixels:
    hsv = cv2.cvtColor(photo, cv2.COLOR_RGB2HSV).astype(np.float32)
    hsv[..., 0] = (hsv[..., 0] + shift) % 180
    hsv[..., 1] = np.clip(hsv[..., 1] * saturation, 0, 255)
    return _u8(cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB))


def _tint(photo: Pixels, _: Scene, colour: tuple[int, ...], share: float) -> Pixels:
    return _u8(photo * (1 - share) + np.array(colour) * share)


def _inverted(photo: Pixels, _: Scene) -> Pixels:
    return 255 - photo


def _noise(photo: Pixels, scene: Scene, by: float) -> Pixels:
    return _u8(photo + scene.chance.normal(0, by, photo.shape))


def _blur(photo: Pixels, _: Scene, by: float) -> Pixels:
    return _u8(cv2.GaussianBlur(photo, (0, 0), by * max(photo.shape) / 800))


def _posters(photo: Pixels, _: Scene, steps: int) -> Pixels:
    return _u8(photo // (256 // steps) * (255 / (steps - 1)))


def _sharp(photo: Pixels, _: Scene) -> Pixels:
    return _u8(photo * 2.0 - cv2.GaussianBlur(photo, (0, 0), 2.0))


def _mosaic(photo: Pixels, _: Scene) -> Pixels:
    height, width = photo.shape[:2]
    return fit(fit(photo, width // 3, height // 3), width, height)


def _letters(photo: Pixels, text: str, x: float, y: float, tall: float, ink: object) -> None:
    """Write on the photo; place and height as shares of its sides."""
    height, width = photo.shape[:2]
    size = tall * height / 22
    place = (round(x * width), round(y * height))
    thick = max(1, round(2 * size))
    cv2.putText(photo, text, place, cv2.FONT_HERSHEY_DUPLEX, size, ink, thick, cv2.LINE_AA)  # type: ignore[call-overload]  # its stubs want lists


def _mark(photo: Pixels, _: Scene, share: float, often: bool) -> Pixels:
    ground = photo.copy()
    for row in range(6) if often else [2]:
        for column in range(3) if often else [0]:
            _letters(ground, "SHOP 8899", column / 3 + 0.1, row / 6 + 0.12, 0.07, WHITE)
    return _u8(photo * (1 - share) + ground * share)


def _banner(photo: Pixels, _: Scene, share: float, top: bool = False) -> Pixels:
    made = photo.copy()
    rows = round(share * len(photo))
    made[slice(0, rows) if top else slice(len(photo) - rows, None)] = RED
    line = share * 0.7 if top else 1 - share * 0.3
    _letters(made, "SALE 99.00", 0.05, line, share * 0.5, WHITE)
    return made


def _price(photo: Pixels, _: Scene) -> Pixels:
    made = _banner(photo, _, 0.15)
    height, width = photo.shape[:2]
    cv2.circle(made, (round(0.83 * width), round(0.2 * height)), round(0.14 * height), RED, -1)
    _letters(made, "-50%", 0.75, 0.22, 0.07, WHITE)
    return made


def _stickers(photo: Pixels, scene: Scene, count: int) -> Pixels:
    made = photo.copy()
    height, width = photo.shape[:2]
    for _ in range(count):
        x, y = scene.chance.uniform(0.1, 0.9, 2) * [width, height]
        colour = [int(value) for value in scene.chance.integers(0, 255, 3)]
        cv2.circle(made, (round(x), round(y)), round(0.1 * min(width, height)), colour, -1)
    return made


def _block(photo: Pixels, scene: Scene, share: float) -> Pixels:
    made = photo.copy()
    height, width = photo.shape[:2]
    rows, columns = round(share**0.5 * height), round(share**0.5 * width)
    top, left = (int(scene.chance.integers(1 + n)) for n in (height - rows, width - columns))
    made[top : top + rows, left : left + columns] = scene.other(columns, rows)
    return made


def _frame(
    photo: Pixels, scene: Scene, edge: float, ground: tuple[int, ...] | None = WHITE
) -> Pixels:
    height, width = photo.shape[:2]
    by = round(edge * max(height, width))
    size = (height + 2 * by, width + 2 * by)
    made = np.full((*size, 3), ground, np.uint8) if ground else scene.other(size[1], size[0]).copy()
    made[by : by + height, by : by + width] = photo
    return made


def _letterbox(photo: Pixels, _: Scene, ground: tuple[int, ...]) -> Pixels:
    height, width = photo.shape[:2]
    side = round(1.15 * max(height, width))
    made = np.full((side, side, 3), ground, np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    made[top : top + height, left : left + width] = photo
    return made


def _collage(photo: Pixels, scene: Scene, count: int) -> Pixels:
    tile, gap = 800 // count, 6
    made = np.full((800, 800, 3), 255, np.uint8)
    ours = int(scene.chance.integers(count * count))
    for place in range(count * count):
        top, left = place // count * tile, place % count * tile
        shown = _square(photo, scene) if place == ours else scene.other(tile, tile)
        part = fit(shown, tile - gap, tile - gap)
        made[top : top + tile - gap, left : left + tile - gap] = part
    return made


def _inset(photo: Pixels, scene: Scene, width: float) -> Pixels:
    made = scene.other(800, 640).copy()
    small = _long(photo, scene, round(width * 800))
    height, across = small.shape[:2]
    top, left = (int(scene.chance.integers(1 + n)) for n in (640 - height, 800 - across))
    made[top : top + height, left : left + across] = small
    return made


def _print(photo: Pixels, scene: Scene) -> Pixels:
    """A print of the photo on a table, photographed at an angle."""
    table = np.full((700, 900, 3), (150, 120, 90), np.uint8)
    table = _noise(fit(_noise(table, scene, 25), 900, 700), scene, 6)
    height, width = photo.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    scale = 520 / max(height, width)
    centred = (corners - [width / 2, height / 2]) * scale + [450, 350]
    moved = (centred + scene.chance.uniform(-45, 45, (4, 2))).astype(np.float32)
    way = cv2.getPerspectiveTransform(corners, moved)
    over = cv2.warpPerspective(photo, way, (900, 700))
    where = cv2.warpPerspective(np.full((height, width), 255, np.uint8), way, (900, 700)) > 128
    table[where] = over[where]
    return _blur(_light(table, scene, 0.9, 12), scene, 1.0)


def _page(photo: Pixels, scene: Scene, wide: bool, dark: bool = False) -> Pixels:
    """A screenshot of a shop's page that shows the photo, beside or above its words."""
    ground, ink = ((24, 24, 24), (220, 220, 220)) if dark else (WHITE, (50, 50, 50))
    size = (720, 1280) if wide else (1280, 720)
    made = np.full((*size, 3), ground, np.uint8)
    made[:60] = RED
    _letters(made, "SHOP  Search  Cart", 0.04, 40 / size[0], 24 / size[0], WHITE)
    shown = _long(photo, scene, 520 if wide else 640)
    height, width = shown.shape[:2]
    top, left = 100, 40
    made[top : top + height, left : left + width] = shown
    x, y = (600 / 1280, 140 / 720) if wide else (40 / 720, (top + height + 50) / 1280)
    words = ("Best quality free post 2026", "CNY 99.00", "Sold 10000+", "Ships from Zhejiang")
    for row, line in enumerate(words):
        _letters(made, line, x, y + row * 56 / size[0], 26 / size[0], RED if row == 1 else ink)
    if wide:
        for column in range(4):
            x0 = 600 + column * 160
            made[500:640, x0 : x0 + 140] = scene.other(140, 140)
    return made


def _soft(photo: Pixels, scene: Scene) -> Pixels:
    return _coded(_long(_page(photo, scene, False), scene, 800), scene, "JPEG", 45)


_p = partial
FAMILIES: dict[str, dict[str, Attack]] = {
    "codec": {
        **{f"jpeg {q}": _p(_coded, kind="JPEG", quality=q) for q in (70, 40, 20, 10)},
        "webp 30": _p(_coded, kind="WEBP", quality=30),
        "64 colours": _palette,
        "coded twice": _twice,
    },
    "resize": {
        **{f"to {side} px": _p(_long, side=side) for side in (1000, 500, 320, 200)},
        "wider by a quarter": _p(_size, x=1.25, y=1),
        "flatter by a quarter": _p(_size, x=1, y=0.75),
    },
    "crop": {
        **{f"centre {a:.0%}": _p(_centre, area=a) for a in (0.9, 0.7, 0.5)},
        **{f"anywhere {a:.0%}": _p(_anywhere, area=a) for a in (0.8, 0.65, 0.5)},
        "left fifth off": _p(_side, left=0.2),
        "top third off": _p(_side, top=0.33),
        "bottom half off": _p(_side, bottom=0.5),
        "square": _square,
    },
    "mirror": {
        "mirror": _mirror,
        "mirror, jpeg 40": _p(_mirror, then=_p(_coded, kind="JPEG", quality=40)),
        "mirror, crop 70%": _p(_mirror, then=_p(_anywhere, area=0.7)),
        "mirror, banner": _p(_mirror, then=_p(_banner, share=0.15)),
        "mirror, frame": _p(_mirror, then=_p(_frame, edge=0.08)),
    },
    "rotate": {
        **{f"{d} degrees": _p(_turn, degrees=d) for d in (2, 5, 10, 20, 45, 90, 180)},
        "10 degrees, on grey": _p(_turn, degrees=-10, ground=GREY),
        "tilted 5%": _p(_tilt, by=0.05),
        "tilted 10%": _p(_tilt, by=0.1),
    },
    "colour": {
        "brighter": _p(_light, gain=1.3, plus=15),
        "darker": _p(_light, gain=0.55),
        "more contrast": _p(_light, gain=1.6, plus=-76),
        "less contrast": _p(_light, gain=0.5, plus=64),
        "gamma 0.5": _p(_light, gamma=0.5),
        "gamma 2": _p(_light, gamma=2.0),
        "hue by 60": _p(_hue, shift=30),
        "hue by 180": _p(_hue, shift=90),
        "grey": _p(_hue, saturation=0.0),
        "vivid": _p(_hue, saturation=1.8),
        "warm": _p(_tint, colour=(255, 170, 60), share=0.25),
        "inverted": _inverted,
    },
    "quality": {
        **{f"noise {by}": _p(_noise, by=by) for by in (8, 20)},
        **{f"blur {by}": _p(_blur, by=by) for by in (1.5, 3)},
        "8 steps": _p(_posters, steps=8),
        "sharpened": _sharp,
        "a third and back": _mosaic,
    },
    "overlay": {
        "watermark": _p(_mark, share=0.5, often=False),
        "watermarks": _p(_mark, share=0.35, often=True),
        "banner 15%": _p(_banner, share=0.15),
        "banner 30%": _p(_banner, share=0.3),
        "banner on top": _p(_banner, share=0.2, top=True),
        "price": _price,
        "3 stickers": _p(_stickers, count=3),
        "8 stickers": _p(_stickers, count=8),
        "block of 20%": _p(_block, share=0.2),
    },
    "frame": {
        "white 5%": _p(_frame, edge=0.05),
        "red 12%": _p(_frame, edge=0.12, ground=RED),
        "grey 25%": _p(_frame, edge=0.25, ground=GREY),
        "on a photo": _p(_frame, edge=0.12, ground=None),
        "letterbox, white": _p(_letterbox, ground=WHITE),
        "letterbox, black": _p(_letterbox, ground=(0, 0, 0)),
    },
    "compose": {
        "2x2": _p(_collage, count=2),
        "3x3": _p(_collage, count=3),
        "inset 50%": _p(_inset, width=0.5),
        "inset 35%": _p(_inset, width=0.35),
        "inset 25%": _p(_inset, width=0.25),
        "print": _print,
    },
    "listing": {
        "page": _p(_page, wide=False),
        "wide page": _p(_page, wide=True),
        "dark page": _p(_page, wide=True, dark=True),
        "soft page": _soft,
    },
}
"""Attacks by family and name; every photo is then saved as JPEG at 85."""


def attacked(photo: Pixels, attack: Attack, others: Sequence[Pixels], seed: int) -> Pixels:
    """Return what an attack makes of a photo; the same seed gives the same picture."""
    return attack(photo, Scene(np.random.default_rng(seed), others))
