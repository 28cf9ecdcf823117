"""Local features of a picture: ORB points, spread so that no part of it is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
"""Height x width."""

_PALE = 10
"""Contrast from which a corner counts: soft and dark pictures have few sharper ones."""
_EDGE = 20
"""Pixels along the rim without points."""
_SURPLUS = 4
"""Points found for each that is kept."""
_CELLS = 8
"""Cells of the grid along a side."""


@dataclass(frozen=True, eq=False)
class Features:
    """Points of a picture and what each looks like."""

    points: NDArray[np.float32]
    """A row a point: x, y in pixels, angle in degrees, diameter in pixels."""
    words: NDArray[np.uint8]
    """A row a point: the 32 bytes of an ORB word."""

    def __len__(self) -> int:
        return len(self.points)


def shrunk(grey: Grey, side: int) -> tuple[Grey, float]:
    """Return the picture with its long side at most ``side``, and its size by that before."""
    scale = side / max(grey.shape)
    if scale >= 1:
        return grey, 1.0
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8), scale


def orb(grey: Grey, most: int) -> Features:
    """Return at most ``most`` ORB points, the clearest of each cell of a grid.

    Writing has the sharpest corners of all: without the grid it would take the places of a photo
    beside it.
    """
    finder = cv2.ORB.create(most * _SURPLUS, edgeThreshold=_EDGE, fastThreshold=_PALE)
    found = finder.detect(grey, None)
    if len(found) > most:
        found = _spread(found, grey.shape, most)
    found, words = finder.compute(grey, found)
    if words is None:
        return Features(np.empty((0, 4), np.float32), np.empty((0, 32), np.uint8))
    rows = [(*one.pt, one.angle, one.size) for one in found]
    return Features(np.array(rows, np.float32), np.asarray(words, np.uint8))


def _spread(found: Sequence[cv2.KeyPoint], shape: tuple[int, ...], most: int) -> list[cv2.KeyPoint]:
    """Return the best of each cell, then the second best of each, until there are enough."""
    rows = np.array([(*one.pt, one.response) for one in found])
    across, down = rows[:, 0] * _CELLS // shape[1], rows[:, 1] * _CELLS // shape[0]
    cells = (down * _CELLS + across).astype(np.int64)
    order = np.lexsort((-rows[:, 2], cells))
    sizes = np.bincount(cells, minlength=_CELLS * _CELLS)
    ranks = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return [found[at] for at in order[np.argsort(ranks, kind="stable")[:most]]]
