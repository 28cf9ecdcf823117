"""A mark's sheet is laid exactly over the place where it may stand, and both are compared.

Few local features say where a mark may be; whether it is there is asked of every edge of it: the
guess is refined by enhanced correlation (Evangelidis and Psarakis 2008, OpenCV's findTransformECC)
and the directions of the edges are compared, which neither colour nor brightness changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from matchers.image.seeing.renderings import SIDE, Artwork

FINE = 128
"""Side of the sheet while it is fitted."""
CELLS = 8
_AROUND = np.ones((9, 9), np.uint8)
_STEPS = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-3)
_TO_FINE = np.diag((FINE / SIDE, FINE / SIDE, 1.0))

Patch = NDArray[np.uint8]
"""FINE x FINE, grey."""
Plane = NDArray[np.float64]
"""A 3 x 3 homography."""


@dataclass(frozen=True, eq=False)
class Fit:
    """A mark laid over a photo."""

    plane: Plane
    """From the sheet to the photo's pixels."""
    alike: float
    """Mean cosine between the directions of the mark's edges and the photo's, 1 where all agree."""
    share: float
    """Part of the mark, by cells that have edges, that agrees."""
    seen: Patch
    """The photo's part, laid on the sheet."""
    drawn: Patch
    """The rendering it is most like."""


def fit(grey: NDArray[np.uint8], art: Artwork, guess: Plane) -> Fit:
    """Refine a guess of where a mark stands in a photo; a guess that gets no better is kept."""
    around = _fine(cv2.dilate(art.ink, _AROUND), cv2.INTER_NEAREST)
    drawings = [_fine(sheet, cv2.INTER_AREA) for sheet in art.renderings]
    plane = guess @ np.linalg.inv(_TO_FINE)
    seen = _seen(grey, plane)
    alike, number = max((_alike(seen, one, around), number) for number, one in enumerate(drawings))
    drawn = drawings[number]
    for way in (cv2.MOTION_AFFINE, cv2.MOTION_HOMOGRAPHY):
        nearer = plane @ _shift(drawn, seen, around, way)
        closer = _seen(grey, nearer)
        better = _alike(closer, drawn, around)
        if better > alike:
            plane, seen, alike = nearer, closer, better
    return Fit(plane @ _TO_FINE, alike, _share(seen, drawn, around), seen, drawn)


def _shift(drawn: Patch, seen: Patch, around: Patch, way: int) -> Plane:
    """Return how the seen patch must move to lie under the drawn one, as far as that is found."""
    whole = way == cv2.MOTION_HOMOGRAPHY
    start = np.eye(3 if whole else 2, 3, dtype=np.float32)
    try:
        _, found = cv2.findTransformECC(drawn, seen, start, way, _STEPS, around, 5)
    except cv2.error:  # there is no way from here
        return np.eye(3)
    return np.asarray(found if whole else np.vstack([found, (0, 0, 1)]), np.float64)


def _fine(sheet: cv2.typing.MatLike, way: int) -> Patch:
    return cast(Patch, cv2.resize(sheet, (FINE, FINE), interpolation=way))


def _seen(grey: NDArray[np.uint8], plane: Plane) -> Patch:
    way = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    edge = cv2.BORDER_REPLICATE
    return cast(Patch, cv2.warpPerspective(grey, plane, (FINE, FINE), flags=way, borderMode=edge))


def _edges(patch: Patch) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    soft = cv2.GaussianBlur(patch.astype(np.float32), (0, 0), 1)
    return (
        cast(NDArray[np.float32], cv2.Sobel(soft, cv2.CV_32F, 1, 0)),
        cast(NDArray[np.float32], cv2.Sobel(soft, cv2.CV_32F, 0, 1)),
    )


def _agreement(
    seen: Patch, drawn: Patch, around: Patch
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return by pixel the cosine of both edges' directions, and how much it weighs.

    Faint edges of the photo count for little, and strong ones of the mark for no more than others.
    """
    (a, b), (c, d) = _edges(seen), _edges(drawn)
    there, wanted = np.hypot(a, b), np.hypot(c, d)
    weight = np.where(around > 0, np.minimum(wanted, wanted.max() * 0.3), 0)
    return (a * c + b * d) / (there * wanted + 20 * wanted + 1e-3), weight


def _alike(seen: Patch, drawn: Patch, around: Patch) -> float:
    cosine, weight = _agreement(seen, drawn, around)
    return float((cosine * weight).sum() / (weight.sum() + 1e-3))


def _share(seen: Patch, drawn: Patch, around: Patch) -> float:
    cosine, weight = _agreement(seen, drawn, around)
    cells = (CELLS, FINE // CELLS, CELLS, FINE // CELLS)
    total = weight.reshape(cells).sum(axis=(1, 3))
    good = (cosine * weight).reshape(cells).sum(axis=(1, 3)) / (total + 1e-3)
    asked = total > total.max() * 0.1
    return float((good[asked] > 0.3).mean()) if asked.any() else 0.0
