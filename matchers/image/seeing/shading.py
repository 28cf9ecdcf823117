"""Whether a part of a picture is shaded like a reference: what points alone cannot tell.

Repeated texture, writing and straight edges give points that agree by chance; a copy also has the
reference's gradients wherever the way puts it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from matchers.image.seeing.features import Grey
from matchers.image.seeing.geometry import Way

THUMB = 128
"""Side in pixels of the square, stretched thumbnail by which a reference is compared."""
_BLOCK = 16
BLOCKS = THUMB // _BLOCK
"""Blocks along a side; they are compared one by one."""
_SOFT = 12.0
"""Strength from which a gradient counts by its direction alone."""
_AGREE = 0.4
"""Cosine from which a block and its neighbours show the reference."""
_AGAINST = 0.2
"""Cosine below which a block that is not flat shows something else."""
_FAINT = 0.01
"""Weight below which a block is flat."""


@dataclass(frozen=True, eq=False)
class Shading:
    """How far the gradients of a reference and of a picture agree, block by block."""

    cosine: NDArray[np.float64]
    """From -1 to 1; 0 where either is flat or the picture ends."""
    weight: NDArray[np.float64]
    """How much there is to compare, from 0 to 1."""
    open: NDArray[np.bool_]
    """Blocks that lie in the picture, and where one is not shaded against the other."""

    def over(self, chosen: NDArray[np.bool_]) -> float:
        """Return the cosine of the chosen blocks together."""
        weight = self.weight * chosen
        total = weight.sum()
        return float((self.cosine * weight).sum() / total) if total else 0.0

    def around(self, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return the blocks that agree and hang together with the chosen ones."""
        weight = np.where(self.weight > _FAINT, self.weight, 0)
        total = cv2.blur(weight, (3, 3), borderType=cv2.BORDER_CONSTANT)
        agreed = cv2.blur(weight * self.cosine, (3, 3), borderType=cv2.BORDER_CONSTANT)
        alike = self.open & ((agreed > _AGREE * total) & (total > 0) | chosen)
        _, parts = cv2.connectedComponents(alike.astype(np.uint8))
        own = np.unique(np.asarray(parts)[chosen & alike])
        return np.asarray(np.isin(parts, own), np.bool_) if len(own) else chosen


def shading(picture: Grey, thumb: Grey, way: Way) -> Shading:
    """Compare a thumbnail with the part of a picture on which ``way`` puts it.

    ``way`` goes from the thumbnail's pixels to the picture's. Gradients count by direction, hardly
    by strength: contrast, tint and gamma change little.
    """
    picture, way = _at_thumb_size(picture, way)
    flags, size = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, (THUMB, THUMB)
    part = cv2.warpAffine(picture, way, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    within = cv2.warpAffine(np.ones(picture.shape, np.float32), way, size, flags=flags)
    inside = (np.asarray(within) > 0.99).astype(np.float32)
    ours, theirs = _gradients(thumb), _gradients(np.asarray(part, np.uint8))
    dot = _blocks((ours * theirs).sum(axis=2) * inside)
    norms = [_blocks((side**2).sum(axis=2) * inside) for side in (ours, theirs)]
    weight = np.sqrt(norms[0] * norms[1])
    cosine = np.divide(dot, weight, out=np.zeros_like(dot), where=weight > 1e-6)
    plain = np.maximum(*norms) < _FAINT
    return Shading(cosine, weight, (_blocks(inside) > 0.5) & (plain | (cosine > _AGAINST)))


def blocks_of(hull: NDArray[np.float32], width: int, height: int) -> NDArray[np.bool_]:
    """Return the blocks that a region of a reference of that size touches."""
    chosen = np.zeros((BLOCKS, BLOCKS), np.uint8)
    corners = np.floor(hull / [width, height] * BLOCKS).clip(0, BLOCKS - 1)
    cv2.fillConvexPoly(chosen, corners.astype(np.int32), 1)
    return chosen.astype(bool)


def _at_thumb_size(picture: Grey, way: Way) -> tuple[Grey, Way]:
    """Shrink a picture to about one pixel by pixel of the thumbnail: warping alone would alias."""
    growth = float(np.sqrt(abs(np.linalg.det(way[:, :2]))))
    if growth <= 1.5:
        return picture, way
    height, width = picture.shape
    size = (max(1, round(width / growth)), max(1, round(height / growth)))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    return small, way * np.array([[size[0] / width], [size[1] / height]])


def _gradients(thumb: Grey) -> NDArray[np.float32]:
    soft = cv2.GaussianBlur(thumb, (0, 0), 1.2).astype(np.float32)
    steps = np.dstack([cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)])
    strength = np.sqrt((steps**2).sum(axis=2, keepdims=True))
    return np.asarray(steps / (strength + _SOFT + strength.mean()), np.float32)


def _blocks(values: NDArray[np.float32]) -> NDArray[np.float64]:
    blocks = values.reshape(BLOCKS, _BLOCK, BLOCKS, _BLOCK)
    return np.asarray(blocks.mean(axis=(1, 3)), np.float64)
