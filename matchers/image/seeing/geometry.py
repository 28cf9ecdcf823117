"""How a reference lies in a picture: the one affine way on which most of their points agree."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import faiss
import numpy as np
from numpy.typing import NDArray

from matchers.image.seeing.features import Features

Way = NDArray[np.float64]
"""Affine, 2 x 3: from a reference's pixels to the picture's."""

RATIO = 0.85
TOLERANCE = 6.0
"""Pixels by which a point may miss its place."""
MOST_TURN = 36.0
"""Degrees by which a pair of points may turn otherwise than the whole."""
SMALLEST, LARGEST, MOST_STRETCH = 0.08, 6.0, 2.5
"""Bounds of what a way may do to the reference: growth along either axis, and one by the other."""
GRID = 3
"""Pairs nearer than this in the reference or in the picture are one: texture repeats itself."""


@dataclass(frozen=True, eq=False)
class Fit:
    """How points of a reference lie in a picture."""

    way: Way
    inliers: int
    hull: NDArray[np.float32]
    """Corners of the region of the reference that the inliers span."""


def fit(seen: Features, view: Features, turn: float) -> Fit | None:
    """Return the way on which most points of a view lie in a picture, or None.

    ``turn`` in degrees: only points that are turned about as much are paired.
    """
    rows, views = _pairs(seen, view)
    off = (seen.points[rows, 2] - view.points[views, 2] - turn + 180) % 360 - 180
    keep = np.abs(off) <= MOST_TURN
    rows, views = rows[keep], views[keep]
    if len(rows) < 4:
        return None
    source, target = view.points[views, :2], seen.points[rows, :2]
    affine, found = cv2.estimateAffine2D(
        source, target, method=cv2.RANSAC, ransacReprojThreshold=TOLERANCE, confidence=0.995
    )
    if affine is None:
        return None
    way = np.asarray(affine, np.float64)
    if not plausible(way):
        return None
    inside = found.ravel().astype(bool)
    apart = _apart(source[inside], target[inside])
    return Fit(way, len(apart), np.asarray(cv2.convexHull(apart), np.float32).reshape(-1, 2))


def _pairs(seen: Features, view: Features) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows of ``seen`` and of ``view`` that look alike, and like nothing else in it."""
    if len(view) < 2 or not len(seen):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    bits, near = faiss.knn_hamming(seen.words, view.words, 2)
    good = np.flatnonzero(bits[:, 0] < RATIO * bits[:, 1])
    return good, near[good, 0].astype(np.int64)


def plausible(way: Way) -> bool:
    """Tell whether a way turns, grows and stretches no more than a copy does."""
    large, small = np.linalg.svd(way[:, :2], compute_uv=False)
    upright = np.linalg.det(way[:, :2]) > 0
    return bool(
        upright and small >= SMALLEST and large <= LARGEST and large <= MOST_STRETCH * small
    )


def _apart(source: NDArray[np.float32], target: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the points of ``source`` that are apart from each other on both sides."""
    keep = _firsts(source)
    return source[keep][_firsts(target[keep])]


def _firsts(points: NDArray[np.float32]) -> NDArray[np.int64]:
    cells = np.floor(points / GRID).astype(np.int64) @ [1, 1 << 20]
    return np.unique(cells, return_index=True)[1]
