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
    solid: Sheet
    """255 where nothing behind shows through, 0 where it stands on the ground."""
    ink: Sheet
    """255 where it is printed, 0 on paper: also inside of it, where it is white."""
    left: float
    """Where the mark's picture begins on the sheet, and its size there by its size as given."""
    top: float
    scale: float

    @property
    def renderings(self) -> tuple[Sheet, ...]:
        """On white, on grey, as a dark and as a light silhouette."""
        solid, ink = self.solid / 255.0, self.ink / 255.0
        return (
            self.grey,
            _printed(self.grey, solid, _GREY),
            _printed(0, ink, _WHITE),
            _printed(_WHITE, ink, _DARK),
        )


def artwork(pixels: NDArray[np.uint8], opaque: NDArray[np.uint8] | None) -> Artwork:
    """Lay a mark (RGB and alpha; without alpha the white around it is paper) on a sheet."""
    ink = _not_white(pixels)
    if opaque is None:
        opaque = _without_ground(ink)
    ink = np.minimum(ink, opaque)
    if not ink.any():  # a white mark
        ink = opaque
    paper = opaque[..., None] / 255.0
    flat = np.asarray(pixels * paper + 255 * (1 - paper), np.uint8)
    height, width = opaque.shape
    scale = (SIDE - 2 * MARGIN) / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    left, top = (SIDE - size[0]) // 2, (SIDE - size[1]) // 2
    place = np.s_[top : top + size[1], left : left + size[0]]
    grey, solid, printed = (np.full((SIDE, SIDE), ground, np.uint8) for ground in (_WHITE, 0, 0))
    grey[place] = cv2.resize(
        cv2.cvtColor(flat, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA
    )
    solid[place] = cv2.resize(opaque, size, interpolation=cv2.INTER_AREA)
    printed[place] = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    return Artwork(grey, solid, printed, left, top, scale)


def _printed(art: Sheet | int, ink: NDArray[np.float64], ground: int) -> Sheet:
    return np.asarray(art * ink + ground * (1 - ink), np.uint8)


def _not_white(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return how far each pixel is from white, full from a light grey on."""
    away = 255 - pixels.min(axis=2).astype(np.int32)
    return np.asarray(np.clip(away * 4, 0, 255), np.uint8)


def _without_ground(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return 0 for the white that reaches the edge of the picture, 255 for all else."""
    framed = cv2.copyMakeBorder(
        (ink < 64).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1
    )
    cv2.floodFill(framed, None, (0, 0), 2)
    return np.where(framed[1:-1, 1:-1] == 2, 0, 255).astype(np.uint8)
