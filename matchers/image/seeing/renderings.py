"""How a registered mark may be printed: in colour on white or grey, or as a silhouette."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 256
"""Pixels of the square sheet on which every mark is compared."""
MARGIN = 20
"""Ground around the mark: what it stands on is part of how its edge looks."""
_WHITE, _GREY, _DARK = 255, 128, 60

Sheet = NDArray[np.uint8]
"""SIDE x SIDE, grey."""


@dataclass(frozen=True, eq=False)
class Artwork:
    """A mark laid on a sheet."""

    grey: Sheet
    """In its own colours, on white."""
    ink: Sheet
    """255 where the mark is, 0 where paper shows through."""
    left: float
    """Where the mark's picture begins on the sheet, and its size there by its size as given."""
    top: float
    scale: float

    @property
    def renderings(self) -> tuple[Sheet, ...]:
        """On white, on grey, as a dark and as a light silhouette."""
        ink = self.ink / 255.0
        return (
            self.grey,
            _printed(self.grey, ink, _GREY),
            _printed(0, ink, _WHITE),
            _printed(_WHITE, ink, _DARK),
        )


def artwork(pixels: NDArray[np.uint8], opaque: NDArray[np.uint8] | None) -> Artwork:
    """Lay a mark (RGB and alpha; without alpha white is paper) on a sheet."""
    if opaque is None:
        opaque = _not_white(pixels)
    paper = opaque[..., None].astype(np.float32) / 255
    flat = (pixels * paper + 255 * (1 - paper)).astype(np.uint8)
    height, width = opaque.shape
    scale = (SIDE - 2 * MARGIN) / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    left, top = (SIDE - size[0]) // 2, (SIDE - size[1]) // 2
    grey = np.full((SIDE, SIDE), _WHITE, np.uint8)
    ink = np.zeros((SIDE, SIDE), np.uint8)
    place = np.s_[top : top + size[1], left : left + size[0]]
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    grey[place] = cv2.resize(cv2.cvtColor(flat, cv2.COLOR_RGB2GRAY), size, interpolation=way)
    ink[place] = cv2.resize(opaque, size, interpolation=cv2.INTER_AREA)
    return Artwork(grey, ink, left, top, scale)


def _printed(art: Sheet | int, ink: NDArray[np.float64], ground: int) -> Sheet:
    return np.asarray(art * ink + ground * (1 - ink), np.uint8)


def _not_white(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return how far each pixel is from white, full from a light grey on."""
    away = 255 - pixels.min(axis=2).astype(np.int32)
    return np.asarray(np.clip(away * 4, 0, 255), np.uint8)
