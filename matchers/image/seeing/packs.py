"""Packs that look like a known one: laid flat, then compared by where which colours are.

Colour layout found 99 % of flat look-alikes with another picture and band, where networks found a
third; photographed askew it is a hint only. So it ranks for a reviewer and never flags.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from matchers.image.seeing.decoding import Photo

_SIDE = 256
_GRID = 8
_HUES, _STRENGTHS, _LIGHTS = 12, 4, 4
_LEAST = 0.1
"""Part of the photo that a pack fills, at least."""
_LAYOUT, _COLOURS = 0.7, 0.3
"""What each of both likenesses counts."""

Pixels = NDArray[np.uint8]
Array = NDArray[Any]


@dataclass(frozen=True)
class LookAlike:
    """A reference that a pack looks like; for a person, no finding."""

    source: str
    """``photos/<right>/<file>``."""
    score: float
    """0 to 1."""


class PackIndex:
    """Known packs, to rank by likeness."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        """Take up what :meth:`arrays` gave."""
        self._arrays = dict(arrays)

    @classmethod
    def build(cls, references: Iterable[tuple[str, Photo]]) -> PackIndex:
        """Return an index of references: path in the bank and photo."""
        known = [(source, *_described(photo.pixels)) for source, photo in references]
        return cls(
            {
                "sources": np.array([source for source, _, _ in known], dtype=str),
                "layouts": np.array([one for _, one, _ in known]).reshape(-1, _GRID * _GRID * 3),
                "colours": np.array([one for _, _, one in known]).reshape(
                    -1, _HUES * _STRENGTHS * _LIGHTS
                ),
            }
        )

    def arrays(self) -> dict[str, Array]:
        """Return the index as plain arrays, to be kept on disk and mapped."""
        return self._arrays

    def ranked(self, photo: Photo, most: int = 5) -> tuple[LookAlike, ...]:
        """Return the references that the photo's pack looks like most, best first."""
        layout, colours = _described(photo.pixels)
        away = np.sqrt(((self._arrays["layouts"] - layout) ** 2).mean(axis=1))
        common = np.minimum(self._arrays["colours"], colours).sum(axis=1)
        score = _LAYOUT * np.exp(-away / 30) + _COLOURS * common
        best = np.argsort(-score, kind="stable")[:most]
        sources = self._arrays["sources"]
        return tuple(LookAlike(str(sources[n]), round(float(score[n]), 4)) for n in best)


def _described(pixels: Pixels) -> tuple[Array, Array]:
    """Return a grid of Lab colours, flat, and the shares of all shades (HSV), summing to 1."""
    pack = flattened(pixels)
    lab = cv2.cvtColor(pack.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    grid = cv2.resize(lab, (_GRID, _GRID), interpolation=cv2.INTER_AREA)
    shades = cv2.calcHist(
        [cv2.cvtColor(pack, cv2.COLOR_RGB2HSV)],
        [0, 1, 2],
        None,
        [_HUES, _STRENGTHS, _LIGHTS],
        [0, 180, 0, 256, 0, 256],
    )
    return grid.astype(np.float32).ravel(), (shades / shades.sum()).astype(np.float32).ravel()


def flattened(pixels: Pixels) -> Pixels:
    """Return the pack as if seen from the front, 256 x 256: the largest quadrilateral, else all.

    The ground around it is trimmed where it is white.
    """
    trimmed = _trimmed(pixels)
    corners = _quadrilateral(trimmed)
    if corners is None:
        return cast(Pixels, cv2.resize(trimmed, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA))
    front = np.array(((0, 0), (_SIDE, 0), (_SIDE, _SIDE), (0, _SIDE)), np.float32)
    plane = cv2.getPerspectiveTransform(corners, front)
    return cast(Pixels, cv2.warpPerspective(trimmed, plane, (_SIDE, _SIDE)))


def _trimmed(pixels: Pixels) -> Pixels:
    shown = np.argwhere(pixels.min(axis=2) < 240)
    if not len(shown):
        return pixels
    (top, left), (bottom, right) = shown.min(axis=0), shown.max(axis=0) + 1
    return pixels[top:bottom, left:right]


def _quadrilateral(pixels: Pixels) -> NDArray[np.float32] | None:
    """Return the corners of the largest four-sided outline, clockwise from the top left."""
    grey = cv2.GaussianBlur(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (5, 5), 0)
    edges = cv2.dilate(cv2.Canny(grey, 40, 120), np.ones((3, 3), np.uint8))
    outlines, _ = cv2.findContours(edges, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for outline in sorted(outlines, key=cv2.contourArea, reverse=True)[:3]:
        hull = cv2.convexHull(outline)
        four = cv2.approxPolyDP(hull, 0.04 * cv2.arcLength(hull, closed=True), closed=True)
        if len(four) == 4 and cv2.contourArea(four) > _LEAST * grey.size:
            return _clockwise(four.reshape(4, 2).astype(np.float32))
    return None


def _clockwise(four: NDArray[np.float32]) -> NDArray[np.float32]:
    middle = four.mean(axis=0)
    turned = four[np.argsort(np.arctan2(four[:, 1] - middle[1], four[:, 0] - middle[0]))]
    return np.roll(turned, -int(turned.sum(axis=1).argmin()), axis=0)
