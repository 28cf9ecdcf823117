"""What is done to a photo by itself: coded, sized, cut, turned, coloured, worn."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
    return u8(cv2.resize(photo, (max(8, width), max(8, height)), interpolation=way))


def encode(photo: Pixels, kind: str = "JPEG", quality: int = 85) -> bytes:
    """Return the photo as a file."""
    file = io.BytesIO()
    Image.fromarray(photo).save(file, kind, quality=quality)
    return file.getvalue()


def u8(values: object) -> Pixels:
    """Return values as bytes, held to their range."""
    return np.clip(np.asarray(values), 0, 255).astype(np.uint8)


def coded(photo: Pixels, _: Scene, kind: str, quality: int) -> Pixels:
    """Return the photo as read from a file of that kind and quality."""
    return np.asarray(Image.open(io.BytesIO(encode(photo, kind, quality))).convert("RGB"))


def palette(photo: Pixels, _: Scene) -> Pixels:
    """Return the photo in 64 colours."""
    return np.asarray(Image.fromarray(photo).quantize(64).convert("RGB"))


def twice(photo: Pixels, scene: Scene) -> Pixels:
    """Return the photo coded coarsely twice over."""
    return coded(coded(photo, scene, "JPEG", 40), scene, "WEBP", 50)


def size(photo: Pixels, _: Scene, x: float, y: float) -> Pixels:
    """Stretch the photo by factors of width and height."""
    return fit(photo, round(photo.shape[1] * x), round(photo.shape[0] * y))


def long(photo: Pixels, _: Scene, side: int) -> Pixels:
    """Give the long side so many pixels."""
    scale = side / max(photo.shape)
    return fit(photo, round(photo.shape[1] * scale), round(photo.shape[0] * scale))


def cut(photo: Pixels, left: float, top: float, right: float, bottom: float) -> Pixels:
    """Cut shares of width and height off the four sides."""
    height, width = photo.shape[:2]
    rows = slice(round(top * height), round((1 - bottom) * height))
    return photo[rows, round(left * width) : round((1 - right) * width)]


def centre(photo: Pixels, _: Scene, area: float) -> Pixels:
    """Keep so much of the area around the middle."""
    edge = (1 - np.sqrt(area)) / 2
    return cut(photo, edge, edge, edge, edge)


def anywhere(photo: Pixels, scene: Scene, area: float) -> Pixels:
    """Keep so much of the area, somewhere."""
    spare = 1 - np.sqrt(area)
    left, top = scene.chance.uniform(0, spare, 2)
    return cut(photo, left, top, spare - left, spare - top)


def side(photo: Pixels, _: Scene, left: float = 0, top: float = 0, bottom: float = 0) -> Pixels:
    """Cut a share off some sides."""
    return cut(photo, left, top, 0, bottom)


def square(photo: Pixels, _: Scene) -> Pixels:
    """Keep the square in the middle."""
    height, width = photo.shape[:2]
    x, y = max(0, width - height) / 2 / width, max(0, height - width) / 2 / height
    return cut(photo, x, y, x, y)


def mirror(photo: Pixels, scene: Scene, then: Attack | None = None) -> Pixels:
    """Mirror left to right, then do something else to it."""
    turned = np.ascontiguousarray(photo[:, ::-1])
    return then(turned, scene) if then else turned


def turn(photo: Pixels, _: Scene, degrees: float, ground: tuple[int, ...] = WHITE) -> Pixels:
    """Turn against the clock; what grows beyond the corners is ground."""
    if degrees % 90 == 0:
        return np.ascontiguousarray(np.rot90(photo, int(degrees) // 90))
    height, width = photo.shape[:2]
    way = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    grown = np.abs(way[:, :2]) @ [width, height]
    way[:, 2] += (grown - [width, height]) / 2
    size = (round(grown[0]), round(grown[1]))
    return u8(cv2.warpAffine(photo, way, size, flags=cv2.INTER_CUBIC, borderValue=ground))


def tilt(photo: Pixels, scene: Scene, by: float) -> Pixels:
    """Move each corner by up to that share of the sides."""
    height, width = photo.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + scene.chance.uniform(-by, by, (4, 2)) * [width, height]
    way = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    return u8(cv2.warpPerspective(photo, way, (width, height), borderValue=WHITE))


def light(photo: Pixels, _: Scene, gain: float = 1, plus: float = 0, gamma: float = 1) -> Pixels:
    """Multiply, add, then bend brightness."""
    return u8(255 * (np.clip(photo * gain + plus, 0, 255) / 255) ** gamma)


def hue(photo: Pixels, _: Scene, shift: int = 0, saturation: float = 1) -> Pixels:
    """Turn hues by two degrees a step, and multiply saturation."""
    hsv = cv2.cvtColor(photo, cv2.COLOR_RGB2HSV).astype(np.float32)
    hsv[..., 0] = (hsv[..., 0] + shift) % 180
    hsv[..., 1] = np.clip(hsv[..., 1] * saturation, 0, 255)
    return u8(cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB))


def tint(photo: Pixels, _: Scene, colour: tuple[int, ...], share: float) -> Pixels:
    """Mix in a share of one colour."""
    return u8(photo * (1 - share) + np.array(colour) * share)


def inverted(photo: Pixels, _: Scene) -> Pixels:
    """Turn light to dark."""
    return 255 - photo


def noise(photo: Pixels, scene: Scene, by: float) -> Pixels:
    """Add noise of that many grey levels."""
    return u8(photo + scene.chance.normal(0, by, photo.shape))


def blur(photo: Pixels, _: Scene, by: float) -> Pixels:
    """Blur by that many pixels at 800 pixels."""
    return u8(cv2.GaussianBlur(photo, (0, 0), by * max(photo.shape) / 800))


def posters(photo: Pixels, _: Scene, steps: int) -> Pixels:
    """Keep so many levels a channel."""
    return u8(photo // (256 // steps) * (255 / (steps - 1)))


def sharp(photo: Pixels, _: Scene) -> Pixels:
    """Sharpen strongly."""
    return u8(photo * 2.0 - cv2.GaussianBlur(photo, (0, 0), 2.0))


def mosaic(photo: Pixels, _: Scene) -> Pixels:
    """Shrink to a third and back."""
    height, width = photo.shape[:2]
    return fit(fit(photo, width // 3, height // 3), width, height)
