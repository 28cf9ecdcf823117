"""Drawn pictures for the tests of what is seen."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="session")
def drawn() -> Callable[[int], Pixels]:
    """Give pictures of shapes on a soft ground, 480 x 360, by number; no two alike."""
    return _drawn


@pytest.fixture(scope="session")
def jpeg() -> Callable[[Pixels], bytes]:
    """Give the bytes of a picture as a file."""
    return _jpeg


def _drawn(number: int) -> Pixels:
    chance = np.random.default_rng(number)
    coarse = chance.integers(0, 255, (4, 5, 3)).astype(np.uint8)
    ground = Image.fromarray(coarse).resize((480, 360), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(ground)
    for _ in range(70):
        x, y, size = (int(value) for value in chance.integers((0, 0, 6), (480, 360, 50)))
        corners = np.array([x, y]) + chance.integers(-size, size, (5, 2))
        colour = tuple(int(value) for value in chance.integers(0, 255, 3))
        pen.polygon([(float(a), float(b)) for a, b in corners], fill=colour)
    return np.asarray(ground)


def _jpeg(pixels: Pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=88)
    return file.getvalue()
