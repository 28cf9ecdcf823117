"""The same picture once more in another size or quality: what was seen then is seen now.

Close fingerprints only suggest it; that nothing was written over the picture since is checked on
small versions, patch by patch, for a word changed on a label is just what must not be missed.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from leads.sight import Line, PictureMatch, Point, Quad, Sight
from matchers.image.seeing.decoding import Photo
from matchers.image.seeing.fingerprint import Fingerprint, distance

NEAR = 10
"""Bits in which the fingerprints may differ."""
LEAST_QUALITY = 50
SMALL = 192
"""Pixels of a side of the small versions."""
PATCH = 6
"""Pixels of a side of a patch."""
MOST_APART = 10.0
"""Grey levels by which a patch may differ on average: more than compression does, less than ink."""


class _Known(NamedTuple):
    small: NDArray[np.float32]
    pdq: str
    sight: Sight


class Repeats:
    """The pictures looked at lately by this process, ``most`` of them (37 KB each)."""

    def __init__(self, most: int = 1000) -> None:
        self._most = most
        self._known: OrderedDict[str, _Known] = OrderedDict()

    def remember(self, photo: Photo, seen: Fingerprint, sight: Sight) -> None:
        """Keep what a picture shows."""
        if seen.quality >= LEAST_QUALITY and not photo.others:
            self._known[sight.sha256] = _Known(_small(photo), seen.pdq, sight)
            if len(self._known) > self._most:
                self._known.popitem(last=False)

    def find(self, photo: Photo, seen: Fingerprint) -> Sight | None:
        """Return what an earlier version of this picture shows, in pixels of this one."""
        if seen.quality < LEAST_QUALITY or photo.others:
            return None
        near = [known for known in self._known.values() if distance(known.pdq, seen.pdq) <= NEAR]
        small = _small(photo) if near else None
        for known in near:
            if small is not None and _alike(small, known.small) and _shaped(photo, known.sight):
                return _resized(known.sight, photo.width / known.sight.width)
        return None


def _small(photo: Photo) -> NDArray[np.float32]:
    grey = cv2.cvtColor(photo.pixels, cv2.COLOR_RGB2GRAY)
    return cv2.resize(grey, (SMALL, SMALL), interpolation=cv2.INTER_AREA).astype(np.float32)


def _alike(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    apart = cv2.blur(np.abs(one - other), (PATCH, PATCH))
    return bool(apart.max() <= MOST_APART)


def _shaped(photo: Photo, sight: Sight) -> bool:
    """Tell whether the sides are in the same proportion, within two pixels of a hundred."""
    return abs(photo.width * sight.height - photo.height * sight.width) <= 0.02 * (
        photo.width * sight.height
    )


def _resized(sight: Sight, factor: float) -> Sight:
    def box(of: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        x, y, width, height = (round(side * factor) for side in of)
        return x, y, width, height

    def point(of: Point) -> Point:
        return of[0] * factor, of[1] * factor

    def match(of: PictureMatch) -> PictureMatch:
        a, b, c, d = of.quad
        quad: Quad = (point(a), point(b), point(c), point(d))
        changed = {"box": box(of.box), "quad": quad, "scale": of.scale * factor}
        return of.model_copy(update=changed)

    def line(of: Line) -> Line:
        return of.model_copy(update={"box": box(of.box)})

    return sight.model_copy(
        update={"matches": tuple(map(match, sight.matches)), "lines": tuple(map(line, sight.lines))}
    )
