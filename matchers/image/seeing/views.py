"""What is kept of a reference photo so that pictures can be held against it without its file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from matchers.image.seeing.decoding import Photo
from matchers.image.seeing.features import Features, Grey, orb, shrunk
from matchers.image.seeing.fingerprint import fingerprint, words
from matchers.image.seeing.shading import THUMB

SIDE = 512
"""Pixels of a reference's long side for its points: copies are mostly shown smaller than it."""
POINTS = 500


@dataclass(frozen=True)
class Reference:
    """A picture of the bank."""

    right: str | None
    """Whose photo it is; None: anybody may show it."""
    source: str
    """``photos/<right>/<file>`` or ``allowed/<file>``."""


@dataclass(frozen=True, eq=False)
class Shelf:
    """What is kept of many references, one behind the other; arrays may lie on disk.

    Every reference has two views: 2n as it is, 2n + 1 mirrored left to right.
    """

    prints: NDArray[np.uint8]
    """n x 32: the 256 bits of each fingerprint."""
    quality: NDArray[np.uint8]
    thumbs: NDArray[np.uint8]
    """n x 128 x 128: each reference in grey, stretched to a square."""
    sizes: NDArray[np.int32]
    """n x 2: width and height in pixels, as its points count."""
    scales: NDArray[np.float32]
    """Pixels as captured by pixel as its points count."""
    points: NDArray[np.float32]
    words: NDArray[np.uint8]
    """Points and words of all views, as in :class:`Features`."""
    starts: NDArray[np.int64]
    """2n + 1: where each view's points begin, and where the last ones end."""

    def __len__(self) -> int:
        return len(self.prints)

    def view(self, number: int) -> Features:
        """Return the points of a view."""
        rows = slice(int(self.starts[number]), int(self.starts[number + 1]))
        return Features(self.points[rows], self.words[rows])

    def thumb(self, number: int) -> Grey:
        """Return the thumbnail of a view."""
        thumb = self.thumbs[number // 2]
        return np.ascontiguousarray(thumb[:, ::-1]) if number % 2 else thumb


def shelve(photo: Photo) -> Shelf:
    """Return what is kept of one reference."""
    grey, scale = shrunk(np.asarray(cv2.cvtColor(photo.pixels, cv2.COLOR_RGB2GRAY), np.uint8), SIDE)
    views = [orb(side, POINTS) for side in (grey, np.ascontiguousarray(grey[:, ::-1]))]
    thumb = cv2.resize(grey, (THUMB, THUMB), interpolation=cv2.INTER_AREA)
    seen = fingerprint(photo)
    return Shelf(
        prints=words([seen.pdq]),
        quality=np.array([seen.quality], np.uint8),
        thumbs=np.asarray(thumb, np.uint8)[None],
        sizes=np.array([grey.shape[::-1]], np.int32),
        scales=np.array([photo.scale / scale], np.float32),
        points=np.concatenate([view.points for view in views]),
        words=np.concatenate([view.words for view in views]),
        starts=np.cumsum([0, *map(len, views)]),
    )


def empty() -> Shelf:
    """Return a shelf without references."""
    return Shelf(
        prints=np.empty((0, 32), np.uint8),
        quality=np.empty(0, np.uint8),
        thumbs=np.empty((0, THUMB, THUMB), np.uint8),
        sizes=np.empty((0, 2), np.int32),
        scales=np.empty(0, np.float32),
        points=np.empty((0, 4), np.float32),
        words=np.empty((0, 32), np.uint8),
        starts=np.zeros(1, np.int64),
    )


def joined(shelves: Sequence[Shelf]) -> Shelf:
    """Return the references of all shelves in their order."""
    counts = [np.diff(shelf.starts) for shelf in shelves]
    return Shelf(
        prints=np.concatenate([shelf.prints for shelf in shelves]),
        quality=np.concatenate([shelf.quality for shelf in shelves]),
        thumbs=np.concatenate([shelf.thumbs for shelf in shelves]),
        sizes=np.concatenate([shelf.sizes for shelf in shelves]),
        scales=np.concatenate([shelf.scales for shelf in shelves]),
        points=np.concatenate([shelf.points for shelf in shelves]),
        words=np.concatenate([shelf.words for shelf in shelves]),
        starts=np.concatenate([[0], np.cumsum(np.concatenate(counts))]),
    )


def taken(shelf: Shelf, rows: Sequence[int]) -> Shelf:
    """Return only some of the references, in the order of ``rows``."""
    if not rows:
        return empty()
    spans = [slice(int(shelf.starts[2 * row]), int(shelf.starts[2 * row + 2])) for row in rows]
    counts = np.diff(shelf.starts).reshape(-1, 2)[rows].ravel()
    return Shelf(
        prints=shelf.prints[rows],
        quality=shelf.quality[rows],
        thumbs=shelf.thumbs[rows],
        sizes=shelf.sizes[rows],
        scales=shelf.scales[rows],
        points=np.concatenate([shelf.points[span] for span in spans]),
        words=np.concatenate([shelf.words[span] for span in spans]),
        starts=np.concatenate([[0], np.cumsum(counts)]),
    )
